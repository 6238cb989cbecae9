"""Every format is read, every old encoding is told, every hostile file is refused in time."""

import csv
import gzip
import io
import stat
import struct
import time
import tracemalloc
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from old_encodings import in_bytes
from rasterio.transform import from_origin

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs, reference
from phusong.geodata.files import archives, csv_rows, encodings, raster, tables, vector, xlsx_rows
from phusong.geodata.files.table import Stated
from phusong.geodata.grid import Grid
from phusong.geodata.ground import mosaic
from phusong.geodata.network import cells, sites
from phusong.geodata.provinces import manifest

NAMES = ["Phường Tích Sơn", "Xã Đồng Tĩnh", "Thị trấn Hợp Châu", "Xã Yên Lạc"]
ROWS = [(f"VP-{i}", 105.6 + i / 100, 21.3, name) for i, name in enumerate(NAMES)]
HEAD = ("site_id", "lon", "lat", "commune")


def csv_text(rows=ROWS, separator=","):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    writer.writerows([HEAD, *rows])
    return buffer.getvalue()


def frame():
    table = {"site_id": [row[0] for row in ROWS], "commune": NAMES}
    points = gpd.points_from_xy([row[1] for row in ROWS], [row[2] for row in ROWS])
    return gpd.GeoDataFrame(table, geometry=points, crs=crs.GEOGRAPHIC)


def read(path, **options):
    return tables.read(path, sites.HEADERS, **options)


def names_in(table):
    return table.cells["commune"].tolist()


# Formats


def test_workbooks_are_read_from_the_sheet_with_the_headers(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Danh sách trạm"])
    sheet = book.create_sheet("BTS")
    sheet.append(["DANH SÁCH TRẠM BTS"])
    sheet.append([])
    sheet.append(["Mã trạm", "Kinh độ", "Vĩ độ", "Độ cao ăng ten (m)"])
    sheet.append(["VP-1", 105.6, 21.3, 36.0])
    sheet.append([1024.0, 105.61, 21.31, None])
    book.save(tmp_path / "bts.xlsx")
    table = read(tmp_path / "bts.xlsx")
    assert table.rows.tolist() == [4, 5]
    assert table.cells["Độ cao ăng ten (m)"].tolist() == ["36", ""]
    assert table.cells["Mã trạm"].tolist() == ["VP-1", "1024"]
    assert table.notes == ("sheet 'BTS' was read; not: Sheet",)
    found = sites.headers_of(table)
    assert found[col.HEIGHT_M] == "Độ cao ăng ten (m)"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_with_any_separator(tmp_path, separator):
    path = tmp_path / "a.tsv"
    path.write_text(csv_text(separator=separator), encoding="utf-8")
    assert names_in(read(path)) == NAMES


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "kml", "fgb", "shp"])
def test_vector_files(tmp_path, suffix):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        driver = "LIBKML" if suffix == "kml" else None
        pyogrio.write_dataframe(frame(), tmp_path / f"a.{suffix}", driver=driver)
    table = read(tmp_path / f"a.{suffix}")
    assert sorted(names_in(table)) == sorted(NAMES)  # FlatGeobuf sorts by place
    assert sorted(table.shapes.x) == pytest.approx([row[1] for row in ROWS])


def test_folders_of_kml_are_one_table_also_in_kmz(tmp_path):
    def placemark(name, x):
        return (
            f"<Placemark><name>{name}</name><Point><coordinates>{x},21.3,0</coordinates></Point>"
            "</Placemark>"
        )

    kml = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>Viettel</name>{placemark('VP-1', 105.6)}</Folder>"
        f"<Folder><name>VNPT</name>{placemark('VP-2', 105.7)}</Folder></Document></kml>"
    )
    (tmp_path / "a.kml").write_text(kml)
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("doc.kml", kml)
    for name in ("a.kml", "a.kmz"):
        table = vector.read(tmp_path / name)
        assert table["Name"].tolist() == ["VP-1", "VP-2"]
        assert table["folder"].tolist() == ["Viettel", "VNPT"]


def test_a_shapefile_in_a_zip_with_or_without_its_code_page(tmp_path):
    for note in ("with", "without"):
        folder = tmp_path / note
        folder.mkdir()
        pyogrio.write_dataframe(frame(), folder / "a.shp", encoding="UTF-8")
        if note == "without":
            (folder / "a.cpg").unlink(missing_ok=True)
        with zipfile.ZipFile(tmp_path / f"{note}.zip", "w") as archive:
            for part in folder.iterdir():
                archive.write(part, f"data/{part.name}")
        assert names_in(read(tmp_path / f"{note}.zip")) == NAMES


