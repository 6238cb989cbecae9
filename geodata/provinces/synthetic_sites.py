"""A synthetic inventory of base stations for a province whose own list is not at hand.

A site is a BTS: one technology of one operator at a position. The recipe, each step seeded:

1. Demand: residents, workers and visitors per square kilometre, smoothed; with the setting
   (urban, township, industrial, rural, mountain) it gives the local spacing of positions.
2. Positions are drawn farthest first in units of that spacing, so that the whole province is
   reached, towns densely and mountain forest sparsely, and the spacing rules hold.
3. One position in five is shared by two to four operators.
4. Each operator takes its share of tenancies, spread farthest first over the positions.
5. Masts get a class and height by setting, tenants their sectors and technologies; each
   technology of a tenant is a site.

It reads the zones that phusong knows itself, never those that a user gives: a zone that is added
leaves every mast where it is.
"""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.enums import MergeAlg
from rasterio.features import rasterize
from scipy import ndimage

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata.countries import DEFAULT, open_country
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground import spacing
from phusong.geodata.ground import terrain as relief
from phusong.geodata.province import TOWNSHIPS, LandCover
from phusong.geodata.provinces import masts
from phusong.geodata.provinces.masts import Floats, Ints, Operators
from phusong.geodata.units import admin
from phusong.messages import message

STREAM = 13  # keeps this recipe's random numbers apart from the others'
REPORTED_SITES = 3_000  # BTS in the province, August 2023: report of the province
SITES_PER_POSITION = 2.4  # 3,000 BTS on about 1,250 positions: inference from national counts
SHARED_SHARE = 0.2  # of positions: plans of Lào Cai 2025 (over 20 %), Hanoi about 2015 (19 %)
# Shared positions have two to four operators (Hanoi, Decision 5800/2017); how many have four
# and three is general knowledge, not verified.
FOUR_SHARE, THREE_SHARE = 0.05, 0.20

# Positions per square kilometre by setting before demand, and per person per square kilometre.
# General knowledge, not verified: chosen so that a large operator's spacing is 200 to 500 m in
# cities, and 1.5 to 3 km in the country.
BASE_PER_KM2 = {"urban": 10.0, "township": 6.0, "industrial": 4.0, "rural": 0.4, "mountain": 0.12}
PER_RESIDENT = 0.0008
PER_WORKER = 0.0003  # and per visitor
DEMAND_WINDOW_M = 700.0
# Least distance between positions: Hải Dương, Decision 26/2018 (100 m urban, 400 m outside).
MIN_M = {
    "urban": 100.0,
    "township": 100.0,
    "industrial": 100.0,
    "rural": 400.0,
    "mountain": 400.0,
}
CHOICES = 12  # places drawn for each position that is kept
UNEVENNESS = 0.25  # deviation of the logarithm of the spacing, so that no lattice appears
VILLAGE_PULL = 4.0  # a built-up pixel in the country is drawn so many times as often as a field
SUMMIT_SCALE_M = 15.0  # in the mountains the odds rise by e for every so many metres of summit
URBAN_SHARE = 0.25  # of the pixels within 330 m that makes a place urban
STEEPEST_DEG = 35.0


@dataclass(frozen=True)
class Positions:
    """Places for masts: coordinates, commune's row, setting, spacing, number of operators."""

    x_m: Floats
    y_m: Floats
    commune: Ints
    setting: NDArray[np.str_]
    spacing_m: Floats
    capacity: Ints


def generate(
    communes: GeoDataFrame,
    zones: GeoDataFrame,
    terrain: Raster,
    landcover: Raster,
    population: Raster,
    seed: int,
    count: int = REPORTED_SITES,
    country: str = DEFAULT,
) -> GeoDataFrame:
    """Return ``count`` sites with columns.BTS in the planning CRS; the same for the same seed."""
    home, generator = open_country(country), np.random.default_rng([seed, STREAM])
    total = max(round(count / SITES_PER_POSITION), 1)
    groups = np.minimum(shared_groups(total), len(home.table("operators")))
    setting = settings(communes, terrain, landcover, country)
    spacing_m = spacing_of(_density(setting, zones, population))
    spots = _spots(terrain, landcover, setting, spacing_m, generator, total)
    places = _positions(communes, terrain.grid, setting, spacing_m, spots, generator)
    places = _choose(places, total, generator)
    places = _shared(places, groups, generator)
    operators = masts.operators(int(places.capacity.sum()), home)
    position, operator = _tenants(places, operators, generator)
    table = masts.equip(places.setting, position, operator, operators, home, generator)
    points = shapely.points(places.x_m[position], places.y_m[position])
    tenants = gpd.GeoDataFrame(table, geometry=points, crs=communes.crs)
    for code in (columns.COMMUNE_CODE, columns.DISTRICT_CODE):
        tenants[code] = communes[code].to_numpy()[places.commune[position]]
    held = masts.technologies(
        tenants, places.spacing_m[position], operators, zones, count, generator
    )
    return masts.records(tenants, held, operators)[[*columns.BTS, "geometry"]]


