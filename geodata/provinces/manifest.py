"""Read and write province.toml, the manifest of a province folder."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from phusong.errors import Defect, InputError
from phusong.geodata import crs, toml_document
from phusong.geodata.countries import DEFAULT, open_country
from phusong.geodata.files import guard, toml_json
from phusong.geodata.grid import PIXEL_M
from phusong.geodata.province import FAR_M, UNKNOWN, Provenance, Status
from phusong.messages import message

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
    country: str = Field(DEFAULT, min_length=1)
    currency: str = Field("", pattern=r"^([A-Z]{3})?$")
    far_km: float = Field(FAR_M / 1000.0, gt=0)
    files: _Files
    provenance: _Origins = _Origins()


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
    country: str = DEFAULT
    currency: str = ""
    far_km: float = FAR_M / 1000.0


def write(manifest: Manifest) -> str:
    """Return the text of province.toml."""
    lines = [
        "# A province for phusong: every layer that is not named here is made by recipe.",
        f"name = {_quoted(manifest.name)}",
        f"units = {_quoted(manifest.units)}  # date of the set of administrative units",
        f"crs = {_quoted(manifest.crs)}",
        f"pixel_m = {manifest.pixel_m:g}",
        f"basis = {_quoted(manifest.basis)}  # on which residents are counted",
        f"country = {_quoted(manifest.country)}  # whose rules, prices and words hold",
        f"far_km = {manifest.far_km:g}  # islands farther from the other land are not planned",
        *([f"currency = {_quoted(manifest.currency)}"] if manifest.currency else []),
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
    document = toml_document.validated(_Document, content, path, text)
    files = document.files.model_dump(exclude_none=True)
    origins = document.provenance.model_dump(exclude_none=True)
    defects = [*_file_defects(path, text, files), *_country_defects(path, text, document.country)]
    if defects:
        raise InputError(message("refusal.is_not_usable", path=path), defects)
    known = {layer: Provenance(**origin) for layer, origin in origins.items()}
    return Manifest(
        *(document.name, document.units, document.crs, document.pixel_m, files, known),
        *(document.basis, document.country, document.currency, document.far_km),
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


def _country_defects(path: Path, text: str, country: str) -> list[Defect]:
    try:
        open_country(country)
    except InputError as error:
        row = toml_document.line_of(text, ("country",))
        return [
            replace(defect, source=str(path), row=row, column="country")
            if defect.source == "country"
            else defect
            for defect in error.defects
        ]
    return []


def _file_defects(path: Path, text: str, files: Mapping[str, str]) -> list[Defect]:
    defects = []
    for layer, name in files.items():
        try:
            guard.beside(path.parent, name)
        except InputError as error:
            row = toml_document.line_of(text, ("files", layer))
            wrong = error.defects[0]
            problem = (wrong.problem, wrong.remedy)
            defects.append(Defect(str(path), *problem, row, layer, name))
    return defects
