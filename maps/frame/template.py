"""Fill the page templates; every value is escaped unless it was made by this package as markup."""

from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from phusong import messages
from phusong.maps.texts import text
from phusong.messages import wording

TEMPLATES = Path(__file__).parents[1] / "templates"
FILTERS = ("number", "signed", "percent", "points", "money", "money_each", "date")


@lru_cache
def _environment(language: str, _: wording.Wording) -> Environment:
    """Return what fills templates in a language and in the words of a country."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"word": text.words(language), "language": language}
    for name in FILTERS:
        environment.filters[name] = _in_language(name, language)
    environment.filters["speak"] = partial(messages.speak, language=language)
    environment.globals["interval"] = partial(text.interval, language=language)
    return environment


def _in_language(name: str, language: str) -> Any:  # noqa: ANN401 - as Jinja types its filters
    """Return a formatter of ``maps.text`` that knows its language and writes a dash for None."""
    written = getattr(text, name)

    def formatter(value: Any, *options: Any) -> str:  # noqa: ANN401 - likewise
        return "–" if value is None else str(written(value, language, *options))

    return formatter


def filled(name: str, language: str, **values: object) -> str:
    """Return a template of ``templates/`` filled with values, in one language."""
    return _environment(language, wording.current()).get_template(name).render(**values)
