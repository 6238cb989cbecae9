"""The tables of facts the embedded province is built from; every row names its source."""

from importlib.resources import files

import pandas as pd

FOLDER = "phusong.geodata.reference"


def table(name: str) -> pd.DataFrame:
    """Return a table of facts; codes stay strings with their leading zeros.

    >>> table("communes")["code"].iloc[0]
    '08707'
    """
    with files(FOLDER).joinpath(f"{name}.csv").open("rb") as file:
        columns = pd.read_csv(file, nrows=0, encoding="utf-8").columns
    codes = {column: str for column in columns if "code" in column.split("_")}
    with files(FOLDER).joinpath(f"{name}.csv").open("rb") as file:
        return pd.read_csv(file, dtype=codes, encoding="utf-8")