def test_a_table_in_a_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("bts.csv", csv_text())
    assert names_in(read(tmp_path / "a.zip")) == NAMES
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    with pytest.raises(InputError, match=r"one file ending in .csv.* it holds 2 of them: a.csv"):
        read(tmp_path / "b.zip")


def test_old_workbooks_are_named_with_the_way_out(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputError, match=r"is an old workbook \(open it and save it as .xlsx"):
        read(tmp_path / "a.xls")


# Old encodings


@pytest.mark.parametrize("name", encodings.LEGACY)
def test_old_encodings_of_all_communes_are_told_and_read(name, tmp_path):
    communes = reference.table("communes")["commune_full"].tolist()
    text = "\n".join(communes)
    assert encodings.decode(in_bytes(text, name)) == (text, name)
    rows = [(f"VP-{i}", 105.6, 21.3, commune) for i, commune in enumerate(communes)]
    (tmp_path / "a.csv").write_bytes(in_bytes(csv_text(rows), name))
    table = read(tmp_path / "a.csv")
    assert names_in(table) == communes
    assert table.notes == (f"its text is kept in {name} and was read as that; UTF-8 is safer",)


@pytest.mark.parametrize("name", ["TCVN3", "VISCII"])
def test_old_letters_in_a_workbook_and_in_a_shapefile(name, tmp_path):
    odd = [in_bytes(text, name).decode("latin-1") for text in NAMES]
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    for row, text in zip(ROWS, odd, strict=True):
        book.active.append([*row[:3], text])
    book.save(tmp_path / "a.xlsx")
    assert names_in(read(tmp_path / "a.xlsx")) == NAMES
    shapes = frame().assign(commune=odd)
    pyogrio.write_dataframe(shapes, tmp_path / "a.shp", encoding="ISO-8859-1")
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    table = read(tmp_path / "a.shp")
    assert names_in(table) == NAMES
    assert f"kept in {name}" in table.notes[0]


def test_text_of_other_languages_is_left_alone():
    assert encodings.repair(["São Paulo", "Curaçao", "Zürich"]) is None
    assert encodings.repair(NAMES) is None
    assert encodings.decode("Поселок городского типа".encode("cp1251")) is None


# Rasters

GRID = Grid(560_000.0, 2_356_500.0, 60, 50, crs="EPSG:5897")


def write_hgt(path, change=lambda heights: heights, size=1201):
    """Write a tile of SRTM: big-endian heights of one degree."""
    heights = np.full((size, size), 25, ">i2")
    heights = change(heights)
    path.write_bytes(heights.astype(">i2").tobytes())
    return path


def holed(heights):
    heights[700:1000, 500:800] = -32768
    return heights


@pytest.mark.parametrize("how", ["hgt", "zip", "gz"])
def test_tiles_of_srtm_also_packed(tmp_path, how):
    plain = write_hgt(tmp_path / "N21E105.hgt")
    path = plain
    if how == "gz":
        path = tmp_path / "N21E105.hgt.gz"
        path.write_bytes(gzip.compress(plain.read_bytes()))
    if how == "zip":
        path = tmp_path / "N21E105.SRTMGL3.hgt.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, plain.name)
    made = mosaic.terrain_on_grid([path], GRID)
    assert (made.terrain.values == 25).all()
    assert not made.origin.any()


def test_a_mask_tells_what_a_second_source_and_what_interpolation_filled(tmp_path):
    first = write_hgt(tmp_path / "N21E105.hgt", holed)
    values = np.full((30, 60), 40, np.int16)
    with rasterio.open(
        tmp_path / "second.tif",
        "w",
        driver="GTiff",
        height=30,
        width=60,
        count=1,
        dtype="int16",
        crs=crs.PLANNING,
        transform=from_origin(560_000, 2_356_500, 30, 30),
    ) as target:
        target.write(values, 1)
    made = mosaic.terrain_on_grid([first, tmp_path / "second.tif"], GRID)
    assert set(np.unique(made.origin)) == {mosaic.SECOND_SOURCE, mosaic.INTERPOLATED}
    assert (made.terrain.values[made.origin == mosaic.SECOND_SOURCE] == 40).all()
    assert (made.origin[2:28, 2:58] == mosaic.SECOND_SOURCE).all()
    assert (made.origin[32:] == mosaic.INTERPOLATED).all()


