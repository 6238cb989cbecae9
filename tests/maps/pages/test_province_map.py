"""The map page and the report of a small run: contents, escaping, missing parts."""

import json
import re
import shutil
from html.parser import HTMLParser

import maps_run
import pytest
from maps_run import NASTY

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import symbols
from phusong.geodata.crs import GEOGRAPHIC
from phusong.maps.frame.offline import script_json
from phusong.maps.pages import province_map
from phusong.maps.report import report

RASTERS = {"rsrp_4g", "sinr_after", "throughput_after", "ss_rsrq_after", "ss_sinr_after@2"} | {
    *("rsrp_after@0", "rsrp_after@2", "served_outdoor@0", "served_outdoor@2"),
    *("served@0", "served@1", "served@2"),
}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("maps") / "run")


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def map_file(run_folder, language):
    written = province_map.write_map(run_folder, language)
    assert written == run_folder / "map.html"
    return written.rename(run_folder / f"map_{language}.html")


class Parts(HTMLParser):
    """Collects what a page would load, its language, and its data."""

    def __init__(self):
        super().__init__()
        self.loaded, self.language, self.tag, self.data = [], None, None, ""

    def handle_starttag(self, tag, attrs):
        """Note what the element would load, and which script this is."""
        values = dict(attrs)
        self.language = values.get("lang") if tag == "html" else self.language
        self.tag = values.get("id") if tag == "script" else None
        self.loaded += [values[key] for key in ("src", "href", "data") if key in values]

    def handle_data(self, data):
        """Keep the text of the data element."""
        if self.tag == "phusong-data":
            self.data += data


def parsed(path):
    parts = Parts()
    parts.feed(path.read_text(encoding="utf-8"))
    return parts


def test_the_page_loads_nothing_and_names_its_language(map_file, language):
    parts = parsed(map_file)
    assert parts.language == language
    assert parts.loaded == []
    styles = re.findall(r"url\(\s*[\"']?([^\"')]{1,40})", map_file.read_text(encoding="utf-8"))
    assert all(target.startswith(("data:", "#")) for target in styles)


def test_the_data_in_the_page_holds_every_layer(map_file, language):
    data = json.loads(parsed(map_file).data)
    assert len(data["communes"]["rows"]) == len(data["communes"]["geometry"]) == 6
    assert [len(axis) for axis in data["sites"]["position"]] == [10, 10]
    assert len(data["candidates"]["rows"]) == 4
    assert len(data["zones"]["rows"]) == 3
    assert len(data["holes"]["rows"]) == 1
    assert set(data["pictures"]["urls"]) == RASTERS | {"covered_year", "best_server"}
    assert list(data["colours"]["operators"]) == ["Viettel", "VNPT", "MobiFone"]
    assert data["language"] == language
    assert data["communes"]["rows"][4][1] == NASTY


def test_the_page_is_the_same_each_time(run_folder, map_file):
    again = province_map.write_map(run_folder, map_file.stem.removeprefix("map_"))
    assert again.read_bytes() == map_file.read_bytes()


def test_data_cannot_end_its_script():
    written = script_json({"name": NASTY})
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"name": NASTY}


def test_a_run_that_knows_no_years_of_coverage_draws_its_other_layers(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / "covered_year.tif").unlink()
    told = maps_run.record()
    del told["network"]
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    data = json.loads(parsed(province_map.write_map(folder, "en")).data)
    assert set(data["pictures"]["urls"]) == RASTERS


