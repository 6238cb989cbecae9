"""Two finished runs side by side."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from phusong.geodata.grid import Raster
    from phusong.geodata.runs.folder import RunFolder
    from phusong.scenarios.comparison.compare import Comparison

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


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

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str = "vi",
        machine_csv: bool = False,
    ) -> Path:
        """Write ``compare.html``, tables, ``difference.tif`` and ``compare.json``.

        Parameters
        ----------
        folder
            Of an earlier comparison, empty, or not there yet; it is replaced as a whole.
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
        from phusong.maps.pages import difference
        from phusong.scenarios.comparison import result as comparison_result
        from phusong.scenarios.results import result

        out = Path(folder)
        result.check_folder(out, comparison_result.RECORD)
        form = csv_forms.of_language(language, machine=machine_csv)
        with result.replacing(out, comparison_result.RECORD) as temporary:
            also = (difference.FILE_NAME,)
            comparison_result.write(self.comparison, temporary, language, also=also, form=form)
            difference.write_page(temporary, self.run_a, language)
        return out
