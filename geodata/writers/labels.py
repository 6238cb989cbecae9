"""What layers and columns are called in Vietnamese and English, and the groups they stand in."""

from typing import NamedTuple

import pandas as pd

from phusong import columns, meanings, messages
from phusong.messages import message, speak

# Groups of a project, the topmost first.
GROUPS = ("plan", "network", "units", "prediction", "ground", "other")


class LayerLabel(NamedTuple):
    """How a layer is drawn; its title stands in the catalogues, in the section ``layer``.

    Parameters
    ----------
    group : one of ``GROUPS``.
    shown : whether a project shows it when it opens.
    coloured_by : the column that its features are coloured by, if any.
    colours : by which of ``styles.MAKERS``; in one colour where left out.
    """

    group: str
    shown: bool = False
    coloured_by: str = ""
    colours: str = ""


# A layer whose name continues one of these with "_" is a variant of it, such as communes_2025-07.
LABELS = {
    "ranking": LayerLabel(
        "plan",
        True,
        columns.YEAR,
        "years",
    ),
    "backhaul": LayerLabel("plan"),
    "candidates": LayerLabel("plan"),
    "holes": LayerLabel("plan", colours="holes"),
    "sites": LayerLabel("network", False, columns.OPERATOR, "operators"),
    "cells": LayerLabel("network", False, columns.OPERATOR, "operators"),
    "masts_500m": LayerLabel("network"),
    "stations_500m": LayerLabel("plan"),
    "zones": LayerLabel(
        "units",
        True,
        columns.KIND,
        "zones",
    ),
    "zones_ranking": LayerLabel(
        "plan",
        False,
        columns.SCORE,
        "scores",
    ),
    "communes": LayerLabel(
        "units",
        False,
        columns.COVERED_POPULATION_SHARE_AFTER,
        "shares",
    ),
    "districts": LayerLabel("units", True, colours="outlines"),
    "roads": LayerLabel("units"),
    "rsrp_before": LayerLabel("prediction"),
    "rsrp_after": LayerLabel("prediction"),
    "ss_sinr_after": LayerLabel("prediction"),
    "ss_rsrq_after": LayerLabel("prediction"),
    "sinr_after": LayerLabel("prediction"),
    "sinr_p10_after": LayerLabel("prediction"),
    "throughput_after": LayerLabel("prediction"),
    "covered_year": LayerLabel("prediction"),
    "best_server": LayerLabel("prediction"),
    "rsrp_4g": LayerLabel("prediction"),
    "served": LayerLabel("prediction"),
    "rsrp_by_year": LayerLabel("prediction"),
    "ss_sinr_by_year": LayerLabel("prediction"),
    "landcover": LayerLabel("ground"),
    "commune_index": LayerLabel("units"),
    "population": LayerLabel("ground"),
    "terrain": LayerLabel("ground"),
}


def kind_of(name: str) -> str:
    """Return the layer that a name is or is a variant of; '' where it is neither."""
    known = [kind for kind in LABELS if name == kind or name.startswith(f"{kind}_")]
    return max(known, key=len, default="")


def title(name: str, language: str) -> str:
    """Return the title of a layer; a layer without one keeps its name."""
    kind = kind_of(name)
    if not kind:
        return name
    plain = message(f"layer.{kind}")
    variant = name[len(kind) + 1 :].replace("_", " ")
    return speak(
        message("layer.variant", title=plain, variant=variant) if variant else plain, language
    )


def group(name: str) -> str:
    """Return the key of the group that a layer stands in."""
    return LABELS[kind].group if (kind := kind_of(name)) else "other"


def group_title(key: str, language: str) -> str:
    """Return the title of a group."""
    return speak(message(f"group.{key}"), language)


def shown(name: str) -> bool:
    """Return whether a project shows the layer when it opens: variants wait to be asked for."""
    return name in LABELS and LABELS[name].shown


def place(name: str) -> tuple[int, int, str]:
    """Return what sorts layers as they lie: by group, then as listed, then by name."""
    kind = kind_of(name)
    order = list(LABELS).index(kind) if kind else len(LABELS)
    return GROUPS.index(group(name)), order, name


def meaning(column: str, language: str) -> str:
    """Return what a column means; '' where ``phusong.columns`` does not list it."""
    known = meanings.meaning(column)
    return speak(known, language) if known else ""


def unit(column: str, language: str) -> str:
    """Return the unit of a column in the language; '' where it has none."""
    known = meanings.COLUMNS.get(column)
    symbol = known.unit if known else ""
    return messages.words(language, "unit").get(symbol, symbol)


def word(column: str, code: object, language: str) -> str:
    """Return the word for a code of a column, such as status ``operating``; the code if none."""
    key = f"{column}_{code}".replace(" ", "_")
    known = messages.template(f"value.{key}", language)
    return known if isinstance(known, str) else str(code)


def worded(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return a table with words for the codes of its columns."""
    known = messages.words(language, "value")
    coded = [name for name in table.columns if any(key.startswith(f"{name}_") for key in known)]
    words_of = {
        name: [word(name, v, language) if isinstance(v, str) else v for v in table[name]]
        for name in coded
    }
    return table.assign(**words_of)


def alias(column: str, language: str) -> str:
    """Return the heading of a column: its meaning and unit, or its name where it has none."""
    text, symbol = meaning(column, language), unit(column, language)
    if not text:
        return column
    return text[:1].upper() + text[1:] + (f" [{symbol}]" if symbol else "")


def aliases(names: list[str], language: str) -> dict[str, str]:
    """Return a heading for each column of one table, no two the same."""
    given = {name: alias(name, language) for name in names}
    texts = list(given.values())
    return {
        name: text if texts.count(text) == 1 else f"{text} ({name})" for name, text in given.items()
    }
