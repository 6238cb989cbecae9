"""Write a finished plan: GIS layers, rasters, tables and the record of the run."""

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from phusong import __version__
from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.files import raster, result_folder, toml_json, whole
from phusong.geodata.grid import Raster
from phusong.geodata.province import Provenance
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import lineage, package, vector
from phusong.geodata.writers.phrases import vietnamese
from phusong.geodata.writers.raster_styles import LANDCOVER_COLOURS
from phusong.messages import message, speak, spoken_table, table_texts
from phusong.scenarios.config.cost_rates import CURRENCY
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.criteria import criteria
from phusong.scenarios.plan import intervals, rollout, shares
from phusong.scenarios.plan.run import Plan
from phusong.scenarios.prediction import link_budgets
from phusong.scenarios.results import infrastructure, summary
from phusong.scenarios.results.assumptions import assumptions, notes, shadowing_from

RUN = "run.json"
NODATA = -9999.0
PACKAGES = ("numpy", "scipy", "numba", "geopandas", "shapely", "pyproj", "rasterio", "folium")
# Every raster and its unit; what it holds stands in the catalogues as ``raster.NAME``.
RASTERS = {
    "rsrp_4g": "dBm",
    "rsrp_before": "dBm",
    "rsrp_after": "dBm",
    "covered_year": "",
    "best_server": "",
    "sinr_after": "dB",
    "throughput_after": "Mbit/s",
    "terrain": "m",
    "landcover": "",
}


def check_folder(out: Path, record: str = RUN) -> None:
    """Refuse a folder that holds anything but an earlier run, known by its record.

    Raises
    ------
    InputError
        The path is a file, is a foreign folder with something in it, or cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: give a folder with --out")
    if out.is_dir() and not result_folder.is_ours(out, record):
        raise InputError(
            f"{out} is not empty and not an earlier run: give another folder with --out"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out if out.is_dir() else out.parent):
            pass
    except OSError as error:
        raise InputError(f"cannot write to {out}: {error.strerror}") from None


@contextmanager
def replacing(out: Path, record: str = RUN) -> Iterator[Path]:
    """Yield an empty folder whose files take their place in ``out`` when the block succeeds.

    Files of the earlier run that the new one does not write are removed; foreign files stay.
    ``record`` is the file that lists a run's files, and it takes its place last.
    """
    with result_folder.replaced(out, record, _files_of(out / record)) as folder:
        yield folder


def _files_of(record: Path) -> list[str]:
    try:
        names = toml_json.read_json(record).get("files", [])
    except InputError:
        return []
    return [name for name in names if isinstance(name, str) and Path(name).name == name]


def write(
    plan: Plan, folder: Path, language: str, also: tuple[str, ...] = (), **facts: object
) -> None:
    """Write every layer, raster and table of a plan, and last run.json.

    Tables, rasters and packages are in one language; run.json holds messages, which can be
    spoken in any. ``also`` names files that others will add to the folder; ``facts`` go into
    run.json.
    """
    tables = {
        name: (spoken_table(frame, language), order)
        for name, (frame, order) in _tables(plan).items()
    }
    for name, (frame, order) in tables.items():
        vector.write_geojson(folder / f"{name}.geojson", frame, order)
    vector.write_csv(folder / "ranking.csv", *tables["ranking"])
    for name, (table, order) in counted(plan).items():
        vector.write_csv(folder / f"{name}.csv", table, order)
    for name in RASTERS:
        _write_raster(plan, name, folder, language)
    layers = {name: frame[[*order, "geometry"]] for name, (frame, order) in tables.items()}
    facts = {**record(plan), "language": language, **facts}
    package.write(folder, layers, lineage.about(facts, language))
    names = sorted({path.name for path in folder.iterdir()} | {RUN, *also})
    whole.write_text(folder / RUN, toml_json.as_json({**facts, "files": names}))


def _tables(plan: Plan) -> dict[str, tuple[gpd.GeoDataFrame, tuple[str, ...]]]:
    roads = plan.province.roads
    given = {}
    if roads is not None:
        measured = roads.assign(**{col.LENGTH_M: roads.length.round(1)})
        given = {"roads": (measured, col.ROADS)}
    return {
        "ranking": (plan.ranking, col.RANKING),
        "sites": (plan.province.sites, col.BTS),
        "communes": (plan.communes, col.RESULT_COMMUNES),
        "districts": (plan.districts, col.RESULT_DISTRICTS),
        "zones": (plan.zones, col.RESULT_ZONES),
        "holes": (plan.holes, col.HOLES),
        "candidates": (plan.candidates, criteria.candidate_columns()),
        "backhaul": (plan.links, col.BACKHAUL),
        **given,
    }


def counted(plan: Plan) -> dict[str, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Return the tables without geometry by name: passive infrastructure, and QCVN 126."""
    province = plan.province
    tables = infrastructure.tables(
        province.sites, plan.ranking, province.communes, province.districts, province.name
    )
    return {**tables, "qcvn126": (plan.quality, col.QUALITY_BY_UNIT)}


