"""Residents on the planning grid: spread inside each commune so that every sum is exact."""

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import box

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground import terrain as relief
from phusong.geodata.province import LandCover
from phusong.messages import message

QUANTA_PER_PERSON = 1024  # a power of two: float32 holds every pixel, float64 every sum, exactly

# Relative density of residents by class. General knowledge, not verified: nearly everybody
# lives in built-up pixels, a few per cent in scattered houses, nobody on water.
CLASS_WEIGHT = {
    LandCover.OUTSIDE: 0.0,
    LandCover.URBAN: 1.0,
    LandCover.INDUSTRIAL: 0.02,
    LandCover.SETTLEMENT: 0.8,
    LandCover.FARMLAND: 0.003,
    LandCover.FOREST: 0.0005,
    LandCover.WATER: 0.0,
}
LEVEL_DEG = 5.0  # up to here the slope does not matter
SLOPE_SCALE_DEG = 10.0  # beyond it the density falls by e every so many degrees


def weights(landcover: Raster, terrain: Raster) -> NDArray[np.float64]:
    """Return the relative density of residents per pixel, from its class and slope."""
    by_class = np.zeros(256)
    by_class[[int(kind) for kind in CLASS_WEIGHT]] = list(CLASS_WEIGHT.values())
    steep = np.maximum(relief.slope_deg(terrain) - LEVEL_DEG, 0.0)
    return np.asarray(by_class[landcover.values] * np.exp(-steep / SLOPE_SCALE_DEG), float)


def shares(
    totals: NDArray[np.int64], labels: NDArray[np.integer], weight: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return whole quanta per item that sum exactly to each label's total.

    Largest remainder: every item gets the floor of its ideal share, and the quanta left over go
    to the largest remainders (ties to the first item). ``labels`` index ``totals``; a label
    without any weight is spread evenly. Every label with a total above zero needs an item.
    """
    quanta = np.zeros(len(labels), np.int64)
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels, np.arange(len(totals) + 1), sorter=order)
    for total, first, last in zip(totals, edges[:-1], edges[1:], strict=True):
        items = order[first:last]
        quanta[items] = _split(total, weight[items])
    return quanta


def _split(total: np.int64, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the whole quanta of each item of one label."""
    if not (weight > 0).any():
        weight = np.ones(len(weight))
    ideal = weight / weight.cumsum()[-1:] * total  # summed item after item
    floor = np.floor(ideal)
    quanta: NDArray[np.int64] = floor.astype(np.int64)
    largest_first = np.argsort(floor - ideal, kind="stable")
    quanta[largest_first[: total - quanta.sum()]] += 1
    return quanta


def spread(
    communes: GeoDataFrame, commune_index: Raster, landcover: Raster, terrain: Raster
) -> Raster:
    """Return residents per pixel (float32, 0 outside) whose commune sums are the communes' own.

    Dasymetric: in proportion to ``weights``, in quanta of 1/1024 person by largest remainder,
    so the float32 raster summed in float64 gives each commune's integer exactly.

    Parameters
    ----------
    communes
        Communes with ``columns.COMMUNES``, in the planning CRS.
    commune_index
        Row of the pixel's commune.
    landcover
        Class of each pixel.
    terrain
        Heights [m].

    Returns
    -------
    Raster
        Residents per pixel.
    """
    people = communes[columns.POPULATION].to_numpy(np.int64)
    index = commune_index.values
    inside = index >= 0
    labels = index[inside]
    _require_pixels(communes, people, labels, commune_index.grid)
    quanta = shares(people * QUANTA_PER_PERSON, labels, weights(landcover, terrain)[inside])
    values = np.zeros(inside.shape, np.float32)
    values[inside] = quanta / QUANTA_PER_PERSON
    return Raster(values, commune_index.grid)


def _require_pixels(
    communes: GeoDataFrame, people: NDArray[np.int64], labels: NDArray[np.integer], grid: Grid
) -> None:
    """Raise for communes with residents and no pixel; far islands beyond the grid have none."""
    left, bottom, right, top = grid.bounds
    beside = communes.geometry.intersects(box(left, bottom, right, top)).to_numpy()
    bare = np.bincount(labels, minlength=len(people)) == 0
    missing = np.flatnonzero(bare & beside & (people > 0))
    if len(missing):
        raise InputError(
            message("refusal.the_residents_of_some_communes_have"),
            [
                Defect(
                    "communes",
                    message("problem.holds_no_pixel_centre_of_the"),
                    message("remedy.remove_it_or_join_it_to"),
                    column=columns.COMMUNE_CODE,
                    value=str(communes[columns.COMMUNE_CODE].iloc[row]),
                )
                for row in missing
            ],
        )
