"""3GPP TR 38.901 version 17: UMa, UMi street canyon and RMa, 0.5 to 100 GHz.

Path loss from table 7.4.1-1, line-of-sight probability from table 7.4.2-1, loss into
buildings from section 7.4.3. Distances are horizontal, heights above ground. The effective
environment height is 1 m, as the tables have it for every user below 13 m.

The expected loss is the mean in decibels over being in line of sight or not,
P_los * L_los + (1 - P_los) * L_nlos: the loss of a place about which only the distance is
known. It is not the loss of the mean power, which is lower.
"""

import math
from collections.abc import Callable

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import by_distance
from phusong.coverage.models.by_distance import Loss, Parts
from phusong.coverage.models.model import Model, Range

SPEED_OF_LIGHT_M_S = 3.0e8  # as the report rounds it
ENVIRONMENT_HEIGHT_M = 1.0
STREET_WIDTH_M = 20.0
BUILDING_HEIGHT_M = 5.0


@kernel(**PATH)
def slant_distance_m(distance_2d_m: float, base_height_m: float, user_height_m: float) -> float:
    """Return the distance between the antennas."""
    return math.hypot(distance_2d_m, base_height_m - user_height_m)


@kernel(**PATH)
def urban_breakpoint_m(frequency_mhz: float, base_height_m: float, user_height_m: float) -> float:
    """Return the breakpoint distance of UMa and UMi (table 7.4.1-1 note 1)."""
    effective_m2 = (base_height_m - ENVIRONMENT_HEIGHT_M) * (user_height_m - ENVIRONMENT_HEIGHT_M)
    return 4.0e6 * effective_m2 * frequency_mhz / SPEED_OF_LIGHT_M_S


@kernel(**PATH)
def _urban_los_loss_db(
    distance_2d_m: float,
    frequency_mhz: float,
    base_height_m: float,
    user_height_m: float,
    intercept_db: float,
    near_slope_db: float,
    far_factor_db: float,
) -> float:
    """Return the two-slope loss shared by UMa and UMi."""
    slant_m = slant_distance_m(distance_2d_m, base_height_m, user_height_m)
    breakpoint_m = urban_breakpoint_m(frequency_mhz, base_height_m, user_height_m)
    base_db = intercept_db + 20.0 * math.log10(frequency_mhz / 1000.0)
    if distance_2d_m <= breakpoint_m:
        return base_db + near_slope_db * math.log10(slant_m)
    corner_m2 = breakpoint_m**2 + (base_height_m - user_height_m) ** 2
    return base_db + 40.0 * math.log10(slant_m) - far_factor_db * math.log10(corner_m2)


@kernel(**PATH)
def uma_los_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the urban macro loss in line of sight (table 7.4.1-1)."""
    return _urban_los_loss_db(
        distance_2d_m, frequency_mhz, base_height_m, user_height_m, 28.0, 22.0, 9.0
    )


@kernel(**PATH)
def uma_nlos_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the urban macro loss without line of sight (table 7.4.1-1)."""
    slant_m = slant_distance_m(distance_2d_m, base_height_m, user_height_m)
    blocked_db = (
        13.54
        + 39.08 * math.log10(slant_m)
        + 20.0 * math.log10(frequency_mhz / 1000.0)
        - 0.6 * (user_height_m - 1.5)
    )
    los_db = uma_los_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    return max(los_db, blocked_db)


@kernel(**PATH)
def uma_los_probability(distance_2d_m: float, user_height_m: float) -> float:
    """Return the probability of line of sight in urban macro cells (table 7.4.2-1)."""
    if distance_2d_m <= 18.0:
        return 1.0
    near = 18.0 / distance_2d_m
    ground = near + math.exp(-distance_2d_m / 63.0) * (1.0 - near)
    if user_height_m <= 13.0:
        return ground
    elevation = ((min(user_height_m, 23.0) - 13.0) / 10.0) ** 1.5
    hump = (distance_2d_m / 100.0) ** 3 * math.exp(-distance_2d_m / 150.0)
    return float(min(1.0, ground * (1.0 + 1.25 * elevation * hump)))


