"""The best server as a picture: every station its own colour, neighbours told apart."""

import numpy as np
from numpy.typing import NDArray

from phusong.maps.pictures.palette import SERVER_COLOURS, rgb

NONE = -1
_DIGITS = 16  # of the shade that tells stations of one colour apart, in each channel
CLEAR = (0, 0, 0)  # no station has it

Borders = dict[int, dict[int, int]]


def borders(server: NDArray[np.integer]) -> Borders:
    """Return how many pixel edges each station's area shares with each other's."""
    many = int(server.max(initial=NONE)) + 1
    pairs = (_edges(*sides) for sides in (_beside(server), _beside(server.T)))
    numbers = np.concatenate([np.minimum(a, b) * many + np.maximum(a, b) for a, b in pairs])
    neighbours, count = np.unique(numbers, return_counts=True)
    shared: Borders = {}
    for number, edges in zip(neighbours.tolist(), count.tolist(), strict=True):
        a, b = divmod(number, many)
        shared.setdefault(a, {})[b] = edges
        shared.setdefault(b, {})[a] = edges
    return shared


def _beside(server: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Return the pixels that have a neighbour in the next column, and these neighbours."""
    return server[:, :-1], server[:, 1:]


def _edges(
    one: NDArray[np.integer], other: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the stations on both sides of each pixel edge that parts two stations."""
    parted = (one != other) & (one > NONE) & (other > NONE)
    return one[parted].astype(np.int64), other[parted].astype(np.int64)


def kinds(server: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """Return one of ``len(SERVER_COLOURS)`` colours for each station, by number.

    Stations with the longest borders choose first; each takes the colour with which it shares
    the least border, of equal ones that which fewest stations have.
    """
    shared = borders(server)
    chosen = np.full(count, NONE)
    used = np.zeros(len(SERVER_COLOURS), np.int64)
    for station in sorted(range(count), key=lambda s: (-sum(shared.get(s, {}).values()), s)):
        clash = np.zeros(len(SERVER_COLOURS), np.int64)
        for other, edges in shared.get(station, {}).items():
            if chosen[other] != NONE:
                clash[chosen[other]] += edges
        best = int(np.lexsort((used, clash))[0])
        chosen[station] = best
        used[best] += 1
    return chosen


def colours(kind: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return a colour for each station that no other has: that of its kind, in its own shade.

    Shades of a kind lie within 15 of 255 in each channel, so they look alike.

    Raises
    ------
    ValueError
        There are more stations of one kind than shades.
    """
    base = np.array([rgb(colour) for colour in SERVER_COLOURS])[kind]
    nth = np.zeros(len(kind), np.int64)
    for each in range(len(SERVER_COLOURS)):
        nth[kind == each] = np.arange((kind == each).sum())
    if (nth >= _DIGITS**3).any():
        raise ValueError(f"more than {_DIGITS**3} stations of one colour")
    shade = np.column_stack([nth // _DIGITS**place % _DIGITS for place in range(3)])
    return np.asarray(np.where(base > 127, base - shade, base + shade), np.uint8)


def painted(server: NDArray[np.integer], of_station: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture as RGB, ``CLEAR`` where there is no server."""
    return np.asarray(np.vstack([of_station, CLEAR])[server], np.uint8)
