"""One radio path: the loss by any model with its parts, line of sight, and the link budget."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from phusong.coverage import diffraction, link_budget, profile
from phusong.coverage.models import (
    REGISTRY,
    Violation,
    atmosphere,
    free_space,
    outside,
    p1812,
    spm,
    tr38901,
)
from phusong.coverage.p1812.path import EARTH_RADIUS_KM
from phusong.coverage.profile import Profile
from phusong.coverage.units import FloatArray, dbm_from_watt, watt_from_dbm, wavelength_m
from phusong.errors import Defect, InputError
from phusong.geodata.measured.profiles import GroundProfile
from phusong.scenarios.propagation import link_request
from phusong.scenarios.propagation.link_request import Request, Value

EARTH_FACTOR = 4.0 / 3.0
RADIUS_KM = EARTH_FACTOR * EARTH_RADIUS_KM  # for line of sight and Fresnel zone


@dataclass(frozen=True)
class Radio:
    """What both ends bring to the link budget.

    The defaults are those of LTE 1800 in ``geodata/reference/rf_defaults.csv``.
    """

    tx_power_w: float = 80.0  # of the carrier, over all branches
    tx_gain_dbi: float = 17.5
    feeder_loss_db: float = 0.5
    rx_gain_dbi: float = 0.0
    subcarriers: int = 1200
    ports: int = 2


class Budget(NamedTuple):
    """From the transmitter to the receiver's antenna connector, in the main lobe."""

    tx_power_dbm: float
    tx_gain_dbi: float
    feeder_loss_db: float
    eirp_dbm: float
    loss_db: float
    rx_gain_dbi: float
    received_power_dbm: float
    subcarriers: int
    ports: int
    eirp_per_re_dbm: float
    rsrp_dbm: float


class Sight(NamedTuple):
    """How clear the ray is of terrain and clutter, over an Earth of 4/3 of its radius."""

    line_of_sight: bool  # clear of terrain and clutter
    terrain_line_of_sight: bool  # clear of the bare terrain
    fresnel_clearance: float  # least clearance in radii of the first Fresnel zone
    fresnel_at_m: float  # where, from the transmitter


@dataclass(frozen=True)
class Prediction:
    """The loss of one path and everything that led to it."""

    request: Request
    distance_m: float
    parts: dict[str, float]  # loss_db first
    parameters: dict[str, Value]
    sight: Sight
    outside: tuple[Violation, ...]

    @property
    def loss_db(self) -> float:
        """Return the basic transmission loss."""
        return self.parts["loss_db"]


class Drawing(NamedTuple):
    """A path as it is drawn, on a dense row of distances, above the chord through sea level."""

    distance_km: FloatArray
    sea_m: FloatArray
    ground_m: FloatArray
    obstacle_m: FloatArray
    ray_m: FloatArray
    fresnel_m: FloatArray


def radio_defects(radio: Radio) -> list[Defect]:
    """Return the figures of a link budget that no radio has."""
    allowed = {
        "tx_power_w": (1e-6, 1e6),
        "tx_gain_dbi": (-50.0, 80.0),
        "feeder_loss_db": (0.0, 100.0),
        "rx_gain_dbi": (-50.0, 80.0),
        "subcarriers": (1, 10_000),
        "ports": (1, 256),
    }
    return [
        Defect(name, f"is not between {low:g} and {high:g}", value=getattr(radio, name))
        for name, (low, high) in allowed.items()
        if not low <= getattr(radio, name) <= high
    ]


def with_eirp_per_re(radio: Radio, eirp_per_re_dbm: float) -> Radio:
    """Return the radio with the power that gives this radiated power per resource element."""
    spread_db = 10.0 * math.log10(radio.subcarriers * radio.ports)
    power_dbm = eirp_per_re_dbm + spread_db - radio.tx_gain_dbi + radio.feeder_loss_db
    return replace(radio, tx_power_w=float(watt_from_dbm(power_dbm)))


def checked(ground: GroundProfile, source: str = "profile") -> Profile:
    """Return the ground as coverage works on it.

    Raises
    ------
    InputError
        When distances do not rise from 0, heights are missing, or points are too few.
    """
    found = profile.from_arrays(ground.distance_km, ground.height_m, ground.clutter_m, ground.zone)
    if wrong := profile.defects(found, source):
        raise InputError("unusable profile", wrong)
    return found


