"""The standard propagation model over an area, and as one of the registry.

Horizon, hull and clearance of the terrain are those of ``radial``; the mean ground and the
ground's slope, which two of the effective heights need, come from running sums along the
radial. The equations are those of the single path (``models.spm``).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area import loss_windows, radial, reception
from phusong.coverage.area.cells import Masts, Reach, Sweeps
from phusong.coverage.area.radial import Near, Path, Progress, Walk
from phusong.coverage.area.reception import TAU, Fan, Mast, ReceiverGrid, Receivers
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR, bullington_loss_from_nu_db
from phusong.coverage.kernel import INNER, KERNEL, in_threads, kernel
from phusong.coverage.models import spm
from phusong.coverage.models.free_space import reach_m
from phusong.coverage.models.model import Model, Parameter, PathLoss, RadioPath, Range, Value
from phusong.coverage.models.okumura_hata import DISTANCE_M, USER_M
from phusong.coverage.models.spm import Coefficients, SpmOptions
from phusong.coverage.units import wavelength_m

NEAREST_M = 10.0  # nearer receivers get this distance's loss


class Sums(NamedTuple):
    """Running sums of the ground along a radial, by step from the mast."""

    height_m: NDArray[np.float64]
    moment: NDArray[np.float64]  # of the height times the step


class Stretch(NamedTuple):
    """What the least squares of a stretch of ground need."""

    points: float
    x: float
    z: float
    xx: float
    xz: float


@kernel(**INNER)
def _fill_sums(flat_m: NDArray, steps: int, sums: Sums) -> None:
    total, moment = 0.0, 0.0
    for step in range(steps + 1):
        total += flat_m[step]
        moment += step * flat_m[step]
        sums.height_m[step], sums.moment[step] = total, moment


@kernel(**INNER)
def _near_flat_m(walk: Walk, path: Path, fall_m: float, j: int) -> float:
    """Return the ground some steps before the receiver, not lowered by the fall of the Earth."""
    along = path.at - j * path.step
    return walk.near_m[j] + fall_m * along * along


@kernel(**INNER)
def _stretch(
    sums: Sums, walk: Walk, done: Progress, near: Near, path: Path, end_m: float, span: tuple
) -> Stretch:
    """Add up the points of a path between two distances (pixels); x counts from the receiver."""
    start, end, fall_m = span
    first, last = max(math.ceil(start), 0), min(math.floor(end), done.last)
    points, x, z, xx, xz = 0.0, 0.0, 0.0, 0.0, 0.0
    if last >= first:
        points = last - first + 1.0
        steps = 0.5 * points * (first + last)
        squares = last * (last + 1.0) * (2.0 * last + 1.0) / 6.0
        squares -= (first - 1.0) * first * (2.0 * first - 1.0) / 6.0
        z = sums.height_m[last] - (sums.height_m[first - 1] if first > 0 else 0.0)
        moment = sums.moment[last] - (sums.moment[first - 1] if first > 0 else 0.0)
        x, xz = steps - path.at * points, moment - path.at * z
        xx = squares - 2.0 * path.at * steps + points * path.at * path.at
    for j in range(near.steps, -1, -1):
        back = -j * path.step
        if start <= path.at + back <= end:
            here_m = _near_flat_m(walk, path, fall_m, j) if j > 0 else end_m
            points += 1.0
            x += back
            z += here_m
            xx += back * back
            xz += back * here_m
    return Stretch(points, x, z, xx, xz)


@kernel(**INNER)
def _effective_height_m(
    ground: ReceiverGrid,
    options: SpmOptions,
    base_m: tuple,
    sums: Sums,
    walk: Walk,
    done: Progress,
    near: Near,
    path: Path,
    end_m: float,
) -> float:
    """Return the effective height of the base antenna; see ``spm.effective_height_m``."""
    antenna_height_m, base_ground_m = base_m
    height_m, rise_m = antenna_height_m, base_ground_m - end_m
    if options.effective_height == spm.ABOVE_AVERAGE:
        span = (options.near_m / ground.pixel_m, options.far_m / ground.pixel_m, ground.fall_m)
        counted = _stretch(sums, walk, done, near, path, end_m, span)
        if counted.points > 0.0:
            height_m += base_ground_m - counted.z / counted.points
    elif options.effective_height == spm.SLOPE_AT_RECEIVER:
        span = (path.at - options.slope_m / ground.pixel_m, path.at, ground.fall_m)
        s = _stretch(sums, walk, done, near, path, end_m, span)
        spread = s.points * s.xx - s.x * s.x
        slope = (s.points * s.xz - s.x * s.z) / spread if spread > 0.0 else 0.0
        height_m += rise_m + slope * path.at
    elif options.effective_height == spm.SPOT:
        height_m += max(rise_m, 0.0)
    elif options.effective_height == spm.ABSOLUTE_SPOT:
        height_m += abs(rise_m)
    return min(max(height_m, spm.MIN_EFFECTIVE_M), spm.LARGEST_EFFECTIVE_M)


@kernel(**INNER)
def _clutter_db(
    clutter_db: NDArray, mast: Mast, place: tuple, path: Path, reach: float, weighting: int
) -> float:
    """Return the weighted mean of the clutter losses before the receiver, on its own path."""
    row, column = place
    share = path.step / path.at
    back_row, back_column = (mast.row - row) * share, (mast.column - column) * share
    total_db, weights = 0.0, 0.0
    for j in range(min(int(reach / path.step), int(path.at / path.step + 0.5)) + 1):
        weight = spm.clutter_weight(1.0 - j * path.step / reach, weighting)
        here_row = min(max(int(row + j * back_row + 0.5), 0), clutter_db.shape[0] - 1)
        here_column = min(max(int(column + j * back_column + 0.5), 0), clutter_db.shape[1] - 1)
        total_db += weight * clutter_db[here_row, here_column]
        weights += weight
    return total_db / weights


@kernel(**INNER)
def _walk_radial(
    ground: ReceiverGrid,
    mast: Mast,
    tuned: tuple,
    clutter_db: NDArray,
    walk: Walk,
    sums: Sums,
    receivers: Receivers,
    span: tuple,
    bearing: float,
    loss_db: NDArray,
) -> None:
    """Fill in the loss of the receivers of one radial, ``span`` in their list."""
    coefficients, options = tuned
    width = ground.terrain_m.shape[1]
    base_ground_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row)
    base_m = (mast.antenna_height_m, base_ground_m)
    start_m = base_ground_m + mast.antenna_height_m
    scale = 2.0 / (wavelength_m(mast.frequency_mhz) * ground.pixel_m)
    zone = -KNIFE_EDGE_FLOOR / math.sqrt(scale)
    if span[0] < span[1]:
        steps = int(receivers.distance[span[1] - 1])
        radial.sample(ground, mast, bearing, steps, walk.height_m)
        _fill_sums(walk.height_m, steps, sums)
        radial.lower(walk.height_m, ground.fall_m, steps)
    done = Progress(0, 0, -math.inf, -math.inf)
    for i in range(span[0], span[1]):
        at = max(float(receivers.distance[i]), 0.01)
        place = (receivers.pixel[i] // width, receivers.pixel[i] % width)
        done = radial.advance(walk, done, radial.walked_until(at), start_m, zone)
        ground_m = float(ground.terrain_m[place[0], place[1]])
        end_m = ground_m + ground.receiver_height_m - ground.fall_m * at * at
        path = radial.ray(at, start_m, end_m)
        limit = KNIFE_EDGE_FLOOR * KNIFE_EDGE_FLOOR / (scale * at)
        near = radial.look_back(ground, mast, place[0], place[1], path, limit, walk.near_m)
        nu = radial.bullington_nu(walk, done, path, near, limit, scale)
        distance_m = max(at * ground.pixel_m, NEAREST_M)
        bent_db = 0.0
        if nu > KNIFE_EDGE_FLOOR:
            bent_db = bullington_loss_from_nu_db(nu, 0.001 * distance_m)
        height_m = _effective_height_m(
            ground, options, base_m, sums, walk, done, near, path, ground_m
        )
        reach = options.clutter_m / ground.pixel_m
        mean_db = _clutter_db(clutter_db, mast, place, path, reach, options.clutter_weighting)
        loss_db[i] = spm.standard_loss_db(
            distance_m, height_m, ground.receiver_height_m, bent_db, mean_db, coefficients
        )


@kernel(**KERNEL)
def walk(
    ground: ReceiverGrid,
    mast: Mast,
    coefficients: Coefficients,
    options: SpmOptions,
    clutter_db: NDArray,
    fan: Fan,
    receivers: Receivers,
) -> NDArray:
    """Return the loss of every receiver, in decibels.

    ``clutter_db`` holds the clutter loss of every pixel's class; ``ground.fall_m`` is that of
    the Earth radius in ``options``.
    """
    loss_db = np.empty(receivers.pixel.size, np.float32)
    steps = int(fan.radius) + 2
    state = radial.empty_walk(steps)
    sums = Sums(np.empty(steps), np.empty(steps))
    for k in range(fan.radials):
        span = (receivers.first[k], receivers.first[k + 1])
        _walk_radial(
            ground,
            mast,
            (coefficients, options),
            clutter_db,
            state,
            sums,
            receivers,
            span,
            k * (TAU / fan.radials),
            loss_db,
        )
    return loss_db


@kernel(**KERNEL)
def _window(
    ground: ReceiverGrid,
    mast: Mast,
    coefficients: spm.Coefficients,
    options: spm.SpmOptions,
    clutter_db: NDArray,
    fan: Fan,
    window: NDArray,
) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = walk(ground, mast, coefficients, options, clutter_db, fan, receivers)
    loss_windows.spread(ground, mast, fan, receivers, loss_db, window)


def fill(
    ground: ReceiverGrid,
    masts: NDArray[np.float64],
    coefficients: NDArray[np.float64],
    options: spm.SpmOptions,
    clutter_db: NDArray[np.float32],
    fan: Fan,
    wanted: NDArray[np.int64],
    windows: NDArray[np.uint16],
) -> None:
    """Write the losses round some masts into their windows; ``coefficients`` has a row a mast."""

    def one(m: int, window: NDArray[np.uint16]) -> None:
        tuned = spm.Coefficients(*coefficients[m].tolist())
        _window(ground, Mast(*masts[m].tolist()), tuned, options, clutter_db, fan, window)

    in_threads(one, wanted.tolist(), windows)


@dataclass(frozen=True)
class Spm:
    """The model over an area; without coefficients it is Hata's at every mast's frequency."""

    coefficients: Coefficients | None = None
    options: SpmOptions = spm.OPTIONS

    def fall_m(self, pixel_m: float) -> float:
        """Return how far the effective Earth falls within the first pixel."""
        return pixel_m**2 / (2000.0 * self.options.radius_km)

    def by_mast(self, frequency_mhz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coefficients, a row a mast."""
        return np.array(
            [self.coefficients or spm.hata_coefficients(mhz) for mhz in frequency_mhz], float
        )

    def fill(self, sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
        """Write the losses round some masts into their windows."""
        tuned = (self.by_mast(sweeps.table[:, 3]), self.options, sweeps.clutter_db)
        fill(sweeps.ground, sweeps.table, *tuned, sweeps.fan, wanted, windows)

    def farthest_m(self, masts: Masts, reach: Reach, allowed_db: float) -> float:
        """Return how far the allowed loss can reach: by Hata's coefficients that of free space.

        Of others nothing is known: their loss may lie below that of free space.
        """
        every = [spm.hata_coefficients(mhz) for mhz in masts.frequency_mhz]
        if self.coefficients is not None and any(self.coefficients != hata for hata in every):
            return reach.radius_m
        return reach_m(masts.frequency_mhz, allowed_db, reach.radius_m)


_EFFECTIVE_HEIGHTS = {
    "above_ground": spm.ABOVE_GROUND,
    "above_average": spm.ABOVE_AVERAGE,
    "slope_at_receiver": spm.SLOPE_AT_RECEIVER,
    "spot": spm.SPOT,
    "absolute_spot": spm.ABSOLUTE_SPOT,
}


def _tuned(values: Mapping[str, Any], frequency_mhz: float) -> tuple[Coefficients, SpmOptions]:
    """Return Hata's coefficients, changed as set, and the options."""
    changes = dict(values)
    method = _EFFECTIVE_HEIGHTS[changes.pop("effective_height", "above_ground")]
    coefficients = spm.hata_coefficients(frequency_mhz)._replace(**changes)
    return coefficients, spm.OPTIONS._replace(effective_height=method)


def _predict_path(path: RadioPath, values: Mapping[str, Any]) -> PathLoss:
    coefficients, options = _tuned(values, path.frequency_mhz)
    tuned = spm.SpmParameters(coefficients, options)
    ends = (path.base_height_m, path.user_height_m)
    parts = spm.predict(path.ground, path.frequency_mhz, *ends, tuned)._asdict()
    used: dict[str, Value] = {f"k{i}": coefficients[i - 1] for i in range(1, 8)}
    return PathLoss({name: float(value) for name, value in parts.items()}, used)


def _area(values: Mapping[str, Any], frequency_mhz: float) -> Spm:
    return Spm(*_tuned(values, frequency_mhz))


SPM = Model(
    name="spm",
    title="Standard propagation model, K1 to K7",
    title_vi="Mô hình truyền sóng chuẩn, K1 đến K7",
    source="Form of Hata (1980) and COST 231 (1999) with P.526-16 diffraction and clutter",
    kind="profile",
    frequency_mhz=Range(150.0, 3500.0),
    distance_m=DISTANCE_M,
    base_height_m=Range(20.0, 200.0),
    user_height_m=USER_M,
    function=spm.predict,
    predict_path=_predict_path,
    area=_area,
    parameters=(
        *(Parameter(f"spm.k{i}", "", None) for i in range(1, 8)),
        Parameter("spm.effective_height", "", "above_ground", None, tuple(_EFFECTIVE_HEIGHTS)),
    ),
    tuned="coefficients",
)
