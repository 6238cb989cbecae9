"""The ground under measured paths: a province's, that of terrain files, or none (flat)."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.grid import PIXEL_M, Grid, Raster, covering
from phusong.geodata.ground import mosaic
from phusong.geodata.measured.measurements import local_crs
from phusong.geodata.measured.profiles import FEWEST_POINTS, INLAND, Ground, GroundProfile
from phusong.geodata.measured.profiles import open_ground as open_province
from phusong.geodata.province import LandCover, Provenance, clutter_heights_m
from phusong.messages import message

MARGIN_M = 300.0
FLAT_M = 10.0  # above the sea, the same everywhere: no model asks for more of flat ground
MAX_PIXELS = 50_000_000  # 212 km square
MIN_INSIDE = 0.5  # of cells and samples
_SPLIT = message("remedy.split_the_measurements_by_area")
BARE = "bare"  # flat ground with nothing on it
FLAT = "flat"  # status of ground that nothing is known of

Floats = NDArray[np.float64]


class Under(NamedTuple):
    """The ground of one path, and the class of land at each of its points."""

    profile: GroundProfile
    classes: NDArray[np.int64]


def grid_round(x_m: Floats, y_m: Floats, crs_name: str) -> Grid:
    """Return the grid round cells and samples, in their CRS."""
    bounds = (float(x_m.min()), float(y_m.min()), float(x_m.max()), float(y_m.max()))
    return covering(bounds, MARGIN_M, crs=crs_name)


def flat(grid: Grid, kind: LandCover | None = None) -> Ground:
    """Return level ground of one class; without one nothing stands on it."""
    kind = LandCover.OUTSIDE if kind is None else kind
    height = Raster(np.full(grid.shape, FLAT_M, np.float32), grid)
    classes = Raster(np.full(grid.shape, int(kind), np.uint8), grid, int(LandCover.OUTSIDE))
    note = "no terrain is given: flat ground is assumed"
    covered = "nothing known stands on it" if kind == LandCover.OUTSIDE else kind.name.lower()
    origin = {
        "terrain": Provenance("synthetic", FLAT, note=note),
        "landcover": Provenance("synthetic", FLAT, note=f"everywhere the same: {covered}"),
    }
    return Ground(height, classes, origin)


def of_terrain(paths: Sequence[Path], grid: Grid) -> Ground:
    """Return the ground of elevation files, bare: their land cover is not known.

    Raises
    ------
    InputError
        When a file cannot be read, or they do not cover the grid.
    """
    height = mosaic.terrain_on_grid(paths, grid).terrain
    bare = flat(grid)
    source = ", ".join(Path(path).name for path in paths)
    origin = {**bare.provenance, "terrain": Provenance("given", source)}
    return Ground(height, bare.landcover, origin)


def inside(grid: Grid, x_m: Floats, y_m: Floats) -> NDArray[np.bool_]:
    """Return which points lie on a grid."""
    row, column = grid.index(np.asarray(x_m), np.asarray(y_m))
    return (row >= 0) & (row < grid.height) & (column >= 0) & (column < grid.width)


def under(ground: Ground, start_m: tuple[float, float], end_m: tuple[float, float]) -> Under:
    """Return the ground between two points of its grid, at even steps of at most a pixel."""
    grid = ground.terrain.grid
    span_m = float(np.hypot(end_m[0] - start_m[0], end_m[1] - start_m[1]))
    count = max(int(np.ceil(span_m / PIXEL_M - 1e-9)) + 1, FEWEST_POINTS)
    x_m, y_m = (np.linspace(start_m[axis], end_m[axis], count) for axis in (0, 1))
    column, row = grid.fractional(x_m, y_m)
    height_m = map_coordinates(
        ground.terrain.values, [row, column], output=float, order=1, mode="nearest"
    )
    rows, columns = grid.index(x_m, y_m)
    rows, columns = np.clip(rows, 0, grid.height - 1), np.clip(columns, 0, grid.width - 1)
    classes = ground.landcover.values[rows, columns].astype(np.int64)
    clutter_m = np.asarray(clutter_heights_m(classes), float)
    along_km = np.linspace(0.0, span_m / 1000.0, count)
    return Under(
        GroundProfile(along_km, height_m, clutter_m, np.full(count, INLAND)),
        classes,
    )


class Wanted(NamedTuple):
    """Which ground to take; with none of the three, the embedded province."""

    province: Path | None = None
    terrain: tuple[Path, ...] = ()
    flat: LandCover | None = None


def wanted(
    province: str | os.PathLike[str] | None = None,
    terrain: Sequence[str | os.PathLike[str]] = (),
    flat: str | None = None,
) -> Wanted:
    """Return which ground is asked for; ``flat`` names a class of land cover, or ``bare``.

    Raises
    ------
    InputError
        Two of the three are asked for, or there is no such class.
    """
    if sum((province is not None, bool(terrain), flat is not None)) > 1:
        raise InputError(message("refusal.give_one_ground_a_province_terrain"))
    known: dict[str, LandCover] = {
        kind.name.lower(): kind for kind in LandCover if kind != LandCover.OUTSIDE
    }
    known[BARE] = LandCover.OUTSIDE
    if flat is not None and flat not in known:
        defect = Defect(
            "--flat",
            message("problem.is_not_a_class_of_land"),
            message("remedy.use_3", known=[*known]),
            value=flat,
        )
        raise InputError(message("refusal.unknown_land_cover"), [defect])
    folder = None if province is None else Path(province)
    return Wanted(folder, tuple(map(Path, terrain)), None if flat is None else known[flat])


def open_ground(wanted: Wanted, cells: pd.DataFrame, samples: pd.DataFrame) -> Ground:
    """Return the ground under cells and samples.

    Flat ground and terrain files get a grid round all of them, in a metric CRS of their own.

    Raises
    ------
    InputError
        When a source cannot be used, or most samples lie outside the province.
    """
    lon = np.append(cells[col.LON], samples[col.LON]).astype(float)
    lat = np.append(cells[col.LAT], samples[col.LAT]).astype(float)
    if wanted.flat is not None or wanted.terrain:
        name = local_crs(lon, lat)
        grid = grid_round(*crs.transform(lon, lat, crs.GEOGRAPHIC, name), name)
        if grid.width * grid.height > MAX_PIXELS:
            problem = message(
                "problem.lie_over_x_pixels_of_30", width=grid.width, height=grid.height
            )
            raise InputError(
                message("refusal.too_much_ground"), [Defect("measurements", problem, _SPLIT)]
            )
        return of_terrain(wanted.terrain, grid) if wanted.terrain else flat(grid, wanted.flat)
    ground = open_province(wanted.province)
    grid = ground.terrain.grid
    share = float(inside(grid, *crs.transform(lon, lat, crs.GEOGRAPHIC, grid.crs)).mean())
    if share < MIN_INSIDE:
        problem = message("problem.of_cells_and_samples_lie_outside", value=1.0 - share)
        remedy = message("remedy.give_province_or_terrain_with_elevation")
        raise InputError(
            message("refusal.the_wrong_ground"), [Defect("measurements", problem, remedy)]
        )
    return ground