def predict(request: Request, ground: Profile, latitude_deg: float | None = None) -> Prediction:
    """Predict one path over a checked profile.

    Parameters
    ----------
    request
        Model, settings, frequency, heights above ground; the transmitter is the base station.
    ground
        Profile from the transmitter to the receiver.
    latitude_deg
        Latitude of the path's centre, where no setting gives it.

    Raises
    ------
    InputError
        When a hard limit of the model is not kept.
    """
    distance_m = 1000.0 * float(ground.distance_km[-1])
    if found := link_request.defects(request, distance_m):
        raise InputError(f"{request.model.name} cannot predict this path", found)
    parts, parameters = _parts(request, ground, distance_m, latitude_deg)
    if not math.isfinite(parts["loss_db"]):
        defect = Defect(request.model.name, "has no loss for these heights and this distance")
        raise InputError("the model cannot be used so", [defect])
    broken = outside(
        request.model,
        frequency_mhz=request.frequency_mhz,
        distance_m=distance_m,
        base_height_m=request.tx_height_m,
        user_height_m=request.rx_height_m,
    )
    return Prediction(request, distance_m, parts, parameters, sight(request, ground), tuple(broken))


def _parts(
    request: Request, ground: Profile, distance_m: float, latitude_deg: float | None
) -> tuple[dict[str, float], dict[str, Value]]:
    """Return the loss with its parts, and the parameters it was predicted with."""
    use = (request.frequency_mhz, request.tx_height_m, request.rx_height_m)
    if request.model.name == "p1812":
        climate = link_request.p1812_parameters(request, ground, latitude_deg)
        return p1812.named_values(p1812.predict(ground, *use, climate)), asdict(climate)
    if request.model.name == "spm":
        tuned = link_request.spm_parameters(request)
        parts = spm.predict(ground, *use, tuned)._asdict()
        assert tuned.coefficients is not None  # noqa: S101 - spm_parameters fills them in
        used: dict[str, Value] = {f"k{i}": tuned.coefficients[i - 1] for i in range(1, 8)}
        return {name: float(value) for name, value in parts.items()}, used
    parts = _blind_parts(request, distance_m)
    if request.frequency_mhz < atmosphere.FROM_MHZ:
        return parts, {}
    return _through_air(request, distance_m, parts)


def _through_air(
    request: Request, distance_m: float, parts: dict[str, float]
) -> tuple[dict[str, float], dict[str, Value]]:
    """Add the loss in gas and rain, which no model of distance knows."""
    air = link_request.air(request)
    gas_db = float(atmosphere.gas_loss_db(distance_m, request.frequency_mhz, air))
    rain_db = float(atmosphere.rain_loss_db(distance_m, request.frequency_mhz, air.rain_mm_h))
    total = {"loss_db": parts["loss_db"] + gas_db + rain_db}
    return {**parts, **total, "gas_db": gas_db, "rain_db": rain_db}, dict(air._asdict())


def _blind_parts(request: Request, distance_m: float) -> dict[str, float]:
    """Return the loss of a model that sees no terrain, beside free space and its own parts."""
    use = (distance_m, request.frequency_mhz, request.tx_height_m, request.rx_height_m)
    loss_db = float(request.model.function(*use))
    free_db = float(free_space.path_loss_db(*use))
    parts = {"loss_db": loss_db, "free_space_db": free_db, "excess_db": loss_db - free_db}
    probability = {
        "uma": lambda: tr38901.uma_los_probability(distance_m, request.rx_height_m),
        "umi": lambda: tr38901.umi_los_probability(distance_m),
        "rma": lambda: tr38901.rma_los_probability(distance_m),
    }.get(request.model.name)
    if probability is not None:
        for sight_ in ("los", "nlos"):
            beside = REGISTRY[f"{request.model.name}_{sight_}"]
            parts[f"{sight_}_db"] = float(beside.function(*use))
        parts["los_probability"] = float(probability())
    return parts


def sight(request: Request, ground: Profile) -> Sight:
    """Return whether the ends see each other and how clear the first Fresnel zone is."""
    ends = (ground.height_m[0] + request.tx_height_m, ground.height_m[-1] + request.rx_height_m)
    surface_m = profile.surface_m(ground.height_m, ground.clutter_m)
    (bare, _), (ratio, at_km) = (
        profile.fresnel_clearance(
            ground.distance_km,
            obstacle_m,
            *ends,
            RADIUS_KM,
            wavelength_m(float(request.frequency_mhz)),
        )
        for obstacle_m in (ground.height_m, surface_m)
    )
    return Sight(bool(ratio >= 0.0), bool(bare >= 0.0), float(ratio), 1000.0 * float(at_km))


