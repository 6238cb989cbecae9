"""Which pairs of antennas see each other: clearance of the first Fresnel zone over terrain."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area.radial import terrain_at
from phusong.coverage.area.reception import EARTH_RADIUS_M, MEDIAN_K
from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.coverage.profile import FEWEST_POINTS, fresnel_clearance
from phusong.coverage.units import FloatArray

EFFECTIVE_RADIUS_KM = MEDIAN_K * EARTH_RADIUS_M / 1000.0


class Antennas(NamedTuple):
    """Antennas on a grid: place in pixels, 0.0 at the centre of the first; height above ground."""

    column: NDArray[np.float64]
    row: NDArray[np.float64]
    height_m: NDArray[np.float64]


@kernel(**INNER)
def value_at(values: NDArray, column: float, row: float) -> float:
    """Return the value of the pixel that a point lies in, that of the edge beyond it."""
    height, width = values.shape
    right = min(max(math.floor(column + 0.5), 0), width - 1)
    down = min(max(math.floor(row + 0.5), 0), height - 1)
    return values[down, right]


@kernel(**KERNEL)
def clearances(
    terrain_m: NDArray,
    clutter_m: NDArray,
    antennas: Antennas,
    pairs: NDArray,
    pixel_m: float,
    wavelength_m: float,
) -> FloatArray:
    """Return the least clearance of each pair's ray, in radii of the first Fresnel zone.

    Steps are even and at most a pixel. Terrain is bilinear, clutter that of the pixel; both
    count between the antennas, which themselves stand on the ground. The Earth has 4/3 of its
    radius. From 0.6 on a path has no diffraction loss (ITU-R P.530, planning criteria for path
    clearance); antennas at one place see each other.

    Parameters
    ----------
    terrain_m, clutter_m : rasters of one grid [m].
    antennas : their places on that grid.
    pairs : rows of the two antennas of each pair, shape (n, 2).
    pixel_m : side of a pixel [m].
    wavelength_m : wavelength [m].
    """
    columns, rows = antennas.column, antennas.row
    least = np.full(len(pairs), np.inf)
    for k in range(len(pairs)):
        a, b = pairs[k, 0], pairs[k, 1]
        span = math.hypot(columns[b] - columns[a], rows[b] - rows[a])
        if span == 0.0:
            continue
        count = max(math.ceil(span - 1e-9) + 1, FEWEST_POINTS)
        distance_km, obstacle_m = np.empty(count), np.empty(count)
        for i in range(count):
            share = i / (count - 1)
            column = columns[a] + share * (columns[b] - columns[a])
            row = rows[a] + share * (rows[b] - rows[a])
            distance_km[i] = share * span * pixel_m / 1000.0
            obstacle_m[i] = terrain_at(terrain_m, column, row)
            if 0 < i < count - 1:
                obstacle_m[i] += value_at(clutter_m, column, row)
        least[k] = fresnel_clearance(
            distance_km,
            obstacle_m,
            obstacle_m[0] + antennas.height_m[a],
            obstacle_m[-1] + antennas.height_m[b],
            EFFECTIVE_RADIUS_KM,
            wavelength_m,
        )[0]
    return least
