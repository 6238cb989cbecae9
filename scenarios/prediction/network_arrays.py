"""Cells as the arrays that coverage works on: masts, and what hangs on them."""

from collections.abc import Callable, Mapping

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import antenna, panel
from phusong.coverage.area import cells
from phusong.geodata import crs
from phusong.geodata.grid import Grid
from phusong.geodata.network.antenna_files import AntennaFile

SiteArrays = tuple[cells.Masts, cells.Cells]


def of_cells(listed: GeoDataFrame, antennas: Mapping[str, AntennaFile], grid: Grid) -> SiteArrays:
    """Return the masts of a carrier's cells, one per place and height, and the cells on them."""
    column, row = grid.fractional(listed.geometry.x.to_numpy(), listed.geometry.y.to_numpy())
    places = np.column_stack([column, row, listed[col.HEIGHT_M], listed[col.FREQUENCY_MHZ]])
    distinct, mast = np.unique(places.astype(float), axis=0, return_inverse=True)
    names = sorted(set(listed[col.ANTENNA]))
    kind = np.array([names.index(name) for name in listed[col.ANTENNA]], np.int64)
    tilts_deg = np.array([tilt_in_pattern_deg(name, antennas) for name in names])
    return cells.Masts(*(values.copy() for values in distinct.T)), cells.Cells(
        mast.ravel().astype(np.int64),
        grid_azimuths_deg(listed[col.AZIMUTH_DEG].to_numpy(float), listed, grid),
        listed[col.ELECTRICAL_TILT_DEG].to_numpy(float) - tilts_deg[kind],
        listed[col.MECHANICAL_TILT_DEG].to_numpy(float),
        listed[col.EIRP_PER_RE_DBM].to_numpy(float),
        kind,
        listed[col.PORTS].to_numpy(np.int64),
        tuple(pattern(name, antennas) for name in names),
    )


def grid_azimuths_deg(
    true_deg: NDArray[np.float64], listed: GeoDataFrame, grid: Grid
) -> NDArray[np.float64]:
    """Return azimuths from true north, one a row of the list, as azimuths from grid north."""
    x_m, y_m = listed.geometry.x.to_numpy(), listed.geometry.y.to_numpy()
    return np.mod(true_deg + crs.true_north_deg(x_m, y_m, grid.crs), 360.0)


def tilt_in_pattern_deg(name: str, antennas: Mapping[str, AntennaFile]) -> float:
    """Return the electrical downtilt that a pattern file already holds."""
    return antennas[name].tilt_deg if name in antennas else 0.0


def pattern(
    name: str,
    antennas: Mapping[str, AntennaFile],
    sector: Callable[[], antenna.Pattern] = antenna.sector,
) -> antenna.Pattern:
    """Return the pattern of a file, or a built-in one; ``sector`` makes that of a plain sector."""
    if name in antennas:
        cuts = antennas[name]
        return antenna.from_cuts(cuts.name, cuts.horizontal_db, cuts.vertical_db)
    if name in panel.PANELS:
        return panel.envelope(panel.PANELS[name])
    makers: dict[str, Callable[[], antenna.Pattern]] = {
        "sector": sector,
        "omni": antenna.omni,
        "isotropic": antenna.isotropic,
    }
    return makers[name]()
