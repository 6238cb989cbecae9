"""Loss by distance alone, tabulated per mast: what the sweep adds diffraction to.

Such a loss depends on distance, heights above ground, frequency and perhaps the environment,
so one short table per mast and environment replaces its logarithms at every receiver. Knots
lie evenly in the square root of the distance: linear interpolation between them stays within
0.02 dB beyond 20 m.
"""

import math

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import KERNEL, kernel
from phusong.coverage.models import REGISTRY, atmosphere
from phusong.coverage.models.tr38901 import rma_expected_loss_db, uma_expected_loss_db

EXPECTED = "tr38901"  # TR 38.901 by environment: UMa in built-up land, RMa elsewhere
RURAL = 0
URBAN = 1
KNOTS_PER_ROOT_METRE = 6.0
NEAREST_M = 10.0  # where the models begin; nearer receivers get this distance's loss


@kernel(**KERNEL)
def _expected_tables_db(
    distance_m: NDArray, height_m: NDArray, frequency_mhz: NDArray, receiver_height_m: float
) -> NDArray:
    tables = np.empty((height_m.size, 2, distance_m.size), np.float32)
    for i in range(height_m.size):
        for j in range(distance_m.size):
            here = (distance_m[j], frequency_mhz[i], height_m[i], receiver_height_m)
            tables[i, RURAL, j] = rma_expected_loss_db(here[0], here[1], here[2], here[3])
            tables[i, URBAN, j] = uma_expected_loss_db(here[0], here[1], here[2], here[3])
    return tables


def knots_m(radius_m: float) -> NDArray[np.float64]:
    """Return the distances at which loss is tabulated, a little beyond the radius."""
    count = math.floor(KNOTS_PER_ROOT_METRE * math.sqrt(radius_m)) + 3
    return np.maximum((np.arange(count) / KNOTS_PER_ROOT_METRE) ** 2, NEAREST_M)


def tables_db(
    model: str,
    height_m: NDArray[np.float64],
    frequency_mhz: NDArray[np.float64],
    receiver_height_m: float,
    radius_m: float,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return tables of a loss by distance, and which of them each mast uses.

    Above 10 GHz the gases of the standard atmosphere are in it, rain is not.

    ``model`` is ``EXPECTED`` or a model of distance in the registry. Row ``RURAL`` of a table
    is RMa and row ``URBAN`` is UMa with the former; they are alike with the latter. Masts of
    the same height and frequency share a table.
    """
    kinds, used = np.unique(
        np.column_stack([height_m, frequency_mhz]).astype(float), axis=0, return_inverse=True
    )
    knots, heights, frequencies = knots_m(radius_m), kinds[:, 0].copy(), kinds[:, 1].copy()
    if model == EXPECTED:
        tables = _expected_tables_db(knots, heights, frequencies, float(receiver_height_m))
    else:
        tables = _distance_tables_db(model, knots, kinds, float(receiver_height_m))
    for i, mhz in enumerate(frequencies):
        if mhz >= atmosphere.FROM_MHZ:
            tables[i] += atmosphere.gas_loss_db(knots, mhz).astype(np.float32)
    return tables, used.ravel()


def _distance_tables_db(
    model: str, knots: NDArray[np.float64], kinds: NDArray[np.float64], receiver_height_m: float
) -> NDArray[np.float32]:
    loss_db = REGISTRY[model].function
    rows = [
        [float(loss_db(at_m, mhz, height_m, receiver_height_m)) for at_m in knots]
        for height_m, mhz in kinds
    ]
    return np.repeat(np.array(rows, np.float32)[:, None, :], 2, axis=1)


def farthest_m(tables_db: NDArray[np.float32], radius_m: float, allowed_db: float) -> float:
    """Return the distance beyond which no table stays within the allowed loss.

    Diffraction only adds to the tables, so nothing farther can be reached either.
    """
    knots = knots_m(radius_m)
    within = np.flatnonzero((tables_db <= allowed_db).any(axis=(0, 1)))
    last = int(within[-1]) + 1 if within.size else 0
    return float(min(radius_m, knots[min(last, knots.size - 1)]))
