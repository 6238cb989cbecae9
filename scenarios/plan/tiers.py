"""What every tier asked for and got by year, and what of it waits: why, and the cheapest way on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.scenarios.candidates.demand import PolicyTier, Study
from phusong.scenarios.plan.counted import NEAR
from phusong.scenarios.plan.rollout import SharesAt
from phusong.scenarios.plan.unreached import Offer

Floats = NDArray[np.float64]
BILLION = 1000.0  # in millions
USEFUL = 0.1  # of what is missed: a station that adds less is no way to serve it
SURE_OUTDOORS = 0.5
REACH, LEAST_GAIN, MEANS = "reach", "least_gain", "means"
DENSER, NEW_MAST, IN_BUILDING, LOWER_BAND = "denser", "new_mast", "in_building", "lower_band"


def record(
    study: Study,
    gaps: dict[int, float],
    table: GeoDataFrame,
    added: pd.DataFrame,
    before: SharesAt,
    levels: dict[str, NDArray[Any]],
) -> list[dict[str, Any]]:
    """Return for each tier what it is, and by year what was asked, reached, built and spent.

    ``before`` is the share of every pixel that is served today, as each level counts it, ``gaps``
    how far each stage of the choice may lie from the best, ``levels`` the share of every pixel
    after the plan by level: outdoors, expected at the place of service, with the probability of
    the scenario.
    """
    stage_of = _stage_numbers(study)
    return [
        {
            "tier": tier.number,
            "title": tier.rule.title.model_dump(),
            "of": tier.rule.of,
            "level": tier.rule.level,
            "zones": len(tier.zones),
            "demand": float(study.tier_demand(tier).sum()),
            "least_gain": tier.rule.least_gain,
            "gap": gaps.get(stage_of[tier.number]),
            "levels": _levels(study, tier, levels),
            "years": list(_years(study, place, stage_of[tier.number], table, added, before)),
        }
        for place, tier in enumerate(study.tiers)
    ]


def _levels(study: Study, tier: PolicyTier, levels: dict[str, NDArray[Any]]) -> dict[str, float]:
    whole = max(float(study.tier_demand(tier).sum()), 1e-9)
    served = {name: _covered(study, tier, share) for name, share in levels.items()}
    return {name: min(amount / whole, 1.0) for name, amount in served.items()}


def _covered(study: Study, tier: PolicyTier, share: NDArray[Any]) -> float:
    """Return how much of what counts in a tier is covered, of the share of every pixel."""
    demand, flat = study.tier_demand(tier), share.ravel()
    if tier.pixels is None:
        return stored.dot(demand, flat)
    return stored.dot(demand[tier.pixels], flat[tier.pixels])


def _stage_numbers(study: Study) -> dict[int, int]:
    """Return the stage of the choice of each tier: those with a target in turn, then the rest."""
    asked = [tier.number for tier in study.tiers if tier.rule.targets]
    places = {number: place for place, number in enumerate(asked, start=1)}
    return {tier.number: places.get(tier.number, len(asked) + 1) for tier in study.tiers}


def _years(
    study: Study,
    place: int,
    stage: int,
    table: GeoDataFrame,
    added: pd.DataFrame,
    before: SharesAt,
) -> Any:  # noqa: ANN401 - rows of run.json
    tier = study.tiers[place]
    demand, decimals = study.tier_demand(tier), study.scenario.country.currency.column_decimals
    whole, start = max(float(demand.sum()), 1e-9), _covered(study, tier, before[tier.rule.level])
    own = (table[col.TIER] == stage).to_numpy()
    for year in study.scenario.rollout.years:
        until, now = (table[col.YEAR] <= year).to_numpy(), (table[col.YEAR] == year).to_numpy()
        reached = (start + float(added[tier.name][until].sum())) / whole
        target = tier.rule.target(year) if tier.rule.targets else None
        yield {
            "year": year,
            "target": target,
            "reached": reached,
            "met": None if target is None else bool(reached >= target - NEAR),
            "stations": int((own & now).sum()),
            "cost_million": round(float(table[col.COST_MILLION][own & now].sum()), decimals),
        }


def waiting(
    study: Study,
    offer: Offer,
    share: SharesAt,
    outdoors: NDArray[np.bool_],
    weights: Mapping[str, float],
) -> pd.DataFrame:
    """Return the zones under their tier's last target: what is missed, why, and what would help.

    ``share`` is that of every pixel (flat) served after the plan, as each level counts it,
    ``outdoors`` where the level holds outdoors, ``weights`` what a person of each zone counts.
    Reasons: ``reach`` (all candidates together do not serve so much), ``least_gain`` (the best
    would add less than the tier asks for its money), ``means``. The way is the candidate that adds
    most for its money, on a mast (``denser``) or a new one (``new_mast``); where none adds a tenth
    of what is missed, cells in buildings where it is served outdoors (``in_building``), else a
    lower band (``lower_band``).
    """
    rows = [
        row
        for place, tier in enumerate(study.tiers)
        if tier.rule.targets
        for row in _of_tier(study, offer, place, share[tier.rule.level], outdoors, weights)
    ]
    return pd.DataFrame(rows, columns=list(col.WAITING))


def _of_tier(
    study: Study,
    offer: Offer,
    place: int,
    share: NDArray[np.float32],
    outdoors: NDArray[np.bool_],
    weights: Mapping[str, float],
) -> Any:  # noqa: ANN401 - rows of a table
    tier = study.tiers[place]
    demand = study.tier_demand(tier)
    target = tier.rule.target(study.scenario.rollout.years[-1])
    counted = dict(zip(study.zones.index, study.zone_demand(), strict=True))
    for index, zone in zip(tier.zones.index, tier.zones.itertuples(), strict=True):
        _, pixels, values = counted[index]
        own, here = demand[pixels], share[pixels].astype(float)
        reached = float(values @ here / values.sum())
        if not own.sum() > 0.0 or reached >= target - NEAR:
            continue
        held, part = offer.cells.of_pixels(pixels, own, tier.rule.level)
        weight = np.zeros(offer.after.size)
        weight[held] = part
        missed = float(own @ (1.0 - here))
        least_gain = tier.rule.least_gain / weights.get(zone.zone_id, 1.0)
        yield {
            col.TIER: tier.number,
            col.ZONE_ID: zone.zone_id,
            col.NAME: zone.name,
            col.TARGET_SHARE: target,
            col.COVERED_SHARE_AFTER: round(reached, 5),
            col.MISSED: round(missed, 1),
            **_rounded(
                _way(offer, least_gain, weight, target, missed, float(outdoors[pixels].mean())),
                study.scenario.country.currency.column_decimals,
            ),
        }


def _way(
    offer: Offer, least_gain: float, weight: Floats, target: float, missed: float, outdoors: float
) -> dict[str, Any]:
    more = offer.more(weight)
    cost = offer.frame[col.MONEY_MILLION].to_numpy(float)
    best = int(np.argmax(more / cost)) if more.size else 0
    rate = BILLION * float(more[best] / cost[best]) if more.size else 0.0
    reachable = offer.reachable(weight)
    reason = REACH if reachable < target else LEAST_GAIN if rate < least_gain else MEANS
    if not more.size or more[best] < USEFUL * missed:
        way = IN_BUILDING if outdoors >= SURE_OUTDOORS else LOWER_BAND
        return {col.REASON: reason, col.WAY: way, col.SITE_ID: ""} | {
            col.GAIN: 0.0,
            col.COST_MILLION: 0.0,
        }
    station = offer.frame.iloc[best]
    return {
        col.REASON: reason,
        col.WAY: NEW_MAST if station[col.KIND] == col.NEW else DENSER,
        col.SITE_ID: station[col.SITE_ID],
        col.GAIN: round(float(more[best]), 1),
        col.COST_MILLION: float(cost[best]),
    }


def _rounded(row: dict[str, Any], decimals: int) -> dict[str, Any]:
    return row | {col.COST_MILLION: round(row[col.COST_MILLION], decimals)}
