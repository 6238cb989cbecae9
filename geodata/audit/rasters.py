"""Audit a raster: CRS, extent, resolution, voids, units and oddities of height."""

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, uniform_filter

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata import crs
from phusong.geodata.audit import places
from phusong.geodata.audit.findings import Finding
from phusong.geodata.audit.places import Reference
from phusong.geodata.countries import current
from phusong.geodata.files import raster
from phusong.geodata.grid import Raster
from phusong.geodata.ground import mosaic
from phusong.geodata.provinces import build
from phusong.geodata.units import unit_sets
from phusong.messages import message

SPIKE_M = 150.0  # one pixel of 30 m does not stand so much above or below all its neighbours
COARSE_M = 100.0
MAX_SIDE = 4_000  # larger rasters are thinned for the figures of the whole
SHOWN_VOIDS = 20
WINDOW, ROUGH_M = 9, 1.0
PLAIN_M, HILL_M = 50.0, 100.0
UNITS = {"feet": (3.0, 3.6), "decimetres": (8.0, 12.0), "kilometres": (0.0005, 0.002)}
OFFSET_M = 15.0  # on plains, where terrain models differ by a few metres
_SHADOW = message("why.hills_that_are_not_there_or")
UNUSABLE = message("why.the_province_cannot_be_built_from")
_VOID = message("why.what_fills_it_is_a_guess")


def audit(
    path: Path, ground: Reference, stated_crs: str | None = None, unit: str = ""
) -> list[Finding]:
    """Return what there is to say of a raster file, held against the province."""
    source = str(path)
    values, pixel, name, kind = _read(path, stated_crs)
    known = np.isfinite(values)
    span = f"{values[known].min():g} to {values[known].max():g}" if known.any() else "no value"
    voids = f"{np.mean(~known):.2%} without a value"
    note = message("problem.in", pixel=pixel, name=name, span=span, voids=voids)
    results = [Finding("note", Defect(source, note), "raster")]
    here = raster.on_grid(path, ground.terrain.grid, labels=False, stated_crs=stated_crs)
    inside = places.within(ground)

    def refused(layer: str) -> list[Finding]:
        """Return why a build would not take it, where it reaches the province."""
        if not (np.isfinite(here) & inside).any():
            return []
        grid = ground.terrain.grid
        wrong = build.refusals(layer, path, ground.communes, grid, stated_crs)
        return [Finding("error", defect, "unusable", UNUSABLE) for defect in wrong]

    if kind == "labels" and "void" in path.stem.lower() and set(np.unique(values[known])) == {0, 1}:
        return [*results, *_marked(path, source, values == 1, ground, stated_crs)]
    if kind == "labels":
        classes = ", ".join(f"{value:g}" for value in np.unique(values[known])[:12])
        held = Defect(source, message("problem.holds_classes", classes=classes))
        return [*results, Finding("note", held, "classes"), *refused("landcover")]
    results += refused(kind)
    results += _size(path, source, stated_crs)
    if kind == "population":
        return results + _people(path, source, here, inside, ground, stated_crs)
    unit = unit or raster.unit_of(path, stated_crs)
    heights_m, height_notes = mosaic.in_metres(values.astype(np.float32), unit)
    here, _ = mosaic.in_metres(here, unit)
    results += [
        Finding("warning", Defect(source, note), "heights-read", _VOID) for note in height_notes
    ]
    results += [*_extent(source, here, inside, ground)]
    if (np.isfinite(here) & inside).any():
        results += [*_vertical(source, here, inside, ground), *_low(source, heights_m)]
        results += _scatter(source, heights_m)
        results += _spiky(source, Raster(here, ground.terrain.grid), inside)
    return results


def _read(path: Path, stated: str | None) -> tuple[NDArray[np.float64], str, str, str]:
    """Return the values (NaN where none, thinned if huge), size, CRS and kind of a raster."""
    with raster.opened(path, stated) as source:
        shape = (min(source.height, MAX_SIDE), min(source.width, MAX_SIDE))
        data = source.read(1, out_shape=shape, masked=True)
        values = np.ma.filled(data.astype(np.float64), np.nan) * source.scales[0]
        values += source.offsets[0]
        size = f"{source.width} x {source.height} pixels of {source.transform.a:.6g}"
        name = raster.crs_of(source, stated).to_string()
        labels = source.dtypes[0] in {"uint8", "int8"}
    people = any(word in path.stem.lower() for word in ("pop", "ppp", "danso", "dan_so"))
    kind = "population" if people else "labels" if labels else "terrain"
    return values, size, name, kind


