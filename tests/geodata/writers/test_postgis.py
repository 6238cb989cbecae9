"""Layers in a real PostgreSQL with PostGIS that the tests start, in a temporary folder."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path

import gis_folder
import maps_run
import pytest
from gis_folder import HOSTILE

from phusong import columns as col
from phusong.commands import cli
from phusong.geodata.writers import markup, postgis

SERVER_USER = "postgres"  # the server refuses to run as root


def programs():
    """Return the folder of PostgreSQL's programs, the newest first; None where it has none."""
    found = shutil.which("pg_ctl")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    return Path(found).resolve().parent if found else (places[0].parent if places else None)


def has_postgis():
    return any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))


def absent(reason):
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def as_server(command):
    """Run a program as a user who is not root."""
    prefix = ["runuser", "-u", SERVER_USER, "--"] if os.geteuid() == 0 else []
    # pg_ctl leaves a server behind that would hold a pipe open
    done = subprocess.run(
        [*prefix, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, command


@pytest.fixture(scope="module")
def server():
    """Start a server on a free port; return the address of its database."""
    where = programs()
    if where is None or not has_postgis():
        absent("needs PostgreSQL and PostGIS: nothing was written to a database")
    if importlib.util.find_spec("psycopg") is None:
        absent("psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="phusong-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, SERVER_USER)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    )
    try:
        initdb = [where / "initdb", "-D", data, "-U", "planner", "-A", "trust", "-E", "UTF8"]
        as_server([*initdb, "--locale=C.UTF-8", "--no-sync"])
        as_server(
            [where / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start"]
        )
        yield f"postgresql://planner@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            as_server([where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = gis_folder.write_package(tmp_path_factory.mktemp("postgis") / "run")
    record = json.dumps({**gis_folder.record(), "language": "en"}, ensure_ascii=False)
    (folder / "run.json").write_text(record, encoding="utf-8")
    return folder


def command(run, target, *more):
    return cli.main(["export", str(run), "--to", str(target), "--lang", "en", *map(str, more)])


def asked(server, question, *values):
    import psycopg  # noqa: PLC0415 - optional

    with psycopg.connect(server) as connection:
        return connection.execute(question, values or None).fetchall()


@pytest.fixture(scope="module")
def filled(run, server):
    assert command(run, server) == cli.DONE
    return server


def test_every_layer_is_a_table_with_its_geometry(filled):
    rows = asked(
        filled,
        "SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_schema = 'phusong'",
    )
    layers = gis_folder.hostile_layers()
    assert {name for name, _, _ in rows} == set(layers)
    assert {srid for _, srid, _ in rows} == {5897}
    kinds = {name: kind for name, _, kind in rows}
    assert (kinds["ranking"], kinds["zones"], kinds["backhaul"]) == (
        "POINT",
        "MULTIPOLYGON",
        "LINESTRING",
    )
    for name, frame in layers.items():
        assert asked(filled, f'SELECT count(*) FROM phusong."{name}"')[0][0] == len(frame)  # noqa: S608


def test_areas_and_values_survive(filled):
    area, workers = asked(filled, "SELECT sum(ST_Area(geom)), sum(workers) FROM phusong.zones")[0]
    assert area == pytest.approx(maps_run.zones().area.sum())
    assert workers == 8000
    found = asked(filled, "SELECT site_id FROM phusong.sites")
    assert {row[0] for row in found} == {markup.clean(name) for name in HOSTILE}
    empty = asked(filled, "SELECT count(*) FROM phusong.zones WHERE area_ha IS NULL")
    assert empty == [(1,)]


def test_postgis_places_the_points_where_we_do(filled):
    lon, lat = asked(
        filled,
        "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(geom, 4326) p FROM phusong.ranking"
        " WHERE rank = 1) q",
    )[0]
    here = maps_run.place(700, 700)
    assert abs(lon - here.x) < 2e-6
    assert abs(lat - here.y) < 2e-6


def test_types_index_and_comments(filled):
    types = dict(
        asked(
            filled,
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'phusong' AND table_name = 'ranking'",
        )
    )
    assert (types[col.RANK], types[col.PEOPLE_GAINED], types[col.REASON]) == (
        "bigint",
        "double precision",
        "text",
    )
    made = asked(filled, "SELECT indexdef FROM pg_indexes WHERE tablename = 'ranking'")
    assert any("USING gist (geom)" in row[0] for row in made)
    comment = "SELECT col_description('phusong.ranking'::regclass, attnum) FROM pg_attribute"
    said = asked(filled, f"{comment} WHERE attrelid = 'phusong.ranking'::regclass")
    assert ("Residents newly covered [people]",) in said
    told = asked(filled, "SELECT obj_description('phusong.zones'::regclass)")[0][0]
    assert told.startswith("Urban, industrial and tourism zones\n<script>")
    assert "status of the data" in told


def test_tables_are_replaced_only_when_asked_and_all_or_none(filled, run, capsys, monkeypatch):
    assert command(run, filled, "--layers", "zones") == cli.WRONG_INPUT
    assert "phusong.zones: exists (give another --schema, or --replace)" in capsys.readouterr().err
    assert command(run, filled, "--layers", "zones", "--replace", "--crs", "4326") == cli.DONE
    assert asked(filled, "SELECT DISTINCT ST_SRID(geom) FROM phusong.zones") == [(4326,)]
    assert command(run, filled, "--layers", "zones", "--replace") == cli.DONE

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(postgis, "_comment", interrupt)
    assert command(run, filled, "--layers", "zones", "--schema", "other") == cli.INTERRUPTED
    assert asked(filled, "SELECT 1 FROM pg_namespace WHERE nspname = 'other'") == []


def test_names_of_schemas_are_quoted(filled, run, capsys):
    odd = 'a"; DROP SCHEMA phusong CASCADE; --'
    assert command(run, filled, "--layers", "zones", "--schema", odd) == cli.DONE
    assert capsys.readouterr().out == f"{odd}.zones\n"
    assert asked(filled, "SELECT count(*) FROM phusong.zones") == [(3,)]


def test_no_server_is_said_without_the_password(run, capsys):
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        target = f"postgresql://planner:hunter2@127.0.0.1:{port}/postgres"
        assert command(run, target) == cli.WRONG_INPUT
    error = capsys.readouterr().err
    assert "nothing was changed" in error
    assert "refused" in error
    assert "hunter2" not in error


def test_a_missing_driver_is_named(run, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert command(run, "postgresql://127.0.0.1/x") == cli.WRONG_INPUT
    assert "psycopg is not installed (pip install phusong[postgis])" in capsys.readouterr().err
