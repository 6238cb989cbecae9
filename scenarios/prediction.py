"""From a province and a scenario to the arrays that coverage works on, and back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import antenna, base_loss, capacity, cells, link_budget, network
from phusong.geodata.grid import Grid
from phusong.geodata.landcover import LandCover
from phusong.geodata.province import Province
from phusong.scenarios import cache
from phusong.scenarios.schema import Layer, Service

Bar = Callable[[int], None]
BUILT_UP = (LandCover.URBAN, LandCover.INDUSTRIAL)
MAX_SPECTRAL_EFFICIENCY = 7.4  # bit/s/Hz and stream: 256QAM at rate 0.93, TS 38.214 table 5.1.3.1-2


def surface(province: Province) -> cells.Surface:
    """Return terrain, environment (urban in built-up land) and the province's pixels."""
    built_up = np.isin(province.landcover.values, BUILT_UP)
    return cells.Surface(
        terrain_m=np.ascontiguousarray(province.terrain.values, np.float32),
        environment=np.where(built_up, base_loss.URBAN, base_loss.RURAL).astype(np.uint8),
        receivers=np.ascontiguousarray(province.commune_index.values >= 0),
        pixel_m=province.grid.pixel_m,
    )


def masts_and_cells(
    sites: GeoDataFrame, layer: Layer, grid: Grid
) -> tuple[cells.Masts, cells.Cells]:
    """Return one mast per site and one cell per sector; no azimuths means all round."""
    azimuths = [_azimuths(text) for text in sites[col.AZIMUTHS_DEG]]
    column, row = grid.fractional(sites.geometry.x.to_numpy(), sites.geometry.y.to_numpy())
    height_m = sites[col.HEIGHT_M].to_numpy(float)
    masts = cells.Masts(column, row, height_m, np.full(len(sites), layer.frequency_mhz))
    return masts, cells.cells(
        np.repeat(np.arange(len(sites)), [len(a) for a in azimuths]),
        np.array([azimuth for sectors in azimuths for azimuth in sectors], float),
        layer.eirp_per_re_dbm,
        layer.downtilt_deg,
        antenna.sector(layer.horizontal_beamwidth_deg, layer.vertical_beamwidth_deg),
    )


def _azimuths(text: str) -> list[float]:
    return [float(part) for part in text.split("/")] if text else [float("nan")]


def required_dbm(service: Service) -> float:
    """Return the mean outdoor level at which the service holds with the stated probability."""
    entry_db = service.entry_loss_db if service.location == "indoor" else 0.0
    margin_db = link_budget.shadowing_margin_db(service.shadowing_sigma_db, service.probability)
    return float(service.threshold_dbm + entry_db + margin_db)


def footprints(
    province: Province,
    sites: GeoDataFrame,
    layer: Layer,
    service: Service,
    level_dbm: float,
    bar: Bar,
) -> network.Footprints:
    """Return the pixels that each site reaches at the level or better."""
    masts, sectors = masts_and_cells(sites, layer, province.grid)
    radius_m = _reach_m(masts, layer, service.receiver_height_m, level_dbm)
    reach = cells.Reach(max(radius_m, province.grid.pixel_m), service.receiver_height_m)
    ground = surface(province)

    def made() -> cache.Arrays:
        return vars(network.footprints(ground, masts, sectors, reach, level_dbm, bar))

    inputs = ("footprints", ground, masts, sectors, reach, level_dbm)
    return network.Footprints(**_kept(inputs, made, bar, len(masts)))


def _kept(
    inputs: tuple[object, ...], make: Callable[[], cache.Arrays], bar: Bar, masts: int
) -> dict[str, Any]:
    arrays = cache.kept(inputs, make)
    bar(masts)
    return arrays


def _reach_m(masts: cells.Masts, layer: Layer, receiver_height_m: float, level_dbm: float) -> float:
    """Return how far the level can be reached at all, at most the layer's radius."""
    tables, _ = base_loss.expected_tables_db(
        masts.antenna_height_m, masts.frequency_mhz, receiver_height_m, layer.radius_m
    )
    return base_loss.farthest_m(tables, layer.radius_m, layer.eirp_per_re_dbm - level_dbm)


def best_server(
    province: Province, sites: GeoDataFrame, layer: Layer, service: Service, bar: Bar
) -> network.Layers:
    """Return the network's layers over the province."""
    masts, sectors = masts_and_cells(sites, layer, province.grid)
    reach = cells.Reach(layer.radius_m, service.receiver_height_m)
    ground, level_dbm = surface(province), service.outdoor_threshold_dbm

    def made() -> cache.Arrays:
        return vars(network.best_server(ground, masts, sectors, reach, level_dbm, bar))

    inputs = ("best server", ground, masts, sectors, reach, level_dbm)
    return network.Layers(**_kept(inputs, made, bar, len(masts)))


def sinr_db(layers: network.Layers, layer: Layer) -> NDArray[np.float32]:
    """Return SINR under the layer's load."""
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    return capacity.sinr_db(layers.rsrp_dbm, layers.total_mw, noise_dbm, layer.load)


def throughput_mbps(sinr: NDArray[np.float32], layer: Layer) -> NDArray[np.float32]:
    """Return the downlink throughput of one user who has the whole carrier."""
    return capacity.throughput_mbps(
        sinr, layer.bandwidth_mhz, layer.downlink_share, layer.streams, MAX_SPECTRAL_EFFICIENCY
    )
