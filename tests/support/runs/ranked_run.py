"""The small run folder with places compared, zones ranked by the criteria, and backhaul."""

import maps_run
import numpy as np
import pandas as pd
from maps_run import NASTY, SIDE, SOUTH, WEST
from shapely.geometry import LineString, Point

from phusong import columns as col
from phusong.geodata.files import toml_json
from phusong.geodata.writers import vector
from phusong.scenarios.config import schema
from phusong.scenarios.criteria import scores, zone_ranks
from phusong.scenarios.criteria import zone_criteria as registry
from phusong.scenarios.prediction import link_budgets

COUNT = 240
WEIGHTS = {"people": 0.5, "cost": 0.2, "backhaul": 0.1, "policy": 0.2}
FORMULA = '=HYPERLINK("http://x","y")'
CHOSEN = (4, 19, 2, 30)  # rows of the places that the plan builds, in rank
ZONES = ("U01", "I01", "T01")
BASELINE = {"date": "2024-12-31", "stations": 4321, "source": "on_air.csv"}
PAYERS = [
    {
        "payer": name,
        "cost_million": million,
        "opex_million_per_year": 0.0,
        "present_value_million": million,
    }
    for name, million in (("VNPT", 3105.0), ("state", 432.0))
]


def candidates():
    """Return the places as a run writes them, those of the plan first."""
    rng = np.random.default_rng(7)
    colocated = rng.random(COUNT) < 0.8
    rows = {name: [0.0] * COUNT for name in col.CANDIDATES} | {
        col.SITE_ID: [f"5G-P{i:04d}" for i in range(COUNT)],
        col.KIND: np.where(colocated, "colocated", "new"),
        col.OPERATOR: "",
        col.POSITION_ID: [f"P{i}" for i in range(COUNT)],
        col.ZONE_ID: rng.choice(["U01", "I01", ""], COUNT),
        col.COMMUNE_CODE: rng.choice([f"0870{i}" for i in range(6)], COUNT),
        col.DISTRICT_CODE: "243",
        col.HEIGHT_M: 30.0,
        col.MAST_CLASS: "A1",
        col.PEOPLE_GAINED: rng.gamma(2.0, 1500.0, COUNT).round(1),
        col.WORKERS_GAINED: rng.gamma(0.3, 900.0, COUNT).round(1),
        col.VISITORS_GAINED: np.where(rng.random(COUNT) < 0.3, 40.0, 0.0),
        col.AREA_GAINED_KM2: rng.uniform(0.1, 18.0, COUNT).round(4),
        col.THROUGHPUT_GAINED_MBPS: rng.uniform(20.0, 700.0, COUNT).round(1),
        col.CAPEX_MILLION: np.where(colocated, 700.0, 1000.0),
        col.BACKHAUL_MILLION: rng.choice([0.0, 14.2, 72.0], COUNT),
        col.POLICY_PRIORITY: rng.choice([0.0, 0.5, 1.0], COUNT),
        col.STABILITY: "C",
        col.PROBABILITY_TOP_N: rng.random(COUNT).round(3),
        col.PROBABILITY_NEARBY: 1.0,
    }
    x = WEST + rng.uniform(60, 3 * SIDE - 60, COUNT)
    y = SOUTH + rng.uniform(60, 2 * SIDE - 60, COUNT)
    frame = maps_run.frame(rows, [Point(*at) for at in zip(x, y, strict=True)])
    frame.loc[list(CHOSEN), col.RANK] = range(1, len(CHOSEN) + 1)
    frame[col.RANK] = frame[col.RANK].astype(int)
    last = frame[col.RANK].where(frame[col.RANK] > 0, COUNT)
    return frame.iloc[np.lexsort((frame[col.SITE_ID], last))].reset_index(drop=True)


def criteria():
    """Return what each criterion measures in each zone; all of them operate."""
    return pd.DataFrame(
        {
            "people": [9000.0, 500.0, 1200.0],
            "workers": [0.0, 8000.0, 0.0],
            "visitors": [0.0, 0.0, 40.5],
            "demand": [9000.0, 4500.0, 1220.3],
            "area": [1.2, 2.25, 9.9123],
            "cost": [500.0, 1500.5, 900.0],
            "policy": [1.0, 0.65, 0.55],
            "backhaul": [60.0, 300.0, 800.0],
            "building": [1.0, 1.0, 1.0],
        }
    )[registry.names()]


def scores_by(own):
    """Return zone ids and scores, best first, as the room of criteria has them, 0 to 100."""
    given = np.array([own.get(name, 0.0) for name in registry.names()])
    values, weights = criteria().to_numpy(float), given / given.sum()
    found = 100 * scores.weighted_sum(values, weights, registry.benefit())
    return dict(sorted(zip(ZONES, found.tolist(), strict=True), key=lambda pair: -pair[1]))


