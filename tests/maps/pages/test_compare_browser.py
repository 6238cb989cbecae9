"""The page of two runs in headless Chromium without network: it opens, switches and answers."""

import time

import maps_run
import pytest
from browser import PHONE, READY, asked_of_the_network, ink, open_page, tick, wait
from compared_runs import write_a, write_b
from maps_run import NASTY

from phusong.commands import cli

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    root = tmp_path_factory.mktemp("compared")
    runs = [str(write_a(root / "a")), str(write_b(root / "b"))]
    assert cli.main(["compare", *runs, "--out", str(root / "out"), "--lang", "vi"]) == cli.DONE
    return root / "out" / "compare.html"


@pytest.fixture
def opened(chromium, page_file):
    """Return the browser with the page freshly opened, its logs empty before."""
    open_page(chromium, page_file)
    return chromium


def point_at(browser, place):
    """Move the mouse to a place of the map and return what the tip says."""
    browser.execute_script(
        "const at = L.latLng(arguments[0], arguments[1]);"
        "const box = phusong.map.getContainer().getBoundingClientRect();"
        "const p = phusong.map.latLngToContainerPoint(at);"
        "phusong.map.fire('mousemove', {latlng: at, originalEvent:"
        " {clientX: box.left + p.x, clientY: box.top + p.y}});",
        place.y,
        place.x,
    )
    return browser.find_element("id", "tip").text


def pictures(browser):
    return len(browser.find_elements("css selector", ".leaflet-themePicture-pane img"))


def test_opening_raises_no_error_and_asks_nothing_of_the_network(opened):
    time.sleep(0.3)
    assert [entry["message"] for entry in opened.get_log("browser")] == []
    assert asked_of_the_network(opened) == ([], [])
    assert opened.execute_script("return window.hacked") is None
    shown = opened.find_element("css selector", "article[lang=vi] .run.a .name").text
    assert "<script>" in shown  # names stay text


def test_the_language_switches_text_legend_and_title(opened):
    assert "Được phủ thêm" in opened.find_element("id", "legend").text
    assert not opened.find_element("css selector", "article[lang=en]").is_displayed()
    opened.find_element("css selector", "article[lang=vi] button[data-language=en]").click()
    assert "Gained" in opened.find_element("id", "legend").text
    assert opened.find_element("css selector", "article[lang=en]").is_displayed()
    assert not opened.find_element("css selector", "article[lang=vi]").is_displayed()
    assert opened.title.startswith("Two 5G coverage plans compared")
    assert opened.execute_script("return document.documentElement.lang") == "en"
    assert "38.4%" in opened.find_element("css selector", "article[lang=en]").text


def test_layers_come_and_go(opened):
    assert pictures(opened) == 3
    tick(opened, "lost")
    assert pictures(opened) == 2
    full = ink(opened, "plan")
    for runs in ("both", "a", "b"):
        tick(opened, f"stations_{runs}")
    tick(opened, "names")
    assert full > ink(opened, "plan") == 0
    assert ink(opened, "theme") == 0
    opened.execute_script("document.querySelector('#legend input[value=communes]').click()")
    assert pictures(opened) == 0
    assert ink(opened, "theme") > 1000


def test_pointing_tells_what_changes(opened):
    said = point_at(opened, maps_run.place(300, 2000))
    assert "Phường Tích Sơn" in said
    assert "87,6% → 70,0% (−17,6 điểm phần trăm)" in said
    station = point_at(opened, maps_run.place(700, 700))
    assert "C-0001" in station
    assert "A: hạng 1, 2024 · B: hạng 2, 2025" in station
    nasty = point_at(opened, maps_run.place(2600, 4000))
    assert NASTY.split("\u2028", maxsplit=1)[0].strip() in nasty
    assert opened.execute_script("return document.querySelectorAll('#tip script').length") == 0


def test_a_row_brings_the_map_to_its_place(opened):
    opened.execute_script(
        "document.querySelectorAll('article[lang=vi] details').forEach((d) => { d.open = true; })"
    )
    row = opened.find_element("css selector", "article[lang=vi] tr[data-station='2']")
    row.send_keys("\ue007")
    place = maps_run.place(1700, 1900)
    wait(opened, f"phusong.map.getBounds().contains([{place.y}, {place.x}])")
    wait(opened, "phusong.map.getZoom() >= 13")
    chosen = "phusong.state.selected.record.full_names.vi"
    opened.find_element("css selector", "article[lang=vi] tr[data-commune='08707']").click()
    assert wait(opened, chosen) == "Phường Tích Sơn"


def test_on_a_phone_everything_fits_in_width(opened):
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        opened.refresh()
        wait(opened, READY)
        assert opened.execute_script("return document.documentElement.scrollWidth") == 390
        top, height, legend = opened.execute_script(
            "const box = phusong.map.getContainer().getBoundingClientRect();"
            "const legend = document.getElementById('legend').getBoundingClientRect();"
            "return [box.top, box.height, legend.top];"
        )
        title = opened.find_element("css selector", "article[lang=vi] h1").rect
        assert title["y"] + title["height"] <= top
        assert height > 400
        assert legend >= top + height - 1
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
