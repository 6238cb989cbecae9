"""What the public gets tells no place, operator or identifier of a mast, in no byte."""

import json
import struct

import feed_bytes
import feed_run
import geopandas as gpd
import maps_run
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from scipy.spatial import cKDTree
from shapely.geometry import LineString

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.crs import GEOGRAPHIC, PLANNING
from phusong.geodata.files.raster import read_raster
from phusong.geodata.grid import Grid, Raster
from phusong.maps.feed import masking

OPERATORS = ("Vinaxyz", "Zetaphone", "Quadrafon")
SYSTEMS = (GEOGRAPHIC, PLANNING, "EPSG:3857", "EPSG:32648", "EPSG:5899")
GIVEN_AWAY = "shares the mast POSN-QX0001 of Vinaxyz, SITE-QX0003"


def tables():
    """Return the tables of the run, with identifiers that cannot be met by chance."""
    frames = maps_run.tables()
    count = len(frames["sites"])
    positions = ["POSN-QX0000", *(f"POSN-QX{i:04d}" for i in range(count - 1))]
    frames["sites"] = frames["sites"].assign(
        **{
            col.SITE_ID: [f"SITE-QX{i:04d}" for i in range(count)],
            col.POSITION_ID: positions,
            col.OPERATOR: [OPERATORS[i % 3] for i in range(count)],
        }
    )
    frames["ranking"] = frames["ranking"].assign(
        **{
            col.SITE_ID: [f"CAND-QX{i:04d}" for i in range(4)],
            col.POSITION_ID: ["POSN-QX0000", "NEWP-QX0001", "POSN-QX0002", "NEWP-QX0003"],
            col.REASON: GIVEN_AWAY,
            col.EXPLANATION: GIVEN_AWAY,
        }
    )
    frames["communes"] = frames["communes"].assign(**{col.WHY: GIVEN_AWAY})
    frames["zones"] = frames["zones"].assign(**{col.SOURCE: GIVEN_AWAY})
    frames["holes"] = frames["holes"].assign(**{col.CAUSE: GIVEN_AWAY})
    frames["candidates"] = frames["ranking"].copy()
    ends = shapely.get_coordinates(frames["ranking"].geometry.to_numpy())
    frames["backhaul"] = gpd.GeoDataFrame(
        {col.FROM_ID: ["CAND-QX0001"]}, geometry=[LineString(ends[:2])], crs=PLANNING
    )
    return frames


def secrets(frames):
    """Return every identifier and operator of the network."""
    names = set(OPERATORS)
    for name in ("sites", "ranking", "candidates"):
        names |= {*frames[name][col.SITE_ID], *frames[name][col.POSITION_ID]}
    return sorted(names - {""})


def told(record):
    """Say operators and identifiers wherever a record holds texts of people."""
    record["scenario"].update(
        title={"vi": GIVEN_AWAY, "en": GIVEN_AWAY}, description=GIVEN_AWAY, name="urban"
    )
    record["layers"]["sites"].update(
        source="vinaxyz bts.xlsx", note=GIVEN_AWAY, licence="of Vinaxyz"
    )
    record["layers"]["communes"].update(source="drawn by Zetaphone", note="")
    record["network"] = ["SITE-QX0000", "CAND-QX0001"]
    record["parameters"] = {"candidates": {"operators": ["Vinaxyz"]}}
    record["assumptions"] = [GIVEN_AWAY]
    record["years"][0]["note"] = GIVEN_AWAY


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masked") / "run"
    maps_run.write_run(folder, tables())
    feed_run.rewrite(folder, told)
    return folder


