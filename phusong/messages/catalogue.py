"""The catalogues: the words of every message, two TOML files per language beside this module.

A table is a section, a key the rest of a message's identifier. A text names values in braces, with
a CLDR number pattern or one of ``speech.FORMS`` after a colon. Words that depend on a number are a
table of CLDR plural categories (``one``, ``other``), chosen by the value ``count``. The table
``locale`` names the locale that numbers and dates are written for.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from phusong.messages import wording

DEFAULT = "vi"
SHIPPED = ("vi", "en")
FILES = ("{}.toml", "{}_errors.toml")  # words of what is shown, and of what is wrong

Words = str | Mapping[str, str]  # a text, or one for each plural category
Sections = dict[str, dict[str, Words]]


@dataclass(frozen=True)
class Catalogue:
    """The words of one language by section and key, and its locale."""

    locale: str
    date: str  # CLDR pattern
    sections: Sections


_catalogues: dict[str, Catalogue] = {}


def add_language(name: str, sections: Sections) -> None:
    """Add a language, or replace one, by the content of its catalogue."""
    stated = sections["locale"]
    _catalogues[name] = Catalogue(str(stated["name"]), str(stated["date"]), sections)


def languages() -> tuple[str, ...]:
    """Return the languages that can be asked for: the shipped ones, then those added."""
    return (*SHIPPED, *(name for name in _catalogues if name not in SHIPPED))


def catalogue(name: str) -> Catalogue:
    """Return the catalogue of a language, read once."""
    if name not in _catalogues:
        if name not in SHIPPED:
            raise ValueError(f"no catalogue of the language '{name}'")
        folder = files("phusong.messages")
        texts = [folder.joinpath(file.format(name)).read_text(encoding="utf-8") for file in FILES]
        add_language(name, tomllib.loads("\n".join(texts)))
    return _catalogues[name]


def has_words(identifier: str) -> bool:
    """Return whether a message has words in the default language."""
    return template(identifier, DEFAULT) is not None


def template(identifier: str, name: str) -> Words | None:
    """Return the words of a message in a language; None where the catalogue has none."""
    table, _, key = identifier.partition(".")
    found = catalogue(name).sections.get(table, {}).get(key)
    return None if found is None else _worded(found, wording.current(), name)


def _worded(text: Words, country: wording.Wording, name: str) -> Words:
    """Return words of a catalogue as a country says them."""
    if isinstance(text, str):
        return wording.worded(text, country, name)
    return {category: wording.worded(part, country, name) for category, part in text.items()}


def words(name: str, *sections: str) -> dict[str, str]:
    """Return the plain texts of sections in a language by key; later sections win."""
    held, country = catalogue(name).sections, wording.current()
    texts = {k: v for key in sections for k, v in held[key].items() if isinstance(v, str)}
    return {key: wording.worded(text, country, name) for key, text in texts.items()}


def locale(name: str) -> str:
    """Return the locale of a language as browsers name it (BCP 47), such as en-GB."""
    return catalogue(name).locale.replace("_", "-")
