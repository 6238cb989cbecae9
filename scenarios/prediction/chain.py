"""The networks of a scenario's sites: what each serves, and at which levels."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.special import ndtri

from phusong import columns as col
from phusong.coverage import antenna, link_budget, signal_quality
from phusong.coverage.area import cells, network, sample, service
from phusong.coverage.models import REGISTRY
from phusong.geodata.grid import Grid
from phusong.geodata.network import antenna_files
from phusong.geodata.province import Province
from phusong.messages import Message
from phusong.scenarios.config.layers import Layer
from phusong.scenarios.config.sections import INDOOR, Scenario, ServedLevel, Service
from phusong.scenarios.prediction import area, network_arrays, technology
from phusong.scenarios.prediction.area import Bar, CarrierNetwork, Method, SampledPlaces
from phusong.scenarios.prediction.network_arrays import SiteArrays, grid_azimuths_deg
from phusong.scenarios.prediction.speeds import Speeds, UserRates
from phusong.scenarios.propagation import model_settings

MOST = 1.0 - 1e-6  # of a share, so that it has a level
# What stations would serve beyond is left out of their choice: docs/method.md.
CHOICE_M = {"indoor": 8_000.0}
CHOICE_FAR_M = 20_000.0  # outdoors stations on hills serve far


def method(scenario: Scenario) -> Method:
    """Return how a scenario predicts."""
    stated = scenario.propagation
    read = REGISTRY[stated.model].parameters
    given = {each.name: getattr(stated, each.name) for each in read if hasattr(stated, each.name)}
    height_m = scenario.service.receiver_height_m
    heights_m = {str(kind): value_m for kind, value_m in stated.clutter_m.items()}
    return Method(stated.model, given, stated.calibration, height_m, heights_m, stated.pattern_fill)


def carrier_network(
    province: Province, sites: GeoDataFrame, layer: Layer, scenario: Scenario
) -> CarrierNetwork:
    """Return the network of some sites on one carrier."""
    chosen, grid = method(scenario), province.grid
    arrays = masts_and_cells(sites, layer, grid)
    over = _ground(province, chosen)
    return area.carrier_network(over, grid, chosen, arrays, layer.frequency_mhz, layer.radius_m)


class _Ground(NamedTuple):
    """A surface, and what it was made of."""

    rasters: tuple[NDArray[Any], ...]
    grid: Grid
    heights_m: dict[str, float]
    calibration: object
    surface: cells.Surface


_grounds: deque[_Ground] = deque(maxlen=1)  # of the province that is at work


def _ground(province: Province, chosen: Method) -> cells.Surface:
    """Return the ground of a province, the same as before where nothing of it is another."""
    layers = (province.terrain, province.landcover, province.commune_index)
    rasters = tuple(raster.values for raster in layers)
    for last in tuple(_grounds):
        if (
            all(one is other for one, other in zip(last.rasters, rasters, strict=True))
            and last.heights_m == chosen.heights_m
            and last.calibration is chosen.calibration
            and last.grid == province.grid
        ):
            return last.surface
    surface = area.ground(province, chosen)
    _grounds.append(_Ground(rasters, province.grid, chosen.heights_m, chosen.calibration, surface))
    return surface


def masts_and_cells(sites: GeoDataFrame, layer: Layer, grid: Grid) -> SiteArrays:
    """Return one mast per site and one cell per sector; no azimuths means all round."""
    azimuths = [_azimuths(text) for text in sites[col.AZIMUTHS_DEG]]
    column, row = grid.fractional(sites.geometry.x.to_numpy(), sites.geometry.y.to_numpy())
    height_m = sites[col.HEIGHT_M].to_numpy(float)
    masts = cells.Masts(column, row, height_m, np.full(len(sites), layer.frequency_mhz))
    mast = np.repeat(np.arange(len(sites)), [len(each) for each in azimuths])
    true_deg = np.array([azimuth for sectors in azimuths for azimuth in sectors], float)
    pattern, tilt_deg = _pattern(layer)
    return masts, cells.cells(
        mast,
        grid_azimuths_deg(true_deg, sites.iloc[mast], grid),
        layer.eirp_per_re_dbm,
        _downtilt_deg(sites, layer)[mast] - tilt_deg,
        pattern,
        layer.ports,
    )


def _pattern(layer: Layer) -> tuple[antenna.Pattern, float]:
    """Return the antenna of a layer, and the downtilt that its pattern already holds."""
    name, files = layer.antenna, {}
    if name.lower().endswith(antenna_files.SUFFIXES):
        files = {name: antenna_files.read(Path(name))}
    widths_deg = (layer.horizontal_beamwidth_deg, layer.vertical_beamwidth_deg)
    found = network_arrays.pattern(name, files, lambda: antenna.sector(*widths_deg))
    return found, network_arrays.tilt_in_pattern_deg(name, files)


def _downtilt_deg(sites: GeoDataFrame, layer: Layer) -> NDArray[np.float64]:
    """Return the downtilt of every station: its own, else that of the carrier."""
    usual_deg = np.full(len(sites), layer.downtilt_deg)
    if col.DOWNTILT_DEG not in sites:
        return usual_deg
    own_deg = sites[col.DOWNTILT_DEG].to_numpy(float)
    return np.where(np.isnan(own_deg), usual_deg, own_deg)


def _azimuths(text: str) -> list[float]:
    return [float(part) for part in text.split("/")] if text else [float("nan")]


def sector_counts(sites: GeoDataFrame) -> NDArray[np.int64]:
    """Return the number of cells of every site."""
    return np.array([len(_azimuths(text)) for text in sites[col.AZIMUTHS_DEG]], np.int64)


def required_dbm(service: Service) -> float:
    """Return the mean outdoor level at which the service holds with the stated probability."""
    return float(level_of(service).level_dbm(service.probability))


def level_of(wanted: Service) -> service.ServiceLevel:
    """Return the mean outdoor level that serves at median losses, and the spread of losses.

    Entry losses are spread as those of P.2109 where the handset is indoors, and normally in a
    vehicle (TR 38.901 section 7.4.3.2).
    """
    needed_dbm = wanted.threshold_dbm + wanted.median_entry_loss_db
    return service.ServiceLevel(needed_dbm, wanted.shadowing_sigma_db, wanted.entry_spread)


def share_at(
    scenario: Scenario, level: ServedLevel, level_dbm: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return the share that is served at mean levels outdoors, as a tier counts it.

    ``outdoor`` is 1 where the level reaches the threshold outdoors, ``indoor`` the probability of
    service, ``indoor_90`` 1 where that is what the scenario asks for.
    """
    service_ = scenario.service
    if level == "outdoor":
        return (level_dbm >= service_.outdoor_threshold_dbm).astype(np.float32)
    share = level_of(service_).probability(level_dbm)
    return share if level == INDOOR else (share >= service_.probability).astype(np.float32)


