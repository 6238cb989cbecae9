"""The broadcast beams of a massive-MIMO panel, as one pattern that a handset sees.

A panel sends its synchronisation blocks one after another in different beams, and a handset
measures the best: what counts for SS-RSRP is the envelope, the largest gain of any beam in a
direction. A beam is the element pattern of TR 38.901 table 7.3-1 times the array factor of
rows and columns fed with the same amplitude and a linear phase.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.antenna import CUT_STEP_DEG, Pattern, cut_angles_deg, parabola_db

ELEMENT_WIDTH_DEG = 65.0
ELEMENT_FLOOR_DB = 30.0
FAINTEST_RATIO = 1e-12

Grid = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Rows and columns of elements, their spacing in wavelengths, and where beams point.

    ``azimuths_deg`` counts clockwise from the panel's main direction, ``elevations_deg``
    above the horizon; there is a beam for every pair. The default is a panel of 8 columns
    and 12 rows with eight beams side by side over a sector of 120 degrees [K].
    """

    columns: int = 8
    rows: int = 12
    column_spacing: float = 0.5
    row_spacing: float = 0.7
    azimuths_deg: Sequence[float] = (-52.5, -37.5, -22.5, -7.5, 7.5, 22.5, 37.5, 52.5)
    elevations_deg: Sequence[float] = (0.0,)


# By the number of transmitters and receivers [K]: an 8T8R panel has four columns of two
# polarisations, each fed as one upright array; 32T32R and 64T64R have eight, whose upright parts
# are fed apart, which broadcast beams do not use.
FOUR_BEAMS_DEG = (-45.0, -15.0, 15.0, 45.0)
PANELS = {
    "panel": Panel(),
    "8t8r": Panel(columns=4, azimuths_deg=FOUR_BEAMS_DEG),
    "32t32r": Panel(),
    "64t64r": Panel(),
}


def array_ratio(elements: int, phase_rad: Grid) -> Grid:
    """Return the power of a row of elements against that of all in phase, 0 to 1.

    Parameters
    ----------
    elements
        Number of elements, fed alike.
    phase_rad
        Phase from one element to the next in the direction looked at.

    References
    ----------
    The sum of a geometric series; TR 38.901 section 7.3 places the elements so.
    """
    half = 0.5 * np.asarray(phase_rad, float)
    below = elements * np.sin(half)
    in_phase = np.abs(below) < 1e-9
    ratio = np.sin(elements * half) / np.where(in_phase, 1.0, below)
    return np.where(in_phase, 1.0, ratio**2)


def element_ratio(azimuth_deg: Grid, elevation_deg: Grid) -> Grid:
    """Return the power gain of one element against its main direction."""
    across_db = parabola_db(azimuth_deg, ELEMENT_WIDTH_DEG, ELEMENT_FLOOR_DB)
    upright_db = parabola_db(elevation_deg, ELEMENT_WIDTH_DEG, ELEMENT_FLOOR_DB)
    return 10.0 ** (-0.1 * np.minimum(across_db + upright_db, ELEMENT_FLOOR_DB))


def envelope_ratio(panel: Panel, azimuth_deg: Grid, elevation_deg: Grid) -> Grid:
    """Return the largest gain of any beam, against an unsteered beam in its main direction."""
    rise = np.sin(np.radians(elevation_deg))
    aside = np.cos(np.radians(elevation_deg)) * np.sin(np.radians(azimuth_deg))
    wave_rows, wave_columns = (
        2.0 * math.pi * panel.row_spacing,
        2.0 * math.pi * panel.column_spacing,
    )
    best = np.zeros(np.broadcast(rise, aside).shape)
    for up_deg in panel.elevations_deg:
        upright = array_ratio(panel.rows, wave_rows * (rise - math.sin(math.radians(up_deg))))
        level = math.cos(math.radians(up_deg))
        for turn_deg in panel.azimuths_deg:
            steered = level * math.sin(math.radians(turn_deg))
            across = array_ratio(panel.columns, wave_columns * (aside - steered))
            np.maximum(best, upright * across, out=best)
    return best * element_ratio(azimuth_deg, elevation_deg)


def envelope(panel: Panel | None = None) -> Pattern:
    """Return the envelope of all beams as a pattern.

    The horizontal cut is the best gain at an azimuth over all elevations in front and below
    the zenith, the vertical cut the best at an elevation over all azimuths; both against the
    best anywhere. Where the beams lie in several rows their valleys are so bridged, never
    deepened.

    Examples
    --------
    >>> from phusong.coverage.antenna import loss_db
    >>> float(loss_db(envelope(), 7.5, 0.0)[()]) < 1.0
    True
    """
    chosen = panel or Panel()
    azimuth_deg = cut_angles_deg()
    elevation_deg = np.arange(-90.0, 90.0 + CUT_STEP_DEG, CUT_STEP_DEG)
    gain = envelope_ratio(chosen, azimuth_deg[:, None], elevation_deg[None, :])
    peak = gain.max()
    beyond = np.clip(azimuth_deg, -90.0, 90.0)  # over the top is not in front
    upright = np.interp(beyond, elevation_deg, gain.max(axis=0))
    name = f"panel {chosen.columns}x{chosen.rows}, {len(chosen.azimuths_deg)} beams"
    return Pattern(
        f"{name} x {len(chosen.elevations_deg)}",
        _below_db(gain.max(axis=1) / peak),
        _below_db(upright / peak),
        ELEMENT_FLOOR_DB,
    )


def _below_db(ratio: Grid) -> NDArray[np.float32]:
    """Return how far below the peak, at most the floor of an element."""
    below_db = -10.0 * np.log10(np.maximum(ratio, FAINTEST_RATIO))
    return np.clip(below_db, 0.0, ELEMENT_FLOOR_DB).astype(np.float32)
