"""What stands on a position: operators, mast class and height, sectors and technologies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.geodata import reference
from phusong.geodata.ground import population, spacing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SETTINGS = ("urban", "township", "industrial", "rural", "mountain")
THREE_G_SHARE = 0.4  # 1,200 of 3,000 BTS carry 3G: inference, not verified
WITHOUT_3G = ("Gtel",)  # general knowledge, not verified
TOWN_OPERATORS = ("Vietnamobile", "Gtel")  # build mostly in towns: general knowledge, not verified
TOWN_STRETCH = 3.0  # their spacing in the country, in units of the others'
TENANT_STEP_M = 3.0  # each further operator on a mast hangs so much lower
LOWEST_M = 6.0
POLE = "street pole"
AZIMUTH_STEP_DEG = 10
# Live 5G in August 2023 (report of the province): five, two of them Viettel's. The places
# are the zones named first in the province's priorities; which operator stands where is drawn.
LIVE_5G_OPERATORS = ("Viettel", "Viettel", "VNPT", "VNPT", "MobiFone")
LIVE_5G_ZONES = ("U01", "U02", "I01", "T01", "U01")


@dataclass(frozen=True)
class Operators:
    """The operators, the sites each has, and how much wider it builds in the country."""

    names: tuple[str, ...]
    prefixes: tuple[str, ...]
    sites: Ints
    rural_stretch: Floats


def operators(count: int) -> Operators:
    """Return the operators with their parts of ``count`` sites, by largest remainder."""
    table = reference.table("operators")
    share = table["site_share_pct"].to_numpy(float)
    sites = population.shares(np.array([count]), np.zeros(len(share), np.int64), share)
    names = tuple(table["operator"])
    stretch = np.where(np.isin(names, TOWN_OPERATORS), TOWN_STRETCH, 1.0)
    return Operators(names, tuple(table["site_prefix"]), sites, stretch)


def equip(
    setting: NDArray[np.str_],
    position: Ints,
    operator: Ints,
    who: Operators,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Return the table of sites, one row per pair of position and operator.

    The mast is drawn per position from ``heights.csv``: type by its share in the setting,
    height from its 10, 50 and 90 % points. The first operator hangs at the top.
    """
    kind, mast_class, top_m = _masts(setting, generator)
    tenant = pd.Series(position).groupby(position).cumcount().to_numpy()
    height_m = np.maximum(top_m[position] - TENANT_STEP_M * tenant, LOWEST_M)
    number = pd.Series(operator).groupby(operator).cumcount().to_numpy() + 1
    digits = max(len(str(len(position))), 4)
    return pd.DataFrame(
        {
            columns.SITE_ID: [
                f"{who.prefixes[k]}-{n:0{digits}d}" for k, n in zip(operator, number, strict=True)
            ],
            columns.POSITION_ID: [f"P{row + 1:0{digits}d}" for row in position],
            columns.OPERATOR: np.array(who.names)[operator],
            columns.STATUS: "live",
            columns.HEIGHT_M: height_m,
            columns.MAST_CLASS: mast_class[position],
            columns.CLUTTER: setting[position],
            columns.AZIMUTHS_DEG: _azimuths(kind[position] == POLE, generator),
        }
    )


def _masts(
    setting: NDArray[np.str_], generator: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_], Floats]:
    """Return type, class and top height of each position's mast."""
    table = reference.table("heights")
    draw, level = generator.random((2, len(setting)))
    row = np.empty(len(setting), np.int64)
    for name in SETTINGS:
        rows = np.flatnonzero(table[columns.CLUTTER] == name)
        edges = np.cumsum(table["share_pct"].to_numpy(float)[rows]) / 100.0
        here = setting == name
        row[here] = rows[np.minimum(np.searchsorted(edges, draw[here]), len(rows) - 1)]
    points = table[[f"height_agl_m_{name}" for name in ("p10", "p50", "p90")]].to_numpy(float)
    kind, mast_class = table["site_type"].to_numpy(str), table["mast_class"].to_numpy(str)
    return kind[row], mast_class[row], quantile(level, *points[row].T)


