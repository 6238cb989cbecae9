"""The stages of a radial one after another: from the places of its receivers to their losses."""

from phusong.coverage.kernel import INLINE, kernel
from phusong.coverage.p1812 import (
    climate,
    combination,
    delta_bullington,
    ducting,
    horizons,
    line,
    own_path,
    sight,
)
from phusong.coverage.p1812.line import LANES, Floats, Radial
from phusong.coverage.p1812.loss import BETA_RADIUS_KM
from phusong.coverage.p1812.own_path import Obstructions, Rays
from phusong.coverage.p1812.workspace import PathEnds, Site, Work


@kernel(**INLINE)
def over(
    site: Site, terrain: Floats, clutter: Floats, way: Radial, to: PathEnds, size: int, work: Work
) -> None:
    """Fill in the losses of some receivers of a radial, at their heights above ground."""
    setup, antenna_m, falls_m = site.setup, site.antenna_m, site.falls_m
    pixel_km, sinks = 0.001 * site.pixel_m, falls_m[0] - falls_m[1]
    scale = 2.0 / (setup.wavelength_m * site.pixel_m)
    paths, near, beta, mast_m = work.paths, work.near, work.beta, (site.ground_m, antenna_m)
    end_m, slope, last, bare = paths.end_m, paths.slope, paths.last, paths.last_bare
    own_path.rays(
        to.column,
        to.row,
        to.at,
        to.ground_m,
        to.roof_m,
        site.frame,
        antenna_m,
        falls_m[0],
        size,
        end_m,
        slope,
        paths.step,
        paths.steps,
        paths.back_column,
        paths.back_row,
        last,
        bare,
    )
    own_path.look_back(
        terrain,
        clutter,
        site.frame,
        to.column,
        to.row,
        to.at,
        end_m,
        slope,
        paths.step,
        paths.steps,
        paths.back_column,
        paths.back_row,
        antenna_m,
        falls_m,
        site.limit,
        size,
        work.between.corner,
        work.between.nearest,
        work.between.x,
        work.between.y,
        work.flat_m,
        work.raised_m,
        near.rise,
        near.back,
        near.closest,
        beta.rise,
        beta.back,
        beta.closest,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
        work.nearest_bare,
        work.nearest_at,
    )
    _bullington_db(site, to.at, paths, way.obstacle, near, scale, 0.0, size, work.median_db)
    if not site.median:
        _bullington_db(site, to.at, paths, way.beta, beta, scale, sinks, size, work.beta_db)
    else:
        for i in range(size):
            work.beta_db[i] = work.median_db[i]
    horizons.bare_horizons(
        to.at,
        end_m,
        slope,
        last,
        size,
        way.bare.level_m,
        way.bare.horizon,
        way.horizon_at,
        way.bare.parent,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
    )
    delta_bullington.fitted(
        to.at,
        to.ground_m,
        bare,
        way.flat_m,
        way.area,
        way.moment,
        size,
        work.tx_surface_m,
        work.rx_surface_m,
    )
    delta_bullington.heights(
        to.at,
        to.ground_m,
        to.roof_m,
        work.tx_surface_m,
        work.rx_surface_m,
        mast_m,
        setup.radius_km,
        setup.wavelength_m,
        pixel_km,
        size,
        work.tx_height_m,
        work.rx_height_m,
        work.margin_m,
    )
    delta_bullington.add_excess(
        to.at,
        end_m,
        to.ground_m,
        to.roof_m,
        work.margin_m,
        work.tx_surface_m,
        work.rx_surface_m,
        work.rx_slope,
        work.rx_steps,
        bare,
        mast_m,
        falls_m[0],
        (setup.radius_km, 0.0 if site.median else BETA_RADIUS_KM),
        setup.earth,
        pixel_km,
        size,
        way.flat_m,
        way.bare.parent,
        way.flat_slope,
        work.median_db,
        work.beta_db,
    )
    climate.read(
        to.at,
        site.knots.time_factor,
        site.knots.focusing_log,
        site.knots.least_db,
        size,
        work.time_factor,
        work.focusing_log,
        work.least_db,
    )
    sight.sight_db(
        to.at,
        end_m,
        work.tx_steps,
        work.rx_steps,
        work.focusing_log,
        setup,
        antenna_m,
        falls_m[0],
        pixel_km,
        size,
        work.free_db,
        work.sight_db,
        work.sight_beta_db,
    )
    sight.angles(
        to.at,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
        work.least_db,
        setup,
        falls_m[0],
        pixel_km,
        size,
        work.tx_mrad,
        work.rx_mrad,
        work.floor_db,
    )
    combination.through_time_db(
        work.median_db, work.beta_db, work.time_factor, size, work.through_time_db
    )
    _ducting_db(site, way, to, size, work)
    combination.combined_db(
        to.at,
        work.tx_mrad,
        work.rx_mrad,
        work.free_db,
        work.sight_db,
        work.sight_beta_db,
        work.median_db,
        work.through_time_db,
        work.ducting_db,
        work.time_factor,
        setup,
        site.climate.lloc_db,
        pixel_km,
        size,
        to.loss_db,
    )


