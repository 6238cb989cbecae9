"""A grid of land-cover classes made from what is known of a province."""

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from phusong import columns, content_cache
from phusong.geodata import crs, reference
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground import spacing
from phusong.geodata.ground import terrain as relief
from phusong.geodata.province import OTHER_UNITS, TOWNSHIPS, WARDS, LandCover

STREAM = 11  # keeps this recipe's random numbers apart from the others'

# 1,151,154 residents over the 1,240 hamlets and quarters that formed a digital team in 2023.
PEOPLE_PER_VILLAGE = 928
# Built-up land per resident. General knowledge, not verified.
BUILT_M2_PER_PERSON = {
    **dict.fromkeys((*WARDS, *TOWNSHIPS), 100.0),
    **dict.fromkeys(OTHER_UNITS, 90.0),
}
OTHER_BUILT_M2 = 90.0
URBAN_TYPES = (*WARDS, *TOWNSHIPS)  # units whose built-up land is urban
CORE_BUILT_SHARE = 0.3  # least share of an urban core or township zone that is built up
# Forest begins at this height or slope. General knowledge, not verified; with these about a
# quarter of the province is forest.
FOREST_HEIGHT_M = 90.0  # where a country states none
FOREST_SLOPE_DEG = 9.0
FOREST_BLUR_PX = 8.0
# Villages lie low and level: the odds fall by e for every so many degrees and metres.
VILLAGE_SLOPE_DEG = 2.5
VILLAGE_HEIGHT_M = 25.0
VILLAGE_CHOICES = 12  # places drawn for each village that is kept
SIZE_SPREAD = 0.3  # deviation of the logarithm of a village's size
CORE_SIZE = {"urban_core": 10.0, "township": 2.5}  # pull of a core in units of a village's
CORE_REACH_PX = 150
BAND_ROWS = 512  # whose costs are worked out at once
ROUGHNESS = 0.35  # deviation of the logarithm of the cost of building on a pixel
LAKE_REACH = 1.8  # a lake stays within so many radii of a disc of its area


def generate(
    communes: GeoDataFrame,
    zones: GeoDataFrame,
    terrain: Raster,
    commune_index: Raster,
    seed: int,
    forest_above_m: float | None = FOREST_HEIGHT_M,
    urban_per_km2: float | None = None,
) -> Raster:
    """Return land-cover classes (uint8, 0 outside) made by recipe; synthetic.

    1. Farmland everywhere; forest where the ground is high or steep, with a rough edge.
    2. Lakes of ``lakes.csv``: the lowest connected ground round their point, of their area.
       Rivers are left out: no fact gives their course.
    3. Operating industrial zones.
    4. Villages, one per 928 residents, well apart on low level ground of each commune. Round
       them and round operating urban cores and townships the nearest level pixels are built
       up, until each resident has the built-up land usual in a commune of that type.
    5. Built-up pixels of wards, townships and urban cores are urban, others settlement.

    The same inputs give the same classes, which are taken from the cache where they are there.
    """
    limits = (forest_above_m, urban_per_km2)
    inputs = (
        ("landcover", seed, *limits, reference.table("lakes").to_json()),
        *(_content(frame) for frame in (communes, zones)),
        (terrain.values, terrain.grid, commune_index.values),
    )
    values = content_cache.cached_array(
        inputs,
        __name__,
        lambda: _generated(communes, zones, terrain, commune_index, seed, *limits),
    )
    return Raster(values, terrain.grid, int(LandCover.OUTSIDE))


def _content(frame: GeoDataFrame) -> tuple[str, bytes]:
    """Return the columns and the shapes of a frame."""
    columns_ = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return columns_.to_json(), b"".join(frame.geometry.to_wkb())


def _generated(
    communes: GeoDataFrame,
    zones: GeoDataFrame,
    terrain: Raster,
    commune_index: Raster,
    seed: int,
    forest_above_m: float | None,
    urban_per_km2: float | None,
) -> NDArray[np.uint8]:
    """Return the classes of every pixel."""
    inside = np.asarray(commune_index.values, np.int16) >= 0
    generator = np.random.default_rng([seed, STREAM])
    noise = _noise(terrain.grid, generator)
    values = np.where(inside, np.uint8(LandCover.FARMLAND), np.uint8(LandCover.OUTSIDE))
    values[inside & _forest(terrain, noise, forest_above_m)] = LandCover.FOREST
    if terrain.grid.crs in crs.known():
        values[inside & _lakes(terrain, noise)] = LandCover.WATER
    works = _mask(zones, terrain.grid, ("industrial_park", "industrial_cluster"))
    values[inside & works & (values != LandCover.WATER)] = LandCover.INDUSTRIAL
    free = (values == LandCover.FARMLAND) | (values == LandCover.FOREST)
    core = _mask(zones, terrain.grid, tuple(CORE_SIZE)) & free
    cost = _cost(communes, zones, terrain, commune_index, free, noise, generator)
    index = commune_index.values[free]
    wanted = _built_pixels(communes, terrain.grid.pixel_m)
    least = CORE_BUILT_SHARE * np.bincount(index[core[free]], minlength=len(communes))
    built = np.zeros(free.shape, bool)
    built[free] = _cheapest(cost, index, np.maximum(wanted, least.astype(np.int64)))
    towns = _towns(communes, urban_per_km2)
    values[built] = LandCover.SETTLEMENT
    values[built & (core | towns[commune_index.values])] = LandCover.URBAN
    return values


