"""Where the receivers of a radial stand, and by which roofs the wave comes down to them.

The wave comes down over the clutter at a receiver, or over the highest on the last stretch before
it, whichever loses less. Without streets paths end at the terminals.
"""

import numpy as np

from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812 import combination, own_path, stages
from phusong.coverage.p1812.line import F32, I32, LANES, Floats, Frame, Integers, Radial
from phusong.coverage.p1812.own_path import FEWEST
from phusong.coverage.p1812.workspace import PathEnds, Site, Work


@kernel(**STAGE)
def settle(
    pixel: Integers,
    distance: Floats,
    first: int,
    count: int,
    size: int,
    terrain: Floats,
    clutter: Floats,
    frame: Frame,
    column: Floats,
    row: Floats,
    at: Floats,
    ground_m: Floats,
    clutter_m: Floats,
) -> None:
    """Fill in the places of the receivers of a radial; the last fills the lanes up."""
    apart()
    top, left = -int(frame.north), -int(frame.west)
    for i in range(size):
        k = np.uint32(pixel[first + min(i, count - 1)])
        below = k // np.uint32(frame.width)
        row[i] = F32(I32(below) - top)
        column[i] = F32(I32(k - below * np.uint32(frame.width)) - left)
        at[i] = max(distance[first + min(i, count - 1)], FEWEST)
        ground_m[i], clutter_m[i] = terrain[k], clutter[k]


@kernel(**STAGE)
def _roofs(
    clutter_m: Floats, height_m: float, street_width_m: float, size: int, roof_m: Floats
) -> None:
    """Fill in the heights at which paths end: of terminals, or of the roofs above them."""
    apart()
    streets = street_width_m > 0.0
    for i in range(size):
        roof_m[i] = max(F32(height_m), clutter_m[i]) if streets else F32(height_m)


@kernel(**STAGE)
def _edges(
    at: Floats,
    roof_m: Floats,
    highest_m: Floats,
    column: Floats,
    row: Floats,
    ground_m: Floats,
    count: int,
    to_receiver: Integers,
    to_at: Floats,
    to_column: Floats,
    to_row: Floats,
    to_ground_m: Floats,
    to_roof_m: Floats,
) -> int:
    """List the receivers with higher roofs before them; return how many."""
    apart()
    found = 0
    for i in range(count):
        if highest_m[i] > roof_m[i]:
            to_receiver[found], to_at[found], to_roof_m[found] = i, at[i], highest_m[i]
            to_column[found], to_row[found], to_ground_m[found] = column[i], row[i], ground_m[i]
            found += 1
    whole = (found + LANES - 1) // LANES * LANES
    for n in range(found, whole):
        to_at[n], to_roof_m[n] = to_at[found - 1], to_roof_m[found - 1]
        to_column[n], to_row[n] = to_column[found - 1], to_row[found - 1]
        to_ground_m[n] = to_ground_m[found - 1]
    return found


@kernel(**STAGE)
def _least(receiver: Integers, over_db: Floats, count: int, loss_db: Floats) -> None:
    """Take the way over the higher roofs where it loses less."""
    apart()
    for n in range(count):
        loss_db[receiver[n]] = min(loss_db[receiver[n]], over_db[n])


@kernel(**INLINE)
def losses_db(
    site: Site,
    terrain: Floats,
    clutter: Floats,
    way: Radial,
    count: int,
    own: PathEnds,
    edge: PathEnds,
    work: Work,
) -> None:
    """Fill in the losses of the receivers of a radial whose places are known."""
    air, paths, between = site.climate, work.paths, work.between
    to, ways = own, count
    _roofs(
        own.clutter_m,
        site.receiver_height_m,
        air.street_width_m,
        (count + LANES - 1) // LANES * LANES,
        own.roof_m,
    )
    for way_over in range(2):  # over the own roof, then over higher ones: compiled once
        size = (ways + LANES - 1) // LANES * LANES
        stages.over(site, terrain, clutter, way, to, size, work)
        if air.street_width_m <= 0.0:
            break
        _down(site, to, size)
        if way_over == 1:
            _least(edge.receiver, edge.loss_db, ways, own.loss_db)
            break
        own_path.highest_before(
            clutter,
            site.frame,
            own.column,
            own.row,
            paths.step,
            paths.steps,
            paths.back_column,
            paths.back_row,
            air.edge_m / site.pixel_m,
            size,
            between.corner,
            between.nearest,
            between.x,
            between.y,
            work.raised_m,
        )
        ways = _edges(
            own.at,
            own.roof_m,
            work.raised_m,
            own.column,
            own.row,
            own.ground_m,
            count,
            edge.receiver,
            edge.at,
            edge.column,
            edge.row,
            edge.ground_m,
            edge.roof_m,
        )
        if ways == 0:
            break
        to = edge


@kernel(**INLINE)
def _down(site: Site, to: PathEnds, size: int) -> None:
    """Add the losses from the roofs down to both terminals."""
    combination.add_terminal_db(
        to.roof_m,
        site.receiver_height_m,
        site.climate.street_width_m,
        site.setup.frequency_ghz,
        site.terminal_db,
        size,
        to.loss_db,
    )
