"""Recommendation ITU-R P.1812-7: path-specific loss from 30 MHz to 6 GHz.

A prediction has two halves. ``p1812_path`` and ``diffraction`` turn a profile into plain
numbers; ``p1812_loss`` turns these into decibels. An area engine that finds the same numbers
by running along a radial calls the second half alone.

Clutter stands on the inner points of the profile as its representative height; the antennas
stand on the bare ground. Building entry is left to ``p2109``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from phusong.coverage.diffraction import (
    HORIZONTAL,
    VERTICAL,
    Diffraction,
    Surface,
    bullington_loss_db,
    spherical_loss_db,
)
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import p1812_loss, p1812_path
from phusong.coverage.models.p1812_loss import BETA_RADIUS_KM, Along, Losses, Setup
from phusong.coverage.models.p1812_path import PathQuantities
from phusong.coverage.profile import SEA, Profile, surface_m
from phusong.coverage.units import FloatArray
from phusong.errors import Defect

POLARIZATIONS = {"horizontal": HORIZONTAL, "vertical": VERTICAL}

# Representative clutter heights of table 2, m.
CLUTTER_M = {"water": 0.0, "open": 0.0, "suburban": 10.0, "urban": 15.0, "dense_urban": 20.0}


# What each parameter may be: the Recommendation's ranges, and physics where it gives none.
LIMITS = {
    "time_percent": (1.0, 50.0),
    "location_percent": (1.0, 99.0),
    "delta_n": (0.0, 150.0),
    "n0": (200.0, 500.0),
    "latitude_deg": (-90.0, 90.0),
    "location_sigma_db": (0.0, 30.0),
    "tx_coast_km": (0.0, 20_000.0),
    "rx_coast_km": (0.0, 20_000.0),
}


@dataclass(frozen=True)
class Parameters:
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


def defects(parameters: Parameters, model: str = "p1812") -> list[Defect]:
    """Return every parameter that the model cannot use, by the name it is set with."""
    found = []
    for name, (low, high) in LIMITS.items():
        value = getattr(parameters, name)
        if not low <= value <= high:
            problem = f"is not between {low:g} and {high:g}"
            found.append(Defect(f"{model}.{name}", problem, value=value))
    if parameters.polarization not in POLARIZATIONS:
        remedy = "use " + " or ".join(POLARIZATIONS)
        problem = "is not a polarization"
        found.append(
            Defect(f"{model}.polarization", problem, remedy, value=parameters.polarization)
        )
    return found


class Prediction(NamedTuple):
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
    earth: Surface,
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
    zones: p1812_path.Zones,
    latitude_deg: float,
    lloc_db: float,
) -> Prediction:
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
    return Prediction(losses, path, median, beta, along)


def predict(
    ground: Profile,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    parameters: Parameters | None = None,
) -> Prediction:
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
    chosen = parameters or Parameters()
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
    prediction: Prediction = _predict(
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


def named_values(prediction: Prediction) -> dict[str, float]:
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