def mbps_where_served(share: NDArray[np.float32], scenario: Scenario) -> NDArray[np.float64]:
    """Return the download speed outdoors where the service has these probabilities [Mbit/s].

    From the level alone: interference of a network not yet chosen is not known.
    """
    wanted, layer, is_served = level_of(scenario.service), scenario.layer_5g, share > 0.0
    margin_db = wanted.spread_db * ndtri(np.clip(share[is_served], 1e-6, MOST))
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    speed = np.zeros(share.size)
    speed[is_served] = technology.downlink(layer).mbps(wanted.median_dbm + margin_db - noise_dbm)
    return speed


def served(
    province: Province,
    sites: GeoDataFrame,
    layers: Sequence[Layer],
    scenario: Scenario,
    over: sample.Sample,
    already: NDArray[np.float32],
    progress: Bar,
    *,
    outdoors: bool = False,
) -> sample.Served:
    """Return the cells of a sample that each site's 5G would serve better than they are already.

    Of several layers the strongest counts at every pixel. Sites are followed to ``CHOICE_M`` or
    ``CHOICE_FAR_M`` at most: farther out others of a plan serve. With ``outdoors`` a place is
    served where the mean level reaches the threshold outdoors.
    """
    wanted, nets = level_of(scenario.service), []
    farthest_m = CHOICE_M.get(scenario.service.location, CHOICE_FAR_M)
    if outdoors:
        wanted = service.ServiceLevel(scenario.service.outdoor_threshold_dbm, 0.0)
        farthest_m = CHOICE_FAR_M
    for layer in layers:
        near = layer.model_copy(update={"radius_m": min(layer.radius_m, farthest_m)})
        net = carrier_network(province, sites, near, scenario)
        nets.append(net.within(layer.eirp_per_re_dbm - wanted.min_dbm))
    return area.served(area.together(nets), SampledPlaces(over, already), wanted, progress)


