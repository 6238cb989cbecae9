"""A valid file for every reader, and how it is read."""

import gzip
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import maps_run
import mini_province as mini
import numpy as np
import pyogrio
import rasterio
from openpyxl import Workbook
from rasterio.transform import from_origin

from phusong.commands import redraw
from phusong.geodata import reference
from phusong.geodata.audit import check
from phusong.geodata.fetch import opencellid, window
from phusong.geodata.fetch import units as public_units
from phusong.geodata.fetch.area import Area, Box
from phusong.geodata.fetch.web import Patience
from phusong.geodata.files import raster
from phusong.geodata.files.table import Stated
from phusong.geodata.grid import covering
from phusong.geodata.ground import mosaic, roads
from phusong.geodata.measured import cells as measured_cells
from phusong.geodata.measured import measurements, profiles
from phusong.geodata.network import antenna_files, point_lists, sites
from phusong.geodata.network import cells as cell_list
from phusong.geodata.provinces import embedded, folder, manifest, zone_reader
from phusong.geodata.runs import folder as run_folder
from phusong.geodata.runs import record, restate, run_layers
from phusong.geodata.units import boundaries
from phusong.geodata.writers import formats
from phusong.maps.pages import province_map
from phusong.maps.report import report
from phusong.scenarios.comparison import compare, result
from phusong.scenarios.config import schema
from phusong.scenarios.propagation import calibrated, calibration_file

COMMUNES = mini.mini_communes()
GRID = covering(tuple(COMMUNES.total_bounds), 300.0, crs="EPSG:5897")
CENTRES = COMMUNES.to_crs("EPSG:4326").geometry.representative_point()
PLACES = [(round(point.x, 6), round(point.y, 6)) for point in CENTRES]
BOX = Box(105.0, 21.0, 106.0, 22.0)

SITES = (
    "site_id,operator,technologies,height_m,azimuths_deg,mast_class,status,lon,lat,Xã\n"
    + "".join(
        f"S{i},Viettel,3G/4G,3{i},0/120/240,A2a,live,{x},{y},Phường Số {i + 1}\n"
        for i, (x, y) in enumerate(PLACES)
    )
)
CELLS = (
    "site_id,cell_id,lon,lat,height_m,azimuth_deg,power_dbm,band,technology,antenna\n"
    + "".join(
        f"S{i},S{i}-1,{x},{y},30,{90 * i},46,1800,4G,{'a.msi' if i else 'sector'}\n"
        for i, (x, y) in enumerate(PLACES)
    )
)
MSI = "NAME A\nFREQUENCY 1800\nGAIN 17 dBi\nTILT ELECTRICAL\n" + "".join(
    f"{cut} 360\n" + "".join(f"{i} {min(abs(i - 180), 30)}.0\n" for i in range(360))
    for cut in ("HORIZONTAL", "VERTICAL")
)
MEASURED = "lon,lat,rsrp_dbm,cell_id,time,device,frequency_mhz,cell_lon,cell_lat,pci\n" + "".join(
    f"{x + k / 1e4:.6f},{y},{-80 - k},S{i}-1,{1_700_000_000 + k},A,1845,{x},{y},{i}\n"
    for i, (x, y) in enumerate(PLACES)
    for k in range(8)
)
ZONES = "zone_id,kind,name,status,area_ha,workers,visitors,lon,lat\n" + "".join(
    f"Z{i},{kind},Khu {i},operating,50,100,20,{x},{y}\n"
    for i, (kind, (x, y)) in enumerate(
        zip(("urban", "industrial", "tourism"), PLACES, strict=False)
    )
)
PROFILE = "distance_km,height_m,clutter_m,zone\n" + "".join(
    f"{0.1 * i:.1f},{20 + i % 7},{i % 3 * 5},4\n" for i in range(30)
)
RECEIVERS = "id,lon,lat,height_m\n" + "".join(
    f"R{i},{x},{y},1.5\n" for i, (x, y) in enumerate(PLACES)
)
FIBRE = "position_id,lon,lat\n" + "".join(f"F{i},{x},{y}\n" for i, (x, y) in enumerate(PLACES))
SCHOOLS = "name,weight,lon,lat\n" + "".join(
    f"S{i},{i + 1},{x},{y}\n" for i, (x, y) in enumerate(PLACES)
)
SCENARIO = (
    'quotas = [{ kind = "industrial", statuses = ["operating"], target_share = 0.9, of = "area", '
    'year = 2027, strict = false }]\nextends = "urban"\n[scenario]\nname = "mine"\n'
    "[service]\nprobability = 0.8\n[rollout]\nstations = { 2027 = 80 }\n"
    "[overrides.tall]\ncandidates = { lattice_m = 900 }\n"
)
OPENCELLID = "".join(
    f"LTE,452,4,12,{256 * i + 1},0,{x},{y},500,9,1,1600000000,1700000000,0\n"
    for i, (x, y) in enumerate(PLACES)
)


