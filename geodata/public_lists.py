"""Public lists of cells: their columns where they have no header, and whose their networks are."""

OPENCELLID = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
NETMONSTER = (
    *("technology", "mcc", "mnc", "ci", "tac", "node", "pci", "lat", "lon", "location", "arfcn"),
)

VIETNAM = 452
CELLS_PER_ENODEB = 256  # the last 8 of the 28 bits number the cell, 3GPP TS 36.413 9.2.1.37
# By mobile network code (ITU-T E.212, country 452).
OPERATORS = {1: "MobiFone", 2: "VNPT", 4: "Viettel", 5: "Vietnamobile", 7: "Gtel"}


def operator(country: int, network: int) -> str:
    """Return the operator of a mobile country code and a mobile network code.

    >>> operator(452, 4), operator(262, 1)
    ('Viettel', '262-01')
    """
    known = OPERATORS.get(network) if country == VIETNAM else None
    return known or f"{country}-{network:02d}"
