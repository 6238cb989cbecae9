"""New places for masts: points of a grid that the rules on masts allow."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy import ndimage

from phusong import columns as col
from phusong.geodata.grid import Grid
from phusong.geodata.ground import spacing
from phusong.geodata.ground.terrain import slope_deg
from phusong.geodata.network import mast_rules
from phusong.geodata.province import LandCover, Province
from phusong.geodata.provinces import masts
from phusong.scenarios.candidates.colocation import by_mast
from phusong.scenarios.candidates.demand import priority_zones
from phusong.scenarios.config.sections import Candidates, Scenario

NEAREST_M = "nearest_m"
OPERATORS = "operators"
DEFAULT_AZIMUTHS = "0/120/240"
SETTLED = (LandCover.URBAN, LandCover.INDUSTRIAL, LandCover.SETTLEMENT)
BARRED = (LandCover.OUTSIDE, LandCover.WATER)


def new_places(
    province: Province,
    scenario: Scenario,
    setting: "PixelSettings",
    uncovered: NDArray[np.bool_] | None = None,
) -> GeoDataFrame:
    """Return the points of the grid where a mast may be built and demand asks for one.

    ``setting`` is the setting of each pixel, ``uncovered`` where demand is not yet served
    (default: everywhere). A point is kept on settled land or within ``zones.near_m`` of a
    priority zone that is not urban, not in water, not on steep ground, with an uncovered pixel in
    its cell of the grid, and farther from every mast than the spacing of its own mast asks.
    """
    rules, grid = scenario.candidates, province.grid
    x_m, y_m = points(grid, rules.lattice_m)
    row, column = grid.index(x_m, y_m)
    land = province.landcover.values[row, column]
    usable = ~np.isin(land, BARRED)
    usable &= slope_deg(province.terrain)[row, column] <= rules.max_slope_deg
    if uncovered is not None:
        usable &= _cell_has(uncovered.reshape(grid.shape), rules.lattice_m, grid)[row, column]
    usable &= np.isin(land, SETTLED) | _near_zone(province, scenario, x_m, y_m)
    x_m, y_m, there = x_m[usable], y_m[usable], setting[row[usable], column[usable]]
    places = _equipped(province, scenario, x_m, y_m, there)
    # Files hold places to a tenth of a millimetre: a mast at the very distance is far enough.
    allowed = places[NEAREST_M].round(2) >= spacing_m(places, rules)
    return places[allowed].reset_index(drop=True)


@dataclass(frozen=True)
class PixelSettings:
    """The setting of every pixel, by its number; its name is told where it is asked for."""

    number: NDArray[np.uint8]

    def __getitem__(self, place: tuple[Any, Any]) -> NDArray[np.str_]:
        """Return the names of the settings at rows and columns."""
        names: NDArray[np.str_] = np.array(masts.SETTINGS)[self.number[place]]
        return names


def points(grid: Grid, step_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points on multiples of the step inside the grid, from the north-west, row by row."""
    x_min, y_min, x_max, y_max = grid.bounds
    x_m = np.arange(np.ceil(x_min / step_m), np.floor(x_max / step_m)) * step_m
    y_m = np.arange(np.floor(y_max / step_m), np.ceil(y_min / step_m), -1) * step_m
    grid_x, grid_y = np.meshgrid(x_m, y_m)
    return grid_x.ravel(), grid_y.ravel()


def spacing_m(places: pd.DataFrame, rules: Candidates) -> NDArray[np.float64]:
    """Return the least distance (m) of each place's mast to any other.

    The larger of the rule by setting and the rule by mast class and setting.
    """
    built_up = np.isin(places[col.CLUTTER].to_numpy(str), mast_rules.BUILT_UP)
    by_setting = np.where(built_up, rules.spacing_urban_m, rules.spacing_outside_m)
    urban = by_mast(places, rules, "spacing_urban_m")
    outside = by_mast(places, rules, "spacing_outside_m")
    return np.maximum(by_setting, np.where(built_up, urban, outside))


def _equipped(
    province: Province,
    scenario: Scenario,
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    setting: NDArray[np.str_],
) -> GeoDataFrame:
    """Give each point its mast's class and height; its name says where on the grid it is."""
    rules = scenario.candidates
    spots = shapely.points(x_m, y_m)
    special = mast_rules.sensitive(spots, province.zones, province.communes, rules.sensitive_m)
    mast_class = mast_rules.class_for(setting, special)
    height_m = mast_rules.typical_height_m(setting, mast_class, scenario.country)
    for name, value_m in rules.new_height_m.items():
        height_m[mast_class == name] = value_m
    standing = np.column_stack([province.live.geometry.x, province.live.geometry.y])
    numbers = zip(np.rint(x_m / rules.lattice_m), np.rint(y_m / rules.lattice_m), strict=True)
    return gpd.GeoDataFrame(
        {
            col.POSITION_ID: [f"N{int(east)}-{int(north)}" for east, north in numbers],
            col.KIND: col.NEW,
            col.MAST_HEIGHT_M: height_m,
            col.MAST_CLASS: mast_class,
            col.CLUTTER: setting,
            col.AZIMUTHS_DEG: DEFAULT_AZIMUTHS,
            OPERATORS: "",
            NEAREST_M: spacing.nearest_m(np.column_stack([x_m, y_m]), standing),
        },
        geometry=spots,
        crs=province.live.crs,
    )


def _cell_has(wanted: NDArray[np.bool_], step_m: float, grid: Grid) -> NDArray[np.bool_]:
    """Return which pixels have a wanted one within half a step in either direction."""
    size = 2 * int(step_m / 2 / grid.pixel_m) + 1
    return np.asarray(ndimage.maximum_filter(wanted, size, mode="constant"), bool)


def _near_zone(
    province: Province, scenario: Scenario, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which points lie within ``zones.near_m`` of a priority zone that is not urban."""
    first = priority_zones(province, scenario)
    zones = first.geometry[first[col.KIND] != "urban"].to_numpy()
    hits = shapely.STRtree(zones).query(
        shapely.points(x_m, y_m), predicate="dwithin", distance=scenario.zones.near_m
    )
    return np.isin(np.arange(x_m.size), hits[0])
