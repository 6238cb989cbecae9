"""Write calibration.html: errors before and after, pictures, fitted values, what was left out."""

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
from phusong.maps.plots import calibration_plot
from phusong.maps.texts import text

FILE_NAME = "calibration.html"


def write(folder: Path, language: str) -> Path:
    """Write the page of a finished calibration into its folder and return its path."""
    shown_language = text.language(language)
    record = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    frame = run_layers.points(folder / "residuals.geojson")
    path = folder / FILE_NAME
    write_text(path, policy.guarded(rendered(record, frame, shown_language)))
    return path


def rendered(record: dict[str, Any], frame: pd.DataFrame, language: str) -> str:
    """Return the text of the page."""
    words = messages.words(language, "calibration")
    return template.filled(
        "calibration.html",
        language,
        record=record,
        say=words,
        assumed=[
            messages.speak(messages.recognised(each), language)
            for each in record["cells"]["assumed"]
        ],
        lead=lead(record, language),
        chosen=record["models"][record["model"]],
        pictures=_pictures(record, frame, words),
        style=Markup(offline.static("report.css")),  # noqa: S704 - this package's own file
    )


def lead(record: dict[str, Any], language: str) -> str:
    """Return the outcome in a sentence."""
    words = messages.words(language, "calibration")
    errors = record["models"][record["model"]]["errors"]
    rmse = {name: text.number(errors[name]["rmse_db"], language, 1) for name in errors}
    blocks = record["blocks"]
    return words["lead"].format(
        blocks=blocks["count"],
        side=text.number(blocks["side_m"], language),
        model=words[record["model"]],
        **rmse,
    )


def _pictures(
    record: dict[str, Any], frame: pd.DataFrame, words: dict[str, str]
) -> list[tuple[str, Markup]]:
    """Return (caption, picture) of every drawing."""
    correlogram = record["models"][record["model"]]["correlogram"]
    drawings = {
        "scatter": partial(calibration_plot.scatter, frame, words),
        "distance": partial(calibration_plot.by_distance, frame, words),
        "residual_map": partial(calibration_plot.residual_map, frame, words),
        "maps": partial(calibration_plot.maps, frame, words),
        "correlogram": partial(calibration_plot.correlogram, correlogram, words),
    }
    return [
        (words[key], calibration_plot.embedded(draw, words[key])) for key, draw in drawings.items()
    ]
