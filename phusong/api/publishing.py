"""What is handed to other systems: a finished run as a folder that they read by themselves."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phusong.results import RunResult

# The function imports what it needs: naming it should not wait for geopandas.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]
_log = logging.getLogger("phusong")


def publish(
    run: "RunResult | PathLike",
    folder: PathLike,
    *,
    public: bool = False,
    name: str = "",
    language: str | None = None,
) -> Path:
    """Publish a finished run in a static folder that any web server hands out.

    The folder holds a STAC catalogue of the rasters and layers, the layers as GeoJSON, FlatGeobuf,
    GeoParquet, GeoPackage and vector tiles, ``figures.json`` with its schema, a data dictionary,
    metadata, a page, and a configuration for pygeoapi. Runs stand side by side; what is named
    ``latest`` is the newest. The run is published whole or not at all, and again with the same
    bytes.

    Parameters
    ----------
    run
        The run, or its folder.
    folder
        A new or empty folder, or an earlier feed of the same province.
    public
        For anybody: masts are counted in squares of 500 m, three or more each, and no operator,
        identifier, link, level or text about a station goes out.
    name
        What the run is called there. If empty, the name of its scenario.
    language
        ``vi`` or ``en``, of the texts inside layers; if None, that of the run. Figures, dictionary
        and page speak both.

    Returns
    -------
    Path
        The folder of the run in the feed.

    Raises
    ------
    InputError
        The run is not finished, damaged or of another version; the folder holds something else,
        or a feed of another province or kind; something cannot be written. The feed is then what
        it was.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.publish("nowhere", "feed", public=True)
    Traceback (most recent call last):
    phusong.errors.InputError: nowhere is not the folder of a finished run: there is no such folder
    """
    from phusong.maps.feed import publish as feed

    path = run if isinstance(run, str | os.PathLike) else run.path
    return feed.publish(
        Path(path),
        Path(folder),
        public=public,
        name=name,
        language=language,
        warn=lambda text: _log.warning("%s", text),
    )
