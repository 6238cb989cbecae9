"""Why a station stands where it does in the ranking."""

import pandas as pd

from phusong import columns as col
from phusong.messages import Message, message
from phusong.scenarios.candidates.places import NEAREST_M, OPERATORS

FARTHEST_M = 1e6  # what stands for the distance to the nearest mast where there is none


def reason(station: pd.Series, zone_name: str) -> Message:
    """Return one sentence: what is gained, where, on which mast, at what cost."""
    parts = [
        message("reason.gain", what=_gained(station) or [message("reason.nobody")]),
        message("reason.zone", zone=zone_name) if zone_name else message("reason.outside"),
        _mast(station),
        message("reason.cost", cost=round(station[col.COST_MILLION])),
    ]
    return message("reason.sentence", parts=parts)


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
