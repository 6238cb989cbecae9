"""Fill what no file of terrain knows."""

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_fill_holes, distance_transform_edt

DEEP_PIXELS = 60  # farther from any known height the nearest one stands


def fill_voids(heights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the heights with every NaN filled.

    Holes get a thin-plate spline through the known pixels around them: it goes on rising
    towards a ridge where an average flattens it. Beyond the outermost known pixels, and
    more than ``DEEP_PIXELS`` from any, the nearest known height stands.
    """
    void = np.isnan(heights)
    if not void.any():
        return heights
    distance, nearest = distance_transform_edt(void, return_indices=True)
    filled = heights[nearest[0], nearest[1]]
    hole = void & (distance <= DEEP_PIXELS) & binary_fill_holes(~void)
    if hole.any():
        with suppress(np.linalg.LinAlgError):  # fewer than three known pixels: keep the nearest
            filled[hole] = _spline(heights, hole)
    return np.asarray(filled, np.float32)


def _spline(heights: NDArray[np.float32], hole: NDArray[np.bool_]) -> NDArray[np.float64]:
    around = binary_dilation(hole, iterations=2) & np.isfinite(heights)
    known = np.argwhere(around)
    from scipy.interpolate import RBFInterpolator  # noqa: PLC0415 - slow to import, few grids have voids

    spline = RBFInterpolator(known, heights[around], neighbors=min(40, len(known)))
    return np.asarray(spline(np.argwhere(hole)), float)
