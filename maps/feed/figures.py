"""The figures of a feed: one row each, by province, district, commune, zone and year.

The contract for dashboards: ``figures.json``, and the JSON schema beside it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.maps.feed import figures_schema
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed.content import Content, texts

NAME, SCHEMA_NAME = "figures.json", "figures.schema.json"
BEFORE, AFTER, IN_YEAR = "before", "after", "year"
SHARE, PEOPLE, COUNT, MONEY = "share", "people", "count", "million"
# Unit of every measure; its words stand in the catalogues, in the section ``figure``.
MEASURES = {
    "people_share": SHARE,
    "outdoor_people_share": SHARE,
    "sure_people_share": SHARE,
    "area_share": SHARE,
    "sure_area_share": SHARE,
    "zone_demand_share": SHARE,
    "people_share_4g": SHARE,
    "people": PEOPLE,
    "population": PEOPLE,
    "stations": COUNT,
    "colocated_stations": COUNT,
    "new_stations": COUNT,
    "sites": COUNT,
    "positions": COUNT,
    "cost_million": MONEY,
}
# How the record and the tables of a run call them.
NAMES = {
    "colocated": "colocated_stations",
    "new": "new_stations",
    "covered_population_share": "people_share",
    "covered_population_share_4g": "people_share_4g",
    "covered_area_share": "area_share",
    "covered_share": "zone_demand_share",
}
TODAY = frozenset({"population", "sites", "positions", "people_share_4g"})
ENDS = ("_low", "_high")
DECIMALS = {SHARE: 6, PEOPLE: 1, COUNT: 0, MONEY: 3}

Row = dict[str, Any]
Place = tuple[str, str, str]  # level, code, name


def write(folder: Path, content: Content) -> None:
    """Write ``figures.json`` and its schema into the folder of a run."""
    feed_folder.write_json(folder / NAME, document(content))
    feed_folder.write_json(folder / SCHEMA_NAME, figures_schema.SCHEMA)


def document(content: Content) -> dict[str, Any]:
    """Return the figures of a run with what they mean.

    Parameters
    ----------
    content
        What is published of it.

    Returns
    -------
    dict
        As ``figures_schema.SCHEMA`` says: the run, its measures, and one row a figure.
    """
    rows = [*_province(content), *_units(content), *_zones(content), *_built(content)]
    record, currency = content.record, str(content.record["currency"])
    used = {row["measure"] for row in rows}
    return {
        "$schema": SCHEMA_NAME,
        "schema_version": figures_schema.VERSION,
        "run": {
            "id": content.identifier,
            "title": content.title,
            "province": content.province,
            "units": str(record["province"]["units"]),
            "created": content.publication.stamp,
            "public": content.public,
            "years": content.years,
            "currency": currency,
            "service": {
                key: record["service"][key] for key in ("location", "probability", "threshold_dbm")
            },
            "status": {name: origin["status"] for name, origin in record["layers"].items()},
        },
        "interval": {"probability": 0.9, "meaning": texts("figure.interval")},
        "measures": {name: _measure(name, currency) for name in MEASURES if name in used},
        "figures": rows,
    }


def _measure(name: str, currency: str) -> dict[str, Any]:
    unit = MEASURES[name]
    return {
        "unit": f"million {currency}" if unit == MONEY else unit,
        "title": texts(f"figure.{name}"),
        "definition": texts(f"figure.{name}_definition"),
    }


def _province(content: Content) -> Iterator[Row]:
    record = content.record
    place = ("province", "", content.province)
    yield from _rows(place, record["headline"], content)
    for year in record["years"]:
        yield from _rows(
            place, {k: v for k, v in year.items() if k != "year"}, content, year["year"]
        )


def _units(content: Content) -> Iterator[Row]:
    """Yield the figures of communes and districts: before, after, and by year."""
    for level, table, key in (
        ("district", "districts", col.DISTRICT_CODE),
        ("commune", "communes", col.COMMUNE_CODE),
    ):
        frame = content.layers[table]
        for row in _table(frame):
            yield from _rows((level, str(row[key]), str(row[col.NAME])), row, content)
    for year in content.record["years"]:
        yield from _units_in(year, content)


def _units_in(year: Mapping[str, Any], content: Content) -> Iterator[Row]:
    """Yield the share of residents covered by the end of a year, a district's of its communes'."""
    shares = year.get("communes", {})
    names = dict(_pairs(content.layers["districts"], col.DISTRICT_CODE))
    people: dict[str, list[tuple[float, float]]] = {code: [] for code in names}
    for row in _table(content.layers["communes"]):
        code, share = str(row[col.COMMUNE_CODE]), shares.get(str(row[col.COMMUNE_CODE]))
        if share is not None:
            place = ("commune", code, str(row[col.NAME]))
            yield from _rows(place, {"people_share": share}, content, year["year"])
            residents = float(row[col.POPULATION])
            people.setdefault(str(row[col.DISTRICT_CODE]), []).append((residents, share))
    for code, parts in people.items():
        residents = sum(part[0] for part in parts)
        if residents and code in names:
            share = sum(number * part for number, part in parts) / residents
            place = ("district", code, names[code])
            yield from _rows(place, {"people_share": share}, content, year["year"])


def _zones(content: Content) -> Iterator[Row]:
    for row in _table(content.layers.get("zones")):
        place = ("zone", str(row[col.ZONE_ID]), str(row[col.NAME]))
        yield from _rows(place, row, content)
        for year, share in content.zone_years.get(place[1], {}).items():
            yield from _rows(place, {"sure_area_share": share}, content, year)


def _built(content: Content) -> Iterator[Row]:
    """Yield what is built in communes and districts by year."""
    for row in content.tables.get("stations_by_commune", []):
        district, commune = str(row[col.DISTRICT_CODE]), str(row[col.COMMUNE_CODE])
        if not district or row[col.YEAR] is None:  # totals of the province stand in its years
            continue
        place = ("commune", commune, "") if commune else ("district", district, "")
        place = (*place[:2], str(row[col.NAME]))
        built = {name: row[name] for name in (col.COLOCATED_STATIONS, col.NEW_STATIONS)}
        built[col.COST_MILLION] = row[col.COST_MILLION]
        yield from _rows(place, built, content, int(row[col.YEAR]))


def _rows(
    place: Place, values: Mapping[str, Any], content: Content, year: int | None = None
) -> Iterator[Row]:
    """Yield a row for each measure among some values, with the ends of its interval."""
    for key, value in values.items():
        if key.endswith(ENDS):
            continue
        measure, when = _measure_of(key)
        if measure not in MEASURES or not _is_number(value):
            continue
        digits = DECIMALS[MEASURES[measure]]
        low, high = (values.get(f"{key}{end}") for end in ENDS)
        ends = (low, high) if _is_number(low) and _is_number(high) else (None, None)
        row = dict(zip(("level", "code", "name"), place, strict=True))
        yield row | {
            "measure": measure,
            "when": IN_YEAR if year is not None else when,
            "year": year,
            "date": _date(content, when, year),
            "value": _rounded(value, digits),
            "low": _rounded(ends[0], digits),
            "high": _rounded(ends[1], digits),
        }


def _measure_of(key: str) -> tuple[str, str]:
    """Return the measure that a key of a record or table names, and when it holds.

    >>> _measure_of("covered_area_share_before"), _measure_of("stations")
    (('area_share', 'before'), ('stations', 'after'))
    """
    base, _, end = key.rpartition("_")
    if end in {BEFORE, AFTER}:
        return NAMES.get(base, base), end
    measure = NAMES.get(key, key)
    return measure, BEFORE if measure in TODAY else AFTER


def _date(content: Content, when: str, year: int | None) -> str:
    """Return the day that a figure holds for: that of the run, or the last of a year."""
    if when == BEFORE or not content.years:
        return content.publication.stamp[:10]
    return f"{max(content.years) if year is None else year}-12-31"


def _rounded(value: Any, digits: int) -> float | int | None:  # noqa: ANN401 - of a record
    if value is None:
        return None
    rounded = round(float(value), digits) + 0.0
    return int(rounded) if digits == 0 else rounded


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def _table(frame: GeoDataFrame | None) -> Iterable[Row]:
    if frame is None:
        return []
    rows: list[Row] = frame.drop(columns=frame.geometry.name).to_dict("records")
    return rows


def _pairs(frame: GeoDataFrame, key: str) -> Iterator[tuple[str, str]]:
    for row in _table(frame):
        yield str(row[key]), str(row[col.NAME])
