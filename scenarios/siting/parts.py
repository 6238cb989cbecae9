"""Parts of a siting problem: what can count, some candidates, one stage with those before built."""

from dataclasses import replace

import numpy as np

from phusong.scenarios.siting.problem import Cover, Floats, Ints, Problem, Shares, Year


def useful(problem: Problem) -> Problem:
    """Return the problem without what its candidates serve for nothing.

    That is what the stations on air serve as well, and what no demand, tier or quota counts.
    """
    counts = problem.weight + problem.target_weight
    for tier in problem.tiers:
        counts = counts + tier.demand + tier.weight
    for quota in problem.quotas:
        np.add.at(counts, quota.cells, quota.weight)
    return replace(problem, cover=_useful(problem.cover, problem.before, counts))


def weight(problem: Problem, stage: int) -> Floats:
    """Return what counts as gain in a stage: that of its tier, of all where no tier asked."""
    return problem.tiers[stage - 1].weight if 1 <= stage <= len(problem.tiers) else problem.weight


def part(problem: Problem, fixed: Ints, stage: int, means: Year) -> tuple[Problem, Ints]:
    """Return a stage as a problem of one year, and the candidates that its rows stand for.

    ``fixed`` stand already, and what they exclude is left out. Quotas and minima are theirs.
    """
    free = _free(problem, fixed)
    place = np.full(problem.cover.candidates, -1)
    place[free] = np.arange(free.size)
    pairs = place[problem.excludes]
    before, gain = level(problem, fixed), weight(problem, stage).astype(float)
    return (
        Problem(
            cover=_useful(rows(problem.cover, free), before, gain),
            before=before,
            weight=gain,
            cost=problem.cost[free],
            excludes=pairs[(pairs >= 0).all(axis=1)].reshape(-1, 2),
            quotas=(),
            minima=(),
            years=(means,),
            target_weight=problem.target_weight,
        ),
        free,
    )


def only(problem: Problem, chosen: Ints) -> Problem:
    """Return the problem with these candidates alone, in this order, all of them worth while.

    None of them excludes another.
    """
    place = np.full(problem.cover.candidates, -1)
    place[chosen] = np.arange(chosen.size)

    def placed(candidates: Ints) -> Ints:
        places: Ints = place[candidates]
        return places[places >= 0]

    return replace(
        problem,
        cover=rows(problem.cover, chosen),
        cost=problem.cost[chosen],
        excludes=np.empty((0, 2), np.int64),
        minima=tuple(replace(m, candidates=placed(m.candidates)) for m in problem.minima),
        tiers=tuple(replace(tier, least_gain=0.0) for tier in problem.tiers),
        least_gain=0.0,
    )


def rows(cover: Cover, chosen: Ints) -> Cover:
    """Return these rows of a cover."""
    sizes = (cover.first[1:] - cover.first[:-1])[chosen]
    first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    entry = np.repeat(cover.first[chosen] - first[:-1], sizes) + np.arange(first[-1])
    return Cover(first, cover.cell[entry], cover.share[entry])


def _useful(cover: Cover, before: Shares, gain: Floats) -> Cover:
    """Return a cover without the entries that can add nothing."""
    useful = (cover.share > before[cover.cell]) & (gain[cover.cell] > 0.0)
    first = np.concatenate(([0], np.cumsum(useful)))[cover.first].astype(np.int64)
    return Cover(first, cover.cell[useful], cover.share[useful])


def _free(problem: Problem, fixed: Ints) -> Ints:
    """Return the candidates that may stand beside fixed ones."""
    barred = np.zeros(problem.cover.candidates, bool)
    barred[fixed] = True
    for one, other in (problem.excludes.T, problem.excludes[:, ::-1].T):
        barred[other[np.isin(one, fixed)]] = True
    return np.flatnonzero(~barred)


def level(problem: Problem, built: Ints) -> Shares:
    """Return the share served in each cell when these candidates stand."""
    served = problem.before.copy()
    for i in built:
        span = slice(problem.cover.first[i], problem.cover.first[i + 1])
        cell = problem.cover.cell[span]
        served[cell] = np.maximum(served[cell], problem.cover.share[span])
    return served
