"""The 5G stations on air when a plan begins: by a list of them, or by their number alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import STRtree

from phusong import columns as col
from phusong.geodata.province import (
    COUNTED,
    LISTED,
    LIVE,
    Baseline,
    Province,
    SiteList,
    together,
)

NEAR_M = 50.0  # a station so near a known position stands on it: two surveys of one mast differ
FIVE_G = "5G"
POLICY_ORDER = ("urban", "industrial", "tourism")  # cities, parks, tourism: priority of 2023
STREAM = 29  # keeps the draw of counted stations apart from other random numbers
OF_THE_MAST = (col.HEIGHT_M, col.AZIMUTHS_DEG, col.MAST_CLASS, col.CLUTTER)


def with_existing_5g(province: Province, listed: SiteList, date: str) -> Province:
    """Return a province whose 5G on air is that of a list, and nothing else.

    A list in which no row names 5G is one of 5G stations. Stations without a date count as on
    air; those of a later date neither cover nor take up room. A station within ``NEAR_M`` of a
    known position, or with its name, stands there; what the list does not say of it (height,
    azimuths, mast) is as its operator has it there, else as the highest antenna.

    Parameters
    ----------
    province
        Whose other sites stay as they are.
    listed
        As ``phusong.read_sites`` returns it; dates under ``on_air``.
    date
        By which stations are on air, such as ``2025-12-31``.

    Returns
    -------
    Province
        With ``baseline``.
    """
    rows = _of_5g(listed.sites)
    when = _dates(rows)
    late = (when > date).to_numpy()
    own = rows[~late].reset_index(drop=True)
    known = _without_5g(province.sites)
    position = _positions(own, known)
    matched = position >= 0
    stations = _on_positions(own, known, position, listed.every.attrs.get("stated", ()))
    sites = together(known, stations[list(known.columns)] if len(stations) else None)
    baseline = Baseline(
        date,
        len(own),
        int(matched.sum()),
        int(late.sum()),
        int((when[~late] == "").sum()),
        listed.provenance.source,
        listed.provenance.sha256,
        LISTED,
    )
    return replace(province, sites=sites, baseline=baseline)


def stations_of(province: Province, listed: SiteList) -> GeoDataFrame:
    """Return the 5G stations of a list as they stand in a province, whatever their dates.

    Parameters
    ----------
    province
        With the sites and positions that are known.
    listed
        As ``phusong.read_sites`` returns it.

    Returns
    -------
    GeoDataFrame
        With ``columns.BTS`` and ``on_air``, '' where the list has no date.
    """
    own = _of_5g(listed.sites)
    own[col.ON_AIR] = _dates(own)
    known = _without_5g(province.sites)
    stated = listed.every.attrs.get("stated", ())
    return _on_positions(own, known, _positions(own, known), stated)


class StationCount(NamedTuple):
    """How many 5G stations are on air, where nobody says on which positions.

    Parameters
    ----------
    stations
        How many.
    date
        By which.
    operators
        Whose; of all operators if none is named.
    source
        Who reports it.
    """

    stations: int
    date: str
    operators: tuple[str, ...]
    source: str


def with_counted_5g(
    province: Province, zones: GeoDataFrame, count: StationCount, seed: int
) -> Province:
    """Return a province with so many 5G stations on air, placed by a synthetic rule.

    Real positions are unknown. Every station stands on a live site of 4G of a named operator.
    Operating zones take one in turn, in ``POLICY_ORDER``, then communes do, those with most
    residents first; then round again, until all stand. Which site of a zone or commune takes the
    next is drawn by the seed. The 5G that the province had goes.

    Parameters
    ----------
    province
        Whose other sites stay as they are.
    zones
        With ``columns.ZONES``.
    count
        How many, by when, whose.
    seed
        Of the draw.

    Returns
    -------
    Province
        With ``baseline``. Where fewer sites can take one its number of stations is lower.
    """
    known = _without_5g(province.sites)
    tenants = _tenants(known, count.operators)
    order = np.random.default_rng([seed, STREAM]).permutation(len(tenants))
    rows = _in_turn(_groups(tenants, zones, province.communes, order), count.stations)
    own = tenants.iloc[sorted(rows)].assign(**{col.TECHNOLOGIES: FIVE_G})
    own[col.SITE_ID] += "-5G"
    sites = together(known, own[list(known.columns)].reset_index(drop=True))
    baseline = Baseline(count.date, len(own), len(own), 0, 0, count.source, "", placement=COUNTED)
    return replace(province, sites=sites, baseline=baseline)


def _tenants(sites: GeoDataFrame, operators: Sequence[str]) -> GeoDataFrame:
    """Return a live site with 4G for each operator of each position."""
    of_4g = np.array(["4G" in text.split("/") for text in sites[col.TECHNOLOGIES]], bool)
    wanted = of_4g & (sites[col.STATUS] == LIVE).to_numpy()
    if operators:
        wanted &= sites[col.OPERATOR].isin(operators).to_numpy()
    ordered = sites[wanted].sort_values([col.POSITION_ID, col.OPERATOR, col.SITE_ID])
    return ordered.drop_duplicates([col.POSITION_ID, col.OPERATOR]).reset_index(drop=True)


def _groups(
    tenants: GeoDataFrame,
    zones: GeoDataFrame,
    communes: GeoDataFrame,
    order: NDArray[np.int64],
) -> list[list[int]]:
    """Return the rows of tenants in every zone, then in every commune, each as drawn."""
    rank = {kind: row for row, kind in enumerate(POLICY_ORDER)}
    built = zones[(zones[col.STATUS] == "operating") & zones[col.KIND].isin(rank)]
    built = built.iloc[np.argsort(built[col.KIND].map(rank).to_numpy(), kind="stable")]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    tree = STRtree(tenants.geometry.to_numpy())
    held = [tree.query(zone, predicate="intersects") for zone in built.geometry]
    peopled = communes.sort_values([col.POPULATION, col.COMMUNE_CODE], ascending=[False, True])
    code = tenants[col.COMMUNE_CODE].to_numpy()
    held += [np.flatnonzero(code == own) for own in peopled[col.COMMUNE_CODE]]
    return [sorted(rows.tolist(), key=place.__getitem__) for rows in held]


def _in_turn(groups: list[list[int]], count: int) -> list[int]:
    """Return so many rows, of each group the next one that is free, in turn.

    >>> _in_turn([[1, 2], [2, 3], []], 3)
    [1, 2, 3]
    """
    left, taken = [iter(rows) for rows in groups], dict[int, None]()
    while left and len(taken) < count:
        going = []
        for rows in left:
            row = next((row for row in rows if row not in taken), None)
            if row is not None and len(taken) < count:
                taken[row] = None
                going.append(rows)
        left = going
    return list(taken)


def _of_5g(sites: GeoDataFrame) -> GeoDataFrame:
    """Return the live rows of 5G; all live ones where none of the list names 5G."""
    live = sites[sites[col.STATUS] == LIVE]
    of_5g = live[_has_5g(live)]
    return (of_5g if len(of_5g) else live).reset_index(drop=True)


def _has_5g(sites: GeoDataFrame) -> NDArray[np.bool_]:
    return np.array([FIVE_G in text.split("/") for text in sites[col.TECHNOLOGIES]], bool)


def _dates(sites: GeoDataFrame) -> pd.Series:
    return sites[col.ON_AIR] if col.ON_AIR in sites else pd.Series("", sites.index, dtype=object)


def _without_5g(sites: GeoDataFrame) -> GeoDataFrame:
    """Return sites without their 5G; those that have nothing else go."""
    left = [
        "/".join(part for part in text.split("/") if part != FIVE_G)
        for text in sites[col.TECHNOLOGIES]
    ]
    kept = sites.assign(**{col.TECHNOLOGIES: left})
    return kept[kept[col.TECHNOLOGIES] != ""].reset_index(drop=True)


def _positions(stations: GeoDataFrame, known: GeoDataFrame) -> NDArray[np.int64]:
    """Return the row of a known site on the position of each station, -1 where it is a new one."""
    row = np.full(len(stations), -1)
    if known.empty or stations.empty:
        return row
    first = {name: i for i, name in reversed(list(enumerate(known[col.POSITION_ID])))}
    away_m, nearest = cKDTree(_xy_m(known)).query(_xy_m(stations))
    named = [first.get(name, -1) for name in stations[col.POSITION_ID]]
    return np.where(np.array(named) >= 0, named, np.where(away_m <= NEAR_M, nearest, -1))


def _xy_m(frame: GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _on_positions(
    stations: GeoDataFrame,
    known: GeoDataFrame,
    position: NDArray[np.int64],
    stated: Sequence[str],
) -> GeoDataFrame:
    """Return the stations as sites of 5G, each on its known position where it has one."""
    result = stations.assign(**{col.TECHNOLOGIES: FIVE_G}).reset_index(drop=True)
    taken, highest = set(known[col.SITE_ID]), known.sort_values(col.HEIGHT_M, ascending=False)
    silent = [name for name in OF_THE_MAST if name not in stated]
    for i in np.flatnonzero(position >= 0).tolist():
        there = known.iloc[position[i]]
        on = highest[highest[col.POSITION_ID] == there[col.POSITION_ID]]
        own = on[on[col.OPERATOR] == result.loc[i, col.OPERATOR]]
        pattern = (own if len(own) else on).iloc[0]
        result.loc[i, [col.POSITION_ID, *silent]] = pattern[[col.POSITION_ID, *silent]]
        result.loc[i, "geometry"] = there.geometry
    names = [f"{name}-5G" if name in taken else name for name in result[col.SITE_ID]]
    return gpd.GeoDataFrame(result.assign(**{col.SITE_ID: names}), crs=stations.crs)
