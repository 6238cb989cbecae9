"""Do the same work with other open programs, on this machine, in this run.

Run with ``python -m benchmarks.peers``. crc-covlib (C++), Py1812 and itmlogic (Python) are
measured where they can be imported; none is needed. Every program gets the same receivers of
one mast; seconds are CPU seconds of one thread. Where the model is P.1812 on the same profile,
losses must agree.
"""

import argparse
import contextlib
import importlib
import io
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.ndimage import map_coordinates

from benchmarks import accuracy, terrain
from benchmarks.terrain import Ground
from phusong.coverage.area import reception
from phusong.coverage.area.cells import Reach
from phusong.coverage.area.reception import Mast
from phusong.coverage.models.p1812 import P1812Parameters, predict
from phusong.coverage.p1812 import sweep
from phusong.coverage.p1812.path import path_centre_latitude_deg
from phusong.coverage.profile import Profile
from phusong.geodata import crs

TOLERANCE_DB = 1e-6  # of one model on one profile: the order of sums is all that differs
SAME, OWN, OTHER = "same profile", "own profile", "another model"
SLOW = 200  # receivers of a program that takes milliseconds for each
RECEIVER_M = 1.5
RECEIVERS = 2000
ROUNDS, AREA_ROUNDS = 3, 40  # of which the best counts: other work on a machine only slows
# crc-covlib 4.6.2 takes no figures of the air from its caller: without the ITU's digital maps it
# assumes these.
DELTA_N, N0 = 45.0, 325.0
EARTH = Geod(a=6_371_000.0, b=6_371_000.0)  # the sphere of P.2001, on which crc-covlib measures

Floats = NDArray[np.float64]
Loss = Callable[["Link"], float]


class Link(NamedTuple):
    """One path: the ground between, and WGS 84 longitude and latitude of both ends."""

    ground: Profile
    tx: tuple[float, float]
    rx: tuple[float, float]


class Task(NamedTuple):
    """A mast, its receivers as paths, and what is assumed of climate and time."""

    ground: Ground
    mast: Mast
    parameters: P1812Parameters
    links: list[Link]


class Peer(NamedTuple):
    """A program that tells the loss of a link, and how far its losses are comparable."""

    name: str
    loss: Loss
    receivers: int
    basis: str


def link(ground: Ground, mast: Mast, row: int, column: int) -> Link:
    """Return the path to a pixel; its length is that on a sphere, which crc-covlib works out."""
    x_m, y_m = ground.grid.centres()
    pixel_m, left, top = ground.grid.pixel_m, x_m[0], y_m[0]
    xs_m, ys_m = (left + pixel_m * mast.column, x_m[column]), (top - pixel_m * mast.row, y_m[row])
    lon, lat = crs.transform(xs_m, ys_m, ground.grid.crs, crs.GEOGRAPHIC)
    length_m = EARTH.inv(lon[0], lat[0], lon[1], lat[1])[2]
    found = terrain.path(ground.surface, mast, row, column)
    distance_km = np.linspace(0.0, length_m / 1000.0, found.distance_km.size)
    tx, rx = ((float(lon[i]), float(lat[i])) for i in (0, 1))
    return Link(found._replace(distance_km=distance_km), tx, rx)


def task(ground: Ground, time_percent: float, radius_m: float, count: int) -> Task:
    """Return random receivers of the mast in town."""
    mast = ground.mast(terrain.SITES[0], terrain.FREQUENCY_MHZ)
    parameters = P1812Parameters(time_percent=time_percent, delta_n=DELTA_N, n0=N0)
    receivers, _ = accuracy.swept(ground.surface, mast, Reach(radius_m, model=parameters))
    far = np.flatnonzero(receivers.distance * ground.surface.pixel_m > accuracy.NEAREST_M)
    chosen = receivers.pixel[np.random.default_rng(6).choice(far, count, replace=False)]
    rows, columns = np.divmod(chosen, ground.surface.terrain_m.shape[1])
    pairs = zip(rows, columns, strict=True)
    return Task(ground, mast, parameters, [link(ground, mast, int(r), int(c)) for r, c in pairs])


