"""Count the figures of a finished run again from its files, without phusong.

    python docs/recount.py out/urban

``population.tif`` says who is in every pixel, ``served.tif`` with which probability a pixel is
served before the plan and by the end of each year, ``commune_index.tif`` which row of
``communes.geojson`` a pixel belongs to. A share is the mean of the probability, weighed by people.
Probabilities are stored to 0.005, so that shares of small zones differ in the fourth decimal.
"""

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import geometry_mask

BUILT_UP = (1, 2, 3)  # classes of landcover.tif: what counts in urban zones


def bands(path):
    """Return the bands of a raster by their descriptions, 0 where nothing is stated."""
    with rasterio.open(path) as source:
        return {
            name: np.ma.filled(source.read(number, masked=True), 0).astype(float)
            for number, name in enumerate(source.descriptions, start=1)
        }


def share(weight, served):
    """Return the part of a weight that is served."""
    return float((weight * served).sum() / weight.sum()) if weight.sum() else 0.0


def zone_pixels(zone, landcover, source):
    """Return the pixels whose centre lies in a zone; of urban ones the built-up land, if any."""
    inside = geometry_mask([zone.geometry], source.shape, source.transform, invert=True)
    if not inside.any():  # too small to hold a centre
        point = zone.geometry.representative_point()
        inside[source.index(point.x, point.y)] = True
    built = inside & np.isin(landcover, BUILT_UP)
    return built if zone.kind == "urban" and built.any() else inside


def recount(folder):
    """Return headline, years, communes and zones, counted from the rasters of a run."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    people, served = bands(folder / "population.tif"), bands(folder / "served.tif")
    residents, before = people["residents"], served["before"]
    last = str(run["years"][-1]["year"])
    with rasterio.open(folder / "commune_index.tif") as source:
        commune = source.read(1)
    with rasterio.open(folder / "landcover.tif") as source:
        landcover = source.read(1)
        communes = gpd.read_file(folder / "communes.geojson")
        zones = gpd.read_file(folder / "zones.geojson").to_crs(source.crs)
        held = [zone_pixels(zone, landcover, source) for zone in zones.itertuples()]
    weights = run["parameters"]["demand"]  # a kilometre of road is not in the rasters
    land = (commune >= 0) * source.res[0] * source.res[1] / 1e6
    kinds = {**people, "people": residents, "area": land, "area_km2": land}
    kinds["demand"] = sum(
        weights[kind] * kinds[kind] for kind in ("people", "workers", "visitors", "area_km2")
    )
    return {
        "headline": {
            "people_share_before": share(residents, before),
            "people_share_after": share(residents, served[last]),
        },
        "years": {year: share(residents, served[year]) for year in served if year != "before"},
        "communes": {
            code: share(residents * (commune == row), served[last])
            for row, code in enumerate(communes["commune_code"])
        },
        "zones": {
            zone.zone_id: share(kinds[zone.share_of] * pixels, served[last])
            for zone, pixels in zip(zones.itertuples(), held, strict=True)
        },
    }


if __name__ == "__main__":
    print(json.dumps(recount(Path(sys.argv[1])), indent=2, ensure_ascii=False))
