"""The documents keep to the code: defaults, functions named as sources, pictures."""

import importlib
import re
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from importlib.resources import files
from inspect import signature
from itertools import pairwise
from pathlib import Path

import pytest

from phusong.coverage import antenna, capacity, panel
from phusong.coverage.area import cells
from phusong.coverage.models import p1812, spm
from phusong.coverage.models.p1812_terminal import P1812_TERMINAL
from phusong.coverage.models.tr38901_mixed import Mixed
from phusong.geodata.countries import open_country
from phusong.geodata.province import CLUTTER_HEIGHT_M
from phusong.scenarios.prediction import technology
from phusong.scenarios.propagation import link, link_request, options

DOCS = Path(__file__).resolve().parents[1] / "docs"
METHOD = (DOCS / "method.md").read_text(encoding="utf-8")
SECTIONS = (
    "service",
    "propagation",
    "layer_5g",
    "layer_4g",
    "uplink",
    "uncertainty",
)  # of base.toml
UNITS = {
    "dbm": "dBm",
    "dbi": "dBi",
    "db": "dB",
    "m": "m",
    "km": "km",
    "deg": "degrees",
    "mhz": "MHz",
    "khz": "kHz",
    "percent": "%",
    "w": "W",
}


def section(title):
    """Return the text of a section of method.md."""
    found = re.search(rf"^## \d+\. {title}$(.*?)(?=^## |\Z)", METHOD, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text):
    """Return the cells of all rows of the tables in a text, without their headers."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {first for first, second in pairwise(lines) if set(second) <= set("|- ")}
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in lines
        if line not in heads and not set(line) <= set("|- ")
    ]


def written(value):
    """Return a value as the table writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == {}:
        return ""
    if isinstance(value, (tuple, list)):
        return ", ".join(written(part) for part in value)
    return value if isinstance(value, str) else f"{value:g}"


def of_record(record):
    """Return the defaults of a dataclass or named tuple that are plain values."""
    if is_dataclass(record):
        found = {f.name: f.default for f in fields(record) if f.default is not MISSING}
    else:
        found = record._field_defaults
    return {name: value for name, value in found.items() if value is not None}


def of_function(function):
    return {name: p.default for name, p in signature(function).parameters.items()}


def defaults():
    """Return every default of propagation, link budget, layers and antennas by its name."""
    base = tomllib.loads(files("phusong.scenarios").joinpath("base.toml").read_text("utf-8"))
    country = tomllib.loads((open_country().folder / "base.toml").read_text("utf-8"))
    base = {
        name: {**table, **country.get(name, {})} for name, table in base.items() if name in SECTIONS
    }
    constants = ("HANDSET_POWER_DBM", "UPLINK_ATTENUATION")
    groups = {
        **{name: base[name] for name in SECTIONS},
        "p1812": of_record(p1812.P1812Parameters),
        "p1812_terminal": {
            each.name: each.default
            for each in (*P1812_TERMINAL.parameters, *P1812_TERMINAL.heights)
            if each.key.startswith("p1812_terminal.")
        },
        "link": of_record(link.Radio) | {"model": link_request.DEFAULT_MODEL},
        "predict": of_record(options.PredictionOptions),
        **{f"predict.{name}": vars(kind) for name, kind in technology.TECHNOLOGIES.items()},
        "reach": {k: v for k, v in of_record(cells.Reach).items() if k != "model"},
        "tr38901": of_record(Mixed),
        "clutter": {kind.name.lower() + "_m": m for kind, m in CLUTTER_HEIGHT_M.items()},
        "sector": of_function(antenna.sector),
        "omni": of_function(antenna.omni),
        "panel": of_record(panel.Panel),
        "spm": of_record(spm.Coefficients) | of_record(spm.SpmOptions),
        "handset": {name.lower(): getattr(capacity, name) for name in constants}
        | {"lowest_sinr_db": capacity.LOWEST_SINR_DB},
    }
    return {
        f"{group}.{name}": written(value)
        for group, found in groups.items()
        for name, value in found.items()
    }


DEFAULTS = rows(section("Defaults and where they come from"))


def test_table_of_defaults_is_that_of_the_code():
    """A default that is new, gone or changed belongs into docs/method.md with its origin."""
    assert {name.strip("`"): value for name, value, _, _ in DEFAULTS} == defaults()


@pytest.mark.parametrize("name", [name.strip("`") for name, _, _, _ in DEFAULTS])
def test_defaults_have_a_unit_and_an_origin(name):
    ((unit, origin),) = [row[2:] for row in DEFAULTS if row[0].strip("`") == name]
    assert re.search(r"\[[SKCM]\]", origin)
    suffix = name.rpartition("_")[2] if "_" in name.rpartition(".")[2] else ""
    assert unit == UNITS.get(suffix, unit)


def test_functions_named_beside_equations_exist():
    names = re.findall(r"`([a-z_0-9.]+\.[a-z_0-9]+)`", section("Equations and their sources"))
    assert len(names) > 20
    for name in names:
        module, _, function = name.rpartition(".")
        assert hasattr(importlib.import_module(f"phusong.coverage.{module}"), function), name


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_pictures_are_there_and_small(page):
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        assert 0 < (DOCS / picture).stat().st_size < 300_000, picture


def test_every_picture_is_shown():
    pages = [page.read_text(encoding="utf-8") for page in DOCS.glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"\]\((img/[^)]+)\)", page)}
    assert shown == {f"img/{path.name}" for path in (DOCS / "img").iterdir()}


ROOT = DOCS.parent
PAGES = [*sorted(DOCS.glob("*.md")), *(ROOT / n for n in ("README.md", "CONTRIBUTING.md"))]


def test_readme_is_read_in_three_minutes():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page):
    text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        built = target.split("/")[0] in {"gallery", "reference"}  # by make docs
        assert "://" in target or built or (page.parent / target).exists(), target


def terms():
    """Return term, Vietnamese and meaning of every row of the glossary."""
    return rows((DOCS / "glossary.md").read_text(encoding="utf-8"))


def test_glossary_has_each_term_once_with_its_vietnamese_and_its_meaning():
    names = [term for term, _, _ in terms()]
    assert len(names) > 80
    assert [name for name in names if names.count(name) > 1] == []
    assert all(vietnamese and meaning for _, vietnamese, meaning in terms())


def test_glossary_is_in_alphabetical_order():
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    for section_ in text.split("\n## ")[1:]:
        names = [term.casefold() for term, _, _ in rows(section_)]
        assert names == sorted(names)
