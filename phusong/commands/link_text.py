"""Predictions and models as text: tables for reading, CSV and JSON for programs."""

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phusong.coverage.models import Model, Range
    from phusong.scenarios.propagation.link import LinkPrediction

POINT_COLUMNS = (
    *("id", "lon", "lat", "height_m", "distance_m", "loss_db", "received_power_dbm", "rsrp_dbm"),
    *("line_of_sight", "fresnel_clearance", "fresnel_at_m"),
)
_DECIMALS = {"lon": 7, "lat": 7, "height_m": 2, "distance_m": 1, "fresnel_at_m": 1}

# What the parts of a loss are; other values are told by their names.
MEANING = {
    "lbfs_db": "free space",
    "lb0p_db": "line of sight with multipath and focusing",
    "ld50_db": "diffraction, median",
    "ldp_db": "diffraction, for the percentage of time",
    "lbd_db": "free space and diffraction",
    "lba_db": "ducting and layer reflection",
    "lbs_db": "tropospheric scatter",
    "lbc_db": "all mechanisms together",
    "lloc_db": "location variability",
    "median_bullington_db": "Bullington over terrain and clutter",
    "median_smooth_bullington_db": "Bullington over the smooth surface",
    "median_spherical_db": "spherical Earth",
    "angular_distance_mrad": "angular distance",
    "roughness_m": "terrain roughness",
    "free_space_db": "free space",
    "excess_db": "above free space",
    "los_db": "in line of sight",
    "nlos_db": "without line of sight",
    "los_probability": "probability of line of sight",
    "effective_height_m": "effective height of the base antenna",
    "diffraction_db": "diffraction over terrain (Bullington)",
    "clutter_db": "clutter before the receiver",
}


def as_json(value: object) -> str:
    """Return JSON; there is no value that JSON does not know."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


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


def table(prediction: "LinkPrediction", record: dict[str, Any]) -> str:
    """Return a prediction as text."""
    model, sight = prediction.request.model, prediction.sight
    view = "yes" if sight.line_of_sight else "no"
    if sight.terrain_line_of_sight and not sight.line_of_sight:
        view = "no, clutter stands in the way"
    clearance = f"{sight.fresnel_clearance:.2f} of the first zone's radius"
    rows = [
        ("path loss", f"{prediction.loss_db:.2f} dB", f"{model.name}: {model.title}"),
        ("distance", f"{prediction.distance_m:,.1f} m", f"{record['frequency_mhz']:g} MHz"),
        ("antenna heights", f"{record['tx_height_m']:g} / {record['rx_height_m']:g} m", ""),
        ("line of sight", view, "terrain and clutter, Earth radius factor 4/3"),
        ("Fresnel clearance", clearance, f"{sight.fresnel_at_m:,.0f} m from the transmitter"),
        *[
            ("ground", f"{layer} is {status}", "")
            for layer, status in record.get("ground", {}).items()
        ],
    ]
    budget = [
        (_label(name), _amount(name, value), "") for name, value in record["link_budget"].items()
    ]
    parts = [
        (name, _amount(name, value), MEANING[name])
        for name, value in prediction.parts.items()
        if name in MEANING
    ]
    used = [
        (name, f"{value:g}" if isinstance(value, float) else str(value), "")
        for name, value in prediction.parameters.items()
    ]
    blocks = {"": rows, "Link budget": budget, "Parts of the loss": parts, "Parameters": used}
    return "\n\n".join(_block(title, lines) for title, lines in blocks.items() if lines)


def _block(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as aligned columns under a title."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([title, *lines] if title else lines)


_UNITS = {"_dbm": "dBm", "_dbi": "dBi", "_db": "dB", "_mrad": "mrad", "_km": "km", "_m": "m"}
_NAMES = {"tx": "transmitter", "rx": "receiver", "eirp": "EIRP", "re": "RE", "rsrp": "RSRP"}


def _unit(name: str) -> str:
    return next((suffix for suffix in _UNITS if name.endswith(suffix)), "")


def _label(name: str) -> str:
    words = name.removesuffix(_unit(name)).split("_")
    return " ".join(_NAMES.get(word, word) for word in words)


def _amount(name: str, value: float) -> str:
    unit = _UNITS.get(_unit(name), "")
    number = str(value) if isinstance(value, int) else f"{round(value, 2) + 0.0:.2f}"  # no -0.00
    return f"{number:>9} {unit}".rstrip()


def models(listed: "Sequence[Model]") -> str:
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
            f"{model.title} [{sources.index(model.source) + 1}]",
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
