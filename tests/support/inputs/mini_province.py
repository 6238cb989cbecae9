"""A province of four communes and a hill: its communes, terrain, zones and sites."""

import geopandas as gpd
import numpy as np
from shapely.geometry import Point, box

from phusong import columns as col
from phusong.geodata.grid import Raster, covering

WEST_M, SOUTH_M, SIDE_M = 558_000.0, 2_353_500.0, 3_000.0
PEOPLE = (21_000, 9_000, 4_000, 1_500)


def mini_communes():
    """Return two by two square communes in two districts (south and north)."""
    rows = []
    for i, people in enumerate(PEOPLE):
        x, y = WEST_M + (i % 2) * SIDE_M, SOUTH_M + (i // 2) * SIDE_M
        rows.append(
            {
                col.COMMUNE_CODE: f"9000{i + 1}",
                col.NAME: f"Phường Số {i + 1}",
                col.NAME_ASCII: f"Phuong So {i + 1}",
                col.COMMUNE_TYPE: "phuong" if i < 2 else "xa",
                col.DISTRICT_CODE: f"90{i // 2 + 1}",
                col.DISTRICT: ("Quận Nam", "Quận Bắc")[i // 2],
                col.POPULATION: people,
                "geometry": box(x, y, x + SIDE_M, y + SIDE_M),
            }
        )
    return gpd.GeoDataFrame(rows, crs="EPSG:5897")


def mini_terrain(communes):
    """Return a plain at 10 m with a hill of 220 m in the north-east."""
    grid = covering(tuple(communes.total_bounds), margin_m=600.0, crs="EPSG:5897")
    x_m, y_m = np.meshgrid(*grid.centres())
    centre = (WEST_M + 1.6 * SIDE_M, SOUTH_M + 1.6 * SIDE_M)
    hill = 210 * np.exp(-(((x_m - centre[0]) ** 2 + (y_m - centre[1]) ** 2) / 600.0**2))
    return Raster((10 + hill).astype(np.float32), grid)


def mini_zones():
    """Return one zone of each kind."""
    places = [
        ("U01", "urban", "urban_core", 0.5, 0.5, 0, 0),
        ("I01", "industrial", "industrial_park", 1.5, 0.5, 8000, 0),
        ("T01", "tourism", "tourism", 1.5, 1.5, 0, 2500),
    ]
    rows = [
        {
            col.ZONE_ID: zone,
            col.KIND: kind,
            col.NAME: f"Khu {zone} <b>&",
            col.CATEGORY: category,
            col.STATUS: "operating",
            col.COMMUNE_CODE: "90001",
            col.DISTRICT_CODE: "901",
            col.AREA_HA: 50.0,
            col.WORKERS: workers,
            col.VISITORS: visitors,
            col.CONFIDENCE: "high",
            col.SOURCE: "made for tests",
            "geometry": Point(WEST_M + x * SIDE_M, SOUTH_M + y * SIDE_M).buffer(400),
        }
        for zone, kind, category, x, y, workers, visitors in places
    ]
    return gpd.GeoDataFrame(rows, crs="EPSG:5897")


def mini_sites():
    """Return twelve sites on ten positions; the first has 5G on air."""
    rng = np.random.default_rng(5)
    at = (
        WEST_M + rng.uniform(0.1, 1.9, (10, 1)) * SIDE_M,
        SOUTH_M + rng.uniform(0.1, 1.9, (10, 1)) * SIDE_M,
    )
    rows = []
    for i in range(12):
        position = i % 10
        x, y = float(at[0][position, 0]), float(at[1][position, 0])
        commune = int((x - WEST_M) // SIDE_M) + 2 * int((y - SOUTH_M) // SIDE_M)
        rows.append(
            {
                col.SITE_ID: f"S{i:02}",
                col.POSITION_ID: f"P{position:02}",
                col.OPERATOR: "Viettel" if i < 10 else "VNPT",
                col.TECHNOLOGIES: "4G/5G" if i == 0 else "3G/4G",
                col.STATUS: "live",
                col.COMMUNE_CODE: f"9000{commune + 1}",
                col.DISTRICT_CODE: f"90{commune // 2 + 1}",
                col.HEIGHT_M: 30.0,
                col.MAST_CLASS: "A2b",
                col.CLUTTER: "rural",
                col.AZIMUTHS_DEG: "" if i == 3 else "0/120/240",
                "geometry": Point(x, y),
            }
        )
    return gpd.GeoDataFrame(rows, crs="EPSG:5897")
