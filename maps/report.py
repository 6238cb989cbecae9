"""Write report.html: a printable report of a finished run, with maps, charts and tables."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame
from markupsafe import Markup

from phusong import columns as col
from phusong.geodata.export import write_text
from phusong.geodata.run_folder import RunFolder, open_run
from phusong.maps import chart, layers, offline, palette, plate, template, text
from phusong.maps.page import estimated
from phusong.maps.text import Language

FILE_NAME = "report.html"
THOUSAND = 1000.0

Row = dict[str, Any]


def write_report(run_folder: Path, language: str) -> Path:
    """Write ``report.html`` into the folder of a finished run and return its path."""
    spoken = text.language(language)
    run = open_run(run_folder).spoken(spoken)
    path = run.path / FILE_NAME
    write_text(path, rendered(run, spoken))
    return path


def rendered(run: RunFolder, language: Language) -> str:
    """Return the text of the report."""
    word = text.words(language)
    full_names = layers.full_names(run.communes, language)
    names = dict(zip(run.communes[col.COMMUNE_CODE], full_names, strict=True))
    return template.filled(
        "report.html",
        language,
        title=word["report_title"].format(province=run.record["province"]["name"]),
        record=run.record,
        style=Markup(offline.static("report.css")),  # noqa: S704 - this package's own file
        estimated=estimated(run),
        share=palette.SHARE,
        years=palette.year_colours([int(year) for year in run.ranking[col.YEAR]]),
        comparisons=comparisons(run.record["headline"], language),
        curves=curves(run.record, language),
        communes_by_code=names,
        districts=_with_planned(run.districts, run.ranking, col.DISTRICT_CODE),
        communes=by_commune(run, names),
        zones=_records(run.zones.sort_values([col.KIND, col.ZONE_ID])),
        ranking=_records(run.ranking.sort_values(col.RANK)),
        holes={"count": len(run.holes), "people": float(run.holes[col.PEOPLE].sum())},
        **_maps(run, word),
    )


def _maps(run: RunFolder, word: dict[str, str]) -> dict[str, Markup]:
    shared = plate.prepare(run)
    districts = _names(run.districts, col.DISTRICT_CODE)
    names = {code: short_name(name) for code, name in districts.items()}
    before, after = col.COVERED_POPULATION_SHARE_BEFORE, col.COVERED_POPULATION_SHARE_AFTER
    return {
        "plate_store": shared.ground,
        "plan_map": plate.plan(shared, run, after, word["figure_plan"], names),
        "before_map": plate.shaded(shared, before, word["before"], names),
        "after_map": plate.shaded(shared, after, word["after"], names),
    }


def short_name(name: str) -> str:
    """Return the name of a district without its type."""
    for kind in ("Thành phố ", "Thị xã ", "Huyện ", "Quận "):
        rest = name.removeprefix(kind)
        if rest != name and not rest.isdigit():
            return rest
    return name


def _names(frame: GeoDataFrame, key: str) -> dict[str, str]:
    return dict(zip(frame[key].astype(str), frame[col.NAME].astype(str), strict=True))


def _records(frame: GeoDataFrame) -> list[Row]:
    """Return the rows of a table as plain values, without the geometry."""
    columns = [name for name in frame.columns if name != "geometry"]
    return [dict(zip(columns, row, strict=True)) for row in layers.rows(frame, columns)]


def _with_planned(frame: GeoDataFrame, ranking: GeoDataFrame, key: str) -> list[Row]:
    counts = ranking[key].value_counts()
    rows = _records(frame.sort_values(key))
    return [row | {"planned": int(counts.get(row[key], 0))} for row in rows]


def by_commune(run: RunFolder, names: dict[str, str]) -> list[Row]:
    """Return the communes, by their full names, under a line for their district."""
    communes = _with_planned(run.communes, run.ranking, col.COMMUNE_CODE)
    communes = [row | {col.NAME: names[row[col.COMMUNE_CODE]]} for row in communes]
    rows: list[Row] = []
    for district in _with_planned(run.districts, run.ranking, col.DISTRICT_CODE):
        code = district[col.DISTRICT_CODE]
        rows.append(district | {"group": True})
        rows.extend(row for row in communes if row[col.DISTRICT_CODE] == code)
    return rows


def comparisons(
    headline: dict[str, Any], language: Language
) -> list[tuple[str, float | None, float | None]]:
    """Return (label, before, after) of the shares beside the main one."""
    word = text.words(language)
    labels = {
        "outdoor_people": word["covered_outdoors"],
        "area": word["covered_area_short"],
        "zone_demand": word["covered_zones"],
    }
    return [
        (label, headline.get(f"{name}_share_before"), headline.get(f"{name}_share_after"))
        for name, label in labels.items()
    ]


def curves(record: dict[str, Any], language: Language) -> list[tuple[str, Markup]]:
    """Return (caption, chart) of people covered against stations and against money."""
    points = record.get("curve") or []
    if not points:
        return []
    word = text.words(language)
    start = {"stations": 0, "cost_million_vnd": 0.0, "people": record["headline"]["people_before"]}
    points = [start, *points]
    ends = list(_year_ends(record.get("years") or []))
    return [
        (
            word["curve_stations"],
            _curve(points, "stations", 1.0, word["axis_stations"], ends, language),
        ),
        (
            word["curve_cost"],
            _curve(points, "cost_million_vnd", THOUSAND, word["axis_cost"], ends, language),
        ),
    ]


def _year_ends(years: Iterable[Row]) -> Iterable[Row]:
    """Return stations and cost so far at the end of each year."""
    stations, cost = 0, 0.0
    for year in years:
        stations += int(year["stations"])
        cost += float(year["cost_million_vnd"])
        yield {"year": year["year"], "stations": stations, "cost_million_vnd": cost}


def _curve(
    points: list[Row], key: str, unit: float, name: str, ends: list[Row], language: Language
) -> Markup:
    line = [(float(point[key]) / unit, float(point["people"]) / THOUSAND) for point in points]
    across, up = (chart.ticks(max(pair[axis] for pair in line)) for axis in (0, 1))
    return chart.line(
        line,
        chart.Axis(name, across, partial(_tick, step=across[1], language=language)),
        chart.Axis(
            text.words(language)["axis_people"], up, partial(_tick, step=up[1], language=language)
        ),
        [chart.Mark(float(end[key]) / unit, str(end["year"])) for end in ends],
    )


def _tick(value: float, step: float, language: Language) -> str:
    return text.number(value, language, 0 if step >= 1 else 1)
