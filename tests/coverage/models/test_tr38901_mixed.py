"""TR 38.901 with diffraction over one path: the parts, and the same loss as over the area."""

import numpy as np
import pytest

from phusong.coverage import antenna
from phusong.coverage.area import network
from phusong.coverage.area.cells import URBAN, Masts, Reach, Surface, cells
from phusong.coverage.models import REGISTRY, tr38901
from phusong.coverage.models.model import RadioPath
from phusong.coverage.profile import from_arrays
from phusong.errors import InputError

MODEL = REGISTRY["tr38901"]
MHZ, BASE_M, USER_M = 2550.0, 30.0, 1.5


def path(height_m, built_up, step_km=0.03):
    """Return a path over a profile of these heights, a pixel apart."""
    height_m = np.asarray(height_m, float)
    bare = np.zeros(height_m.size)
    ground = from_arrays(step_km * np.arange(height_m.size), height_m, bare)
    return RadioPath(ground, MHZ, BASE_M, USER_M, built_up=built_up)


@pytest.mark.parametrize(
    ("built_up", "equation"),
    [(True, tr38901.uma_expected_loss_db), (False, tr38901.rma_expected_loss_db)],
)
def test_level_ground_has_the_loss_by_distance_of_its_environment(built_up, equation):
    parts = MODEL.for_path(path(np.zeros(31), built_up), {}).parts
    assert parts["diffraction_db"] == pytest.approx(0.0, abs=1.0)
    rest_db = parts["loss_db"] - parts["diffraction_db"]
    assert rest_db == pytest.approx(equation(900.0, MHZ, BASE_M, USER_M), abs=1e-9)


def test_a_hill_adds_its_diffraction():
    hill_m = np.zeros(31)
    hill_m[14:17] = 60.0
    over, level = (MODEL.for_path(path(h, True), {}).parts for h in (hill_m, 0.0 * hill_m))
    assert over["loss_db"] - level["loss_db"] == pytest.approx(
        over["diffraction_db"] - level["diffraction_db"]
    )
    assert over["diffraction_db"] > 15.0


def test_unknown_ground_is_refused():
    with pytest.raises(InputError, match="whether the receiver stands in built-up land"):
        MODEL.for_path(path(np.zeros(31), None), {})


def test_one_path_and_the_area_agree():
    """East of a mast on a ridge of hills, pixel by pixel, the receiver's class counts."""
    terrain_m = np.zeros((81, 81), np.float32)
    terrain_m[:, 55:58] = 6.0
    environment = np.zeros((81, 81), np.uint8)
    environment[:, 60:] = URBAN
    surface = Surface(terrain_m, environment, np.ones((81, 81), bool), 30.0)
    masts = Masts(np.array([40.0]), np.array([40.0]), np.array([BASE_M]), np.array([MHZ]))
    loss = MODEL.for_area({}, MHZ)
    radiating = cells([0], np.nan, 0.0, 0.0, antenna.isotropic())
    layers = network.best_server(surface, masts, radiating, Reach(1200.0, USER_M, model=loss))
    for column in (45, 52, 60, 75):
        single = path(terrain_m[40, 40 : column + 1], environment[40, column] == URBAN)
        expected_db = MODEL.for_path(single, {}).parts["loss_db"]
        assert -layers.rsrp_dbm[40, column] == pytest.approx(expected_db, abs=0.1), column
