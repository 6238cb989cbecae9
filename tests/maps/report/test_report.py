"""The report of hand-made runs: first page, tables, both languages, and what a run may lack."""

import json
import re
import shutil

import maps_run
import pytest
import ranked_run
from maps_run import NASTY

from phusong import columns as col
from phusong import messages
from phusong.geodata.crs import GEOGRAPHIC
from phusong.geodata.runs.folder import open_run
from phusong.maps.plots import chart
from phusong.maps.report import report

EMPTY = '{"type": "FeatureCollection", "features": []}'
COUNTED = report.TABLES


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("report") / "run")


@pytest.fixture(params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture
def folder(whole, tmp_path):
    """Return a copy of the run to spoil."""
    return shutil.copytree(whole, tmp_path / "run")


def told(folder, **changes):
    """Change the record of a run: a section by its keys, anything else as a whole."""
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    for name, value in changes.items():
        record[name] = record[name] | value if isinstance(value, dict) else value
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def written(folder, language="en"):
    return report.write_report(folder, language).read_text(encoding="utf-8")


def section(text, name):
    """Return a section of the page by its id, without markup."""
    found = re.search(rf'<section[^>]*id="{name}".*?</section>', text, re.DOTALL)
    assert found, name
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


def test_the_first_page_tells_what_how_much_who_and_how_sure(folder, language):
    band = {"people_share_after_low": 0.31, "people_share_after_high": 0.46}
    told(folder, headline={**band, "sure_people_share_after": 0.222})
    page = section(written(folder, language), "summary")
    said = {
        "vi": ["4 trạm 5G", "3,6 tỷ đồng", "thêm 21.345 người", "2024–2025", "1.500 người"],
        "en": ["4 5G stations", "3.6 billion VND", "21,345 people more", "from 2024 to 2025"],
    }[language]
    shares = {"vi": ["38,4%", "22,2%", "31,0% đến 46,0%", "1,3%", "1 / 4", "1/2 huyện"]}
    shares["en"] = ["38.4%", "22.2%", "31.0% to 46.0%", "1.3%", "1 / 4", "1 of 2 districts"]
    for words in said + shares[language]:
        assert words in page, words
    assert {"vi": "Dữ liệu mô phỏng", "en": "Synthetic"}[language] in page


def test_without_a_band_the_first_page_claims_none(folder):
    interval = messages.words("en", "report")["interval"]
    assert interval in section(written(folder), "summary")
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    for end in ("low", "high"):
        del record["headline"][f"people_share_after_{end}"]
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    assert interval not in section(written(folder), "summary")


def test_the_contents_lead_to_every_section(whole, language):
    text = written(whole, language)
    links = re.findall(r'<a href="#([a-z]+)"', text)
    assert set(links) >= set(re.findall(r'<section id="([a-z]+)"', text)) - {"summary"}
    for target in links:
        assert f'id="{target}"' in text


def test_money_over_years_and_shared(whole):
    page = section(written(whole), "rollout")
    for words in ("7.7 billion VND", "10 years at 10.0%", "12.8%", "200 million VND", "Not met"):
        assert words in page, words


def test_money_is_that_of_shared_backhaul_and_the_difference_is_told(folder):
    told(folder, cost={"capex_million": 3400.0})
    text = written(folder)
    assert "for 3.4 billion VND" in section(text, "summary")
    assert "building costs 3.4 billion VND in all" in section(text, "rollout")
    told(folder, cost={"capex_million": 3600.4})
    assert "where stations share links" not in section(written(folder), "rollout")


def test_quality_says_that_it_is_predicted_and_marks_what_fails(whole, language):
    text = written(whole, language)
    page = section(text, "quality")
    assert {"vi": "dự báo, không thay cho đo kiểm", "en": "does not replace the measurement"}[
        language
    ] in page
    low = {"vi": "21,3", "en": "21.3"}[language]
    assert f'<td class="n low">{low}</td>' in text
    assert text.count('class="n low"') == 1
    assert page.count(messages.words(language, "report")["met"]) >= 2
    assert messages.words(language, "report")["no_service"] in section(text, "communes")


def test_without_speeds_the_report_says_so(folder):
    tree = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
    del tree["qcvn126"]
    (folder / "tables.json").write_text(json.dumps(tree), encoding="utf-8")
    page = section(written(folder), "quality")
    assert "predicted no upload speed, so QCVN 126 cannot be judged" in page


def test_masts_and_sharing_stand_by_district_and_operator(whole):
    text = written(whole)
    page = section(text, "infrastructure")
    assert "builds 2 new masts; 1 existing masts take a station. 11 masts stand after" in page
    assert (
        "Vĩnh Phúc 9 9 0 2 11 0 0.0%" in page
    )  # class A2b, today, shared, new, after, shared, rate
    assert "MobiFone 1 1 1 0 1 0 (0.0%) 0 (0.0%)" in page  # BTS, 3G to 5G, masts and BTS shared
    assert "The plan names no operator" in page
    built = section(text, "communes")
    assert "Phường Tích Sơn 1 + 1 1 + 1 2 1 2 2 3.6 billion VND" in built


def test_each_file_is_named_and_read_back_as_it_was_written(whole):
    run = open_run(whole)
    assert ", ".join(f"{name}.csv" for name in COUNTED) in written(whole)
    rows = run.rows("qcvn126")
    assert [row[col.NAME] for row in rows[:6]] == maps_run.COMMUNES
    assert rows[5][col.MEAN_UPLINK_MBPS] is None
    assert [row[col.COMPLIES] for row in rows[4:7]] == [True, False, True]
    assert run.rows("of_nothing") == []


def test_why_tells_proof_and_stability(whole, language):
    page = section(written(whole, language), "why")
    for words in {
        "vi": ["1.000 lần", "1,3%", "912"],
        "en": ["1,000 times", "1.3%", "912"],
    }[language]:
        assert words in page, words


def test_zones_tell_weights_of_criteria_and_how_they_lead_to_the_plan(whole, language):
    page = section(written(whole, language), "zones")
    for words in {
        "vi": ["75,0%", "0,013", "0,93", "1.000 lần", "0,33", "3 khu vực đầu"],
        "en": ["75.0%", "0.013", "0.93", "1,000 times", "0.33", "first 3"],
    }[language]:
        assert words in page, words
    assert "=" in page  # the judgement


def test_a_tier_tells_its_three_shares_by_their_names(folder, language):
    title = {"en": "City wards", "vi": "Phường"}
    year = {"year": 2025, "target": 0.6, "reached": 0.512, "stations": 2, "cost_million": 9.0}
    levels = {"outdoor": 0.934, "indoor": 0.512, "indoor_90": 0.123}
    tier = {"tier": 1, "title": title, "least_gain": None, "years": [year], "waiting": []}
    told(folder, tiers=[tier | {"levels": levels}])
    page = section(written(folder, language), "rollout")
    said = {
        "vi": "ngoài trời 93,4%; trong nhà, kỳ vọng 51,2%; trong nhà với xác suất 90% 12,3%",
        "en": "outdoors 93.4%; indoors, expected 51.2%; indoors with 90% 12.3%",
    }
    assert said[language] in page


def test_the_rollout_tells_what_the_plan_begins_with_and_who_pays(tmp_path, language):
    page = section(written(ranked_run.write(tmp_path / "run"), language), "rollout")
    for words in {
        "vi": ["4.321, ngày 31/12/2024 (on_air.csv)", "năm 2026", "Nhà nước", "432 triệu đồng"],
        "en": ["4,321, on 31 December 2024 (on_air.csv)", "of 2026", "The state"],
    }[language]:
        assert words in page, words


def test_zones_stand_by_rank_with_the_figures_of_the_file(tmp_path, language, monkeypatch):
    folder = ranked_run.write(tmp_path / "run")
    rows = ranked_run.zones_ranking()
    page = section(written(folder, language), "zones")
    names = [name for name in rows[col.NAME] if "<" not in name]
    assert [page.index(name) for name in names] == sorted(page.index(name) for name in names)
    mark = {"vi": ",", "en": "."}[language]
    for score, weight in zip(rows[col.SCORE], rows[col.WEIGHT], strict=True):
        for figure in (f"{score:.1f}", f"{weight:.2f}"):
            assert figure.replace(".", mark) in page
    monkeypatch.setattr(report, "FIRST_ZONES", 2)
    whole_page = written(folder, language)
    last = f"{rows[col.SCORE].iloc[2]:.1f}".replace(".", mark)
    assert last not in section(whole_page, "zones")
    assert last in section(whole_page, "communes")


def test_why_a_commune_is_missed_stands_below_it(whole):
    assert section(written(whole), "communes").count("30 % dân số được phủ sóng &lt;i&gt;") == 6


def test_a_quota_that_was_lowered_says_to_what(folder):
    need = maps_run.record()["choice"]["reached"][0] | {"lowered_to": 0.555}
    told(folder, choice={"reached": [need]})
    assert "90.0% lowered to 55.5%" in section(written(folder), "rollout")


def test_given_weights_are_not_called_ahp(folder):
    told(folder, parameters={"weights": {"given": {"people": 1.0}}})
    page = section(written(folder), "zones")
    assert "The scenario states the weights." in page
    assert "AHP" not in page


def test_a_loose_proof_is_called_loose(folder):
    told(folder, choice={"gap": 0.72})
    assert "The bound is loose" in section(written(folder), "why")


def test_a_plan_that_adds_nothing_has_no_gap(folder):
    told(folder, choice={"gap": None})
    text = written(folder)
    assert "The plan adds no demand" in section(text, "why")
    assert messages.words("en", "report")["gap_short"] not in section(text, "summary")
    assert "inf%" not in text


def test_reasons_in_another_language_are_announced(folder):
    told(folder, language="vi")  # a run of an earlier version, without texts in both
    assert "Reasons are in the language of the run." in section(written(folder, "en"), "ranking")
    assert "Lý do được viết" not in section(written(folder, "vi"), "ranking")


# What a run may lack


def test_a_run_of_an_earlier_version_still_gives_a_report(folder, language):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name in ("summary", "choice", "cost", "parameters"):
        del record[name]
    (folder / "run.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    for name in COUNTED:
        (folder / f"{name}.csv").unlink()
    assert "38" in section(written(folder, language), "summary")


def test_no_station(folder, language):
    (folder / "ranking.geojson").write_text(EMPTY, encoding="utf-8")
    none = {
        "stations": 0,
        "colocated": 0,
        "new": 0,
        "cost_million": 0.0,
        "people_per_station": 0,
    }
    start = [{"stations": 0, "people": 1000.0, "cost_million": 0.0}]
    years = [{"year": 2024, "stations": 0, "cost_million": 0.0, "people_share": 0.02}]
    years[0] |= {"zone_demand_share": 0.0}
    told(folder, headline=none, curve=start, years=years)
    text = written(folder, language)
    said = {"vi": "Kế hoạch không đề xuất trạm 5G nào.", "en": "The plan proposes no 5G station."}
    for name in ("summary", "rollout", "why", "ranking"):
        assert said[language] in section(text, name), name
    assert 'class="chart"' not in text
    assert 'class="station"' not in text


def test_no_zone(folder, language):
    (folder / "zones.geojson").write_text(EMPTY, encoding="utf-8")
    assert messages.words(language, "report")["no_zones"] in section(
        written(folder, language), "coverage"
    )


def test_no_hole_and_no_site(folder):
    for name in ("holes", "sites"):
        (folder / f"{name}.geojson").write_text(EMPTY, encoding="utf-8")
    maps_run.write_counts(folder, maps_run.tables() | {"sites": maps_run.sites().iloc[:0]})
    text = written(folder)
    assert "No coverage hole remains." in section(text, "coverage")
    assert "BTS: None." in section(text, "infrastructure")


def test_one_commune(folder, language):
    tables = maps_run.tables()
    tables["communes"] = tables["communes"].iloc[:1]
    tables["districts"] = tables["districts"].iloc[:1]
    for name in ("communes", "districts"):
        target = folder / f"{name}.geojson"
        target.write_text(tables[name].to_crs(GEOGRAPHIC).to_json(drop_id=True), encoding="utf-8")
    text = written(folder, language)
    names = report.open_run(folder).communes[col.NAME].tolist()
    assert names == ["Phường Tích Sơn"]
    units = re.findall(r'<table class="units">.*?</table>', text, re.DOTALL)
    assert [table.count("<tbody") for table in units] == [1, 2]


def test_everybody_covered_before(folder, language):
    told(folder, headline={"people_share_before": 1.0, "people_share_after": 1.0})
    assert messages.words(language, "report")["covered_already"] in written(folder, language)


def test_nobody_covered_after(folder, language):
    nothing = dict.fromkeys(("people_before", "people_after", "people_share_before"), 0.0)
    told(folder, headline={**nothing, "people_share_after": 0.0})
    page = section(written(folder, language), "summary")
    assert messages.words(language, "report")["nobody_covered"] in page
    assert messages.words(language, "report")["speed_short"] not in page


def test_names_are_text_everywhere(whole, language):
    text = written(whole, language)
    assert "<script" not in text
    assert text.count("&lt;script&gt;window.hacked=1&lt;/script&gt;") > 10
    assert NASTY not in text


def test_every_word_is_used():
    pages = "".join(
        path.read_text(encoding="utf-8")
        for pattern in ("report*.html", "../report/*.py", "../layers/ranked_zones.py")
        for path in sorted(report.template.TEMPLATES.glob(pattern))
    )
    for key in messages.words("en", "report"):
        family = f'"{key.split("_")[0]}_"'
        assert re.search(rf"say\.{key}\b|\"{key}\"", pages) or family in pages, key


# The chart


def test_names_of_years_that_are_close_do_not_cover_each_other():
    axis = chart.Axis("stations", chart.ticks(100.0), str)
    marks = [chart.Mark(10.0, "2024"), chart.Mark(11.0, "2025"), chart.Mark(60.0, "2026")]
    drawn = str(chart.line([(0.0, 0.0), (100.0, 100.0)], axis, axis, marks))
    assert drawn.count('class="mark"') == 3
    assert re.findall(r'class="marked"[^>]*>(\d+)<', drawn) == ["2024", "2026"]
