"""Weights of the criteria: published judgements, limits of consistency, and every wrong input."""

import tomllib
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.scenarios.criteria import weights

NAMES = ("people", "workers", "cost", "policy")

# Saaty, Decision making with the analytic hierarchy process, Int. J. Services Sciences 1, 2008:
# how much more coffee, wine, tea, beer, soda, milk and water are drunk; printed: the priorities
# and a consistency ratio of 0.022.
DRINKS = np.array(
    [
        [1, 9, 5, 2, 1, 1, 1 / 2],
        [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
        [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
        [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [1, 9, 4, 2, 1, 2, 1 / 2],
        [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [2, 9, 9, 3, 2, 3, 1],
    ]
)
DRUNK = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]


def consistent(values):
    values = np.asarray(values, float)
    return values[:, None] / values


def reciprocal(size, judgements):
    matrix = np.ones((size, size))
    for (i, j), value in zip(combinations(range(size), 2), judgements, strict=True):
        matrix[i, j], matrix[j, i] = value, 1 / value
    return matrix


scale = st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 9])
matrices = st.integers(3, 6).flatmap(
    lambda n: st.lists(scale, min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2).map(
        lambda judgements: reciprocal(n, judgements)
    )
)


def test_published_priorities_of_saaty():
    assert pytest.approx(1) == DRINKS * DRINKS.T
    found = weights.ahp(DRINKS)
    assert found.values == pytest.approx(DRUNK, abs=5e-4)
    assert found.consistency_ratio == pytest.approx(0.022, abs=5e-4)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=15))
@settings(deadline=None)
def test_consistent_judgements_give_their_weights_back(values):
    found = weights.ahp(consistent(values))
    assert found.values == pytest.approx(np.array(values) / np.sum(values), rel=1e-9)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


@given(matrices)
@settings(deadline=None)
def test_weights_are_an_eigenvector_and_sum_to_one(matrix):
    found = weights.ahp(matrix)
    ratio = matrix @ found.values / found.values
    assert ratio == pytest.approx(ratio.mean(), rel=1e-9)
    assert (found.values > 0).all()
    assert found.values.sum() == pytest.approx(1)
    assert ratio.mean() >= len(matrix) - 1e-9  # Saaty 1977: equal only if consistent


@given(matrices, st.randoms())
@settings(deadline=None)
def test_the_order_of_criteria_does_not_matter(matrix, random):
    order = list(range(len(matrix)))
    random.shuffle(order)
    found, turned = weights.ahp(matrix), weights.ahp(matrix[np.ix_(order, order)])
    assert turned.values == pytest.approx(found.values[order], rel=1e-9)
    assert turned.consistency_ratio == pytest.approx(found.consistency_ratio, abs=1e-9)


@given(matrices)
@settings(deadline=None)
def test_no_triple_is_worse_than_the_worst(matrix):
    def contradiction(i, j, k):
        return abs(np.log(matrix[i, j] * matrix[j, k] / matrix[i, k]))

    worst = contradiction(*weights.worst_triple(matrix))
    every = [contradiction(*triple) for triple in permutations(range(len(matrix)), 3)]
    assert worst == pytest.approx(max(every))


def test_one_false_judgement_is_found():
    matrix = consistent([4, 3, 2, 1])
    matrix[0, 3], matrix[3, 0] = 1 / 4, 4
    found = weights.ahp(matrix)
    assert {0, 3} < set(found.worst_triple)
    assert found.consistency_ratio > weights.MAX_CONSISTENCY_RATIO


def test_random_judgements_have_a_ratio_near_one():
    """The random index is the mean consistency index of random judgements."""
    rng = np.random.default_rng(1)
    judged = np.array([*range(1, 10), *(1 / n for n in range(2, 10))])
    for size in (3, 5, 10):
        pairs = size * (size - 1) // 2
        ratios = [
            weights.ahp(reciprocal(size, rng.choice(judged, pairs))).consistency_ratio
            for _ in range(1500)
        ]
        assert np.mean(ratios) == pytest.approx(1, abs=0.07)


def test_two_criteria_cannot_contradict_each_other():
    found = weights.ahp(reciprocal(2, [3]))
    assert found.values.tolist() == pytest.approx([0.75, 0.25])
    assert (found.consistency_ratio, found.worst_triple) == (0.0, None)


def test_reads_judgements_from_toml():
    table = tomllib.loads('[pairwise]\n"people / cost" = 4\n"workers/people" = 0.5\n'
                          '"workers / cost" = 2')  # fmt: skip
    found = weights.read(table, NAMES, "my.toml")
    assert found.values == pytest.approx([4 / 7, 2 / 7, 1 / 7, 0])
    assert found.worst_triple == (0, 1, 2)


def test_triple_is_told_in_the_order_of_all_names():
    judgements = {"people / cost": 2, "cost / policy": 2, "people / policy": 3}
    assert weights.from_pairwise(judgements, NAMES, "my.toml").worst_triple == (0, 2, 3)