def test_an_ascii_grid_needs_its_crs_stated(tmp_path):
    head = "ncols 100\nnrows 90\nxllcorner 559500\nyllcorner 2354500\ncellsize 30\n"
    head += "NODATA_value -9999\n"
    (tmp_path / "dem.asc").write_text(head + "\n".join(" ".join(["7"] * 100) for _ in range(90)))
    with pytest.raises(InputError, match=r"has no coordinate system.*--crs"):
        mosaic.terrain_on_grid([tmp_path / "dem.asc"], GRID)
    made = mosaic.terrain_on_grid([tmp_path / "dem.asc"], GRID, stated_crs=crs.PLANNING)
    assert (made.terrain.values == 7).all()


def test_metric_geojson_without_a_crs_is_refused_with_what_fits(tmp_path):
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"site_id":"A"},'
        '"geometry":{"type":"Point","coordinates":[560000,2356000]}}]}'
    )
    with pytest.raises(InputError, match=r"not degrees as it says.*--crs.*EPSG:5897, EPSG:3405"):
        read(tmp_path / "a.geojson")
    table = read(tmp_path / "a.geojson", stated=Stated(crs=crs.PLANNING))
    assert table.shapes.crs == crs.PLANNING


def test_unknown_coordinate_systems_are_refused():
    assert crs.named("epsg:9208") == "EPSG:9208"
    for text in ("VN2000", "999999", ""):
        with pytest.raises(InputError, match=r"--crs.*is not a coordinate system.*4326"):
            crs.named(text)


# Hostile files


def zip_with(path, name, content, mode=None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(name)
        member.compress_type = zipfile.ZIP_DEFLATED
        if mode is not None:
            member.external_attr = mode << 16
        archive.writestr(member, content)
    return path


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:/evil.csv", "..\\evil.csv"]
)
def test_paths_out_of_an_archive_are_refused(tmp_path, name):
    (tmp_path / "in").mkdir()
    path = zip_with(tmp_path / "in" / "a.zip", name, csv_text())
    with pytest.raises(InputError, match="leads out of the folder"):
        read(path)
    assert {item.name for item in tmp_path.rglob("*")} == {"in", "a.zip"}


def test_links_and_passwords_in_archives_are_refused(tmp_path):
    path = zip_with(tmp_path / "a.zip", "a.csv", "/etc/passwd", stat.S_IFLNK | 0o777)
    with pytest.raises(InputError, match="holds a symbolic link"):
        read(path)
    path = zip_with(tmp_path / "b.zip", "a.csv", csv_text())
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(InputError, match="holds a file with a password"):
        read(path)


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx", "a.kmz", "N21E105.hgt.gz"])
def test_bombs_are_refused_in_bounded_time_and_memory(tmp_path, name):
    path = tmp_path / name
    content = b"0" * 60_000_000
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    else:
        member = {"a.zip": "a.csv", "a.xlsx": "xl/worksheets/sheet1.xml", "a.kmz": "doc.kml"}[name]
        zip_with(path, member, content)
    del content
    reader = raster.read_raster if name.endswith(".gz") else read
    start = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(InputError, match="a zip bomb"):
        reader(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000
    assert time.perf_counter() - start < 5


def test_an_archive_that_lies_about_its_size_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1_000)
    path = zip_with(tmp_path / "a.zip", "a.csv", "x" * 5_000)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"unpacks to more than|cannot be unpacked"):
        read(path)


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{}">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_kml_and_workbooks_are_refused(tmp_path, encoding):
    kml = ENTITY.format("b") + "<kml><Document><name>&a;</name></Document></kml>"
    (tmp_path / "a.kml").write_bytes(kml.encode(encoding))
    with pytest.raises(InputError, match="declares XML entities"):
        read(tmp_path / "a.kml")
    zip_with(tmp_path / "a.xlsx", "xl/workbook.xml", kml.encode(encoding))
    with pytest.raises(InputError, match="declares XML entities"):
        read(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.geojson", "<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>"),
        ("a.kml", "<OGRWFSDataSource><URL>http://127.0.0.1:9/</URL></OGRWFSDataSource>"),
    ],
)
def test_files_that_lead_to_other_sources_are_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="is markup that leads to other sources"):
        read(tmp_path / name)


