"""Ordered classes of what a prediction gives, with the colours that maps and GIS layers share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.geodata.symbols import ramp

NO_CLASS = 0
# Neighbouring servers should differ: eight colours of Okabe and Ito (2008), again and again.
LABELS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#777777")


@dataclass(frozen=True)
class Classes:
    """Ordered classes of a quantity: class i reaches from breaks[i-1] up to below breaks[i].

    ``colours`` has one more entry than ``breaks``; an empty colour draws nothing.

    Parameters
    ----------
    name
        Of the classes.
    unit
        Text id of the unit.
    breaks
        Rising thresholds.
    colours
        ``#rrggbb`` of each class; nothing is drawn where empty.
    """

    name: str
    unit: str
    breaks: tuple[float, ...]
    colours: tuple[str, ...]

    def __post_init__(self) -> None:
        """Hold the invariant: increasing breaks, one colour per class."""
        if len(self.colours) != len(self.breaks) + 1 or list(self.breaks) != sorted(
            set(self.breaks)
        ):
            raise ValueError(f"palette {self.name}: breaks and colours do not match")

    def index(self, values: ArrayLike) -> NDArray[np.uint8]:
        """Return the class of each value counted from 1; 0 where the value is not a number."""
        array = np.asarray(values)
        if array.dtype != np.float32:
            array = array.astype(float)
        numbers = np.where(np.isnan(array), NO_CLASS, 1).astype(np.uint8)
        for limit in self.breaks:  # comparing is quicker than searching; no number is in no class
            numbers += array >= _least(limit, array.dtype)
        return numbers


def _least(limit: float, kind: np.dtype[np.floating]) -> np.floating:
    """Return the least number of a type that is not below a limit."""
    least = kind.type(limit)
    return least if float(least) >= limit else np.nextafter(least, kind.type(np.inf))


# Received level in 5 dB steps; below -120 dBm nothing is drawn.
_LEVEL_BREAKS = tuple(float(level) for level in range(-120, -60, 5))
LEVEL = Classes(
    "level",
    "unit_dbm",
    _LEVEL_BREAKS,
    (
        "",
        *ramp(
            ("#efe6c6", "#c3d8ad", "#83c0a1", "#3f9f9b", "#23788b", "#27507a", "#281f52"),
            len(_LEVEL_BREAKS),
        ),
    ),
)
SINR = Classes(
    "sinr",
    "unit_db",
    (-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0),
    ramp(("#f4e7dc", "#dcb4bd", "#b07aa5", "#7a4a8c", "#35204f"), 8),
)
# A full NR carrier alone has at most -10.8 dB, an idle LTE carrier of one port -3 dB.
RSRQ = Classes(
    "rsrq",
    "unit_db",
    (-20.0, -17.0, -15.0, -13.0, -12.0, -11.0),
    ramp(("#f4e7dc", "#dcb4bd", "#b07aa5", "#7a4a8c", "#35204f"), 7),
)
# 30 and 100 Mbit/s are limits that rules of quality set for 5G download.
THROUGHPUT = Classes(
    "throughput",
    "unit_mbps",
    (10.0, 30.0, 100.0, 200.0, 400.0, 800.0),
    ramp(("#f7eed6", "#ebc98a", "#d2914a", "#9a5428", "#4d2416"), 7),
)
# Probability of service, of served.tif: 0.5 is more likely than not, 0.9 what a plan asks for.
PROBABILITY = Classes(
    "probability",
    "",
    (0.1, 0.3, 0.5, 0.7, 0.9),
    ramp(("#f3ead2", "#c7d9a7", "#7fbf9d", "#3a96a0", "#2a5f8a", "#1f2a5c"), 6),
)
