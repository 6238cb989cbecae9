"""What layers of a list of cells assume, and whether a model can predict the cells."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.coverage import capacity, p2109, shadowing, signal_quality
from phusong.coverage.models import REGISTRY, Model
from phusong.errors import Defect, InputError
from phusong.geodata.reference import default_model
from phusong.messages import Message, message
from phusong.scenarios.propagation import link_request, model_settings
from phusong.scenarios.propagation.calibrated import Calibrated

BUILDINGS = {"traditional": p2109.TRADITIONAL, "efficient": p2109.THERMALLY_EFFICIENT}


@dataclass(frozen=True)
class PredictionOptions:
    """What the layers assume beside the cells themselves.

    Parameters
    ----------
    model
        Name of the propagation model.
    radius_m
        How far cells are followed [m]; less than ``FULL_REACH_M`` is a cut.
    load
        Share of resource elements that other cells fill: traffic, for SINR of data and speed.
    reference_load
        The same where RSSI, RSRQ and RS-SINR of 4G are measured; those of 5G are of the SSB.
    threshold_dbm
        RSRP of service [dBm].
    sigma_db
        Location variability [dB].
    shadowing_correlation
        Of it between masts, 0 to 1.
    building
        ``traditional`` or ``efficient`` (ITU-R P.2109).
    receiver_height_m
        Handset above ground [m].
    downlink_share
        Of the time in TDD, 0 to 1.
    noise_figure_db
        Of the handset [dB].
    handset_power_dbm
        Over all its layers, uplink [dBm].
    body_loss_db
        Of the user, uplink [dB].
    uplink_noise_figure_db
        Of the base station [dB].
    uplink_noise_rise_db
        From handsets of other cells [dB].
    uplink_streams
        Most layers of the handset.
    uplink_overhead
        Share of the uplink's resource elements; that of the technology if None.
    uplink_highest_efficiency
        Of one layer of the handset [bits per resource element]; that of the technology if None.
    by_table
        Speed by modulation and code instead of truncated Shannon.
    parameters
        Of the model, by name.
    clutter_m
        Height of what stands on each class of land [m]; the model's own if None.
    pattern_fill
        Share of the power that fills the nulls of antennas.
    calibration
        Of that model, by measurements.
    """

    model: str = default_model.NAME
    radius_m: float = model_settings.FULL_REACH_M
    load: float = 0.5  # share of resource elements that other cells fill
    reference_load: float = signal_quality.REFERENCE_LOAD
    threshold_dbm: float = -110.0  # RSRP of service outdoors
    sigma_db: float = 9.3  # of places, and of the model over areas: docs/evidence.md
    shadowing_correlation: float = shadowing.CORRELATION  # of sigma_db, between masts
    building: str = "traditional"
    receiver_height_m: float = 1.5
    downlink_share: float = 0.7  # of the time, TDD
    noise_figure_db: float = 7.0  # handset
    handset_power_dbm: float = capacity.HANDSET_POWER_DBM
    body_loss_db: float = 4.0
    uplink_noise_figure_db: float = 5.0  # typical of macro sites [K]
    uplink_noise_rise_db: float = 3.0
    uplink_streams: int = 1
    uplink_overhead: float | None = None  # of the technology
    uplink_highest_efficiency: float | None = None  # of the technology
    by_table: bool = False  # steps of modulation and code instead of truncated Shannon
    parameters: Mapping[str, Any] = field(default_factory=dict)  # of the model, by name
    clutter_m: Mapping[str, float] | None = None  # by class of land; the model's own if None
    pattern_fill: float = default_model.PATTERN_FILL  # of the power, in the nulls of antennas
    calibration: Calibrated | None = None  # of that model, by measurements

    @property
    def heights_m(self) -> Mapping[str, float]:
        """Return the heights of clutter by class of land."""
        own = REGISTRY[self.model].clutter_m({})
        return own if self.clutter_m is None else self.clutter_m


def model_name(model: str | None, calibration: Calibrated | None, usual: str) -> str:
    """Return the model that is asked for, else the calibration's, else the usual one.

    Raises
    ------
    InputError
        The calibration is of another model.
    """
    name = model or (calibration.model if calibration else usual)
    if calibration and calibration.model != name:
        problem = message("problem.is_not_of_the_model", name=name)
        remedy = message("remedy.leave_model_out_or_use", model=calibration.model)
        defect = Defect(calibration.file, problem, remedy)
        raise InputError(message("refusal.the_wrong_calibration"), [defect])
    return name


def chosen(
    model: str | None,
    calibration: Calibrated | None,
    settings: Iterable[str],
    stated: Mapping[str, Any],
) -> PredictionOptions:
    """Return the options of a prediction; the model is the calibration's, else the default.

    ``settings`` are parameters of the model as ``model.name=value``.

    Raises
    ------
    InputError
        An option, a model or a parameter is unknown, a parameter is of another model, or the
        calibration is.
    """
    known = {each.name for each in fields(PredictionOptions)} - {
        "model",
        "calibration",
        "parameters",
        "clutter_m",
    }
    if unknown := [name for name in stated if name not in known]:
        raise InputError(
            message("refusal.unknown_options"), [_unknown(name, known) for name in unknown]
        )
    named = model_name(model, calibration, PredictionOptions.model)
    link_request.named(named)
    model_settings.check(named)
    known_model, values = REGISTRY[named], link_request.settings(settings)
    _refuse_foreign(known_model, values, calibration)
    return PredictionOptions(
        model=named,
        calibration=calibration,
        parameters=known_model.own(values),
        clutter_m=known_model.clutter_m(values),
        **stated,
    )


_NO_EFFECT = "problem.has_no_effect_on_the_model"


def _refuse_foreign(
    model: Model, values: Mapping[str, Any], calibration: Calibrated | None
) -> None:
    """Raise InputError where a parameter would have no effect on a model."""
    tuned = calibration is not None and calibration.coefficients is not None
    read = {each.key for each in (*model.parameters, *model.heights)}
    if foreign := [key for key in values if tuned or key not in read]:
        words = "problem.has_no_effect_on_the_calibrated_model" if tuned else _NO_EFFECT
        problem = message(words, name=model.name)
        raise InputError(
            message("refusal.unusable_parameters"), [Defect("--set", problem, value=foreign[0])]
        )


def _unknown(name: str, known: set[str]) -> Defect:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = (
        message("remedy.did_you_mean", near=near[0])
        if near
        else message("remedy.there_are_4", known=[*sorted(known)])
    )
    return Defect("options", message("problem.is_no_option"), remedy, value=name)


LIMITS = {
    "radius_m": (100.0, 100_000.0),
    "load": (0.0, 1.0),
    "reference_load": (0.0, 1.0),
    "threshold_dbm": (-156.0, -31.0),  # the range that handsets report
    "sigma_db": (0.1, 20.0),
    "pattern_fill": (0.0, 0.5),
    "receiver_height_m": (1.0, 50.0),
    "downlink_share": (0.05, 0.95),
    "noise_figure_db": (0.0, 30.0),
    "body_loss_db": (0.0, 30.0),
    "uplink_noise_figure_db": (0.0, 30.0),
    "uplink_noise_rise_db": (0.0, 30.0),
    "shadowing_correlation": (0.0, 1.0),
    "handset_power_dbm": (-50.0, 40.0),
    "uplink_streams": (1, 4),
    "uplink_overhead": (0.0, 0.99),
    "uplink_highest_efficiency": (0.01, 10.0),
}


def check(listed: GeoDataFrame, options: PredictionOptions) -> None:
    """Raise one error with every option and cell that cannot be predicted with."""
    defects = [
        Defect(
            name,
            message("problem.is_not_between_and", low=low, high=high),
            value=getattr(options, name),
        )
        for name, (low, high) in LIMITS.items()
        if getattr(options, name) is not None and not low <= getattr(options, name) <= high
    ]
    read = REGISTRY[options.model].parameters
    highest_mhz = float(listed[col.FREQUENCY_MHZ].max())
    defects += [
        Defect(each.key, message("problem.has_no_effect_below_ghz", from_mhz=each.from_mhz / 1000))
        for each in read
        if each.name in options.parameters and highest_mhz < each.from_mhz
    ]
    for row, (frequency_mhz, height_m) in enumerate(_radiators(listed), start=1):
        for model in REGISTRY[options.model].published:
            request = link_request.LinkRequest(
                frequency_mhz, height_m, options.receiver_height_m, model
            )
            broken = link_request.defects(request)
            defects += [Defect("cells", str(each), row=row) for each in broken]
    if defects:
        raise InputError(
            message("refusal.the_layers_cannot_be_predicted"), list(dict.fromkeys(defects))
        )


def warnings(listed: GeoDataFrame, options: PredictionOptions) -> list[Message]:
    """Return what of the model's limits, published or calibrated, cells do not keep, each once."""
    radiators, heights = _radiators(listed), (options.radius_m, options.receiver_height_m)
    return model_settings.warnings(options.model, radiators, *heights, options.calibration)


def _radiators(listed: GeoDataFrame) -> list[tuple[float, float]]:
    return [
        (float(frequency), float(height))
        for frequency, height in zip(listed[col.FREQUENCY_MHZ], listed[col.HEIGHT_M], strict=True)
    ]
