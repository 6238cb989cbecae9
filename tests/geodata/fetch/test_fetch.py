"""The command data fetch, from a server or a mirror of small files to a province that opens."""

import csv
import gzip
import hashlib
import json
import math
import re
import shlex
import socket
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import loopback
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin
from shapely.geometry import box

from phusong import columns as col
from phusong.commands import cli, fetch
from phusong.errors import InputError, PhusongError
from phusong.geodata.fetch import area, collect, download, opencellid, sources, window
from phusong.geodata.fetch import units as public_units
from phusong.geodata.fetch.area import Area, Box
from phusong.geodata.fetch.web import Patience
from phusong.geodata.provinces import folder

ROOT = Path(__file__).resolve().parents[3]
HASTE = Patience(timeout_s=5.0, tries=1, pause_s=0.0)
COPERNICUS = "Copernicus_DSM_COG_10_{0}_DEM/Copernicus_DSM_COG_10_{0}_DEM.tif"
OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="21.30" lon="105.58"/><node id="2" lat="21.30" lon="105.59"/>
<node id="3" lat="21.31" lon="105.59"/><node id="4" lat="21.31" lon="105.58"/>
<node id="5" lat="20.10" lon="105.58"/><node id="6" lat="20.11" lon="105.59"/>
<node id="7" lat="21.29" lon="105.60"/><node id="8" lat="21.295" lon="105.60"/>
<node id="9" lat="21.295" lon="105.605"/>
<way id="10"><nd ref="1"/><nd ref="3"/><tag k="highway" v="primary"/>
<tag k="name" v="Quốc lộ 2"/></way>
<way id="11"><nd ref="5"/><nd ref="6"/><tag k="highway" v="primary"/></way>
<way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="landuse" v="industrial"/><tag k="name" v="KCN Nhỏ"/></way>
<way id="13"><nd ref="7"/><nd ref="8"/><nd ref="9"/><nd ref="7"/>
<tag k="tourism" v="theme_park"/></way>
<way id="14"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
<relation id="20"><member type="way" ref="14" role="outer"/><tag k="type" v="boundary"/>
<tag k="boundary" v="administrative"/><tag k="admin_level" v="6"/>
<tag k="name" v="Xã Nhỏ"/><tag k="ref" v="08707"/></relation></osm>
"""
CELLS = """LTE,452,4,1201,25601,0,105.58,21.30,800,30,1,1500000000,1700000000,0
LTE,452,4,1201,25602,0,105.59,21.31,800,10,1,1500000000,1700000000,0
LTE,452,1,77,513,0,105.60,21.29,900,1,1,1500000000,1700000000,0
GSM,452,2,12,34,0,105.60,21.29,900,1,1,1500000000,1700000000,0
LTE,452,4,1201,99999,0,106.70,10.77,800,30,1,1500000000,1700000000,0
"""


@pytest.fixture(scope="module")
def web_server():
    with loopback.running() as running:
        yield running


@pytest.fixture
def server(web_server, tmp_path, monkeypatch):
    """Serve nothing yet under the hosts of the real sources."""
    web_server.paths.clear()
    web_server.log.clear()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "FOLDER", tmp_path / "cache")
    move_sources(monkeypatch, web_server.url)
    return web_server


def move_sources(monkeypatch, base):
    rows = tuple(
        replace(source, address=re.sub(r"^https://", f"{base}/", source.address))
        for source in sources.table.__wrapped__()
    )
    monkeypatch.setattr(sources, "table", lambda: rows)


def path_of(what, name=None, tile=""):
    """Return the path of a source, or of a tile of it, on the server."""
    address = sources.choose(what, name).address
    return re.sub(r"^http://127.0.0.1:\d+", "", address if not tile else tile_of(address, tile))


def tile_of(address, tile):
    ns, lat, ew, lon = tile[0], int(tile[1:3]), tile[3], int(tile[4:])
    return address.format(ns=ns, lat=lat, ew=ew, lon=lon)


def cog(path, values, west, north, pixel, **profile):
    with rasterio.open(
        path,
        "w",
        driver="COG",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=str(values.dtype),
        crs="EPSG:4326",
        transform=from_origin(west, north, pixel, pixel),
        BLOCKSIZE=128,
        **profile,
    ) as target:
        target.write(values, 1)
    return path.read_bytes()


def heights(seed, size=600):
    return np.random.default_rng(seed).uniform(5, 1500, (size, size)).astype(np.float32)


def serve_terrain(server, tmp_path, corner, seed):
    """Serve a tile of heights whose pixels have their centres on whole fractions, as GLO-30."""
    lat, lon = int(corner[1:3]), int(corner[4:])
    values, half = heights(seed), 0.5 / 600
    body = cog(tmp_path / "tile.tif", values, lon - half, lat + 1 + half, 1 / 600)
    server.serve(path_of("terrain", tile=corner), body)
    return values, body


def request(what, tmp_path, limits, name=None, **more):
    place = limits if isinstance(limits, Area) else Area(Box(*limits))
    more = {"patience": HASTE, **more}
    return collect.FetchRequest(sources.choose(what, name), place, tmp_path / "out", **more)


def opened(path):
    with rasterio.open(path) as source:
        return source.read(1), source.transform, source.nodata


def test_of_a_far_cog_only_the_window_is_read(server, tmp_path):
    values, body = serve_terrain(server, tmp_path, "N21E105", 1)
    done = collect.fetch(request("terrain", tmp_path, (105.50, 21.30, 105.55, 21.34)))
    found, transform, _ = opened(done.files[0])
    row, column = round((22 - transform.f) * 600 + 0.5), round((transform.c - 105) * 600 + 0.5)
    assert np.array_equal(found, values[row : row + found.shape[0], column : column + 31])
    assert found.shape[0] == 25
    assert len(body) > 1_000_000
    assert server.sent(path_of("terrain", tile="N21E105")) < 0.25 * len(body)
    assert {asked.status for asked in server.log if asked.sent} == {206}


def test_tiles_join_without_a_seam_and_a_missing_one_is_sea(server, tmp_path):
    west, _ = serve_terrain(server, tmp_path, "N20E106", 1)
    east, _ = serve_terrain(server, tmp_path, "N20E107", 2)
    done = collect.fetch(request("terrain", tmp_path, (106.9, 20.9, 107.1, 21.1)))
    found, transform, nodata = opened(done.files[0])
    assert found.shape == (121, 121)
    seam, top = round((107 - transform.c) * 600 - 0.5), round((transform.f - 21) * 600 - 0.5)
    assert np.array_equal(found[top:, :seam], west[: 121 - top, -seam:])
    assert np.array_equal(found[top:, seam:], east[: 121 - top, : 121 - seam])
    assert (found[:top] == nodata).all()
    assert [note for note in done.notes if "taken as sea" in note] == [
        f"no such tile, taken as sea: Copernicus_DSM_COG_10_N21_00_{lon}_00_DEM.tif"
        for lon in ("E106", "E107")
    ]


@pytest.mark.usefixtures("server")
def test_an_area_without_any_tile_is_an_error(tmp_path):
    with pytest.raises(PhusongError, match="no tile of this area"):
        collect.fetch(request("terrain", tmp_path, (106.9, 20.9, 107.1, 21.1)))


def test_the_second_time_nobody_is_asked(server, tmp_path):
    serve_terrain(server, tmp_path, "N21E105", 1)
    asked = request("terrain", tmp_path, (105.50, 21.30, 105.55, 21.34))
    first = collect.fetch(asked)
    count = len(server.log)
    second = collect.fetch(asked)
    assert (first.new, second.new) == (True, False)
    assert second.files == first.files
    assert len(server.log) == count
    first.files[0].write_bytes(b"spoilt")
    assert collect.fetch(asked).new
    other = request("terrain", tmp_path, (105.50, 21.30, 105.56, 21.34))
    assert collect.fetch(other).new
    assert collect.fetch(replace(other, refresh=True)).new


def test_a_server_without_ranges_gives_the_whole_file_once(server, tmp_path):
    people = np.arange(250_000, dtype=np.float32).reshape(500, 500) / 1e4
    body = cog(tmp_path / "p.tif", people, 105.0, 22.0, 1 / 500, nodata=-99999.0)
    path = path_of("population")
    server.serve(path, body, ranges=False)
    done = collect.fetch(request("population", tmp_path, (105.5, 21.3, 105.6, 21.4)))
    assert np.array_equal(opened(done.files[0])[0], people[300:350, 250:300])
    server.log.clear()
    more = collect.fetch(request("population", tmp_path, (105.1, 21.3, 105.2, 21.4)))
    assert np.array_equal(opened(more.files[0])[0], people[300:350, 50:100])
    assert server.log == []


def test_a_packed_srtm_tile_is_unpacked_and_its_voids_stay(server, tmp_path):
    values = np.random.default_rng(3).integers(0, 1500, (1201, 1201)).astype(">i2")
    values[700, 600] = -32768
    server.serve(path_of("terrain", "srtm", "N21E105"), gzip.compress(values.tobytes()))
    limits = (105.45, 21.35, 105.55, 21.45)
    done = collect.fetch(request("terrain", tmp_path, limits, "srtm"))
    found, transform, nodata = opened(done.files[0])
    assert nodata == -32768
    assert (found == nodata).sum() == 1
    row, column = round((22 - transform.f) * 1200 + 0.5), round((transform.c - 105) * 1200 + 0.5)
    assert np.array_equal(found, values[row:, column:][: found.shape[0], : found.shape[1]])
    assert done.checked == ("checksum inside the format",)
    assert not list(done.files[0].parent.glob(".tiles-*"))


def test_a_mirror_folder_needs_no_network(server, tmp_path):
    values, half = heights(4), 0.5 / 600
    mirror = tmp_path / "mirror"
    (mirror / "copernicus").mkdir(parents=True)
    name = COPERNICUS.format("N21_00_E105_00").split("/")[1]
    cog(mirror / "copernicus" / name, values, 105 - half, 22 + half, 1 / 600)
    limits = (105.50, 21.30, 105.55, 21.34)
    done = collect.fetch(request("terrain", tmp_path, limits, mirror=str(mirror)))
    assert opened(done.files[0])[0].shape == (25, 31)
    assert server.log == []
    limits = (105.50, 22.30, 105.55, 22.34)
    with pytest.raises(InputError, match=r"the mirror lacks files.*\n.*N22_00_E105_00_DEM.tif"):
        collect.fetch(request("terrain", tmp_path, limits, mirror=str(mirror)))
    with pytest.raises(InputError, match="neither a folder nor an http address"):
        collect.fetch(request("terrain", tmp_path, limits, mirror=str(tmp_path / "no")))


def test_a_mirror_on_the_web_holds_files_by_name(server, tmp_path):
    server.serve("/m/452.csv.gz", gzip.compress(CELLS.encode()))
    asked = request("cells", tmp_path, (105, 21, 106, 22), mirror=f"{server.url}/m/")
    assert [path.name for path in collect.fetch(asked).files] == [
        "cells_opencellid.csv",
        "sites.csv",
    ]
    assert [asked.path for asked in server.log] == ["/m/452.csv.gz"]


def test_cells_are_cut_out_and_lte_cells_become_sites(server, tmp_path):
    path = path_of("cells").replace("{token}", "abc")
    server.serve(path, gzip.compress(CELLS.encode()))
    done = collect.fetch(request("cells", tmp_path, (105, 21, 106, 22), token="abc"))  # noqa: S106
    cells, sites = (
        list(csv.DictReader(path.read_text("utf-8").splitlines())) for path in done.files
    )
    assert len(cells) == 4
    assert [(row[col.SITE_ID], float(row["lon"])) for row in sites] == [
        ("MobiFone-2", 105.6),
        ("Viettel-100", 105.5825),  # 30 samples at 105.58, 10 at 105.59
    ]
    assert {row[col.TECHNOLOGIES] for row in sites} == {"4G"}
    told = (tmp_path / "out" / collect.RECORD).read_text("utf-8")
    assert "token=***" in told
    assert "abc" not in told


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":"error","message":"INVALID_TOKEN"}',
        gzip.compress(b"RATE_LIMITED\n" * 3, mtime=0),
        gzip.compress(CELLS.encode())[:-9],
        gzip.compress(b"", mtime=0),
    ],
)
def test_a_message_instead_of_cells_is_said(tmp_path, body):
    path = tmp_path / "452.csv.gz"
    path.write_bytes(body)
    with pytest.raises(InputError, match=r"452.csv.gz: .*is the token right"):
        opencellid.cells(path, Area(Box(105, 21, 106, 22)))


def test_a_header_and_a_bad_line_are_passed_over(tmp_path):
    path = tmp_path / "452.csv.gz"
    header = ",".join(opencellid.FIELDS) + "\n"
    path.write_bytes(gzip.compress((header + CELLS + "LTE,452,x\n").encode()))
    assert len(opencellid.cells(path, Area(Box(105, 21, 106, 22)))) == 4


def test_roads_and_zones_come_out_of_openstreetmap(server, tmp_path):
    server.serve(path_of("osm"), OSM.encode())
    done = collect.fetch(request("osm", tmp_path, (105.5, 21.2, 105.7, 21.4)))
    roads, zones = (gpd.read_file(path) for path in done.files)
    assert list(roads["name"]) == ["Quốc lộ 2"]
    assert sorted(zip(zones[col.KIND], zones[col.NAME], strict=True)) == [
        ("industrial", "KCN Nhỏ"),
        ("tourism", ""),
    ]
    assert done.checked == ("no checksum beside",)


def test_communes_come_out_of_openstreetmap(server, tmp_path):
    server.serve(path_of("boundaries", "osm"), OSM.encode())
    limits = (105.5, 21.2, 105.7, 21.4)
    done = collect.fetch(request("boundaries", tmp_path, limits, "osm"))
    found = gpd.read_file(done.files[0])
    assert list(found[col.COMMUNE_CODE]) == ["08707"]
    assert col.POPULATION not in found
    assert any("residents are lacking" in note for note in done.notes)


def test_provinces_come_out_of_the_package_of_hdx(server, tmp_path):
    units = gpd.GeoDataFrame(
        {"adm1_pcode": ["VN25", "VN01"], "adm1_name": ["Phú Thọ", "Hà Nội"]},
        geometry=[box(104.8, 20.3, 105.9, 21.8), box(105.9, 20.5, 106.1, 21.3)],
        crs="EPSG:4326",
    )
    with zipfile.ZipFile(tmp_path / "hdx.zip", "w") as archive:
        archive.writestr(collect.HDX_LAYER, units.to_json())
    server.serve(path_of("boundaries", "hdx"), (tmp_path / "hdx.zip").read_bytes())
    limits = (105.2, 21.0, 105.85, 21.7)
    done = collect.fetch(request("boundaries", tmp_path, limits, "hdx"))
    assert list(gpd.read_file(done.files[0])[col.NAME]) == ["Phú Thọ"]


def serve_everything(server, tmp_path, monkeypatch, communes):
    """Serve what a province needs: units, heights, people, classes, roads and cells."""
    near = communes.to_crs(4326)
    units = near.assign(shapeID=[f"VNM-{i}" for i in range(4)], shapeName=near[col.NAME])
    far = units.head(1).assign(shapeID="VNM-9", geometry=[box(108, 15, 109, 16)])
    body = gpd.pd.concat([units, far])[["shapeID", "shapeName", "geometry"]].to_json().encode()
    rule = f"sha256:{hashlib.sha256(body).hexdigest()}"
    rows = tuple(
        replace(row, checksum=rule) if row.name == "geoboundaries" else row
        for row in sources.table()
    )
    monkeypatch.setattr(sources, "table", lambda: rows)
    server.serve(path_of("boundaries"), body)
    serve_terrain(server, tmp_path, "N21E105", 1)
    ones = np.full((500, 500), 2.0, np.float32)
    server.serve(path_of("population"), cog(tmp_path / "p.tif", ones, 105, 22, 1 / 500))
    classes = np.full((900, 900), 40, np.uint8)
    classes[480:500] = 50
    tile = cog(tmp_path / "c.tif", classes, 105, 24, 3 / 900)
    server.serve(path_of("landcover", tile="N21E105"), tile)
    server.serve(path_of("osm"), OSM.encode())
    path = path_of("cells").replace("{token}", "abc")
    server.serve(path, gzip.compress(CELLS.encode()))


def test_what_is_fetched_builds_a_province(
    server, tmp_path, monkeypatch, capsys, mini_folder, mini_province
):
    serve_everything(server, tmp_path, monkeypatch, mini_province.communes)
    monkeypatch.setenv(collect.TOKEN_VARIABLE, "abc")
    monkeypatch.chdir(tmp_path)
    order = ["data", "fetch", *fetch.WHATS, "--province", str(mini_folder), "--out", "got"]
    assert cli.main(order) == 0
    told = capsys.readouterr().out
    assert "4 units" in told
    assert "CC BY-SA 4.0" in told
    command = told.splitlines()[-1]
    assert command.startswith("next: phusong data build --communes got/boundaries.geojson")
    assert cli.main(shlex.split(command)[2:]) == 0
    built = folder.open_province(tmp_path / "provinces" / "mine")
    assert {built.provenance[layer].status for layer in built.provenance} == {"given"}
    assert len(built.communes) == len(built.districts) == 4
    pixels = shapely.area(mini_province.communes.to_crs(4326).geometry.to_numpy()) * 500**2
    assert np.allclose(built.communes[col.POPULATION], 2 * pixels, rtol=0.1)
    assert list(built.sites[col.OPERATOR]) == ["MobiFone", "Viettel"]
    assert set(built.zones[col.KIND]) == {"industrial", "tourism"}
    said = json.loads((tmp_path / "got" / collect.RECORD).read_text("utf-8"))
    assert set(said) == set(fetch.WHATS)
    assert all(entry["licence"] and entry["attribution"] for entry in said.values())


def test_the_result_is_given_as_json(server, tmp_path, capsys):
    serve_terrain(server, tmp_path, "N21E105", 1)
    order = ["data", "fetch", "terrain", "--bbox", "105.5,21.3,105.55,21.34", "--json"]
    assert cli.main([*order, "--out", str(tmp_path / "out")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fetched"][0]["files"] == [str(tmp_path / "out" / "terrain.tif")]
    assert told["next"].startswith("phusong data build --communes YOUR-FILE --terrain")


def test_without_network_the_address_and_the_way_by_hand_are_told(tmp_path, monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "FOLDER", tmp_path / "cache")
    move_sources(monkeypatch, f"http://127.0.0.1:{port}")
    monkeypatch.setenv(collect.TOKEN_VARIABLE, "s3cr3t")
    for what in fetch.WHATS:
        order = ["data", "fetch", what, "--bbox", "105.5,21.3,105.55,21.34"]
        assert cli.main([*order, "--out", str(tmp_path / "out")]) == 1
        told = capsys.readouterr().err
        assert "connection refused" in told
        assert f":{port}/" in told
        assert f"phusong data fetch {what}" in told
        assert "--from FOLDER" in told
        assert "s3cr3t" not in told
        assert "Traceback" not in told
    assert not list((tmp_path / "out").glob("*.*"))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (["terain"], "WHAT, value 'terain': is not known"),
        ([], "WHAT: is lacking"),
        (["terrain", "osm", "--source", "srtm"], "--source, value 'srtm': goes with one WHAT"),
        (["terrain", "--source", "aster"], r"sources of terrain: copernicus, srtm"),
        (["terrain", "--timeout", "0"], "must be above 0 seconds"),
        (["terrain", "--bbox", "105,21,106"], "is not four numbers"),
        (["terrain", "--bbox", "105,21,x,22"], "is not four numbers"),
        (["terrain", "--bbox", "106,21,105,22"], "is empty"),
        (["terrain", "--bbox", "nan,21,105,22"], "is empty"),
        (["terrain", "--bbox", "21,105,22,106"], "are longitude and latitude swapped"),
        (["terrain", "--bbox", "102,8,110,24"], "larger than 25 square degrees"),
        (["cells", "--bbox", "105,21,106,22"], "OPENCELLID_TOKEN is not set"),
    ],
)
def test_wrong_orders_are_refused(monkeypatch, tmp_path, capsys, order, message):
    monkeypatch.delenv(collect.TOKEN_VARIABLE, raising=False)
    assert cli.main(["data", "fetch", *order, "--out", str(tmp_path / "out")]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_the_list_names_every_source_with_its_licence(capsys):
    assert cli.main(["data", "fetch", "--list"]) == 0
    told = capsys.readouterr().out
    for source in sources.table():
        assert source.licence in told
        assert source.attribution in told
    assert cli.main(["data", "fetch", "terrain", "--list", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == ["copernicus", "srtm"]


def test_the_table_of_the_sources_is_sound():
    names = [(source.what, source.name) for source in sources.table()]
    assert len(names) == len(set(names))
    assert {what for what, _ in names} == set(sources.WHATS) == set(fetch.WHATS)
    for source in sources.table():
        assert source.address.startswith("https://")
        assert source.access in {"window", "tiles", "whole"}
        assert re.fullmatch(r"none|crc|md5-beside|sha256:[0-9a-f]{64}", source.checksum)
        assert all((source.licence, source.attribution, source.version, source.checked))


def test_the_documentation_holds_the_table():
    text = (ROOT / "docs" / "sources.md").read_text("utf-8")
    assert sources.markdown() in text, "renew the table in docs/sources.md: sources.markdown()"


def test_tiles_are_named_by_their_south_west_corner():
    source = sources.choose("terrain")
    found = sources.addresses(source, Box(105.2, 20.95, 106.0, 21.7))
    assert [re.findall(r"_([NS]\d\d)_00_([EW]\d+)_", url)[0] for url in found] == [
        ("N20", "E105"),
        ("N21", "E105"),
    ]
    cover = sources.addresses(sources.choose("landcover"), Box(104.9, 20.0, 105.1, 21.5))
    assert [re.search(r"([NS]\d\d[EW]\d{3})_Map", url)[1] for url in cover] == [
        *("N18E102", "N18E105", "N21E102", "N21E105"),
    ]


def test_the_area_of_the_embedded_province_holds_its_planning_grid():
    place = area.of_province(None)
    west, south, east, north = place.outline.bounds
    margin = math.degrees(3000 / 6_378_137)
    assert place.box.west < west - margin < east + margin < place.box.east
    assert place.box.south < south - margin < north + margin < place.box.north


def test_rasters_of_another_grid_are_not_joined(tmp_path):
    one = np.ones((10, 10), np.float32)
    cog(tmp_path / "a.tif", one, 105.0, 22.0, 0.01)
    cog(tmp_path / "b.tif", one, 105.1053, 22.0, 0.01)
    places = [tmp_path / "a.tif", tmp_path / "b.tif"]
    with pytest.raises(InputError, match=r"b.tif: does not lie on the grid"):
        window.cut(places, Box(105, 21.9, 105.2, 22), tmp_path / "c.tif", HASTE)


def test_a_window_without_values_is_an_error(tmp_path):
    cog(tmp_path / "a.tif", np.zeros((10, 10), np.uint8), 105.0, 22.0, 0.01, nodata=0)
    with pytest.raises(PhusongError, match="hold no value"):
        window.cut([tmp_path / "a.tif"], Box(105, 21.9, 105.1, 22), tmp_path / "c.tif", HASTE)
    assert not (tmp_path / "c.tif").exists()


def test_what_is_not_a_raster_is_said(server, tmp_path):
    server.serve(path_of("population"), b"<html>moved</html>" * 100)
    with pytest.raises(InputError, match="cannot be read as a raster"):
        collect.fetch(request("population", tmp_path, (105.5, 21.3, 105.6, 21.4)))
    assert not list((tmp_path / "out").glob("*.tif"))


VRT = b"""<VRTDataset rasterXSize="9" rasterYSize="9"><SRS>EPSG:4326</SRS>
<GeoTransform>105, 0.1, 0, 22, 0, -0.1</GeoTransform><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename>/etc/hostname</SourceFilename></SimpleSource>
</VRTRasterBand></VRTDataset>"""
OGR_VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="lines"><SrcDataSource>/etc/hostname
</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.mark.parametrize(
    ("what", "name", "body", "message"),
    [
        ("population", None, VRT, "cannot be read as a raster"),
        ("boundaries", "osm", OGR_VRT, "cannot be read as OpenStreetMap data"),
        ("osm", None, OGR_VRT, "cannot be read as OpenStreetMap data"),
    ],
)
def test_a_file_that_points_to_files_of_this_machine_is_refused(
    server, tmp_path, what, name, body, message
):
    server.serve(path_of(what, name), body)
    with pytest.raises(InputError, match=message):
        collect.fetch(request(what, tmp_path, (105.5, 21.3, 105.6, 21.4), name))


def test_units_that_point_to_files_of_this_machine_are_refused(tmp_path):
    path = tmp_path / "units.geojson"
    path.write_bytes(OGR_VRT)
    with pytest.raises(InputError, match="is not GeoJSON"):
        public_units.read(path)


@given(
    west=st.floats(102, 109),
    south=st.floats(8, 23),
    wide=st.floats(0.01, 4),
    high=st.floats(0.01, 4),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    what=st.sampled_from(["terrain", "landcover"]),
)
def test_every_place_of_a_box_lies_on_one_tile(west, south, wide, high, at, what):
    source = sources.choose(what)
    limits = Box(west, south, west + wide, south + high)
    lon = min(west + at[0] * wide, limits.east - 1e-9)
    lat = min(south + at[1] * high, limits.north - 1e-9)
    size = source.tile_deg
    corner = math.floor(lat / size) * size, math.floor(lon / size) * size
    mine = source.address.format(ns="N", lat=corner[0], ew="E", lon=corner[1])
    assert sources.addresses(source, limits).count(mine) == 1


def test_a_list_without_lte_has_no_sites():
    """Found by broken files: an area in which only other technologies are known."""
    none = pd.DataFrame(columns=list(opencellid.FIELDS)).astype(opencellid.NUMBERS)
    assert opencellid.sites(none).empty
