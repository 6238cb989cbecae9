"""The report in headless Chromium without network: on paper, on a phone, with hostile names."""

import base64
import re
import shutil
import subprocess

import maps_run
import pytest
from browser import PHONE, asked_of_the_network
from gis_folder import HOSTILE

from phusong import columns as col
from phusong.maps.report import report

pytestmark = pytest.mark.browser

KEPT = [name.replace("\0", "") for name in HOSTILE]  # HTML has no place for a NUL
NAMES = [*KEPT, "مرحبا", "\u202eevitar", "\u200f(a) 12", "😀 & <b>'\"</b>"]
PAPER = {"width": 695, "height": 1123, "deviceScaleFactor": 1, "mobile": False}  # A4 in its margins


@pytest.fixture(scope="module", params=["vi", "en"])
def page(request, tmp_path_factory):
    """Write a report whose communes, districts, zones and stations have hostile names."""
    tables = maps_run.tables()
    for name, column in (
        ("communes", col.NAME),
        ("districts", col.NAME),
        ("zones", col.NAME),
        ("ranking", col.SITE_ID),
        ("ranking", col.REASON),
    ):
        table = tables[name]
        table[column] = [_named(name, i) for i in range(len(table))]
    folder = maps_run.write_run(tmp_path_factory.mktemp("report") / "run", tables)
    return report.write_report(folder, request.param)


def _named(table, row):
    return NAMES[(row + len(table)) % len(NAMES)]


@pytest.fixture
def opened(chromium, page):
    chromium.get("about:blank")
    for log in ("browser", "performance"):
        chromium.get_log(log)
    chromium.get(page.as_uri())
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def texts(browser, selector):
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector
    )


def test_names_are_text_and_nothing_runs_or_loads(opened):
    assert opened.execute_script("return window.hacked") is None
    assert texts(opened, "script") == []
    assert [entry["message"] for entry in opened.get_log("browser")] == []
    assert asked_of_the_network(opened) == ([], [])
    zones = texts(opened, ".zones tbody td:first-child")
    assert sorted(zones) == sorted(_named("zones", i) for i in range(3))
    stations = texts(opened, "#ranking .id")
    assert stations == [_named("ranking", i) for i in range(4)]
    assert texts(opened, "#ranking .why td:last-child") == stations
    units = texts(opened, ".units")
    assert all(any(_named("districts", i) in unit for unit in units) for i in range(2))
    assert all(_named("communes", i) in units[-1] for i in range(6))


def test_the_first_page_fits_on_one_sheet(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PAPER)
    whole, seen, map_height, last, bottom = opened.execute_script(
        "const page = document.querySelector('.first');"
        "const box = (e) => e.getBoundingClientRect();"
        "return [page.scrollHeight, page.clientHeight,"
        " box(page.querySelector('.plate')).height,"
        " box(page.querySelector('.caveats')).bottom, box(page).bottom];"
    )
    assert whole <= seen
    assert last <= bottom + 0.5
    assert map_height > 150  # and the map is still one to look at
    assert seen <= (297 - 14 - 15) / 25.4 * 96


def test_no_table_is_wider_than_the_paper(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PAPER)
    widths = opened.execute_script(
        "return [...document.querySelectorAll('table')].map((t) => t.getBoundingClientRect().width)"
    )
    assert max(widths) <= PAPER["width"]


def test_on_a_phone_wide_tables_scroll_inside_the_page(opened):
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    page_width, tables = opened.execute_script(
        "return [document.documentElement.scrollWidth,"
        " [...document.querySelectorAll('.scroll')].map((e) => [e.clientWidth, e.scrollWidth])]"
    )
    assert page_width <= PHONE["width"]
    assert all(inside <= PHONE["width"] for inside, _ in tables)
    assert any(whole > inside for inside, whole in tables)


def test_rows_stay_whole_and_headings_return_on_paper(opened):
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    styles = opened.execute_script(
        "const of = (s, p) => getComputedStyle(document.querySelector(s))[p];"
        "return [of('td', 'display') && of('tbody tr', 'breakInside'), of('thead', 'display'),"
        " of('.ranking tbody', 'breakInside'), of('h2', 'breakAfter')]"
    )
    assert styles == ["avoid", "table-header-group", "avoid", "avoid"]


def test_pages_of_the_pdf_are_numbered(opened, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext: the pages were not read")
    printed = opened.execute_cdp_cmd(
        "Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True}
    )
    (tmp_path / "report.pdf").write_bytes(base64.b64decode(printed["data"]))
    command = ["pdftotext", "-layout", tmp_path / "report.pdf", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    pages = done.stdout.decode("utf-8").rstrip("\f").split("\f")
    assert len(pages) > 4
    for number, text in enumerate(pages, start=1):
        assert re.search(rf"\b{number} ?/ ?{len(pages)}\s*$", text), number
