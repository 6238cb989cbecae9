"""An audit says what is known of whole files: the shared data, sets of units, bases of people."""

import re
import unicodedata
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.audit import check, rasters
from phusong.geodata.audit import province as audit_province
from phusong.geodata.audit import sites as audit_sites
from phusong.geodata.audit import units as audit_units
from phusong.geodata.files import tables
from phusong.geodata.network import sites
from phusong.geodata.units import admin, boundaries, crosswalk, unit_sets
from phusong.geodata.writers import vector

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the shared data is not beside the project"
)


# Faults that the shared data's own description lists, by what the audit says of them.
KNOWN_FAULTS = {
    "lines thinned between the communes": "communes.geojson: 35% of the borders' length",
    "a commune of two parts": "communes.geojson:104: 09061 has 2 parts (2.84 km2 and 1.53 km2)",
    "urban residents of an earlier status": "7 wards and townships have no residents in",
    "units of 2020 to 2024": "communes.geojson: holds 136 of the 136 units of 2020-03",
    "units of July 2025": "communes_2025.geojson: holds 36 of the 36 units of 2025-07",
    "areas 3 % off": "communes_2025.geojson: areas differ from those known of the units by +0.0%, "
    "at most -3.0%",
    "two bases of residents": "pop_2019': census of 1 April 2019, not from 'pop_register'",
    "an estimate beside": "pop_2019': census of 1 April 2019, not from 'pop_2025_est'",
    "points of three decimals": "136 of 136 places are coarse; the first has 3 decimals at most",
    "voids that were filled": "marks 705 pixels as void (0.10%)",
    "cells below the sea": "34 pixels lie below 0 m, the lowest at −60 m",
    "a radar surface": "its plains is rough by 1.8 m",
    "roads without a class": "osm2018_roads.geojson: lines have no class",
    "places of whole minutes": "the first is a whole minute of arc",
    "a lost digit": "recife_bts.csv:2, column 'lon', value '-3.489272': a digit is missing",
    "semicolons": "recife_bts.csv: cells are separated by semicolons",
    "cells at the vehicle": "dortmund_lte_o2_urban.csv:554: the cell lies at the vehicle",
    "sectors at one place": "dortmund_lte_o2_highway.csv: cells are told by place only: 17 places",
}


@pytest.fixture(scope="module")
def shared_findings():
    return check.audit(SHARED)


@needs_shared
@pytest.mark.parametrize("fault", KNOWN_FAULTS)
def test_the_known_faults_of_the_shared_data_are_found(shared_findings, fault):
    assert any(KNOWN_FAULTS[fault] in str(f) for f in shared_findings)


@needs_shared
def test_nothing_else_is_said_against_the_shared_data(shared_findings):
    """Every error and warning is one of a fault that the data's description lists."""
    checks = {
        (Path(f.defect.source).stem.split("_lte_")[0], f.check) for f in serious(shared_findings)
    }
    assert checks == {
        ("communes_facts", "coarse-position"),
        ("places_geonames", "coarse-position"),
        ("dem_srtm3_vinhphuc", "extremes"),
        ("dem_void_mask", "void"),
        ("dortmund", "cell-at-vehicle"),
        ("recife_bts", "lost-digit"),
        ("recife_bts", "unusable-row"),  # another country, GSM: not for this province
    }


@needs_shared
def test_a_mask_of_voids_counts_those_of_the_province():
    """The description says 705 in all, 111 in the province, 58 in the largest hole."""
    communes = boundaries.read_communes(SHARED / "communes.geojson")
    ground = audit_province.open_ground(None)._replace(communes=communes)
    said = str(rasters.audit(SHARED / "dem_void_mask.tif", ground)[1])
    assert (
        "705 pixels as void (0.10%), 111 of them in the province; the largest hole has 58" in said
    )


@pytest.fixture
def communes(tmp_path):
    frame = admin.reference_communes()
    vector.write_geojson(tmp_path / "communes.geojson", frame)
    return frame, tmp_path / "communes.geojson"


def audit_communes(path):
    return audit_units.audit(tables.read(path, boundaries.COMMUNE_HEADERS))


def recognised(path):
    table = tables.read(path, boundaries.COMMUNE_HEADERS)
    return table, tables.recognise(table, boundaries.COMMUNE_HEADERS)


def serious(found):
    return [finding for finding in found if finding.level != "note"]


def by_check(found, name):
    return next(f for f in found if f.check == name)


# Dated sets of units


