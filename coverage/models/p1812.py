"""Recommendation ITU-R P.1812-8: path-specific loss from 30 MHz to 6 GHz.

The method is that of P.1812-7, by whose numbers equations are named; P.1812-8 changes none that is
used here.

A prediction has two halves. ``p1812_path`` and ``diffraction`` turn a profile into plain
numbers; ``p1812_loss`` turns these into decibels. An area engine that finds the same numbers
by running along a radial calls the second half alone.

Clutter stands on the inner points of the profile as its representative height; the antennas
stand on the bare ground. Building entry is left to ``p2109``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area.cells import Masts, Reach, Sweeps
from phusong.coverage.diffraction import (
    HORIZONTAL,
    VERTICAL,
    Diffraction,
    SmoothEarth,
    bullington_loss_db,
    spherical_loss_db,
)
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models.free_space import reach_m
from phusong.coverage.models.model import Model, Parameter, PathLoss, RadioPath, Range
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812 import path as p1812_path
from phusong.coverage.p1812 import sweep
from phusong.coverage.p1812.climate import Climate
from phusong.coverage.p1812.loss import BETA_RADIUS_KM, Along, Losses, Setup
from phusong.coverage.p1812.path import PathQuantities
from phusong.coverage.profile import SEA, Profile, surface_m
from phusong.coverage.units import FloatArray

POLARIZATIONS = {"horizontal": HORIZONTAL, "vertical": VERTICAL}


RESOLUTION_M = 50.0  # of location variability: the finest of P.1812-7 section 4.8


@dataclass(frozen=True)
class P1812Parameters:
    """What a prediction assumes about climate, time and place."""

    time_percent: float = 50.0
    location_percent: float = 50.0
    delta_n: float = 50.0  # refractivity lapse in the lowest kilometre, N-units/km
    n0: float = 350.0  # refractivity at sea level, N-units
    polarization: str = "vertical"
    latitude_deg: float = 21.3  # of the path's centre
    location_sigma_db: float = 0.0
    tx_coast_km: float = p1812_path.FAR_FROM_COAST_KM
    rx_coast_km: float = p1812_path.FAR_FROM_COAST_KM

    def climate(self) -> Climate:
        """Return the parameters as the kernels read them."""
        return Climate(
            float(self.time_percent),
            float(p1812_path.effective_radius_km(self.delta_n)),
            float(self.n0),
            POLARIZATIONS[self.polarization],
            float(self.latitude_deg),
            float(p1812_loss.location_loss_db(self.location_percent, self.location_sigma_db)),
            0.0,
            0.0,
        )

    def fall_m(self, pixel_m: float) -> float:
        """Return how far the effective Earth falls within the first pixel."""
        return float(pixel_m**2 / (2000.0 * p1812_path.effective_radius_km(self.delta_n)))

    def fill(self, sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
        """Write the losses round some masts into their windows."""
        place = (sweeps.ground, sweeps.table)
        sweep.fill(*place, self.climate(), sweeps.fan, wanted, windows)

    def farthest_m(self, masts: Masts, reach: Reach, allowed_db: float) -> float:
        """Return how far the allowed loss can reach: no farther than in free space."""
        return reach_m(masts.frequency_mhz, allowed_db, reach.radius_m)


class P1812Loss(NamedTuple):
    """A loss with everything that led to it."""

    losses: Losses
    path: PathQuantities
    median: Diffraction
    beta: Diffraction
    along: Along


@kernel(**PATH)
def diffraction_losses(
    distance_km: FloatArray,
    obstacle_m: FloatArray,
    path: PathQuantities,
    radius_km: float,
    earth: SmoothEarth,
    sea_fraction: float,
) -> Diffraction:
    """Return the parts of delta-Bullington over a profile for one radius (section 4.3.4)."""
    tx_m, rx_m = path.tx_diffraction_height_m, path.rx_diffraction_height_m
    curvature, wavelength_m = 1.0 / radius_km, earth.wavelength_m
    flat_m = np.zeros_like(obstacle_m)
    return Diffraction(
        bullington_loss_db(
            distance_km, obstacle_m, path.tx_amsl_m, path.rx_amsl_m, curvature, wavelength_m
        ),
        bullington_loss_db(distance_km, flat_m, tx_m, rx_m, curvature, wavelength_m),
        spherical_loss_db(path.distance_km, tx_m, rx_m, radius_km, earth, sea_fraction),
    )


@kernel(**PATH)
def _predict(
    setup: Setup,
    distance_km: FloatArray,
    height_m: FloatArray,
    obstacle_m: FloatArray,
    heights_m: tuple[float, float],
    zones: p1812_path.PathZones,
    latitude_deg: float,
    lloc_db: float,
) -> P1812Loss:
    """Run both halves on checked numbers."""
    tx_height_m, rx_height_m = heights_m
    path = p1812_path.path_quantities(
        distance_km, height_m, tx_height_m, rx_height_m, setup.radius_km
    )
    along = p1812_loss.along(setup, path.distance_km, latitude_deg, zones)
    sea = zones.sea_fraction
    median = diffraction_losses(distance_km, obstacle_m, path, setup.radius_km, setup.earth, sea)
    beta = diffraction_losses(distance_km, obstacle_m, path, BETA_RADIUS_KM, setup.earth, sea)
    losses = p1812_loss.losses(setup, along, path, median, beta, lloc_db)
    return P1812Loss(losses, path, median, beta, along)


def predict(
    ground: Profile,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    parameters: P1812Parameters | None = None,
) -> P1812Loss:
    """Predict the basic transmission loss of one path.

    Parameters
    ----------
    ground
        Profile of at least three points whose distances rise from zero.
    frequency_mhz
        Frequency.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    parameters
        Climate, percentages, polarization.

    Examples
    --------
    >>> from phusong.coverage.profile import from_arrays
    >>> ground = from_arrays([0.0, 0.5, 1.0, 1.5, 2.0], [10.0, 10.0, 30.0, 10.0, 10.0])
    >>> round(predict(ground, 2600.0, 30.0, 1.5).losses.loss_db, 1)
    128.1
    """
    chosen = parameters or P1812Parameters()
    setup = p1812_loss.setup(
        float(frequency_mhz),
        float(chosen.time_percent),
        p1812_path.effective_radius_km(float(chosen.delta_n)),
        float(chosen.n0),
        POLARIZATIONS[chosen.polarization],
    )
    zones = p1812_path.zone_lengths(
        ground.distance_km, ground.zone, float(chosen.tx_coast_km), float(chosen.rx_coast_km)
    )
    at_sea = ground.zone[-1] == SEA
    sigma_db = 0.0 if at_sea else float(chosen.location_sigma_db)
    prediction: P1812Loss = _predict(
        setup,
        ground.distance_km,
        ground.height_m,
        surface_m(ground.height_m, ground.clutter_m),
        (float(tx_height_m), float(rx_height_m)),
        zones,
        float(chosen.latitude_deg),
        p1812_loss.location_loss_db(float(chosen.location_percent), sigma_db),
    )
    return prediction


def named_values(prediction: P1812Loss) -> dict[str, float]:
    """Return every value of a prediction by name, ``loss_db`` first."""
    values = dict(prediction.losses._asdict())
    values |= prediction.path._asdict()
    values |= prediction.along.zones._asdict()
    values["incidence_percent"] = prediction.along.reach.incidence_percent
    values["time_factor"] = prediction.along.time_factor
    values["distance_factor"] = prediction.along.distance_factor
    for name, parts in (("median", prediction.median), ("beta", prediction.beta)):
        values |= {f"{name}_{part}": value for part, value in parts._asdict().items()}
    return {name: float(value) for name, value in values.items()}


def path_values(path: RadioPath, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a path that are not the defaults: as set, else of the path.

    A percentage of locations other than half needs a deviation; where none is set it is that
    of section 4.8 at a resolution of 50 m with the clutter at the receiver.
    """
    chosen = dict(values)
    if path.latitude_deg is not None:
        chosen.setdefault("latitude_deg", path.latitude_deg)
    if chosen.get("location_percent", 50.0) != 50.0 and "location_sigma_db" not in chosen:
        chosen["location_sigma_db"] = p1812_loss.location_sigma_db(
            float(path.frequency_mhz),
            float(path.user_height_m),
            float(path.ground.clutter_m[-1]),
            RESOLUTION_M,
        )
    return chosen


