"""Propagation models: one module each, and the registry of them with their limits.

Imports no other room.

A model is one whole; parts of different models are not mixed. ``kind`` says how its function
is called:

- ``distance``: ``function(distance_m, frequency_mhz, base_height_m, user_height_m)``, with
  the horizontal distance, returns the loss in decibels;
- ``profile``: ``function(ground, frequency_mhz, tx_height_m, rx_height_m, parameters)``
  returns a record of the loss and its parts;
- ``addition``: what is added to a path loss; see the function.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from phusong.coverage.models import (
    cost231,
    free_space,
    okumura_hata,
    p1812,
    p2108,
    p2109,
    spm,
    tr38901,
)


class Range(NamedTuple):
    """The smallest and the largest value for which a model was published."""

    low: float
    high: float


@dataclass(frozen=True)
class Violation:
    """One published limit that a use of a model does not keep."""

    model: str
    quantity: str
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return a sentence for a warning."""
        return (
            f"{self.model}: {self.quantity} {self.value:g} is outside the published range "
            f"{self.low:g} to {self.high:g}"
        )


@dataclass(frozen=True)
class Model:
    """A propagation model, where it comes from and where it holds."""

    name: str
    function: Callable[..., Any]
    title: str
    title_vi: str
    source: str
    kind: Literal["distance", "profile", "addition"]
    frequency_mhz: Range
    distance_m: Range
    base_height_m: Range
    user_height_m: Range


ANY = Range(0.0, math.inf)
HATA_M, HATA_BASE_M, HATA_USER_M = Range(1e3, 20e3), Range(30.0, 200.0), Range(1.0, 10.0)
TR38901_MHZ = Range(500.0, 100e3)
URBAN_USER_M = Range(1.5, 22.5)


def _hata(name: str, function: Callable[..., Any], place: str, place_vi: str) -> Model:
    """Return one environment of Okumura-Hata."""
    return Model(
        name,
        function,
        f"Okumura-Hata, {place}",
        f"Okumura-Hata, {place_vi}",
        "Hata, IEEE Trans. Veh. Technol. 29 (1980)",
        "distance",
        Range(150.0, 1500.0),
        HATA_M,
        HATA_BASE_M,
        HATA_USER_M,
    )


def _cost231(name: str, function: Callable[..., Any], place: str, place_vi: str) -> Model:
    """Return one environment of COST-231 Hata."""
    return Model(
        name,
        function,
        f"COST-231 Hata, {place}",
        f"COST-231 Hata, {place_vi}",
        "COST Action 231 final report (1999), section 4.4.1",
        "distance",
        Range(1500.0, 2000.0),
        HATA_M,
        HATA_BASE_M,
        HATA_USER_M,
    )


def _tr38901(name: str, function: Callable[..., Any], title: str, sight: str) -> Model:
    """Return one scenario of TR 38.901, in line of sight, without, or the mean of both."""
    rural = name.startswith("rma")
    base_m = {"uma": Range(25.0, 25.0), "umi": Range(10.0, 10.0), "rma": Range(10.0, 150.0)}
    titles = SIGHTS[sight]
    return Model(
        name,
        function,
        f"3GPP {title}, {titles[0]}",
        f"3GPP {title}, {titles[1]}",
        "3GPP TR 38.901 V17, tables 7.4.1-1 and 7.4.2-1",
        "distance",
        Range(500.0, 30e3) if rural else TR38901_MHZ,
        Range(10.0, 10e3 if rural and sight == "los" else 5e3),
        base_m[name[:3]],
        Range(1.0, 10.0) if rural else URBAN_USER_M,
    )


SIGHTS = {
    "": ("expected", "trung bình"),
    "los": ("line of sight", "tầm nhìn thẳng"),
    "nlos": ("no line of sight", "không có tầm nhìn thẳng"),
}

