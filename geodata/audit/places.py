"""Audit where the rows of a list lie: named commune, water, slope, precision, neighbours."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata import crs
from phusong.geodata.audit.findings import Finding, Level
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.grid import Raster
from phusong.geodata.network import coordinates, positions
from phusong.geodata.province import LandCover
from phusong.geodata.units import admin
from phusong.messages import Text, is_one, message

CLIFF_DEG = 35.0  # loose soil does not lie steeper
COARSE_DECIMALS = 3  # of a degree: 100 m
MINUTE_ROUNDING = 4e-4  # of a minute: five decimals of a degree
BORDER_M = {"given": 200.0, "approximate": 1_000.0}  # how wrong a border may be


class Reference(NamedTuple):
    """What a list is held against; ``status`` is how sure the communes' borders are."""

    communes: GeoDataFrame
    terrain: Raster
    landcover: Raster
    status: str = "given"


def assigned(points: GeoDataFrame, ground: Reference) -> NDArray[np.int64]:
    """Return the commune of each point, -1 where it lies in none."""
    return admin.assign(points, ground.communes)


def within(ground: Reference) -> NDArray[np.bool_]:
    """Return which pixels lie in the province."""
    return np.asarray(admin.index_raster(ground.communes, ground.terrain.grid).values >= 0, bool)


class Hit(NamedTuple):
    """A row that a rule speaks of."""

    row: int  # from 0
    problem: Text
    remedy: Text = ""
    header: str | None = None


