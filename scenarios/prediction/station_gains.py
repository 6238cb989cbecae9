"""The probability of service, and what each station adds to it at every pixel of the grid."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numba
import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.coverage.area import network
from phusong.coverage.kernel import KERNEL, in_threads, kernel
from phusong.geodata.province import Province
from phusong.progress import counting_on
from phusong.scenarios.config.carriers import PlannedNetwork, stations
from phusong.scenarios.config.sections import INDOOR, Scenario, ServedLevel
from phusong.scenarios.prediction import chain

SPAN = 2**20  # squares that are held at once
Bar = Callable[[int], None]
SPREAD = 8  # places whose memory comes with each pixel of a station: its rows are short
NARROW_PIXELS = 2**22  # of a grid whose rows share what the system reads at once
SharesAt = dict[ServedLevel, NDArray[np.float32]]  # of every pixel (flat) that is served


class StationGain(NamedTuple):
    """One station: its row in the plan, and where it is best server its level and what it adds.

    It serves best of those on its network that are on air or built before it; ``more`` is the
    share served that it adds, weighed by network, as each level counts it.
    """

    row: int
    pixel: NDArray[np.integer]
    level_dbm: NDArray[np.float32]
    more: dict[ServedLevel, NDArray[np.floating]]


def served_share(
    scenario: Scenario,
    carriers: list[PlannedNetwork],
    levels_dbm: list[NDArray[np.float32]],
    level: ServedLevel = INDOOR,
) -> NDArray[np.float32]:
    """Return the probability that a place is served, over the networks by their weight."""

    def of_rows(rows: slice) -> NDArray[np.float32]:
        parts = [
            np.float32(carrier.weight) * chain.share_at(scenario, level, level_dbm[rows])
            for carrier, level_dbm in zip(carriers, levels_dbm, strict=True)
        ]
        share: NDArray[np.float32] = np.sum(parts, axis=0, dtype=np.float32)
        return share

    return stored.by_bands(of_rows, levels_dbm[0].shape, np.float32)


def levels_by_year(
    province: Province,
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[PlannedNetwork],
    levels_before: list[NDArray[np.float32]],
    below_db: float,
    years: Sequence[int] = (),
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the level of every network at the end of each year, as far as it counts.

    ``below_db`` is how much higher levels may be than predicted, for a pixel to count. ``table``
    holds the stations in order of build; ``years`` are those of the plan unless others are given.
    """
    levels = [level.ravel().copy() for level in levels_before]
    owned = [stations(table, carrier, scenario) for carrier in carriers]
    prints = [
        chain.footprints(province, own, carrier.layers, scenario, lambda _: None, below_db)
        for own, carrier in zip(owned, carriers, strict=True)
    ]
    for year in years or scenario.rollout.years:
        for own, footprints, level in zip(owned, prints, levels, strict=True):
            built = np.flatnonzero((own[col.YEAR] == year).to_numpy())
            if built.size:
                raise_to_best(footprints, built[0], built[-1] + 1, level)
        yield levels


def station_gains(
    province: Province,
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[PlannedNetwork],
    levels_before: list[NDArray[np.float32]],
    progress: Bar,
    levels: Sequence[ServedLevel] = (INDOOR,),
) -> Iterator[StationGain]:
    """Yield what every station of a plan adds to those built before it on its network.

    ``table`` holds the stations in order of build; the best server of a network counts. ``levels``
    are those at which it is counted what they add.
    """
    done, lower_db = 0, below_db(scenario, levels)
    for carrier, before_dbm in zip(carriers, levels_before, strict=True):
        own = stations(table, carrier, scenario)
        prints = chain.footprints(
            province, own, carrier.layers, scenario, counting_on(progress, done), lower_db
        )
        done += len(own)
        share = {level: chain.share_at(scenario, level, before_dbm).ravel() for level in levels}
        walk = _best_servers(prints, before_dbm.ravel().copy())
        rows = table.index.get_indexer(own.index)
        for row, (pixel, level_dbm) in zip(rows, walk, strict=True):
            more = {}
            for level in levels:
                before = share[level][pixel]
                after = np.maximum(chain.share_at(scenario, level, level_dbm), before)
                share[level][pixel] = after
                more[level] = carrier.weight * (after.astype(float) - before)  # exact: adds up
            yield StationGain(int(row), pixel, level_dbm, more)


