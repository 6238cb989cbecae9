"""The units of today on the map of a run on those of before: restated, switched on and off."""

import json

import browser
import pytest
from compared_runs import CODES, change, write_a

from phusong import columns as col
from phusong.geodata.runs import restate
from phusong.geodata.runs.folder import open_run
from phusong.maps.layers import later_units
from phusong.maps.pages import province_map


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Write a run of six communes that are parts of two units of July 2025."""
    folder = write_a(tmp_path_factory.mktemp("later") / "run")
    baseline = {"date": "2023-08-31", "stations": 5, "source": "report", "placement": "reported"}
    change(folder, baseline=baseline)
    return folder


def test_units_are_those_that_the_run_restates(run):
    opened = open_run(run)
    shown = later_units.shown(opened, later_units.displayed(opened), "en")
    table = shown["units"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    told = restate.restated_run(open_run(run))
    assert [row[col.COMMUNE_CODE] for row in rows] == told[col.COMMUNE_CODE].to_list()
    assert sum(row[col.POPULATION] for row in rows) == open_run(run).communes[col.POPULATION].sum()
    parts = [code for row in rows for code in row[col.FORMED_FROM].split("/")]
    assert sorted(parts) == sorted(CODES)
    assert "is part of Phú Thọ (148 units)" in shown["note"]
    assert len(json.dumps(shown)) < 200_000


def test_a_run_on_the_units_of_today_or_of_elsewhere_has_none(tmp_path):
    run = write_a(tmp_path / "run")
    change(run, province={"units": "2025-07"})
    assert later_units.displayed(open_run(run)) is None
    change(run, province={"units": "elsewhere"})
    assert later_units.displayed(open_run(run)) is None


def test_the_switch_shows_them_with_what_their_communes_hold(run, chromium):
    browser.open_page(chromium, province_map.write_map(run, "en"))
    ask = chromium.execute_script
    own = ask("return phusong.communes.map((c) => c.commune_code)")
    box = chromium.find_element("css selector", "[data-layer='show:later_units']")
    ask("arguments[0].click()", box)
    units = ask("return phusong.communes.map((c) => [c.commune_code, [...c.codes]])")
    assert len(units) == 2
    assert sorted(code for _, codes in units for code in codes) == sorted(own)
    last = ask(
        "const last = phusong.years.last();"
        "return phusong.communes.map((c) => [phusong.years.share(c, last), c[arguments[0]]])",
        col.COVERED_POPULATION_SHARE_AFTER,
    )
    for weighed, restated in last:
        assert weighed == pytest.approx(restated, abs=1e-3)
    held = ask(
        "phusong.select('commune', phusong.communes[0]);"
        "return document.querySelector('#card').textContent"
    )
    assert "Formed from" in held
    assert "since 1 July 2025" in held
    begins = ask("return document.getElementById('about-begins').textContent")
    assert "is part of Phú Thọ" in begins
    ask("arguments[0].click()", box)
    assert ask("return phusong.communes.map((c) => c.commune_code)") == own
