"""SINR and rates over the shadowing: what a place of a pixel has, not only one at mean levels.

Levels of masts deviate from their means by normal errors in decibels, alike for all cells of a
mast and correlated in part between masts: one part is common to all, one is each mast's own. A
handset is served by the mast that is then strongest. Of every pixel the strongest masts are known
one by one, the others by the sum of their power, which is taken as that of ``OTHERS`` equal masts
(a log-normal sum by its first two moments). Means are taken over fixed nodes.

References
----------
Correlation 0.5 between sites and 1 between sectors of one, and the split into a common and an own
part: CEPT, SEAMCAT handbook (ECC Report 252), section on path loss correlation, as in studies of
LTE. Moments of a sum: Fenton, IRE Trans. Commun. Syst. 8 (1960). Nodes: Sobol (1967).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from phusong.coverage.kernel import INNER, KERNEL, in_threads, kernel
from phusong.coverage.units import milliwatt_from_dbm

__all__ = ["Received", "Shadowing", "means", "sinr_quantile_db"]

RANKS = 4  # masts that are known one by one
CORRELATION = 0.5  # between masts
NODES = 64
OTHERS = 8
ROUNDING = 2e-6  # of power kept in 32 bits: less than that beside it is no interference
KNOTS_PER_DB = 8
PART = 2**16  # pixels that one task works on
SINR_DB = (-40.0, 80.0)
SIGNAL_DBM = (-200.0, 20.0)
FAINTEST_MW = 1e-30
DB_PER_NEPER = 10.0 / math.log(10.0)

Floats = NDArray[np.float32]
Curve = Callable[[NDArray[np.float64]], NDArray[np.floating]]


class Shadowing(NamedTuple):
    """How levels deviate from their means: in decibels, and how alike between masts (0 to 1)."""

    sigma_db: float
    correlation: float = CORRELATION


class Received(NamedTuple):
    """What pixels receive on one carrier, and what disturbs it.

    Parameters
    ----------
    masts_mw
        Of the strongest masts, in falling order: power of the best cell, and of all cells, per
        resource element over all ports, shape (pixels, masts, 2) [mW].
    total_mw
        Power of all cells, shape (pixels,) [mW].
    noise_dbm
        Noise of one resource element [dBm].
    load
        Share of their resource elements that cells fill which do not serve.
    """

    masts_mw: Floats
    total_mw: Floats
    noise_dbm: float
    load: float


class _Nodes(NamedTuple):
    """What power is times its mean at every node: of each mast, of the others, and of noise.

    All are over the common part, which noise alone then shows; ``common`` brings it back.
    """

    masts: NDArray[np.float64]
    others: NDArray[np.float64]
    noise: NDArray[np.float64]
    common: NDArray[np.float64]


@lru_cache
def _nodes(shadowing: Shadowing, masts: int) -> _Nodes:
    """Return the nodes: a Sobol sequence, centred in its cells, as normal deviations."""
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, and speeds are kept

    uniform = qmc.Sobol(masts + 2, scramble=False).random(NODES) + 0.5 / NODES
    normal = ndtri(uniform)
    sigma = shadowing.sigma_db / DB_PER_NEPER
    common = np.exp(math.sqrt(shadowing.correlation) * sigma * normal[:, 0])
    own_variance = (1.0 - shadowing.correlation) * sigma**2
    spread = math.log1p(math.expm1(own_variance) / OTHERS)
    others = np.exp(0.5 * (own_variance - spread) + math.sqrt(spread) * normal[:, 1])
    factors = np.exp(math.sqrt(own_variance) * normal[:, 2:])
    return _Nodes(np.ascontiguousarray(factors), others, 1.0 / common, common)


@kernel(**INNER)
def _rest_mw(masts_mw: NDArray, total_mw: float) -> float:
    """Return the power of the masts that are not known one by one."""
    known_mw = 0.0
    for rank in range(masts_mw.shape[0]):
        known_mw += masts_mw[rank, 1]
    rest_mw = total_mw - known_mw
    return rest_mw if rest_mw > ROUNDING * known_mw else 0.0


@kernel(**INNER)
def _served(
    masts_mw: NDArray, rest_mw: float, noise_mw: float, load: float, nodes: tuple, node: int
) -> tuple[float, float]:
    """Return SINR as a ratio, and the power of the server over the common part, at a node."""
    best_mw, all_mw, beside_mw = 0.0, rest_mw * nodes[1][node], 0.0
    for rank in range(masts_mw.shape[0]):
        factor = nodes[0][node, rank]
        here_mw = masts_mw[rank, 0] * factor
        all_mw += masts_mw[rank, 1] * factor
        if here_mw > best_mw:
            best_mw, beside_mw = here_mw, masts_mw[rank, 1] * factor
    others_mw = max(all_mw - beside_mw, 0.0)
    sectors_mw = beside_mw - best_mw
    if sectors_mw > ROUNDING * best_mw:
        others_mw += sectors_mw
    if others_mw < ROUNDING * best_mw:
        others_mw = 0.0
    return best_mw / (load * others_mw + noise_mw * nodes[2][node]), best_mw


@kernel(**INNER)
def _add_read(tables: NDArray, ratio: float, low_db: float, result: NDArray, place: tuple) -> None:
    """Add to a pixel's results, from a curve on, what the curves are at a power ratio."""
    first, pixel = place
    at = (10.0 * math.log10(max(ratio, FAINTEST_MW)) - low_db) * KNOTS_PER_DB
    at = min(max(at, 0.0), tables.shape[1] - 1.000001)
    knot = int(at)
    for curve in range(tables.shape[0]):
        low, high = tables[curve, knot], tables[curve, knot + 1]
        result[first + curve, pixel] += (low + (at - knot) * (high - low)) / NODES


