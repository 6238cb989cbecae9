"""Open and save a province folder: province.toml and a file per layer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong.errors import Defect, InputError
from phusong.geodata import csv_forms
from phusong.geodata.countries import DEFAULT, at_home
from phusong.geodata.files import raster, whole
from phusong.geodata.files import vector as vector_files
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.network import sites
from phusong.geodata.province import FAR_M, LAYERS, LandCover, Provenance, Province, together
from phusong.geodata.provinces import embedded, manifest, zone_reader
from phusong.geodata.provinces import zones as areas
from phusong.geodata.provinces.manifest import Manifest
from phusong.geodata.units import boundaries
from phusong.geodata.writers import vector as export
from phusong.messages import Message, Text, message

FILES = {
    layer: f"{layer}.tif" if layer in ("terrain", "landcover", "population") else f"{layer}.geojson"
    for layer in LAYERS
}
TERRAIN_MASK = "terrain_mask.tif"  # written where some of the terrain is not as measured
REPAIRS = "repairs.csv"  # written where polygons of communes were repaired
COVER_COLOURS: dict[int, raster.Colour] = {
    LandCover.OUTSIDE: (0, 0, 0, 0),
    LandCover.URBAN: (176, 60, 60, 255),
    LandCover.INDUSTRIAL: (140, 120, 150, 255),
    LandCover.SETTLEMENT: (222, 150, 120, 255),
    LandCover.FARMLAND: (238, 232, 170, 255),
    LandCover.FOREST: (70, 130, 80, 255),
    LandCover.WATER: (100, 160, 210, 255),
}


def open_province(path: Path | None = None, seed: int = 1) -> Province:
    """Return the province of a folder, or the embedded reference province.

    Layers that the folder's manifest does not name are made by recipe with the seed. Districts
    are always the union of the communes.

    Parameters
    ----------
    path
        A province folder; the embedded province if None.
    seed
        Of the recipes; the same seed gives the same result.

    Returns
    -------
    Province
        Complete.

    Raises
    ------
    InputError
        When the folder, its manifest or a file of it is not usable.
    """
    if path is None:
        return embedded.reference_province(seed)
    whole.check_whole(Path(path))
    manifest_ = manifest.read(Path(path) / manifest.NAME)
    with at_home(manifest_):
        return _opened(Path(path), manifest_, seed)


def _opened(path: Path, manifest_: Manifest, seed: int) -> Province:
    """Return the province of a folder whose manifest is read."""
    files = {layer: path / name for layer, name in manifest_.files.items()}
    communes = boundaries.read_communes(files["communes"], planning=manifest_.crs)
    rasters = _rasters(files, manifest_)
    terrain = rasters["terrain"]
    _require_cover(files["terrain"], terrain.grid, communes, manifest_.far_km)
    own_zones = _zones(files["zones"], communes) if "zones" in files else None
    own_sites = sites.read_sites(files["sites"], communes).every if "sites" in files else None
    return embedded.complete(
        manifest_.name,
        manifest_.units,
        communes,
        terrain,
        seed,
        zones=own_zones,
        sites=own_sites,
        landcover=rasters.get("landcover"),
        population=rasters.get("population"),
        provenance={k: v for k, v in manifest_.provenance.items() if k in manifest_.files},
        basis=manifest_.basis,
        country=manifest_.country,
        currency=manifest_.currency,
    )


def country_of(path: Path | None) -> str:
    """Return the country that a province folder names, that of the embedded one without."""
    return DEFAULT if path is None else manifest.read(Path(path) / manifest.NAME).country


def open_ground(
    path: Path | None = None, seed: int = 1
) -> tuple[Raster, Raster, dict[str, Provenance]]:
    """Return terrain and land cover of ``open_province`` alone, and where they come from."""
    if path is None:
        return embedded.reference_ground(seed)
    province = open_province(path, seed)
    origin = {layer: province.provenance[layer] for layer in ("terrain", "landcover")}
    return province.terrain, province.landcover, origin


def save_province(province: Province, path: Path) -> None:
    """Write a province folder, whole or not at all.

    Positions survive to a tenth of a millimetre, rasters to the bit. In a folder that is a
    province already, its own files are replaced and foreign ones stay.

    Parameters
    ----------
    province
        What to write.
    path
        The folder.
    """
    with replaced(path) as folder:
        write(province, folder)


def write(province: Province, folder: Path, far_m: float = FAR_M) -> None:
    """Write every file of a province into an empty folder, and from where on land is unplanned."""
    for layer in ("communes", "districts", "zones", "sites"):
        frame: GeoDataFrame = getattr(province, layer)
        if layer == "sites":
            frame = together(frame, province.neighbours)
        export.write_geojson(folder / FILES[layer], frame, exact=True)
    raster.write_cog(
        folder / FILES["terrain"], province.terrain, description="height above sea level", unit="m"
    )
    raster.write_cog(
        folder / FILES["landcover"],
        replace(province.landcover, nodata=float(LandCover.OUTSIDE)),
        description="land-cover class",
        colormap=COVER_COLOURS,
    )
    raster.write_cog(
        folder / FILES["population"], province.population, description="residents", unit="people"
    )
    manifest_ = Manifest(
        province.name,
        province.units,
        crs=province.grid.crs,
        pixel_m=province.grid.pixel_m,
        files=FILES,
        provenance=province.provenance,
        basis=province.basis,
        country=province.country,
        currency=province.currency,
        far_km=far_m / 1000.0,
    )
    whole.write_text(folder / manifest.NAME, manifest.write(manifest_))


def write_repairs(folder: Path, repairs: Sequence[boundaries.Repair]) -> None:
    """Write what was repaired of the communes of a province."""
    rows = csv_forms.text(boundaries.Repair._fields, repairs, csv_forms.MACHINE)
    whole.write_text(folder / REPAIRS, rows)


def check_writable(path: Path) -> None:
    """Raise when a province may not be written there: a file, or somebody else's folder."""
    if path.is_file():
        raise InputError(
            message("refusal.is_a_file", path=path),
            [Defect(str(path), message("problem.a_folder_is_needed"))],
        )
    if path.is_dir() and not whole.is_ours(path, manifest.NAME):
        problem = message("problem.is_not_empty_and_holds_no", name=manifest.NAME)
        defect = Defect(str(path), problem, message("remedy.choose_a_new_or_an_empty"))
        raise InputError(message("refusal.is_not_a_province_folder", path=path), [defect])


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield an empty folder whose files take their place in ``path`` when the block succeeds.

    Foreign files stay. When the block fails or is interrupted the folder stays as it was.
    """
    path = Path(path).resolve()
    check_writable(path)
    with whole.replaced(path, manifest.NAME, [*FILES.values(), TERRAIN_MASK, REPAIRS]) as fresh:
        yield fresh


def _zones(path: Path, communes: GeoDataFrame) -> GeoDataFrame:
    """Return the zones of a province folder, which may have none."""
    if len(vector_files.read(path)) == 0:
        return areas.empty(communes.crs)
    return zone_reader.read_zones(path, communes)


def _rasters(files: dict[str, Path], manifest_: Manifest) -> dict[str, Raster]:
    """Return the rasters of a province, on one grid and free of nodata."""
    read = {
        layer: raster.read_raster(files[layer])
        for layer in ("terrain", "landcover", "population")
        if layer in files
    }
    defects = []
    grid = read["terrain"].grid
    for layer, layer_raster in read.items():
        source = str(files[layer])
        if layer_raster.grid != grid:
            defects.append(
                Defect(
                    source,
                    message(
                        "problem.but_the_terrain",
                        described=_described(layer_raster.grid),
                        described2=_described(grid),
                    ),
                )
            )
        if problem := _wrong_values(layer, layer_raster):
            defects.append(Defect(source, problem))
    if grid.crs != manifest_.crs or grid.pixel_m != manifest_.pixel_m:
        problem = message("problem.has_pixels_of_m_in", pixel_m=grid.pixel_m, crs=grid.crs)
        remedy = message(
            "remedy.the_planning_grid_has_m_in", pixel_m=manifest_.pixel_m, planning=manifest_.crs
        )
        defects.append(Defect(str(files["terrain"]), problem, remedy))
    if defects:
        raise InputError(message("refusal.the_rasters_do_not_fit_together"), defects)
    return {layer: _clean(layer, layer_raster) for layer, layer_raster in read.items()}


def _described(grid: Grid) -> Message:
    size = {"width": grid.width, "height": grid.height, "pixel_m": grid.pixel_m}
    return message("problem.grid", **size, x_m=grid.x_min_m, y_m=grid.y_max_m, crs=grid.crs)


def _missing(raster: Raster) -> NDArray[np.bool_]:
    return np.asarray((raster.values == raster.nodata) | ~np.isfinite(raster.values), bool)


def _wrong_values(layer: str, raster: Raster) -> Text:
    """Return what is wrong with the values of a layer, or nothing."""
    missing = _missing(raster)
    if layer == "terrain" and missing.any():
        return message("problem.pixels_have_no_height_build_the", sum=int(missing.sum()))
    known = raster.values[~missing].astype(float)
    if layer == "landcover" and not np.isin(known, [int(kind) for kind in LandCover]).all():
        return message("problem.holds_other_values_than_the_classes", landcover=max(LandCover))
    if layer == "population" and (known < 0).any():
        return message("problem.holds_less_than_no_residents")
    return ""


def _clean(layer: str, raster: Raster) -> Raster:
    """Return the raster with the type and the nodata that a province wants."""
    if layer == "terrain":
        return Raster(raster.values.astype(np.float32), raster.grid)
    filled = np.where(_missing(raster), 0, raster.values)
    if layer == "landcover":
        return Raster(filled.astype(np.uint8), raster.grid, float(LandCover.OUTSIDE))
    return Raster(filled.astype(np.float32), raster.grid)


def _require_cover(path: Path, grid: Grid, communes: GeoDataFrame, far_km: float) -> None:
    west, south, east, north = boundaries.mainland(communes, far_km * 1000.0)[0]
    left, bottom, right, top = grid.bounds
    if west < left or south < bottom or east > right or north > top:
        problem = message("problem.does_not_reach_over_all_communes")
        raise InputError(message("refusal.the_rasters_are_too_small"), [Defect(str(path), problem)])
