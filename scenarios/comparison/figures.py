"""The figures of a comparison: headline, what differs between the runs, ranks, sensitivity."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from scipy.stats import kendalltau, spearmanr

from phusong import columns as col
from phusong.geodata.province import UNKNOWN, basis_text
from phusong.geodata.runs.folder import RunFolder
from phusong.messages import Message, message
from phusong.scenarios.comparison.compare import Comparison

FIRST = (10, 20, 50, 100)
TEXTS = ("scenario.title", "scenario.description")  # parameters that change nothing
PEOPLE_TOLERANCE = 0.5  # residents that rounding may add to a total

Row = dict[str, Any]


def headline(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    """Return every number of the headlines: name, value in A, in B, and B less A."""
    rows = []
    for name in dict.fromkeys([*a, *b]):
        one, other = _number(a.get(name)), _number(b.get(name))
        if one is None and other is None:
            continue
        delta = None if one is None or other is None else other - one
        rows.append({"name": name, "a": one, "b": other, "delta": delta})
    return rows


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return a nested record as ``section.key`` to value; lists stay whole."""
    result: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{above}.{key}" if above else str(key)
        result |= flat(value, name) if isinstance(value, Mapping) else {name: value}
    return result


def differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    """Return every key whose value differs: key, value in A, in B; None where it has none."""
    one, other = flat(a), flat(b)
    keys = sorted(one.keys() | other.keys())
    return [
        {"key": key, "a": one.get(key), "b": other.get(key)}
        for key in keys
        if one.get(key) != other.get(key)
    ]


def parameters(a: RunFolder, b: RunFolder) -> list[Row]:
    """Return the parameters that differ between the resolved scenarios, without their texts."""
    rows = differing(a.record["parameters"], b.record["parameters"])
    return [row for row in rows if not row["key"].startswith(TEXTS)]


def inputs(a: RunFolder, b: RunFolder) -> list[Row]:
    """Return the layers that come from different files or recipes: layer, source in A, in B."""
    layers = [run.record.get("layers") or {} for run in (a, b)]
    rows = []
    for name in sorted(layers[0].keys() | layers[1].keys()):
        one, other = (of.get(name) or {} for of in layers)
        if any(one.get(key) != other.get(key) for key in ("status", "source", "sha256")):
            rows.append({"key": name, "a": one.get("source"), "b": other.get("source")})
    return rows


def ranks(stations: GeoDataFrame) -> Row:
    """Return how far two rankings agree.

    Spearman's rho and Kendall's tau-b over the stations of both runs (None under two of them);
    how many of the first N stand among the first N of the other run too.
    """
    rank_a, rank_b, _ = col.compared(col.RANK)
    both = stations[stations[col.RUNS] == "both"]
    a, b = both[rank_a].to_numpy(np.int64), both[rank_b].to_numpy(np.int64)
    enough = len(both) > 1
    counts = stations[col.RUNS].value_counts()
    shorter = len(both) + min(int(counts.get("a", 0)), int(counts.get("b", 0)))
    return {
        "both": len(both),
        "only_a": int(counts.get("a", 0)),
        "only_b": int(counts.get("b", 0)),
        "spearman": float(spearmanr(a, b).statistic) if enough else None,
        "kendall": float(kendalltau(a, b).statistic) if enough else None,
        "other_year": int((both[f"{col.YEAR}_delta"] != 0).sum()),
        "first": [
            {"first": n, "both": int(((a <= n) & (b <= n)).sum())} for n in FIRST if n <= shorter
        ],
    }


def is_weight(key: str) -> bool:
    """Return whether a parameter only weighs one aim against another."""
    parts = key.split(".")
    return parts[0] == "demand" or "weights" in parts


def sensitivity(comparison: Comparison) -> Row | None:
    """Return how the plan answers to other weights, None where more than weights differs.

    How far ranks of zones move and which zone moves most, which stations are built in both, and
    what the change of weights does to the residents and the zone demand that are covered.
    """
    a, b = comparison.a, comparison.b
    changed = parameters(a, b)
    weights = [row for row in changed if is_weight(row["key"])]
    others = [r for r in changed if r not in weights and r["key"] != "scenario.name"]
    if not weights or others or inputs(a, b):
        return None
    counts = comparison.stations[col.RUNS].value_counts()
    head_a, head_b = a.record["headline"], b.record["headline"]
    return {
        "weights": weights,
        "stations": {run: int(counts.get(run, 0)) for run in ("both", "a", "b")},
        "zones": _shifts(a, b),
        **{
            f"{name}_delta": head_b.get(name, 0.0) - head_a.get(name, 0.0)
            for name in ("people_share_after", "zone_demand_share_after")
        },
    }


def _shifts(a: RunFolder, b: RunFolder) -> Row | None:
    """Return how ranks of zones move between two runs; None where they rank none alike."""
    columns = (col.ZONE_ID, col.NAME, col.RANK)
    ranked = [run.layer("zones_ranking", columns)[[*columns]] for run in (a, b)]
    both = ranked[0].merge(ranked[1], on=col.ZONE_ID, suffixes=("_a", "_b"))
    if both.empty:
        return None
    one, other = both[f"{col.RANK}_a"].astype(int), both[f"{col.RANK}_b"].astype(int)
    shift = (other - one).abs()
    first = min(FIRST[0], len(both))
    return {
        "both": len(both),
        "mean_shift": float(shift.mean()),
        "largest_shift": int(shift.max()),
        "largest_shift_zone": both.loc[shift.idxmax(), f"{col.NAME}_a"],
        "first": first,
        "first_kept": int(((one <= first) & (other <= first)).sum()),
    }


def notes(comparison: Comparison) -> list[Message]:
    """Return what a reader must know before trusting a difference."""
    a, b = comparison.a.record, comparison.b.record
    messages = [_service_note(a["service"], b["service"]), _residents_note(a, b)]
    if inputs(comparison.a, comparison.b):
        messages.append(message("comparison.inputs_differ"))
    versions = (a.get("phusong"), b.get("phusong"))
    if versions[0] != versions[1]:
        messages.append(message("comparison.versions_differ", a=versions[0], b=versions[1]))
    if comparison.restated:
        messages.append(_units_note(comparison))
    return [note for note in messages if note is not None]


def _service_note(a: Row, b: Row) -> Message | None:
    """Say when covered means one thing in A and another in B."""
    keys = ("required_dbm", "location", "probability")
    if all(a[key] == b[key] for key in keys):
        return None
    values = {
        side: message(
            "comparison.service",
            place=message(f"page.{service['location']}"),
            level=float(service["required_dbm"]),
            probability=service["probability"],
        )
        for side, service in (("a", a), ("b", b))
    }
    return message("comparison.service_differs", **values)


def _residents_note(a: Row, b: Row) -> Message | None:
    """Say when the runs count residents on another basis."""
    people = [float(run["province"]["population"]) for run in (a, b)]
    if abs(people[1] - people[0]) <= PEOPLE_TOLERANCE:
        return None
    bases = [basis_text(str(run["province"].get("population_basis", UNKNOWN))) for run in (a, b)]
    values = {
        "a": round(people[0]),
        "basis_a": bases[0],
        "b": round(people[1]),
        "basis_b": bases[1],
    }
    return message("comparison.residents_differ", **values)


def _units_note(comparison: Comparison) -> Message:
    links = comparison.communes[col.LINK_VERIFIED]
    counts = {"open": int((~links).sum()), "of": len(links)}
    return message("comparison.restated", units=comparison.units, **counts)
