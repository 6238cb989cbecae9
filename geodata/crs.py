"""The coordinate systems of the province, and moving points between them."""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

GEOGRAPHIC = "EPSG:4326"
PLANNING = "EPSG:5897"  # VN-2000 / TM-3 zone 482, central meridian 105 degrees


@lru_cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transform(
    x: ArrayLike, y: ArrayLike, source: str, target: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points in another CRS; x is always easting or longitude."""
    moved_x, moved_y = _transformer(source, target).transform(np.asarray(x), np.asarray(y))
    return np.asarray(moved_x, float), np.asarray(moved_y, float)