def _best_servers(
    prints: network.Footprints, best_dbm: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield where each station is stronger than those before it, and its level there.

    ``best_dbm`` is the level of every pixel (flat), which each raises.
    """
    spread = SPREAD * max(best_dbm.size // NARROW_PIXELS, 1)  # rows of wide grids lie far apart
    for mast in range(len(prints)):
        risen = raise_levels(squares_of(prints, mast), prints.receivers, best_dbm)
        yield risen
        stored.tire(spread * risen[0].size)


def raise_to_best(
    prints: network.Footprints, first: int, end: int, best_dbm: NDArray[np.float32]
) -> None:
    """Raise the level of every pixel (flat) to that of the strongest of some masts in a row."""
    height = prints.receivers.shape[0]
    edges = np.linspace(0, height, numba.get_num_threads() + 1).astype(np.int64)
    for start in range(prints.first[first], prints.first[end], SPAN):
        squares = _squares(prints, slice(start, min(start + SPAN, prints.first[end])))
        stored.rest()

        def raised(top: int, bottom: int, span: StationSquares = squares) -> None:
            _raise_rows(tuple(span), prints.receivers, best_dbm, top, bottom)

        in_threads(raised, edges[:-1].tolist(), edges[1:].tolist())


class StationSquares(NamedTuple):
    """The squares that one station serves: middle pixel, side in pixels, level [dBm]."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    side: NDArray[np.uint8]
    rsrp_dbm: NDArray[np.float32]


def squares_of(prints: network.Footprints, mast: int) -> StationSquares:
    """Return the squares of one mast, as arrays of their own."""
    return _squares(prints, slice(prints.first[mast], prints.first[mast + 1]))


def _squares(prints: network.Footprints, own: slice) -> StationSquares:
    return StationSquares(
        prints.row[own].copy(),
        prints.column[own].copy(),
        prints.side[own].copy(),
        prints.rsrp_dbm[own].copy(),
    )


def raise_levels(
    squares: StationSquares, receivers: NDArray[np.bool_], best_dbm: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Raise the level of every pixel (flat) to that of a station where it is stronger.

    Returns those pixels and their levels.
    """
    most = int((squares.side.astype(np.int64) ** 2).sum())
    pixel, level_dbm = np.empty(most, np.int64), np.empty(most, np.float32)
    own = 0, squares.row.size
    count = _raise_levels(own, tuple(squares), receivers, best_dbm, pixel, level_dbm)
    return pixel[:count].copy(), level_dbm[:count].copy()


@kernel(**KERNEL)
def _raise_levels(
    own: tuple[int, int],
    squares: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]],
    receivers: NDArray[Any],
    best_dbm: NDArray[Any],
    pixel: NDArray[Any],
    level_dbm: NDArray[Any],
) -> int:
    """List the receivers in squares of a footprint that are stronger than the best; raise that."""
    row, column, side, square_dbm = squares
    height, width = receivers.shape
    count = 0
    for i in range(own[0], own[1]):
        half = side[i] // 2
        for r in range(row[i] - half, min(row[i] + half + 1, height)):
            for c in range(column[i] - half, min(column[i] + half + 1, width)):
                here = r * width + c
                if square_dbm[i] > best_dbm[here] and receivers[r, c]:
                    best_dbm[here] = square_dbm[i]
                    pixel[count], level_dbm[count] = here, square_dbm[i]
                    count += 1
    return count


@kernel(**KERNEL)
def weighed(pixel: NDArray[Any], share: NDArray[Any], weight: NDArray[Any]) -> float:
    """Return the sum of shares of some pixels, each weighed by what is on it of the grid (flat)."""
    total = 0.0
    for i in range(pixel.size):
        total += np.float64(share[i]) * weight[pixel[i]]
    return total


@kernel(**KERNEL)
def _raise_rows(
    squares: tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]],
    receivers: NDArray[Any],
    best_dbm: NDArray[Any],
    top: int,
    bottom: int,
) -> None:
    """Raise the best level of the receivers in some rows to that of all squares over them."""
    row, column, side, square_dbm = squares
    width = receivers.shape[1]
    for i in range(row.size):
        half = side[i] // 2
        for r in range(max(row[i] - half, top), min(row[i] + half + 1, bottom)):
            for c in range(column[i] - half, min(column[i] + half + 1, width)):
                here = r * width + c
                if square_dbm[i] > best_dbm[here] and receivers[r, c]:
                    best_dbm[here] = square_dbm[i]


def below_db(scenario: Scenario, levels: Sequence[ServedLevel]) -> float:
    """Return how far below the least level that serves indoors a level may serve."""
    if "outdoor" not in levels:
        return 0.0
    least_dbm = chain.level_of(scenario.service).min_dbm
    return max(least_dbm - scenario.service.outdoor_threshold_dbm, 0.0)
