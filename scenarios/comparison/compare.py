"""Compare two finished runs: stations, communes, zones and coverage side by side.

Run A is the one compared with, run B the other: a difference is B less A. Nothing is computed
anew; everything comes from the two run folders.
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.runs.change_classes import NODATA, Difference
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.runs.restate import restated_run, with_stations
from phusong.geodata.units import admin, crosswalk
from phusong.messages import message

SAME_PLACE_M = 1.0  # stations nearer than this in both runs are one station
COVERAGE = "rsrp_after"
NEEDED = (
    *("province.name", "province.units", "province.population"),
    *("service.required_dbm", "service.location", "service.probability"),
    *("scenario.name", "scenario.title", "headline", "parameters"),
)


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side, their communes on one set of units.

    Parameters
    ----------
    a
        The run compared with.
    b
        The other.
    units
        Date of the set of units.
    stations
        Of both.
    communes
        Figures of A, of B, and B less A.
    zones
        Likewise.
    difference
        0 covered in neither, 1 lost, 2 gained, 3 both.
    """

    a: RunFolder
    b: RunFolder
    units: str
    stations: GeoDataFrame
    communes: GeoDataFrame
    zones: GeoDataFrame
    difference: Raster

    @property
    def restated(self) -> bool:
        """Return whether any run is shown on other units than its own."""
        return any(units_of(run) != self.units for run in (self.a, self.b))


def units_of(run: RunFolder) -> str:
    """Return the dated set of units of a run."""
    return str(run.record["province"]["units"])


def compare(
    a: RunFolder, b: RunFolder, *, on_units: str | None = None, restate: bool = False
) -> Comparison:
    """Return two runs side by side.

    Parameters
    ----------
    a, b : finished runs on one grid.
    on_units : dated set of units to restate the communes of both on; their own when left out.
    restate : allow runs on different sets, and restate both on the later one.

    Raises
    ------
    InputError
        Records that lack something, different grids, or different units that may not or cannot
        be restated.
    """
    _check_records(a, b)
    target = _target(a, b, on_units, restate=restate)
    grid = common_grid(a, b)
    return Comparison(
        a=a,
        b=b,
        units=target,
        stations=stations(a, b, target),
        communes=communes(a, b, target),
        zones=zones(a, b, target),
        difference=difference(a, b, grid),
    )


def _check_records(*runs: RunFolder) -> None:
    """Refuse records that do not say what a comparison needs."""
    defects = [
        Defect(
            str(run.path / "run.json"),
            message("problem.does_not_say_2", key=key),
            message("remedy.run_it_again"),
        )
        for run in runs
        for key in NEEDED
        if not _says(run, key)
    ]
    defects += [
        Defect(
            str(run.path / f"{COVERAGE}.tif"),
            message("problem.file_is_missing"),
            message("remedy.run_it_again"),
        )
        for run in runs
        if run.raster(COVERAGE) is None
    ]
    if defects:
        raise InputError(message("refusal.the_runs_cannot_be_compared"), defects)


def _says(run: RunFolder, key: str) -> bool:
    tree: object = run.record
    for part in key.split("."):
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True


def _target(a: RunFolder, b: RunFolder, on_units: str | None, *, restate: bool) -> str:
    """Return the set of units to compare on."""
    own = (units_of(a), units_of(b))
    if on_units is not None:
        return on_units
    if own[0] == own[1]:
        return own[0]
    if not restate:
        raise InputError(
            message(
                "refusal.the_runs_are_on_different_administrative",
                path=a.path,
                own=own[0],
                path2=b.path,
                own2=own[1],
            )
        )
    crosswalk.check_sets(own, (str(a.path), str(b.path)))
    return crosswalk.later(*own)


def common_grid(a: RunFolder, b: RunFolder) -> Grid:
    """Return the grid of both runs; raise where they are on different ones."""
    grids = [raster.read_raster(run.path / f"{COVERAGE}.tif").grid for run in (a, b)]
    if grids[0] != grids[1]:
        descriptions = [
            f"{run.path} has {grid.width} x {grid.height} pixels of {grid.pixel_m:g} m from "
            f"({grid.x_min_m:.0f}, {grid.y_max_m:.0f}) in {grid.crs}"
            for run, grid in zip((a, b), grids, strict=True)
        ]
        raise InputError(
            message(
                "refusal.the_runs_are_on_different_grids",
                descriptions=descriptions[0],
                descriptions2=descriptions[1],
            )
        )
    return grids[0]


def difference(a: RunFolder, b: RunFolder, grid: Grid) -> Raster:
    """Return the class of every pixel of the province (``Difference``), each run by its own level.

    Levels in a run folder are rounded to 0.1 dB, so pixels within 0.05 dB of the required level
    may differ from what the run counted.
    """
    covered = []
    for run in (a, b):
        level = raster.read_raster(run.path / f"{COVERAGE}.tif")
        known = np.isfinite(level.values) & (level.values != level.nodata)
        covered.append(known & (level.values >= float(run.record["service"]["required_dbm"])))
    classes = np.full(grid.shape, Difference.NEITHER, np.uint8)
    classes[covered[0]] = Difference.LOST
    classes[covered[1]] = Difference.GAINED
    classes[covered[0] & covered[1]] = Difference.BOTH
    inside = admin.index_raster(a.communes.to_crs(grid.crs), grid).values != admin.OUTSIDE
    return Raster(np.where(inside, classes, NODATA).astype(np.uint8), grid, NODATA)


