"""Coverage of a list of cells: levels, quality and speed per technology and operator.

A carrier is what interferes with itself: the cells of one operator, technology, frequency,
bandwidth and subcarrier spacing. Operators hold spectrum of their own and do not interfere.
Where an operator has several carriers, a pixel is served by the strongest, and its speeds are
those of the fastest (no carrier aggregation); the union of operators is taken alike.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import capacity, entry_loss, link_budget, p2109, signal_quality
from phusong.coverage.area import network
from phusong.coverage.area.service import ServiceLevel
from phusong.coverage.shadowing import RANKS, Shadowing
from phusong.coverage.units import dbm_from_watt, watt_from_dbm
from phusong.geodata.network.antenna_files import AntennaFile
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.progress import Progress, counting_on, silent
from phusong.scenarios.prediction import area, network_arrays
from phusong.scenarios.prediction.area import Method
from phusong.scenarios.prediction.speeds import Downlink, Speeds, Uplink, UserRates
from phusong.scenarios.prediction.technology import TECHNOLOGIES, time_shares
from phusong.scenarios.propagation.options import BUILDINGS, PredictionOptions

ALL = "all"  # the union of the operators
NO_CELL = network.NO_SERVER
EXPOSURE_SHARE_TDD = 0.1875  # 0.75 of the time at 0.25 of full power: reference/rf_defaults.csv

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Maps:
    """What one network gives at every pixel; NaN (levels -inf, servers 0) where it does not reach.

    ``server`` is the row of the serving cell in the list, -1 where there is none.

    Parameters
    ----------
    rsrp_dbm
        Level outdoors [dBm].
    indoor_dbm
        Level indoors, median entry loss [dBm].
    server
        Row of the serving cell.
    servers
        Cells at or above the threshold.
    rssi_dbm
        Over the carrier, as ``signal_quality`` has it [dBm].
    rsrq_db
        RSRQ (4G) or SS-RSRQ (5G) [dB].
    reference_sinr_db
        RS-SINR at the reference load (4G) or SS-SINR (5G) [dB].
    sinr_db
        Of data, under the traffic load, at mean levels [dB].
    low_sinr_db
        The same that nine places in ten have, over the shadowing [dB].
    downlink_mbps
        Of one user, mean over the shadowing [Mbit/s].
    uplink_mbps
        The same [Mbit/s].
    fast_share
        Share of places with a download of 30 Mbit/s.
    vehicle_share
        Share of places served in a vehicle.
    indoor_share
        Share of places served in buildings.
    sigma_db
        Deviation of places, smaller near measured ones [dB].
    """

    rsrp_dbm: Floats
    indoor_dbm: Floats
    server: NDArray[np.int32]
    servers: NDArray[np.uint8]
    rssi_dbm: Floats
    rsrq_db: Floats
    reference_sinr_db: Floats
    sinr_db: Floats
    low_sinr_db: Floats
    downlink_mbps: Floats
    uplink_mbps: Floats
    fast_share: Floats
    vehicle_share: Floats
    indoor_share: Floats
    sigma_db: Floats

    @property
    def speeds(self) -> Speeds:
        """Return SINR and speeds over the shadowing."""
        return Speeds(self.downlink_mbps, self.uplink_mbps, self.fast_share, self.low_sinr_db)

    def probability(self, options: PredictionOptions) -> Floats:
        """Return the share of places in a pixel where RSRP reaches the threshold."""
        share = link_budget.service_probability(self.rsrp_dbm, options.threshold_dbm, self.sigma_db)
        return np.asarray(share, np.float32)


def completed(listed: GeoDataFrame) -> GeoDataFrame:
    """Return the cells with row, EIRP per resource element, power, and exposure distance.

    Parameters
    ----------
    listed
        Cells, as a list gives them.

    Returns
    -------
    GeoDataFrame
        With ``columns.CELLS``.
    """
    result = listed.copy()
    result[col.CELL] = np.arange(len(result))
    per_re, power, distance = zip(*(_radiated(cell) for cell in result.itertuples()), strict=True)
    result[col.EIRP_PER_RE_DBM], result[col.POWER_DBM] = per_re, power
    result[col.EXPOSURE_DISTANCE_M] = distance
    return result[[*col.CELLS, "geometry"]]


def _radiated(cell: Any) -> tuple[float, float, float]:  # noqa: ANN401 - a row of any frame
    """Return EIRP per resource element, power and exposure distance of a cell.

    A given EIRP per resource element decides; the power is then what it takes.
    """
    count = _subcarriers(cell.technology, cell.bandwidth_mhz, cell.subcarrier_khz)
    ports, gain, feeder = int(cell.ports), cell.antenna_gain_dbi, cell.feeder_loss_db
    per_re = float(cell.eirp_per_re_dbm)
    if np.isnan(per_re):
        power_w = float(watt_from_dbm(cell.power_dbm))
        per_re = link_budget.eirp_per_re_dbm(power_w, gain, count, feeder, ports)
    eirp_w = float(watt_from_dbm(per_re)) * count * ports
    beams = cell.technology == "5G" and cell.duplex == "TDD"
    share = EXPOSURE_SHARE_TDD if beams else 1.0
    power_dbm = float(dbm_from_watt(eirp_w)) - gain + feeder
    return per_re, power_dbm, link_budget.exposure_distance_m(eirp_w, share)


def _subcarriers(technology: str, bandwidth_mhz: float, subcarrier_khz: float) -> int:
    return link_budget.standard_subcarriers(
        bandwidth_mhz, subcarrier_khz, new_radio=technology == "5G"
    )


def method(options: PredictionOptions) -> Method:
    """Return how a list of cells is predicted."""
    stated = (options.model, options.parameters, options.calibration)
    land = (options.heights_m, options.pattern_fill)
    return Method(*stated, options.receiver_height_m, *land)


def parameters(
    province: Province, options: PredictionOptions, frequency_mhz: float
) -> dict[str, Any]:
    """Return every parameter of the model at a frequency, as set or by default."""
    return area.parameters(province.grid, method(options), frequency_mhz)


def networks(
    province: Province,
    listed: GeoDataFrame,
    antennas: Mapping[str, AntennaFile],
    options: PredictionOptions,
    progress: Progress = silent,
) -> Iterator[tuple[str, str, Maps]]:
    """Yield technology, operator and maps: each operator, then the union of all.

    One network is computed at a time, so that memory does not grow with their number.

    Parameters
    ----------
    province
        Ground and receivers.
    listed
        The cells, see ``completed``.
    antennas
        Pattern files by the name that the cells use.
    options
        Model and assumptions.
    progress
        Opens a bar per network, in masts.
    """
    chosen, grid = method(options), province.grid
    over, listed = area.ground(province, chosen), _as_calibrated(listed, options)
    for technology, group in listed.groupby(col.TECHNOLOGY, sort=True):
        union: Maps | None = None
        for operator, own in group.groupby(col.OPERATOR, sort=True):
            carriers = [part for _, part in own.groupby(_CARRIER, sort=True)]
            arrays = [network_arrays.of_cells(part, antennas, grid) for part in carriers]
            title = message("progress.network", technology=technology, operator=operator)
            bar = progress(title, sum(len(masts) for masts, _ in arrays))
            maps, done = None, 0
            for part, held in zip(carriers, arrays, strict=True):
                mhz = float(part[col.FREQUENCY_MHZ].iloc[0])
                net = area.carrier_network(over, grid, chosen, held, mhz, options.radius_m)
                bar_here = counting_on(bar, done)
                layers = area.best_server(net, options.threshold_dbm, bar_here, RANKS)
                done += len(net.masts)
                layers, sigma_db = near_measured(province, part, layers, options)
                maps = joined(maps, _maps(part, layers, options, sigma_db))
            assert maps is not None  # noqa: S101 - a group has a cell
            union = joined(union, maps)
            yield str(technology), str(operator), maps
        assert union is not None  # noqa: S101 - likewise
        yield str(technology), ALL, union


def _as_calibrated(listed: GeoDataFrame, options: PredictionOptions) -> GeoDataFrame:
    """Return the cells with the power that a calibration has found them to radiate."""
    if options.calibration is None:
        return listed
    above_db = options.calibration.eirp_offsets_db(listed[col.CELL_ID])
    return listed.assign(**{col.EIRP_PER_RE_DBM: listed[col.EIRP_PER_RE_DBM] + above_db})


_CARRIER = [col.FREQUENCY_MHZ, col.DUPLEX, col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ]


def near_measured(
    province: Province, part: GeoDataFrame, layers: network.Layers, options: PredictionOptions
) -> tuple[network.Layers, Floats]:
    """Return layers as measured places near by correct the server, and the deviation of places.

    What all cells share of the residuals is in the levels already (``area.ground``); here the
    server's own part is added. Which cell serves does not change.
    """
    tuned = options.calibration
    if tuned is None or tuned.measured is None:
        return layers, np.full(layers.rsrp_dbm.shape, options.sigma_db, np.float32)
    cell = np.append(tuned.measured.rows(part[col.CELL_ID]), -1)[layers.server]
    where = tuned.tuned_on(province.landcover.values) & (layers.server != NO_CELL)
    shared = tuned.measured.on_grid(province.grid, where)
    whole = tuned.measured.on_grid(province.grid, where, cell)
    louder = 10.0 ** ((shared.loss_db - whole.loss_db) / 10.0)
    ports = np.append(part[col.PORTS].to_numpy(np.int64), 1)[layers.server]
    more_mw = ports * 10.0 ** (layers.rsrp_dbm / 10.0) * (louder - 1.0)
    masts_mw = layers.masts_mw.copy()
    masts_mw[..., :1, 0] *= louder[..., None]
    masts_mw[..., :1, 1] += more_mw[..., None]
    moved = replace(
        layers,
        rsrp_dbm=np.asarray(layers.rsrp_dbm + shared.loss_db - whole.loss_db, np.float32),
        total_mw=np.asarray(layers.total_mw + more_mw, np.float32),
        masts_mw=masts_mw,
    )
    return moved, np.asarray(tuned.local_sd_db(options.sigma_db, whole.gained_db2), np.float32)


def _maps(
    part: GeoDataFrame, layers: network.Layers, options: PredictionOptions, sigma_db: Floats
) -> Maps:
    """Return everything that follows from the layers of one carrier."""
    first = part.iloc[0]
    noise_dbm = link_budget.noise_per_re_dbm(
        float(first[col.SUBCARRIER_KHZ]), options.noise_figure_db
    )
    ports = np.append(part[col.PORTS].to_numpy(np.int64), 1)[layers.server]
    rssi_dbm, rsrq_db, reference_sinr_db = _measured(first, layers, ports, options)
    frequency_mhz = float(first[col.FREQUENCY_MHZ])
    entry_db = p2109.entry_loss_db(frequency_mhz, 0.5, BUILDINGS[options.building])
    in_vehicle, indoors = services(options, frequency_mhz)
    found = _speeds(part, layers, options)
    return Maps(
        layers.rsrp_dbm,
        np.asarray(layers.rsrp_dbm - entry_db, np.float32),
        np.append(part[col.CELL].to_numpy(np.int32), np.int32(NO_CELL))[layers.server],
        layers.servers,
        np.where(layers.server != NO_CELL, rssi_dbm, np.float32(np.nan)),
        rsrq_db,
        reference_sinr_db,
        signal_quality.data_sinr_db(
            layers.rsrp_dbm, layers.total_mw, noise_dbm, options.load, ports
        ),
        found.low_sinr_db,
        found.downlink_mbps,
        found.uplink_mbps,
        found.fast_share,
        in_vehicle.local_probability(layers.rsrp_dbm, sigma_db),
        indoors.local_probability(layers.rsrp_dbm, sigma_db),
        sigma_db,
    )


def _speeds(part: GeoDataFrame, layers: network.Layers, options: PredictionOptions) -> Speeds:
    """Return SINR and speeds over the shadowing on one carrier."""
    first = part.iloc[0]
    technology, spacing_khz = TECHNOLOGIES[first[col.TECHNOLOGY]], float(first[col.SUBCARRIER_KHZ])
    count = _subcarriers(first[col.TECHNOLOGY], first[col.BANDWIDTH_MHZ], spacing_khz)
    down, up = time_shares(
        str(first[col.DUPLEX]), technology, options.downlink_share, options.uplink_overhead
    )
    downlink = Downlink(
        *(capacity.re_per_us(count, spacing_khz), down, technology.streams),
        *(technology.highest_efficiency, options.by_table),
    )
    uplink = Uplink(
        handset_power_dbm=options.handset_power_dbm,
        body_loss_db=options.body_loss_db,
        noise_figure_db=options.uplink_noise_figure_db,
        noise_rise_db=options.uplink_noise_rise_db,
        streams=options.uplink_streams,
        subcarriers=count,
        spacing_khz=spacing_khz,
        time_share=up,
        highest_efficiency=options.uplink_highest_efficiency
        or technology.uplink_highest_efficiency,
    )
    every_port_dbm = part[col.EIRP_PER_RE_DBM] + 10.0 * np.log10(part[col.PORTS].astype(float))
    received_db = uplink.received_db(
        part[col.ANTENNA_GAIN_DBI], part[col.FEEDER_LOSS_DB], every_port_dbm
    )
    rates = UserRates(
        link_budget.noise_per_re_dbm(spacing_khz, options.noise_figure_db),
        options.load,
        Shadowing(options.sigma_db, options.shadowing_correlation),
        downlink,
        uplink,
        np.append(received_db, np.float32(np.nan))[layers.server],
    )
    return rates.of(layers)


def _measured(
    cell: Any,  # noqa: ANN401 - a row of any frame
    layers: network.Layers,
    ports: NDArray[np.integer],
    options: PredictionOptions,
) -> tuple[Floats, Floats, Floats]:
    """Return RSSI, RSRQ (or SS-RSRQ) and RS-SINR (or SS-SINR) of a carrier with such a cell."""
    spacing_khz, new_radio = float(cell[col.SUBCARRIER_KHZ]), cell[col.TECHNOLOGY] == "5G"
    noise_dbm = link_budget.noise_per_re_dbm(spacing_khz, options.noise_figure_db)
    count = _subcarriers(cell[col.TECHNOLOGY], cell[col.BANDWIDTH_MHZ], spacing_khz)
    blocks, about = (
        count // link_budget.SUBCARRIERS_PER_BLOCK,
        {"new_radio": new_radio, "load": options.reference_load},
    )
    rssi_dbm = signal_quality.rssi_dbm(layers.total_mw, noise_dbm, blocks, ports, **about)
    return (
        rssi_dbm,
        signal_quality.rsrq_db(layers.rsrp_dbm, rssi_dbm, blocks),
        signal_quality.reference_sinr_db(
            layers.rsrp_dbm, layers.total_mw, noise_dbm, ports, **about
        ),
    )


def services(options: PredictionOptions, frequency_mhz: float) -> tuple[ServiceLevel, ServiceLevel]:
    """Return what the threshold needs outdoors of a handset in a vehicle, and in a building.

    References
    ----------
    3GPP TR 38.901 section 7.4.3.2 (vehicles); Recommendation ITU-R P.2109-1 (buildings).
    """
    kind = BUILDINGS[options.building]
    sigma_db = entry_loss.building_sigma_db(frequency_mhz, kind)
    inside_db = p2109.entry_loss_db(frequency_mhz, 0.5, kind)
    in_car = entry_loss.normal(entry_loss.VEHICLE_SIGMA_DB)
    indoors = entry_loss.building(frequency_mhz, sigma_db, kind)
    needed_dbm, shadowing_db = options.threshold_dbm, options.sigma_db
    return (
        ServiceLevel(needed_dbm + entry_loss.VEHICLE_MEDIAN_DB, shadowing_db, in_car),
        ServiceLevel(needed_dbm + inside_db, shadowing_db, indoors),
    )


def joined(first: Maps | None, second: Maps) -> Maps:
    """Return two networks as one: the stronger serves, the faster counts for speed."""
    if first is None:
        return second
    better = second.rsrp_dbm > first.rsrp_dbm

    def of_server(name: str) -> NDArray[Any]:
        return np.asarray(np.where(better, getattr(second, name), getattr(first, name)))

    overlap = first.servers.astype(np.uint16) + second.servers
    return Maps(
        of_server("rsrp_dbm"),
        np.maximum(first.indoor_dbm, second.indoor_dbm),
        of_server("server"),
        np.minimum(overlap, 255).astype(np.uint8),
        of_server("rssi_dbm"),
        of_server("rsrq_db"),
        of_server("reference_sinr_db"),
        of_server("sinr_db"),
        of_server("low_sinr_db"),
        np.fmax(first.downlink_mbps, second.downlink_mbps),
        np.fmax(first.uplink_mbps, second.uplink_mbps),
        np.fmax(first.fast_share, second.fast_share),
        np.maximum(first.vehicle_share, second.vehicle_share),
        np.maximum(first.indoor_share, second.indoor_share),
        of_server("sigma_db"),
    )
