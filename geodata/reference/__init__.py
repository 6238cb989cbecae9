"""The tables of facts the embedded province is built from; every row names its source."""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pandas as pd

FOLDER = "phusong.geodata.reference"


def table(name: str) -> pd.DataFrame:
    """Return a table of facts; codes stay strings with their leading zeros.

    >>> table("communes")["code"].iloc[0]
    '08707'
    """
    return read(files(FOLDER).joinpath(f"{name}.csv"))


def read(path: Traversable) -> pd.DataFrame:
    """Return a table of facts that lies anywhere, codes as texts."""
    with path.open("rb") as file:
        columns = pd.read_csv(file, nrows=0, encoding="utf-8").columns
    codes = {column: str for column in columns if "code" in column.split("_")}
    with path.open("rb") as file:
        return pd.read_csv(file, dtype=codes, encoding="utf-8")


def settings(name: str) -> dict[str, Any]:
    """Return a file of constants with their sources.

    >>> settings("p1812_terminal")["clutter_m"]["urban"]
    15.0
    """
    with files(FOLDER).joinpath(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