def _marked(
    path: Path, source: str, marked: NDArray[np.bool_], ground: Reference, stated: str | None
) -> Iterable[Finding]:
    """Tell how many pixels a mask marks as void before they were filled, and the largest holes."""
    with raster.opened(path, stated) as opened:
        step = opened.transform * opened.transform.scale(
            opened.width / marked.shape[1], opened.height / marked.shape[0]
        )
        name = raster.crs_of(opened, stated).to_string()
    rows, columns = np.nonzero(marked)
    x, y = step * (columns + 0.5, rows + 0.5)
    planning = ground.terrain.grid.crs
    x_m, y_m = crs.transform(x, y, name, planning)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x_m, y_m), crs=planning)
    inside = places.assigned(points, ground) >= 0
    holes, _ = label(marked)
    hole = holes[rows, columns]
    sizes = np.bincount(hole)[1:]
    problem = message(
        "problem.marks_pixels_as_void_of_them",
        n=len(rows),
        mean=marked.mean(),
        sum=int(inside.sum()),
        max=sizes.max(),
    )
    remedy = message("remedy.heights_there_were_filled_in_give")
    yield Finding("warning", Defect(source, problem, remedy), "void", _VOID)
    for number in np.argsort(-sizes)[:SHOWN_VOIDS]:
        if inside[hole == number + 1].any():
            own = hole == number + 1
            centre = float(x_m[own].mean()), float(y_m[own].mean())
            yield _void_place(source, int(sizes[number]), centre, planning)


def _void_place(source: str, size: int, at_m: tuple[float, float], planning: str) -> Finding:
    lon, lat = crs.transform(*at_m, planning, crs.GEOGRAPHIC)
    place = round(float(lon), 6), round(float(lat), 6)
    problem = message("problem.a_void_of_pixels_at", size=size, place=place[0], place2=place[1])
    return Finding("note", Defect(source, problem), "void-place", _VOID, *place)


def _scatter(source: str, values: NDArray[np.float32]) -> Iterable[Finding]:
    """Tell how rough plains are: radar sees tree tops and roofs, and is noisy."""
    heights = np.where(values > mosaic.LOWEST_TERRAIN_M, values, np.nan)
    mean = uniform_filter(heights, WINDOW)
    spread_m = np.sqrt(np.maximum(uniform_filter(heights**2, WINDOW) - mean**2, 0.0))
    plain = spread_m[(mean > 0) & (mean < PLAIN_M)]
    if len(plain) and (scatter_m := float(np.quantile(plain, 0.25))) > ROUGH_M:
        problem = message("problem.even_the_smoothest_quarter_of_its", scatter_m=scatter_m)
        remedy = message("remedy.tree_tops_roofs_and_noise_of")
        yield Finding("note", Defect(source, problem, remedy), "rough-plains", _SHADOW)


def _size(path: Path, source: str, stated: str | None) -> list[Finding]:
    pixel_m = raster.pixel_area_m2(path, stated) ** 0.5
    if pixel_m <= COARSE_M:
        return []
    problem = message("problem.its_pixels_measure_m", pixel_m=pixel_m)
    defect = Defect(source, problem, message("remedy.30_m_copernicus_glo_30_srtm"))
    return [
        Finding(
            "warning", defect, "coarse-raster", message("why.ridges_narrower_than_that_are_lost")
        )
    ]


def _extent(
    source: str, here: NDArray[np.float32], inside: NDArray[np.bool_], ground: Reference
) -> Iterable[Finding]:
    """Find what the raster lacks inside the province, the largest holes with their place."""
    lacking = inside & np.isnan(here)
    share = float(np.mean(lacking[inside]))
    if share == 1:
        defect = Defect(
            source,
            message("problem.does_not_reach_the_province"),
            message("remedy.check_its_crs_or_give_province"),
        )
        yield Finding("warning", defect, "extent", _VOID)
    elif share:
        pixels = int(lacking.sum())
        problem = message("problem.pixels_of_30_m_of_the", pixels=pixels, share=share)
        remedy = message("remedy.give_a_second_source_to_data")
        yield Finding("warning", Defect(source, problem, remedy), "void", _VOID)
        yield from _holes(source, lacking, ground)


def _holes(source: str, lacking: NDArray[np.bool_], ground: Reference) -> Iterable[Finding]:
    labels, _ = label(lacking)
    sizes = np.bincount(labels.ravel())[1:]
    x_m, y_m = ground.terrain.grid.centres()
    for hole in np.argsort(-sizes)[:SHOWN_VOIDS]:
        rows, columns = np.nonzero(labels == hole + 1)
        x, y = float(x_m[columns].mean()), float(y_m[rows].mean())
        yield _void_place(source, int(sizes[hole]), (x, y), ground.terrain.grid.crs)


