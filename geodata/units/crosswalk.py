"""Dated sets of administrative units, and tables of communes restated from one on a later one."""

from collections.abc import Iterable
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import reference
from phusong.geodata.folded import ascii_name
from phusong.geodata.units.admin import dissolve
from phusong.messages import message

# The sets by the month they came into force, and their codes in commune_crosswalk.csv.
SETS = {"2020-03": "code_136", "2025-01": "code_121", "2025-07": "code_36"}
LATEST = "2025-07"
ADDITIVE = (col.POPULATION, col.SITES, col.PLANNED_STATIONS)
# Shares and what each part of a new unit weighs in them.
WEIGHED_BY = {
    col.COVERED_POPULATION_SHARE_BEFORE: col.POPULATION,
    col.COVERED_POPULATION_SHARE_AFTER: col.POPULATION,
    col.COVERED_POPULATION_SHARE_4G: col.POPULATION,
    col.COVERED_AREA_SHARE_BEFORE: col.AREA_KM2,
    col.COVERED_AREA_SHARE_AFTER: col.AREA_KM2,
}

_NAMED = (col.NAME, col.COMMUNE_TYPE)


@cache
def merged() -> pd.DataFrame:
    """Return the 148 units of Phú Thọ since July 2025, with the province each lay in before."""
    return reference.table("communes_phu_tho")


def later(one: str, other: str) -> str:
    """Return the later of two dated sets."""
    return max(one, other, key=list(SETS).index)


def check_sets(sets: Iterable[str], sources: Iterable[str]) -> None:
    """Refuse names of sets that are not known; ``sources`` say where each name stands."""
    defects = [
        Defect(
            source,
            message("problem.unknown_set_of_administrative_units"),
            message("remedy.use_2", sets=[*SETS]),
            value=name,
        )
        for name, source in zip(sets, sources, strict=True)
        if name not in SETS
    ]
    if defects:
        raise InputError(message("refusal.the_units_cannot_be_restated"), defects)


def crosswalk(since: str, to: str) -> pd.DataFrame:
    """Return, by the code of each unit of ``since``, its unit in ``to`` and if that is verified.

    Columns commune_code (of the unit it belongs to) and link_verified. A link between the two
    sets of 2025 follows from the names published with the later one, and is verified.

    Parameters
    ----------
    since
        Date of the older set, such as ``2020-03``.
    to
        Date of the later set.

    Returns
    -------
    DataFrame
        Indexed by the older codes.
    """
    if since == to == LATEST:
        codes = merged()["code"].to_numpy()
        own = {col.COMMUNE_CODE: codes, col.LINK_VERIFIED: True}
        return pd.DataFrame(own, index=pd.Index(codes, name=SETS[since]))
    links = reference.table("commune_crosswalk").sort_values("code_136")
    verified = links["verified"].eq("yes") | (since != "2020-03") | (since == to)
    table = pd.DataFrame(
        {
            SETS[since]: links[SETS[since]],
            col.COMMUNE_CODE: links[SETS[to]],
            col.LINK_VERIFIED: verified,
        }
    ).drop_duplicates(SETS[since])
    return table.set_index(SETS[since])


