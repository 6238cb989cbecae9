"""The page of a feed, in Chromium without network but for the folder, in both languages."""

import json
import re
import threading
import time
from pathlib import Path

import browser
import feed_run
import maps_run
import pytest

from phusong.commands import redraw


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve one feed with two runs, and one for the public; return their addresses."""
    root = tmp_path_factory.mktemp("page")
    run = feed_run.write_run(root / "run")
    feed_run.publish(run, root / "own")
    feed_run.publish(run, root / "own", name="other")
    feed_run.publish(run, root / "public", public=True)
    servers = [redraw.open_server(root / name, 0) for name in ("own", "public")]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    yield [f"http://127.0.0.1:{server.server_port}/" for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Return a Chromium that reaches nothing but this computer."""
    opened = browser.start(tmp_path_factory.mktemp("profile"), loopback=True)
    yield opened
    opened.quit()


def open_feed(chromium, address):
    """Open a page afresh and wait until it is ready."""
    chromium.get("about:blank")
    for log in ("browser", "performance"):
        chromium.get_log(log)
    chromium.get(address)
    browser.wait(chromium, browser.READY)


def painted(chromium, name):
    """Return how many pixels of a layer are painted."""
    return chromium.execute_script(
        "let n = 0; for (const {el} of Object.values(feed.layers.get(arguments[0]).layer._tiles)) {"
        "const d = el.getContext('2d').getImageData(0, 0, el.width, el.height).data;"
        "for (let i = 3; i < d.length; i += 4) if (d[i]) n += 1; } return n;",
        name,
    )


def wait_for_ink(chromium, name, wanted=lambda count: count > 0):
    end = time.monotonic() + 8
    while not wanted(painted(chromium, name)):
        assert time.monotonic() < end, name
        time.sleep(0.05)


@pytest.mark.browser
def test_it_opens_within_two_seconds_and_asks_nobody_else(chromium, served):
    start = time.monotonic()
    open_feed(chromium, served[0])
    assert time.monotonic() - start < 2.0
    for name in ("communes", "covered_year", "ranking", "districts"):
        wait_for_ink(chromium, name)
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert sum(".pmtiles" in url for url in asked) >= 8
    assert [url for url in asked if not url.startswith((served[0], "data:", "about:"))] == []
    assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []
    ranges = [
        e["params"]["response"]["status"]
        for e in events
        if "Received" in e["method"]
        and "response" in e["params"]
        and ".pmtiles" in e["params"]["response"]["url"]
    ]
    assert set(ranges) == {206}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "title", "share"),
    [
        ("en", "5G coverage of Vĩnh Phúc", "38.4%"),
        ("vi", "Vùng phủ sóng 5G của Vĩnh Phúc", "38,4%"),
    ],
)
def test_it_speaks_both_languages(chromium, served, language, title, share):
    open_feed(chromium, served[0])
    chromium.find_element("css selector", f"[data-language={language}]").click()
    assert chromium.title == title
    assert chromium.find_element("id", "title").text == title
    assert share in chromium.find_element("css selector", ".bar.chosen").text
    empty = "return [...document.querySelectorAll('[data-word]')].filter(e => !e.textContent)"
    assert chromium.execute_script(f"{empty}.map(e => e.dataset.word)") == []
    assert f"lang={language}" in chromium.current_url


@pytest.mark.browser
def test_the_moment_changes_map_and_figures(chromium, served):
    open_feed(chromium, served[0])
    wait_for_ink(chromium, "ranking")
    at_end = painted(chromium, "ranking")
    chromium.execute_script(
        "const m = feed.id('moment'); m.value = 1; m.dispatchEvent(new Event('input'))"
    )
    wait_for_ink(chromium, "ranking", lambda count: 0 < count < at_end)
    assert "20.0%" in chromium.find_element("css selector", ".bar.chosen").text
    assert "year=2024" in chromium.current_url
    open_feed(chromium, chromium.current_url)
    assert "20.0%" in chromium.find_element("css selector", ".bar.chosen").text


@pytest.mark.browser
def test_a_commune_that_is_pressed_shows_its_figures(chromium, served):
    """Tiles are searched for the area that holds the place."""
    open_feed(chromium, served[0])
    wait_for_ink(chromium, "communes")
    at = maps_run.place(1200, 1200)
    chromium.execute_async_script(
        "feed.pressed({latlng: {lat: arguments[1], lng: arguments[0]}}).then(arguments[2])",
        at.x,
        at.y,
    )
    assert chromium.find_element("id", "place").text == "Phường Tích Sơn"
    assert "87.6%" in chromium.find_element("id", "figures").text
    box = chromium.find_element("id", "search")
    box.send_keys("lien bao")
    assert "Phường Liên Bảo" in chromium.find_element("id", "places").text


@pytest.mark.browser
def test_other_runs_are_chosen_and_names_are_never_markup(chromium, served):
    open_feed(chromium, served[0])
    options = chromium.execute_script("return [...feed.id('run').options].map(o => o.value)")
    assert options == ["other-20261123T050000Z", "urban-20261123T050000Z"]
    chromium.execute_script(
        "const r = feed.id('run'); r.value = r.options[0].value;"
        "r.dispatchEvent(new Event('change'))"
    )
    browser.wait(chromium, "location.hash.includes('other-2026') || null")
    assert chromium.execute_script("return window.hacked === undefined")
    assert not chromium.find_elements("css selector", "aside script")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 625), (390, 844)])
def test_nothing_sticks_out_at_usual_sizes(chromium, served, width, height):
    chromium.set_window_size(max(width, 500), height + 139)
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        open_feed(chromium, served[1])
        wait_for_ink(chromium, "communes")
        wide = "return [document.documentElement.scrollWidth, innerWidth]"
        content, screen = chromium.execute_script(wide)
        assert content <= screen
        map_height = chromium.execute_script("return feed.id('map').clientHeight")
        assert map_height > 0.45 * height
    finally:
        chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.browser
def test_a_public_feed_leads_to_its_rule(chromium, served):
    open_feed(chromium, served[1])
    links = chromium.execute_script(
        "return [...document.querySelectorAll('#files a')].map(a => a.getAttribute('href'))"
    )
    assert any(link.endswith("anonymisation.txt") for link in links)
    status = "return Promise.all(arguments[0].map(l => fetch(l).then(r => r.status)))"
    assert set(chromium.execute_script(status, links)) == {200}
    assert "sites" not in chromium.execute_script("return [...feed.layers.keys()]")


@pytest.mark.browser
def test_the_javascript_of_the_guide_runs_as_written(chromium, served):
    guide = Path(__file__).resolve().parents[3] / "docs" / "feed.md"
    code = re.search(r"```js\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)[1]
    code = re.sub(r"//.*", "", code)
    open_feed(chromium, served[0])
    script = f"(async () => {{ {code} return [label, communes.features.length]; }})()"
    answered = ".then(arguments[0], (error) => arguments[0]([String(error), 0]))"
    label, count = chromium.execute_async_script(script + answered)
    assert (label, count) == ("38,4%", 6)
