"""One radio path: the loss by any model with its parts, line of sight, and the link budget."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from phusong.coverage import diffraction, link_budget, profile
from phusong.coverage.models import Value, Violation, outside
from phusong.coverage.models.model import RadioPath
from phusong.coverage.p1812.path import EARTH_RADIUS_KM
from phusong.coverage.profile import Profile
from phusong.coverage.units import FloatArray, dbm_from_watt, watt_from_dbm, wavelength_m
from phusong.errors import Defect, InputError
from phusong.geodata.measured.profiles import GroundProfile
from phusong.geodata.province import BUILT_UP, LandCover
from phusong.messages import message
from phusong.scenarios.propagation import link_request
from phusong.scenarios.propagation.link_request import LinkRequest

__all__ = ["LinkBudget", "LinkPrediction", "LinkRequest", "Radio", "budget_of", "predict"]

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


class LinkBudget(NamedTuple):
    """From the transmitter to the receiver's antenna connector; EIRP is that of the main lobe."""

    tx_power_dbm: float
    tx_gain_dbi: float
    feeder_loss_db: float
    eirp_dbm: float
    pattern_loss_db: float
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
class LinkPrediction:
    """The loss of one path and everything that led to it.

    ``pattern_loss_db`` is what the antenna loses towards the receiver against its main lobe,
    ``eirp_offset_db`` what a calibration has found the cell to radiate above its stated power.
    """

    request: LinkRequest
    distance_m: float
    parts: dict[str, float]  # loss_db first
    parameters: dict[str, Value]
    sight: Sight
    outside: tuple[Violation, ...]
    pattern_loss_db: float = 0.0
    eirp_offset_db: float = 0.0

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
        Defect(
            name,
            message("problem.is_not_between_and", low=low, high=high),
            value=getattr(radio, name),
        )
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
    ground_profile = profile.from_arrays(
        ground.distance_km, ground.height_m, ground.clutter_m, ground.zone
    )
    if wrong := profile.defects(ground_profile, source):
        raise InputError(message("refusal.unusable_profile"), wrong)
    return ground_profile


def predict(
    request: LinkRequest,
    ground: Profile,
    latitude_deg: float | None = None,
    landcover: LandCover | None = None,
) -> LinkPrediction:
    """Predict one path over a checked profile.

    Parameters
    ----------
    request
        Model, settings, frequency, heights above ground; the transmitter is the base station.
    ground
        Profile from the transmitter to the receiver.
    latitude_deg
        Latitude of the path's centre, where no setting gives it.
    landcover
        At the receiver, None where it is not known.

    Raises
    ------
    InputError
        When a hard limit of the model is not kept.
    """
    distance_m = 1000.0 * float(ground.distance_km[-1])
    if not_kept := link_request.defects(request, distance_m):
        raise InputError(
            message("refusal.cannot_predict_this_path", model=request.model.name), not_kept
        )
    heights_m = (request.tx_height_m, request.rx_height_m)
    built_up = None if landcover is None else landcover in BUILT_UP
    path = RadioPath(ground, request.frequency_mhz, *heights_m, latitude_deg, built_up)
    parts, parameters = request.model.for_path(path, request.model.own(request.settings))
    if not math.isfinite(parts["loss_db"]):
        defect = Defect(request.model.name, message("problem.has_no_loss_for_these_heights"))
        raise InputError(message("refusal.the_model_cannot_be_used_so_2"), [defect])
    broken = outside(
        request.model,
        frequency_mhz=request.frequency_mhz,
        distance_m=distance_m,
        base_height_m=request.tx_height_m,
        user_height_m=request.rx_height_m,
    )
    return LinkPrediction(
        request, distance_m, parts, parameters, sight(request, ground), tuple(broken)
    )


def sight(request: LinkRequest, ground: Profile) -> Sight:
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


def budget_of(
    radio: Radio, loss_db: float, pattern_loss_db: float = 0.0, eirp_offset_db: float = 0.0
) -> LinkBudget:
    """Return the link budget; in the main lobe and at the stated power unless told otherwise."""
    power_dbm = float(dbm_from_watt(radio.tx_power_w)) + eirp_offset_db
    power_w, gain_dbi = float(watt_from_dbm(power_dbm)), radio.tx_gain_dbi
    eirp_dbm = link_budget.eirp_dbm(power_w, gain_dbi, radio.feeder_loss_db)
    per_re_dbm = link_budget.eirp_per_re_dbm(
        power_w, gain_dbi, radio.subcarriers, radio.feeder_loss_db, radio.ports
    )
    lost_db = loss_db + pattern_loss_db - radio.rx_gain_dbi
    return LinkBudget(
        tx_power_dbm=power_dbm,
        tx_gain_dbi=gain_dbi,
        feeder_loss_db=radio.feeder_loss_db,
        eirp_dbm=eirp_dbm,
        pattern_loss_db=pattern_loss_db,
        loss_db=loss_db,
        rx_gain_dbi=radio.rx_gain_dbi,
        received_power_dbm=eirp_dbm - lost_db,
        subcarriers=radio.subcarriers,
        ports=radio.ports,
        eirp_per_re_dbm=per_re_dbm,
        rsrp_dbm=float(link_budget.rsrp_dbm(per_re_dbm, lost_db)),
    )


def warnings(predictions: Iterable[LinkPrediction]) -> list[str]:
    """Return what to know of predictions: each limit not kept once, settings without effect."""
    listed = list(predictions)
    counts: dict[tuple[str, str], tuple[int, Violation]] = {}
    for broken in (violation for prediction in listed for violation in prediction.outside):
        key = (broken.model, broken.quantity)
        counts[key] = (counts.get(key, (0, broken))[0] + 1, broken)
    share = f" of {len(listed)} paths)" if len(listed) > 1 else ""
    limits = [
        f"{broken}{f' ({count}{share}' if share else ''}" for count, broken in counts.values()
    ]
    return limits + (_idle(listed[0].request) if listed else [])


def _idle(request: LinkRequest) -> list[str]:
    """Return the settings that this path does not read."""
    model, mhz = request.model, request.frequency_mhz
    read = {each.key: each for each in (*model.parameters, *model.heights)}
    return [
        f"{key} has no effect on the model {model.name}"
        + (f" below {read[key].from_mhz / 1000:g} GHz" if key in read else "")
        for key in request.settings
        if key not in read or mhz < read[key].from_mhz
    ]


def record(prediction: LinkPrediction, radio: Radio) -> dict[str, Any]:
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
        "link_budget": budget_of(
            radio, prediction.loss_db, prediction.pattern_loss_db, prediction.eirp_offset_db
        )._asdict(),
        "parameters": dict(prediction.parameters),
        "warnings": warnings([prediction]),
    }


def drawing(request: LinkRequest, ground: Profile, points: int = 600) -> Drawing:
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
