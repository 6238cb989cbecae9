"""What the API says of itself: OpenAPI 3.1, without a request to elsewhere."""

from typing import Any

from phusong import __version__
from phusong.messages import message, speak

Tree = dict[str, Any]

_NUMBER: Tree = {"type": "number"}
_TEXT: Tree = {"type": "string"}
_STATION: Tree = {
    "type": "object",
    "properties": {
        "site_id": _TEXT,
        "name": _TEXT,
        "lon": _NUMBER,
        "lat": _NUMBER,
        "year": {"type": "integer"},
        "height_m": _NUMBER,
        "azimuths_deg": {"type": "array", "items": _NUMBER},
        "downtilt_deg": _NUMBER,
    },
}
_STATIONS: Tree = {"type": "array", "items": {"$ref": "#/components/schemas/Station"}}
_BODIES: dict[str, Tree] = {
    "evaluate": {"stations": _STATIONS},
    "station": {"station": {"$ref": "#/components/schemas/Station"}, "stations": _STATIONS},
    "finish": {
        "stations": _STATIONS,
        "forbid": {"type": "array", "items": _TEXT},
        "settings": {"type": "object"},
        "quick": {"type": "boolean", "default": True},
        "proof_seconds": {"type": "number", "default": 0.0},
    },
    "override": {"stations": _STATIONS},
    "drafts/{name}": {"stations": _STATIONS},
}
_READ = ("state", "candidates", "jobs/{name}", "drafts", "openapi.json")
_WRITTEN = {
    "evaluate": "post",
    "station": "post",
    "finish": "post",
    "override": "post",
    "drafts/{name}": "put",
}
_DROPPED = ("jobs/{name}", "drafts/{name}")


def description(language: str) -> Tree:
    """Return the description of the API, its sentences in a language.

    Parameters
    ----------
    language
        ``vi`` or ``en``.

    Returns
    -------
    dict
        As JSON holds it.
    """
    paths: dict[str, Tree] = {}
    for name in _READ:
        paths.setdefault(f"/{name}", {})["get"] = _operation(name, language)
    for name, method in _WRITTEN.items():
        paths.setdefault(f"/{name}", {})[method] = _operation(name, language, _BODIES[name])
    for name in _DROPPED:
        paths.setdefault(f"/{name}", {})["delete"] = _operation(name, language, {})
    return {
        "openapi": "3.1.0",
        "info": {"title": "phusong studio", "version": __version__},
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {
            "schemas": {"Station": _STATION},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(name: str, language: str, body: Tree | None = None) -> Tree:
    key = name.partition("/")[0].partition(".")[0]
    operation: Tree = {
        "summary": speak(message(f"studio_api.{key}"), language),
        "responses": {"200": {"description": "application/json"}},
    }
    if "{name}" in name:
        operation["parameters"] = [
            {"name": "name", "in": "path", "required": True, "schema": _TEXT}
        ]
    if body is not None:
        operation["security"] = [{"token": []}]
        operation["responses"] |= {
            "400": {"description": "body"},
            "403": {"description": "token"},
            "422": {"description": "input"},
        }
    if body:
        content = {"application/json": {"schema": {"type": "object", "properties": body}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation
