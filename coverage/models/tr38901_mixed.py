"""TR 38.901 by environment, with the diffraction of ITU-R P.526 over the bare terrain.

The mean loss of UMa in built-up land and of RMa elsewhere, each over being in line of sight or
not; Bullington's diffraction over the terrain is added, over an Earth of 4/3 of its radius.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import diffraction
from phusong.coverage.area import reception
from phusong.coverage.area.cells import RURAL, URBAN, Masts, Reach, Sweeps
from phusong.coverage.area.sight import EFFECTIVE_RADIUS_KM
from phusong.coverage.kernel import KERNEL, kernel
from phusong.coverage.models import atmosphere, by_distance, free_space, sweep_bullington, tr38901
from phusong.coverage.models.by_distance import ENVIRONMENTS, tables_db
from phusong.coverage.models.model import Model, PathLoss, RadioPath
from phusong.coverage.models.tr38901 import rma_expected_loss_db, uma_expected_loss_db
from phusong.coverage.units import wavelength_m
from phusong.errors import Defect, InputError
from phusong.messages import message


@kernel(**KERNEL)
def mixed_losses_db(
    distance_m: NDArray, height_m: NDArray, frequency_mhz: NDArray, receiver_height_m: float
) -> NDArray:
    """Return the loss by mast, environment and distance, in decibels."""
    tables = np.empty((height_m.size, ENVIRONMENTS, distance_m.size), np.float32)
    for i in range(height_m.size):
        for j in range(distance_m.size):
            here = (distance_m[j], frequency_mhz[i], height_m[i], receiver_height_m)
            tables[i, RURAL, j] = rma_expected_loss_db(here[0], here[1], here[2], here[3])
            tables[i, URBAN, j] = uma_expected_loss_db(here[0], here[1], here[2], here[3])
    return tables


@dataclass(frozen=True)
class Mixed:
    """The model over an area; ``k_factor`` is that of the effective Earth radius."""

    k_factor: float = reception.MEDIAN_K

    def fall_m(self, pixel_m: float) -> float:
        """Return how far the effective Earth falls within the first pixel."""
        return reception.fall_per_pixel_m(pixel_m, self.k_factor)

    def fill(self, sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
        """Write the losses round some masts into their windows."""
        tables = tables_db(mixed_losses_db, sweeps.masts, sweeps.reach)
        place = (sweeps.ground, sweeps.table)
        sweep_bullington.fill_bent(*place, *tables, sweeps.fan, wanted, windows)

    def farthest_m(self, masts: Masts, reach: Reach, allowed_db: float) -> float:
        """Return how far the allowed loss can reach."""
        tables, _ = tables_db(mixed_losses_db, masts, reach)
        return by_distance.farthest_m(tables, reach.radius_m, allowed_db)


def _area(_values: Mapping[str, Any], _frequency_mhz: float) -> Mixed:
    return Mixed()


def _predict_path(path: RadioPath, _values: Mapping[str, Any]) -> PathLoss:
    """Return the loss of a path by the environment of its user.

    Raises
    ------
    InputError
        When it is not known whether the user stands in built-up land.
    """
    if path.built_up is None:
        problem = message("problem.needs_to_know_whether_land_is_built_up")
        remedy = message("remedy.predict_over_a_province_or_choose")
        raise InputError(
            message("refusal.the_ground_is_not_known"), [Defect("tr38901", problem, remedy)]
        )
    use = (path.distance_m, path.frequency_mhz, path.base_height_m, path.user_height_m)
    base_db = float((uma_expected_loss_db if path.built_up else rma_expected_loss_db)(*use))
    ground = path.ground
    bent_db = float(
        diffraction.bullington_loss_db(
            ground.distance_km,
            ground.height_m,
            ground.height_m[0] + path.base_height_m,
            ground.height_m[-1] + path.user_height_m,
            1.0 / EFFECTIVE_RADIUS_KM,
            wavelength_m(path.frequency_mhz),
        )
    )
    free_db = float(free_space.path_loss_db(*use))
    terms = {"loss_db": base_db + bent_db, "free_space_db": free_db, "diffraction_db": bent_db}
    if path.frequency_mhz >= atmosphere.FROM_MHZ:
        terms["gas_db"] = float(atmosphere.gas_loss_db(path.distance_m, path.frequency_mhz))
        terms["loss_db"] += terms["gas_db"]
    return PathLoss(terms, {})


UMA, RMA = tr38901.UMA[0], tr38901.RMA[0]
TR38901_MIXED = Model(
    name="tr38901",
    title="3GPP TR 38.901, UMa in built-up land and RMa elsewhere, with diffraction",
    title_vi="3GPP TR 38.901, UMa ở đất xây dựng và RMa ở nơi khác, có nhiễu xạ",
    source=UMA.source,
    kind="area",
    frequency_mhz=RMA.frequency_mhz,
    distance_m=RMA.distance_m,
    base_height_m=RMA.base_height_m,
    user_height_m=RMA.user_height_m,
    function=mixed_losses_db,
    predict_path=_predict_path,
    area=_area,
    made_of=(UMA, RMA),
)
