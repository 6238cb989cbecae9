"""The years of a scenario, moved so that the plan starts in another."""

import copy
from typing import Any

from phusong.moment import moment

AUTO = "auto"
LIMITS = ("stations", "budget_million", "target_share")  # a year named in one of them is planned
BY_YEAR = (*LIMITS, "min_per_district")


def moved(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario whose first year is ``rollout.start``; its other years move along.

    ``auto`` is the year after the present moment's; 0, or anything that is no year, leaves the
    years as they are. Years of quotas, tiers and required stations move too.
    """
    rollout = tree.get("rollout")
    start = rollout.get("start", 0) if isinstance(rollout, dict) else 0
    if start == AUTO:
        start = moment().year + 1
    if not isinstance(start, int) or isinstance(start, bool) or start <= 0:
        return tree
    years = [int(y) for name in LIMITS for y in _table(rollout, name) if str(y).isdigit()]
    if not years:
        return tree
    result = copy.deepcopy(tree)
    _shift(result, start - min(years))
    result["rollout"]["start"] = start
    return result


def _table(tree: object, name: str) -> dict[str, Any]:
    table = tree.get(name) if isinstance(tree, dict) else None
    return table if isinstance(table, dict) else {}


def _shift(tree: dict[str, Any], by: int) -> None:
    """Add to every year of a tree."""
    rollout = tree["rollout"]
    for name in BY_YEAR:
        if isinstance(rollout.get(name), dict):
            rollout[name] = _later(rollout[name], by)
    for tier in tree.get("tiers", []):
        if isinstance(tier, dict) and isinstance(tier.get("targets"), dict):
            tier["targets"] = _later(tier["targets"], by)
    for quota in tree.get("quotas", []):
        if isinstance(quota, dict) and isinstance(quota.get("year"), int):
            quota["year"] += by
    required = _table(tree.get("candidates"), "require")
    required.update({name: y + by for name, y in required.items() if isinstance(y, int)})


def _later(by_year: dict[str, Any], by: int) -> dict[str, Any]:
    return {str(int(y) + by) if str(y).isdigit() else y: value for y, value in by_year.items()}
