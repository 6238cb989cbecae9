"""Build a province folder from any GIS files; what is not given is made by recipe."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.countries import DEFAULT, within
from phusong.geodata.files import guard, raster, tables
from phusong.geodata.files.tables import NOTHING, Stated
from phusong.geodata.grid import Grid, Raster, covering
from phusong.geodata.ground import mosaic
from phusong.geodata.ground import population as residents
from phusong.geodata.network import sites as site_list
from phusong.geodata.province import (
    FAR_M,
    MARGIN_M,
    UNKNOWN,
    WARDS,
    LandCover,
    Provenance,
    Province,
    SiteList,
)
from phusong.geodata.provinces import embedded, folder, zone_reader
from phusong.geodata.units import admin, boundaries, unit_sets
from phusong.messages import message

MAX_SHOWN = 10  # unknown classes named in a message
MAX_PLANNED = 50_000_000  # pixels of land that is planned: 45,000 km2 at 30 m
# Classes of ESA WorldCover (2020 and 2021): product user manual, table of classes.
WORLDCOVER = {
    10: LandCover.FOREST,
    20: LandCover.FOREST,
    30: LandCover.FARMLAND,
    40: LandCover.FARMLAND,
    50: LandCover.SETTLEMENT,
    60: LandCover.FARMLAND,
    70: LandCover.FARMLAND,
    80: LandCover.WATER,
    90: LandCover.WATER,
    95: LandCover.FOREST,
    100: LandCover.FARMLAND,
}
OWN = {int(kind): kind for kind in LandCover}


@dataclass(frozen=True)
class PlanningGround:
    """The communes of a province, the planning grid under them, and how other files are read."""

    communes: GeoDataFrame
    grid: Grid
    index: NDArray[np.int16]  # row of the pixel's commune, -1 outside
    stated: Mapping[str, Stated] = field(default_factory=dict)  # by layer

    def of(self, layer: str) -> Stated:
        """Return what the user says of the file of a layer."""
        return self.stated.get(layer, NOTHING)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Return which pixels lie in the province."""
        return np.asarray(self.index >= 0, bool)


Reader = Callable[[Any, PlanningGround], tuple[Any, Provenance]]


def build_province(
    communes: Path,
    terrain: Sequence[Path],
    out: Path,
    *,
    zones: Path | None = None,
    sites: Path | None = None,
    landcover: Path | None = None,
    population: Path | None = None,
    name: str | None = None,
    units: str | None = None,
    country: str = DEFAULT,
    planning: str = "",
    far_m: float = FAR_M,
    stated: Mapping[str, Stated] | None = None,
    skip_bad_rows: bool = False,
    seed: int = 1,
) -> Province:
    """Read the files, make what is missing, save a province folder and return the province.

    Parameters
    ----------
    communes
        Polygons with code and residents, in any CRS.
    terrain
        Elevation rasters [m], the best first; a later one fills the voids of the earlier.
    out
        Folder to make; nothing is left there when the build fails.
    zones
        Polygons with their kind.
    sites
        List of base stations, see ``phusong.read_sites``.
    landcover
        Classes of phusong or of ESA WorldCover.
    population
        Residents per pixel; each commune keeps its own figure.
    name
        Of the province.
    units
        Date of its set of units.
    country
        Code of the country whose rules, prices and words hold, or its folder.
    planning
        Coordinate system to plan in, projected in metres; that of the country's rule if empty.
    far_m
        Islands farther than this from the land with most residents stay unplanned [m].
    stated
        Per layer, what the user says of its file: headers, units, coordinate system.
    skip_bad_rows
        Leave out sites with defects; they go to rejected.csv beside the list.
    seed
        Of the recipes.

    Returns
    -------
    Province
        As ``open_province`` opens it.

    Raises
    ------
    InputError
        With the defects of every file.
    """
    out, communes = Path(out), Path(communes)
    folder.check_writable(out)
    stated = dict(stated or {})
    own = [communes, *terrain, *filter(None, (zones, sites, landcover, population))]
    with within(country), guard.unchanged(*own):
        counted = population is None
        own_words = stated.get("communes", NOTHING)
        repairs: list[boundaries.Repair] = []
        read = boundaries.read_communes(
            communes, own_words, counted=counted, planning=planning, repairs=repairs
        )
        ground = replace(_ground(read, far_m), stated=stated)
        if population is not None and not read[columns.POPULATION].any():
            ground = _counted(Path(population), ground)
        origin, basis = _communes_origin(ground, communes, country)
        mask = np.zeros(ground.grid.shape, np.uint8)
        given: dict[str, tuple[Reader, Any]] = {
            "terrain": (partial(_terrain, mask=mask), [Path(path) for path in terrain]),
            "zones": (_zones, zones),
            "sites": (partial(_sites, skip_bad_rows=skip_bad_rows), sites),
            "landcover": (_landcover, landcover),
            "population": (_population, population),
        }
        layers, origins = _read_all(given, ground)
        codes = ground.communes[columns.COMMUNE_CODE]
        province = embedded.complete(
            name or embedded.known_name(ground.communes) or communes.stem,
            units or unit_sets.date_of(codes) or "unknown",
            ground.communes,
            layers.pop("terrain"),
            seed,
            **layers,
            provenance={"communes": origin, **origins},
            basis=basis,
            country=country,
        )
    with folder.replaced(out) as fresh:
        folder.write(province, fresh, far_m)
        if mask.any():
            _write_mask(fresh / folder.TERRAIN_MASK, Raster(mask, ground.grid))
        if repairs:
            folder.write_repairs(fresh, repairs)
    return province


