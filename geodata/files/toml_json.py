"""Read TOML and JSON of people and of earlier runs: bounded, a table at the top; write JSON."""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, whole
from phusong.messages import Message, message

MAX_TOML_BYTES = 500_000
LONGEST_LINE = 1_000  # of TOML: a key of many parts takes the square of their number
MAX_JSON_BYTES = 50_000_000
_LINE = re.compile(r"at line (\d+)")

Tree = dict[str, Any]
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def read_toml(path: Path) -> tuple[Tree, str]:
    """Return the content of a TOML file, and its text, in which keys have lines.

    Raises
    ------
    InputError
        When it cannot be read, or is not TOML: with the line.
    """
    raw = guard.read_bytes(path, MAX_TOML_BYTES)
    for number, line in enumerate(raw.split(b"\n"), 1):
        if len(line) > LONGEST_LINE:
            defect = Defect(
                str(path),
                message("problem.is_longer_than_bytes", longest_line=LONGEST_LINE),
                "",
                number,
            )
            raise InputError(message("refusal.is_not_valid_toml", path=path), [defect])
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError
        match = _LINE.search(str(error))
        row = int(match[1]) if match else None
        defect = Defect(str(path), str(error), "", row)
        raise InputError(message("refusal.is_not_valid_toml", path=path), [defect]) from None


def read_json(path: Path) -> Tree:
    """Return the object that a JSON file holds.

    Raises
    ------
    InputError
        When it cannot be read, is not JSON (RFC 8259), or holds something else than an object.
    """
    raw = guard.read_bytes(path, MAX_JSON_BYTES)
    try:
        tree = json.loads(raw.decode("utf-8-sig"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise InputError(
            message("refusal.is_not_json", path=path),
            [Defect(str(path), message("problem.is_not_json", error=error))],
        ) from None
    if not isinstance(tree, dict):
        problem = message("problem.holds_no_json_object_but", name=type(tree).__name__)
        raise InputError(
            message("refusal.is_not_a_record", path=path), [Defect(str(path), problem)]
        )
    return tree


def _refused(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def as_json(tree: dict[str, Any]) -> str:
    """Return a record as the text of its file; JSON knows no NaN: it becomes null."""
    return _indented(tree, "\n") + "\n"


def as_read(tree: dict[str, Any]) -> Tree:
    """Return a record as reading its file gives it."""
    read: Tree = json.loads(json.dumps(without_nan(tree), default=_plain))
    return read


def _indented(value: Any, line: str) -> str:  # noqa: ANN401 - a tree of JSON
    """Return JSON with a line for each part, as ``json.dumps`` does, in half its time.

    ``line`` begins a line on the level of the value.
    """
    deeper = f"{line} "
    if isinstance(value, Mapping) and value:
        parts = [f"{deeper}{_key(name)}: {_indented(part, deeper)}" for name, part in value.items()]
        return f"{{{','.join(parts)}{line}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{','.join([deeper + _indented(part, deeper) for part in value])}{line}]"
    if isinstance(value, float):
        return float.__repr__(value) if math.isfinite(value) else _encoded(without_nan(value))
    if value is None or isinstance(value, str | int | Mapping | list | tuple):
        return _encoded(value)
    return _indented(_plain(value), line)


def _key(name: object) -> str:
    return _encoded(name if isinstance(name, str) else _encoded(name))


def write_record(folder: Path, name: str, facts: Tree, also: Iterable[str] = ()) -> Tree:
    """Write the record of a folder last, with the names of all its files; return it.

    Parameters
    ----------
    folder
        What the record is of; every other file is there.
    name
        Of the record.
    facts
        What it says.
    also
        Files that others will add.
    """
    names = sorted({path.name for path in folder.iterdir()} | {name, *also})
    written = {**facts, "files": names}
    whole.write_text(folder / name, as_json(written))
    return written


def without_nan(tree: Any) -> Any:  # noqa: ANN401 - a tree of JSON
    """Return a tree with None for what is no number, as JSON knows none."""
    if isinstance(tree, Mapping):
        return {key: without_nan(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [without_nan(value) for value in tree]
    return None if isinstance(tree, float) and math.isnan(tree) else tree


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Message):
        return value.record()
    raise TypeError(f"cannot write {type(value)}")