_MODELS = (
    Model(
        "p1812",
        p1812.predict,
        "ITU-R P.1812, path-specific over terrain and clutter",
        "ITU-R P.1812, theo mặt cắt địa hình và lớp phủ mặt đất",
        "Recommendation ITU-R P.1812-7 (2023)",
        "profile",
        Range(30.0, 6000.0),
        Range(250.0, 3e6),
        Range(1.0, 3000.0),
        Range(1.0, 3000.0),
    ),
    Model(
        "spm",
        spm.predict,
        "Standard propagation model, K1 to K7",
        "Mô hình truyền sóng chuẩn, K1 đến K7",
        "Form of Hata (1980) and COST 231 (1999) with P.526-16 diffraction and clutter",
        "profile",
        Range(150.0, 3500.0),
        HATA_M,
        Range(20.0, 200.0),
        HATA_USER_M,
    ),
    Model(
        "free_space",
        free_space.path_loss_db,
        "Free space",
        "Không gian tự do",
        "Recommendation ITU-R P.525-4 (2019)",
        "distance",
        ANY,
        Range(1.0, math.inf),
        ANY,
        ANY,
    ),
    _hata("hata_urban", okumura_hata.urban_loss_db, "medium city", "đô thị vừa"),
    _hata("hata_large_city", okumura_hata.large_city_loss_db, "large city", "đô thị lớn"),
    _hata("hata_suburban", okumura_hata.suburban_loss_db, "suburban", "ngoại ô"),
    _hata("hata_open", okumura_hata.open_loss_db, "open land", "vùng trống trải"),
    _cost231("cost231_urban", cost231.urban_loss_db, "medium city", "đô thị vừa"),
    _cost231("cost231_large_city", cost231.large_city_loss_db, "large city", "đô thị lớn"),
    _cost231("cost231_suburban", cost231.suburban_loss_db, "suburban", "ngoại ô"),
    _cost231("cost231_open", cost231.open_loss_db, "open land", "vùng trống trải"),
    _tr38901("uma", tr38901.uma_expected_loss_db, "UMa", ""),
    _tr38901("uma_los", tr38901.uma_los_loss_db, "UMa", "los"),
    _tr38901("uma_nlos", tr38901.uma_nlos_loss_db, "UMa", "nlos"),
    _tr38901("umi", tr38901.umi_expected_loss_db, "UMi street canyon", ""),
    _tr38901("umi_los", tr38901.umi_los_loss_db, "UMi street canyon", "los"),
    _tr38901("umi_nlos", tr38901.umi_nlos_loss_db, "UMi street canyon", "nlos"),
    _tr38901("rma", tr38901.rma_expected_loss_db, "RMa", ""),
    _tr38901("rma_los", tr38901.rma_los_loss_db, "RMa", "los"),
    _tr38901("rma_nlos", tr38901.rma_nlos_loss_db, "RMa", "nlos"),
    Model(
        "p2108_terrestrial",
        p2108.terrestrial_loss_db,
        "ITU-R P.2108, clutter loss at one end of a path in town",
        "ITU-R P.2108, suy hao do vật cản quanh một đầu đường truyền trong đô thị",
        "Recommendation ITU-R P.2108-1 (2021), section 3.2",
        "addition",
        Range(500.0, 67e3),
        Range(250.0, math.inf),
        ANY,
        ANY,
    ),
    Model(
        "p2109",
        p2109.entry_loss_db,
        "ITU-R P.2109, building entry loss",
        "ITU-R P.2109, suy hao xuyên vào toà nhà",
        "Recommendation ITU-R P.2109-1 (2019)",
        "addition",
        Range(80.0, 100e3),
        ANY,
        ANY,
        ANY,
    ),
)

REGISTRY = {model.name: model for model in _MODELS}


def outside(
    model: Model,
    *,
    frequency_mhz: float,
    distance_m: float | None = None,
    base_height_m: float | None = None,
    user_height_m: float | None = None,
) -> list[Violation]:
    """Return the published limits of a model that a use does not keep.

    Examples
    --------
    >>> [str(broken) for broken in outside(REGISTRY["hata_urban"], frequency_mhz=2600.0)]
    ['hata_urban: frequency_mhz 2600 is outside the published range 150 to 1500']
    """
    used = {
        "frequency_mhz": frequency_mhz,
        "distance_m": distance_m,
        "base_height_m": base_height_m,
        "user_height_m": user_height_m,
    }
    found = []
    for quantity, value in used.items():
        limits: Range = getattr(model, quantity)
        if value is not None and not limits.low <= value <= limits.high:
            found.append(Violation(model.name, quantity, value, limits.low, limits.high))
    return found