def refusals(
    layer: str, path: Path, communes: GeoDataFrame, grid: Grid, stated_crs: str | None = None
) -> list[Defect]:
    """Return why a build on these communes would not take a raster of a layer.

    One tile of a terrain need not reach over all communes: what it lacks may come from others.
    """
    index = admin.index_raster(communes, grid).values
    ground = PlanningGround(communes, grid, index, {layer: Stated(crs=stated_crs)})
    readers: dict[str, Reader] = {"landcover": _landcover, "population": _population}
    try:
        if layer == "terrain":
            seen = raster.on_grid(path, grid, labels=False, stated_crs=stated_crs)
            _check_heights(path, seen[ground.inside])
        else:
            readers[layer](path, ground)
    except InputError as error:
        return list(error.defects)
    return []


def _check_heights(path: Path, known: NDArray[np.float32]) -> None:
    """Raise where a terrain holds no heights but a mask; void where it says nothing."""
    if not np.isfinite(known).any() or np.nanmin(known) < 0.0 or np.nanmax(known) > 1.0:
        return
    problem = message("problem.holds_nothing_but_0_to_1")
    defect = Defect(str(path), problem, message("remedy.give_elevation_in_metres"))
    raise InputError(message("refusal.wrong_terrain"), [defect])


def _write_mask(path: Path, mask: Raster) -> None:
    """Write where the terrain is not as measured: 1 from a later file, 2 interpolated."""
    description = "0 as in the first file, 1 void filled from a later file, 2 interpolated"
    raster.write_cog(path, mask, description=description, nodata=255)


def _communes_origin(ground: PlanningGround, path: Path, country: str) -> tuple[Provenance, str]:
    """Return where the communes come from and the basis of their residents; there must be one."""
    table = tables.read(path, boundaries.COMMUNE_HEADERS, ground.of("communes"))
    header_of = tables.recognise(table, boundaries.COMMUNE_HEADERS)
    unused = tables.unused(table, header_of)
    own = ground.communes.attrs.get("notes", ())
    if country != DEFAULT:
        header = header_of.get(columns.POPULATION)
        counted = [f"residents from '{header}'"] if header else []
        return _origin([path], "; ".join([*counted, *table.notes, *unused, *own])), UNKNOWN
    unit_sets.require_one_set(table, header_of)
    unit_sets.require_one(table, header_of)
    larger = ["districts or provinces stand for the communes"] * unit_sets.are_larger(table)
    note = "; ".join([*larger, *unit_sets.notes(table, header_of), *table.notes, *unused])
    note = "; ".join(filter(None, [note, *own]))
    return _origin([path], note), unit_sets.basis(table, header_of)


