"""Phú Thọ since July 2025, on a made map: its 148 units as squares, with a 200th of the people."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.files import raster
from phusong.geodata.files.table import Stated
from phusong.geodata.grid import Raster, covering
from phusong.geodata.provinces import embedded, folder, merged, reported
from phusong.geodata.provinces.build import build_province
from phusong.geodata.units import boundaries, crosswalk, unit_sets
from phusong.geodata.writers import vector
from phusong.scenarios.candidates import demand, places
from phusong.scenarios.config import schema
from phusong.scenarios.plan import explain, shares

WEST_M, SOUTH_M, SIDE_M, ACROSS = 550_000.0, 2_350_000.0, 600.0, 13
FEWER = 200
WARDS = "phutho_2025_wards.geojson"


@pytest.fixture(scope="module")
def squares():
    table = crosswalk.merged()
    at = [divmod(i, ACROSS) for i in range(len(table))]
    corners = [(WEST_M + x * SIDE_M, SOUTH_M + y * SIDE_M) for y, x in at]
    return gpd.GeoDataFrame(
        {
            "ma_xa": table["code"],
            "ten_xa": table["type"].map({"phuong": "Phường ", "xa": "Xã "}) + table["name"],
            "dan_so": (table["population"] / FEWER).round().astype(int),
        },
        geometry=[box(x, y, x + SIDE_M, y + SIDE_M) for x, y in corners],
        crs="EPSG:5897",
    )


@pytest.fixture(scope="module")
def built(squares, tmp_path_factory):
    root = tmp_path_factory.mktemp("merged")
    squares.to_crs("EPSG:4326").to_file(root / "wards.geojson")
    grid = covering(tuple(squares.total_bounds), margin_m=3_600.0, crs="EPSG:5897")
    flat = Raster(np.full(grid.shape, 20.0, np.float32), grid)
    raster.write_cog(root / "made.tif", flat, description="height", unit="m")
    return build_province(root / "wards.geojson", [root / "made.tif"], root / "province")


def test_the_table_of_units_is_whole():
    table = crosswalk.merged()
    counts = table.groupby("former_province").size().to_dict()
    assert counts == {"Hòa Bình": 46, "Phú Thọ": 66, "Vĩnh Phúc": 36}
    assert table["population"].sum() == 4_014_299
    assert table["code"].is_unique
    part = table[table["former_province_code"] == "26"]
    assert set(part["code"]) == set(unit_sets.names("2025-07"))
    assert dict(zip(part["code"], part["name"].map(unit_sets.plain), strict=True)) == (
        unit_sets.names("2025-07")
    )


def test_the_merged_province_is_known_by_its_units(built, squares):
    assert (built.name, built.units, len(built.communes)) == ("Phú Thọ", "2025-07", 148)
    assert built.districts.empty
    assert merged.is_merged(built.communes)
    assert not embedded.is_reference(built.communes)
    part = built.communes[built.communes[col.COMMUNE_CODE].isin(unit_sets.names("2025-07"))]
    assert not merged.is_merged(part)
    assert embedded.is_reference(part)
    assert embedded.known_name(part) == "Vĩnh Phúc"
    assert built.communes[col.POPULATION].sum() == squares["dan_so"].sum()


def test_it_gets_stations_by_residents_and_its_own_5g(built):
    people = int(built.communes[col.POPULATION].sum())
    of_5g = built.sites[built.sites[col.TECHNOLOGIES] == "5G"]
    stations = round(1000 * people / 4_014_299)
    assert len(of_5g) == stations == built.baseline.stations == 5
    assert set(of_5g[col.OPERATOR]) == {"Viettel"}
    register = crosswalk.merged().query("former_province_code == '26'")["population"].sum()
    assert merged.site_count(register) == reported.reported("26")[-1].stations == 3150
    others = len(built.sites) - len(of_5g)
    assert others == pytest.approx(3150 * people / register, abs=6)  # less what 5G it had before
    start = built.baseline
    assert (start.date, start.placement) == ("2025-12-31", "counted")
    assert "64 zones of former Vĩnh Phúc" in built.provenance["zones"].source or built.zones.empty


def test_its_folder_opens_with_the_same_baseline(built, tmp_path):
    folder.save_province(built, tmp_path / "again")
    again = folder.open_province(tmp_path / "again")
    assert again.baseline == built.baseline
    assert again.provenance["sites"] == built.provenance["sites"]


def test_its_communes_restate_on_the_set_they_are_of(built):
    frame = built.communes.assign(**{col.SITES: 1})
    same = crosswalk.restate(frame, "2025-07", "2025-07")
    assert list(same[col.COMMUNE_CODE]) == sorted(frame[col.COMMUNE_CODE])
    assert same[col.POPULATION].sum() == frame[col.POPULATION].sum()
    assert same[col.LINK_VERIFIED].all()
    with pytest.raises(ValueError, match="cannot be"):
        crosswalk.restate(frame, "2020-03", "2025-07")


def test_urban_areas_and_parks_are_held_against_what_is_published(built):
    scenario = schema.load("urban", ["rollout.start=2026"])
    study, _ = demand.checked_study(built, scenario)
    live = places.live_5g(built)
    wards = (study.zones[col.CATEGORY] == "ward").sum()
    (row,) = shares.zone_checks(study, live)
    assert (row["name"], row["expected"]) == ("zones_with_5g", ">= 1.0")
    assert 0 < row["value"] < 1  # five stations, and more wards
    assert not row["ok"]
    every = study.zones.set_geometry(study.zones.centroid)
    assert shares.zone_checks(study, every)[0]["ok"]
    assert wards == 15


def test_a_plan_that_begins_before_its_baseline_is_told_so(built, mini_province):
    (told,) = explain.begun_late(built.baseline, 2024)
    assert "rollout.start=2026" in str(told)
    assert not explain.begun_late(built.baseline, 2026)
    assert not explain.begun_late(mini_province.baseline, 2024)


def test_the_published_polygons_are_read_repaired_and_stay_valid_in_a_folder(tmp_path):
    """The real polygons are the owner's: they ship nowhere, and this is skipped without them."""
    path = Path(__file__).resolve().parents[4] / "shared" / "provinces" / WARDS
    if not path.is_file():
        pytest.skip(f"shared/provinces/{WARDS} is not beside the checkout")
    with pytest.raises(InputError, match=r"04849.*overlaps '04846' by 1\.6 ha"):
        boundaries.read_communes(path)
    read = boundaries.read_communes(path, Stated(repair=True))
    vector.write_geojson(tmp_path / "communes.geojson", read, exact=True)
    again = boundaries.read_communes(tmp_path / "communes.geojson")
    assert merged.is_merged(again)
    assert unit_sets.date_of(again[col.COMMUNE_CODE]) == "2025-07"
    table = crosswalk.merged().set_index("code")["population"]
    assert again.set_index(col.COMMUNE_CODE)[col.POPULATION].to_dict() == table.to_dict()
    assert again.area.sum() / 1e6 == pytest.approx(9_360, rel=0.002)
