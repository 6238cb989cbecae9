"""Text that XML documents and spreadsheets can hold, whatever a name contains."""

import re
from xml.etree import ElementTree as ET

# Outside the characters of XML 1.0, section 2.2: most control characters and lone surrogates.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: object) -> str:
    """Return a value as text without the characters that XML and spreadsheets cannot hold."""
    return _NOT_XML.sub("\ufffd", str(value))


def element(
    parent: ET.Element | None, tag: str, text: object = None, **attributes: object
) -> ET.Element:
    """Add a child with clean text and attributes, or start a document where parent is None."""
    given = {name.rstrip("_"): clean(value) for name, value in attributes.items()}
    node = ET.Element(tag, given) if parent is None else ET.SubElement(parent, tag, given)
    if text is not None:
        node.text = clean(text)
    return node
