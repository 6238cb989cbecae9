"""A finished run, read from its folder."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.results.rollout import RolloutResult

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.files.table import Stated
    from phusong.geodata.grid import Raster
    from phusong.geodata.province import SiteList
    from phusong.geodata.runs.folder import RunFolder
    from phusong.maps.pages.notebook import Page
    from phusong.progress import Progress
    from phusong.results.as_built import AsBuiltResult

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class RunResult(RolloutResult):
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
    def required_dbm(self) -> float:
        """The level outdoors at which the scenario's service holds [dBm]."""
        return float(self.record["service"]["required_dbm"])

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
        """The rasters of the run by name, such as ``rsrp_after`` [dBm].

        The bands of a file are rasters too: ``population_residents``, ``served_before``.
        """
        from phusong.geodata.files.raster import read_bands

        files = {path.stem: read_bands(path) for path in self.folder.rasters()}
        return {
            stem if len(bands) == 1 else f"{stem}_{name}": raster
            for stem, bands in files.items()
            for name, raster in bands.items()
        }

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
        from phusong.maps.pages import province_map
        from phusong.maps.pages.notebook import Page

        return Page(province_map.rendered(self.folder, language or str(self.record["language"])))

    def as_built(
        self,
        stations: "PathLike | SiteList",
        *,
        as_of: str = "",
        within_m: float = 100.0,
        stated: "Stated | None" = None,
        settings: Mapping[str, Any] | Iterable[str] = (),
        progress: "Progress | None" = None,
    ) -> "AsBuiltResult":
        """Hold the plan against a list of the 5G stations that were built.

        Both are predicted with the run's own model, losses and ground, as its folder holds them.

        Parameters
        ----------
        stations
            Stations with operator, position and day on air (``on_air``): a file, or as
            ``read_sites`` returns it.
        as_of
            Last day that counts, such as ``2026-12-31``; if '', the last of the list.
        within_m
            How near a planned place a station is the planned one [m].
        stated
            What the file ``stations`` does not say itself.
        settings
            Where the files are that the run's scenario names, such as
            ``{"propagation.calibration": "out/calibration.toml"}``.
        progress
            As ``plan`` takes it.

        Returns
        -------
        AsBuiltResult
            What was built in its year, earlier, later, elsewhere or not, and whom it serves.

        Raises
        ------
        InputError
            A list that cannot be read, or one without any day.
        """
        from phusong.results import as_built

        return as_built.held_against(
            self.folder,
            stations,
            as_of=as_of,
            within_m=within_m,
            stated=stated,
            settings=settings,
            progress=progress,
        )

    def _repr_html_(self) -> str:
        return self.map()._repr_html_()
