"""Where the layers of a run come from, as it is written beside them: source, date, licence, CRS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from phusong import messages
from phusong.geodata.writers import labels
from phusong.geodata.writers.markup import element
from phusong.messages import DEFAULT, message, speak

STANDARD = "http://mrcc.com/qgis.dtd"  # the schema of the document: QGIS layer metadata


@dataclass(frozen=True)
class About:
    """What a package says of all its layers."""

    title: str
    language: str
    made: datetime
    version: str = ""
    scenario: str = ""
    units: str = ""
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Return when the run was made, as ISO 8601 in UTC."""
        return self.made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def about(record: Mapping[str, Any], language: str | None = None) -> About:
    """Return what the record of a run (run.json or predict.json) says of its layers."""
    spoken = language or str(record.get("language", DEFAULT))
    scenario, province = record.get("scenario", {}), record.get("province", {})
    made = datetime.fromisoformat(str(record["created"]))
    return About(
        title=speak(scenario.get("title", "phusong"), spoken),
        language=spoken,
        made=made if made.tzinfo else made.replace(tzinfo=UTC),
        version=str(record.get("phusong", "")),
        scenario=str(scenario.get("name", "")),
        units=str(province.get("units", "")) if isinstance(province, Mapping) else "",
        origins=record.get("layers", {}) if isinstance(record.get("layers"), Mapping) else {},
    )


def sources(name: str, said: About) -> list[str]:
    """Return the lineage of a layer: its own sources, or those of everything it is computed from.

    Each line names the input, its source, its status (given, approximate, synthetic) and what
    is to be known of it.
    """
    own = said.origins.get(labels.kind_of(name))
    used = {labels.kind_of(name): own} if own is not None else said.origins
    lines = [_line(layer, origin, said.language) for layer, origin in used.items()]
    if said.version:
        values = {"version": said.version, "scenario": said.scenario or "-"}
        lines.append(speak(message("lineage.computed", **values), said.language))
    if said.units:
        lines.append(speak(message("lineage.units", units=said.units), said.language))
    return lines


def licences(name: str, said: About) -> list[str]:
    """Return the licences of what a layer is made from; a sentence where no source states one."""
    own = said.origins.get(labels.kind_of(name))
    used = [own] if own is not None else list(said.origins.values())
    stated = sorted({str(origin["licence"]) for origin in used if origin.get("licence")})
    return stated or [speak(message("lineage.licence"), said.language)]


def metadata(name: str, said: About, authority: str) -> ET.Element:
    """Return the metadata of a layer as QGIS keeps it (its schema qgis-resource-metadata).

    Parameters
    ----------
    name : layer.
    said : what the package says.
    authority : CRS, such as EPSG:5897.
    """
    root = element(None, "resourceMetadata")
    element(root, "identifier", name)
    element(root, "parentidentifier", said.scenario)
    element(root, "language", said.language)
    element(root, "type", "dataset")
    element(root, "title", labels.title(name, said.language))
    element(root, "abstract", said.title)
    for licence in licences(name, said):
        element(root, "license", licence)
    for line in sources(name, said):
        element(root, "history", line)
    element(root, "encoding", "UTF-8")
    spatial = element(element(root, "crs"), "spatialrefsys")
    element(spatial, "authid", authority)
    dates = element(root, "dates")
    element(dates, "date", type="Created", value=said.stamp)
    return root


def _line(layer: str, origin: Mapping[str, Any], language: str) -> str:
    status = messages.words(language, "lineage").get(str(origin.get("status", "")), "")
    line = message(
        "lineage.line",
        layer=labels.title(layer, language),
        source=origin.get("source", "-"),
        status=message("lineage.status", status=status),
    )
    parts = [speak(line, language)]
    if origin.get("note"):
        parts.append(speak(origin["note"], language))
    if origin.get("sha256"):
        parts.append(f"SHA-256 {origin['sha256']}")
    return "; ".join(parts)
