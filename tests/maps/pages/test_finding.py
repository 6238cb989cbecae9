"""The map page finds places by the names people use; a link keeps table, weights, language."""

from types import SimpleNamespace

import pytest
import ranked_run
from browser import READY, open_page, wait

from phusong.maps.layers import other_names
from phusong.maps.pages import province_map

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return province_map.write_map(ranked_run.write(tmp_path_factory.mktemp("f") / "run"), "vi")


@pytest.fixture
def opened(chromium, page):
    open_page(chromium, page)
    return chromium


def found(browser, text):
    """Return kind and name of what a search finds first, None where it finds nothing."""
    return browser.execute_script(
        "const [first] = phusong.search.find(arguments[0]);"
        "return first ? [first.kind, first.name] : null",
        text,
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("huyện Tam Dương", "district"),
        ("tam duong", "district"),
        ("TP Vĩnh Yên", "district"),
        ("phường Tích Sơn", "commune"),
        ("Tich Son", "commune"),
        ("khu công nghiệp", "zone"),
        ("industrial park", "zone"),
        ("khu du lich dai lai", "zone"),
        ("08700", "commune"),
        ("U01", "zone"),
    ],
)
def test_places_are_found_with_and_without_kind_and_diacritics(opened, text, kind):
    assert found(opened, text)[0] == kind


@pytest.mark.parametrize(
    "text",
    [
        "21.30000, 105.60000",
        "105.6 21.3",
        "21,3 105,6",
        "21°18'00\"N 105°36'00\"E",
        "N 21°18' E 105°36'",
    ],
)
def test_coordinates_are_a_place_in_every_writing(opened, text):
    assert found(opened, text) == ["point", "21.30000, 105.60000"]


def test_metres_of_the_planning_grid_lead_back_to_degrees(opened):
    text = opened.execute_script(
        "const [e, n] = phusong.point.planning({lng: 105.6, lat: 21.3});"
        "return `${e.toFixed(1)} ${n.toFixed(1)}`"
    )
    assert found(opened, text) == ["point", "21.30000, 105.60000"]
    assert found(opened, "48.1, 11.6") is None  # far away
    assert found(opened, "no such place") is None


def test_a_commune_is_found_by_its_unit_of_another_date(opened):
    names = opened.execute_script("return phusong.data.other_names['08702']")
    assert names is None  # no such unit of 2020
    opened.execute_script(
        "phusong.data.other_names = {'08702': ['Phường Vĩnh Phúc', 'Vĩnh Phúc ward']};"
        "phusong.search.start()"
    )
    assert found(opened, "phuong vinh phuc") == ["commune", "Xã Định Trung"]


def test_the_language_is_a_switch_in_the_page(opened):
    opened.execute_script("document.querySelector('[data-language=en]:not(template)').click()")
    wait(opened, f"{READY} && document.documentElement.lang === 'en'")
    words = opened.execute_script(
        "return [document.title, document.querySelector('h1').textContent,"
        " document.getElementById('tab-ranking').textContent,"
        " phusong.number(1234.5, 1), location.hash.includes('lang=en')]"
    )
    assert words[0] == words[1] == "5G coverage plan, Vĩnh Phúc province"
    assert words[2:] == ["Ranking", "1,234.5", True]
    opened.execute_script("document.querySelector('[data-language=vi]:not(template)').click()")
    wait(opened, f"{READY} && document.documentElement.lang === 'vi'")
    assert (
        opened.execute_script("return document.getElementById('tab-ranking').textContent")
        == "Xếp hạng"
    )
    assert [entry["message"] for entry in opened.get_log("browser")] == []


STATE = (
    "return [phusong.tabs.shown(), phusong.ranking.view, phusong.ranking.column,"
    " phusong.ranking.descending, phusong.filters.text, phusong.filters.chosen,"
    " phusong.weights.own.map((w) => w.toFixed(2)), phusong.ranking.shown.length]"
)


def test_a_link_keeps_tab_filters_and_weights(opened):
    opened.execute_script(
        "phusong.tabs.open(document.getElementById('tab-ranking'), true);"
        "phusong.weights.pick('own');"
        "phusong.weights.take(phusong.weights.own.map((w, i) => (i ? 0.1 : 0.9)));"
        "phusong.filters.set('zone_kind', 'industrial'); phusong.filters.set('text', '');"
        "phusong.permalink.now();"
    )
    told, address = opened.execute_script(STATE), opened.current_url
    opened.get("about:blank")
    opened.get(address)
    wait(opened, READY)
    assert opened.execute_script(STATE) == told
    assert told[:2] == ["ranking", "own"]
    assert told[5] == {"zone_kind": "industrial"}
    assert told[6][0] == "0.90"


def test_a_link_of_nonsense_leaves_the_page_as_it_opens(opened, page):
    opened.get("about:blank")
    opened.get(page.as_uri() + "#tab=x&order=y&sorted=z-&only=a:b~c&weights=9~x&lang=xx&text=")
    wait(opened, READY)
    assert opened.execute_script("return [phusong.ranking.view, phusong.ranking.column]") == [
        "plan",
        "rank",
    ]
    assert [entry["message"] for entry in opened.get_log("browser")] == []


def test_other_names_come_from_the_crosswalk_both_ways():
    def names(units):
        run = {"record": {"province": {"units": units}}, "communes": {"commune_code": ["08716"]}}
        return other_names.by_commune(SimpleNamespace(**run))

    assert "Phường Vĩnh Phúc" in names("2020-03")["08716"]
    assert "Phường Đống Đa" in names("2025-07")["08716"]
    assert names("elsewhere") == {}
