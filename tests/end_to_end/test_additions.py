"""The usual additions: a toy of each, added as docs/design.md says, reaches what a run writes."""

import json
import zipfile

import pytest

from phusong import columns as col
from phusong.commands import cli
from phusong.geodata.files import csv_rows, input_formats
from phusong.geodata.files.csv_rows import Line
from phusong.geodata.files.input_formats import RowFormat


def read_json_lines(path, recognised):
    """Return the objects of a file, one a line, as rows below their keys."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    lines = [Line(number, row) for number, row in enumerate(cells)]
    return csv_rows.sheet(path, lines, recognised)


JSON_LINES = RowFormat("JSON lines", (".jsonl",), read_json_lines)


@pytest.fixture(scope="module", autouse=True)
def _added():
    """Add each toy in its registry, as its one line would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_formats, "FORMATS", (*input_formats.FORMATS, JSON_LINES))
        yield


@pytest.fixture(scope="module")
def site_list(mini_province, tmp_path_factory):
    """Return the sites of the small province as JSON lines."""
    path = tmp_path_factory.mktemp("given") / "bts.jsonl"
    sites = mini_province.sites.to_crs(4326)
    rows = [
        {"Mã trạm": site, "Kinh độ": point.x, "Vĩ độ": point.y, "Nhà mạng": operator}
        for site, operator, point in zip(
            sites[col.SITE_ID], sites[col.OPERATOR], sites.geometry, strict=True
        )
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(mini_folder, site_list, tmp_path_factory):
    """Return the folder of a small run with every toy."""
    path = tmp_path_factory.mktemp("run") / "urban"
    settings = ("rollout.stations={ 2024 = 2 }", "candidates.lattice_m=580")
    arguments = ["run", "urban", "--province", mini_folder, "--sites", site_list, "--out", path]
    options = [part for setting in settings for part in ("--set", setting)]
    assert cli.main([*map(str, arguments), "--lang", "en", *options]) == cli.DONE
    return path


def test_an_input_format_is_checked_and_read(out, site_list, mini_folder, capsys):
    arguments = ["data", "check", site_list.parent, "--province", mini_folder]
    assert cli.main([*map(str, arguments)]) == cli.DONE
    assert "12 usable sites" in capsys.readouterr().out
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["headline"]["sites"] == 12
    assert "bts.jsonl" in json.dumps(record["layers"])


def test_an_input_format_is_read_out_of_an_archive(site_list, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "bts.zip", "w") as archive:
        archive.write(site_list, site_list.name)
    assert cli.main(["data", "check", str(tmp_path / "bts.zip")]) == cli.DONE
    assert "12 usable sites" in capsys.readouterr().out


def test_a_file_of_no_format_is_not_read(site_list, monkeypatch, capsys):
    """Without its record the same file is none."""
    others = [form for form in input_formats.FORMATS if form is not JSON_LINES]
    monkeypatch.setattr(input_formats, "FORMATS", others)
    assert cli.main(["data", "check", str(site_list)]) == cli.WRONG_INPUT
    assert "bts.jsonl: cannot be read" in capsys.readouterr().out
