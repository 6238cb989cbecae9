"""What phusong says when something is wrong: one error that lists every defect."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from phusong.messages import Message, Text, message, speak

SHOWN_DEFECTS = 20
ENGLISH = "en"
HIDDEN = "***"
# Up to the last @ of a line, since a password may hold any character; not beyond another
# address. A path has one slash where the address had two; C:/ is no address.
_USER = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]+:/+)(?:(?!://)[^\n])*@(?=[\w.\[-])")
_NAMED = re.compile(
    r"(?i)((?:^|[\s?&;'\"])(?:\w+[_.-])*(?:(?:ssl)?password|passwd|pass|pwd|token|secret|signature"
    r"|sig|(?:api|access)_?key)=|[?&]key=)(?:'[^'\n]*'|[^\s&#'\";,)]+)"
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
    problem: Text
    remedy: Text = ""
    row: int | None = None
    column: str | None = None
    value: object = None

    def __str__(self) -> str:
        """Return ``file:row, column 'x', value 'y': problem. Remedy.`` in English."""
        return self.spoken(ENGLISH)

    def spoken(self, language: str) -> str:
        """Return where, what is wrong and what to do in a language.

        Parameters
        ----------
        language
            One of ``phusong.messages.languages()``.

        Returns
        -------
        str
            One line.
        """
        place = self.source if self.row is None else f"{self.source}:{self.row}"
        if self.column is not None:
            place += f", {speak(message('error.column', column=self.column), language)}"
        if self.value is not None:
            place += f", {speak(message('error.value', value=self.value), language)}"
        remedy = speak(self.remedy, language)
        return f"{place}: {speak(self.problem, language)}" + (f" ({remedy})" if remedy else "")


class PhusongError(Exception):
    """Base of every error that phusong raises on purpose; the command line exits with 1.

    No message holds a password or a token of an address.

    Parameters
    ----------
    text
        What is wrong.
    """

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(self.spoken(ENGLISH))

    def spoken(self, language: str) -> str:
        """Return what is wrong in a language.

        Parameters
        ----------
        language
            One of ``phusong.messages.languages()``.

        Returns
        -------
        str
            Without passwords and tokens of addresses.
        """
        return without_secrets(speak(self.text, language))


class InputError(PhusongError, ValueError):
    """The input is wrong; carries every defect found; the command line exits with 2.

    Parameters
    ----------
    what
        What cannot be done.
    defects
        Every defect found.
    """

    def __init__(self, what: Text, defects: Sequence[Defect] = ()) -> None:
        self.what = what
        self.defects = tuple(defects)
        super().__init__(what)

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
        return InputError(_renamed(self.what, inner, outer), defects)

    def spoken(self, language: str) -> str:
        """Return what cannot be done, and the first defects, in a language.

        Parameters
        ----------
        language
            One of ``phusong.messages.languages()``.

        Returns
        -------
        str
            A line each; without passwords and tokens of addresses.
        """
        if not self.defects:
            return super().spoken(language)
        head = message("error.defects", what=self.what, count=len(self.defects))
        lines = [speak(head, language)]
        lines += [f"  {defect.spoken(language)}" for defect in self.defects[:SHOWN_DEFECTS]]
        if (hidden := len(self.defects) - SHOWN_DEFECTS) > 0:
            lines.append(f"  ... {speak(message('error.more', n=hidden), language)}")
        return without_secrets("\n".join(lines))


def _renamed(text: Text, inner: str, outer: str) -> Text:
    """Return a text that names another path."""
    if not isinstance(text, Message):
        return text.replace(inner, outer)
    values = {
        key: value.replace(inner, outer) if isinstance(value, str) else value
        for key, value in text.values.items()
    }
    return Message(text.id, values)
