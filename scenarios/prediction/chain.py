"""From a province and a scenario to the arrays that coverage works on, and back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import antenna, capacity, link_budget
from phusong.coverage.area import blocks, cells, network
from phusong.coverage.models import REGISTRY
from phusong.geodata.grid import PIXEL_M, Grid
from phusong.geodata.province import LandCover, Province, clutter_heights_m
from phusong.scenarios.config.sections import Layer, Scenario, Service
from phusong.scenarios.prediction import cache
from phusong.scenarios.propagation import calibrated, model_settings

Bar = Callable[[int], None]
BUILT_UP = (LandCover.URBAN, LandCover.INDUSTRIAL)


def surface(province: Province) -> cells.Surface:
    """Return terrain, environment (urban in built-up land) and the province's pixels."""
    built_up = np.isin(province.landcover.values, BUILT_UP)
    return cells.Surface(
        terrain_m=np.ascontiguousarray(province.terrain.values, np.float32),
        environment=np.where(built_up, cells.URBAN, cells.RURAL).astype(np.uint8),
        receivers=np.ascontiguousarray(province.commune_index.values >= 0),
        pixel_m=province.grid.pixel_m,
        clutter_m=clutter_heights_m(province.landcover.values),
    )


def _ground(province: Province, scenario: Scenario) -> cells.Surface:
    """Return the surface with what the scenario's calibration adds to the loss of its pixels."""
    found, ground = scenario.propagation.calibration, surface(province)
    return found.surface(ground, province.landcover.values) if found else ground


def _plant(
    sites: GeoDataFrame, layer: Layer, grid: Grid, scenario: Scenario
) -> tuple[cells.Masts, cells.Cells]:
    """Return masts and cells with the patterns as the scenario's calibration found them."""
    found = scenario.propagation.calibration
    masts, radiating = masts_and_cells(sites, layer, grid)
    return masts, found.cells(radiating) if found else radiating


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
    margin_db = link_budget.shadowing_margin_db(service.shadowing_sigma_db, service.probability)
    return float(level_of(service).median_dbm + margin_db)


def level_of(service: Service) -> blocks.ServiceLevel:
    """Return the mean outdoor level that serves half of the places, and their spread."""
    entry_db = service.entry_loss_db if service.location == "indoor" else 0.0
    return blocks.ServiceLevel(service.threshold_dbm + entry_db, service.shadowing_sigma_db)


def served(
    province: Province,
    sites: GeoDataFrame,
    layer: Layer,
    scenario: Scenario,
    over: blocks.Blocks,
    bar: Bar,
) -> blocks.Served:
    """Return the share of every block of demand that each site's 5G would serve."""
    masts, sectors = _plant(sites, layer, province.grid, scenario)
    service, ground = level_of(scenario.service), _ground(province, scenario)
    allowed_db = layer.eirp_per_re_dbm - service.min_dbm
    if ground.offset_db is not None:
        allowed_db -= float(ground.offset_db.min())
    whole = _reach(scenario, layer, layer.radius_m)
    reach = replace(whole, radius_m=max(whole.model.farthest_m(masts, whole, allowed_db), PIXEL_M))

    def made() -> cache.Arrays:
        kept = cache.Windows()
        return blocks.served(ground, masts, sectors, reach, over, service, bar, kept)._asdict()

    inputs = ("served", ground, masts, sectors, reach, over, tuple(service))
    return blocks.Served(**_kept(inputs, made, bar, len(masts)))


def footprints(
    province: Province,
    sites: GeoDataFrame,
    layer: Layer,
    scenario: Scenario,
    bar: Bar,
    below_db: float = 0.0,
) -> network.Footprints:
    """Return the pixels that each site's 5G serves with a probability that counts.

    With ``below_db``, those too that it would serve if all levels were so much higher.
    """
    masts, sectors = _plant(sites, layer, province.grid, scenario)
    level_dbm = level_of(scenario.service).min_dbm - below_db
    ground, reach = _ground(province, scenario), _reach(scenario, layer, layer.radius_m)

    def made() -> cache.Arrays:
        kept = cache.Windows()
        return vars(network.footprints(ground, masts, sectors, reach, level_dbm, bar, kept))

    inputs = ("footprints", ground, masts, sectors, reach, level_dbm)
    return network.Footprints(**_kept(inputs, made, bar, len(masts)))


def _kept(
    inputs: tuple[object, ...], make: Callable[[], cache.Arrays], bar: Bar, masts: int
) -> dict[str, Any]:
    def made() -> cache.Arrays:
        arrays = make()
        cache.Windows.make_room()  # only what is made fills the folder
        return arrays

    arrays = cache.kept(inputs, made)
    bar(masts)
    return arrays


def warnings(scenario: Scenario, layer: Layer, sites: GeoDataFrame) -> list[dict[str, str]]:
    """Return the published limits of the model that a layer's sites do not keep."""
    radiators = [(layer.frequency_mhz, float(height_m)) for height_m in sites[col.HEIGHT_M]]
    height_m, told = scenario.service.receiver_height_m, scenario.propagation
    found = model_settings.warnings(told.model, radiators, layer.radius_m, height_m)
    return found + calibrated.warnings(told.calibration, [layer.frequency_mhz])


def _reach(scenario: Scenario, layer: Layer, radius_m: float) -> cells.Reach:
    height_m, told = scenario.service.receiver_height_m, scenario.propagation
    read = REGISTRY[told.model].parameters
    given = {each.name: getattr(told, each.name) for each in read if hasattr(told, each.name)}
    loss = model_settings.area_loss(told.model, given, layer.frequency_mhz, told.calibration)
    return cells.Reach(radius_m, height_m, model=loss)


def best_server(
    province: Province, sites: GeoDataFrame, layer: Layer, scenario: Scenario, bar: Bar
) -> network.Layers:
    """Return the network's layers over the province."""
    masts, sectors = _plant(sites, layer, province.grid, scenario)
    reach = _reach(scenario, layer, layer.radius_m)
    ground, level_dbm = _ground(province, scenario), scenario.service.outdoor_threshold_dbm

    def made() -> cache.Arrays:
        kept = cache.Windows()
        return vars(network.best_server(ground, masts, sectors, reach, level_dbm, bar, kept))

    inputs = ("best server", ground, masts, sectors, reach, level_dbm)
    return network.Layers(**_kept(inputs, made, bar, len(masts)))


def sinr_db(layers: network.Layers, layer: Layer) -> NDArray[np.float32]:
    """Return SINR under the layer's load."""
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    return capacity.sinr_db(layers.rsrp_dbm, layers.total_mw, noise_dbm, layer.load)
