"""What stands on a position: operators, mast class and height, sectors and technologies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.geodata.countries import Country
from phusong.geodata.ground import population, spacing

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TECHNOLOGIES = ("2G", "3G", "4G", "5G")
SETTINGS = ("urban", "township", "industrial", "rural", "mountain")
THREE_G_SHARE = 0.4  # of all BTS, 1,200 of 3,000, are 3G: inference, not verified
TOWN_STRETCH = (
    3.0  # spacing, elsewhere, of those that build mostly in towns, in units of the others'
)
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
    """The operators, the positions each is on, and how much wider it builds in the country."""

    names: tuple[str, ...]
    prefixes: tuple[str, ...]
    positions: Ints
    rural_stretch: Floats
    without_3g: tuple[str, ...]


def operators(count: int, country: Country) -> Operators:
    """Return a country's operators with their parts of ``count`` tenancies, largest remainder."""
    table = country.table("operators")
    share = table["site_share_pct"].to_numpy(float)
    positions = population.shares(np.array([count]), np.zeros(len(share), np.int64), share)
    names = tuple(table["operator"])
    stretch = np.where(table["builds"] == "towns", TOWN_STRETCH, 1.0)
    without_3g = tuple(table["operator"][table["without"] == "3G"])
    return Operators(names, tuple(table["site_prefix"]), positions, stretch, without_3g)


def equip(
    setting: NDArray[np.str_],
    position: Ints,
    operator: Ints,
    who: Operators,
    country: Country,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Return the table of tenants, one row per pair of position and operator.

    The mast is drawn per position from ``heights.csv``: type by its share in the setting,
    height from its 10, 50 and 90 % points. The first operator hangs at the top.
    """
    kind, mast_class, top_m = _masts(setting, country, generator)
    tenant = pd.Series(position).groupby(position).cumcount().to_numpy()
    height_m = np.maximum(top_m[position] - TENANT_STEP_M * tenant, LOWEST_M)
    digits = max(len(str(len(position))), 4)
    return pd.DataFrame(
        {
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
    setting: NDArray[np.str_], country: Country, generator: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_], Floats]:
    """Return type, class and top height of each position's mast."""
    table = country.table("heights")
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
    tenants: GeoDataFrame,
    spacing_m: Floats,
    who: Operators,
    zones: GeoDataFrame,
    count: int,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """Return which tenants (rows) have which of TECHNOLOGIES (columns), ``count`` in all.

    4G everywhere, 3G so that it is 40 % of all, 5G on five in the zones named first, and what
    is left over is 2G. 2G and 3G are spread by operator, farthest first over its own positions.
    """
    held = np.zeros((len(tenants), len(TECHNOLOGIES)), bool)
    held[:, TECHNOLOGIES.index("4G")] = True
    left = count - len(tenants)
    wanted = min(round(THREE_G_SHARE * count), left)
    held[:, TECHNOLOGIES.index("3G")] = _spread(tenants, spacing_m, who, wanted, who.without_3g)
    live = _live_5g(tenants, spacing_m, zones, left - wanted, generator)
    held[live, TECHNOLOGIES.index("5G")] = True
    rest = left - wanted - len(live)
    held[:, TECHNOLOGIES.index("2G")] = _spread(tenants, spacing_m, who, rest, ())
    return held


def records(tenants: GeoDataFrame, held: NDArray[np.bool_], who: Operators) -> GeoDataFrame:
    """Return one row per technology of a tenant, numbered by operator."""
    row, technology = np.nonzero(held)
    sites = tenants.iloc[row].reset_index(drop=True)
    sites[columns.TECHNOLOGIES] = np.array(TECHNOLOGIES)[technology]
    number = sites.groupby(columns.OPERATOR).cumcount() + 1
    digits = max(len(str(len(sites))), 4)
    prefix = sites[columns.OPERATOR].map(dict(zip(who.names, who.prefixes, strict=True)))
    sites[columns.SITE_ID] = [f"{p}-{n:0{digits}d}" for p, n in zip(prefix, number, strict=True)]
    return sites


def _live_5g(
    tenants: GeoDataFrame,
    spacing_m: Floats,
    zones: GeoDataFrame,
    most: int,
    generator: np.random.Generator,
) -> list[int]:
    """Return the tenants with 5G on air, ``most`` at most: one in each of LIVE_5G_ZONES."""
    live: list[int] = []
    three_sectors = (tenants[columns.AZIMUTHS_DEG].str.count("/") == 2).to_numpy()
    names = generator.permutation(LIVE_5G_OPERATORS)
    for zone_id, name in list(zip(LIVE_5G_ZONES, names, strict=True))[:most]:
        own = (tenants[columns.OPERATOR] == name).to_numpy() & three_sectors
        own[live] = False
        choice = _in_zone(tenants, own, spacing_m, zones, zone_id)
        if len(choice):
            live.append(int(generator.choice(choice)))
    return live


def _spread(
    tenants: GeoDataFrame,
    spacing_m: Floats,
    who: Operators,
    total: int,
    without: tuple[str, ...],
) -> NDArray[np.bool_]:
    """Return ``total`` tenants: per operator by share, farthest first over its own positions."""
    share = np.where(np.isin(who.names, without), 0.0, who.positions.astype(float))
    parts = population.shares(np.array([total]), np.zeros(len(share), np.int64), share)
    chosen = np.zeros(len(tenants), bool)
    for name, part in zip(who.names, parts, strict=True):
        own = np.flatnonzero(tenants[columns.OPERATOR] == name)
        x_m, y_m = tenants.geometry.x.to_numpy()[own], tenants.geometry.y.to_numpy()[own]
        chosen[own[spacing.farthest_first(x_m, y_m, spacing_m[own], int(part))]] = True
    return chosen


def _in_zone(
    tenants: GeoDataFrame,
    own: NDArray[np.bool_],
    spacing_m: Floats,
    zones: GeoDataFrame,
    zone_id: str,
) -> Ints:
    """Return the rows of the denser half of the own positions in the zone.

    Where none lies in the zone the nearest, where there is no such zone the densest placed.
    """
    rows = np.flatnonzero(own)
    if len(rows) == 0:
        return rows
    zone = zones[zones[columns.ZONE_ID] == zone_id]
    if len(zone) == 0:
        return rows[[int(np.argmin(spacing_m[rows]))]]
    distance_m = tenants.geometry.iloc[rows].distance(zone.geometry.iloc[0]).to_numpy()
    rows = rows[distance_m == distance_m.min()]
    return np.asarray(rows[spacing_m[rows] <= np.median(spacing_m[rows])], np.int64)
