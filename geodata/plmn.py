"""Operators by the codes that networks broadcast."""

VIETNAM = 452
# By mobile network code (ITU-T E.212, country 452).
OPERATORS = {1: "MobiFone", 2: "VNPT", 4: "Viettel", 5: "Vietnamobile", 7: "Gtel"}


def operator(country: int, network: int) -> str:
    """Return the operator of a mobile country code and a mobile network code.

    >>> operator(452, 4), operator(262, 1)
    ('Viettel', '262-01')
    """
    known = OPERATORS.get(network) if country == VIETNAM else None
    return known or f"{country}-{network:02d}"
