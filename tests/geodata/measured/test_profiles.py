"""Ground along a path: geometry of the cut, and every defect of the files that give one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.measured import profiles
from phusong.geodata.measured.profiles import Ground, Place
from phusong.geodata.province import CLUTTER_HEIGHT_M, LandCover

GRID = Grid(560_010.0, 2_357_010.0, 200, 100, crs="EPSG:5897")


def plane_m(x_m, y_m):
    """Return a slope of 3 % to the east and 2 % to the south."""
    return 50.0 + 0.03 * (x_m - GRID.x_min_m) + 0.02 * (GRID.y_max_m - y_m)


def ground(values=None, landcover=None):
    heights = plane_m(*np.meshgrid(*GRID.centres())) if values is None else values
    cover = np.full(GRID.shape, LandCover.FARMLAND, np.uint8) if landcover is None else landcover
    return Ground(Raster(heights, GRID), Raster(cover, GRID, 0.0), {})


def at(column, row, height_m=10.0, name="place"):
    """Return the place at fractional pixels of the grid."""
    x_m = GRID.x_min_m + (column + 0.5) * GRID.pixel_m
    y_m = GRID.y_max_m - (row + 0.5) * GRID.pixel_m
    lon, lat = crs.transform([x_m], [y_m], GRID.crs, crs.GEOGRAPHIC)
    return Place(float(lon[0]), float(lat[0]), height_m, name)


inner = st.tuples(st.floats(0.0, 199.0), st.floats(0.0, 99.0))


@settings(deadline=None, max_examples=40)
@given(inner, inner)
def test_bilinear_heights_are_exact_on_a_plane(first, last):
    """Linear interpolation has no error on a plane, wherever the points lie."""
    start, end = at(*first), at(*last)
    if profiles.length_m(start, end) < 1.0:
        return
    cut = profiles.along(ground(), start, end)
    ends_m = [
        50.0 + 0.03 * 30.0 * (column + 0.5) + 0.02 * 30.0 * (row + 0.5)
        for column, row in (first, last)
    ]
    share = cut.distance_km / cut.distance_km[-1]
    assert cut.height_m == pytest.approx(ends_m[0] + share * (ends_m[1] - ends_m[0]), abs=1e-4)


def test_steps_are_even_and_at_most_a_pixel():
    start, end = at(3.0, 5.0), at(103.5, 5.0)
    cut = profiles.along(ground(), start, end)
    steps_m = 1000.0 * np.diff(cut.distance_km)
    assert cut.distance_km[0] == 0.0
    assert steps_m == pytest.approx(steps_m[0])
    assert 29.0 < steps_m[0] <= 30.01
    assert profiles.along(ground(), start, end, 7.0).distance_km.size == 432
    assert profiles.along(ground(), start, at(3.2, 5.0)).distance_km.size == 3


def test_length_is_that_on_the_ellipsoid():
    """A degree of latitude at 21.5 degrees is 110.7 km (WGS 84)."""
    assert profiles.length_m(Place(105.0, 21.0, 0.0), Place(105.0, 22.0, 0.0)) == pytest.approx(
        110_720, rel=1e-3
    )
    cut = profiles.along(ground(), at(0.0, 50.0), at(199.0, 50.0))
    assert 1000.0 * cut.distance_km[-1] == pytest.approx(199 * 30.0, rel=2e-4)


def test_the_way_back_is_the_same_ground():
    rough = np.random.default_rng(2).uniform(0.0, 300.0, GRID.shape)
    here, there = at(12.3, 7.7), at(160.1, 88.2)
    out, back = (
        profiles.along(ground(rough), here, there),
        profiles.along(ground(rough), there, here),
    )
    assert out.height_m == pytest.approx(back.height_m[::-1], abs=1e-5)


def test_clutter_is_that_of_the_pixel():
    cover = np.full(GRID.shape, LandCover.FARMLAND, np.uint8)
    cover[:, 50:60], cover[:, 60:70] = LandCover.FOREST, LandCover.SETTLEMENT
    cut = profiles.along(ground(landcover=cover), at(0.0, 20.0), at(100.0, 20.0))
    assert cut.clutter_m[40:75].tolist() == [0.0] * 10 + [15.0] * 10 + [10.0] * 10 + [0.0] * 5
    assert set(cut.zone) == {profiles.INLAND}


def test_every_class_has_a_clutter_height_of_table_2():
    assert set(CLUTTER_HEIGHT_M) == set(LandCover)
    assert set(CLUTTER_HEIGHT_M.values()) <= {0.0, 10.0, 15.0, 20.0}


def test_both_places_outside_are_told_at_once():
    with pytest.raises(InputError, match="outside the terrain") as error:
        profiles.along(ground(), at(-40.0, 5.0, name="--from"), at(10.0, 300.0, name="--to"))
    assert [d.source for d in error.value.defects] == ["--from", "--to"]
    assert "lies 1.2 km outside" in str(error.value)


def test_missing_terrain_under_a_path_is_an_error_not_sea_level():
    holed = plane_m(*np.meshgrid(*GRID.centres()))
    holed[20, 30:35] = np.nan
    with pytest.raises(InputError, match=r"no height from 0\.87 to 1\.02 km"):
        profiles.along(ground(holed), at(0.5, 20.0), at(100.5, 20.0))
    marked = Ground(
        Raster(np.nan_to_num(holed, nan=-9999.0), GRID, -9999.0), ground().landcover, {}
    )
    with pytest.raises(InputError, match="no height"):
        profiles.along(marked, at(0.0, 20.0), at(100.0, 20.0))
    assert np.isfinite(profiles.along(marked, at(0.0, 40.0), at(100.0, 40.0)).height_m).all()


def test_no_path_from_a_place_to_itself():
    with pytest.raises(InputError, match="is the place of the transmitter"):
        profiles.along(ground(), at(5.0, 5.0), at(5.0, 5.0))


def test_light_ground_is_that_of_the_whole_province(reference_province):
    """The short way to terrain and land cover gives the same pixels as the whole province."""
    light = profiles.open_ground()
    assert np.array_equal(light.terrain.values, reference_province.terrain.values)
    assert np.array_equal(light.landcover.values, reference_province.landcover.values)
    assert light.provenance["terrain"].status == "approximate"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("105.6,21.3", "is not LON,LAT,HEIGHT"),
        ("105.6,north,30", "'north': is not a number"),
        ("105.6,nan,30", "is not between −90 and 90"),
        ("21.3,105.6,30", "'105.6': is not between −90 and 90"),
        ("105.6,21.3,-2", "is not between 0 and"),
    ],
)
def test_places_that_are_none(text, message):
    with pytest.raises(InputError, match=message):
        profiles.place(text, "--from")


def test_all_defects_of_a_place_at_once():
    with pytest.raises(InputError, match="3 defects"):
        profiles.place("x,99,-1", "--to")


def csv(tmp_path, text, name="file.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_profile_with_all_columns(tmp_path):
    text = "distance_km;height_m;clutter_m;zone;remark\n0;12,5;0;4;a\n0,5;14;10;3;b\n1;13;0;1;\n"
    cut = profiles.read_profile(csv(tmp_path, text))
    assert cut.distance_km.tolist() == [0.0, 0.5, 1.0]
    assert cut.height_m.tolist() == [12.5, 14.0, 13.0]
    assert cut.clutter_m.tolist() == [0.0, 10.0, 0.0]
    assert cut.zone.tolist() == [4, 3, 1]


def test_profile_of_two_columns_is_bare_and_inland(tmp_path):
    cut = profiles.read_profile(csv(tmp_path, "distance_km,height_m\n0,1\n1,2\n2,1\n"))
    assert not cut.clutter_m.any()
    assert set(cut.zone) == {4}


PROFILES = {
    "distance_km\n0\n1\n2\n": "no column for height_m",
    "distance_m,height_m\n0,1\n1,1\n2,1\n": "no column for distance_km",
    "distance_km,height_m\n0,1\n1,high\n2,1\n": r":3, column 'height_m', value 'high': is not a",
    "distance_km,height_m\n0,1\n1,NaN\n2,1\n": r"value 'NaN': is not a number",
    "distance_km,height_m\n0,1\n1,\n2,1\n": r":3, column 'height_m', value '': is missing",
    "distance_km,height_m\n0,1\n2,1\n1,1\n": r":4, .*'1': is not beyond the distance before it, 2",
    "distance_km,height_m\n0,1\n1,1\n1,1\n": "is not beyond",
    "distance_km,height_m\n0.5,1\n1,1\n2,1\n": "the first distance is not 0",
    "distance_km,height_m\n0,1\n1,1\n": "holds 2 points",
    "distance_km,height_m\n0,1\n1,-32768\n2,1\n": "is not between −500 and 9,000 m",
    "distance_km,height_m,clutter_m\n0,1,0\n1,1,-3\n2,1,0\n": "column 'clutter_m', value '-3'",
    "distance_km,height_m,zone\n0,1,4\n1,1,2\n2,1,4\n": "is not a zone",
}


@pytest.mark.parametrize(("text", "message"), PROFILES.items())
def test_profiles_with_a_defect(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        profiles.read_profile(csv(tmp_path, text))


def test_all_defects_of_a_profile_at_once(tmp_path):
    text = "distance_km,height_m,zone\n0.1,x,4\n2,nan,9\n1,5,4\n"
    with pytest.raises(InputError) as error:
        profiles.read_profile(csv(tmp_path, text))
    assert [(d.row, d.column) for d in error.value.defects] == [
        (2, "height_m"),
        (2, "distance_km"),
        (3, "height_m"),
        (3, "zone"),
        (4, "distance_km"),
    ]


def test_receivers_with_and_without_height_and_name(tmp_path):
    plain = profiles.read_receivers(csv(tmp_path, "lon,lat\n105.6,21.3\n105.7,21.4\n"), 1.5)
    assert [(p.name, p.height_m, p.row) for p in plain] == [("1", 1.5, 2), ("2", 1.5, 3)]
    full = profiles.read_receivers(
        csv(tmp_path, "id,Kinh độ,Vĩ độ,height_m\nA,105.6,21.3,10\n,105.7,21.4,2\n"), 1.5
    )
    assert [(p.name, p.lon, p.lat, p.height_m) for p in full] == [
        ("A", 105.6, 21.3, 10.0),
        ("2", 105.7, 21.4, 2.0),
    ]


def test_all_defects_of_a_list_of_receivers_at_once(tmp_path):
    text = "lon,lat,height_m\n105.6,,1\neast,21.3,1\n105.6,121,1\n105.6,21,-4\n"
    with pytest.raises(InputError, match="4 defects") as error:
        profiles.read_receivers(csv(tmp_path, text), 1.5)
    assert [d.row for d in error.value.defects] == [2, 3, 4, 5]
    with pytest.raises(InputError, match="no column for lat"):
        profiles.read_receivers(csv(tmp_path, "lon,y\n105,21\n"), 1.5)
