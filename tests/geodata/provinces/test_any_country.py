"""A province of any country from what people have, and islands that stay unplanned."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.files.tables import Stated
from phusong.geodata.province import LandCover
from phusong.geodata.provinces import build, folder, manifest

UTM = "EPSG:32632"
EAST_M, NORTH_M, SIDE_M = 300_000.0, 5_500_000.0, 1_500.0


def write_raster(path, values, origin, pixel_m):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=str(values.dtype),
        crs=UTM,
        transform=from_origin(*origin, pixel_m, pixel_m),
    ) as target:
        target.write(values, 1)
    return path


def square(column, row):
    x, y = EAST_M + column * SIDE_M, NORTH_M + row * SIDE_M
    return box(x, y, x + SIDE_M, y + SIDE_M)


def units(path, shapes, **table):
    gpd.GeoDataFrame(table, geometry=shapes, crs=UTM).to_file(path)
    return path


@pytest.fixture
def ground(tmp_path):
    """Return a plain of 300 m with one steep ridge, as a DEM in another system would show it."""
    heights = np.full((140, 140), 300, np.float32)
    heights[:, 70:80] = 600
    origin = (EAST_M - 5_000, NORTH_M + 3 * SIDE_M + 4_000)
    return write_raster(tmp_path / "dem.tif", heights, origin, 90)


@pytest.fixture
def foreign(tmp_path, ground):
    """Return what builds a region of four units whose file has names of its own for columns."""
    names = {"GEN": ["Ay", "Bé", "Ćo", "De"], "EWZ": ["6000", "300", "250", "90"]}
    shapes = [square(c, r) for r in range(2) for c in range(2)]
    units(tmp_path / "units.gpkg", shapes, **names)
    return {
        "communes": tmp_path / "units.gpkg",
        "terrain": [ground],
        "out": tmp_path / "region",
        "country": "generic",
        "stated": {"communes": Stated({columns.POPULATION: "EWZ"})},
    }


def test_a_foreign_region_is_planned_in_its_own_zone(foreign):
    region = build.build_province(**foreign)
    assert region.grid.crs == UTM
    assert region.country == "generic"
    assert region.communes[columns.COMMUNE_CODE].tolist() == ["1", "2", "3", "4"]
    assert region.communes[columns.NAME].tolist() == ["Ay", "Bé", "Ćo", "De"]
    assert region.communes[columns.POPULATION].sum() == 6640
    assert "the units have no code: numbered 1 to 4" in region.provenance["communes"].note
    opened = folder.open_province(foreign["out"])
    assert opened.grid == region.grid
    assert opened.communes.crs == region.communes.crs
    assert len(opened.sites) == len(region.sites) > 0


def test_land_is_forest_where_steep_and_urban_where_dense(foreign):
    """No height of a country's own: the plain at 300 m is no forest, the dense unit is urban."""
    region = build.build_province(**foreign)
    classes, index = region.landcover.values, region.commune_index.values
    level = np.abs(region.terrain.values - 300) < 1
    assert (classes[level & (index >= 0)] != LandCover.FOREST).mean() > 0.9
    assert LandCover.URBAN in classes[index == 0]
    assert LandCover.URBAN not in classes[(index > 0)]


def test_the_same_region_in_another_system_of_metres(foreign):
    region = build.build_province(**foreign, planning="EPSG:25832")
    assert region.grid.crs == "EPSG:25832"
    assert manifest.read(foreign["out"] / manifest.NAME).crs == "EPSG:25832"
    area_km2 = float(region.communes.area.sum()) / 1e6
    assert area_km2 == pytest.approx(4 * (SIDE_M / 1000) ** 2, rel=1e-6)


@pytest.mark.parametrize(
    ("planning", "says"),
    [
        ("EPSG:4326", r"counts in degrees.*such as EPSG:32632 \(WGS 84 / UTM zone 32N\)"),
        ("EPSG:2263", r"counts in US survey foot, not in metres.*EPSG:32632"),
        ("EPSG:3857", r"lengthens or shortens distances here by 5\d\.\d%"),
        ("EPSG:99999", r"is not a coordinate system.*EPSG:32632"),
    ],
)
def test_a_system_that_cannot_carry_a_grid_is_one_error(foreign, planning, says):
    with pytest.raises(InputError, match=says) as caught:
        build.build_province(**foreign, planning=planning)
    assert len(caught.value.defects) == 1
    assert not foreign["out"].exists()


def test_boundaries_of_another_country_are_one_error(foreign):
    stated = {"communes": Stated({columns.POPULATION: "EWZ", columns.COMMUNE_CODE: "GEN"})}
    with pytest.raises(InputError, match=r"lies outside Vietnam.*--country") as caught:
        build.build_province(**(foreign | {"country": "vn", "stated": stated}))
    assert len(caught.value.defects) == 1


def test_islands_beyond_the_stated_distance_stay_in_the_layers_unplanned(tmp_path, ground):
    shapes = [square(0, 0), square(1, 0), square(60, 0)]
    table = {"id_unit": ["a", "b", "c"], "name": ["Main", "Port", "Islet"], "pop": [900, 800, 70]}
    units(tmp_path / "isles.gpkg", shapes, **table)
    stated = {"communes": Stated({columns.COMMUNE_CODE: "id_unit"})}
    out = tmp_path / "isles"
    isles = build.build_province(
        tmp_path / "isles.gpkg", [ground], out, country="generic", stated=stated, far_m=20_000.0
    )
    assert isles.communes[columns.NAME].tolist() == ["Main", "Port", "Islet"]
    assert set(np.unique(isles.commune_index.values)) == {-1, 0, 1}
    assert isles.grid.width * isles.grid.height < 1e6
    note = isles.provenance["communes"].note
    assert "more than 20 km from the planned land" in note
    assert "unplanned: Islet (70 people)" in note
    assert folder.open_province(out).grid == isles.grid


def test_the_limit_counts_land_and_the_frame_round_it(tmp_path, ground, monkeypatch):
    shapes = [square(0, 0), square(60, 0)]
    units(tmp_path / "isles.gpkg", shapes, code=["a", "b"], pop=[900, 70])
    given = (tmp_path / "isles.gpkg", [ground], tmp_path / "out")
    monkeypatch.setattr(build, "MAX_PLANNED", 4_000)
    with pytest.raises(InputError, match=r"plans 5,000 pixels of land, more than 4,000"):
        build.build_province(*given, country="generic")
    monkeypatch.setattr(build, "MAX_PLANNED", 10_000)
    monkeypatch.setattr(build.raster, "MAX_PIXELS", 100_000)
    with pytest.raises(InputError, match=r"--far-km"):
        build.build_province(*given, country="generic")
