"""Find the messages in text that phusong has written in English, such as notes of province.toml."""

import re
from functools import lru_cache

from phusong.messages.catalogue import catalogue
from phusong.messages.message import Message, Text, message

SECTION = "provenance"
SEPARATOR = "; "
_NUMBER, _WORDS = r"[-+\d.,%]+", r"[^;]+?"
_VALUES = {"all": ".+", **dict.fromkeys(("n", "of", "km2", "total", "people", "change"), _NUMBER)}
_PLACE = re.compile(r"\{(\w+)\}")


def recognised(text: str) -> Text:
    """Return a text with each of its known sentences as a message; others stay as they are.

    A sentence is known as a whole or not at all, so that no part of a name is ever taken for one.

    >>> recognised("pixels.csv")
    'pixels.csv'
    >>> recognised("union of the communes").id
    'provenance.union'
    """
    if not text:
        return ""
    whole = _sentence(text)
    if isinstance(whole, Message) or SEPARATOR not in text:
        return whole
    return message(f"{SECTION}.joined", parts=[_sentence(p) for p in text.split(SEPARATOR)])


def _sentence(text: str) -> Text:
    for identifier, form in _forms():
        if match := form.fullmatch(text):
            values = {name: recognised(value) for name, value in match.groupdict().items()}
            return message(identifier, **values)
    return text


@lru_cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    """Return the English sentences as expressions, those that say most first."""
    words = {
        f"{SECTION}.{key}": text
        for key, text in catalogue("en").sections[SECTION].items()
        if isinstance(text, str) and ":join" not in text
    }
    ordered = sorted(words.items(), key=lambda item: -len(_PLACE.sub("", item[1])))
    return [(identifier, re.compile(_expression(text), re.DOTALL)) for identifier, text in ordered]


def _expression(text: str) -> str:
    parts = _PLACE.split(text)  # literal, name, literal, name, ..., literal
    return "".join(
        f"(?P<{part}>{_VALUES.get(part, _WORDS)})" if i % 2 else re.escape(part)
        for i, part in enumerate(parts)
    )
