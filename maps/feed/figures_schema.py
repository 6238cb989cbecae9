"""The JSON schema of ``figures.json``: what a dashboard may rely on.

The version rises with every change that a reader would misread; what is added does not raise it.
"""

from typing import Any

VERSION = 1
_TEXT = {"type": "string"}
_TEXTS = {
    "type": "object",
    "properties": {"vi": _TEXT, "en": _TEXT},
    "required": ["vi", "en"],
}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_NUMBER = {"type": "number"}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_YEAR = {"type": "integer", "minimum": 1990, "maximum": 2200}
_KEYS = ("level", "code", "name", "measure", "when", "year", "date", "value", "low", "high")


def _record(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    needed = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": needed}


_RUN = _record(
    {
        "id": {"type": "string", "pattern": r"^[a-z0-9_-]+-\d{8}T\d{6}Z$"},
        "title": _TEXTS,
        "province": _TEXT,
        "units": {**_TEXT, "description": "set of administrative units, by its date"},
        "created": {"type": "string", "format": "date-time"},
        "public": {"type": "boolean"},
        "years": {"type": "array", "items": _YEAR},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "service": _record(
            {
                "location": {"enum": ["indoor", "vehicle", "outdoor"]},
                "probability": {"type": "number", "minimum": 0, "maximum": 1},
                "threshold_dbm": _NUMBER,
            }
        ),
        "status": {
            "type": "object",
            "description": "where each layer comes from",
            "additionalProperties": {"enum": ["given", "approximate", "synthetic"]},
        },
    }
)
_MEASURE = _record(
    {
        "unit": {**_TEXT, "description": "share is a number from 0 to 1"},
        "title": _TEXTS,
        "definition": _TEXTS,
    }
)
_FIGURE = {
    **_record(
        {
            "level": {"enum": ["province", "district", "commune", "zone"]},
            "code": {**_TEXT, "description": "official code of the unit; '' of the province"},
            "name": _TEXT,
            "measure": {**_TEXT, "description": "a key of measures"},
            "when": {"enum": ["before", "after", "year"]},
            "year": {"type": ["integer", "null"]},
            "date": {**_DATE, "description": "the day that the figure holds for"},
            "value": _NUMBER,
            "low": {**_NUMBER_OR_NULL, "description": "5 % quantile"},
            "high": {**_NUMBER_OR_NULL, "description": "95 % quantile"},
        },
        list(_KEYS),
    ),
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Figures of a coverage plan",
    **_record(
        {
            "schema_version": {"const": VERSION},
            "run": _RUN,
            "interval": _record(
                {"probability": {"type": "number", "minimum": 0, "maximum": 1}, "meaning": _TEXTS}
            ),
            "measures": {"type": "object", "additionalProperties": _MEASURE},
            "figures": {"type": "array", "items": _FIGURE},
        }
    ),
}