def shared_groups(positions: int) -> Ints:
    """Return the number of operators of each shared position: one position in five is shared.

    >>> len(shared_groups(1250)), shared_groups(1250).sum()
    (250, np.int64(574))
    """
    number = round(SHARED_SHARE * positions)
    fours, threes = round(FOUR_SHARE * number), round(THREE_SHARE * number)
    return np.repeat(np.array([4, 3, 2], np.int64), [fours, threes, number - fours - threes])


def settings(
    communes: GeoDataFrame, terrain: Raster, landcover: Raster, country: str = DEFAULT
) -> NDArray[np.uint8]:
    """Return the setting of each pixel as a row of masts.SETTINGS.

    Urban where a quarter of the land within 330 m is, township where that lies in a township
    (by the type of its unit), industrial by class, mountain in forest or above a country's
    height of mountains, rural elsewhere.
    """
    classes = landcover.values
    code = {name: np.uint8(row) for row, name in enumerate(masts.SETTINGS)}
    setting = np.full(classes.shape, code["rural"])
    urban = ndimage.uniform_filter((classes == LandCover.URBAN).astype(np.float32), 11)
    setting[urban >= URBAN_SHARE] = code["urban"]
    towns = communes[communes[columns.COMMUNE_TYPE].isin(TOWNSHIPS)]
    setting[(urban >= URBAN_SHARE) & (_per_km2(towns, terrain.grid, 1.0) > 0)] = code["township"]
    setting[classes == LandCover.INDUSTRIAL] = code["industrial"]
    high = classes == LandCover.FOREST
    mountain_above_m = open_country(country).land.mountain_above_m
    if mountain_above_m is not None:
        high |= np.asarray(terrain.values, float) >= mountain_above_m
    setting[high] = code["mountain"]
    return setting


def _per_km2(zones: GeoDataFrame, grid: Grid, people: Floats | float) -> NDArray[np.float32]:
    """Return people per square kilometre of the zones, spread evenly over each and added up."""
    dense = np.broadcast_to(np.asarray(people) / (zones.area.to_numpy() / 1e6), len(zones))
    shapes = [(zone, value) for zone, value in zip(zones.geometry, dense, strict=True) if value]
    if not shapes:
        return np.zeros(grid.shape, np.float32)
    burnt = rasterize(
        shapes,
        out_shape=grid.shape,
        transform=grid.transform,
        merge_alg=MergeAlg.add,
        dtype="float32",
    )
    return np.asarray(burnt, np.float32)


def _density(
    setting: NDArray[np.uint8], zones: GeoDataFrame, population: Raster
) -> NDArray[np.float32]:
    """Return the positions per square kilometre that the setting and the demand ask for."""
    grid = population.grid
    window = max(round(DEMAND_WINDOW_M / grid.pixel_m), 1)
    residents = ndimage.uniform_filter(population.values.astype(np.float32), window)
    people = zones[columns.WORKERS].to_numpy(float) + zones[columns.VISITORS].to_numpy(float)
    base = np.array([BASE_PER_KM2[name] for name in masts.SETTINGS], np.float32)
    density = base[setting] + np.float32(PER_RESIDENT / grid.pixel_area_km2) * residents
    density += np.float32(PER_WORKER) * _per_km2(zones, grid, people)
    return np.asarray(density, np.float32)


def spacing_of(per_km2: NDArray[np.float32]) -> Floats:
    """Return the spacing in metres of a triangular lattice with so many points per km2."""
    return np.asarray(1000.0 * np.sqrt(2.0 / (np.sqrt(3.0) * per_km2)), float)


def _spots(
    terrain: Raster,
    landcover: Raster,
    setting: NDArray[np.uint8],
    spacing_m: Floats,
    generator: np.random.Generator,
    count: int,
) -> Ints:
    """Return flat indices of pixels drawn as possible positions, more where more are wanted.

    Never in water, on steep ground or at the province's edge; in the country villages come
    before fields, in the mountains summits before hollows.
    """
    inside = ndimage.binary_erosion(landcover.values != LandCover.OUTSIDE)
    usable = inside & (landcover.values != LandCover.WATER)
    usable &= relief.slope_deg(terrain) < STEEPEST_DEG
    odds = np.where(usable, 1.0 / spacing_m**2, 0.0)
    odds[landcover.values == LandCover.SETTLEMENT] *= VILLAGE_PULL
    height_m = terrain.values.astype(np.float32)
    summit_m = height_m - ndimage.uniform_filter(height_m, 17)
    mountain = setting == masts.SETTINGS.index("mountain")
    odds[mountain] *= np.exp(np.clip(summit_m[mountain] / SUMMIT_SCALE_M, -2.0, 2.0))
    return spacing.weighted_sample(odds.ravel(), CHOICES * count, generator)


