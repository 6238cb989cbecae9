"""A province as the folder of a run holds it: enough to predict its 5G again."""

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.countries import DEFAULT
from phusong.geodata.files import raster
from phusong.geodata.grid import Raster
from phusong.geodata.province import Provenance, Province
from phusong.geodata.runs.folder import RunFolder
from phusong.messages import message

RASTERS = ("terrain", "landcover", "commune_index", "population")
RESIDENTS = "residents"


def province_of(run: RunFolder) -> Province:
    """Return the province of a finished run, its terrain in whole metres as the folder has it.

    Districts, roads and neighbours play no part in what 5G stations serve and are left out.

    Raises
    ------
    InputError
        Every raster that the folder lacks.
    """
    _require(run)
    grids = {name: raster.read_raster(run.path / f"{name}.tif") for name in RASTERS[:3]}
    residents = raster.read_bands(run.path / "population.tif")[RESIDENTS]
    inside = grids["commune_index"].values >= 0
    terrain = grids["terrain"]
    grid = terrain.grid
    about = run.record["province"]
    frames = {
        name: _on_plane(getattr(run, name), grid.crs)
        for name in ("communes", "districts", "zones", "sites")
    }
    return Province(
        name=str(about["name"]),
        units=str(about["units"]),
        **frames,
        terrain=Raster(terrain.values.astype(np.float32), grid),
        landcover=Raster(grids["landcover"].values.astype(np.uint8), grid, 0.0),
        population=Raster(np.where(inside, residents.values, 0.0).astype(np.float32), grid),
        commune_index=grids["commune_index"],
        provenance={"sites": Provenance("given", run.path.resolve().name)},
        basis=str(about.get("population_basis", "")),
        country=str(run.record.get("country", DEFAULT)),
    )


def _on_plane(frame: GeoDataFrame, planning: str) -> GeoDataFrame:
    """Return a table of a run in its planning CRS, its blank texts as ''."""
    texts = [name for name in frame if frame[name].dtype == object]
    return frame.to_crs(planning).assign(**{name: frame[name].fillna("") for name in texts})


def planned(run: RunFolder, planning: str) -> GeoDataFrame:
    """Return the stations of a plan by rank, in the planning CRS."""
    ordered = run.ranking.sort_values(col.RANK, ignore_index=True)
    return _on_plane(ordered, planning)


def _require(run: RunFolder) -> None:
    remedy = message("remedy.run_it_again")
    defects = [
        Defect(str(run.path / f"{name}.tif"), message("problem.file_is_missing"), remedy)
        for name in RASTERS
        if run.raster(name) is None
    ]
    if defects:
        raise InputError(message("refusal.the_run_cannot_be_predicted_again"), defects)
