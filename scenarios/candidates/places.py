"""Where a 5G station may stand: on existing positions, and on new ones where rules allow."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong import columns as col
from phusong.geodata.ground import spacing
from phusong.geodata.network import mast_rules
from phusong.geodata.province import Province
from phusong.geodata.provinces import synthetic_sites
from phusong.geodata.units import admin
from phusong.scenarios.candidates import candidate_grid, colocation, own_stations, wishes
from phusong.scenarios.candidates.candidate_grid import NEAREST_M, OPERATORS
from phusong.scenarios.candidates.demand import priority_zones
from phusong.scenarios.config import carriers
from phusong.scenarios.config.sections import Scenario

URBAN = "urban"
__all__ = [
    "NEAREST_M",
    "OPERATORS",
    "URBAN",
    "candidates",
    "conflicts",
    "left_out",
    "left_out_counts",
    "live_5g",
    "required",
]

PixelSettings = candidate_grid.PixelSettings


def candidates(
    province: Province, scenario: Scenario, uncovered: NDArray[np.bool_] | None = None
) -> gpd.GeoDataFrame:
    """Return all candidates in a fixed order: co-located ones first, then new ones.

    Columns: site_id, position_id, kind, operator (whose station it is: '' of any, all that
    share it where ``candidates.policy`` is ``shared``), height_m (of its antenna),
    mast_height_m, mast_class, clutter, azimuths_deg, operators (on the mast today), nearest_m
    (to the next existing mast), urban, frequency_mhz, bandwidth_mhz, eirp_per_re_dbm,
    zone_id, commune_code, district_code and the geometry in the planning CRS.

    ``uncovered`` marks the pixels of the grid whose demand is not yet served; new positions
    are looked for there only (default: everywhere). What the scenario forbids is left out.
    """
    rules = scenario.candidates
    setting = settings(province)
    parts = [_positions(province.live)]
    parts[0] = parts[0] if rules.colocated else parts[0].iloc[:0]
    parts += [_planned(province)] * bool(len(province.planned))
    if rules.new:
        parts.append(candidate_grid.new_places(province, scenario, setting, uncovered))
    if rules.own:
        parts.append(own_stations.places(province, scenario, setting))
    frame = _stations(pd.concat(parts, ignore_index=True), province, scenario, setting)
    frame = wishes.permitted(frame, rules, scenario.origin.defect)
    return own_stations.changed(frame, scenario)


def of_own(province: Province, scenario: Scenario, setting: PixelSettings) -> gpd.GeoDataFrame:
    """Return the candidates of ``candidates.own`` alone; ``setting`` is that of each pixel."""
    return _stations(own_stations.places(province, scenario, setting), province, scenario, setting)


def _stations(
    places: gpd.GeoDataFrame, province: Province, scenario: Scenario, setting: PixelSettings
) -> gpd.GeoDataFrame:
    """Return the stations that fit on places of the province, with what is known of the place."""
    frame = _with_stations(_placed(places, province, scenario), province, scenario)
    row, column = province.grid.index(frame.geometry.x, frame.geometry.y)
    frame[col.CLUTTER] = setting[row, column]
    frame[URBAN] = np.isin(setting[row, column], mast_rules.BUILT_UP)
    return frame


def required(
    frame: gpd.GeoDataFrame, scenario: Scenario
) -> Iterator[tuple[str, int, NDArray[np.int64]]]:
    """Yield each station that is asked for: its name, the year, and the rows that can be it."""
    for name, year in scenario.candidates.require.items():
        yield name, year, np.flatnonzero(wishes.called(frame, [name]))


def left_out(province: Province, scenario: Scenario) -> pd.DataFrame:
    """Return the existing positions that take no station: position_id, operator and reason.

    The reason is a key of ``colocation.LEFT_OUT``; with the policy ``operators`` a row is a
    position and an operator who may use it.
    """
    places, chosen = _positions(province.live), carriers.chosen(scenario)
    claims = colocation.stations(places, province.live, chosen, scenario.candidates)
    claims = claims[claims[col.REASON] != ""]
    names = np.array([licence.operator for licence in chosen], object)
    return pd.DataFrame(
        {
            col.POSITION_ID: places[col.POSITION_ID].to_numpy()[claims[colocation.PLACE]],
            col.OPERATOR: names[claims[colocation.LICENCE]],
            col.REASON: claims[col.REASON].to_numpy(),
        }
    )


def left_out_counts(province: Province, scenario: Scenario) -> dict[str, int]:
    """Return how many existing positions take no station, by reason."""
    reasons = left_out(province, scenario)[col.REASON].value_counts()
    return {reason: int(reasons.get(reason, 0)) for reason in colocation.LEFT_OUT}


def live_5g(province: Province) -> gpd.GeoDataFrame:
    """Return the sites that already have 5G on air."""
    return province.live[colocation.with_5g(province.live)].reset_index(drop=True)


def conflicts(frame: gpd.GeoDataFrame, scenario: Scenario) -> dict[int, NDArray[np.int64]]:
    """Return, for each new candidate, the other new ones that stand closer than the spacing.

    The larger spacing of two holds, so that either may be built first. Stations of several
    operators on one new mast do not exclude each other, and what a planner asks for by name stands
    however near.
    """
    new = np.flatnonzero(frame[col.KIND] == col.NEW)
    if not new.size:
        return {}
    own = frame.iloc[new]
    xy_m = np.column_stack([own.geometry.x, own.geometry.y])
    min_m = candidate_grid.spacing_m(own, scenario.candidates)
    pairs = cKDTree(xy_m).query_pairs(min_m.max() * (1 - 1e-9), output_type="ndarray")
    apart_m = np.hypot(*(xy_m[pairs[:, 0]] - xy_m[pairs[:, 1]]).T)
    position = own[col.POSITION_ID].to_numpy()
    close = apart_m < min_m[pairs].max(axis=1) * (1 - 1e-9)
    close &= position[pairs[:, 0]] != position[pairs[:, 1]]
    asked_for = wishes.called(own, list(scenario.candidates.require))
    close &= ~asked_for[pairs].all(axis=1)
    both = np.concatenate([pairs[close], pairs[close][:, ::-1]])
    others = pd.Series(both[:, 1]).groupby(both[:, 0]).apply(np.sort).to_dict()
    nobody = np.empty(0, np.int64)
    return {int(row): new[others.get(i, nobody)] for i, row in enumerate(new)}


def settings(province: Province) -> PixelSettings:
    """Return the setting of every pixel, as the masts of the synthetic list have it."""
    return PixelSettings(
        synthetic_sites.settings(
            *(province.communes, province.terrain, province.landcover, province.country)
        )
    )


def _positions(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the positions of sites with the class, azimuths and place of the highest antenna."""
    sites = sites.sort_values(
        [col.POSITION_ID, col.HEIGHT_M, col.SITE_ID], ascending=[True, False, True]
    )
    columns = [col.HEIGHT_M, col.MAST_CLASS, col.AZIMUTHS_DEG]
    top = (
        pd.DataFrame(sites[[col.POSITION_ID, *columns]]).groupby(col.POSITION_ID, sort=True).first()
    )
    highest = sites[~sites[col.POSITION_ID].duplicated()]
    operators: dict[str, set[str]] = {}
    for position, operator in zip(sites[col.POSITION_ID], sites[col.OPERATOR], strict=True):
        operators.setdefault(position, set()).add(operator)
    return gpd.GeoDataFrame(
        {
            col.POSITION_ID: top.index.astype(str),
            col.KIND: col.COLOCATED,
            col.MAST_HEIGHT_M: top[col.HEIGHT_M].to_numpy(float),
            col.MAST_CLASS: top[col.MAST_CLASS].to_numpy(),
            col.AZIMUTHS_DEG: top[col.AZIMUTHS_DEG].to_numpy(),
            OPERATORS: [", ".join(sorted(operators[position])) for position in top.index],
            NEAREST_M: 0.0,
        },
        geometry=highest.geometry.to_numpy(),
        crs=sites.crs,
    )


