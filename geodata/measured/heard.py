"""Which cell every sample heard, and what cannot be compared with it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.measured import measurements, misplaced
from phusong.geodata.measured.cells import TECHNOLOGY_KNOWN, MeasuredCells
from phusong.geodata.measured.measurements import Measurements
from phusong.geodata.public_lists import CELLS_PER_ENODEB
from phusong.messages import message

AMBIGUOUS = 2.0  # a second cell of the same PCI must be so many times farther away
PCI_REACH_M = 20_000.0
SAME_MHZ = 50.0  # frequencies of one band, as lists and handsets round them
SAME_PLACE_M = 30.0  # positions of one mast, as two lists round them
FARTHEST_M = 35_000.0  # farther no cell is received: the timing advance of GSM
MOST = 0.5  # of the samples, from which the wrong cells are listed
ODD = OFF_BAND, OTHER_TECHNOLOGY = "another band", "another technology"

_NOTHING = message("refusal.nothing_to_compare_with")
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


class Heard(NamedTuple):
    """Samples that can be compared with their cells.

    Parameters
    ----------
    samples
        One row a sample.
    cell
        Row of the cell of each.
    left_out
        Number of the others, by reason.
    """

    samples: pd.DataFrame
    cell: Integers
    left_out: Mapping[str, int]


def heard(measured: Measurements, listed: MeasuredCells) -> Heard:
    """Return the samples that name a cell of the list, on its technology and in its band.

    Raises
    ------
    InputError
        No sample names a cell, none has its cell near, or most of them were taken on another
        technology or in another band.
    """
    cell = served_by(measured, listed)
    if not (cell >= 0).any():
        blind = measured.samples.assign(**{col.FREQUENCY_MHZ: np.nan})
        cell = _of_samples(blind, listed)  # of another band, which is told below
    named = cell >= 0
    if not named.any():
        _some_near(measured.name, measured.samples, listed)
        remedy = message("remedy.cells_and_measurements_need_the_same_identifiers")
        problem = message("problem.no_sample_names_a_cell")
        raise InputError(_NOTHING, [Defect(measured.name, problem, remedy)])
    samples, cell = measured.samples[named], cell[named]
    _some_near(measured.name, samples, listed, cell)
    other = _other_technology(measured, samples, listed, cell)
    off_band = _off_band(measured.name, samples, listed, cell) & ~other
    fits = ~(other | off_band)
    left_out = {
        "cell not told": int((~named).sum()),
        OTHER_TECHNOLOGY: int(other.sum()),
        OFF_BAND: int(off_band.sum()),
    }
    return Heard(samples[fits], cell[fits], left_out)


def _some_near(
    name: str, samples: pd.DataFrame, listed: MeasuredCells, cell: Integers | None = None
) -> None:
    """Raise an error where no sample lies in reach of its cell, or of any if it has none."""
    cell_lon, cell_lat = (listed.cells[axis].to_numpy(float) for axis in (col.LON, col.LAT))
    lon, lat = (samples[axis].to_numpy(float) for axis in (col.LON, col.LAT))
    if cell is None:
        middle_lon, middle_lat = float(np.median(lon)), float(np.median(lat))
        away_m = misplaced.apart_m(cell_lon, cell_lat, middle_lon, middle_lat)
    else:
        away_m = misplaced.apart_m(cell_lon[cell], cell_lat[cell], lon, lat)
    if away_m.min() <= FARTHEST_M:
        return
    problem = message("problem.no_cell_is_near", away_km=away_m.min() / 1000.0)
    remedy = message("remedy.give_the_cells_that_were_measured", reach_km=FARTHEST_M / 1000.0)
    raise InputError(_NOTHING, [Defect(name, problem, remedy)])


def _other_technology(
    measured: Measurements, samples: pd.DataFrame, listed: MeasuredCells, cell: Integers
) -> Booleans:
    """Return the samples of another technology than their cell's; an error where most are."""
    sends = listed.cells[col.TECHNOLOGY].to_numpy(str)[cell]
    told = listed.cells[TECHNOLOGY_KNOWN].to_numpy(bool)[cell]
    heard_on = samples[col.TECHNOLOGY].to_numpy(str)
    known = told & (heard_on != "")
    other = known & (heard_on != sends)
    if other.sum() > MOST * max(known.sum(), 1):
        first = int(np.flatnonzero(other)[0])
        names = {"measured": str(heard_on[first]), "sent": str(sends[first])}
        problem = message("problem.was_measured_its_cell_is", **names)
        remedy = message("remedy.give_the_cells_of_the_measured_technology")
        refusal = message("refusal.another_technology_was_measured")
        raise InputError(refusal, [Defect(measured.name, problem, remedy)])
    return np.asarray(other, bool)


def _off_band(name: str, samples: pd.DataFrame, listed: MeasuredCells, cell: Integers) -> Booleans:
    """Return the samples taken in another band than their cell's; an error where most are."""
    own_mhz = listed.cells[col.FREQUENCY_MHZ].to_numpy(float)[cell]
    heard_mhz = samples[col.FREQUENCY_MHZ].to_numpy(float)
    known = np.isfinite(heard_mhz)
    away = known & (np.abs(heard_mhz - own_mhz) > SAME_MHZ)
    if away.sum() > MOST * max(known.sum(), 1):
        first = int(np.flatnonzero(away)[0])
        bands = {"measured_mhz": heard_mhz[first], "sent_mhz": own_mhz[first]}
        problem = message("problem.measured_at_its_cell_sends_at", **bands)
        remedy = message("remedy.give_the_cells_of_the_measured_band")
        refusal = message("refusal.another_band_was_measured")
        raise InputError(refusal, [Defect(name, problem, remedy)])
    return np.asarray(away, bool)


