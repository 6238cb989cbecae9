"""The figures of a plan: shares per commune, district and zone, headline, curve and checks."""

from typing import Any

import geopandas as gpd
import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import statistics
from phusong.geodata.countries.country import PublishedFigures
from phusong.geodata.province import Province
from phusong.geodata.provinces import merged, reported
from phusong.messages import message
from phusong.scenarios.candidates.demand import Study

Bools = NDArray[np.bool_]
Served = NDArray[np.floating] | Bools  # the probability of service, or whether there is any
MAX_EDGE_SHARE = 0.05


def by_unit(
    province: Province, before: Served, after: Served, covered_4g: Bools
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Return communes and districts with their sites and covered shares (columns.SHARES)."""
    communes, districts = province.communes, province.districts
    counted = [_totals(province, covered) for covered in (before, after, covered_4g)]
    groups = province.district_of
    regrouped = [statistics.regroup(part, groups, len(districts)) for part in counted]
    return (
        _with_shares(communes, col.COMMUNE_CODE, province, counted),
        _with_shares(districts, col.DISTRICT_CODE, province, regrouped),
    )


def _totals(province: Province, covered: Served) -> statistics.Totals:
    return statistics.totals(
        province.commune_index.values,
        covered,
        province.population.values,
        province.grid.pixel_area_km2,
        len(province.communes),
    )


def _with_shares(
    units: GeoDataFrame, key: str, province: Province, counted: list[statistics.Totals]
) -> GeoDataFrame:
    before, after, today_4g = counted
    frame = units.copy()
    sites = province.live[key].value_counts()
    frame[col.SITES] = frame[key].map(sites).fillna(0).astype(np.int64)
    frame[col.COVERED_POPULATION_SHARE_BEFORE] = before.people_share
    frame[col.COVERED_POPULATION_SHARE_AFTER] = after.people_share
    frame[col.COVERED_AREA_SHARE_BEFORE] = before.area_share
    frame[col.COVERED_AREA_SHARE_AFTER] = after.area_share
    frame[col.COVERED_POPULATION_SHARE_4G] = today_4g.people_share
    return frame


def by_zone(study: Study, before: Served, after: Served) -> GeoDataFrame:
    """Return all zones with their tier (0: none), what their share counts, and how much is covered.

    ``Study.zone_demand`` says what that is.
    """
    frame, counted = study.zones.copy(), study.zone_demand()
    frame[col.TIER] = 0
    for tier in study.tiers:
        frame.loc[tier.zones.index, col.TIER] = tier.number
    frame[col.SHARE_OF] = [zone.of for zone in counted]
    for column, covered in ((col.COVERED_SHARE_BEFORE, before), (col.COVERED_SHARE_AFTER, after)):
        flat = covered.ravel()
        frame[column] = [
            zone.values @ flat[zone.pixels].astype(float) / zone.values.sum() for zone in counted
        ]
    return frame


def checks(headline: dict[str, Any], reported: PublishedFigures) -> list[dict[str, Any]]:
    """Compare the figures with those that are reported, if any; explain what differs."""
    rows = []
    if reported.share_4g is not None:
        rows.append(_check_4g(headline["people_share_4g"], reported.share_4g))
    if reported.people_per_station is not None and headline["stations"]:
        rows.append(_check_stations(headline["people_per_station"], *reported.people_per_station))
    return rows


def _check_4g(share: float, least: float) -> dict[str, Any]:
    ok = bool(share >= least)
    return {
        "name": "people_share_4g",
        "value": share,
        "expected": f">= {least}",
        "ok": ok,
        "explanation": message(f"check.share_4g_{'agrees' if ok else 'below'}"),
    }


def _check_stations(people: float, low: int, high: int) -> dict[str, Any]:
    side = "below" if people < low else "above" if people > high else "agrees"
    limits = {} if side == "agrees" else {"low": low, "high": high}
    return {
        "name": "people_per_station",
        "value": people,
        "expected": f"{low} to {high}",
        "ok": side == "agrees",
        "explanation": message(f"check.people_per_station_{side}", **limits),
    }


def zone_checks(study: Study, live: GeoDataFrame) -> list[dict[str, Any]]:
    """Return whether as many urban areas and parks have 5G on air as is published of a province.

    A zone has it where a station stands in it or as near as a candidate of it may.
    """
    code = merged.CODE if merged.is_merged(study.province.communes) else ""
    published = reported.published_share(code, "zones_with_5g")
    zones = study.zones[(study.zones[col.STATUS] == "operating")]
    zones = zones[(zones[col.KIND] == "urban") | (zones[col.CATEGORY] == "industrial_park")]
    if published is None or zones.empty:
        return []
    near = gpd.sjoin_nearest(
        zones[[col.ZONE_ID, "geometry"]],
        live[["geometry"]],
        max_distance=study.scenario.zones.near_m,
    )
    share = near[col.ZONE_ID].nunique() / len(zones)
    ok = bool(share >= published)
    return [
        {
            "name": "zones_with_5g",
            "value": share,
            "expected": f">= {published}",
            "ok": ok,
            "explanation": message(
                f"check.zones_with_5g_{'agrees' if ok else 'below'}", n=len(zones), share=share
            ),
        }
    ]


def edge_check(technology: str, share: float, radius_m: float) -> dict[str, Any]:
    """Return whether hardly any place at the edge of a station's reach is at the threshold.

    ``share`` is that of the receivers on the edge, all stations together, where the strongest
    cell comes in at the second threshold, outdoors.
    """
    ok = share <= MAX_EDGE_SHARE
    return {
        "name": f"edge_share_{technology}",
        "value": share,
        "expected": f"<= {MAX_EDGE_SHARE}",
        "ok": bool(ok),
        "explanation": message(f"check.edge_{'agrees' if ok else 'above'}", far=radius_m / 1000),
    }
