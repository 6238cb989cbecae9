"""A prediction checked against what was measured."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.errors import Defect, InputError
from phusong.messages import message

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated
    from phusong.results import ValidationResult
    from phusong.scenarios.propagation.calibrated import Calibrated
    from phusong.scenarios.validation.result import ValidationOptions

# As in the other modules of the front door: what is needed is imported when it is.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]


def validate(
    measurements: PathLike,
    *,
    cells: PathLike | None = None,
    stated: "Mapping[str, Stated] | None" = None,
    province: PathLike | None = None,
    terrain: Sequence[PathLike] = (),
    flat: str | None = None,
    model: str | None = None,
    calibration: PathLike | None = None,
    settings: Mapping[str, Any] | Iterable[str] = (),
    **options: Any,  # noqa: ANN401 - the fields of Options
) -> "ValidationResult":
    """Hold a propagation model, as it is, against a drive test or crowd data: nothing is fitted.

    Parameters
    ----------
    measurements, cells, stated, province, terrain, flat
        As ``calibrate`` takes them.
    model
        A model of single paths; by default ``p1812_terminal``, or the calibration's.
    calibration
        A file of ``phusong calibrate``.
    settings
        Parameters of the model, as ``predict`` takes them.
    **options
        Further fields of ``phusong.scenarios.validation.result.ValidationOptions``:
        ``pattern_fill``
        (share of the power, 0 to 0.5), ``receiver_height_m`` [m], ``threshold_dbm`` [dBm] from
        which a place is covered, ``rule`` (share of the places shown as covered that must be).

    Returns
    -------
    ValidationResult
        Errors, whether the stated intervals hold, and whether a map is right.

    Raises
    ------
    InputError
        Files or numbers that cannot be used, measurements of another band, samples that name no
        cell, or fewer than two places.

    References
    ----------
    ``docs/evidence.md``.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.validate("drive.csv", rule=2.0)
    Traceback (most recent call last):
    phusong.errors.InputError: unusable options: 1 defect
      rule, value 2.0: is not between 0.01 and 0.9999
    """
    from phusong.geodata.measured import cells as measured_cells
    from phusong.geodata.measured import ground
    from phusong.results import ValidationResult
    from phusong.scenarios.propagation import calibration_file
    from phusong.scenarios.validation import result

    tuned = calibration_file.load(Path(calibration)) if calibration else None
    texts = [f"{k}={v}" for k, v in settings.items()] if isinstance(settings, Mapping) else settings
    chosen = _chosen(model, tuned, texts, options)
    wanted = ground.wanted(province, terrain, flat)
    samples, listed = measured_cells.with_samples(measurements, cells, stated or {})
    return ValidationResult(result.run(samples, listed, wanted, chosen))


def _chosen(
    model: str | None,
    calibration: "Calibrated | None",
    settings: Iterable[str],
    stated: Mapping[str, Any],
) -> "ValidationOptions":
    """Return the options of a validation; the model is the calibration's, else the default.

    Raises
    ------
    InputError
        An option, a model or a parameter is unknown or out of range, or the calibration is of
        another model.
    """
    from phusong.geodata.reference import default_model
    from phusong.scenarios.propagation import link_request, options
    from phusong.scenarios.validation import result

    wrong = [
        Defect(
            name,
            message(
                "problem.is_not_between_and_2",
                limits=result.LIMITS[name][0],
                limits2=result.LIMITS[name][1],
            ),
            value=value,
        )
        if name in result.LIMITS
        else Defect("options", message("problem.is_none_of_2", limits=[*result.LIMITS]), value=name)
        for name, value in stated.items()
        if name not in result.LIMITS
        or not result.LIMITS[name][0] <= value <= result.LIMITS[name][1]
    ]
    if wrong:
        raise InputError(message("refusal.unusable_options"), wrong)
    name = options.model_name(model, calibration, default_model.NAME)
    model_, values = link_request.model(name), link_request.settings(settings)
    read = {each.key for each in (*model_.parameters, *model_.heights)}
    if foreign := [key for key in values if key not in read]:
        problem = message("problem.has_no_effect_on_the_model", name=name)
        raise InputError(
            message("refusal.unusable_parameters"), [Defect("--set", problem, value=foreign[0])]
        )
    return result.ValidationOptions(name, values, calibration, **stated)
