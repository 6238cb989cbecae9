"""What the front door hands out: results that know where they lie, drawn and written by request."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong import columns as col
from phusong.errors import Defect, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import folium
    import pandas as pd
    from geopandas import GeoDataFrame
    from xarray import Dataset

    from phusong.geodata.grid import Grid, Raster
    from phusong.geodata.network.cells import CellList
    from phusong.geodata.province import Province
    from phusong.geodata.runs.folder import RunFolder
    from phusong.maps.notebook import Page
    from phusong.progress import Progress
    from phusong.scenarios.comparison.compare import Comparison
    from phusong.scenarios.plan.run import Plan
    from phusong.scenarios.prediction.levels import Maps
    from phusong.scenarios.propagation.options import Options

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415

SHOWN_CELLS = (col.SITE_ID, col.CELL_ID, col.OPERATOR, col.TECHNOLOGY, col.AZIMUTH_DEG)
SHOWN_STATIONS = (col.RANK, col.SITE_ID, col.YEAR, col.PEOPLE_GAINED, col.COST_MILLION_VND)


@dataclass(frozen=True)
class CoverageResult:
    """What a list of cells covers: layers per technology and operator.

    The layers are computed when first asked for, and then kept: about 33 bytes a pixel and
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

    province: "Province"
    listed: "CellList"
    options: "Options"
    progress: "Progress"
    workers: int

    @property
    def grid(self) -> "Grid":
        """The planning grid of all layers, with its CRS."""
        return self.province.grid

    @cached_property
    def cells(self) -> "GeoDataFrame":
        """The cells with their row, EIRP, power and exposure distance (QCVN 8:2022)."""
        from phusong.scenarios.prediction import levels

        return levels.completed(self.listed.cells)

    @property
    def warnings(self) -> list[dict[str, str]]:
        """Limits of the model that cells do not keep, in both languages."""
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
            ``rsrp_dbm, indoor_dbm, server, servers, rssi_dbm, sinr_db, downlink_mbps,
            uplink_mbps, probability``, each with unit, nodata and description.

        Raises
        ------
        InputError
            No cell belongs to such a network.
        """
        from phusong.scenarios.results import levels_result

        technology = technology or self.networks[-1][0]
        if (technology, operator) not in self.networks:
            known = ", ".join(" ".join(pair) for pair in self.networks)
            defect = Defect("cells", "no cell belongs to it", f"there are {known}")
            raise InputError(f"no network {technology} {operator}", [defect])
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
        from phusong.geodata.writers.dataset import dataset

        return dataset(self.layers(technology, operator))

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
        from phusong.maps.notebook import explore

        raster = _named(self.layers(technology, operator), layer)
        communes = self.province.communes
        return explore(
            raster, layer, outlines=communes, stations=self.cells, shown=SHOWN_CELLS, tiles=tiles
        )

    def write(self, folder: str | PathLike[str], *, language: str = "vi") -> Path:
        """Write every layer as GeoTIFF, the cells, QCVN 126:2021 and ``predict.json``.

        Parameters
        ----------
        folder
            Of an earlier prediction, empty, or not there yet; it is replaced as a whole.
        language
            Of the descriptions: ``vi`` or ``en``.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to.
        """
        from phusong.scenarios.results import levels_result, result

        out = Path(folder)
        result.check_folder(out, levels_result.RECORD)
        with result.replacing(out, levels_result.RECORD) as temporary:
            levels_result.write(
                self.province,
                self.listed,
                self.options,
                temporary,
                networks=self._predicted(),
                language=language,
                workers=self.workers,
            )
        return out

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


@dataclass(frozen=True)
class PlanResult:
    """A rollout as it was planned, ready to be looked at and written.

    Parameters
    ----------
    plan
        All tables, layers and figures.
    workers
        Threads that computed it.
    seconds
        How long it took.
    """

    plan: "Plan"
    workers: int
    seconds: float

    @property
    def grid(self) -> "Grid":
        """The planning grid of all layers, with its CRS."""
        return self.plan.province.grid

    @property
    def ranking(self) -> "GeoDataFrame":
        """The stations in order of build: rank, year, gain, cost, score, reason."""
        return self.plan.ranking

    @property
    def candidates(self) -> "GeoDataFrame":
        """All places compared, each alone: criteria, score, TOPSIS, chosen or not."""
        return self.plan.candidates

    @property
    def communes(self) -> "GeoDataFrame":
        """People and area covered before and after in every commune."""
        return self.plan.communes

    @property
    def districts(self) -> "GeoDataFrame":
        """The same in every district."""
        return self.plan.districts

    @property
    def zones(self) -> "GeoDataFrame":
        """The urban, industrial and tourism zones with the share of their demand covered."""
        return self.plan.zones

    @property
    def years(self) -> "pd.DataFrame":
        """Stations, cost and residents covered by the end of each year."""
        import pandas as pd

        return pd.DataFrame(self.plan.years)

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the headline, such as ``people_share_after``."""
        return self.plan.headline

    @property
    def warnings(self) -> list[dict[str, str]]:
        """What was asked for and missed, and limits not kept, in both languages."""
        return self.plan.warnings

    @cached_property
    def layers(self) -> "dict[str, Raster]":
        """The rasters of the plan by name, such as ``rsrp_after`` [dBm]."""
        from phusong.scenarios.results import result

        return result.rasters(self.plan)

    def to_xarray(self) -> "Dataset":
        """Return the layers as a dataset with CRS, units and nodata.

        Returns
        -------
        xarray.Dataset
            Dimensions y and x, centres of the pixels [m]; see ``geodata.writers.dataset``.
        """
        from phusong.geodata.writers.dataset import dataset

        return dataset(self.layers)

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
        return _before_and_after(self.layers, level_dbm, self.plan.required_dbm)

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
        return _explored(self.layers, layer, self.plan.communes, self.ranking, tiles)

    def write(self, folder: str | PathLike[str], *, language: str | None = None) -> Path:
        """Write map, report, tables and layers, whole or not at all.

        Parameters
        ----------
        folder
            Of an earlier run, empty, or not there yet; it is replaced as a whole.
        language
            Of map and report, ``vi`` or ``en``; if None, that of the plan.

        Returns
        -------
        Path
            The folder, which ``open_run`` opens.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to.
        """
        from phusong.maps import page, report
        from phusong.scenarios.results import result

        out, spoken = Path(folder), language or self.plan.language
        result.check_folder(out)
        pages = (page.FILE_NAME, report.FILE_NAME)
        with result.replacing(out) as temporary:
            result.write(
                self.plan, temporary, also=pages, workers=self.workers, seconds=self.seconds
            )
            page.write_map(temporary, spoken)
            report.write_report(temporary, spoken)
        return out

    def _repr_html_(self) -> str:
        return str(self.explore()._repr_html_())


