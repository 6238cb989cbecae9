"""The themes of the map: what shades the province, one record for each.

To add a theme, add its record to ``THEMES``, and its title, under its name, to the section ``page``
of the catalogues in ``phusong/messages``. Controls, legend, divider, addresses and the card of a
place follow from the record.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong import stored
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers import settled
from phusong.maps.layers.settled import Residents
from phusong.maps.pictures import overlay, palette, rasters, servers
from phusong.maps.pictures.palette import Classes

THREADS = 2  # that draw: each holds the arrays of one theme
MARGIN_M = 300.0  # of the pictures around the province
STEP = "@"  # between a theme and the number of a step: 0 before the plan, 1 its first year

# How the page reads a theme: communes shaded by share; classes of a quantity between thresholds;
# classes that have a name each; years of coverage; a station for each colour; service where people
# live; or there where the service is as sure as asked for.
Kind = Literal["communes", "classes", "years", "servers", "served", "sure"]
# What it shows: the state before the plan, by its end, by the end of the year that is chosen, or a
# state that the plan does not change.
When = Literal["before", "plan", "years", "today"]


@dataclass(frozen=True)
class Canvas:
    """Where pictures of a run are drawn: the web-mercator grid, and which pixels are inside."""

    run: RunFolder
    grid: Grid
    inside: NDArray[np.bool_]

    @cached_property
    def settled(self) -> NDArray[np.bool_]:
        """Return where people live; everywhere where the run has no land cover."""
        cover = settled.land(self.run)
        if cover is None:
            return np.ones(self.grid.shape, bool)
        kinds = [float(kind) for kind in settled.SETTLED]
        return np.isin(self.warped(cover), kinds)

    @cached_property
    def residents(self) -> Residents | None:
        """Return the residents where there are any, None where the run does not count them."""
        return settled.residents(self.run)

    def warped(self, given: Raster) -> NDArray[np.float32]:
        """Return a raster on the grid, NaN where it says nothing."""
        values = overlay.warped(given, self.grid)
        stored.rest()  # of a raster in a file all of it has been read
        return values


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it: its address, and the classes or stations of its colours.

    ``residents`` is the share of them in each class, where it shows who is served.
    """

    url: str
    classes: Classes | None = None
    servers: list[tuple[str, str]] = field(default_factory=list)
    residents: list[float] = field(default_factory=list)


# Pictures before the plan and by the end of each year, by the number of the step.
Steps = dict[int, Picture]
Draw = Callable[[Canvas], Picture | Steps | None]  # nothing where the run has not what it needs


@dataclass(frozen=True)
class Theme:
    """What shades the map.

    Parameters
    ----------
    name : of the theme, in addresses and as the identifier of its title.
    group : identifier of the words of its group among the controls.
    when : which state of the plan it shows.
    draw : returns its picture; None for communes, and for the picture of another theme.
    kind : how the page reads it.
    picture : the theme whose picture it shares; its own name where left out.
    partner : the theme that stands on the left of a divider first.
    needs_service : whether its legend tells the level that the service requires.
    note : identifier of a sentence below its legend.
    """

    name: str
    group: str
    when: When
    draw: Draw | None = None
    kind: Kind = "classes"
    picture: str = ""
    partner: str = ""
    needs_service: bool = False
    note: str = ""

    @property
    def source(self) -> str:
        """Return the name of its picture; '' where it shades communes."""
        return "" if self.kind == "communes" else self.picture or self.name

    def payload(self) -> dict[str, Any]:
        """Return what the scripts of the page know of it."""
        fields = {key: value for key, value in vars(self).items() if key != "draw"}
        return fields | {"picture": self.source}


def raster(name: str, classes: Classes) -> Callable[[Canvas], Picture | None]:
    """Return what draws a raster of a run by the classes of its quantity."""

    def draw(canvas: Canvas) -> Picture | None:
        shown = rasters.first(canvas.run, name)
        if shown is None:
            return None
        return classified(canvas, classes.index(canvas.warped(shown)), classes)

    return draw


def by_step(bands: Callable[[RunFolder], dict[str, Raster]], classes: Classes) -> Draw:
    """Return what draws a quantity before the plan and by the end of each year."""

    def draw(canvas: Canvas) -> Steps:
        found = bands(canvas.run)
        return {
            step: classified(canvas, classes.index(canvas.warped(found[band])), classes)
            for step, band in enumerate(settled.steps(canvas.run))
            if band in found
        }

    return draw


def where_people_live(bands: Callable[[RunFolder], dict[str, Raster]], once: Classes) -> Draw:
    """Return what draws a share by step, in full colours where people live, faint elsewhere."""

    def draw(canvas: Canvas) -> Steps:
        asked = float(canvas.run.record["service"]["probability"])
        classes = settled.classes(asked) if once is palette.PROBABILITY else once
        found = bands(canvas.run)
        return {
            step: of_residents(canvas, found[band], classes)
            for step, band in enumerate(settled.steps(canvas.run))
            if band in found
        }

    return draw


def of_residents(canvas: Canvas, shown: Raster, classes: Classes) -> Picture:
    """Return the picture of a share, full where people live, and the residents in each class."""
    double = settled.doubled(classes)
    index = double.index(canvas.warped(shown) + settled.ELSEWHERE * ~canvas.settled)
    counted = settled.residents_by_class(canvas.residents, shown, classes)
    return replace(classified(canvas, index, double), residents=counted)


