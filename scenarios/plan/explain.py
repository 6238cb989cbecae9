"""Why a station stands, and what the plan misses."""

from typing import Any

import pandas as pd

from phusong import columns as col
from phusong.geodata.province import Baseline
from phusong.messages import Message, message
from phusong.scenarios.candidates.places import NEAREST_M, OPERATORS

FARTHEST_M = 1e6  # what stands for the distance to the nearest mast where there is none
LARGE_MILLION = 100.0
WORST_NAMED = 4  # of the worst, in one sentence


def reason(station: pd.Series, zone_name: str) -> Message:
    """Return one sentence: what is gained, where, on which mast, at what cost."""
    parts = [
        message("reason.gain", what=_gained(station) or [message("reason.nobody")]),
        message("reason.zone", zone=zone_name) if zone_name else message("reason.outside"),
        _mast(station),
        message("reason.cost", cost=_rounded(station[col.COST_MILLION])),
    ]
    return message("reason.sentence", parts=parts)


def begun_late(start: Baseline | None, first_year: int) -> list[Message]:
    """Return that a plan begins before the day by which its 5G is on air, where it does."""
    if start is None or start.date < f"{first_year}-01-01":
        return []
    year = int(start.date[:4]) + 1
    return [message("warning.begins_before_baseline", year=first_year, date=start.date, next=year)]


def _rounded(million: float) -> float:
    """Return an amount as a sentence tells it: whole from a hundred on, else to thousandths."""
    return round(million) if million >= LARGE_MILLION else round(million, 3)


def _gained(station: pd.Series) -> list[Message]:
    columns = (
        ("people", col.PEOPLE_GAINED),
        ("workers", col.WORKERS_GAINED),
        ("visitors", col.VISITORS_GAINED),
    )
    return [
        message(f"reason.{kind}", n=round(station[column]))
        for kind, column in columns
        if round(station[column]) >= 1
    ]


def _mast(station: pd.Series) -> Message:
    height_m = round(station[col.HEIGHT_M])
    if station[col.KIND] == col.COLOCATED:
        return message(
            "reason.colocated",
            position=station[col.POSITION_ID],
            operators=station[OPERATORS],
            height=height_m,
        )
    nearest_m = round(min(station[NEAREST_M], FARTHEST_M))
    return message("reason.new", mast=station[col.MAST_CLASS], height=height_m, nearest=nearest_m)


def shortfalls(reached: list[dict[str, Any]]) -> list[Message]:
    """Return a sentence for each kind of need that the plan misses, the worst ones named.

    ``reached`` has kind, name, year, asked, reached and met, as in run.json (``choice.reached``).
    """
    by_kind = {
        kind: [need for need in reached if need["kind"] == kind]
        for kind in ("quota", "minimum", "target")
    }
    short = {kind: [need for need in own if not need["met"]] for kind, own in by_kind.items()}
    return [
        message(f"shortfall.{kind}", n=len(missed), of=len(by_kind[kind]), worst=_worst(missed))
        for kind, missed in short.items()
        if missed
    ]


def _worst(short: list[dict[str, Any]]) -> Message:
    worst = sorted(short, key=lambda need: (need["reached"] / need["asked"], need["name"]))[
        :WORST_NAMED
    ]
    named = [_need(need) for need in worst]
    if len(short) <= WORST_NAMED:
        return message("shortfall.worst", named=named)
    return message("shortfall.worst_and_more", named=named, n=len(short) - WORST_NAMED)


def _need(need: dict[str, Any]) -> Message:
    unit = "count" if need["kind"] == "minimum" else "share"
    values = {key: need[key] for key in ("name", "year", "reached", "asked")}
    return message(f"shortfall.{unit}", **values)
