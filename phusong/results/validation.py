"""A prediction held against measurements."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.messages import Message

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from phusong.scenarios.validation.result import Validation

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class ValidationResult:
    """A prediction beside what was measured.

    Parameters
    ----------
    validation
        The measurements, the ground, and the loss predicted at every place.
    """

    validation: "Validation"

    def record(self) -> dict[str, Any]:
        """Return every figure, such as ``places, bias_db, rmse_db, interval_90_share``.

        Bias is predicted less measured loss.

        Returns
        -------
        dict
            Figures by name.
        """
        from phusong.scenarios.validation import result

        return result.record(self.validation)

    @property
    def residuals(self) -> "GeoDataFrame":
        """Every place measured, with its measured and its predicted loss."""
        from phusong.scenarios.validation import result

        return result.frame(self.validation)

    @property
    def warnings(self) -> list[Message]:
        """What a reader must know; ``messages.speak`` says it."""
        from phusong.scenarios.validation import result

        return result.warnings(self.validation)

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str = "vi",
        machine_csv: bool = False,
    ) -> Path:
        """Write the page, the residuals and the record.

        Parameters
        ----------
        folder
            Of an earlier validation, empty, or not there yet; it is replaced as a whole.
        language
            Of the page: ``vi`` or ``en``.
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
        from phusong.maps.pages import validation_page
        from phusong.scenarios.results import result
        from phusong.scenarios.validation import result as validation

        out, page = Path(folder), validation_page.FILE_NAME
        result.check_folder(out, validation.RECORD)
        form = csv_forms.of_language(language, machine=machine_csv)
        with result.replacing(out, validation.RECORD) as temporary:
            validation.write(self.validation, temporary, language, also=(page,), form=form)
            validation_page.write(temporary, language)
        return out
