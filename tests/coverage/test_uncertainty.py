"""Intervals of what is covered, against errors drawn at random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from phusong.coverage import uncertainty
from phusong.coverage.uncertainty import Ends, Local

SIGMA_DB, NEEDED_DBM = 8.0, -110.0
SIDE, COMMUNES = 80, 4


def town():
    """Return level, people and commune (four quarters, a rim outside) of a square of pixels."""
    rng = np.random.default_rng(12)
    row, column = np.indices((SIDE, SIDE))
    label = 2 * (row // (SIDE // 2)) + column // (SIDE // 2)
    rim = (row == 0) | (column == 0)
    smooth = 12.0 * np.sin(row / 9.0) * np.cos(column / 13.0)
    level = NEEDED_DBM + 4.0 + smooth + rng.normal(0.0, 3.0, row.shape)
    people = rng.uniform(0.0, 50.0, row.shape) * (column % 3 > 0)
    return level.ravel(), people.ravel(), np.where(rim, -1, label).ravel()


def share(level_dbm):
    return ndtr((level_dbm - NEEDED_DBM) / SIGMA_DB)


def cut(patch, label):
    return np.unique((label + 1) * (patch.max() + 1) + patch, return_inverse=True)[1]


def predicted(common_db, area_db, place_db, level, label):
    """Return the ends and the local errors: over squares of 20 pixels and of 2."""
    far_db = uncertainty.z_score() * common_db
    ends = Ends(*(share(level + db) for db in (-far_db, 0.0, far_db)))
    per_db = uncertainty.share_per_db(ends.mid, SIGMA_DB)
    local = [
        Local(per_db * db, cut(uncertainty.patches((SIDE, SIDE), side).ravel(), label))
        for db, side in ((area_db, 20), (place_db, 2))
    ]
    return ends, local


def band(*errors_db):
    level, people, label = town()
    return uncertainty.sums(*predicted(*errors_db, level, label), people, label, COMMUNES)


def test_without_error_the_band_is_the_expected_number_of_people():
    level, people, label = town()
    expected = np.bincount(label[label >= 0], (people * share(level))[label >= 0])
    for figure in band(0.0, 0.0, 0.0).interval():
        np.testing.assert_allclose(figure, expected)


@pytest.mark.parametrize(
    "errors_db", [(3.0, 0.0, 0.0), (0.0, 4.0, 6.0), (3.0, 4.0, 6.9), (0.5, 6.0, 2.0)]
)
def test_band_against_drawn_errors(errors_db):
    """Draw every error, let the rest of shadowing average out in a pixel, count people."""
    common_db, area_db, place_db = errors_db
    level, people, label = town()
    rest_db = np.sqrt(SIGMA_DB**2 - area_db**2 - place_db**2)
    _, (area, place) = predicted(*errors_db, level, label)
    inside, rng, drawn = label >= 0, np.random.default_rng(13), []
    for _ in range(3000):
        error_db = (
            common_db * rng.normal()
            + area_db * rng.normal(size=area.patch.max() + 1)[area.patch]
            + place_db * rng.normal(size=place.patch.max() + 1)[place.patch]
        )
        covered = people * ndtr((level + error_db - NEEDED_DBM) / rest_db)
        drawn.append(np.bincount(label[inside], covered[inside], COMMUNES))
    found = band(*errors_db)
    whole = found.regrouped(np.zeros(COMMUNES, int), 1)
    for sums, counts in ((found, np.array(drawn)), (whole, np.sum(drawn, axis=1)[:, None])):
        low, mid, high = sums.interval()
        width = high - low
        np.testing.assert_allclose(np.mean(counts, axis=0), mid, atol=0.06 * width.max())
        for end, quantile in ((low, 0.05), (high, 0.95)):
            error = end - np.quantile(counts, quantile, axis=0)
            assert np.all(np.abs(error) < 0.1 * width), (quantile, error / width)


@given(*(st.floats(0.0, 5.0) for _ in range(3)), st.floats(0.01, 3.0), st.integers(0, 2))
def test_wider_errors_give_wider_bands_around_the_figure(common, area, place, more, which):
    errors = [common, area, place]
    wider = [value + more * (i == which) for i, value in enumerate(errors)]
    (low, mid, high), (lower, same, higher) = band(*errors).interval(), band(*wider).interval()
    np.testing.assert_array_equal(mid, same)
    assert np.all((lower >= 0.0) & (lower < low) & (low <= mid))
    assert np.all((mid <= high) & (high < higher) & (higher <= band(0, 0, 0).whole))


def test_local_errors_average_out_over_communes_and_common_ones_do_not():
    def width(*errors_db):
        found = band(*errors_db)
        everyone = found.regrouped(np.zeros(COMMUNES, int), 1)
        return [(b.high - b.low) / s.whole for s in (found, everyone) for b in [s.interval()]]

    local, local_in_all = width(0.0, 4.0, 0.0)
    assert local_in_all[0] == pytest.approx(local.mean() / 2.0, rel=0.1)  # root of four
    common, common_in_all = width(3.0, 0.0, 0.0)
    assert common_in_all[0] == pytest.approx(common.mean(), rel=0.02)


def test_share_per_decibel_is_the_slope_of_the_share():
    level = np.linspace(-140.0, -80.0, 61)
    found = uncertainty.share_per_db(share(level), SIGMA_DB)
    slope = (share(level + 0.01) - share(level - 0.01)) / 0.02
    np.testing.assert_allclose(found, slope, rtol=1e-4, atol=1e-9)
    assert uncertainty.share_per_db(np.array([0.0, 1.0]), SIGMA_DB).tolist() == [0.0, 0.0]
