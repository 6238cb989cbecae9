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
class Publication:
    """What a package says of all its layers."""

    title: str
    language: str
    created: datetime
    version: str = ""
    scenario: str = ""
    units: str = ""
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    headline: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Return when the run was made, as ISO 8601 in UTC."""
        return self.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def publication_of(record: Mapping[str, Any], language: str | None = None) -> Publication:
    """Return what the record of a run (run.json or predict.json) says of its layers."""
    shown_language = language or str(record.get("language", DEFAULT))
    scenario, province = record.get("scenario", {}), record.get("province", {})
    created = datetime.fromisoformat(str(record["created"]))
    return Publication(
        title=speak(scenario.get("title", "phusong"), shown_language),
        language=shown_language,
        created=created if created.tzinfo else created.replace(tzinfo=UTC),
        version=str(record.get("phusong", "")),
        scenario=str(scenario.get("name", "")),
        units=str(province.get("units", "")) if isinstance(province, Mapping) else "",
        origins=record.get("layers", {}) if isinstance(record.get("layers"), Mapping) else {},
        headline=record.get("headline", {}),
    )


def sources(name: str, publication: Publication) -> list[str]:
    """Return the lineage of a layer: its own sources, or those of everything it is computed from.

    Each line names the input, its source, its status (given, approximate, synthetic) and what
    is to be known of it.
    """
    own = publication.origins.get(labels.kind_of(name))
    used = {labels.kind_of(name): own} if own is not None else publication.origins
    lines = [_line(layer, origin, publication.language) for layer, origin in used.items()]
    if publication.version:
        values = {"version": publication.version, "scenario": publication.scenario or "-"}
        lines.append(speak(message("lineage.computed", **values), publication.language))
    if publication.units:
        lines.append(speak(message("lineage.units", units=publication.units), publication.language))
    return lines


def licences(name: str, publication: Publication) -> list[str]:
    """Return the licences of what a layer is made from; a sentence where no source states one."""
    own = publication.origins.get(labels.kind_of(name))
    used = [own] if own is not None else list(publication.origins.values())
    stated = sorted({str(origin["licence"]) for origin in used if origin.get("licence")})
    return stated or [speak(message("lineage.licence"), publication.language)]


def metadata(name: str, publication: Publication, authority: str) -> ET.Element:
    """Return the metadata of a layer as QGIS keeps it (its schema qgis-resource-metadata).

    Parameters
    ----------
    name : layer.
    said : what the package says.
    authority : CRS, such as EPSG:32632.
    """
    root = element(None, "resourceMetadata")
    element(root, "identifier", name)
    element(root, "parentidentifier", publication.scenario)
    element(root, "language", publication.language)
    element(root, "type", "dataset")
    element(root, "title", labels.title(name, publication.language))
    element(root, "abstract", publication.title)
    for licence in licences(name, publication):
        element(root, "license", licence)
    for line in sources(name, publication):
        element(root, "history", line)
    element(root, "encoding", "UTF-8")
    spatial = element(element(root, "crs"), "spatialrefsys")
    element(spatial, "authid", authority)
    dates = element(root, "dates")
    element(dates, "date", type="Created", value=publication.stamp)
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