def restate(communes: GeoDataFrame, to: str = LATEST, since: str = "2020-03") -> GeoDataFrame:
    """Return a table of communes restated on a later set of units, sorted by code.

    Residents, sites and stations are sums, so their totals are kept exactly. Shares of residents
    are weighed by residents and shares of area by area, as if each share were taken apart into
    what is covered and the whole; a share of nothing is missing. Boundaries are unions.
    ``link_verified`` is false where the target of any part is not verified, ``formed_from`` the
    codes of the parts. Columns of other meaning are left out.

    Parameters
    ----------
    communes
        Columns.COMMUNES and any of ADDITIVE and WEIGHED_BY, in a metric CRS.
    to
        Date of the set wanted, not earlier than ``since``.
    since
        Date of the set of the table.

    Returns
    -------
    GeoDataFrame
        One row a unit of the later set.

    Raises
    ------
    InputError
        An unknown set, an earlier set than the table's, or communes that are not in ``since``.
    """
    check_sets((since, to), ("units of the table", "--units"))
    if later(since, to) != to:
        raise InputError(message("refusal.units_of_cannot_be_split_into", since=since, to=to))
    links = crosswalk(since, to)
    _check_codes(communes, links.index, since)
    linked = links.loc[communes[col.COMMUNE_CODE]].reset_index(drop=True)
    parts = communes.reset_index(drop=True).assign(
        **{
            col.AREA_KM2: communes.area.to_numpy() / 1e6,
            col.LINK_VERIFIED: linked[col.LINK_VERIFIED],
        }
    )
    names = _names(to, communes if since == to else None)
    groups = parts.groupby(linked[col.COMMUNE_CODE], sort=True)
    rows = [_whole(str(code), part, names, to) for code, part in groups]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=communes.crs)


def recoded(frame: GeoDataFrame, to: str, since: str) -> GeoDataFrame:
    """Return a table of things with the code of their commune in a later set of units."""
    if to == since:
        return frame
    own = frame[col.COMMUNE_CODE]
    new = own.map(crosswalk(since, to)[col.COMMUNE_CODE])
    return frame.assign(**{col.COMMUNE_CODE: new.where(new.notna(), own)})


def _check_codes(communes: GeoDataFrame, known: pd.Index, since: str) -> None:
    unknown = communes.loc[~communes[col.COMMUNE_CODE].isin(known), col.COMMUNE_CODE]
    if len(unknown):
        problem = message("problem.is_not_a_commune_of_the", since=since)
        remedy = message("remedy.only_communes_of_the_embedded_province")
        defects = [
            Defect("communes", problem, remedy, column=col.COMMUNE_CODE, value=code)
            for code in unknown
        ]
        raise InputError(message("refusal.the_communes_cannot_be_restated"), defects)


def _names(units: str, own: GeoDataFrame | None) -> pd.DataFrame:
    """Return name and type of every unit of a set by code; a table's own where it has the set."""
    if own is not None:
        return pd.DataFrame(own[[col.COMMUNE_CODE, *_NAMED]]).set_index(col.COMMUNE_CODE)
    table = reference.table("communes_2025")
    table = table[table["units"] == units].set_index("code")
    return table.rename(columns={"name": col.NAME, "type": col.COMMUNE_TYPE})


def _whole(code: str, parts: GeoDataFrame, names: pd.DataFrame, units: str) -> dict[str, object]:
    """Return the row of one unit made of parts; from July 2025 there are no districts."""
    name = str(names.loc[code, col.NAME])
    row: dict[str, object] = {
        col.COMMUNE_CODE: code,
        col.NAME: name,
        col.NAME_ASCII: ascii_name(name),
        col.COMMUNE_TYPE: names.loc[code, col.COMMUNE_TYPE],
        col.DISTRICT_CODE: "" if units == LATEST else parts[col.DISTRICT_CODE].iloc[0],
        col.DISTRICT: "" if units == LATEST else parts[col.DISTRICT].iloc[0],
    }
    row |= {total: parts[total].sum() for total in ADDITIVE if total in parts}
    row |= {
        share: _mean(parts[share].to_numpy(float), parts[weight].to_numpy(float))
        for share, weight in WEIGHED_BY.items()
        if share in parts
    }
    return row | {
        col.FORMED_FROM: "/".join(sorted(parts[col.COMMUNE_CODE])),
        col.LINK_VERIFIED: bool(parts[col.LINK_VERIFIED].all()),
        "geometry": dissolve(parts.geometry.to_numpy()),
    }


def _mean(share: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return covered over whole; parts with nothing in them do not count."""
    counts = weight > 0
    whole = weight[counts].sum()
    return float((share[counts] * weight[counts]).sum() / whole) if whole > 0 else float("nan")
