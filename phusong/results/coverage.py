"""What a list of cells covers."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.messages import Message, message
from phusong.results.rollout import named
from phusong.results.written import WrittenResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    import folium
    from geopandas import GeoDataFrame
    from xarray import Dataset

    from phusong.geodata.csv_forms import CsvForm
    from phusong.geodata.grid import Grid, Raster
    from phusong.geodata.network.cells import CellList
    from phusong.geodata.province import Province
    from phusong.progress import Progress
    from phusong.scenarios.prediction.levels import Maps
    from phusong.scenarios.propagation.options import PredictionOptions

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415

SHOWN = (col.SITE_ID, col.CELL_ID, col.OPERATOR, col.TECHNOLOGY, col.AZIMUTH_DEG)


@dataclass(frozen=True)
class CoverageResult(WrittenResult):
    """What a list of cells covers: layers per technology and operator.

    The layers are computed when first asked for, and then kept: about 49 bytes a pixel and
    network. ``write`` alone keeps one network at a time.

    Parameters
    ----------
    province
        The ground, and where receivers are.
    listed
        The cells, their antennas and what was assumed of them.
    options
        Model and assumptions.
    progress
        Opens a bar per network.
    workers
        Threads that compute.
    """

    RECORD = "predict.json"

    province: "Province"
    listed: "CellList"
    options: "PredictionOptions"
    progress: "Progress"
    workers: int

    @property
    def grid(self) -> "Grid":
        """The planning grid of all layers, with its CRS."""
        return self.province.grid

    @cached_property
    def cells(self) -> "GeoDataFrame":
        """The cells with their row, EIRP, power and exposure distance."""
        from phusong.scenarios.prediction import levels

        return levels.completed(self.listed.cells)

    @property
    def warnings(self) -> list[Message]:
        """Limits of the model that cells do not keep; ``messages.speak`` says them."""
        from phusong.scenarios.propagation import options

        return options.warnings(self.listed.cells, self.options)

    @property
    def networks(self) -> list[tuple[str, str]]:
        """Technology and operator of every network; operator ``all`` is the union."""
        from phusong.scenarios.prediction.levels import ALL

        pairs = sorted(set(zip(self.cells[col.TECHNOLOGY], self.cells[col.OPERATOR], strict=True)))
        return [*pairs, *((technology, ALL) for technology in sorted({t for t, _ in pairs}))]

    def layers(self, technology: str | None = None, operator: str = "all") -> "dict[str, Raster]":
        """Return the layers of a network.

        Parameters
        ----------
        technology
            ``4G`` or ``5G``; if None, the newest that has cells.
        operator
            An operator of the list, or ``all`` for the union.

        Returns
        -------
        dict of str to Raster
            ``rsrp_dbm, indoor_dbm, server, servers, rssi_dbm, rsrq_db, reference_sinr_db,
            sinr_db, low_sinr_db, downlink_mbps, uplink_mbps, probability, probability_vehicle,
            probability_indoor``, each with unit, nodata and description.

        Raises
        ------
        InputError
            No cell belongs to such a network.
        """
        from phusong.scenarios.results import levels_result

        technology = technology or self.networks[-1][0]
        if (technology, operator) not in self.networks:
            known = ", ".join(" ".join(pair) for pair in self.networks)
            defect = Defect(
                "cells",
                message("problem.no_cell_belongs_to_it"),
                message("remedy.there_are", known=known),
            )
            raise InputError(
                message("refusal.no_network", technology=technology, operator=operator), [defect]
            )
        maps = self._maps[technology, operator]
        return levels_result.rasters(self.province, technology, maps, self.options)

    def to_xarray(self, technology: str | None = None, operator: str = "all") -> "Dataset":
        """Return the layers of a network as a dataset with CRS, units and nodata.

        Parameters
        ----------
        technology
            As for ``layers``.
        operator
            As for ``layers``.

        Returns
        -------
        xarray.Dataset
            Dimensions y and x, centres of the pixels [m]; see ``geodata.writers.dataset``.
        """
        from phusong.geodata.writers.dataset import to_dataset

        return to_dataset(self.layers(technology, operator))

    def to_geodataframe(self, level_dbm: float | None = None) -> "GeoDataFrame":
        """Return the area where RSRP outdoors reaches a level, one row a network.

        Parameters
        ----------
        level_dbm
            RSRP per resource element [dBm]; if None, the threshold of service.

        Returns
        -------
        GeoDataFrame
            ``technology, operator, level_dbm, area_km2`` and the area, in the grid's CRS.
        """
        from phusong.geodata.writers.dataset import covered

        level = self.options.threshold_dbm if level_dbm is None else level_dbm
        rasters = [self.layers(*pair)["rsrp_dbm"] for pair in self.networks]
        frame = covered(rasters, level)
        technologies, operators = zip(*self.networks, strict=True)
        return frame.assign(technology=technologies, operator=operators)[
            [col.TECHNOLOGY, col.OPERATOR, *frame.columns]
        ]

    def explore(
        self,
        layer: str = "rsrp_dbm",
        *,
        technology: str | None = None,
        operator: str = "all",
        tiles: str | None = None,
    ) -> "folium.Map":
        """Return a map of a layer with the cells, which a notebook shows.

        Parameters
        ----------
        layer
            A name of ``layers()``.
        technology
            As for ``layers``.
        operator
            As for ``layers``.
        tiles
            Map tiles of folium below, such as ``"OpenStreetMap"``; they need the network.

        Returns
        -------
        folium.Map
            It carries its libraries and asks nothing of the network.
        """
        from phusong.maps.pages.notebook import explore

        raster = named(self.layers(technology, operator), layer)
        communes = self.province.communes
        return explore(
            raster, layer, outlines=communes, stations=self.cells, shown=SHOWN, tiles=tiles
        )

    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        from phusong.scenarios.results import levels_result

        levels_result.write(
            self.province,
            self.listed,
            self.options,
            folder,
            networks=self._predicted(),
            language=language,
            form=form,
            workers=self.workers,
        )

    def _predicted(self) -> "Iterator[tuple[str, str, Maps]]":
        """Yield every network, computed anew unless all are kept."""
        from phusong.scenarios.prediction import levels

        if "_maps" in vars(self):
            return ((*pair, maps) for pair, maps in self._maps.items())
        antennas = self.listed.antennas
        return levels.networks(self.province, self.cells, antennas, self.options, self.progress)

    @cached_property
    def _maps(self) -> "dict[tuple[str, str], Maps]":
        return {(technology, operator): maps for technology, operator, maps in self._predicted()}

    def _repr_html_(self) -> str:
        return str(self.explore()._repr_html_())
