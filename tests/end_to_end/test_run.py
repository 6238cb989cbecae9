"""A whole run on a small province: every file, its form, and that nothing else matters."""

import json
import shutil
import subprocess
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import spreadsheet
from rio_cogeo.cogeo import cog_validate
from run_files import FILES, VECTORS
from scipy.stats import norm

import phusong as ps
from phusong import columns as col
from phusong.commands import cli
from phusong.coverage import p2109
from phusong.errors import InputError
from phusong.geodata.files import raster
from phusong.geodata.runs import folder
from phusong.maps.pages import province_map as map_page
from phusong.messages import message, speak
from phusong.scenarios.config import schema
from phusong.scenarios.plan import run as run_module
from phusong.scenarios.results import radio_layers

# A step of 290 m keeps the lattice off the borders of the small province, which lie on round
# numbers: files hold places to a tenth of a millimetre, and that would decide.
SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=290"]
CONTRACT = {
    "ranking": "rank site_id kind zone_id commune_code district_code year people_gained "
    "cost_million tier gain_per_billion stability reason",
    "zones_ranking": "zone_id name kind category status tier rank weight score topsis rank_low "
    "rank_high probability_top_n",
    "sites": "site_id position_id operator technologies status commune_code district_code height_m",
    "communes": "commune_code name district_code population sites covered_population_share_before "
    "covered_population_share_after covered_area_share_before covered_area_share_after",
    "districts": "name district_code population sites covered_population_share_before "
    "covered_population_share_after covered_area_share_before covered_area_share_after",
    "zones": "zone_id kind name covered_share_before covered_share_after",
}


def run(folder_, out, *more):
    arguments = ["run", "urban", "--province", str(folder_), "--out", str(out), "--lang", "en"]
    settings = [part for s in SETTINGS for part in ("--set", s)]
    return cli.main([*arguments, *settings, *more])


