"""Ranking, own weights, places compared, backhaul and cards of the map, in headless Chromium."""

import csv
import io
import json

import maps_run
import pytest
import ranked_run
from browser import PHONE, READY, ink, keep_page, open_page, press, tick, wait
from maps_run import NASTY, REASON
from ranked_run import FORMULA

from phusong import columns as col
from phusong.geodata import csv_forms
from phusong.maps.pages import province_map
from phusong.scenarios.config import schema
from phusong.scenarios.criteria import zone_criteria

pytestmark = pytest.mark.browser

RANKS = "[...document.querySelectorAll('.ranking tbody tr')].map((row) => row.dataset.rank)"
COUNT = "document.querySelector('.actions .count').textContent"
CARD = "document.getElementById('card').textContent"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return ranked_run.write(tmp_path_factory.mktemp("ranked") / "run")


@pytest.fixture(scope="module")
def file_of(run_folder):
    """Return the places as the run wrote them."""
    tree = json.loads((run_folder / "candidates.geojson").read_text(encoding="utf-8"))
    return [feature["properties"] for feature in tree["features"]]


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def map_file(run_folder, language):
    return province_map.write_map(run_folder, language).rename(run_folder / f"map_{language}.html")


@pytest.fixture
def opened(chromium, map_file):
    """Return the browser with the page freshly opened at its ranking."""
    open_page(chromium, map_file)
    chromium.find_element("id", "tab-ranking").click()
    yield chromium
    logged = chromium.get_log("browser")
    assert [entry["message"] for entry in logged if entry["level"] == "SEVERE"] == []


@pytest.fixture
def kept(chromium, map_file):
    keep_page(chromium, map_file)
    return chromium


def ask(browser, script):
    return browser.execute_script(f"return {script}")


def choose(browser, name, value):
    browser.execute_script(
        "const s = document.querySelector(`[data-filter='${arguments[0]}']`);"
        "s.value = arguments[1]; s.dispatchEvent(new Event('change'));",
        name,
        value,
    )


def slide(browser, criterion, percent):
    """Move a slider, and wait until the places are scored again."""
    browser.execute_script(
        "const s = document.querySelector(`[data-criterion='${arguments[0]}']`);"
        "s.value = arguments[1]; s.dispatchEvent(new Event('input'));",
        criterion,
        percent,
    )
    wait(browser, "!phusong.weights.waiting")


def own_order(browser):
    browser.find_element("css selector", "input[value=own]").click()


def zones_table(browser):
    browser.find_element("css selector", "input[value=zones]").click()


def zones_of(folder):
    """Return the zones as the run ranks them."""
    tree = json.loads((folder / "zones_ranking.geojson").read_text(encoding="utf-8"))
    return [feature["properties"] for feature in tree["features"]]


# The table


@pytest.mark.parametrize(
    ("column", "ranks"),
    [
        ("year", ["1", "2", "3", "4"]),
        ("people_gained", ["3", "1", "2", "4"]),
        ("cost_million", ["2", "3", "4", "1"]),
        ("gain_per_billion", ["3", "1", "2", "4"]),
        ("stability", ["1", "2", "3", "4"]),
        ("probability_top_n", ["1", "2", "3", "4"]),
        ("probability_nearby", ["1", "2", "3", "4"]),
    ],
)
def test_every_column_sorts_both_ways(opened, column, ranks):
    opened.find_element("css selector", f"th.{column} button").send_keys("\ue007")
    assert ask(opened, RANKS) == ranks
    opened.find_element("css selector", f"th.{column} button").send_keys("\ue007")
    turned = ask(opened, RANKS)
    assert turned != ranks
    assert sorted(turned) == sorted(ranks)
    assert ask(opened, f"document.querySelector('th.{column}').ariaSort") in {
        "ascending",
        "descending",
    }
    assert ask(opened, "document.activeElement.closest('th')?.className") == column


