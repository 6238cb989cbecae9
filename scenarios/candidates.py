"""Where a 5G station may stand: on existing positions, and on new ones where rules allow."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong import columns as col
from phusong.geodata import admin, spacing
from phusong.geodata.landcover import LandCover
from phusong.geodata.province import Province
from phusong.geodata.terrain import slope_deg
from phusong.scenarios.criteria import priority_zones
from phusong.scenarios.schema import Scenario

COLOCATED = "colocated"
NEW = "new"
OPERATORS = "operators"
NEAREST_M = "nearest_m"
URBAN = "urban"
BUILT_UP = (LandCover.URBAN, LandCover.INDUSTRIAL)
DEFAULT_AZIMUTHS = "0/120/240"


def candidates(province: Province, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return all candidates in a fixed order: co-located ones first, then new ones.

    Columns: site_id, position_id, kind, height_m, mast_class, azimuths_deg, operators,
    nearest_m (to the next existing mast), urban, cost_million_vnd, zone_id, commune_code,
    district_code and the geometry in the planning CRS.
    """
    rules = scenario.candidates
    parts = [_colocated(province)] if rules.colocated else []
    if rules.new:
        parts.append(_new(province, scenario))
    frame = pd.concat(parts, ignore_index=True) if parts else _colocated(province).iloc[:0]
    frame[URBAN] = np.isin(_class_at(province, frame), BUILT_UP)
    frame[col.COST_MILLION_VND] = _cost(frame, scenario)
    return _placed(frame, province, scenario)


def live_5g(province: Province) -> gpd.GeoDataFrame:
    """Return the sites that already have 5G on air."""
    on_air = province.sites[col.TECHNOLOGIES].str.split("/").map(lambda t: "5G" in t)
    return province.sites[on_air.astype(bool)].reset_index(drop=True)


def conflicts(frame: gpd.GeoDataFrame, scenario: Scenario) -> dict[int, NDArray[np.int64]]:
    """Return, for each new candidate, the other new ones that stand closer than the spacing."""
    new = np.flatnonzero(frame[col.KIND] == NEW)
    points = np.column_stack([frame.geometry.x, frame.geometry.y])[new]
    spacing_m = np.where(
        frame[URBAN].to_numpy()[new],
        scenario.candidates.spacing_urban_m,
        scenario.candidates.spacing_outside_m,
    )
    if not new.size:
        return {}
    near = cKDTree(points).query_ball_point(points, spacing_m * (1 - 1e-9))
    return {int(new[i]): new[[j for j in sorted(n) if j != i]] for i, n in enumerate(near)}


def _colocated(province: Province) -> gpd.GeoDataFrame:
    """One candidate per position without 5G, at the greatest antenna height on it."""
    sites = province.sites
    taken = set(live_5g(province)[col.POSITION_ID])
    free = sites[~sites[col.POSITION_ID].isin(taken)].sort_values(
        [col.POSITION_ID, col.HEIGHT_M, col.SITE_ID], ascending=[True, False, True]
    )
    grouped = free.groupby(col.POSITION_ID, sort=True)
    top = grouped.first()
    return gpd.GeoDataFrame(
        {
            col.SITE_ID: "5G-" + top.index.astype(str),
            col.POSITION_ID: top.index.astype(str),
            col.KIND: COLOCATED,
            col.HEIGHT_M: top[col.HEIGHT_M].to_numpy(float),
            col.MAST_CLASS: top[col.MAST_CLASS].to_numpy(),
            col.AZIMUTHS_DEG: top[col.AZIMUTHS_DEG].to_numpy(),
            OPERATORS: grouped[col.OPERATOR].agg(lambda o: ", ".join(sorted(set(o)))).to_numpy(),
            NEAREST_M: 0.0,
        },
        geometry=top["geometry"].to_numpy(),
        crs=sites.crs,
    )


