"""Write compare.html: one page that shows what changes from one run to another, offline."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from geopandas import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong import messages
from phusong.errors import Defect, InputError
from phusong.geodata.countries import speaking
from phusong.geodata.crs import GEOGRAPHIC, label
from phusong.geodata.files import raster
from phusong.geodata.files.whole import write_text
from phusong.geodata.runs.change_classes import COLOURS, NODATA
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.frame import offline, policy, template
from phusong.maps.layers import features, settled, themes
from phusong.maps.pictures import overlay, palette, relief
from phusong.maps.texts import text
from phusong.messages import message

FILE_NAME = "compare.html"
RECORD = "compare.json"
STYLES = ("difference.css",)
SCRIPTS = ("core.js", "canvas.js", "surface.js", "symbols.js", "names.js", "difference.js")
PICTURE_MARGIN_M = 300.0
TOP = 10  # communes with the largest changes
SMALLEST_CHANGE = 0.0005  # of a share: less is not shown as a change
TABLES = ("stations", "communes", "zones")

# Figures of the headline in the order they are shown, the word of each and how it is written.
FIGURES = (
    ("people_share_after", "people_after_plan", "share"),
    ("people_after", "people_after_count", "number"),
    ("people_share_before", "people_before_plan", "share"),
    ("sure_people_share_after", "people_sure_plan", "share"),
    ("outdoor_people_share_after", "covered_outdoors", "share"),
    ("zone_demand_share_after", "covered_zones", "share"),
    ("area_share_after", "covered_area_short", "share"),
    ("stations", "proposed_stations", "number"),
    ("colocated", "colocated", "number"),
    ("new", "new", "number"),
    ("cost_million", "cost_total", "money"),
    ("people_per_station", "per_station", "number"),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class ComparisonFolder:
    """A written comparison: its record, its tables in degrees, and where its raster is."""

    path: Path
    record: Row
    stations: GeoDataFrame
    communes: GeoDataFrame
    zones: GeoDataFrame


def open_comparison(path: Path) -> ComparisonFolder:
    """Open the folder of a comparison; every missing file is named in one InputError."""
    needed = [RECORD, "difference.tif", *(f"{name}.geojson" for name in TABLES)]
    missing = [
        Defect(
            str(path / name),
            message("problem.file_is_missing"),
            message("remedy.compare_the_runs_again"),
        )
        for name in needed
        if not (path / name).is_file()
    ]
    if missing:
        raise InputError(message("refusal.is_not_the_folder_of_a_3", path=path), missing)
    frames = {name: features_of(path / f"{name}.geojson") for name in TABLES}
    return ComparisonFolder(path, json.loads((path / RECORD).read_text(encoding="utf-8")), **frames)


def features_of(path: Path) -> GeoDataFrame:
    """Return the features of a written table; an empty one still has its columns."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    if not features:
        return gpd.GeoDataFrame({col.RUNS: [], col.KIND: []}, geometry=[], crs=GEOGRAPHIC)
    return gpd.GeoDataFrame.from_features(features, crs=GEOGRAPHIC)


@speaking("ground")
def write_page(folder: Path, ground: RunFolder, language: str) -> Path:
    """Write ``compare.html`` into the folder of a comparison and return its path.

    ``ground`` is the run whose terrain and land cover make the relief. The page holds both
    languages and opens in ``language``.
    """
    shown_language = text.language(language)
    comparison = open_comparison(folder)
    written = offline.page(
        title=_title(comparison, shown_language),
        language=shown_language,
        body=body(comparison, label(ground.crs), shown_language),
        data=payload(comparison, ground, shown_language),
        styles=STYLES,
        scripts=SCRIPTS,
    )
    path = folder / FILE_NAME
    write_text(path, policy.guarded(written))
    return path


def _title(comparison: ComparisonFolder, language: str) -> str:
    word = text.words(language)["compare_title"]
    return word.format(province=comparison.record["province"])


def payload(comparison: ComparisonFolder, ground: RunFolder, language: str) -> Row:
    """Return everything the page's script needs, ready for JSON."""
    display = features.display(comparison.communes.to_crs(ground.crs))
    province = features.degrees(display.geometry).union_all()
    picture, grid = relief.picture(ground, province)
    nothing: Row = {"columns": [], "rows": []}
    return {
        "language": language,
        "locales": {each: messages.locale(each) for each in messages.languages()},
        "texts": {each: text.words(each) for each in messages.languages()},
        "bounds": [round(edge, features.DECIMALS) for edge in province.bounds],
        "base": {
            "url": overlay.data_url(picture, "webp"),
            "corners": overlay.corners(grid),
            "water": relief.water_picture(ground, grid),
        },
        "pictures": pictures(comparison, province, ground),
        "areas": comparison.record["difference"],
        "change": {"breaks": palette.CHANGE.breaks, "colours": palette.CHANGE.colours},
        "colours": {"ink": palette.INK, "water": palette.WATER} | drawn_colours(),
        "communes": _communes(display),
        "districts": _districts(display),
        "boundaries": features.boundaries(display),
        "candidates": _stations(comparison.stations),
        "zones": nothing,
        "holes": nothing,
    }