@pytest.mark.parametrize(
    ("typed", "ranks"),
    [
        ("tich son", ["1"]),
        ("Tích Sơn", ["1"]),
        ("TAM DUONG", ["3", "4"]),
        ("trung tâm", ["1", "4"]),
        ("zzz", []),
    ],
)
def test_text_filters_with_and_without_marks(opened, typed, ranks, language):
    field = opened.find_element("id", "ranking-text")
    field.send_keys(typed)
    assert ask(opened, RANKS) == ranks
    said = {"vi": f"{len(ranks)} trên 4 dòng", "en": f"{len(ranks)} of 4 rows"}[language]
    assert ask(opened, COUNT) == said
    empty = opened.find_element("css selector", "#page-ranking .none").is_displayed()
    assert empty is not bool(ranks)
    opened.find_element("id", "ranking-clear").click()
    assert ask(opened, RANKS) == ["1", "2", "3", "4"]
    assert not field.get_attribute("value")


@pytest.mark.parametrize(
    ("name", "value", "ranks"),
    [
        ("year", "2025", ["3", "4"]),
        ("district", "247", ["3", "4"]),
        ("zone", "none", ["2"]),
        ("zone", "industrial", ["3"]),
    ],
)
def test_choices_filter_and_add_up(opened, name, value, ranks):
    opened.find_element("css selector", "[aria-controls=ranking-selects]").click()
    choose(opened, name, value)
    assert ask(opened, RANKS) == ranks
    choose(opened, "year", "2025")
    assert ask(opened, RANKS) == [rank for rank in ranks if rank in {"3", "4"}]


def test_arrows_go_through_rows_and_enter_opens_one(opened):
    row = opened.find_element("css selector", ".ranking tbody tr")
    assert ask(opened, "document.querySelectorAll('.ranking tbody tr[tabindex=\"0\"]').length") == 1
    row.send_keys("\ue015\ue015")  # down, down
    assert ask(opened, "document.activeElement.dataset.rank") == "3"
    opened.switch_to.active_element.send_keys("\ue010")  # end
    opened.switch_to.active_element.send_keys("\ue013")  # up
    opened.switch_to.active_element.send_keys("\ue007")
    chosen = ask(opened, "phusong.state.selected.record.site_id")
    assert chosen in ask(opened, CARD)
    assert ask(opened, "phusong.state.selected.record.rank") == 3
    assert ask(opened, "document.querySelector('tr.chosen').dataset.rank") == "3"
    wait(opened, "phusong.map.getZoom() >= 13")


def rows_of(text, language):
    form = csv_forms.of_language(language)
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=form.separator)
    return [[csv_forms.rearmed(c) if c.startswith("=") else c for c in line] for line in lines]


def test_the_csv_holds_what_is_shown_and_no_formula(opened, language):
    opened.find_element("css selector", "th.people_gained button").click()
    choose(opened, "zone", "industrial")
    head, only = rows_of(ask(opened, "phusong.ranking.csv()"), language)
    assert head[0] == {"vi": "Hạng", "en": "Rank"}[language]
    assert only[0] == "3"
    assert only[head.index({"vi": "Khu vực ưu tiên", "en": "Priority zone"}[language])] == NASTY
    choose(opened, "zone", "")
    assert [row[0] for row in rows_of(ask(opened, "phusong.ranking.csv()"), language)[1:]] == list(
        "3124"
    )
    opened.execute_script("phusong.candidates[0].site_id = arguments[0]", FORMULA)
    written = rows_of(ask(opened, "phusong.ranking.csv()"), language)
    assert written[2][1] == f"'{FORMULA}"
    assert ask(opened, "phusong.sheet.unarmed('-5.2')") == "-5.2"
    assert ask(opened, "phusong.sheet.unarmed('@x')") == "'@x"


def test_the_csv_is_copied_and_saved(opened, language):
    opened.execute_script(
        "window.saved = []; URL.createObjectURL = (blob) => { window.blob = blob; return '#'; };"
        "HTMLAnchorElement.prototype.click = function () { window.saved.push(this.download); };"
        "phusong.copy = async (text, done) => { window.copied = text; phusong.say(done); };"
    )
    opened.find_element("id", "ranking-save").click()
    assert ask(opened, "window.saved") == ["urban_ranking.csv"]
    saved = opened.execute_async_script("window.blob.text().then(arguments[0])")
    assert len(rows_of(saved, language)) == 5
    opened.find_element("id", "ranking-copy").click()
    said = {"vi": "Đã sao chép 4 dòng", "en": "4 rows copied"}[language]
    wait(opened, f"document.getElementById('said').textContent === {said!r}")
    assert ask(opened, "window.copied") == saved.removeprefix("\ufeff")


