"""Read the folder of a finished run: everything that maps, reports and comparisons start from."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import messages
from phusong.errors import Defect, InputError, PhusongError
from phusong.geodata import crs
from phusong.geodata.countries import at_home
from phusong.geodata.files import guard, toml_json, whole
from phusong.geodata.grid import Raster
from phusong.geodata.runs import record as run_record
from phusong.geodata.runs import tables
from phusong.messages import Text, message

GEOGRAPHIC = crs.GEOGRAPHIC
RECORD = run_record.NAME
BANDS = {*col.INTERVALS, *col.ZONE_INTERVALS}  # a run of an earlier version has none
TABLES = {
    "communes": col.RESULT_COMMUNES,
    "districts": col.RESULT_DISTRICTS,
    "zones": col.RESULT_ZONES,
    "sites": col.BTS,
    "ranking": col.RANKING,
    "holes": col.HOLES,
}
POINTS, POLYGONS = ("Point",), ("Polygon", "MultiPolygon")
ANY = (*POINTS, *POLYGONS, "LineString", "MultiLineString")
GEOMETRIES = dict.fromkeys(TABLES, POLYGONS) | {"sites": POINTS, "ranking": POINTS}
# What is reckoned with, and what no row may lack; identifiers that no two rows may share.
NUMBERS = frozenset(
    {
        *(col.POPULATION, col.SITES, *col.SHARES, col.AREA_HA, col.WORKERS, col.VISITORS),
        *(col.COVERED_SHARE_BEFORE, col.COVERED_SHARE_AFTER, col.HEIGHT_M, col.RANK, col.YEAR),
        *(col.PEOPLE_GAINED, col.COST_MILLION, col.PEOPLE, col.AREA_KM2),
    }
)
NEEDED = frozenset(
    {
        *(col.POPULATION, col.SITES, col.RANK, col.YEAR, col.PEOPLE_GAINED, col.COST_MILLION),
        *(col.PEOPLE, col.COMMUNE_CODE, col.DISTRICT_CODE, col.SITE_ID, col.ZONE_ID, col.NAME),
    }
)
UNIQUE = {"communes": col.COMMUNE_CODE, "districts": col.DISTRICT_CODE, "ranking": col.RANK}
LARGEST = 1e12  # of any number in a table
MOST_DEG = 20.0  # from the middle of a layer; Trường Sa lies 13 degrees off its province


@dataclass(frozen=True)
class RunFolder:
    """A finished run: its record (run.json), its tables in EPSG:4326, and where its rasters are.

    Parameters
    ----------
    path
        The folder.
    record
        What run.json says.
    communes
        With people and area covered.
    districts
        The same by district.
    zones
        With demand covered.
    sites
        Existing base stations.
    ranking
        Stations in order of build.
    holes
        What stays uncovered.
    at_hand
        What gives the bands of rasters that are in memory, by the name of their file: of a run that
        is being written. They are as reading the files gives them.
    """

    path: Path
    record: dict[str, Any]
    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    sites: GeoDataFrame
    ranking: GeoDataFrame
    holes: GeoDataFrame
    at_hand: Mapping[str, Callable[[], Mapping[str, Raster]]] = field(default_factory=dict)

    @property
    def crs(self) -> str:
        """Return the coordinate system that the run was planned in."""
        return str(self.record["province"]["crs"])

    def in_language(self, language: str) -> "RunFolder":
        """Return the run with the texts of its tables in a language, where its record has them."""
        with at_home(self):
            return self._spoken(language)

    def _spoken(self, language: str) -> "RunFolder":
        tables = {}
        own = {n: t for n, t in self.record.get("texts", {}).items() if n in TABLES}
        for name, columns in own.items():
            texts = {
                name: [messages.speak(t, language) for t in messages_]
                for name, messages_ in columns.items()
            }
            tables[name] = getattr(self, name).assign(**texts)
        return replace(self, **tables)

    def raster(self, name: str) -> Path | None:
        """Return the path of a raster by name, or None where the run did not write it."""
        path = self.path / f"{name}.tif"
        return guard.beside(self.path, path.name) if path.exists() else None

    def rasters(self) -> list[Path]:
        """Return the paths of the rasters that the run wrote, by name."""
        names = sorted(n for n in self.record.get("files", []) if n.endswith(".tif"))
        return [guard.beside(self.path, name) for name in names]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the run by its name; none where it was not written."""
        path = self.path / tables.NAME
        return tables.read(guard.beside(self.path, path.name), name) if path.is_file() else []

    def layer(self, name: str, columns: tuple[str, ...]) -> GeoDataFrame:
        """Return a layer that a run need not have written; then it holds no rows."""
        path = self.path / f"{name}.geojson"
        if not path.exists():
            return _empty(columns)
        frame = _read_table(guard.beside(self.path, path.name), columns)
        if defects := _defects(path, frame, columns):
            raise InputError(
                message("refusal.lacks_columns_of_a_finished_run", path=self.path), defects
            )
        return frame


