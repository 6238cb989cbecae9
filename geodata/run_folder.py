"""Read the folder of a finished run: everything that maps, reports and comparisons start from."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import export

GEOGRAPHIC = "EPSG:4326"
RECORD = "run.json"
TABLES = {
    "communes": col.RESULT_COMMUNES,
    "districts": col.RESULT_DISTRICTS,
    "zones": col.RESULT_ZONES,
    "sites": col.BTS,
    "ranking": col.RANKING,
    "holes": col.HOLES,
}


@dataclass(frozen=True)
class RunFolder:
    """A finished run: its record (run.json), its tables in EPSG:4326, and where its rasters are."""

    path: Path
    record: dict[str, Any]
    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    sites: GeoDataFrame
    ranking: GeoDataFrame
    holes: GeoDataFrame

    def spoken(self, language: str) -> "RunFolder":
        """Return the run with the texts of its tables in a language, where its record has them."""
        tables = {}
        for name, columns in self.record.get("texts", {}).items():
            said = {column: [text[language] for text in texts] for column, texts in columns.items()}
            tables[name] = getattr(self, name).assign(**said)
        return replace(self, **tables)

    def raster(self, name: str) -> Path | None:
        """Return the path of a raster by name, or None where the run did not write it."""
        path = self.path / f"{name}.tif"
        return path if path.is_file() else None

    def layer(self, name: str, columns: tuple[str, ...]) -> GeoDataFrame:
        """Return a layer that a run need not have written; then it holds no rows."""
        path = self.path / f"{name}.geojson"
        return _read_table(path, columns) if path.is_file() else _empty(columns)


def open_run(path: Path) -> RunFolder:
    """Open a run folder; every missing file or column is named in one InputError."""
    path = Path(path)
    if not path.is_dir():
        raise InputError(f"{path} is not the folder of a finished run: there is no such folder")
    needed = [RECORD, *(f"{name}.geojson" for name in TABLES)]
    missing = [
        Defect(str(path / name), "file is missing", "write the run again with phusong run")
        for name in needed
        if not (path / name).is_file()
    ]
    if missing:
        raise InputError(f"{path} is not the folder of a finished run", missing)
    frames = {name: _read_table(path / f"{name}.geojson", TABLES[name]) for name in TABLES}
    defects = [
        Defect(str(path / f"{name}.geojson"), "column is missing", column=column)
        for name, frame in frames.items()
        for column in TABLES[name]
        if column not in frame.columns
    ]
    if defects:
        raise InputError(f"{path} lacks columns of a finished run", defects)
    return RunFolder(path, _read_record(path / RECORD), **frames)


def add_files(run: RunFolder, names: Iterable[str]) -> None:
    """Add names to the list of files that belong to a run."""
    files = sorted({*run.record.get("files", []), *names})
    text = json.dumps({**run.record, "files": files}, ensure_ascii=False, indent=1)
    export.write_text(run.path / RECORD, f"{text}\n")


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        defect = Defect(str(path), f"is not JSON: {error}")
        raise InputError("the record of the run cannot be read", [defect]) from error
    return record


def _read_table(path: Path, columns: tuple[str, ...]) -> GeoDataFrame:
    """Return the features of a GeoJSON file; an empty one still has its columns."""
    features = json.loads(path.read_text(encoding="utf-8")).get("features", [])
    if not features:
        return _empty(columns)
    return gpd.GeoDataFrame.from_features(features, crs=GEOGRAPHIC)


def _empty(columns: tuple[str, ...]) -> GeoDataFrame:
    return GeoDataFrame({name: [] for name in columns}, geometry=[], crs=GEOGRAPHIC)
