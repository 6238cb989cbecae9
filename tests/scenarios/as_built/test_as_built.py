"""A plan against what was built: a case worked by hand, and the plan itself built as planned."""

import csv
import json
import re

import browser
import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely.geometry import Point

import phusong as ps
from phusong import columns as col
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.runs.change_classes import Difference
from phusong.geodata.runs.folder import open_run
from phusong.maps.pages import as_built_page
from phusong.meanings import COLUMNS
from phusong.messages import words
from phusong.scenarios.as_built import matching
from phusong.scenarios.config import schema

FEW = (
    "rollout.stations={ 2024 = 2, 2025 = 2 }",
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "tiers=[]",
)
FILES = {
    *(
        f"{name}.{kind}"
        for name in ("stations", "communes", "zones")
        for kind in ("csv", "geojson")
    ),
    *("years.csv", "difference.tif", "as_built.json", "as_built.html"),
}


def frame(*rows, **names):
    """Return points in the planning CRS with the columns that are named."""
    table = {name: [row[i] for row in rows] for i, name in enumerate(names.values(), 1)}
    return gpd.GeoDataFrame(table, geometry=[Point(row[0], 0.0) for row in rows], crs=5897)


def plan_of(*rows):
    """Return planned stations at (easting, year, operator)."""
    own = frame(*rows, year=col.YEAR, operator=col.OPERATOR)
    names = [f"S{i}" for i in range(len(rows))]
    return own.assign(site_id=names, rank=range(1, len(rows) + 1), kind="new", zone_id="",
                      commune_code="")  # fmt: skip


def list_of(*rows):
    """Return built stations at (easting, day, operator)."""
    own = frame(*rows, day=col.ON_AIR, operator=col.OPERATOR)
    return own.assign(site_id=[f"B{i}" for i in range(len(rows))], zone_id="", commune_code="")


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def became(planned, built, as_of="2026-12-31"):
    return matching.stations(planned, built, 100.0, as_of)[col.STATUS].to_list()


def test_a_station_is_in_its_year_early_late_or_missing():
    planned = plan_of((0, 2025, ""), (1000, 2025, ""), (2000, 2025, ""), (3000, 2025, ""),
                      (4000, 2025, ""), (5000, 2027, ""))  # fmt: skip
    built = list_of(
        (99, "2025-12-31", "A"), (1000, "2024-12-31", "A"), (2000, "2026-01-01", "A"),
        (3101, "2025-05-01", "A"), (4000, "", "A"),
    )  # fmt: skip
    assert became(planned, built) == [
        *("on_time", "early", "late", "not_built", "undated", "not_due", "elsewhere")
    ]
    table = matching.stations(planned, built, 100.0, "2026-12-31")
    assert table[col.AWAY_M].fillna(-1).to_list() == [99.0, 0.0, 0.0, -1, 0.0, -1, -1]
    assert table[col.BUILT_YEAR].fillna(0).to_list() == [2025, 2024, 2026, 0, 2026, 0, 2025]


def test_a_year_is_due_when_it_is_over():
    planned, nothing = plan_of((0, 2025, "")), list_of((9000, "2025-06-30", "A"))
    assert became(planned, nothing, "2025-12-30") == ["not_due", "elsewhere"]
    assert became(planned, nothing, "2025-12-31") == ["not_built", "elsewhere"]


def test_the_nearest_two_are_one_station_and_each_is_one_only():
    planned = plan_of((0, 2025, ""), (60, 2025, ""))
    assert matching.paired(planned, list_of((50, "2025", "A")), 100.0).tolist() == [-1, 0]
    both = list_of((50, "2025", "A"), (101, "2025", "A"))
    assert matching.paired(planned, both, 100.0).tolist() == [-1, 0]  # 101 is too far from 0
    both = list_of((50, "2025", "A"), (-90, "2025", "A"))
    assert matching.paired(planned, both, 100.0).tolist() == [1, 0]


def test_where_a_plan_names_operators_another_one_is_elsewhere():
    planned = plan_of((0, 2025, "Viettel"), (1000, 2025, "MobiFone, VNPT"))
    built = list_of((0, "2025-01-01", "VNPT"), (1000, "2025-01-01", "VNPT"))
    assert became(planned, built) == ["not_built", "on_time", "elsewhere"]


