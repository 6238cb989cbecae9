"""What is computed: predictions, plans, calibrations, and runs compared."""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.errors import Defect, InputError
from phusong.messages import message

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated
    from phusong.geodata.network.cells import CellList
    from phusong.geodata.province import Province, SiteList
    from phusong.progress import Progress
    from phusong.results import (
        CalibrationResult,
        ComparisonResult,
        CoverageResult,
        PlanResult,
    )
    from phusong.scenarios.config.sections import Scenario

# Every function imports what it needs: a comparison should not wait for numba.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]


def predict(
    province: "Province",
    cells: "CellList",
    *,
    model: str | None = None,
    calibration: PathLike | None = None,
    settings: Mapping[str, Any] | Iterable[str] = (),
    progress: "Progress | None" = None,
    workers: int | None = None,
    **options: Any,  # noqa: ANN401 - the fields of Options
) -> "CoverageResult":
    """Predict what cells cover: level, quality and speed per technology and operator.

    Cells and options are checked at once; the layers are computed when first asked for.

    Parameters
    ----------
    province
        The ground, and where receivers are.
    cells
        As ``read_cells`` returns them.
    model
        A propagation model of ``phusong models``; by default ``p1812_terminal``.
    calibration
        A file of ``phusong calibrate``; its model is then the default.
    settings
        Parameters of the model, as a mapping such as ``{"p1812.time_percent": 10}`` or as
        ``model.name=value``.
    progress
        Called with a title and a total, returns what takes the number done; nothing is told if
        None. ``phusong.progress.bars`` draws bars.
    workers
        Threads, all cores if None. Results do not depend on it.
    **options
        Further fields of ``phusong.scenarios.propagation.options.PredictionOptions``, such as
        ``radius_m`` [m], ``threshold_dbm`` [dBm] or ``load`` (0 to 1).

    Returns
    -------
    CoverageResult
        Layers on the grid of the province that know their unit.

    Raises
    ------
    InputError
        Unknown options, values out of range, or cells that the model cannot predict.

    References
    ----------
    Recommendation ITU-R P.1812-8 (2025); other models: ``docs/method.md``.

    Examples
    --------
    >>> import phusong as ps
    >>> province = ps.open_province()
    >>> coverage = ps.predict(province, ps.read_cells("cells.csv", province), radius_m=900)
    >>> coverage.networks
    [('4G', 'VNPT'), ('5G', 'Viettel'), ('4G', 'all'), ('5G', 'all')]
    >>> coverage.to_xarray()["rsrp_dbm"].attrs["units"]
    'dBm'
    """
    from phusong.progress import silent
    from phusong.results import CoverageResult
    from phusong.scenarios.propagation import calibration_file
    from phusong.scenarios.propagation import options as options_

    tuned = calibration_file.load(Path(calibration)) if calibration else None
    texts = [f"{k}={v}" for k, v in settings.items()] if isinstance(settings, Mapping) else settings
    chosen = options_.chosen(model, tuned, texts, options)
    options_.check(cells.cells, chosen)
    return CoverageResult(province, cells, chosen, progress or silent, use_workers(workers))


def plan(
    province: "Province",
    scenario: "Scenario",
    *,
    existing_5g: "PathLike | SiteList | None" = None,
    language: str = "vi",
    progress: "Progress | None" = None,
    workers: int | None = None,
    proof: bool = True,
    what_if: bool = True,
) -> "PlanResult":
    """Plan a rollout: predict today's coverage, choose and rank stations, predict the outcome.

    Parameters
    ----------
    province
        As ``open_province`` returns it, with your own sites or the embedded ones.
    scenario
        As ``load_scenario`` returns it.
    existing_5g
        A list of the 5G stations on air, with operator and date (``on_air``), in place of those
        of the province; a file, or as ``read_sites`` returns it. If None, ``existing_5g.file``
        of the scenario.
    language
        Of the reasons in the tables: ``vi`` or ``en``.
    progress
        Called with a title and a total, returns what takes the number done; nothing is told if
        None. ``phusong.progress.bars`` draws bars.
    workers
        Threads, all cores if None. Results do not depend on it.
    proof
        Prove how far the choice may lie from the best, and redraw it to say how stable stations
        are. Without it the plan has no gap and no stability, and every output says so.
    what_if
        Compute what the map page tries other stations on; without it the page does not offer to.

    Returns
    -------
    PlanResult
        Ranking, coverage before and after, and every figure of the outputs.

    Raises
    ------
    InputError
        The scenario asks for what the province does not have.

    Examples
    --------
    A plan of the embedded province takes a minute or two, so that this one is not run here.

    >>> import phusong as ps
    >>> scenario = ps.load_scenario("urban", {"rollout.stations": {2027: 80}})
    >>> plan = ps.plan(ps.open_province(), scenario)  # doctest: +SKIP
    >>> plan.ranking[["rank", "site_id", "people_gained"]]  # doctest: +SKIP
    """
    from phusong import memory
    from phusong.geodata import baseline
    from phusong.geodata.network import sites
    from phusong.geodata.province import SiteList
    from phusong.progress import silent
    from phusong.results import PlanResult
    from phusong.scenarios.plan import run

    threads, start = use_workers(workers), time.perf_counter()
    if existing_5g is not None:
        listed = (
            existing_5g
            if isinstance(existing_5g, SiteList)
            else sites.read_sites(Path(existing_5g), province.communes)
        )
        province = baseline.with_existing_5g(province, listed, scenario.baseline_date)
    planned = run.plan(
        province, scenario, progress=progress or silent, proof=proof, with_what_if=what_if
    )
    memory.give_back()  # what the choice was made with
    return PlanResult(planned, threads, round(time.perf_counter() - start, 1), language)


