"""Rasters as pictures: in the right place, with the right classes; relief lit from the right."""

import io
import math

import numpy as np
import pytest
import rasterio
from PIL import Image
from shapely.geometry import box

from phusong.geodata.crs import GEOGRAPHIC, PLANNING, transform
from phusong.geodata.files import raster
from phusong.geodata.grid import covering
from phusong.maps.pictures import overlay, palette, relief

# Corners of the province, where the planning grid leans most against web mercator.
PLACES = [(105.33, 21.23), (105.78, 21.22), (105.52, 21.56), (105.60, 21.31)]


def write_spot(path, lon, lat, nodata=-9999.0):
    """Write a planning raster around a place, with one 30 m pixel of -70 dBm at the place."""
    x_m, y_m = transform(lon, lat, GEOGRAPHIC, PLANNING)
    grid = covering((x_m - 6000, y_m - 6000, x_m + 6000, y_m + 6000), crs="EPSG:5897")
    row, column = grid.index(x_m, y_m)
    values = np.full(grid.shape, nodata, dtype=np.float32)
    values[row, column] = -70.0
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": nodata}
    with rasterio.open(
        path,
        "w",
        **profile,
        width=grid.width,
        height=grid.height,
        crs=grid.crs,
        transform=grid.transform,
    ) as target:
        target.write(values, 1)
    xs, ys = grid.centres()
    return transform(xs[column], ys[row], PLANNING, GEOGRAPHIC)


def place_of(row, column, corners, shape):
    """Return lon and lat of a pixel as Leaflet stretches a picture between two corners."""
    (south, west), (north, east) = corners
    top, bottom = (math.asinh(math.tan(math.radians(lat))) for lat in (north, south))
    y = top + (bottom - top) * (row + 0.5) / shape[0]
    lon = west + (east - west) * (column + 0.5) / shape[1]
    return lon, math.degrees(math.atan(math.sinh(y)))


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_a_known_pixel_lands_within_one_pixel_of_its_place(tmp_path, lon, lat):
    true_lon, true_lat = write_spot(tmp_path / "spot.tif", lon, lat)
    grid = overlay.mercator_grid((lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05))
    shown = overlay.warped(raster.read_raster(tmp_path / "spot.tif"), grid)
    assert 1 <= np.isfinite(shown).sum() <= 4
    picture = overlay.picture(palette.LEVEL.index(shown), palette.LEVEL.colours)
    opaque = np.asarray(Image.open(io.BytesIO(picture)).convert("RGBA"))[..., 3] > 0
    row, column = (float(part.mean()) for part in np.nonzero(opaque))
    found = place_of(row, column, overlay.corners(grid), grid.shape)
    (x, found_x), (y, found_y) = transform(
        [true_lon, found[0]], [true_lat, found[1]], GEOGRAPHIC, PLANNING
    )
    assert math.hypot(found_x - x, found_y - y) < 30.0


def test_unwarped_corners_would_be_off_by_many_pixels():
    """The reason for warping: a planning rectangle is no rectangle on the web map."""
    x = np.array([535_000.0, 535_000.0])
    lon, _ = transform(x, [2_340_000.0, 2_387_000.0], PLANNING, GEOGRAPHIC)
    shift_m = abs(lon[1] - lon[0]) * 111_320 * math.cos(math.radians(21.3))
    assert shift_m > 3 * 30.0


def test_pixels_keep_their_ground_size_until_the_picture_is_too_large():
    grid = overlay.mercator_grid((105.3, 21.1, 105.8, 21.6))
    assert grid.pixel_m * math.cos(math.radians(21.35)) == pytest.approx(30.0)
    wide = overlay.mercator_grid((104.0, 20.0, 107.0, 22.0))
    assert max(wide.shape) <= overlay.LARGEST_SIDE_PIXELS + 1
    (south, west), (north, east) = overlay.corners(grid)
    assert (west, south) <= (105.3, 21.1)
    assert (east, north) >= (105.8, 21.6)
    assert max(105.3 - west, 21.1 - south, east - 105.8, north - 21.6) < 2 * 30 / 100_000


def test_the_picture_shows_the_palette_and_clears_what_has_no_colour():
    index = np.array([[0, 1, 2, len(palette.LEVEL.colours)]], dtype=np.uint8)
    image = Image.open(io.BytesIO(overlay.picture(index, palette.LEVEL.colours))).convert("RGBA")
    pixels = [image.getpixel((column, 0)) for column in range(4)]
    assert [pixel[3] for pixel in pixels] == [0, 0, 255, 255]
    assert pixels[2][:3] == palette.rgb(palette.LEVEL.colours[1])
    assert pixels[3][:3] == palette.rgb(palette.LEVEL.colours[-1])


def test_inside_follows_the_outline():
    grid = overlay.mercator_grid((105.5, 21.2, 105.6, 21.3))
    half = overlay.inside(box(105.5, 21.2, 105.55, 21.3), grid)
    assert half.mean() == pytest.approx(0.5, abs=0.01)
    assert half[1:-1, 0].all()
    assert not half[:, -1].any()


def test_flat_ground_is_lit_evenly_and_slopes_by_their_side():
    flat = relief.hillshade(np.full((9, 9), 400.0, dtype=np.float32), 30.0)
    np.testing.assert_allclose(flat, 1.0, atol=1e-6)
    rows, columns = np.mgrid[0:9, 0:9]
    faces_north_west = relief.hillshade((3.0 * (rows + columns)).astype(np.float32), 30.0)
    faces_south_east = relief.hillshade((-3.0 * (rows + columns)).astype(np.float32), 30.0)
    assert faces_north_west[4, 4] > 1.0 > faces_south_east[4, 4]


def test_the_ground_turns_to_paper_away_from_the_province():
    province = np.zeros((60, 60), dtype=bool)
    province[25:35, 25:35] = True
    water = np.zeros_like(province)
    water[30, 30] = True
    painted = relief.paint(np.full(province.shape, 300.0, np.float32), water, province, 300.0)
    paper = np.array(palette.rgb(palette.PAPER))
    assert (np.abs(painted[0, 0] - paper) <= 1).all()
    assert np.abs(painted[26, 26].astype(int) - paper).max() > 5
    assert painted[30, 30][2] > painted[30, 30][0]