def budget(radio: Radio, loss_db: float) -> Budget:
    """Return the link budget in the main lobe of the transmitter."""
    gain_dbi, feeder_db = radio.tx_gain_dbi, radio.feeder_loss_db
    eirp_dbm = link_budget.eirp_dbm(radio.tx_power_w, gain_dbi, feeder_db)
    per_re_dbm = link_budget.eirp_per_re_dbm(
        radio.tx_power_w, gain_dbi, radio.subcarriers, feeder_db, radio.ports
    )
    return Budget(
        tx_power_dbm=float(dbm_from_watt(radio.tx_power_w)),
        tx_gain_dbi=gain_dbi,
        feeder_loss_db=feeder_db,
        eirp_dbm=eirp_dbm,
        loss_db=loss_db,
        rx_gain_dbi=radio.rx_gain_dbi,
        received_power_dbm=eirp_dbm - loss_db + radio.rx_gain_dbi,
        subcarriers=radio.subcarriers,
        ports=radio.ports,
        eirp_per_re_dbm=per_re_dbm,
        rsrp_dbm=float(link_budget.rsrp_dbm(per_re_dbm, loss_db)) + radio.rx_gain_dbi,
    )


def warnings(predictions: Iterable[Prediction]) -> list[str]:
    """Return what to know of predictions: each limit not kept once, settings without effect."""
    asked = list(predictions)
    counts: dict[tuple[str, str], tuple[int, Violation]] = {}
    for broken in (violation for prediction in asked for violation in prediction.outside):
        key = (broken.model, broken.quantity)
        counts[key] = (counts.get(key, (0, broken))[0] + 1, broken)
    share = f" of {len(asked)} paths)" if len(asked) > 1 else ""
    said = [f"{broken}{f' ({count}{share}' if share else ''}" for count, broken in counts.values()]
    return said + (_idle(asked[0].request) if asked else [])


def _idle(request: Request) -> list[str]:
    """Return the settings that this path does not read."""
    name, read = request.model.name, {request.model.name}
    if request.model.kind == "distance" and request.frequency_mhz >= atmosphere.FROM_MHZ:
        read.add("air")
    return [
        f"{key} has no effect on the model {name}"
        + (" below 10 GHz" if key.startswith("air.") else "")
        for key in request.settings
        if key.partition(".")[0] not in read
    ]


def record(prediction: Prediction, radio: Radio) -> dict[str, Any]:
    """Return a prediction as plain values by name, ``loss_db`` first."""
    request = prediction.request
    return {
        **prediction.parts,
        "model": request.model.name,
        "frequency_mhz": request.frequency_mhz,
        "distance_m": prediction.distance_m,
        "tx_height_m": request.tx_height_m,
        "rx_height_m": request.rx_height_m,
        **prediction.sight._asdict(),
        "link_budget": budget(radio, prediction.loss_db)._asdict(),
        "parameters": dict(prediction.parameters),
        "warnings": warnings([prediction]),
    }


def drawing(request: Request, ground: Profile, points: int = 600) -> Drawing:
    """Return the path as a picture shows it: the Earth curved, the ray straight."""
    path_km = float(ground.distance_km[-1])
    km = np.union1d(ground.distance_km, np.linspace(0.0, path_km, points))
    sea_m = np.array([diffraction.bulge_m(d, path_km - d, 1.0 / RADIUS_KM) for d in km])
    ends = (ground.height_m[0] + request.tx_height_m, ground.height_m[-1] + request.rx_height_m)
    halves_km = 0.5 * (ground.distance_km[1:] + ground.distance_km[:-1])
    cover_m = np.append(ground.clutter_m[:-1], 0.0)
    cover_m[0] = 0.0  # antennas stand on the bare ground
    ground_m = np.interp(km, ground.distance_km, ground.height_m) + sea_m
    wave_m = wavelength_m(float(request.frequency_mhz))
    return Drawing(
        km,
        sea_m,
        ground_m,
        ground_m + cover_m[np.searchsorted(halves_km, km)],
        np.interp(km, [0.0, path_km], ends),
        np.array([diffraction.fresnel_radius_m(1e3 * d, 1e3 * (path_km - d), wave_m) for d in km]),
    )
