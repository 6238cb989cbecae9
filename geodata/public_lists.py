"""Public lists of cells: their columns where they have no header, and whose their networks are."""

from functools import cache

from phusong.geodata.countries import current, open_country

OPENCELLID = (
    *("radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples"),
    *("changeable", "created", "updated", "averageSignal"),
)
NETMONSTER = (
    *("technology", "mcc", "mnc", "ci", "tac", "node", "pci", "lat", "lon", "location", "arfcn"),
)

CELLS_PER_ENODEB = 256  # the last 8 of the 28 bits number the cell, 3GPP TS 36.413 9.2.1.37


def operator(country: int, network: int) -> str:
    """Return the operator of a mobile country code and a mobile network code.

    >>> operator(262, 1)
    '262-01'
    """
    code = f"{country}-{network:02d}"
    return _operators(str(current().folder)).get(code, code)


@cache
def _operators(folder: str) -> dict[str, str]:
    """Return the operators of a country by their codes (ITU-T E.212)."""
    table = open_country(folder).table("operators").astype(object).fillna("")
    return dict(zip(table["mcc_mnc"], table["operator"], strict=True))
