"""The vector layers of a finished run or prediction, and what its record says of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, vector, whole
from phusong.geodata.packages.package import PACKAGE
from phusong.geodata.runs import record
from phusong.geodata.writers import lineage
from phusong.geodata.writers.lineage import Publication
from phusong.messages import message, speak

RECORDS = ("run.json", "predict.json")


def record_of(run: Path) -> dict[str, Any]:
    """Return the record of a finished run or prediction."""
    whole.check_whole(run)
    paths = [run / name for name in RECORDS if (run / name).is_file()]
    if not paths:
        remedy = message("remedy.give_the_folder_that_phusong_run")
        raise InputError(
            message("refusal.no_finished_run"),
            [Defect(str(run), message("problem.has_no", records=RECORDS[0]), remedy)],
        )
    return record.read(guard.beside(run, paths[0].name))


def layers_of(
    run: Path, wanted: Sequence[str] = (), authority: str = "", language: str = ""
) -> dict[str, GeoDataFrame]:
    """Read the vector layers of a run folder.

    From its package where it has one, else from its GeoJSON files.

    Parameters
    ----------
    run : folder.
    wanted : names of layers; all when empty.
    authority : CRS to bring them to, such as EPSG:4326; as stored when empty.
    language : of the texts in their columns; as stored when empty.

    Raises
    ------
    InputError
        When the folder has no layer, or not one of those wanted.
    """
    files = {path.stem: path for path in sorted(run.glob("[!.]*.geojson"))}
    if (run / PACKAGE).is_file():
        files = dict.fromkeys(vector.spatial_layers(guard.beside(run, PACKAGE)), run / PACKAGE)
    unknown = [name for name in wanted if name not in files]
    if unknown or not files:
        remedy = (
            message("remedy.choose_from", files=[*files])
            if files
            else message("remedy.run_phusong_run_first")
        )
        defects = [
            Defect(str(run), message("problem.has_no_such_layer"), remedy, value=name)
            for name in unknown
        ]
        raise InputError(
            message("refusal.nothing_to_export"),
            defects or [Defect(str(run), message("problem.no_layer"), remedy)],
        )
    chosen = {name: _layer(run, files[name], name) for name in (wanted or files)}
    if language:
        texts = record_of(run).get("texts", {})
        chosen = {n: _in_language(frame, texts.get(n, {}), language) for n, frame in chosen.items()}
    if not authority:
        return chosen
    return {name: frame.to_crs(authority) for name, frame in chosen.items()}


def points(path: Path) -> pd.DataFrame:
    """Return a layer of points, such as residuals, as a table with their lon and lat."""
    frame = vector.read_layer(path, path, path.stem)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return table.assign(**{col.LON: frame.geometry.x, col.LAT: frame.geometry.y})


def _in_language(
    frame: GeoDataFrame, texts: Mapping[str, Sequence[Any]], language: str
) -> GeoDataFrame:
    """Return a layer with the texts that its run holds as messages; others stay as stored."""
    columns = {
        column: [speak(text, language) for text in held]
        for column, held in texts.items()
        if column in frame and len(held) == len(frame)
    }
    return frame.assign(**columns)


def _layer(run: Path, path: Path, name: str) -> GeoDataFrame:
    frame = vector.read_layer(path, guard.beside(run, path.name), name)
    if isinstance(frame, GeoDataFrame) and frame.crs is not None:
        return frame
    problem = message("problem.has_no_geometry_with_a_coordinate", name=name)
    raise InputError(
        message("refusal.unusable_layer"),
        [Defect(str(path), problem, message("remedy.run_phusong_run_again"))],
    )


def about_run(run: Path, language: str | None = None) -> Publication:
    """Return what the record of a run folder says of its layers."""
    return lineage.publication_of(record_of(run), language)
