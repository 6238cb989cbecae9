"""A plan against what was built."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.errors import Defect, InputError
from phusong.messages import message
from phusong.results.written import WrittenResult

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.csv_forms import CsvForm
    from phusong.geodata.files.table import Stated
    from phusong.geodata.province import SiteList
    from phusong.geodata.runs.folder import RunFolder
    from phusong.progress import Progress
    from phusong.scenarios.as_built.check import AsBuilt

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class AsBuiltResult(WrittenResult):
    """A plan against what was built: by station, year, commune and zone.

    Parameters
    ----------
    found
        What was found.
    """

    RECORD = "as_built.json"

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

    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        from phusong.maps.pages import as_built_page
        from phusong.scenarios.as_built import result

        also = (as_built_page.FILE_NAME,)
        result.write(self.found, folder, language, also=also, form=form)
        as_built_page.write_page(folder, self.found.run, language)


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
