"""Zones as policy means them: wards and townships by their units, all else by its polygon."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.grid import pixels_within
from phusong.geodata.province import LandCover, Province
from phusong.geodata.provinces import zone_reader
from phusong.geodata.provinces import zones as areas
from phusong.messages import message

BY_UNITS = ("urban_core", "township")  # categories that units say better than discs
FILE = "file"  # that a zone beside those of the province comes from; "" of its own
BUILT = (LandCover.URBAN, LandCover.INDUSTRIAL, LandCover.SETTLEMENT)


def policy_zones(province: Province) -> GeoDataFrame:
    """Return a zone for every ward and township, and the other zones of the province.

    Zones of the categories ``BY_UNITS`` stay only in a province without wards and townships.
    """
    zones, units = province.zones, areas.of_units(province.communes)
    if not units.empty:
        own = ~zones[FILE].astype(bool) if FILE in zones else True
        zones = zones[~(zones[col.CATEGORY].isin(BY_UNITS) & own)]
    return gpd.GeoDataFrame(pd.concat([units, zones], ignore_index=True), crs=zones.crs)


def with_files(province: Province, paths: Iterable[str]) -> Province:
    """Return a province with the zones of files beside its own, which stay as they are.

    People, land and masts stay where they are too. A zone whose identifier is taken gets the name
    of its file before it.

    Raises
    ------
    InputError
        With every defect of every file.
    """
    frames, defects = [province.zones.assign(**{FILE: ""})], list[Defect]()
    for path in dict.fromkeys(paths):
        try:
            zones = zone_reader.read_zones(Path(path), province.communes)
        except InputError as error:
            defects += error.defects or [Defect(path, error.what)]
            continue
        taken = set().union(*(frame[col.ZONE_ID] for frame in frames))
        names = [
            f"{Path(path).stem}-{name}" if name in taken else name for name in zones[col.ZONE_ID]
        ]
        frames.append(zones.assign(**{col.ZONE_ID: names, FILE: path}))
    if defects:
        raise InputError(message("refusal.files_of_zones"), defects)
    if len(frames) == 1:
        return province
    every = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=province.zones.crs)
    return replace(province, zones=every)


class ZonePixels:
    """The pixels (flat) of the zones of a province, each looked for once.

    Parameters
    ----------
    province
        Whose grid and land cover count.
    """

    def __init__(self, province: Province) -> None:
        self._grid, self._landcover = province.grid, province.landcover.values.ravel()
        self._pixels: dict[tuple[bytes, bool], NDArray[np.int64]] = {}

    def of(self, zones: GeoDataFrame) -> list[NDArray[np.int64]]:
        """Return the pixels of every zone: of urban ones the built-up land inside.

        An urban zone without built-up land, such as one that is planned, has all its pixels.
        """
        shapes, urban = zones.geometry.to_numpy(), (zones[col.KIND] == "urban").tolist()
        keys = list(zip(shapely.to_wkb(shapes), urban, strict=True))
        for shape, key in zip(shapes, keys, strict=True):
            if key not in self._pixels:
                self._pixels[key] = self._within(shape, only_built=key[1])
        return [self._pixels[key] for key in keys]

    def _within(self, shape: BaseGeometry, *, only_built: bool) -> NDArray[np.int64]:
        (pixels,) = pixels_within([shape], self._grid)
        built = np.isin(self._landcover[pixels], BUILT)
        return pixels[built] if only_built and built.any() else pixels


def zone_pixels(zones: GeoDataFrame, province: Province) -> list[NDArray[np.int64]]:
    """Return the pixels (flat) of every zone, as ``ZonePixels`` counts them."""
    return ZonePixels(province).of(zones)
