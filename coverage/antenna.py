"""Antenna patterns and tilts: how much a cell loses away from its main lobe.

A pattern is a horizontal and a vertical cut; the loss in a direction is their sum, limited
by a floor (TR 38.901 table 7.3-1, TR 36.814 table A.2.1.1-2, and the usual reading of
measured cuts). Azimuths are clockwise from north, elevations are positive above the horizon,
tilts are positive downwards.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.kernel import INNER, KERNEL, kernel

__all__ = ["Pattern", "from_cuts", "isotropic", "omni", "sector"]

CUT_STEP_DEG = 0.5
CUT_SIZE = 721  # -180 to 180 degrees, both ends included
DEGREES = 180.0 / math.pi


@dataclass(frozen=True)
class Pattern:
    """Losses off the main lobe, in decibels (zero or more), and the largest loss anywhere.

    ``horizontal_db`` and ``vertical_db`` run from -180 to 180 degrees in steps of half a
    degree; the vertical cut is read from -90 (nadir) to 90 (zenith).

    Parameters
    ----------
    name
        Of the antenna.
    horizontal_db
        Loss by bearing from the main lobe, shape (721,) [dB].
    vertical_db
        Loss by elevation in the main direction, shape (721,) [dB].
    floor_db
        The largest loss in any direction [dB].
    """

    name: str
    horizontal_db: NDArray[np.float32]
    vertical_db: NDArray[np.float32]
    floor_db: float

    @property
    def cuts(self) -> NDArray[np.float32]:
        """Return both cuts as one array of two rows."""
        return np.stack([self.horizontal_db, self.vertical_db]).astype(np.float32)


def cut_angles_deg() -> NDArray[np.float64]:
    """Return the angles at which cuts are stored."""
    return np.linspace(-180.0, 180.0, CUT_SIZE)


def parabola_db(
    angle_deg: NDArray[np.float64], beamwidth_deg: float, limit_db: float
) -> NDArray[np.float64]:
    """Return the 3GPP cut: 12 dB times the squared ratio to the beamwidth, up to a limit.

    References
    ----------
    3GPP TR 38.901 table 7.3-1; TR 36.814 table A.2.1.1-2.
    """
    return np.minimum(12.0 * (angle_deg / beamwidth_deg) ** 2, limit_db)


def sector(
    horizontal_beamwidth_deg: float = 65.0,
    vertical_beamwidth_deg: float = 10.0,
    front_to_back_db: float = 30.0,
    side_lobe_db: float = 20.0,
) -> Pattern:
    """Return the 3GPP sector pattern of a panel with these beamwidths at half power.

    The single element of TR 38.901 is ``sector(65, 65, 30, 30)``; the macro sector of
    TR 36.814 is ``sector(70, 10, 25, 20)``.

    Parameters
    ----------
    horizontal_beamwidth_deg
        Beamwidth at half power [degrees].
    vertical_beamwidth_deg
        The same, vertically [degrees].
    front_to_back_db
        Largest loss in any direction [dB].
    side_lobe_db
        Largest loss of the vertical cut [dB].

    Returns
    -------
    Pattern
        The pattern.

    References
    ----------
    3GPP TR 36.814 table A.2.1.1-2 and TR 38.901 table 7.3-1.
    """
    angle_deg = cut_angles_deg()
    return Pattern(
        f"3GPP {horizontal_beamwidth_deg:g}/{vertical_beamwidth_deg:g} deg",
        parabola_db(angle_deg, horizontal_beamwidth_deg, front_to_back_db).astype(np.float32),
        parabola_db(angle_deg, vertical_beamwidth_deg, side_lobe_db).astype(np.float32),
        front_to_back_db,
    )


def omni(vertical_beamwidth_deg: float = 10.0, side_lobe_db: float = 20.0) -> Pattern:
    """Return a pattern that is the same all around, with the vertical cut of a sector.

    Parameters
    ----------
    vertical_beamwidth_deg
        Beamwidth at half power [degrees].
    side_lobe_db
        Largest loss of the vertical cut [dB].

    Returns
    -------
    Pattern
        The pattern.
    """
    vertical_db = parabola_db(cut_angles_deg(), vertical_beamwidth_deg, side_lobe_db)
    return Pattern(
        f"omni {vertical_beamwidth_deg:g} deg",
        np.zeros(CUT_SIZE, np.float32),
        vertical_db.astype(np.float32),
        side_lobe_db,
    )


def isotropic() -> Pattern:
    """Return a pattern without loss in any direction.

    Returns
    -------
    Pattern
        Zero loss everywhere.
    """
    flat = np.zeros(CUT_SIZE, np.float32)
    return Pattern("isotropic", flat, flat.copy(), 0.0)


def from_cuts(
    name: str, horizontal_db: NDArray[np.float64], vertical_db: NDArray[np.float64]
) -> Pattern:
    """Return the pattern of two measured cuts of 360 attenuations, one per degree.

    Parameters
    ----------
    name
        Name of the antenna.
    horizontal_db
        Attenuations clockwise from the main direction.
    vertical_db
        Attenuations from the horizon in the main direction downwards, as in MSI/Planet files: 90 is
        the nadir, 270 the zenith, so an elevation ``e`` is read at ``-e``.

    Returns
    -------
    Pattern
        The pattern, read between whole degrees.

    Notes
    -----
    A direction loses the sum of both cuts, but not more than the deepest attenuation of
    either; a downtilt that the vertical cut holds stays in it.
    """
    turned = np.mod(-cut_angles_deg(), 360.0)
    round_deg = np.arange(361.0)
    return Pattern(
        name,
        np.interp(np.mod(cut_angles_deg(), 360.0), round_deg, _closed(horizontal_db)).astype("f4"),
        np.interp(turned, round_deg, _closed(vertical_db)).astype("f4"),
        float(max(np.max(horizontal_db), np.max(vertical_db))),
    )


def filled(pattern: Pattern, fill: float) -> Pattern:
    """Return a pattern with its nulls filled by what is scattered round the antenna and receiver.

    Of the power in every direction a share ``fill`` arrives as from the main lobe, so that a cut
    of ``A`` decibels loses ``-10 log10((1 - fill) 10**(-A / 10) + fill)``: the main lobe stays, 12,
    20 and 30 dB become 10.0, 13.1 and 13.9 with 0.04. Drive tests show that much behind and below
    antennas (``docs/evidence.md``).

    Parameters
    ----------
    pattern
        As measured in free space, or by 3GPP.
    fill
        Share of the power, 0 (nothing is filled) to below 1; of each cut.

    Examples
    --------
    >>> from phusong.coverage.antenna import filled, loss_db, sector
    >>> round(float(loss_db(filled(sector(), 0.04), 180.0, 0.0)), 1)
    13.9
    """

    def cut(loss_db: NDArray[np.float32]) -> NDArray[np.float32]:
        power = (1.0 - fill) * 10.0 ** (-0.1 * loss_db.astype(float)) + fill
        return np.asarray(-10.0 * np.log10(power), np.float32)

    if fill == 0.0:
        return pattern
    return replace(
        pattern,
        horizontal_db=cut(pattern.horizontal_db),
        vertical_db=cut(pattern.vertical_db),
    )


def _closed(cut_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a cut with its first attenuation again at its end."""
    return np.append(cut_db, cut_db[0])


