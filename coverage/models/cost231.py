"""COST-231 Hata: COST Action 231 final report (1999), section 4.4.1.

Hata's form carried to 1500-2000 MHz; 1 to 20 km, base 30 to 200 m (above the roofs around
it), mobile 1 to 10 m. Suburbs and open land keep Hata's corrections, as is usual practice:
the report itself gives the two urban cases only.
"""

import math

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import by_distance, okumura_hata
from phusong.coverage.models.by_distance import Loss
from phusong.coverage.models.model import Model, Range
from phusong.coverage.models.okumura_hata import mobile_gain_db

METROPOLITAN_DB = 3.0


@kernel(**PATH)
def urban_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in a medium-sized city or suburban centre (eq. 4.4.3, C_m = 0 dB).

    Examples
    --------
    >>> round(urban_loss_db(2000.0, 2114.0, 30.0, 1.0), 2)
    150.64
    """
    log_base = math.log10(base_height_m)
    start_db = 46.3 + 33.9 * math.log10(frequency_mhz) - 13.82 * log_base
    slope_db = 44.9 - 6.55 * log_base
    gain_db = mobile_gain_db(frequency_mhz, mobile_height_m)
    return start_db - gain_db + slope_db * math.log10(distance_m / 1000.0)


@kernel(**PATH)
def large_city_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in a metropolitan centre (eq. 4.4.3, C_m = 3 dB)."""
    medium_db = urban_loss_db(distance_m, frequency_mhz, base_height_m, mobile_height_m)
    return medium_db + METROPOLITAN_DB


@kernel(**PATH)
def suburban_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss in suburbs, by Hata's correction (Hata 1980 eq. 22)."""
    urban_db = urban_loss_db(distance_m, frequency_mhz, base_height_m, mobile_height_m)
    return urban_db - 2.0 * math.log10(frequency_mhz / 28.0) ** 2 - 5.4


@kernel(**PATH)
def open_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, mobile_height_m: float
) -> float:
    """Return the median loss over open land, by Hata's correction (Hata 1980 eq. 24)."""
    log_f = math.log10(frequency_mhz)
    urban_db = urban_loss_db(distance_m, frequency_mhz, base_height_m, mobile_height_m)
    return urban_db - 4.78 * log_f**2 + 18.33 * log_f - 40.94


def _model(name: str, loss: Loss, place: str, place_vi: str) -> Model:
    """Return one environment."""
    return by_distance.model(
        name,
        loss,
        title=f"COST-231 Hata, {place}",
        title_vi=f"COST-231 Hata, {place_vi}",
        source="COST Action 231 final report (1999), section 4.4.1",
        frequency_mhz=Range(1500.0, 2000.0),
        distance_m=okumura_hata.DISTANCE_M,
        base_height_m=okumura_hata.BASE_M,
        user_height_m=okumura_hata.USER_M,
    )


MODELS = (
    _model("cost231_urban", urban_loss_db, "medium city", "đô thị vừa"),
    _model("cost231_large_city", large_city_loss_db, "large city", "đô thị lớn"),
    _model("cost231_suburban", suburban_loss_db, "suburban", "ngoại ô"),
    _model("cost231_open", open_loss_db, "open land", "vùng trống trải"),
)