def _positions(
    communes: GeoDataFrame,
    grid: Grid,
    setting: NDArray[np.uint8],
    spacing_m: Floats,
    spots: Ints,
    generator: np.random.Generator,
) -> Positions:
    """Return a possible position somewhere in each pixel, or in its middle near a gap."""
    rows, cols = np.unravel_index(spots, grid.shape)
    column_x, row_y = grid.centres()
    shift = np.round(generator.uniform(-0.45, 0.45, (2, len(spots))) * grid.pixel_m, 1)
    middle = np.stack([column_x[cols], row_y[rows]])
    points = gpd.GeoDataFrame(geometry=shapely.points(*(middle + shift)), crs=communes.crs)
    commune = admin.assign(points, communes)
    lost = commune < 0
    shift[:, lost] = 0.0
    commune[lost] = admin.assign(
        gpd.GeoDataFrame(geometry=shapely.points(*middle[:, lost]), crs=communes.crs), communes
    )
    x_m, y_m = np.round(middle + shift, 1)
    inside = commune >= 0
    names = np.array(masts.SETTINGS)[setting.ravel()[spots]]
    ones = np.ones(len(spots), np.int64)
    return _take(Positions(x_m, y_m, commune, names, spacing_m.ravel()[spots], ones), inside)


def _take(places: Positions, rows: Ints | NDArray[np.bool_]) -> Positions:
    return Positions(*(getattr(places, name)[rows] for name in Positions.__dataclass_fields__))


def _choose(places: Positions, count: int, generator: np.random.Generator) -> Positions:
    """Return the positions kept, farthest first by local spacing, in order of commune and place."""
    if len(places.x_m) < count:
        raise InputError(
            message("refusal.the_province_has_no_room_for", count=count),
            [
                Defect(
                    "communes",
                    message("problem.only_pixels_can_hold_a_mast", n=len(places.x_m)),
                    message("remedy.ask_for_fewer"),
                )
            ],
        )
    uneven = places.spacing_m * generator.lognormal(0.0, UNEVENNESS, len(places.x_m))
    min_m = np.array([MIN_M[name] for name in places.setting], float)
    order_ = spacing.farthest_first(places.x_m, places.y_m, uneven, count, min_m)
    order = np.lexsort((places.y_m[order_], places.x_m[order_], places.commune[order_]))
    return _take(places, order_[order])


def _shared(places: Positions, groups: Ints, generator: np.random.Generator) -> Positions:
    """Return the positions with the shared ones drawn, each evenly likely."""
    capacity = places.capacity.copy()
    capacity[generator.permutation(len(capacity))[: len(groups)]] = groups
    return replace(places, capacity=capacity)


def _tenants(
    places: Positions, operators: Operators, generator: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return position and operator of every tenant, in the order of position and operator.

    Shared positions draw their operators by what is left of their shares. Then the operators
    take turns in proportion to their shares: each takes the free position that is farthest
    from its own, in units of the local spacing.
    """
    there = np.zeros((len(places.x_m), len(operators.names)), bool)
    left = operators.positions.copy()
    for row in np.flatnonzero(places.capacity > 1).tolist():
        odds = left / left.sum()
        drawn = generator.choice(len(left), places.capacity[row], replace=False, p=odds)
        there[row, drawn] = True
        left[drawn] -= 1
    weight = _operator_weight(places, operators)
    apart = np.stack([_nearest2(places, there[:, k]) for k in range(len(left))])
    free = places.capacity == 1
    for k in _turns(left):
        row = int(np.argmax(np.where(free, apart[k] * weight[k], -1.0)))
        there[row, k], free[row] = True, False
        away = (places.x_m - places.x_m[row]) ** 2 + (places.y_m - places.y_m[row]) ** 2
        np.minimum(apart[k], away, out=apart[k])
    position, operator = np.nonzero(there)
    return position, operator


def _operator_weight(places: Positions, operators: Operators) -> Floats:
    """Return one over the squared spacing each operator aims at, per operator and position."""
    town = np.isin(places.setting, ["urban", "township", "industrial"])
    stretch = np.where(town[None, :], 1.0, operators.rural_stretch[:, None])
    return np.asarray(1.0 / (places.spacing_m * stretch) ** 2, float)


def _nearest2(places: Positions, own: NDArray[np.bool_]) -> Floats:
    """Return the squared distance to the nearest own position; huge where there is none."""
    away = np.full(len(places.x_m), 1e12)
    for row in np.flatnonzero(own):
        distance2 = (places.x_m - places.x_m[row]) ** 2 + (places.y_m - places.y_m[row]) ** 2
        np.minimum(away, distance2, out=away)
    return away


def _turns(quotas: Ints) -> Ints:
    """Return whose turn it is: each operator evenly through the sequence.

    >>> _turns(np.array([2, 1])).tolist()
    [0, 1, 0]
    """
    owner = np.repeat(np.arange(len(quotas)), quotas)
    turn = np.concatenate([(np.arange(quota) + 0.5) / quota for quota in quotas if quota])
    return owner[np.lexsort((owner, turn))]
