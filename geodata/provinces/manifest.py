"""Read and write province.toml, the manifest of a province folder."""

import difflib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import guard, toml_json
from phusong.geodata.grid import PIXEL_M
from phusong.geodata.province import UNKNOWN, Provenance, Status
from phusong.messages import Text, message

NAME = "province.toml"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def _metric(name: str) -> str:
    if problem := crs.unfit(name):
        raise ValueError(str(problem))
    return name


class _Files(_Table):
    communes: str
    terrain: str
    districts: str | None = None
    zones: str | None = None
    sites: str | None = None
    landcover: str | None = None
    population: str | None = None


class _Origin(_Table):
    status: Status
    source: str
    licence: str = ""
    sha256: str = ""
    note: str = ""


class _Origins(_Table):
    communes: _Origin | None = None
    districts: _Origin | None = None
    zones: _Origin | None = None
    sites: _Origin | None = None
    terrain: _Origin | None = None
    landcover: _Origin | None = None
    population: _Origin | None = None


class _Document(_Table):
    name: str = Field(min_length=1)
    units: str = Field(min_length=1)
    crs: Annotated[str, AfterValidator(_metric)] = crs.PLANNING
    pixel_m: float = Field(PIXEL_M, gt=0)
    basis: str = Field(UNKNOWN, min_length=1)
    files: _Files
    provenance: _Origins = _Origins()


_KNOWN = (list(_Document.model_fields), list(_Files.model_fields), list(_Origin.model_fields))


@dataclass(frozen=True)
class Manifest:
    """What province.toml says: names, files, where each layer comes from, basis of residents."""

    name: str
    units: str
    crs: str = crs.PLANNING
    pixel_m: float = PIXEL_M
    files: dict[str, str] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)
    basis: str = UNKNOWN


def write(manifest: Manifest) -> str:
    """Return the text of province.toml."""
    lines = [
        "# A province for phusong: every layer that is not named here is made by recipe.",
        f"name = {_quoted(manifest.name)}",
        f"units = {_quoted(manifest.units)}  # date of the set of administrative units",
        f"crs = {_quoted(manifest.crs)}",
        f"pixel_m = {manifest.pixel_m:g}",
        f"basis = {_quoted(manifest.basis)}  # on which residents are counted",
        "",
        "[files]",
        *(f"{layer} = {_quoted(name)}" for layer, name in manifest.files.items()),
    ]
    for layer, origin in manifest.provenance.items():
        needed = ("status", "source")
        values = {name: v for name, v in asdict(origin).items() if v or name in needed}
        lines += ["", f"[provenance.{layer}]"]
        lines += [f"{name} = {_quoted(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def read(path: Path) -> Manifest:
    """Return what a province.toml says; raise with every defect and its line."""
    content, text = _parse(path)
    try:
        document = _Document.model_validate(content)
    except ValidationError as error:
        raise InputError(
            message("refusal.is_not_usable", path=path), _defects(path, text, error)
        ) from None
    files = document.files.model_dump(exclude_none=True)
    origins = document.provenance.model_dump(exclude_none=True)
    if defects := _file_defects(path, text, files):
        raise InputError(message("refusal.is_not_usable", path=path), defects)
    known = {layer: Provenance(**origin) for layer, origin in origins.items()}
    return Manifest(
        document.name, document.units, document.crs, document.pixel_m, files, known, document.basis
    )


def _quoted(text: str) -> str:
    """Return a basic string of TOML, which is one of JSON but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parse(path: Path) -> tuple[dict[str, Any], str]:
    if not os.path.exists(path):  # noqa: PTH110 - false also for a name that cannot be
        remedy = message("remedy.make_one_with_phusong_data_build")
        defect = Defect(str(path), message("problem.no_such_file"), remedy)
        raise InputError(
            message("refusal.is_not_a_province_folder_2", parent=path.parent), [defect]
        )
    return toml_json.read_toml(path)


def _line_of(text: str, key: str, table: str = "") -> int | None:
    """Return the line that sets a key, after the header of its table."""
    lines = text.splitlines()
    start = 0
    if table:
        heads = [i for i, line in enumerate(lines) if line.strip() == f"[{table}]"]
        start = heads[0] if heads else 0
    pattern = re.compile(rf"\s*(\[(provenance\.)?)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
    rows = [i for i, line in enumerate(lines) if i >= start and pattern.match(line)]
    return rows[0] + 1 if rows else None


def _defects(path: Path, text: str, error: ValidationError) -> list[Defect]:
    """Return what is wrong with the keys and values, each with its line."""
    defects = []
    for wrong in error.errors(include_url=False):
        *above, key = map(str, wrong["loc"])
        table, row = ".".join(above), _line_of(text, key, ".".join(above))
        if wrong["type"] == "extra_forbidden":
            problem = _of_key(_NO_KEY, key, table)
            defects.append(Defect(str(path), problem, _near(key, _KNOWN[len(above)]), row))
        elif wrong["type"] == "missing":
            problem = _of_key(_LACKS_KEY, key, table)
            defects.append(Defect(str(path), problem))
        else:
            problem = wrong["msg"][:1].lower() + wrong["msg"][1:]
            defects.append(Defect(str(path), problem, "", row, key, wrong["input"]))
    return defects


def _of_key(problems: tuple[str, str], key: str, table: str) -> Text:
    alone, within = problems
    return message(within, key=key, table=table) if table else message(alone, key=key)


# Of a key that stands alone, and of one in a table.
_NO_KEY = "problem.there_is_no_key", "problem.there_is_no_key_in"
_LACKS_KEY = "problem.the_key_is_missing", "problem.the_key_is_missing_in"


def _near(key: str, known: Sequence[str]) -> Text:
    near = difflib.get_close_matches(key, known, 1)
    return (
        message("remedy.did_you_mean_4", near=near[0])
        if near
        else message("remedy.known_2", known=[*known])
    )


def _file_defects(path: Path, text: str, files: Mapping[str, str]) -> list[Defect]:
    defects = []
    for layer, name in files.items():
        try:
            guard.beside(path.parent, name)
        except InputError as error:
            row = _line_of(text, layer, "files")
            wrong = error.defects[0]
            problem = (wrong.problem, wrong.remedy)
            defects.append(Defect(str(path), *problem, row, layer, name))
    return defects
