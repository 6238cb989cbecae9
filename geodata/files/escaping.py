"""Text that XML documents, spreadsheets and CSV files can hold, whatever a name contains."""

import re
from xml.etree import ElementTree as ET

# Outside the characters of XML 1.0, section 2.2: most control characters and lone surrogates.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def clean(value: object) -> str:
    """Return a value as text without the characters that XML and spreadsheets cannot hold."""
    return _NOT_XML.sub("\ufffd", str(value))


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


def element(
    parent: ET.Element | None, tag: str, text: object = None, **attributes: object
) -> ET.Element:
    """Add a child with clean text and attributes, or start a document where parent is None."""
    given = {name.rstrip("_"): clean(value) for name, value in attributes.items()}
    made = ET.Element(tag, given) if parent is None else ET.SubElement(parent, tag, given)
    if text is not None:
        made.text = clean(text)
    return made
