"""Tiers: demand that is served up to a target before what comes after it gets any."""

from dataclasses import replace

import numpy as np

from phusong.scenarios.siting.greedy import GreedyInputs
from phusong.scenarios.siting.problem import Problem, Quota, Tier

NOT_DUE = -1.0  # a share that holds always
ROUNDING = 1e-9


def as_quota(tier: Tier) -> Quota:
    """Return a tier as a share that the choice keeps track of; nothing is asked of it yet."""
    held = np.flatnonzero(tier.demand > 0.0)
    return Quota(tier.name, 0, held, tier.demand[held], NOT_DUE)


def rows(problem: Problem) -> list[Quota]:
    """Return what the choice keeps track of: the demand of every tier, then what gains count.

    The second only of tiers whose gain does not count as their demand does.
    """
    worth = [
        replace(as_quota(replace(tier, demand=tier.weight)), name=f"{tier.name}, weighted")
        for tier in problem.tiers
        if not _alike(tier)
    ]
    return [*map(as_quota, problem.tiers), *worth]


def worth_row(problem: Problem, k: int) -> int | None:
    """Return the row of what a tier's gains count among all shares; None where it has none."""
    if _alike(problem.tiers[k]):
        return None
    before = sum(not _alike(tier) for tier in problem.tiers[:k])
    return len(problem.quotas) + len(problem.tiers) + before


def rows_before(problem: Problem, stage: int) -> list[int]:
    """Return the places in ``rows`` of the tiers that come before a stage; stage 1 is the first."""
    earlier = range(min(stage - 1, len(problem.tiers)))
    worth = [worth_row(problem, k) for k in earlier]
    return [*earlier, *(row - len(problem.quotas) for row in worth if row is not None)]


def _alike(tier: Tier) -> bool:
    """Say whether all demand of a tier weighs alike."""
    return np.allclose(
        tier.weight * tier.demand.sum(), tier.demand * tier.weight.sum(), ROUNDING, 0.0
    )


def alone(inputs: GreedyInputs, row: int, tier: Tier, share: float) -> GreedyInputs:
    """Return inputs that ask for a share of one tier and nothing else, and count its weight.

    ``row`` is the tier's place among the shares of the constraints.
    """
    constraints = inputs.constraints
    target = np.full_like(constraints.target, NOT_DUE)
    target[row] = share
    none = np.zeros_like(constraints.least)
    asked = constraints._replace(target=target, least=none)
    return inputs._replace(weight=tier.weight.astype(float), constraints=asked)
