"""A sketch in headless Chromium: switched, chosen again, linked, saved, confirmed by a run."""

import tomllib

import numpy as np
import pytest
from browser import READY, asked_of_the_network, open_page, wait

import phusong as ps
from phusong import columns as col
from phusong.maps.pages import province_map
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan
from phusong.scenarios.plan.what_if import served, unpacked

pytestmark = pytest.mark.browser

SETTINGS = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)
CLOSE = 0.005
PEOPLE = "phusong.sketch.figures(1).people"
IDLE = "!document.getElementById('page-sketch').hasAttribute('aria-busy')"


@pytest.fixture(scope="module")
def run(mini_province, tmp_path_factory):
    planned = ps.plan(mini_province, ps.load_scenario("urban", SETTINGS), language="en")
    return planned.write(tmp_path_factory.mktemp("sketch") / "urban")


@pytest.fixture(scope="module", params=["en", "vi"])
def map_file(run, request):
    return province_map.write_map(run, request.param).rename(run / f"map_{request.param}.html")


@pytest.fixture
def opened(chromium, map_file):
    open_page(chromium, map_file)
    chromium.find_element("id", "tab-sketch").click()
    wait(chromium, "document.querySelector('.sketch-figures td')")
    yield chromium
    asked, failed = asked_of_the_network(chromium)
    assert (asked, failed) == ([], [])
    assert chromium.get_log("browser") == []


def ask(browser, script):
    return browser.execute_script(f"return {script}")


def built(browser):
    """Return the year of every station of the sketch, by name."""
    return ask(
        browser,
        "Object.fromEntries([...phusong.sketch.draft.keys()].filter((r) => phusong.sketch.draft[r])"
        ".map((r) => [phusong.sketch.engine.about.stations[r], phusong.sketch.draft[r]]))",
    )


def switch_first_off(browser):
    browser.execute_script(
        "const s = phusong.sketch; s.pick(s.engine.about.stations[s.draft.findIndex(Boolean)]);"
        "document.querySelector('.sketch-one input').click()"
    )


def test_untouched_it_shows_the_plan(opened, run):
    record = ps.open_run(run).record
    shares = ask(opened, PEOPLE)
    assert shares[0] == shares[1] == pytest.approx(record["years"][-1]["people_share"])
    assert not opened.find_element("id", "sketch-badge").is_displayed()


def test_a_station_off_is_what_the_file_says_without_it(opened, run):
    tried = unpacked((run / "what_if.bin").read_bytes())
    before = built(opened)
    switch_first_off(opened)
    after = built(opened)
    assert len(after) == len(before) - 1
    people = tried.arrays["people"]
    lost = float((served(tried, list(before)) - served(tried, list(after))) @ people)
    was, now = ask(opened, PEOPLE)
    assert (was - now) * people.sum() == pytest.approx(lost, rel=1e-3)
    assert opened.find_element("id", "sketch-badge").is_displayed()
    assert ask(opened, "phusong.sketch.layer.getLayers().length") > 0
    colours = "new Set(phusong.sketch.cells.getLayers().map((dot) => dot.options.fillColor))"
    assert ask(opened, f"[...{colours}]") == ["#d95f02"]  # without a station nobody gains
    took = ask(
        opened,
        "(() => { const start = performance.now(); phusong.sketch.update(); "
        "return performance.now() - start; })()",
    )
    assert took < 2000.0


def test_a_new_choice_spends_no_more_than_there_is(opened):
    opened.execute_script(
        "phusong.sketch.asked.stations = { 2024: 1, 2025: 2 }; phusong.sketch.choose()"
    )
    wait(opened, IDLE, 20)
    years = list(built(opened).values())
    assert (years.count(2024), years.count(2025)) == (1, 2)


def test_a_new_choice_obeys_what_is_set(opened):
    switch_first_off(opened)
    off = ask(opened, "phusong.sketch.engine.about.stations[[...phusong.sketch.pins][0]]")
    opened.execute_script("phusong.sketch.choose()")
    wait(opened, IDLE, 20)
    assert off not in built(opened)
    assert len(built(opened)) == 5


def test_it_opens_again_by_its_link(opened):
    switch_first_off(opened)
    opened.execute_script("phusong.sketch.choose()")
    wait(opened, IDLE, 20)
    opened.execute_script("phusong.permalink.now()")
    stations, address = built(opened), opened.current_url
    opened.get("about:blank")
    opened.get(address)
    wait(opened, READY)
    assert built(opened) == stations
    assert opened.find_element("id", "page-sketch").is_displayed()
    assert opened.find_element("id", "sketch-badge").is_displayed()


def test_a_run_of_what_is_saved_confirms_it(opened, mini_province, tmp_path):
    switch_first_off(opened)
    path = tmp_path / "sketch.toml"
    path.write_text(ask(opened, "phusong.sketch.text()"), encoding="utf-8")
    assert set(tomllib.loads(path.read_text("utf-8"))["candidates"]["only"]) == set(built(opened))
    its = plan(mini_province, schema.load(str(path)), proof=False)
    years = dict(zip(its.ranking[col.SITE_ID], its.ranking[col.YEAR].tolist(), strict=True))
    assert years == built(opened)
    shares = [ask(opened, f"phusong.sketch.figures({n}).people[1]") for n in range(2)]
    assert shares == pytest.approx([year["people_share"] for year in its.years], rel=CLOSE)
    assert np.isfinite(shares).all()


def test_what_the_page_lacks_needs_a_run(opened):
    opened.execute_script("phusong.sketch.pick('5G-NOWHERE')")
    assert "phusong run" in ask(opened, "document.querySelector('.sketch-one').textContent")