def at_hand(
    path: Path,
    record: dict[str, Any],
    frames: Mapping[str, GeoDataFrame],
    rasters: Mapping[str, Callable[[], Mapping[str, Raster]]],
) -> RunFolder:
    """Return a run that is being written, with its tables and rasters as its files hold them.

    Parameters
    ----------
    path
        The folder.
    record
        What run.json will say.
    frames
        The layers by name, in EPSG:4326.
    rasters
        What gives the bands of each raster by the name of its file.
    """
    tables = {
        name: frames[name] if len(frames[name]) else _empty(columns)
        for name, columns in TABLES.items()
    }
    return RunFolder(path, record, **tables, at_hand=rasters)


def open_run(path: Path) -> RunFolder:
    """Open a run folder; every missing file or column is named in one InputError.

    Nothing is read through a link that leads out of the folder.

    Parameters
    ----------
    path
        The folder.

    Returns
    -------
    RunFolder
        Record and tables.

    Raises
    ------
    InputError
        Every file or column that is missing or cannot be read, or the run wrote some of its
        outputs only.
    """
    path = Path(path)
    if not path.is_dir():
        raise InputError(message("refusal.is_not_the_folder_of_a", path=path))
    whole.check_whole(path)
    is_recorded = (path / RECORD).is_file()
    record = run_record.read(guard.beside(path, RECORD)) if is_recorded else {}
    needed = [RECORD, *(f"{name}.geojson" for name in TABLES)]
    missing = [
        Defect(
            str(path / name),
            message("problem.file_is_missing"),
            message("remedy.write_the_run_again_with_phusong"),
        )
        for name in needed
        if not (path / name).is_file()
    ]
    if missing:
        raise InputError(message("refusal.is_not_the_folder_of_a_2", path=path), missing)
    frames = {
        name: _read_table(guard.beside(path, f"{name}.geojson"), columns)
        for name, columns in TABLES.items()
    }
    defects = [
        defect
        for name, columns in TABLES.items()
        for defect in _defects(path / f"{name}.geojson", frames[name], columns)
    ]
    defects += _text_defects(path / RECORD, record, frames)
    if defects:
        raise InputError(message("refusal.lacks_columns_of_a_finished_run", path=path), defects)
    return RunFolder(path, record, **frames)


def add_files(run: RunFolder, names: Iterable[str]) -> None:
    """Add names to the list of files that belong to a run."""
    files = sorted({*run.record.get("files", []), *names})
    text = json.dumps({**run.record, "files": files}, ensure_ascii=False, indent=1)
    whole.write_text(run.path / RECORD, f"{text}\n")


@contextmanager
def whole_run(*paths: Path) -> Iterator[None]:
    """Say that a folder is damaged where what was read from it cannot be drawn or counted.

    What a record must hold is checked when it is read; what only some pages use shows here.

    Raises
    ------
    InputError
        With the folders, what failed, and what to do; the cause is its ``__cause__``.
    """
    try:
        yield
    except (PhusongError, OSError, MemoryError):
        raise
    except Exception as error:
        shown = " ".join(str(error).split())[:200] or "nothing more is known"
        problem = message(
            "problem.holds_what_cannot_be_used", name=type(error).__name__, shown=shown
        )
        defects = [
            Defect(str(path), problem, message("remedy.write_the_run_again")) for path in paths
        ]
        raise InputError(message("refusal.a_damaged_run_or_one_of"), defects) from error


def _read_table(path: Path, columns: tuple[str, ...]) -> GeoDataFrame:
    """Return the features of a GeoJSON file; an empty one still has its columns."""
    features = toml_json.read_json(path).get("features")
    if not isinstance(features, list):
        raise _unreadable(path, message("problem.has_no_list_of_features"))
    if not features:
        return _empty(columns)
    for number, feature in enumerate(features, 1):
        parts = (feature.get("properties"), feature.get("geometry")) if _is_tree(feature) else ()
        if not parts or not all(map(_is_tree, parts)):
            raise _unreadable(path, message("problem.is_no_feature_with_properties_and"), number)
    try:
        return gpd.GeoDataFrame.from_features(features, crs=GEOGRAPHIC)
    except Exception as error:  # noqa: BLE001 - broken coordinates fail in any of a dozen ways
        raise _unreadable(
            path, message("problem.holds_a_geometry_that_is_none", error=error)
        ) from None