def test_what_the_plan_began_with_is_told_by_place_operator_and_day():
    live = list_of((0, "", "VNPT"))
    rows = ((10, "2023-05-01", "VNPT"), (10, "2024-05-01", "VNPT"), (10, "2023-05-01", "Viettel"))
    known = [matching.before_plan(live, list_of(row), 100.0, 2024).tolist() for row in rows]
    assert known == [[True], [False], [False]]


@pytest.fixture(scope="module")
def run(mini_province, tmp_path_factory):
    """Return the folder of a plan of two stations in 2024 and two in 2025."""
    folder = tmp_path_factory.mktemp("as_built") / "run"
    ps.plan(mini_province, ps.load_scenario("urban", FEW), language="en").write(folder)
    return folder


def written(path, run, rows, header="site_id,operator,on_air,lon,lat"):
    """Write a list with rows of (name, day, rank of a planned station, metres east of it)."""
    ranked = open_run(run).ranking.sort_values(col.RANK, ignore_index=True).to_crs(5897)
    lines = [header]
    for name, day, rank, east_m in rows:
        at = ranked.geometry.iloc[[rank - 1]].translate(east_m).to_crs(4326).iloc[0]
        lines.append(f"{name},Viettel,{day},{at.x:.8f},{at.y:.8f}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def as_planned(run, tmp_path_factory):
    years = open_run(run).ranking.sort_values(col.RANK)[col.YEAR].tolist()
    rows = [(f"B{i}", f"{year}-07-01", i, 0.0) for i, year in enumerate(years, 1)]
    path = written(tmp_path_factory.mktemp("lists") / "all.csv", run, rows)
    return ps.open_run(run).as_built(path, as_of="2025-12-31")


def test_a_plan_built_as_planned_serves_what_it_planned(as_planned, run):
    years = as_planned.years
    assert years[col.ON_TIME].tolist() == years[col.PLANNED_STATIONS].tolist() == [2, 2]
    # The list has its places to a millimetre: of a million points of paths that lie near the middle
    # between two pixels, a few belong to the other one.
    assert years[col.PEOPLE_SHARE_BUILT].tolist() == pytest.approx(
        years[col.PEOPLE_SHARE_PLANNED].tolist(), abs=2e-5
    )
    for table, ends in ((as_planned.communes, "people_share"), (as_planned.zones, "covered_share")):
        planned, built = (table[f"{ends}_{side}"] for side in ("planned", "built"))
        np.testing.assert_allclose(built, planned, atol=5e-5)
    classes = as_planned.found.difference.values
    assert not {Difference.LOST, Difference.GAINED} & set(np.unique(classes).tolist())
    assert Difference.BOTH in classes
    assert not as_planned.found.notes
    told = open_run(run).record["years"][-1]["people_share"]  # the folder rounds terrain to metres
    assert as_planned.found.recomputed["recorded"] == told
    assert as_planned.found.recomputed["predicted"] == pytest.approx(told, abs=0.003)
    shares = as_planned.communes
    people = shares[col.POPULATION] @ shares[col.PEOPLE_SHARE_BUILT] / shares[col.POPULATION].sum()
    assert people == pytest.approx(years[col.PEOPLE_SHARE_BUILT].iloc[-1], abs=1e-6)


@pytest.fixture(scope="module")
def mixed(run, tmp_path_factory):
    """Write the first in time, the second a year late, the third not, the fourth 300 m away."""
    rows = [
        ("B1", "30/06/2024", 1, 30.0),
        ("B2", "2025-03-01", 2, 0.0),
        ("B4", "2025-09-01", 4, 300.0),
        ("B9", "2027-01-01", 3, 0.0),
    ]
    return written(tmp_path_factory.mktemp("lists") / "built.csv", run, rows)


def test_a_case_worked_by_hand(run, mixed, tmp_path, as_planned, capsys):
    out = tmp_path / "out"
    options = ["--as-built", str(mixed), "--as-of", "2025-12-31", "--out", str(out)]
    assert cli.main(["compare", str(run), *options, "--lang", "en"]) == cli.DONE
    told = capsys.readouterr().out
    assert "4 stations planned: 1 built in their year, 0 earlier, 1 later" in told
    assert "2 not built, 0 not yet due; 1 built elsewhere" in told
    assert {path.name for path in out.iterdir()} == FILES
    record = json.loads((out / "as_built.json").read_text(encoding="utf-8"))
    assert record["later"] == 1  # of 2027
    assert (record["as_of"], record["within_m"]) == ("2025-12-31", 100.0)
    counts = {name: n for name, n in record["stations"].items() if n}
    assert counts == {"on_time": 1, "late": 1, "not_built": 2, "elsewhere": 1}
    first, second = record["years"]
    assert [first[name] for name in ("on_time", "late", "not_built", "built_stations")] == [
        1,
        1,
        0,
        1,
    ]
    assert [second[name] for name in ("not_built", "elsewhere", "built_stations")] == [2, 1, 2]
    assert second["built_total"] == 3
    assert first["people_share_built"] < first["people_share_planned"]
    planned = as_planned.years[col.PEOPLE_SHARE_PLANNED].tolist()
    assert [row["people_share_planned"] for row in record["years"]] == pytest.approx(planned)
    rows = rows_of(out / "stations.csv")
    assert [row["status"] for row in rows] == [
        "on_time",
        "late",
        "not_built",
        "not_built",
        "elsewhere",
    ]
    assert (rows[0]["away_m"], rows[1]["built_year"], rows[2]["built_site_id"]) == (
        "30.0",
        "2025",
        "",
    )
    communes = rows_of(out / "communes.csv")
    assert sum(int(row["elsewhere"]) for row in communes) == 1
    assert sum(int(row["planned_stations"]) for row in communes) == 4
    for name in ("stations", "years", "communes", "zones"):
        header = (out / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
        assert set(header) - {"lon", "lat", "x_m", "y_m"} <= set(COLUMNS)
    with rasterio.open(out / "difference.tif") as source:
        km2 = float((source.read(1) == Difference.LOST).sum()) * 0.0009
    assert km2 == pytest.approx(record["difference"]["lost"]["area_km2"])


def test_the_page_tells_it_in_both_languages(run, mixed, tmp_path, chromium):
    out = (
        ps.open_run(run).as_built(mixed, as_of="2025-12-31").write(tmp_path / "page", language="vi")
    )
    text = (out / as_built_page.FILE_NAME).read_text(encoding="utf-8")
    for language in ("vi", "en"):
        article = re.search(rf'<article lang="{language}".*?</article>', text, re.DOTALL)[0]
        own = words(language, "as_built")
        for key in ("became", "on_time", "not_built", "elsewhere", "by_year"):
            assert own[key] in article
    browser.open_page(chromium, out / as_built_page.FILE_NAME)
    kinds = chromium.execute_script("return phusong.candidates.map((s) => s.runs)")
    assert kinds == ["both", "both", "a", "a", "b"]
    said = chromium.execute_script(
        "return phusong.difference.words({ kind: 'station', record: phusong.candidates[1] })"
    )
    assert said[1] == words("vi", "as_built")["late"]


def test_a_scenario_is_restored_from_the_record_of_its_run(run):
    parameters = open_run(run).record["parameters"]
    again = schema.restored(parameters, "run.json").model_dump(mode="json")
    assert again == json.loads(json.dumps(parameters))
    changed = schema.restored(parameters, "run.json", ["service.probability=0.8"])
    assert changed.service.probability == 0.8
    with pytest.raises(InputError, match=r"run\.json.*propagation\.calibration.*gone\.toml"):
        schema.restored({**parameters, "propagation": {"calibration": "gone.toml"}}, "run.json")


@pytest.mark.parametrize(
    ("rows", "options", "problem"),
    [
        ([("B1", "", 1, 0.0)], {}, "no station says from which day"),
        ([("B1", "2025", 1, 0.0)], {"as_of": "soon"}, "as_of.*is not a date"),
        ([("B1", "2025", 1, 0.0)], {"within_m": 0.0}, "within_m.*must be above 0 m"),
    ],
)
def test_what_cannot_be_used_is_told(run, tmp_path, rows, options, problem):
    path = written(tmp_path / "list.csv", run, rows)
    with pytest.raises(InputError, match=rf"(?s){problem}"):
        ps.open_run(run).as_built(path, **options)


def test_a_run_is_compared_with_one_thing(run, tmp_path, capsys):
    for more in ([], [str(run), "--as-built", "list.csv"]):
        code = cli.main(["compare", str(run), *more, "--out", str(tmp_path / "none")])
        assert code == cli.WRONG_INPUT
        assert "one of the two" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
