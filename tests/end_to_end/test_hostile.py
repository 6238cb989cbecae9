"""Hostile input: nothing hangs, nothing leads elsewhere, memory stays bounded, files stay put."""

import gzip
import http.server
import json
import os
import sqlite3
import struct
import subprocess
import sys
import threading
import zipfile

import geopandas as gpd
import maps_run
import mini_province as mini
import numpy as np
import pytest
import rasterio
from old_encodings import in_bytes
from rasterio.transform import Affine
from shapely.geometry import Point

from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.fetch import opencellid, window
from phusong.geodata.fetch.area import Area, Box
from phusong.geodata.fetch.web import Patience
from phusong.geodata.files import (
    archives,
    encodings,
    features,
    guard,
    raster,
    tables,
    toml_json,
    vector,
    whole,
)
from phusong.geodata.grid import Grid
from phusong.geodata.ground import mosaic
from phusong.geodata.measured import cells, measurements
from phusong.geodata.network import antenna_files, sites
from phusong.geodata.network import coordinates as positions
from phusong.geodata.network.positions import in_degrees
from phusong.geodata.provinces import manifest
from phusong.geodata.runs import folder as run_folder
from phusong.geodata.runs import record, run_layers
from phusong.maps.pages import province_map
from phusong.scenarios.config import schema
from phusong.scenarios.propagation import calibration_file

COMMUNES = mini.mini_communes()
GRID = Grid(560_000.0, 2_356_500.0, 60, 50, crs="EPSG:5897")
LIST = "site_id,lon,lat\nA,105.58,21.30\n"

READERS = {
    "a.csv": lambda path: sites.read_sites(path, COMMUNES),
    "a.xlsx": lambda path: sites.read_sites(path, COMMUNES),
    "a.geojson": vector.read,
    "a.zip": vector.read,
    "a.tif": raster.read_raster,
    "N21E105.hgt": lambda path: mosaic.terrain_on_grid([path], GRID),
    "a.msi": antenna_files.read,
    "a.toml": lambda path: schema.load(str(path)),
    "c.toml": calibration_file.load,
    "province.toml": manifest.read,
    "run.json": record.read,
}


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_a_device_and_a_folder_are_no_files(tmp_path, name):
    """A reader that opened the pipe would wait for ever; the device would never end."""
    pipe, device, folder = (tmp_path / part / name for part in ("pipe", "device", "folder"))
    for path in (pipe, device):
        path.parent.mkdir()
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    folder.mkdir(parents=True)
    for path, what in ((pipe, "a pipe"), (device, "a device"), (folder, "a folder")):
        with pytest.raises(InputError, match=f"{name}.*is {what}"):
            READERS[name](path)


@pytest.mark.parametrize("name", READERS)
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    suffix = name.partition(".")[2]
    for odd in ("a" * 5000, "a\0b"):
        with pytest.raises(InputError):
            READERS[name](tmp_path / f"{odd}.{suffix}")


# Files that lead elsewhere