@pytest.mark.parametrize(("date", "count"), [("2020-03", 136), ("2025-01", 121), ("2025-07", 36)])
def test_each_set_of_units_is_recognised(tmp_path, date, count):
    frame = crosswalk.restate(admin.reference_communes(), date)
    path = tmp_path / "communes.geojson"
    vector.write_geojson(path, frame)
    found = audit_communes(path)
    assert f"holds {count} of the {count} units of {date}" in str(by_check(found, "units"))
    assert serious(found) == []
    assert unit_sets.date_of(frame[col.COMMUNE_CODE]) == date
    table, names = recognised(path)
    assert unit_sets.basis(table, names) == unit_sets.CENSUS  # told by the figures alone
    assert sum(unit_sets.census(date).values()) == 1_151_154
    vector.write_geojson(path, frame.iloc[2:])
    lacking = by_check(audit_communes(path), "missing-unit")
    assert lacking.level == "warning"
    assert "lacks 2 of these units: " + ", ".join(frame[col.COMMUNE_CODE][:2]) in str(lacking)


def test_a_unit_of_another_set_is_named_with_its_set(tmp_path):
    frame = crosswalk.restate(admin.reference_communes(), "2025-07")
    old = admin.reference_communes().set_index(col.COMMUNE_CODE)
    code = next(c for c in old.index if c not in set(frame[col.COMMUNE_CODE]))
    frame.loc[4, [col.COMMUNE_CODE, col.NAME]] = code, old.loc[code, col.NAME]
    path = tmp_path / "communes.geojson"
    vector.write_geojson(path, frame)
    said = str(by_check(audit_communes(path), "unknown-code"))
    assert f"'{code}': is of the units of 2020-03, the file mostly holds those of 2025-07" in said


def test_fine_borders_are_not_called_coarse():
    angles = np.linspace(0, 2 * np.pi, 721)
    fine = shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) * 10_000)
    coarse = fine.simplify(300)
    names = ["A"]
    assert list(audit_units._borders("f", np.array([fine]), names)) == []
    (found,) = audit_units._borders("f", np.array([coarse]), names)
    assert "100% of the borders' length is straight for more than 300 m" in str(found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Xã Phương Khoan", "Phương Khoan"),  # a name that begins like a type
        ("PHƯƠNG KHOAN", "Phương Khoan"),
        ("Phuong Khoan", "Phương Khoan"),
        ("xa phuong khoan", "Phương Khoan"),
        (unicodedata.normalize("NFD", "Xã Phương Khoan"), "Phương Khoan"),
        ("P. Tích Sơn", "Tích Sơn"),
        ("PHƯỜNG TÍCH SƠN", "Tích Sơn"),
        ("phuong tich son", "Tích Sơn"),
    ],
)
def test_a_commune_is_known_however_it_is_written(tmp_path, text, name):
    frame = admin.reference_communes()
    (tmp_path / "a.csv").write_text(f"site_id,lon,lat,Xã\nA,105.6,21.3,{text}\n")
    table = tables.read(tmp_path / "a.csv", sites.HEADERS)
    (row,) = admin.rows_named(table, sites.headers_of(table), frame)
    assert frame[col.NAME][row] == name


def test_every_commune_is_known_by_its_full_name_and_by_its_name():
    frame, table = admin.reference_communes(), crosswalk.reference.table("communes")
    for written in (table["commune_full"], table["commune"]):
        assert [admin.plain(n) for n in written] == list(unit_sets.names("2020-03").values())
    assert len(frame) == len(table)


def test_a_commune_that_is_misspelt_gets_a_proposal(tmp_path):
    path = tmp_path / "bts.csv"
    path.write_text("site_id,lon,lat,Xã\nA,105.584012,21.307034,Tich Sonn\nB,105.6,21.31,Qqqq\n")
    found = audit_sites.audit(tables.read(path, sites.HEADERS), audit_province.open_ground(None))
    remedies = [str(f.defect.remedy) for f in found if f.check == "unknown-commune"]
    assert remedies[0] == "did you mean Tích Sơn?"
    assert remedies[1].startswith("use the units of the province")


def test_a_digit_that_a_metric_coordinate_lost_is_proposed(tmp_path):
    path = tmp_path / "bts.csv"
    rows = "".join(f"S{i},{558_000 + 40 * i},{2_355_000 + 30 * i}\n" for i in range(20))
    path.write_text(f"site_id,x_m,y_m\n{rows}L,55846.25,2355442.9\n")
    found = audit_sites.audit(tables.read(path, sites.HEADERS), audit_province.open_ground(None))
    (error,) = [f for f in found if f.level == "error"]
    assert "it would lie inside with easting 558462.5 (a digit is missing)" in str(error)


def test_azimuths_may_be_written_with_hyphens(tmp_path):
    path = tmp_path / "bts.csv"
    path.write_text("site_id,lon,lat,azimuths_deg\nA,105.584012,21.307034,0-120-240\n")
    read = sites.read_sites(path, admin.reference_communes()).sites
    assert read[col.AZIMUTHS_DEG].tolist() == ["0/120/240"]


# Residents on one basis


