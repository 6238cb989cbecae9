"""The map of a run as one picture: who is served at its end, the stations, a legend; no browser."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong.geodata import symbols
from phusong.geodata.crs import GEOGRAPHIC
from phusong.geodata.files.whole import replace_whole
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.runs.folder import RunFolder, open_run
from phusong.geodata.writers.classes import Classes
from phusong.maps.layers import features, settled, themes
from phusong.maps.pictures import overlay, palette, relief
from phusong.maps.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["write_png"]

PAGE_INCHES = (11.69, 8.27)  # A4 on its side
DOTS_PER_INCH = 200
MARGIN_M = 1500.0
NUMBERED = 10  # stations whose rank is written, and that are listed
SCALE_KM = 10.0
MARKERS = {"circle": "o", "diamond": "D", "star": "*", "square": "s"}
KEY, ROW = (0.715, 0.89), 0.0235  # where the legend begins, and the height of its rows


def write_png(run_folder: Path, path: Path, language: str) -> Path:
    """Write the map of a finished run as a PNG of A4 on its side and return its path.

    Parameters
    ----------
    run_folder
        Folder of the run.
    path
        Of the picture.
    language
        ``vi`` or ``en``.

    Returns
    -------
    Path
        The picture.
    """
    known = text.language(language)
    drawn = figure(open_run(run_folder).in_language(known), known)
    with replace_whole(path) as temporary:
        drawn.savefig(temporary, dpi=DOTS_PER_INCH, format="png", facecolor="white")
    return path


def figure(run: RunFolder, language: str) -> "Figure":
    """Return the map of a run as a matplotlib figure."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    communes = features.display_communes(run)
    province = features.degrees(communes.geometry).union_all()
    grid = overlay.mercator_grid(province.bounds, MARGIN_M, relief.GROUND_PIXEL_M)
    page = Figure(figsize=PAGE_INCHES)
    axes = page.add_axes((0.02, 0.02, 0.68, 0.88))
    axes.axis("off")
    west, south, east, north = grid.bounds
    axes.imshow(_ground(run, grid, province), extent=(west, east, south, north))
    _borders(axes, communes)
    _names(axes, communes)
    _stations(axes, run.ranking)
    _scale(axes, grid, province)
    _header(page, run, language)
    _key(page, run, language)
    return page


def shown(run: RunFolder) -> tuple[Raster, Classes] | None:
    """Return who is served by the end of the plan, and the classes; None without a prediction."""
    served = settled.served(run)
    band = settled.steps(run)[-1]
    asked = float(run.record["service"]["probability"])
    return (served[band], settled.classes(asked)) if band in served else None


def _ground(run: RunFolder, grid: Grid, province: BaseGeometry) -> NDArray[np.uint8]:
    """Return relief, who is served, and water, as on the page: themes darken the relief."""
    inside = overlay.inside(province, grid)
    ground = relief.painted(run, grid, inside).astype(float)
    found = shown(run)
    if found:
        canvas = themes.Canvas(run, grid, inside)
        double = settled.doubled(found[1])
        shares = canvas.warped(found[0]) + settled.ELSEWHERE * ~canvas.settled
        index = np.where(inside, double.index(shares), palette.NO_CLASS)
        colours = np.array([(255, 255, 255), *map(symbols.rgb, double.colours)], float)
        ground *= colours[index] / 255.0
    wet = relief.water(run, grid) & inside
    ground[wet] = symbols.rgb(palette.WATER)
    return ground.round().astype(np.uint8)


def _borders(axes: "Axes", communes: GeoDataFrame) -> None:
    mercator = communes.to_crs(overlay.MERCATOR)
    districts = mercator.dissolve(col.DISTRICT_CODE).geometry
    mercator.boundary.plot(ax=axes, color="#34424c", linewidth=0.25, alpha=0.5, aspect=None)
    districts.boundary.plot(ax=axes, color=palette.INK, linewidth=0.8, aspect=None)


def _names(axes: "Axes", communes: GeoDataFrame) -> None:
    from matplotlib.patheffects import withStroke  # noqa: PLC0415 - slow to import

    whole = communes.dissolve(col.DISTRICT_CODE)
    points = features.label_points(whole).set_crs(whole.crs, allow_override=True)
    halo = [withStroke(linewidth=2.2, foreground="#fffdf7")]
    for point, name in zip(points.to_crs(overlay.MERCATOR), whole[col.DISTRICT], strict=True):
        short = str(name).upper()
        axes.text(point.x, point.y, short, size=7, weight="bold", ha="center", path_effects=halo)


def _stations(axes: "Axes", ranking: GeoDataFrame) -> None:
    colours = symbols.year_colours(ranking[col.YEAR])
    ordered = ranking.sort_values(col.RANK, ascending=False)
    points = ordered.geometry.set_crs(GEOGRAPHIC, allow_override=True).to_crs(overlay.MERCATOR)
    rows = zip(ordered[col.RANK], ordered[col.KIND], ordered[col.YEAR], points, strict=True)
    for rank, kind, year, point in rows:
        colour, first = colours[int(year)], int(rank) <= NUMBERED
        sign = symbols.STATIONS.get(str(kind), symbols.STATIONS["colocated"])
        axes.plot(
            *(point.x, point.y, MARKERS[sign.shape]),
            markersize=9 if first else 4.6,
            markerfacecolor=colour,
            markeredgecolor="white",
            markeredgewidth=0.6,
        )
        if first:
            ink = palette.readable(colour)
            axes.annotate(
                *(str(rank), (point.x, point.y)),
                size=5.2,
                weight=700,
                color=ink,
                ha="center",
                va="center_baseline",
            )


