"""Sites and cells as the arrays that coverage works on: masts, and what hangs on them."""

from collections.abc import Callable, Mapping

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import antenna, panel
from phusong.coverage.area import cells
from phusong.geodata.grid import Grid
from phusong.geodata.network.antenna_files import AntennaFile
from phusong.scenarios.config.sections import Layer

SiteArrays = tuple[cells.Masts, cells.Cells]


def of_sites(sites: GeoDataFrame, layer: Layer, grid: Grid) -> SiteArrays:
    """Return one mast per site and one cell per sector; no azimuths means all round."""
    azimuths = [_azimuths(text) for text in sites[col.AZIMUTHS_DEG]]
    column, row = grid.fractional(sites.geometry.x.to_numpy(), sites.geometry.y.to_numpy())
    height_m = sites[col.HEIGHT_M].to_numpy(float)
    masts = cells.Masts(column, row, height_m, np.full(len(sites), layer.frequency_mhz))
    return masts, cells.cells(
        np.repeat(np.arange(len(sites)), [len(a) for a in azimuths]),
        np.array([azimuth for sectors in azimuths for azimuth in sectors], float),
        layer.eirp_per_re_dbm,
        layer.downtilt_deg,
        antenna.sector(layer.horizontal_beamwidth_deg, layer.vertical_beamwidth_deg),
    )


def _azimuths(text: str) -> list[float]:
    return [float(part) for part in text.split("/")] if text else [float("nan")]


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
        listed[col.AZIMUTH_DEG].to_numpy(float),
        listed[col.ELECTRICAL_TILT_DEG].to_numpy(float) - tilts_deg[kind],
        listed[col.MECHANICAL_TILT_DEG].to_numpy(float),
        listed[col.EIRP_PER_RE_DBM].to_numpy(float),
        kind,
        tuple(pattern(name, antennas) for name in names),
    )


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
    makers: dict[str, Callable[[], antenna.Pattern]] = {
        "sector": sector,
        "omni": antenna.omni,
        "isotropic": antenna.isotropic,
        "panel": panel.envelope,
    }
    return makers[name]()


def sector_counts(sites: GeoDataFrame) -> NDArray[np.int64]:
    """Return the number of cells of every site."""
    return np.array([len(_azimuths(text)) for text in sites[col.AZIMUTHS_DEG]], np.int64)
