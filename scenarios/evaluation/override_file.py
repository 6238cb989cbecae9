"""A draft as a scenario file: what a run is asked for so that it builds just these stations."""

from typing import Any

import tomli_w

from phusong.scenarios.config import schema
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.evaluation.draft import Draft

HEAD = """\
# Stations of a draft. `phusong run` with this file builds these and no other, and says what they
# serve and cost; take [candidates] only and require out to let it choose.
"""


def text(scenario: Scenario, tried: Draft) -> str:
    """Return the scenario file of a draft: all settings of its scenario, and its stations.

    >>> from phusong.scenarios.config import schema
    >>> text(schema.load("urban"), Draft({"5G-P0012": 2024})).splitlines()[2]
    'extends = "urban"'
    """
    tree = settings(scenario)
    for section, part in tried.override().items():
        own = tree.get(section)
        tree[section] = {**own, **part} if isinstance(own, dict) else part
    return HEAD + tomli_w.dumps(tree)


def settings(scenario: Scenario) -> dict[str, Any]:
    """Return all that a scenario says otherwise than the shipped one that it extends.

    >>> from phusong.scenarios.config import schema
    >>> settings(schema.load("urban", ["zones.near_m=400"]))
    {'extends': 'urban', 'zones': {'near_m': 400.0}}
    """
    name = scenario.scenario.name
    base = name if name in schema.SHIPPED else "base"
    below = schema.load(base, country=scenario.country.code).model_dump()
    return {"extends": base, **_difference(below, scenario.model_dump())}


def _difference(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return what a tree says otherwise than another; None cannot be written and is left out."""
    result: dict[str, Any] = {}
    for key, value in above.items():
        if key in below and value == below[key]:
            continue
        if isinstance(value, dict) and isinstance(below.get(key), dict) and key not in schema.WHOLE:
            result[key] = _difference(below[key], value)
        elif value is not None:
            result[key] = value
    return result
