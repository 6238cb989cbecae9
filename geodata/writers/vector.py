"""Write layers for other programs: GeoJSON, CSV and GeoPackage, each file whole or not at all."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyogrio
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from phusong import columns, meanings, messages
from phusong.geodata import crs, csv_forms, headline
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files.whole import replace_whole, write_text
from phusong.geodata.writers import gpkg_tables, labels
from phusong.geodata.writers.lineage import Publication
from phusong.messages import message, speak

COORDINATE_DECIMALS = 6  # about 0.1 m
EXACT_DECIMALS = 9  # about 0.1 mm
_DECIMALS_BY_UNIT = {
    "share": 6,
    "people": 2,
    "km2": 6,
    "ha": 3,
    "m": 4,
    "deg": 7,
}
_OTHER_DECIMALS = 6
_PLAIN = {str, int, bool, type(None)}
FIGURES = "figures"  # table of a package
GPKG_VERSION = "1.3"  # older readers warn about newer ones


def write_geojson(
    path: Path, frame: GeoDataFrame, order: Sequence[str] | None = None, *, exact: bool = False
) -> None:
    """Write a layer as GeoJSON, one feature per line.

    Longitude and latitude (WGS 84) whatever the CRS of the frame, exterior rings
    counter-clockwise, no ``crs`` member; values that are missing or not finite become null.
    The same frame gives the same bytes.

    Parameters
    ----------
    path
        File to write.
    frame
        Layer in any CRS.
    order
        Columns to write and their order; all of the frame's when left out.
    exact
        Keep values as they are, and positions to 0.1 mm, instead of rounding for readers.

    References
    ----------
    RFC 7946, The GeoJSON Format, sections 3.1.6 (right-hand rule), 4 (coordinates) and
    11.2 (precision).
    """
    write_text(path, features(frame, order, exact=exact).text())


class Features(NamedTuple):
    """A layer as GeoJSON holds it: attributes as plain values, shapes in degrees."""

    records: list[dict[str, object]]
    shapes: NDArray[np.object_]

    def text(self) -> str:
        """Return the text of the file, one feature per line."""
        body = ",\n".join(
            _compact({"type": "Feature", "properties": record, "geometry": _mapping(shape)})
            for record, shape in zip(self.records, self.shapes, strict=True)
        )
        return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n'

    def frame(self) -> GeoDataFrame:
        """Return the layer as reading the file gives it."""
        shapes = [None if shape is None or shape.is_empty else shape for shape in self.shapes]
        rows = [
            {"geometry": shape, **record}
            for record, shape in zip(self.records, shapes, strict=True)
        ]
        return GeoDataFrame(rows, columns=None if rows else ["geometry"], crs=crs.GEOGRAPHIC)


def features(
    frame: GeoDataFrame, order: Sequence[str] | None = None, *, exact: bool = False
) -> Features:
    """Return a layer as ``write_geojson`` writes it; the parameters are the same."""
    table = _properties(frame, order, exact=exact)
    shapes = _geographic(frame.geometry, EXACT_DECIMALS if exact else COORDINATE_DECIMALS)
    records = table.to_dict("records") if len(table.columns) else [{}] * len(table)
    return Features([{str(k): v for k, v in record.items()} for record in records], shapes)


def write_tables(
    folder: Path, tables: Mapping[str, tuple[GeoDataFrame, tuple[str, ...]]], form: CsvForm
) -> None:
    """Write each table, with the order of its columns, as GeoJSON and as CSV in a form."""
    for name, (frame, order) in tables.items():
        write_geojson(folder / f"{name}.geojson", frame, order)
        write_csv(folder / f"{name}.csv", frame, order, form)


def write_csv(
    path: Path,
    frame: pd.DataFrame,
    order: Sequence[str] | None = None,
    form: CsvForm = csv_forms.MACHINE,
) -> None:
    """Write a table as CSV; points get lon, lat, x_m and y_m last.

    Parameters
    ----------
    path
        File to write.
    frame
        The table.
    order
        Columns to write and their order; all of the frame's when left out.
    form
        Separator, decimal mark and guards: by default those of machines.
    """
    table = plain_table(frame, order)
    rows = table.itertuples(index=False, name=None)
    write_text(path, csv_forms.text([str(name) for name in table.columns], [*rows], form))


def plain_table(frame: pd.DataFrame, order: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table as plain Python values, rounded by unit, with the positions of points."""
    table = _properties(frame, order)
    for name, values in _point_columns(frame).items():
        if name not in table:
            table[name] = values
    return table


def write_gpkg(
    path: Path,
    layers: Mapping[str, GeoDataFrame],
    styles: Mapping[str, str] | None = None,
    about: Publication | None = None,
) -> None:
    """Write layers to one GeoPackage, in the frames' own CRS; the same layers give the same bytes.

    Parameters
    ----------
    path
        File to write.
    layers
        Frames by layer name.
    styles
        QGIS style (QML) by layer name.
    about
        What the layers are; adds titles, headings of columns and metadata in its language.
    """
    with replace_whole(path) as temporary:
        with _dated(gpkg_tables.moment(about)):
            for name, frame in layers.items():
                _write_layer(temporary, name, frame, about)
            if about and about.headline:
                figures = _figures(about)
                pyogrio.write_dataframe(figures, temporary, driver="GPKG", layer=FIGURES)
        gpkg_tables.describe(temporary, layers, styles or {}, about)


