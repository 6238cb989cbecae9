"""Predictions and models as text: tables for reading, CSV and JSON for programs."""

import csv
import io
import json
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from phusong import messages
from phusong.messages import Message, message
from phusong.messages.catalogue import has_words
from phusong.terminal import streams
from phusong.terminal.speech import sayer

if TYPE_CHECKING:
    from phusong.coverage.models import Model, Range
    from phusong.scenarios.propagation.link import LinkPrediction

POINT_COLUMNS = (
    *("id", "lon", "lat", "height_m", "distance_m", "loss_db", "received_power_dbm", "rsrp_dbm"),
    *("line_of_sight", "fresnel_clearance", "fresnel_at_m"),
)
_DECIMALS = {"lon": 7, "lat": 7, "height_m": 2, "distance_m": 1, "fresnel_at_m": 1}


def as_json(value: object) -> str:
    """Return JSON; there is no value that JSON does not know."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return streams.json_text(text)


def points_csv(records: list[dict[str, Any]]) -> str:
    """Return a line per receiver under a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(POINT_COLUMNS)
    for record in records:
        flat = {**record, **record["link_budget"], "height_m": record["rx_height_m"]}
        writer.writerow([_cell(name, flat[name]) for name in POINT_COLUMNS])
    return text.getvalue()


def _cell(name: str, value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return round(value, _DECIMALS.get(name, 4)) if isinstance(value, float) else value


def title(model: "Model") -> Message | dict[str, str]:
    """Return the title of a model: the catalogue's, else its own."""
    identifier = f"model.{model.name}"
    return (
        message(identifier) if has_words(identifier) else {"en": model.title, "vi": model.title_vi}
    )


def table(prediction: "LinkPrediction", record: dict[str, Any], language: str) -> str:
    """Return a prediction as text."""
    say, parts = sayer(language, "link"), messages.words(language, "link_part")
    budget = [
        (say(name), _amount(name, v, language), "") for name, v in record["link_budget"].items()
    ]
    blocks = {
        "": _rows(prediction, record, language),
        say("budget"): budget,
        say("parts"): [
            (name, _amount(name, value, language), parts[name])
            for name, value in prediction.parts.items()
            if name in parts
        ],
        say("parameters"): [
            (name, f"{value:g}" if isinstance(value, float) else str(value), "")
            for name, value in prediction.parameters.items()
        ],
    }
    return "\n\n".join(_block(title_, lines) for title_, lines in blocks.items() if lines)


def _rows(
    prediction: "LinkPrediction", record: dict[str, Any], language: str
) -> list[tuple[str, str, str]]:
    """Return the loss, the path and what is seen along it: name, value, note."""
    say, number = sayer(language, "link"), partial(messages.number, language=language)
    model, sight = prediction.request.model, prediction.sight
    view = "yes" if sight.line_of_sight else "no"
    if sight.terrain_line_of_sight and not sight.line_of_sight:
        view = "clutter_in_the_way"
    mhz, heights_m = (
        messages.pattern(record["frequency_mhz"], "0.###", language),
        " / ".join(messages.general(record[f"{end}_height_m"], language) for end in ("tx", "rx")),
    )
    beside = [
        (say("p1812_alone"), f"{number(value, decimals=2)} dB", say("p1812_note"))
        for value in [record.get("p1812_loss_db")]
        if value is not None
    ]
    layers = messages.words(language, "profile")
    grounds = [
        (
            say("ground"),
            say("ground_is", layer=layers[layer], status=layers.get(status, status)),
            "",
        )
        for layer, status in record.get("ground", {}).items()
    ]
    return [
        (
            say("path_loss"),
            f"{number(prediction.loss_db, decimals=2)} dB",
            f"{model.name}: {messages.speak(title(model), language)}",
        ),
        *beside,
        (say("distance"), f"{number(prediction.distance_m, decimals=1)} m", f"{mhz} MHz"),
        (say("antenna_heights"), f"{heights_m} m", ""),
        (say("line_of_sight"), say(view), say("sight_note")),
        (
            say("fresnel_clearance"),
            say("clearance", ratio=sight.fresnel_clearance),
            say("fresnel_at", at=sight.fresnel_at_m),
        ),
        *grounds,
    ]


def _block(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as aligned columns under a title."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([title, *lines] if title else lines)


_UNITS = {"_dbm": "dBm", "_dbi": "dBi", "_db": "dB", "_mrad": "mrad", "_km": "km", "_m": "m"}


def _unit(name: str) -> str:
    return next((suffix for suffix in _UNITS if name.endswith(suffix)), "")


def _amount(name: str, value: float, language: str) -> str:
    unit = _UNITS.get(_unit(name), "")
    number = messages.number(value, language, 0 if isinstance(value, int) else 2)
    return f"{number:>9} {unit}".rstrip()


def models(listed: "Sequence[Model]", language: str) -> str:
    """Return the models as a table with their published ranges, and their sources."""
    sources = list(dict.fromkeys(model.source for model in listed))
    heads = ("name", "frequency MHz", "distance km", "base m", "user m", "title [source]")
    rows = [
        (
            model.name,
            _span(model.frequency_mhz),
            _span(model.distance_m, 1000.0),
            _span(model.base_height_m),
            _span(model.user_height_m),
            f"{messages.speak(title(model), language)} [{sources.index(model.source) + 1}]",
        )
        for model in listed
    ]
    named = [f"[{i}] {source}" for i, source in enumerate(sources, start=1)]
    return "\n".join([_block("", [heads, *rows]), "", "Sources", *named])


def _span(limits: "Range", unit: float = 1.0) -> str:
    low, high = (f"{limit / unit:.10g}" for limit in limits)
    if math.isinf(limits.high):
        return f"from {low}" if limits.low > 0.0 else "any"
    return low if low == high else f"{low} to {high}"


def model_record(model: "Model") -> dict[str, Any]:
    """Return a model as plain values; null where a range is open."""
    ranges = ("frequency_mhz", "distance_m", "base_height_m", "user_height_m")
    return {
        "name": model.name,
        "title": model.title,
        "title_vi": model.title_vi,
        "kind": model.kind,
        **{
            name: [None if math.isinf(limit) else limit for limit in getattr(model, name)]
            for name in ranges
        },
        "source": model.source,
    }