def test_years_without_stations_keep_the_colours_of_the_others(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    told = maps_run.record()
    told["years"].append(told["years"][0] | {"year": 2023, "stations": 0})
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    data = json.loads(parsed(province_map.write_map(folder, "en")).data)
    expected = symbols.year_colours([2023, 2024, 2025])
    assert data["colours"]["years"] == {"2024": expected[2024], "2025": expected[2025]}
    assert len(data["palettes"]["covered_year"]["colours"]) == 2 + 3


@pytest.mark.parametrize("missing", ["run.json", "holes.geojson"])
def test_a_folder_that_is_no_run_is_named(run_folder, tmp_path, missing):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    (folder / missing).unlink()
    with pytest.raises(InputError, match=f"(?s)not the folder of a finished run.*{missing}"):
        province_map.write_map(folder, "vi")
    with pytest.raises(InputError, match="unknown language"):
        province_map.write_map(folder, "xx")


def test_a_missing_column_is_named(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    maps_run.holes().drop(columns=col.PEOPLE).to_crs(GEOGRAPHIC).to_file(folder / "holes.geojson")
    with pytest.raises(InputError, match="column 'people': column is missing"):
        report.write_report(folder, "vi")


def test_an_empty_plan_still_gives_page_and_report(run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)
    empty = '{"type": "FeatureCollection", "features": []}'
    for name in ("ranking", "zones", "holes", "sites"):
        (folder / f"{name}.geojson").write_text(empty, encoding="utf-8")
    for raster in folder.glob("*.tif"):
        raster.unlink()
    told = maps_run.record() | {"curve": [], "years": []}
    told["headline"] |= {"stations": 0, "colocated": 0, "new": 0, "cost_million": 0.0}
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")
    data = json.loads(parsed(province_map.write_map(folder, "en")).data)
    assert data["candidates"]["rows"] == []
    assert data["pictures"]["urls"] == {}
    written = report.write_report(folder, "en").read_text(encoding="utf-8")
    assert "The plan proposes no 5G station." in written


# The report


@pytest.fixture(scope="module")
def report_text(run_folder, language):
    path = report.write_report(run_folder, language)
    assert path == run_folder / "report.html"
    return path.read_text(encoding="utf-8")


def test_the_report_says_the_headline_in_its_language(report_text, language):
    gained = {"vi": "thêm 21.345 người", "en": "21,345 people more"}
    cost = {"vi": "3,6 tỷ đồng", "en": "3.6 billion VND"}
    assert gained[language] in report_text
    assert cost[language] in report_text
    assert f'<html lang="{language}">' in report_text


def test_the_report_tells_the_range_of_the_headline_and_of_units(report_text, language):
    headline = {"vi": "31,2% đến 45,7%", "en": "31.2% to 45.7%"}[language]
    assert headline in report_text
    assert '<small class="range">81%–93%</small>' in report_text


def test_a_run_without_bands_still_has_a_map_and_a_report(run_folder, tmp_path):
    """Runs of earlier versions hold no ranges."""
    old = tmp_path / "old"
    shutil.copytree(run_folder, old)
    for name in ("communes", "districts"):
        path = old / f"{name}.geojson"
        tree = json.loads(path.read_text(encoding="utf-8"))
        for feature in tree["features"]:
            for column in col.INTERVALS:
                feature["properties"].pop(column, None)
        path.write_text(json.dumps(tree), encoding="utf-8")
    told = json.loads((old / "run.json").read_text(encoding="utf-8"))
    for end in ("low", "high"):
        del told["headline"][f"people_share_after_{end}"]
    (old / "run.json").write_text(json.dumps(told), encoding="utf-8")
    province_map.write_map(old, "en")
    report.write_report(old, "en")
    assert 'id="people-range"' not in (old / "map.html").read_text(encoding="utf-8")
    assert "38.4%" in (old / "report.html").read_text(encoding="utf-8")


def test_the_report_has_its_tables_maps_and_charts(report_text):
    rows = [
        (name, part.split("</table>")[0].count("<tr") - 1)
        for name, part in re.findall(r'<table class="(\w+)">(.*?</table>)', report_text, re.DOTALL)
    ]
    stations = ("ranking", 8)  # reasons are rows of their own
    assert rows == [
        *(("brief", 2), ("years", 3), ("units", 2), ("quality", 3), stations),
        *(stations, ("units", 14), ("built", 2), ("zones", 3), ("quality", 6)),  # annexes
    ]
    assert report_text.count('class="plate"') == 4
    assert report_text.count('class="chart"') == 2
    assert report_text.count('class="station"') == 8  # the first stations, and all in the annex
    assert "http://" not in report_text.replace("http://www.w3.org", "")
    assert "https://" not in report_text


def test_the_report_shows_names_as_text(report_text):
    assert "<script" not in report_text
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in report_text
    assert "{{ 7*7 }}" in report_text
    assert report_text.count("Phường Tích Sơn &lt;b&gt;") == 8