def test_the_table_widens_and_the_map_follows(opened):
    before = ask(opened, "phusong.map.getSize().x")
    opened.find_element("id", "ranking-wide").click()
    assert ask(opened, "phusong.map.getSize().x") < before - 200
    box, inner = ask(
        opened,
        "(() => { const p = document.getElementById('page-ranking');"
        " return [p.clientWidth, p.scrollWidth]; })()",
    )
    assert inner <= box
    opened.find_element("id", "ranking-wide").click()
    assert ask(opened, "phusong.map.getSize().x") == before


# Zones


def test_the_table_of_zones_holds_the_figures_of_the_file(opened, run_folder, language):
    zones_table(opened)
    rows = zones_of(run_folder)
    assert ask(opened, RANKS) == [str(row[col.RANK]) for row in rows]
    cells = ask(
        opened,
        "[...document.querySelectorAll('.ranking tbody tr')].map((row) => Object.fromEntries("
        "[...row.cells].map((cell) => [cell.className, cell.textContent])))",
    )
    mark = {"vi": ",", "en": "."}[language]
    for row, cell in zip(rows, cells, strict=True):
        assert cell["place"].startswith(row[col.NAME])
        assert cell["zone_weight"] == f"{row[col.WEIGHT]:.2f}".replace(".", mark)
        assert cell["score"] == f"{row[col.SCORE]:.1f}".replace(".", mark)
        assert cell["topsis"] == f"{row[col.TOPSIS]:.1f}".replace(".", mark)
        ends = dict.fromkeys(str(row[end]) for end in (col.RANK_LOW, col.RANK_HIGH))
        assert cell["interval"] == "–".join(ends)
        assert cell["probability_top_n"] == "100%"
    head, *lines = rows_of(ask(opened, "phusong.ranking.csv()"), language)
    assert len(head) == len(set(head)) == len(lines[0])
    of_people = head.index({"vi": "Dân chưa được phục vụ", "en": "Residents not served"}[language])
    assert [float(line[of_people].replace(mark, ".")) for line in lines] == [
        row[col.PEOPLE_UNSERVED] for row in rows
    ]
    assert [line[1] for line in lines] == [row[col.ZONE_ID] for row in rows]


def test_zones_sort_filter_and_open_on_the_map(opened, run_folder):
    zones_table(opened)
    opened.find_element("css selector", "th.criterion_people button").send_keys("\ue007")
    by_people = sorted(zones_of(run_folder), key=lambda row: -row[col.PEOPLE_UNSERVED])
    assert ask(opened, RANKS) == [str(row[col.RANK]) for row in by_people]
    opened.find_element("css selector", "[aria-controls=ranking-selects]").click()
    shown = ask(
        opened,
        "[...document.querySelectorAll('#ranking-selects select')].filter((s) => s.offsetParent)"
        ".map((s) => s.dataset.filter)",
    )
    assert "zone_kind" in shown
    assert not {"year", "district"} & set(shown)
    choose(opened, "zone_kind", "tourism")
    assert ask(opened, "phusong.ranking.shown.map((z) => z.zone_id)") == ["T01"]
    opened.find_element("css selector", ".ranking tbody tr").click()
    assert ask(opened, "phusong.state.selected.kind") == "zone"
    assert ask(opened, "phusong.state.selected.record.zone_id") == "T01"
    opened.find_element("css selector", "input[value=plan]").click()
    assert ask(opened, RANKS) == ["1", "2", "3", "4"]