def test_rasters_that_lead_to_other_files_are_refused(tmp_path):
    (tmp_path / "a.vrt").write_text("<VRTDataset/>")
    with pytest.raises(InputError, match="leads to other files"):
        raster.read_raster(tmp_path / "a.vrt")
    (tmp_path / "a.tif").write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"/>'
        "</VRTDataset>"
    )
    with pytest.raises(InputError, match="cannot be read as a raster"):
        raster.read_raster(tmp_path / "a.tif")


def test_a_million_columns_and_a_million_empty_rows(tmp_path):
    (tmp_path / "wide.csv").write_text("site_id,lon,lat" + ",x" * 1_000_000 + "\nA,1,2\n")
    with pytest.raises(InputError, match=r"wide.csv:1: has more than 100,000 cells in a line"):
        read(tmp_path / "wide.csv")
    (tmp_path / "wider.csv").write_text("site_id,lon,lat" + ",x" * 2_000 + "\nA,1,2\n")
    with pytest.raises(InputError, match=r"wider.csv:1: has 2,003 columns"):
        read(tmp_path / "wider.csv")


def test_a_sheet_that_claims_to_be_endless_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_rows, "MAX_CELLS", 100_000)
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = b'<row r="900000000"><c r="A900000000" t="inlineStr"><is><t>x</t></is></c></row>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far + b"</sheetData>")
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    with pytest.raises(InputError, match="has more than 100,000 cells"):
        read(tmp_path / "b.xlsx")


def test_large_files_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_BYTES", 100)
    (tmp_path / "a.csv").write_text(csv_text())
    with pytest.raises(InputError, match=r"bytes, more than the 100 that are read \(split it\)"):
        read(tmp_path / "a.csv")


def test_a_raster_of_ten_billion_pixels_is_read_by_its_window(tmp_path):
    """A sparse file of 100,000 x 100,000 pixels: only what lies around the grid is touched."""
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=100_000,
        width=100_000,
        count=1,
        dtype="int16",
        crs=crs.PLANNING,
        transform=from_origin(500_000, 2_400_000, 5, 5),
        tiled=True,
        SPARSE_OK=True,
        BIGTIFF="YES",
    ):
        pass
    start = time.perf_counter()
    tracemalloc.start()
    assert mosaic.terrain_on_grid([path], GRID).terrain.values.max() == 0
    with pytest.raises(InputError, match=r"100,000 x 100,000 pixels, too many to read whole"):
        raster.read_raster(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000
    assert time.perf_counter() - start < 10


def test_one_huge_block_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(raster, "MAX_BLOCK_BYTES", 1_000)
    write_hgt(tmp_path / "N21E105.hgt")
    with pytest.raises(InputError, match=r"is stored in blocks of 1,201 x 1 pixels"):
        mosaic.terrain_on_grid([tmp_path / "N21E105.hgt"], GRID)


@pytest.mark.parametrize("pixel", [1e-12, 1e30])
def test_a_raster_of_impossible_pixels_is_refused(tmp_path, pixel):
    with rasterio.open(
        tmp_path / "a.tif",
        "w",
        driver="GTiff",
        height=4,
        width=4,
        count=1,
        dtype="int16",
        crs=crs.PLANNING,
        transform=from_origin(560_000, 2_356_000, pixel, pixel),
    ):
        pass
    with pytest.raises(InputError, match="does not say where on the ground its pixels lie"):
        raster.read_raster(tmp_path / "a.tif")


def test_a_province_names_only_files_of_its_folder(tmp_path):
    folder = tmp_path / "province"
    folder.mkdir()
    (tmp_path / "secret.tif").write_bytes(b"x")
    (folder / "communes.geojson").write_text("{}")
    (folder / "link.tif").symlink_to(tmp_path / "secret.tif")
    for name in ("../secret.tif", "link.tif", str(tmp_path / "secret.tif")):
        (folder / "province.toml").write_text(
            f'name = "A"\nunits = "x"\n[files]\ncommunes = "communes.geojson"\nterrain = "{name}"\n'
        )
        with pytest.raises(InputError, match=r"province.toml:5.*leads out of the folder"):
            manifest.read(folder / "province.toml")


def test_an_antenna_file_lies_beside_its_list(mini_province, tmp_path):
    (tmp_path / "secret.msi").write_text("NAME x")
    inside = tmp_path / "in"
    inside.mkdir()
    x, y = mini_province.sites.to_crs(4326).geometry.iloc[0].coords[0]
    (inside / "cells.csv").write_text(
        f"site_id,lon,lat,band,azimuth_deg,antenna\nA,{x},{y},B3,0,../secret.msi\n"
    )
    with pytest.raises(InputError, match="leads out of the folder"):
        cells.read(inside / "cells.csv", mini_province.communes)


# Anything at all: a result or a message, never another error

ANY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CELL_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=15)