def pictures(comparison: ComparisonFolder, province: BaseGeometry, ground: RunFolder) -> Row:
    """Return one picture for each of lost, gained and covered in both, with shared corners.

    Colours are full where people live and faint elsewhere, as on the map of a run.
    """
    grid = overlay.mercator_grid(province.bounds, PICTURE_MARGIN_M)
    lived_in = themes.Canvas(ground, grid, overlay.inside(province, grid)).settled
    state = overlay.warped(raster.read_raster(comparison.path / "difference.tif"), grid)
    index = palette.DIFFERENCE.index(np.where(state == NODATA, np.nan, state))
    urls = {}
    for kind in COLOURS:
        where = index == int(kind) + 1
        shown = np.where(where, np.where(lived_in, 1, 2), palette.NO_CLASS).astype(np.uint8)
        picture = overlay.picture(shown, settled.full_and_faint([COLOURS[kind]]))
        urls[kind.name.lower()] = overlay.data_url(picture, "png")
    return {"corners": overlay.corners(grid), "urls": urls}


def _communes(display: GeoDataFrame) -> Row:
    """Return the communes with what changes, their names in each language, and outlines."""
    figures = (
        col.COMMUNE_CODE,
        col.NAME,
        col.COMMUNE_TYPE,
        *col.compared(col.PLANNED_STATIONS, col.COVERED_POPULATION_SHARE_AFTER),
        *col.compared(col.COVERED_AREA_SHARE_AFTER),
    )
    result = features.table(display, figures)
    result["population"] = [int(people) for people in display[f"{col.POPULATION}_a"]]
    names = [features.full_names(display, language) for language in messages.languages()]
    result["full_names"] = [
        dict(zip(messages.languages(), pair, strict=True)) for pair in zip(*names, strict=True)
    ]
    result["label"] = features.lon_lat(features.degrees(features.label_points(display)))
    result["geometry"] = [features.geometry(shape) for shape in features.degrees(display.geometry)]
    return result


def _districts(display: GeoDataFrame) -> Row:
    """Return what the names of districts need; nothing where the units have none."""
    frame = display[display[col.DISTRICT_CODE].fillna("").astype(str) != ""]
    if frame.empty:
        return {"columns": [], "rows": []}
    whole = frame[[col.DISTRICT_CODE, "geometry"]].dissolve(col.DISTRICT_CODE)
    first = frame.groupby(col.DISTRICT_CODE)[col.DISTRICT].first()
    people = frame.groupby(col.DISTRICT_CODE)[f"{col.POPULATION}_a"].sum()
    table = whole.assign(**{col.NAME: first, col.POPULATION: people}).reset_index()
    result = features.table(table, (col.DISTRICT_CODE, col.NAME, col.POPULATION))
    result["label"] = features.lon_lat(features.degrees(features.label_points(table)))
    return result


def _stations(frame: GeoDataFrame) -> Row:
    figures = (
        *(f"{col.SITE_ID}_{side}" for side in "ab"),
        *(col.RUNS, col.KIND, col.COMMUNE_CODE),
        *col.compared(col.RANK, col.YEAR),
    )
    result = features.table(frame, figures if len(frame) else ())
    result["position"] = features.lon_lat(frame.geometry) if len(frame) else []
    return result


def body(comparison: ComparisonFolder, planning: str, language: str) -> str:
    """Return the text of the page in both languages; the other one is hidden at first."""
    articles = [
        template.filled(
            "difference.html",
            each,
            shown=each == language,
            title=_title(comparison, each),
            record=comparison.record,
            planning=planning,
            figures=headline(comparison.record),
            drawn=drawn_colours(),
            **_tables(comparison, each),
        )
        for each in messages.languages()
    ]
    return (
        f'<main class="text">{"".join(articles)}</main><section id="legend"></section>'
        '<div id="tip" class="tip" role="presentation" hidden></div>'
    )


def drawn_colours() -> dict[str, str]:
    """Return the colours of what is lost, gained and covered in both."""
    return {kind.name.lower(): colour for kind, colour in COLOURS.items()}


def _tables(comparison: ComparisonFolder, language: str) -> Row:
    communes = comparison.communes
    names = dict(
        zip(communes[col.COMMUNE_CODE], features.full_names(communes, language), strict=True)
    )
    rows = [row | {"full_name": names[row[col.COMMUNE_CODE]]} for row in records(communes)]
    return {
        "communes_by_code": names,
        "communes": rows,
        "changed": largest_changes(rows),
        "zones": records(comparison.zones),
        "stations": records(comparison.stations),
    }


def records(frame: GeoDataFrame) -> list[Row]:
    """Return the rows of a table as plain values, without the geometry."""
    names = [name for name in frame.columns if name != "geometry"]
    return [dict(zip(names, row, strict=True)) for row in features.rows(frame, names)]


def largest_changes(rows: list[Row]) -> list[Row]:
    """Return the communes whose share of residents covered changes most."""
    name = f"{col.COVERED_POPULATION_SHARE_AFTER}_delta"
    moved = [row for row in rows if abs(row[name] or 0.0) >= SMALLEST_CHANGE]
    return sorted(moved, key=lambda row: (-abs(row[name]), row[col.COMMUNE_CODE]))[:TOP]


def headline(record: Row) -> list[Row]:
    """Return the figures that the page shows, each with its word and how it is written."""
    known = {row["name"]: row for row in record["headline"]}
    return [
        known[name] | {"word": word, "unit": unit} for name, word, unit in FIGURES if name in known
    ]
