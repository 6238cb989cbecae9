"""Write calibration.html: errors before and after, pictures, fitted values, what was left out."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from phusong import messages
from phusong.geodata.files.whole import write_text
from phusong.maps import calibration_plot, offline, policy, template
from phusong.maps.texts import text

FILE_NAME = "calibration.html"


def write(folder: Path, language: str) -> Path:
    """Write the page of a finished calibration into its folder and return its path."""
    spoken = text.language(language)
    record = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(folder / "residuals.csv")
    path = folder / FILE_NAME
    write_text(path, policy.guarded(rendered(record, frame, spoken)))
    return path


def rendered(record: dict[str, Any], frame: pd.DataFrame, language: str) -> str:
    """Return the text of the page."""
    said = messages.words(language, "calibration")
    return template.filled(
        "calibration.html",
        language,
        record=record,
        say=said,
        lead=lead(record, language),
        chosen=record["models"][record["model"]],
        pictures=_pictures(record, frame, said),
        style=Markup(offline.static("report.css")),  # noqa: S704 - this package's own file
    )


def lead(record: dict[str, Any], language: str) -> str:
    """Return the outcome in a sentence."""
    said = messages.words(language, "calibration")
    errors = record["models"][record["model"]]["errors"]
    rmse = {name: text.number(errors[name]["rmse_db"], language, 1) for name in errors}
    blocks = record["blocks"]
    return said["lead"].format(
        blocks=blocks["count"],
        side=text.number(blocks["side_m"], language),
        model=said[record["model"]],
        **rmse,
    )


def _pictures(
    record: dict[str, Any], frame: pd.DataFrame, said: dict[str, str]
) -> list[tuple[str, Markup]]:
    """Return (caption, picture) of every drawing."""
    told = record["models"][record["model"]]["correlogram"]
    drawings = {
        "scatter": partial(calibration_plot.scatter, frame, said),
        "distance": partial(calibration_plot.by_distance, frame, said),
        "residual_map": partial(calibration_plot.residual_map, frame, said),
        "maps": partial(calibration_plot.maps, frame, said),
        "correlogram": partial(calibration_plot.correlogram, told, said),
    }
    return [
        (said[key], calibration_plot.embedded(draw, said[key])) for key, draw in drawings.items()
    ]