def stations(a: RunFolder, b: RunFolder, target: str) -> GeoDataFrame:
    """Return the stations of both runs by rank in A, then in B (columns.COMPARISON_STATIONS).

    A station of both stands within SAME_PLACE_M in each; identifiers of new masts depend on the
    candidates of a run, so they may differ.
    """
    left, right = (
        crosswalk.recoded(run.ranking, target, units_of(run)).sort_values(
            col.RANK, ignore_index=True
        )
        for run in (a, b)
    )
    in_a, in_b = _paired(left.to_crs(a.crs), right.to_crs(a.crs))
    sides = [(left, in_a), (right, in_b)]
    first = in_a >= 0
    table: dict[str, Any] = {
        f"{col.SITE_ID}_{side}": _at(*s, col.SITE_ID) for side, s in zip("ab", sides, strict=True)
    }
    for name in (col.KIND, col.POSITION_ID, col.COMMUNE_CODE):
        table[name] = _at(left, in_a, name).where(first, _at(right, in_b, name))
    for name in col.COMPARED_STATIONS:
        figures = [pd.to_numeric(_at(*side, name)) for side in sides]
        if name in {col.RANK, col.YEAR}:
            figures = [values.astype("Int64") for values in figures]
        table |= _compared(name, *figures)
    table[col.RUNS] = np.select([~first, in_b < 0], ["b", "a"], "both")
    shapes = _at(left, in_a, "geometry").where(first, _at(right, in_b, "geometry"))
    frame = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=left.crs)
    return frame[[*col.COMPARISON_STATIONS, "geometry"]].to_crs(a.crs)


def _paired(left: GeoDataFrame, right: GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of both tables side by side, -1 where one has no partner."""
    xy_m = [
        np.column_stack([shapes.x, shapes.y])
        for shapes in (frame.geometry for frame in (left, right))
    ]
    near = cKDTree(xy_m[0]).query_ball_tree(cKDTree(xy_m[1]), SAME_PLACE_M)
    ids = [frame[col.SITE_ID].astype(str).to_list() for frame in (left, right)]
    ways = sorted(
        (ids[0][i] != ids[1][j], float(np.hypot(*(xy_m[0][i] - xy_m[1][j]))), i, j)
        for i, partners in enumerate(near)
        for j in partners
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, i, j in ways:
        if i not in partner and j not in taken:
            partner[i] = j
            taken.add(j)
    only_b = [j for j in range(len(right)) if j not in taken]
    in_a = np.array([*range(len(left)), *(-1 for _ in only_b)], np.int64)
    in_b = np.array([*(partner.get(i, -1) for i in range(len(left))), *only_b], np.int64)
    return in_a, in_b


def _at(frame: GeoDataFrame, rows: NDArray[np.int64], name: str) -> pd.Series:
    """Return a column at rows; missing where the row is -1."""
    return pd.Series(frame[name]).reindex(rows).reset_index(drop=True)


def _compared(name: str, a: pd.Series, b: pd.Series) -> dict[str, pd.Series]:
    """Return a figure of A, of B, and of B less A."""
    return dict(zip(col.compared(name), (a, b, b - a), strict=True))


def communes(a: RunFolder, b: RunFolder, target: str) -> GeoDataFrame:
    """Return the communes of both runs on a set of units (columns.COMPARISON_COMMUNES).

    Restated ones also tell what they were formed from and whether that is verified.
    """
    same = units_of(a) == units_of(b) == target
    tables = [with_stations(run) if same else restated_run(run, target) for run in (a, b)]
    left, right = (table.set_index(col.COMMUNE_CODE).sort_index() for table in tables)
    if not left.index.equals(right.index):
        odd = sorted(set(left.index) ^ set(right.index))
        raise InputError(
            message("refusal.the_runs_cover_different_communes_are", n=len(odd), odd=odd[0])
        )
    extra = [name for name in (col.FORMED_FROM, col.LINK_VERIFIED) if name in left and not same]
    shared = [name for name in col.COMPARISON_COMMUNES if name in left]
    table = left[[*shared, *extra, "geometry"]].copy()
    if extra:
        table[col.LINK_VERIFIED] &= right[col.LINK_VERIFIED]
    for name in col.COMPARED_COMMUNES:
        table = table.assign(**_compared(name, left[name], right[name]))
    return table.reset_index()[[*col.COMPARISON_COMMUNES, *extra, "geometry"]]


def zones(a: RunFolder, b: RunFolder, target: str) -> GeoDataFrame:
    """Return the zones of both runs, missing figures where one lacks a zone (COMPARISON_ZONES)."""
    left, right = (
        crosswalk.recoded(run.zones, target, units_of(run))
        .drop_duplicates(col.ZONE_ID)
        .set_index(col.ZONE_ID)
        for run in (a, b)
    )
    ids = sorted(set(left.index) | set(right.index))
    left, right = left.reindex(ids), right.reindex(ids)
    in_a, in_b = left[col.KIND].notna(), right[col.KIND].notna()
    table: dict[str, Any] = {
        col.ZONE_ID: ids,
        col.RUNS: np.select([~in_a, ~in_b], ["b", "a"], "both"),
    }
    for name in (col.KIND, col.NAME, col.STATUS, col.COMMUNE_CODE):
        table[name] = left[name].where(in_a, right[name]).to_numpy()
    for name in col.COMPARED_ZONES:
        both = _compared(name, left[name].astype(float), right[name].astype(float))
        table |= {key: values.to_numpy() for key, values in both.items()}
    shapes = left.geometry.where(in_a, right.geometry)
    frame = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=a.zones.crs)
    return frame[[*col.COMPARISON_ZONES, "geometry"]].to_crs(a.crs)
