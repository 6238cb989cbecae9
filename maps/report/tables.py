"""The tables of the report: rows of a run arranged by district, commune, operator and class."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong import meanings
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers import features
from phusong.maps.texts import text

Row = dict[str, Any]
EVERY = ""  # the key of a total
PEOPLE = "people"


class Crossed(NamedTuple):
    """A table of rows by two keys: what stands across, and each line's cells by it."""

    across: list[str]
    lines: list[Row]


def crossed(rows: Iterable[Row], down: str, across: str) -> Crossed:
    """Return rows by the values of two columns; the total, whose key is blank, stands last."""
    listed = list(rows)
    heads = dict.fromkeys(row[across] for row in listed if row[across] != EVERY)
    lines: dict[str, Row] = {}
    for row in listed:
        line = lines.setdefault(
            row[down], {"name": row[col.NAME], "total": row[down] == EVERY, "cells": {}}
        )
        line["cells"][row[across]] = row
    return Crossed(list(heads), list(lines.values()))


def by_operator(run: RunFolder) -> list[Row]:
    """Return the BTS of each operator in the province by technology, and its masts; all last."""
    of_province = [row for row in run.rows("sites_by_technology") if not row[col.DISTRICT_CODE]]
    masts = {
        row[col.OPERATOR]: row
        for row in run.rows("sharing_by_operator")
        if not row[col.DISTRICT_CODE]
    }
    lines: dict[str, Row] = {}
    for row in of_province:
        line = lines.setdefault(row[col.OPERATOR], {"sites": {}})
        line["sites"][row[col.TECHNOLOGY]] = row[col.SITES]
    return [
        {"operator": name, "masts": masts.get(name), **line}
        for name, line in lines.items()
        if line["sites"].get(EVERY)
    ]


def of_districts(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of quality of districts and the province, weighed by people."""
    return [row for row in rows if row[col.WEIGHTING] == PEOPLE and not row[col.COMMUNE_CODE]]


def of_communes(rows: Iterable[Row], names: Mapping[str, str]) -> list[Row]:
    """Return the rows of quality of communes by their full names, weighed by people."""
    return [
        row | {col.NAME: names.get(row[col.COMMUNE_CODE], row[col.NAME])}
        for row in rows
        if row[col.WEIGHTING] == PEOPLE and row[col.COMMUNE_CODE]
    ]


def built(run: RunFolder, names: Mapping[str, str]) -> Crossed:
    """Return what is built by commune (its full name) and year; all of the province last."""
    rows = [
        row
        | {
            col.YEAR: EVERY if row[col.YEAR] is None else str(int(row[col.YEAR])),
            col.NAME: names.get(row[col.COMMUNE_CODE], row[col.NAME]),
        }
        for row in run.rows("stations_by_commune")
    ]
    years = sorted({row[col.YEAR] for row in rows} - {EVERY})
    return crossed(rows, col.COMMUNE_CODE, col.YEAR)._replace(across=years)


def records(frame: GeoDataFrame) -> list[Row]:
    """Return the rows of a table as plain values, without the geometry."""
    columns = [name for name in frame.columns if name != "geometry"]
    return [dict(zip(columns, row, strict=True)) for row in features.rows(frame, columns)]


def with_planned(frame: GeoDataFrame, ranking: GeoDataFrame, key: str) -> list[Row]:
    """Return units in the order of their codes, with the number of stations planned in each."""
    counts = ranking[key].value_counts()
    rows = records(frame.sort_values(key))
    return [row | {"planned": int(counts.get(row[key], 0))} for row in rows]


def by_commune(run: RunFolder, names: Mapping[str, str]) -> list[Row]:
    """Return the communes, by their full names, under a line for their district if any."""
    communes = with_planned(run.communes, run.ranking, col.COMMUNE_CODE)
    communes = [row | {col.NAME: names[row[col.COMMUNE_CODE]]} for row in communes]
    rows: list[Row] = []
    for district in with_planned(run.districts, run.ranking, col.DISTRICT_CODE):
        code = district[col.DISTRICT_CODE]
        rows.append(district | {"group": True})
        rows.extend(row for row in communes if row[col.DISTRICT_CODE] == code)
    districts = set(run.districts[col.DISTRICT_CODE])
    return rows + [row for row in communes if row[col.DISTRICT_CODE] not in districts]


def province_figures(run: RunFolder, language: str) -> list[tuple[str, float | None, float | None]]:
    """Return (label, before, after) of every share of the province that the run knows."""
    headline, word = run.record["headline"], text.words(language)
    named = meanings.share_names(run.record["service"], language)
    labels = {
        "people": f"{word['population']} {named[meanings.EXPECTED]}",
        "sure_people": f"{word['population']} {named[meanings.SURE]}",
        "outdoor_people": f"{word['population']} {named[meanings.OUTDOORS]}",
        "area": word["covered_area_short"],
        "zone_demand": word["covered_zones"],
    }
    if run.zones.empty:
        del labels["zone_demand"]
    known = {
        name: (headline.get(f"{name}_share_before"), headline.get(f"{name}_share_after"))
        for name in labels
    }
    return [(labels[name], *pair) for name, pair in known.items() if pair[1] is not None]
