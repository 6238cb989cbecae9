"""Gas and rain against figures of the Recommendations, and without the optional library."""

import sys

import numpy as np
import pytest

from phusong.coverage.diffraction import VERTICAL
from phusong.coverage.models import atmosphere
from phusong.errors import PhusongError


def test_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "itur.models.itu676", None)  # as if it were not there
    with pytest.raises(PhusongError, match="need the library itur: pip install itur"):
        atmosphere.gas_loss_db(1000.0, 26_000.0)


def test_oxygen_line_stands_out():
    pytest.importorskip("itur")
    # P.676 figure 1: about 15 dB/km at 60 GHz, a tenth of a decibel beside the line.
    assert atmosphere.gas_loss_db(1000.0, 60_000.0) == pytest.approx(15.0, abs=1.0)
    assert atmosphere.gas_loss_db(1000.0, 30_000.0) == pytest.approx(0.09, abs=0.03)


def test_gas_loss_follows_distance():
    pytest.importorskip("itur")
    near_db, far_db = atmosphere.gas_loss_db([1000.0, 3000.0], 26_000.0)
    assert far_db == pytest.approx(3.0 * near_db)


def test_rain_loss_from_the_table_of_p838():
    pytest.importorskip("itur")
    # P.838-3 table 5 at 26 GHz: k 0.1724 and alpha 0.9884 horizontal, 0.1669 and 0.9421 vertical
    km, rate = 2.0, 95.0
    for code, k, alpha in ((0, 0.1724, 0.9884), (VERTICAL, 0.1669, 0.9421)):
        reduced = atmosphere.rain_reduction(km, 26.0, rate, alpha)
        expected_db = k * rate**alpha * km * float(reduced)
        found_db = atmosphere.rain_loss_db(2000.0, 26_000.0, rate, code)
        assert found_db == pytest.approx(expected_db, rel=1e-3)
    assert atmosphere.rain_loss_db(2000.0, 26_000.0, 0.0) == 0.0


def test_heavy_rain_covers_little_of_a_long_path():
    factors = atmosphere.rain_reduction(np.array([0.1, 2.0, 10.0, 40.0]), 26.0, 95.0, 0.99)
    assert factors[0] == atmosphere.LARGEST_REDUCTION
    assert np.all(np.diff(factors) < 0.0)
    assert factors[2] < 1.0
