"""One path over a province's ground, by the same method as the area around it.

Model, latitude, heights of clutter, environment, calibration and antenna are those of ``area``, so
that a path to the middle of a pixel has the level that a prediction shows there, but for the
arithmetic of the sweep.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import antenna
from phusong.coverage.area import cells
from phusong.coverage.models import free_space, spm
from phusong.coverage.models.spm import SpmParameters
from phusong.coverage.profile import Profile
from phusong.errors import Defect
from phusong.geodata import crs
from phusong.geodata.grid import Grid
from phusong.geodata.measured import profiles
from phusong.geodata.measured.profiles import Ground, Place
from phusong.geodata.network import antenna_files
from phusong.geodata.province import LandCover
from phusong.messages import message
from phusong.scenarios.prediction import area, network_arrays
from phusong.scenarios.prediction.area import Method
from phusong.scenarios.propagation import link
from phusong.scenarios.propagation.link import LinkPrediction, LinkRequest


@dataclass(frozen=True)
class CellAntenna:
    """Where the transmitter's antenna looks, and which cell it is.

    Parameters
    ----------
    name
        Of a built-in pattern.
    azimuth_deg
        From true north; None where the main lobe meets the receiver [degrees].
    downtilt_deg
        Electrical [degrees].
    cell_id
        As a calibration names it; empty for a cell that was not measured.
    """

    name: str = "sector"
    azimuth_deg: float | None = None
    downtilt_deg: float = 0.0
    cell_id: str = ""


LIMITS = {"azimuth_deg": (0.0, 360.0), "downtilt_deg": (-90.0, 90.0)}


def antenna_defects(chosen: CellAntenna) -> list[Defect]:
    """Return what no antenna has."""
    values = {name: getattr(chosen, name) for name in LIMITS}
    outside = [
        Defect(name, message("problem.is_not_between_and", low=low, high=high), value=values[name])
        for name, (low, high) in LIMITS.items()
        if values[name] is not None and not low <= values[name] <= high
    ]
    if chosen.name in antenna_files.BUILT_IN:
        return outside
    remedy = message("remedy.use", choices=[*antenna_files.BUILT_IN])
    unknown = Defect("--antenna", message("problem.unknown_value"), remedy, value=chosen.name)
    return [unknown, *outside]


def ground_profile(
    ground: Ground, ends: tuple[Place, Place], method: Method, step_m: float | None = None
) -> Profile:
    """Return the ground between two places with the clutter of a method.

    Raises
    ------
    InputError
        A place lies outside the terrain, both are the same, or terrain is missing.
    """
    return link.checked(profiles.along(ground, *ends, step_m, method.heights_m))


def predict(
    ground: Ground,
    ends: tuple[Place, Place],
    request: LinkRequest,
    method: Method,
    towards: CellAntenna | None = None,
    step_m: float | None = None,
) -> LinkPrediction:
    """Predict one path over the ground of a province.

    Parameters
    ----------
    ground
        Terrain and land cover.
    ends
        The transmitter and the receiver.
    request
        Model, settings, frequency and heights.
    method
        As an area is predicted by the model and settings of the request.
    towards
        The transmitter's antenna; in its main lobe if None.
    step_m
        Longest step of the profile [m]; a pixel if None.

    Returns
    -------
    LinkPrediction
        With the loss of the antenna's pattern, and the power that a calibration has found.

    Raises
    ------
    InputError
        There is no path over the ground, or a hard limit of the model is not kept.
    """
    grid, cell = ground.terrain.grid, towards or CellAntenna()
    profile = ground_profile(ground, ends, method, step_m)
    classes = profiles.landcover_along(ground, *ends, step_m)
    latitude_deg = area.latitude_deg(grid)
    untuned = link.predict(request, profile, latitude_deg, LandCover(int(classes[-1])))
    lost_db = _pattern_loss_db(grid, ends, profile, method, cell)
    if method.calibration is None:
        return replace(untuned, pattern_loss_db=lost_db)
    loss_db = _tuned_db(method, untuned, profile, classes)
    loss_db += _carried_db(method, grid, ends[1], classes, cell.cell_id)
    parts = {"loss_db": loss_db, "calibration_db": loss_db - untuned.loss_db}
    return replace(
        untuned,
        parts=parts | {k: v for k, v in untuned.parts.items() if k != "loss_db"},
        pattern_loss_db=lost_db,
        eirp_offset_db=float(method.calibration.eirp_offsets_db([cell.cell_id])[0]),
    )


def _tuned_db(
    method: Method, untuned: LinkPrediction, profile: Profile, classes: NDArray[np.int64]
) -> float:
    """Return the loss of a path by the tuned model, without what is carried from elsewhere."""
    tuned = method.calibration
    assert tuned is not None  # noqa: S101 - asked of a calibrated model
    request = untuned.request
    ends_m = (request.tx_height_m, request.rx_height_m)
    if tuned.coefficients is not None:
        clutter_db = np.array([tuned.clutter_db.get(LandCover(int(k)), 0.0) for k in classes])
        chosen = SpmParameters(tuned.moved(request.frequency_mhz), spm.OPTIONS, clutter_db)
        return float(spm.predict(profile, request.frequency_mhz, *ends_m, chosen).loss_db)
    free_db = free_space.path_loss_db(untuned.distance_m, request.frequency_mhz, *ends_m)
    losses_db = (np.array([untuned.loss_db]), np.array([free_db]))
    return float(tuned.offset_loss_db(*losses_db, np.array([untuned.distance_m]), classes[-1:])[0])


def _carried_db(
    method: Method, grid: Grid, end: Place, classes: NDArray[np.int64], cell_id: str
) -> float:
    """Return what measured places near by add to the loss at a receiver."""
    tuned = method.calibration
    if tuned is None or tuned.measured is None or not tuned.tuned_on(classes[-1:])[0]:
        return 0.0
    x_m, y_m = crs.transform([end.lon], [end.lat], crs.GEOGRAPHIC, grid.crs)
    rows = tuned.measured.rows([cell_id])
    return float(tuned.measured.at(grid.crs, x_m, y_m, rows).loss_db[0])


def _pattern_loss_db(
    grid: Grid, ends: tuple[Place, Place], profile: Profile, method: Method, cell: CellAntenna
) -> float:
    """Return what the antenna loses towards the receiver against its main lobe."""
    if cell.azimuth_deg is None:
        return 0.0
    lon, lat = [end.lon for end in ends], [end.lat for end in ends]
    x_m, y_m = crs.transform(lon, lat, crs.GEOGRAPHIC, grid.crs)
    east_m, north_m = np.diff(x_m)[0], np.diff(y_m)[0]
    north_deg = float(crs.true_north_deg(x_m[:1], y_m[:1], grid.crs)[0])
    bare = cells.cells(0, 0.0, 0.0, 0.0, network_arrays.pattern(cell.name, {}))
    (pattern,) = method.in_the_field(bare).patterns
    rise_m = profile.height_m[-1] + ends[1].height_m - profile.height_m[0] - ends[0].height_m
    bearing_deg = np.degrees(np.arctan2(east_m, north_m)) - north_deg
    elevation_deg = np.degrees(np.arctan2(rise_m, np.hypot(east_m, north_m)))
    aside_deg = bearing_deg - cell.azimuth_deg
    return float(antenna.loss_db(pattern, aside_deg, elevation_deg, cell.downtilt_deg))