@pytest.fixture(scope="module")
def feed(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("public") / "feed"
    feed_run.publish(run, folder, public=True)
    return folder


def masts():
    frames = tables()
    points = [*frames["sites"].geometry, *frames["ranking"].geometry]
    return np.unique(shapely.get_coordinates(points), axis=0)


def numbers(places):
    """Return every place as texts and bytes in which a file could hold its coordinates.

    Degrees with fewer than five digits, more than a metre, are met by chance in any outline.
    """
    for system in SYSTEMS:
        to = Transformer.from_crs(PLANNING, system, always_xy=True)
        for x, y in zip(*to.transform(places[:, 0], places[:, 1]), strict=True):
            finest = 6 if abs(x) < 360 else 2
            for value in (x, y):
                for digits in range(5 if finest == 6 else 0, finest + 1):
                    yield f"{value:.{digits}f}".encode()
                yield f"{value:.{finest}f}".replace(".", ",").encode()
                for rounded in (value, round(value, finest)):
                    yield struct.pack("<d", rounded)
                    yield struct.pack(">d", rounded)


def test_the_search_finds_what_it_looks_for_where_nothing_is_masked(run, tmp_path):
    """Else the next tests could not fail."""
    feed_run.publish(run, tmp_path / "feed")
    content = list(feed_bytes.readings(tmp_path / "feed"))
    for name in secrets(tables()):
        assert any(name.encode() in data for _, data in content), name
    held = b"\n".join(data for _, data in content)
    assert sum(number in held for number in numbers(masts())) > 50
    near, _ = cKDTree(feed_bytes.places(tmp_path / "feed", PLANNING)).query(masts())
    assert near.max() < 0.5


def test_no_byte_names_an_operator_or_a_mast(feed):
    names = [name.lower().encode() for name in secrets(tables())]
    assert len(names) > 20
    files = set()
    for file, data in feed_bytes.readings(feed):
        files.add(file)
        lowered = data.lower()
        assert [name for name in names if name in lowered] == [], file
        assert b"-qx0" not in lowered, file
    assert len(files) > 25


def test_no_byte_holds_the_place_of_a_mast(feed):
    """As text with any usual number of digits, and as the eight bytes of a double."""
    needles = [number for number in set(numbers(masts())) if len(number) >= 8]
    assert len(needles) > 500
    for file, data in feed_bytes.readings(feed):
        assert [needle for needle in needles if needle in data] == [], file


def test_no_vertex_of_a_layer_or_tile_lies_at_a_mast(feed):
    near, _ = cKDTree(feed_bytes.places(feed, PLANNING)).query(masts())
    assert near.min() > 5.0


def test_only_the_year_of_coverage_is_left_of_the_rasters_in_squares_of_500_m(feed):
    rasters = list(feed.rglob("*.tif"))
    assert [path.stem for path in rasters] == ["covered_year"]
    raster = read_raster(rasters[0])
    assert raster.grid.pixel_m == 500.0
    assert raster.grid.x_min_m % 500 == raster.grid.y_max_m % 500 == 0


def test_the_rule_stands_in_the_folder_and_the_figures_stay(feed, run, tmp_path):
    rule = next(feed.rglob(masking.RULE)).read_text(encoding="utf-8")
    assert "fewer than 3" in rule
    assert "500 m" in rule
    document = json.loads(next(feed.rglob("figures.json")).read_text(encoding="utf-8"))
    assert document["run"]["public"] is True
    feed_run.publish(run, tmp_path / "own")
    own = json.loads(next((tmp_path / "own").rglob("figures.json")).read_text(encoding="utf-8"))
    left_out = {"sites"}  # of a commune
    rows = [row for row in own["figures"] if row["measure"] not in left_out]
    assert sorted(map(str, document["figures"])) == sorted(map(str, rows))


def test_a_name_that_says_an_operator_is_refused(run, tmp_path):
    for name in ("Vinaxyz 2027", "plan-zetaphone", "SITE-QX0003"):
        with pytest.raises(InputError, match="names an operator or a mast.*--name"):
            feed_run.publish(run, tmp_path / "feed", public=True, name=name)
    assert not (tmp_path / "feed").exists()


def test_public_and_other_runs_do_not_mix(run, feed, tmp_path):
    with pytest.raises(InputError, match="is a feed for the public"):
        feed_run.publish(run, feed)
    feed_run.publish(run, tmp_path / "own")
    with pytest.raises(InputError, match="with exact positions"):
        feed_run.publish(run, tmp_path / "own", public=True)


FRAME = Grid(560_000.0, 2_360_000.0, 24, 12, 500.0, crs="EPSG:5897")
PLACES = st.lists(
    st.tuples(st.floats(560_000, 571_999.9), st.floats(2_354_000.1, 2_359_999.9)),
    min_size=3,
    max_size=60,
    unique=True,
)


@settings(deadline=None, max_examples=60)
@given(PLACES)
def test_every_area_counts_three_or_more_and_none_is_counted_twice(places):
    xy = np.array(places)
    counted = masking.areas(xy, FRAME)
    assert sum(count for _, count in counted) == len(xy)
    assert min(count for _, count in counted) >= masking.LEAST
    for i, (shape, count) in enumerate(counted):
        inside = shapely.intersects_xy(shape.buffer(1e-6), xy).sum()
        assert inside >= count
        assert all(shape.intersection(other).area < 1.0 for other, _ in counted[:i])


def test_fewer_than_three_masts_are_not_told_at_all():
    assert masking.areas(np.array([[560_100.0, 2_355_000.0]] * 2), FRAME) == []
    assert masking.areas(np.empty((0, 2)), FRAME) == []


def test_a_square_is_covered_from_the_year_in_which_half_of_its_land_is():
    grid = Grid(0.0, 1000.0, 40, 40, 25.0, crs="EPSG:5897")
    years = np.zeros(grid.shape, np.uint16)
    years[:20, :20] = np.where(np.arange(400).reshape(20, 20) < 200, 2025, 2026)  # half, then all
    years[:20, 20:] = np.where(np.arange(400).reshape(20, 20) < 199, 2025, 0)  # less than half
    years[20:, :20] = masking.OUTSIDE
    years[20:, 20:] = masking.OUTSIDE
    years[39, 39] = 1  # the only land of its square
    coarse = masking.coarse_years(Raster(years, grid, masking.OUTSIDE))
    assert coarse.values.tolist() == [[2025, 0], [masking.OUTSIDE, 1]]
