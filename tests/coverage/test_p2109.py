"""P.2109 and the normal distribution against published values and second ways."""

import csv
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import normal, p2109

VECTORS = Path(__file__).resolve().parents[4] / "shared/refs/p2109/crc_p2109_validation_every20.csv"
compiled = settings(deadline=None)  # the first call compiles
BUILDINGS = {1: p2109.TRADITIONAL, 2: p2109.THERMALLY_EFFICIENT}

# Frequency GHz, percentage, building, elevation, loss: validation data of crc-covlib (MIT).
PUBLISHED = [
    (0.08, 1e-6, 1, -90.0, -2.5408058452142495),
    (0.08, 1e-6, 2, 22.5, -1.2054095438655037),
    (0.08, 4.166667583, 1, -15.0, 4.3447284788028853),
]


@pytest.mark.parametrize(("ghz", "percent", "building", "elevation_deg", "loss_db"), PUBLISHED)
def test_published_values(ghz, percent, building, elevation_deg, loss_db):
    found_db = p2109.entry_loss_db(ghz * 1e3, percent / 100, BUILDINGS[building], elevation_deg)
    assert found_db == pytest.approx(loss_db, abs=1e-5)


def test_all_published_values_where_present():
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS.name} is not beside the project")
    with VECTORS.open(encoding="utf-8") as lines:
        rows = [[float(value) for value in row] for row in list(csv.reader(lines))[1:]]
    assert len(rows) > 1500
    errors_db = [
        p2109.entry_loss_db(ghz * 1e3, percent / 100, BUILDINGS[int(kind)], elevation_deg) - loss_db
        for ghz, percent, kind, elevation_deg, loss_db in rows
    ]
    assert np.max(np.abs(errors_db)) < 1e-5


def test_median_by_hand_at_one_gigahertz():
    # log f = 0: A = r, B = w, C = -3 dB
    for building in BUILDINGS.values():
        parts = [10 ** (level / 10) for level in (building.r, building.w, -3.0)]
        expected_db = 10 * math.log10(sum(parts))
        assert p2109.entry_loss_db(1000.0, 0.5, building) == pytest.approx(expected_db)


@compiled
@given(st.floats(80.0, 100e3), st.floats(0.01, 0.98), st.floats(0.0, 80.0))
def test_loss_grows_with_probability_elevation_and_insulation(mhz, probability, elevation_deg):
    for building in BUILDINGS.values():
        here_db = p2109.entry_loss_db(mhz, probability, building, elevation_deg)
        assert p2109.entry_loss_db(mhz, probability + 0.01, building, elevation_deg) > here_db
        assert p2109.entry_loss_db(mhz, probability, building, elevation_deg + 10.0) > here_db
        below_db = p2109.entry_loss_db(mhz, probability, building, -elevation_deg)
        assert below_db == pytest.approx(here_db)
    plain_db = p2109.entry_loss_db(mhz, 0.5, p2109.TRADITIONAL)
    assert p2109.entry_loss_db(mhz, 0.5, p2109.THERMALLY_EFFICIENT) > plain_db


@compiled
@given(st.floats(1e-9, 1 - 1e-9))
def test_quantile_against_the_standard_library(share):
    assert normal.quantile(share) == pytest.approx(NormalDist().inv_cdf(share), abs=1e-7)


@compiled
@given(st.floats(1e-6, 1 - 1e-6))
def test_approximation_of_the_recommendations_keeps_its_promise(share):
    assert normal.exceeded_deviations(share) == pytest.approx(-normal.quantile(share), abs=4.55e-4)


def test_approximation_is_held_at_its_ends():
    assert normal.exceeded_deviations(1e-12) == normal.exceeded_deviations(1e-6)
    assert normal.exceeded_deviations(1.0) == normal.exceeded_deviations(1.0 - 1e-6)
