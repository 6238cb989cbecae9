"""A prediction held against measurements."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.messages import Message
from phusong.results.written import WrittenResult

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from phusong.geodata.csv_forms import CsvForm
    from phusong.scenarios.validation.result import Validation

# Every method imports what it needs: a result is cheap until it is looked at.
# ruff: noqa: PLC0415


@dataclass(frozen=True)
class ValidationResult(WrittenResult):
    """A prediction beside what was measured.

    Parameters
    ----------
    validation
        The measurements, the ground, and the loss predicted at every place.
    """

    RECORD = "validation.json"

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

    def _write_into(self, folder: Path, language: str, form: "CsvForm") -> None:
        from phusong.maps.pages import validation_page
        from phusong.scenarios.validation import result

        also = (validation_page.FILE_NAME,)
        result.write(self.validation, folder, language, also=also, form=form)
        validation_page.write(folder, language)