def test_reads_given_weights_of_a_published_study():
    """PLOS ONE 10.1371/journal.pone.0334781: the weights of four groups, in per cent."""
    published = {"technical": 34.3, "social": 33.6, "geographic": 19.47, "economic": 12.63}
    found = weights.read(published, [*published, "other"], "my.toml")
    assert found.values == pytest.approx([0.343, 0.336, 0.1947, 0.1263, 0.0])
    assert found.consistency_ratio == 0.0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"peple": 1}, "column 'peple': there is no criterion 'peple' .*people, workers"),
        ({"people": -1}, "column 'people', value -1: is not a number of 0 or more"),
        ({"people": float("nan")}, "value nan: is not a number"),
        ({"people": float("inf")}, "value inf: is not a number"),
        ({"people": "much"}, "value 'much': is not a number"),
        ({"people": True}, "value True: is not a number"),
        ({"people": 0, "cost": 0}, "no criterion weighs more than 0"),
        ({}, "no criterion weighs more than 0"),
        ({"pairwise": {}, "cost": 1}, "'cost': stands beside judgements .*not both"),
        ({"pairwise": {}}, "holds no judgement"),
        ({"pairwise": {"people": 3}}, "'people', value 3: is not a pair"),
        ({"pairwise": {"people / cost / policy": 3}}, "is not a pair"),
        ({"pairwise": {"people / people": 1}}, "compares a criterion with itself"),
        ({"pairwise": {"people / coast": 3}}, "there is no criterion 'coast'"),
        ({"pairwise": {"people / cost": 10}}, "value 10: is not between 1/9 and 9"),
        ({"pairwise": {"people / cost": 0.1}}, "value 0.1: is not between .*turn the pair"),
        ({"pairwise": {"people / cost": 0}}, "value 0: is not between"),
        ({"pairwise": {"people / cost": float("nan")}}, "value nan: is not between"),
        ({"pairwise": {"people / cost": "3"}}, "value '3': is not a number"),
        (
            {"pairwise": {"people / cost": 3, "cost / people": 2}},
            "'cost / people', value 2: contradicts 'people / cost' .keep one",
        ),
        (
            {"pairwise": {"people / cost": 4, "cost/people": 0.25}},
            "'cost/people', value 0.25: says the same as 'people / cost'",
        ),
        (
            {"pairwise": {"people / cost": 3, "policy / workers": 2}},
            "missing: 'people / workers', 'people / policy', 'workers / cost', 'cost / policy'",
        ),
    ],
)
def test_wrong_weights_are_told(table, message):
    with pytest.raises(InputError, match=f"my.toml.*{message}"):
        weights.read(table, NAMES, "my.toml")


def test_all_defects_are_told_at_once():
    judgements = {"people / cost": 12, "people / size": 2, "cost / policy": 1, "policy / cost": 3}
    with pytest.raises(InputError) as caught:
        weights.from_pairwise(judgements, NAMES, "my.toml")
    told = "\n".join(map(str, caught.value.defects))
    for part in ("value 12", "criterion 'size'", "contradicts", "missing: 'people / policy'"):
        assert part in told
    assert len(caught.value.defects) == 4


def test_more_criteria_than_random_indices_are_refused():
    names = [f"c{i}" for i in range(16)]
    judgements = {f"{a} / {b}": 1 for a, b in combinations(names, 2)}
    with pytest.raises(InputError, match="value 16: at most 15 criteria"):
        weights.from_pairwise(judgements, names, "my.toml")


def test_contradiction_is_told_in_words_with_what_would_mend_it():
    judgements = {"people / workers": 2, "workers / cost": 3, "people / cost": 0.5}
    with pytest.raises(
        InputError,
        match=r"ratio 0\.\d\d is above 0.10: people / workers = 2 and workers / cost = 3 make "
        r"people / cost = 6, not 0.5 \(people / cost = 6 would be consistent\)",
    ):
        weights.from_pairwise(judgements, NAMES, "my.toml")


@pytest.mark.parametrize(
    ("judgements", "mended"),
    [((9, 2, 9), r"\(workers / people = 4.5 would"), ((9, 1 / 9, 9), "= 9 comes nearest")],
)
def test_what_mends_stays_on_the_scale(judgements, mended):
    pairs = ("people / workers", "people / cost", "workers / cost")
    with pytest.raises(InputError, match=mended):
        weights.from_pairwise(dict(zip(pairs, judgements, strict=True)), NAMES, "my.toml")


@given(st.tuples(scale, scale, scale))
@settings(deadline=None)
def test_what_is_said_to_mend_does(judgements):
    pairs = ("people / workers", "people / cost", "workers / cost")
    table = dict(zip(pairs, judgements, strict=True))
    try:
        weights.from_pairwise(table, NAMES, "my.toml")
    except InputError as error:
        remedy = str(error.defects[0].remedy)
        if "would be consistent" in remedy:
            pair, value = remedy.removesuffix(" would be consistent").split(" = ")
            turned = " / ".join(reversed(pair.split(" / ")))
            table.pop(pair, None)
            table.pop(turned, None)
            table[pair] = float(value)
            assert weights.from_pairwise(table, NAMES, "my.toml").consistency_ratio < 1e-4