def _noise(grid: Grid, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth noise of unit deviation; neighbours within about 100 m are alike."""
    rough = generator.standard_normal(grid.shape, np.float32)
    smooth = ndimage.gaussian_filter(rough, 2.0, truncate=3.0)
    return np.asarray(smooth / max(float(smooth.std()), 1e-9), np.float32)


def _towns(communes: GeoDataFrame, urban_per_km2: float | None) -> NDArray[np.bool_]:
    """Return which units are urban: by their type, or by the density of their residents."""
    towns = communes[columns.COMMUNE_TYPE].isin(URBAN_TYPES).to_numpy()
    if urban_per_km2 is None:
        return np.asarray(towns, bool)
    per_km2 = communes[columns.POPULATION].to_numpy(float) / (communes.area.to_numpy() / 1e6)
    return np.asarray(towns | (per_km2 >= urban_per_km2), bool)


def _forest(
    terrain: Raster, noise: NDArray[np.float32], forest_above_m: float | None
) -> NDArray[np.bool_]:
    """Return the high or steep pixels, blurred and roughened to hide the facets of the terrain."""
    heights = terrain.values.astype(np.float32)
    measure = relief.slope_deg(terrain) / FOREST_SLOPE_DEG
    if forest_above_m is not None:
        measure = np.maximum(heights / np.float32(forest_above_m), measure)
    measure = ndimage.gaussian_filter(np.minimum(measure, 2.0), FOREST_BLUR_PX, truncate=2.0)
    wide = ndimage.zoom(noise[::12, ::12], 12, order=1)[: noise.shape[0], : noise.shape[1]]
    wide = np.pad(wide, [(0, a - b) for a, b in zip(noise.shape, wide.shape, strict=True)], "edge")
    return np.asarray(measure * np.exp(0.12 * noise + 0.2 * wide) > 1.0)


def _mask(zones: GeoDataFrame, grid: Grid, categories: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return the pixels inside operating zones of these categories."""
    shapes = list(zones.geometry[_operating(zones, categories)])
    if not shapes:
        return np.zeros(grid.shape, bool)
    burnt = rasterize(shapes, out_shape=grid.shape, transform=grid.transform, dtype="uint8")
    return np.asarray(burnt, bool)


def _operating(zones: GeoDataFrame, categories: tuple[str, ...]) -> NDArray[np.bool_]:
    chosen = zones[columns.CATEGORY].isin(categories) & (zones[columns.STATUS] == "operating")
    return np.asarray(chosen, bool)


def _lakes(terrain: Raster, noise: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels of the known lakes that lie on the grid."""
    table = reference.table("lakes")
    x_m, y_m = crs.transform(table["lon"], table["lat"], crs.GEOGRAPHIC, terrain.grid.crs)
    water = np.zeros(terrain.grid.shape, bool)
    for x, y, area_ha in zip(x_m, y_m, table[columns.AREA_HA], strict=True):
        if shapely.box(*terrain.grid.bounds).contains(shapely.Point(x, y)):
            _flood(water, terrain, noise, (x, y), area_ha * 1e4)
    return water


def _flood(
    water: NDArray[np.bool_],
    terrain: Raster,
    noise: NDArray[np.float32],
    point: tuple[float, float],
    area_m2: float,
) -> None:
    """Mark the lowest pixels near a point as water until they have the area.

    Within LAKE_REACH radii the pixels are taken by height plus one metre per tenth of a
    radius from the point, and only those connected to the largest patch are kept.
    """
    column_x, row_y = terrain.grid.centres()
    radius_m = np.sqrt(area_m2 / np.pi)
    rows = np.flatnonzero(np.abs(row_y - point[1]) < LAKE_REACH * radius_m)
    cols = np.flatnonzero(np.abs(column_x - point[0]) < LAKE_REACH * radius_m)
    window = np.ix_(rows, cols)
    away = np.hypot(column_x[cols] - point[0], row_y[rows, None] - point[1]) / radius_m
    cost = terrain.values[window] + 10.0 * away + noise[window]
    cost[away >= LAKE_REACH] = np.inf
    count = min(round(area_m2 / terrain.grid.pixel_m**2), cost.size)
    patches, _ = ndimage.label(cost <= np.partition(cost, count - 1, axis=None)[count - 1])
    largest = np.argmax(np.bincount(patches.ravel())[1:]) + 1
    water[window] |= ndimage.binary_fill_holes(patches == largest)


def _cost(
    communes: GeoDataFrame,
    zones: GeoDataFrame,
    terrain: Raster,
    commune_index: Raster,
    free: NDArray[np.bool_],
    noise: NDArray[np.float32],
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the cost of building on each free pixel.

    The distance to the nearest village or core over its size, raised on slopes and roughened.
    """
    slope_deg = relief.slope_deg(terrain)
    rows, cols = _villages(communes, terrain, slope_deg, commune_index, free, generator)
    village = np.full(terrain.grid.shape, -1, np.int32)
    village[rows, cols] = np.arange(len(rows))
    size = generator.lognormal(0.0, SIZE_SPREAD, len(rows))
    nearest = ndimage.distance_transform_edt(
        village < 0, return_distances=False, return_indices=True
    )
    core = _core_distance(zones, terrain.grid)
    costs = [np.empty(0)]
    for first in range(0, len(free), BAND_ROWS):  # distances of all pixels would be most of memory
        row, column = np.nonzero(free[first : first + BAND_ROWS])
        at = row + first, column
        to_row, to_column = nearest[0][at].astype(np.int64), nearest[1][at].astype(np.int64)
        apart = np.sqrt((to_row - at[0]) ** 2 + (to_column - column) ** 2)
        apart = np.minimum(apart / size[village[to_row, to_column]], core[at])
        costs.append(apart * (1.0 + slope_deg[at] / 3.0) * np.exp(ROUGHNESS * noise[at]))
    return np.concatenate(costs)


def _core_distance(zones: GeoDataFrame, grid: Grid) -> NDArray[np.float32]:
    """Return the distance in pixels to the nearest core or township over its size.

    Infinite beyond CORE_REACH_PX, where villages are nearer anyway.
    """
    apart = np.full(grid.shape, np.inf, np.float32)
    for _, zone in zones[_operating(zones, tuple(CORE_SIZE))].iterrows():
        centre = zone.geometry.representative_point()
        column, row = (float(at) for at in grid.fractional(centre.x, centre.y))
        rows, cols = (
            slice(max(int(at) - CORE_REACH_PX, 0), max(int(at) + CORE_REACH_PX, 0))
            for at in (row, column)
        )
        away = np.hypot(
            np.arange(grid.height, dtype=np.float32)[rows, None] - row,
            np.arange(grid.width, dtype=np.float32)[cols] - column,
        )
        window = apart[rows, cols]
        np.minimum(window, away / CORE_SIZE[zone[columns.CATEGORY]], out=window)
    return apart


def _built_pixels(communes: GeoDataFrame, pixel_m: float) -> NDArray[np.int64]:
    """Return how many pixels the residents of each commune build up."""
    per_person_m2 = communes[columns.COMMUNE_TYPE].map(BUILT_M2_PER_PERSON).fillna(OTHER_BUILT_M2)
    built_m2 = communes[columns.POPULATION].to_numpy(float) * per_person_m2.to_numpy(float)
    return np.asarray(np.ceil(built_m2 / pixel_m**2), np.int64)


def _cheapest(
    cost: NDArray[np.float64], labels: NDArray[np.integer], wanted: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return for each item whether it is among the ``wanted`` cheapest of its label."""
    order = np.lexsort((cost, labels))
    start = np.searchsorted(labels[order], np.arange(len(wanted)))
    place = np.arange(len(order)) - start[labels[order]]
    chosen = np.zeros(len(cost), bool)
    chosen[order] = place < wanted[labels[order]]
    return chosen


def _villages(
    communes: GeoDataFrame,
    terrain: Raster,
    slope_deg: NDArray[np.float32],
    commune_index: Raster,
    free: NDArray[np.bool_],
    generator: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of village centres: drawn low and level, kept far apart."""
    rows, cols = np.nonzero(free)
    label = commune_index.values[rows, cols]
    height_m, steep = terrain.values[rows, cols].astype(float), slope_deg[rows, cols]
    column_x, row_y = terrain.grid.centres()
    order = np.argsort(label, kind="stable")
    edges = np.searchsorted(label[order], np.arange(len(communes) + 1))
    chosen = []
    for commune, people in enumerate(communes[columns.POPULATION]):
        pixels = order[edges[commune] : edges[commune + 1]]
        count = max(round(people / PEOPLE_PER_VILLAGE), 1)
        if len(pixels) == 0:
            continue
        above = height_m[pixels] - np.quantile(height_m[pixels], 0.1)
        odds = np.exp(-steep[pixels] / VILLAGE_SLOPE_DEG - np.abs(above) / VILLAGE_HEIGHT_M)
        drawn = pixels[spacing.weighted_sample(odds, VILLAGE_CHOICES * count, generator)]
        step_m = generator.lognormal(0.0, 0.3, len(drawn))
        spaced = spacing.farthest_first(column_x[cols[drawn]], row_y[rows[drawn]], step_m, count)
        chosen.append(drawn[spaced])
    villages = np.concatenate(chosen)
    return rows[villages], cols[villages]
