"""The small run folder with places compared, their scores by the criteria, and backhaul."""

import maps_run
import numpy as np
import pandas as pd
from maps_run import NASTY, SIDE, SOUTH, WEST
from shapely.geometry import LineString, Point

from phusong import columns as col
from phusong.geodata.files import toml_json
from phusong.geodata.writers import vector
from phusong.scenarios.config import schema
from phusong.scenarios.criteria import criteria as registry
from phusong.scenarios.criteria import scores
from phusong.scenarios.plan import ranking
from phusong.scenarios.prediction import link_budgets

COUNT = 240
WEIGHTS = {"people": 0.5, "cost": 0.2, "colocation": 0.1, "backhaul": 0.05, "policy": 0.15}
FORMULA = '=HYPERLINK("http://x","y")'
CHOSEN = (4, 9, 2, 30)  # rows of the places by score that the plan builds, in rank


def criteria():
    """Return what each criterion measures at each place; nobody gains roads."""
    rng = np.random.default_rng(7)
    colocated = rng.random(COUNT) < 0.8
    table = {
        "people": rng.gamma(2.0, 1500.0, COUNT),
        "workers": rng.gamma(0.3, 900.0, COUNT),
        "visitors": np.where(rng.random(COUNT) < 0.3, 40.0, 0.0),
        "area": rng.uniform(0.1, 18.0, COUNT),
        "throughput": rng.uniform(20.0, 700.0, COUNT),
        "roads": np.zeros(COUNT),
        "cost": np.where(colocated, 700.0, 1000.0),
        "colocation": colocated.astype(float),
        "backhaul": rng.choice([0.0, 14.2, 72.0], COUNT),
        "policy": rng.choice([0.0, 0.5, 1.0], COUNT),
    }
    return pd.DataFrame(table)[registry.names()]


def marks(values):
    weights = np.array([WEIGHTS.get(name, 0.0) for name in registry.names()])
    return ranking.scored(values, weights)


def candidates():
    """Return the places as a run writes them, best score first; two of them are alike."""
    values = criteria()
    values.iloc[1] = values.iloc[0]
    scored = marks(values)
    rng = np.random.default_rng(8)
    rows = {name: [0.0] * COUNT for name in registry.candidate_columns()} | {
        col.SITE_ID: [f"5G-P{i:04d}" for i in range(COUNT)],
        col.KIND: np.where(values["colocation"] > 0, "colocated", "new"),
        col.OPERATOR: "",
        col.POSITION_ID: [f"P{i}" for i in range(COUNT)],
        col.ZONE_ID: rng.choice(["U01", "I01", ""], COUNT),
        col.COMMUNE_CODE: rng.choice([f"0870{i}" for i in range(6)], COUNT),
        col.DISTRICT_CODE: "243",
        col.HEIGHT_M: 30.0,
        col.MAST_CLASS: "A1",
        col.SCORE: (100 * scored.score).round(2),
        col.TOPSIS: (100 * scored.topsis).round(2),
        col.SCORE_RANK: scores.ranks(scored.score),
        col.PROBABILITY_TOP_N: rng.random(COUNT).round(3),
        col.PROBABILITY_NEARBY: 1.0,
    }
    for criterion in registry.CRITERIA:
        if criterion.column != col.KIND:
            rows[criterion.column] = values[criterion.name].round(4)
    x = WEST + rng.uniform(60, 3 * SIDE - 60, COUNT)
    y = SOUTH + rng.uniform(60, 2 * SIDE - 60, COUNT)
    frame = maps_run.frame(rows, [Point(*at) for at in zip(x, y, strict=True)])
    frame = frame.sort_values([col.SCORE_RANK, col.SITE_ID], ignore_index=True)
    frame.loc[list(CHOSEN), col.RANK] = range(1, len(CHOSEN) + 1)
    frame[col.RANK] = frame[col.RANK].astype(int)
    return frame, scored


def stations(every):
    """Return the chosen places as the ranking of the run."""
    chosen = every.iloc[list(CHOSEN)].reset_index(drop=True)
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
        col.EXPLANATION: "",
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


def record(scored):
    """Return the record with what a run writes of its choice and link budget."""
    choice = {
        "candidates": COUNT,
        "criteria": scored.criteria(),
        "weights": {c["name"]: c["weight"] for c in scored.criteria() if c["weight"]},
        "draws": 1000,
        "top": len(CHOSEN),
    }
    budgets = link_budgets.link_budgets(schema.load("urban"))
    return maps_run.record() | {"choice": choice, "link_budgets": budgets}


def write(folder):
    """Write the run folder and return it."""
    every, scored = candidates()
    tables = {make.__name__: make() for make in maps_run.TABLES}
    tables["ranking"] = stations(every)
    maps_run.write_run(folder, tables)
    vector.write_geojson(folder / "candidates.geojson", every, registry.candidate_columns())
    vector.write_geojson(folder / "backhaul.geojson", backhaul(tables["ranking"]), col.BACKHAUL)
    told = toml_json.as_json(record(scored))
    (folder / "run.json").write_text(told, encoding="utf-8")
    return folder


def scores_by(own):
    """Return site ids and scores, best first, as the room of criteria has them, 0 to 100."""
    values = criteria()
    values.iloc[1] = values.iloc[0]
    given = np.array([own.get(name, 0.0) for name in registry.names()])
    weights, benefit = given / given.sum(), registry.benefit()
    found = 100 * scores.weighted_sum(values.to_numpy(float), weights, benefit)
    ids = [f"5G-P{i:04d}" for i in range(COUNT)]
    return dict(sorted(zip(ids, found.tolist(), strict=True), key=lambda pair: -pair[1]))