def _ground(communes: GeoDataFrame, far_m: float) -> PlanningGround:
    """Return the planning grid over the land that is planned, and note what lies beyond."""
    bounds, far = boundaries.mainland(communes, far_m)
    grid = covering(bounds, MARGIN_M, crs=crs.name_of(communes))
    _require_size(communes[~far], grid)
    if far.any():
        names = ", ".join(communes[columns.NAME][far].head(MAX_SHOWN))
        people = int(communes[columns.POPULATION][far].sum())
        note = (
            f"more than {far_m / 1000:g} km from the planned land, in every layer and unplanned: "
            f"{names} ({people:,} people)"
        )
        communes.attrs["notes"] = (*communes.attrs.get("notes", ()), note)
    index = admin.index_raster(communes, grid).values
    return PlanningGround(communes, grid, index)


def _require_size(planned: GeoDataFrame, grid: Grid) -> None:
    """Raise where the planned land, or the frame of the grid round it, has too many pixels."""
    land = int(planned.area.sum() / grid.pixel_m**2)
    frame = grid.width * grid.height
    if land <= MAX_PLANNED and frame <= raster.MAX_PIXELS:
        return
    size = {"width": grid.width, "height": grid.height, "pixel_m": grid.pixel_m}
    if land > MAX_PLANNED:
        problem = message("problem.plans_too_many_pixels", land=land, most=MAX_PLANNED)
        remedy = message("remedy.cut_the_province_out")
    else:
        problem = message("problem.asks_for_x_pixels_of_m", **size)
        remedy = message("remedy.plan_fewer_islands")
    raise InputError(message("refusal.too_large"), [Defect("communes", problem, remedy)])


def _counted(path: Path, ground: PlanningGround) -> PlanningGround:
    """Return the ground with the residents of each commune summed from a raster of people."""
    stated_crs, inside = ground.of("population").crs, ground.inside
    seen = raster.on_grid(path, ground.grid, labels=False, stated_crs=stated_crs)[inside]
    share = ground.grid.pixel_m**2 / raster.pixel_area_m2(path, stated_crs)
    people = np.bincount(
        ground.index[inside], np.maximum(np.nan_to_num(seen), 0) * share, len(ground.communes)
    )
    communes = ground.communes.assign(**{columns.POPULATION: np.rint(people).astype(np.int64)})
    note = f"residents of each commune summed from {path.name}: {int(people.sum()):,} in all"
    communes.attrs["notes"] = (*ground.communes.attrs.get("notes", ()), note)
    return replace(ground, communes=communes)


def _read_all(
    given: dict[str, tuple[Reader, Any]], ground: PlanningGround
) -> tuple[dict[str, Any], dict[str, Provenance]]:
    """Return every layer that is given and where it comes from; raise all defects at once."""
    layers, origins = {}, {}
    defects: list[Defect] = []
    for layer, (read, path) in given.items():
        if path is None:
            continue
        try:
            layers[layer], origins[layer] = read(path, ground)
        except InputError as error:
            defects += error.defects
    if defects:
        raise InputError(message("refusal.the_province_cannot_be_built"), defects)
    return layers, origins


def _terrain(
    paths: Sequence[Path], ground: PlanningGround, *, mask: NDArray[np.uint8]
) -> tuple[Raster, Provenance]:
    """Return the terrain; where it is not as measured goes to ``mask``."""
    inside = ground.inside
    stated = ground.of("terrain")
    unit = next(iter(stated.units.get(columns.HEIGHT_M, ())), "")
    mosaicked = mosaic.terrain_on_grid(paths, ground.grid, inside, stated.crs, unit)
    _check_heights(Path(paths[0]), mosaicked.terrain.values[inside])
    mask[:] = mosaicked.origin
    km2 = ground.grid.pixel_area_km2
    second, void = (
        int(np.count_nonzero((mosaicked.origin == kind) & inside))
        for kind in (mosaic.SECOND_SOURCE, mosaic.INTERPOLATED)
    )
    note = f"{void} pixels ({void * km2:.2f} km2) of the province were void and interpolated"
    if second:
        note = f"{second} pixels ({second * km2:.2f} km2) were filled from a later file; {note}"
    coarsest_m = max(raster.pixel_area_m2(Path(path), stated.crs) ** 0.5 for path in paths)
    note = "; ".join([note, *mosaicked.notes, f"pixels of the source: {coarsest_m:,.0f} m"])
    return mosaicked.terrain, _origin(paths, note)


