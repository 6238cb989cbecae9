"""An audit reports every defect planted in a sound list, and invents none."""

import csv
import json
import unicodedata

import geopandas as gpd
import numpy as np
import operator_list as made
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.audit import cells as audit_cells
from phusong.geodata.audit import check, findings, province, rasters, units
from phusong.geodata.audit import sites as audit_sites
from phusong.geodata.files import tables
from phusong.geodata.files.table import Stated
from phusong.geodata.network import coordinates, positions, sites
from phusong.geodata.provinces import embedded
from phusong.geodata.units import admin, unit_sets
from phusong.geodata.writers import vector


@pytest.fixture(scope="module")
def reference():
    return embedded.reference_province()


@pytest.fixture(scope="module")
def ground(reference):
    return province.ground_of(reference)


@pytest.fixture(scope="module")
def spoilt(reference, ground, tmp_path_factory):
    """Return the findings of a spoilt list, what was planted, and its path."""
    rows = made.sound_sites(reference, 400)
    planted = made.plant(rows, ground)
    path = made.write(tmp_path_factory.mktemp("list") / "bts.csv", rows)
    return audit_sites.audit(tables.read(path, sites.HEADERS), ground), planted


def serious(found):
    return [finding for finding in found if finding.level != "note"]


def test_a_sound_list_has_no_errors_and_no_warnings(reference, ground, tmp_path):
    path = made.write(tmp_path / "bts.csv", made.sound_sites(reference, 400))
    found = audit_sites.audit(tables.read(path, sites.HEADERS), ground)
    assert serious(found) == []
    assert {finding.check for finding in found} == {"shared-mast"}


@pytest.mark.parametrize("kind", made.KINDS)
def test_every_planted_defect_is_reported_in_its_row(spoilt, kind):
    found, planted = spoilt
    defect = next(item for item in planted if item.kind == kind)
    said = [f"{f.check} {f}" for f in found if f.defect.row == defect.row]
    assert any(defect.says in text for text in said), said


def test_nothing_is_reported_of_rows_that_are_sound(spoilt):
    found, planted = spoilt
    assert len(planted) >= 40
    assert {f.defect.row for f in serious(found)} == {item.row for item in planted}


def test_what_is_checked_is_refused_and_what_is_refused_was_checked(reference, ground, tmp_path):
    """The reader of a run and the audit agree, on every kind of defect, on the rows it stops at."""
    rows = made.sound_sites(reference, 400)
    made.plant(rows, ground)
    path = made.write(tmp_path / "bts.csv", rows)
    found = audit_sites.audit(tables.read(path, sites.HEADERS), ground)
    with pytest.raises(InputError) as caught:
        sites.read_sites(path, reference.communes)
    checked = {finding.defect.row for finding in found if finding.level == "error"}
    assert {defect.row for defect in caught.value.defects} == checked


def test_every_finding_says_why_and_has_its_value_and_place(spoilt):
    found, _ = spoilt
    assert all(finding.why and finding.check for finding in found)
    dated = next(f for f in found if f.check == "changed-code")
    assert dated.defect.value == "2025-03-12"
    assert dated.defect.column == made.CODE
    assert 105 < dated.lon < 106
    assert 21 < dated.lat < 22


def test_findings_as_text_json_and_points(spoilt):
    found, _ = spoilt
    document = json.loads(findings.as_json(found, "en"))
    assert document["counts"] == findings.counts(found)
    assert len(document["findings"]) == len(found)
    keys = {"level", "check", "file", "row", "column", "value", "problem", "why", "remedy"}
    assert keys <= set(document["findings"][0])
    points, placed = findings.as_points(found, "en")
    read = gpd.read_file(points)
    assert len(read) == placed > 20
    assert set(read["level"]) <= set(findings.LEVELS)
    text = findings.text(found, "en")
    counts = findings.counts(found)
    assert text.endswith(f"{counts['note']} notes")


def test_many_findings_of_a_kind_are_counted_not_listed():
    one = findings.Finding("warning", findings.Defect("a.csv", "is odd", row=2), "oddity")
    lines = findings.text([one] * 25, "en").splitlines()
    assert len(lines) == findings.SHOWN_PER_CHECK + 2
    assert "oddity: ... and 15 more" in lines[-2]
    assert lines[-1] == "0 errors, 25 warnings, 0 notes"


# Cells

