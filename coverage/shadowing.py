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

from phusong.coverage.kernel import KERNEL, LEAN, STAGE, apart, in_threads, kernel
from phusong.coverage.units import milliwatt_from_dbm

__all__ = ["Received", "Shadowing", "means", "over_places", "sinr_quantile_db"]

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
DB_PER_OCTAVE = 10.0 * math.log10(2.0)
BEFORE_LAST = 1.000001  # knots from the end: between two of them to the last
# Parts of a number of 64 bits, for its logarithm: a series in (m - 1) / (m + 1), off by 1e-11.
MANTISSA_BITS, BIAS = np.int64(52), np.int64(1023)
MANTISSA, ONE = np.int64(2**52 - 1), np.int64(1023 << 52)
ROOT = math.sqrt(2.0)

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

    Masts are rows. All are over the common part, which noise alone then shows; ``common`` brings it
    back.
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
    return _Nodes(np.ascontiguousarray(factors.T), others, 1.0 / common, common)


@kernel(**LEAN)
def _rest_mw(masts_mw: NDArray, total_mw: float) -> float:
    """Return the power of the masts that are not known one by one."""
    known_mw = 0.0
    for rank in range(masts_mw.shape[0]):
        known_mw += masts_mw[rank, 1]
    rest_mw = total_mw - known_mw
    return rest_mw if rest_mw > ROUNDING * known_mw else 0.0


@kernel(**STAGE)
def _receive(
    masts_mw: NDArray,
    rest_mw: float,
    noise_mw: float,
    load: float,
    factors: NDArray,
    others: NDArray,
    noise: NDArray,
    common: NDArray,
    all_mw: NDArray,
    beside_mw: NDArray,
    best_mw: NDArray,
    ratio: NDArray,
) -> None:
    """Fill in SINR as a ratio, and the power of the server, at every node."""
    apart()
    for node in range(NODES):
        best_mw[node], beside_mw[node], all_mw[node] = 0.0, 0.0, rest_mw * others[node]
    for rank in range(masts_mw.shape[0]):
        cell_mw, mast_mw = np.float64(masts_mw[rank, 0]), np.float64(masts_mw[rank, 1])
        for node in range(NODES):
            here_mw, whole_mw = cell_mw * factors[rank, node], mast_mw * factors[rank, node]
            all_mw[node] += whole_mw
            beside_mw[node] = whole_mw if here_mw > best_mw[node] else beside_mw[node]
            best_mw[node] = max(here_mw, best_mw[node])
    for node in range(NODES):
        best, sectors = best_mw[node], beside_mw[node] - best_mw[node]
        disturbing = max(all_mw[node] - beside_mw[node], 0.0)
        disturbing += sectors if sectors > ROUNDING * best else 0.0
        disturbing = 0.0 if disturbing < ROUNDING * best else disturbing
        ratio[node] = best / (load * disturbing + noise_mw * noise[node])
        best_mw[node] = best * common[node]


@kernel(**STAGE)
def _places(power: NDArray, low_db: float, last: float, place: NDArray) -> None:
    """Fill in where powers lie between the knots of a table: ten times their logarithm."""
    apart()
    for node in range(NODES):
        bits = np.float64(max(power[node], FAINTEST_MW)).view(np.int64)
        mantissa = np.int64((bits & MANTISSA) | ONE).view(np.float64)
        octave = np.float64((bits >> MANTISSA_BITS) - BIAS)
        high = mantissa > ROOT
        octave += 1.0 if high else 0.0
        mantissa *= 0.5 if high else 1.0
        s = (mantissa - 1.0) / (mantissa + 1.0)
        t = s * s
        series = 1.0 + t * (1 / 3 + t * (1 / 5 + t * (1 / 7 + t * (1 / 9 + t * (1 / 11 + t / 13)))))
        power_db = DB_PER_OCTAVE * octave + 2.0 * DB_PER_NEPER * s * series
        place[node] = min(max((power_db - low_db) * KNOTS_PER_DB, 0.0), last)


@kernel(**LEAN)
def _add_read(tables: NDArray, place: NDArray, first: int, pixel: int, result: NDArray) -> None:
    """Add to a pixel's results, from a curve on, the means of what curves are at all nodes."""
    for curve in range(tables.shape[0]):
        mean = np.float32(0.0)
        for node in range(NODES):
            knot = int(place[node])
            low, high = tables[curve, knot], tables[curve, knot + 1]
            mean = np.float32(mean + (low + (place[node] - knot) * (high - low)) / NODES)
        result[first + curve, pixel] = mean