def _zones(path: Path, ground: PlanningGround) -> tuple[GeoDataFrame, Provenance]:
    zones = zone_reader.read_zones(path, ground.communes, ground.of("zones"))
    demand = zones[columns.WORKERS] + zones[columns.VISITORS]
    silent = int(((zones[columns.KIND] != "urban") & (demand == 0)).sum())
    without_demand = [f"{silent} industrial and tourism zones without workers and visitors"] * bool(
        silent
    )
    return zones, _origin([path], "; ".join([*without_demand, *zones.attrs["notes"]]))


def _sites(path: Path, ground: PlanningGround, *, skip_bad_rows: bool) -> SiteList:
    return site_list.read_sites(
        path,
        ground.communes,
        stated=ground.of("sites"),
        skip_bad_rows=skip_bad_rows,
        rejected_csv=Path(path).with_name("rejected.csv"),
    )


def _landcover(path: Path, ground: PlanningGround) -> tuple[Raster, Provenance]:
    """Return our own classes; built-up land of wards is urban, gaps count as farmland."""
    seen = raster.on_grid(
        Path(path), ground.grid, labels=True, stated_crs=ground.of("landcover").crs
    )
    inside = ground.inside
    classes = np.unique(seen[inside & np.isfinite(seen)]).astype(int).tolist()
    legend = next((known for known in (OWN, WORLDCOVER) if set(classes) <= {0, *known}), None)
    if legend is None or not set(classes) - {0}:
        shown = ", ".join(map(str, classes[:MAX_SHOWN])) or "none in the province"
        remedy = message("remedy.give_classes_1_to_6_of")
        defect = Defect(
            str(path), message("problem.holds_unknown_land_cover_classes", shown=shown), remedy
        )
        raise InputError(message("refusal.wrong_land_cover"), [defect])
    values = np.zeros(ground.grid.shape, np.uint8)
    for code, kind in legend.items():
        values[inside & (seen == code)] = kind
    gaps = inside & (values == LandCover.OUTSIDE)
    values[gaps] = LandCover.FARMLAND
    if legend is WORLDCOVER:
        wards = ground.communes[columns.COMMUNE_TYPE].isin(WARDS).to_numpy()
        ward = inside & wards[ground.index]
        values[ward & (values == LandCover.SETTLEMENT)] = LandCover.URBAN
    note = "ESA WorldCover; built-up land of wards counts as urban. " * (legend is WORLDCOVER)
    note += f"{int(gaps.sum())} pixels without a class count as farmland"
    return Raster(values, ground.grid, float(LandCover.OUTSIDE)), _origin([path], note)


def _population(path: Path, ground: PlanningGround) -> tuple[Raster, Provenance]:
    """Return the given pattern of residents with each commune's own figure as its sum."""
    inside = ground.inside
    seen = raster.on_grid(
        Path(path), ground.grid, labels=False, stated_crs=ground.of("population").crs
    )
    pattern = np.nan_to_num(seen[inside])
    if not (pattern > 0).any():
        defect = Defect(
            str(path),
            message("problem.holds_no_residents_in_the_province"),
            message("remedy.check_its_crs"),
        )
        raise InputError(message("refusal.wrong_population"), [defect])
    labels = ground.index[inside]
    people = ground.communes[columns.POPULATION].to_numpy(np.int64)
    weight = np.maximum(pattern.astype(float), 0.0)
    quanta = residents.shares(people * residents.QUANTA_PER_PERSON, labels, weight)
    values = np.zeros(ground.grid.shape, np.float32)
    values[inside] = quanta / residents.QUANTA_PER_PERSON
    note = "pattern as given; each commune sums to its own figure"
    count = raster.pixel_area_m2(Path(path), ground.of("population").crs)
    total = float(weight.sum()) * ground.grid.pixel_m**2 / count
    note += unit_sets.raster_note(total, int(people.sum()))
    return Raster(values, ground.grid), _origin([path], note)


def _origin(paths: Sequence[Path], note: str = "") -> Provenance:
    names = ", ".join(Path(path).name for path in paths)
    digests = [guard.digest(path) for path in paths]
    return replace(embedded.GIVEN, source=names, sha256=", ".join(digests), note=note)
