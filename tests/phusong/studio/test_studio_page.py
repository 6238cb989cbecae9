"""The studio in a real browser, from opening it to a run that says the same, in both languages."""

import json
import threading

import browser
import pytest

import phusong as ps
from phusong import columns as col
from phusong.studio.server import StudioServer

SETTINGS = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)
IDLE = "!document.querySelector('.studio').hasAttribute('aria-busy')"


@pytest.fixture(scope="module")
def server(mini_province, tmp_path_factory):
    planned = ps.plan(mini_province, ps.load_scenario("urban", SETTINGS), language="vi")
    run = planned.write(tmp_path_factory.mktemp("studio") / "urban")
    server = StudioServer(run, mini_province, drafts=tmp_path_factory.mktemp("drafts"))
    thread = threading.Thread(target=server.run_forever, daemon=True)
    thread.start()
    yield server
    server.stop()
    thread.join(10)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    opened = browser.start(tmp_path_factory.mktemp("profile"), loopback=True)
    yield opened
    opened.quit()


def opened(page, server, language):
    page.get("about:blank")
    page.get(server.address_with_token(language))
    browser.wait(page, "document.body.dataset.studio === 'ready'", 60)


def settled(page):
    page.execute_script("window.scrollTo(0, 0)")
    browser.wait(page, IDLE, 60)


def studio(page, script):
    """Return what a script says of ``phusong.studio``, which it calls s."""
    return page.execute_script(f"const s = phusong.studio; {script}")


def changed(page, script):
    """Do something that changes the draft, and wait until its figures are there."""
    before = studio(page, "return s.asked || 0")
    studio(page, script)
    browser.wait(page, f"(phusong.studio.asked || 0) > {before}", 20)
    settled(page)


def put(page, east, north):
    """Put a station at a share of the way across the map."""
    studio(page, "s.placeButton.click()")
    changed(
        page,
        "const b = phusong.map.getBounds(), [w, so, e, n] = phusong.data.bounds;"
        f"s.put({{ lat: so + {north} * (n - so), lng: w + {east} * (e - w) }})",
    )


@pytest.mark.parametrize(("language", "title"), [("vi", "Nếu … thì sao"), ("en", "What if")])
def test_a_draft_is_made_kept_and_confirmed_by_a_run(
    page, server, mini_province, tmp_path, language, title
):
    opened(page, server, language)
    assert "token" not in page.current_url
    assert studio(page, "return document.querySelector('.studio h2').textContent") == title
    plan = studio(page, "return s.plan.years.at(-1).people_share")
    put(page, 0.45, 0.4)
    assert studio(page, "return s.selected") == "5G-own-1"
    assert studio(page, "return s.figures.years.at(-1).people_share") >= plan
    changed(
        page,
        "const own = s.stations.get('5G-own-1');"
        "s.change('5G-own-1', {...own, lat: own.lat + 0.004, height_m: 33, downtilt_deg: 8})",
    )
    out = studio(page, "return [...s.planned.keys()][0]")
    changed(page, f"s.change({json.dumps(out)}, null)")
    assert studio(page, "return s.stations.size") == 5
    changed(page, "s.undoButton.click()")
    assert studio(page, f"return s.stations.has({json.dumps(out)})")
    changed(page, "s.redoButton.click()")
    studio(page, "s.finish(true)")
    browser.wait(page, "phusong.studio.job === null", 60)
    settled(page)
    names = studio(page, "return [...s.stations.keys()]")
    assert "5G-own-1" in names
    assert out not in names
    studio(page, "s.name.value = 'A'; s.keep()")
    browser.wait(page, "document.querySelector('.studio-draft') !== null", 20)
    shown = studio(page, "return JSON.parse(JSON.stringify(s.figures))")
    text = page.execute_async_script(
        "const end = arguments[0], s = phusong.studio;"
        "s.ask('override', {method: 'POST', body: {stations: s.list()}}).then(end)"
    )
    path = tmp_path / "draft.toml"
    path.write_text(text, "utf-8")
    planned = ps.plan(mini_province, ps.load_scenario(path))
    assert sorted(planned.ranking[col.SITE_ID]) == sorted(names)
    for mine, its in zip(shown["years"], planned.years.to_dict("records"), strict=True):
        assert mine["people_share"] == pytest.approx(its["people_share"], abs=2e-6)
        assert mine["zone_demand_share"] == pytest.approx(its["zone_demand_share"], abs=2e-6)
        assert mine["cost_million"] == its["cost_million"]
    severe = [log for log in page.get_log("browser") if log["level"] == "SEVERE"]
    assert severe == []


def test_drafts_are_there_when_the_page_is_opened_again(page, server):
    opened(page, server, "vi")
    assert "A" in studio(page, "return s.drafts.textContent")
    changed(page, "s.drafts.querySelector('button').click()")
    assert studio(page, "return s.stations.has('5G-own-1')")


def test_what_cannot_stand_is_said_and_nothing_is_lost(page, server):
    opened(page, server, "en")
    before = studio(page, "return s.stations.size")
    changed(page, "s.change('5G-far', {name: 'far', lon: 100, lat: 10, year: s.years[0]})")
    said = studio(page, "return s.message.textContent")
    assert "lies outside the province" in said
    assert studio(page, "return s.message.classList.contains('bad')")
    changed(page, "s.undoButton.click()")
    assert studio(page, "return s.stations.size") == before


def test_without_the_token_the_page_looks_and_does_not_try(page, server):
    page.execute_script("sessionStorage.clear()")
    page.get("about:blank")
    page.get(f"{server.address}?lang=en")
    browser.wait(page, "document.body.dataset.studio === 'ready'", 60)
    changed(page, "s.reset()")
    assert "with its token" in studio(page, "return s.message.textContent")
