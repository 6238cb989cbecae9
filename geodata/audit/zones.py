"""Audit zones: parts that two of a kind share, and ground that no zone stands on."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.audit.findings import Finding
from phusong.geodata.audit.places import Listed
from phusong.geodata.grid import Raster
from phusong.geodata.province import LandCover
from phusong.messages import message

OVERLAP_SHARE = 0.1  # of the smaller zone, from which an overlap is told
BUILT = (LandCover.URBAN, LandCover.INDUSTRIAL, LandCover.SETTLEMENT)
_TWICE = message("why.demand_there_may_count_twice")
_NOBODY = message("why.demand_is_where_nobody_is")


def audit(listed: Listed, overlaps: Sequence[tuple[int, int, float]]) -> list[Finding]:
    """Return what there is to say of usable zones.

    Parameters
    ----------
    listed : the zones of a file, a row a row.
    overlaps : pairs of zones and the area that they share [m2].
    """
    return [*_shared(listed, overlaps), *_ground(listed)]


def _shared(listed: Listed, overlaps: Sequence[tuple[int, int, float]]) -> Iterable[Finding]:
    """Tell which zones lie over another of their kind."""
    table, zones = listed.table, listed.rows
    kinds, areas = zones[col.KIND].tolist(), zones.geometry.area.to_numpy()
    for a, b, shared in overlaps:
        if kinds[a] == kinds[b] and shared > OVERLAP_SHARE * min(areas[a], areas[b]):
            problem = message(
                "problem.overlaps_the_zone_of_row_by",
                kinds=kinds[a],
                rows=table.rows[a],
                shared=shared / 1e4,
            )
            defect = table.defect(b, problem, message("remedy.join_them_or_cut_one_off"))
            yield Finding("warning", defect, "zones-overlap", _TWICE)


def _ground(listed: Listed) -> Iterable[Finding]:
    """Tell which zones lie in water, and which operate where nothing is built."""
    table, zones, ground = listed.table, listed.rows, listed.ground
    rows = zip(zones.geometry.to_numpy(), zones[col.STATUS], strict=True)
    for i, (shape, status) in enumerate(rows):
        classes = _under(shape, ground.landcover)
        if not classes.size:
            continue
        wet = bool((classes == LandCover.WATER).all())
        bare = status == "operating" and not np.isin(classes, BUILT).any()
        if wet or bare:
            name = "lies_in_water" if wet else "is_operating_where_nothing_is_built"
            remedy = message("remedy.check_the_coordinates_against_an_image")
            defect = table.defect(i, message(f"problem.{name}"), remedy)
            yield Finding("warning", defect, "zone-ground", _NOBODY)


def _under(shape: shapely.Geometry, raster: Raster) -> NDArray[np.generic]:
    """Return the pixels whose middle lies in a shape."""
    west, south, east, north = shape.bounds
    x_m, y_m = raster.grid.centres()
    columns, rows = (x_m >= west) & (x_m <= east), (y_m >= south) & (y_m <= north)
    x, y = np.meshgrid(x_m[columns], y_m[rows])
    return np.asarray(raster.values[np.ix_(rows, columns)][shapely.contains_xy(shape, x, y)])
