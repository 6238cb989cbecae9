"""The first figures of a plan, by the names under which every face shows them.

A name here is the name in ``run.json`` (its section ``headline``), on the map, in the report, in
the summary of workbook and DOCX and in the table ``figures`` of the GeoPackage.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

SHARE, PEOPLE, COUNT, MONEY = "share", "people", "", "million"
BEFORE, AFTER, LOW, HIGH = "_before", "_after", "_low", "_high"
# Figures of which a plan has one value: unit, and the message that names it.
SINGLE = {
    "stations": (COUNT, "stations"),
    "colocated": (COUNT, "colocated_stations"),
    "new": (COUNT, "new_stations"),
    "cost_million": (MONEY, "cost_million"),
    "population": (PEOPLE, "population"),
    "sites": (COUNT, "sites"),
    "positions": (COUNT, "positions"),
}
# Figures before and after the plan.
PAIRS = {
    "people_share": SHARE,
    "outdoor_people_share": SHARE,
    "sure_people_share": SHARE,
    "people": PEOPLE,
    "area_share": SHARE,
    "zone_demand_share": SHARE,
}


class HeadlineFigure(NamedTuple):
    """A figure of a plan; a value is None where the plan does not have it.

    Parameters
    ----------
    name : in ``run.json``; of a pair without the end ``_before`` or ``_after``.
    title : identifier of the message that names it.
    unit : of its values.
    before : its value before the plan; None of a figure without before.
    after : its value after the plan.
    low : where its 90 % range begins, after the plan.
    high : where it ends.
    """

    name: str
    title: str
    unit: str
    before: float | None
    after: float | None
    low: float | None
    high: float | None


def figures(headline: Mapping[str, Any]) -> list[HeadlineFigure]:
    """Return the figures of a plan's headline, those of which it knows no value left out.

    >>> [(f.name, f.after) for f in figures({"stations": 3, "people_share_after": 0.5})]
    [('stations', 3), ('people_share', 0.5)]
    """
    single = [
        HeadlineFigure(name, f"figure.{title}", unit, None, headline.get(name), None, None)
        for name, (unit, title) in SINGLE.items()
    ]
    pairs = [
        HeadlineFigure(
            name,
            f"figure.{name}",
            unit,
            headline.get(name + BEFORE),
            headline.get(name + AFTER),
            headline.get(name + AFTER + LOW),
            headline.get(name + AFTER + HIGH),
        )
        for name, unit in PAIRS.items()
    ]
    return [figure for figure in (*single, *pairs) if figure.after is not None]
