"""Layers handed on as files of other formats: what goes in comes out, limits are said."""

import importlib.util
import json
import sqlite3
import subprocess
from contextlib import closing

import geopandas as gpd
import gis_folder
import maps_run
import pyogrio
import pytest
from gis_folder import HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, box

from phusong import columns as col
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.crs import GEOGRAPHIC, PLANNING
from phusong.geodata.files import vector as files_vector
from phusong.geodata.runs import run_layers
from phusong.geodata.writers import formats, lineage, markup, vector

needs_pyarrow = pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = gis_folder.write_package(tmp_path_factory.mktemp("exchange") / "run")
    record = json.dumps({**gis_folder.record(), "language": "en"}, ensure_ascii=False)
    (folder / "run.json").write_text(record, encoding="utf-8")
    return folder


def command(run, target, *more):
    return cli.main(["export", str(run), "--to", str(target), "--lang", "en", *map(str, more)])


def wrong(capsys, *arguments):
    assert command(*arguments) == cli.WRONG_INPUT
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def test_geopackage_holds_all_layers_with_headings_in_the_language(run, tmp_path, capsys):
    path = tmp_path / "all.gpkg"
    assert command(run, path, "--lang", "vi", "--crs", "4326") == cli.DONE
    assert capsys.readouterr().out == f"{path}\n"
    names = [name for name, kind in pyogrio.list_layers(path) if kind]
    assert sorted(names) == sorted(gis_folder.hostile_layers())
    for name, frame in gis_folder.hostile_layers().items():
        read = pyogrio.read_dataframe(path, layer=name)
        assert (read.crs, len(read)) == (GEOGRAPHIC, len(frame))
    with closing(sqlite3.connect(path)) as database:
        headings = database.execute("SELECT name FROM gpkg_data_columns").fetchall()
    assert ("Dân số được phủ sóng thêm [người]",) in headings


@pytest.mark.parametrize("suffix", [".fgb", pytest.param(".parquet", marks=needs_pyarrow)])
def test_one_layer_survives(run, tmp_path, suffix):
    path = tmp_path / f"zones{suffix}"
    assert command(run, path, "--layers", "zones") == cli.DONE
    read = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    zones = gis_folder.hostile_layers()["zones"]
    assert read.crs == PLANNING
    assert sorted(read[col.NAME]) == sorted(zones[col.NAME])
    assert read.area.sum() == pytest.approx(zones.area.sum())
    assert sorted(read[col.WORKERS]) == [0, 0, 8000]


def test_several_layers_become_several_files(run, tmp_path, capsys):
    assert command(run, tmp_path / "p.fgb", "--layers", "ranking", "communes") == cli.DONE
    assert capsys.readouterr().out.split() == [
        str(tmp_path / "p_ranking.fgb"),
        str(tmp_path / "p_communes.fgb"),
    ]
    assert len(gpd.read_file(tmp_path / "p_ranking.fgb")) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p_communes.fgb", "p_ranking.fgb"]


def test_shapefile_says_what_it_cannot_hold(run, tmp_path, capsys):
    assert command(run, tmp_path / "p.shp", "--layers", "communes", "ranking") == cli.DONE
    error = capsys.readouterr().err
    assert "field names of 10 bytes" in error
    assert "covered_population_share_after -> covered__2" in error
    read = gpd.read_file(tmp_path / "p_communes.shp")
    assert sorted(read[col.NAME]) == sorted(HOSTILE[:6])
    assert read.crs.to_epsg() == 5897
    share = f"{col.COVERED_POPULATION_SHARE_AFTER}"[:8] + "_2"
    assert read[share].max() == pytest.approx(0.876)


def test_shapefile_cuts_long_texts_between_characters(tmp_path):
    said = []
    frame = maps_run.ranking(2)
    frame[col.REASON] = ["Đ" * 200, "short"]
    frame["live"] = [True, False]
    about = lineage.publication_of(maps_run.record(), "en")
    formats.write(tmp_path / "a.shp", {"ranking": frame}, about, warn=said.append)
    assert any("texts cut at 254 bytes in reason" in text for text in said)
    read = gpd.read_file(tmp_path / "a.shp")
    assert sorted(read["reason"]) == ["short", "Đ" * 127]
    assert sorted(read["live"]) == [0, 1]


