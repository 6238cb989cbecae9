"""What a feed hands out of a finished run, before any file of it is written."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong import messages
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard
from phusong.geodata.files.raster import read_raster
from phusong.geodata.folded import ascii_name
from phusong.geodata.grid import Raster, pixels_within
from phusong.geodata.runs import tables as run_tables
from phusong.geodata.runs.folder import TABLES, RunFolder
from phusong.geodata.writers import labels, lineage
from phusong.geodata.writers.lineage import Publication
from phusong.messages import message, speak

Texts = dict[str, str]  # by language
LONGEST_NAME = 60
COVERED_YEAR, NEVER = "covered_year", 0  # raster of the year in which a place is first covered
_STAMP = "%Y%m%dT%H%M%SZ"
# What tells a run from another of the same name and moment.
_OWN = ("scenario", "parameters", "province", "headline", "seed")


@dataclass(frozen=True)
class Content:
    """Layers, rasters, tables and record of a run, as they are to be published.

    Parameters
    ----------
    name
        What the run is called in the feed.
    title
        By language.
    language
        Of texts inside the layers.
    public
        Whether positions, operators and identifiers have been taken out.
    record
        What run.json says.
    layers
        Vector layers by name, in EPSG:4326.
    rasters
        By name: files, or what is to be written to one.
    tables
        Rows of the tables without geometry, by name.
    zone_years
        Of each zone, by identifier, the share of its area that is covered by the end of each year.
    """

    name: str
    title: Texts
    language: str
    public: bool
    record: Mapping[str, Any]
    layers: Mapping[str, GeoDataFrame]
    rasters: Mapping[str, Path | Raster]
    tables: Mapping[str, list[dict[str, Any]]]
    zone_years: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    @property
    def created(self) -> datetime:
        """When the run was made, in UTC."""
        return self.publication.created.astimezone(UTC)

    @property
    def identifier(self) -> str:
        """Name and moment of the run: its folder, and its collection in the catalogue."""
        return f"{self.name}-{self.created.strftime(_STAMP)}"

    @property
    def publication(self) -> Publication:
        """What is said of all layers."""
        return lineage.publication_of(self.record, self.language)

    @property
    def province(self) -> str:
        """Name of the province."""
        return str(self.record["province"]["name"])

    @property
    def crs(self) -> str:
        """Coordinate system that the run was planned in."""
        return str(self.record["province"]["crs"])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the communes [degrees]."""
        west, south, east, north = (
            round(float(edge), 6) for edge in self.layers["communes"].total_bounds
        )
        return west, south, east, north

    @property
    def years(self) -> list[int]:
        """The years of the rollout."""
        return [int(row["year"]) for row in self.record["years"]]

    @property
    def digest(self) -> str:
        """What two runs of one name and moment differ in, if they differ."""
        own = json.dumps([self.record.get(key) for key in _OWN], sort_keys=True)
        return hashlib.sha256(own.encode()).hexdigest()


def read(run: RunFolder, language: str, name: str = "") -> Content:
    """Return all that a run folder holds for others.

    Parameters
    ----------
    run
        The run.
    language
        Of the texts in its layers.
    name
        What the run is called in the feed; that of its scenario if empty.

    Raises
    ------
    InputError
        When the name has no letter or digit that an address may hold, or a layer is damaged.
    """
    spoken = run.in_language(language)
    scenario = run.record["scenario"]
    return Content(
        name=slug(name or str(scenario["name"])),
        title={each: speak(scenario["title"], each) for each in messages.SHIPPED},
        language=language,
        public=False,
        record=run.record,
        layers=_layers(spoken),
        rasters={stem: guard.beside(run.path, f"{stem}.tif") for stem in _stems(run, ".tif")},
        tables={stem: run.rows(stem) for stem in _stems(run, ".csv") if stem in run_tables.TABLES},
        zone_years=_zone_years(run),
    )


def slug(name: str) -> str:
    """Return a name as addresses and folders hold it.

    >>> slug("Đô thị 2027")
    'do-thi-2027'
    """
    short = re.sub(r"[^a-z0-9_]+", "-", ascii_name(name).lower()).strip("-")[:LONGEST_NAME]
    if not short:
        problem = message("problem.has_no_letter_or_digit")
        raise InputError(
            message("refusal.wrong_name_of_a_feed"), [Defect("--name", problem, value=name)]
        )
    return short


def texts(id_: str, /, **values: object) -> Texts:
    """Return a message in each shipped language."""
    return {each: speak(message(id_, **values), each) for each in messages.SHIPPED}


def _layers(run: RunFolder) -> dict[str, GeoDataFrame]:
    others = [stem for stem in _stems(run, ".geojson") if stem not in TABLES]
    frames = {name: getattr(run, name) for name in TABLES}
    frames |= {name: run.layer(name, ()) for name in others}
    filled = {name: frame for name, frame in frames.items() if len(frame)}
    return {name: filled[name] for name in sorted(filled, key=labels.place)}


def _zone_years(run: RunFolder) -> dict[str, dict[int, float]]:
    """Return which share of each zone has the required level by the end of each year."""
    path = run.raster(COVERED_YEAR)
    if path is None or run.zones.empty:
        return {}
    raster = read_raster(path)
    first = raster.values.ravel()
    shapes = run.zones.to_crs(raster.grid.crs).geometry
    shares = {}
    for zone, pixels in zip(
        run.zones[col.ZONE_ID], pixels_within(shapes, raster.grid), strict=True
    ):
        years = first[pixels]
        land = years[years != raster.nodata]
        if land.size:
            shares[str(zone)] = {
                int(row["year"]): float(np.mean((land > NEVER) & (land <= row["year"])))
                for row in run.record["years"]
            }
    return shares


def _stems(run: RunFolder, suffix: str) -> list[str]:
    """Return the names of the run's files of a kind: those it lists, else those it holds."""
    listed = run.record.get("files") or [path.name for path in run.path.iterdir()]
    names = (str(name) for name in listed if str(name).endswith(suffix))
    return sorted(name.removesuffix(suffix) for name in names if (run.path / name).is_file())
