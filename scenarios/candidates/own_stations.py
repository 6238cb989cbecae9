"""Stations that a planner puts on the map, as candidates beside those that rules allow."""

import difflib
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.ground import spacing
from phusong.geodata.network import mast_rules
from phusong.geodata.province import LandCover, Province
from phusong.messages import Message, message
from phusong.scenarios.candidates.candidate_grid import (
    NEAREST_M,
    OPERATORS,
    PixelSettings,
    spacing_m,
)
from phusong.scenarios.config.sections import Scenario


def places(province: Province, scenario: Scenario, setting: PixelSettings) -> GeoDataFrame:
    """Return the places of ``candidates.own``, as those of new masts.

    ``setting`` is the setting of each pixel. Height and class that are not given are those of a
    new mast there.

    Raises
    ------
    InputError
        With every station outside the province, and every name that stands twice.
    """
    own, rules = scenario.candidates.own, scenario.candidates
    x_m, y_m = crs.transform(
        [each.lon for each in own], [each.lat for each in own], crs.GEOGRAPHIC, province.grid.crs
    )
    if defects := list(_defects(province, scenario, x_m, y_m)):
        raise InputError(message("refusal.own_stations_do_not_fit"), defects)
    row, column = province.grid.index(x_m, y_m)
    spots, there = shapely.points(x_m, y_m), setting[row, column]
    special = mast_rules.sensitive(spots, province.zones, province.communes, rules.sensitive_m)
    mast_class = mast_rules.class_for(there, special)
    usual_m = mast_rules.typical_height_m(there, mast_class, scenario.country)
    masts = np.column_stack([province.live.geometry.x, province.live.geometry.y])
    height_m = [
        float(usual) if each.height_m is None else each.height_m
        for each, usual in zip(own, usual_m, strict=True)
    ]
    return gpd.GeoDataFrame(
        {
            col.POSITION_ID: [each.name for each in own],
            col.KIND: col.NEW,
            col.MAST_HEIGHT_M: height_m,
            col.MAST_CLASS: mast_class,
            col.CLUTTER: there,
            col.AZIMUTHS_DEG: [_azimuths(each.azimuths_deg) for each in own],
            col.DOWNTILT_DEG: [
                np.nan if each.downtilt_deg is None else each.downtilt_deg for each in own
            ],
            OPERATORS: "",
            NEAREST_M: spacing.nearest_m(np.column_stack([x_m, y_m]), masts),
        },
        geometry=spots,
        crs=province.live.crs,
    )


def warnings(province: Province, scenario: Scenario, stations: GeoDataFrame) -> list[Message]:
    """Return which stations of one's own stand in water, or nearer to a mast than rules allow.

    ``stations`` are candidates of the scenario.
    """
    own = stations[stations[col.POSITION_ID].isin([each.name for each in scenario.candidates.own])]
    if own.empty:
        return []
    row, column = province.grid.index(own.geometry.x, own.geometry.y)
    in_water = province.landcover.values[row, column] == LandCover.WATER
    least_m = spacing_m(own, scenario.candidates)
    nearest_m = own[NEAREST_M].to_numpy(float)
    names = own[col.POSITION_ID].tolist()
    wet = [message("warning.own_in_water", name=names[i]) for i in np.flatnonzero(in_water)]
    near = [
        message("warning.own_too_near", name=names[i], near=nearest_m[i], least=least_m[i])
        for i in np.flatnonzero(nearest_m.round(2) < least_m)
    ]
    return [*wet, *near]


def changed(frame: GeoDataFrame, scenario: Scenario) -> GeoDataFrame:
    """Return candidates with the antennas that ``candidates.changed`` asks for.

    Raises
    ------
    InputError
        With every name that no candidate has, and every antenna higher than its mast.
    """
    asked_for = scenario.candidates.changed
    if not asked_for:
        return frame
    rows = {name: np.flatnonzero(frame[col.SITE_ID] == name) for name in asked_for}
    if defects := list(_unchangeable(frame, rows, scenario)):
        raise InputError(message("refusal.own_stations_do_not_fit"), defects)
    frame = frame.copy()
    if col.DOWNTILT_DEG not in frame:
        frame[col.DOWNTILT_DEG] = np.nan
    for name, antenna in asked_for.items():
        if antenna.height_m is not None:
            frame.loc[rows[name], col.HEIGHT_M] = antenna.height_m
        if antenna.downtilt_deg is not None:
            frame.loc[rows[name], col.DOWNTILT_DEG] = antenna.downtilt_deg
        if antenna.azimuths_deg is not None:
            frame.loc[rows[name], col.AZIMUTHS_DEG] = _azimuths(antenna.azimuths_deg)
    return frame


def _unchangeable(
    frame: GeoDataFrame, rows: dict[str, NDArray[np.int64]], scenario: Scenario
) -> Iterator[Defect]:
    for name, antenna in scenario.candidates.changed.items():
        key, defect = ("candidates", "changed", name), scenario.origin.defect
        if not rows[name].size:
            near = difflib.get_close_matches(name, frame[col.SITE_ID], 3)
            remedy = message("remedy.did_you_mean_3", near=near) if near else ""
            yield defect(key, message("problem.no_station_can_be_built_there"), remedy, name)
            continue
        top_m = float(frame[col.MAST_HEIGHT_M].iloc[rows[name][0]])
        if antenna.height_m is not None and antenna.height_m > top_m:
            problem = message("problem.is_higher_than_its_mast", top=top_m)
            yield defect((*key, "height_m"), problem, "", antenna.height_m)


def _azimuths(azimuths_deg: list[float]) -> str:
    return "/".join(f"{azimuth_deg:g}" for azimuth_deg in azimuths_deg)


def _defects(
    province: Province, scenario: Scenario, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
) -> Iterator[Defect]:
    known = {*province.sites[col.POSITION_ID], *province.sites[col.SITE_ID]}
    row, column = province.grid.index(x_m, y_m)
    height, width = province.grid.shape
    on_grid = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    inside = np.zeros(x_m.size, bool)
    inside[on_grid] = province.commune_index.values[row[on_grid], column[on_grid]] >= 0
    for nth, own in enumerate(scenario.candidates.own):
        key = ("candidates", "own", nth, "name")
        if own.name in known:
            problem = message("problem.stands_twice_as_a_name")
            yield scenario.origin.defect(
                key, problem, message("remedy.give_another_name"), own.name
            )
        known.add(own.name)
        if not inside[nth]:
            where = f"{own.lon:g}, {own.lat:g}"
            problem, remedy = (
                message("problem.lies_outside_the_province_2"),
                message("remedy.move_the_station"),
            )
            yield scenario.origin.defect(("candidates", "own", nth, "lon"), problem, remedy, where)