def coverage_years(canvas: Canvas) -> Picture | None:
    """Draw the year in which 5G first covers a place."""
    classes = palette.coverage_years(years(canvas.run))
    return raster("covered_year", classes)(canvas)


def best_servers(canvas: Canvas) -> Picture | None:
    """Draw the area of each station in a colour that no other has."""
    best = rasters.first(canvas.run, "best_server")
    stations = [str(name) for name in canvas.run.record.get("network") or ()]
    if best is None or not stations:
        return None
    warped = canvas.warped(best)
    known = canvas.inside & (warped >= 0) & (warped < len(stations))  # false where it is no number
    server = np.where(known, np.nan_to_num(warped, nan=servers.NONE), servers.NONE).astype(int)
    colours = servers.colours(servers.kinds(server, len(stations)))
    picture = overlay.colour_picture(servers.painted(server, colours), servers.CLEAR)
    written = ["#" + bytes(colour).hex() for colour in colours]
    pairs = list(zip(stations, written, strict=True))
    return Picture(overlay.data_url(picture, "png"), servers=pairs)


def years(run: RunFolder) -> list[int]:
    """Return the years of the rollout, those without a station too."""
    stated = {int(year["year"]) for year in run.record.get("years") or []}
    return sorted(stated | {int(year) for year in run.ranking[col.YEAR]})


def steps_of(pictures: Iterable[str]) -> dict[str, list[int]]:
    """Return the steps that are drawn of each theme with a picture by step."""
    steps: dict[str, list[int]] = {}
    for name in pictures:
        theme, is_step, step = name.partition(STEP)
        if is_step:
            steps.setdefault(theme, []).append(int(step))
    return {theme: sorted(own) for theme, own in steps.items()}


def classified(canvas: Canvas, index: NDArray[np.uint8], classes: Classes) -> Picture:
    """Return the picture of the class of every pixel, clear outside the province."""
    shown = np.where(canvas.inside, index, palette.NO_CLASS).astype(np.uint8)
    return Picture(overlay.data_url(overlay.picture(shown, classes.colours), "png"), classes)


SERVED, PEOPLE, SIGNAL = "surface_served", "surface_people", "surface_signal"
QUALITY, LTE = "surface_quality", "surface_lte"

# In the order of the controls.
THEMES: tuple[Theme, ...] = (
    Theme(
        *("served_outdoor", SERVED, "years"),
        where_people_live(settled.outdoors, settled.OUTDOORS),
        kind="served",
        partner="served_before",
    ),
    Theme(
        *("served", SERVED, "years", where_people_live(settled.served, palette.PROBABILITY)),
        kind="served",
        partner="served_before",
    ),
    Theme(
        *("served_sure", SERVED, "years"),
        kind="sure",
        picture="served",
        partner="served_before",
    ),
    Theme("served_before", SERVED, "before", kind="served", picture="served"),
    Theme("communes_after", PEOPLE, "years", kind="communes", partner="communes_before"),
    Theme("communes_before", PEOPLE, "before", kind="communes"),
    Theme(
        *("covered_year", SIGNAL, "years", coverage_years),
        kind="years",
        partner="coverage_before",
        needs_service=True,
    ),
    Theme(
        *("coverage_before", SIGNAL, "before"),
        kind="years",
        picture="covered_year",
        needs_service=True,
    ),
    Theme(
        *("rsrp_after", SIGNAL, "years", by_step(settled.levels, palette.LEVEL)),
        partner="rsrp_before",
        needs_service=True,
    ),
    Theme(
        *("rsrp_before", SIGNAL, "before"),
        picture="rsrp_after",
        needs_service=True,
    ),
    Theme(
        *("best_server", QUALITY, "plan", best_servers),
        kind="servers",
        note="best_server_note",
    ),
    Theme("ss_sinr_after", QUALITY, "years", by_step(settled.sinr, palette.SINR)),
    Theme("ss_rsrq_after", QUALITY, "plan", raster("ss_rsrq_after", palette.RSRQ)),
    Theme("sinr_after", QUALITY, "plan", raster("sinr_after", palette.SINR)),
    Theme("throughput_after", QUALITY, "plan", raster("throughput_after", palette.THROUGHPUT)),
    Theme("rsrp_4g", LTE, "today", raster("rsrp_4g", palette.LEVEL)),
)


def drawn(run: RunFolder, province: BaseGeometry) -> tuple[dict[str, Picture], Grid]:
    """Return the pictures of a run by theme, those by step as ``theme@step``, and their grid."""
    grid = overlay.mercator_grid(province.bounds, MARGIN_M)
    canvas = Canvas(run, grid, overlay.inside(province, grid))
    _ = canvas.settled, canvas.residents  # once, before the threads ask for them
    drawn_by = [(theme, theme.draw) for theme in THEMES if theme.draw]
    pictures: dict[str, Picture] = {}
    with ThreadPoolExecutor(THREADS) as pool:  # Pillow and numpy work without Python's lock
        every = list(pool.map(lambda pair: pair[1](canvas), drawn_by))
    for (theme, _), found in zip(drawn_by, every, strict=True):
        if isinstance(found, dict):
            pictures |= {f"{theme.name}{STEP}{step}": each for step, each in found.items()}
        elif found:
            pictures[theme.name] = found
    return pictures, grid
