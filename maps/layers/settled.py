"""Where people live and have the service: full colours on settled land, faint ones elsewhere.

A theme of coverage that paints fields misleads: of the embedded province 4 % of the area are
settled, and 97 % of the residents live there. Water is left out: it is water on every theme.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong import stored
from phusong.geodata.grid import Raster
from phusong.geodata.province import LandCover
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.writers.classes import PROBABILITY, Classes
from phusong.maps.pictures import palette, rasters

SETTLED = (LandCover.URBAN, LandCover.INDUSTRIAL, LandCover.SETTLEMENT)
BEFORE = "before"  # band of what is there before the plan
FAINT_SHARE = 0.12  # of a colour where nobody lives, the rest is white
ELSEWHERE = 2.0  # what is added to a share where nobody lives, so that one picture holds both


def classes(asked: float) -> Classes:
    """Return the classes of probability, one of which begins at the probability asked for."""
    nearest = min(PROBABILITY.breaks, key=lambda limit: abs(limit - asked))
    breaks = tuple(asked if limit == nearest else limit for limit in PROBABILITY.breaks)
    return Classes("probability", "", breaks, PROBABILITY.colours)


def doubled(once: Classes) -> Classes:
    """Return classes of settled land followed by the same, faint, of other land."""
    elsewhere = tuple(ELSEWHERE + limit for limit in once.breaks)
    breaks = (*once.breaks, ELSEWHERE - 0.5, *elsewhere)
    colours = full_and_faint(once.colours)
    return Classes(f"{once.name}_where_people_live", "", breaks, colours)


def full_and_faint(colours: Sequence[str]) -> tuple[str, ...]:
    """Return colours of settled land followed by the same, faint, of other land."""
    return (*colours, *(palette.mixed(colour, "#ffffff", FAINT_SHARE) for colour in colours))


# Outdoors a place is served where the mean level reaches the threshold: yes or no.
OUTDOORS = Classes("outdoors", "", (0.5,), (PROBABILITY.colours[0], PROBABILITY.colours[-2]))


def steps(run: RunFolder) -> list[str]:
    """Return the bands of a run: before the plan, and each of its years."""
    return [BEFORE, *(str(year["year"]) for year in run.record.get("years") or [])]


def served(run: RunFolder) -> dict[str, Raster]:
    """Return the probability of service by band; nothing where the run does not tell it."""
    return dict(rasters.bands(run, "served"))


def outdoors(run: RunFolder) -> dict[str, Raster]:
    """Return 1 where the mean level outdoors serves, else 0, by band."""
    least_dbm = run.record["service"]["outdoor_threshold_dbm"]
    return {
        band: replace(level, values=_reached(level.values, least_dbm), nodata=np.nan)
        for band, level in levels(run).items()
    }


def _reached(level_dbm: NDArray[Any], least_dbm: float) -> NDArray[np.float32]:
    return stored.by_bands(lambda rows: level_dbm[rows] >= least_dbm, level_dbm.shape, np.float32)


def levels(run: RunFolder) -> dict[str, Raster]:
    """Return the level outdoors before the plan and by the end of each year, as far as written."""
    single = {BEFORE: "rsrp_before", steps(run)[-1]: "rsrp_after"}
    read = {band: rasters.first(run, name) for band, name in single.items()}
    ends = {band: level for band, level in read.items() if level is not None}
    return {**ends, **rasters.bands(run, "rsrp_by_year")}


def sinr(run: RunFolder) -> dict[str, Raster]:
    """Return the SS-SINR outdoors by the end of each year, as far as written."""
    after = rasters.first(run, "ss_sinr_after")
    last = {} if after is None else {steps(run)[-1]: after}
    return {**last, **rasters.bands(run, "ss_sinr_by_year")}


class Residents(NamedTuple):
    """Residents where there are any: pixels (flat) of a grid of some shape, and how many."""

    shape: tuple[int, ...]
    pixels: NDArray[np.intp]
    number: NDArray[np.float32]


def residents(run: RunFolder) -> Residents | None:
    """Return the residents of a run, None where it does not count them."""
    people = rasters.bands(run, "population").get("residents")
    if people is None:
        return None
    number = known(people).ravel()
    pixels = np.flatnonzero(number > 0.0)
    return Residents(people.values.shape, pixels, number[pixels])


def residents_by_class(people: Residents | None, shown: Raster, once: Classes) -> list[float]:
    """Return the share of residents in each class; nothing where they are not counted."""
    if people is None or people.shape != shown.values.shape:
        return []
    values, sums = shown.values.ravel(), np.zeros(len(once.colours) + 1)
    for at in stored.bands(people.pixels.shape):
        here = values[people.pixels[at]].astype(np.float32)
        counted = np.isfinite(here) & (here != shown.nodata)
        sums += np.bincount(once.index(here[counted]), people.number[at][counted], len(sums))
    of_classes = sums[1:]
    return [round(float(part), 5) for part in of_classes / max(float(of_classes.sum()), 1e-9)]


def land(run: RunFolder) -> Raster | None:
    """Return the land cover of a run, None where it has none."""
    return rasters.first(run, "landcover")


def known(shown: Raster) -> NDArray[np.float32]:
    """Return values as numbers, NaN where there are none."""
    values: NDArray[np.float32] = shown.values.astype(np.float32)
    return np.where(shown.values == shown.nodata, np.float32(np.nan), values)
