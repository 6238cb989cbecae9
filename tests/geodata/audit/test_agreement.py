"""What ``data check`` calls an error, ``predict`` and ``data build`` refuse, and the other way."""

import csv

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import affinity, box
from shapely.geometry import Polygon

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.audit import check
from phusong.geodata.network import cells
from phusong.geodata.provinces import build, zone_reader
from phusong.geodata.units import boundaries

LON, LAT = 105.6, 21.31


def checked(path):
    """Return the rows that the audit calls errors, None for the whole file."""
    return {f.defect.row for f in check.audit(path) if f.level == "error"}


def refused(reader):
    """Return the rows that a reader refuses; none where it reads the file."""
    try:
        reader()
    except InputError as error:
        return {defect.row for defect in error.defects}
    return set()


@pytest.fixture(scope="module")
def communes(reference_province):
    return reference_province.communes


def cell_rows():
    return [
        {
            "site_id": f"S{i // 3}",
            "cell_id": f"C{i}",
            "lon": f"{LON + (i // 3) * 0.004:.6f}",
            "lat": f"{LAT + 0.001:.6f}",
            "operator": "Viettel",
            "technology": "4G",
            "band": "B3",
            "frequency_mhz": "1815",
            "earfcn": "1300",
            "height_m": "30",
            "azimuth_deg": f"{i % 3 * 120}",
            "mechanical_tilt_deg": "2",
            "electrical_tilt_deg": "4",
            "power_dbm": "46",
            "antenna": "sector",
            "status": "live",
        }
        for i in range(12)
    ]


CELLS = {
    "no site": {"site_id": ""},
    "cell twice": {"cell_id": "C0"},
    "no place": {"lon": ""},
    "place in words": {"lat": "bắc"},
    "outside": {"lon": "107.6"},
    "swapped": {"lon": "21.311", "lat": "105.6"},
    "no azimuth": {"azimuth_deg": ""},
    "azimuth over 360": {"azimuth_deg": "420"},
    "two azimuths": {"azimuth_deg": "0/120"},
    "unknown technology": {"technology": "6G"},
    "two technologies": {"technology": "4G/5G"},
    "band that is none": {"band": "L99999"},
    "frequency of another band": {"frequency_mhz": "2630", "earfcn": ""},
    "uplink": {"frequency_mhz": "1720", "earfcn": ""},
    "channel of another band": {"earfcn": "6400"},
    "channel that is none": {"earfcn": "69999"},
    "height of a tower on a hill": {"height_m": "365"},
    "height in cubits": {"height_m": "30 cubits"},
    "power over all": {"power_dbm": "90"},
    "power in words": {"power_dbm": "cao"},
    "tilt of a crane": {"mechanical_tilt_deg": "80"},
    "antenna that is none": {"antenna": "parabol"},
    "antenna file that is not there": {"antenna": "x.msi"},
    "unknown status": {"status": "???"},
}


@pytest.mark.parametrize("kind", [*CELLS, ""])
def test_cells(kind, communes, tmp_path):
    rows = cell_rows()
    rows[5] |= CELLS.get(kind, {})
    path = tmp_path / "cells.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    rows_refused = refused(lambda: cells.read(path, communes))
    assert rows_refused == checked(path)
    assert rows_refused == ({7} if kind else set())


def zone_frame():
    centre = gpd.GeoSeries(gpd.points_from_xy([LON + 0.02 * i for i in range(5)], [LAT] * 5))
    shapes = centre.set_crs("EPSG:4326").to_crs(crs.PLANNING).buffer(300).to_crs("EPSG:4326")
    return gpd.GeoDataFrame(
        {
            "zone_id": [f"Z{i}" for i in range(5)],
            "kind": ["industrial"] * 5,
            "name": [f"Khu {i}" for i in range(5)],
            "status": ["operating"] * 5,
            "workers": [f"{100 + i}" for i in range(5)],
            "visitors": ["0"] * 5,
        },
        geometry=shapes,
        crs="EPSG:4326",
    )


def bow(shape):
    """Return a polygon whose ring crosses itself."""
    west, south, east, north = shape.bounds
    return Polygon([(west, south), (east, north), (east, south), (west, north)])


def put(column, value):
    def spoil(frame):
        frame.loc[2, column] = value
        return frame

    return spoil


def shaped(change):
    def spoil(frame):
        shapes = frame.geometry.tolist()
        shapes[2] = change(shapes)
        return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))

    return spoil


