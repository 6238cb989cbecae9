"""Heights of any file become metres: feet, marks of voids, holes of nought, rows from the south."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine, from_origin

from phusong.geodata.files import raster
from phusong.geodata.grid import Grid
from phusong.geodata.ground import mosaic

GRID = Grid(560_000.0, 2_356_500.0, 60, 50, crs="EPSG:5897")
WIDE = from_origin(559_700, 2_356_800, 30, 30)


def slope():
    """Return heights that rise from west to east by 10 m a pixel, from 50 m."""
    return np.tile(50 + 10 * np.arange(80, dtype=np.float32), (70, 1))


def write(path, values, transform=WIDE, unit="", **options):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=GRID.crs,
        transform=transform,
        **options,
    ) as target:
        target.write(values, 1)
        if unit:
            target.set_band_unit(1, unit)
    return path


@pytest.fixture
def right(tmp_path):
    return mosaic.terrain_on_grid([write(tmp_path / "right.tif", slope())], GRID).terrain.values


@pytest.mark.parametrize(("unit", "factor"), [("ft", 0.3048), ("foot", 0.3048), ("dm", 0.1)])
def test_a_unit_of_the_band_is_converted(tmp_path, right, unit, factor):
    made = mosaic.terrain_on_grid([write(tmp_path / "a.tif", slope() / factor, unit=unit)], GRID)
    assert made.terrain.values == pytest.approx(right, abs=1e-2)
    assert f"converted from {unit} to m" in made.notes[0]


def test_a_unit_that_is_stated_is_converted(tmp_path, right):
    path = write(tmp_path / "a.tif", slope() / 0.3048)
    made = mosaic.terrain_on_grid([path], GRID, unit="ft")
    assert made.terrain.values == pytest.approx(right, abs=1e-2)


@pytest.mark.parametrize("mark", [32767, -32768, 0])
def test_marks_of_voids_that_the_file_does_not_name_are_voids(tmp_path, right, mark):
    values = slope().astype(np.int16)
    values[30:36, 40:46] = mark
    made = mosaic.terrain_on_grid([write(tmp_path / "a.tif", values)], GRID)
    assert made.void.sum() >= 36
    assert made.terrain.values == pytest.approx(right, abs=1.0)  # a plane is filled exactly


def test_a_shore_at_nought_is_no_void(tmp_path):
    values = np.maximum(slope() - 200, 0)
    made = mosaic.terrain_on_grid([write(tmp_path / "a.tif", values)], GRID)
    assert not made.void.any()
    assert made.notes == ()


def test_rows_from_the_south_are_turned(tmp_path):
    values = slope() + np.arange(70, dtype=np.float32)[:, None]
    north = mosaic.terrain_on_grid([write(tmp_path / "n.tif", values)], GRID).terrain.values
    south_up = Affine(30, 0, WIDE.c, 0, 30, WIDE.f - 30 * 70)
    path = write(tmp_path / "s.tif", np.ascontiguousarray(values[::-1]), transform=south_up)
    assert mosaic.terrain_on_grid([path], GRID).terrain.values == pytest.approx(north)


def test_scale_and_offset_are_applied(tmp_path, right):
    path = write(tmp_path / "a.tif", ((slope() - 100) * 10).astype(np.int16))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (100.0,)
    assert mosaic.terrain_on_grid([path], GRID).terrain.values == pytest.approx(right, abs=0.1)


def test_the_unit_of_a_description_is_known(tmp_path):
    path = write(tmp_path / "a.tif", slope())
    with rasterio.open(path, "r+") as target:
        target.set_band_description(1, "elevation (ft)")
    assert raster.unit_of(path) == "ft"
