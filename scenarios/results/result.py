"""Write a finished plan: GIS layers, rasters, tables and the record of the run."""

import platform
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from phusong import __version__, stored
from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import csv_forms
from phusong.geodata.countries import speaking
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import raster, toml_json, whole
from phusong.geodata.packages import package
from phusong.geodata.province import Provenance
from phusong.geodata.reference import default_model
from phusong.geodata.runs import folder as run_folder
from phusong.geodata.runs import tables as run_tables
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import lineage, vector
from phusong.messages import message, recognised, spoken_table, table_texts
from phusong.moment import moment
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.plan import intervals
from phusong.scenarios.plan.run import Plan
from phusong.scenarios.prediction import link_budgets
from phusong.scenarios.results import infrastructure, radio_layers, summary
from phusong.scenarios.results.assumptions import assumptions, notes, shadowing_from
from phusong.scenarios.results.outputs import ALL, WHAT_IF, Outputs
from phusong.scenarios.results.radio_layers import Bands, RasterFile

RUN = "run.json"
Table = tuple[pd.DataFrame, tuple[str, ...]]  # with the columns that are written, in order
Page = Callable[[RunFolder, str], object]  # writes a page of a run in a language
NO_PAGES: Mapping[str, Page] = {}
PACKAGES = ("numpy", "scipy", "numba", "geopandas", "shapely", "pyproj", "rasterio", "folium")


