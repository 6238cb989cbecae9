"""How many stations a province itself, or the press about it, has reported, and when."""

from typing import NamedTuple

from phusong.geodata import reference

ALL = "all"  # technologies together


class Reported(NamedTuple):
    """A number of stations as published.

    Parameters
    ----------
    date
        By which it held, such as ``2023-08-31``.
    stations
        How many.
    operators
        Whose, where the source says so.
    source
        Who says it.
    """

    date: str
    stations: int
    operators: tuple[str, ...]
    source: str


def reported(province_code: str, technology: str = ALL) -> list[Reported]:
    """Return what has been published on a province, the oldest first.

    >>> [(row.date, row.stations) for row in reported("26", "5G")]
    [('2023-08-31', 5), ('2025-06-30', 100)]
    """
    table = reference.table("station_counts").fillna("").sort_values("date")
    own = table[(table["province_code"] == province_code) & (table["technology"] == technology)]
    names = ("date", "stations", "operators", "source")
    columns = (own[name].astype(str) for name in names)
    return [
        Reported(date, int(stations), _names(operators), source)
        for date, stations, operators, source in zip(*columns, strict=True)
    ]


def published_share(province_code: str, what: str) -> float | None:
    """Return a share that has been published of a province, None where none has.

    >>> published_share("25", "zones_with_5g"), published_share("26", "zones_with_5g")
    (1.0, None)
    """
    table = reference.table("published_shares")
    own = table[(table["province_code"] == province_code) & (table["what"] == what)]
    return float(own["share"].iloc[-1]) if len(own) else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("/")))