@kernel(**PATH)
def uma_expected_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the urban macro loss, mean in decibels over line of sight or not."""
    los_db = uma_los_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    nlos_db = uma_nlos_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    return nlos_db + uma_los_probability(distance_2d_m, user_height_m) * (los_db - nlos_db)


@kernel(**PATH)
def umi_los_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the street canyon loss in line of sight (table 7.4.1-1)."""
    return _urban_los_loss_db(
        distance_2d_m, frequency_mhz, base_height_m, user_height_m, 32.4, 21.0, 9.5
    )


@kernel(**PATH)
def umi_nlos_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the street canyon loss without line of sight (table 7.4.1-1)."""
    slant_m = slant_distance_m(distance_2d_m, base_height_m, user_height_m)
    blocked_db = (
        22.4
        + 35.3 * math.log10(slant_m)
        + 21.3 * math.log10(frequency_mhz / 1000.0)
        - 0.3 * (user_height_m - 1.5)
    )
    los_db = umi_los_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    return max(los_db, blocked_db)


@kernel(**PATH)
def umi_los_probability(distance_2d_m: float) -> float:
    """Return the probability of line of sight in street canyons (table 7.4.2-1)."""
    if distance_2d_m <= 18.0:
        return 1.0
    near = 18.0 / distance_2d_m
    return near + math.exp(-distance_2d_m / 36.0) * (1.0 - near)


@kernel(**PATH)
def umi_expected_loss_db(
    distance_2d_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the street canyon loss, mean in decibels over line of sight or not."""
    los_db = umi_los_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    nlos_db = umi_nlos_loss_db(distance_2d_m, frequency_mhz, base_height_m, user_height_m)
    return nlos_db + umi_los_probability(distance_2d_m) * (los_db - nlos_db)


@kernel(**PATH)
def rma_breakpoint_m(frequency_mhz: float, base_height_m: float, user_height_m: float) -> float:
    """Return the breakpoint distance of rural macro cells (table 7.4.1-1 note 5)."""
    return 2.0e6 * math.pi * base_height_m * user_height_m * frequency_mhz / SPEED_OF_LIGHT_M_S


@kernel(**PATH)
def _rma_near_loss_db(slant_m: float, frequency_mhz: float, building_height_m: float) -> float:
    """Return PL1 of rural macro cells."""
    roughness = float(building_height_m**1.72)
    return (
        20.0 * math.log10(40.0 * math.pi * slant_m * frequency_mhz / 3000.0)
        + min(0.03 * roughness, 10.0) * math.log10(slant_m)
        - min(0.044 * roughness, 14.77)
        + 0.002 * math.log10(building_height_m) * slant_m
    )


@kernel(**PATH)
def rma_los_loss_db(
    distance_2d_m: float,
    frequency_mhz: float,
    base_height_m: float,
    user_height_m: float,
    building_height_m: float = BUILDING_HEIGHT_M,
) -> float:
    """Return the rural macro loss in line of sight (table 7.4.1-1)."""
    slant_m = slant_distance_m(distance_2d_m, base_height_m, user_height_m)
    breakpoint_m = rma_breakpoint_m(frequency_mhz, base_height_m, user_height_m)
    if distance_2d_m <= breakpoint_m:
        return _rma_near_loss_db(slant_m, frequency_mhz, building_height_m)
    corner_db = _rma_near_loss_db(breakpoint_m, frequency_mhz, building_height_m)
    return corner_db + 40.0 * math.log10(slant_m / breakpoint_m)


@kernel(**PATH)
def rma_nlos_loss_db(
    distance_2d_m: float,
    frequency_mhz: float,
    base_height_m: float,
    user_height_m: float,
    street_width_m: float = STREET_WIDTH_M,
    building_height_m: float = BUILDING_HEIGHT_M,
) -> float:
    """Return the rural macro loss without line of sight (table 7.4.1-1)."""
    slant_m = slant_distance_m(distance_2d_m, base_height_m, user_height_m)
    log_base = math.log10(base_height_m)
    blocked_db = (
        161.04
        - 7.1 * math.log10(street_width_m)
        + 7.5 * math.log10(building_height_m)
        - (24.37 - 3.7 * (building_height_m / base_height_m) ** 2) * log_base
        + (43.42 - 3.1 * log_base) * (math.log10(slant_m) - 3.0)
        + 20.0 * math.log10(frequency_mhz / 1000.0)
        - (3.2 * math.log10(11.75 * user_height_m) ** 2 - 4.97)
    )
    los_db = rma_los_loss_db(
        distance_2d_m, frequency_mhz, base_height_m, user_height_m, building_height_m
    )
    return max(los_db, blocked_db)


