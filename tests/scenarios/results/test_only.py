"""Parts of a run, written alone: nothing else is touched, and nothing passes for what it is not."""

import json

import geopandas as gpd
import pytest

import phusong as ps
from phusong import content_cache
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.files import raster
from phusong.maps.pages.province_map import write_map
from phusong.maps.report.report import write_report
from phusong.scenarios.results import outputs

SETTINGS = {"rollout.stations": {2024: 2, 2025: 3}, "candidates.lattice_m": 290}
MORE = {**SETTINGS, "rollout.stations": {2024: 2, 2025: 5}}


@pytest.fixture(scope="module")
def plans(mini_province):
    """Return a plan of five stations, and one of seven."""
    made = (ps.load_scenario("urban", settings) for settings in (SETTINGS, MORE))
    return [ps.plan(mini_province, scenario, language="en", proof=False) for scenario in made]


@pytest.fixture(scope="module")
def whole(plans, tmp_path_factory):
    return plans[0].write(tmp_path_factory.mktemp("runs") / "whole")


@pytest.fixture
def earlier(whole, tmp_path, monkeypatch):
    """Return a copy of the whole run, of a year before, with a file that is not its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    for path in whole.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    record = json.loads((folder / "run.json").read_text("utf-8"))
    record["created"] = "2023-11-14T22:13:20+00:00"
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "notes.txt").write_text("mine")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1731622400")
    return folder


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def record_of(folder):
    return json.loads((folder / "run.json").read_text("utf-8"))


def test_what_is_asked_for_is_that_of_the_whole_run(plans, whole, tmp_path):
    plans[0].write(tmp_path / "part", only=["ranking", "communes", "rsrp_after", "tables"])
    part = bytes_of(tmp_path / "part")
    names = {"ranking.csv", "ranking.geojson", "communes.geojson", "rsrp_after.tif", "run.json"}
    assert names < set(part)
    assert set(part) - names == {p.name for p in whole.glob("*.csv")} - names | {"tables.json"}
    for name in set(part) - {"run.json"}:
        assert part[name] == (whole / name).read_bytes(), name
    record = record_of(tmp_path / "part")
    assert record["files"] == sorted(part)
    assert record["only"] == ["ranking", "communes", "rsrp_after", "tables"]
    assert record["earlier"] == []
    assert record["headline"] == record_of(whole)["headline"]


def test_a_map_alone_is_drawn_of_this_plan(plans, whole, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1731622400")
    again = plans[0].write(tmp_path / "whole")
    plans[0].write(tmp_path / "map", only=["map"])
    assert sorted(bytes_of(tmp_path / "map")) == ["map.html", "run.json"]
    assert (tmp_path / "map" / "map.html").read_bytes() == (again / "map.html").read_bytes()
    del whole


def test_pages_drawn_later_from_the_folder_are_the_same(whole, tmp_path):
    """While a run is written pages are drawn of arrays in memory, later of its files."""
    copy = tmp_path / "run"
    copy.mkdir()
    for path in whole.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    for page, write in (("map.html", write_map), ("report.html", write_report)):
        (copy / page).unlink()
        write(copy, "en")
        assert (copy / page).read_bytes() == (whole / page).read_bytes(), page


def test_for_a_map_no_raster_is_compressed(plans, tmp_path, monkeypatch):
    def refused(*_):
        raise AssertionError("a raster was compressed")

    monkeypatch.setattr(raster, "_compressed", refused)
    monkeypatch.setattr(content_cache, "FOLDER", tmp_path / "cache")
    plans[0].write(tmp_path / "map", only=["map", "ranking"])
    with pytest.raises(AssertionError, match="was compressed"):
        plans[0].write(tmp_path / "part", only=["map", "rsrp_after"])
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("name", [*outputs.GROUPS, "zones", "served"])
def test_every_name_writes_its_files_and_no_others(plans, whole, tmp_path, name):
    plans[0].write(tmp_path / "part", only=[name])
    written = set(bytes_of(tmp_path / "part"))
    wanted = outputs.asked([name])
    assert written == {p.name for p in whole.iterdir() if wanted.has(p.name)} | {"run.json"}
    assert len(written) > 1


def test_every_file_of_a_run_belongs_to_a_group(whole):
    wanted = outputs.asked(outputs.GROUPS)
    assert {p.name for p in whole.iterdir() if not wanted.has(p.name)} == {"run.json"}


def test_other_files_stay_and_the_record_says_of_which_run(plans, earlier):
    before = bytes_of(earlier)
    plans[1].write(earlier, only=["ranking"])
    after = bytes_of(earlier)
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"ranking.csv", "ranking.geojson", "run.json"}
    assert set(after) == set(before)
    assert len(gpd.read_file(earlier / "ranking.geojson")) == 7
    record = record_of(earlier)
    assert record["files"] == sorted(changed)
    (run,) = record["earlier"]
    assert run["created"] == "2023-11-14T22:13:20+00:00" != record["created"]
    assert set(run["files"]) == set(before) - changed - {"notes.txt"}


def test_parts_of_several_runs_are_told_apart_until_a_whole_run_replaces_all(plans, earlier):
    plans[1].write(earlier, only=["ranking"])
    first = record_of(earlier)
    plans[0].write(earlier, only=["communes", "ranking"])
    record = record_of(earlier)
    assert record["files"] == ["communes.geojson", "ranking.csv", "ranking.geojson", "run.json"]
    (oldest,) = record["earlier"]  # nothing is left of the one between
    assert set(oldest["files"]) == set(first["earlier"][0]["files"]) - {"communes.geojson"}
    plans[1].write(earlier, only=["map"])
    latest, oldest = record_of(earlier)["earlier"]
    assert latest["files"] == ["communes.geojson", "ranking.csv", "ranking.geojson"]
    assert "map.html" not in oldest["files"]
    (earlier / "old.tif").write_bytes(b"")
    record = record_of(earlier)
    record["earlier"][0]["files"].append("old.tif")
    (earlier / "run.json").write_text(json.dumps(record), encoding="utf-8")
    plans[0].write(earlier)
    record = record_of(earlier)
    assert "only" not in record
    assert "earlier" not in record
    assert not (earlier / "old.tif").exists()
    assert (earlier / "notes.txt").read_text() == "mine"
    assert len(ps.open_run(earlier).ranking) == 5


def test_readers_refuse_parts_of_runs(plans, earlier, tmp_path):
    plans[1].write(earlier, only=["ranking", "map"])
    with pytest.raises(InputError, match=r"only ranking, map were written .*without --only"):
        ps.open_run(earlier)
    with pytest.raises(InputError, match="no whole run"):
        ps.compare(earlier, earlier)
    targets = {"publish": tmp_path / "feed", "export": tmp_path / "layers.gpkg"}
    for command in (
        ["report"],
        ["map"],
        *([name, "--to", str(to)] for name, to in targets.items()),
    ):
        assert cli.main([command[0], str(earlier), *command[1:]]) == cli.WRONG_INPUT
    plans[0].write(earlier)
    assert len(ps.open_run(earlier).ranking) == 5


def test_names_that_are_unknown_are_told_with_all_there_are(plans, tmp_path):
    with pytest.raises(InputError) as caught:
        plans[0].write(tmp_path / "part", only=["map", "maps", "rankings"])
    text = str(caught.value)
    assert text.count("no output of a run has this name") == 2
    for known in ("'maps'", "'rankings'", "what_if", "communes", "rsrp_by_year"):
        assert known in text
    assert not (tmp_path / "part").exists()


def test_the_command_writes_parts_and_says_so(mini_folder, tmp_path, capsys):
    out = tmp_path / "out"
    settings = [f"rollout.stations={SETTINGS['rollout.stations']}".replace(":", " =")]
    common = ["run", "urban", "--province", str(mini_folder), "--out", str(out), "--lang", "en"]
    common += ["--set", settings[0], "--no-proof"]
    assert cli.main([*common, "--only", "map,ranking"]) == cli.DONE
    said = capsys.readouterr().out
    assert "only map, ranking were written (--only)" in said
    assert "report.html" not in said
    files = ["map.html", "ranking.csv", "ranking.geojson", "run.json"]
    assert sorted(path.name for path in out.iterdir()) == files
    record = record_of(out)
    assert record["files"] == files
    assert record["what_if"] is None
    assert "what if" not in record["timings_s"]
    assert cli.main([*common, "--only", "all"]) == cli.WRONG_INPUT
    assert "map, report, ranking, layers, tables, rasters, package, what_if" in (
        capsys.readouterr().err
    )
