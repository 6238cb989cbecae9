"""Speak: a message, or every message in a tree, in a language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from phusong.messages import catalogue, numbers, wording
from phusong.messages.message import Message, is_record, text_of

_PLACE = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_DIGITS = re.compile(r"plain(\d+)")  # significant digits
_PATTERN = re.compile(r"[#0]")
COUNT = "count"  # the value that chooses the plural


def money_decimals() -> wording.Decimals:
    """Return with how many decimals amounts of the country are written."""
    return wording.decimals(wording.current())


def million(value: float, language: str) -> str:
    """Return an amount in millions of the country's currency, with its name."""
    country = wording.current()
    written = numbers.number(value, language, money_decimals().shown)
    return f"{written} {wording.terms(country, language)['million']}".rstrip()


# What may stand after the colon beside number patterns and ``join``.
FORMS: dict[str, Callable[[Any, str], str]] = {
    "and": lambda parts, language: numbers.listed([speak(p, language) for p in parts], language),
    "date": numbers.date,
    "digits2": lambda value, language: numbers.general(value, language, 2),
    "digits3": lambda value, language: numbers.general(value, language, 3),
    "million": million,
    "or": lambda parts, language: numbers.alternatives(
        [speak(p, language) for p in parts], language
    ),
    "plain": numbers.plain,
    "quoted": lambda value, _: repr(value),
    "first": lambda text, language: _capital(speak(text, language)),
}
JOIN = "join"


def speak(text: Any, language: str) -> str:  # noqa: ANN401 - texts come from files too
    """Return a text in a language.

    Parameters
    ----------
    text
        A message or its record; text with one entry per language; or plain text, which stays.
    language
        One of ``languages()``.

    Raises
    ------
    ValueError
        No catalogue knows the message, or a value that its words name is lacking.
    """
    if is_record(text):
        text = text_of(text)
    if isinstance(text, Message):
        return _filled(text, language)
    if isinstance(text, Mapping):
        return str(text.get(language) or text.get("en") or next(iter(text.values()), ""))
    return str(text)


def speak_all(tree: Any, language: str) -> Any:  # noqa: ANN401 - a tree of JSON
    """Return a tree of lists and mappings with every message in it spoken in a language."""
    if isinstance(tree, Message) or is_record(tree) or _is_translated(tree):
        return speak(tree, language)
    if isinstance(tree, Mapping):
        return {key: speak_all(value, language) for key, value in tree.items()}
    return [speak_all(part, language) for part in tree] if isinstance(tree, list) else tree


def unspeakable(tree: object) -> str:
    """Return why a tree of a file is no text that can be spoken; '' where it is one."""
    try:
        for language in catalogue.SHIPPED:
            speak(tree, language)
    except (ValueError, TypeError, AttributeError, OverflowError, ArithmeticError) as error:
        return str(error)
    return ""


def _filled(text: Message, language: str) -> str:
    words = catalogue.template(text.id, language)
    if words is None:
        raise ValueError(f"no words for the message '{text.id}'")
    if isinstance(words, Mapping):
        category = numbers.plural(text.values.get(COUNT, 0), language)
        words = words.get(category, words["other"])

    def value(place: re.Match[str]) -> str:
        if place[1] not in text.values:
            raise ValueError(f"the message '{text.id}' lacks '{place[1]}'")
        return _written(text.values[place[1]], place[2] or "", language)

    return _PLACE.sub(value, words)


def _written(value: Any, form: str, language: str) -> str:  # noqa: ANN401 - any value of a message
    if form.startswith(JOIN):
        return form.removeprefix(JOIN).join(_written(part, "", language) for part in value)
    if form in FORMS:
        return FORMS[form](value, language)
    if digits := _DIGITS.fullmatch(form):
        return numbers.plain(value, language, int(digits[1]))
    if _PATTERN.search(form):
        return numbers.pattern(value, form, language)
    if isinstance(value, float):
        return numbers.general(value, language)
    return speak(value, language)


def _is_translated(tree: object) -> bool:
    """Return whether a tree is a text that a person has written in each shipped language."""
    return isinstance(tree, Mapping) and set(tree) == set(catalogue.SHIPPED)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
