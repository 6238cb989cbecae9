"""From what a carrier's pixels receive to SINR and speed, over the shadowing of each."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage import capacity, shadowing
from phusong.coverage.area.network import Layers
from phusong.coverage.shadowing import Received, Shadowing

LOW_SHARE = 0.1  # of the places of a pixel, whose SINR is at most the low one

Floats = NDArray[np.float32]


class Downlink(NamedTuple):
    """How SINR of data becomes a download: resource elements, time share, layers, limit."""

    elements_per_us: float
    time_share: float
    streams: int
    highest_efficiency: float
    by_table: bool = False

    def mbps(self, sinr_db: NDArray[np.floating]) -> Floats:
        """Return the download of one user who has the whole carrier [Mbit/s]."""
        return capacity.throughput_mbps(
            sinr_db,
            self.elements_per_us,
            self.time_share,
            self.streams,
            self.highest_efficiency,
            by_table=self.by_table,
        )

    def fast(self, sinr_db: NDArray[np.floating]) -> Floats:
        """Return 1 where the download is that of a fast sample, else 0."""
        return (self.mbps(sinr_db) >= capacity.FAST_MBPS).astype(np.float32)


class Uplink(NamedTuple):
    """The link budget of the handset, and how it becomes an upload.

    Parameters
    ----------
    handset_power_dbm
        Over all its layers [dBm].
    body_loss_db
        Of the user [dB].
    noise_figure_db
        Of the base station [dB].
    noise_rise_db
        From handsets of other cells [dB].
    streams
        Most layers of the handset, which share its power.
    subcarriers
        Of the uplink carrier.
    spacing_khz
        Subcarrier spacing [kHz].
    time_share
        Of the time, less overheads.
    highest_efficiency
        Of one layer [bits per resource element].
    """

    handset_power_dbm: float
    body_loss_db: float
    noise_figure_db: float
    noise_rise_db: float
    streams: int
    subcarriers: int
    spacing_khz: float
    time_share: float
    highest_efficiency: float

    def mbps(self, received_dbm: NDArray[np.floating]) -> Floats:
        """Return the upload where the base station receives the handset's whole power so."""
        return capacity.uplink_throughput_mbps(
            received_dbm,
            self.subcarriers,
            self.spacing_khz,
            self.noise_figure_db,
            self.noise_rise_db,
            self.time_share,
            self.highest_efficiency,
            self.streams,
        )

    def received_db(
        self, gain_dbi: ArrayLike, feeder_loss_db: ArrayLike, eirp_per_re_dbm: ArrayLike
    ) -> Floats:
        """Return what the base station receives of the handset above what the handset does of it.

        The path up is the path down: what is lost between EIRP and level, at the downlink's
        frequency, through the same antenna. ``eirp_per_re_dbm`` is over all ports.
        """
        radiated_dbm = self.handset_power_dbm - self.body_loss_db
        gain_db = np.asarray(gain_dbi, float) - np.asarray(feeder_loss_db, float)
        return np.asarray(gain_db - np.asarray(eirp_per_re_dbm) + radiated_dbm, np.float32)


class Speeds(NamedTuple):
    """Means over the shadowing at every pixel of a grid, NaN where nothing serves.

    Parameters
    ----------
    downlink_mbps
        Mean download [Mbit/s].
    uplink_mbps
        Mean upload [Mbit/s].
    fast_share
        Share of places with the download of a fast sample.
    low_sinr_db
        SINR of data that nine places in ten have [dB].
    """

    downlink_mbps: Floats
    uplink_mbps: Floats
    fast_share: Floats
    low_sinr_db: Floats


@dataclass(frozen=True)
class UserRates:
    """How what a carrier's pixels receive becomes SINR and speed of one user who has it.

    Parameters
    ----------
    noise_dbm
        Of one resource element [dBm].
    load
        Traffic of the cells that do not serve.
    spread
        Of levels.
    downlink, uplink
        How SINR and level become speed.
    received_db
        What the base station receives of a handset above what that does per resource element over
        all ports, for all pixels or by pixel [dB]; see ``Uplink.received_db``.
    """

    noise_dbm: float
    load: float
    spread: Shadowing
    downlink: Downlink
    uplink: Uplink
    received_db: float | Floats

    def of(self, layers: Layers) -> Speeds:
        """Return SINR and speeds over the shadowing; layers hold the strongest masts."""
        served = layers.masts_mw[..., 0, 0] > 0.0
        power_mw = layers.masts_mw[served], layers.total_mw[served]
        received = Received(*power_mw, self.noise_dbm, self.load)
        here_db = np.broadcast_to(np.asarray(self.received_db, np.float32), served.shape)[served]
        grids = np.full((4, *served.shape), np.nan, np.float32)
        for grid, values in zip(grids, self._of(received, here_db), strict=True):
            grid[served] = values
        return Speeds(*grids)

    def _of(self, received: Received, received_db: Floats) -> Floats:
        """Return the same in rows; pixels whose base stations hear alike are taken together."""
        values = np.empty((4, received_db.size), np.float32)
        of_sinr = [self.downlink.mbps, self.downlink.fast]
        for offset_db in np.unique(received_db):
            alike = received_db == offset_db
            own = received
            if not alike.all():
                power_mw = received.masts_mw[alike], received.total_mw[alike]
                own = received._replace(masts_mw=power_mw[0], total_mw=power_mw[1])
            up = partial(_upload_mbps, self.uplink, offset_db)
            (down, fast, upload), low = shadowing.over_places(
                own, self.spread, of_sinr, [up], LOW_SHARE
            )
            values[:, alike] = down, upload, fast, low
        return values


def _upload_mbps(uplink: Uplink, received_db: float, signal_dbm: NDArray[np.floating]) -> Floats:
    """Return the upload where the handset receives its server so."""
    return uplink.mbps(signal_dbm + received_db)
