"""Compare the area engine with single paths of ITU-R P.1812 over the terrain of the province.

Run with ``python -m benchmarks.accuracy``; ``--receivers`` and ``--radius-km`` change the sample.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import terrain
from benchmarks.terrain import Ground, Site
from phusong.coverage.area import loss_windows, reception
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps
from phusong.coverage.area.reception import Mast
from phusong.coverage.models.p1812 import P1812Parameters, predict
from phusong.coverage.p1812 import sweep as sweep_p1812

Floats = NDArray[np.float64]
NEAREST_M = 250.0  # P.1812 is published from here on
FINER = 0.8  # pixels between the points of the finer profiles
USABLE_DB = 160.0  # beyond, even a panel of 43 dBm per resource element is below -117 dBm


class Case(NamedTuple):
    """Frequency, share of time, and whether clutter stands on the ground."""

    frequency_mhz: float
    time_percent: float
    built: bool

    def __str__(self) -> str:
        """Return the case in words."""
        ground = "clutter" if self.built else "bare"
        return f"{self.frequency_mhz:g} MHz, {self.time_percent:g} % of time, {ground}"


CASES = tuple(
    Case(frequency_mhz, time_percent, built)
    for frequency_mhz, time_percent in ((2550.0, 50.0), (2550.0, 1.0), (700.0, 50.0))
    for built in (False, True)
)


class Errors(NamedTuple):
    """What the sweep gives more than single paths, and how far and lossy these are.

    ``finer_db`` is the loss of the same single paths with points closer together.
    """

    difference_db: Floats
    distance_m: Floats
    loss_db: Floats
    finer_db: Floats


class Summary(NamedTuple):
    """Errors in a few figures, decibels; the percentiles are of the absolute error."""

    mean_db: float
    rms_db: float
    p95_db: float
    p99_db: float
    max_db: float


def summary(difference_db: Floats) -> Summary:
    """Return errors in a few figures."""
    p95_db, p99_db, max_db = np.percentile(np.abs(difference_db), (95.0, 99.0, 100.0))
    rms_db = float(np.sqrt(np.mean(difference_db**2)))
    return Summary(float(difference_db.mean()), rms_db, p95_db, p99_db, max_db)


def swept(ground: Surface, mast: Mast, reach: Reach) -> tuple[reception.Receivers, Floats]:
    """Return the receivers of a mast and the losses that the area engine gives them."""
    field, fan = ground.ground(reach), reach.fan(ground.pixel_m)
    receivers = reception.trace(field, mast, fan)
    assert isinstance(reach.model, P1812Parameters)  # noqa: S101 - what is compared
    loss_db = sweep_p1812.walk(field, mast, reach.model.climate(), fan, receivers)
    return receivers, loss_db.astype(np.float64)


def compared(ground: Surface, mast: Mast, reach: Reach, count: int, seed: int = 4) -> Errors:
    """Return the errors at random receivers, evenly over the area and beyond 250 m."""
    receivers, area_db = swept(ground, mast, reach)
    distance_m = receivers.distance * ground.pixel_m
    far = np.flatnonzero(distance_m > NEAREST_M)
    chosen = np.random.default_rng(seed).choice(far, min(count, far.size), replace=False)
    places = np.column_stack(np.divmod(receivers.pixel[chosen], ground.terrain_m.shape[1])).tolist()
    single_db, finer_db = (
        np.array([path_loss_db(ground, mast, row, column, reach, step) for row, column in places])
        for step in (1.0, FINER)
    )
    return Errors(
        area_db[chosen] - single_db, distance_m[chosen].astype(float), single_db, finer_db
    )


def path_loss_db(
    ground: Surface, mast: Mast, row: int, column: int, reach: Reach, step: float = 1.0
) -> float:
    """Return the loss of one receiver by a path of its own, a point every ``step`` pixels."""
    found = predict(
        terrain.path(ground, mast, row, column, step),
        mast.frequency_mhz,
        mast.antenna_height_m,
        reach.receiver_height_m,
        reach.model,
    )
    return float(found.losses.loss_db)


def of_case(
    ground: Ground, case: Case, radius_m: float, count: int
) -> Iterator[tuple[Site, Errors]]:
    """Yield the errors of every site."""
    chosen = ground if case.built else ground.bare()
    parameters = replace(P1812Parameters(), time_percent=case.time_percent)
    reach = Reach(radius_m, model=parameters)
    for site in terrain.SITES:
        mast = ground.mast(site, case.frequency_mhz)
        yield site, compared(chosen.surface, mast, reach, count)


def joined(parts: list[Errors]) -> Errors:
    """Return the errors of several sites as one."""
    return Errors(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def rounding_db(ground: Ground, radius_m: float) -> float:
    """Return how far the kept losses, in 64ths of a decibel, lie from the computed ones at most."""
    mast, reach = (
        ground.mast(terrain.SITES[0], terrain.FREQUENCY_MHZ),
        Reach(radius_m, model=P1812Parameters()),
    )
    masts = Masts(*(np.array([value]) for value in mast))
    window = loss_windows.windows(Sweeps(ground.surface, masts, reach), np.array([0]))[0]
    receivers, loss_db = swept(ground.surface, mast, reach)
    top, left = loss_windows.corner(mast, reach.fan(ground.surface.pixel_m))
    rows, columns = np.divmod(receivers.pixel, ground.surface.terrain_m.shape[1])
    kept_db = window[rows - top, columns - left] / loss_windows.STEPS_PER_DB
    return float(np.abs(kept_db - loss_db).max())


def on_axes(ground: Ground, site: Site, radius_m: float) -> Floats:
    """Return the errors due north, east, south and west of a mast on a pixel's centre.

    There sweep and single path read the same terrain: what is left is arithmetic, 32 bits
    against 64 and tables against functions.
    """
    exact = ground.mast(site, terrain.FREQUENCY_MHZ)
    top, left = round(exact.row), round(exact.column)
    mast, reach = exact._replace(row=top, column=left), Reach(radius_m, model=P1812Parameters())
    receivers, area_db = swept(ground.surface, mast, reach)
    rows, columns = np.divmod(receivers.pixel, ground.surface.terrain_m.shape[1])
    far = receivers.distance * ground.surface.pixel_m > NEAREST_M
    found = np.flatnonzero(((rows == top) | (columns == left)) & far)
    single_db = [
        path_loss_db(ground.surface, mast, int(rows[i]), int(columns[i]), reach) for i in found
    ]
    return np.asarray(area_db[found] - np.array(single_db), float)


def row(name: str, errors: Errors) -> str:
    """Return one row of the table."""
    found = summary(errors.difference_db)
    usable_db = errors.difference_db[errors.loss_db <= USABLE_DB]
    own = summary(errors.finer_db - errors.loss_db)
    columns = (*found, summary(usable_db).rms_db, own.rms_db)
    figures = " | ".join(f"{value:.2f}" for value in columns)
    return f"| {name} | {figures} |"


def main(words: Sequence[str] | None = None) -> None:
    """Print a table for every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=1000)
    parser.add_argument("--radius-km", type=float, default=10.0)
    wanted = parser.parse_args(words)
    ground, radius_m = terrain.province(), 1000.0 * wanted.radius_km
    print(
        f"Terrain: {ground.source}. Area engine less single path, dB, at {wanted.receivers:,}\n"
        f"receivers of each mast between 0.25 and {wanted.radius_km:g} km; percentiles are of the\n"
        f"absolute error. RMS usable: where the loss is at most {USABLE_DB:g} dB. RMS own: how\n"
        f"far single paths move themselves when their points lie {FINER:g} pixels apart, not one."
    )
    for case in CASES:
        print(f"\n### {case}\n\n| mast | mean | RMS | p95 | p99 | max | RMS usable | RMS own |")
        print("|---|---|---|---|---|---|---|---|")
        found = list(of_case(ground, case, radius_m, wanted.receivers))
        for site, errors in found:
            print(row(f"{site.name}, {site.antenna_height_m:g} m", errors))
        print(row("**all**", joined([errors for _, errors in found])), flush=True)
    axes_db = np.concatenate([on_axes(ground, site, radius_m) for site in terrain.SITES])
    print(
        f"\nOn the axes, where both read the same terrain: at most {np.abs(axes_db).max():.4f} dB."
    )
    print(f"Rounding of kept losses: at most {rounding_db(ground, radius_m):.4f} dB.")


if __name__ == "__main__":
    main()