@kernel(**INNER)
def arc_tangent(y: float, x: float) -> float:
    """Return the angle of a point, in radians from -pi to pi, right to 1e-5.

    Four times faster than the library's, for kernels that read antenna cuts.

    References
    ----------
    Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.49.
    """
    across, along = abs(y), abs(x)
    longest = max(across, along)
    if longest == 0.0:
        return 0.0
    t = min(across, along) / longest
    s = t * t
    angle = t * (0.9998660 + s * (-0.3302995 + s * (0.1801410 + s * (-0.0851330 + s * 0.0208351))))
    if across > along:
        angle = 0.5 * math.pi - angle
    if x < 0.0:
        angle = math.pi - angle
    return angle if y >= 0.0 else -angle


@kernel(**INNER)
def cut_loss_db(cuts_db: NDArray, cut: int, angle_deg: float) -> float:
    """Return the loss read from a cut, at any angle, by linear interpolation."""
    place = (angle_deg - 360.0 * math.floor((angle_deg + 180.0) / 360.0) + 180.0) / CUT_STEP_DEG
    low = min(max(int(place), 0), CUT_SIZE - 2)
    return cuts_db[cut, low] + (place - low) * (cuts_db[cut, low + 1] - cuts_db[cut, low])


@kernel(**INNER)
def tilted_angles_deg(
    bearing_deg: float, elevation_deg: float, tilt_deg: float
) -> tuple[float, float]:
    """Return a direction as seen by an antenna that leans forward (mechanical tilt).

    Parameters
    ----------
    bearing_deg
        Azimuth of the direction less that of the antenna.
    elevation_deg
        Elevation of the direction above the horizon.
    tilt_deg
        Mechanical downtilt: a rotation about the horizontal axis across the main lobe.

    Returns
    -------
    Azimuth and elevation in the antenna's own frame (TR 38.901 section 7.1.3, with slant
    zero).
    """
    bearing, elevation, tilt = bearing_deg / DEGREES, elevation_deg / DEGREES, tilt_deg / DEGREES
    forward = math.cos(elevation) * math.cos(bearing)
    right = math.cos(elevation) * math.sin(bearing)
    up = math.sin(elevation)
    leaning = forward * math.cos(tilt) - up * math.sin(tilt)
    rising = forward * math.sin(tilt) + up * math.cos(tilt)
    level = math.hypot(leaning, right)
    return arc_tangent(right, leaning) * DEGREES, arc_tangent(rising, level) * DEGREES


