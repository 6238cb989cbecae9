"""What a score is made of, in words: against brute force, and in both languages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from phusong.messages import speak
from phusong.scenarios.criteria import explanations, scores, zone_criteria

BY_NAME = {criterion.name: criterion for criterion in zone_criteria.CRITERIA}
THREE = [BY_NAME[name] for name in ("people", "cost", "policy")]
WEIGHTS = np.array([0.5, 0.3, 0.2])
BENEFIT = np.array([criterion.benefit for criterion in THREE])
VALUES = np.array(
    [
        [4000.0, 1000.0, 1.0],
        [3000.0, 700.0, 0.5],
        [2000.0, 1000.0, 0.5],
        [0.0, 1000.0, 0.0],
    ]
)


@st.composite
def problems(draw):
    """Return zones among them one that is best in all and one that is worst in all."""
    count, criteria = draw(st.integers(1, 5)), draw(st.integers(2, 4))
    values = draw(arrays(float, (count, criteria), elements=st.integers(0, 10).map(float)))
    benefit = draw(arrays(bool, criteria))
    best, worst = np.where(benefit, 10.0, 0.0), np.where(benefit, 0.0, 10.0)
    weights = draw(arrays(float, criteria, elements=st.integers(1, 9).map(float)))
    return np.vstack([values, best, worst]), weights / weights.sum(), benefit


@given(problems())
@settings(deadline=None)
def test_lift_is_found_by_trying_every_criterion(problem):
    values, weights, benefit = problem
    for row, standing in enumerate(explanations.standings(*problem)[:-2]):
        tried = []
        for criterion in range(values.shape[1]):
            changed = values.copy()
            changed[row, criterion] = 10.0 if benefit[criterion] else 0.0
            tried.append(scores.ranks(scores.weighted_sum(changed, weights, benefit))[row])
        assert standing.lifted_rank == min(tried)
        if standing.lift is None:
            assert standing.rank == min(tried)
        else:
            assert tried[standing.lift] == min(tried) < standing.rank


@given(problems())
@settings(deadline=None)
def test_standing_repeats_the_scores(problem):
    score = scores.weighted_sum(*problem)
    found = explanations.standings(*problem)
    assert [s.rank for s in found] == scores.ranks(score).tolist()
    assert [s.score for s in found] == pytest.approx(score)
    for standing in found:
        strongest = standing.shares[list(standing.strongest)]
        assert len(strongest) <= 2
        assert (strongest > 0).all()
        if strongest.size:
            assert strongest[0] == standing.shares.max()


def test_lift_prefers_the_greater_gain_when_the_rank_is_the_same():
    values = np.array([[10.0, 10.0], [0.0, 0.0], [0.0, 0.0]])
    last = explanations.standings(values, np.array([0.4, 0.6]), np.ones(2, bool))[-1]
    assert (last.rank, last.lift, last.lifted_rank) == (2, None, 2)
    values[2] = [-1.0, 0.0]
    last = explanations.standings(values, np.array([0.4, 0.6]), np.ones(2, bool))[-1]
    assert (last.rank, last.lift, last.lifted_rank) == (3, 1, 2)


def test_a_criterion_that_is_the_same_for_all_lifts_nobody():
    values = np.array([[1.0, 7.0], [2.0, 7.0]])
    found = explanations.standings(values, np.array([0.1, 0.9]), np.ones(2, bool))
    assert found[0].lift == 0
    assert found[1].strongest == (0,)


def test_a_single_zone_stands_first_with_nothing_to_say():
    (only,) = explanations.standings(VALUES[:1], WEIGHTS, BENEFIT)
    assert (only.rank, only.score, only.strongest, only.lift) == (1, 0.0, (), None)
    assert speak(explanations.explain(only, THREE, 1), "en") == (
        "Rank 1 of 1, score 0.0; better than the worst in no criterion; no zone ranks above it."
    )


SENTENCES = {
    (0, "en"): "Rank 2 of 4, score 70.0; strongest: residents not served today (71% of the score) "
    "and priority by the province's policy (29% of the score); held back by cost to serve 1,000 "
    "people: at the best value it would rank 1.",
    (
        0,
        "vi",
    ): "Hạng 2 trên 4, điểm 70,0; mạnh nhất: số dân hiện chưa được phục vụ (71% số điểm) và "
    "mức ưu tiên theo chủ trương của tỉnh (29% số điểm); bị kìm lại bởi chi phí phục vụ "
    "1.000 người: nếu đạt mức tốt nhất thì lên hạng 1.",
    (1, "en"): "Rank 1 of 4, score 77.5; strongest: residents not served today (48% of the score) "
    "and cost to serve 1,000 people (39% of the score); no zone ranks above it.",
    (3, "vi"): "Hạng 4 trên 4, điểm 0,0; không vượt trội ở tiêu chí nào; bị kìm lại bởi số dân "
    "hiện chưa được phục vụ: nếu đạt mức tốt nhất thì lên hạng 3.",
}


@pytest.mark.parametrize(("row", "language"), SENTENCES)
def test_sentences(row, language):
    standing = explanations.standings(VALUES, WEIGHTS, BENEFIT)[row]
    said = speak(explanations.explain(standing, THREE, len(VALUES)), language)
    assert said == SENTENCES[row, language]


def test_says_when_nothing_alone_helps():
    values = np.array([[10.0, 10.0, 10.0], [0.0, 0.0, 0.0]])
    low = explanations.standings(values, np.full(3, 1 / 3), np.ones(3, bool))[1]
    assert speak(explanations.explain(low, THREE, 2), "en").endswith(
        "no single criterion would lift its rank."
    )
    assert speak(explanations.explain(low, THREE, 2), "vi").endswith("nào đủ để nâng hạng.")
