"""Names that try to be more than text, wherever the map shows them: each is shown as it is."""

import json

import maps_run
import pytest
from browser import start, wait

from phusong import columns as col
from phusong.maps.pages import province_map

pytestmark = pytest.mark.browser

# Markup, ends of scripts and strings, templates, formulas, directions, separators, object keys.
NAMES = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror="window.hacked=1">',
    "</script><script>window.hacked=1</script>",
    "<!--phusong:head--> {{ 7*7 }} {% x %} ${window.hacked=1}",
    "=cmd|' /C calc'!A0",
    "@SUM(A1) & +1 -1",
    "\u202eabc مرحبا \u2066x",
    "a\u2028b\u2029c\td",
    "📶 'Đạo Trù' \\u003c \\",
    "__proto__",
)


def hostile_tables():
    """Return the tables of a small run whose every name is hostile, no two alike in a layer."""
    tables = {make.__name__: make() for make in maps_run.TABLES}
    communes, districts, sites = (tables[name] for name in ("communes", "districts", "sites"))
    communes[col.NAME], communes[col.DISTRICT] = NAMES[:6], NAMES[3]
    districts[col.NAME] = NAMES[6:8]
    sites[col.SITE_ID] = sites[col.OPERATOR] = NAMES
    sites[col.POSITION_ID] = NAMES[0]
    sites[col.STATUS] = sites[col.MAST_CLASS] = sites[col.TECHNOLOGIES] = NAMES[1]
    tables["zones"][col.NAME] = NAMES[:3]
    tables["zones"][col.STATUS] = tables["zones"][col.SOURCE] = NAMES[2]
    ranking = tables["ranking"]
    ranking[col.SITE_ID], ranking[col.REASON] = NAMES[:4], NAMES[4:8]
    ranking[col.POSITION_ID] = ranking[col.MAST_CLASS] = NAMES[9]
    tables["holes"][col.CAUSE] = NAMES[0]
    return tables


def hostile_record():
    told = maps_run.record()
    told["province"]["name"] = NAMES[2]
    told["service"]["layer"] = NAMES[0]
    told["scenario"] |= {key: {"vi": NAMES[1], "en": NAMES[1]} for key in ("title", "description")}
    told["notes"] = [{"vi": name, "en": name} for name in NAMES]
    return told


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = maps_run.write_run(tmp_path_factory.mktemp("maps") / "run", hostile_tables())
    (folder / "run.json").write_text(json.dumps(hostile_record()), encoding="utf-8")
    browser = start(tmp_path_factory.mktemp("profile"))
    browser.get(province_map.write_map(folder, "en").as_uri())
    wait(browser, "document.body.dataset.ready === 'true'")
    yield browser
    assert browser.execute_script("return window.hacked") is None
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    browser.quit()


def texts(browser, selector):
    """Return the exact texts of the elements that a selector finds."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)",
        selector,
    )


def test_title_scenario_and_notes(opened):
    assert NAMES[2] in opened.title
    assert NAMES[2] in texts(opened, "h1")[0]
    assert NAMES[1] in texts(opened, ".heading b")
    assert set(NAMES) <= set(texts(opened, "#page-about li"))


@pytest.mark.parametrize(
    ("kind", "records", "names"),
    [
        ("commune", "communes", NAMES[:6]),
        ("district", "districts", NAMES[6:8]),
        ("zone", "zones", NAMES[:3]),
        ("site", "sites", NAMES),
        ("candidate", "candidates", NAMES[:4]),
    ],
)
def test_cards_and_tips(opened, kind, records, names):
    for i, name in enumerate(names):
        card, tip = opened.execute_script(
            "const [kind, records, i] = arguments, record = phusong[records][i];"
            "phusong.select(kind, record);"
            "phusong.pointer.last = {latlng: phusong.map.getCenter()};"
            "phusong.pointer.tip({kind, record}, {clientX: 500, clientY: 300}, '');"
            "return ['#card', '#tip'].map((part) => document.querySelector(part).textContent)",
            kind,
            records,
            i,
        )
        assert name in card
        assert name in tip
    assert texts(opened, "#card script, #card img") == []


def test_a_hole_of_an_unknown_cause_says_it(opened):
    opened.execute_script("phusong.select('hole', phusong.holes[0])")
    assert NAMES[0] in texts(opened, "#card dd")


def test_search_lists_every_name(opened):
    for name in NAMES:
        opened.execute_script(
            "const field = document.getElementById('search'); field.value = arguments[0];"
            "field.dispatchEvent(new Event('input'));",
            name,
        )
        assert name in texts(opened, "#search-results b"), name


def test_operators_in_the_list_of_layers_and_in_the_legend(opened):
    assert set(NAMES) <= set(texts(opened, "#page-layers .text"))
    opened.execute_script(
        "phusong.deselect();"  # a card folds the legend
        "for (const box of document.querySelectorAll('#page-layers input[name=operators]'))"
        "  if (!box.checked) box.click();"
    )
    assert opened.execute_script("return phusong.state.operators.size") == len(NAMES)
    assert set(NAMES) <= set(texts(opened, "#legend li span"))


def test_the_table_of_stations(opened):
    assert texts(opened, ".ranking td.place small") == list(NAMES[:4])


def test_names_on_the_canvas(opened):
    drawn = opened.execute_script(
        "const own = CanvasRenderingContext2D.prototype, fill = own.fillText, found = [];"
        "own.fillText = function (text, ...at) { found.push(text); fill.call(this, text, ...at); };"
        "for (const zoom of [11, 14]) {"
        "  phusong.map.setView(phusong.map.getCenter(), zoom, {animate: false});"
        "  phusong.symbols.redraw();"
        "}"
        "own.fillText = fill; return found;"
    )
    assert {name.upper() for name in NAMES[6:8]} <= {text.upper() for text in drawn}
    assert set(NAMES[:6]) & set(drawn)


def test_no_name_became_an_element(opened):
    made = "img[src=x], #page-about script, .panel script, .leaflet-container script"
    assert texts(opened, made) == []