@kernel(**INNER)
def pattern_loss_db(
    cuts_db: NDArray,
    floor_db: float,
    bearing_deg: float,
    elevation_deg: float,
    electrical_tilt_deg: float,
    mechanical_tilt_deg: float,
) -> float:
    """Return the loss of a direction against the main lobe.

    Electrical tilt lowers the vertical cut alike at all azimuths; mechanical tilt leans the
    whole antenna, so that its back looks up.
    """
    if mechanical_tilt_deg != 0.0:
        bearing_deg, elevation_deg = tilted_angles_deg(
            bearing_deg, elevation_deg, mechanical_tilt_deg
        )
    across_db = cut_loss_db(cuts_db, 0, bearing_deg)
    upright_db = cut_loss_db(cuts_db, 1, elevation_deg + electrical_tilt_deg)
    return min(across_db + upright_db, floor_db)


@kernel(**KERNEL)
def _losses_db(
    cuts_db: NDArray,
    floor_db: float,
    bearing_deg: NDArray,
    elevation_deg: NDArray,
    electrical_tilt_deg: float,
    mechanical_tilt_deg: float,
) -> NDArray:
    lost_db = np.empty(bearing_deg.size)
    for i in range(bearing_deg.size):
        lost_db[i] = pattern_loss_db(
            cuts_db,
            floor_db,
            bearing_deg[i],
            elevation_deg[i],
            electrical_tilt_deg,
            mechanical_tilt_deg,
        )
    return lost_db


def loss_db(
    pattern: Pattern,
    bearing_deg: ArrayLike,
    elevation_deg: ArrayLike,
    electrical_tilt_deg: float = 0.0,
    mechanical_tilt_deg: float = 0.0,
) -> NDArray[np.float64]:
    """Return the losses of directions against the main lobe of a pattern.

    Parameters
    ----------
    pattern
        The antenna.
    bearing_deg, elevation_deg
        Azimuths less that of the antenna, and elevations; broadcast against each other.
    electrical_tilt_deg, mechanical_tilt_deg
        Downtilts.

    Examples
    --------
    >>> float(loss_db(sector(65.0), 32.5, 0.0)[()])
    3.0
    """
    bearing, elevation = np.broadcast_arrays(
        np.asarray(bearing_deg, float), np.asarray(elevation_deg, float)
    )
    lost_db: NDArray[np.float64] = _losses_db(
        pattern.cuts,
        pattern.floor_db,
        bearing.ravel(),
        elevation.ravel(),
        float(electrical_tilt_deg),
        float(mechanical_tilt_deg),
    )
    return lost_db.reshape(bearing.shape)
