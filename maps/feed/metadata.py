"""Who made a published run, from what, under which licence: for catalogues and for people.

``metadata.yml`` is a metadata control file, from which pygeometa makes ISO 19115 (as XML by
ISO 19139) and DCAT (as JSON-LD) where it is installed.

References
----------
Metadata Control File reference of pygeometa, version 1.0.
"""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from phusong import messages
from phusong.geodata.files import whole
from phusong.geodata.writers import lineage
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed.content import Content, texts
from phusong.messages import Text, message, speak

CONTROL, ISO, DCAT = "metadata.yml", "metadata.iso19139.xml", "metadata.dcat.jsonld"
LICENCE, PROVENANCE = "LICENCE.txt", "provenance.json"
LANGUAGES = {"vi": "vie", "en": "eng"}  # ISO 639-2
TOPICS = ("utilitiesCommunication", "planningCadastre")  # ISO 19115, MD_TopicCategoryCode
# A control file must name them, but a run knows nobody who answers.
_UNKNOWN = (
    *("individualname", "positionname", "phone", "fax", "address", "city"),
    *("administrativearea", "postalcode", "country", "email"),
)
_OWN = ("phusong", "created", "scenario", "province", "seed", "parameters", "versions", "layers")

Warn = Callable[[Text], None]
Json = dict[str, Any]


def write(folder: Path, content: Content, warn: Warn) -> None:
    """Write metadata, licence and provenance into the folder of a run."""
    control = control_file(content)
    # YAML holds all of JSON.
    whole.write_text(folder / CONTROL, json.dumps(control, ensure_ascii=False, indent=1) + "\n")
    whole.write_text(folder / LICENCE, licence(content))
    feed_folder.write_json(folder / PROVENANCE, provenance(content))
    if importlib.util.find_spec("pygeometa") is None:
        warn(message("warning.no_pygeometa"))
        return
    from pygeometa.schemas.dcat import DCATOutputSchema  # noqa: PLC0415 - an extra
    from pygeometa.schemas.iso19139 import ISO19139OutputSchema  # noqa: PLC0415 - likewise

    whole.write_text(folder / ISO, ISO19139OutputSchema().write(control))
    whole.write_text(folder / DCAT, DCATOutputSchema().write(control))


def control_file(content: Content) -> Json:
    """Return the metadata control file of a run."""
    language = content.language
    stamp = content.publication.stamp
    return {
        "mcf": {"version": 1.0},
        "metadata": {
            "identifier": content.identifier,
            "language": LANGUAGES.get(language, language),
            "charset": "utf8",
            "hierarchylevel": "dataset",
            "datestamp": stamp,
            "dataseturi": f"urn:phusong:{content.identifier}",
        },
        "spatial": {"datatype": "vector", "geomtype": "complex"},
        "identification": _identification(content),
        "contact": {"pointOfContact": _contact()},
        "distribution": _distribution(),
        "dataquality": {
            "scope": {"level": "dataset"},
            "lineage": {"statement": " ".join(lineage.sources("", content.publication))},
        },
    }


def _contact() -> Json:
    return {"organization": "phusong", "url": "./", **dict.fromkeys(_UNKNOWN, "-")}


def _identification(content: Content) -> Json:
    language, stamp = content.language, content.publication.stamp
    described = message(
        "feed.description",
        province=content.province,
        version=content.record["phusong"],
        date=stamp[:10],
    )
    period = [*(f"{year}-12-31" for year in content.years), stamp[:10]]
    return {
        "language": LANGUAGES.get(language, language),
        "charset": "utf8",
        "title": content.title[language],
        "abstract": speak(described, language),
        "topiccategory": list(TOPICS),
        "dates": {"creation": stamp},
        "keywords": {
            "default": {
                "keywords": speak(message("feed.keywords"), language).split(", "),
                "keywords_type": "theme",
            }
        },
        "extents": {
            "spatial": [{"bbox": list(content.bounds), "crs": 4326}],
            "temporal": [{"begin": min(period), "end": max(period)}],
        },
        "license": {"name": "; ".join(lineage.licences("", content.publication))},
        "rights": speak(message("feed.rights"), language),
        "accessconstraints": "otherRestrictions",
        "maintenancefrequency": "asNeeded",
        "status": "completed",
        "url": "./",
    }


def _distribution() -> Json:
    files = {
        "collection": ("collection.json", "application/json"),
        "package": ("layers.gpkg", "application/geopackage+sqlite3"),
        "figures": ("figures.json", "application/json"),
    }
    return {
        name: {
            "url": f"./{file}",
            "type": kind,
            "function": "download",
            "name": file,
            "description": file,
        }
        for name, (file, kind) in files.items()
    }


def licence(content: Content) -> str:
    """Return what the sources of a run state of their licences, in both languages."""
    paragraphs = []
    for language in messages.SHIPPED:
        told = lineage.publication_of(content.record, language)
        lines = [speak(message("feed.rights"), language), *lineage.sources("", told)]
        lines += sorted(set(lineage.licences("", told)))
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs) + "\n"


def provenance(content: Content) -> Json:
    """Return from what and how a run was made: inputs with checksums, parameters, versions."""
    own = {key: content.record[key] for key in _OWN if key in content.record}
    spoken = {each: messages.speak_all(own["layers"], each) for each in messages.SHIPPED}
    return own | {
        "layers": spoken,
        "id": content.identifier,
        "digest": content.digest,
        "statement": texts("feed.statement"),
    }
