"""The commands of docs/your-data.md work as they stand there, in their order."""

import re
import shlex
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
from rasterio.transform import from_origin

from phusong import columns as col
from phusong.commands import cli
from phusong.geodata.writers import vector

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "your-data.md").read_text("utf-8")
WRONG_ROWS = 3  # of bts.xlsx below
FINDS_ERRORS = "data check bts.xlsx"
SERVES = "serve"  # does not end by itself
SHORT = {  # headers of a shapefile hold ten letters
    col.COMMUNE_CODE: "MA_XA",
    col.NAME: "TEN_XA",
    col.DISTRICT_CODE: "MA_HUYEN",
    col.DISTRICT: "TEN_HUYEN",
    col.POPULATION: "DAN_SO",
}
SMALL = [  # a small province needs no more
    *("--set", "rollout.stations={ 2024 = 2, 2025 = 2 }"),
    *("--set", "candidates.lattice_m=290", "--set", "uncertainty.draws=20"),
]


def commands():
    """Return the commands of the guide, those over several lines as one."""
    blocks = re.findall(r"(?:^    .*\n)+", GUIDE, re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    found = [line.split("   #")[0].strip() for line in lines if line.startswith("    phusong ")]
    return [line.removeprefix("phusong ") for line in found]


@pytest.fixture
def desk(mini_province, tmp_path, monkeypatch):
    """Return a folder with the files that the guide speaks of."""
    write_list(tmp_path / "bts.xlsx", mini_province.sites)
    shapes = mini_province.communes.rename(columns=SHORT)[[*SHORT.values(), "geometry"]]
    shapes.to_crs(4326).to_file(tmp_path / "communes.shp", encoding="utf-8")
    rng = np.random.default_rng(4)
    for west in (104, 105):
        heights = rng.integers(5, 60, (1201, 1201), dtype=np.int16).astype(">i2")
        with zipfile.ZipFile(tmp_path / f"N21E{west}.hgt.zip", "w") as archive:
            archive.writestr(f"N21E{west}.hgt", heights.tobytes())
    with rasterio.open(
        tmp_path / "second.tif",
        "w",
        driver="GTiff",
        dtype="int16",
        count=1,
        width=100,
        height=100,
        crs="EPSG:4326",
        transform=from_origin(105.5, 21.4, 0.002, 0.002),
    ) as target:
        target.write(np.full((1, 100, 100), 20, np.int16))
    place = mini_province.zones.to_crs(4326).geometry.iloc[0].centroid
    (tmp_path / "zones.csv").write_text(
        f"zone_id,kind,name,lon,lat,area_ha,status\nU1,urban,A,{place.x},{place.y},40,operating\n"
    )
    place = mini_province.sites.to_crs(4326).geometry.iloc[0]
    (tmp_path / "cells.csv").write_text(
        "site_id,cell_id,lon,lat,height_m,azimuth_deg,band,technology,operator,power\n"
        f"A,A1,{place.x},{place.y},30,0,B3,4G,Viettel,20\nA,A2,{place.x},{place.y},30,90,B3,4G,Viettel,40\n"
    )
    (tmp_path / "data").mkdir()
    vector.write_geojson(tmp_path / "data" / "communes.geojson", mini_province.communes)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_list(path, sites):
    """Write an operator's list: a title, headers of its own, VN-2000, typing errors, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH TRẠM BTS"])
    sheet.append(["STT", "Mã đài", "Tên trạm", "Tọa độ X", "Tọa độ Y", "Doanh nghiệp"])
    for i, site in enumerate(sites.itertuples(), 1):
        x, y = round(site.geometry.y, 1), round(site.geometry.x, 1)  # X is the northing
        sheet.append([i, site.site_id, "Trạm Số 1", x, y, site.operator])
    sheet.append([13, "S20", "Trạm Số 2", 561_000.0, 2_355_000.0, "Viettel"])
    sheet.append([14, "S00", "Trạm Số 2", 2_355_000.0, 561_000.0, "Vietell"])
    sheet.append([None, "Tổng cộng", 14])
    book.save(path)


def test_the_commands_of_the_guide_work_in_their_order(desk, mini_folder, capsys):
    done = commands()
    assert len(done) >= 10
    for command in done:
        arguments = shlex.split(command)
        if arguments[0] == SERVES:
            assert (desk / arguments[1] / "map.html").is_file()
            continue
        if arguments[0] in {"run", "predict"} and "--province" not in arguments:
            arguments += ["--province", str(mini_folder)]  # the whole province takes minutes
        if arguments[0] == "run":
            arguments += SMALL
        if arguments[0] == "restate":
            continue  # of communes that are none of Vĩnh Phúc; see test_units
        code = cli.main(arguments)
        said = capsys.readouterr()
        expected = cli.WRONG_INPUT if command.startswith(FINDS_ERRORS) else cli.DONE
        assert code == expected, f"{command}\n{said.out}{said.err}"
        assert "Traceback" not in said.err
    rejected = (desk / "rejected.csv").read_text(encoding="utf-8-sig")
    assert len(rejected.splitlines()) == 1 + WRONG_ROWS
    for name in ("map.html", "report.html", "ranking.csv"):
        assert (desk / "out" / "first" / name).is_file()
    stands = gpd.read_file(desk / "provinces" / "real" / "sites.geojson")
    assert len(stands) == 12
    assert set(stands[col.OPERATOR]) == {"Viettel", "VNPT"}


@pytest.mark.usefixtures("desk")
def test_what_the_guide_says_of_a_wrong_list_is_so(capsys):
    assert cli.main(["data", "check", "bts.xlsx"]) == cli.WRONG_INPUT
    said = capsys.readouterr().out
    assert "column 'Tên trạm': holds 3 different identifiers in 15 rows: it tells no sites" in said
    assert "perhaps one of 'STT', 'Mã đài'" in said
    cli.main(["data", "check", "bts.xlsx", "--map", "site_id=Mã đài"])
    said = capsys.readouterr().out
    for part in ("bts.xlsx:15", "look swapped", "already that of row 3", "did you mean Viettel?"):
        assert part in said
    assert "12 usable sites" in said
    assert "EPSG:5897" in said
