"""A document in TOML held against its schema: every defect at once, each with its line."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from phusong.errors import Defect, InputError
from phusong.messages import Text, message

Key = tuple[str | int, ...]  # such as ("tiers", 0, "targets"); places in lists from 0 on
Document = TypeVar("Document", bound=BaseModel)

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_LISTED = re.compile(r"\s*\[\[([^\[\]]+)\]\]")
_ASSIGNED = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")


def line_of(text: str, key: Key) -> int | None:
    r"""Return the line of a key in TOML: the deepest header or ``key =`` that leads to it.

    >>> line_of('[[tiers]]\nof = "area"\n[[tiers]]\nof = "people"', ("tiers", 1, "of"))
    4
    """
    table: list[str | int] = []
    counts: dict[tuple[str, ...], int] = {}
    row, depth = None, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _LISTED.match(line):
            names = _split(header[1])
            counts[names] = counts.get(names, -1) + 1
            table = [*names, counts[names]]
        elif header := _HEADER.match(line):
            table = _numbered(_split(header[1]), counts)
        elif assigned := _ASSIGNED.match(line):
            full = [*table, *assigned[1].split(".")]
            if list(key[: len(full)]) == full:
                return number
            continue
        else:
            continue
        if len(table) > depth and list(key[: len(table)]) == table:
            row, depth = number, len(table)
    return row


def _split(header: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in header.replace('"', "").split("."))


def _numbered(names: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> list[str | int]:
    """Return the key of a table: [tiers.zones] is of the last of the tiers before it."""
    key: list[str | int] = []
    for length, name in enumerate(names, start=1):
        key.append(name)
        if names[:length] in counts and length < len(names):
            key.append(counts[names[:length]])
    return key


def validated(
    schema: type[Document], content: Mapping[str, Any], path: Path, text: str
) -> Document:
    """Return a document as its schema has it.

    Parameters
    ----------
    schema
        What the document may say.
    content
        Its tables and keys.
    path
        Where it was read, for the error.
    text
        As it was read, in which keys have lines.

    Raises
    ------
    InputError
        With every unknown, missing or wrong key, its line, and the near names.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        defects = [_defect(schema, path, text, wrong) for wrong in error.errors(include_url=False)]
        raise InputError(message("refusal.is_not_usable", path=path), defects) from None


def _defect(schema: type[BaseModel], path: Path, text: str, wrong: Mapping[str, Any]) -> Defect:
    place: Key = wrong["loc"]
    above, key = ".".join(map(str, place[:-1])), str(place[-1])
    row = line_of(text, place)
    if wrong["type"] == "missing":
        return Defect(str(path), _of_key(_LACKS_KEY, key, above), "", row)
    if wrong["type"] == "extra_forbidden":
        return Defect(str(path), _of_key(_NO_KEY, key, above), _near(schema, place), row)
    problem = wrong["msg"].removeprefix("Value error, ")
    value = None if isinstance(wrong["input"], dict) else wrong["input"]
    return Defect(str(path), problem[:1].lower() + problem[1:], "", row, key, value)


# Of a key that stands alone, and of one in a table.
_NO_KEY = "problem.there_is_no_key", "problem.there_is_no_key_in"
_LACKS_KEY = "problem.the_key_is_missing", "problem.the_key_is_missing_in"


def _of_key(problems: tuple[str, str], key: str, table: str) -> Text:
    alone, within = problems
    return message(within, key=key, table=table) if table else message(alone, key=key)


def _near(schema: type[BaseModel], place: Key) -> Text:
    """Return the key that may be meant by one that the schema lacks, else all it has there."""
    model: Any = schema
    for part in place[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        model = _model_of(field.annotation) if field else model
    known = list(getattr(model, "model_fields", {}))
    near = difflib.get_close_matches(str(place[-1]), known, 1)
    return (
        message("remedy.did_you_mean_4", near=near[0])
        if near
        else message("remedy.known_2", known=known)
    )


def _model_of(annotation: Any) -> Any:  # noqa: ANN401 - an annotation is any object
    """Return the schema in an annotation such as ``Origin | None`` or ``dict[str, Origin]``."""
    inner = [*getattr(annotation, "__args__", ()), annotation]
    return next((each for each in inner if hasattr(each, "model_fields")), None)
