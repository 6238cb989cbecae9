"""A part of a province: some of its districts, as a province of its own."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.grid import Grid, Raster, covering
from phusong.geodata.province import Province
from phusong.messages import message

MARGIN_M = 1500.0


def part_of(
    province: Province, district_codes: Iterable[str], margin_m: float = MARGIN_M
) -> Province:
    """Return districts of a province as a province of their own: quick to plan, and to try out.

    Terrain goes on round the districts; people and receivers are those of the districts only.
    Stations outside are left out, so that coverage near the border is less than it is.

    Parameters
    ----------
    province
        The whole.
    district_codes
        Official codes of the districts, such as ``["243"]`` for Vĩnh Yên.
    margin_m
        Terrain round the districts [m].

    Returns
    -------
    Province
        On a grid whose pixels are those of the whole.

    Raises
    ------
    InputError
        The province has no such district.

    Examples
    --------
    >>> import phusong as ps
    >>> part = part_of(ps.open_province(), ["243"])
    >>> part.name, len(part.communes), part.grid.crs
    ('Vĩnh Yên', 9, 'EPSG:5897')
    """
    codes = list(district_codes)
    districts = _of(province.districts, codes)
    known = ", ".join(province.districts[col.DISTRICT_CODE])
    unknown = sorted(set(codes) - set(districts[col.DISTRICT_CODE]))
    defects = [
        Defect(
            "districts",
            message("problem.is_unknown"),
            message("remedy.there_are", known=known),
            value=c,
        )
        for c in unknown
    ]
    if defects or districts.empty:
        raise InputError(message("refusal.no_such_district_of", province=province.name), defects)
    inside = province.communes[col.DISTRICT_CODE].isin(codes).to_numpy()
    window = _window(province.grid, tuple(province.communes[inside].total_bounds), margin_m)
    rows = np.append(np.where(inside, np.cumsum(inside) - 1, -1), -1).astype(np.int16)
    index = rows[window.cut(province.commune_index.values)]
    landcover, population = (
        np.where(index >= 0, window.cut(raster.values), raster.values.dtype.type(0))
        for raster in (province.landcover, province.population)
    )
    return replace(
        province,
        name=", ".join(districts[col.NAME]),
        communes=_of(province.communes, codes),
        districts=districts,
        zones=_of(province.zones, codes),
        sites=_of(province.sites, codes),
        terrain=window.of(province.terrain, window.cut(province.terrain.values)),
        landcover=window.of(province.landcover, landcover),
        population=window.of(province.population, population),
        commune_index=window.of(province.commune_index, index),
    )


def _of(frame: GeoDataFrame, codes: list[str]) -> GeoDataFrame:
    return frame[frame[col.DISTRICT_CODE].isin(codes)].reset_index(drop=True)


class _Window(NamedTuple):
    """Rows and columns of a grid, and the grid that they make."""

    rows: slice
    columns: slice
    grid: Grid

    def cut(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(values[self.rows, self.columns])

    def of(self, whole: Raster, values: NDArray[Any]) -> Raster:
        return replace(whole, values=values, grid=self.grid)


def _window(grid: Grid, bounds: tuple[float, float, float, float], margin_m: float) -> _Window:
    """Return the pixels of a grid over bounds plus a margin, as far as the grid goes."""
    frame = covering(bounds, margin_m, grid.pixel_m, grid.crs)
    left = max(round((frame.x_min_m - grid.x_min_m) / grid.pixel_m), 0)
    top = max(round((grid.y_max_m - frame.y_max_m) / grid.pixel_m), 0)
    right = min(left + frame.width, grid.width)
    bottom = min(top + frame.height, grid.height)
    own = replace(
        grid,
        x_min_m=grid.x_min_m + left * grid.pixel_m,
        y_max_m=grid.y_max_m - top * grid.pixel_m,
        width=right - left,
        height=bottom - top,
    )
    return _Window(slice(top, bottom), slice(left, right), own)
