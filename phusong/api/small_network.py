"""A small made network: predicting it compiles all that a plan predicts with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import entry_loss, shadowing
from phusong.coverage.area import loss_windows, network, sample, service, sight
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps, cells
from phusong.coverage.models import REGISTRY
from phusong.coverage.shadowing import Received, Shadowing
from phusong.geodata.reference import default_model

SIDE, PIXEL_M, FREQUENCY_MHZ = 99, 30.0, 2600.0
RINGS = ((300.0, 3), (600.0, 9))


@dataclass(frozen=True)
class Alike:
    """A loss that is the same everywhere: nothing is compiled to tell it."""

    loss_db: float = 100.0

    def fall_m(self, pixel_m: float) -> float:
        """Return that the Earth does not fall."""
        del pixel_m
        return 0.0

    def fill(self, sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
        """Write the loss into all windows."""
        del sweeps, wanted
        windows[:] = int(self.loss_db * loss_windows.STEPS_PER_DB)

    def farthest_m(self, masts: Masts, reach: Reach, allowed_db: float) -> float:
        """Return the radius."""
        del masts, allowed_db
        return reach.radius_m


def _ground() -> Surface:
    flat = np.zeros((SIDE, SIDE), np.float32)
    clutter_m = np.where(np.indices(flat.shape)[0] % 7 == 0, np.float32(12.0), flat)
    everywhere = np.ones(flat.shape, np.bool_)
    return Surface(flat, np.zeros(flat.shape, np.uint8), everywhere, PIXEL_M, clutter_m)


def _masts() -> Masts:
    at = np.array([40.2, 60.7])
    return Masts(at, at[::-1].copy(), np.array([30.0, 42.0]), np.full(2, FREQUENCY_MHZ))


def sweep() -> None:
    """Sweep the losses round two masts by the default model."""
    loss = REGISTRY[default_model.NAME].for_area({}, FREQUENCY_MHZ)
    masts, reach = _masts(), Reach(600.0, model=loss)
    loss_windows.windows(Sweeps(_ground(), masts, reach), np.arange(len(masts)))
    loss.farthest_m(masts, reach, Alike().loss_db)


def add_up() -> None:
    """Add cells up, list what they reach, and what they serve of a sample."""
    parts = (_ground(), _masts(), cells([0, 0, 1], [0.0, 120.0, np.nan], 40.0, 4.0))
    reach = Reach(900.0, coarsening=RINGS, model=Alike())
    network.best_server(*parts, reach, ranks=shadowing.RANKS)
    network.footprints(*parts, reach, -100.0)
    every = sample.sample(np.full((SIDE, SIDE), 0.01), np.zeros((SIDE, SIDE), np.int64))
    wanted = service.ServiceLevel(-90.0, 8.0, entry_loss.building(FREQUENCY_MHZ, 6.0))
    sample.served(*parts, reach, every, wanted, np.zeros(every.count, np.float32))
    for level_dbm in (np.full(3, -90.0, np.float32), _as_in_a_file(np.full(3, -90.0, np.float32))):
        wanted.probability(level_dbm)


def look_across() -> None:
    """Ask whether masts see each other."""
    at = np.array([40.0, 60.0])
    antennas = sight.Antennas(at, at, _as_in_a_file(np.array([30.0, 42.0])))
    ground, pairs = _ground(), np.array([[0, 1]])
    sight.clearances(ground.terrain_m, ground.clutter_m, antennas, pairs, PIXEL_M, 0.04)


def _as_in_a_file(values: NDArray[Any]) -> NDArray[Any]:
    """Return values that cannot be written to, as those of kept layers and of tables."""
    values.flags.writeable = False
    return values


def tell_speeds() -> None:
    """Tell means and a quantile over the shadowing."""
    masts_mw = np.full((2, shadowing.RANKS, 2), 1e-9, np.float32)
    received = Received(masts_mw, masts_mw[..., 1].sum(axis=1), -120.0, 0.5)
    shadowing.means(received, Shadowing(8.0), [np.asarray], [np.asarray])
    shadowing.sinr_quantile_db(received, Shadowing(8.0), 0.1)
