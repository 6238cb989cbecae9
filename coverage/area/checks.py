"""What keeps a network from being computed: found once, before any loss."""

import math

import numpy as np

from phusong.coverage.area.cells import Cells, Masts, Reach, Surface
from phusong.errors import Defect, InputError
from phusong.messages import message

MAX_CELLS_PER_MAST = 255


def _mast_defects(surface: Surface, masts: Masts, reach: Reach) -> list[Defect]:
    """Return the masts that stand out of reach of the terrain or have no physical height."""
    height, width = surface.terrain_m.shape
    far = max(reach.radius_m / surface.pixel_m, 0.0) if math.isfinite(reach.radius_m) else 0.0
    inside = (np.abs(np.asarray(masts.column) - 0.5 * (width - 1)) <= 0.5 * width + far) & (
        np.abs(np.asarray(masts.row) - 0.5 * (height - 1)) <= 0.5 * height + far
    )
    tall = np.asarray(masts.antenna_height_m) > 0.0
    tuned = np.asarray(masts.frequency_mhz) > 0.0
    rules = (
        (inside, "stands outside the terrain, out of reach", "use a terrain that covers the site"),
        (tall, "antenna height is not above zero", ""),
        (tuned, "frequency is not above zero", ""),
    )
    return [
        Defect("masts", problem, remedy, row=int(i) + 1)
        for holds, problem, remedy in rules
        for i in np.flatnonzero(~holds)
    ]


def _void_defects(surface: Surface, masts: Masts, reach: Reach) -> list[Defect]:
    """Return the masts whose circle holds terrain without a height."""
    rows, columns = np.nonzero(~np.isfinite(surface.terrain_m))
    if rows.size == 0:
        return []
    radius = reach.radius_m / surface.pixel_m + 2.0
    defects = []
    for i in range(len(masts)):
        near = np.hypot(rows - masts.row[i], columns - masts.column[i]) <= radius
        if near.any():
            problem = message(
                "problem.pixels_without_terrain_height_within_m",
                sum=near.sum(),
                radius_m=reach.radius_m,
            )
            remedy = message("remedy.fill_the_voids_or_choose_a")
            defects.append(Defect("masts", problem, remedy, row=i + 1))
    return defects


def _cell_defects(masts: Masts, cells: Cells) -> list[Defect]:
    """Return the cells that belong to no mast, to a crowded one, or have no power."""
    mast = np.asarray(cells.mast)
    known = (mast >= 0) & (mast < len(masts))
    per_mast = np.bincount(mast[known], minlength=len(masts))
    roomy = np.ones(len(mast), bool)
    roomy[known] = per_mast[mast[known]] <= MAX_CELLS_PER_MAST
    rules = (
        (known, "belongs to no mast"),
        (roomy, f"its mast has more than {MAX_CELLS_PER_MAST} cells"),
        (np.isfinite(cells.eirp_dbm), "power is not a number"),
        ((cells.pattern >= 0) & (cells.pattern < len(cells.patterns)), "has no antenna pattern"),
    )
    return [
        Defect("cells", problem, row=int(i) + 1)
        for holds, problem in rules
        for i in np.flatnonzero(~holds)
    ]


def check(surface: Surface, masts: Masts, cells: Cells | None, reach: Reach) -> None:
    """Raise one InputError with everything that keeps the network from being computed."""
    defects = _mast_defects(surface, masts, reach)
    if not (math.isfinite(reach.radius_m) and reach.radius_m >= surface.pixel_m):
        problem = message("problem.radius_m_is_less_than_a", radius_m=reach.radius_m)
        defects.append(Defect("reach", problem))
    elif not defects:
        defects += _void_defects(surface, masts, reach)
    if cells is not None:
        defects += _cell_defects(masts, cells)
    if defects:
        raise InputError(message("refusal.the_network_cannot_be_computed"), defects)
