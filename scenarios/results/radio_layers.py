"""The layers that a run writes, one record for each: what it holds.

To add a layer, add its record to ``VECTORS`` or ``RASTERS``, and its label (group, titles, colours)
to ``LABELS`` in ``geodata/writers/labels.py``; what a raster holds is said under its name in the
section ``raster`` of the catalogues. Files, package, styles, project and record follow. Without a
label a layer stands in the group of other layers, in one colour.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.geodata.files import raster
from phusong.geodata.files.raster import Colour
from phusong.geodata.grid import Raster
from phusong.geodata.writers.raster_styles import LANDCOVER_COLOURS
from phusong.messages import message, speak
from phusong.scenarios.criteria import zone_criteria
from phusong.scenarios.plan import rollout
from phusong.scenarios.plan.run import Plan

NODATA = -9999.0
Bands = dict[str, Raster]
STEP = 0.005  # of a probability of service


@dataclass(frozen=True)
class VectorLayer:
    """A layer of features.

    Parameters
    ----------
    name : of its file and of the layer in the package.
    frame : returns its features, in any CRS; None where the plan has none to write.
    columns : returns the columns that are written, in their order.
    """

    name: str
    frame: Callable[[Plan], GeoDataFrame | None]
    columns: Callable[[], tuple[str, ...]]


@dataclass(frozen=True)
class RasterLayer:
    """A raster on the grid of the province.

    Parameters
    ----------
    name : of its file.
    unit : of its values; the styles of dBm, dB, Mbit/s and m are known.
    values : returns the values on the grid, of the type that is stored.
    nodata : what marks places without a value.
    colours : of its values, where it holds labels with colours of their own.
    """

    name: str
    unit: str
    values: Callable[[Plan], NDArray[Any]]
    nodata: float = NODATA
    colours: Mapping[int, Colour] | None = None

    def bands(self, plan: Plan, description: str) -> Bands:
        """Return the raster of a plan by what it holds, as its file has it."""
        given = Raster(self.values(plan), plan.province.grid, self.nodata, self.unit, description)
        return {description: raster.storable(given)}


@dataclass(frozen=True)
class BandedLayer:
    """Rasters on the grid of the province that stand in one file.

    Parameters
    ----------
    name : of the file.
    bands : returns the values on the grid by the name of the band.
    unit : of its values.
    """

    name: str
    bands: Callable[[Plan], dict[str, NDArray[Any]]]
    unit: str = ""

    def rasters(self, plan: Plan) -> Bands:
        """Return the rasters of a plan by the names of their bands, as their file has them."""
        commune = plan.province.commune_index.values
        return {
            name: raster.storable(
                Raster(
                    stored.by_bands(partial(_where, commune, values), commune.shape, np.float32),
                    plan.province.grid,
                    NODATA,
                    self.unit,
                    name,
                )
            )
            for name, values in self.bands(plan).items()
        }


@dataclass(frozen=True)
class RasterFile:
    """What is written of a plan as one raster file.

    Parameters
    ----------
    bands : returns its bands by their descriptions, as the file has them.
    colours : of its values, where it holds labels.
    """

    bands: Callable[[], Bands]
    colours: Mapping[int, Colour] | None = None


def _where(commune: NDArray[Any], values: NDArray[Any], rows: slice) -> NDArray[Any]:
    """Return some rows of a grid, nodata outside the province."""
    return np.where(commune[rows] >= 0, values[rows], NODATA)


def _people(plan: Plan) -> dict[str, NDArray[Any]]:
    return {name: plan.layers[name]() for name in ("residents", "workers", "visitors")}


def _served(plan: Plan) -> dict[str, NDArray[Any]]:
    """Return the probability of service before the plan and by the end of each of its years."""
    whens = ("before", *(str(year["year"]) for year in plan.years))
    return {when: _stepped(plan.layers[f"served_{when}"]()) for when in whens}


def _stepped(share: NDArray[Any]) -> NDArray[Any]:
    """Return shares rounded to what a reader tells apart."""
    return stored.by_bands(
        lambda rows: np.round(share[rows] / STEP) * STEP, share.shape, share.dtype
    )


def _by_year(name: str, before: str = "") -> Callable[[Plan], dict[str, NDArray[Any]]]:
    """Return what gives a layer by the end of each year, and before the plan where asked."""

    def bands(plan: Plan) -> dict[str, NDArray[Any]]:
        layers = {"before": before} if before else {}
        layers |= {str(year["year"]): f"{name}_{year['year']}" for year in plan.years}
        return {band: _predicted(layer)(plan) for band, layer in layers.items()}

    return bands


def _roads(plan: Plan) -> GeoDataFrame | None:
    roads = plan.province.roads
    return None if roads is None else roads.assign(**{col.LENGTH_M: roads.length.round(1)})


def _predicted(name: str) -> Callable[[Plan], NDArray[Any]]:
    """Return what rounds a layer of the prediction to what it can tell."""

    def values(plan: Plan) -> NDArray[Any]:
        layer = plan.layers[name]()

        def of_rows(rows: slice) -> NDArray[Any]:
            return np.round(np.where(np.isfinite(layer[rows]), layer[rows], NODATA), 1)

        return stored.by_bands(of_rows, layer.shape, np.float32)

    return values


VECTORS: tuple[VectorLayer, ...] = (
    VectorLayer("ranking", lambda plan: plan.ranking, lambda: col.RANKING),
    VectorLayer("sites", lambda plan: plan.province.sites, lambda: col.BTS),
    VectorLayer("communes", lambda plan: plan.communes, lambda: col.RESULT_COMMUNES),
    VectorLayer("districts", lambda plan: plan.districts, lambda: col.RESULT_DISTRICTS),
    VectorLayer("zones", lambda plan: plan.zones, lambda: col.RESULT_ZONES),
    VectorLayer("zones_ranking", lambda plan: plan.zones_ranking, zone_criteria.ranking_columns),
    VectorLayer("holes", lambda plan: plan.holes, lambda: col.HOLES),
    VectorLayer("candidates", lambda plan: plan.candidates, lambda: col.CANDIDATES),
    VectorLayer("backhaul", lambda plan: plan.links, lambda: col.BACKHAUL),
    VectorLayer("roads", _roads, lambda: col.ROADS),
)
RASTERS: tuple[RasterLayer, ...] = (
    RasterLayer("rsrp_4g", "dBm", _predicted("rsrp_4g")),
    RasterLayer("rsrp_before", "dBm", _predicted("rsrp_before")),
    RasterLayer("rsrp_after", "dBm", _predicted("rsrp_after")),
    RasterLayer(
        "covered_year", "", lambda plan: plan.layers["covered_year"](), float(rollout.OUTSIDE)
    ),
    RasterLayer("best_server", "", lambda plan: plan.layers["best_server"](), -1.0),
    RasterLayer("ss_sinr_after", "dB", _predicted("ss_sinr_after")),
    RasterLayer("ss_rsrq_after", "dB", _predicted("ss_rsrq_after")),
    RasterLayer("sinr_after", "dB", _predicted("sinr_after")),
    RasterLayer("sinr_p10_after", "dB", _predicted("sinr_p10_after")),
    RasterLayer("throughput_after", "Mbit/s", _predicted("throughput_after")),
    RasterLayer(
        "terrain",
        "m",
        lambda plan: np.round(plan.province.terrain.values).astype(np.int16),
        -32768.0,
    ),
    RasterLayer(
        "landcover", "", lambda plan: plan.province.landcover.values, 0.0, LANDCOVER_COLOURS
    ),
    RasterLayer(
        "commune_index",
        "",
        lambda plan: plan.province.commune_index.values.astype(np.int16),
        -1.0,
    ),
)


BANDED: tuple[BandedLayer, ...] = (
    BandedLayer("population", _people),
    BandedLayer("served", _served),
    BandedLayer("rsrp_by_year", _by_year("rsrp", "rsrp_before"), "dBm"),
    BandedLayer("ss_sinr_by_year", _by_year("ss_sinr"), "dB"),
)


def vectors(plan: Plan) -> dict[str, tuple[GeoDataFrame, tuple[str, ...]]]:
    """Return the features of every layer that a plan has, with the columns to write."""
    frames = {layer.name: (layer.frame(plan), layer.columns()) for layer in VECTORS}
    return {name: (frame, names) for name, (frame, names) in frames.items() if frame is not None}


def files(plan: Plan, language: str) -> dict[str, RasterFile]:
    """Return the raster files of a plan by name; a single band is described in a language."""
    texts = {layer.name: speak(message(f"raster.{layer.name}"), language) for layer in RASTERS}
    return {
        layer.name: RasterFile(partial(layer.bands, plan, texts[layer.name]), layer.colours)
        for layer in RASTERS
    } | {layer.name: RasterFile(partial(layer.rasters, plan)) for layer in BANDED}


def rasters(plan: Plan, language: str = "en") -> dict[str, Raster]:
    """Return the rasters of a plan by name, rounded to what a prediction can tell."""
    banded = {layer.name for layer in BANDED}
    return {
        f"{name}_{band}" if name in banded else name: values
        for name, file in files(plan, language).items()
        for band, values in file.bands().items()
    }
