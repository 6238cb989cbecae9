"""The three shares of residents go under one name each, in every face of a run."""

import json
import re

import pytest
from maps_run import record, write_whole

from phusong import meanings
from phusong.maps.pages import province_map
from phusong.maps.report import report
from phusong.messages import catalogue

FIGURES = (meanings.OUTDOORS, meanings.EXPECTED, meanings.SURE)
OTHER = {  # words under which they once went
    "en": ("Served with probability", "(mean level)", "Residents, probability", "sure service"),
    "vi": ("Có dịch vụ với xác suất", "(mức thu trung bình)", "Dân số, xác suất", "chắc chắn có"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run"
    write_whole(path)
    told = json.loads((path / "run.json").read_text(encoding="utf-8"))
    for figure in FIGURES:
        told["headline"] |= {f"{figure}_before": 0.1, f"{figure}_after": 0.6}
    (path / "run.json").write_text(json.dumps(told), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "place", "expected"),
    [
        ("en", "indoor", ["outdoors", "indoors, expected", "indoors with 90%"]),
        ("en", "vehicle", ["outdoors", "in a vehicle, expected", "in a vehicle with 90%"]),
        ("vi", "indoor", ["ngoài trời", "trong nhà, kỳ vọng", "trong nhà với xác suất 90%"]),
    ],
)
def test_names(language, place, expected):
    named = meanings.share_names({"location": place, "probability": 0.9}, language)
    assert [named[figure] for figure in FIGURES] == expected


@pytest.mark.parametrize("language", ["en", "vi"])
def test_report_and_map_call_them_by_their_names(run, language):
    named = meanings.share_names(record()["service"], language)
    pages = {
        "report": (report.write_report(run, language), FIGURES),
        "map": (province_map.write_map(run, language), FIGURES),
    }
    for path, figures in pages.values():
        shown = re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
        for figure in figures:
            assert named[figure] in shown or named[figure].capitalize() in shown


@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_text_calls_them_otherwise(language):
    """Catalogues hold every word of maps, reports, tables, feeds and of the terminal."""
    words = str(catalogue.catalogue(language))
    assert "people_share" in words
    for other in OTHER[language]:
        assert other not in words