@pytest.fixture
def asked():
    """Return the address of a server on this machine, and what it was asked."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/crs", paths
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "system",
    [
        '"crs": {"type": "link", "properties": {"href": "URL", "type": "esriwkt"}}',
        '"crs"  :\n{"properties": {"url": "URL"}, "type": "URL"}',
        r'"\u0063r\u0073": {"type": "lin\u006b", "properties": {"href": "URL"}}',
        '"crs": {' + " " * 10_000 + '"type": "link", "properties": {"href": "URL"}}',
    ],
)
def test_no_address_in_a_geojson_file_is_asked(tmp_path, asked, system):
    """GDAL fetches a linked coordinate system: opening a file would tell its author."""
    address, paths = asked
    point = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[105,21]}}'
    for at in ("first", "last"):
        parts = [system.replace("URL", address), f'"features": [{point}]']
        body = ", ".join(parts if at == "first" else parts[::-1])
        (tmp_path / "a.geojson").write_text(f'{{"type": "FeatureCollection", {body}}}')
        with pytest.raises(InputError, match="a.geojson: names an address to fetch its coordin"):
            vector.read(tmp_path / "a.geojson")
    assert not paths


def test_a_named_coordinate_system_is_read(tmp_path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(560_000, 2_356_000)], crs="EPSG:5897")
    frame.to_file(tmp_path / "a.geojson")
    assert '"crs"' in (tmp_path / "a.geojson").read_text()
    assert vector.read(tmp_path / "a.geojson").crs == "EPSG:5897"


def package(path, *, endless):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(105, 21)], crs=4326)
    frame.to_file(path, layer="t")
    view = "SELECT fid, a, geom FROM t"
    if endless:
        count = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r)"
        view = f"{count} SELECT i AS fid, i AS a, (SELECT geom FROM t) AS geom FROM r"  # noqa: S608
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE VIEW v AS {view}")
        database.execute("UPDATE gpkg_contents SET table_name = 'v', identifier = 'v'")
        database.execute("UPDATE gpkg_geometry_columns SET table_name = 'v'")
    database.close()
    return path


@pytest.mark.parametrize("endless", [True, False])
def test_a_view_of_a_package_computes_nothing(tmp_path, endless):
    with pytest.raises(InputError, match=r"(?s)a.gpkg.*(is a view, not a table|2 layers)"):
        vector.read(package(tmp_path / "a.gpkg", endless=endless))
    with pytest.raises(InputError, match="its layer v is a view"):
        features.check_layer(tmp_path / "a.gpkg", tmp_path / "a.gpkg", "v")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", b"PK\x03\x04"),
        ("a.json", b"SQLite format 3\0"),
        ("a.gpkg", b'{"type": "FeatureCollection", "features": []}'),
        ("a.shp", b"fgb\x03fgb\x00"),
        ("a.fgb", b"\0\0\x27\x0a"),
        ("a.kml", b"{}"),
        ("a.mif", b"!table"),
    ],
)
def test_a_file_in_disguise_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content + bytes(100))
    with pytest.raises(InputError, match=rf"{name}: does not begin like a \.\w+ file"):
        vector.read(tmp_path / name)


def test_a_seamless_table_is_refused(tmp_path):
    text = '!table\n!version 300\nbegin_metadata\n"\\IsSeamless" = "TRUE"\nend_metadata\n'
    (tmp_path / "a.tab").write_text(text)
    with pytest.raises(InputError, match="is a seamless table that leads to others"):
        vector.read(tmp_path / "a.tab")


def test_links_out_of_a_run_folder_are_not_followed(tmp_path):
    run = maps_run.write_whole(tmp_path / "run")
    for name in ("run.json", "sites.geojson", "terrain.tif"):
        secret = tmp_path / f"secret-{name}"
        (run / name).rename(secret)
        (run / name).symlink_to(secret)
        with pytest.raises(InputError, match=rf"{name}: leads out of the folder"):
            province_map.write_map(run, "vi")
        if name == "run.json":
            with pytest.raises(InputError, match="leads out of the folder"):
                run_layers.about_run(run)
        (run / name).unlink()
        secret.rename(run / name)
    (run / "sites.geojson").rename(run / "own.geojson")
    (run / "sites.geojson").symlink_to("own.geojson")
    assert province_map.write_map(run, "vi").is_file()  # a link inside the folder is no harm


def test_links_in_a_circle_are_told(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"a.csv: cannot be read"):
        tables.read(tmp_path / "a.csv", sites.HEADERS)
    with pytest.raises(InputError, match=r"a.csv: cannot be read"):
        guard.beside(tmp_path, "a.csv")


def test_rasters_of_a_run_are_rasters(tmp_path):
    """A virtual raster in the place of a GeoTIFF would show another file in the map."""
    run = maps_run.write_whole(tmp_path / "run")
    (run / "terrain.tif").rename(tmp_path / "other.tif")
    (run / "terrain.tif").write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Int16" band="1">'
        f"<SimpleSource><SourceFilename>{tmp_path / 'other.tif'}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(InputError, match=r"terrain.tif: cannot be read as a raster"):
        province_map.write_map(run, "vi")


def test_a_pattern_out_of_the_folder_of_the_cells_is_not_read(tmp_path):
    (tmp_path / "secret.txt").write_text("NAME secret words\n")
    inside = tmp_path / "in"
    inside.mkdir()
    samples = "\n".join(f"105.58{i},21.30,-90,A" for i in range(9))
    (inside / "drive.csv").write_text(f"lon,lat,rsrp_dbm,cell_id\n{samples}\n")
    measured = measurements.read(inside / "drive.csv")
    (inside / "cells.csv").write_text(
        "cell_id,lon,lat,antenna\nA,105.58,21.30,../secret.txt\nB,105.58,21.30,\n"
    )
    with pytest.raises(InputError, match=r"secret.txt: leads out of the folder") as error:
        cells.read(inside / "cells.csv", measured)
    assert "words" not in str(error.value)


# Archives


def test_a_zip_file_that_lists_too_many_members_is_not_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.csv", "")
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda _: pytest.fail("was listed"))
    with pytest.raises(InputError, match="a.zip: lists more than 10 files"):
        archives.unpack(tmp_path / "a.zip", tmp_path / "out")


def test_archives_in_archives_are_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.kmz", "w") as archive:
        archive.writestr("doc.kml", "<kml/>")
    for name in ("a.zip", "a.kmz"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.write(tmp_path / "in.kmz", "in.kmz")
        with pytest.raises(InputError, match=rf"{name}: one file ending in .*, it holds none"):
            vector.read(tmp_path / name)


def test_members_that_share_their_bytes_count_each(tmp_path, monkeypatch):
    """A bomb of overlapping members: the list names one place in the file many times."""
    monkeypatch.setattr(archives, "SMALL_BYTES", 100_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "site_id,lon,lat\n" + "A1,105.5,21.3\n" * 5_000)
    raw = (tmp_path / "a.zip").read_bytes()
    start, end = raw.index(b"PK\x01\x02"), raw.index(b"PK\x05\x06")
    entry, times = raw[start:end], 300
    tail = bytearray(raw[end:])
    struct.pack_into("<HHI", tail, 8, times, times, len(entry) * times)
    (tmp_path / "a.zip").write_bytes(raw[:start] + entry * times + bytes(tail))
    with pytest.raises(InputError, match="a zip bomb"):
        tables.read(tmp_path / "a.zip", sites.HEADERS)


def test_what_is_wrong_in_an_archive_names_the_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/b.geojson", "[]")
    with pytest.raises(InputError, match=r"a.zip \(b.geojson\): does not begin") as error:
        tables.read(tmp_path / "a.zip", sites.HEADERS)
    assert "phusong-" not in str(error.value)


def test_a_gz_bomb_fills_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "SMALL_BYTES", 100_000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    wrote = []
    check = archives._check_size

    def noted(path, size, most):
        wrote.append(size)
        check(path, size, most)

    monkeypatch.setattr(archives, "_check_size", noted)
    with pytest.raises(InputError, match="a zip bomb"):
        archives.gunzip(tmp_path / "a.gz", tmp_path / "out")
    assert max(wrote) < 15_000_000
    assert not (tmp_path / "out").exists()


# Time and memory


@pytest.mark.parametrize("text", ["[" * 100_000, "(" * 100_000, "a(" * 50_000, " " * 100_000])
def test_a_long_header_is_folded_in_time(text):
    assert len(tables.fold(text)) <= tables.LONGEST_NAME


def test_long_cells_are_told_in_time(tmp_path):
    odd = "1" + " " * 120_000 + "x"
    assert in_degrees(odd) is None
    (tmp_path / "a.msi").write_text(f"NAME a\nGAIN 17 dBi\nFREQUENCY {odd}\n")
    with pytest.raises(InputError, match="has no HORIZONTAL cut"):
        antenna_files.read(tmp_path / "a.msi")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("[" * 100_000, "recursion"),
        ('{"a": ' + "9" * 5_000 + "}", "4300 digits"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ("[]", "no JSON object but list"),
        ('{"a": 1', "is not JSON"),
        ("\x00", "is not JSON"),
    ],
)
def test_broken_json_is_told(tmp_path, body, problem):
    (tmp_path / "run.json").write_text(body)
    with pytest.raises(InputError, match=f"run.json.*{problem}"):
        toml_json.read_json(tmp_path / "run.json")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("a = " + "[\n" * 50_000, "recursion"),
        ("a = " + "9" * 5_000, "a.toml:1: is longer than 1,000"),
        ("\na" + ".a" * 100_000 + " = 1", "a.toml:2: is longer than 1,000"),  # hours in tomllib
        ("x = 'Ph\xfa'", "utf-8"),
    ],
)
def test_broken_toml_is_told(tmp_path, body, problem):
    (tmp_path / "a.toml").write_bytes(body.encode("latin-1"))
    for read in (lambda path: schema.load(str(path)), calibration_file.load):
        with pytest.raises(InputError, match=f"(?s){problem}"):
            read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("extends = 5", "column 'extends', value 5: is not a text"),
        ("overrides = 5", "is not a table"),
        ("[overrides]\ntall = 5", "is not a table"),
        ('extends = "urban"\n[demand]\npeople = inf', "finite number"),
        ('extends = "urban"\n[service]\nprobability = nan', "probability"),
    ],
)
def test_odd_scenarios_are_told(tmp_path, text, problem):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=problem):
        schema.load(str(tmp_path / "a.toml"))


def test_any_setting_is_a_value_or_a_defect():
    for value in ("'''", "[" * 10_000, "9" * 5_000, '"', "\n[x]"):
        with pytest.raises(InputError):
            schema.load("urban", [f"service.location={value}"])


LIMITED = """
import resource, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from phusong.errors import InputError
from phusong.geodata.fetch import window
from phusong.geodata.files import raster, tables
from phusong.geodata.ground import mosaic
from phusong.geodata.network import sites
from phusong.geodata.fetch.area import Area, Box
from phusong.geodata.grid import Grid
from phusong.geodata.fetch.web import Patience
grid = Grid(560_000.0, 2_356_500.0, 60, 50, crs="EPSG:5897")
box = Box(105.58, 21.28, 105.60, 21.30)
folder = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (before * 1024 + 4_000_000_000,) * 2)
for read in (
    lambda: mosaic.terrain_on_grid([folder / "huge.tif"], grid),
    lambda: raster.on_grid(folder / "flat.tif", grid, labels=False),
    lambda: raster.read_raster(folder / "huge.tif"),
    lambda: window.cut([folder / "fine.tif"], box, folder / "cut.tif", Patience()),
    lambda: tables.read(folder / "wide.csv", sites.HEADERS),
    lambda: tables.read(folder / "line.csv", sites.HEADERS),
):
    try:
        read()
        print("valid")
    except InputError as error:
        print(str(error).splitlines()[-1])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def claim(path, width, height, pixel_deg):
    """Write a small GeoTIFF without a block that claims so many pixels."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(pixel_deg[0], 0, 105.5, 0, -pixel_deg[1], 21.4),
        sparse_ok=True,
        tiled=True,
        bigtiff="yes",
        compress="deflate",
    ):
        pass
    return path


def test_memory_is_bounded_whatever_a_file_claims(tmp_path):
    """Rasters of 10 GB to 10 TB in files of some kB, a million empty columns, one line of 50 MB."""
    claim(tmp_path / "huge.tif", 60_000, 50_000, (5e-6, 5e-6))
    claim(tmp_path / "flat.tif", 1_000_000, 600, (2e-7, 3e-4))
    claim(tmp_path / "fine.tif", 200_000_000, 100, (1e-9, 2e-3))
    row = b"," * 998 + b"1\n"
    (tmp_path / "wide.csv").write_bytes(b"site_id,lon,lat" + b",x" * 996 + b"\n" + row * 50_000)
    (tmp_path / "line.csv").write_bytes(b"site_id,lon,lat\n" + b"A" * 50_000_000)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    *said, peak_mb = done.stdout.splitlines()
    expected = (
        "valid",
        "valid",
        "too many to read whole",
        "ask for less",
        "cells",
        "cannot be read: field larger",
    )
    assert len(said) == len(expected)
    for line, words in zip(said, expected, strict=True):
        assert words in line, line
    assert int(peak_mb) < 1_000


# Files that change, records that are damaged


def test_a_list_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    """The digest in the record would be that of another list than the one planned with."""
    path = tmp_path / "bts.csv"
    path.write_text(LIST)
    read = tables.read
    for change in (lambda: path.write_text(LIST + "B,105.59,21.30\n"), path.unlink):

        def meddle(*arguments, change=change, **options):
            table = read(*arguments, **options)
            change()
            return table

        monkeypatch.setattr(tables, "read", meddle)
        with pytest.raises(InputError, match=r"bts.csv.*(changed while it was read|no such file)"):
            sites.read_sites(path, COMMUNES)
        path.write_text(LIST)


def test_the_digest_is_that_of_the_bytes_read(tmp_path):
    path = tmp_path / "bts.csv"
    path.write_text(LIST)
    origin = sites.read_sites(path, COMMUNES).provenance
    assert origin.sha256 == guard.digest(path)
    with pytest.raises(InputError, match="changed"), guard.unchanged(path):
        path.write_text("")


DAMAGE = {
    "no service": (lambda tree: tree.pop("service"), "does not say service"),
    "text for number": (
        lambda tree: tree["headline"].update(stations="four"),
        "column 'headline.stations', value 'four'",
    ),
    "no notes": (lambda tree: tree.pop("notes"), "does not say notes"),
    "no date": (lambda tree: tree.update(created="soon"), "column 'created', value 'soon'"),
    "odd layer": (lambda tree: tree["layers"].update(moon={}), "layers.moon"),
    "odd place": (lambda tree: tree["service"].update(location="sea"), "service.location"),
    "huge": (lambda tree: tree["province"].update(population=10**30), "province.population"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_record_is_told_at_the_door(tmp_path, name):
    run = maps_run.write_whole(tmp_path / "run")
    tree = json.loads((run / "run.json").read_text("utf-8"))
    change, problem = DAMAGE[name]
    change(tree)
    (run / "run.json").write_text(json.dumps(tree))
    with pytest.raises(InputError, match=f"(?s)run.json is damaged.*{problem}"):
        run_folder.open_run(run)
    with pytest.raises(InputError, match=problem):
        run_layers.about_run(run)


FEATURE = {"type": "Feature", "properties": {}, "geometry": None}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda tree: tree.update(features={}), "has no list of features"),
        (lambda tree: tree["features"].append(FEATURE), ":2: is no feature with"),
        (lambda tree: tree["features"][0]["geometry"].update(coordinates=[1]), "that is none"),
        (lambda tree: tree["features"][0]["properties"].update(people="x"), "is not a number"),
        (lambda tree: tree["features"][0]["properties"].update(people=None), "is missing"),
        (lambda tree: tree["features"][0]["properties"].update(cause=[1]), "is not a text"),
        (
            lambda tree: tree["features"][0].update(
                geometry={"type": "Point", "coordinates": [105, 21]}
            ),
            "its geometry is none of Polygon",
        ),
        (
            lambda tree: tree["features"][0].update(
                geometry={"type": "Polygon", "coordinates": [[[0, 95], [1, 95], [1, 96], [0, 95]]]}
            ),
            "lies far from the rest of the layer",
        ),
    ],
)
def test_a_damaged_table_is_told_at_the_door(tmp_path, change, problem):
    run = maps_run.write_whole(tmp_path / "run")
    tree = json.loads((run / "holes.geojson").read_text("utf-8"))
    change(tree)
    (run / "holes.geojson").write_text(json.dumps(tree))
    with pytest.raises(InputError, match=f"holes.geojson.*{problem}"):
        run_folder.open_run(run)


def test_a_run_that_ends_in_the_middle_of_a_swap_is_no_run(tmp_path):
    run = maps_run.write_whole(tmp_path / "run")
    (run / whole.MARK).touch()
    for read in (run_folder.open_run, run_layers.about_run):
        with pytest.raises(InputError, match="holds files of two runs.*run it again"):
            read(run)


def test_a_raster_that_is_not_north_up_is_not_cut(tmp_path):
    with rasterio.open(
        tmp_path / "a.tif",
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=Affine(0.1, 0, 105.0, 0, 0.1, 21.0),
    ) as target:
        target.write(np.ones((4, 4), np.int16), 1)
    box = Box(105.1, 21.1, 105.2, 21.2)
    with pytest.raises(InputError, match=r"a.tif: its pixels are not north-up"):
        window.cut([tmp_path / "a.tif"], box, tmp_path / "b.tif", Patience())


def test_a_hostile_list_ends_the_command_with_one_message(tmp_path, capsys):
    (tmp_path / "a.csv").write_bytes(b"site_id,lon,lat\n\0\0,\xff\xfe,\x00\n")
    assert cli.main(["data", "check", str(tmp_path / "a.csv")]) == cli.WRONG_INPUT
    said = capsys.readouterr()
    assert said.err.startswith("phusong: ")
    assert "Traceback" not in said.err


def test_many_sites_in_one_place_are_one_position(tmp_path):
    """Pairs of 50,000 sites in one place are more than a billion."""
    rows = "".join(f"S{i},105.58,21.30\n" for i in range(50_000))
    (tmp_path / "a.csv").write_text(f"site_id,lon,lat\n{rows}")
    table = tables.read(tmp_path / "a.csv", sites.HEADERS)
    points = gpd.GeoSeries(gpd.points_from_xy([560_000.0] * 50_000, [2_356_000.0] * 50_000))
    assert len(table.rows) == 50_000
    assert positions.cluster(gpd.GeoDataFrame(geometry=points)).max() == 0
    spread = gpd.points_from_xy(560_000.0 + np.arange(50_000) / 1e4, [2_356_000.0] * 50_000)
    with pytest.raises(InputError, match="50,000 places lie within 15 m of many others"):
        positions.cluster(gpd.GeoDataFrame(geometry=spread))


def test_positions_of_sites_with_one_name_are_numbered_in_time(tmp_path):
    rows = "".join(
        f"{f'S{i}' if i % 2 else 'A'},{105.55 + i % 200 / 5e3},{21.28 + i / 2e5}\n"
        for i in range(4_000)
    )
    (tmp_path / "a.csv").write_text(f"site_id,lon,lat\n{rows}")
    with pytest.raises(InputError, match="the identifier is already that of row 2"):
        sites.read_sites(tmp_path / "a.csv", COMMUNES)


def test_an_encoding_is_told_by_a_part_of_the_text():
    legible = "Phường Tích Sơn, Thị trấn Hợp Châu\n"
    raw = in_bytes(legible, "TCVN3") * 40_000
    seen = []
    tell = encodings.vietnamese
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "vietnamese", lambda text: seen.append(len(text)) or tell(text))
        assert encodings.decode(b"ascii only\n" * 100_000 + raw) == (
            "ascii only\n" * 100_000 + legible * 40_000,
            "TCVN3",
        )
    assert max(seen) <= encodings.SAMPLE


def test_a_number_that_no_cell_has_is_no_cell(tmp_path):
    cell = "LTE,452,4,12,{},0,105.58,21.30,500,9,1,1600000000,1700000000,0\n"
    rows = cell.format(257) * 300 + cell.format(10**30) + cell.format(2**62)
    (tmp_path / "452.csv.gz").write_bytes(gzip.compress(rows.encode()))
    found = opencellid.cells(tmp_path / "452.csv.gz", Area(Box(105, 21, 106, 22)))
    assert len(found) == 300


def test_a_grid_of_text_that_ends_early_fails_at_once(tmp_path):
    """GDAL tries every row before a window again: at the foot of a short file without end."""
    corner = "xllcorner 557500\nyllcorner 2353000\ncellsize 340\nNODATA_value -9999\n"
    path = tmp_path / "dem.asc"
    path.write_text(f"ncols 240\nnrows 240\n{corner}{' 5' * 300}")
    grid = Grid(558_000.0, 2_360_000.0, 200, 200, crs="EPSG:5897")
    with pytest.raises(InputError, match=r"dem.asc: cannot be read as a raster"):
        raster.on_grid(path, grid, labels=False, stated_crs="EPSG:5897")