@kernel(**LEAN)
def _insert(least: NDArray, value: float) -> None:
    """Keep the least values in rising order."""
    place = least.size - 1
    if value >= least[place]:
        return
    while place > 0 and least[place - 1] > value:
        least[place] = least[place - 1]
        place -= 1
    least[place] = value


@kernel(**LEAN)
def _quantile_db(ratio: NDArray, place: float, least: NDArray) -> float:
    """Return what lies at a place among all nodes in rising order, in decibels."""
    low = least.size - 2
    least[:] = np.inf
    for node in range(NODES):
        _insert(least, ratio[node])
    below, above = (10.0 * math.log10(least[low]), 10.0 * math.log10(least[low + 1]))
    return below + min(max(place - low, 0.0), 1.0) * (above - below)


@kernel(**KERNEL)
def _tell(
    powers: tuple,
    noise_mw: float,
    load: float,
    nodes: tuple,
    tables: tuple,
    quantile: float,
    result: NDArray,
    low_db: NDArray,
    pixels: tuple,
) -> None:
    """Fill in means of curves, and a quantile of SINR where its place among the nodes is told."""
    (masts_mw, total_mw), (of_sinr, of_signal) = powers, tables
    factors, others, noise, common = nodes
    room = np.empty((5, NODES))
    least = np.empty(min(max(int(quantile), 0), NODES - 2) + 2)
    ratio, signal_mw, place = room[2], room[3], room[4]
    for pixel in range(pixels[0], pixels[1]):
        own_mw = masts_mw[pixel]
        rest_mw = _rest_mw(own_mw, total_mw[pixel])
        _receive(
            own_mw,
            rest_mw,
            noise_mw,
            load,
            factors,
            others,
            noise,
            common,
            room[0],
            room[1],
            signal_mw,
            ratio,
        )
        if of_sinr.shape[0] > 0:
            _places(ratio, SINR_DB[0], of_sinr.shape[1] - BEFORE_LAST, place)
            _add_read(of_sinr, place, 0, pixel, result)
        if of_signal.shape[0] > 0:
            _places(signal_mw, SIGNAL_DBM[0], of_signal.shape[1] - BEFORE_LAST, place)
            _add_read(of_signal, place, of_sinr.shape[0], pixel, result)
        if low_db.size > 0:
            low_db[pixel] = _quantile_db(ratio, quantile, least)


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
    return over_places(received, shadowing, of_sinr, of_signal)[0]


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
    return over_places(received, shadowing, share=share)[1]


def over_places(
    received: Received,
    shadowing: Shadowing,
    of_sinr: Sequence[Curve] = (),
    of_signal: Sequence[Curve] = (),
    share: float | None = None,
) -> tuple[list[Floats], Floats]:
    """Return what ``means`` and, where there is a share, ``sinr_quantile_db`` tell, in one pass.

    Parameters
    ----------
    received
        What pixels receive; each needs a mast.
    shadowing
        Its deviation and correlation.
    of_sinr, of_signal
        Curves whose means are told, as in ``means``.
    share
        Of places, as in ``sinr_quantile_db``; None where no quantile is wanted.

    Returns
    -------
    list of ndarray
        Of each curve, those of SINR first, shape (pixels,).
    ndarray
        SINR [dB], shape (pixels,); of no pixel where no quantile is wanted.
    """
    count = received.total_mw.size
    result = np.empty((len(of_sinr) + len(of_signal), count), np.float32)
    low_db = np.empty(0 if share is None else count, np.float32)
    place = (share or 0.0) * NODES - 0.5
    inputs, nodes = _as_kernels_read(received), _nodes(shadowing, received.masts_mw.shape[1])
    tables = (_tables(of_sinr, SINR_DB), _tables(of_signal, SIGNAL_DBM))
    in_threads(
        lambda pixels: _tell(*inputs, nodes, tables, place, result, low_db, pixels), _parts(count)
    )
    return list(result), low_db


def _parts(count: int) -> Iterator[tuple[int, int]]:
    """Yield first and last of so many pixels at a time."""
    return ((first, min(first + PART, count)) for first in range(0, count, PART))


def _as_kernels_read(received: Received) -> tuple[tuple[Floats, Floats], float, float]:
    return (
        (
            np.ascontiguousarray(received.masts_mw, np.float32),
            np.ascontiguousarray(received.total_mw, np.float32),
        ),
        float(milliwatt_from_dbm(received.noise_dbm)),
        float(received.load),
    )