def test_the_page_shows_how_a_judgement_leads_to_the_plan(opened, run_folder, language):
    zones_table(opened)
    opened.find_element("css selector", ".how summary").click()
    text = opened.find_element("css selector", ".how").text
    first = zones_of(run_folder)[0]
    mark = {"vi": ",", "en": "."}[language]
    for figure in (f"{first[col.SCORE]:.1f}", f"{first[col.WEIGHT]:.2f}", "0.33"):
        assert figure.replace(".", mark) in text
    assert first[col.NAME] in text
    for share in ranked_run.WEIGHTS.values():
        assert f"{100 * share:.0f}%" in text


def test_own_weights_can_be_pasted_into_a_scenario(opened, tmp_path):
    own_order(opened)
    slide(opened, "people", 30)
    slide(opened, "area", 30)
    pasted = tmp_path / "own.toml"
    pasted.write_text(ask(opened, "document.getElementById('own-toml').textContent"), "utf-8")
    scenario = schema.load(str(pasted))
    assert scenario.scenario.name == "urban_own"
    shares = ask(opened, "phusong.weights.shared(phusong.weights.own)")
    read = zone_criteria.read(scenario.weights, "own.toml").values
    assert read == pytest.approx(shares, abs=1e-3)
    assert scenario.tiers == schema.load("urban").tiers


# Own weights


def test_at_the_plans_weights_the_scores_are_those_of_the_file(opened, run_folder, language):
    file_of = zones_of(run_folder)
    own_order(opened)
    found = ask(opened, "phusong.weights.ordered.map((z) => [z.zone_id, z.own_score])")
    assert [zone for zone, _ in found] == [row[col.ZONE_ID] for row in file_of]
    scores = [row[col.SCORE] for row in file_of]
    assert [score for _, score in found] == pytest.approx(scores, abs=1e-4)
    said = opened.find_element("css selector", ".own .said").text
    assert {"vi": "3 trên 3", "en": "3 of the first 3"}[language] in said
    assert {"vi": "đúng trọng số", "en": "plan's own weights"}[language] in said
    note = opened.find_element("css selector", ".own .note").text
    assert {"vi": "Kế hoạch giữ nguyên", "en": "The plan itself stays"}[language] in note


@pytest.mark.parametrize(
    "weights",
    [{"people": 100}, {"cost": 60, "area": 40}, {"workers": 5, "backhaul": 90, "policy": 77}],
)
def test_own_weights_score_as_the_run_would(opened, weights):
    own_order(opened)
    for criterion in ranked_run.criteria().columns.drop("building"):
        slide(opened, criterion, weights.get(criterion, 0))
    found = ask(opened, "phusong.weights.ordered.map((z) => [z.zone_id, z.own_score])")
    assert dict(found) == pytest.approx(ranked_run.scores_by(weights))
    assert [zone for zone, _ in found] == list(ranked_run.scores_by(weights))
    assert ask(opened, "phusong.ranking.shown.map((z) => z.zone_id)") == [z for z, _ in found]


def test_own_weights_list_zones_and_leave_the_stations_where_they_are(opened, language):
    plan = ink(opened, "plan")
    opened.find_element("css selector", "th.gain_per_billion button").click()
    own_order(opened)
    assert ask(opened, RANKS) == ["1", "2", "3"]
    assert ink(opened, "plan") == plan
    before = ask(opened, "phusong.ranking.shown.map((z) => z.zone_id)")
    slide(opened, "people", 0)
    slide(opened, "area", 100)
    assert ask(opened, "phusong.ranking.shown.map((z) => z.zone_id)") != before
    head = rows_of(ask(opened, "phusong.ranking.csv()"), language)
    assert len(head) == 4
    opened.find_element("id", "own-reset").click()
    wait(opened, f"phusong.ranking.shown[0].zone_id === {before[0]!r}")
    assert ask(opened, "phusong.weights.own") == ask(
        opened, "phusong.weights.criteria.map((c) => c.weight)"
    )
    opened.find_element("css selector", "input[value=plan]").click()
    assert ask(opened, RANKS) == ["1", "2", "3", "4"]


