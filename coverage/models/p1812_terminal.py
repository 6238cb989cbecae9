"""ITU-R P.1812 to the roofs, then the loss of clutter around the terminal (P.2108-1 section 3.1).

A handset in the street is reached over the roofs: P.1812 is worked out to an antenna on top of
what stands at the handset, and the last step down is the knife edge of P.2108-1 over a street.
P.1812 alone with clutter in the pixel beside the handset makes a second edge of up to 30 dB of
it, which measurements do not show. A mast below the clutter around it is treated alike.

Behind the edge of a village the wave may also come down over the last roofs: of the clutter at
the handset and the highest on the last stretch before it, that counts which loses less.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from phusong.coverage import p2108
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.models import p1812
from phusong.coverage.models.model import Model, Parameter, PathLoss, RadioPath, Range
from phusong.coverage.p1812.climate import Climate
from phusong.coverage.profile import Profile
from phusong.coverage.units import FloatArray


@dataclass(frozen=True)
class P1812TerminalParameters(p1812.P1812Parameters):
    """What a prediction assumes: that of P.1812, and how the wave comes down from the roofs."""

    street_width_m: float = p2108.STREET_WIDTH_M
    edge_m: float = 500.0  # a roof so far before the receiver may bring the wave down

    def climate(self) -> Climate:
        """Return the parameters as the kernels read them."""
        street_width_m, edge_m = float(self.street_width_m), float(self.edge_m)
        return super().climate()._replace(street_width_m=street_width_m, edge_m=edge_m)


class TerminalLoss(NamedTuple):
    """A loss with its parts: over the roofs, and down to both terminals."""

    loss_db: float
    roof: p1812.P1812Loss
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
    parameters: P1812TerminalParameters | None = None,
) -> TerminalLoss:
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
    chosen = parameters or P1812TerminalParameters()
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
    parameters: P1812TerminalParameters,
    clutter_m: float,
) -> TerminalLoss:
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
    return TerminalLoss(total_db, roof, tx_db, rx_db, tx_roof_m, rx_roof_m)


def named_values(prediction: TerminalLoss) -> dict[str, float]:
    """Return every value of a prediction by name, ``loss_db`` first."""
    roof = p1812.named_values(prediction.roof)
    own = {name: float(value) for name, value in prediction._asdict().items() if name != "roof"}
    return own | {"roof_loss_db": roof.pop("loss_db")} | roof


def _predict_path(path: RadioPath, values: Mapping[str, Any]) -> PathLoss:
    chosen = P1812TerminalParameters(**p1812.path_values(path, values))
    use = (path.frequency_mhz, path.base_height_m, path.user_height_m)
    return PathLoss(named_values(predict(path.ground, *use, chosen)), asdict(chosen))


def _area(values: Mapping[str, Any], _frequency_mhz: float) -> P1812TerminalParameters:
    return P1812TerminalParameters(**values)


# Representative heights by class of land: P.1812-7 table 2; farmland, where that has 0, by the
# buildings of RMa in TR 38.901 (docs/evidence.md).
HEIGHTS_M = {
    "outside": 0.0,
    "urban": 15.0,
    "industrial": 10.0,
    "settlement": 10.0,
    "farmland": 5.0,
    "forest": 15.0,
    "water": 0.0,
}
P1812_TERMINAL = Model(
    name="p1812_terminal",
    title="ITU-R P.1812 to the roofs, then P.2108 clutter loss at the terminal",
    title_vi="ITU-R P.1812 đến mái nhà, rồi suy hao vật cản P.2108 ở máy đầu cuối",
    source="Recommendations ITU-R P.1812-8 (2025) and P.2108-1 (2021), section 3.1",
    kind="profile",
    frequency_mhz=p1812.P1812.frequency_mhz,
    distance_m=p1812.P1812.distance_m,
    base_height_m=p1812.P1812.base_height_m,
    user_height_m=p1812.P1812.user_height_m,
    function=predict,
    predict_path=_predict_path,
    area=_area,
    parameters=(
        *p1812.settable("p1812"),
        Parameter("p1812_terminal.street_width_m", "m", p2108.STREET_WIDTH_M, Range(5.0, 200.0)),
        Parameter("p1812_terminal.edge_m", "m", 500.0, Range(0.0, 5000.0)),
    ),
    heights=tuple(
        Parameter(f"p1812_terminal.{name}_m", "m", height_m, Range(0.0, 100.0))
        for name, height_m in HEIGHTS_M.items()
    ),
    strict=True,
    tuned="offset",
)