def _scale(axes: "Axes", grid: Grid, province: BaseGeometry) -> None:
    west, south, east, north = grid.bounds
    length = SCALE_KM * 1000.0 / np.cos(np.radians(province.centroid.y))
    x, y, rise = west + 0.03 * (east - west), south + 0.03 * (north - south), 400.0
    axes.plot([x, x, x + length, x + length], [y + rise, y, y, y + rise], color=palette.INK, lw=1.1)
    axes.text(x + length / 2, y + rise, f"{SCALE_KM:g} km", size=7, ha="center")


def _header(page: "Figure", run: RunFolder, language: str) -> None:
    word, head = text.words(language), run.record["headline"]
    title = word["map_title"].format(province=run.record["province"]["name"])
    page.text(0.02, 0.955, title, size=15, weight="bold", color=palette.INK)
    before, after = (
        text.percent(head[f"people_share_{when}"], language) for when in ("before", "after")
    )
    place = word[run.record["service"]["location"]]
    lines = [
        f"{word['people_covered']} {place}: {before} → {after}",
        f"{word['proposed_stations']}: {text.number(head['stations'], language)}",
        f"{word['cost_total']}: {text.money(head['cost_million'], language)}",
        text.date(run.record["created"], language),
    ]
    page.text(0.02, 0.925, "   ·   ".join(lines), size=8.5, color="#44515a")


def _key(page: "Figure", run: RunFolder, language: str) -> None:
    """Write the legend: classes with residents, years, kinds, the first stations, the data."""
    word = text.words(language)
    at = _Column(page, *KEY)
    if found := shown(run):
        _classes(at, run, found, word, language)
    at.title(word["proposed_stations"])
    for year, colour in symbols.year_colours(run.ranking[col.YEAR]).items():
        at.row(str(year), colour, "o")
    for kind in sorted(set(run.ranking[col.KIND].astype(str))):
        sign = symbols.STATIONS.get(kind, symbols.STATIONS["colocated"])
        at.row(word.get(kind, kind), "white", MARKERS[sign.shape])
    at.row(word["water"], palette.WATER, "s")
    at.title(word["print_stations"])
    names = run.communes.set_index(col.COMMUNE_CODE)[col.NAME]
    for row in run.ranking.sort_values(col.RANK).head(NUMBERED).to_dict("records"):
        place = names.get(row[col.COMMUNE_CODE], "")
        gained = f"+{text.number(row[col.PEOPLE_GAINED], language)}"
        at.row(f"{row[col.RANK]}. {place}, {row[col.YEAR]}", more=gained)
    if any(layer["status"] != "given" for layer in run.record["layers"].values()):
        at.title(word["about_data_note"], colour="#6d4409")


def _classes(
    at: "_Column",
    run: RunFolder,
    found: tuple[Raster, Classes],
    word: dict[str, str],
    language: str,
) -> None:
    band, classes = found
    place = word[run.record["service"]["location"]]
    at.title(word["legend_served"].format(location=place), word["served_residents"])
    residents = settled.residents_by_class(settled.residents(run), band, classes)
    limits = (0.0, *classes.breaks, 1.0)
    for i in reversed(range(len(classes.colours))):
        low, high = (text.percent(limit, language, 0) for limit in limits[i : i + 2])
        share = text.percent(residents[i], language) if residents else ""
        at.row(f"{low} – {high}", classes.colours[i], "s", more=share)
    at.row(word["served_note"], small=True)


class _Column:
    """Rows of a legend, one below the other."""

    def __init__(self, page: "Figure", x: float, y: float) -> None:
        self.page, self.x, self.y = page, x, y

    def title(self, words: str, more: str = "", colour: str = palette.INK) -> None:
        """Write a heading, wrapped, after a gap."""
        self.y -= 0.4 * ROW
        self._write(words, 0.0, more, size=7.5, weight="bold", color=colour)

    def row(
        self, words: str, colour: str = "", shape: str = "", *, more: str = "", small: bool = False
    ) -> None:
        """Write a row with its sign on the left and a figure on the right."""
        if shape:
            from matplotlib.lines import Line2D  # noqa: PLC0415 - slow to import

            sign: Any = {"marker": shape, "markersize": 7, "markerfacecolor": colour}
            place = [self.x + 0.008], [self.y + 0.004]
            self.page.add_artist(Line2D(*place, markeredgecolor="#66727a", mew=0.5, **sign))
        self._write(words, 0.02 if shape else 0.0, more, size=6.2 if small else 7)

    def _write(self, words: str, indent: float, more: str, **look: Any) -> None:  # noqa: ANN401

        lines = textwrap.wrap(words, 40 if more else 56) or [""]
        for line in lines:
            self.page.text(self.x + indent, self.y, line, **look)
            if more and line is lines[-1]:
                self.page.text(0.98, self.y, more, ha="right", **look)
            self.y -= ROW