def test_sliders_answer_to_the_keyboard_and_show_shares_of_one(opened):
    own_order(opened)
    slider = opened.find_element("css selector", "[data-criterion=people]")
    slider.send_keys("\ue014" * 25)  # right
    wait(opened, "phusong.weights.own[0] === 0.75")
    shares = ask(opened, "phusong.weights.shared(phusong.weights.own)")
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == pytest.approx(0.75 / 1.25)
    for criterion in ranked_run.criteria().columns.drop("building"):
        slide(opened, criterion, 0)
    assert ask(opened, "phusong.weights.ordered.every((z) => z.own_score === 0)")
    assert ask(opened, "document.querySelector('.own .said').textContent").count("0") >= 1
    assert not opened.find_elements("css selector", "[data-criterion=building]")  # all operate


def test_a_row_of_own_weights_opens_the_zone(opened):
    own_order(opened)
    opened.find_element("css selector", ".ranking tbody tr").click()
    assert ask(opened, "phusong.state.selected.kind") == "zone"
    assert ask(opened, "phusong.state.selected.record.own_rank") == 1
    assert ask(opened, "document.querySelector('tr.chosen').dataset.rank") == "1"


# Layers


def test_places_and_backhaul_are_off_until_asked_for(opened, language):
    assert ask(opened, "phusong.placeAt({x: 0, y: 0}, phusong.pointer.view(), 1e6)") is None
    opened.find_element("id", "tab-layers").click()
    for layer, pane, said in (
        ("show:places", "network", {"vi": "Các vị trí đã so sánh", "en": "Places compared"}),
        ("show:backhaul", "areas", {"vi": "Tuyến vi ba", "en": "Microwave link"}),
    ):
        before = ink(opened, pane)
        assert said[language] not in opened.find_element("id", "legend").text
        tick(opened, layer)
        assert ink(opened, pane) > before
        assert said[language] in opened.find_element("id", "legend").text
        tick(opened, layer)
        assert ink(opened, pane) == before


def test_a_place_not_chosen_tells_what_it_would_bring_and_the_next_station(
    opened, file_of, language
):
    tick(opened, "show:places")
    row = next(r for r in file_of[20:] if not r[col.RANK])
    opened.execute_script(
        "const p = phusong.placeById.get(arguments[0]);"
        "phusong.map.setView([p.lat, p.lon], 16, {animate: false});",
        row[col.SITE_ID],
    )
    place = ask(opened, f"phusong.placeById.get({row[col.SITE_ID]!r}).position")
    press(opened, *place)
    card = ask(opened, CARD)
    assert row[col.SITE_ID] in card
    people = f"{row[col.PEOPLE_GAINED]:,.0f}"
    assert (people.replace(",", ".") if language == "vi" else people) in card
    assert {"vi": "Không được chọn", "en": "Not chosen"}[language] in card
    assert {"vi": "Trạm đề xuất gần nhất", "en": "Nearest proposed station"}[language] in card


def test_a_chosen_place_leads_to_its_station(kept, file_of):
    kept.execute_script("phusong.select('compared', phusong.places[0])")
    kept.find_element("css selector", "#card .facts .link").click()
    assert ask(kept, "phusong.state.selected.kind") == "candidate"
    assert ask(kept, "phusong.state.selected.record.rank") == 1
    assert file_of[0][col.SITE_ID] in ask(kept, CARD)


def test_a_link_tells_its_length_cost_and_ends(opened, language):
    tick(opened, "show:backhaul")
    middle = ask(
        opened,
        "(() => { const part = phusong.links[1].parts[0];"
        " const x = (part[0] + part[2]) / 2, y = (part[1] + part[3]) / 2;"
        " const at = phusong.latLngBounds([x, y, x, y]).getCenter(); return [at.lng, at.lat]; })()",
    )
    opened.execute_script(
        "phusong.state.years.clear(); phusong.map.setView([arguments[1], arguments[0]], 15,"
        " {animate: false})",
        *middle,
    )
    press(opened, *middle)
    card = ask(opened, CARD)
    assert {"vi": "Tuyến vi ba", "en": "Microwave link"}[language] in card
    assert {"vi": "2,10 km", "en": "2.10 km"}[language] in card
    assert {"vi": "180 triệu đồng", "en": "180 million VND"}[language] in card
    opened.find_element("css selector", "#card .facts .link").click()
    assert ask(opened, "phusong.state.selected.record.rank") == 2
    tick(opened, "show:backhaul")
    lines = ink(opened, "areas")
    opened.find_element("css selector", "#card .facts li .link").send_keys("\ue007")
    assert ask(opened, "phusong.state.selected.record.kind") == "microwave"
    wait(opened, "phusong.state.selected.record.parts.length === 1")
    assert ink(opened, "areas") != lines
    opened.execute_script("phusong.select('backhaul', phusong.links[2])")
    assert NASTY in ask(opened, CARD)
    assert ask(opened, "window.hacked") is None


