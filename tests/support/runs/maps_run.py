"""A small run folder, made by hand: six communes, ten sites, four stations, odd names."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from shapely.geometry import Point, box

from phusong import columns as col
from phusong.geodata.crs import GEOGRAPHIC, PLANNING
from phusong.geodata.files import raster
from phusong.geodata.grid import Raster, covering
from phusong.geodata.province import LandCover
from phusong.geodata.runs import tables as run_tables
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import vector
from phusong.scenarios.results import infrastructure

WEST, SOUTH, SIDE = 560_010.0, 2_354_010.0, 2_400.0
NASTY = "<script>window.hacked=1</script> \"q\" 'a' & {{ 7*7 }} {% x %} </script> \u2028 😀"
COMMUNES = ["Phường Tích Sơn", "Phường Liên Bảo", "Xã Định Trung", "Xã Thanh Vân", NASTY, "Xã 6"]
WHY = "Sau kế hoạch 30 % dân số được phủ sóng <i>"
REASON = "Phủ sóng thêm 1.200 người tại Phường Tích Sơn <b>"


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=PLANNING)


def place(x_m, y_m):
    """Return the point in degrees that lies this far from the south-west corner."""
    at = gpd.GeoSeries([Point(WEST + x_m, SOUTH + y_m)], crs=PLANNING)
    return at.to_crs(GEOGRAPHIC).iloc[0]


def communes():
    shapes = [
        box(WEST + SIDE * (i % 3), SOUTH + SIDE * (i // 3), WEST + SIDE * (i % 3 + 1), top)
        for i in range(6)
        for top in [SOUTH + SIDE * (i // 3 + 1)]
    ]
    shares = dict.fromkeys(col.SHARES, 0.25) | {
        col.COVERED_POPULATION_SHARE_AFTER: [0.876, 0.5, 0.3, 0.1, 0.0, 0.0],
        col.COVERED_POPULATION_SHARE_BEFORE: 0.0,
        col.COVERED_POPULATION_SHARE_AFTER_LOW: [0.812, 0.4, 0.2, 0.0, 0.0, 0.0],
        col.COVERED_POPULATION_SHARE_AFTER_HIGH: [0.931, 0.6, 0.4, 0.2, 0.1, 0.1],
    }
    rows = {
        col.COMMUNE_CODE: [f"0870{i}" for i in range(6)],
        col.NAME: COMMUNES,
        col.NAME_ASCII: COMMUNES,
        col.COMMUNE_TYPE: ["phuong", "phuong", "xa", "xa", "thi tran", "xa"],
        col.DISTRICT_CODE: ["243"] * 3 + ["247"] * 3,
        col.DISTRICT: ["Thành phố Vĩnh Yên"] * 3 + ["Huyện Tam Dương"] * 3,
        col.POPULATION: [9414, 22_737, 8000, 7000, 6000, 5000],
        col.SITES: [4, 2, 1, 1, 1, 1],
        col.MAIN_CAUSE: "budget",
        col.WHY: WHY,
    }
    return frame(rows | shares, shapes)


def districts():
    whole = communes().dissolve(col.DISTRICT_CODE)
    rows = {
        col.DISTRICT_CODE: ["243", "247"],
        col.NAME: ["Thành phố Vĩnh Yên", "Huyện Tam Dương"],
        col.NAME_ASCII: ["Thanh pho Vinh Yen", "Huyen Tam Duong"],
        col.POPULATION: [40_151, 18_000],
        col.SITES: [7, 3],
    } | dict.fromkeys(col.SHARES, 0.25)
    return frame(rows, whole.geometry.to_numpy())


def points(count, seed):
    rng = np.random.default_rng(seed)
    x, y = (
        WEST + rng.uniform(50, 3 * SIDE - 50, count),
        SOUTH + rng.uniform(50, 2 * SIDE - 50, count),
    )
    return [Point(*pair) for pair in zip(x, y, strict=True)]


def sites():
    rows = {name: [""] * 10 for name in col.BTS} | {
        col.SITE_ID: [f"VP{i:04d}" for i in range(9)] + [NASTY],
        col.POSITION_ID: ["P1", "P1", *(f"P{i}" for i in range(2, 10))],
        col.OPERATOR: ["Viettel"] * 6 + ["VNPT"] * 3 + ["MobiFone"],
        col.TECHNOLOGIES: ["4G/5G"] + ["3G/4G"] * 9,
        col.STATUS: "live",
        col.COMMUNE_CODE: "08700",
        col.HEIGHT_M: 30.0,
        col.MAST_CLASS: "A2b",
    }
    shapes = points(10, 1)
    return frame(rows, [shapes[0], shapes[0], *shapes[2:]])


def ranking(count=4):
    rows = {name: [0.0] * count for name in col.RANKING} | {
        col.RANK: list(range(1, count + 1)),
        col.SITE_ID: [f"C-{i:04d}" for i in range(1, count + 1)],
        col.KIND: ["colocated", "new"] * (count // 2),
        col.OPERATOR: "",
        col.POSITION_ID: [f"N{i}" if i % 2 else "P1" for i in range(count)],
        col.MAST_CLASS: "A2b",
        col.ZONE_ID: "U01",
        col.COMMUNE_CODE: "08700",
        col.DISTRICT_CODE: "243",
        col.YEAR: [2024] * (count // 2) + [2025] * (count - count // 2),
        col.PEOPLE_GAINED: [1200.0, 900.0, 2500.0, 100.0][:count],
        col.COST_MILLION: 900.0,
        col.REASON: REASON,
    }
    offsets = [(700, 700), (1800, 500), (1700, 1900), (3000, 600)][:count]
    return frame(rows, [Point(WEST + x, SOUTH + y) for x, y in offsets])


def many_stations(count):
    """Return so many stations in rows over the communes."""
    rows = pd.concat([ranking().drop(columns="geometry")] * (count // 4), ignore_index=True)
    rows[col.RANK] = range(1, count + 1)
    rows[col.SITE_ID] = [f"C-{rank:04d}" for rank in rows[col.RANK]]
    return frame(rows, points(count, 7))


def zones():
    rows = {name: [""] * 3 for name in (*col.ZONES, col.SHARE_OF, col.COVERED_SHARE_AFTER)} | {
        col.ZONE_ID: ["U01", "I01", "T01"],
        col.KIND: ["urban", "industrial", "tourism"],
        col.NAME: ["Trung tâm", NASTY, "Hồ Đại Lải"],
        col.STATUS: "operating",
        col.COMMUNE_CODE: "08703",
        col.AREA_HA: [50.0, 60.0, None],
        col.WORKERS: [0.0, 8000.0, 0.0],
        col.VISITORS: 0.0,
        col.TIER: [1, 2, 0],
        col.SHARE_OF: ["people", "workers", "visitors"],
        col.COVERED_SHARE_BEFORE: 0.0,
        col.COVERED_SHARE_AFTER: [0.5, 0.6, 0.7],
    }
    centres = [(1200, 4300), (3600, 4300), (6000, 4300)]
    return frame(rows, [Point(WEST + x, SOUTH + y).buffer(300) for x, y in centres])


def holes():
    rows = {
        col.COMMUNE_CODE: ["08705"],
        col.DISTRICT_CODE: ["247"],
        col.PEOPLE: [321.0],
        col.AREA_KM2: [0.5],
        col.CAUSE: ["terrain"],
    }
    return frame(rows, [box(WEST + 5000, SOUTH + 2600, WEST + 5800, SOUTH + 3200)])


def record():
    status = {"status": "synthetic", "source": NASTY, "licence": "", "sha256": "", "note": ""}
    both = {"vi": f"Câu tiếng Việt {NASTY}", "en": f"English words {NASTY}"}
    return {
        "schema_version": SCHEMA_VERSION,
        "currency": "VND",
        "phusong": "0.1.0",
        "created": "2026-11-23T05:00:00Z",
        "seed": 1,
        "scenario": {
            "name": "urban",
            "kind": "urban",
            "title": {"vi": f"Đô thị {NASTY}", "en": f"Urban {NASTY}"},
            "description": both,
        },
        "province": {
            "name": "Vĩnh Phúc",
            "units": "2020-03",
            "crs": PLANNING,
            "population": 58_151,
            "area_km2": 34.6,
        },
        "layers": {"communes": status, "sites": status | {"status": "given"}},
        "service": {
            "layer": "NR 2600",
            "frequency_mhz": 2550,
            "threshold_dbm": -105,
            "location": "indoor",
            "entry_loss_db": 15,
            "margin_db": 10.2,
            "probability": 0.9,
            "required_dbm": -79.8,
            "outdoor_threshold_dbm": -110,
        },
        "headline": {
            "stations": 4,
            "colocated": 2,
            "new": 2,
            "cost_million": 3600.0,
            "population": 58_151,
            "people_before": 1000.0,
            "people_after": 22_345.0,
            "people_share_before": 0.017,
            "people_share_after": 0.384,
            "people_share_after_low": 0.312,
            "people_share_after_high": 0.457,
            "zone_demand_share_before": 0.125,
            "zone_demand_share_after": 0.5,
            "people_per_station": 5336.0,
        },
        "summary": {
            "workers_gained": 1500.0,
            "visitors_gained": 0.0,
            "gained_by_district": [
                {"district_code": "243", "name": NASTY, "people": 21_000.0},
                {"district_code": "247", "name": "Huyện Tam Dương", "people": 345.0},
            ],
            "stations_by_probability": {
                "sure": 1,
                "likely": 1,
                "other": 2,
                "sure_nearby": 3,
                "sure_from": 0.8,
                "likely_from": 0.5,
            },
            "quality": [
                {
                    "operator": "",
                    "communes": 5,
                    "communes_complying": 3,
                    "districts": 2,
                    "districts_complying": 1,
                }
            ],
            "masts": {
                "masts": 9,
                "shared_masts": 0,
                "new_masts": 2,
                "masts_after": 11,
                "shared_masts_after": 0,
                "masts_used": 1,
            },
        },
        "choice": {
            "candidates": 12,
            "value": 900.0,
            "bound": 912.0,
            "gap": 0.0133,
            "reached": [
                {
                    "kind": "quota",
                    "name": NASTY,
                    "year": 2025,
                    "asked": 0.9,
                    "reached": 0.55,
                    "met": False,
                }
            ],
            "zones": {
                "weights": {"people": 0.75, "cost": 0.25},
                "consistency_ratio": 0.013,
                "score_topsis_correlation": 0.93,
                "weight_least": 1 / 3,
                "weight_most": 3.0,
                "draws": 1000,
                "top": 3,
            },
            "draws": 1000,
        },
        "cost": {
            "stations_million": 3400.0,
            "backhaul_million": 200.0,
            "backhaul_bound_million": 190.0,
            "capex_million": 3600.0,
            "opex_million_per_year": 600.0,
            "present_value_million": 7654.0,
            "discount_rate": 0.1,
            "horizon_years": 10,
            "shared": [
                {
                    "way": way,
                    "operators": 3,
                    "present_value_million": 20_000.0,
                    "saving": saving,
                }
                for way, saving in (("alone", 0.0), ("mast", 0.128))
            ],
        },
        "parameters": {
            "candidates": {"policy": "one_network"},
            "layer_5g": {"load": 0.5},
            "weights": {"pairwise": {"people / cost": 3}},
        },
        "checks": [{"name": "x", "value": 1, "expected": "1", "ok": True, "explanation": both}],
        "years": [
            {
                "year": year,
                "stations": 2,
                "cost_million": 1800.0,
                "people_share": share,
                "zone_demand_share": None,
                "communes": {f"0870{i}": 0.45 if i == 0 else 0.05 for i in range(6)},
            }
            for year, share in ((2024, 0.2), (2025, 0.384))
        ],
        "network": ["VP0000", "C-0001", NASTY],
        "curve": [
            {"stations": i, "people": 1000.0 + 5336 * i, "cost_million": 900.0 * i}
            for i in range(1, 5)
        ],
        "assumptions": [both],
        "notes": [],
    }


def write_raster(path, values, grid, nodata):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=1,
        dtype=values.dtype,
        nodata=nodata,
        width=grid.width,
        height=grid.height,
        crs=grid.crs,
        transform=grid.transform,
    ) as target:
        target.write(values, 1)


def write_rasters(folder):
    grid = covering((WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE), 1500.0, crs="EPSG:5897")
    x, y = np.meshgrid(*grid.centres())
    south_west = (x < WEST + SIDE) & (y < SOUTH + SIDE)  # the first commune
    terrain = 20 + 300 * np.exp(-((x - WEST - 3 * SIDE) ** 2 + (y - SOUTH) ** 2) / 3e6)
    write_raster(folder / "terrain.tif", terrain.astype(np.int16), grid, -32768)
    cover = np.full(grid.shape, LandCover.FARMLAND, dtype=np.uint8)
    cover[40:50, 60:90] = LandCover.WATER
    cover[south_west & (x < WEST + SIDE / 2)] = LandCover.SETTLEMENT
    write_raster(folder / "landcover.tif", cover, grid, None)
    after = np.where(south_west, -68.0, -101.0).astype(np.float32)
    before = np.where(south_west, -90.0, -9999.0).astype(np.float32)
    for name, values in {
        "rsrp_after": after,
        "rsrp_before": before,
        "rsrp_4g": after + 10,
        "sinr_after": after + 90,
        "ss_sinr_after": after + 88,
        "ss_rsrq_after": after + 66,
        "throughput_after": after + 200,
    }.items():
        write_raster(folder / f"{name}.tif", values.astype(np.float32), grid, -9999)
    write_served(folder, grid, south_west, cover == LandCover.SETTLEMENT)
    east = x > WEST + 2 * SIDE
    year = np.where(south_west, 2024, np.where(east, 2025, 0))
    year[south_west & (y < SOUTH + SIDE / 2)] = 1
    write_raster(folder / "covered_year.tif", year.astype(np.uint16), grid, 65_535)
    server = np.where(south_west, 0, np.where(east, 2, 1)).astype(np.int32)
    write_raster(folder / "best_server.tif", server, grid, -1)


def write_served(folder, grid, south_west, settled):
    """Write who is served when: the first commune in 2024, of whom one in four lives off."""
    served = {
        "before": np.where(south_west, 0.2, 0.05),
        "2024": np.where(south_west, 0.6, 0.05),
        "2025": np.where(south_west, 0.95, 0.2),
    }
    people = np.where(settled, 3.0, np.where(south_west, 1.0, 0.0))
    for name, bands in {"served": served, "population": {"residents": people}}.items():
        rasters = {
            band: Raster(values.astype(np.float32), grid, -9999.0, "", band)
            for band, values in bands.items()
        }
        raster.write_bands(folder / f"{name}.tif", rasters)


def quality():
    """Return QCVN 126 of communes, districts and the province; the last commune has no service."""
    units = communes()[[col.DISTRICT_CODE, col.COMMUNE_CODE, col.NAME]]
    whole = districts()[[col.DISTRICT_CODE, col.NAME]].assign(**{col.COMMUNE_CODE: ""})
    one = pd.DataFrame([{col.DISTRICT_CODE: "", col.COMMUNE_CODE: "", col.NAME: "Vĩnh Phúc"}])
    rows = pd.concat([units, whole, one], ignore_index=True)
    rows = rows.assign(
        **{
            col.OPERATOR: "",
            col.WEIGHTING: "people",
            col.SERVICE_SHARE: 0.9,
            col.MEAN_DOWNLINK_MBPS: 187.6,
            col.MEAN_UPLINK_MBPS: 34.5,
            col.FAST_SHARE: 0.97,
            col.COMPLIES: True,
        }
    )
    speeds = [col.MEAN_DOWNLINK_MBPS, col.MEAN_UPLINK_MBPS, col.FAST_SHARE]
    rows.loc[5, [*speeds, col.SERVICE_SHARE]] = [np.nan] * 3 + [0.0]
    rows.loc[7, col.MEAN_UPLINK_MBPS] = 21.3
    rows.loc[[5, 7], col.COMPLIES] = False
    return rows


def write_counts(folder, tables):
    """Write the tables without geometry, as a run does."""
    units = (tables["communes"], tables["districts"])
    counted = infrastructure.tables(tables["sites"], tables["ranking"], *units, "Vĩnh Phúc")
    counted["qcvn126"] = (quality(), col.QUALITY_BY_UNIT)
    for name, (frame, order) in counted.items():
        vector.write_csv(folder / f"{name}.csv", frame, order)
    (folder / run_tables.NAME).write_text(run_tables.text(counted), encoding="utf-8")


def write_run(folder, tables):
    folder.mkdir()
    for name, table in tables.items():
        text = table.to_crs(GEOGRAPHIC).to_json(drop_id=True)
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    write_rasters(folder)
    if {"sites", "ranking"} <= set(tables):
        write_counts(folder, tables)
    (folder / "run.json").write_text(json.dumps(record(), ensure_ascii=False), encoding="utf-8")
    return folder


TABLES = (communes, districts, zones, sites, ranking, holes)


def tables():
    """Return all tables of the run by name."""
    return {make.__name__: make() for make in TABLES}


def write_whole(folder):
    """Write the run folder with all its tables."""
    return write_run(folder, tables())
