"""What a rollout shows, planned just now or read from its folder."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    import folium
    from geopandas import GeoDataFrame
    from xarray import Dataset

    from phusong.geodata.grid import Grid, Raster

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415

SHOWN = (col.RANK, col.SITE_ID, col.YEAR, col.PEOPLE_GAINED, col.COST_MILLION)


class RolloutResult(ABC):
    """A rollout: stations in order of build, and coverage before and after."""

    @property
    @abstractmethod
    def ranking(self) -> "GeoDataFrame":
        """The stations in order of build: rank, year, gain, cost, score, reason."""

    @property
    @abstractmethod
    def communes(self) -> "GeoDataFrame":
        """People and area covered before and after in every commune."""

    @property
    @abstractmethod
    def required_dbm(self) -> float:
        """The level outdoors at which the scenario's service holds [dBm]."""

    @property
    @abstractmethod
    def layers(self) -> "dict[str, Raster]":
        """The rasters by name, such as ``rsrp_after`` [dBm]."""

    @property
    def grid(self) -> "Grid":
        """The planning grid of all layers, with its CRS."""
        return next(iter(self.layers.values())).grid

    def to_xarray(self) -> "Dataset":
        """Return the layers as a dataset with CRS, units and nodata.

        Returns
        -------
        xarray.Dataset
            Dimensions y and x, centres of the pixels [m]; see ``geodata.writers.dataset``.
        """
        from phusong.geodata.writers.dataset import to_dataset

        return to_dataset(self.layers)

    def to_geodataframe(self, level_dbm: float | None = None) -> "GeoDataFrame":
        """Return the area that 5G covers before and after the plan.

        Parameters
        ----------
        level_dbm
            SS-RSRP outdoors per resource element [dBm]; if None, the level at which the
            scenario's service holds.

        Returns
        -------
        GeoDataFrame
            ``when, level_dbm, area_km2`` and the area, in the grid's CRS.
        """
        from phusong.geodata.writers.dataset import covered

        level = self.required_dbm if level_dbm is None else level_dbm
        frame = covered([self.layers["rsrp_before"], self.layers["rsrp_after"]], level)
        frame.insert(0, "when", ["before", "after"])
        return frame

    def explore(self, layer: str = "rsrp_after", *, tiles: str | None = None) -> "folium.Map":
        """Return a map of a layer with the planned stations, which a notebook shows.

        Parameters
        ----------
        layer
            A name of ``layers``.
        tiles
            Map tiles of folium below, such as ``"OpenStreetMap"``; they need the network.

        Returns
        -------
        folium.Map
            It carries its libraries and asks nothing of the network.
        """
        from phusong.maps.pages.notebook import explore

        raster = named(self.layers, layer)
        return explore(
            raster, layer, outlines=self.communes, stations=self.ranking, shown=SHOWN, tiles=tiles
        )

    def _repr_html_(self) -> str:
        return str(self.explore()._repr_html_())


def named(layers: "Mapping[str, Raster]", name: str) -> "Raster":
    """Return a layer by name; raise where there is none."""
    if name not in layers:
        defect = Defect(
            "layer",
            message("problem.is_unknown"),
            message("remedy.there_are_2", layers=[*layers]),
            value=name,
        )
        raise InputError(message("refusal.no_such_layer"), [defect])
    return layers[name]
