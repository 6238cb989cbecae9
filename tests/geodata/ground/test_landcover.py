"""Land cover: what is known is there, what is drawn keeps to its rules."""

import numpy as np
import pytest
import shapely

from phusong import columns
from phusong.geodata.grid import Raster, covering
from phusong.geodata.ground import landcover, terrain
from phusong.geodata.province import LandCover
from phusong.geodata.provinces import zones
from phusong.geodata.units import admin


@pytest.fixture(scope="module")
def classes(reference_province):
    return reference_province.landcover.values


def test_zero_is_exactly_outside(classes, reference_province):
    assert classes.dtype == np.uint8
    outside = reference_province.commune_index.values < 0
    assert ((classes == LandCover.OUTSIDE) == outside).all()
    assert set(np.unique(classes)) == {int(kind) for kind in LandCover}


def test_areas_are_those_known(classes, reference_province):
    ha = reference_province.grid.pixel_area_km2 * 100
    areas = {kind: (classes == kind).sum() * ha for kind in LandCover}
    assert areas[LandCover.WATER] == pytest.approx(525 + 145, rel=0.03)
    assert areas[LandCover.INDUSTRIAL] == pytest.approx(1840.75 + 48.4, rel=0.02)
    assert 0.20 < areas[LandCover.FOREST] / 123_500 < 0.32
    built = areas[LandCover.URBAN] + areas[LandCover.SETTLEMENT]
    assert built * 1e4 / 1_151_154 == pytest.approx(93, abs=6)  # m2 per resident


def test_every_commune_has_built_up_land(classes, reference_province):
    index = reference_province.commune_index.values
    built = np.isin(classes, [LandCover.URBAN, LandCover.SETTLEMENT])
    assert (np.bincount(index[built], minlength=136) > 0).all()


def test_villages_are_lower_and_flatter_than_their_communes(classes, reference_province):
    slope = terrain.slope_deg(reference_province.terrain)
    heights = reference_province.terrain.values
    village = classes == LandCover.SETTLEMENT
    inside = classes != LandCover.OUTSIDE
    assert slope[village].mean() < 0.5 * slope[inside].mean()
    assert heights[village].mean() < 0.7 * heights[inside].mean()


def test_the_lake_lies_at_its_point(classes, reference_province):
    lake = reference_province.zones.set_index(columns.ZONE_ID).geometry["T05"].centroid
    row, column = reference_province.grid.index(np.array([lake.x]), np.array([lake.y]))
    near = classes[row[0] - 50 : row[0] + 50, column[0] - 50 : column[0] + 50]
    assert (near == LandCover.WATER).mean() > 0.3


def test_urban_land_is_in_wards_and_towns_only(classes, reference_province):
    wards = reference_province.communes[columns.COMMUNE_TYPE] != "xa"
    cores = reference_province.zones[columns.CATEGORY].isin(["urban_core", "township"])
    towns = reference_province.zones[cores].union_all()
    rows, cols = np.nonzero(classes == LandCover.URBAN)
    x, y = reference_province.grid.centres()
    index = reference_province.commune_index.values[rows, cols]
    in_xa = ~wards.to_numpy()[index]
    assert shapely.contains_xy(towns, x[cols[in_xa]], y[rows[in_xa]]).all()


def test_the_seed_moves_villages_but_not_facts(reference_province):
    communes = admin.reference_communes()
    layers = (communes, reference_province.zones, reference_province.terrain)
    again = landcover.generate(*layers, reference_province.commune_index, 1).values
    other = landcover.generate(*layers, reference_province.commune_index, 2).values
    assert (again == reference_province.landcover.values).all()
    moved = (again == LandCover.SETTLEMENT) != (other == LandCover.SETTLEMENT)
    assert 0.05 < moved.mean() / (again == LandCover.SETTLEMENT).mean() < 2.0
    same = (again == LandCover.INDUSTRIAL) == (other == LandCover.INDUSTRIAL)
    assert same.mean() > 0.9999


def test_without_zones_terrain_and_people_are_enough(mini_province):
    communes = mini_province.communes
    grid = covering(tuple(communes.total_bounds), 300.0, crs="EPSG:5897")
    flat = Raster(np.full(grid.shape, 12.0, np.float32), grid)
    index = admin.index_raster(communes, grid)
    made = landcover.generate(communes, zones.empty(communes.crs), flat, index, 1).values
    assert LandCover.INDUSTRIAL not in made
    assert LandCover.FOREST not in made
    wards = (communes[columns.COMMUNE_TYPE] == "phuong").to_numpy()[index.values] & (made > 0)
    assert LandCover.SETTLEMENT not in made[wards]
    assert LandCover.URBAN not in made[~wards]