@dataclass(frozen=True)
class Target:
    """Files that may be broken, and what reads them."""

    name: str
    path: Path  # the file or folder that is read
    files: tuple[Path, ...]  # those that are broken
    read: Callable[[Path], object]


def targets(root: Path) -> dict[str, Target]:
    """Write the valid files below a folder and return how each is read."""
    made = [
        *_lists(root / "lists"),
        *_vectors(root / "vectors"),
        *_rasters(root / "rasters"),
        *_settings(root / "settings"),
        *_folders(root / "folders"),
    ]
    return {target.name: target for target in made}


def _one(folder_: Path, name: str, body: str | bytes, read: Callable[[Path], object]) -> Target:
    own = folder_ / name.replace(".", "_")
    own.mkdir(parents=True)
    path = own / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return Target(name, path, (path,), read)


def _lists(root: Path) -> list[Target]:
    def all_sites(path: Path) -> object:
        return sites.read_sites(path, COMMUNES)

    def some_sites(path: Path) -> object:
        return sites.read_sites(path, COMMUNES, skip_bad_rows=True)

    def cells(path: Path) -> object:
        return cell_list.read(path, COMMUNES, skip_bad_rows=True)

    def measured(path: Path) -> object:
        return measured_cells.of_samples(measurements.read(path))

    good = root / "good.csv"
    root.mkdir(parents=True)
    good.write_text(MEASURED, "utf-8")
    samples = measurements.read(good)
    named = _one(root, "cells.csv", CELLS, cells)
    (named.path.parent / "a.msi").write_text(MSI)
    named = Target(named.name, named.path, (named.path, named.path.parent / "a.msi"), cells)
    served = CELLS.replace("a.msi", "panel")
    return [
        _one(root, "sites.csv", SITES, all_sites),
        _one(root, "sites.tsv", SITES.replace(",", "\t").encode("utf-16"), some_sites),
        _one(root, "sites.xlsx", _workbook(root), all_sites),
        _one(root, "zones.csv", ZONES, lambda path: zone_reader.read_zones(path, COMMUNES)),
        named,
        _one(root, "a.msi", MSI, antenna_files.read),
        _one(root, "measured.csv", MEASURED, measured),
        _one(root, "served.csv", served, lambda path: measured_cells.read(path, samples)),
        _one(root, "profile.csv", PROFILE, profiles.read_profile),
        _one(root, "receivers.csv", RECEIVERS, lambda path: profiles.read_receivers(path, 1.5)),
        _one(root, "fibre.csv", FIBRE, lambda path: point_lists.read_fibre(path, COMMUNES)),
        _one(
            root,
            "schools.csv",
            SCHOOLS,
            lambda path: point_lists.read_demand_points(path, COMMUNES),
        ),
        _one(root, "checked.csv", SITES, check.audit),
        _one(root, "452.csv.gz", gzip.compress(OPENCELLID.encode()), _crowd),
    ]


def _crowd(path: Path) -> object:
    return opencellid.sites(opencellid.cells(path, Area(BOX)))


def _workbook(root: Path) -> bytes:
    book = Workbook()
    for line in SITES.splitlines():
        book.active.append(line.split(","))
    book.save(root / "a.xlsx")
    return (root / "a.xlsx").read_bytes()


