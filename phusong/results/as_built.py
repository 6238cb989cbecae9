"""A plan against what was built."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

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

    def write(self, folder: str | PathLike[str], *, language: str = "vi") -> Path:
        """Write ``as_built.html``, tables, ``difference.tif`` and ``as_built.json``.

        Parameters
        ----------
        folder
            Of an earlier check, empty, or not there yet; it is replaced as a whole.
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
        from phusong.maps.pages import as_built_page
        from phusong.scenarios.as_built import result as as_built_result
        from phusong.scenarios.results import result

        out = Path(folder)
        result.check_folder(out, as_built_result.RECORD)
        with result.replacing(out, as_built_result.RECORD) as temporary:
            also = (as_built_page.FILE_NAME,)
            as_built_result.write(self.found, temporary, language, also=also)
            as_built_page.write_page(temporary, self.found.run, language)
        return out