def _vertical(
    source: str, here: NDArray[np.float32], inside: NDArray[np.bool_], ground: Reference
) -> Iterable[Finding]:
    """Compare heights with the terrain of the province: units, datum, offset."""
    terrain = ground.terrain.values.astype(float)
    both = inside & np.isfinite(here)
    hills, plains = both & (terrain > HILL_M), both & (terrain < PLAIN_M)
    ratio = float(np.median(here[hills]) / np.median(terrain[hills])) if hills.any() else 1.0
    unit = next((name for name, (low, high) in UNITS.items() if low <= ratio <= high), None)
    if unit:
        problem = message("problem.hills_are_times_as_high_as", ratio=ratio)
        defect = Defect(
            source,
            message("problem.it_may_be_in", problem=problem, unit=unit),
            message("remedy.convert_it_to_metres"),
        )
        yield Finding("warning", defect, "height-unit", _SHADOW)
    offset_m = float(np.median(here[plains] - terrain[plains])) if plains.any() else 0.0
    if abs(offset_m) > OFFSET_M and not unit:
        geoid_m = current().terrain.geoid_m
        ellipsoidal = geoid_m is not None and geoid_m[0] <= offset_m <= geoid_m[1]
        remedy = message("remedy.convert_it_to_heights_above_sea") if ellipsoidal else ""
        cause = message("problem.heights_above_the_ellipsoid") if ellipsoidal else ""
        problem = message("problem.plains_lie_m_from_those_of", offset_m=offset_m, cause=cause)
        yield Finding("warning", Defect(source, problem, remedy), "height-offset", _SHADOW)


def _low(source: str, values: NDArray[np.float32]) -> Iterable[Finding]:
    heights = values[np.isfinite(values) & (values > mosaic.LOWEST_TERRAIN_M)]
    low, high = float(heights.min()), float(heights.max())
    yield from extremes(source, low, high)
    if low < 0:
        problem = message("problem.pixels_lie_below_0_m_the", sum=int((heights < 0).sum()), low=low)
        remedy = message("remedy.radar_sees_water_so_it_does")
        yield Finding("note", Defect(source, problem, remedy), "below-sea", _SHADOW)


def extremes(source: str, low: float, high: float) -> Iterable[Finding]:
    """Warn of heights that the country does not have."""
    lowest, highest = current().terrain.heights_m
    if low < lowest or high > highest:
        problem = message("problem.to_m_is_more_than_the", low=low, high=high)
        defect = Defect(source, problem, message("remedy.check_its_unit_and_its_mark"))
        yield Finding("warning", defect, "extremes", _SHADOW)


def _spiky(source: str, terrain: Raster, inside: NDArray[np.bool_]) -> list[Finding]:
    number = int(np.count_nonzero(_spikes(terrain.values.astype(np.float32)) & inside))
    if not number:
        return []
    problem = message("problem.pixels_stand_m_above_or_below", number=number, spike_m=SPIKE_M)
    defect = Defect(source, problem, message("remedy.look_at_them_radar_leaves_such"))
    return [Finding("warning", defect, "spikes", _SHADOW)]


def heights(source: str, terrain: Raster, inside: NDArray[np.bool_]) -> list[Finding]:
    """Return extremes and spikes of the terrain of a province."""
    known = terrain.values[inside].astype(float)
    low, high = float(known.min()), float(known.max())
    note = Finding(
        "note",
        Defect(source, message("problem.to_m_above_sea_level", low=low, high=high)),
        "heights",
    )
    return [*extremes(source, low, high), *_spiky(source, terrain, inside), note]


def _spikes(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels far above or below all eight neighbours."""
    padded = np.pad(values, 1, mode="edge")
    rows, columns = values.shape
    steps = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
    around = [padded[i : i + rows, j : j + columns] for i, j in steps]
    above = values - np.maximum.reduce(around)
    below = np.minimum.reduce(around) - values
    return np.asarray(np.maximum(above, below) > SPIKE_M, bool)


def _people(
    path: Path,
    source: str,
    here: NDArray[np.float32],
    inside: NDArray[np.bool_],
    ground: Reference,
    stated: str | None,
) -> list[Finding]:
    """Compare the sum of a raster of residents with that of the communes."""
    density = np.nansum(here[inside].astype(float)) / raster.pixel_area_m2(path, stated)
    total = float(density) * ground.terrain.grid.pixel_m**2
    people = int(ground.communes[col.POPULATION].sum())
    note = unit_sets.raster_note(total, people).removeprefix("; ")
    if not note:
        return []
    why = message("why.shares_of_one_basis_by_another")
    return [Finding("warning", Defect(source, note), "population-basis", why)]
