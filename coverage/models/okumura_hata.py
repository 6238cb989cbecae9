"""Okumura-Hata: Hata, IEEE Transactions on Vehicular Technology 29 (1980), 317-325.

Valid for 150 to 1500 MHz, 1 to 20 km, base 30 to 200 m, mobile 1 to 10 m. The base height is
the effective one, above the average terrain. Outside these limits the equations still give
numbers; ``model.outside`` names the limits that are broken. Over open land near 1 km, masts
above 70 m or so and mobiles at several metres come out below free space, as published.
"""

import math

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import by_distance
from phusong.coverage.models.by_distance import Loss
from phusong.coverage.models.model import Model, Range

DISTANCE_M, BASE_M, USER_M = Range(1e3, 20e3), Range(30.0, 200.0), Range(1.0, 10.0)
LARGE_CITY_FROM_MHZ = 300.0


@kernel(**PATH)
def mobile_gain_db(frequency_mhz: float, mobile_height_m: float) -> float:
    """Return a(h_m) of a small or medium city (Hata eq. 16)."""
    log_f = math.log10(frequency_mhz)
    return (1.1 * log_f - 0.7) * mobile_height_m - (1.56 * log_f - 0.8)


@kernel(**PATH)
def large_city_mobile_gain_db(frequency_mhz: float, mobile_height_m: float) -> float:
    """Return a(h_m) of a large city, whose two forms meet near 300 MHz (Hata eq. 17)."""
    if frequency_mhz < LARGE_CITY_FROM_MHZ:
        return 8.29 * math.log10(1.54 * mobile_height_m) ** 2 - 1.1
    return 3.2 * math.log10(11.75 * mobile_height_m) ** 2 - 4.97


@kernel(**PATH)
def _standard_loss_db(distance_km: float, frequency_mhz: float, base_height_m: float) -> float:
    """Return the urban loss before the mobile's height counts (Hata eq. 14)."""
    log_base = math.log10(base_height_m)
    slope_db = 44.9 - 6.55 * log_base
    start_db = 69.55 + 26.16 * math.log10(frequency_mhz) - 13.82 * log_base
    return start_db + slope_db * math.log10(distance_km)


@kernel(**PATH)
def urban_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in a small or medium city (Hata eq. 14 and 16).

    Examples
    --------
    >>> round(urban_loss_db(1000.0, 900.0, 30.0, 1.5), 2)
    126.4
    """
    gain_db = mobile_gain_db(frequency_mhz, mobile_height_m)
    return _standard_loss_db(distance_m / 1000.0, frequency_mhz, base_height_m) - gain_db


@kernel(**PATH)
def large_city_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in a large city (Hata eq. 14 and 17)."""
    gain_db = large_city_mobile_gain_db(frequency_mhz, mobile_height_m)
    return _standard_loss_db(distance_m / 1000.0, frequency_mhz, base_height_m) - gain_db


@kernel(**PATH)
def suburban_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in suburbs (Hata eq. 22)."""
    urban_db = urban_loss_db(distance_m, frequency_mhz, base_height_m, mobile_height_m)
    return urban_db - 2.0 * math.log10(frequency_mhz / 28.0) ** 2 - 5.4


@kernel(**PATH)
def open_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss over open land (Hata eq. 24)."""
    log_f = math.log10(frequency_mhz)
    urban_db = urban_loss_db(distance_m, frequency_mhz, base_height_m, mobile_height_m)
    return urban_db - 4.78 * log_f**2 + 18.33 * log_f - 40.94


def _model(name: str, loss: Loss, place: str, place_vi: str) -> Model:
    """Return one environment."""
    return by_distance.model(
        name,
        loss,
        title=f"Okumura-Hata, {place}",
        title_vi=f"Okumura-Hata, {place_vi}",
        source="Hata, IEEE Trans. Veh. Technol. 29 (1980)",
        frequency_mhz=Range(150.0, 1500.0),
        distance_m=DISTANCE_M,
        base_height_m=BASE_M,
        user_height_m=USER_M,
    )


MODELS = (
    _model("hata_urban", urban_loss_db, "medium city", "đô thị vừa"),
    _model("hata_large_city", large_city_loss_db, "large city", "đô thị lớn"),
    _model("hata_suburban", suburban_loss_db, "suburban", "ngoại ô"),
    _model("hata_open", open_loss_db, "open land", "vùng trống trải"),
)