def _new(province: Province, scenario: Scenario) -> gpd.GeoDataFrame:
    """Lattice points in or near zones and on inhabited land that keep the spacing rules."""
    rules, grid = scenario.candidates, province.grid
    x_m, y_m = _lattice(province, rules.lattice_m)
    row, column = grid.index(x_m, y_m)
    land = province.landcover.values[row, column]
    slope = slope_deg(province.terrain)[row, column]
    urban = np.isin(land, BUILT_UP)
    masts = np.column_stack([province.sites.geometry.x, province.sites.geometry.y])
    nearest_m = spacing.nearest_m(np.column_stack([x_m, y_m]), masts)
    spacing_m = np.where(urban, rules.spacing_urban_m, rules.spacing_outside_m)
    allowed = (nearest_m >= spacing_m) & (slope <= rules.max_slope_deg)
    allowed &= ~np.isin(land, (LandCover.OUTSIDE, LandCover.WATER))
    allowed &= _wanted(province, scenario, x_m, y_m, row, column)
    x_m, y_m, urban, nearest_m = x_m[allowed], y_m[allowed], urban[allowed], nearest_m[allowed]
    names = [f"5G-N{i:04d}" for i in range(1, x_m.size + 1)]
    return gpd.GeoDataFrame(
        {
            col.SITE_ID: names,
            col.POSITION_ID: [name.removeprefix("5G-") for name in names],
            col.KIND: NEW,
            col.HEIGHT_M: np.where(urban, rules.new_height_urban_m, rules.new_height_outside_m),
            col.MAST_CLASS: np.where(urban, "A2a", "A2b"),
            col.AZIMUTHS_DEG: DEFAULT_AZIMUTHS,
            OPERATORS: "",
            NEAREST_M: nearest_m,
        },
        geometry=gpd.points_from_xy(x_m, y_m),
        crs=province.sites.crs,
    )


def _lattice(province: Province, step_m: float) -> tuple[NDArray[np.float64], ...]:
    """Points on multiples of the step inside the grid, from the north-west, row by row."""
    x_min, y_min, x_max, y_max = province.grid.bounds
    x_m = np.arange(np.ceil(x_min / step_m), np.floor(x_max / step_m)) * step_m
    y_m = np.arange(np.floor(y_max / step_m), np.ceil(y_min / step_m), -1) * step_m
    grid_x, grid_y = np.meshgrid(x_m, y_m)
    return grid_x.ravel(), grid_y.ravel()


def _wanted(
    province: Province,
    scenario: Scenario,
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    row: NDArray[np.int64],
    column: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Tell which points lie in or near a priority zone, or on settled land."""
    land = province.landcover.values[row, column]
    settled = np.isin(land, (*BUILT_UP, LandCover.SETTLEMENT))
    zones = priority_zones(province, scenario)
    if zones.empty:
        return settled
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x_m, y_m), crs=zones.crs)
    near = zones[["geometry"]].copy()
    near["geometry"] = zones.buffer(scenario.zones.near_m)
    hits = points.sjoin(near, predicate="intersects").index.unique()
    return settled | np.isin(np.arange(x_m.size), hits)


def _class_at(province: Province, frame: gpd.GeoDataFrame) -> NDArray[np.uint8]:
    row, column = province.grid.index(frame.geometry.x, frame.geometry.y)
    return np.asarray(province.landcover.values[row, column])


def _cost(frame: gpd.GeoDataFrame, scenario: Scenario) -> NDArray[np.float64]:
    cost = scenario.cost
    new = np.where(frame[URBAN], cost.new_urban, cost.new_outside)
    return np.where(frame[col.KIND] == COLOCATED, cost.colocated, new)


def _placed(frame: gpd.GeoDataFrame, province: Province, scenario: Scenario) -> gpd.GeoDataFrame:
    """Add commune, district and the nearest priority zone in reach; drop what lies outside."""
    commune = admin.assign(frame, province.communes)
    frame = frame[commune >= 0].reset_index(drop=True)
    at = province.communes.iloc[commune[commune >= 0]]
    frame[col.COMMUNE_CODE] = at[col.COMMUNE_CODE].to_numpy()
    frame[col.DISTRICT_CODE] = at[col.DISTRICT_CODE].to_numpy()
    frame[col.ZONE_ID] = _zone_of(frame, priority_zones(province, scenario), scenario.zones.near_m)
    return frame


def _zone_of(frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, near_m: float) -> pd.Series:
    """Return the id of the nearest zone within reach ('' if none); ties go to the smaller zone."""
    nothing = pd.Series("", index=frame.index, dtype=object)
    if zones.empty or frame.empty:
        return nothing
    small_first = zones.assign(size=zones.area).sort_values(["size", col.ZONE_ID])
    pairs = gpd.sjoin_nearest(
        frame[["geometry"]], small_first[[col.ZONE_ID, "size", "geometry"]], max_distance=near_m
    )
    pairs = pairs.sort_values(["size", col.ZONE_ID])
    best = pairs[~pairs.index.duplicated()][col.ZONE_ID]
    nothing.loc[best.index] = best
    return nothing
