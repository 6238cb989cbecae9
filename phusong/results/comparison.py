"""Two finished runs side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from phusong.results.written import WrittenResult

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from phusong.geodata.csv_forms import CsvForm
    from phusong.geodata.grid import Raster
    from phusong.geodata.runs.folder import RunFolder
    from phusong.scenarios.comparison.compare import Comparison

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class ComparisonResult(WrittenResult):
    """Two finished runs side by side: every difference is B less A.

    Parameters
    ----------
    run_a
        The run compared with.
    comparison
        Stations, communes and zones of both, and coverage gained and lost.
    """

    RECORD = "compare.json"

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

    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        from phusong.maps.pages import difference
        from phusong.scenarios.comparison import result

        also = (difference.FILE_NAME,)
        result.write(self.comparison, folder, language, also=also, form=form)
        difference.write_page(folder, self.run_a, language)
