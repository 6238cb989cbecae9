"""Tiers: demand that is served up to a target before what comes after it gets any."""

import numpy as np

from phusong.scenarios.siting.greedy import GreedyInputs
from phusong.scenarios.siting.problem import Quota, Tier

NOT_DUE = -1.0  # a share that holds always


def as_quota(tier: Tier) -> Quota:
    """Return a tier as a share that the choice keeps track of; nothing is asked of it yet."""
    held = np.flatnonzero(tier.demand > 0.0)
    return Quota(tier.name, 0, held, tier.demand[held], NOT_DUE)


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
