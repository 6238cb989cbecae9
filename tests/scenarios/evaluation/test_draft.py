"""Stations put on the map by hand, and the override that makes a run build them."""

import tomllib

import pytest
import tomli_w

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.messages import speak
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation.bench import open_bench
from phusong.scenarios.evaluation.draft import draft, table
from phusong.scenarios.evaluation.evaluation import evaluate
from phusong.scenarios.plan.run import plan

FEW = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)


@pytest.fixture(scope="module")
def bench(mini_province):
    return open_bench(mini_province, schema.load("urban", FEW))


def place(province, east=0.5, north=0.5):
    """Return a place in the province by its share of the way from south-west to north-east."""
    west, south, right, top = province.communes.total_bounds
    x_m, y_m = west + east * (right - west), south + north * (top - south)
    lon, lat = crs.transform(x_m, y_m, province.grid.crs, crs.GEOGRAPHIC)
    return {"lon": round(float(lon), 6), "lat": round(float(lat), 6)}


@pytest.fixture(scope="module")
def stated(mini_province, bench):
    first, second = bench.frame[bench.frame[col.KIND] == col.COLOCATED][col.SITE_ID].iloc[:2]
    return [
        {"site_id": first, "year": 2024, "downtilt_deg": 3.0, "azimuths_deg": [30, 150, 270]},
        {"site_id": second, "year": 2025},
        {"name": "mine", "year": 2025, "height_m": 33, "downtilt_deg": 8.5, **place(mini_province)},
    ]


def tried(bench, stations):
    rows, warnings = table(bench, draft(bench.study.scenario, stations))
    return evaluate(bench, rows), rows, warnings


def test_a_run_with_the_override_says_the_same(mini_province, bench, stated):
    own, rows, _ = tried(bench, stated)
    override = draft(bench.study.scenario, stated).override()
    written = tomllib.loads(tomli_w.dumps(override))
    settings = {
        f"{s}.{key}": v for s, part in written.items() if s != "quotas" for key, v in part.items()
    }
    its = plan(mini_province, schema.load("urban", [*FEW, *_texts(settings), "quotas=[]"]))
    assert dict(zip(its.ranking[col.SITE_ID], its.ranking[col.YEAR], strict=True)) == dict(
        zip(rows[col.SITE_ID], rows[col.YEAR], strict=True)
    )
    for mine, year in zip(own.years, its.years, strict=True):
        for name in ("stations", "new", "cost_million", "opex_million_per_year"):
            assert mine[name] == year[name]
        assert mine["people_share"] == pytest.approx(year["people_share"], abs=2e-6)


def _texts(settings):
    return [f"{key}={_inline(value)}" for key, value in settings.items()]


def _inline(value):
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        pairs = ", ".join(f'"{key}" = {_inline(each)}' for key, each in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def test_an_antenna_that_is_turned_serves_others(bench, stated):
    plain = [{key: each[key] for key in ("site_id", "year")} for each in stated[:2]]
    turned, usual = tried(bench, stated[:2])[0], tried(bench, plain)[0]
    assert turned.years[0]["people"] != usual.years[0]["people"]
    assert turned.years[0]["cost_million"] == usual.years[0]["cost_million"]


def test_a_higher_antenna_on_open_ground_serves_no_less(mini_province, bench):
    spot = {"name": "mine", **place(mini_province, 0.45, 0.35)}
    low, high = (tried(bench, [{**spot, "height_m": m}])[0] for m in (10.0, 60.0))
    assert high.years[-1]["people"] > low.years[-1]["people"]


def test_a_station_beside_another_is_allowed_and_said(mini_province, bench):
    spot = place(mini_province)
    live = mini_province.live.to_crs(crs.GEOGRAPHIC).geometry.iloc[5]
    beside = {"name": "beside", "lon": live.x + 0.0002, "lat": live.y}
    _, rows, warnings = tried(bench, [beside, {"name": "mine", **spot}])
    texts = [speak(each, "en") for each in warnings]
    assert any(text.startswith("beside stands 2") and "rules ask for" in text for text in texts)
    assert rows[col.SITE_ID].tolist() == ["5G-beside", "5G-mine"]


def test_all_that_is_wrong_is_said_at_once(bench, stated):
    wrong = [
        {"name": "a b", "lon": 105.6, "lat": 21.3},
        {"name": "tall", "lon": 105.6, "lat": 21.3, "height_m": 500},
        {"site_id": stated[0]["site_id"], "year": 1999},
        {"site_id": stated[0]["site_id"], "downtilt_deg": 90},
    ]
    with pytest.raises(InputError) as caught:
        draft(bench.study.scenario, wrong)
    text = str(caught.value)
    assert [each.row for each in caught.value.defects] == [1, 2, 3, 4]
    assert "height_m" in text
    assert "1999: is no year of the plan" in text
    assert "downtilt_deg" in text


@pytest.mark.parametrize(
    ("station", "pattern"),
    [
        ({"name": "far", "lon": 100.0, "lat": 10.0}, "lies outside the province"),
        ({"site_id": "5G-NONE"}, "no station can be built there"),
    ],
)
def test_stations_that_do_not_fit_are_refused(bench, station, pattern):
    with pytest.raises(InputError, match=pattern):
        table(bench, draft(bench.study.scenario, [station]))


def test_an_antenna_above_its_mast_is_refused(bench, stated):
    high = [{"site_id": stated[0]["site_id"], "height_m": 150.0}]
    with pytest.raises(InputError, match="is higher than its mast"):
        table(bench, draft(bench.study.scenario, high))