@kernel(**PATH)
def rma_los_probability(distance_2d_m: float) -> float:
    """Return the probability of line of sight in rural macro cells (table 7.4.2-1)."""
    return math.exp(-max(distance_2d_m - 10.0, 0.0) / 1000.0)


@kernel(**PATH)
def rma_expected_loss_db(
    distance_2d_m: float,
    frequency_mhz: float,
    base_height_m: float,
    user_height_m: float,
    street_width_m: float = STREET_WIDTH_M,
    building_height_m: float = BUILDING_HEIGHT_M,
) -> float:
    """Return the rural macro loss, mean in decibels over line of sight or not."""
    los_db = rma_los_loss_db(
        distance_2d_m, frequency_mhz, base_height_m, user_height_m, building_height_m
    )
    nlos_db = rma_nlos_loss_db(
        distance_2d_m,
        frequency_mhz,
        base_height_m,
        user_height_m,
        street_width_m,
        building_height_m,
    )
    return nlos_db + rma_los_probability(distance_2d_m) * (los_db - nlos_db)


_SIGHTS = {
    "": ("expected", "trung bình"),
    "_los": ("line of sight", "tầm nhìn thẳng"),
    "_nlos": ("no line of sight", "không có tầm nhìn thẳng"),
}


def _model(name: str, title: str, sight: str, loss: Loss, parts: Parts | None = None) -> Model:
    """Return one scenario, in line of sight, without, or the mean of both."""
    rural = name == "rma"
    base_m = {"uma": Range(25.0, 25.0), "umi": Range(10.0, 10.0), "rma": Range(10.0, 150.0)}
    return by_distance.model(
        f"{name}{sight}",
        loss,
        parts=parts,
        title=f"3GPP {title}, {_SIGHTS[sight][0]}",
        title_vi=f"3GPP {title}, {_SIGHTS[sight][1]}",
        source="3GPP TR 38.901 V17, tables 7.4.1-1 and 7.4.2-1",
        frequency_mhz=Range(500.0, 30e3 if rural else 100e3),
        distance_m=Range(10.0, 10e3 if rural and sight == "_los" else 5e3),
        base_height_m=base_m[name],
        user_height_m=Range(1.0, 10.0) if rural else Range(1.5, 22.5),
    )


def _scenario(
    name: str, title: str, expected: Loss, los: Loss, nlos: Loss, seen: Callable[..., float]
) -> tuple[Model, ...]:
    """Return a scenario's three models; ``seen`` is its probability of line of sight."""

    def parts(
        distance_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
    ) -> dict[str, float]:
        use = (distance_m, frequency_mhz, base_height_m, user_height_m)
        share = seen(distance_m, user_height_m)
        return {
            "los_db": float(los(*use)),
            "nlos_db": float(nlos(*use)),
            "los_probability": float(share),
        }

    return (
        _model(name, title, "", expected, parts),
        _model(name, title, "_los", los),
        _model(name, title, "_nlos", nlos),
    )


UMA = _scenario(
    "uma", "UMa", uma_expected_loss_db, uma_los_loss_db, uma_nlos_loss_db, uma_los_probability
)
UMI = _scenario(
    "umi",
    "UMi street canyon",
    umi_expected_loss_db,
    umi_los_loss_db,
    umi_nlos_loss_db,
    lambda distance_m, _height_m: umi_los_probability(distance_m),
)
RMA = _scenario(
    "rma",
    "RMa",
    rma_expected_loss_db,
    rma_los_loss_db,
    rma_nlos_loss_db,
    lambda distance_m, _height_m: rma_los_probability(distance_m),
)
MODELS = (*UMA, *UMI, *RMA)
