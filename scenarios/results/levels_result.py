"""Write the layers of a list of cells: rasters per network, cells, quality, and the record."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import __version__
from phusong import columns as col
from phusong.coverage import statistics
from phusong.coverage.models import REGISTRY
from phusong.geodata import csv_forms
from phusong.geodata.countries import open_country, speaking
from phusong.geodata.countries.country import QualityRule
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import raster, tables, toml_json
from phusong.geodata.grid import Raster
from phusong.geodata.network.cells import CellList
from phusong.geodata.packages import package
from phusong.geodata.province import Province
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import lineage, vector
from phusong.messages import Message, message, recognised, speak
from phusong.moment import moment
from phusong.scenarios.prediction import area, levels
from phusong.scenarios.prediction.levels import ALL, Maps
from phusong.scenarios.prediction.quality import compliance
from phusong.scenarios.propagation import options as layer_options
from phusong.scenarios.propagation.options import PredictionOptions
from phusong.scenarios.results import result
from phusong.scenarios.results.radio_layers import NODATA

RECORD = "predict.json"
PACKAGED = "prediction"  # name of package and project
QUALITY_OF = "5G"  # the technology that rules of quality are about
NO_COUNT, MAX_SERVERS = 255, 254

# Every raster of a network and its unit; the catalogues tell it as ``raster_of_network.NAME``.
RASTERS = {
    "rsrp": "dBm",
    "rsrp_indoor": "dBm",
    "best_server": "",
    "servers": "",
    "rssi": "dBm",
    "rsrq": "dB",
    "reference_sinr": "dB",
    "sinr": "dB",
    "sinr_p10": "dB",
    "downlink": "Mbit/s",
    "uplink": "Mbit/s",
    "probability": "share",
    "probability_vehicle": "share",
    "probability_indoor": "share",
}
# What 3GPP calls quantities, and the files of those whose names are not of old (RASTERS).
WORDS = {
    "4G": {"rsrp": "RSRP", "rsrq": "RSRQ", "sinr": "RS-SINR", "rssi": "RSSI"},
    "5G": {"rsrp": "SS-RSRP", "rsrq": "SS-RSRQ", "sinr": "SS-SINR", "rssi": "NR carrier RSSI"},
}
FILES = {
    "4G": {"reference_sinr": "rs_sinr"},
    "5G": {"reference_sinr": "ss_sinr", "rsrq": "ss_rsrq"},
}


@dataclass
class Written:
    """What a prediction has written and counted so far."""

    networks: list[dict[str, Any]] = field(default_factory=list)
    quality: list[pd.DataFrame] = field(default_factory=list)
    timings_s: dict[str, float] = field(default_factory=dict)


@speaking("province")
def write(
    province: Province,
    listed: CellList,
    options: PredictionOptions,
    folder: Path,
    *,
    networks: Iterable[tuple[str, str, Maps]],
    language: str,
    form: CsvForm = csv_forms.MACHINE,
    **facts: object,
) -> dict[str, Any]:
    """Write the layers of every network of a list into an empty folder; return the record.

    Parameters
    ----------
    province
        Ground, people and communes.
    listed
        The cells, their antennas and what was assumed of them.
    options
        Model and assumptions, checked.
    folder
        Where to write.
    language
        Of the descriptions in the rasters.
    form
        Of the CSV files.
    networks
        Technology, operator and maps, as ``levels.networks`` yields them.
    facts
        What else the record says.
    """
    frame = levels.completed(listed.cells)
    vector.write_csv(folder / "cells.csv", frame, col.CELLS, form)
    vector.write_geojson(folder / "cells.geojson", frame, col.CELLS)
    done, slugs, start = Written(), _slugs(frame), time.perf_counter()
    rule = open_country(province.country).quality
    for technology, operator, maps in networks:
        files = _write_maps(province, technology, slugs[operator], maps, options, folder, language)
        count = int(_of_network(frame, technology, operator).sum())
        figures = _figures(province, maps, options)
        about = {"technology": technology, "operator": operator, "cells": count}
        done.networks.append({**about, **figures, "files": files})
        if technology == QUALITY_OF and rule is not None:
            done.quality.append(quality(province, maps, options, operator, rule))
        done.timings_s[f"{technology} {operator}"] = round(time.perf_counter() - start, 3)
        start = time.perf_counter()
    if done.quality and rule is not None:
        vector.write_csv(folder / f"{rule.table}.csv", pd.concat(done.quality), col.QUALITY, form)
    tree = {
        **_record(province, listed, frame, options, done),
        "language": language,
        **facts,
    }
    title = {"scenario": {"title": message("layer.prediction", province=province.name)}}
    publication = lineage.publication_of({**tree, **title}, language)
    package.write(folder, _layers(province, frame), publication, PACKAGED)
    return toml_json.write_record(folder, RECORD, tree)


def _layers(province: Province, cells: GeoDataFrame) -> dict[str, GeoDataFrame]:
    """Return the vector layers of a prediction for GIS programs, in the CRS of its grid."""
    layers = {
        "cells": cells[[*col.CELLS, "geometry"]],
        "communes": province.communes,
        "districts": province.districts,
    }
    return {name: frame.to_crs(province.grid.crs) for name, frame in layers.items() if len(frame)}


def _of_network(frame: GeoDataFrame, technology: str, operator: str) -> NDArray[np.bool_]:
    own = frame[col.TECHNOLOGY] == technology
    if operator != ALL:
        own &= frame[col.OPERATOR] == operator
    return np.asarray(own, bool)


def _slugs(frame: GeoDataFrame) -> dict[str, str]:
    """Return a short name for files for every operator; no two alike."""
    slugs = {ALL: ALL}
    for operator in sorted(set(frame[col.OPERATOR])):
        plain = tables.fold(operator) or "operator"
        taken = set(slugs.values())
        names = [plain, *(f"{plain}_{number}" for number in range(2, len(taken) + 2))]
        slugs[operator] = next(name for name in names if name not in taken)
    return slugs


# The field of Maps that a raster holds.
FIELDS = {
    "rsrp": "rsrp_dbm",
    "rsrp_indoor": "indoor_dbm",
    "best_server": "server",
    "servers": "servers",
    "rssi": "rssi_dbm",
    "rsrq": "rsrq_db",
    "reference_sinr": "reference_sinr_db",
    "sinr": "sinr_db",
    "sinr_p10": "low_sinr_db",
    "downlink": "downlink_mbps",
    "uplink": "uplink_mbps",
    "probability": "probability",
    "probability_vehicle": "probability_vehicle",
    "probability_indoor": "probability_indoor",
}


def rasters(
    province: Province,
    technology: str,
    maps: Maps,
    options: PredictionOptions,
    language: str = "en",
) -> dict[str, Raster]:
    """Return the rasters of one network by the name of the quantity, such as ``rsrp_dbm``."""
    by_name = {}
    for layer, field_ in FIELDS.items():
        values, nodata = _stored(layer, maps, options)
        text, unit = speak(_description(layer, technology, options), language), RASTERS[layer]
        by_name[field_] = Raster(
            _inside(province, layer, values), province.grid, nodata, unit, text
        )
    return by_name


def _description(layer: str, technology: str, options: PredictionOptions) -> Message:
    loads = {"load": options.load, "reference_load": options.reference_load}
    return message(f"raster_of_network.{layer}", **WORDS[technology], **loads)


def _inside(province: Province, layer: str, values: NDArray[Any]) -> NDArray[Any]:
    if layer == "servers":
        return np.where(province.commune_index.values >= 0, values, np.uint8(NO_COUNT))
    return values


def _write_maps(
    province: Province,
    technology: str,
    slug: str,
    maps: Maps,
    options: PredictionOptions,
    folder: Path,
    language: str,
) -> dict[str, str]:
    """Write the rasters of one network; return their names by layer."""
    files = {}
    for layer, unit in RASTERS.items():
        values, nodata = _stored(layer, maps, options)
        files[layer] = f"{file_name(layer, technology)}_{slug}.tif"
        raster.write_cog(
            folder / files[layer],
            Raster(_inside(province, layer, values), province.grid, nodata),
            description=speak(_description(layer, technology, options), language),
            unit=unit,
        )
    return files


def file_name(layer: str, technology: str) -> str:
    """Return the name of a raster's file without its network.

    >>> file_name("rsrq", "4G"), file_name("rsrq", "5G"), file_name("rsrp", "5G")
    ('rsrq_4g', 'ss_rsrq_5g', 'rsrp_5g')
    """
    return f"{FILES[technology].get(layer, layer)}_{technology.lower()}"


def _stored(layer: str, maps: Maps, options: PredictionOptions) -> tuple[NDArray[Any], float]:
    """Return the values of a raster, rounded to what a prediction can tell, and its nodata."""
    if layer == "best_server":
        return maps.server, float(levels.NO_CELL)
    if layer == "servers":
        return np.minimum(maps.servers, MAX_SERVERS).astype(np.uint8), float(NO_COUNT)
    values = {
        "rsrp": maps.rsrp_dbm,
        "rsrp_indoor": maps.indoor_dbm,
        "rssi": maps.rssi_dbm,
        "rsrq": maps.rsrq_db,
        "reference_sinr": maps.reference_sinr_db,
        "sinr": maps.sinr_db,
        "sinr_p10": maps.low_sinr_db,
        "downlink": maps.downlink_mbps,
        "uplink": maps.uplink_mbps,
    }
    if layer.startswith("probability"):
        share = np.where(maps.server == levels.NO_CELL, np.nan, _share(layer, maps, options))
        return _rounded(share, 3), NODATA
    return _rounded(values[layer], 1), NODATA


def _share(layer: str, maps: Maps, options: PredictionOptions) -> NDArray[np.float32]:
    """Return the share of places that are served: outdoors, in a vehicle or indoors."""
    inside = {"probability_vehicle": maps.vehicle_share, "probability_indoor": maps.indoor_share}
    return inside[layer] if layer in inside else maps.probability(options)


def _rounded(values: NDArray[np.floating], decimals: int) -> NDArray[np.float32]:
    finite = np.where(np.isfinite(values), values, NODATA)
    return np.round(finite, decimals).astype(np.float32)


def _figures(province: Province, maps: Maps, options: PredictionOptions) -> dict[str, Any]:
    """Return what share of people and area has service.

    By the mean level outdoors and at the median entry loss; and by the probability of service
    outdoors, in a vehicle and indoors.
    """
    labels = np.minimum(province.commune_index.values, 0).astype(np.int64)  # one for all
    figures = {}
    for place, level in (("outdoors", maps.rsrp_dbm), ("indoors", maps.indoor_dbm)):
        totals = statistics.totals(
            labels,
            level >= options.threshold_dbm,
            province.population.values,
            province.grid.pixel_area_km2,
            1,
        )
        figures[f"people_share_{place}"] = round(float(totals.people_share[0]), 6)
        figures[f"area_share_{place}"] = round(float(totals.area_share[0]), 6)
    places = (
        ("outdoors", maps.probability(options)),
        ("in_vehicle", maps.vehicle_share),
        ("indoors", maps.indoor_share),
    )
    for place, share in places:
        served = share * province.population.values
        part = statistics.sum_by_label(labels, served, 1) / province.population.values.sum()
        figures[f"served_people_share_{place}"] = round(float(part[0]), 6)
    return figures


def quality(
    province: Province, maps: Maps, options: PredictionOptions, operator: str, rule: QualityRule
) -> pd.DataFrame:
    """Return the figures of a rule per commune and for the province (last), by people and area.

    Samples are the pixels of the service area: where RSRP outdoors reaches the threshold.
    """
    communes = province.communes
    own = province.commune_index.values.astype(np.int64)
    all_of_it = np.minimum(own, 0)
    names = {
        col.COMMUNE_CODE: [*communes[col.COMMUNE_CODE], ""],
        col.NAME: [*communes[col.NAME], province.name],
    }
    people = province.population.values
    parts = []
    for weighting, weight in (("people", people), ("area", np.ones(people.shape))):
        tables_ = [
            _quality_by(labels, maps, options, weight, count, rule)
            for labels, count in ((own, len(communes)), (all_of_it, 1))
        ]
        both = pd.concat(tables_, ignore_index=True)
        parts.append(both.assign(**names, **{col.WEIGHTING: weighting, col.OPERATOR: operator}))
    return pd.concat(parts, ignore_index=True)[list(col.QUALITY)]


def _quality_by(
    labels: NDArray[np.int64],
    maps: Maps,
    options: PredictionOptions,
    weight: NDArray[np.floating],
    count: int,
    rule: QualityRule,
) -> pd.DataFrame:
    """Return the figures of every set of pixels."""
    sampled = maps.rsrp_dbm >= options.threshold_dbm
    return compliance(labels, sampled, maps.speeds, weight, count, rule)


def _record(
    province: Province,
    listed: CellList,
    frame: GeoDataFrame,
    options: PredictionOptions,
    done: Written,
) -> dict[str, Any]:
    """Return what predict.json says."""
    first_mhz = float(frame[col.FREQUENCY_MHZ].iloc[0])
    return {
        "schema_version": SCHEMA_VERSION,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
        "province": {
            "name": province.name,
            "units": province.units,
            "crs": province.grid.crs,
            "pixel_m": province.grid.pixel_m,
        },
        "inputs": {
            "cells": result.origin_of(listed.provenance),
            "antennas": _antennas(listed),
            "rows": listed.rows,
            "cells_predicted": len(frame),
            "neighbours": int((frame[col.COMMUNE_CODE] == "").sum()),
        },
        "layers": {name: result.origin_of(origin) for name, origin in province.provenance.items()},
        "model": {
            "name": options.model,
            "pattern_fill": options.pattern_fill,
            "clutter_m": dict(options.heights_m),
            "sources": list(dict.fromkeys(m.source for m in REGISTRY[options.model].published)),
            "parameters": levels.parameters(province, options, first_mhz),
            "calibration": options.calibration.record() if options.calibration else None,
        },
        "parameters": _parameters(options),
        "assumed": [recognised(text) for text in listed.assumed],
        "warnings": [
            *area.beyond_warnings(province.grid, frame),
            *layer_options.warnings(frame, options),
        ],
        "networks": done.networks,
        "timings_s": done.timings_s,
        "versions": result.versions(),
    }


def _parameters(options: PredictionOptions) -> dict[str, Any]:
    values = {**asdict(options), "parameters": dict(options.parameters)}
    del values["calibration"]
    return values


def _antennas(listed: CellList) -> list[Mapping[str, Any]]:
    return [
        {
            "file": name,
            "name": antenna.name,
            "gain_dbi": antenna.gain_dbi,
            "tilt_deg": antenna.tilt_deg,
            "tilt_note": antenna.tilt_note,
            "frequency_mhz": antenna.frequency_mhz,
            "sha256": antenna.sha256,
        }
        for name, antenna in listed.antennas.items()
    ]