CELL = {
    "site_id": "A",
    "cell_id": "",
    "lon": "105.597121",
    "lat": "21.308941",
    "operator": "Viettel",
    "band": "B3",
    "frequency_mhz": "1840",
    "azimuth_deg": "0",
    "mechanical_tilt_deg": "2",
    "power_dbm": "46",
    "height_m": "30",
    "antenna": "sector",
}
CELLS = {
    "band-not-held": {"band": "n41", "frequency_mhz": "2550", "operator": "VNPT"},
    "frequency-not-in-band": {"frequency_mhz": "2140"},
    "unusual-power": {"power_dbm": "58"},
    "unusual-tilt": {"mechanical_tilt_deg": "-8"},
    "is not a number from -30 to 60": {"power_dbm": "80"},
    "is not a number from -30 to 45": {"mechanical_tilt_deg": "60"},
    "the azimuth is missing": {"azimuth_deg": ""},
    "is not an azimuth from 0 to 360": {"azimuth_deg": "400"},
    "is not a band": {"band": "B99", "frequency_mhz": ""},
    "is not an antenna": {"antenna": "dish"},
    "leads out of the folder": {"antenna": "../../secret.msi"},
    "the cell has no site": {"site_id": ""},
    "unusual-height": {"height_m": "120"},
}


def write_cells(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(CELL))
        writer.writeheader()
        writer.writerows(rows)
    return path


def audit_cells_of(path, ground):
    return audit_cells.audit(tables.read(path, check._UNITS), ground)


def test_sound_cells_have_no_findings_and_spoilt_ones_each_theirs(ground, tmp_path):
    sound = [
        CELL | {"site_id": f"S{i // 3}", "cell_id": f"S{i}", "azimuth_deg": str(i % 3 * 120)}
        for i in range(45)
    ]
    path = write_cells(tmp_path / "cells.csv", sound)
    assert audit_cells_of(path, ground) == []
    for i, change in enumerate(CELLS.values()):
        sound[i * 3] |= change
    sound[43] |= {"azimuth_deg": "10"}
    found = audit_cells_of(write_cells(path, sound), ground)
    for i, says in enumerate(CELLS):
        of_row = [f"{f.check} {f}" for f in found if f.defect.row == i * 3 + 2]
        assert any(says in text for text in of_row), (says, of_row)
    assert [f.check for f in found if f.defect.row == 45] == ["close-sectors"]
    rows = {f.defect.row for f in found}
    assert rows == {45, *(i * 3 + 2 for i in range(len(CELLS)))}


@pytest.mark.parametrize(
    ("band", "frequency", "expected"),
    [
        ("", 1840.0, {"Viettel", "VNPT", "MobiFone", "Gtel"}),
        ("", 3750.0, {"VNPT"}),
        ("", 3850.0, {"MobiFone"}),
        ("n77", np.nan, {"VNPT", "MobiFone"}),
        ("B40", np.nan, set()),
        ("n28", np.nan, None),
        ("", 5000.0, None),
    ],
)
def test_holders_of_bands(band, frequency, expected):
    assert audit_cells.holders(band, frequency) == expected


NUMBERS = st.one_of(st.text(max_size=8), st.floats().map(repr), st.integers().map(str))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(NUMBERS, min_size=12, max_size=12), min_size=1, max_size=4),
    cells=st.booleans(),
)
def test_an_audit_of_any_text_ends_with_findings(ground, tmp_path_factory, rows, cells):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    head = list(CELL) if cells else list(made.sound_sites_columns())
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    found = check._file(path, ground, Stated())
    assert found
    assert json.loads(findings.as_json(found, "en"))["counts"] == findings.counts(found)


# Named communes, coordinates


def test_communes_are_known_under_every_way_of_writing():
    for text in ("Phường Tích Sơn", "P. Tích Sơn", "tich son", "P.TÍCH SƠN", "phuong tich son"):
        assert admin.plain(text) == "tichson"
    assert admin.is_later_unit("Phường Vĩnh Yên")
    assert not admin.is_later_unit("Xã Không Có")