@dataclass(frozen=True)
class RunResult:
    """A finished run, read from its folder; nothing is computed anew.

    Parameters
    ----------
    folder
        The run as maps and comparisons read it.
    """

    folder: "RunFolder"

    @property
    def path(self) -> Path:
        """The folder of the run."""
        return self.folder.path

    @property
    def record(self) -> dict[str, Any]:
        """What run.json says: parameters, sources, versions, seed, figures, checks."""
        return self.folder.record

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the headline, such as ``people_share_after``."""
        return dict(self.record["headline"])

    @property
    def ranking(self) -> "GeoDataFrame":
        """The stations in order of build: rank, year, gain, cost, score, reason."""
        return self.folder.ranking

    @property
    def communes(self) -> "GeoDataFrame":
        """People and area covered before and after in every commune."""
        return self.folder.communes

    @property
    def districts(self) -> "GeoDataFrame":
        """The same in every district."""
        return self.folder.districts

    @property
    def zones(self) -> "GeoDataFrame":
        """The urban, industrial and tourism zones with the share of their demand covered."""
        return self.folder.zones

    @property
    def years(self) -> "pd.DataFrame":
        """Stations, cost and residents covered by the end of each year."""
        import pandas as pd

        return pd.DataFrame(self.record["years"])

    @cached_property
    def layers(self) -> "dict[str, Raster]":
        """The rasters of the run by name, such as ``rsrp_after`` [dBm]."""
        from phusong.geodata.files.raster import read_raster

        return {path.stem: read_raster(path) for path in self.folder.rasters()}

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
        from phusong.geodata.writers.dataset import dataset

        return dataset(self.layers)

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
        return _before_and_after(self.layers, level_dbm, self.record["service"]["required_dbm"])

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
        return _explored(self.layers, layer, self.communes, self.ranking, tiles)

    def map(self, language: str | None = None) -> "Page":
        """Return the full map of the run, which a notebook shows; no file is written.

        Parameters
        ----------
        language
            ``vi`` or ``en``; if None, that of the run.

        Returns
        -------
        Page
            A page that opens with no network; ``save`` writes it.
        """
        from phusong.maps import page
        from phusong.maps.notebook import Page

        return Page(page.rendered(self.folder, language or str(self.record["language"])))

    def _repr_html_(self) -> str:
        return self.map()._repr_html_()


@dataclass(frozen=True)
class ComparisonResult:
    """Two finished runs side by side: every difference is B less A.

    Parameters
    ----------
    run_a
        The run compared with.
    comparison
        Stations, communes and zones of both, and coverage gained and lost.
    """

    run_a: "RunFolder"
    comparison: "Comparison"

    @property
    def stations(self) -> "GeoDataFrame":
        """The stations of both runs, with rank, year, gain and cost in each."""
        return self.comparison.stations

    @property
    def communes(self) -> "GeoDataFrame":
        """Residents and covered shares of every commune in A, in B, and their difference."""
        return self.comparison.communes

    @property
    def difference(self) -> "Raster":
        """Coverage from A to B: 0 in neither, 1 lost, 2 gained, 3 in both."""
        return self.comparison.difference

    def write(self, folder: str | PathLike[str], *, language: str = "vi") -> Path:
        """Write ``compare.html``, tables, ``difference.tif`` and ``compare.json``.

        Parameters
        ----------
        folder
            Of an earlier comparison, empty, or not there yet; it is replaced as a whole.
        language
            Shown first on the page: ``vi`` or ``en``.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to.
        """
        from phusong.maps import difference
        from phusong.scenarios.comparison import result as comparison_result
        from phusong.scenarios.results import result

        out = Path(folder)
        result.check_folder(out, comparison_result.RECORD)
        with result.replacing(out, comparison_result.RECORD) as temporary:
            also = (difference.FILE_NAME,)
            comparison_result.write(self.comparison, temporary, language, also=also)
            difference.write_page(temporary, self.run_a, language)
        return out


def _named(layers: "Mapping[str, Raster]", name: str) -> "Raster":
    if name not in layers:
        defect = Defect("layer", "is unknown", f"there are {', '.join(layers)}", value=name)
        raise InputError("no such layer", [defect])
    return layers[name]


def _before_and_after(
    layers: "Mapping[str, Raster]", level_dbm: float | None, required_dbm: float
) -> "GeoDataFrame":
    from phusong.geodata.writers.dataset import covered

    level = required_dbm if level_dbm is None else level_dbm
    frame = covered([layers["rsrp_before"], layers["rsrp_after"]], level)
    frame.insert(0, "when", ["before", "after"])
    return frame


def _explored(
    layers: "Mapping[str, Raster]",
    layer: str,
    communes: "GeoDataFrame",
    ranking: "GeoDataFrame",
    tiles: str | None,
) -> "folium.Map":
    from phusong.maps.notebook import explore

    raster = _named(layers, layer)
    return explore(
        raster, layer, outlines=communes, stations=ranking, shown=SHOWN_STATIONS, tiles=tiles
    )
