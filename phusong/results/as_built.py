"""A plan against what was built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.errors import Defect, InputError
from phusong.messages import message

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.files.table import Stated
    from phusong.geodata.province import SiteList
    from phusong.geodata.runs.folder import RunFolder
    from phusong.progress import Progress
    from phusong.scenarios.as_built.check import AsBuilt

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class AsBuiltResult:
    """A plan against what was built: by station, year, commune and zone.

    Parameters
    ----------
    found
        What was found.
    """

    found: "AsBuilt"

    @property
    def stations(self) -> "GeoDataFrame":
        """Planned stations with what became of them, then those built elsewhere."""
        return self.found.stations

    @property
    def years(self) -> "pd.DataFrame":
        """Counts by year, and residents served as planned and as built."""
        return self.found.years

    @property
    def communes(self) -> "GeoDataFrame":
        """Counts by commune, and the shares served as planned and as built."""
        return self.found.communes

    @property
    def zones(self) -> "GeoDataFrame":
        """Counts by zone, and the shares served as planned and as built."""
        return self.found.zones

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str = "vi",
        machine_csv: bool = False,
    ) -> Path:
        """Write ``as_built.html``, tables, ``difference.tif`` and ``as_built.json``.

        Parameters
        ----------
        folder
            Of an earlier check, empty, or not there yet; it is replaced as a whole.
        language
            Shown first on the page: ``vi`` or ``en``.
        machine_csv
            Write CSV files with commas and points, not as spreadsheets of the language open them.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to.
        """
        from phusong.geodata import csv_forms
        from phusong.maps.pages import as_built_page
        from phusong.scenarios.as_built import result as as_built_result
        from phusong.scenarios.results import result

        out = Path(folder)
        result.check_folder(out, as_built_result.RECORD)
        form = csv_forms.of_language(language, machine=machine_csv)
        with result.replacing(out, as_built_result.RECORD) as temporary:
            also = (as_built_page.FILE_NAME,)
            as_built_result.write(self.found, temporary, language, also=also, form=form)
            as_built_page.write_page(temporary, self.found.run, language)
        return out


def held_against(
    run: "RunFolder",
    stations: "str | PathLike[str] | SiteList",
    *,
    as_of: str,
    within_m: float,
    stated: "Stated | None",
    settings: Mapping[str, Any] | Iterable[str],
    progress: "Progress | None",
) -> AsBuiltResult:
    """Return the plan of a run against a list of built stations, see ``RunResult.as_built``."""
    from phusong.geodata.files.table import NOTHING
    from phusong.geodata.network import sites
    from phusong.geodata.province import SiteList
    from phusong.geodata.runs import folder as run_folder
    from phusong.progress import silent
    from phusong.scenarios.as_built import check, restored
    from phusong.scenarios.config import schema

    last_day = _checked(as_of, within_m)
    province = restored.province_of(run)
    record = str(run.path / run_folder.RECORD)
    scenario = schema.restored(run.record["parameters"], record, settings, province.country)
    listed = (
        stations
        if isinstance(stations, SiteList)
        else sites.read_sites(Path(stations), province.communes, stated=stated or NOTHING)
    )
    found = check.as_built(
        run,
        province,
        listed,
        scenario,
        as_of=last_day,
        within_m=within_m,
        progress=progress or silent,
    )
    return AsBuiltResult(found)


def _checked(as_of: str, within_m: float) -> str:
    """Return the day as ISO 8601 has it; raise where it is none, or the distance is not above 0."""
    from phusong.geodata.network import words

    day = words.day(as_of)
    wrong = [Defect("as_of", message("problem.is_not_a_date"), value=as_of)] * (day is None)
    if not within_m > 0.0:
        wrong.append(Defect("within_m", message("problem.must_be_above_0_m"), value=within_m))
    if wrong:
        raise InputError(message("refusal.unusable_options"), wrong)
    return day or ""