@dataclass(frozen=True)
class Listed:
    """A list under audit: its text, what was read of it, and where its rows lie."""

    table: Table
    header_of: Mapping[str, str]
    rows: GeoDataFrame  # a point per row in the planning CRS, empty where there is none
    ground: Reference

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Return the rows that lie in the province."""
        return np.flatnonzero(self.commune >= 0)

    @cached_property
    def commune(self) -> NDArray[np.int64]:
        """Return the commune each row lies in, -1 where in none."""
        return admin.assign(self.rows, self.ground.communes)

    @cached_property
    def named(self) -> NDArray[np.int64]:
        """Return the commune each row names."""
        return admin.rows_named(self.table, self.header_of, self.ground.communes)

    @cached_property
    def lonlat(self) -> NDArray[np.float64]:
        """Return longitude and latitude of each row, NaN where it has no place."""
        xy = _coordinates(self.rows)
        planning = crs.name_of(self.ground.communes)
        lon, lat = crs.transform(xy[:, 0], xy[:, 1], planning, crs.GEOGRAPHIC)
        known = np.isfinite(xy[:, 0]) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        both = np.column_stack([lon, lat])
        return np.where(known[:, None], np.round(both, 6), np.nan)

    @cached_property
    def index_of(self) -> dict[tuple[str, int], int]:
        """Return which row of the table a place of the file is."""
        return {place: i for i, place in reversed(list(enumerate(self.table.places())))}

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column, empty text where the list does not have it."""
        return tables.texts(self.table, self.header_of, column)

    def pixels(self, raster: Raster) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column on a raster of the rows in the province."""
        xy = _coordinates(self.rows)[self.places]
        row, column = raster.grid.index(xy[:, 0], xy[:, 1])
        height, width = raster.grid.shape
        return np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)


class Rule(NamedTuple):
    """A check of a list: its name, how serious a hit is, why it matters, and what finds hits."""

    name: str
    level: Level
    why: Text
    find: Callable[[Listed], Iterable[Hit]]


Steps = Callable[[int], None]  # is told how many steps of an audit are left


def silent(_left: int) -> None:
    """Tell nobody."""


def apply(rules: Sequence[Rule], listed: Listed, steps: Steps = silent) -> list[Finding]:
    """Return what the rules find in a list."""
    results: list[Finding] = []
    for number, rule in enumerate(rules, 1):
        results += [
            at(listed, rule.level, _defect(listed, hit), rule.name, rule.why)
            for hit in rule.find(listed)
        ]
        steps(len(rules) - number)
    return results


OUTSIDE = ("problem.lies_outside_the_province", "problem.lies_outside_the_province_2")
INSIDE = ("remedy.it_would_lie_inside", "remedy.swap_them_then_the_point_lies")


def not_here(table: Table, defects: list[Defect]) -> list[Defect]:
    """Return the defects; one for the file where all of its rows lie outside the province."""
    outside = [d for d in defects if is_one(d.problem, *OUTSIDE)]
    if len(outside) < len(table.rows) or any(is_one(d.remedy, *INSIDE) for d in outside):
        return defects
    problem = message("problem.none_of_its_rows_lies_in", n=len(table.rows))
    defect = Defect(
        str(table.path), problem, message("remedy.give_province_or_state_the_coordinates")
    )
    return [defect, *(d for d in defects if d not in outside)]


def at(listed: Listed, level: Level, defect: Defect, check: str, why: Text) -> Finding:
    """Return a finding with the place of its row."""
    index = None if defect.row is None else listed.index_of.get((defect.source, defect.row))
    lon, lat = (np.nan, np.nan) if index is None else listed.lonlat[index].tolist()
    if np.isnan(lon):
        return Finding(level, defect, check, why)
    return Finding(level, defect, check, why, lon, lat)


def _defect(listed: Listed, hit: Hit) -> Defect:
    return listed.table.defect(hit.row, hit.problem, hit.remedy, hit.header)


def _coordinates(rows: GeoDataFrame) -> NDArray[np.float64]:
    shapes = rows.geometry.to_numpy()
    xy = np.full((len(shapes), 2), np.nan)
    known = ~shapely.is_empty(shapes)
    xy[known] = shapely.get_coordinates(shapes[known])
    return xy


def _other_commune(listed: Listed) -> Iterable[Hit]:
    """Find rows that lie farther from the commune they name than a border may be wrong."""
    communes = listed.ground.communes
    reach_m = BORDER_M.get(listed.ground.status, BORDER_M["given"])
    shapes, points = communes.geometry.to_numpy(), listed.rows.geometry.to_numpy()
    header = listed.header_of.get(col.COMMUNE_CODE) or listed.header_of.get(col.COMMUNE)
    for i in listed.places.tolist():
        named, here = int(listed.named[i]), int(listed.commune[i])
        if named < 0 or named == here:
            continue
        far_m = float(shapely.distance(points[i], shapes[named]))
        if far_m <= reach_m:
            continue
        remedy = message("remedy.correct_the_commune_or_the_coordinates")
        if fits := [text for text in _readings(listed, i, named) if "read as" in text]:
            remedy = message("remedy.it_would_lie_there", fits=[*fits])
        where = message(
            "problem.lies_in_m_from_the_commune", name=_name(communes, here), far_m=far_m
        )
        yield Hit(i, where, remedy, header)


def _readings(listed: Listed, index: int, named: int) -> list[str]:
    """Return how else the coordinates of a row put it into the commune it names."""
    if listed.table.shapes is not None:
        return []
    axes = coordinates.axes_of(listed.table, listed.header_of, listed.ground.communes)
    x, y = (
        positions.coordinate(listed.table.cells[n].iloc[index]) for n in (axes.east, axes.north)
    )
    if x is None or y is None:
        return []
    readings = coordinates.readings_inside(x, y, listed.ground.communes, named)
    codes = listed.ground.communes[col.COMMUNE_CODE]
    usual = crs.usual(crs.name_of(listed.ground.communes))
    return readings if codes.iloc[named] and len(readings) <= len(usual) // 2 else []


def _name(communes: GeoDataFrame, row: int) -> str:
    name = communes[col.NAME].iloc[row] if col.NAME in communes else ""
    return f"{name} ({communes[col.COMMUNE_CODE].iloc[row]})"


def _unknown_commune(listed: Listed) -> Iterable[Hit]:
    header = listed.header_of.get(col.COMMUNE_CODE) or listed.header_of.get(col.COMMUNE)
    names = listed.texts(col.COMMUNE)
    rows = np.flatnonzero(listed.named == admin.UNKNOWN).tolist()
    near_of = {name: admin.near(name, listed.ground.communes) for name in {names[i] for i in rows}}
    for i in rows:
        if names[i] and admin.is_later_unit(names[i]):
            problem = message("problem.is_a_unit_of_1_july")
        else:
            problem = message("problem.is_no_commune_of_this_province")
        remedy = message("remedy.use_the_units_of_the_province")
        if near := near_of[names[i]]:
            remedy = message("remedy.did_you_mean", near=near)
        yield Hit(i, problem, remedy, header)


def _other_district(listed: Listed) -> Iterable[Hit]:
    """Find rows whose district is none of the province, or not the one of their commune."""
    communes, header = listed.ground.communes, listed.header_of.get(col.DISTRICT)
    known = ", ".join(sorted(set(map(str, communes.get(col.DISTRICT, ())))))
    for i, own in admin.districts_named(listed.table, listed.header_of, communes).items():
        if own:
            yield Hit(
                i,
                message("problem.is_not_the_district_of_its", own=own),
                message("remedy.correct_one_of_them"),
                header,
            )
        else:
            yield Hit(
                i,
                message("problem.is_no_district_of_this_province"),
                message("remedy.known_are", known=known),
                header,
            )


def _in_water(listed: Listed) -> Iterable[Hit]:
    """Find rows in water whose eight neighbours are water too."""
    water = binary_erosion(listed.ground.landcover.values == LandCover.WATER, np.ones((3, 3), bool))
    inside = water[listed.pixels(listed.ground.landcover)]
    for i in listed.places[inside].tolist():
        yield Hit(
            i,
            message("problem.stands_in_water"),
            message("remedy.check_the_coordinates_against_an_image"),
        )


def _on_cliff(listed: Listed) -> Iterable[Hit]:
    terrain = listed.ground.terrain
    south, east = np.gradient(terrain.values.astype(float), terrain.grid.pixel_m)
    slope = np.degrees(np.arctan(np.hypot(south, east)))[listed.pixels(terrain)]
    for i, degrees in zip(listed.places.tolist(), slope.tolist(), strict=True):
        if degrees > CLIFF_DEG:
            problem = message("problem.stands_on_a_slope_of_degrees", degrees=degrees)
            yield Hit(i, problem, message("remedy.check_the_coordinates_against_an_image"))


def _coarse(listed: Listed) -> Iterable[Hit]:
    return _coarse_rows(listed.table, listed.header_of)


def coarse(table: Table) -> list[Finding]:
    """Return the rows of any table whose longitude and latitude are given coarsely."""
    header_of = tables.tentative(table, positions.HEADERS)
    rule = next(rule for rule in PLACES if rule.name == "coarse-position")
    return [
        Finding(rule.level, table.defect(*hit), rule.name, rule.why)
        for hit in _coarse_rows(table, header_of)
    ]


def _coarse_rows(table: Table, header_of: Mapping[str, str]) -> Iterable[Hit]:
    """Find degrees with three decimals or fewer, and those of whole minutes of arc."""
    if not {col.LON, col.LAT} <= set(header_of):
        return
    pairs = [tables.texts(table, header_of, name) for name in (col.LON, col.LAT)]
    given = [[_decimals(text) for text in texts] for texts in pairs]
    usual = float(np.median(given))  # spreadsheets drop trailing zeros, rarely of both
    header = header_of[col.LON]
    for i, (texts, decimals) in enumerate(
        zip(zip(*pairs, strict=True), zip(*given, strict=True), strict=True)
    ):
        values = [None if positions.in_degrees(t) is not None else tables.number(t) for t in texts]
        most = max(decimals)
        if any(value is None or abs(value) > 180 for value in values):
            continue
        if most <= COARSE_DECIMALS and (usual <= COARSE_DECIMALS or usual - most >= 3):
            problem = message("problem.has_decimals_at_most", most=most, off_m=55_000 * 0.1**most)
            yield Hit(i, problem, message("remedy.give_five_decimals_1_m"), header)
        elif all(abs(v * 60 - round(v * 60)) < MINUTE_ROUNDING for v in values if v is not None):
            problem = message("problem.is_a_whole_minute_of_arc")
            yield Hit(i, problem, message("remedy.give_five_decimals_1_m"), header)


def _decimals(text: str) -> int:
    return len(text.replace(",", ".").partition(".")[2])


def _mixed_angles(listed: Listed) -> Iterable[Hit]:
    """Find degrees, minutes and seconds in columns that mostly hold decimal degrees."""
    for column in (col.LON, col.LAT):
        texts = listed.texts(column)
        angles = [i for i, text in enumerate(texts) if positions.in_degrees(text) is not None]
        if len(angles) * 2 < len(texts):
            for i in angles:
                value = positions.in_degrees(texts[i])
                problem = message("problem.is_in_degrees_minutes_and_seconds", value=value)
                yield Hit(
                    i,
                    problem,
                    message("remedy.write_decimal_degrees"),
                    listed.header_of.get(column),
                )


def _unnamed_neighbours(listed: Listed) -> Iterable[Hit]:
    """Find rows within metres of a row that the list puts on another mast."""
    if col.POSITION_ID not in listed.header_of:
        return
    names = listed.texts(col.POSITION_ID)
    first: dict[int, int] = {}
    for i, label in enumerate(coordinates.cluster(listed.rows).tolist()):
        before = first.setdefault(label, i)
        if names[i] and names[before] and names[i] != names[before]:
            apart = listed.rows.geometry.iloc[i].distance(listed.rows.geometry.iloc[before])
            other = f"'{names[before]}' of row {listed.table.rows[before]}"
            problem = message("problem.stands_m_from_as_another_mast", apart=apart, other=other)
            yield Hit(
                i,
                problem,
                message("remedy.give_both_one_position"),
                listed.header_of[col.POSITION_ID],
            )


PLACES = (
    Rule(
        "other-commune",
        "warning",
        message("why.figures_per_commune_count_it_where"),
        _other_commune,
    ),
    Rule(
        "unknown-commune",
        "warning",
        message("why.the_place_cannot_be_checked_by"),
        _unknown_commune,
    ),
    Rule(
        "unknown-district",
        "warning",
        message("why.a_name_in_two_districts"),
        _other_district,
    ),
    Rule("in-water", "warning", message("why.no_mast_stands_in_a_lake"), _in_water),
    Rule("on-cliff", "warning", message("why.the_place_is_wrong_or_the"), _on_cliff),
    Rule("coarse-position", "warning", message("why.shadows_of_hills_move_with_the"), _coarse),
    Rule("mixed-angles", "warning", message("why.a_form_that_changes_is_often"), _mixed_angles),
    Rule(
        "unnamed-neighbours",
        "warning",
        message("why.a_shared_mast_is_counted_and"),
        _unnamed_neighbours,
    ),
)
