"""What the user says of a file where it does not say it itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