# Cards


def test_the_card_of_a_station_tells_gain_certainty_and_budget(kept, language):
    kept.execute_script("phusong.select('candidate', phusong.candidates[0])")
    card = ask(kept, CARD)
    for said in (
        REASON,
        {"vi": "1.200 người", "en": "1,200 people"}[language],
        {"vi": "700 triệu đồng", "en": "700 million VND"}[language],
        "0°, 120°, 240°",
        {"vi": "95% số lần", "en": "95% of them"}[language],
        {"vi": "500 m 97% (loại A)", "en": "within 500 m in 97% (class A)"}[language],
        {"vi": "Rất chắc chắn", "en": "Very sure"}[language],
        {"vi": "53,8 dBm", "en": "53.8 dBm"}[language],
        {"vi": "= −72,6 dBm", "en": "= −72.6 dBm"}[language],
        {"vi": "115,7 dB", "en": "115.7 dB"}[language],
    ):
        assert said in card
    kept.execute_script("phusong.select('candidate', phusong.candidates[2])")
    assert {"vi": "55% (loại B)", "en": "55% (class B)"}[language] in ask(kept, CARD)
    assert {"vi": "Khá chắc chắn", "en": "Fairly sure"}[language] in ask(kept, CARD)
    kept.execute_script("phusong.select('candidate', phusong.candidates[1])")
    assert {"vi": "cột lân cận cũng được", "en": "a mast nearby"}[language] in ask(kept, CARD)
    assert {"vi": "Vô hướng", "en": "Omnidirectional"}[language] in ask(kept, CARD)


def test_the_card_of_a_zone_tells_rank_weight_and_the_parts_of_its_score(kept, language):
    """Shares by hand: min-max of every criterion times its weight, over their sum."""
    kept.execute_script("phusong.select('zone', phusong.zoneById.get('T01'))")
    card = ask(kept, CARD)
    rank = list(ranked_run.scores_by(ranked_run.WEIGHTS)).index("T01") + 1
    assert {"vi": f"{rank} trên 3", "en": f"{rank} of 3"}[language] in card
    parts = ask(kept, "phusong.weights.parts(phusong.zoneById.get('T01'), phusong.weights.own)")
    values = ranked_run.criteria()
    row = values.iloc[2]
    for part, name in zip(parts, values.columns, strict=True):
        low, high = values[name].min(), values[name].max()
        better = high - row[name] if name in {"cost", "backhaul"} else row[name] - low
        weight = ranked_run.WEIGHTS.get(name, 0.0)
        assert part == pytest.approx(100 * weight * better / (high - low or 1.0), abs=1e-3)
    shares = ask(
        kept, "[...document.querySelectorAll('#card .part .amount')].map((e) => e.textContent)"
    )
    assert len(shares) == len(ranked_run.WEIGHTS)
    assert sum(int(share.rstrip("%")) for share in shares) == pytest.approx(100, abs=3)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("commune", "communes[0]"), ("district", "districts[0]"), ("zone", "zones[0]")],
)
def test_cards_of_areas_have_one_shape(kept, kind, shown):
    kept.execute_script(f"phusong.select({kind!r}, phusong.{shown})")
    shape = ask(
        kept,
        "[...document.querySelectorAll('#card .content > *')].map((e) => e.className || e.tagName)",
    )
    assert [part for part in shape if part != "reason"][-1] in {"stations", "DETAILS"}
    assert "shares" in shape
    assert "facts" in shape
    assert (
        ask(kept, "document.querySelectorAll('#card .chip').length")
        == {
            "commune": 1,
            "district": 2,
            "zone": 2,
        }[kind]
    )