def _is_tree(value: object) -> bool:
    return isinstance(value, dict)


def _unreadable(path: Path, problem: Text, row: int | None = None) -> InputError:
    remedy = message("remedy.write_the_run_again_with_phusong")
    return InputError(
        message("refusal.unreadable_table"), [Defect(str(path), problem, remedy, row)]
    )


def _text_defects(
    path: Path, record: Mapping[str, Any], frames: Mapping[str, GeoDataFrame]
) -> list[Defect]:
    """Return the columns of texts that do not fit their table."""
    return [
        Defect(
            str(path),
            message("problem.has_texts_for_rows", n=len(texts), n2=len(frames[name])),
            column=column,
        )
        for name, columns in record.get("texts", {}).items()
        for column, texts in columns.items()
        if name in frames and len(texts) != len(frames[name])
    ]


def _defects(path: Path, frame: GeoDataFrame, columns: tuple[str, ...]) -> list[Defect]:
    """Return what is wrong with a table: columns, values, geometries."""
    source, name = str(path), path.stem
    lacking = [column for column in columns if column not in frame and column not in BANDS]
    if lacking:
        return [
            Defect(source, message("problem.column_is_missing"), column=column)
            for column in lacking
        ]
    held = [column for column in columns if column in frame]
    defects = [defect for column in held for defect in _values(source, frame, column)]
    unique = UNIQUE.get(name)
    if unique and not defects and frame[unique].duplicated().any():
        defects.append(Defect(source, message("problem.holds_the_same_value_twice"), column=unique))
    if name == "communes" and frame.empty:
        defects.append(Defect(source, message("problem.holds_no_commune")))
    return defects + _shapes(source, frame, GEOMETRIES.get(name, ANY))


def _values(source: str, frame: GeoDataFrame, column: str) -> list[Defect]:
    defects = []
    for row, value in enumerate(frame[column].tolist(), 1):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        absent = value is None or (number and math.isnan(value))
        if absent:
            problem = message("problem.is_missing") if column in NEEDED else ""
        elif column in NUMBERS:
            problem = "" if number and abs(value) <= LARGEST else message("problem.is_not_a_number")
        else:
            problem = (
                "" if isinstance(value, str | int | float) else message("problem.is_not_a_text")
            )
        if problem:
            shown = None if absent else str(value)[:40]
            defects.append(Defect(source, problem, row=row, column=column, value=shown))
    return defects


def _shapes(source: str, frame: GeoDataFrame, kinds: tuple[str, ...]) -> list[Defect]:
    """Return the geometries that are of another kind, not valid, or far from the others."""
    shapes = frame.geometry.to_numpy()
    inside = _near(shapely.bounds(shapes).reshape(-1, 4))
    right_kind = np.isin(frame.geom_type.to_numpy(object), kinds)
    wrong = [
        (~right_kind, f"its geometry is none of {', '.join(kinds)}"),
        (right_kind & ~shapely.is_valid(shapes), "its geometry is not valid"),
        (right_kind & ~inside, "lies far from the rest of the layer"),
    ]
    return [
        Defect(source, problem, row=int(row) + 1)
        for mask, problem in wrong
        for row in np.flatnonzero(mask)
    ]


def _near(bounds_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which shapes lie on the earth and within ``MOST_DEG`` of the middle of most.

    A province and its islands do; a layer that spans the earth would ask for pictures of any size.
    """
    west, south, east, north = bounds_deg.T
    sane = (west >= -180) & (south >= -90) & (east <= 180) & (north <= 90)
    if not sane.any():
        return np.asarray(sane, bool)
    lon, lat = np.median(west[sane] + east[sane]) / 2, np.median(south[sane] + north[sane]) / 2
    near = (west >= lon - MOST_DEG) & (east <= lon + MOST_DEG)
    return np.asarray(sane & near & (south >= lat - MOST_DEG) & (north <= lat + MOST_DEG), bool)


def _empty(columns: tuple[str, ...]) -> GeoDataFrame:
    return GeoDataFrame({name: [] for name in columns}, geometry=[], crs=GEOGRAPHIC)
