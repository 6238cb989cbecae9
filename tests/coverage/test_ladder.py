"""Forms weighed on made data: the truth wins, noise does not, what is cut off is put back."""

from dataclasses import replace

import numpy as np
import pytest

from phusong.coverage import blend, kriging, ladder, tuning
from phusong.coverage.ladder import Bend, Ladder, Rung
from phusong.coverage.tuning import Term

OFFSET, SLOPE = Term("offset", 0.0, -90.0, 90.0, 30.0), Term("slope", 0.0, -90.0, 90.0, 30.0)
NOISY = tuple(Term(f"noise_{i}", 0.0, -90.0, 90.0, 30.0) for i in range(12))
FILL = Term("fill", -1.4, -2.0, -0.7, 0.3)
KNOTS = np.linspace(-2.0, -0.7, 9)


def made(rng, slope=9.0, fill=-1.0, count=400, noise_db=4.0, limit_db=None, side_m=3000.0):
    """Return a ladder over places whose loss is known, and their blocks."""
    x_m, y_m = rng.uniform(0.0, side_m, (2, count))
    block = tuning.blocks(x_m, y_m, 500.0)
    bent_db = rng.uniform(0.0, 1.0, count)[:, None] * (10.0 - 5.0 * (KNOTS + 2.0))
    columns = {"offset": np.ones(count), "slope": rng.normal(0.0, 0.5, count)}
    columns |= {term.name: rng.normal(0.0, 1.0, block.max() + 1)[block] for term in NOISY}
    bend = Bend(FILL, KNOTS, bent_db)
    loss_db = 20.0 + slope * columns["slope"] + bent_db @ bend.weights(fill)[0]
    loss_db = loss_db + rng.normal(0.0, noise_db, count)
    rungs = (
        Rung("nothing", (), (), prior=0.3),
        Rung("offset", (), (OFFSET,), prior=0.7),
        Rung("slope", (), (OFFSET, SLOPE), bend=True),
        Rung("noise", (), (OFFSET, SLOPE, *NOISY), bend=True),
    )
    places = kriging.places(x_m, y_m, np.zeros(count, np.int64))
    seen = np.ones(count, bool) if limit_db is None else loss_db < limit_db
    steps = Ladder(
        loss_db[seen],
        {name: column[seen] for name, column in columns.items()},
        rungs,
        places.at(seen),
        Bend(FILL, KNOTS, bent_db[seen]),
        None if limit_db is None else np.full(int(seen.sum()), limit_db),
    )
    return steps, block[seen]


def every(steps):
    return np.arange(len(steps))


def test_the_form_that_made_the_data_weighs_most():
    """What is clear overrules what was known before; noise in a form takes from its weight."""
    for side_m, count in ((3000.0, 400), (12_000.0, 1600)):
        steps, block = made(np.random.default_rng(1), 18.0, count=count, side_m=side_m)
        mixed, _, error_db = blend.weighed(steps, every(steps), block, 0.0, 1)
        assert sum(mixed.weights.values()) == pytest.approx(1.0)
        assert error_db["slope"] < error_db["noise"] < error_db["nothing"]
        assert mixed.weights["slope"] + mixed.weights["noise"] > 0.9  # the truth is in both
        assert mixed.weights["slope"] == max(mixed.weights.values())
        assert mixed.coefficients["slope"] == pytest.approx(18.0, abs=3.0)


def test_forms_that_predict_alike_keep_to_what_was_known_before():
    """Nothing but noise: no form gains, and none takes the weight of the plain ones."""
    steps, block = made(np.random.default_rng(6), slope=0.0, fill=FILL.start)
    mixed, _, _ = blend.weighed(steps, every(steps), block, 0.0, 1)
    assert mixed.weights["offset"] > 0.55


@pytest.mark.parametrize(("alike_db", "low", "high"), [(8.0, 0.7, 1.0), (0.0, 0.0, 0.7)])
def test_residuals_are_carried_where_that_serves(alike_db, low, high):
    """Of places that share nothing a part is carried, by what was known before, but not all."""
    rng = np.random.default_rng(7)
    steps, block = made(rng, count=800)
    x, y = steps.places.x_m / 1500.0, steps.places.y_m / 1500.0
    swell_db = alike_db * np.sin(2.0 * np.pi * x) * np.sin(2.0 * np.pi * y)
    swollen = replace(steps, measured_db=steps.measured_db + swell_db)
    mixed, _, _ = blend.weighed(swollen, every(steps), block, 0.0, 1)
    assert low <= mixed.carried <= high
    field = mixed.field(swollen.field)
    assert field.alike_db2 + field.noise_db2 == pytest.approx(64.0 * mixed.scale**2)


def test_a_term_that_bends_comes_back():
    steps, block = made(np.random.default_rng(2), count=1500, noise_db=1.0)
    over = ladder.seen(steps, every(steps), block)
    found = ladder.fitted(steps, steps.rungs[2], over)
    assert found.values[-1] == pytest.approx(-1.0, abs=0.15)
    assert found.value("slope") == pytest.approx(9.0, abs=0.5)


def test_a_mean_of_forms_is_the_mean_of_their_predictions():
    steps, block = made(np.random.default_rng(3))
    over = ladder.seen(steps, every(steps), block)
    fits = {rung.name: ladder.fitted(steps, rung, over) for rung in steps.rungs}
    one = dict.fromkeys(fits, 0.0)
    alone = blend.mean(steps, fits, one | {"slope": 1.0})
    np.testing.assert_allclose(
        blend.blended_db(steps, alone), steps.predicted_db(steps.rungs[2], fits["slope"])
    )
    half = blend.mean(steps, fits, one | {"nothing": 0.5, "offset": 0.5})
    expected_db = 0.5 * sum(steps.predicted_db(r, fits[r.name]) for r in steps.rungs[:2])
    np.testing.assert_allclose(blend.blended_db(steps, half), expected_db)
    spread_db = 0.5 * fits["offset"].value("offset")
    assert half.deviations["offset"] > spread_db  # forms that disagree are no certainty


def test_losses_beyond_the_limit_of_a_handset_are_not_forgotten():
    """What lies above 26 dB is missing: taken as all there is, the offset is dB too low."""
    steps, block = made(np.random.default_rng(4), 0.0, FILL.start, 3000, 6.0, 26.0)
    rows = every(steps)
    rung = steps.rungs[1]
    deaf = Ladder(steps.measured_db, steps.columns, steps.rungs, steps.places, steps.bend)
    plain = ladder.fitted(deaf, rung, ladder.seen(deaf, rows, block)).value("offset")
    told = ladder.fitted(steps, rung, ladder.seen(steps, rows, block)).value("offset")
    assert plain < 18.5
    assert plain + 0.5 < told < 20.0  # on the way: the deviation is that of what is left


def test_no_place_within_the_buffer_of_a_held_out_one_is_used():
    rng = np.random.default_rng(5)
    places = kriging.places(*rng.uniform(0.0, 1000.0, (2, 300)), np.zeros(300, np.int64))
    held = places.x_m < 300.0
    rows = blend.away(places, held, 100.0)
    apart_m = np.hypot(
        places.x_m[rows][:, None] - places.x_m[held], places.y_m[rows][:, None] - places.y_m[held]
    )
    assert apart_m.min() > 100.0
    assert set(np.flatnonzero(places.x_m >= 400.0)) <= set(rows)
