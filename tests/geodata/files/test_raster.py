"""Rasters out and in, and terrain brought to the planning grid."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rio_cogeo.cogeo import cog_validate

from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid, Raster, covering
from phusong.geodata.ground import mosaic, voids

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
GRID = Grid(555_000.0, 2_362_500.0, 200, 150, crs="EPSG:5897")


def on_grid(*arguments):
    made = mosaic.terrain_on_grid(*arguments)
    return made.terrain, made.void


def plane(x_m, y_m):
    """Return a tilted plane: every correct interpolation keeps it."""
    return 100 + 0.01 * (x_m - 555_000) - 0.02 * (y_m - 2_360_000)


def write_source(path, values, *, epsg=5897, origin=(553_000, 2_365_000), pixel=90, **profile):
    affine = from_origin(*origin, pixel, pixel)
    settings = {"dtype": str(values.dtype), "count": 1, "crs": f"EPSG:{epsg}" if epsg else None}
    settings |= {"height": values.shape[-2], "width": values.shape[-1], "transform": affine}
    with rasterio.open(path, "w", driver="GTiff", **(settings | profile)) as target:
        target.write(values if values.ndim == 3 else values[None])
    return path


def plane_source(path, **profile):
    y, x = np.mgrid[0:140, 0:140]
    values = plane(553_000 + (x + 0.5) * 90, 2_365_000 - (y + 0.5) * 90).astype(np.float32)
    return values, lambda v=values: write_source(path, v, **profile)


@pytest.mark.parametrize(
    ("values", "nodata"),
    [
        (np.linspace(-140, -40, 30_000, dtype=np.float32), -9999),
        (np.linspace(-140, -40, 30_000), -9999),
        (np.arange(30_000, dtype=np.int32), -1),
        ((np.arange(30_000) % 2000).astype(np.int16), -32768),
        ((np.arange(30_000) % 7).astype(np.uint8), 0),
        (np.arange(30_000) % 2 == 0, 255),
    ],
)
def test_written_rasters_are_strictly_valid_and_come_back(tmp_path, values, nodata):
    before = Raster(values.reshape(GRID.shape), GRID)
    path = tmp_path / "a.tif"
    raster.write_cog(path, before, description="mức thu", unit="dBm", nodata=nodata)
    assert cog_validate(path, strict=True)[:3] == (True, [], [])
    after = raster.read_raster(path)
    assert after.grid == GRID
    assert after.nodata == nodata
    np.testing.assert_array_equal(after.values, before.values)
    with rasterio.open(path) as source:
        assert source.units == ("dBm",)
        assert source.descriptions == ("mức thu",)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]  # no side file


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint8, np.int16, bool])
def test_a_storable_raster_is_what_its_file_gives(tmp_path, kind):
    values = (np.arange(30_000) % 120).reshape(GRID.shape).astype(kind)
    if values.dtype.kind == "f":
        values[0, :2] = [np.nan, np.inf]
    bands = {
        name: raster.storable(Raster(values, GRID, nodata, "dBm", name))
        for name, nodata in (("one", 7), ("other", 7))
    }
    raster.write_bands(tmp_path / "a.tif", bands)
    for name, after in raster.read_bands(tmp_path / "a.tif").items():
        before = bands[name]
        np.testing.assert_array_equal(after.values, before.values)
        assert after.values.dtype == before.values.dtype
        told = [(r.grid, r.nodata, r.unit, r.description) for r in (before, after)]
        assert told[0] == told[1]


def test_missing_values_become_nodata(tmp_path):
    values = np.full(GRID.shape, -90, np.float32)
    values[0, :3] = [np.nan, np.inf, -1]
    raster.write_cog(tmp_path / "a.tif", Raster(values, GRID, -1), description="", nodata=-9999)
    after = raster.read_raster(tmp_path / "a.tif").values
    assert list(after[0, :4]) == [-9999, -9999, -9999, -90]
    raster.write_cog(tmp_path / "b.tif", Raster(values, GRID), description="")
    assert raster.read_raster(tmp_path / "b.tif").nodata == -9999


def test_overviews_average_quantities_but_not_labels(tmp_path):
    wide = Grid(540_000, 2_370_000, 600, 600, crs="EPSG:5897")
    stripes = np.tile(np.array([0, 6]), (600, 300))
    for kind, seen in ((np.float32, {3.0}), (np.uint8, {0.0, 6.0})):
        path = tmp_path / f"{np.dtype(kind)}.tif"
        raster.write_cog(path, Raster(stripes.astype(kind), wide, 255), description="")
        with rasterio.open(path, overview_level=0) as source:
            assert source.shape == (300, 300)
            assert set(np.unique(source.read(1))) <= seen


def test_colours_are_kept(tmp_path):
    colours = {1: (200, 30, 40, 255), 2: (0, 120, 255, 255)}
    labels = Raster(np.ones(GRID.shape, np.uint8), GRID, 0)
    raster.write_cog(tmp_path / "a.tif", labels, description="lớp phủ", colormap=colours)
    assert cog_validate(tmp_path / "a.tif", strict=True)[0]
    with rasterio.open(tmp_path / "a.tif") as source:
        read = source.colormap(1)
        assert {value: read[value] for value in colours} == colours


def test_same_raster_gives_same_bytes(tmp_path):
    values = np.random.default_rng(1).normal(size=GRID.shape).astype(np.float32)
    for name in "ab":
        raster.write_cog(tmp_path / name, Raster(values, GRID), description="x", unit="m")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("epsg", [5897, 32648, 4326])
def test_a_plane_stays_a_plane_from_any_crs(tmp_path, epsg):
    if epsg == 5897:
        _, write = plane_source(tmp_path / "a.tif")
        write()
    else:
        pixel = 90 if epsg == 32648 else 0.0008
        corners = crs.transform([553_000], [2_365_000], crs.PLANNING, f"EPSG:{epsg}")
        origin = (float(corners[0][0]), float(corners[1][0]))
        row, column = np.mgrid[0:150, 0:150]
        x, y = origin[0] + (column + 0.5) * pixel, origin[1] - (row + 0.5) * pixel
        values = plane(*crs.transform(x, y, f"EPSG:{epsg}", crs.PLANNING)).astype(np.float32)
        write_source(tmp_path / "a.tif", values, epsg=epsg, origin=origin, pixel=pixel)
    terrain, void = on_grid([tmp_path / "a.tif"], GRID)
    x_m, y_m = GRID.centres()
    assert not void.any()
    assert terrain.values.dtype == np.float32
    np.testing.assert_allclose(terrain.values, plane(x_m, y_m[:, None]), atol=0.02)


@pytest.mark.parametrize("hole", [-32768, -500, np.nan])
def test_voids_are_found_filled_and_counted(tmp_path, hole):
    values, write = plane_source(tmp_path / "a.tif", nodata=-32768)
    values[60:64, 60:70] = hole
    write(values)
    terrain, void = on_grid([tmp_path / "a.tif"], GRID)
    x_m, y_m = GRID.centres()
    assert 4 * 10 * 9 <= void.sum() <= 6 * 12 * 9  # 30 m pixels of the hole and of its rim
    np.testing.assert_allclose(terrain.values, plane(x_m, y_m[:, None]), atol=0.1)


def test_the_first_file_wins_and_the_next_fills_its_gaps(tmp_path):
    values, write = plane_source(tmp_path / "first.tif", nodata=-32768)
    values[60:64, 60:70] = -32768
    write(values)
    write_source(tmp_path / "second.tif", np.full((140, 140), 7, np.int16))
    paths = [tmp_path / "first.tif", tmp_path / "second.tif"]
    terrain, void = on_grid(paths, GRID)
    assert not void.any()
    assert 4 * 10 * 9 <= (terrain.values == 7).sum() <= 6 * 12 * 9
    assert terrain.values[0, 0] == pytest.approx(float(plane(555_015, 2_362_485)), abs=0.02)


def test_fine_sources_are_averaged_not_sampled(tmp_path):
    stripes = np.tile(np.array([0, 20], np.float32), (2600, 1600))  # 2 m wide, mean 10 m
    write_source(tmp_path / "a.tif", stripes, pixel=2, origin=(554_900, 2_362_600))
    small = Grid(555_000, 2_362_500, 100, 100, crs="EPSG:5897")
    terrain, _ = on_grid([tmp_path / "a.tif"], small)
    np.testing.assert_allclose(terrain.values, 10, atol=0.5)


def test_scaled_heights_are_scaled(tmp_path):
    path = write_source(tmp_path / "a.tif", np.full((140, 140), 420, np.int16))
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (5.0,)
    terrain, _ = on_grid([path], GRID)
    np.testing.assert_allclose(terrain.values, 47, atol=1e-3)


def test_spline_beats_the_nearest_value_on_a_ridge():
    y, x = np.mgrid[0:80, 0:80]
    ridge = (500 * np.exp(-(((x - 40) / 12) ** 2)) + 2 * y).astype(np.float32)
    holed = ridge.copy()
    holed[30:45, 33:47] = np.nan
    filled = voids.fill_voids(holed)
    worst = np.abs(filled - ridge).max()
    assert worst < 60  # of a ridge that stands 330 m above the rim of the hole
    assert np.array_equal(filled[np.isfinite(holed)], ridge[np.isfinite(holed)])


def test_what_lies_beyond_the_known_takes_the_nearest_height():
    heights = np.full((40, 40), np.nan, np.float32)
    heights[10:12, 10:12] = [[1, 2], [3, 4]]
    filled = voids.fill_voids(heights)
    assert filled[0, 0] == 1
    assert filled[39, 39] == 4
    np.testing.assert_array_equal(voids.fill_voids(filled), filled)


def test_margin_may_be_unknown_but_the_province_may_not(tmp_path):
    _, write = plane_source(tmp_path / "a.tif", origin=(555_600, 2_365_000))
    write()
    inside = np.zeros(GRID.shape, bool)
    inside[:, 60:] = True
    terrain, void = on_grid([tmp_path / "a.tif"], GRID, inside)
    assert np.isfinite(terrain.values).all()
    assert void.sum() > 10 * GRID.height
    with pytest.raises(InputError, match=r"covers 90\.\d% of the province only .*latitude 21\.\d"):
        mosaic.terrain_on_grid([tmp_path / "a.tif"], GRID)


def test_defects_of_terrain_files_come_together(tmp_path):
    (tmp_path / "text.tif").write_text("not a raster")
    flat = np.zeros((140, 140), np.int16)
    write_source(tmp_path / "lost.tif", flat, epsg=None)
    write_source(tmp_path / "picture.tif", np.zeros((3, 140, 140), np.uint8), count=3)
    names = ("none.tif", "text.tif", "lost.tif", "picture.tif")
    with pytest.raises(InputError) as caught:
        mosaic.terrain_on_grid([tmp_path / name for name in names], GRID)
    assert len(caught.value.defects) == 4
    for said in (
        r"none.tif: no such file",
        r"text.tif: cannot be read as a raster",
        r"lost.tif: has no coordinate system",
        r"picture.tif: has 3 bands",
    ):
        assert caught.match(said)


def test_terrain_elsewhere_or_void_is_refused(tmp_path):
    flat = np.zeros((140, 140), np.int16)
    write_source(tmp_path / "far.tif", flat, origin=(700_000, 2_365_000))
    with pytest.raises(InputError, match=r"far.tif: covers 0.0% of the province only"):
        mosaic.terrain_on_grid([tmp_path / "far.tif"], GRID)
    write_source(tmp_path / "void.tif", flat, nodata=0)
    with pytest.raises(InputError, match=r"100.0% of the province is void"):
        mosaic.terrain_on_grid([tmp_path / "void.tif"], GRID)
    with pytest.raises(InputError, match="no file: covers"):
        mosaic.terrain_on_grid([], GRID)


def test_read_raster_says_what_is_wrong(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        raster.read_raster(tmp_path / "none.tif")
    with rasterio.open(
        write_source(tmp_path / "a.tif", np.zeros((9, 9), np.int16)), "r+"
    ) as target:
        target.transform = rasterio.Affine(30, 5, 0, 5, -30, 0)
    with pytest.raises(InputError, match="not square and north-up"):
        raster.read_raster(tmp_path / "a.tif")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside the project")
def test_srtm_keeps_its_summit_and_its_plain():
    grid = covering((533_196, 2_340_219, 581_365, 2_386_596), 3000, crs="EPSG:5897")
    terrain, void = on_grid([SHARED / "dem_srtm3_vinhphuc.tif"], grid)
    assert not void.any()
    assert 1570 < terrain.values.max() <= 1582  # the highest cell of the source is 1,582 m
    x_m, y_m = crs.transform([105.544], [21.573], crs.GEOGRAPHIC, crs.PLANNING)
    row, column = grid.index(x_m, y_m)
    near = terrain.values[row[0] - 8 : row[0] + 9, column[0] - 8 : column[0] + 9]
    assert near.max() == terrain.values.max()


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside the project")
def test_holes_like_those_of_srtm_are_filled_to_within_25_m():
    with rasterio.open(SHARED / "dem_srtm3_vinhphuc.tif") as source:
        heights = source.read(1).astype(np.float32)
    with rasterio.open(SHARED / "dem_void_mask.tif") as source:
        holes = source.read(1).astype(bool)
    moved = np.roll(holes, (-6, 6), (0, 1)) & ~holes
    filled = voids.fill_voids(np.where(moved, np.nan, heights).astype(np.float32))
    error_m = (filled - heights)[moved & (heights > 200)]
    assert len(error_m) > 400
    assert np.sqrt(np.mean(error_m**2)) < 25
