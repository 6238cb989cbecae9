"""An audit finds what was spoilt on purpose, and nothing in what is sound."""

import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import box

from phusong import columns
from phusong.geodata import crs
from phusong.geodata.audit import check
from phusong.geodata.audit import province as audit_province
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.provinces import embedded, folder
from phusong.geodata.writers import vector


@pytest.fixture
def copy(mini_folder, tmp_path):
    shutil.copytree(mini_folder, tmp_path / "mini")
    return tmp_path / "mini"


def said(path, level) -> list[str]:
    return [str(f.defect) for f in check.audit(path) if f.level == level]


def audit_of(province, tmp_path, level="warning") -> list[str]:
    folder.save_province(province, tmp_path / "spoilt")
    return said(tmp_path / "spoilt", level)


def test_a_sound_province_gives_notes_only(mini_folder):
    findings = check.audit(mini_folder)
    assert {finding.level for finding in findings} == {"note"}
    text = check.text(findings, "en")
    assert text.endswith(f"0 errors, 0 warnings, {len(findings)} notes")
    for part in (
        "4 communes, 36.0 km2, a valid coverage",
        "35,500 residents, communes 35,500",
        "12 sites on 10 positions",
        "3 zones",
        "landcover synthetic",
        "sites given",
    ):
        assert part in text


def test_overlaps_gaps_and_parts_are_found(mini_province, tmp_path):
    communes = mini_province.communes.copy()
    shapes = communes.geometry.to_numpy().copy()
    west, south, east, north = communes.total_bounds
    x, y = (west + east) / 2, (south + north) / 2
    shapes[0] = shapes[0].difference(box(x - 50, y - 1500, x, y - 1480))  # on the shared edge
    shapes[3] = shapes[3].union(box(x - 10, y + 100, x, y + 1000))
    communes["geometry"] = shapes
    warned = audit_of(replace(mini_province, communes=communes), tmp_path)
    assert any("90003 and 90004 overlap by 0.90 ha" in text for text in warned)
    assert any("a gap of 0.10 ha at 105.5" in text for text in warned)
    notes = said(tmp_path / "spoilt", "note")
    assert any("not a valid coverage" in text for text in notes)


def test_a_province_in_two_parts_is_told(mini_province, tmp_path):
    communes = mini_province.communes.copy()
    shapes = communes.geometry.to_numpy().copy()
    shapes[3] = shapely.centroid(shapes[3]).buffer(1000)
    communes["geometry"] = shapes
    kept = mini_province.sites[columns.COMMUNE_CODE] != "90004"
    sites = mini_province.sites[kept].reset_index(drop=True)
    warned = audit_of(replace(mini_province, communes=communes, sites=sites), tmp_path)
    assert any("the province has 2 parts that do not touch" in text for text in warned)


def test_residents_that_differ_from_the_record_are_told(mini_province, tmp_path):
    values = mini_province.population.values.copy()
    values[mini_province.commune_index.values == 2] *= 2
    values[0, 0] = 70
    spoilt = replace(mini_province, population=Raster(values, mini_province.grid))
    warned = audit_of(spoilt, tmp_path)
    assert any("commune 90003 has 8,000 residents here, 4,000 in its record" in w for w in warned)
    assert any("70 residents lie outside the communes" in text for text in warned)


def test_zones_without_demand_and_communes_without_sites_are_told(mini_province, tmp_path):
    zones = mini_province.zones.copy()
    zones[columns.WORKERS] = 0
    sites = mini_province.sites[mini_province.sites[columns.COMMUNE_CODE] == "90001"]
    spoilt = replace(mini_province, zones=zones, sites=sites.reset_index(drop=True))
    warned = audit_of(spoilt, tmp_path)
    assert any("operating zone I01 has no workers" in text for text in warned)
    assert not any("T01" in text for text in warned)
    assert any("3 communes have no site: Phường Số 2" in text for text in warned)
    bare = replace(mini_province, zones=mini_province.zones.iloc[:0])
    assert any("the province has no zones" in text for text in audit_of(bare, tmp_path))


def test_extremes_and_spikes_of_the_terrain_are_told(mini_province, tmp_path):
    values = mini_province.terrain.values.copy()
    values[120, 120], values[130, 140] = 4000, -90
    spoilt = replace(mini_province, terrain=Raster(values, mini_province.grid))
    warned = audit_of(spoilt, tmp_path)
    assert any("−90 to 4,000 m is more than the terrain of Vietnam has" in w for w in warned)
    assert any("1 pixels stand 150 m above or below all their neighbours" in w for w in warned)


