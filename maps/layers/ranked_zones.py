"""Zones by rank with what their criteria measure, and the judgements behind their weights."""

from typing import Any

import pandas as pd

from phusong import columns as col
from phusong import messages
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers import features
from phusong.maps.layers.places import numbers, texts

Json = dict[str, Any]

# Decimals as zones_ranking.csv has them: the page scores zones anew.
_DECIMALS = 4
_WHOLE = (col.RANK, col.TIER, col.RANK_LOW, col.RANK_HIGH)
_ELSEWHERE = (col.NAME, col.KIND, col.CATEGORY, col.STATUS)  # with the outlines of zones
_CRITERION = "criterion_"  # what the words of criteria begin with


def ranked(run: RunFolder, language: str) -> dict[str, Json]:
    """Return the zones by rank, column by column; without rows where the run ranks none."""
    frame = table(run, language)
    said = (col.ZONE_ID, col.EXPLANATION)
    figures = [str(name) for name in frame if name not in (*said, *_ELSEWHERE)]
    return {name: texts(frame[name]) for name in said} | {
        name: numbers(frame[name], 0 if name in _WHOLE else _DECIMALS) for name in figures
    }


def table(run: RunFolder, language: str) -> pd.DataFrame:
    """Return the zones by rank with the columns of zones_ranking.csv, reasons in a language."""
    measured = [criterion["column"] for criterion in _choice(run.record).get("criteria") or []]
    columns = tuple(dict.fromkeys([*col.ZONES_RANKING, *measured]))
    frame = run.layer("zones_ranking", columns)[[*columns]]
    own = run.record.get("texts", {}).get("zones_ranking", {}).get(col.EXPLANATION)
    if own and len(own) == len(frame):
        frame[col.EXPLANATION] = [messages.speak(text, language) for text in own]
    by_rank: pd.DataFrame = frame.sort_values(col.RANK, kind="stable", ignore_index=True)
    return by_rank


def with_service(run: RunFolder, language: str) -> list[Json]:
    """Return the zones by rank, each by its name in a language, with its stations and service."""
    names, stations = features.zone_names(run, language), run.ranking[col.ZONE_ID].value_counts()
    shares = (col.COVERED_SHARE_BEFORE, col.COVERED_SHARE_AFTER)
    served = run.zones.set_index(col.ZONE_ID)[[*shares]].to_dict("index")
    return [
        row
        | served.get(row[col.ZONE_ID], dict.fromkeys(shares))
        | {
            col.NAME: names.get(row[col.ZONE_ID], row[col.NAME]),
            col.STATIONS: int(stations.get(row[col.ZONE_ID], 0)),
        }
        for row in table(run, language).to_dict("records")
    ]


def judgements(record: Json, words: dict[str, str], language: str) -> str:
    """Return the judgements of pairs of criteria in words; '' where weights are given.

    Parameters
    ----------
    record
        What run.json says.
    words
        Those of a page, some of them names of criteria.
    language
        Of the numbers.
    """
    pairs = record.get("parameters", {}).get("weights", {}).get("pairwise") or {}
    names = criterion_names(record, words, language)
    judged = []
    for pair, value in pairs.items():
        both = " / ".join(names.get(name, name) for name in pair.split(" / "))
        judged.append(f"{both} = {messages.general(value, language)}")
    return "; ".join(judged)


def criterion_names(record: Json, words: dict[str, str], language: str) -> dict[str, str]:
    """Return the criteria of a run as a table names them; by their meaning where no word is."""
    criteria = _choice(record).get("criteria") or []
    meanings = {c["name"]: messages.speak(c["meaning"], language) for c in criteria}
    known = {key.removeprefix(_CRITERION): w for key, w in words.items() if _CRITERION in key}
    return {name: text[:1].upper() + text[1:] for name, text in meanings.items()} | known


def _choice(record: Json) -> Json:
    zones: Json = (record.get("choice") or {}).get("zones") or {}
    return zones