@pytest.mark.parametrize(
    ("header", "factor", "rows", "problem"),
    [
        ("population", 1.0, 0, ""),
        ("population", 1.17, 136, ""),  # wholly on another basis, which the header leaves open
        ("population", 1.17, 40, "96 communes have the figure of the census.*40 differ .*17%"),
        ("pop_2019", 1.17, 136, "'pop_2019' is called census of 1 April 2019, 136 differ"),
        ("pop_register", 1.17, 136, ""),
    ],
)
def test_residents_on_two_bases_are_an_error(communes, header, factor, rows, problem):
    frame, path = communes
    people = (frame[col.POPULATION] * factor).round().astype(int)
    frame[header] = people.where(frame.index < rows, frame[col.POPULATION])
    if header != col.POPULATION:
        frame = frame.drop(columns=col.POPULATION)
    vector.write_geojson(path, frame)
    said = unit_sets.mixed(*recognised(path))
    assert bool(said) == bool(problem)
    assert re.search(problem, str(said))
    errors = [f for f in audit_communes(path) if f.level == "error"]
    assert [f.check for f in errors] == ["population-basis"] * bool(problem)
    if problem:
        with pytest.raises(InputError, match=r"(?s)more than one basis.*--map communes.population"):
            unit_sets.require_one(*recognised(path))


# Measurements and lists from elsewhere


def test_a_list_from_elsewhere_is_one_finding_not_one_a_row(tmp_path):
    path = tmp_path / "bts.csv"
    path.write_text("site_id,lon,lat\n" + "".join(f"S{i},-34.9,-8.{i}\n" for i in range(10, 40)))
    errors = [
        f
        for f in audit_sites.audit(
            tables.read(path, sites.HEADERS), audit_province.open_ground(None)
        )
        if f.level == "error"
    ]
    assert [f.defect.row for f in errors] == [None]
    assert "none of its 30 rows lies in the province" in str(errors[0])


@pytest.mark.parametrize("header", ["Mức thu (dBm)", "RSCP", "RxLev", "rsrp_dbm"])
def test_a_drive_test_is_known_by_any_name_of_its_level(tmp_path, header):
    path = tmp_path / "drive.csv"
    rows = "".join(f"105.6{i},21.3{i},-9{i},C1\n" for i in range(5)) + "105.6,21.3,12,C1\n"
    path.write_text(f"lon,lat,{header},cell_id\n{rows}")
    found = check.audit(path)
    assert (
        "6 measurements, 5 usable: phusong calibrate reads them; left out: 1 out of range"
        in str(by_check(found, "measurements"))
    )
    assert by_check(found, "impossible-level").defect.row == 7
    path.write_text(f"lon,lat,{header}\n105.6,21.3,-90\n")
    assert by_check(check.audit(path), "unusable").level == "error"


def test_roads_are_told_with_their_length(tmp_path):
    line = shapely.LineString([(560_000, 2_350_000), (563_000, 2_354_000)])
    frame = gpd.GeoDataFrame({"length_m": [5000.0]}, geometry=[line], crs=crs.PLANNING)
    frame.to_crs(4326).to_file(tmp_path / "roads.geojson")
    found = check.audit(tmp_path / "roads.geojson")
    assert "1 lines, 5 km" in str(by_check(found, "lines"))
    assert by_check(found, "no-class")
    frame.assign(highway="primary").to_crs(4326).to_file(tmp_path / "roads.geojson")
    assert not any(f.check == "no-class" for f in check.audit(tmp_path / "roads.geojson"))


def test_a_district_that_is_not_the_communes_is_told(tmp_path):
    """The commune is right, so nothing else speaks of it: in a list and in polygons."""
    path = tmp_path / "bts.csv"
    path.write_text(
        "Mã trạm,Kinh độ,Vĩ độ,Xã,Huyện\n"
        "A1,105.584121,21.307121,Phường Tích Sơn,Thành phố Vĩnh Yên\n"
        "A2,105.584921,21.307121,Phường Tích Sơn,Huyện Không\n"
        "A3,105.584021,21.307921,,Huyện Không\n"
        "A4,105.584521,21.307621,Phường Tích Sơn,Huyện Yên Lạc\n",
        "utf-8",
    )
    said = [f.defect for f in check.audit(path) if f.check == "unknown-district"]
    assert [(d.row, d.value) for d in said] == [
        (3, "Huyện Không"),
        (4, "Huyện Không"),
        (5, "Huyện Yên Lạc"),
    ]
    assert "Vĩnh Yên" in str(said[0])
    communes = admin.reference_communes().head(3).copy()
    communes[col.DISTRICT] = ["Vĩnh Yên", "Huyện Không", ""]
    vector.write_geojson(tmp_path / "communes.geojson", communes)
    found = [f.defect for f in check.audit(tmp_path / "communes.geojson")]
    (wrong,) = (d for d in found if "is not the district of" in str(d.problem))
    assert (wrong.row, wrong.value) == (2, "Huyện Không")
