"""Write a comparison of two runs: tables, the difference as a raster, and its record."""

from pathlib import Path
from typing import Any

from phusong import __version__
from phusong import columns as col
from phusong.geodata import csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import raster, toml_json
from phusong.geodata.runs import change_classes
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import vector
from phusong.messages import message, speak
from phusong.moment import moment
from phusong.scenarios.comparison import figures
from phusong.scenarios.comparison.compare import Comparison, units_of

RECORD = "compare.json"


def write(
    comparison: Comparison,
    folder: Path,
    language: str,
    also: tuple[str, ...] = (),
    form: CsvForm = csv_forms.MACHINE,
) -> dict[str, Any]:
    """Write every table and the raster of a comparison, and last compare.json; return that record.

    ``also`` names files that others will add to the folder; ``form`` is that of the CSV files.
    """
    extra = [n for n in (col.FORMED_FROM, col.LINK_VERIFIED) if n in comparison.communes]
    tables = {
        "stations": (comparison.stations, col.COMPARISON_STATIONS),
        "communes": (comparison.communes, (*col.COMPARISON_COMMUNES, *extra)),
        "zones": (comparison.zones, col.COMPARISON_ZONES),
    }
    vector.write_tables(folder, tables, form)
    raster.write_cog(
        folder / "difference.tif",
        comparison.difference,
        description=speak(message("comparison.raster"), language),
        nodata=change_classes.NODATA,
        colormap=change_classes.colormap(),
    )
    facts = {**record(comparison), "language": language}
    return toml_json.write_record(folder, RECORD, facts, also)


def record(comparison: Comparison) -> dict[str, Any]:
    """Return what compare.json says of two runs."""
    a, b = comparison.a, comparison.b
    grid = comparison.difference.grid
    return {
        "schema_version": SCHEMA_VERSION,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
        "runs": {"a": _about(a), "b": _about(b)},
        "province": a.record["province"]["name"],
        "units": comparison.units,
        "restated": comparison.restated,
        "grid": {
            "crs": grid.crs,
            "pixel_m": grid.pixel_m,
            "width": grid.width,
            "height": grid.height,
        },
        "headline": figures.headline(a.record["headline"], b.record["headline"]),
        "difference": change_classes.areas(comparison.difference),
        "ranks": figures.ranks(comparison.stations),
        "sensitivity": figures.sensitivity(comparison),
        "parameters": figures.parameters(a, b),
        "inputs": figures.inputs(a, b),
        "versions": figures.differing(
            a.record.get("versions") or {}, b.record.get("versions") or {}
        ),
        "notes": figures.notes(comparison),
    }


def _about(run: RunFolder) -> dict[str, Any]:
    """Return what tells one run from another; the name of its folder, not where it lies."""
    return {
        "folder": run.path.resolve().name,
        "created": run.record.get("created"),
        "phusong": run.record.get("phusong"),
        "scenario": run.record["scenario"],
        "units": units_of(run),
        "service": run.record["service"],
        "estimated": sorted(
            name
            for name, origin in (run.record.get("layers") or {}).items()
            if origin.get("status") != "given"
        ),
    }
