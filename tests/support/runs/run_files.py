"""The files that a run writes, and the columns of its layers."""

from phusong import columns as col
from phusong.maps.report import report
from phusong.scenarios.results import radio_layers

VECTORS = {
    "ranking": col.RANKING,
    "sites": col.BTS,
    "communes": col.RESULT_COMMUNES,
    "districts": col.RESULT_DISTRICTS,
    "zones": col.RESULT_ZONES,
    "zones_ranking": col.ZONES_RANKING,
    "holes": col.HOLES,
    "candidates": col.CANDIDATES,
    "backhaul": col.BACKHAUL,
}
FILES = {
    "map.html",
    "report.html",
    "ranking.csv",
    "waiting.csv",
    "costs_by_payer.csv",
    "zones_ranking.csv",
    *(f"{name}.csv" for name in (*report.TABLES, "qcvn126")),
    "plan.gpkg",
    "plan.qgs",
    "ranking.kml",
    "ranking.xlsx",
    "run.json",
    "tables.json",
    "what_if.bin",
    *(f"{name}.geojson" for name in VECTORS),
    *(f"{layer.name}.tif" for layer in radio_layers.RASTERS),
    *(f"{layer.name}.qml" for layer in radio_layers.RASTERS),
    *(f"{layer.name}.tif" for layer in radio_layers.BANDED),
    *(f"{layer.name}.qml" for layer in radio_layers.BANDED),
}