def ours(asked: Task) -> Peer:
    """Return our single path."""

    def loss(one: Link) -> float:
        centre = path_centre_latitude_deg(*one.tx, *one.rx, one.ground.distance_km[-1])
        chosen = replace(asked.parameters, latitude_deg=centre)
        use = (asked.mast.frequency_mhz, asked.mast.antenna_height_m, RECEIVER_M, chosen)
        return float(predict(one.ground, *use).losses.loss_db)

    return Peer("phusong, single paths", loss, len(asked.links), SAME)


def _module(name: str) -> Any | None:  # noqa: ANN401 - a module without types
    """Return a module, nothing where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def py1812(asked: Task) -> list[Peer]:
    """Return Py1812, where it is installed."""
    module = _module("Py1812.P1812")
    if module is None:
        return []
    mast, chosen = asked.mast, asked.parameters
    polarization = {"horizontal": 1, "vertical": 2}[chosen.polarization]

    def loss(one: Link) -> float:
        found = module.bt_loss(
            mast.frequency_mhz / 1000.0,
            chosen.time_percent,
            *one.ground,
            mast.antenna_height_m,
            RECEIVER_M,
            polarization,
            one.tx[1],
            one.rx[1],
            one.tx[0],
            one.rx[0],
            DN=chosen.delta_n,
            N0=chosen.n0,
        )
        return float(found[0])

    return [Peer("Py1812", loss, SLOW, SAME)]


def crc_covlib(asked: Task) -> list[Peer]:
    """Return crc-covlib on our profiles, and on profiles that it samples itself."""
    with contextlib.redirect_stdout(io.StringIO()):  # it misses maps of the ITU that are not used
        module = _module("crc_covlib.simulation")
    if module is None:
        return []
    given, sampled = _simulation(module, asked), _simulation(module, asked)
    _add_ground(module, sampled, asked.ground)

    def on_profile(one: Link) -> float:
        heights_m, clutter_m = one.ground.height_m, one.ground.clutter_m.astype(np.int32)
        found = given.GenerateProfileReceptionPointResult(
            one.rx[1], one.rx[0], heights_m.size, heights_m, clutter_m
        )
        return float(found)

    def on_terrain(one: Link) -> float:
        return float(sampled.GenerateReceptionPointResult(one.rx[1], one.rx[0]))

    count, name = (
        len(asked.links),
        f"crc-covlib {importlib.import_module('crc_covlib').__version__}",
    )
    return [
        Peer(f"{name}, profiles handed over", on_profile, count, SAME),
        Peer(f"{name}, sampling the terrain itself", on_terrain, count, OWN),
    ]


def _simulation(module: Any, asked: Task) -> Any:  # noqa: ANN401 - a module without types
    """Return a simulation of crc-covlib with our parameters."""
    made = module.Simulation()
    lon, lat = asked.links[0].tx
    made.SetTransmitterLocation(lat, lon)
    made.SetTransmitterHeight(asked.mast.antenna_height_m)
    made.SetTransmitterFrequency(asked.mast.frequency_mhz)
    upright = asked.parameters.polarization == "vertical"
    polarization = module.Polarization
    made.SetTransmitterPolarization(
        polarization.VERTICAL_POL if upright else polarization.HORIZONTAL_POL
    )
    made.SetReceiverHeightAboveGround(RECEIVER_M)
    made.SetPropagationModel(module.PropagationModel.ITU_R_P_1812)
    made.SetITURP1812TimePercentage(asked.parameters.time_percent)
    made.SetITURP1812LocationPercentage(asked.parameters.location_percent)
    made.SetITURP1812LandCoverMappingType(
        module.P1812LandCoverMappingType.P1812_MAP_TO_REPR_CLUTTER_HEIGHT
    )
    made.SetPrimaryLandCoverDataSource(module.LandCoverDataSource.LAND_COVER_CUSTOM)
    made.SetResultType(module.ResultType.PATH_LOSS_DB)
    return made


def _add_ground(module: Any, simulation: Any, ground: Ground) -> None:  # noqa: ANN401
    """Give crc-covlib our terrain and clutter, on a grid of an arc second."""
    bounds = crs.transform(*_corners(ground), ground.grid.crs, crs.GEOGRAPHIC)
    west, east, south, north = (f(side) for side in bounds for f in (np.min, np.max))
    lons = np.linspace(west, east, round((east - west) * 3600.0) + 1)
    lats = np.linspace(south, north, round((north - south) * 3600.0) + 1)
    lon, lat = (side.ravel() for side in np.meshgrid(lons, lats))
    column, row = ground.grid.fractional(*crs.transform(lon, lat, crs.GEOGRAPHIC, ground.grid.crs))
    surface, at = ground.surface, [row, column]
    terrain_m = map_coordinates(surface.terrain_m, at, order=1, mode="nearest")
    clutter_m = np.zeros_like(terrain_m)
    if surface.clutter_m is not None:
        clutter_m = map_coordinates(surface.clutter_m, at, order=0, mode="nearest")
    place = (south, west, north, east, lons.size, lats.size)
    kind, cover = module.TerrainElevDataSource, module.LandCoverDataSource.LAND_COVER_CUSTOM
    simulation.SetPrimaryTerrainElevDataSource(kind.TERR_ELEV_CUSTOM)
    simulation.SetTerrainElevDataSamplingResolution(ground.grid.pixel_m)
    method = module.SamplingMethod.BILINEAR_INTERPOLATION
    simulation.SetTerrainElevDataSourceSamplingMethod(kind.TERR_ELEV_CUSTOM, method)
    simulation.AddCustomTerrainElevData(*place, terrain_m.astype(np.float32))
    simulation.AddCustomLandCoverData(*place, clutter_m.astype(np.int16))
    for height_m in np.unique(clutter_m).astype(int).tolist():
        model = module.PropagationModel.ITU_R_P_1812
        simulation.SetLandCoverClassMapping(cover, height_m, model, height_m)


def _corners(ground: Ground) -> tuple[list[float], list[float]]:
    west, south, east, north = ground.grid.bounds
    return [west, west, east, east], [south, north, south, north]


def itmlogic(asked: Task) -> list[Peer]:
    """Return itmlogic, where it is installed: Longley-Rice, another model over the same ground."""
    prepare = _module("itmlogic.preparatory_subroutines.qlrpfl")
    vary = _module("itmlogic.statistics.avar")
    if prepare is None or vary is None:
        return []
    wave = asked.mast.frequency_mhz / 47.7
    impedance = complex(15.0, 376.62 * 0.005 / wave)  # average ground
    fixed = {
        "fmhz": asked.mast.frequency_mhz,
        "hg": [asked.mast.antenna_height_m, RECEIVER_M],
        "wn": wave,
        "zgnd": np.sqrt(impedance - 1.0) / impedance,
        "ens": N0,
        "gme": 157e-9 * (1.0 - 0.04665 * math.exp(N0 / 179.3)),
        "klim": 2,
        "klimx": 0,
        "mdvarx": 11,
        "lvar": 5,
        "kwx": 0,
    }

    def loss(one: Link) -> float:
        last, metres = one.ground.height_m.size - 1, 1000.0 * float(one.ground.distance_km[-1])
        state = prepare.qlrpfl(fixed | {"pfl": [last, metres / last, *one.ground.height_m]})
        excess_db, state = vary.avar(0.0, 0.0, 0.0, state)
        return float(20.0 * math.log10(2.0 * wave * state["dist"]) + excess_db)

    return [Peer("itmlogic, Longley-Rice", loss, SLOW, OTHER)]


def timed(peer: Peer, links: list[Link]) -> tuple[Floats, float]:
    """Return the losses and the links a second of one thread, the best of several rounds."""
    used = links[: peer.receivers]
    for one in used[:3]:  # the first compiles or fills caches
        peer.loss(one)
    rates = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        losses_db = [peer.loss(one) for one in used]
        rates.append(len(used) / (time.thread_time() - start))
    return np.array(losses_db), max(rates)


def area_rate(asked: Task, radius_m: float) -> float:
    """Return the receive points a second of our area engine, one thread, the best of many rounds.

    What all masts of a network share, the list of receivers in reach, is made once.
    """
    reach, rates = Reach(radius_m, model=asked.parameters), []
    field, fan = asked.ground.surface.ground(reach), reach.fan(asked.ground.surface.pixel_m)
    air = asked.parameters.climate()
    for _ in range(AREA_ROUNDS):
        start = time.thread_time()
        receivers = reception.trace(field, asked.mast, fan)
        sweep.walk(field, asked.mast, air, fan, receivers)
        rates.append(receivers.pixel.size / (time.thread_time() - start))
    return max(rates)


def times_faster(time_percent: float, radius_m: float) -> float | None:
    """Return how many times faster the area engine is than crc-covlib on profiles handed over.

    None where it is not installed.
    """
    asked = task(terrain.province(), time_percent, radius_m, RECEIVERS)
    given = crc_covlib(asked)[:1]
    return area_rate(asked, radius_m) / timed(given[0], asked.links)[1] if given else None


def table(asked: Task, radius_m: float) -> None:
    """Print a table; a program that should agree and does not is an error."""
    fastest = area_rate(asked, radius_m)
    print("| program | works on | points/s of one core | area engine is faster | RMS | largest |")
    print("|---|---|---|---|---|---|")
    print(f"| phusong, area engine | terrain | {fastest:,.0f} | 1 | | |")
    expected_db, rate = timed(ours(asked), asked.links)
    print(
        f"| phusong, single paths | {SAME} | {rate:,.0f} | {fastest / rate:,.0f} | | |", flush=True
    )
    for peer in (*crc_covlib(asked), *py1812(asked), *itmlogic(asked)):
        found_db, rate = timed(peer, asked.links)
        gap_db = found_db - expected_db[: found_db.size]
        rms_db, largest_db = math.sqrt(np.mean(gap_db**2)), np.abs(gap_db).max()
        errors = "| |" if peer.basis == OTHER else f"{rms_db:.2g} dB | {largest_db:.2g} dB |"
        shown = f"{peer.basis} | {rate:,.0f} | {fastest / rate:,.0f} | {errors}"
        print(f"| {peer.name} | {shown}", flush=True)
        if peer.basis == SAME and largest_db > TOLERANCE_DB:
            raise SystemExit(f"{peer.name} differs by more than {TOLERANCE_DB:g} dB")


def main(words: Sequence[str] | None = None) -> None:
    """Print a table for half and for one per cent of the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=RECEIVERS)
    parser.add_argument("--radius-km", type=float, default=5.0)
    wanted = parser.parse_args(words)
    ground, radius_m = terrain.province(), 1000.0 * wanted.radius_km
    site = terrain.SITES[0]
    print(
        f"P.1812 at {terrain.FREQUENCY_MHZ:g} MHz from {site.name}, {site.antenna_height_m:g} m,\n"
        f"to {wanted.receivers:,} receivers within {wanted.radius_km:g} km (slow ones {SLOW}).\n"
        f"Terrain: {ground.source}, with clutter, a point every 30 m. RMS and largest difference\n"
        "are against our single paths; P.1812 on the same profile may differ by "
        f"{TOLERANCE_DB:g} dB.\nA program that is not installed is left out."
    )
    for time_percent in (50.0, 1.0):
        print(f"\n### {time_percent:g} % of time\n")
        table(task(ground, time_percent, radius_m, wanted.receivers), radius_m)


if __name__ == "__main__":
    main()
