"""Weights of the criteria: given, or from judgements of pairs (analytic hierarchy process)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from types import MappingProxyType
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from phusong.errors import Defect, InputError
from phusong.messages import Text, message

Floats = NDArray[np.float64]
Triple = tuple[int, int, int]

# Mean consistency index of random judgements of 1 to 15 things: Saaty, Theory and Applications of
# the Analytic Network Process, 2005, p. 31.
RANDOM_INDEX = (
    *(0.0, 0.0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40),
    *(1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
)
MAX_CONSISTENCY_RATIO = 0.10  # Saaty 1980: judgements less consistent than this are made again
MAX_JUDGEMENT = 9.0  # Saaty's scale: 1 equal, 3 moderate, 5 strong, 7 very strong, 9 extreme
SAME = 1e-6  # judgements this close (logarithm) say the same
PAIRWISE = "pairwise"
NONE: Mapping[str, str] = MappingProxyType({})

_Pair = tuple[int, int]


@dataclass(frozen=True)
class Weights:
    """Weights that sum to 1, and how consistent the judgements behind them are.

    ``worst_triple`` holds the criteria (i, j, k) whose judgements contradict each other most;
    None where there are no three judgements to compare.

    Parameters
    ----------
    values
        Shape (criteria,).
    consistency_ratio
        Of the judgements; above 0.1 they contradict each other.
    worst_triple
        Rows of criteria.
    """

    values: Floats
    consistency_ratio: float = 0.0
    worst_triple: Triple | None = None


def ahp(pairwise: Floats) -> Weights:
    """Return the principal eigenvector of judgements: Saaty, J. Math. Psychology 15, 1977.

    Parameters
    ----------
    pairwise
        Positive and reciprocal, n by n, n at most 15: how many times more criterion i matters than
        criterion j.

    Returns
    -------
    Weights
        Weights and consistency ratio.

    References
    ----------
    Saaty, J. Math. Psychology 15, 1977.
    """
    count = len(pairwise)
    eigenvalues, vectors = np.linalg.eig(pairwise)
    principal = int(np.argmax(eigenvalues.real))
    values = np.abs(vectors[:, principal].real)
    index = (float(eigenvalues[principal].real) - count) / max(count - 1, 1)
    random = RANDOM_INDEX[count - 1]
    ratio = max(index / random, 0.0) if random else 0.0
    return Weights(values / values.sum(), ratio, worst_triple(pairwise))


def worst_triple(pairwise: Floats) -> Triple | None:
    """Return the i < j < k for which a_ij a_jk / a_ik is farthest from 1 in ratio."""
    triples = list(combinations(range(len(pairwise)), 3))
    if not triples:
        return None
    i, j, k = np.array(triples).T
    contradiction = np.abs(np.log(pairwise[i, j] * pairwise[j, k] / pairwise[i, k]))
    return triples[int(np.argmax(contradiction))]


def read(
    table: Mapping[str, object],
    names: Sequence[str],
    source: str,
    replaced: Mapping[str, str] = NONE,
) -> Weights:
    """Return the weights of a scenario's section, in the order of ``names``.

    The section holds either weights, ``people = 0.5``, or a table ``pairwise`` of judgements,
    ``"people / cost" = 3``. A criterion that it does not name weighs nothing. ``replaced``
    names what to use in place of a criterion that is no more.

    Raises
    ------
    InputError
        Everything wrong with the section at once.
    """
    judgements = table.get(PAIRWISE)
    if not isinstance(judgements, Mapping):
        return from_given(table, names, source, replaced)
    others = [key for key in table if key != PAIRWISE]
    if others:
        remedy = message("remedy.give_weights_or_judgements_of_pairs")
        defects = [
            Defect(source, message("problem.stands_beside_judgements"), remedy, column=o)
            for o in others
        ]
        raise InputError(message("refusal.the_weights_are_not_valid"), defects)
    return from_pairwise(judgements, names, source, replaced)


def from_given(
    table: Mapping[str, object],
    names: Sequence[str],
    source: str,
    replaced: Mapping[str, str] = NONE,
) -> Weights:
    """Return given weights, normalised to the sum 1, in the order of ``names``."""
    defects = []
    for name, value in table.items():
        if name not in names:
            defects.append(_unknown(name, name, names, source, replaced))
        elif not _is_number(value) or not 0 <= float(value) < np.inf:
            defects.append(
                Defect(source, message("problem.is_not_a_number_of_0"), "", None, name, value)
            )
    given = {name: value for name, value in table.items() if _is_number(value)}
    if not defects and not any(given.values()):
        defects.append(
            Defect(
                source,
                message("problem.no_criterion_weighs_more_than_0"),
                message("remedy.give_one_a_weight"),
            )
        )
    if defects:
        raise InputError(message("refusal.the_weights_are_not_valid"), defects)
    values = np.array([given.get(name, 0.0) for name in names], float)
    return Weights(values / values.sum())


def from_pairwise(
    judgements: Mapping[str, object],
    names: Sequence[str],
    source: str,
    replaced: Mapping[str, str] = NONE,
) -> Weights:
    """Return the weights that judgements of pairs imply, in the order of ``names``.

    Every pair of the criteria that are judged at all needs one judgement of 1/9 to 9; criteria
    that are in no judgement weigh nothing.
    """
    known, defects = _judgements(judgements, names, source, replaced)
    judged = sorted({criterion for pair in known for criterion in pair})
    defects += _incomplete(known, judged, names, source)
    if defects:
        raise InputError(message("refusal.the_judgements_of_the_criteria_are"), defects)
    pairwise = np.ones((len(judged), len(judged)))
    for (i, j), value in known.items():
        row, column = judged.index(i), judged.index(j)
        pairwise[row, column], pairwise[column, row] = value, 1 / value
    analysis = ahp(pairwise)
    if analysis.consistency_ratio > MAX_CONSISTENCY_RATIO and analysis.worst_triple:
        defect = _contradiction(pairwise, [names[c] for c in judged], analysis, source)
        raise InputError(message("refusal.the_judgements_of_the_criteria_contradict"), [defect])
    values = np.zeros(len(names))
    values[judged] = analysis.values
    triple = analysis.worst_triple
    if triple is not None:
        triple = (judged[triple[0]], judged[triple[1]], judged[triple[2]])
    return Weights(values, analysis.consistency_ratio, triple)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(
    name: str, column: str, names: Sequence[str], source: str, replaced: Mapping[str, str]
) -> Defect:
    if name in replaced:
        problem = message("problem.zones_are_compared_not_stations", name=name)
        remedy = message("remedy.use_criterion", name=replaced[name], names=[*names])
        return Defect(source, problem, remedy, column=column)
    return Defect(
        source,
        message("problem.there_is_no_criterion", name=name),
        message("remedy.there_are_5", names=[*names]),
        column=column,
    )


def _judgements(
    table: Mapping[str, object],
    names: Sequence[str],
    source: str,
    replaced: Mapping[str, str],
) -> tuple[dict[_Pair, float], list[Defect]]:
    """Return the judgements with the lower criterion first, and what is wrong with them."""
    judged: dict[_Pair, float] = {}
    written: dict[_Pair, str] = {}
    defects = []
    for key, value in table.items():
        parts = [part.strip() for part in key.split("/")]
        problem = _problem(parts, value)
        unknown = [part for part in parts if part not in names] if len(parts) == 2 else []
        defects += [_unknown(name, key, names, source, replaced) for name in unknown]
        if problem:
            defects.append(Defect(source, *problem, column=key, value=value))
        if len(parts) != 2 or unknown or parts[0] == parts[1]:
            continue
        i, j = names.index(parts[0]), names.index(parts[1])
        number = 1.0 if problem or not _is_number(value) else float(value)
        pair, number = ((i, j), number) if i < j else ((j, i), 1 / number)
        if pair in judged and not problem:
            same = abs(np.log(number / judged[pair])) < SAME
            relation = "problem.says_the_same" if same else "problem.contradicts"
            defects.append(
                Defect(
                    source,
                    message(relation, other=written[pair]),
                    message("remedy.keep_one"),
                    column=key,
                    value=value,
                )
            )
        judged.setdefault(pair, number)
        written.setdefault(pair, key)
    return judged, defects


def _problem(parts: Sequence[str], value: object) -> tuple[Text, Text] | None:
    """Return what is wrong with one judgement taken alone, and the remedy."""
    if len(parts) != 2 or not all(parts):
        return message("problem.is_not_a_pair_of_criteria"), message("remedy.write_people_cost")
    if parts[0] == parts[1]:
        return message("problem.compares_a_criterion_with_itself"), message("remedy.leave_it_out")
    if not _is_number(value):
        return message("problem.is_not_a_number"), message("remedy.give_1_9_to_9_for")
    number = float(value)
    if not 1 / MAX_JUDGEMENT * (1 - SAME) <= number <= MAX_JUDGEMENT:
        return message("problem.is_not_between_1_9_and"), message("remedy.for_less_than_1_turn_the")
    return None


def _incomplete(
    known: Mapping[_Pair, float], judged: Sequence[int], names: Sequence[str], source: str
) -> list[Defect]:
    """Return which pairs lack a judgement, or that there are too few or too many criteria."""
    if not known:
        return [
            Defect(
                source, message("problem.holds_no_judgement"), message("remedy.write_people_cost_3")
            )
        ]
    if len(judged) > len(RANDOM_INDEX):
        limit = message("problem.at_most_criteria_can_be_judged", n=len(RANDOM_INDEX))
        return [Defect(source, limit, message("remedy.leave_some_out"), value=len(judged))]
    missing = [
        f"'{names[i]} / {names[j]}'" for i, j in combinations(judged, 2) if (i, j) not in known
    ]
    if not missing:
        return []
    return [
        Defect(
            source,
            message("problem.missing", missing=[*missing]),
            message("remedy.judge_every_pair_once"),
        )
    ]


def _contradiction(
    pairwise: Floats, names: Sequence[str], analysis: Weights, source: str
) -> Defect:
    """Say in words which three judgements do not fit, and what would make them."""
    i, j, k = next(  # a path of "matters at least as much" always exists
        order
        for order in permutations(analysis.worst_triple or ())
        if pairwise[order[0], order[1]] >= 1 and pairwise[order[1], order[2]] >= 1
    )
    implied = pairwise[i, j] * pairwise[j, k]
    problem = message(
        "problem.consistency_ratio_is_above_and_make",
        consistency_ratio=analysis.consistency_ratio,
        max_consistency_ratio=MAX_CONSISTENCY_RATIO,
        names=names[i],
        names2=names[j],
        pairwise=pairwise[i, j],
        names3=names[j],
        names4=names[k],
        pairwise2=pairwise[j, k],
        names5=names[k],
        implied=implied,
        pairwise3=pairwise[i, k],
    )
    return Defect(source, problem, _repair(pairwise, names, (i, j, k)))


def _repair(pairwise: Floats, names: Sequence[str], triple: Triple) -> Text:
    """Return the one judgement of three that makes them fit and stays on the scale of 1/9 to 9."""
    i, j, k = triple
    factor = float(pairwise[i, j] * pairwise[j, k] / pairwise[i, k])
    for a, b, value in (
        (i, k, pairwise[i, k] * factor),
        (i, j, pairwise[i, j] / factor),
        (j, k, pairwise[j, k] / factor),
    ):
        if 1 <= value <= MAX_JUDGEMENT:
            return message(
                "remedy.would_be_consistent", names=names[a], names2=names[b], value=value
            )
        if 1 / MAX_JUDGEMENT * (1 - SAME) <= value < 1:
            return message(
                "remedy.would_be_consistent", names=names[b], names2=names[a], value=1 / value
            )
    return message("remedy.no_single_judgement_mends_it_9", names=names[i], names2=names[k])
