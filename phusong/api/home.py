"""Of which country a command speaks: that of the province or of the run that it is given."""

import argparse
import json
import tomllib
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from phusong.errors import InputError

# A country is read only where it is not the default one: most commands need none of it.
# ruff: noqa: PLC0415

GIVEN = ("province", "run", "run_a", "path")  # options that name a province or a run


def home(options: argparse.Namespace) -> AbstractContextManager[Any]:
    """Return the block in which the words of a command's country are spoken.

    What cannot be read says nothing here: the command itself tells why.
    """
    stated = {"country": getattr(options, "country", None)}
    for name in GIVEN:
        folder = getattr(options, name, None)
        if not stated["country"] and isinstance(folder, Path):
            stated |= _stated(folder)
    if not stated["country"] and not stated.get("currency"):
        return nullcontext()
    from phusong.geodata import countries

    name, currency = str(stated["country"] or countries.DEFAULT), stated.get("currency")
    try:
        countries.open_country(name)
    except InputError:
        return nullcontext()
    return countries.within(name, currency if isinstance(currency, str) else "")


def _stated(folder: Path) -> dict[str, Any]:
    """Return what province.toml or run.json says of the country; nothing where it is none."""
    with suppress(OSError, ValueError):
        return tomllib.loads((folder / "province.toml").read_text(encoding="utf-8"))
    with suppress(OSError, ValueError):
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return record if isinstance(record, dict) else {}
    return {}
