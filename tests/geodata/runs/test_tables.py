"""Tables of a run are read or named, whatever happened to them; so are all files of a run."""

import json
import shutil

import maps_run
import pytest

from phusong.commands import cli, redraw
from phusong.errors import InputError
from phusong.geodata.runs import folder as run_folder
from phusong.geodata.runs import tables

COMMANDS = {
    "map": "map RUN",
    "report": "report RUN",
    "compare": "compare RUN OTHER --out OUT/compare",
    "export": "export RUN --to OUT/a.gpkg",
    "restate": "restate RUN --out OUT",
    "serve": "serve RUN --port 0",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("tables") / "run")


@pytest.fixture
def run(whole, tmp_path):
    shutil.copytree(whole, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: rows[0].pop("masts"), r"\[masts_by_district\]:1, column 'masts': column is"),
        (lambda rows: rows.insert(0, 5), r"\[masts_by_district\]:1: is no row of a table"),
        (lambda rows: rows[1].update(masts="many"), ":2, column 'masts', value 'many': is no nu"),
        (
            lambda rows: rows[1].update(masts=1e300),
            r"column 'masts', value '1e\+300': is no number",
        ),
        (lambda rows: rows[1].update(name=5), "column 'name', value '5': is not a text"),
    ],
)
def test_a_damaged_table_is_told_with_its_place(run, change, problem):
    path = run / tables.NAME
    tree = json.loads(path.read_text("utf-8"))
    assert len(tables.read(path, "masts_by_district")) == len(tree["masts_by_district"]) > 1
    change(tree["masts_by_district"])
    path.write_text(json.dumps(tree), "utf-8")
    with pytest.raises(InputError, match=f"(?s)tables.json is damaged.*{problem}"):
        tables.read(path, "masts_by_district")


def test_bytes_that_are_no_text_and_links_are_refused(run, tmp_path):
    opened, path = run_folder.open_run(run), run / tables.NAME
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    with pytest.raises(InputError, match=r"tables.json is not JSON"):
        opened.rows("qcvn126")
    path.unlink()
    (tmp_path / "secret.json").write_text("{}")
    path.symlink_to(tmp_path / "secret.json")
    with pytest.raises(InputError, match="leads out of the folder"):
        opened.rows("qcvn126")
    path.unlink()
    assert opened.rows("qcvn126") == []


def test_what_people_do_to_a_csv_file_changes_nothing(run):
    """A spreadsheet that saved it may have eaten its zeros: only tables.json is read."""
    before = run_folder.open_run(run).rows("qcvn126")
    (run / "qcvn126.csv").write_text("spoilt")
    assert run_folder.open_run(run).rows("qcvn126") == before
    assert before


DAMAGE = {
    "empty": lambda _: b"",
    "cut": lambda whole: whole[: len(whole) // 2],
    "zeros": lambda whole: bytes(len(whole)),
    "noise": lambda whole: bytes(255 - byte for byte in whole),
    "other": lambda _: b'{"type": "FeatureCollection", "features": [{}]}\n',
    "list": lambda _: b"[]",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_any_damaged_file_is_plain_work_or_a_message(
    name, whole, run, tmp_path, capsys, monkeypatch
):
    """Every file that holds text, damaged in every way: nothing raises what is not ours."""
    monkeypatch.setattr(redraw.Server, "serve_forever", lambda _: None)
    monkeypatch.chdir(tmp_path)
    files = [path.name for path in run.iterdir() if path.suffix in {".csv", ".json", ".geojson"}]
    assert len(files) > 8
    words = COMMANDS[name].replace("RUN", str(run)).replace("OTHER", str(whole)).split()
    if name == "compare":  # which takes longest
        files = [*sorted(files)[::4], "run.json"]
    for number, file in enumerate(sorted(files)):
        way = list(DAMAGE)[number % len(DAMAGE)]
        (run / file).write_bytes(DAMAGE[way]((whole / file).read_bytes()))
        out = tmp_path / f"out{number}"
        out.mkdir()
        code = cli.main([word.replace("OUT", str(out)) for word in words])
        said = capsys.readouterr().err
        assert code in {cli.DONE, cli.WRONG_INPUT}, (file, way)
        assert code == cli.DONE or said.startswith("phusong: "), (file, way)
        if file == "run.json":
            assert code == cli.WRONG_INPUT
        shutil.copyfile(whole / file, run / file)


def test_what_only_a_page_uses_is_told_as_damage(run, capsys):
    record = json.loads((run / "run.json").read_text("utf-8"))
    record["summary"] = {"gained_by_district": [5]}
    (run / "run.json").write_text(json.dumps(record), "utf-8")
    assert cli.main(["report", str(run)]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert "a damaged run, or one of another version" in said
    assert str(run) in said
    assert "write the run again" in said
