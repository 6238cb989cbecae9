"""Two finished runs that differ in stations, shares, coverage, weights and headline."""

import json

import maps_run
import numpy as np
import rasterio
from maps_run import SOUTH, WEST
from shapely.geometry import Point

from phusong import columns as col

PARAMETERS = {
    "scenario": {"name": "urban", "kind": "urban", "seed": 1, "title": {"en": "A", "vi": "A"}},
    "service": {"location": "indoor"},
    "demand": {"people": 1.0, "workers": 0.0},
    "rollout": {"stations": {"2024": 2, "2025": 2}},
}
CODES = ["08707", "08710", "08713", "08716", "08719", "08731"]  # two units of July 2025


def real(tables):
    """Return the tables with codes of real communes."""
    codes = dict(zip(maps_run.communes()[col.COMMUNE_CODE], CODES, strict=True))
    for name in ("communes", "ranking", "zones"):
        own = tables[name][col.COMMUNE_CODE]
        tables[name][col.COMMUNE_CODE] = own.map(codes).fillna(own)
    return tables


def change(folder, **sections):
    """Put values into sections of run.json."""
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    for section, values in sections.items():
        known = record.get(section)
        record[section] = known | values if isinstance(known, dict) else values
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def write_a(folder, tables=None):
    """Write the first run."""
    tables = tables or real({make.__name__: make() for make in maps_run.TABLES})
    maps_run.write_run(folder, tables)
    change(folder, parameters=PARAMETERS)
    return folder


def ranking_b():
    """Return ranks 2, 1 and 3 of A, one of them renamed, and a station of its own."""
    frame = maps_run.ranking().iloc[[1, 0, 2, 3]].reset_index(drop=True)
    frame[col.RANK] = [1, 2, 3, 4]
    frame[col.SITE_ID] = ["C-0002", "C-0001", "C-9999", "C-0004"]
    frame[col.YEAR] = [2024, 2025, 2025, 2025]
    moved = Point(WEST + 3000, SOUTH + 650)  # 50 m from the fourth station of A: another place
    frame.geometry = [*frame.geometry[:3], moved]
    return frame


def write_b(folder):
    """Write a run with other stations, shares, coverage, weights and headline."""
    tables = {make.__name__: make() for make in maps_run.TABLES}
    tables["ranking"] = ranking_b()
    share = col.COVERED_POPULATION_SHARE_AFTER
    tables["communes"][share] = [0.7, 0.5, 0.3, 0.4, 0.2, np.nan]
    tables["zones"] = tables["zones"].iloc[:2].copy()
    tables["zones"][col.COVERED_SHARE_AFTER] = [0.75, 0.5]
    write_a(folder, real(tables))
    change(
        folder,
        headline={"people_after": 23_000.0, "people_share_after": 0.4, "cost_million": 3000.0},
        parameters={"demand": {"people": 1.0, "workers": 0.5}},
    )
    with rasterio.open(folder / "rsrp_after.tif", "r+") as target:
        values = target.read(1)
        values[:, values.shape[1] // 2 :] = -75.0
        values[:, : values.shape[1] // 4] = -9999.0
        values[: values.shape[0] // 2] = -9999.0
        target.write(values, 1)
    return folder
