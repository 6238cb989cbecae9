"""A model tuned with measurements."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from phusong.messages import Message
from phusong.results.written import WrittenResult

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from phusong.geodata.csv_forms import CsvForm
    from phusong.scenarios.calibration.result import Outcome

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class CalibrationResult(WrittenResult):
    """Propagation models tuned with measurements, and how wrong they are.

    ``predict(..., calibration=FOLDER / "calibration.toml")`` uses what ``write`` wrote.

    Parameters
    ----------
    outcome
        The measurements, the ground, and both models fitted.
    """

    RECORD = "calibration.json"

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

    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        from phusong.maps.pages import calibration_page
        from phusong.scenarios.calibration import result

        also = (calibration_page.FILE_NAME,)
        result.write(self.outcome, folder, language, also=also, form=form)
        calibration_page.write(folder, language)