@contextmanager
def _dated(stamp: str) -> Iterator[None]:
    """Let GDAL write a given moment instead of the present one."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _figures(about: Publication) -> pd.DataFrame:
    """Return the headline of a plan as a table: name in run.json, title, unit, values."""
    figures = headline.figures(about.headline)
    table = pd.DataFrame(figures)
    titles = [speak(message(figure.title), about.language) for figure in figures]
    numbers = ["before", "after", "low", "high"]
    return table.assign(title=titles).astype(dict.fromkeys(numbers, float))


def _write_layer(path: Path, name: str, frame: GeoDataFrame, about: Publication | None) -> None:
    kinds = set(frame.geometry.dropna().geom_type)
    options = {"GEOMETRY_NAME": gpkg_tables.GEOMETRY}
    if about:
        options["IDENTIFIER"] = labels.title(name, about.language)
        options["DESCRIPTION"] = about.title
    pyogrio.write_dataframe(
        frame,
        path,
        driver="GPKG",
        layer=name,
        append=path.exists(),
        promote_to_multi=bool(kinds & {"Polygon", "MultiPolygon"}),
        layer_options=options,
        dataset_options={"VERSION": GPKG_VERSION},
    )


def _properties(
    frame: pd.DataFrame, order: Sequence[str] | None, *, exact: bool = False
) -> pd.DataFrame:
    """Return the attributes as plain Python values, rounded by the unit of their column."""
    geometry = frame.geometry.name if isinstance(frame, GeoDataFrame) else None
    names = [name for name in frame.columns if name != geometry] if order is None else list(order)
    missing = [name for name in names if name not in frame]
    if missing:
        raise KeyError(f"the layer lacks the columns {', '.join(missing)}")
    plain = {
        name: _plain(frame[name].tolist(), None if exact else _decimals(name)) for name in names
    }
    return pd.DataFrame(plain, dtype=object, index=frame.index)


def _decimals(name: str) -> int:
    """Return with how many decimals a column is written for readers, by its unit."""
    column = meanings.COLUMNS.get(name)
    unit = column.unit if column else ""
    if unit == "million":
        return messages.money_decimals().file
    return _DECIMALS_BY_UNIT.get(unit, _OTHER_DECIMALS)


def _plain(values: list[object], decimals: int | None) -> list[object]:
    """Return plain values, rounded to some decimals or exact."""
    return [
        value if type(value) in _PLAIN else _rounded(plain_value(value), decimals)
        for value in values
    ]


def _rounded(value: object, decimals: int | None) -> object:
    return (
        value if decimals is None or not isinstance(value, float) else round(value, decimals) + 0.0
    )


def plain_value(value: object) -> bool | int | float | str | None:
    """Return what JSON can hold: text, number, truth or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str) else str(value)


def _geographic(shapes: GeoSeries, decimals: int) -> NDArray[np.object_]:
    """Return the shapes in WGS 84, rounded, with counter-clockwise exterior rings.

    A published transformation need not be its own inverse to the last millimetre,
    so the position is corrected once by what the way back would miss.
    """
    if shapes.crs is None:
        raise ValueError("the layer has no CRS")
    source = shapes.crs.to_string()

    def rounded(xy: NDArray[np.float64], digits: int = decimals) -> NDArray[np.float64]:
        lon, lat = crs.transform(xy[:, 0], xy[:, 1], source, crs.GEOGRAPHIC)
        back = np.column_stack(crs.transform(lon, lat, crs.GEOGRAPHIC, source))
        nearer = 2 * xy - back
        moved = crs.transform(nearer[:, 0], nearer[:, 1], source, crs.GEOGRAPHIC)
        return np.asarray(np.round(np.column_stack(moved), digits) + 0.0, float)

    flat = shapely.force_2d(shapes.to_numpy())
    result = shapely.transform(flat, rounded)
    sound = shapely.is_valid(flat)
    spoilt = sound & ~shapely.is_valid(result)
    result[spoilt] = shapely.transform(flat[spoilt], lambda xy: rounded(xy, EXACT_DECIMALS))
    for at in np.flatnonzero(spoilt & ~shapely.is_valid(result)):
        result[at] = _valid(result[at])
    result = shapely.remove_repeated_points(result)
    return np.asarray(shapely.orient_polygons(result), dtype=object)


def _valid(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the areas of a shape that rounding has made invalid, on the finest grid of files.

    Corners nearer to another edge than files tell apart move onto it; readers refuse what crosses
    itself.
    """
    snapped = shapely.set_precision(shapely.make_valid(shape), 10.0**-EXACT_DECIMALS)
    parts = [part for part in shapely.get_parts(snapped) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _mapping(shape: shapely.Geometry | None) -> dict[str, object] | None:
    if shape is None or shape.is_empty:
        return None
    mapping: dict[str, object] = shapely.geometry.mapping(shape)
    return mapping


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _point_columns(frame: pd.DataFrame) -> dict[str, list[float | None]]:
    """Return the positions of a point layer as columns; nothing for any other table."""
    if not isinstance(frame, GeoDataFrame) or set(frame.geom_type) != {"Point"}:
        return {}
    lonlat = shapely.get_coordinates(_geographic(frame.geometry, COORDINATE_DECIMALS))
    names = (columns.LON, columns.LAT, columns.X_M, columns.Y_M)
    if not frame.crs.is_projected:
        return {name: lonlat[:, i].tolist() for i, name in enumerate(names[:2])}
    values = np.column_stack([lonlat, np.round(shapely.get_coordinates(frame.geometry), 2)])
    return {name: values[:, i].tolist() for i, name in enumerate(names)}
