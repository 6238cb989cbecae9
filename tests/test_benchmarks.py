"""The benchmarks: their arithmetic, and that a program which disagrees does not pass."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from phusong.coverage import profile
from phusong.coverage.area.cells import Reach, Surface
from phusong.coverage.models.p1812 import P1812Parameters, predict
from phusong.geodata.grid import Grid

ROOT = Path(__file__).resolve().parents[1]
SIZE = 120


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("terrain", "accuracy", "peers", "figures", "area")
    names += ("goals", "goal_figures", "reference_job", "usage")
    return SimpleNamespace(
        **{name: importlib.import_module(f"benchmarks.{name}") for name in names}
    )


@pytest.fixture
def ground(bench):
    """Return hills with a village, round the mast in town."""
    heights_m = bench.terrain.fractal(SIZE, 80.0)
    clutter_m = np.zeros_like(heights_m)
    clutter_m[40:60, 30:90] = 10.0
    blank = np.zeros(heights_m.shape, np.uint8)
    surface = Surface(heights_m, blank, np.ones(blank.shape, bool), 30.0, clutter_m)
    grid = Grid(560_070.0, 2_359_110.0, SIZE, SIZE, crs="EPSG:5897")
    return bench.terrain.Ground(surface, grid, "made")


def test_the_masts_stand_where_their_names_say(bench, reference_province):
    """Heights of the embedded terrain: the plains low, the foothill higher, the ridge far above."""
    grid, heights_m = reference_province.grid, reference_province.terrain.values
    ground = bench.terrain.Ground(None, grid, "embedded")
    masts = [ground.mast(site, 2550.0) for site in bench.terrain.SITES]
    town, plain, foothill, ridge, valley = (heights_m[round(m.row), round(m.column)] for m in masts)
    assert max(town, plain) < 30.0 < foothill < valley < ridge
    assert ridge > 800.0


def test_profile_has_even_steps_and_ends_at_both_antennas(bench, ground):
    mast = ground.mast(bench.terrain.SITES[0], 2550.0)
    path = bench.terrain.path(ground.surface, mast, 30, 90)
    assert not profile.defects(path, "path")
    steps_m = 1000.0 * np.diff(path.distance_km)
    assert steps_m == pytest.approx(steps_m[0])
    assert 29.0 < steps_m[0] <= 30.0
    assert path.height_m[-1] == pytest.approx(ground.surface.terrain_m[30, 90], abs=1e-4)
    assert path.clutter_m.max() == 10.0
    finer = bench.terrain.path(ground.surface, mast, 30, 90, 0.5)
    assert finer.distance_km.size == pytest.approx(2 * path.distance_km.size, abs=2)


def test_summary_of_known_errors(bench):
    found = bench.accuracy.summary(np.array([-3.0, 0.0, 0.0, 4.0]))
    assert found.mean_db == 0.25
    assert found.rms_db == 2.5
    assert found.max_db == 4.0


def test_errors_are_those_of_the_sweep(bench, ground):
    """Near the mast over bare ground there is next to none."""
    mast = ground.mast(bench.terrain.SITES[0], 2550.0)
    reach = Reach(1200.0, model=P1812Parameters())
    errors = bench.accuracy.compared(ground.bare().surface, mast, reach, 50)
    assert errors.distance_m.min() > 250.0
    assert bench.accuracy.summary(errors.difference_db).rms_db < 1.0
    assert bench.accuracy.rounding_db(ground, 1200.0) <= 0.5 / 64 + 1e-4


def fake_py1812(offset_db):
    """Return a stand-in for Py1812 that answers our loss and an error."""

    def bt_loss(frequency_ghz, percent, *rest, **air):
        path, (tx_m, rx_m) = profile.Profile(*rest[:4]), rest[4:6]
        parameters = P1812Parameters(percent, delta_n=air["DN"], n0=air["N0"])
        found = predict(path, 1000.0 * frequency_ghz, tx_m, rx_m, parameters)
        return found.losses.loss_db + offset_db, 0.0

    return SimpleNamespace(bt_loss=bt_loss)


@pytest.fixture
def alone(monkeypatch):
    """Hide the programs that may be installed here."""
    for name in ("crc_covlib", "crc_covlib.simulation", "Py1812", "Py1812.P1812", "itmlogic"):
        monkeypatch.setitem(sys.modules, name, None)
    return monkeypatch


@pytest.mark.usefixtures("alone")
def test_without_other_programs_only_ours_are_timed(bench, ground, capsys):
    bench.peers.table(bench.peers.task(ground, 50.0, 900.0, 5), 900.0)
    said = capsys.readouterr().out.splitlines()
    assert [line.split("|")[1].strip() for line in said[2:]] == [
        "phusong, area engine",
        "phusong, single paths",
    ]


def test_a_program_that_agrees_passes_and_one_that_does_not_is_an_error(
    bench, ground, alone, capsys
):
    asked = bench.peers.task(ground, 50.0, 900.0, 5)
    alone.setitem(sys.modules, "Py1812.P1812", fake_py1812(0.0))
    bench.peers.table(asked, 900.0)
    assert "| Py1812 | same profile |" in capsys.readouterr().out
    alone.setitem(sys.modules, "Py1812.P1812", fake_py1812(1e-5))
    with pytest.raises(SystemExit, match="Py1812 differs by more than 1e-06 dB"):
        bench.peers.table(asked, 900.0)


def test_curves_are_solid_within_the_published_range_only(bench):
    curve = next(c for c in bench.figures.CURVES if c.model == "uma")
    assert bench.figures.published(curve, 4.9)
    assert not bench.figures.published(curve, 5.1)
    cost231 = next(c for c in bench.figures.CURVES if c.model == "cost231_urban")
    assert not bench.figures.published(cost231, 5.0)  # 2600 MHz is above its 2000


def test_standard_model_is_cost231_over_flat_ground(bench):
    curves = {curve.model: curve for curve in bench.figures.CURVES}
    both = [bench.figures.loss_db(curves[name], 3.0) for name in ("spm", "cost231_urban")]
    assert both[0] == pytest.approx(both[1], abs=1e-6)


def test_labels_move_apart_as_little_as_it_takes(bench):
    moved = bench.figures.apart(np.array([0.0, 1.0, 20.0]), 5.0)
    assert moved.tolist() == pytest.approx([-2.0, 3.0, 20.0], abs=1e-4)


def test_every_model_of_paths_has_a_rate(bench, monkeypatch):
    monkeypatch.setattr(bench.area, "SINGLE_S", 0.001)
    rates = [bench.area.single_rate(bench.area.REGISTRY[name]) for name in ("p1812", "spm", "uma")]
    assert all(rate > 100.0 for rate in rates)


def test_goals_name_what_became_worse_than_last_time(bench, monkeypatch, tmp_path, capsys):
    goals, reference = bench.goals, bench.reference_job
    slow = reference.Reference(3.0 * reference.REFERENCE_S, 0.1)  # others were at work
    figures = {"run": 9.0, "memory": 1000.0, "sweep": 7.0}
    limits = {
        "run": goals.Goal("run", "s", 8.0),
        "memory": goals.Goal("memory", "MiB", 1200.0),
        "sweep": goals.Goal("sweep", "million points/s", 6.0, at_least=True),
    }

    def part(_folder):
        for name, value in figures.items():
            took = value * slow.slowness if name == "run" else value
            yield goals.Measured(limits[name], took, slow)

    monkeypatch.setattr(goals, "PARTS", {"made": part})
    monkeypatch.setattr(goals, "HISTORY", tmp_path / "history.jsonl")
    goals.main()
    first = capsys.readouterr().out
    assert "| run | <= 8 s |  | 27 | 9 | no | 3.0 (+-5 %) | first time |" in first
    assert "| memory | <= 1,200 MiB |  | 1,000 |  | yes |" in first
    assert "| sweep | >= 6 million points/s |  | 7 |  | yes |" in first
    figures.update({"run": 7.0, "memory": 1150.0, "sweep": 5.0})
    goals.main(["made"])
    second = capsys.readouterr().out
    assert "| run | <= 8 s |  | 21 | 7 | yes | 3.0 (+-5 %) | -22% |" in second
    assert "| yes | 3.0 (+-5 %) | WORSE, +15% |" in second
    assert "| no | 3.0 (+-5 %) | WORSE, -29% |" in second
    assert len((tmp_path / "history.jsonl").read_text("utf-8").splitlines()) == 2


def test_an_unknown_part_is_named(bench, capsys):
    with pytest.raises(SystemExit):
        bench.goals.main(["kernel", "made-up"])
    assert "unknown: made-up" in capsys.readouterr().err


def test_the_reference_job_takes_time_and_says_how_evenly(bench, monkeypatch):
    monkeypatch.setattr(bench.reference_job, "TIMES", 3)
    taken = bench.reference_job.measure()
    assert taken.seconds > 0.0
    assert taken.spread >= 0.0
    twice = taken._replace(seconds=3.0 * taken.seconds)
    assert bench.reference_job.mean(taken, twice).slowness == pytest.approx(2.0 * taken.slowness)


def test_a_process_tells_what_it_took(bench, tmp_path):
    """Sleeping takes time and no processor."""
    asleep = bench.goal_figures.used(["-c", "import time; time.sleep(0.2)"], tmp_path)
    assert asleep.wall_s >= 0.2
    assert 0.0 < asleep.cpu_s < asleep.wall_s
    assert asleep.peak_mib > 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux keeps through exec")
def test_the_memory_of_a_process_is_not_that_of_the_one_that_started_it(bench, tmp_path):
    large = np.ones(2**27 // 8)
    assert bench.usage.peak_mib() > large.nbytes / 2**20
    asleep = bench.usage.used(["-c", "import time; time.sleep(0.1)"], tmp_path)
    assert asleep.peak_mib < 50.0 < large.nbytes / 2**20