def footprints(
    province: Province,
    sites: GeoDataFrame,
    layers: Sequence[Layer],
    scenario: Scenario,
    progress: Bar,
    below_db: float = 0.0,
    *,
    tried: bool = False,
) -> network.Footprints:
    """Return the pixels that each site's 5G serves with a probability that counts.

    With ``below_db``, those too that it would serve if all levels were so much higher. Of several
    layers the strongest counts at every pixel. Sites that are only ``tried`` go past the cache.
    """
    level_dbm = level_of(scenario.service).min_dbm - below_db
    nets = [carrier_network(province, sites, layer, scenario) for layer in layers]
    joined = area.together(nets)
    if tried:
        return area.footprints_once(joined, level_dbm)
    return area.footprints(joined, level_dbm, progress)


def best_server(
    province: Province,
    sites: GeoDataFrame,
    layer: Layer,
    scenario: Scenario,
    progress: Bar,
    ranks: int = 0,
) -> network.Layers:
    """Return the network's layers over the province, with so many strongest masts one by one."""
    level_dbm = scenario.service.outdoor_threshold_dbm
    net = carrier_network(province, sites, layer, scenario)
    return area.best_server(net, level_dbm, progress, ranks)


def best_server_and_speeds(
    province: Province,
    sites: GeoDataFrame,
    layer: Layer,
    scenario: Scenario,
    progress: Bar,
    rates: UserRates,
) -> tuple[network.Layers, Speeds]:
    """Return the network's layers over the province, and what one user has of it."""
    level_dbm = scenario.service.outdoor_threshold_dbm
    net = carrier_network(province, sites, layer, scenario)
    return area.best_server_and_speeds(net, level_dbm, progress, rates)


def warnings(scenario: Scenario, layer: Layer, sites: GeoDataFrame) -> list[Message]:
    """Return the published limits of the model that a layer's sites do not keep."""
    radiators = [(layer.frequency_mhz, float(height_m)) for height_m in sites[col.HEIGHT_M]]
    height_m, propagation = scenario.service.receiver_height_m, scenario.propagation
    limits = (layer.radius_m, height_m, propagation.calibration)
    return model_settings.warnings(propagation.model, radiators, *limits)


def data_sinr_db(layers: network.Layers, layer: Layer) -> NDArray[np.float32]:
    """Return the SINR of data under the layer's traffic load."""
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    return signal_quality.data_sinr_db(
        layers.rsrp_dbm, layers.total_mw, noise_dbm, layer.load, layer.ports
    )


def ss_sinr_db(layers: network.Layers, layer: Layer) -> NDArray[np.float32]:
    """Return SS-SINR: of the SSB, which all cells send at once."""
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    return signal_quality.reference_sinr_db(
        layers.rsrp_dbm, layers.total_mw, noise_dbm, layer.ports, new_radio=True
    )


def ss_rsrq_db(layers: network.Layers, layer: Layer) -> NDArray[np.float32]:
    """Return SS-RSRQ of the SSB."""
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    rssi_dbm = signal_quality.rssi_dbm(layers.total_mw, noise_dbm, 1, layer.ports, new_radio=True)
    return signal_quality.rsrq_db(layers.rsrp_dbm, rssi_dbm, 1)