ZONES = {
    "kind that is none": put("kind", "chiến tranh"),
    "status that is none": put("status", "???"),
    "workers in words": put("workers", "nhiều"),
    "workers below nought": put("workers", "-5"),
    "visitors in a unit of length": put("visitors", "30 m"),
    "identifier twice": put("zone_id", "Z0"),
    "ring that crosses itself": shaped(lambda shapes: bow(shapes[2])),
    "line": shaped(lambda shapes: shapes[2].exterior),
    "point without an area": shaped(lambda shapes: shapes[2].centroid),
    "outside": shaped(lambda shapes: affinity.translate(shapes[2], 1.5)),
    "drawn twice": shaped(lambda shapes: shapes[0]),
    "no kinds": lambda frame: frame.drop(columns="kind"),
}


@pytest.mark.parametrize("kind", [*ZONES, ""])
def test_zones(kind, communes, tmp_path):
    path = tmp_path / "zones.geojson"
    ZONES.get(kind, lambda frame: frame)(zone_frame()).to_file(path)
    rows = refused(lambda: zone_reader.read_zones(path, communes))
    assert bool(rows) == bool(kind)
    assert rows == checked(path)


def commune_frame():
    shapes = [box(LON + 0.05 * i, LAT, LON + 0.05 * (i + 1), LAT + 0.05) for i in range(5)]
    return gpd.GeoDataFrame(
        {
            "ma_xa": [f"9{i:04d}" for i in range(5)],
            "ten_xa": [f"Xã Số {i}" for i in range(5)],
            "dan_so": [f"{1000 + i}" for i in range(5)],
        },
        geometry=shapes,
        crs="EPSG:4326",
    )


COMMUNES = {
    "code twice": put("ma_xa", "90000"),
    "no code": put("ma_xa", ""),
    "no residents": put("dan_so", ""),
    "residents in words": put("dan_so", "đông"),
    "residents below nought": put("dan_so", "-3"),
    "ring that crosses itself": shaped(lambda shapes: bow(shapes[2])),
    "overlap of hectares": shaped(lambda shapes: shapes[2].buffer(0.004, join_style="mitre")),
    "point": shaped(lambda shapes: shapes[2].centroid),
    "abroad": lambda frame: frame.set_geometry(frame.translate(xoff=-30)),
    "no column of residents": lambda frame: frame.drop(columns="dan_so"),
}


@pytest.mark.parametrize("kind", [*COMMUNES, ""])
def test_communes(kind, tmp_path):
    path = tmp_path / "communes.geojson"
    COMMUNES.get(kind, lambda frame: frame)(commune_frame()).to_file(path)
    rows = refused(lambda: boundaries.read_communes(path))
    assert bool(rows) == bool(kind)
    assert rows == checked(path)


RASTERS = {
    "dem.tif": (np.float32, lambda x: 20 + x % 30, False),
    "mask as a dem.tif": (np.float32, lambda x: (x % 2).astype(float), True),
    "landcover.tif": (np.uint8, lambda x: 1 + x % 6, False),
    "unknown landcover.tif": (np.uint8, lambda x: 77 + x % 6, True),
    "worldcover.tif": (np.uint8, lambda x: 10 * (1 + x % 5), False),
    "population.tif": (np.float32, lambda x: 1.0 + x % 3, False),
    "population of nobody.tif": (np.float32, lambda x: x * 0.0, True),
}


@pytest.mark.parametrize("name", RASTERS)
def test_rasters(name, reference_province, tmp_path):
    kind, values, wrong = RASTERS[name]
    grid = reference_province.terrain.grid
    side_m, height, width = 300.0, grid.height // 10 + 2, grid.width // 10 + 2
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    profile = {"driver": "GTiff", "dtype": np.dtype(kind).name, "count": 1, "crs": crs.PLANNING}
    size = {"width": width, "height": height}
    place = from_origin(grid.x_min_m, grid.y_max_m, side_m, side_m)
    path = tmp_path / name
    with rasterio.open(path, "w", transform=place, **size, **profile) as file:
        file.write(values(x + y).astype(kind), 1)
    layer = next(w for w in ("population", "cover", "dem") if w in name)
    layer = {"cover": "landcover", "dem": "terrain"}.get(layer, layer)
    rows = {d.row for d in build.refusals(layer, path, reference_province.communes, grid)}
    assert bool(rows) == wrong
    assert rows == checked(path)


def test_a_row_that_is_named_counts_residents_only_once(tmp_path):
    """A file without residents tells its other faults in the same error."""
    path = tmp_path / "communes.geojson"
    frame = commune_frame().drop(columns="dan_so")
    frame.loc[2, "ma_xa"] = "90000"
    frame.to_file(path)
    with pytest.raises(InputError) as caught:
        boundaries.read_communes(path)
    assert {d.row for d in caught.value.defects} == {None, 3}
    assert "--population" in str(caught.value)
    assert boundaries.COMMUNE_HEADERS[col.POPULATION]
