"""A prediction checked against what was measured, a plan against what was built."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.errors import Defect, InputError
from phusong.messages import message

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated
    from phusong.geodata.province import SiteList
    from phusong.progress import Progress
    from phusong.results import AsBuiltResult, ValidationResult
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


def as_built(
    run: PathLike,
    stations: "PathLike | SiteList",
    *,
    as_of: str = "",
    within_m: float = 100.0,
    stated: "Stated | None" = None,
    settings: Mapping[str, Any] | Iterable[str] = (),
    progress: "Progress | None" = None,
) -> "AsBuiltResult":
    """Hold the plan of a finished run against a list of the 5G stations that were built.

    Both are predicted with the run's own model, losses and ground, as its folder holds them.

    Parameters
    ----------
    run
        Folder of the run.
    stations
        Stations with operator, position and day on air (``on_air``): a file, or as ``read_sites``
        returns it.
    as_of
        Last day that counts, such as ``2026-12-31``; if '', the last of the list.
    within_m
        How near a planned place a station is the planned one [m].
    stated
        What the file ``stations`` does not say itself.
    settings
        Where the files are that the run's scenario names, such as
        ``{"propagation.calibration": "out/calibration.toml"}``.
    progress
        As ``plan`` takes it.

    Returns
    -------
    AsBuiltResult
        What was built in its year, earlier, later, elsewhere or not, and whom it serves.

    Raises
    ------
    InputError
        No finished run, a list that cannot be read, or one without any day.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.as_built("nowhere", "built.csv")
    Traceback (most recent call last):
    phusong.errors.InputError: nowhere is not the folder of a finished run: there is no such folder
    """
    from phusong.geodata.files import whole
    from phusong.geodata.files.table import NOTHING
    from phusong.geodata.network import sites, words
    from phusong.geodata.province import SiteList
    from phusong.geodata.runs import folder as run_folder
    from phusong.progress import silent
    from phusong.results import AsBuiltResult
    from phusong.scenarios.as_built import check, restored
    from phusong.scenarios.config import schema

    path, last_day = Path(run), words.day(as_of)
    wrong = [Defect("as_of", message("problem.is_not_a_date"), value=as_of)] * (last_day is None)
    if not within_m > 0.0:
        wrong.append(Defect("within_m", message("problem.must_be_above_0_m"), value=within_m))
    if wrong:
        raise InputError(message("refusal.unusable_options"), wrong)
    with whole.steady(path, records=[run_folder.RECORD]), run_folder.whole_run(path):
        finished = run_folder.open_run(path)
        province = restored.province_of(finished)
    record = str(path / run_folder.RECORD)
    scenario = schema.restored(finished.record["parameters"], record, settings)
    listed = (
        stations
        if isinstance(stations, SiteList)
        else sites.read_sites(Path(stations), province.communes, stated=stated or NOTHING)
    )
    found = check.as_built(
        finished,
        province,
        listed,
        scenario,
        as_of=last_day or "",
        within_m=within_m,
        progress=progress or silent,
    )
    return AsBuiltResult(found)
