"""The embedded reference province, and the recipes for whatever a province lacks."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs, reference
from phusong.geodata.countries import DEFAULT, open_country
from phusong.geodata.grid import Raster, covering
from phusong.geodata.ground import landcover as cover
from phusong.geodata.ground import population as residents
from phusong.geodata.ground import terrain as relief
from phusong.geodata.province import (
    CENSUS,
    COUNTED,
    LAYERS,
    MARGIN_M,
    REPORTED,
    UNKNOWN,
    Baseline,
    Provenance,
    Province,
    apart,
)
from phusong.geodata.provinces import layer_file, merged, reported, synthetic_sites
from phusong.geodata.provinces import zones as areas
from phusong.geodata.provinces.layer_file import ProvinceLayers
from phusong.geodata.units import admin
from phusong.messages import message

UNITS = "2020-03"
NAME, PROVINCE_CODE = "Vĩnh Phúc", "26"
FACTS = {".csv", ".toml"}  # files of geodata
KNOWN_SHARE = 0.9  # of the commune codes that makes a province the reference province
RESIDENTS_PER_SITE = 1_151_154 / synthetic_sites.REPORTED_SITES

# What each recipe makes, in the words of the manifest.
RECIPES = {
    "communes": Provenance(
        "approximate",
        "nearest-point tessellation of 1,025 points inside an outline of 160 vertices; "
        "codes and names: GSO; residents: census of 1 April 2019",
        note="boundaries agree with the true ones at a mean IoU of about 0.83",
    ),
    "districts": Provenance("approximate", "union of the communes"),  # as good as the communes
    "zones": Provenance(
        "approximate",
        "64 zones with published points and areas, drawn as clipped discs",
        note="areas without a source and most workers and visitors are assumed",
    ),
    "sites": Provenance(
        "synthetic",
        "generated from residents, zones, operators' shares and one position in five shared",
        note="no real station stands where one is drawn",
    ),
    "terrain": Provenance(
        "approximate",
        "1,600 spot heights read from SRTM, linear interpolation",
        note="about 30 m RMS from SRTM",
    ),
    "landcover": Provenance(
        "synthetic",
        "classes from terrain, zones and residents; villages are drawn by seed",
        note="rivers are left out",
    ),
    "population": Provenance(
        "synthetic",
        "residents of each commune spread by land cover and slope",
        note="sums per commune are exact",
    ),
}
NO_ZONES = Provenance(
    "synthetic", "no zones are known for this province", note="the layer is empty"
)
GIVEN = Provenance("given", "given by the user")


def reference_province(seed: int = 1) -> Province:
    """Return Vĩnh Phúc as of 2020-2024, made from the tables of facts; the same for a seed.

    Parameters
    ----------
    seed
        Of the recipes; the same seed gives the same result.

    Returns
    -------
    Province
        Approximate boundaries, synthetic sites.
    """
    layers = layer_file.cached(("reference", seed, _facts()), __name__, lambda: _reference(seed))
    known = {name: RECIPES[name] for name in ("communes", "terrain")}
    origins = _provenance(RECIPES, {*layers._fields} - {*known}, known)
    province = Province(NAME, UNITS, **layers._asdict(), provenance=origins, basis=CENSUS)
    return replace(province, baseline=_reported_5g(layers.sites, merged_=False))


def _facts() -> tuple[tuple[str, bytes], ...]:
    """Return the tables of facts that recipes read, by name."""
    tables = [path for path in Path(__file__).parents[1].rglob("*") if path.suffix in FACTS]
    return tuple((path.name, path.read_bytes()) for path in sorted(tables))


def _reference(seed: int) -> ProvinceLayers:
    """Return the layers of the reference province made by recipe."""
    communes = admin.reference_communes()
    grid = covering(tuple(communes.total_bounds), MARGIN_M, crs=crs.PLANNING)
    province = complete(NAME, UNITS, communes, relief.reference_terrain(grid), seed)
    return ProvinceLayers(*(getattr(province, layer) for layer in ProvinceLayers._fields))


def reference_ground(seed: int = 1) -> tuple[Raster, Raster, dict[str, Provenance]]:
    """Return terrain and land cover of ``reference_province`` alone, and where they come from."""
    communes = admin.reference_communes()
    terrain = relief.reference_terrain(
        covering(tuple(communes.total_bounds), MARGIN_M, crs=crs.PLANNING)
    )
    index = admin.index_raster(communes, terrain.grid)
    landcover = cover.generate(communes, areas.reference_zones(communes), terrain, index, seed)
    return terrain, landcover, {layer: RECIPES[layer] for layer in ("terrain", "landcover")}


def complete(
    name: str,
    units: str,
    communes: GeoDataFrame,
    terrain: Raster,
    seed: int,
    zones: GeoDataFrame | None = None,
    sites: GeoDataFrame | None = None,
    landcover: Raster | None = None,
    population: Raster | None = None,
    provenance: Mapping[str, Provenance] | None = None,
    basis: str = UNKNOWN,
    country: str = DEFAULT,
    currency: str = "",
) -> Province:
    """Return a province with every layer that is None made by its recipe and marked so.

    Frames are in the planning CRS and rasters on the grid of ``terrain``. A layer that is
    given and not named in ``provenance`` counts as given by the user. Recipes read the zones that
    phusong knows of these communes, never those given: a zone that is added moves nobody. Sites
    that are given without a commune are neighbours. Raises
    InputError where communes lack residents.
    """
    _require_residents(communes)
    given = {"zones": zones, "sites": sites, "landcover": landcover, "population": population}
    index = admin.index_raster(communes, terrain.grid)
    reference_, merged_ = is_reference(communes), merged.is_merged(communes)
    known = areas.reference_zones(communes) if reference_ or merged_ else areas.empty(communes.crs)
    zones = known if zones is None else zones
    if landcover is None:
        land = open_country(country).land
        landcover = cover.generate(
            *(communes, known, terrain, index, seed, land.forest_above_m, land.urban_per_km2)
        )
    if population is None:
        population = residents.spread(communes, index, landcover, terrain)
    neighbours = None
    if sites is not None:
        sites, neighbours = apart(sites)
    else:
        sites = _sites(communes, known, terrain, landcover, population, seed, country)
    synthetic = {layer for layer, value in given.items() if value is None} | {"districts"}
    recipes = RECIPES | ({"zones": merged.ZONES, "sites": merged.SITES} if merged_ else {})
    recipes |= {"zones": NO_ZONES} if zones.empty else {}
    origins = _provenance(recipes, synthetic, provenance or {})
    province = Province(
        name=name,
        units=units,
        communes=communes,
        districts=admin.districts_of(communes),
        zones=zones,
        sites=sites,
        terrain=terrain,
        landcover=landcover,
        population=population,
        commune_index=index,
        provenance=origins,
        basis=basis,
        neighbours=neighbours,
        country=country,
        currency=currency,
    )
    if merged_ and given["sites"] is None:
        return merged.with_reported_5g(province, seed)
    if origins["sites"].status != "synthetic" or not (reference_ or merged_):
        return province
    return replace(province, baseline=_reported_5g(sites, merged_=merged_))


def _reported_5g(sites: GeoDataFrame, *, merged_: bool) -> Baseline:
    """Return as what the 5G of generated sites counts: a number that is published."""
    rows = reported.reported(merged.CODE if merged_ else PROVINCE_CODE, "5G")
    row = rows[-1] if merged_ else rows[0]
    held = int(sites[columns.TECHNOLOGIES].str.contains("5G").sum())
    placement = COUNTED if merged_ else REPORTED
    return Baseline(row.date, held, held, 0, 0, row.source, placement=placement)


def known_name(communes: GeoDataFrame) -> str:
    """Return the name of the province that these communes are, '' where it is not known."""
    return NAME if is_reference(communes) else merged.name() if merged.is_merged(communes) else ""


def is_reference(communes: GeoDataFrame) -> bool:
    """Return whether these are communes of the reference province, of any dated set of units."""
    known = communes[columns.COMMUNE_CODE].isin(reference.table("communes")["code"])
    return bool(known.mean() >= KNOWN_SHARE)


def _sites(
    communes: GeoDataFrame,
    zones: GeoDataFrame,
    terrain: Raster,
    landcover: Raster,
    population: Raster,
    seed: int,
    country: str,
) -> GeoDataFrame:
    """Return a generated inventory: the reported number of sites, elsewhere as many per head."""
    people = float(communes[columns.POPULATION].sum())
    count = max(round(people / RESIDENTS_PER_SITE), 1)
    if is_reference(communes):
        count = synthetic_sites.REPORTED_SITES
    elif merged.is_merged(communes):
        count = merged.site_count(people)
    return synthetic_sites.generate(
        *(communes, zones, terrain, landcover, population, seed, count, country)
    )


def _provenance(
    recipes: Mapping[str, Provenance], synthetic: set[str], named: Mapping[str, Provenance]
) -> dict[str, Provenance]:
    """Return where each layer comes from: as named, else by recipe, else given by the user."""
    origins = {layer: recipes[layer] if layer in synthetic else GIVEN for layer in LAYERS} | dict(
        named
    )
    communes = origins["communes"]
    if "districts" not in named:
        source = RECIPES["districts"].source
        origins["districts"] = replace(communes, source=f"{source} ({communes.source})", sha256="")
    return origins


def _require_residents(communes: GeoDataFrame) -> None:
    """Raise one error that names every commune without a number of residents."""
    if columns.POPULATION in communes:
        people = pd.to_numeric(communes[columns.POPULATION], errors="coerce").to_numpy(float)
        wrong = ~(np.isfinite(people) & (people >= 0))
    else:
        wrong = np.ones(len(communes), bool)
    defects = [
        Defect(
            "communes",
            message("problem.has_no_number_of_residents"),
            message("remedy.give_every_commune_its", population=columns.POPULATION),
            row=int(row) + 1,
            column=columns.COMMUNE_CODE,
            value=str(communes[columns.COMMUNE_CODE].iloc[row]),
        )
        for row in np.flatnonzero(wrong)
    ]
    if defects:
        raise InputError(message("refusal.the_residents_of_some_communes_are"), defects)