@kernel(**KERNEL)
def _means(
    masts_mw: NDArray,
    total_mw: NDArray,
    noise_mw: float,
    load: float,
    nodes: tuple,
    tables: tuple,
    result: NDArray,
    pixels: tuple,
) -> None:
    of_sinr, of_signal = tables
    for pixel in range(pixels[0], pixels[1]):
        rest_mw = _rest_mw(masts_mw[pixel], total_mw[pixel])
        for node in range(NODES):
            ratio, best_mw = _served(masts_mw[pixel], rest_mw, noise_mw, load, nodes, node)
            if of_sinr.shape[0] > 0:
                _add_read(of_sinr, ratio, SINR_DB[0], result, (0, pixel))
            if of_signal.shape[0] > 0:
                signal_mw = best_mw * nodes[3][node]
                _add_read(of_signal, signal_mw, SIGNAL_DBM[0], result, (of_sinr.shape[0], pixel))


@kernel(**INNER)
def _insert(least: NDArray, value: float) -> None:
    """Keep the least values in rising order."""
    place = least.size - 1
    if value >= least[place]:
        return
    while place > 0 and least[place - 1] > value:
        least[place] = least[place - 1]
        place -= 1
    least[place] = value


@kernel(**KERNEL)
def _quantiles(
    masts_mw: NDArray,
    total_mw: NDArray,
    noise_mw: float,
    load: float,
    nodes: tuple,
    place: float,
    result: NDArray,
    pixels: tuple,
) -> None:
    low = min(max(int(place), 0), NODES - 2)
    least = np.empty(low + 2)
    for pixel in range(pixels[0], pixels[1]):
        rest_mw = _rest_mw(masts_mw[pixel], total_mw[pixel])
        least[:] = np.inf
        for node in range(NODES):
            ratio, _ = _served(masts_mw[pixel], rest_mw, noise_mw, load, nodes, node)
            _insert(least, ratio)
        below, above = (10.0 * math.log10(least[low]), 10.0 * math.log10(least[low + 1]))
        result[pixel] = below + min(max(place - low, 0.0), 1.0) * (above - below)


def _tables(curves: Sequence[Curve], span: tuple[float, float]) -> NDArray[np.float64]:
    knots = np.arange(round((span[1] - span[0]) * KNOTS_PER_DB) + 1) / KNOTS_PER_DB + span[0]
    rows = [np.asarray(curve(knots), np.float64) for curve in curves]
    return np.array(rows).reshape(len(rows), knots.size)


def means(
    received: Received,
    shadowing: Shadowing,
    of_sinr: Sequence[Curve] = (),
    of_signal: Sequence[Curve] = (),
) -> list[Floats]:
    """Return the means of curves over the shadowing, at every pixel.

    Parameters
    ----------
    received
        What pixels receive; each needs a mast.
    shadowing
        Its deviation and correlation.
    of_sinr
        Functions of the SINR of data [dB], such as a rate.
    of_signal
        Functions of the server's power per resource element over all ports [dBm].

    Returns
    -------
    list of ndarray
        Of each curve, those of SINR first, shape (pixels,).

    Examples
    --------
    >>> alone = np.array([[[1e-9, 1e-9]]], np.float32)
    >>> received = Received(alone, alone[:, 0, 1], -120.0, 0.5)
    >>> [float(mean[0].round(1)) for mean in means(received, Shadowing(8.0), [lambda db: db])]
    [30.0]
    """
    result = np.zeros((len(of_sinr) + len(of_signal), received.total_mw.size), np.float32)
    inputs, nodes = _as_kernels_read(received), _nodes(shadowing, received.masts_mw.shape[1])
    tables = (_tables(of_sinr, SINR_DB), _tables(of_signal, SIGNAL_DBM))
    in_threads(
        lambda pixels: _means(*inputs, nodes, tables, result, pixels), _parts(result.shape[1])
    )
    return list(result)


def sinr_quantile_db(received: Received, shadowing: Shadowing, share: float) -> Floats:
    """Return the SINR of data below which a share of the places of every pixel lies.

    Parameters
    ----------
    received
        What pixels receive; each needs a mast.
    shadowing
        Its deviation and correlation.
    share
        Of places, above 0 and below 1. Of one in ten what is told is about 1 dB too low, since
        masts beyond the strongest do not serve.

    Returns
    -------
    ndarray
        SINR [dB], shape (pixels,).
    """
    result = np.empty(received.total_mw.size, np.float32)
    inputs, nodes = _as_kernels_read(received), _nodes(shadowing, received.masts_mw.shape[1])
    place = share * NODES - 0.5
    in_threads(
        lambda pixels: _quantiles(*inputs, nodes, place, result, pixels), _parts(result.size)
    )
    return result


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of so many pixels at a time."""
    return ((first, min(first + PART, count)) for first in range(0, count, PART))


def _as_kernels_read(received: Received) -> tuple[Floats, Floats, float, float]:
    return (
        np.ascontiguousarray(received.masts_mw, np.float32),
        np.ascontiguousarray(received.total_mw, np.float32),
        float(milliwatt_from_dbm(received.noise_dbm)),
        float(received.load),
    )
