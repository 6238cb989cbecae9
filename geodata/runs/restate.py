"""The communes of a finished run on a later set of administrative units."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import whole
from phusong.geodata.province import UNKNOWN
from phusong.geodata.runs.folder import RECORD, RunFolder, add_files, open_run, whole_run
from phusong.geodata.units.crosswalk import LATEST, check_sets, restate
from phusong.geodata.writers import vector
from phusong.messages import message

BASIS = "population_basis"  # of a run's record


class Restated(NamedTuple):
    """What was written: files, number of units, those of doubtful links, basis of residents."""

    files: tuple[Path, Path]
    units: int
    doubtful: tuple[str, ...]
    basis: str


def restated_run(run: RunFolder, to: str = LATEST) -> GeoDataFrame:
    """Return the communes of a finished run, with its stations counted, on a set of units."""
    since = str(run.record["province"]["units"])
    check_sets((since,), (str(run.path),))
    table = restate(with_stations(run), to, since)
    return table[[*(name for name in col.RESTATED if name in table), "geometry"]]


def write_restated(
    path: Path,
    to: str = LATEST,
    out: Path | None = None,
    form: CsvForm = csv_forms.MACHINE,
) -> Restated:
    """Write the communes of a run folder on a set of units as GeoJSON and CSV.

    In the run's own folder the files count as the run's, so that the next run there removes them.

    Parameters
    ----------
    path
        Folder of the run.
    to
        Date of the set of units.
    out
        Folder to write to; the run's own if None.
    form
        Of the CSV file.

    Returns
    -------
    Restated
        Files written, and links that are not verified.
    """
    with whole.steady(path, records=[RECORD]), whole_run(path):
        run = open_run(path)
        table = restated_run(run, to)
    folder = run.path if out is None else out
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            message("refusal.cannot_write_to", folder=folder, strerror=error.strerror)
        ) from None
    files = folder / f"communes_{to}.geojson", folder / f"communes_{to}.csv"
    order = [name for name in table.columns if name != "geometry"]
    vector.write_geojson(files[0], table, order)
    vector.write_csv(files[1], table, order, form)
    if folder.resolve() == run.path.resolve():
        add_files(run, [file.name for file in files])
    doubtful = tuple(table.loc[~table[col.LINK_VERIFIED], col.COMMUNE_CODE])
    return Restated(files, len(table), doubtful, str(run.record["province"].get(BASIS, UNKNOWN)))


def with_stations(run: RunFolder) -> GeoDataFrame:
    """Return the communes of a finished run in the planning CRS with the stations in each."""
    counts = run.ranking[col.COMMUNE_CODE].value_counts()
    stations = run.communes[col.COMMUNE_CODE].map(counts).fillna(0).astype(np.int64)
    return run.communes.assign(**{col.PLANNED_STATIONS: stations}).to_crs(run.crs)