@pytest.mark.parametrize("suffix", [".tab", ".dxf"])
def test_mapinfo_and_dxf_are_read_back_where_they_stand(tmp_path, suffix):
    """To a decimetre: MapInfo goes through WGS 84, DXF says no coordinate system."""
    about, said = lineage.publication_of(maps_run.record(), "en"), []
    layers = {"ranking": maps_run.ranking(4), "communes": maps_run.communes()}
    written = formats.write(tmp_path / f"a{suffix}", layers, about, warn=said.append)
    assert len(written) == 2
    for path, frame in zip(written, layers.values(), strict=True):
        read = files_vector.read(path, PLANNING)
        assert len(read) == len(frame)
        moved = read.to_crs(PLANNING).total_bounds - frame.to_crs(PLANNING).total_bounds
        assert abs(moved).max() < 0.1
        if suffix == ".tab":
            assert read.crs.to_epsg() == 4326
            assert set(read[col.COMMUNE_CODE]) == set(frame[col.COMMUNE_CODE])
        else:
            assert set(read["Layer"]) == {path.stem.removeprefix("a_")}
    assert ("WGS 84" if suffix == ".tab" else "no attributes") in said[0]


@given(st.lists(st.text(min_size=1, max_size=30), unique=True, max_size=40))
def test_short_names_fit_and_differ(names):
    short = formats.short_names(names)
    assert list(short) == names
    assert all(len(name.encode()) <= formats.NAME_BYTES for name in short.values())
    assert len({name.lower() for name in short.values()}) == len(names)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp", ".tab"])
def test_a_layer_without_features_is_written(tmp_path, suffix):
    about = lineage.publication_of(maps_run.record(), "en")
    layers = {"holes": maps_run.holes().iloc[:0]}
    written = formats.write(tmp_path / f"a{suffix}", layers, about, warn=lambda _: None)
    assert len(gpd.read_file(written[0], layer=0)) == 0


def test_single_parts_grow_only_where_they_must():
    shapes = [box(0, 0, 1, 1), MultiPolygon([box(2, 2, 3, 3)]), None]
    mixed = gpd.GeoDataFrame(geometry=shapes, crs=PLANNING)
    assert set(formats.promoted(mixed).geom_type.dropna()) == {"MultiPolygon"}
    lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1, 1)])], crs=PLANNING)
    assert set(formats.promoted(lines).geom_type) == {"LineString"}


def test_a_folder_of_geojson_alone_is_exported(tmp_path):
    (tmp_path / "predict.json").write_text(json.dumps(maps_run.record()), encoding="utf-8")
    vector.write_geojson(tmp_path / "cells.geojson", maps_run.sites())
    assert command(tmp_path, tmp_path / "c.gpkg", "--crs", "5897") == cli.DONE
    read = gpd.read_file(tmp_path / "c.gpkg", layer="cells")
    assert (len(read), read.crs) == (10, PLANNING)


def test_an_existing_file_is_replaced_only_when_asked(run, tmp_path, capsys):
    path = tmp_path / "a.fgb"
    path.write_text("mine")
    assert "give another name, or --replace" in wrong(capsys, run, path, "--layers", "zones")
    assert path.read_text() == "mine"
    assert command(run, path, "--layers", "zones", "--replace") == cli.DONE
    assert len(gpd.read_file(path)) == 3


def test_wrong_requests_are_explained(run, tmp_path, capsys, monkeypatch):
    assert "unknown suffix" in wrong(capsys, run, tmp_path / "a.dwg")
    error = wrong(capsys, run, tmp_path / "a.fgb", "--layers", "zoness")
    assert "'zoness': has no such layer" in error
    assert "choose from" in error
    assert "No such file" in wrong(capsys, run, tmp_path / "none" / "a.fgb", "--layers", "zones")
    assert "has no run.json" in wrong(capsys, tmp_path, tmp_path / "a.gpkg")
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda _: None)
    error = wrong(capsys, run, tmp_path / "a.parquet")
    assert "pyarrow is not installed (pip install phusong[parquet])" in error
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(InputError, match="run phusong run first"):
        run_layers.layers_of(tmp_path)


def test_names_are_text_in_every_format(run, tmp_path):
    for suffix in (".gpkg", ".fgb", ".shp", ".tab"):
        path = tmp_path / f"s{suffix}"
        assert command(run, path, "--layers", "sites") == cli.DONE
        read = gpd.read_file(path, layer=0)[col.SITE_ID]
        assert set(HOSTILE[:9]) <= set(read), suffix


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp"])
def test_gdal_opens_every_format(run, tmp_path, suffix):
    path = tmp_path / f"z.{suffix}"
    assert command(run, path, "--layers", "zones") == cli.DONE
    try:
        done = subprocess.run(
            ["ogrinfo", "-ro", "-so", "-al", path], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("ogrinfo (gdal-bin) is not installed")
    assert "Feature Count: 3" in done.stdout
    assert markup.clean(done.stderr) == ""
