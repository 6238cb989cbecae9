"""Passive infrastructure: masts by class, sharing by operator, what the plan adds where and when.

A mast is a position. It is shared where two or more operators hang antennas on it; stations of
a plan that names no operator (``candidates.policy = "one_network"``) count as none.
"""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.geodata.network.words import DEFAULT_OPERATOR

SHARED = 2  # operators on a shared mast
EVERY = ""  # the key of a total
PLANNED = "planned"
TODAY, AFTER = "operators_today", "operators_after"
_TENANT = [col.POSITION_ID, col.OPERATOR, col.DISTRICT_CODE, col.COMMUNE_CODE, col.MAST_CLASS]


def tables(
    sites: GeoDataFrame,
    ranking: GeoDataFrame,
    communes: GeoDataFrame,
    districts: GeoDataFrame,
    name: str,
) -> dict[str, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Return the tables of a plan by name, each with its columns; ``name`` is the province's."""
    tenants = _tenants(sites, ranking)
    masts = masts_of(tenants)
    places = dict(zip(districts[col.DISTRICT_CODE], districts[col.NAME], strict=True))
    places[EVERY] = name
    return {
        "masts_by_district": (masts_by_district(masts, places), col.MASTS_BY_DISTRICT),
        "sharing_by_operator": (
            sharing_by_operator(tenants, masts, sites, places),
            col.SHARING_BY_OPERATOR,
        ),
        "sites_by_technology": (sites_by_technology(sites, places), col.SITES_BY_TECHNOLOGY),
        "stations_by_commune": (
            stations_by_commune(ranking, communes, name),
            col.STATIONS_BY_COMMUNE,
        ),
    }


def _tenants(sites: GeoDataFrame, ranking: GeoDataFrame) -> pd.DataFrame:
    """Return who is on which mast, today and planned; the mast's highest antenna comes first."""
    columns = [*_TENANT, col.HEIGHT_M]
    planned = pd.DataFrame(ranking[columns])
    planned[col.OPERATOR] = (
        planned[col.OPERATOR].astype(str).str.split(", ")
    )  # several may share one
    planned = planned.explode(col.OPERATOR)
    rows = pd.concat(
        [pd.DataFrame(sites[columns]).assign(planned=False), planned.assign(planned=True)],
        ignore_index=True,
    ).astype({PLANNED: bool, col.HEIGHT_M: float})
    return rows.sort_values([PLANNED, col.HEIGHT_M], ascending=[True, False], ignore_index=True)


def masts_of(tenants: pd.DataFrame) -> pd.DataFrame:
    """Return a row per mast: place, class of its highest antenna, operators today and after."""
    grouped = tenants.groupby(col.POSITION_ID, sort=True)
    masts = grouped[[col.DISTRICT_CODE, col.COMMUNE_CODE, col.MAST_CLASS]].first()
    masts[col.MAST_CLASS] = masts[col.MAST_CLASS].replace("", DEFAULT_OPERATOR)
    named = tenants[~tenants[col.OPERATOR].isin([EVERY, DEFAULT_OPERATOR])]
    for name, rows in ((TODAY, named[~named[PLANNED]]), (AFTER, named)):
        operators = rows.groupby(col.POSITION_ID)[col.OPERATOR].nunique()
        masts[name] = operators.reindex(masts.index, fill_value=0).astype(int)
    masts["new"] = grouped[PLANNED].all()
    return masts


def masts_by_district(masts: pd.DataFrame, places: dict[str, str]) -> pd.DataFrame:
    """Return masts by district and class, with totals; ``places`` names every district."""
    classes = [*sorted(set(masts[col.MAST_CLASS])), EVERY]
    rows = _with_totals(masts, col.DISTRICT_CODE, col.MAST_CLASS)
    keys = {col.DISTRICT_CODE: list(places), col.MAST_CLASS: classes}
    return _named(_counted(rows, keys), places)


def sharing_by_operator(
    tenants: pd.DataFrame, masts: pd.DataFrame, sites: GeoDataFrame, places: dict[str, str]
) -> pd.DataFrame:
    """Return BTS, masts and shared masts by district and operator; each mast once in totals."""
    pairs = [col.POSITION_ID, col.OPERATOR]
    named = tenants[tenants[col.OPERATOR] != EVERY]
    own = named.groupby(pairs, as_index=False)[[PLANNED]].min()  # new to it where all is planned
    for name in (col.DISTRICT_CODE, TODAY, AFTER):
        own[name] = masts[name].reindex(own[col.POSITION_ID]).to_numpy()
    own = own.rename(columns={PLANNED: "new"})
    whole = masts.reset_index().assign(**{col.OPERATOR: EVERY})
    rows = pd.concat([own, whole[own.columns]], ignore_index=True).astype({"new": bool})
    rows = _with_totals(rows, col.DISTRICT_CODE)
    operators = [*sorted(set(own[col.OPERATOR])), EVERY]
    keys = {col.DISTRICT_CODE: list(places), col.OPERATOR: operators}
    table = _named(_counted(rows, keys), places)
    shared = masts[TODAY].reindex(sites[col.POSITION_ID]).to_numpy() >= SHARED
    listed = pd.DataFrame(sites[list(keys)])
    table[col.SITES] = _sizes(_with_totals(listed, *keys), keys)
    table[col.SHARED_SITES] = _sizes(_with_totals(listed[shared], *keys), keys)
    table[col.SHARED_SITES_SHARE] = _share(table[col.SHARED_SITES], table[col.SITES])
    return table


def sites_by_technology(sites: GeoDataFrame, places: dict[str, str]) -> pd.DataFrame:
    """Return BTS by district, operator and technology; without a technology, all of them."""
    listed = pd.DataFrame(sites[[col.DISTRICT_CODE, col.OPERATOR]])
    listed[col.TECHNOLOGY] = sites[col.TECHNOLOGIES].str.split("/")
    each = listed.explode(col.TECHNOLOGY)
    rows = pd.concat([each, listed.assign(**{col.TECHNOLOGY: EVERY})], ignore_index=True)
    rows = _with_totals(rows, col.DISTRICT_CODE, col.OPERATOR)
    keys = {
        col.DISTRICT_CODE: list(places),
        col.OPERATOR: [*sorted(set(listed[col.OPERATOR])), EVERY],
        col.TECHNOLOGY: [*sorted(set(each[col.TECHNOLOGY])), EVERY],
    }
    frame = _index(keys).to_frame(index=False)
    return _named(frame.assign(**{col.SITES: _sizes(rows, keys)}), places)


def stations_by_commune(ranking: GeoDataFrame, communes: GeoDataFrame, name: str) -> pd.DataFrame:
    """Return what is built by commune and year, with totals of all years and of the province."""
    counted = _stations(ranking)
    keys, counts = (
        [col.DISTRICT_CODE, col.COMMUNE_CODE, col.YEAR],
        list(col.STATIONS_BY_COMMUNE[4:]),
    )
    whole = counted.assign(**{col.DISTRICT_CODE: EVERY, col.COMMUNE_CODE: EVERY})
    rows = _with_totals(pd.concat([counted, whole], ignore_index=True), col.YEAR)
    rows[col.YEAR] = rows[col.YEAR].astype(str)
    table = rows.groupby(keys, as_index=False)[counts].sum()
    last = table[col.COMMUNE_CODE] == EVERY
    table = pd.concat([table[~last], table[last]], ignore_index=True)
    names = dict(zip(communes[col.COMMUNE_CODE], communes[col.NAME], strict=True)) | {EVERY: name}
    return table.assign(**{col.NAME: table[col.COMMUNE_CODE].map(names)})


def _stations(ranking: GeoDataFrame) -> pd.DataFrame:
    """Return the stations by kind; a mast, old or new, counts with its first station."""
    table = pd.DataFrame(ranking).sort_values(col.RANK)
    new = table[col.KIND] == col.NEW
    first = ~table.duplicated(col.POSITION_ID)
    return table.assign(
        **{
            col.COLOCATED_STATIONS: (table[col.KIND] == col.COLOCATED).astype(int),
            col.MASTS_USED: (first & ~new).astype(int),
            col.NEW_STATIONS: new.astype(int),
            col.NEW_MASTS: (first & new).astype(int),
        }
    )


def _with_totals(rows: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Return the rows and, for the total over each key, all of them again without it.

    A row that lacks the key, such as a site outside all districts, counts in the total alone.
    """
    for key in keys:
        total = rows.assign(**{key: EVERY})
        rows = pd.concat([rows[rows[key] != EVERY], total], ignore_index=True)
    return rows


def _counted(rows: pd.DataFrame, keys: dict[str, list[str]]) -> pd.DataFrame:
    """Return masts and shared masts, today and after, for every combination of the keys."""
    new, shared, after = rows["new"], rows[TODAY] >= SHARED, rows[AFTER] >= SHARED
    marks = {
        col.MASTS: ~new,
        col.SHARED_MASTS: ~new & shared,
        col.NEW_MASTS: new,
        col.MASTS_AFTER: new | ~new,
        col.SHARED_MASTS_AFTER: after,
    }
    counts = pd.DataFrame(marks).astype(int).groupby([rows[key] for key in keys]).sum()
    table = counts.reindex(_index(keys), fill_value=0).reset_index()
    for share, part, whole in (
        (col.SHARING_SHARE, col.SHARED_MASTS, col.MASTS),
        (col.SHARING_SHARE_AFTER, col.SHARED_MASTS_AFTER, col.MASTS_AFTER),
    ):
        table[share] = _share(table[part], table[whole])
    return table


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.replace(0, np.nan)


def _index(keys: dict[str, list[str]]) -> pd.MultiIndex:
    return pd.MultiIndex.from_product(list(keys.values()), names=list(keys))


def _sizes(rows: pd.DataFrame, keys: dict[str, list[str]]) -> "np.ndarray[tuple[int], np.dtype]":
    """Return how many rows there are of every combination of the keys, in their order."""
    return rows.groupby(list(keys)).size().reindex(_index(keys), fill_value=0).to_numpy()


def _named(frame: pd.DataFrame, places: dict[str, str]) -> pd.DataFrame:
    return frame.assign(**{col.NAME: frame[col.DISTRICT_CODE].map(places)})
