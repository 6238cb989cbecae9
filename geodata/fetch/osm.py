"""Take roads, zones and communes out of an OpenStreetMap extract (.osm.pbf)."""

import re
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from geopandas import GeoDataFrame
from pyogrio.errors import DataLayerError, DataSourceError

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.fetch.area import Area
from phusong.messages import Text, message

HEAD_BYTES = 1024
_REF = re.compile(r'"ref"=>"([^"]*)"')
ROADS = "SELECT osm_id, name, highway FROM lines WHERE highway IS NOT NULL"
_AREAS = "SELECT osm_id, osm_way_id, name, landuse, tourism, leisure FROM multipolygons WHERE "
ZONES = _AREAS + (
    "landuse = 'industrial' OR tourism IN ('theme_park', 'attraction', 'zoo') "
    "OR leisure IN ('resort', 'golf_course')"
)
# Communes have had level 6 since July 2025: general knowledge, not verified.
COMMUNES = (
    "SELECT osm_id, name, other_tags FROM multipolygons "
    "WHERE boundary = 'administrative' AND admin_level = '6'"
)


def roads(extract: Path, area: Area) -> GeoDataFrame:
    """Return the roads that touch the area, with the class that OpenStreetMap gives them."""
    return _read(extract, ROADS, area).rename(columns={"osm_id": "id"})


def zones(extract: Path, area: Area) -> GeoDataFrame:
    """Return industrial and tourism areas as zones for ``data build``; kinds as mapped.

    Their workers and visitors are not in OpenStreetMap, and whether an industrial area is a
    park that operates is not either: status unknown.
    """
    features = _read(extract, ZONES, area)
    features = features[shapely.within(features.representative_point(), area.shape)]
    industrial = (features["landuse"] == "industrial").to_numpy()
    number = features["osm_id"].fillna("w" + features["osm_way_id"].fillna(""))
    frame = pd.DataFrame(
        {
            columns.ZONE_ID: "osm" + number,
            columns.KIND: np.where(industrial, "industrial", "tourism"),
            columns.NAME: features["name"].fillna(""),
            columns.STATUS: "unknown",
            columns.SOURCE: "OpenStreetMap",
        }
    )
    return gpd.GeoDataFrame(frame, geometry=features.geometry, crs=crs.GEOGRAPHIC)


def communes(extract: Path, area: Area) -> GeoDataFrame:
    """Return code and name of the communes mapped in the area; without ``ref``, the OSM number."""
    features = _read(extract, COMMUNES, area)
    code = features["other_tags"].fillna("").str.extract(_REF, expand=False)
    frame = pd.DataFrame(
        {
            columns.COMMUNE_CODE: code.fillna("osm" + features["osm_id"].fillna("")),
            columns.NAME: features["name"].fillna(""),
        }
    )
    return gpd.GeoDataFrame(frame, geometry=features.geometry, crs=crs.GEOGRAPHIC)


def _read(extract: Path, query: str, area: Area) -> GeoDataFrame:
    """Return the features of a query that touch the box.

    One query names one layer, which lets GDAL pass over the others of this sequential format.
    """
    with extract.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"OSMHeader" not in head and b"<osm" not in head:  # GDAL would try any of its formats
        raise _unreadable(extract, message("problem.does_not_begin_like_one"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of relations that reach beyond the extract
            features = pyogrio.read_dataframe(extract, sql=query, bbox=tuple(area.box))
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise _unreadable(extract, str(error)) from None
    return features.set_geometry(shapely.make_valid(features.geometry.to_numpy())).reset_index(
        drop=True
    )


def _unreadable(extract: Path, reason: Text) -> InputError:
    problem = message("problem.cannot_be_read_as_openstreetmap_data", reason=reason)
    remedy = message("remedy.download_it_again_with_refresh")
    return InputError(
        message("refusal.unreadable_extract"), [Defect(str(extract), problem, remedy)]
    )
