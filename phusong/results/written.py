"""A result that becomes a folder."""

from abc import ABC, abstractmethod
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from phusong.geodata.csv_forms import CsvForm

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


class WrittenResult(ABC):
    """A result that becomes a folder, by whose record the folder is known again."""

    RECORD: ClassVar[str]  # the file that lists all others

    @abstractmethod
    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        """Write every file into an empty folder, the record last but for pages."""

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str = "vi",
        machine_csv: bool = False,
    ) -> Path:
        """Write page, tables, layers and record, whole or not at all.

        Parameters
        ----------
        folder
            Of an earlier result of this kind, empty, or not there yet; it is replaced as a whole.
        language
            Shown first on the page, and of descriptions: ``vi`` or ``en``.
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
        from phusong.scenarios.results import result

        out = Path(folder)
        result.check_folder(out, self.RECORD)
        form = csv_forms.of_language(language, machine=machine_csv)
        with result.replacing(out, self.RECORD) as temporary:
            self._write_into(temporary, language, form)
        return out