def damaged(raw: bytes, cuts: list[tuple[int, int]], length: float) -> bytes:
    """Return bytes with some changed and the end cut off."""
    data = bytearray(raw[: max(1, int(len(raw) * length))])
    for place, value in cuts:
        data[place % len(data)] = value
    return bytes(data)


DAMAGE = {
    "cuts": st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=12),
    "length": st.sampled_from([1.0, 1.0, 0.95, 0.5]),
}


def attempt(reader, path):
    """Read; an ``InputError`` with a message is the only error that may come."""
    said = "a result"
    try:
        reader(path)
    except InputError as error:
        said = str(error)
    assert said
    assert "Traceback" not in said


@ANY
@given(
    raw=st.binary(max_size=400),
    suffix=st.sampled_from(
        [".csv", ".xlsx", ".geojson", ".kml", ".kmz", ".zip", ".gpkg", ".shp", ".tsv", ".gz"]
    ),
)
def test_any_bytes_as_a_table(tmp_path, raw, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(raw)
    attempt(read, path)


@ANY
@given(rows=st.lists(st.lists(CELL_TEXT, max_size=6), max_size=6))
def test_any_cells_as_a_list(tmp_path, mini_province, rows):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    attempt(lambda p: sites.read_sites(p, mini_province.communes).sites, path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return a folder with one sound file of each format."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "a.csv").write_text(csv_text(), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for suffix in ("geojson", "gpkg", "shp", "kml"):
            driver = "LIBKML" if suffix == "kml" else None
            pyogrio.write_dataframe(frame(), folder / f"a.{suffix}", driver=driver)
    book = openpyxl.Workbook()
    for row in (HEAD, *ROWS):
        book.active.append(row)
    book.save(folder / "a.xlsx")
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.write(folder / "a.kml", "doc.kml")
    grid = Grid(559_000.0, 2_357_000.0, 90, 90, crs="EPSG:5897")
    raster.write_cog(
        folder / "a.tif", raster.Raster(np.full(grid.shape, 5, np.int16), grid), description=""
    )
    (folder / "a.asc").write_text(
        "ncols 4\nnrows 4\nxllcorner 560000\nyllcorner 2355000\ncellsize 400\n" + "1 2 3 4\n" * 4
    )
    write_hgt(folder / "N21E105.hgt")
    return folder


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.gpkg", "a.kml", "a.kmz", "a.xlsx"])
@ANY
@given(**DAMAGE)
def test_damaged_tables(tmp_path, sound, name, cuts, length):
    path = tmp_path / name
    path.write_bytes(damaged((sound / name).read_bytes(), cuts, length))
    attempt(read, path)


@pytest.mark.parametrize("part", ["shp", "dbf", "shx"])
@ANY
@given(**DAMAGE)
def test_damaged_shapefiles(tmp_path, sound, part, cuts, length):
    for name in ("a.shp", "a.dbf", "a.shx", "a.prj", "a.cpg"):
        (tmp_path / name).write_bytes((sound / name).read_bytes())
    (tmp_path / f"a.{part}").write_bytes(damaged((sound / f"a.{part}").read_bytes(), cuts, length))
    attempt(read, tmp_path / "a.shp")


@pytest.mark.parametrize("name", ["a.tif", "a.asc", "N21E105.hgt"])
@settings(parent=ANY, max_examples=25)
@given(**DAMAGE)
def test_damaged_rasters(tmp_path, sound, name, cuts, length):
    path = tmp_path / name
    path.write_bytes(damaged((sound / name).read_bytes(), cuts, length))
    attempt(lambda p: mosaic.terrain_on_grid([p], GRID, stated_crs=crs.PLANNING), path)