@kernel(**INLINE)
def _bullington_db(
    site: Site,
    at: Floats,
    paths: Rays,
    chain: line.Chain,
    near: Obstructions,
    scale: float,
    sinks: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Fill in Bullington's losses over terrain and clutter, for one Earth radius."""
    horizons.obstacles(
        at,
        paths.end_m,
        paths.slope,
        paths.last,
        site.antenna_m,
        sinks,
        size,
        chain.level_m,
        chain.horizon,
        chain.skyline,
        chain.parent,
        chain.ridge_m,
        near.rise,
        near.back,
        near.closest,
    )
    delta_bullington.bullington_db(
        at,
        paths.end_m,
        paths.slope,
        near.rise,
        near.back,
        near.closest,
        site.antenna_m,
        sinks,
        scale,
        0.001 * site.pixel_m,
        size,
        loss_db,
    )


@kernel(**INLINE)
def _ducting_db(site: Site, way: Radial, to: PathEnds, size: int, work: Work) -> None:
    """Fill in the losses by ducting where they may matter."""
    ducts, paths = work.ducts, work.paths
    count = ducting.listed(work.floor_db, work.sight_db, work.through_time_db, size, ducts.receiver)
    ducting.gather(
        ducts.receiver,
        count,
        to.at,
        paths.end_m,
        paths.slope,
        work.tx_steps,
        work.rx_steps,
        work.tx_mrad,
        work.rx_mrad,
        work.tx_height_m,
        work.rx_height_m,
        work.nearest_bare,
        work.nearest_at,
        paths.last,
        paths.last_bare,
        site.antenna_m,
        site.falls_m[0],
        site.limit,
        way.flat_m,
        way.bare.level_m,
        way.bare.ridge_m,
        way.bare.skyline,
        way.bare.parent,
        site.knots.incidence_log,
        site.knots.exponent,
        site.knots.decay,
        ducts.at,
        ducts.tx_steps,
        ducts.rx_steps,
        ducts.tx_mrad,
        ducts.rx_mrad,
        ducts.tx_height_m,
        ducts.rx_height_m,
        ducts.roughness_m,
        ducts.incidence_log,
        ducts.exponent,
        ducts.decay,
    )
    ducting.ducting_db(
        ducts.at,
        ducts.tx_steps,
        ducts.rx_steps,
        ducts.tx_mrad,
        ducts.rx_mrad,
        ducts.tx_height_m,
        ducts.rx_height_m,
        ducts.roughness_m,
        ducts.incidence_log,
        ducts.exponent,
        ducts.decay,
        site.setup,
        0.001 * site.pixel_m,
        (count + LANES - 1) // LANES * LANES,
        ducts.loss_db,
    )
    ducting.scatter(ducts.receiver, ducts.loss_db, count, size, work.ducting_db)
