"""Write what became of a plan: tables, the difference as a raster, and its record."""

from pathlib import Path
from typing import Any

from phusong import __version__
from phusong import columns as col
from phusong.geodata import csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import raster, toml_json
from phusong.geodata.runs import change_classes
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
    vector.write_tables(folder, tables, form)
    raster.write_cog(
        folder / "difference.tif",
        found.difference,
        description=speak(message("as_built.raster"), language),
        nodata=change_classes.NODATA,
        colormap=change_classes.colormap(),
    )
    vector.write_csv(folder / "years.csv", found.years, col.AS_BUILT_YEARS, form)
    facts = {**record(found), "language": language}
    return toml_json.write_record(folder, RECORD, facts, also)


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
        "difference": change_classes.areas(found.difference),
        "recomputed": found.recomputed,
        "notes": found.notes,
    }