@pytest.fixture(scope="module")
def out(mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "urban"
    assert run(mini_folder, path, "--workers", "1") == cli.DONE
    return path


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


def test_use_outside_the_published_range_is_said_once(mini_folder, tmp_path, capsys, record):
    """The default model knows every height of the sites; UMi is published for 10 m alone."""
    assert record["warnings"] == []
    assert record["parameters"]["propagation"]["model"] == "p1812_terminal"
    assert run(mini_folder, tmp_path / "umi", "--set", "propagation.model=umi") == cli.DONE
    said = json.loads((tmp_path / "umi" / "run.json").read_text(encoding="utf-8"))
    heights = [text for text in said["warnings"] if "base_height_m" in speak(text, "en")]
    assert len(heights) == 2  # 4G and 5G, each once
    assert all("outside the published range 10 to 10 (" in speak(text, "en") for text in heights)
    assert all(text in said["notes"] for text in heights)
    error = capsys.readouterr().err
    assert all(f"phusong: warning: {speak(text, 'en')}\n" in error for text in heights)


def test_every_file_is_written_and_listed(out, record):
    assert {path.name for path in out.iterdir()} == FILES
    assert set(record["files"]) == FILES
    assert not list(out.parent.glob(".*"))


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_are_rfc_7946(out, name):
    text = (out / f"{name}.geojson").read_text(encoding="utf-8")
    tree = json.loads(text, parse_constant=lambda c: pytest.fail(f"{name}: {c}"))
    assert "crs" not in tree
    frame = gpd.read_file(out / f"{name}.geojson")
    assert set(CONTRACT.get(name, "").split()) <= set(VECTORS[name])
    if len(frame):
        assert list(frame.columns[:-1]) == list(VECTORS[name])
        assert frame.is_valid.all()
        west, south, east, north = frame.total_bounds
        assert 100 < west < east < 110
        assert 20 < south < north < 23
        polygons = [p for p in frame.explode().geometry if p.geom_type == "Polygon"]
        assert all(shapely.is_ccw(p.exterior) for p in polygons)


@pytest.mark.parametrize("layer", radio_layers.RASTERS, ids=lambda layer: layer.name)
def test_rasters_are_cloud_optimised_and_say_what_they_hold(out, layer):
    path = out / f"{layer.name}.tif"
    valid, errors, _ = cog_validate(path, strict=True, quiet=True)
    assert valid, errors
    with rasterio.open(path) as source:
        assert source.crs.to_epsg() == 5897
        assert source.nodata is not None
        assert source.descriptions[0] == speak(message(f"raster.{layer.name}"), "en")
        assert (source.units[0] or "") == layer.unit


def test_ranking_csv_equals_ranking_geojson(out):
    table = spreadsheet.frame(
        out / "ranking.csv", dtype={col.COMMUNE_CODE: str, col.DISTRICT_CODE: str}
    )
    frame = gpd.read_file(out / "ranking.geojson")
    assert table[col.SITE_ID].tolist() == frame[col.SITE_ID].tolist()
    assert table[col.RANK].tolist() == list(range(1, len(table) + 1))
    assert np.allclose(table[col.LON], frame.geometry.x)
    assert np.allclose(table[col.GAIN_PER_BILLION], frame[col.GAIN_PER_BILLION])


def test_counted_tables_agree_with_the_plan(out, record):
    """What the provincial tables add up to is what ranking and sites hold."""
    run_ = folder.open_run(out)
    table, sites, told = run_.ranking, run_.sites, record["summary"]
    masts = next(
        row for row in run_.rows("masts_by_district") if row["district_code"] == row["mast_class"]
    )
    assert masts["masts"] == sites[col.POSITION_ID].nunique() == told["masts"]["masts"]
    new = table[table[col.KIND] == "new"]
    assert masts["new_masts"] == new[col.POSITION_ID].nunique()
    built = [row for row in run_.rows("stations_by_commune") if row["commune_code"] == ""]
    for year in record["years"]:
        own = next(row for row in built if row["year"] == year["year"])
        assert own["colocated_stations"] == year["colocated"]
        assert own["new_stations"] == year["new"]
        assert own["cost_million"] == pytest.approx(year["cost_million"], abs=0.1)
    assert sum(year["people_gained"] for year in record["years"]) == pytest.approx(
        table[col.PEOPLE_GAINED].sum(), abs=0.5
    )
    counted = told["stations_by_probability"]
    assert counted["sure"] + counted["likely"] + counted["other"] == len(table)
    gained = sum(place["people"] for place in told["gained_by_district"])
    head = record["headline"]
    assert gained == pytest.approx(head["people_after"] - head["people_before"], abs=1)


def test_quality_of_the_plan_is_that_of_its_service_area(out, record):
    rows = folder.open_run(out).rows("qcvn126")
    whole = [row for row in rows if not row["district_code"]]
    assert [row["weighting"] for row in whole] == ["people", "area"]
    outdoors = record["headline"]["outdoor_people_share_after"]
    assert whole[0]["service_share"] == pytest.approx(outdoors, abs=1e-6)
    assert whole[0]["mean_downlink_mbps"] > whole[0]["mean_uplink_mbps"] > 0


def test_figures_agree_with_each_other(out, record, mini_province):
    """People gained by all stations is what the communes gained, and what the curve ends on."""
    head = record["headline"]
    table = gpd.read_file(out / "ranking.geojson")
    communes = gpd.read_file(out / "communes.geojson")
    gained = head["people_after"] - head["people_before"]
    assert table[col.PEOPLE_GAINED].sum() == pytest.approx(gained, abs=1)
    share = communes[col.COVERED_POPULATION_SHARE_AFTER] * communes[col.POPULATION]
    assert share.sum() == pytest.approx(head["people_after"], abs=1)
    assert record["curve"][-1]["people"] == pytest.approx(head["people_after"], abs=1)
    assert record["years"][-1]["people_share"] == pytest.approx(head["people_share_after"])
    assert head["population"] == mini_province.population.values.sum(dtype=float) == 35_500
    assert sum(year["stations"] for year in record["years"]) == head["stations"] == len(table)


def test_prediction_covers_where_the_tables_say(out, record, mini_province):
    """Recount the expected people after the plan from the raster of levels and the grid."""
    with rasterio.open(out / "rsrp_after.tif") as source:
        level = source.read(1).astype(float)
    people, head = mini_province.population.values.astype(float), record["headline"]
    told = record["service"]
    median_dbm = told["required_dbm"] - told["margin_db"]
    service = record["parameters"]["service"]
    normal = norm.ppf((np.arange(400) + 0.5) / 400)  # rooms of every loss, one as likely as another
    losses_db = np.array([p2109.loss_at_deviations_db(2550.0, z) for z in normal])
    losses_db = (losses_db - np.median(losses_db)) / np.std(losses_db)
    losses_db *= service["entry_loss_sigma_db"]
    margin_db = np.linspace(-100.0, 100.0, 2001)
    deviations = (margin_db[:, None] - losses_db) / service["shadowing_sigma_db"]
    share = np.interp(level - median_dbm, margin_db, norm.cdf(deviations).mean(axis=1))
    share[share < 0.005] = 0.0
    assert (people * share).sum() == pytest.approx(head["people_after"], rel=0.002)
    sure = people[level >= told["required_dbm"]].sum()  # the raster is rounded to 0.1 dB
    near = people[np.abs(level - told["required_dbm"]) <= 0.06].sum()
    assert abs(sure - head["sure_people_share_after"] * people.sum()) <= near + 1
    assert head["people_after"] > head["people_before"]


def test_places_are_covered_first_in_the_year_that_the_stations_say(out, record):
    """By levels before and after; by tables: communes of each year sum to the year's figure."""
    layers = {}
    for name in ("covered_year", "rsrp_before", "rsrp_after"):
        with rasterio.open(out / f"{name}.tif") as source:
            layers[name] = source.read(1)
            outside = source.nodata if name == "covered_year" else None
        if outside is not None:
            assert outside == 65_535
    year, required = layers["covered_year"], record["service"]["required_dbm"]
    assert set(np.unique(year)) <= {0, 1, 2024, 2025, 65_535}
    inside = year != 65_535
    for name, covered in (("rsrp_before", year == 1), ("rsrp_after", (year > 0) & inside)):
        sure = inside & (np.abs(layers[name] - required) > 0.06)  # rasters are rounded to 0.1 dB
        assert np.array_equal(covered[sure], (layers[name] >= required)[sure]), name
    assert (year == 2024).any()
    communes = gpd.read_file(out / "communes.geojson")
    people = communes.set_index(col.COMMUNE_CODE)[col.POPULATION]
    for row in record["years"]:
        share = pd.Series(row["communes"])
        assert (share * people).sum() / people.sum() == pytest.approx(row["people_share"], abs=1e-4)
    after = communes.set_index(col.COMMUNE_CODE)[col.COVERED_POPULATION_SHARE_AFTER]
    assert np.allclose(share[after.index], after, atol=1e-4)


def test_every_figure_lies_within_its_band(out, record):
    """Bands of headline, years and tables hold their figures, and none is empty."""
    rows = [record["headline"], *record["years"]]
    for name in ("communes", "districts", "zones"):
        rows += gpd.read_file(out / f"{name}.geojson").drop(columns="geometry").to_dict("records")
    bands = [(row, key.removesuffix("_low")) for row in rows for key in row if key.endswith("_low")]
    bands = [(row, key) for row, key in bands if key != "rank"]
    for row, key in bands:
        low, high = row[f"{key}_low"], row[f"{key}_high"]
        assert 0.0 <= low <= row[key] + 1e-6, key
        assert row[key] - 1e-6 <= high, key
        if 0.1 < row[key] < 0.9 and "share" in key:
            assert high - low > 0.01, key
    named = {key for _, key in bands}
    assert {"people_share_4g", "people_share_before", "zone_demand_share_after"} <= named
    assert {"sure_people_share_after", "people_per_station", "people_share"} <= named
    last, head = record["years"][-1], record["headline"]
    assert last["people_share_low"] == pytest.approx(head["people_share_after_low"])
    assert last["people_share_high"] == pytest.approx(head["people_share_after_high"])


def test_without_errors_every_band_is_its_figure(mini_folder, tmp_path):
    """No common error, none alike over an area, and places that agree with their mean."""
    zero = ("uncertainty.common_db=0", "uncertainty.field_db=0", "service.shadowing_sigma_db=0")
    more = [part for setting in zero for part in ("--set", setting)]
    assert run(mini_folder, tmp_path / "o", *more) == cli.DONE
    head = json.loads((tmp_path / "o" / "run.json").read_text(encoding="utf-8"))["headline"]
    keys = [key.removesuffix("_low") for key in head if key.endswith("_low")]
    assert "people_share_after" in keys
    for key in keys:
        assert head[f"{key}_low"] == head[f"{key}_high"] == pytest.approx(head[key]), key


def test_the_terminal_and_the_pages_tell_the_band(out, record, mini_folder, tmp_path, capsys):
    head = record["headline"]
    ends = [100 * head[f"people_share_after_{end}"] for end in ("low", "high")]
    assert run(mini_folder, tmp_path / "o") == cli.DONE
    said = capsys.readouterr().out
    assert f"({ends[0]:.1f}% to {ends[1]:.1f}%, 9 in 10)" in said
    shown = {"map.html": "90% range: {:.1f}–{:.1f}%", "report.html": "{:.1f}% to {:.1f}%"}
    for page, words in shown.items():
        assert words.format(*ends) in (out / page).read_text(encoding="utf-8"), page
    assert any("error common to all places" in speak(said, "en") for said in record["assumptions"])


def test_the_choice_is_proven_and_redrawn(out, record):
    choice = record["choice"]
    assert 0 <= choice["gap"] < 0.3
    assert choice["bound"] >= choice["value"] > 0
    every = gpd.read_file(out / "candidates.geojson")
    table = gpd.read_file(out / "ranking.geojson")
    assert len(every) == choice["candidates"]
    chosen = every[every[col.RANK] > 0]
    assert chosen[col.RANK].tolist() == table[col.RANK].tolist()
    assert chosen[col.SITE_ID].tolist() == table[col.SITE_ID].tolist()
    assert not {"score", "topsis", "score_rank", "rank_low", "explanation"} & {*every, *table}
    assert table[col.PROBABILITY_TOP_N].between(0, 1).all()
    assert set(table[col.STABILITY]) <= set("ABC")


def test_the_record_holds_all_that_a_score_needs(out, record):
    """Min-max of each recorded column times its weight is the score of zones_ranking.csv."""
    zones = record["choice"]["zones"]
    table = spreadsheet.frame(out / "zones_ranking.csv")
    assert tuple(table) == col.ZONES_RANKING
    score = np.zeros(len(table))
    for criterion in zones["criteria"]:
        value, low, high = table[criterion["column"]], criterion["low"], criterion["high"]
        assert (value.min(), value.max()) == (low, high)
        better = value - low if criterion["benefit"] else high - value
        score += 100 * criterion["weight"] * (better / (high - low) if high > low else 0.0)
    assert score.to_numpy() == pytest.approx(table[col.SCORE].to_numpy(), abs=1e-4)
    weights = {c["name"]: c["weight"] for c in zones["criteria"] if c["weight"]}
    assert weights == zones["weights"]
    assert sum(weights.values()) == pytest.approx(1.0)
    assert 0 < zones["consistency_ratio"] <= 0.1
    assert table[col.RANK].is_monotonic_increasing
    assert (table[col.RANK_LOW] <= table[col.RANK]).all()
    assert (table[col.RANK] <= table[col.RANK_HIGH]).all()


def test_the_link_budget_ends_on_the_level_that_the_run_required(record):
    (told,) = record["link_budgets"]
    assert told["required_dbm"] == record["service"]["required_dbm"]
    assert told["margin_db"] == pytest.approx(record["service"]["margin_db"])
    assert told["entry_loss_db"] == record["service"]["entry_loss_db"]
    assert told["eirp_per_re_dbm"] == record["parameters"]["layer_5g"]["eirp_per_re_dbm"]


def test_backhaul_joins_every_station(out, record):
    """Each station is at a link's end or has fibre; links cost what the record says."""
    links = gpd.read_file(out / "backhaul.geojson")
    cost = record["cost"]
    assert links[col.COST_MILLION].sum() == pytest.approx(cost["backhaul_million"], abs=0.1)
    assert cost["capex_million"] == pytest.approx(
        cost["stations_million"] + cost["backhaul_million"]
    )
    assert cost["present_value_million"] > cost["capex_million"] / 2
    saving = {variant["way"]: variant["saving"] for variant in cost["shared"]}
    assert saving["alone"] == 0.0
    assert 0.0 < saving["mast"] < saving["active"] < 0.5


def test_same_bytes_whatever_the_workers_and_the_caches(out, mini_folder, tmp_path, monkeypatch):
    """Predict all anew on two threads, then from what that has kept."""
    for name in ("FOLDER", "WINDOWS"):
        monkeypatch.setattr(f"phusong.scenarios.prediction.cache.{name}", tmp_path / name)
    names = [n for n in FILES if n.endswith((".geojson", ".csv", ".tif", ".qml", ".bin"))]
    for caches, workers in (("cold", "2"), ("warm", "2"), ("warm, alone", "1")):
        other = tmp_path / caches
        assert run(mini_folder, other, "--workers", workers) == cli.DONE
        for name in names:
            assert (other / name).read_bytes() == (out / name).read_bytes(), (caches, name)


def test_rerun_replaces_its_own_files_only(out, mini_folder, tmp_path):
    copy = tmp_path / "again"
    shutil.copytree(out, copy)
    (copy / "notes.txt").write_text("mine")
    (copy / "old.tif").write_text("left by an older version")
    record_ = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    record_["files"].append("old.tif")
    (copy / "run.json").write_text(json.dumps(record_))
    assert run(mini_folder, copy) == cli.DONE
    assert {path.name for path in copy.iterdir()} == FILES | {"notes.txt"}


def test_geopackage_holds_all_layers_with_styles(out):
    listed = (
        subprocess.run(
            ["ogrinfo", "-ro", "-q", out / "plan.gpkg"], capture_output=True, text=True, check=False
        )
        if shutil.which("ogrinfo")
        else None
    )
    styles = gpd.read_file(out / "plan.gpkg", layer="layer_styles")
    assert {"sites", "ranking", "communes", "zones"} <= set(styles["f_table_name"])
    for name in VECTORS:
        assert gpd.read_file(out / "plan.gpkg", layer=name).crs.to_epsg() == 5897
        assert listed is None or name in listed.stdout


@pytest.mark.parametrize("kind", schema.SHIPPED)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_scenario_runs_in_both_languages(kind, language, mini_province, tmp_path):
    scenario = schema.load(kind, SETTINGS)
    plan = ps.plan(mini_province, scenario, language=language)
    plan.write(tmp_path / kind)
    words = {"vi": ("triệu đồng", "chi phí"), "en": ("million VND", "costs")}
    assert 1 <= len(plan.ranking) <= 5
    for word in words[language]:
        assert plan.ranking[col.REASON].str.contains(word).all()


def test_interrupt_leaves_nothing(mini_folder, tmp_path, monkeypatch, capsys):
    def interrupt(_folder, _language):
        raise KeyboardInterrupt

    monkeypatch.setattr("phusong.maps.pages.province_map.write_page", interrupt)
    assert run(mini_folder, tmp_path / "urban") == cli.INTERRUPTED
    assert "nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_interrupt_keeps_the_earlier_run(out, mini_folder, tmp_path, monkeypatch):
    copy = tmp_path / "again"
    shutil.copytree(out, copy)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}

    def fail(_folder, _language):
        raise KeyboardInterrupt

    monkeypatch.setattr("phusong.maps.report.report.write_page", fail)
    assert run(mini_folder, copy) == cli.INTERRUPTED
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def wrong(capsys, *arguments):
    assert cli.main([str(a) for a in arguments]) == cli.WRONG_INPUT
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def test_unknown_scenario(capsys):
    assert "did you mean urban" in wrong(capsys, "run", "urbam")