@pytest.mark.parametrize("epsg", ["EPSG:5897", "EPSG:3405", "EPSG:32648", "EPSG:9208"])
def test_the_grid_of_a_list_is_recognised_by_the_communes_it_names(reference, tmp_path, epsg):
    rows = made.sound_sites(reference, 300)
    for i in range(len(rows)):
        made.metric(epsg)(rows, i, None)
    path = made.write(tmp_path / "bts.csv", rows)
    table = tables.read(path, sites.HEADERS)
    found = sites.headers_of(table)
    assert coordinates.axes_of(table, found, reference.communes).crs == epsg
    read = sites.read_sites(path, reference.communes).sites
    true = reference.sites.set_index(col.SITE_ID).geometry.loc[read[col.SITE_ID]]
    assert read.geometry.distance(gpd.GeoSeries(true.to_numpy(), crs=crs.PLANNING)).max() < 0.2
    said = coordinates.reading_notes(table, found, reference.communes)
    assert [epsg in text for text in said] == [True]


def test_a_stated_grid_is_taken_at_its_word(reference, tmp_path):
    rows = made.sound_sites(reference, 50)
    for i in range(len(rows)):
        made.metric("EPSG:3405")(rows, i, None)
        del rows[i][made.COMMUNE], rows[i][made.DISTRICT]
    path = made.write(tmp_path / "bts.csv", rows)
    stated = sites.read_sites(path, reference.communes, stated=Stated(crs="EPSG:3405")).sites
    true = reference.sites.set_index(col.SITE_ID).geometry.loc[stated[col.SITE_ID]]
    assert stated.distance(gpd.GeoSeries(true.to_numpy(), crs=crs.PLANNING)).max() < 0.2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("105°36'18\"E", 105.605),
        ("105° 36' 18,0″", 105.605),
        ("105 36 18", 105.605),
        ("105:36:18", 105.605),
        ("E105°36.3'", 105.605),
        ("21°18'36''N", 21.31),
        ("8°4'6\"S", -8.068333333333),
        ("560 500", 560_500.0),
        ("2 356 283,5", 2_356_283.5),
        ("105 99 18", None),  # 99 minutes, and no groups of three digits
        ("105.605", 105.605),
        ("x", None),
    ],
)
def test_degrees_in_any_form_and_numbers_that_are_none(text, value):
    assert positions.coordinate(text) == pytest.approx(value) if value else value is None


# Polygons


@pytest.fixture
def communes(tmp_path):
    frame = embedded.admin.reference_communes()
    vector.write_geojson(tmp_path / "communes.geojson", frame)
    return frame, tmp_path / "communes.geojson"


def audit_communes(path):
    return units.audit(tables.read(path, check._UNITS))


def test_the_reference_communes_are_sound(communes):
    _, path = communes
    assert serious(audit_communes(path)) == []


def test_defects_of_polygons_are_each_found(communes):
    frame, path = communes
    shapes = frame.geometry.to_numpy().copy()
    point = shapes[3].representative_point()
    shapes[3] = shapes[3].difference(point.buffer(60))  # a gap
    x, y = shapes[20].representative_point().coords[0]
    shapes[21] = shapes[21].union(shapely.box(x, y, x + 40, y + 40))  # an overlap and a part
    shapes[30] = shapes[30].union(shapely.box(x + 90, y, x + 91, y + 900))  # a sliver
    frame = frame.set_geometry(shapes, crs=crs.PLANNING)
    frame[col.NAME] = frame[col.NAME].mask(
        frame.index == 5, unicodedata.normalize("NFD", frame[col.NAME][5])
    )
    frame.loc[7, col.COMMUNE_CODE] = "99999"
    frame.loc[8, col.NAME] = "Vĩnh Yên"
    frame.loc[40:80, col.POPULATION] = (frame.loc[40:80, col.POPULATION] * 1.17).astype(int)
    vector.write_geojson(path, frame)
    found = audit_communes(path)
    checks = {f.check for f in serious(found)}
    assert {"gap", "overlap", "sliver", "decomposed-letters", "unknown-code"} <= checks
    assert any("is not a code of the units of 2020-03" in str(f.defect.problem) for f in found)
    assert any("has another name in the units" in str(f.defect.problem) for f in found)
    mixed = next(f for f in found if "bases are mixed" in str(f.defect.problem))
    assert "41 differ by about +17%" in str(mixed.defect.problem)
    gap = next(f for f in found if f.check == "gap")
    lon, lat = crs.transform([point.x], [point.y], crs.PLANNING, crs.GEOGRAPHIC)
    assert (gap.lon, gap.lat) == pytest.approx((lon[0], lat[0]), abs=1e-3)


