"""Two runs side by side: nothing from nothing, signs that turn with the runs, honest refusals."""

import json
import shutil

import geopandas as gpd
import maps_run
import numpy as np
import pandas as pd
import pytest
import ranked_run
import rasterio
import spreadsheet
from compared_runs import PARAMETERS, change, real, write_a, write_b
from maps_run import NASTY, SIDE, SOUTH, WEST
from rio_cogeo.cogeo import cog_validate

from phusong import columns as col
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.crs import GEOGRAPHIC, PLANNING
from phusong.geodata.runs import change_classes
from phusong.geodata.runs.change_classes import NODATA, Difference
from phusong.geodata.runs.folder import open_run
from phusong.geodata.writers import vector
from phusong.maps.pages import difference as page
from phusong.maps.texts import text
from phusong.meanings import COLUMNS
from phusong.messages import speak
from phusong.scenarios.comparison import compare, figures, result

FILES = {
    *(
        f"{name}.{kind}"
        for name in ("stations", "communes", "zones")
        for kind in ("csv", "geojson")
    ),
    *("difference.tif", "compare.json", "compare.html"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return write_a(root / "a"), write_b(root / "b")


@pytest.fixture
def runs(folders):
    return tuple(open_run(folder) for folder in folders)


def deltas(frame):
    return [name for name in frame.columns if name.endswith("_delta")]


def record_of(a, b, **options):
    return result.record(compare.compare(a, b, **options))


def test_a_run_equals_itself(runs):
    a, _ = runs
    same = compare.compare(a, a)
    for frame in (same.stations, same.communes, same.zones):
        moved = frame[deltas(frame)].astype(float)
        assert moved.notna().any().any()
        assert (moved.fillna(0.0) == 0.0).all().all()
    assert set(same.stations[col.RUNS]) == {"both"}
    record = result.record(same)
    assert all(row["delta"] == 0 for row in record["headline"])
    assert (
        record["difference"]["lost"]["area_km2"] == record["difference"]["gained"]["area_km2"] == 0
    )
    assert record["difference"]["both"]["area_km2"] > 1
    assert record["ranks"]["spearman"] == record["ranks"]["kendall"] == 1.0
    for empty in ("parameters", "inputs", "versions", "notes"):
        assert record[empty] == []
    assert record["sensitivity"] is None


def test_changing_places_turns_every_sign(runs):
    ab, ba = compare.compare(*runs), compare.compare(*reversed(runs))
    for name, key in (("communes", col.COMMUNE_CODE), ("zones", col.ZONE_ID)):
        one, other = (getattr(c, name).set_index(key) for c in (ab, ba))
        for column in deltas(one):
            assert np.allclose(one[column], -other[column].loc[one.index], equal_nan=True)
    one = ab.stations.set_index(f"{col.SITE_ID}_a")["rank_delta"].dropna()
    other = ba.stations.set_index(f"{col.SITE_ID}_b")["rank_delta"].dropna()
    assert (one == -other.loc[one.index]).all()
    assert len(one) == 3
    first, second = (result.record(c) for c in (ab, ba))
    assert [r["delta"] for r in first["headline"]] == [-r["delta"] for r in second["headline"]]
    assert first["difference"]["lost"] == second["difference"]["gained"]
    assert first["difference"]["both"] == second["difference"]["both"]
    assert first["ranks"]["only_a"] == second["ranks"]["only_b"]
    assert first["ranks"]["spearman"] == second["ranks"]["spearman"]


def test_every_pixel_is_classed_by_the_level_each_run_requires(folders, tmp_path):
    """Pixel by pixel, with another required level in B."""
    a = open_run(folders[0])
    other = write_b(tmp_path / "b")
    change(other, service={"required_dbm": -70.0})
    b = open_run(other)
    found = compare.compare(a, b).difference
    levels = []
    for run, required in ((a, -79.8), (b, -70.0)):
        with rasterio.open(run.path / "rsrp_after.tif") as source:
            levels.append(source.read(1) >= required)
    assert found.values.shape == levels[0].shape
    x, y = np.meshgrid(*found.grid.centres())
    inside = (x > WEST) & (x < WEST + 3 * SIDE) & (y > SOUTH) & (y < SOUTH + 2 * SIDE)
    expected = {(0, 0): 0, (1, 0): 1, (0, 1): 2, (1, 1): 3}
    counts = dict.fromkeys(Difference, 0)
    for row, column in np.argwhere(inside):
        kind = expected[int(levels[0][row, column]), int(levels[1][row, column])]
        assert found.values[row, column] == kind
        counts[Difference(kind)] += 1
    assert (found.values[~inside] == NODATA).all()
    areas = change_classes.areas(found)
    assert counts[Difference.LOST] > 0
    for kind, count in counts.items():
        assert areas[kind.name.lower()]["area_km2"] == pytest.approx(count * 0.0009)
    assert sum(area["share"] for area in areas.values()) == pytest.approx(1.0)


def test_stations_are_the_same_where_they_stand_not_by_name(runs):
    table = compare.compare(*runs).stations
    assert tuple(table.columns[:-1]) == col.COMPARISON_STATIONS
    assert table[col.RUNS].tolist() == ["both", "both", "both", "a", "b"]
    third = table.iloc[2]
    assert (third["site_id_a"], third["site_id_b"]) == ("C-0003", "C-9999")
    assert table["rank_delta"].tolist()[:3] == [1, -1, 0]
    assert table["year_delta"].tolist()[:3] == [1, 0, 0]
    assert table.iloc[3:]["site_id_a"].isna().tolist() == [False, True]
    assert table["rank_delta"].isna().tolist() == [False] * 3 + [True] * 2


def ranks_of(pairs):
    """Return a table of stations of both runs with these ranks."""
    a, b = zip(*pairs, strict=True)
    return pd.DataFrame({col.RUNS: "both", "rank_a": a, "rank_b": b, "year_delta": 0})


def test_rank_correlation_of_a_published_example():
    """Ten pairs with a squared difference of 194 in all: rho = 1 - 6 * 194 / 990."""
    b = [1, 6, 8, 7, 10, 9, 3, 5, 2, 4]
    squares = sum((i - j) ** 2 for i, j in enumerate(b, start=1))
    assert squares == 194
    found = figures.ranks(ranks_of(zip(range(1, 11), b, strict=True)))
    assert found["spearman"] == pytest.approx(1 - 6 * 194 / 990)
    assert found["spearman"] == pytest.approx(-0.17575757, abs=1e-8)
    pairs = [(i, j) for j in range(10) for i in range(j)]
    concordant = sum(np.sign(b[j] - b[i]) for i, j in pairs)
    assert found["kendall"] == pytest.approx(concordant / len(pairs))
    assert found["first"] == [{"first": 10, "both": 10}]


def test_one_common_station_has_no_correlation():
    found = figures.ranks(ranks_of([(1, 1)]))
    assert found["spearman"] is None
    assert found["kendall"] is None


def test_parameters_differ_key_by_key_without_their_texts(folders, tmp_path):
    b = write_a(tmp_path / "b")
    other = {
        "scenario": PARAMETERS["scenario"] | {"title": {"en": "Other", "vi": "Khác"}, "seed": 2},
        "rollout": {"stations": {"2024": 2, "2026": 5}},
    }
    change(b, parameters=other)
    found = figures.parameters(open_run(folders[0]), open_run(b))
    assert found == [
        {"key": "rollout.stations.2025", "a": 2, "b": None},
        {"key": "rollout.stations.2026", "a": None, "b": 5},
        {"key": "scenario.seed", "a": 1, "b": 2},
    ]


def test_sensitivity_is_told_only_where_nothing_but_weights_differs(folders, tmp_path):
    a = open_run(folders[0])
    b = write_b(tmp_path / "b")
    felt = record_of(a, open_run(b))["sensitivity"]
    assert felt["weights"] == [{"key": "demand.workers", "a": 0.0, "b": 0.5}]
    assert felt["stations"] == {"both": 3, "a": 1, "b": 1}
    assert felt["zones"] is None
    assert felt["people_share_after_delta"] == pytest.approx(0.4 - 0.384)
    change(
        b,
        layers={
            "sites": {
                "status": "given",
                "source": "other.csv",
                "sha256": "1",
                "note": "",
                "licence": "",
            }
        },
    )
    with_inputs = record_of(a, open_run(b))
    assert [row["key"] for row in with_inputs["inputs"]] == ["sites"]
    assert with_inputs["sensitivity"] is None
    c = write_b(tmp_path / "c")
    change(c, parameters={"service": {"location": "outdoor"}})
    assert record_of(a, open_run(c))["sensitivity"] is None


def test_sensitivity_tells_how_ranks_of_zones_move(folders, tmp_path, capsys):
    """Ranks 1, 2 and 3 against 2, 1 and 3: they move by two thirds in the mean."""
    a = shutil.copytree(folders[0], tmp_path / "a")
    b = write_b(tmp_path / "b")
    ranked = ranked_run.zones_ranking()
    vector.write_geojson(a / "zones_ranking.geojson", ranked, col.ZONES_RANKING)
    ranked[col.RANK] = [2, 1, 3]
    vector.write_geojson(b / "zones_ranking.geojson", ranked, col.ZONES_RANKING)
    zones = record_of(open_run(a), open_run(b))["sensitivity"]["zones"]
    assert zones["mean_shift"] == pytest.approx(2 / 3)
    assert (zones["largest_shift"], zones["largest_shift_zone"]) == (1, ranked[col.NAME].iloc[0])
    assert (zones["both"], zones["first"], zones["first_kept"]) == (3, 3, 3)
    command = ["compare", str(a), str(b), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert cli.main(command) == cli.DONE
    assert "ranks of 3 zones move by 0.7 in the mean, 1 at most" in capsys.readouterr().out
    shown = (tmp_path / "out" / "compare.html").read_text(encoding="utf-8")
    assert "Of 3 zones ranks move by 0.7 in the mean and 1 at most" in shown


@pytest.mark.parametrize(
    ("key", "weighs"),
    [("demand.people", True), ("choice.weights.cost", True), ("service.location", False)],
)
def test_weights_are_known_by_their_place(key, weighs):
    assert figures.is_weight(key) is weighs


def test_what_would_mislead_is_noted_in_both_languages(folders, tmp_path):
    a = open_run(folders[0])
    b = write_a(tmp_path / "b")
    change(
        b,
        phusong="9.9",
        service={"location": "outdoor", "required_dbm": -94.75},
        province={"population": 1_347_379, "population_basis": "register or estimate of 2025"},
    )
    notes = record_of(a, open_run(b))["notes"]
    english = " ".join(speak(note, "en") for note in notes)
    vietnamese = " ".join(speak(note, "vi") for note in notes)
    assert "Covered does not mean the same in both: A indoors, SS-RSRP of −79.8 dBm" in english
    assert "58,151 (not stated) in A and 1,347,379 (register or estimate of 2025) in B" in english
    assert "58.151 (không nêu) ở A và 1.347.379 (đăng ký cư trú hoặc ước tính" in vietnamese
    assert "SS-RSRP −79,8 dBm" in vietnamese
    assert "9.9" in english
    assert len(notes) == 3


def test_zones_of_one_run_only_have_no_difference(runs):
    table = compare.compare(*runs).zones.set_index(col.ZONE_ID)
    assert table[col.RUNS].to_dict() == {"I01": "both", "T01": "a", "U01": "both"}
    assert table.loc["U01", "covered_share_after_delta"] == pytest.approx(0.25)
    assert np.isnan(table.loc["T01", "covered_share_after_delta"])
    assert table.loc["T01", col.NAME] == "Hồ Đại Lải"


def test_communes_without_a_share_have_no_difference(runs):
    table = compare.compare(*runs).communes.set_index(col.COMMUNE_CODE)
    change_of = table["covered_population_share_after_delta"]
    assert change_of["08707"] == pytest.approx(0.7 - 0.876)
    assert np.isnan(change_of["08731"])
    assert table["planned_stations_a"].sum() == table["planned_stations_b"].sum() == 4


@pytest.fixture
def in_july(tmp_path):
    """Return a run like A, on the units of July 2025."""
    tables = real({make.__name__: make() for make in maps_run.TABLES})
    old = tables["communes"]
    new = old.assign(**{col.COMMUNE_CODE: ["08707", "08716", "08707", "08716", "08716", "08707"]})
    people = new.groupby(col.COMMUNE_CODE)[[col.POPULATION, col.SITES]].sum()
    whole = new.dissolve(col.COMMUNE_CODE, as_index=False)
    for name in col.SHARES:
        weight = old[col.POPULATION] if "population" in name else old.area
        covered = (old[name] * weight).groupby(new[col.COMMUNE_CODE]).sum()
        share = covered / weight.groupby(new[col.COMMUNE_CODE]).sum()
        whole[name] = share.to_numpy()
    whole[[col.POPULATION, col.SITES]] = people.to_numpy()
    tables["communes"] = whole
    tables["ranking"][col.COMMUNE_CODE] = "08707"
    folder = write_a(tmp_path / "july", tables)
    change(folder, province={"units": "2025-07"})
    return folder


def test_different_units_are_refused_unless_restated(folders, in_july):
    a, b = open_run(folders[0]), open_run(in_july)
    with pytest.raises(InputError, match=r"different administrative units, .*--restate"):
        compare.compare(a, b)
    found = compare.compare(a, b, restate=True)
    assert found.units == "2025-07"
    assert found.restated
    table = found.communes
    assert table[col.COMMUNE_CODE].tolist() == ["08707", "08716"]
    assert np.allclose(table[deltas(table)].astype(float), 0.0, atol=1e-4)
    assert (found.stations[col.COMMUNE_CODE] == "08707").all()
    notes = result.record(found)["notes"]
    assert "restated on the units of 2025-07; in 0 of 2" in speak(notes[-1], "en")


def test_units_can_be_asked_for(runs):
    found = compare.compare(*runs, on_units="2025-07")
    assert found.communes[col.COMMUNE_CODE].tolist() == ["08707", "08716"]
    total = maps_run.communes()[col.POPULATION].sum()
    assert found.communes["population_a"].sum() == found.communes["population_b"].sum() == total
    assert not found.communes[list(deltas(found.communes))].isna().all().any()
    assert set(found.zones[col.COMMUNE_CODE]) == {"08716"}


def command(*arguments):
    return cli.main(["compare", *(str(argument) for argument in arguments)])


def refused(capsys, *arguments):
    assert command(*arguments) == cli.WRONG_INPUT
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err


def test_refusals_are_one_message_each(folders, tmp_path, capsys):
    a, _ = folders
    out = ("--out", tmp_path / "out")
    assert "there is no such folder" in refused(capsys, a, tmp_path / "none", *out)
    (tmp_path / "foreign").mkdir()
    said = refused(capsys, tmp_path / "foreign", a, *out)
    assert "is not the folder of a finished run" in said
    bare = write_a(tmp_path / "bare")
    record = json.loads((bare / "run.json").read_text(encoding="utf-8"))
    required_dbm = record["service"].pop("required_dbm")
    (bare / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert "does not say service.required_dbm" in refused(capsys, a, bare, *out)
    record["service"]["required_dbm"] = required_dbm
    del record["parameters"]
    (bare / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (bare / "rsrp_after.tif").unlink()
    said = refused(capsys, a, bare, *out)
    assert "the runs cannot be compared: 2 defects" in said
    for missing in ("does not say parameters", "rsrp_after.tif: file is"):
        assert missing in said
    assert not (tmp_path / "out").exists()


def test_other_grids_and_other_communes_are_refused(folders, tmp_path, capsys):
    a, _ = folders
    coarse = write_a(tmp_path / "coarse")
    with rasterio.open(coarse / "rsrp_after.tif") as source:
        profile, values = source.profile, source.read(1)
    profile.update(crs="EPSG:32648")
    with rasterio.open(coarse / "rsrp_after.tif", "w", **profile) as target:
        target.write(values, 1)
    said = refused(capsys, a, coarse, "--out", tmp_path / "out")
    assert "the runs are on different grids" in said
    assert "EPSG:5897" in said
    assert "EPSG:32648" in said
    tables = real({make.__name__: make() for make in maps_run.TABLES})
    tables["communes"].loc[0, col.COMMUNE_CODE] = "09999"
    odd = write_a(tmp_path / "odd", tables)
    said = refused(capsys, a, odd, "--out", tmp_path / "out")
    assert "the runs cover different communes: 2 are in one only, the first is 08707" in said
    said = refused(capsys, a, odd, "--out", tmp_path / "out", "--units", "2025-07")
    assert "'09999': is not a commune of the set of 2020-03" in said


def test_a_folder_that_is_not_a_comparison_is_kept(folders, capsys):
    said = refused(capsys, *folders, "--out", folders[0])
    assert "is not empty and not an earlier run" in said
    assert (folders[0] / "run.json").is_file()


@pytest.fixture(scope="module")
def out(folders, tmp_path_factory):
    path = tmp_path_factory.mktemp("compare") / "out"
    assert command(*folders, "--out", path, "--lang", "en") == cli.DONE
    return path


def test_every_file_is_written_and_listed(out):
    assert {path.name for path in out.iterdir()} == FILES
    record = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    assert set(record["files"]) == FILES
    assert str(out.parent) not in (out / "compare.json").read_text(encoding="utf-8")
    assert {side: run["folder"] for side, run in record["runs"].items()} == {"a": "a", "b": "b"}


def test_tables_are_the_same_as_csv_and_geojson(out):
    for name, order in (
        ("stations", col.COMPARISON_STATIONS),
        ("communes", col.COMPARISON_COMMUNES),
        ("zones", col.COMPARISON_ZONES),
    ):
        frame = gpd.read_file(out / f"{name}.geojson")
        table = spreadsheet.frame(out / f"{name}.csv", dtype={col.COMMUNE_CODE: str})
        assert tuple(frame.columns[:-1]) == order
        assert tuple(table.columns[: len(order)]) == order
        for column in deltas(table):
            assert np.allclose(table[column], frame[column].astype(float), equal_nan=True)
        assert set(order) <= set(COLUMNS) | {"site_id_a", "site_id_b"}


def test_the_raster_is_cloud_optimised_and_says_what_it_holds(out):
    valid, errors, _ = cog_validate(out / "difference.tif", strict=True, quiet=True)
    assert valid, errors
    with rasterio.open(out / "difference.tif") as source:
        assert source.crs.to_epsg() == 5897
        assert source.nodata == NODATA
        assert "2 gained" in source.descriptions[0]
        assert set(np.unique(source.read(1))) == {0, 1, 2, 3, NODATA}
        assert source.colormap(1)[Difference.GAINED] == (0xE0, 0x80, 0x2B, 255)


def test_the_printed_table_says_what_changes(folders, tmp_path, capsys):
    out = tmp_path / "out"
    assert command(*folders, "--out", out, "--lang", "en") == cli.DONE
    said = capsys.readouterr().out
    cells = [line.split("  ") for line in said.splitlines()]
    cells = [[cell.strip() for cell in row if cell] for row in cells]
    assert ["residents covered", "38.4%", "40.0%", "+1.6 pp"] in cells
    assert ["cost, million VND", "3,600", "3,000", "−600"] in cells
    assert "3 in both, 1 in A only, 1 in B only; rank correlation 0.500" in said
    assert str(out / "compare.html") in said
    (out / "foreign.txt").write_text("mine", encoding="utf-8")
    assert command(*folders, "--out", out, "--lang", "vi") == cli.DONE  # again, in Vietnamese
    said = capsys.readouterr().out
    assert "dân số được phủ sóng" in said
    assert {path.name for path in out.iterdir()} == FILES | {"foreign.txt"}


def test_the_page_holds_both_languages_and_asks_for_nothing(out):
    written = (out / "compare.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in written
    for title in ("So sánh hai phương án phủ sóng 5G", "Two 5G coverage plans compared"):
        assert title in written
    assert NASTY not in written  # escaped wherever it stands
    assert "demand.workers" in written
    for attribute in ('src="http', "url(http"):
        assert attribute not in written


def test_figures_of_the_page_follow_the_language():
    assert text.signed(1234.4, "vi") == "+1.234"
    assert text.signed(-1234.6, "en") == "−1,235"
    assert text.signed(-0.004, "en", 1) == "0.0"
    assert text.points(0.0163, "en") == "+1.6 pp"
    assert text.points(-0.0163, "vi") == "−1,6 điểm phần trăm"


def test_communes_that_change_most_come_first():
    name = "covered_population_share_after_delta"
    rows = [
        {col.COMMUNE_CODE: code, name: value}
        for code, value in (("1", 0.1), ("2", -0.5), ("3", None), ("4", 0.0), ("5", 0.3))
    ]
    assert [row[col.COMMUNE_CODE] for row in page.largest_changes(rows)] == ["2", "5", "1"]


def test_a_folder_that_is_no_comparison_cannot_be_drawn(folders, tmp_path):
    with pytest.raises(InputError, match=r"(?s)not the folder of a comparison.*compare\.json"):
        page.write_page(tmp_path, open_run(folders[0]), "en")


def test_runs_without_stations_compare(tmp_path):
    tables = real({make.__name__: make() for make in maps_run.TABLES})
    tables["ranking"] = tables["ranking"].iloc[:0]
    tables["zones"] = tables["zones"].iloc[:0]
    empty = write_a(tmp_path / "empty", tables)
    full = write_a(tmp_path / "full")
    for a, b, only in ((empty, full, "only_b"), (full, empty, "only_a"), (empty, empty, "both")):
        out = tmp_path / f"{only}"
        assert command(a, b, "--out", out) == cli.DONE
        record = json.loads((out / "compare.json").read_text(encoding="utf-8"))
        assert record["ranks"][only] == (0 if only == "both" else 4)
        assert record["ranks"]["spearman"] is None


def test_positions_are_compared_in_the_planning_grid(runs):
    found = compare.compare(*runs)
    for frame in (found.stations, found.communes, found.zones):
        assert frame.crs.to_string() == PLANNING
    assert runs[0].ranking.crs.to_string() == GEOGRAPHIC
