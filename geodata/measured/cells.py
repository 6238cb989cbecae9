"""The cells that were measured: read from a list or from the samples, placed, and told apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.measured import layouts, measurements, misplaced
from phusong.geodata.measured.measurements import Measurements
from phusong.geodata.network import (
    antenna_files,
    cell_carriers,
    positions,
    sites,
)
from phusong.geodata.network import cells as cell_list
from phusong.geodata.network.antenna_files import AntennaFile
from phusong.geodata.network.cells import POWER_W
from phusong.messages import Text, is_one, message

TECHNOLOGY = "4G"  # of a cell about which nothing is told

HEADERS: Names = {
    col.CELL_ID: (),  # before that of the site
    **{name: names for name, names in cell_list.HEADERS.items() if name != col.EIRP_DBM},
    col.LON: cell_list.HEADERS[col.LON],
    col.LAT: cell_list.HEADERS[col.LAT],
    col.CELL_ID: ("btsid", *cell_list.HEADERS[col.CELL_ID]),
    col.PCI: ("physcellid", "physicalcellid", "physicalcellidentity", "psc"),
    col.MECHANICAL_TILT_DEG: ("tiltmec", *cell_list.HEADERS[col.MECHANICAL_TILT_DEG]),
    col.ELECTRICAL_TILT_DEG: ("tiltele", *cell_list.HEADERS[col.ELECTRICAL_TILT_DEG]),
    col.EIRP_PER_RE_DBM: (*cell_list.HEADERS[col.EIRP_PER_RE_DBM], "eirp", "eirpdbm"),
    col.HORIZONTAL_BEAMWIDTH_DEG: ("beamwidth", "hbw", "dorongbupsongngang"),
    col.VERTICAL_BEAMWIDTH_DEG: ("vbw", "dorongbupsongdung"),
}
_BESIDE = (col.TOTAL_TILT_DEG, *cell_carriers.CHANNELS)  # what tells other columns
MEASURES: Mapping[str, Measure] = {
    **{
        name: measure
        for name, measure in cell_list.MEASURES.items()
        if name not in {*_BESIDE, col.EIRP_DBM}
    },
    col.EIRP_PER_RE_DBM: Measure("dBm", -60.0, 90.0),
    col.LON: Measure("deg", -180.0, 180.0),
    col.LAT: Measure("deg", -90.0, 90.0),
    col.HEIGHT_M: Measure("m", 1.0, sites.HIGHEST_MAST_M),
    col.AZIMUTH_DEG: Measure("deg", 0.0, 360.0),
    col.HORIZONTAL_BEAMWIDTH_DEG: Measure("deg", 3.0, 360.0),
    col.VERTICAL_BEAMWIDTH_DEG: Measure("deg", 1.0, 180.0),
}
NEEDED = (col.CELL_ID, col.LON, col.LAT)
BEAMWIDTHS_DEG = {col.HORIZONTAL_BEAMWIDTH_DEG: 65.0, col.VERTICAL_BEAMWIDTH_DEG: 10.0}
OF_PATTERN = (col.MECHANICAL_TILT_DEG, col.ELECTRICAL_TILT_DEG, *BEAMWIDTHS_DEG)
POWERS = (col.EIRP_PER_RE_DBM, col.POWER_DBM, POWER_W)
POWER_KNOWN, TECHNOLOGY_KNOWN = "power_known", "technology_known"

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredCells:
    """Cells by row, with nothing missing but azimuths of antennas without a main direction.

    ``cells`` has CELL_ID, PCI, TECHNOLOGY, ANTENNA (text), the columns of MEASURES, and
    ``power_known`` and ``technology_known``. ``repairs`` are coordinates that were read otherwise
    than written.

    Parameters
    ----------
    cells
        One row a cell.
    antennas
        Pattern files by the name that cells use.
    assumed
        What was assumed.
    repairs
        Coordinates read otherwise than written.
    """

    cells: pd.DataFrame
    antennas: Mapping[str, AntennaFile] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    repairs: tuple[Defect, ...] = ()


def read(path: Path, measured: Measurements, stated: Stated = NOTHING) -> MeasuredCells:
    """Return the cells of a list, each where its samples say that it can stand.

    A cell needs an identifier and a position; height, azimuth, tilts, beamwidths, frequency
    and power are taken if there, else assumed and named. A coordinate out of reach of the
    cell's own samples is read with its decimal point moved, a digit more, or its sign turned,
    when one such reading alone fits (``misplaced``).

    Parameters
    ----------
    path
        The list.
    measured
        Samples that heard the cells.

    Returns
    -------
    MeasuredCells
        Complete.

    Raises
    ------
    InputError
        With every defect of the list and of the antenna files that it names.
    """
    path = Path(path)
    table = positions.split_positions(layouts.heard(tables.read(path, HEADERS, stated)))
    header_of = tables.recognise(table, HEADERS)
    if missing := [tables.lacking(table, name) for name in NEEDED if name not in header_of]:
        raise InputError(message("refusal.is_not_a_usable_list_of", path=path.name), missing)
    frame, defects = _parsed(table, header_of)
    antennas, wrong = _antennas(table, frame)
    repairs, apart = misplaced.repair(table, header_of, frame, _middles(frame, measured.samples))
    defects += [*wrong, *apart]
    if defects:
        raise InputError(
            message("refusal.is_not_a_usable_list_of", path=path.name), tables.by_row(defects)
        )
    cells, assumed = _filled(frame)
    all_notes = (*table.notes, *tables.unused(table, header_of), *assumed)
    return MeasuredCells(cells, antennas, all_notes, tuple(repairs))


def of_samples(measured: Measurements) -> MeasuredCells:
    """Return a cell for every position and frequency that the samples name as serving.

    Raises
    ------
    InputError
        When the samples do not say where their cells stand.
    """
    samples = measured.samples
    keys = [col.CELL_LON, col.CELL_LAT, col.FREQUENCY_MHZ, col.TECHNOLOGY]
    placed = samples[samples[col.CELL_LON].notna() & samples[col.CELL_LAT].notna()]
    if placed.empty:
        remedy = message("remedy.give_a_list_of_cells_with")
        defect = Defect(measured.name, message("problem.does_not_say_where_its_cells"), remedy)
        raise InputError(message("refusal.no_cells"), [defect])
    distinct = placed[keys].drop_duplicates().reset_index(drop=True)
    names = [f"{c[0]:.6f} {c[1]:.6f} {c[2]:g} MHz" for c in distinct.itertuples(index=False)]
    frame = pd.DataFrame({name: np.full(len(distinct), np.nan) for name in MEASURES})
    frame[col.LON], frame[col.LAT] = distinct[col.CELL_LON], distinct[col.CELL_LAT]
    frame[col.FREQUENCY_MHZ] = distinct[col.FREQUENCY_MHZ]
    frame[col.CELL_ID] = names
    for name in (col.PCI, col.ANTENNA):
        frame[name] = ""
    frame[col.TECHNOLOGY] = distinct[col.TECHNOLOGY]
    cells, assumed = _filled(frame)
    return MeasuredCells(cells, {}, assumed)


def _parsed(table: Table, header_of: Mapping[str, str]) -> tuple[pd.DataFrame, list[Defect]]:
    """Return a cell per row; numbers that are none, or out of range, are defects."""
    defects: list[Defect] = []
    frame = pd.DataFrame(
        {
            name: tables.texts(table, header_of, name)
            for name in (col.CELL_ID, col.PCI, col.ANTENNA, col.TECHNOLOGY, col.BAND)
        }
    )
    beside = {name: cell_list.MEASURES[name] for name in _BESIDE}
    numbers: dict[str, Any] = {}
    for name, measure in {**MEASURES, **beside}.items():
        if name == col.AZIMUTH_DEG:
            continue
        if name in {col.LON, col.LAT}:
            read = positions.degrees(table, header_of, name, measure.high)
        else:
            default = cell_list.DEFAULT_UNITS.get(name, "")
            read = tables.measured(table, header_of, name, measure, default)
        defects += read.defects
        numbers[name] = read.values
        empty = [i for i, text in enumerate(tables.texts(table, header_of, name)) if not text]
        if name in NEEDED:
            defects += [
                table.defect(i, message("problem.is_missing"), column=header_of.get(name))
                for i in empty
            ]
    numbers[col.AZIMUTH_DEG], wrong = _azimuths(table, header_of)
    defects += [*wrong, *cell_list.tilts(table, header_of, numbers)]
    numbers |= {name: frame[name].tolist() for name in (col.BAND, col.TECHNOLOGY)}
    numbers[col.TECHNOLOGY] = [cell_list.generation(text) for text in frame[col.TECHNOLOGY]]
    contradictions, _ = cell_carriers.fill(table, header_of, numbers)
    defects += [
        d
        for d in contradictions
        if not is_one(d.problem, "problem.neither_technology_nor_band_says_whether")
    ]
    for name, values in numbers.items():
        frame[name] = values
    frame = frame.drop(columns=col.BAND)
    defects += [
        table.defect(
            int(i), message("problem.the_cell_is_listed_twice"), column=header_of[col.CELL_ID]
        )
        for i in np.flatnonzero(frame[col.CELL_ID].duplicated())
    ]
    return frame, defects


def _azimuths(table: Table, header_of: Mapping[str, str]) -> tuple[Floats, list[Defect]]:
    """Return the azimuths, NaN where a cell has no main direction or does not say."""
    header, texts = header_of.get(col.AZIMUTH_DEG), tables.texts(table, header_of, col.AZIMUTH_DEG)
    values, defects = np.full(len(texts), np.nan), []
    for i, angles in enumerate(cell_list.azimuth_readings(table, header_of)):
        if isinstance(angles, str) or len(angles) > 1:
            problem: Text = message("problem.is_not_a_number_from_0")
            if isinstance(angles, str) and "may be" in angles:
                problem = angles
            defects.append(table.defect(i, problem, column=header))
        elif angles:
            values[i] = angles[0]
    return values, defects


def _antennas(table: Table, frame: pd.DataFrame) -> tuple[dict[str, AntennaFile], list[Defect]]:
    """Read the pattern files beside the list; names that are no file are a sector's or omni's."""
    antennas: dict[str, AntennaFile] = {}
    defects: list[Defect] = []
    for i, name in enumerate(frame[col.ANTENNA]):
        if not name.lower().endswith(antenna_files.SUFFIXES) or name in antennas:
            continue
        antenna, wrong = antenna_files.beside(table, i, name)
        antennas |= {name: antenna} if antenna else {}
        defects += wrong
    return antennas, defects


def _filled(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells with nothing missing, and what was assumed of how many."""
    cells = frame.copy()
    cells[TECHNOLOGY_KNOWN] = cells[col.TECHNOLOGY] != ""
    cells[col.TECHNOLOGY] = cells[col.TECHNOLOGY].replace("", TECHNOLOGY)
    assumed = []
    directed = cells[col.AZIMUTH_DEG].notna()
    for technology in sorted(cells[col.TECHNOLOGY].unique()):
        rows = cells[col.TECHNOLOGY] == technology
        for name, value in _usual(technology).items():
            lacking = rows & cells[name].isna()
            count = int((lacking & (directed | (name not in OF_PATTERN))).sum())
            if count:
                assumed.append(f"{name} {value:g} ({count} of {len(cells)} cells)")
            cells.loc[lacking, name] = value
    if (~directed).any():
        assumed.append(f"no azimuth: no antenna pattern ({int((~directed).sum())} cells)")
    cells[POWER_KNOWN] = cells[list(POWERS)].notna().any(axis=1)
    unknown = int((~cells[POWER_KNOWN]).sum())
    if unknown:
        assumed.append(f"power: the usual, to be found ({unknown} of {len(cells)} cells)")
    cells[col.POWER_DBM] = cells.pop(POWER_W).fillna(cells[col.POWER_DBM])
    return cells, tuple(assumed)


