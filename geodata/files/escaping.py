"""Text in CSV files that no spreadsheet takes for a formula, and the way back."""

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def unarmed(value: str) -> str:
    """Return text that a spreadsheet opening a CSV file will not run as a formula.

    Text that begins as a formula does gets an apostrophe in front; plain numbers stay.

    References
    ----------
    OWASP, CSV Injection.
    """
    return f"'{value}" if _armed(value) else value


def rearmed(value: str) -> str:
    """Return the text that ``unarmed`` was given."""
    return value[1:] if value.startswith("'") and _armed(value[1:]) else value


def _armed(value: str) -> bool:
    """Return whether text begins as a formula does, behind any apostrophes."""
    bare = value.lstrip("'")
    return bool(_FORMULA.match(bare)) and not _NUMBER.fullmatch(bare)
