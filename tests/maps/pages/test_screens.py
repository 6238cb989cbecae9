"""The map page on ordinary screens: small laptops, phones both ways, magnified, dark, contrast."""

import maps_run
import pytest
from browser import READY, open_page, tick, wait

from phusong.maps.pages import province_map

pytestmark = pytest.mark.browser

TABS = ("tab-layers", "tab-ranking", "tab-about")
INSIDE = (
    "const b = document.getElementById(arguments[0]).getBoundingClientRect();"
    "return b.width > 0 && b.top >= 0 && b.bottom <= innerHeight && b.left >= 0"
    " && b.right <= innerWidth;"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return a page with 40 stations, so that the ranking is longer than any screen."""
    folder = tmp_path_factory.mktemp("screens") / "run"
    tables = maps_run.tables() | {"ranking": maps_run.many_stations(40)}
    return province_map.write_map(maps_run.write_run(folder, tables), "vi")


@pytest.fixture
def screen(chromium, page):
    """Return what opens the page on a screen of a size, and takes the size back."""

    def opened(width, height, *, mobile=False, **media):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": name.replace("_", "-"), "value": v} for name, v in media.items()]
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        open_page(chromium, page)
        wait(chromium, READY)
        return chromium

    yield opened
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def press(browser, name):
    browser.execute_script("document.getElementById(arguments[0]).click()", name)


@pytest.mark.parametrize("size", [(1366, 625), (1280, 720)])
def test_small_laptops_show_eight_rows_of_the_ranking(screen, size):
    browser = screen(*size)
    press(browser, "tab-ranking")
    rows = browser.execute_script(
        "return [...document.querySelectorAll('.ranking tbody tr')].filter((row) => {"
        "const b = row.getBoundingClientRect(); return b.top >= 0 && b.bottom <= innerHeight; })"
        ".length"
    )
    assert rows >= 8


@pytest.mark.parametrize(
    ("size", "mobile"), [((844, 390), True), ((390, 844), True), ((683, 312), False)]
)
def test_every_tab_is_reached_on_phones_and_at_twice_the_size(screen, size, mobile):
    browser = screen(*size, mobile=mobile)
    for tab in TABS:
        assert browser.execute_script(INSIDE, tab), tab
        press(browser, tab)
        page = tab.replace("tab", "page")
        assert (
            browser.execute_script(
                "return document.getElementById(arguments[0]).offsetHeight", page
            )
            > 100
        )
        assert browser.execute_script(INSIDE, tab), tab
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    x, y = browser.execute_script("const s = phusong.map.getSize(); return [s.x, s.y]")
    assert x * y > 0.35 * size[0] * size[1]


def test_a_wide_table_leaves_the_province_in_view(screen):
    browser = screen(1366, 768)
    press(browser, "tab-ranking")
    press(browser, "ranking-wide")
    assert browser.execute_script("return phusong.map.getSize().x") > 0.4 * 1366
    assert browser.execute_script(
        "const [w, s, e, n] = phusong.data.bounds;"
        "return phusong.map.getBounds().contains([[s, w], [n, e]])"
    )


READ_ON = {".legend h3": ".legend"} | dict.fromkeys(
    (".figure .value", ".figure .label", "#notice", ".legend .note", "#page-layers .sub"), ".panel"
)


def luminance(colour):
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_day_and_by_night(screen, scheme):
    browser = screen(1366, 768, prefers_color_scheme=scheme)
    grounds = []
    for text, ground in READ_ON.items():
        ink, paper = browser.execute_script(
            "const of = (q) => getComputedStyle(document.querySelector(q));"
            "return [of(arguments[0]).color, of(arguments[1]).backgroundColor]",
            text,
            ground,
        )
        light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ink, paper)
        grounds.append(luminance(paper))
    assert (max(grounds) < 0.1) is (scheme == "dark")


def test_forced_colours_leave_the_colours_that_mean_something(screen):
    browser = screen(1366, 768, forced_colors="active")
    tick(browser, "surface:served")
    assert browser.execute_script("return matchMedia('(forced-colors: active)').matches")
    shown = browser.execute_script(
        "return [...document.querySelectorAll('#legend .served .patch')]"
        ".map((patch) => getComputedStyle(patch).backgroundColor)"
    )
    assert len(set(shown)) == len(shown) == 6


def test_words_to_the_reader_go_away_and_zoom_ends(screen):
    browser = screen(1366, 768)
    assert browser.execute_script(
        "phusong.SAID_MS = 50; phusong.say('x'); return !document.getElementById('said').hidden"
    )
    wait(browser, "document.getElementById('said').hidden")
    fixed = browser.execute_script(
        "return [...document.querySelectorAll('.folium-map ~ *')]"
        ".filter((e) => getComputedStyle(e).position === 'fixed')"
        ".filter((e) => !e.hidden && e.textContent.trim())"
        ".map((e) => e.id || e.className)"
    )
    assert set(fixed) <= {"panel", "legend", "zoom", "readout"}
    browser.execute_script("phusong.map.setZoom(40, { animate: false })")
    assert browser.execute_script("return phusong.map.getZoom()") <= 18
