"""TR 38.901 against published values, its own limits and its breakpoints."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.models import tr38901
from phusong.coverage.models.free_space import free_space_loss_db

VECTORS = (
    Path(__file__).resolve().parents[4] / "shared" / "refs" / "tr38901" / "pathloss_ns3_vectors.csv"
)

# Scenario, line of sight, base height, distance, loss at 5 GHz to a user at 1.5 m: numbers of
# the three-gpp propagation test suite of the ns-3 network simulator.
PUBLISHED = [
    ("rma", "los", 35.0, 100.0, 87.2965),
    ("rma", "los", 35.0, 10_000.0, 140.3896),
    ("rma", "nlos", 35.0, 5_000.0, 160.5169),
    ("uma", "los", 25.0, 100.0, 86.2362),
    ("uma", "los", 25.0, 5_000.0, 137.6794),
    ("uma", "nlos", 25.0, 1_000.0, 144.7641),
    ("umi", "los", 10.0, 1_000.0, 119.3114),
]
BASE_HEIGHTS_M = {"uma": 25.0, "umi": 10.0, "rma": 35.0}

distances = st.floats(10.0, 5000.0)
frequencies = st.floats(500.0, 6000.0)

compiled = settings(deadline=None)  # the first call compiles


def _loss_db(scenario: str, kind: str, *arguments: float) -> float:
    return getattr(tr38901, f"{scenario}_{kind}_loss_db")(*arguments)


def _los_probability(scenario: str, distance_m: float) -> float:
    extra = (1.5,) if scenario == "uma" else ()
    return getattr(tr38901, f"{scenario}_los_probability")(distance_m, *extra)


@pytest.mark.parametrize(("scenario", "kind", "base_m", "distance_m", "loss_db"), PUBLISHED)
def test_published_values(scenario, kind, base_m, distance_m, loss_db):
    found_db = _loss_db(scenario, kind, distance_m, 5000.0, base_m, 1.5)
    assert found_db == pytest.approx(loss_db, abs=0.01)


def test_every_published_vector_where_the_file_is_present():
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS.name} is not beside the project")
    with VECTORS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 19
    for row in rows:
        kind = "los" if row["los"] == "1" else "nlos"
        found_db = _loss_db(
            row["scenario"].lower(),
            kind,
            float(row["d2D_m"]),
            float(row["f_GHz"]) * 1000.0,
            float(row["hBS"]),
            float(row["hUT"]),
        )
        assert found_db == pytest.approx(float(row["PL_dB_ns3"]), abs=0.01), row


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
def test_los_loss_is_continuous_at_the_breakpoint(scenario):
    base_m = BASE_HEIGHTS_M[scenario]
    breakpoint_of = tr38901.rma_breakpoint_m if scenario == "rma" else tr38901.urban_breakpoint_m
    corner_m = breakpoint_of(2600.0, base_m, 1.5)
    near_db = _loss_db(scenario, "los", corner_m * (1 - 1e-9), 2600.0, base_m, 1.5)
    far_db = _loss_db(scenario, "los", corner_m * (1 + 1e-9), 2600.0, base_m, 1.5)
    # The report mixes plain and slant distance at the corner: 0.2 dB at most.
    assert far_db == pytest.approx(near_db, abs=0.2)


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
def test_slope_beyond_the_breakpoint_is_forty_db_a_decade(scenario):
    near_db = _loss_db(scenario, "los", 8.0e5, 900.0, BASE_HEIGHTS_M[scenario], 1.5)
    far_db = _loss_db(scenario, "los", 8.0e6, 900.0, BASE_HEIGHTS_M[scenario], 1.5)
    assert far_db - near_db == pytest.approx(40.0, abs=1e-3)


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
@compiled
@given(distance_m=distances, frequency_mhz=frequencies)
def test_expected_loss_lies_between_its_two_parts(scenario, distance_m, frequency_mhz):
    arguments = (distance_m, frequency_mhz, BASE_HEIGHTS_M[scenario], 1.5)
    los_db = _loss_db(scenario, "los", *arguments)
    nlos_db = _loss_db(scenario, "nlos", *arguments)
    expected_db = _loss_db(scenario, "expected", *arguments)
    probability = _los_probability(scenario, distance_m)
    assert los_db <= nlos_db
    assert los_db - 1e-9 <= expected_db <= nlos_db + 1e-9
    second_db = probability * los_db + (1 - probability) * nlos_db
    assert expected_db == pytest.approx(second_db, abs=1e-9)


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
@compiled
@given(distance_m=distances, frequency_mhz=frequencies)
def test_no_loss_below_free_space_by_more_than_waveguiding(scenario, distance_m, frequency_mhz):
    base_m = BASE_HEIGHTS_M[scenario]
    slant_m = tr38901.slant_distance_m(distance_m, base_m, 1.5)
    free_db = free_space_loss_db(slant_m, frequency_mhz)
    los_db = _loss_db(scenario, "los", distance_m, frequency_mhz, base_m, 1.5)
    assert los_db > free_db - 5.0


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
@compiled
@given(near_m=distances, far_m=distances, frequency_mhz=frequencies)
def test_loss_grows_with_distance(scenario, near_m, far_m, frequency_mhz):
    near_m, far_m = sorted((near_m, far_m))
    base_m = BASE_HEIGHTS_M[scenario]
    for kind in ("nlos", "expected"):
        near_db = _loss_db(scenario, kind, near_m, frequency_mhz, base_m, 1.5)
        far_db = _loss_db(scenario, kind, far_m, frequency_mhz, base_m, 1.5)
        assert far_db >= near_db - 0.2


@pytest.mark.parametrize("scenario", ["uma", "umi", "rma"])
@compiled
@given(near_m=distances, far_m=distances)
def test_line_of_sight_grows_rarer_with_distance(scenario, near_m, far_m):
    near_m, far_m = sorted((near_m, far_m))
    near, far = _los_probability(scenario, near_m), _los_probability(scenario, far_m)
    assert 0.0 <= far <= near <= 1.0


@pytest.mark.parametrize(("scenario", "corner_m"), [("uma", 18.0), ("umi", 18.0), ("rma", 10.0)])
def test_line_of_sight_is_certain_near_the_mast_and_continuous(scenario, corner_m):
    assert _los_probability(scenario, corner_m) == 1.0
    assert _los_probability(scenario, corner_m + 1e-9) == pytest.approx(1.0, abs=1e-9)


def test_line_of_sight_values_by_hand():
    # 18/100 + exp(-100/63) * 82/100 and the like
    assert tr38901.uma_los_probability(100.0, 1.5) == pytest.approx(0.347671, abs=1e-6)
    assert tr38901.umi_los_probability(100.0) == pytest.approx(0.230984, abs=1e-6)
    assert tr38901.rma_los_probability(1010.0) == pytest.approx(0.367879, abs=1e-6)


def test_high_users_see_the_mast_more_often():
    ground = tr38901.uma_los_probability(300.0, 13.0)
    high = tr38901.uma_los_probability(300.0, 22.5)
    assert ground == tr38901.uma_los_probability(300.0, 1.5)
    assert ground < high <= 1.0