def check_folder(out: Path, record: str = RUN) -> None:
    """Refuse a folder that holds anything but an earlier run, known by its record.

    Raises
    ------
    InputError
        The path is a file, is a foreign folder with something in it, or cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise InputError(message("refusal.is_a_file_give_a_folder", out=out))
    if out.is_dir() and not whole.is_ours(out, record):
        raise InputError(message("refusal.is_not_empty_and_not_an", out=out))
    moment()  # a wrong date would else be told at the end
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out if out.is_dir() else out.parent):
            pass
    except OSError as error:
        raise InputError(
            message("refusal.cannot_write_to_2", out=out, strerror=error.strerror)
        ) from None


@contextmanager
def replacing(out: Path, record: str = RUN, outputs: Outputs = ALL) -> Iterator[Path]:
    """Yield an empty folder whose files take their place in ``out`` when the block succeeds.

    Files of the earlier run that the new one does not write are removed; foreign files stay. Where
    only some ``outputs`` are wanted nothing is removed. ``record`` is the file that lists a run's
    files, and it takes its place last.
    """
    own = [name for run in _runs_in(out / record) for name in run["files"]]
    with whole.replaced(out, record, own if outputs == ALL else ()) as folder:
        yield folder


def parts(out: Path, outputs: Outputs) -> dict[str, Any]:
    """Return what a record says where only some outputs are written: which, and what stays.

    Nothing where all are written. ``out`` is the folder that they are written into.
    """
    if outputs == ALL:
        return {}
    return {"only": list(outputs.names), "earlier": _runs_in(out / RUN)}


def _runs_in(record: Path) -> list[dict[str, Any]]:
    """Return the runs that a folder holds files of, the latest first: when made, and the files."""
    try:
        held = toml_json.read_json(record)
    except InputError:
        return []
    earlier = held.get("earlier")
    runs = [held, *(earlier if isinstance(earlier, list) else [])]
    return [
        {
            "created": str(run.get("created", "")),
            "files": [n for n in _names(run.get("files")) if (record.parent / n).is_file()],
        }
        for run in runs
        if isinstance(run, dict)
    ]


def _names(files: object) -> list[str]:
    """Return the names in a list of files, those of a damaged record that are none left out."""
    names = files if isinstance(files, list) else []
    return [name for name in names if isinstance(name, str) and Path(name).name == name]


def _without(runs: list[dict[str, Any]], new: Collection[str]) -> list[dict[str, Any]]:
    """Return earlier runs with the files that are not written anew, those that have any."""
    rest = [{**run, "files": [name for name in run["files"] if name not in new]} for run in runs]
    return [run for run in rest if run["files"]]


@speaking("plan")
def write(
    plan: Plan,
    folder: Path,
    language: str,
    pages: Mapping[str, Page] = NO_PAGES,
    *,
    form: CsvForm = csv_forms.MACHINE,
    outputs: Outputs = ALL,
    **facts: object,
) -> None:
    """Write the layers, rasters, tables and pages of a plan that are wanted, and last run.json.

    Tables, rasters and packages are in one language; run.json holds messages, which can be
    spoken in any. ``pages`` draws the pages by the names of their files; ``form`` is that of the
    CSV files; ``facts`` go into run.json.
    """
    layers = {
        name: (spoken_table(frame, language), order)
        for name, (frame, order) in radio_layers.vectors(plan).items()
    }
    features = {name: vector.features(*layer) for name, layer in layers.items()}
    rasters = radio_layers.files(plan, language)
    plain = counted(plan)
    files = _files(
        plan, layers, features, {**plain, "zones_ranking": layers["zones_ranking"]}, form
    )
    names = {*files, *(f"{name}.tif" for name in rasters), *package.names(layers, rasters), *pages}
    facts = {**record(plan, plain["masts_by_district"][0]), "language": language, **facts}
    facts["files"] = sorted({RUN, *filter(outputs.has, names)})
    with _written_beside(rasters, folder, outputs) as at_hand:
        for name, written in files.items():
            if outputs.needs(name):
                written(folder / name)
        if pages:
            known = toml_json.as_read(facts)
            frames = {name: each.frame() for name, each in features.items()}
            run = run_folder.at_hand(folder, known, frames, at_hand)
            for draw in pages.values():
                draw(run, language)
    if outputs.has(package.PACKAGE):
        frames = {name: frame[[*order, "geometry"]] for name, (frame, order) in layers.items()}
        package.write(folder, frames, lineage.publication_of(facts, language))
    _finish(folder, facts)


def _finish(folder: Path, facts: dict[str, Any]) -> None:
    """Remove what pages alone read, and write the record."""
    for path in folder.iterdir():
        if path.name not in facts["files"]:
            path.unlink()
    if "earlier" in facts:
        facts["earlier"] = _without(facts["earlier"], facts["files"])
        facts["what_if"] = facts["what_if"] if WHAT_IF in facts["files"] else None
    whole.write_text(folder / RUN, toml_json.as_json(facts))


def _files(
    plan: Plan,
    layers: Mapping[str, tuple[GeoDataFrame, tuple[str, ...]]],
    features: Mapping[str, vector.Features],
    plain: Mapping[str, Table],
    form: CsvForm,
) -> dict[str, Callable[[Path], object]]:
    """Return what writes each file of features and tables, and of what pages try stations on."""
    files: dict[str, Callable[[Path], object]] = {
        f"{name}.geojson": partial(_write, text=each.text) for name, each in features.items()
    }
    for name, (table, order) in {**plain, "ranking": layers["ranking"]}.items():
        files[f"{name}.csv"] = partial(vector.write_csv, frame=table, order=order, form=form)
    files[run_tables.NAME] = partial(_write, text=partial(run_tables.text, plain))
    if plan.what_if is not None:
        files[plan.what_if.NAME] = partial(_write_bytes, content=plan.what_if.packed)
    return files


def _write(path: Path, text: Callable[[], str]) -> None:
    whole.write_text(path, text())


def _write_bytes(path: Path, content: Callable[[], bytes]) -> None:
    path.write_bytes(content())


def counted(plan: Plan) -> dict[str, Table]:
    """Return the tables without geometry by name: passive infrastructure, and quality."""
    province = plan.province
    tables = infrastructure.tables(
        province.live, plan.ranking, province.communes, province.districts, province.name
    )
    payers = pd.DataFrame(plan.cost["payers"], columns=list(col.COSTS_BY_PAYER))
    own: dict[str, Table] = {"waiting": (plan.waiting, col.WAITING)}
    if rule := plan.scenario.country.quality:
        own = {rule.table: (plan.quality, col.QUALITY_BY_UNIT), **own}
    own["costs_by_payer"] = (payers, col.COSTS_BY_PAYER)
    return {**tables, **own}


@contextmanager
def _written_beside(
    rasters: Mapping[str, RasterFile], folder: Path, outputs: Outputs
) -> Iterator[Mapping[str, Callable[[], Bands]]]:
    """Write the rasters that are wanted while the block runs: GDAL needs no lock of Python.

    Yields what gives the bands of all that are wanted, or read by a page that is: they are computed
    beside too, before any is compressed.
    """
    needed = {name: file for name, file in rasters.items() if outputs.needs(f"{name}.tif")}
    with ThreadPoolExecutor(1) as pool:
        at_hand = {name: pool.submit(file.bands).result for name, file in needed.items()}
        written = [
            pool.submit(_write_raster, folder / f"{name}.tif", at_hand[name], file)
            for name, file in needed.items()
            if outputs.has(f"{name}.tif")
        ]
        yield at_hand
        for each in written:
            each.result()


def _write_raster(path: Path, bands: Callable[[], Bands], file: RasterFile) -> None:
    raster.write_storable(path, [*bands().values()], file.colours)
    stored.rest()


def record(plan: Plan, masts: pd.DataFrame) -> dict[str, Any]:
    """Return what run.json says of a plan; ``masts`` are those by district."""
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
        "country": province.country,
        "currency": province.currency or scenario.country.currency.code,
        "seed": about.seed,
        "province": {
            "name": province.name,
            "units": province.units,
            "crs": province.grid.crs,
            "pixel_m": province.grid.pixel_m,
            "population": plan.headline["population"],
            "population_basis": province.basis,
            "population_year": _year_of_residents(plan),
            "area_km2": float(province.communes.area.sum() / 1e6),
        },
        "baseline": _baseline(plan),
        "layers": {name: origin_of(origin) for name, origin in province.provenance.items()},
        "service": {
            "layer": scenario.layer_5g.title,
            "frequency_mhz": scenario.layer_5g.frequency_mhz,
            "threshold_dbm": service.threshold_dbm,
            "location": service.location,
            "entry_loss_db": service.median_entry_loss_db,
            "margin_db": plan.required_dbm - service.threshold_dbm - service.median_entry_loss_db,
            "probability": service.probability,
            "required_dbm": plan.required_dbm,
            "outdoor_threshold_dbm": service.outdoor_threshold_dbm,
        },
        "calibration": _calibration(scenario),
        "default_model": default_model.RECORD,
        "bands": intervals.record(scenario),
        "link_budgets": link_budgets.link_budgets(scenario),
        "headline": plan.headline,
        "checks": plan.checks,
        "choice": plan.choice,
        "tiers": [{**tier, "waiting": _waiting(plan.waiting, tier["tier"])} for tier in plan.tiers],
        "cost": plan.cost,
        "summary": summary.summary(plan.ranking, plan.districts, plan.quality, masts),
        "years": plan.years,
        "curve": plan.curve,
        "network": plan.network,
        "assumptions": assumptions(plan),
        "notes": notes(plan),
        "texts": table_texts(
            {
                "ranking": plan.ranking,
                "zones_ranking": plan.zones_ranking,
                "communes": plan.communes,
                "holes": plan.holes,
            }
        ),
        "warnings": plan.warnings,
        "parameters": scenario.model_dump(),
        "what_if": plan.what_if and plan.what_if.record(),
        "timings_s": plan.timings_s,
        "versions": versions(),
    }


def _waiting(waiting: pd.DataFrame, tier: int) -> list[dict[str, Any]]:
    """Return the zones of a tier that wait, as rows."""
    own = waiting[waiting[col.TIER] == tier]
    return [{str(key): value for key, value in row.items()} for row in own.to_dict("records")]


def _year_of_residents(plan: Plan) -> int | None:
    """Return the year of which residents are, None where nothing tells it."""
    province, growth = plan.province, plan.scenario.demand.growth
    return province.residents_year or growth.start(province.basis)


def _baseline(plan: Plan) -> dict[str, Any]:
    """Return which 5G is on air when the plan begins, without a date where none is known."""
    start = plan.province.baseline
    if start is not None:
        return {**start._asdict(), "source": recognised(start.source)}
    source = plan.province.provenance["sites"].source
    stations = plan.headline["live_5g"]
    return {
        "date": None,
        "stations": stations,
        "source": recognised(source),
        "placement": "undated",
    }


def _calibration(scenario: Scenario) -> dict[str, Any] | None:
    """Return which calibration was used, how wrong it was, and whose shadowing the run takes."""
    calibration = scenario.propagation.calibration
    if calibration is None:
        return None
    return {**calibration.record(), "shadowing_from": shadowing_from(scenario)}


def origin_of(origin: Provenance) -> dict[str, Any]:
    """Return where a layer comes from, its source and note as messages where they are known."""
    texts = {name: recognised(getattr(origin, name)) for name in ("source", "note")}
    return {**vars(origin), **texts}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
