"""ITU-R P.1812 to the roofs, then the loss of clutter around the terminal (P.2108-1 section 3.1).

A handset in the street is reached over the roofs: P.1812 is worked out to an antenna on top of
what stands at the handset, and the last step down is the knife edge of P.2108-1 over a street.
P.1812 alone with clutter in the pixel beside the handset makes a second edge of up to 30 dB of
it, which measurements do not show. A mast below the clutter around it is treated alike.

Behind the edge of a village the wave may also come down over the last roofs: of the clutter at
the handset and the highest on the last stretch before it, that counts which loses less.
"""

from dataclasses import dataclass
from typing import NamedTuple

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import p1812, p2108
from phusong.coverage.profile import Profile
from phusong.coverage.units import FloatArray
from phusong.errors import Defect

LIMITS = {"street_width_m": (5.0, 200.0), "edge_m": (0.0, 5000.0)}


@dataclass(frozen=True)
class Parameters(p1812.Parameters):
    """What a prediction assumes: that of P.1812, and how the wave comes down from the roofs."""

    street_width_m: float = p2108.STREET_WIDTH_M
    edge_m: float = 500.0  # a roof so far before the receiver may bring the wave down


def defects(parameters: Parameters) -> list[Defect]:
    """Return every parameter that the model cannot use, by the name it is set with."""
    found = [
        Defect(f"p1812_terminal.{name}", f"is not between {low:g} and {high:g}", value=value)
        for name, (low, high) in LIMITS.items()
        for value in [getattr(parameters, name)]
        if not low <= value <= high
    ]
    return found + p1812.defects(parameters, "p1812_terminal")


class Prediction(NamedTuple):
    """A loss with its parts: over the roofs, and down to both terminals."""

    loss_db: float
    roof: p1812.Prediction
    tx_terminal_db: float
    rx_terminal_db: float
    tx_roof_m: float  # height above ground to which the roof path is worked out
    rx_roof_m: float


@kernel(**PATH)
def highest_before_m(distance_km: FloatArray, clutter_m: FloatArray, edge_m: float) -> float:
    """Return the highest clutter on the last stretch before the receiver, its own left out."""
    highest_m, last = 0.0, distance_km.size - 1
    for i in range(last - 1, 0, -1):
        if 1000.0 * (distance_km[last] - distance_km[i]) > edge_m:
            break
        highest_m = max(highest_m, clutter_m[i])
    return highest_m


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
        Profile of at least three points whose distances rise from zero; its clutter is the
        representative height of what stands at each point, at both ends too.
    frequency_mhz
        Frequency; section 3.1 of P.2108-1 is published up to 3 GHz.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    parameters
        Climate, percentages, street width.

    References
    ----------
    ITU-R P.1812-7; ITU-R P.2108-1 section 3.1, eq. 2a; the order of P.1812-4 section 4.7.

    Examples
    --------
    >>> from phusong.coverage.profile import from_arrays
    >>> km = [0.0, 0.03, 0.06, 0.09, 0.12]
    >>> town = from_arrays(km, [10.0] * 5, [10.0] * 5)
    >>> round(predict(town, 2550.0, 30.0, 1.5).rx_terminal_db, 1)
    23.3
    """
    chosen = parameters or Parameters()
    use = (ground, float(frequency_mhz), float(tx_height_m), float(rx_height_m), chosen)
    own = _over(*use, float(ground.clutter_m[-1]))
    edge_m = highest_before_m(ground.distance_km, ground.clutter_m, float(chosen.edge_m))
    if edge_m <= own.rx_roof_m:
        return own
    over_edge = _over(*use, edge_m)
    return over_edge if over_edge.loss_db < own.loss_db else own


def _over(
    ground: Profile,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    parameters: Parameters,
    clutter_m: float,
) -> Prediction:
    """Return the prediction by way of the top of this clutter at the receiver."""
    tx_roof_m, rx_roof_m = (
        max(tx_height_m, float(ground.clutter_m[0])),
        max(rx_height_m, clutter_m),
    )
    roof = p1812.predict(ground, frequency_mhz, tx_roof_m, rx_roof_m, parameters)
    tx_db, rx_db = (
        p2108.obstructed_terminal_loss_db(
            frequency_mhz, height_m, roof_m, float(parameters.street_width_m)
        )
        for height_m, roof_m in ((tx_height_m, tx_roof_m), (rx_height_m, rx_roof_m))
    )
    total_db = roof.losses.loss_db + tx_db + rx_db
    return Prediction(total_db, roof, tx_db, rx_db, tx_roof_m, rx_roof_m)


def named_values(prediction: Prediction) -> dict[str, float]:
    """Return every value of a prediction by name, ``loss_db`` first."""
    roof = p1812.named_values(prediction.roof)
    own = {name: float(value) for name, value in prediction._asdict().items() if name != "roof"}
    return own | {"roof_loss_db": roof.pop("loss_db")} | roof
