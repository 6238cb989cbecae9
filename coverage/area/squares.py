"""Squares of pixels for which one receiver stands where masts are far.

Squares are of an odd number of pixels a side and begin at the first pixel of the grid; the
receiver of a square stands in its middle.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def missing(count: int, side: int) -> int:
    """Return how many pixels a row (or column) lacks to be made of whole squares."""
    return -count % side


def framed(values: NDArray[Any], side: int, *, fill: bool | None = None) -> NDArray[Any]:
    """Return a grid with rows and columns added at its ends, so that squares are whole.

    Without ``fill`` what is added is like the last row and column.
    """
    more = [(0, missing(count, side)) for count in values.shape]
    if fill is None:
        return np.pad(values, more, mode="edge")
    return np.pad(values, more, constant_values=fill)


def shape(pixels: tuple[int, int], side: int) -> tuple[int, int]:
    """Return rows and columns of squares of a grid of whole squares."""
    return pixels[0] // side, pixels[1] // side


def middles(wanted: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Return the middle pixels of the squares that hold any wanted pixel.

    Examples
    --------
    >>> import numpy as np
    >>> middles(np.eye(3, dtype=bool), 3).nonzero()
    (array([1]), array([1]))
    """
    height, width = wanted.shape
    any_wanted = wanted.reshape(height // side, side, width // side, side).any(axis=(1, 3))
    result = np.zeros(wanted.shape, np.bool_)
    result[side // 2 :: side, side // 2 :: side] = any_wanted
    return result


def on_pixels(values: NDArray[Any], side: int, shape: tuple[int, int]) -> NDArray[Any]:
    """Return a grid of pixels that have the value of their square.

    Examples
    --------
    >>> import numpy as np
    >>> on_pixels(np.array([[1, 2]]), 3, (1, 5)).tolist()
    [[1, 1, 1, 2, 2]]
    """
    return np.repeat(np.repeat(values, side, axis=0), side, axis=1)[: shape[0], : shape[1]]