def test_an_invalid_ring_is_an_error(communes):
    frame, path = communes
    x, y = frame.geometry[0].representative_point().coords[0]
    bow = shapely.Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    frame.loc[0, "geometry"] = bow
    vector.write_geojson(path, frame)
    errors = [f for f in check.audit(path) if f.level == "error"]
    assert any("its polygon is not valid" in str(f) for f in errors)


def test_the_basis_of_residents_is_always_said(communes):
    frame, path = communes
    frame["pop_register"] = frame[col.POPULATION] * 2
    vector.write_geojson(path, frame.rename(columns={col.POPULATION: "pop_2019"}))
    (note,) = unit_sets.notes(*_recognised(path))
    assert note == ("residents from 'pop_2019': census of 1 April 2019, not from 'pop_register'")
    assert unit_sets.raster_note(1_000_000, 1_000_000) == ""
    assert "+17% against the communes'" in unit_sets.raster_note(1_170_000, 1_000_000)


def _recognised(path):
    names = embedded.admin and check.boundaries.COMMUNE_HEADERS
    table = tables.read(path, names)
    return table, tables.recognise(table, names)


# Rasters


@pytest.fixture(scope="module")
def dem(ground, tmp_path_factory):
    """Return what writes the province's terrain, changed, as a file and audits it."""
    folder = tmp_path_factory.mktemp("dem")

    def audit(change, **profile):
        grid = ground.terrain.grid
        values = change(ground.terrain.values.astype(np.float32).copy())
        options = {"crs": grid.crs, "transform": grid.transform, "nodata": -32768} | profile
        path = folder / "dem.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            dtype="float32",
            count=1,
            height=values.shape[0],
            width=values.shape[1],
            **options,
        ) as target:
            target.write(values, 1)
        return rasters.audit(path, ground)

    return audit


def holed(values):
    values[900:920, 900:920] = -32768
    return values


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda v: v * 3.28084, "it may be in feet"),
        (lambda v: v * 10, "it may be in decimetres"),
        (lambda v: v - 28, "heights above the ellipsoid?"),
        (holed, "have no value"),
        (lambda v: np.where(v > 1500, 9000, v), "more than the terrain of Vietnam has"),
    ],
)
def test_oddities_of_height_are_told(dem, change, says):
    assert any(says in str(f) for f in serious(dem(change)))


def test_sound_terrain_has_notes_only(dem):
    assert serious(dem(lambda values: values)) == []


def test_voids_have_a_place(dem):
    found = [f for f in dem(holed) if f.check == "void-place"]
    assert len(found) == 1
    assert 105 < found[0].lon < 106


def test_a_raster_elsewhere_is_told(dem, ground):
    grid = ground.terrain.grid
    away = from_origin(grid.x_min_m + 500_000, grid.y_max_m, 30, 30)
    found = dem(lambda values: values, transform=away)
    assert any("does not reach the province" in str(f) for f in found)


# Folders of files


def test_a_digit_that_a_list_lost_is_found_beside_its_measurements(tmp_path):
    (tmp_path / "drive.csv").write_text(
        "lat,lon,rsrp,cellLon,cellLat\n"
        "-8.0776,-34.8993,-90,-34.91,-8.07\n-8.0775,-34.8992,0,-34.8992,-8.0775\n"
    )
    (tmp_path / "bts.csv").write_text(
        "BTS_ID;lat;lon;band;azimuth\nB1;-8.068361;-3.489272;L1800;0\nB2;-8.07;-34.9;L1800;0\n"
    )
    found = check.audit(tmp_path)
    lost = [f for f in found if f.check == "lost-digit"]
    assert [f.defect.row for f in lost] == [2]
    assert "a digit is missing: -34.89272 lies among" in str(lost[0].defect.problem)
    assert {f.check for f in found if f.defect.source.endswith("drive.csv")} >= {
        "impossible-level",
        "cell-at-vehicle",
    }


def test_links_out_of_a_folder_are_told_and_not_read(tmp_path):
    (tmp_path / "secret.csv").write_text("site_id,lon,lat\nX,1,2\n")
    inside = tmp_path / "data"
    inside.mkdir()
    (inside / "roads.csv").write_text("a,b\n1,2\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    found = check.audit(inside)
    assert [f.check for f in found if f.level == "warning"] == ["link"]
    assert not any("secret" in str(f) for f in found)


def test_what_does_not_exist_is_an_error(tmp_path):
    (found,) = check.audit(tmp_path / "none")
    assert str(found).endswith("no such file or folder")
