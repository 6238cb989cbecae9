"""A model tuned with measurements."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from phusong.messages import Message

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.scenarios.calibration.result import Outcome

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class CalibrationResult:
    """Propagation models tuned with measurements, and how wrong they are.

    Parameters
    ----------
    outcome
        The measurements, the ground, and both models fitted.
    """

    outcome: "Outcome"

    @property
    def errors(self) -> "pd.DataFrame":
        """Scores on held-out blocks [dB], by model and ``before, after, baseline, terms``."""
        import pandas as pd

        rows = {
            (name, kind): score
            for name, fitted in self.outcome.by_model.items()
            for kind, score in fitted.errors.record().items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def residuals(self) -> "GeoDataFrame":
        """Every place measured, with the loss predicted before and after, its block held out."""
        from phusong.scenarios.calibration import result

        return result.residuals(self.outcome)

    @property
    def warnings(self) -> list[Message]:
        """What a reader must know; ``messages.speak`` says it."""
        from phusong.scenarios.calibration import result

        return result.warnings(self.outcome)

    def write(
        self,
        folder: str | PathLike[str],
        *,
        language: str = "vi",
        machine_csv: bool = False,
    ) -> Path:
        """Write ``calibration.toml``, the page of errors, the residuals and the record.

        Parameters
        ----------
        folder
            Of an earlier calibration, empty, or not there yet; it is replaced as a whole.
        language
            Of the page: ``vi`` or ``en``.
        machine_csv
            Write CSV files with commas and points, not as spreadsheets of the language open them.

        Returns
        -------
        Path
            The folder; ``predict(..., calibration=folder / "calibration.toml")`` uses it.

        Raises
        ------
        InputError
            The folder holds something else, or cannot be written to.
        """
        from phusong.geodata import csv_forms
        from phusong.maps.pages import calibration_page
        from phusong.scenarios.calibration import result as calibration_result
        from phusong.scenarios.results import result

        out, page = Path(folder), calibration_page.FILE_NAME
        result.check_folder(out, calibration_result.RECORD)
        form = csv_forms.of_language(language, machine=machine_csv)
        with result.replacing(out, calibration_result.RECORD) as temporary:
            calibration_result.write(self.outcome, temporary, language, also=(page,), form=form)
            calibration_page.write(temporary, language)
        return out
