"""Write report.html: a printable report of a finished run, with maps, charts and tables."""

import math
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame
from markupsafe import Markup

from phusong import columns as col
from phusong import meanings, messages
from phusong.geodata import symbols
from phusong.geodata.countries import current, speaking
from phusong.geodata.crs import label
from phusong.geodata.files.whole import write_text
from phusong.geodata.runs.folder import RunFolder, open_run
from phusong.maps.frame import offline, policy, template
from phusong.maps.layers import features, ranked_zones
from phusong.maps.pictures import palette
from phusong.maps.plots import chart
from phusong.maps.report import static_map, tables
from phusong.maps.texts import text

__all__ = ["write_report"]

FILE_NAME = "report.html"
THOUSAND = 1000.0
FIRST_ZONES = 10  # by rank, in the report itself; the rest stand in its annex
FIRST_STATIONS = 20  # likewise
NEARLY_ALL = 0.999  # of residents: covered already
TABLES = (
    "masts_by_district",
    "sharing_by_operator",
    "sites_by_technology",
    "stations_by_commune",
)

Row = dict[str, Any]


def write_report(run_folder: Path, language: str) -> Path:
    """Write ``report.html`` into the folder of a finished run and return its path.

    Parameters
    ----------
    run_folder
        Folder of the run.
    language
        ``vi`` or ``en``.

    Returns
    -------
    Path
        The page.
    """
    known = text.language(language)
    return write_page(open_run(run_folder), known)


def write_page(run: RunFolder, language: str) -> Path:
    """Write ``report.html`` into the folder of an open run and return its path."""
    path = run.path / FILE_NAME
    write_text(path, policy.guarded(rendered(run.in_language(language), language)))
    return path


@speaking("run")
def rendered(run: RunFolder, language: str, pages: Mapping[str, int] | None = None) -> str:
    """Return the text of the report; its contents tell the pages of sections where known."""
    word, words = text.words(language), messages.words(language, "report")
    names = full_names(run, language)
    record = run.record
    return template.filled(
        "report.html",
        language,
        title=word["report_title"].format(province=record["province"]["name"]),
        say=words,
        planning=label(run.crs),
        record=record,
        head=record["headline"],
        service=record["service"],
        share_names=meanings.share_names(record["service"], language),
        **{name: record.get(name) for name in ("summary", "cost", "choice")},
        style=Markup(offline.static("report.css")),  # noqa: S704 - this package's own file
        lead=lead(run, language),
        meanings_of=meanings_of(record, language),
        estimated=estimated(record, word),
        share=palette.SHARE,
        years=symbols.year_colours([int(year) for year in run.ranking[col.YEAR]]),
        figures=tables.province_figures(run, language),
        curves=curves(record, language),
        communes_by_code=names,
        criterion_names=ranked_zones.criterion_names(record, words, language),
        judgements=ranked_zones.judgements(record, word, language),
        ranked_zones=ranked_zones.with_service(run, language),
        first_zones=FIRST_ZONES,
        first_stations=FIRST_STATIONS,
        pages=pages or {},
        sections=sections(language),
        proven=_proven(record.get("choice") or {}),
        left_out=messages.message("warning.no_proof"),
        holes={"count": len(run.holes), "people": float(run.holes[col.PEOPLE].sum())},
        **_tables(run, names, language),
        **_maps(run, word),
    )


def sections(language: str) -> dict[str, str]:
    """Return the titles of the report's sections, then of its annexes, by their anchors."""
    word, words = text.words(language), messages.words(language, "report")
    titles = {
        "rollout": "rollout",
        "zones": "zones_in_order",
        "coverage": "coverage",
        "quality": "quality",
        "infrastructure": "infrastructure",
        "why": "why",
    }
    named = {anchor: words[key] for anchor, key in titles.items()}
    named |= {"ranking": word["ranking_table"], "method": words["method"]}
    return named | {"stations": words["annex_stations"], "communes": words["communes"]}


def _tables(run: RunFolder, names: dict[str, str], language: str) -> dict[str, Any]:
    rule = current().quality
    quality = run.rows(rule.table) if rule else []
    files = [*TABLES, rule.table] if rule else TABLES
    arrange = tables.crossed
    return {
        "districts": tables.with_planned(run.districts, run.ranking, col.DISTRICT_CODE),
        "communes": tables.by_commune(run, names),
        "zones": tables.records(run.zones.sort_values([col.KIND, col.ZONE_ID])),
        "zone_names": features.zone_names(run, language),
        "ranking": tables.records(run.ranking.sort_values(col.RANK)),
        "quality": tables.of_districts(quality),
        "quality_communes": tables.of_communes(quality, names),
        "operators": tables.by_operator(run),
        "masts": arrange(run.rows("masts_by_district"), col.DISTRICT_CODE, col.MAST_CLASS),
        "sharing": arrange(run.rows("sharing_by_operator"), col.DISTRICT_CODE, col.OPERATOR),
        "built": tables.built(run, names),
        "files": [f"{name}.csv" for name in files if run.rows(name) and _lies_beside(run, name)],
        "has_rule": rule is not None,
    }


def _lies_beside(run: RunFolder, name: str) -> bool:
    """Return whether a run wrote a table for people too; of some runs it is not known."""
    return f"{name}.csv" in run.record.get("files", [f"{name}.csv"])


def full_names(run: RunFolder, language: str) -> dict[str, str]:
    """Return the names of communes with their types, by code."""
    names = features.full_names(run.communes, language)
    return dict(zip(run.communes[col.COMMUNE_CODE], names, strict=True))


