"""The record of a table: its cells as text, from whatever file, and what the user says of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from geopandas import GeoSeries
from numpy.typing import NDArray

from phusong.errors import Defect
from phusong.geodata import numerals
from phusong.messages import Text

MARK_ROWS = 2_000  # that are looked at for the decimal mark of a file


@dataclass(frozen=True)
class Stated:
    """How a file is to be read, as the user says.

    Parameters
    ----------
    headers : the file's own header by column (``--map column=header``).
    units : units, or the decimal mark, by column (``--assume column=unit``).
    crs : of coordinates that do not say theirs (``--crs``).
    repair : whether small faults of polygons are mended (``--repair``).
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crs: str | None = None
    repair: bool = False


NOTHING = Stated()


@dataclass(frozen=True)
class Table:
    """The cells of a file as text, with the row the user sees for each, and points if it has them.

    ``cells`` has a default index; missing values are empty text. ``rows`` are lines of a text
    file, or features counted from 1; ``notes`` say what was done to read them; ``stated`` is what
    the user says of it.
    """

    path: Path
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    shapes: GeoSeries | None = None
    notes: tuple[str, ...] = ()
    separator: str = ""  # of the cells of a text file
    stated: Stated = NOTHING
    sheets: tuple[str, ...] = ()  # of a workbook, of which each row is on one
    meant: Mapping[str, str] = field(default_factory=dict)  # headers by column of a known layout
    parts: tuple[str, ...] = ()  # headers of which others were made

    @cached_property
    def mark(self) -> str:
        """Return the decimal mark that the cells show, '' where none or both."""
        top = self.cells.head(MARK_ROWS)
        return numerals.mark_of(text for name in top for text in top[name])

    def defect(
        self, index: int, problem: Text, remedy: Text = "", column: str | None = None
    ) -> Defect:
        """Return a defect of one row; the value is that of the column."""
        value = None if column is None else self.cells[column].iloc[index]
        row = int(self.rows[index])
        return Defect(self.source(index), problem, remedy, row, column, value)

    def source(self, index: int) -> str:
        """Return the file of a row, with its sheet where there are several."""
        return f"{self.path} [{self.sheets[index]}]" if self.sheets else str(self.path)

    def places(self) -> list[tuple[str, int]]:
        """Return file (with its sheet) and row of every row."""
        rows = self.rows.tolist()
        if not self.sheets:
            return [(str(self.path), row) for row in rows]
        return [(self.source(i), row) for i, row in enumerate(rows)]

    def where(self, defects: Iterable[Defect]) -> NDArray[np.bool_]:
        """Return which rows have one of the defects."""
        places = {(defect.source, defect.row) for defect in defects}
        if not self.sheets:
            return np.isin(self.rows, [row for _, row in places if row is not None])
        rows = self.rows.tolist()
        return np.array([(self.source(i), row) in places for i, row in enumerate(rows)], bool)