def test_a_commune_says_why_and_lists_its_sites_when_unfolded(kept):
    kept.execute_script("phusong.select('commune', phusong.communes[0])")
    why = maps_run.communes()[col.WHY].iloc[0]
    assert why in ask(kept, CARD)
    listed = "document.querySelectorAll('#card .sites li').length"
    assert ask(kept, listed) == 0
    kept.find_element("css selector", "#card summary").click()
    wait(kept, f"{listed} === 10")
    kept.find_element("css selector", "#card .sites .link").click()
    assert ask(kept, "phusong.state.selected.record.site_id") == "VP0000"
    kept.execute_script("phusong.select('commune', phusong.communes[0])")
    kept.find_element("css selector", "#card .eyebrow .link").click()
    assert ask(kept, "phusong.state.selected.kind") == "district"


def test_search_finds_a_place_that_was_not_chosen(kept, file_of):
    row = next(r for r in file_of if not r[col.RANK])
    kept.find_element("id", "search").send_keys(row[col.SITE_ID].lower(), "\ue007")
    assert ask(kept, "phusong.state.selected.kind") == "compared"
    assert row[col.SITE_ID] in ask(kept, CARD)


def test_about_tells_what_the_plan_begins_with_and_who_pays(kept, language):
    begins = ask(kept, "document.getElementById('about-begins').textContent")
    dated = {"vi": "4.321, ngày 31 tháng 12, 2024", "en": "4,321, on 31 December 2024"}[language]
    for words in (dated, "on_air.csv", "2026"):
        assert words in begins
    pays = ask(kept, "document.getElementById('about-payers').textContent")
    for words in {
        "vi": ["VNPT3,1 tỷ đồng", "Nhà nước", "432 triệu đồng"],
        "en": ["VNPT3.1 billion VND", "The state", "432 million VND"],
    }[language]:
        assert words in pays


# Other sizes


def test_on_a_phone_table_sliders_and_card_are_reached_by_touch(opened):
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    opened.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        wait(opened, "location.hash.includes('tab=ranking')")  # it is written soon
        opened.refresh()
        wait(opened, READY)
        assert opened.find_element("id", "page-ranking").is_displayed()  # the link keeps the tab
        own_order(opened)
        assert ask(opened, "document.documentElement.scrollWidth") == 390
        slider = opened.find_element("css selector", "[data-criterion=people]")
        assert 0 <= slider.rect["x"] < slider.rect["x"] + slider.rect["width"] <= 390
        row = "document.querySelector('.ranking tbody tr')"
        opened.execute_script(f"{row}.scrollIntoView()")
        x, y = ask(
            opened,
            f"(() => {{ const b = {row}.getBoundingClientRect(); return [b.x + 80, b.y + 9]; }})()",
        )
        for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
            opened.execute_cdp_cmd(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
            )
        wait(opened, "!document.getElementById('card').hidden")
        assert not opened.find_element("id", "page-ranking").is_displayed()
    finally:
        opened.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_without_stations_and_places_the_ranking_says_so(chromium, tmp_path, language):
    tables = {make.__name__: make() for make in maps_run.TABLES}
    tables["ranking"] = tables["ranking"].iloc[:0]
    folder = maps_run.write_run(tmp_path / "run", tables)
    open_page(chromium, province_map.write_map(folder, language))
    chromium.find_element("id", "tab-ranking").click()
    said = {"vi": "không đề xuất trạm 5G nào", "en": "proposes no 5G station"}[language]
    assert said in chromium.find_element("id", "page-ranking").text
    assert {"vi": "0 trên 0", "en": "0 of 0"}[language] in ask(chromium, COUNT)
    assert not chromium.find_elements("css selector", "input[value=own]")
    assert not chromium.find_elements("css selector", "[data-layer='show:places']")
    assert len(rows_of(ask(chromium, "phusong.ranking.csv()"), language)) == 1
    assert [entry["message"] for entry in chromium.get_log("browser")] == []