def test_pixels_without_a_class_are_told(mini_province, tmp_path):
    values = mini_province.landcover.values.copy()
    inside = np.argwhere(mini_province.commune_index.values >= 0)
    values[tuple(inside[:7].T)] = 0
    spoilt = replace(mini_province, landcover=Raster(values, mini_province.grid, 0))
    warned = audit_of(spoilt, tmp_path)
    assert any("7 pixels of the province have no class" in text for text in warned)


def test_a_folder_that_does_not_open_gives_its_defects_as_errors(copy):
    (copy / "terrain.tif").unlink()
    (copy / "sites.geojson").unlink()
    errors = said(copy, "error")
    assert len(errors) == 2
    assert all("no such file" in text for text in errors)
    assert check.text(check.audit(copy), "en").endswith("2 errors, 0 warnings, 0 notes")


def test_sites_outside_are_errors(copy, mini_province):
    sites = mini_province.sites.copy()
    shapes = sites.geometry.to_numpy().copy()
    shapes[4] = shapely.transform(shapes[4], lambda xy: xy + 20_000)
    vector.write_geojson(copy / "sites.geojson", sites.set_geometry(shapes, crs=crs.PLANNING))
    errors = said(copy, "error")
    assert len(errors) == 1
    assert "sites.geojson:5" in errors[0]
    assert "km outside the province" in errors[0]


def test_a_site_on_the_border_is_not_outside(copy, mini_province):
    """What the reader takes, the audit does not call an error."""
    sites = mini_province.sites.copy()
    shapes = sites.geometry.to_numpy().copy()
    west = mini_province.communes.total_bounds[0]
    shapes[3] = shapely.Point(west - 0.5, shapes[3].y)
    sites = sites.set_geometry(shapes, crs=crs.PLANNING)
    commune = mini_province.communes.geometry.distance(shapes[3]).argmin()
    code = mini_province.communes[columns.COMMUNE_CODE].iloc[commune]
    sites.loc[3, columns.COMMUNE_CODE] = code
    vector.write_geojson(copy / "sites.geojson", sites, exact=True)
    assert said(copy, "error") == []


def test_single_files_are_audited_by_what_they_are(tmp_path):
    communes = embedded.admin.reference_communes()
    vector.write_geojson(tmp_path / "communes.geojson", communes)
    assert "136 usable communes of the reference province, 1,151,154 residents" in check.text(
        check.audit(tmp_path / "communes.geojson"), "en"
    )
    centre = communes.representative_point()
    sites = gpd.GeoDataFrame({"site_id": communes[columns.COMMUNE_CODE]}, geometry=centre)
    vector.write_csv(tmp_path / "sites.csv", sites)
    notes = said(tmp_path / "sites.csv", "note")
    assert any("136 usable sites" in text for text in notes)
    assert any("assumed: operator unknown for 136 of 136 rows" in text for text in notes)
    zone = gpd.GeoDataFrame({"kind": ["urban"]}, geometry=centre[:1].buffer(300), crs=crs.PLANNING)
    vector.write_geojson(tmp_path / "zones.geojson", zone)
    assert any("1 usable zone" in text for text in said(tmp_path / "zones.geojson", "note"))
    zone[columns.KIND] = "war"
    vector.write_geojson(tmp_path / "zones.geojson", zone)
    assert any("is none of urban" in text for text in said(tmp_path / "zones.geojson", "error"))


def test_a_raster_file_tells_its_size_range_and_voids(tmp_path):
    grid = Grid(555_000, 2_361_000, 40, 30, crs="EPSG:5897")
    values = np.arange(1200, dtype=np.float32).reshape(grid.shape)
    values[:3] = np.nan
    raster.write_cog(tmp_path / "a.tif", Raster(values, grid), description="", unit="m")
    (note,) = (f for f in said(tmp_path / "a.tif", "note") if "pixels of 30 in" in f)
    assert note.endswith("40 x 30 pixels of 30 in EPSG:5897, 120 to 1199, 10.00% without a value")


def test_the_manifest_stands_for_its_folder(copy):
    assert check.audit(copy / "province.toml") == check.audit(copy)


def test_info_tells_the_figures(mini_province):
    lines = audit_province.info(mini_province, "en").splitlines()
    assert lines[0] == "province    Mini, units of 2020-03"
    assert lines[1] == "communes    4 in 2 districts, 36.0 km2"
    assert lines[2] == "residents   35,500 (not stated)"
    assert lines[3] == "sites       12 BTS on 10 positions"
    assert lines[4] == "zones       1 industrial, 1 tourism, 1 urban"
    assert lines[5].startswith("terrain     10 to 2")
    assert "EPSG:5897" in lines[6]
    assert len(lines) == 7 + len(mini_province.provenance)