def quantile(level: Floats, p10: Floats, p50: Floats, p90: Floats) -> Floats:
    """Return whole metres at a level (0 to 1) of the broken line through three quantiles.

    Beyond the 10 and 90 % points the line goes on with its slope there.
    """
    low = p50 + (level - 0.5) * (p50 - p10) / 0.4
    high = p50 + (level - 0.5) * (p90 - p50) / 0.4
    return np.asarray(np.round(np.where(level < 0.5, low, high)), float)


def _azimuths(pole: NDArray[np.bool_], generator: np.random.Generator) -> list[str]:
    """Return three sectors 120 degrees apart, turned at random; poles have none, one or two."""
    turn = generator.integers(0, 360 // AZIMUTH_STEP_DEG, len(pole)) * AZIMUTH_STEP_DEG
    few = generator.integers(0, 3, len(pole))
    sectors = np.where(pole, few, 3)
    return [
        "/".join(str(azimuth) for azimuth in sorted((start + k * 360 // n) % 360 for k in range(n)))
        for start, n in zip(turn.tolist(), sectors.tolist(), strict=True)
    ]


def technologies(
    sites: GeoDataFrame,
    spacing_m: Floats,
    who: Operators,
    zones: GeoDataFrame,
    generator: np.random.Generator,
) -> list[str]:
    """Return the technologies of each site: 4G everywhere, 3G on a spread 40 %, 5G on five."""
    has_3g = _with_3g(sites, spacing_m, who)
    has_5g = np.zeros(len(sites), bool)
    three_sectors = sites[columns.AZIMUTHS_DEG].str.count("/") == 2
    names = generator.permutation(LIVE_5G_OPERATORS)
    for zone_id, name in zip(LIVE_5G_ZONES, names, strict=True):
        own = ((sites[columns.OPERATOR] == name) & three_sectors).to_numpy() & ~has_5g
        choice = _in_zone(sites, own, spacing_m, zones, zone_id)
        if len(choice):
            has_5g[generator.choice(choice)] = True
    return [
        "/".join(["3G"] * bool(three) + ["4G"] + ["5G"] * bool(five))
        for three, five in zip(has_3g, has_5g, strict=True)
    ]


def _with_3g(sites: GeoDataFrame, spacing_m: Floats, who: Operators) -> NDArray[np.bool_]:
    """Return which sites carry 3G: per operator by share, farthest first over its own sites."""
    total = round(THREE_G_SHARE * len(sites))
    share = np.where(np.isin(who.names, WITHOUT_3G), 0.0, who.sites.astype(float))
    parts = population.shares(np.array([total]), np.zeros(len(share), np.int64), share)
    has_3g = np.zeros(len(sites), bool)
    for name, part in zip(who.names, parts, strict=True):
        own = np.flatnonzero(sites[columns.OPERATOR] == name)
        x_m, y_m = sites.geometry.x.to_numpy()[own], sites.geometry.y.to_numpy()[own]
        has_3g[own[spacing.farthest_first(x_m, y_m, spacing_m[own], int(part))]] = True
    return has_3g


def _in_zone(
    sites: GeoDataFrame,
    own: NDArray[np.bool_],
    spacing_m: Floats,
    zones: GeoDataFrame,
    zone_id: str,
) -> Ints:
    """Return the rows of the denser half of the own sites in the zone.

    Where none lies in the zone the nearest, where there is no such zone the densest placed.
    """
    rows = np.flatnonzero(own)
    if len(rows) == 0:
        return rows
    zone = zones[zones[columns.ZONE_ID] == zone_id]
    if len(zone) == 0:
        return rows[[int(np.argmin(spacing_m[rows]))]]
    distance_m = sites.geometry.iloc[rows].distance(zone.geometry.iloc[0]).to_numpy()
    rows = rows[distance_m == distance_m.min()]
    return np.asarray(rows[spacing_m[rows] <= np.median(spacing_m[rows])], np.int64)