def zones_ranking():
    """Return the zones as a run writes them, by rank."""
    zones, values = maps_run.zones().set_index(col.ZONE_ID), criteria()
    values.columns = list(registry.columns())
    score = scores_by(WEIGHTS)
    rows = zones.loc[list(ZONES)].reset_index().assign(**values.to_dict("list"))
    rows = rows.set_index(col.ZONE_ID).loc[list(score)].reset_index()
    rank = np.arange(1, len(rows) + 1)
    return rows.assign(
        **{
            col.RANK: rank,
            col.WEIGHT: [1.3, 1.0, 0.6],
            col.SCORE: np.round(list(score.values()), 4),
            col.TOPSIS: 50.0,
            col.RANK_LOW: rank,
            col.RANK_HIGH: [2, 3, 3],
            col.PROBABILITY_TOP_N: 1.0,
            col.EXPLANATION: "",
        }
    )


def stations(every):
    """Return the chosen places as the ranking of the run."""
    chosen = every.iloc[: len(CHOSEN)].reset_index(drop=True)
    own = chosen.drop(columns="geometry").to_dict("list")
    rows = {name: [0.0] * len(CHOSEN) for name in col.RANKING} | {
        name: values for name, values in own.items() if name in col.RANKING
    }
    rows |= {
        col.YEAR: [2024, 2024, 2025, 2025],
        col.ZONE_ID: ["U01", "", "I01", "U01"],
        col.COMMUNE_CODE: ["08700", "08701", "08704", "08703"],
        col.DISTRICT_CODE: ["243", "243", "247", "247"],
        col.PEOPLE_GAINED: [1200.0, 900.0, 2500.0, 100.0],
        col.COST_MILLION: [700.0, 1000.0, 772.0, 714.2],
        col.TIER: [1, 1, 2, 3],
        col.GAIN_PER_BILLION: [1714.3, 900.0, 3238.3, 140.0],
        col.STABILITY: ["A", "A", "B", "C"],
        col.PROBABILITY_TOP_N: [0.95, 0.6, 0.51, 0.2],
        col.PROBABILITY_NEARBY: [0.97, 0.91, 0.55, 0.3],
        col.OPERATOR: "",
        col.AZIMUTHS_DEG: ["0/120/240", "", "30/150/270", "0/120/240"],
        col.REASON: [maps_run.REASON, FORMULA, "B", "C"],
    }
    return maps_run.frame(rows, chosen.geometry.to_numpy())


def backhaul(planned):
    at = planned.geometry
    lines = [
        LineString([at[0], (at[0].x + 900.0, at[0].y + 300.0)]),
        LineString([at[1], at[2]]),
        LineString([at[3], (at[3].x - 500.0, at[3].y)]),
    ]
    rows = {
        col.KIND: ["fibre", "microwave", "upgrade"],
        col.FROM_ID: planned[col.POSITION_ID][[0, 1, 3]],
        col.TO_ID: ["P9", planned[col.POSITION_ID][2], NASTY],
        col.LENGTH_M: [948.7, 2100.0, 500.0],
        col.COST_MILLION: [66.4, 180.0, 72.0],
        col.STATIONS: [1, 2, 1],
    }
    return maps_run.frame(pd.DataFrame(rows).reset_index(drop=True), lines)


def record():
    """Return the record with what a run writes of its choice, zones and link budget."""
    weights = np.array([WEIGHTS.get(name, 0.0) for name in registry.names()])
    zones = {
        "zones": len(ZONES),
        "criteria": registry.record(criteria().to_numpy(float), weights),
        "weights": WEIGHTS,
        "consistency_ratio": 0.0,
        "score_topsis_correlation": 1.0,
        "weight_least": zone_ranks.LEAST,
        "weight_most": zone_ranks.MOST,
        "draws": 1000,
        "top": len(ZONES),
    }
    choice = {"candidates": COUNT, "zones": zones, "draws": 1000, "top": len(CHOSEN)}
    budgets = link_budgets.link_budgets(schema.load("urban"))
    known = maps_run.record()
    return known | {
        "choice": known["choice"] | choice,
        "link_budgets": budgets,
        "baseline": BASELINE,
        "province": known["province"] | {"population_year": 2026},
        "cost": known["cost"] | {"payers": PAYERS},
    }


def write(folder):
    """Write the run folder and return it."""
    every = candidates()
    tables = {make.__name__: make() for make in maps_run.TABLES}
    tables["ranking"] = stations(every)
    maps_run.write_run(folder, tables)
    vector.write_geojson(folder / "candidates.geojson", every, col.CANDIDATES)
    vector.write_geojson(folder / "zones_ranking.geojson", zones_ranking(), col.ZONES_RANKING)
    vector.write_geojson(folder / "backhaul.geojson", backhaul(tables["ranking"]), col.BACKHAUL)
    told = toml_json.as_json(record())
    (folder / "run.json").write_text(told, encoding="utf-8")
    return folder