def period(years: list[Row], words: dict[str, str]) -> str:
    """Return in which years the stations are built, in words; '' where none is."""
    built = [int(year["year"]) for year in years if year["stations"]]
    if not built:
        return ""
    key = "in_year" if built[0] == built[-1] else "in_years"
    return words[key].format(year=built[0], first=built[0], last=built[-1])


def outlook(headline: Row, words: dict[str, str]) -> str:
    """Return what a reader must know first where all are covered before, or nobody after."""
    if headline["people_after"] < 1:
        return words["nobody_covered"]
    return words["covered_already"] if headline["people_share_before"] >= NEARLY_ALL else ""


def estimated(record: Row, word: dict[str, str]) -> dict[str, str]:
    """Return the names of the layers that are synthetic, and of those that are approximate."""
    names_of = {}
    for status in ("synthetic", "approximate"):
        names = [
            _inside(word.get(f"layer_{name}", name))
            for name, layer in record["layers"].items()
            if layer["status"] == status
        ]
        if names:
            names_of[status] = ", ".join(names)
    return names_of


def _proven(choice: Row) -> bool:
    """Return whether the gap of a choice is known: it has none where a plan adds nothing."""
    gap = choice.get("gap")
    return gap is not None and math.isfinite(gap)


def _inside(name: str) -> str:
    """Return a name as it stands inside a sentence: small, unless it begins with an acronym."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _maps(run: RunFolder, word: dict[str, str]) -> dict[str, Markup]:
    shared = static_map.prepare(run)
    names = district_names(run)
    before, after = col.COVERED_POPULATION_SHARE_BEFORE, col.COVERED_POPULATION_SHARE_AFTER
    return {
        "plate_store": shared.ground,
        "plan_map": static_map.plan(shared, run, after, word["figure_plan"], names),
        "large_map": static_map.plan(shared, run, after, word["figure_plan"], names),
        "before_map": static_map.shaded(shared, before, word["before"], names),
        "after_map": static_map.shaded(shared, after, word["after"], names),
    }


def district_names(run: RunFolder) -> dict[str, str]:
    """Return the names of districts without their types, by code."""
    districts = _names(run.districts, col.DISTRICT_CODE)
    return {code: short_name(name) for code, name in districts.items()}


def lead(run: RunFolder, language: str) -> str:
    """Return what is proposed, what it costs and whom it serves, in a sentence or two."""
    word, words = text.words(language), messages.words(language, "report")
    head, cost = run.record["headline"], run.record.get("cost")
    if not head["stations"]:
        return " ".join([word["no_stations"], outlook(head, words)]).strip()
    counts = {name: text.number(head[name], language) for name in ("stations", "colocated", "new")}
    sentence = words["lead"].format(
        **counts,
        period=period(run.record.get("years") or [], words),
        cost=text.money(cost["capex_million"] if cost else head["cost_million"], language),
        location=word[run.record["service"]["location"]],
        before=text.percent(head["people_share_before"], language),
        after=text.percent(head["people_share_after"], language),
        gained=text.number(head["people_after"] - head["people_before"], language),
    )
    return " ".join([sentence, outlook(head, words)]).strip()


def meanings_of(record: Row, language: str) -> list[str]:
    """Return what the figures of quality, certainty and proof mean, and what would change them."""
    words = messages.words(language, "report")
    head, choice, summary = (record.get(name) or {} for name in ("headline", "choice", "summary"))
    if not head.get("stations"):
        return []
    sentences = [
        words["means_quality"].format(part=each["districts_complying"], whole=each["districts"])
        for each in summary.get("quality", [])[:1]
        if head["people_after"] >= 1 and each["districts"]
    ]
    if stable := summary.get("stations_by_probability"):
        share = text.percent(stable["sure_from"], language, 0)
        sure, all_ = (text.number(n, language) for n in (stable["sure"], head["stations"]))
        sentences.append(words["means_sure"].format(sure=sure, all=all_, share=share))
    if _proven(choice):
        sentences.append(words["means_gap"].format(gap=text.percent(choice["gap"], language)))
    return sentences


def short_name(name: str) -> str:
    """Return the name of a district without its type."""
    for kind in current().levels.prefixes:
        rest = name.removeprefix(f"{kind} ")
        if rest != name and not rest.isdigit():
            return rest
    return name


def _names(frame: GeoDataFrame, key: str) -> dict[str, str]:
    return dict(zip(frame[key].astype(str), frame[col.NAME].astype(str), strict=True))


def curves(record: Row, language: str) -> list[tuple[str, Markup]]:
    """Return (caption, chart) of people covered against stations and against money."""
    points = record.get("curve") or []
    if not points or not record["headline"]["stations"]:
        return []
    word = text.words(language)
    start = {"stations": 0, "cost_million": 0.0, "people": record["headline"]["people_before"]}
    points = [start, *points]
    ends = list(_year_ends(record.get("years") or []))
    return [
        (
            word["curve_stations"],
            _curve(points, "stations", 1.0, word["axis_stations"], ends, language),
        ),
        (
            word["curve_cost"],
            _curve(points, "cost_million", THOUSAND, word["axis_cost"], ends, language),
        ),
    ]


def _year_ends(years: Iterable[Row]) -> Iterable[Row]:
    """Return stations and cost so far at the end of each year that builds any."""
    stations, cost = 0, 0.0
    for year in years:
        stations += int(year["stations"])
        cost += float(year["cost_million"])
        if year["stations"]:
            yield {"year": year["year"], "stations": stations, "cost_million": cost}


def _curve(
    points: list[Row], key: str, unit: float, name: str, ends: list[Row], language: str
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


def _tick(value: float, step: float, language: str) -> str:
    return text.number(value, language, 0 if step >= 1 else 1)