def test_unknown_key(capsys):
    assert "unknown key" in wrong(capsys, "run", "urban", "--set", "service.colour=1")


def test_foreign_folder_is_not_touched(capsys, tmp_path):
    (tmp_path / "thesis.docx").write_text("precious")
    assert "not an earlier run" in wrong(capsys, "run", "urban", "--out", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_output_that_is_a_file(capsys, tmp_path):
    path = tmp_path / "out"
    path.write_text("")
    assert "is a file" in wrong(capsys, "run", "urban", "--out", path)
    assert "cannot write" in wrong(capsys, "run", "urban", "--out", path / "below")


def test_missing_province(capsys, tmp_path):
    assert str(tmp_path / "none") in wrong(
        capsys, "run", "urban", "--province", tmp_path / "none", "--out", tmp_path / "out"
    )


def test_bad_site_list_lists_rows_and_writes_nothing(capsys, mini_folder, tmp_path):
    path = tmp_path / "bts.csv"
    path.write_text("site_id,lon,lat\nA,105.57,21.29\nB,21.29,105.57\nA,105.57,21.29\nC,x,21.3\n")
    error = wrong(
        capsys, "run", "urban", "--province", mini_folder, "--sites", path, "--out", tmp_path / "o"
    )
    assert "bts.csv:3" in error
    assert "bts.csv:4" in error
    assert "bts.csv:5" in error
    assert not (tmp_path / "o").exists()


def test_site_list_replaces_the_sites(mini_folder, mini_province, tmp_path):
    own = mini_province.sites.to_crs(4326)
    rows = [f"X{i},{p.x:.6f},{p.y:.6f}" for i, p in enumerate(own.geometry[:4])]
    path = tmp_path / "bts.csv"
    path.write_text("Mã trạm,Kinh độ,Vĩ độ\n" + "\n".join([*rows, "bad,0,0"]) + "\n")
    assert run(mini_folder, tmp_path / "o", "--sites", str(path), "--skip-bad-rows") == cli.DONE
    assert gpd.read_file(tmp_path / "o" / "sites.geojson")[col.SITE_ID].tolist() == [
        "X0",
        "X1",
        "X2",
        "X3",
    ]
    assert "bad" in (tmp_path / "rejected.csv").read_text(encoding="utf-8")
    record_ = json.loads((tmp_path / "o" / "run.json").read_text(encoding="utf-8"))
    assert record_["layers"]["sites"]["status"] == "given"


@pytest.mark.parametrize("command", [[], ["run"], ["data"], ["data", "build"], ["data", "check"]])
def test_help_shows_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([*command, "--help"])
    assert end.value.code == 0
    assert "example: phusong" in capsys.readouterr().out


def test_units_without_districts_are_planned_and_all_reported(mini_province, tmp_path):
    """The 36 units of July 2025 have no districts."""
    none = {col.DISTRICT_CODE: "", col.DISTRICT: ""}
    province = replace(
        mini_province,
        communes=mini_province.communes.assign(**none),
        districts=mini_province.districts.iloc[:0],
        sites=mini_province.sites.assign(**{col.DISTRICT_CODE: ""}),
        zones=mini_province.zones.assign(**{col.DISTRICT_CODE: ""}),
        basis="register or estimate of 2025",
    )
    settings = [*SETTINGS, "rollout.min_per_district={ 2024 = 1 }", "uncertainty.draws=20"]
    scenario = schema.load("urban", settings)
    ps.plan(province, scenario, language="en").write(tmp_path / "o")
    communes = gpd.read_file(tmp_path / "o" / "communes.geojson")
    record_ = json.loads((tmp_path / "o" / "run.json").read_text(encoding="utf-8"))
    assert len(communes) == 4
    share = communes[col.COVERED_POPULATION_SHARE_AFTER] @ communes[col.POPULATION] / 35_500
    assert share == pytest.approx(record_["headline"]["people_share_after"], abs=1e-3)
    said = " ".join(speak(note, "en") for note in record_["notes"])
    assert "no districts: the least number of stations per district was not asked for" in said
    assert record_["province"]["population_basis"] == "register or estimate of 2025"
    assumed = [speak(item, "en") + speak(item, "vi") for item in record_["assumptions"]]
    assert any("basis: register or estimate of 2025" in text for text in assumed)
    assert any("đăng ký cư trú hoặc ước tính năm 2025" in text for text in assumed)
    assert not any("2019" in text for text in assumed)
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert all(page.count(f"Số {i}") for i in range(1, 5))
    assert "By district" not in page


def test_province_folder_gives_the_same_run_as_memory(out, mini_province, tmp_path):
    scenario = schema.load("urban", SETTINGS)
    plan = ps.plan(mini_province, scenario, language="en").plan
    ps.PlanResult(plan, 1, 0.0).write(tmp_path / "o", language="en")
    assert (tmp_path / "o" / "ranking.csv").read_bytes() == (out / "ranking.csv").read_bytes()
    assert len(plan.network) == plan.headline["live_5g"] + plan.headline["stations"]


def test_data_commands_make_check_and_describe_a_province(mini_province, tmp_path, capsys):
    """Build from a vector file and a raster in degrees, as a GIS team would hand them over."""
    communes, terrain = tmp_path / "communes.geojson", tmp_path / "dem.tif"
    mini_province.communes.to_crs(4326).to_file(communes)
    raster.write_cog(terrain, mini_province.terrain, description="terrain", unit="m")
    out = tmp_path / "built"
    build = ["data", "build", "--communes", communes, "--terrain", terrain, "--out", out]
    assert cli.main([str(a) for a in build]) == cli.DONE
    assert "35,500" in capsys.readouterr().out
    assert cli.main(["data", "check", str(out)]) == cli.DONE
    assert "synthetic" in capsys.readouterr().out
    assert cli.main(["data", "info", "--province", str(out)]) == cli.DONE
    assert "4 in 2 districts" in capsys.readouterr().out


def test_data_build_refuses_a_foreign_folder(capsys, tmp_path):
    (tmp_path / "thesis.docx").write_text("precious")
    missing = tmp_path / "none.geojson"
    error = wrong(
        capsys, "data", "build", "--communes", missing, "--terrain", missing, "--out", tmp_path
    )
    assert str(tmp_path) in error
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


OVERRIDES = ("outdoor", "operators", "shared_masts", "plan_65")


@pytest.mark.parametrize("name", OVERRIDES)
def test_every_override_plans(name, mini_province):
    scenario = schema.load("urban", ["candidates.lattice_m=290"], [name])
    plan = run_module.plan(mini_province, scenario)
    assert plan.headline["people_share_after"] > plan.headline["people_share_before"]


def test_targets_out_of_reach_are_lowered_and_said_or_refused(mini_province):
    settings = ["rollout.stations={}", "rollout.target_share={ 2025 = 0.2, 2026 = 1.0 }"]
    scenario = schema.load("urban", [*settings, "rollout.strict_targets=false"])
    plan = run_module.plan(mini_province, scenario)
    first, last = plan.choice["reached"]
    shares = [year["people_share"] for year in plan.years]
    assert [first["reached"], last["reached"]] == pytest.approx(shares, abs=1e-12)
    assert (first["lowered_to"], first["met"]) == (None, True)
    assert (last["asked"], last["met"]) == (1.0, False)
    assert last["lowered_to"] < 1.0
    assert any(
        "1 of 2 targets by year are not reached" in speak(said, "en") for said in plan.warnings
    )
    with pytest.raises(InputError, match="target shares are out of reach"):
        run_module.plan(mini_province, schema.load("urban", settings))


def test_roads_that_are_given_are_written_and_drawn(mini_province, tmp_path):
    west, south, east, north = mini_province.communes.total_bounds
    lines = [shapely.linestrings([(west, south), (east, north)])]
    roads = gpd.GeoDataFrame(geometry=lines, crs=mini_province.communes.crs)
    scenario = schema.load("urban", SETTINGS)
    out = tmp_path / "roads"
    ps.plan(replace(mini_province, roads=roads), scenario).write(out)
    written = gpd.read_file(out / "roads.geojson").to_crs(roads.crs)
    assert written[col.LENGTH_M].tolist() == pytest.approx([lines[0].length], abs=0.1)
    assert written.geometry.iloc[0].hausdorff_distance(lines[0]) < 0.1
    assert len(gpd.read_file(out / "plan.gpkg", layer="roads")) == 1
    drawn = map_page.payload({"en": folder.open_run(out)})["boundaries"]["roads"]
    ends = shapely.get_coordinates(shapely.geometry.shape(drawn))
    expected = written.to_crs(4326).total_bounds
    assert [*ends.min(axis=0), *ends.max(axis=0)] == pytest.approx(expected, abs=1e-5)
