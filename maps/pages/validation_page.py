"""Write validation.html: errors, intervals, whether a map is right, pictures, groups."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from phusong import messages
from phusong.geodata.files.whole import write_text
from phusong.geodata.runs import run_layers
from phusong.maps.frame import offline, policy, template
from phusong.maps.plots import calibration_plot, validation_plot
from phusong.maps.texts import text

FILE_NAME = "validation.html"


def write(folder: Path, language: str) -> Path:
    """Write the page of a finished validation into its folder and return its path."""
    shown_language = text.language(language)
    record = json.loads((folder / "validation.json").read_text(encoding="utf-8"))
    frame = run_layers.points(folder / "residuals.geojson")
    path = folder / FILE_NAME
    write_text(path, policy.guarded(rendered(record, frame, shown_language)))
    return path


def rendered(record: dict[str, Any], frame: pd.DataFrame, language: str) -> str:
    """Return the text of the page."""
    words = messages.words(language, "calibration") | messages.words(language, "validation")
    return template.filled(
        "validation.html",
        language,
        record=record,
        say=words,
        assumed=[
            messages.speak(messages.recognised(each), language)
            for each in record["cells"]["assumed"]
        ],
        lead=lead(record, language),
        map_lead=map_lead(record, language),
        pictures=_pictures(record, frame, words),
        style=Markup(offline.static("report.css")),  # noqa: S704 - this package's own file
    )


def lead(record: dict[str, Any], language: str) -> str:
    """Return the outcome in a sentence."""
    words = messages.words(language, "validation")
    decibels = {
        name: text.number(record[name], language, 1)
        for name in ("bias_db", "rmse_db", "deviation_db")
    }
    return words["lead"].format(
        model=messages.speak(messages.message(f"model.{record['model']}"), language),
        places=text.number(record["places"], language),
        share=text.percent(record["interval_90_share"], language),
        **decibels,
    )


def map_lead(record: dict[str, Any], language: str) -> str:
    """Return how a map of the threshold does, nothing where no level was measured."""
    reliability = record["reliability"]
    if reliability is None or reliability["rate"] is None:
        return ""
    words = messages.words(language, "validation")
    shares = {
        name: text.percent(reliability[name], language) for name in ("rate", "low", "high", "rule")
    }
    return words["map_lead"].format(
        threshold=text.number(reliability["threshold_dbm"], language),
        clusters=text.number(reliability["clusters"], language),
        verdict=words[f"verdict_{reliability['verdict']}"],
        **shares,
    )


def _pictures(
    record: dict[str, Any], frame: pd.DataFrame, words: dict[str, str]
) -> list[tuple[str, Markup]]:
    """Return (caption, picture) of every drawing."""
    drawings = {
        "scatter": partial(validation_plot.scatter, frame, words),
        "residuals": partial(validation_plot.by_distance, frame, words),
        "intervals": partial(validation_plot.intervals, record["intervals"], words),
        "residual_map": partial(validation_plot.residual_map, frame, words),
        "maps": partial(validation_plot.maps, frame, words),
    }
    return [
        (words[key], calibration_plot.embedded(draw, words[key])) for key, draw in drawings.items()
    ]