def _vectors(root: Path) -> list[Target]:
    root.mkdir(parents=True)
    frame = mini.mini_sites().iloc[:4]
    layer = gpd.GeoDataFrame({"name": frame["site_id"]}, geometry=frame.geometry, crs=frame.crs)
    made = []
    for suffix in ("geojson", "gpkg", "kml", "fgb", "gml", "tab", "mif", "shp", "gpx"):
        own = root / suffix
        own.mkdir()
        plain = layer.to_crs("EPSG:4326") if suffix in {"gpx", "kml", "geojson"} else layer
        driver = {"kml": "LIBKML", "tab": "MapInfo File", "mif": "MapInfo File"}.get(suffix)
        named = "waypoints" if suffix == "gpx" else None
        pyogrio.write_dataframe(plain, own / f"sites.{suffix}", driver=driver, layer=named)
        files = tuple(sorted(own.iterdir()))
        made.append(Target(f"sites.{suffix}", own / f"sites.{suffix}", files, _sites_of))
    made.append(_one(root, "sites.zip", _zipped(root / "shp"), _sites_of))
    made.append(_one(root, "sites.kmz", _zipped(root / "kml", "doc.kml"), _sites_of))
    communes = mini.mini_communes().to_crs("EPSG:4326").to_json()
    made.append(_one(root, "communes.geojson", communes, boundaries.read_communes))
    units_ = communes.replace("commune_code", "shapeID").replace('"name"', '"shapeName"')
    made.append(_one(root, "units.geojson", units_, public_units.read))
    zones = mini.mini_zones().to_crs("EPSG:4326").to_json()
    made.append(
        _one(root, "zones.geojson", zones, lambda path: zone_reader.read_zones(path, COMMUNES))
    )
    lines = mini.mini_communes().boundary.to_crs("EPSG:4326").to_json()
    made.append(_one(root, "roads.geojson", lines, roads.read_roads))
    made.append(_one(root, "checked.geojson", communes, check.audit))
    return made


def _sites_of(path: Path) -> object:
    header = "Name" if path.suffix in {".kml", ".kmz"} else "name"
    return sites.read_sites(path, COMMUNES, stated=Stated(headers={"site_id": header}))


def _zipped(source: Path, name: str = "") -> bytes:
    target = source.parent / "packed.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(source.iterdir()):
            archive.write(part, name or part.name)
    return target.read_bytes()


def _rasters(root: Path) -> list[Target]:
    root.mkdir(parents=True)
    heights = np.arange(GRID.height * GRID.width, dtype=np.float32).reshape(GRID.shape) % 90
    tif = root / "dem.tif"
    with rasterio.open(
        tif,
        "w",
        driver="GTiff",
        height=GRID.height,
        width=GRID.width,
        count=1,
        dtype="float32",
        crs=GRID.crs,
        transform=GRID.transform,
        compress="deflate",
        tiled=True,
        blockxsize=64,
        blockysize=64,
    ) as target:
        target.write(heights, 1)
    ascii_ = (
        f"ncols 240\nnrows 240\nxllcorner {GRID.x_min_m - 200}\nyllcorner "
        f"{GRID.bounds[1] - 200}\ncellsize 30\nNODATA_value -9999\n"
    ) + "\n".join(" ".join(str((i + j) % 50) for j in range(240)) for i in range(240))
    tile = np.full((1201, 1201), 25, ">i2").tobytes()
    packed = root / "N21E105.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N21E105.hgt", tile)

    def terrain(path: Path) -> object:
        return mosaic.terrain_on_grid([path], GRID, stated_crs="EPSG:5897")

    def labels(path: Path) -> object:
        raster.pixel_area_m2(path)
        return raster.on_grid(path, GRID, labels=True)

    def cut(path: Path) -> object:
        west, south, east, north = COMMUNES.to_crs("EPSG:4326").total_bounds
        box = Box(west, south, east, north)
        return window.cut([path], box, path.with_name("cut.tif"), Patience())

    return [
        _one(root, "dem.tif", tif.read_bytes(), terrain),
        _one(root, "whole.tif", tif.read_bytes(), raster.read_raster),
        _one(root, "cover.tif", tif.read_bytes(), labels),
        _one(root, "checked.tif", tif.read_bytes(), check.audit),
        _one(root, "dem.asc", ascii_, terrain),
        _one(root, "N21E105.hgt.zip", packed.read_bytes(), terrain),
        _one(root, "N21E105.hgt.gz", gzip.compress(tile, 1), terrain),
        _one(root, "tile.tif", _geographic(root), cut),
    ]


