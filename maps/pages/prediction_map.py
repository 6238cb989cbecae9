"""Write map.html of a prediction: the layers of every network on the face that runs have."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong import messages
from phusong.geodata.crs import GEOGRAPHIC
from phusong.geodata.files import raster, toml_json
from phusong.geodata.files.whole import write_text
from phusong.geodata.province import Province
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.writers.classes import PROBABILITY, Classes
from phusong.maps.frame import offline, policy, template
from phusong.maps.layers import features, other_names, themes
from phusong.maps.pages import province_map
from phusong.maps.pictures import overlay, palette, relief
from phusong.maps.texts import text

__all__ = ["write_page"]

RECORD = "predict.json"
UNION = "all"
# Each layer of a network that is shown: its kind of theme, and the classes of its quantity.
LAYERS: dict[str, tuple[themes.Kind, Classes]] = {
    "probability": ("served", PROBABILITY),
    "probability_indoor": ("served", PROBABILITY),
    "rsrp": ("classes", palette.LEVEL),
    "reference_sinr": ("classes", palette.SINR),
    "sinr": ("classes", palette.SINR),
    "downlink": ("classes", palette.THROUGHPUT),
}
SHOWN_FIRST = "probability_indoor"
NOTHING: dict[str, Any] = {"columns": [], "rows": []}


@dataclass(frozen=True)
class NetworkLayer:
    """One layer of one network: its name as a theme, and where it lies."""

    name: str
    layer: str
    network: dict[str, Any]
    file: str


def write_page(folder: Path, province: Province, language: str) -> Path:
    """Write ``map.html`` into the folder of a prediction and return its path.

    Parameters
    ----------
    folder
        Of the prediction.
    province
        That it was made for.
    language
        That the page opens in: ``vi`` or ``en``.

    Returns
    -------
    Path
        The page.
    """
    first = text.language(language)
    others = [other for other in messages.languages() if other != first]
    record = toml_json.read_json(folder / RECORD)
    with tempfile.TemporaryDirectory() as ground:
        run = _as_run(Path(ground), province, record)
        drawn = _drawn(run, folder, record)
    spoken = {each: _spoken(run, record, folder, each) for each in (first, *others)}
    differ = {other: province_map.differing(spoken[first], spoken[other]) for other in others}
    bodies = {each: _body(record, each) for each in (first, *others)}
    written = offline.page(
        title=_title(record, first),
        language=first,
        body=province_map.both_bodies(bodies, {each: _title(record, each) for each in bodies}),
        data={**drawn, **spoken[first], "others": differ},
        styles=province_map.STYLES,
        scripts=province_map.SCRIPTS,
    )
    path = folder / province_map.FILE_NAME
    write_text(path, policy.guarded(written, province_map.TILE_ORIGIN))
    return path


def listed(record: dict[str, Any]) -> list[NetworkLayer]:
    """Return the layers that are shown: the newest technology first, operators together first."""
    order = sorted(record["networks"], key=lambda net: (net["operator"] != UNION, net["operator"]))
    order.sort(key=lambda net: str(net["technology"]), reverse=True)  # the newest first
    return [
        NetworkLayer(f"{layer}_{place}", layer, network, network["files"][layer])
        for place, network in enumerate(order)
        for layer in LAYERS
        if layer in network["files"]
    ]


def _as_run(ground: Path, province: Province, record: dict[str, Any]) -> RunFolder:
    """Return the ground of a province as a run without a plan, which pages know how to draw."""
    for name, layer in {
        "terrain": province.terrain,
        "landcover": province.landcover,
        "population": province.population,
    }.items():
        raster.write_cog(ground / f"{name}.tif", layer, description="residents")
    communes = _without_plan(province.communes, col.RESULT_COMMUNES)
    districts = _without_plan(province.districts, col.RESULT_DISTRICTS)
    empty = {name: _empty(columns) for name, columns in EMPTY.items()}
    return RunFolder(ground, record, communes=communes, districts=districts, **empty)


EMPTY = {
    "zones": col.RESULT_ZONES,
    "sites": col.BTS,
    "ranking": col.RANKING,
    "holes": col.HOLES,
}


def _without_plan(frame: GeoDataFrame, columns: tuple[str, ...]) -> GeoDataFrame:
    missing = {name: None for name in columns if name not in frame}
    return frame.assign(**missing).to_crs(GEOGRAPHIC)


def _empty(columns: tuple[str, ...]) -> GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=GEOGRAPHIC)


def _drawn(run: RunFolder, folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    display = features.display_communes(run)
    province = features.degrees(display.geometry).union_all()
    ground, ground_grid = relief.picture(run, province)
    grid = overlay.mercator_grid(province.bounds, themes.MARGIN_M)
    canvas = themes.Canvas(run, grid, overlay.inside(province, grid))
    pictures = {each.name: _picture(canvas, folder, each) for each in listed(record)}
    cells = gpd.read_file(folder / "cells.geojson").to_crs(GEOGRAPHIC)
    return {
        "bounds": [round(edge, features.DECIMALS) for edge in province.bounds],
        "planning": features.planning_system(province.bounds, run.crs),
        "colours": province_map.colours(run, cells[col.OPERATOR]),
        "base": {
            "url": overlay.data_url(ground, "webp"),
            "corners": overlay.corners(ground_grid),
            "water": relief.water_picture(run, ground_grid),
        },
        **province_map.surface(pictures, grid, [_theme(each) for each in listed(record)]),
        "tiles": province_map.TILES,
        "shown_operators": sorted(set(cells[col.OPERATOR].astype(str))),
        "boundaries": features.boundaries(display),
        "sites": features.sites(_with_sites(run, cells)),
        "places": {},
        "other_names": other_names.by_commune(run),
        "links": NOTHING | {"geometry": []},
    }


def _theme(each: NetworkLayer) -> themes.Theme:
    network = f"network_{each.network['technology']}_{each.network['operator']}"
    return themes.Theme(each.name, network, "today", kind=LAYERS[each.layer][0], picture=each.name)


def _picture(canvas: themes.Canvas, folder: Path, each: NetworkLayer) -> themes.Picture:
    kind, classes = LAYERS[each.layer]
    shown = raster.read_raster(folder / each.file)
    if kind == "served":
        return themes.of_residents(canvas, shown, classes)
    return themes.classified(canvas, classes.index(canvas.warped(shown)), classes)


def _with_sites(run: RunFolder, cells: GeoDataFrame) -> RunFolder:
    """Return the run with the sites of a list of cells, each once with its technologies."""
    keys = [col.SITE_ID, col.OPERATOR]
    groups = cells.groupby(keys, sort=True, dropna=False)
    first = groups.first().reset_index()
    joined = {
        col.TECHNOLOGIES: groups[col.TECHNOLOGY].agg(lambda own: "/".join(sorted(set(own)))),
        col.AZIMUTHS_DEG: groups[col.AZIMUTH_DEG].agg(
            lambda own: "/".join(f"{value:g}" for value in sorted(set(own.dropna())))
        ),
    }
    known = {name: values.to_numpy() for name, values in joined.items()}
    sites = GeoDataFrame(first.assign(**known), geometry="geometry", crs=GEOGRAPHIC)
    places = zip(sites.geometry.x, sites.geometry.y, strict=True)
    sites[col.POSITION_ID] = [f"{x:.6f} {y:.6f}" for x, y in places]
    for name in col.BTS:
        if name not in sites:
            sites[name] = pd.Series([None] * len(sites), dtype=object)
    return replace(run, sites=sites)


def _spoken(run: RunFolder, record: dict[str, Any], folder: Path, language: str) -> dict[str, Any]:
    display = features.display_communes(run)
    words = text.words(language)
    return {
        "language": language,
        "text": words | _titles(record, words),
        "locale": messages.locale(language),
        "record": _record(record, folder, language),
        "communes": features.communes(display, language),
        "districts": features.districts(run, display),
        "candidates": NOTHING | {"position": []},
        "zones_ranking": {},
        "judgements": "",
        "zones": NOTHING | {"geometry": []},
        "holes": NOTHING | {"geometry": []},
    }


def _titles(record: dict[str, Any], words: dict[str, str]) -> dict[str, str]:
    titles = {}
    for each in listed(record):
        operator = each.network["operator"]
        name = words["all_operators"] if operator == UNION else operator
        titles[_theme(each).group] = f"{each.network['technology']} · {name}"
        titles[each.name] = words[f"predicted_{each.layer}"]
    return titles


def _record(record: dict[str, Any], folder: Path, language: str) -> dict[str, Any]:
    """Return what the page tells of a prediction, in the shape of the record of a run."""
    words, parameters = text.words(language), record["parameters"]
    first_mhz = float(gpd.read_file(folder / "cells.geojson", rows=1)[col.FREQUENCY_MHZ].iloc[0])
    return {
        "phusong": record["phusong"],
        "created": record["created"],
        "scenario": {"name": folder.name, "kind": "", "description": words["prediction_lead"]},
        "province": record["province"],
        "layers": messages.speak_all(record["layers"], language),
        "service": {
            "layer": "",
            "location": "indoor",
            "frequency_mhz": first_mhz,
            "threshold_dbm": parameters["threshold_dbm"],
            "probability": PROBABILITY.breaks[-1],
        },
        "headline": {},
        "assumptions": messages.speak_all(record["assumed"], language),
        "notes": messages.speak_all(record["warnings"], language),
    }


def _title(record: dict[str, Any], language: str) -> str:
    word = text.words(language)["prediction_title"]
    return word.format(province=record["province"]["name"])


def _body(record: dict[str, Any], language: str) -> str:
    return template.filled(
        "prediction_map.html",
        language,
        title=_title(record, language),
        record=record,
        union=UNION,
        plan=False,
        estimated=any(layer["status"] != "given" for layer in record["layers"].values()),
        languages=province_map.language_names(),
    )
