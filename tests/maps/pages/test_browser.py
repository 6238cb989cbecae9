"""The map page in headless Chromium without network: it opens, answers, and keeps names text."""

import time

import maps_run
import pytest
from browser import (
    PHONE,
    READY,
    asked_of_the_network,
    ink,
    keep_page,
    open_page,
    press,
    tick,
    wait,
)
from maps_run import NASTY, REASON

from phusong.geodata.crs import GEOGRAPHIC
from phusong.maps.layers import themes
from phusong.maps.pages import province_map
from phusong.maps.pictures import palette

pytestmark = pytest.mark.browser


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


@pytest.fixture
def opened(chromium, map_file):
    """Return the browser with the page freshly opened, its logs empty before."""
    open_page(chromium, map_file)
    return chromium


@pytest.fixture
def kept(chromium, map_file):
    """Return the browser with the page open, nothing chosen and nothing typed."""
    keep_page(chromium, map_file)
    return chromium


def test_opening_raises_no_error_and_asks_nothing_of_the_network(opened):
    time.sleep(0.3)
    assert [entry["message"] for entry in opened.get_log("browser")] == []
    assert asked_of_the_network(opened) == ([], [])
    assert opened.execute_script("return window.hacked") is None


def test_the_layer_control_lists_every_layer_and_each_one_draws(opened):
    listed = opened.execute_script(
        "return [...document.querySelectorAll('#page-layers [data-layer]')]"
        ".map((input) => input.dataset.layer)"
    )
    known = {theme.name for theme in themes.THEMES}
    assert set(listed) == (
        {f"surface:{name}" for name in (*known, "none")}
        | {f"technologies:{name}" for name in ("3G", "4G", "5G")}
        | {"years:2024", "years:2025", "operators:Viettel", "operators:VNPT", "operators:MobiFone"}
        | {"zones:urban", "zones:industrial", "zones:tourism"}
        | {f"show:{name}" for name in ("live_5g", "holes", "relief", "names")}
        | {"show:district_lines", "show:commune_lines"}
    )
    for layer, pane in {
        "operators:VNPT": "network",
        "zones:tourism": "areas",
        "show:holes": "areas",
        "show:commune_lines": "areas",
        "show:names": "network",
        "years:2025": "plan",
    }.items():
        before = ink(opened, pane)
        tick(opened, layer)
        after = ink(opened, pane)
        assert before != after, layer
        tick(opened, layer)
        assert ink(opened, pane) == before, layer
    tick(opened, "years:2024")
    tick(opened, "years:2025")
    assert ink(opened, "plan") == 0


def test_a_theme_replaces_another_and_the_legend_follows(opened, language):
    tick(opened, "surface:communes_after")
    assert ink(opened, "theme") > 1000
    tick(opened, "surface:rsrp_after")
    wait(opened, "document.querySelector('.leaflet-themePicture-pane img')?.complete")
    assert ink(opened, "theme") == 0
    legend = opened.find_element("id", "legend").text
    assert "SS-RSRP" in legend
    assert "dBm" in legend
    assert {"vi": "−79,8", "en": "−79.8"}[language] in legend
    assert "MobiFone" not in legend
    tick(opened, "operators:MobiFone")
    assert "MobiFone" in opened.find_element("id", "legend").text
    tick(opened, "surface:none")
    assert opened.find_elements("css selector", ".leaflet-themePicture-pane img") == []


def test_a_picture_says_its_value_where_the_value_is(kept):
    tick(kept, "surface:rsrp_after")
    places = [maps_run.place(1200, 1200), maps_run.place(3600, 1200)]
    said = [
        kept.execute_async_script(
            "phusong.surface.valueAt({lng: arguments[0], lat: arguments[1]}).then(arguments[2])",
            place.x,
            place.y,
        )
        for place in places
    ]
    assert said == ["−70 … −65 dBm", "−105 … −100 dBm"]


def test_pressing_a_commune_shows_its_figures(opened, language):
    place = maps_run.place(300, 2000)
    press(opened, place.x, place.y)
    card = opened.find_element("id", "card").text
    for said in (
        "Phường Tích Sơn",
        "08700",
        {"vi": "9.414 người", "en": "9,414 people"}[language],
        {"vi": "87,6%", "en": "87.6%"}[language],
        {"vi": "5,76 km²", "en": "5.76 km²"}[language],
        "Viettel",
    ):
        assert said in card
    ranges = {"vi": ("31,2–45,7%", "81,2–93,1%"), "en": ("31.2–45.7%", "81.2–93.1%")}[language]
    assert opened.find_element("id", "people-range").text.endswith(ranges[0])
    assert ranges[1] in card
    opened.find_element("css selector", "#card .close").click()
    assert not opened.find_element("id", "card").is_displayed()


