"""What phusong says when something is wrong: one error that lists every defect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

SHOWN_DEFECTS = 20
HIDDEN = "***"
# Up to the last @ of a line, since a password may hold any character; not beyond another
# address. A path has one slash where the address had two; C:/ is no address.
_USER = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]+:/+)(?:(?!://)[^\n])*@(?=[\w.\[-])")
_NAMED = re.compile(
    r"(?i)((?:^|[\s?&;'\"])(?:\w+[_.-])*(?:(?:ssl)?password|passwd|pass|pwd|token|secret|signature"
    r"|sig|(?:api)?key)=)(?:'[^'\n]*'|[^\s&#'\";,)]+)"
)


def without_secrets(text: str) -> str:
    """Return a text with the users, passwords and tokens of addresses hidden.

    >>> without_secrets("postgresql://me:p@ss/w@host/gis?sslpassword=x is not there")
    'postgresql://***@host/gis?sslpassword=*** is not there'
    """
    return _NAMED.sub(rf"\1{HIDDEN}", _USER.sub(rf"\1{HIDDEN}@", text))


@dataclass(frozen=True)
class Defect:
    """One thing wrong with an input, and what to do about it.

    ``row`` counts as the user sees it: the line of a text file, the row of a table
    (header is row 1) or the number of a feature (from 1).

    Parameters
    ----------
    source
        File, option or setting.
    problem
        What is wrong.
    remedy
        What to do.
    row
        Where in the source.
    column
        Which column or key.
    value
        What stands there.
    """

    source: str
    problem: str
    remedy: str = ""
    row: int | None = None
    column: str | None = None
    value: object = None

    def __str__(self) -> str:
        """Return ``file:row, column 'x', value 'y': problem. Remedy.``."""
        place = self.source if self.row is None else f"{self.source}:{self.row}"
        if self.column is not None:
            place += f", column '{self.column}'"
        if self.value is not None:
            place += f", value {self.value!r}"
        return f"{place}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")


class PhusongError(Exception):
    """Base of every error that phusong raises on purpose; the command line exits with 1.

    No message holds a password or a token of an address.

    Parameters
    ----------
    message
        What is wrong.
    """

    def __init__(self, message: str) -> None:
        super().__init__(without_secrets(message))


class InputError(PhusongError, ValueError):
    """The input is wrong; carries every defect found; the command line exits with 2.

    Parameters
    ----------
    what
        What cannot be done.
    defects
        Every defect found.
    """

    def __init__(self, what: str, defects: Sequence[Defect] = ()) -> None:
        self.what = what
        self.defects = tuple(defects)
        super().__init__(self._message())

    def shown_as(self, inner: str, outer: str) -> "InputError":
        """Return the same error with a temporary path as the one that the user knows.

        Parameters
        ----------
        inner
            Path as it is in the error.
        outer
            Path as the user knows it.

        Returns
        -------
        InputError
            With every defect told so.
        """
        defects = [
            replace(defect, source=defect.source.replace(inner, outer)) for defect in self.defects
        ]
        return InputError(self.what.replace(inner, outer), defects)

    def _message(self) -> str:
        if not self.defects:
            return self.what
        lines = [f"{self.what}: {len(self.defects)} defect{'s' * (len(self.defects) > 1)}"]
        lines += [f"  {defect}" for defect in self.defects[:SHOWN_DEFECTS]]
        hidden = len(self.defects) - SHOWN_DEFECTS
        return "\n".join(lines + ([f"  ... and {hidden} more"] if hidden > 0 else []))