def _planned(province: Province) -> gpd.GeoDataFrame:
    """Return the positions of planned sites where no mast stands yet, as new ones.

    No spacing is asked of them: the list has put them there.
    """
    free = ~province.planned[col.POSITION_ID].isin(province.live[col.POSITION_ID])
    frame = _positions(province.planned[free])
    live = np.column_stack([province.live.geometry.x, province.live.geometry.y])
    xy_m = np.column_stack([frame.geometry.x, frame.geometry.y])
    return frame.assign(
        **{col.KIND: col.NEW, OPERATORS: "", NEAREST_M: spacing.nearest_m(xy_m, live)}
    )


def _with_stations(
    places: gpd.GeoDataFrame, province: Province, scenario: Scenario
) -> gpd.GeoDataFrame:
    """Return a row for every station that fits on a place, with its operator and carrier."""
    chosen = carriers.chosen(scenario)
    claims = colocation.stations(places, province.live, chosen, scenario.candidates)
    claims = claims[claims[col.REASON] == ""]
    frame = places.iloc[claims[colocation.PLACE]].reset_index(drop=True)
    carrier = pd.DataFrame(chosen).iloc[claims[colocation.LICENCE]].reset_index(drop=True)
    suffix = ("-" + carrier["prefix"]).where(carrier["prefix"] != "", "")
    frame[col.SITE_ID] = "5G-" + frame[col.POSITION_ID] + suffix
    frame[col.HEIGHT_M] = claims[col.HEIGHT_M].to_numpy()
    for name in (col.OPERATOR, col.FREQUENCY_MHZ, col.BANDWIDTH_MHZ, col.EIRP_PER_RE_DBM):
        frame[name] = carrier[name]
    return frame


def _placed(frame: gpd.GeoDataFrame, province: Province, scenario: Scenario) -> gpd.GeoDataFrame:
    """Add commune, district and the nearest priority zone in reach; drop what lies outside."""
    commune = admin.assign(frame, province.communes)
    frame = frame[commune >= 0].reset_index(drop=True)
    at = province.communes.iloc[commune[commune >= 0]]
    frame[col.COMMUNE_CODE] = at[col.COMMUNE_CODE].to_numpy()
    frame[col.DISTRICT_CODE] = at[col.DISTRICT_CODE].to_numpy()
    frame[col.ZONE_ID] = _zone_of(frame, priority_zones(province, scenario), scenario.zones.near_m)
    return frame


def _zone_of(frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, near_m: float) -> pd.Series:
    """Return the id of the nearest zone within reach ('' if none); ties go to the smaller zone."""
    nothing = pd.Series("", index=frame.index, dtype=object)
    if zones.empty or frame.empty:
        return nothing
    small_first = zones.assign(size=zones.area).sort_values(["size", col.ZONE_ID])
    pairs = gpd.sjoin_nearest(
        frame[["geometry"]], small_first[[col.ZONE_ID, "size", "geometry"]], max_distance=near_m
    )
    pairs = pairs.sort_values(["size", col.ZONE_ID])
    best = pairs[~pairs.index.duplicated()][col.ZONE_ID]
    nothing.loc[best.index] = best
    return nothing
