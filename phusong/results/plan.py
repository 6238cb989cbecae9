"""A plan that was just made."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.messages import Message, spoken_table
from phusong.results.rollout import RolloutResult

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.grid import Raster
    from phusong.scenarios.plan.run import Plan

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class PlanResult(RolloutResult):
    """A rollout as it was planned, ready to be looked at and written.

    Parameters
    ----------
    plan
        All tables, layers and figures.
    workers
        Threads that computed it.
    seconds
        How long it took.
    language
        Of the texts in the tables.
    """

    plan: "Plan"
    workers: int
    seconds: float
    language: str = "vi"

    @property
    def ranking(self) -> "GeoDataFrame":
        """The stations in order of build: rank, year, gain, cost, reason."""
        return spoken_table(self.plan.ranking, self.language)

    @property
    def candidates(self) -> "GeoDataFrame":
        """All places compared, each alone: what it would bring, chosen or not."""
        return self.plan.candidates

    @property
    def communes(self) -> "GeoDataFrame":
        """People and area covered before and after in every commune."""
        return spoken_table(self.plan.communes, self.language)

    @property
    def districts(self) -> "GeoDataFrame":
        """The same in every district."""
        return self.plan.districts

    @property
    def zones(self) -> "GeoDataFrame":
        """The urban, industrial and tourism zones with the share of their demand covered."""
        return self.plan.zones

    @property
    def zones_ranking(self) -> "GeoDataFrame":
        """The zones of the tiers by rank: weight in the plan, score, TOPSIS, criteria, why."""
        return spoken_table(self.plan.zones_ranking, self.language)

    @property
    def years(self) -> "pd.DataFrame":
        """Stations, cost and residents covered by the end of each year."""
        import pandas as pd

        return pd.DataFrame(self.plan.years)

    @property
    def required_dbm(self) -> float:
        """The level outdoors at which the scenario's service holds [dBm]."""
        return self.plan.required_dbm

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the headline, such as ``people_share_after``."""
        return self.plan.headline

    @property
    def warnings(self) -> list[Message]:
        """What was asked for and missed, and limits not kept; ``messages.speak`` says them."""
        return self.plan.warnings

    @cached_property
    def layers(self) -> "dict[str, Raster]":
        """The rasters of the plan by name, such as ``rsrp_after`` [dBm]."""
        from phusong.scenarios.results import radio_layers

        return radio_layers.rasters(self.plan)

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str | None = None,
        machine_csv: bool = False,
        only: Iterable[str] = (),
    ) -> Path:
        """Write map, report, tables and layers, whole or not at all.

        Parameters
        ----------
        folder
            Of an earlier run, empty, or not there yet; it is replaced as a whole.
        language
            Of map and report, ``vi`` or ``en``; if None, that of the plan.
        machine_csv
            Write CSV files with commas and points, not as spreadsheets of the language open them.
        only
            Names of what is written, all if empty: ``map``, ``report``, ``ranking``, ``layers``,
            ``tables``, ``rasters``, ``package``, ``what_if``, or a layer or raster by its name.
            Nothing else in the folder is touched; ``run.json`` says which files are of an earlier
            run, and ``open_run`` refuses the folder until all is written.

        Returns
        -------
        Path
            The folder, which ``open_run`` opens.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to, or a name is unknown.
        """
        from phusong.geodata import csv_forms
        from phusong.maps.pages import province_map
        from phusong.maps.report import report
        from phusong.scenarios.evaluation import override_file
        from phusong.scenarios.results import outputs, result

        out, shown_language = Path(folder), language or self.language
        wanted = outputs.asked(only)
        result.check_folder(out)
        form = csv_forms.of_language(shown_language, machine=machine_csv)
        facts = {
            "workers": self.workers,
            "seconds": self.seconds,
            "settings": override_file.settings(self.plan.scenario),
        }
        drawn = zip(outputs.PAGES, (province_map, report), strict=True)
        pages = {name: page.write_page for name, page in drawn if wanted.has(name)}
        with result.replacing(out, outputs=wanted) as temporary:
            facts |= result.parts(out, wanted)
            result.write(
                self.plan, temporary, shown_language, pages, form=form, outputs=wanted, **facts
            )
        return out
