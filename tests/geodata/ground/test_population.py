"""Residents on the grid: not one too many, not one too few."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground import population
from phusong.geodata.province import LandCover

GRID = Grid(0.0, 300.0, 10, 10)


@given(
    people=st.lists(st.integers(0, 60_000), min_size=1, max_size=6),
    seed=st.integers(0, 100_000),
    per_unit=st.integers(1, 40),
    empty=st.booleans(),
)
def test_shares_are_exact_and_survive_float32(people, seed, per_unit, empty):
    rng = np.random.default_rng(seed)
    totals = np.array(people) * population.QUANTA_PER_PERSON
    labels = rng.permutation(np.repeat(np.arange(len(people)), per_unit))
    weight = np.zeros(len(labels)) if empty else rng.gamma(0.1, 1.0, len(labels))
    quanta = population.shares(totals, labels, weight)
    assert (quanta >= 0).all()
    assert (np.bincount(labels, quanta, len(totals)) == totals).all()
    if quanta.max(initial=0) < 2**24:
        pixels = (quanta / population.QUANTA_PER_PERSON).astype(np.float32)
        assert (np.bincount(labels, pixels.astype(float), len(totals)) == people).all()


@given(seed=st.integers(0, 10_000), total=st.integers(0, 10**7))
def test_no_share_is_a_whole_quantum_off(seed, total):
    weight = np.random.default_rng(seed).uniform(0.0, 1.0, 50)
    quanta = population.shares(np.array([total]), np.zeros(50, np.int64), weight)
    assert np.abs(quanta - total * weight / weight.sum()).max() < 1.0 + 1e-6


def test_more_weight_never_gets_less():
    weight = np.array([1.0, 2.0, 2.0, 7.0])
    quanta = population.shares(np.array([13]), np.zeros(4, np.int64), weight)
    assert quanta.tolist() == [1, 2, 2, 8]


def two_communes(people):
    shapes = [shapely.box(0, 0, 150, 300), shapely.box(150, 0, 300, 300)]
    table = {columns.COMMUNE_CODE: ["00001", "00002"], columns.POPULATION: people}
    index = np.repeat([[0] * 5 + [1] * 5], 10, axis=0).astype(np.int16)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=GRID.crs), Raster(index, GRID, -1)


def test_nobody_lives_on_water_and_most_in_villages():
    communes, index = two_communes([1001, 77])
    classes = np.full(GRID.shape, LandCover.FARMLAND, np.uint8)
    classes[:, 0], classes[0, 1:3] = LandCover.WATER, LandCover.SETTLEMENT
    flat = Raster(np.zeros(GRID.shape, np.float32), GRID)
    made = population.spread(communes, index, Raster(classes, GRID), flat).values
    assert made.dtype == np.float32
    assert made[:, :5].sum(dtype=float) == 1001
    assert made[:, 5:].sum(dtype=float) == 77
    assert (made[:, 0] == 0).all()
    assert made[0, 1:3].sum() > 0.9 * 1001
    assert np.ptp(made[:, 5:]) <= 1 / population.QUANTA_PER_PERSON  # evenly over fields


def test_a_commune_all_water_still_keeps_its_people():
    communes, index = two_communes([10, 20])
    classes = np.full(GRID.shape, LandCover.WATER, np.uint8)
    flat = Raster(np.zeros(GRID.shape, np.float32), GRID)
    made = population.spread(communes, index, Raster(classes, GRID), flat).values
    assert (made[:, :5].sum(dtype=float), made[:, 5:].sum(dtype=float)) == (10, 20)


def test_steep_land_holds_fewer_people():
    grid = Grid(0.0, 3000.0, 100, 100)
    x, _ = np.meshgrid(*grid.centres())
    hill = Raster(np.maximum(x - 1500.0, 0).astype(np.float32), grid)  # 45 degrees in the east
    classes = Raster(np.full(grid.shape, LandCover.SETTLEMENT, np.uint8), grid)
    weights = population.weights(classes, hill)
    assert weights[50, 10] == population.CLASS_WEIGHT[LandCover.SETTLEMENT]
    assert weights[50, 90] == pytest.approx(weights[50, 10] * np.exp(-4.0))


def test_people_without_a_pixel_are_an_error():
    communes, index = two_communes([10, 20])
    index.values[:] = 0
    flat = Raster(np.zeros(GRID.shape, np.float32), GRID)
    classes = Raster(np.full(GRID.shape, LandCover.FARMLAND, np.uint8), GRID)
    with pytest.raises(InputError, match=r"value '00002': holds no pixel centre of the grid"):
        population.spread(communes, index, classes, flat)


def test_the_province_sums_exactly(reference_province):
    people, index = reference_province.population.values, reference_province.commune_index.values
    inside = index >= 0
    sums = np.bincount(index[inside], people[inside].astype(float))
    assert (sums == reference_province.communes[columns.POPULATION]).all()
    assert people.sum(dtype=float) == 1_151_154
    assert (people[~inside] == 0).all()