def compare(
    run_a: PathLike, run_b: PathLike, *, units: str | None = None, restate: bool = False
) -> "ComparisonResult":
    """Compare two finished runs; nothing is computed anew.

    Parameters
    ----------
    run_a
        Folder of the run to compare with.
    run_b
        Folder of the other run; every difference is B less A.
    units
        Set of administrative units to compare communes on, such as ``2025-07``.
    restate
        Allow runs on different units, and state both on the later ones.

    Returns
    -------
    ComparisonResult
        Stations, communes and zones of both, figures, and coverage gained and lost.

    Raises
    ------
    InputError
        A folder is no finished run, or the runs lie on different grids or units.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.compare("nowhere", "elsewhere")
    Traceback (most recent call last):
    phusong.errors.InputError: nowhere is not the folder of a finished run: there is no such folder
    """
    from phusong.geodata.files import whole
    from phusong.geodata.runs import folder as run_folder
    from phusong.results import ComparisonResult
    from phusong.scenarios.comparison import compare as comparison

    folders = (Path(run_a), Path(run_b))
    with (
        whole.steady(*folders, records=[run_folder.RECORD]),
        run_folder.whole_run(*folders),
    ):
        a, b = (run_folder.open_run(folder) for folder in folders)
        compared = comparison.compare(a, b, on_units=units, restate=restate)
    return ComparisonResult(a, compared)


def calibrate(
    measurements: PathLike,
    *,
    cells: PathLike | None = None,
    stated: "Mapping[str, Stated] | None" = None,
    province: PathLike | None = None,
    terrain: Sequence[PathLike] = (),
    flat: str | None = None,
    model: str = "p1812_terminal",
    receiver_height_m: float = 1.5,
    block_m: float = 500.0,
    seed: int = 1,
) -> "CalibrationResult":
    """Tune the propagation models with a drive test or crowd data.

    The errors told are those on blocks of ground which the fit has not seen.

    Parameters
    ----------
    measurements
        CSV with ``lon, lat, rsrp_dbm`` (or ``path_loss_db``), and ``cell_id, pci``, or the
        serving cell's ``cell_lon, cell_lat``.
    cells
        List of the cells; if None, those at ``cell_lon, cell_lat`` of the measurements.
    stated
        What the files ``measurements`` and ``cells`` do not say themselves, by these names.
    province
        Folder of the ground below; if None, the embedded province.
    terrain
        Elevation rasters instead of a province, the best first.
    flat
        Flat ground instead: a class of land cover such as ``urban``, or ``bare``.
    model
        Which to write: ``p1812_terminal``, ``p1812`` or ``spm``. All are tuned and compared.
    receiver_height_m
        Of the antenna that measured, above ground, where no row tells it [m].
    block_m
        Side of the blocks held out [m].
    seed
        Of the choice of blocks.

    Returns
    -------
    CalibrationResult
        Errors before and after, every place measured, and the model to write.

    Raises
    ------
    InputError
        Files that cannot be used, numbers out of range, or samples that name no cell.

    References
    ----------
    ``docs/method.md``, "Calibration".

    Examples
    --------
    >>> import phusong as ps
    >>> ps.calibrate("drive.csv", block_m=5)
    Traceback (most recent call last):
    phusong.errors.InputError: unusable options: 1 defect
      block_m, value 5: is not between 60 and 50000
    """
    from phusong.geodata.measured import cells as measured_cells
    from phusong.geodata.measured import ground
    from phusong.results import CalibrationResult
    from phusong.scenarios.calibration import result

    options = result.Options(model, receiver_height_m, block_m, seed)
    result.check(options)
    wanted = ground.wanted(province, terrain, flat)
    samples, listed = measured_cells.with_samples(measurements, cells, stated or {})
    return CalibrationResult(result.run(samples, listed, wanted, options))


def use_workers(count: int | None) -> int:
    """Set the number of threads of the process, all cores if None, and return it."""
    import numba

    most: int = numba.config.NUMBA_NUM_THREADS
    if count is not None and count < 1:
        defect = Defect("workers", message("problem.must_be_a_whole_number_1"), value=count)
        raise InputError(message("refusal.wrong_number_of_threads"), [defect])
    threads = most if count is None else min(count, most)
    numba.set_num_threads(threads)
    return threads
