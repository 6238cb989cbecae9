"""Take the cells of an area, and LTE sites, out of an OpenCelliD list."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import public_lists
from phusong.geodata.fetch.area import Area, Box
from phusong.messages import message

FIELDS = public_lists.OPENCELLID
NUMBERS = {"net": int, "area": int, "cell": int, "lon": float, "lat": float, "samples": int}
LTE = "LTE"
MAX_LINE = 10_000
LARGEST = 2**40  # of any number; cells have 36 bits at most
MAX_BAD_SHARE = 0.01


def cells(listed: Path, area: Area) -> pd.DataFrame:
    """Return the cells of a .csv.gz list inside the area, with the columns of the list.

    Raises
    ------
    InputError
        When the file is broken, is a message of the server, or holds other columns.
    """
    inside, bad, read = [], 0, 0
    for line in _lines(listed):
        read += 1
        row = _row(line, area.box)
        if row is None:
            bad += 1
        elif row:
            inside.append(row)
    if not read or bad > max(MAX_BAD_SHARE * read, 1):
        problem = message("problem.of_lines_are_not_those_of", bad=bad, read=read)
        remedy = message("remedy.is_the_token_right_and_was")
        raise InputError(
            message("refusal.unusable_list_of_cells"), [Defect(str(listed), problem, remedy)]
        )
    return pd.DataFrame(inside, columns=list(FIELDS)).astype(NUMBERS)


def sites(cells: pd.DataFrame) -> pd.DataFrame:
    """Return one row per LTE base station, as a site list for ``data build``.

    Position: mean of its cells weighed by their samples. Other technologies carry no number of
    the base station that could be told from the list, and are left out.
    """
    lte = cells[cells["radio"] == LTE]
    codes = zip(lte["mcc"], lte["net"], strict=True)
    names = [public_lists.operator(int(country), int(network)) for country, network in codes]
    weight = lte["samples"].clip(lower=1)
    parsed = pd.DataFrame(
        {
            columns.OPERATOR: names,
            "enodeb": lte["cell"] // public_lists.CELLS_PER_ENODEB,
            "weight": weight,
            "lon": lte["lon"] * weight,
            "lat": lte["lat"] * weight,
            "cells": 1,
        }
    )
    summed = parsed.groupby([columns.OPERATOR, "enodeb"], as_index=False).sum()
    return pd.DataFrame(
        {
            columns.SITE_ID: summed[columns.OPERATOR].astype(str)
            + "-"
            + summed["enodeb"].astype(str),
            columns.LON: np.round(summed["lon"] / summed["weight"], 6),
            columns.LAT: np.round(summed["lat"] / summed["weight"], 6),
            columns.OPERATOR: summed[columns.OPERATOR],
            columns.TECHNOLOGIES: "4G",
            "cells": summed["cells"],
            "samples": summed["weight"],
        }
    )


def _lines(listed: Path) -> Iterator[list[str]]:
    """Yield the rows of the list without a header; memory does not grow with the file."""
    try:
        with gzip.open(listed, "rb") as source:
            while line := source.readline(MAX_LINE):
                row = line.decode("utf-8", "replace").strip()
                if row and not row.startswith("radio,"):
                    yield next(csv.reader([row]))
    except (gzip.BadGzipFile, EOFError, zlib.error, csv.Error) as error:
        problem = message("problem.is_not_a_whole_csv_gz", error=error)
        remedy = message("remedy.is_the_token_right_and_was")
        raise InputError(
            message("refusal.unusable_list_of_cells"), [Defect(str(listed), problem, remedy)]
        ) from None


def _row(line: list[str], box: Box) -> dict[str, object] | None:
    """Return the fields of a cell, nothing when it lies elsewhere, None when it is no cell."""
    if len(line) != len(FIELDS):
        return None
    row: dict[str, object] = dict(zip(FIELDS, line, strict=True))
    try:
        numbers = {name: kind(line[FIELDS.index(name)]) for name, kind in NUMBERS.items()}
    except ValueError:
        return None
    if not all(abs(number) <= LARGEST for number in numbers.values()):
        return None
    inside = box.west <= numbers["lon"] <= box.east and box.south <= numbers["lat"] <= box.north
    return {**row, **numbers} if inside else {}