def _predict_path(path: RadioPath, values: Mapping[str, Any]) -> PathLoss:
    chosen = P1812Parameters(**path_values(path, values))
    use = (path.frequency_mhz, path.base_height_m, path.user_height_m)
    return PathLoss(named_values(predict(path.ground, *use, chosen)), asdict(chosen))


def _area(values: Mapping[str, Any], _frequency_mhz: float) -> P1812Parameters:
    return P1812Parameters(**values)


# Units and limits: the Recommendation's ranges, and physics where it gives none.
_SETTABLE = {
    "time_percent": ("%", Range(1.0, 50.0)),
    "location_percent": ("%", Range(1.0, 99.0)),
    "delta_n": ("N/km", Range(0.0, 150.0)),
    "n0": ("N", Range(200.0, 500.0)),
    "polarization": ("", None),
    "latitude_deg": ("deg", Range(-90.0, 90.0)),
    "location_sigma_db": ("dB", Range(0.0, 30.0)),
    "tx_coast_km": ("km", Range(0.0, 20_000.0)),
    "rx_coast_km": ("km", Range(0.0, 20_000.0)),
}


def settable(group: str) -> tuple[Parameter, ...]:
    """Return what can be set of P.1812, under the name of a model that predicts by it."""
    return tuple(
        Parameter(
            f"{group}.{name}",
            unit,
            getattr(P1812Parameters(), name),
            limits,
            tuple(POLARIZATIONS) if limits is None else (),
        )
        for name, (unit, limits) in _SETTABLE.items()
    )


P1812 = Model(
    name="p1812",
    title="ITU-R P.1812, path-specific over terrain and clutter",
    title_vi="ITU-R P.1812, theo mặt cắt địa hình và lớp phủ mặt đất",
    source="Recommendation ITU-R P.1812-8 (2025); the method is that of P.1812-7 (2023)",
    kind="profile",
    frequency_mhz=Range(30.0, 6000.0),
    distance_m=Range(250.0, 3e6),
    base_height_m=Range(1.0, 3000.0),
    user_height_m=Range(1.0, 3000.0),
    function=predict,
    predict_path=_predict_path,
    area=_area,
    parameters=settable("p1812"),
    strict=True,
    tuned="offset",
)
