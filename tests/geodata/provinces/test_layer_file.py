"""Layers of a province that a cache holds are those that were made, to the bit."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pandas.testing import assert_frame_equal

from phusong import content_cache
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.provinces import embedded, layer_file
from phusong.geodata.provinces.layer_file import ProvinceLayers

FRAMES = ("communes", "districts", "zones", "sites")


@pytest.fixture
def made():
    """Return layers with texts in Vietnamese, numbers that no decimals hold, and two shapes."""
    square = shapely.box(0.1, 0.2, 1.0 / 3.0, 0.7)
    both = shapely.MultiPolygon([square, shapely.box(2.0, 2.0, 3.0, 3.0)])
    table = {"name": ["Vĩnh Yên", ""], "people": [3, 2**53 + 1], "height_m": [0.1 + 0.2, np.nan]}
    frame = gpd.GeoDataFrame(table, geometry=[square, both], crs="EPSG:5897")
    grid = Grid(1e5 / 3.0, 2.0, 3, 2, 30.0, "EPSG:5897")
    heights = Raster(np.array([[0.1, np.nan, 3.0], [4.0, 5.0, 6.0]], np.float32), grid)
    classes = Raster(np.arange(6, dtype=np.uint8).reshape(2, 3), grid, 0)
    return ProvinceLayers(*[frame] * 4, heights, classes, heights, classes)


def test_layers_come_back_to_the_bit(made):
    calls = []

    def make():
        calls.append(1)
        return made

    kept = [layer_file.cached(("made", id(made)), layer_file.__name__, make) for _ in range(2)][1]
    assert calls == [1]
    for name, layer in kept._asdict().items():
        before = getattr(made, name)
        if name in FRAMES:
            assert_frame_equal(layer, before)
            assert layer.crs == before.crs
            assert layer.geometry.to_wkb().tolist() == before.geometry.to_wkb().tolist()
        else:
            assert (layer.grid, layer.values.dtype) == (before.grid, before.values.dtype)
            assert layer.values.tobytes() == before.values.tobytes()
            np.testing.assert_equal(layer.nodata, before.nodata)


def test_the_reference_province_from_the_cache_is_the_one_that_recipes_make(
    reference_province, monkeypatch
):
    monkeypatch.setattr(content_cache, "cached", lambda _inputs, _module, make: make())
    made = embedded.reference_province()
    for name in FRAMES:
        assert_frame_equal(getattr(made, name), getattr(reference_province, name))
    for name in ("terrain", "landcover", "population", "commune_index"):
        rasters = getattr(made, name), getattr(reference_province, name)
        assert np.array_equal(rasters[0].values, rasters[1].values)
    assert made.provenance == reference_province.provenance
    assert made.baseline == reference_province.baseline