def test_pressing_a_station_shows_rank_reason_and_cost(opened, language):
    place = maps_run.ranking().to_crs(GEOGRAPHIC).geometry.iloc[2]
    press(opened, place.x, place.y)
    card = opened.find_element("id", "card").text
    assert "C-0003" in card
    assert REASON in card
    assert {"vi": "2.500 người", "en": "2,500 people"}[language] in card
    assert {"vi": "900 triệu đồng", "en": "900 million VND"}[language] in card
    opened.find_element("css selector", "#card footer button:last-child").click()
    assert "C-0004" in opened.find_element("id", "card").text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("vinh yen", "Thành phố Vĩnh Yên"),
        ("Vĩnh Yên", "Thành phố Vĩnh Yên"),
        ("dinh trung", "Xã Định Trung"),
        ("TÍCH", "Phường Tích Sơn"),
        ("vp0003", "VP0003"),
        ("dai lai", "Hồ Đại Lải"),
        ("I01", NASTY.replace("\u2028 ", "")),
    ],
)
def test_search_finds_with_and_without_marks(kept, typed, found):
    field = kept.find_element("id", "search")
    field.send_keys(typed)
    first = wait(kept, "document.querySelector('#search-results [role=option]')?.textContent")
    assert found.split()[0] in first
    field.send_keys("\ue007")
    title = wait(kept, "document.querySelector('#card h2')?.textContent")
    assert " ".join(title.split()) == " ".join(found.split())


def test_search_says_when_it_finds_nothing(kept, language):
    kept.find_element("id", "search").send_keys("zzzz")
    assert {"vi": "Không tìm thấy", "en": "Nothing found"}[language] in kept.find_element(
        "id", "search-results"
    ).text


def test_the_ranking_sorts_and_brings_the_map_to_a_station(opened):
    opened.find_element("id", "tab-ranking").click()
    ranks = "[...document.querySelectorAll('.ranking tbody tr')].map((row) => row.dataset.rank)"
    assert opened.execute_script(f"return {ranks}") == ["1", "2", "3", "4"]
    opened.find_element("css selector", "th.people_gained button").click()
    assert opened.execute_script(f"return {ranks}") == ["3", "1", "2", "4"]
    row = opened.find_element("css selector", ".ranking tbody tr")
    row.send_keys("\ue007")
    assert "C-0003" in opened.find_element("id", "card").text
    place = maps_run.ranking().to_crs(GEOGRAPHIC).geometry.iloc[2]
    wait(opened, f"phusong.map.getBounds().contains([{place.y}, {place.x}])")
    wait(opened, "phusong.map.getZoom() >= 13")


def test_names_from_data_stay_text(kept):
    kept.execute_script("phusong.select('commune', phusong.communes[4])")
    title = kept.execute_script("return document.querySelector('#card h2').textContent")
    assert NASTY in title
    kept.execute_script("phusong.select('site', phusong.sites[9])")
    assert kept.execute_script("return document.querySelector('#card h2').textContent") == NASTY
    kept.find_element("id", "tab-about").click()
    assert NASTY.split("\u2028", maxsplit=1)[0].strip() in kept.find_element(
        "id", "page-about"
    ).get_attribute("textContent")
    assert kept.execute_script("return window.hacked") is None
    assert kept.execute_script("return document.querySelectorAll('#card script').length") == 0


def test_operators_colours_repaint_the_picture(opened):
    tick(opened, "surface:rsrp_after")
    opened.execute_script(
        "const s = document.getElementById('palette'); s.value = 'operator';"
        "s.dispatchEvent(new Event('change'));"
    )
    wait(opened, "document.querySelector('.leaflet-themePicture-pane canvas')")
    painted = opened.execute_script(
        "const c = document.querySelector('.leaflet-themePicture-pane canvas');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "const seen = new Set();"
        "for (let i = 0; i < d.length; i += 4)"
        " if (d[i + 3]) seen.add([d[i], d[i + 1], d[i + 2]].join());"
        "return [...seen];"
    )
    shown = (
        palette.OPERATOR.colours[int(palette.OPERATOR.index([level])[0]) - 1]
        for level in (-68, -101)
    )
    assert set(painted) == {",".join(map(str, palette.rgb(colour))) for colour in shown}
    ticks = opened.execute_script(
        "return [...document.querySelectorAll('#legend .ticks span')].map((s) => s.textContent)"
    )
    assert ticks == ["−105", "−95", "−85", "−75", "−65"]


def test_on_a_phone_the_map_keeps_its_room(opened):
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        opened.refresh()
        wait(opened, READY)
        assert opened.execute_script("return document.documentElement.scrollWidth") == 390
        chart = opened.execute_script(
            "const box = phusong.map.getContainer().getBoundingClientRect();"
            "return [box.width, box.height];"
        )
        assert chart[0] == 390
        assert chart[1] > 500
        opened.find_element("id", "tab-layers").click()
        assert opened.find_element("id", "page-layers").is_displayed()
        opened.find_element("id", "tab-layers").click()
        assert not opened.find_element("id", "page-layers").is_displayed()
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_plan_without_stations_sites_and_zones_opens(chromium, tmp_path):
    tables = {make.__name__: make() for make in maps_run.TABLES}
    for name in ("sites", "ranking", "zones", "holes"):
        tables[name] = tables[name].iloc[:0]
    folder = maps_run.write_run(tmp_path / "run", tables)
    for raster in folder.glob("*.tif"):
        raster.unlink()
    chromium.get_log("browser")
    chromium.get(province_map.write_map(folder, "en").as_uri())
    wait(chromium, READY)
    press(chromium, *maps_run.place(300, 2000).coords[0])
    assert "9,414 people" in chromium.find_element("id", "card").text
    assert [entry["message"] for entry in chromium.get_log("browser")] == []