def _usual(technology: str) -> dict[str, float]:
    """Return what a cell of a technology is taken to have, as in a prediction of it."""
    carrier = cell_list.usual_carrier(technology, TECHNOLOGY)
    return {
        col.HEIGHT_M: sites.DEFAULT_HEIGHT_M,
        col.MECHANICAL_TILT_DEG: 0.0,
        col.ELECTRICAL_TILT_DEG: carrier[col.ELECTRICAL_TILT_DEG],
        **BEAMWIDTHS_DEG,
        col.FREQUENCY_MHZ: carrier[col.FREQUENCY_MHZ],
    }


def with_samples(
    samples: str | PathLike[str], listed: str | PathLike[str] | None, stated: Mapping[str, Stated]
) -> tuple[Measurements, MeasuredCells]:
    """Return samples and the cells that they heard: of a list, or as the samples tell them."""
    measured = measurements.read(Path(samples), stated.get("measurements", NOTHING))
    if listed is None:
        return measured, of_samples(measured)
    cells = read(Path(listed), measured, stated.get("cells", NOTHING))
    return _of_technologies(measured, set(cells.cells[col.TECHNOLOGY])), cells


def _of_technologies(measured: Measurements, wanted: set[str]) -> Measurements:
    """Return the samples of technologies that the cells have, or of none that is told."""
    told = measured.samples[col.TECHNOLOGY]
    other = ((told != "") & ~told.isin(wanted)).to_numpy(bool)
    counts = {f"of {name}": int(n) for name, n in told[other].value_counts().items()}
    if other.all():
        has = " and ".join(sorted(wanted))
        defect = Defect(
            measured.name, message("problem.holds_only_the_cells_are", counts=[*counts], has=has)
        )
        raise InputError(message("refusal.nothing_to_compare_with"), [defect])
    samples = measured.samples[~other].reset_index(drop=True)
    return replace(measured, samples=samples, left_out={**measured.left_out, **counts})


def _middles(frame: pd.DataFrame, samples: pd.DataFrame) -> Floats:
    """Return the middle of the samples that carry each cell's identifier, NaN where none does."""
    medians = samples.groupby(measurements.plain_ids(samples))[[col.LON, col.LAT]].median()
    return np.asarray(medians.reindex(frame[col.CELL_ID].map(measurements.plain)).to_numpy(float))
