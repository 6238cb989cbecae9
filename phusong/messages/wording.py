"""The words of a country: its money, its rules, and what its levels of administration are called.

They stand in ``words.toml`` of the folder of a country. A catalogue names them in double brackets,
such as ``[[million]]``; ``renamed`` says what a country calls otherwise than the catalogues do.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

DEFAULT_COUNTRY = "vn"
FALLBACK = "en"  # whose words stand in for a language that the country has none in
NO_CURRENCY = "XXX"  # ISO 4217
_TERM = re.compile(r"\[\[(\w+)\]\]")
_TOLD = re.compile(r"\{[^{}]*\}|\[\[\w+\]\]")  # what is no word of a text: values and terms


class Wording(NamedTuple):
    """Whose words are spoken: the folder of a country, and the currency of amounts."""

    folder: Path
    currency: str


@cache
def _shipped() -> Wording:
    folder = Path(str(files("phusong.geodata.countries").joinpath(DEFAULT_COUNTRY)))
    return Wording(folder, str(_profile(folder)["currency"]["code"]))


_CURRENT: ContextVar[Wording | None] = ContextVar("wording", default=None)


def current() -> Wording:
    """Return whose words are spoken now."""
    return _CURRENT.get() or _shipped()


@contextmanager
def spoken(folder: Path, currency: str) -> Iterator[None]:
    """Speak the words of a country until the block ends."""
    token = _CURRENT.set(Wording(folder, currency))
    try:
        yield
    finally:
        _CURRENT.reset(token)


@lru_cache
def terms(wording: Wording, language: str) -> dict[str, str]:
    """Return the terms of a country in a language by name."""
    told: dict[str, str] = dict(_own(wording.folder, language).get("terms", {}))
    currency = "" if wording.currency == NO_CURRENCY else wording.currency
    known = {"currency": told.get(f"currency_{currency}", currency)}
    known["unit_prefixes"] = "|".join(
        _profile(wording.folder).get("levels", {}).get("prefixes", ())
    )
    known |= {f"{name}_decimals": str(n) for name, n in decimals(wording)._asdict().items()}
    return {name: _neat(_put(text, known)) for name, text in {**told, **known}.items()}


@lru_cache(maxsize=2**15)  # all texts of some languages and countries
def worded(text: str, wording: Wording, language: str) -> str:
    """Return a text of a catalogue in the words of a country."""
    renamed = _renamed(wording.folder, language)
    if renamed is not None:
        pattern, words = renamed
        text = "".join(
            part if is_told else pattern.sub(lambda match: _like(match[0], words), part)
            for part, is_told in _parts(text)
        )
    return _neat(_put(text, terms(wording, language))) if "[[" in text else text


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the words of a text, and what is none, in order."""
    start = 0
    for match in _TOLD.finditer(text):
        yield text[start : match.start()], False
        yield match[0], True
        start = match.end()
    yield text[start:], False


def _put(text: str, values: Mapping[str, str]) -> str:
    return _TERM.sub(lambda match: values[match[1]], text)


def _neat(text: str) -> str:
    """Return a text without the blanks and brackets that an empty term leaves."""
    return re.sub(r" \(\)|\(\)", "", re.sub(r"  +", " ", text)).strip() if text else text


def _like(found: str, words: Mapping[str, str]) -> str:
    """Return what a word is called, with a capital where the word had one."""
    called = words[found.lower()]
    return called[:1].upper() + called[1:] if found[:1].isupper() else called


@lru_cache
def _renamed(folder: Path, language: str) -> tuple[re.Pattern[str], dict[str, str]] | None:
    words = {key.lower(): word for key, word in _own(folder, language).get("renamed", {}).items()}
    if not words:
        return None
    either = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![-\w.])(?:{either})(?![-\w]|\.\w| hội)", re.IGNORECASE)
    return pattern, words


class Decimals(NamedTuple):
    """Decimals of amounts: in millions in columns and files, in millions as shown, of small costs.

    Negative ones round to tens, hundreds and so on.
    """

    column: int
    file: int
    shown: int
    small: int


@lru_cache
def decimals(wording: Wording) -> Decimals:
    """Return with how many decimals amounts of a country are written."""
    stated = _profile(wording.folder)["currency"]
    return Decimals(*(int(stated[f"{name}_decimals"]) for name in Decimals._fields))


@lru_cache
def _profile(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "country.toml").read_text(encoding="utf-8"))


@lru_cache
def _own(folder: Path, language: str) -> dict[str, Any]:
    tree = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    own: dict[str, Any] = tree.get(language) or tree[FALLBACK]
    return own