def rasters(plan: Plan, language: str = "en") -> dict[str, Raster]:
    """Return the rasters of a plan by name, rounded to what a prediction can tell."""
    return {name: _raster(plan, name, language) for name in RASTERS}


def _raster(plan: Plan, name: str, language: str) -> Raster:
    province, nodata = plan.province, NODATA
    if name == "terrain":
        values = np.round(province.terrain.values).astype(np.int16)
        nodata = -32768.0
    elif name == "landcover":
        values, nodata = province.landcover.values, 0.0
    elif name == "best_server":
        values, nodata = plan.layers[name], -1.0
    elif name == "covered_year":
        values, nodata = plan.layers[name], float(rollout.OUTSIDE)
    else:
        finite = np.where(np.isfinite(plan.layers[name]), plan.layers[name], NODATA)
        values = np.round(finite, 1).astype(np.float32)
    description = speak(message(f"raster.{name}"), language)
    return Raster(values, province.grid, nodata, RASTERS[name], description)


def _write_raster(plan: Plan, name: str, folder: Path, language: str) -> None:
    written = _raster(plan, name, language)
    raster.write_cog(
        folder / f"{name}.tif",
        written,
        description=written.description,
        unit=written.unit,
        colormap=LANDCOVER_COLOURS if name == "landcover" else None,
    )


def moment() -> datetime:
    """Return the present moment, or the one that SOURCE_DATE_EPOCH states, in UTC.

    References
    ----------
    reproducible-builds.org, SOURCE_DATE_EPOCH specification, version 1.1.
    """
    stated = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(stated), UTC) if stated.isdecimal() else datetime.now(UTC)


def record(plan: Plan) -> dict[str, Any]:
    """Return what run.json says of a plan."""
    province, scenario = plan.province, plan.scenario
    about, service = scenario.scenario, scenario.service
    return {
        "schema_version": SCHEMA_VERSION,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
        "scenario": {
            "name": about.name,
            "kind": about.kind,
            "title": about.title.model_dump(),
            "description": about.description.model_dump(),
        },
        "currency": CURRENCY,
        "seed": about.seed,
        "province": {
            "name": province.name,
            "units": province.units,
            "crs": province.grid.crs,
            "pixel_m": province.grid.pixel_m,
            "population": plan.headline["population"],
            "population_basis": province.basis,
            "area_km2": float(province.communes.area.sum() / 1e6),
        },
        "layers": {name: origin_of(origin) for name, origin in province.provenance.items()},
        "service": {
            "layer": scenario.layer_5g.name,
            "frequency_mhz": scenario.layer_5g.frequency_mhz,
            "threshold_dbm": service.threshold_dbm,
            "location": service.location,
            "entry_loss_db": service.entry_loss_db if service.location == "indoor" else 0.0,
            "margin_db": plan.required_dbm
            - service.threshold_dbm
            - (service.entry_loss_db if service.location == "indoor" else 0.0),
            "probability": service.probability,
            "required_dbm": plan.required_dbm,
            "outdoor_threshold_dbm": service.outdoor_threshold_dbm,
        },
        "calibration": _calibration(scenario),
        "bands": intervals.record(scenario),
        "link_budgets": link_budgets.link_budgets(scenario),
        "headline": plan.headline,
        "checks": shares.checks(plan.headline),
        "choice": plan.choice,
        "cost": plan.cost,
        "summary": summary.summary(
            plan.ranking, plan.districts, plan.quality, counted(plan)["masts_by_district"][0]
        ),
        "years": plan.years,
        "curve": plan.curve,
        "network": plan.network,
        "assumptions": assumptions(plan),
        "notes": notes(plan),
        "texts": table_texts(
            {"ranking": plan.ranking, "communes": plan.communes, "holes": plan.holes}
        ),
        "warnings": plan.warnings,
        "parameters": scenario.model_dump(),
        "timings_s": plan.timings_s,
        "versions": versions(),
    }


def _calibration(scenario: Scenario) -> dict[str, Any] | None:
    """Return which calibration was used, how wrong it was, and whose shadowing the run takes."""
    found = scenario.propagation.calibration
    if found is None:
        return None
    return {**found.record(), "shadowing_from": shadowing_from(scenario)}


def origin_of(origin: Provenance) -> dict[str, Any]:
    """Return where a layer comes from, in both languages."""
    said = {name: getattr(origin, name) for name in ("source", "note")}
    both = {name: {"en": text, "vi": vietnamese(text)} for name, text in said.items() if text}
    return {**vars(origin), **both}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
