"""Write what became of a plan: tables, the difference as a raster, and its record."""

from pathlib import Path
from typing import Any

from phusong import __version__
from phusong import columns as col
from phusong.geodata import csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import raster, toml_json, whole
from phusong.geodata.runs.change_classes import COLOURS, NODATA, Difference
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import vector
from phusong.messages import message, speak
from phusong.moment import moment
from phusong.scenarios.as_built.check import AsBuilt

RECORD = "as_built.json"


def write(
    found: AsBuilt,
    folder: Path,
    language: str,
    also: tuple[str, ...] = (),
    form: CsvForm = csv_forms.MACHINE,
) -> dict[str, Any]:
    """Write every table and the raster, and last as_built.json; return that record.

    ``also`` names files that others will add to the folder; ``form`` is that of the CSV files.
    """
    tables = {
        "stations": (found.stations, col.AS_BUILT_STATIONS),
        "communes": (found.communes, col.AS_BUILT_COMMUNES),
        "zones": (found.zones, col.AS_BUILT_ZONES),
    }
    for name, (frame, order) in tables.items():
        vector.write_geojson(folder / f"{name}.geojson", frame, order)
        vector.write_csv(folder / f"{name}.csv", frame, order, form)
    vector.write_csv(folder / "years.csv", found.years, col.AS_BUILT_YEARS, form)
    raster.write_cog(
        folder / "difference.tif",
        found.difference,
        description=speak(message("as_built.raster"), language),
        nodata=NODATA,
        colormap=_colormap(),
    )
    names = sorted({path.name for path in folder.iterdir()} | {RECORD, *also})
    facts = {**record(found), "language": language, "files": names}
    whole.write_text(folder / RECORD, toml_json.as_json(facts))
    return facts


def _colormap() -> dict[int, raster.Colour]:
    clear: dict[int, raster.Colour] = {int(Difference.NEITHER): (255, 255, 255, 0)}
    drawn = {int(kind): (*bytes.fromhex(colour[1:]), 255) for kind, colour in COLOURS.items()}
    return clear | {kind: (c[0], c[1], c[2], c[3]) for kind, c in drawn.items()}


def record(found: AsBuilt) -> dict[str, Any]:
    """Return what as_built.json says."""
    run = found.run.record
    kinds = found.stations[col.STATUS].value_counts()
    return {
        "schema_version": SCHEMA_VERSION,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
        "run": {
            "folder": found.run.path.resolve().name,
            "created": run.get("created"),
            "phusong": run.get("phusong"),
            "scenario": run["scenario"],
            "service": run["service"],
            "baseline": run.get("baseline"),
        },
        "province": run["province"]["name"],
        "units": run["province"]["units"],
        "list": {"source": found.source.source, "sha256": found.source.sha256},
        "as_of": found.as_of,
        "within_m": found.within_m,
        "before_plan": found.before,
        "later": found.later,
        "stations": {name: int(kinds.get(name, 0)) for name in col.AS_BUILT_COUNTS[1:]},
        "years": found.years.to_dict("records"),
        "difference": _areas(found),
        "recomputed": found.recomputed,
        "notes": found.notes,
    }


def _areas(found: AsBuilt) -> dict[str, dict[str, float]]:
    """Return, for each class of the difference, its area and its share of the province."""
    values, grid = found.difference.values, found.difference.grid
    inside = values[values != NODATA]
    number = {kind: int((inside == kind).sum()) for kind in Difference}
    return {
        kind.name.lower(): {
            "area_km2": n * grid.pixel_area_km2,
            "share": n / max(inside.size, 1),
        }
        for kind, n in number.items()
    }