def _geographic(root: Path) -> bytes:
    path = root / "geographic.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=400,
        width=400,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=from_origin(105.4, 21.5, 1 / 1200, 1 / 1200),
        compress="deflate",
    ) as target:
        target.write(np.full((400, 400), 12, np.int16), 1)
    return path.read_bytes()


def _settings(root: Path) -> list[Target]:
    def scenario(path: Path) -> object:
        return schema.load(str(path), ["service.probability=0.7"])

    found = calibrated.Calibrated(
        "spm",
        1845.0,
        calibrated.spm.hata_coefficients(1845.0),
        0.0,
        dict.fromkeys(calibrated.CLASSES.values(), 1.0),
        0.9,
        {"S1-1": 2.0, 'odd "name"': -1.0},
        6.0,
        3.0,
        0.4,
        7.5,
        (100.0, 3000.0),
        {"measurements": "drive.csv"},
    )
    told = (
        'name = "Mini"\nunits = "2020-03"\ncrs = "EPSG:5897"\npixel_m = 30\n[files]\n'
        'communes = "communes.geojson"\nterrain = "terrain.tif"\n[provenance.communes]\n'
        'status = "given"\nsource = "x"\nnote = "y"\n'
    )
    province = _one(root, "province.toml", told, manifest.read)
    for name in ("communes.geojson", "terrain.tif"):
        (province.path.parent / name).touch()
    return [
        province,
        _one(root, "scenario.toml", SCENARIO, scenario),
        _one(root, "calibration.toml", calibration_file.text(found), calibration_file.load),
    ]


def _folders(root: Path) -> list[Target]:
    root.mkdir(parents=True)
    province = root / "mini"
    communes = mini.mini_communes()
    made = embedded.complete(
        *("Mini", "2020-03", communes, mini.mini_terrain(communes), 1),
        zones=mini.mini_zones(),
        sites=mini.mini_sites(),
    )
    folder.save_province(made, province)
    run = _run(root / "run")
    other = root / "other"
    shutil.copytree(run, other)
    out = root / "out"
    out.mkdir()

    def compared(path: Path) -> object:
        with run_folder.whole_run(path):
            both = compare.compare(run_folder.open_run(path), run_folder.open_run(other))
            return result.record(both)

    def drawn(write: Callable[[Path, str], Path], language: str) -> Callable[[Path], object]:
        def read(path: Path) -> object:
            with run_folder.whole_run(path):
                return write(path, language)

        return read

    def restated(path: Path) -> object:
        with run_folder.whole_run(path):
            return restate.restated_run(run_folder.open_run(path))

    def served(path: Path) -> object:
        record.read(path / record.NAME)
        return redraw._files_of(path)

    def exported(path: Path) -> object:
        said = run_layers.about_run(path)
        layers = run_layers.layers_of(path, authority="EPSG:4326")
        return formats.write(out / "a.gpkg", layers, said, replace=True, warn=str)

    every = tuple(sorted(path for path in run.iterdir() if path.suffix != ".html"))
    half = (*every, *[run / "run.json"] * len(every))
    own = tuple(sorted(province.iterdir()))
    return [
        Target(
            "province", province, (*own, *[province / "province.toml"] * 3), folder.open_province
        ),
        Target("province checked", province, own, check.audit),
        Target("run: map", run, half, drawn(province_map.write_map, "vi")),
        Target("run: report", run, half, drawn(report.write_report, "en")),
        Target("run: compare", run, half, compared),
        Target("run: export", run, half, exported),
        Target("run: restate", run, half, restated),
        Target("run: serve", run, (run / "run.json",), served),
    ]


def _run(path: Path) -> Path:
    """Return a small run folder whose record holds all that a comparison asks for."""
    maps_run.write_whole(path)
    codes = reference.table("communes")["code"].tolist()
    for table in path.glob("*.geojson"):
        text = table.read_text("utf-8")
        for i in range(6):
            text = text.replace(f'"0870{i}"', f'"{codes[i]}"')
        table.write_text(text, "utf-8")
    record = json.loads((path / "run.json").read_text("utf-8"))
    record |= {"parameters": {"service": {"probability": 0.8}}, "language": "vi", "files": []}
    (path / "run.json").write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return path
