"""Write as_built.html: one page that shows what became of a plan, offline, in both languages."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong import messages
from phusong.geodata.countries import speaking
from phusong.geodata.files.whole import write_text
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.frame import offline, policy, template
from phusong.maps.layers import features
from phusong.maps.pages import difference
from phusong.maps.pages.difference import ComparisonFolder
from phusong.maps.texts import text

FILE_NAME = "as_built.html"
RECORD = "as_built.json"
SECTION = "as_built"
BUILT = ("on_time", "early", "late", "undated")  # statuses of stations that stand as planned
STATUSES = (*BUILT, "not_built", "not_due", "elsewhere")

Row = dict[str, Any]


@speaking("ground")
def write_page(folder: Path, ground: RunFolder, language: str) -> Path:
    """Write ``as_built.html`` into the folder of a check and return its path.

    ``ground`` is the run whose terrain and land cover make the relief. The page holds both
    languages and opens in ``language``.
    """
    shown_language = text.language(language)
    check = opened(folder)
    written = offline.page(
        title=_title(check, shown_language),
        language=shown_language,
        body=body(check, shown_language),
        data=payload(check, ground, shown_language),
        styles=difference.STYLES,
        scripts=difference.SCRIPTS,
    )
    path = folder / FILE_NAME
    write_text(path, policy.guarded(written))
    return path


def opened(folder: Path) -> ComparisonFolder:
    """Return a written check, its tables in degrees."""
    frames = {
        name: difference.features_of(folder / f"{name}.geojson") for name in difference.TABLES
    }
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    return ComparisonFolder(folder, record, **frames)


def _title(check: ComparisonFolder, language: str) -> str:
    return _words(language)["title"].format(province=check.record["province"])


def _words(language: str) -> dict[str, str]:
    return messages.words(language, SECTION)


def payload(check: ComparisonFolder, ground: RunFolder, language: str) -> Row:
    """Return everything the script of comparisons needs, the plan as run A and what stands as B."""
    sides = ComparisonFolder(
        check.path,
        check.record,
        stations=_sides_of_stations(check.stations),
        communes=_sides_of_communes(check.communes),
        zones=check.zones,
    )
    result = difference.payload(sides, ground, language)
    for each, words in result["texts"].items():
        result["texts"][each] = words | _words(each)
    statuses = check.stations[col.STATUS].to_list() if len(check.stations) else []
    result["candidates"] = _with_column(result["candidates"], col.STATUS, statuses)
    return result


def _with_column(table: Row, name: str, values: list[str]) -> Row:
    """Return a packed table with one more column."""
    if not table["rows"]:
        return table
    rows = [[*row, value] for row, value in zip(table["rows"], values, strict=True)]
    return {**table, "columns": [*table["columns"], name], "rows": rows}


def _sides_of_stations(stations: GeoDataFrame) -> GeoDataFrame:
    """Return the stations with the columns of a comparison: planned as A, built as B."""
    if stations.empty:
        return stations
    status = stations[col.STATUS]
    runs = np.select([status.isin(BUILT), status == "elsewhere"], ["both", "b"], "a")
    return stations.assign(
        **{
            col.RUNS: runs,
            "site_id_a": stations[col.PLANNED_SITE_ID],
            "site_id_b": stations[col.BUILT_SITE_ID],
            "rank_a": stations[col.RANK],
            "rank_b": None,
            "rank_delta": None,
            "year_a": stations[col.PLANNED_YEAR],
            "year_b": stations[col.BUILT_YEAR],
            "year_delta": None,
        }
    )


def _sides_of_communes(communes: GeoDataFrame) -> GeoDataFrame:
    """Return the communes with the columns of a comparison."""
    built = communes[[*BUILT, "elsewhere"]].sum(axis=1)
    pairs = {
        col.POPULATION: (communes[col.POPULATION], communes[col.POPULATION]),
        col.PLANNED_STATIONS: (communes[col.PLANNED_STATIONS], built),
        col.COVERED_POPULATION_SHARE_AFTER: (
            communes[col.PEOPLE_SHARE_PLANNED],
            communes[col.PEOPLE_SHARE_BUILT],
        ),
        col.COVERED_AREA_SHARE_AFTER: (
            communes[col.AREA_SHARE_PLANNED],
            communes[col.AREA_SHARE_BUILT],
        ),
    }
    sides: dict[str, Any] = {}
    for name, (planned, now) in pairs.items():
        names = col.compared(name)
        sides |= dict(zip(names, (planned, now, now - planned), strict=True))
    return communes.assign(**sides)


def body(check: ComparisonFolder, language: str) -> str:
    """Return the text of the page in both languages; the other one is hidden at first."""
    articles = [
        template.filled(
            "as_built.html",
            each,
            shown=each == language,
            title=_title(check, each),
            record=check.record,
            say=_words(each),
            statuses=STATUSES,
            happened=[name for name in STATUSES if check.record["stations"][name]],
            drawn=difference.drawn_colours(),
            **_tables(check, each),
        )
        for each in messages.languages()
    ]
    return (
        f'<main class="text">{"".join(articles)}</main><section id="legend"></section>'
        '<div id="tip" class="tip" role="presentation" hidden></div>'
    )


def _tables(check: ComparisonFolder, language: str) -> Row:
    communes = check.communes
    names = dict(
        zip(communes[col.COMMUNE_CODE], features.full_names(communes, language), strict=True)
    )
    rows = [
        row | {"full_name": names[row[col.COMMUNE_CODE]]} for row in difference.records(communes)
    ]
    zones = difference.records(check.zones)
    return {
        "communes_by_code": names,
        "communes": [row for row in rows if _touched(row)],
        "zones": [row for row in zones if _touched(row)],
        "stations": difference.records(check.stations),
    }


def _touched(row: Row) -> bool:
    """Return whether a unit has planned or built stations."""
    return any(row[name] for name in STATUSES)
