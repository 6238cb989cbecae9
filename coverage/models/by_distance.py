"""Models that see no terrain: loss by distance, heights and frequency alone.

Over an area such a loss is tabulated per mast: one short table per mast and environment
replaces its logarithms at every receiver. Knots lie evenly in the square root of the
distance: linear interpolation between them stays within 0.02 dB beyond 20 m.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area import reception
from phusong.coverage.area.cells import Masts, Reach, Sweeps
from phusong.coverage.models import atmosphere, free_space, sweep_bullington
from phusong.coverage.models.atmosphere import Air
from phusong.coverage.models.model import ANY, Model, Parameter, PathLoss, RadioPath, Range, Value
from phusong.coverage.models.sweep_bullington import KNOTS_PER_ROOT_METRE

NEAREST_M = 10.0  # where the models begin; nearer receivers get this distance's loss
ENVIRONMENTS = 2  # rows of a table: cells.RURAL, cells.URBAN
Floats = NDArray[np.float64]
Loss = Callable[[float, float, float, float], float]
Parts = Callable[[float, float, float, float], Mapping[str, float]]

AIR = tuple(
    Parameter(f"air.{name}", unit, getattr(atmosphere.STANDARD, name), limits, (), above)
    for name, unit, limits, above in (
        ("pressure_hpa", "hPa", Range(500.0, 1100.0), atmosphere.FROM_MHZ),
        ("vapour_g_m3", "g/m3", Range(0.0, 50.0), atmosphere.FROM_MHZ),
        ("temperature_k", "K", Range(220.0, 330.0), atmosphere.FROM_MHZ),
        ("rain_mm_h", "mm/h", Range(0.0, 300.0), atmosphere.FROM_MHZ),
    )
)


def model(
    name: str,
    function: Loss,
    *,
    parts: Parts | None = None,
    **about: Any,  # noqa: ANN401
) -> Model:
    """Return a model of a loss by distance; gas and rain are added above 10 GHz.

    Parameters
    ----------
    name
        Name of the model.
    function
        Loss in decibels by ``distance_m, frequency_mhz, base_height_m, user_height_m``.
    parts
        What else is said of a path, by the same arguments.
    about
        The other fields of ``Model``: titles, source, published ranges.
    """

    def predict_path(path: RadioPath, values: Mapping[str, Any]) -> PathLoss:
        return _path_loss(function, parts, path, values)

    def area(values: Mapping[str, Any], _frequency_mhz: float) -> ByDistance:
        return ByDistance(name, function, Air(**values))

    return Model(
        name=name,
        function=function,
        kind="distance",
        predict_path=predict_path,
        area=area,
        parameters=AIR,
        **about,
    )


def _path_loss(
    function: Loss, parts: Parts | None, path: RadioPath, values: Mapping[str, Any]
) -> PathLoss:
    """Return the loss of a path beside free space and its own parts."""
    use = (path.distance_m, path.frequency_mhz, path.base_height_m, path.user_height_m)
    loss_db, free_db = float(function(*use)), float(free_space.path_loss_db(*use))
    terms = {"loss_db": loss_db, "free_space_db": free_db, "excess_db": loss_db - free_db}
    if parts is not None:
        terms |= parts(*use)
    if path.frequency_mhz < atmosphere.FROM_MHZ:
        return PathLoss(terms, {})
    air = Air(**values)
    gas_db = float(atmosphere.gas_loss_db(path.distance_m, path.frequency_mhz, air))
    rain_db = float(atmosphere.rain_loss_db(path.distance_m, path.frequency_mhz, air.rain_mm_h))
    total = {"loss_db": loss_db + gas_db + rain_db}
    used: dict[str, Value] = dict(air._asdict())
    return PathLoss({**terms, **total, "gas_db": gas_db, "rain_db": rain_db}, used)


def knots_m(radius_m: float) -> Floats:
    """Return the distances at which loss is tabulated, a little beyond the radius."""
    count = math.floor(KNOTS_PER_ROOT_METRE * math.sqrt(radius_m)) + 3
    return np.maximum((np.arange(count) / KNOTS_PER_ROOT_METRE) ** 2, NEAREST_M)


Tables = tuple[NDArray[np.float32], NDArray[np.int64]]
# Of knots, heights and frequencies of the kinds of masts, and the receiver's height: losses.
Tabulated = Callable[[Floats, Floats, Floats, float], NDArray[np.float32]]


def tables_db(
    losses_db: Tabulated, masts: Masts, reach: Reach, air: Air = atmosphere.STANDARD
) -> Tables:
    """Return tables of a loss by distance, and which of them each mast uses.

    Above 10 GHz the loss in the air is in it, by default without rain. A table has a row
    an environment. Masts of the same height and frequency share a table.
    """
    columns = [masts.antenna_height_m, masts.frequency_mhz]
    kinds, used = np.unique(np.column_stack(columns).astype(float), axis=0, return_inverse=True)
    heights_m, frequencies_mhz = kinds[:, 0].copy(), kinds[:, 1].copy()
    knots = knots_m(reach.radius_m)
    tables = losses_db(knots, heights_m, frequencies_mhz, float(reach.receiver_height_m))
    for i, mhz in enumerate(frequencies_mhz):
        if mhz >= atmosphere.FROM_MHZ:
            tables[i] += atmosphere.gas_loss_db(knots, mhz, air).astype(np.float32)
            tables[i] += atmosphere.rain_loss_db(knots, mhz, air.rain_mm_h).astype(np.float32)
    return tables, used.ravel()


def farthest_m(tables_db: NDArray[np.float32], radius_m: float, allowed_db: float) -> float:
    """Return the distance beyond which no table stays within the allowed loss.

    Diffraction only adds to the tables, so nothing farther can be reached either.
    """
    knots = knots_m(radius_m)
    within = np.flatnonzero((tables_db <= allowed_db).any(axis=(0, 1)))
    last = int(within[-1]) + 1 if within.size else 0
    return float(min(radius_m, knots[min(last, knots.size - 1)]))


@dataclass(frozen=True)
class ByDistance:
    """A loss by distance over an area; alike in every environment."""

    name: str
    function: Loss = field(repr=False, compare=False)
    air: Air = atmosphere.STANDARD

    def fall_m(self, pixel_m: float) -> float:
        """Return the fall of the Earth of 4/3 of its radius, which only tilts antennas see."""
        return reception.fall_per_pixel_m(pixel_m)

    def fill(self, sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
        """Write the losses round some masts into their windows."""
        tables = tables_db(self.losses_db, sweeps.masts, sweeps.reach, self.air)
        place = (sweeps.ground, sweeps.table)
        sweep_bullington.fill_distance_only(*place, *tables, sweeps.fan, wanted, windows)

    def farthest_m(self, masts: Masts, reach: Reach, allowed_db: float) -> float:
        """Return how far the allowed loss can reach."""
        tables, _ = tables_db(self.losses_db, masts, reach, self.air)
        return farthest_m(tables, reach.radius_m, allowed_db)

    def losses_db(
        self, knots: Floats, heights_m: Floats, frequencies_mhz: Floats, receiver_height_m: float
    ) -> NDArray[np.float32]:
        """Return the loss by kind of mast, environment and distance."""
        rows = [
            [float(self.function(at_m, mhz, height_m, receiver_height_m)) for at_m in knots]
            for height_m, mhz in zip(heights_m, frequencies_mhz, strict=True)
        ]
        return np.repeat(np.array(rows, np.float32)[:, None, :], ENVIRONMENTS, axis=1)


FREE_SPACE = model(
    "free_space",
    free_space.path_loss_db,
    title="Free space",
    title_vi="Không gian tự do",
    source="Recommendation ITU-R P.525-4 (2019)",
    frequency_mhz=ANY,
    distance_m=Range(1.0, math.inf),
    base_height_m=ANY,
    user_height_m=ANY,
)