def served_by(measured: Measurements, listed: MeasuredCells) -> Integers:
    """Return the row of the cell of every sample, -1 where none can be told.

    By the serving position and frequency where the samples give it and no identifiers; else by
    identifier, whatever its case; else by PCI (and frequency where both tell it): the nearest
    cell, unless another is less than twice as far.
    """
    return _of_samples(measured.samples, listed)


def _of_samples(samples: pd.DataFrame, listed: MeasuredCells) -> Integers:
    cells = listed.cells
    if samples[col.CELL_LON].notna().any() and not samples[col.CELL_ID].any():
        return _by_position(samples, cells)
    known = {
        measurements.plain(name): row for row, name in reversed(list(enumerate(cells[col.CELL_ID])))
    }
    others = _other_ways(cells[col.CELL_ID])
    told = {name: known.get(measurements.plain(name), -1) for name in samples[col.CELL_ID].unique()}
    for name in (name for name, row in told.items() if row < 0):
        ways = (way for way in (name, *_ways(name)) if way in others)
        told[name] = others.get(next(ways, ""), -1)
    row = np.array([told[name] for name in samples[col.CELL_ID]], np.int64)
    unknown = row < 0
    row[unknown] = _by_pci(samples[unknown], cells)
    return row


_NETWORKED = re.compile(r"\d{3}-\d{2,3}-(.+)")  # country, network, cell
_NUMBERED = re.compile(r"(\d{1,7})[-_/](\d{1,3})")  # eNodeB and cell


def _ways(name: str) -> list[str]:
    """Return other ways to call a cell: without its network, as an identity of 28 bits.

    >>> _ways("452-04-5387"), _ways("21-11"), _ways("A1")
    (['5387'], ['5387'], [])
    """
    ways = [match[1]] if (match := _NETWORKED.fullmatch(name)) else []
    if match := _NUMBERED.fullmatch(ways[0] if ways else name):
        ways.append(str(int(match[1]) * CELLS_PER_ENODEB + int(match[2])))
    return ways


def _other_ways(names: pd.Series) -> dict[str, int]:
    """Return the row of every other way to call a cell of a list that calls one alone."""
    rows: dict[str, set[int]] = {}
    for row, name in enumerate(names):
        for way in (name, *_ways(name)):
            rows.setdefault(way, set()).add(row)
    return {way: next(iter(own)) for way, own in rows.items() if len(own) == 1}


def _by_position(samples: pd.DataFrame, cells: pd.DataFrame) -> Integers:
    """Return the one cell at each sample's serving position and nearest its frequency, else -1."""
    keys = [col.CELL_LON, col.CELL_LAT, col.FREQUENCY_MHZ]
    places = samples[keys].drop_duplicates()
    found = {
        tuple(place): _at(float(place[0]), float(place[1]), float(place[2]), cells)
        for place in places.fillna(-1.0).itertuples(index=False)
    }
    wanted = samples[keys].fillna(-1.0).itertuples(index=False)
    return np.array([found[tuple(place)] for place in wanted], np.int64)


def _at(lon: float, lat: float, mhz: float, cells: pd.DataFrame) -> int:
    """Return the row of the one cell at a place, on a frequency unless it is below 0; else -1."""
    away_m = misplaced.apart_m(cells[col.LON], cells[col.LAT], lon, lat)
    off_mhz = np.abs(cells[col.FREQUENCY_MHZ].to_numpy(float) - mhz) if mhz >= 0.0 else 0.0 * away_m
    fits = (away_m <= SAME_PLACE_M) & (off_mhz < SAME_MHZ)
    if not fits.any():
        return -1
    rank = off_mhz + away_m / SAME_PLACE_M  # of several on a frequency the nearest mast
    rows = np.flatnonzero(fits & (rank <= rank[fits].min() + 1e-6))
    return int(rows[0]) if rows.size == 1 else -1


def _by_pci(samples: pd.DataFrame, cells: pd.DataFrame) -> Integers:
    """Return the one cell of each sample's PCI that is near enough and alone, else -1."""
    row = np.full(len(samples), -1, np.int64)
    lon, lat = cells[col.LON].to_numpy(), cells[col.LAT].to_numpy()
    place = pd.Series(np.arange(len(samples)), index=samples.index)
    for (pci, frequency), group in samples.groupby([col.PCI, col.FREQUENCY_MHZ], dropna=False):
        same, mhz = (cells[col.PCI] == pci).to_numpy(), float(str(frequency))
        if np.isfinite(mhz):
            same = same & (np.abs(cells[col.FREQUENCY_MHZ].to_numpy() - mhz) < SAME_MHZ)
        rows = np.flatnonzero(same)
        if not rows.size or not pci:
            continue
        away_m = misplaced.apart_m(
            lon[rows], lat[rows], group[[col.LON]].to_numpy(), group[[col.LAT]].to_numpy()
        )
        order = np.argsort(away_m, axis=1)
        nearest_m = np.take_along_axis(away_m, order[:, :1], 1)[:, 0]
        alone = nearest_m <= PCI_REACH_M
        if rows.size > 1:
            second_m = np.take_along_axis(away_m, order[:, 1:2], 1)[:, 0]
            alone &= second_m >= AMBIGUOUS * nearest_m
        row[place[group.index].to_numpy()] = np.where(alone, rows[order[:, 0]], -1)
    return row
