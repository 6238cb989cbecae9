"""What is national stands in the profiles of countries: no code, template or script names it.

Country profiles, shipped scenarios, tables of facts, documents and tests are free to.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("coverage", "geodata", "scenarios", "maps", "phusong")
KINDS = {".py", ".toml", ".html", ".js", ".css"}
# Money, rules, operators, surveys and institutions; levels as Vietnamese writes them.
INSTITUTIONS = re.compile(
    "|".join(
        (
            *(r"(?<!application/)\bvnd\b", r"_vnd\b", r"\bvnd_", "triệu đồng", "tỷ đồng"),
            *("QCVN", "TCVN", "BTTTT", r"\bGSO\b", "Tổng cục Thống kê"),
            *("Viettel", "VNPT", "MobiFone", "VinaPhone", "Gmobile"),
            *("Vietnam(?!ese)", "Việt Nam", r"\bVNM\b", "Vĩnh Phúc", "Phú Thọ", "Hà Nội"),
            *(r"VN-2000", r"\b(?:5897|9208|3405|4756)\b"),
        )
    ),
    re.IGNORECASE,
)
LEVELS = re.compile(r"\b(?:tỉnh|huyện|xã|phường|thị trấn|thị xã)\b", re.IGNORECASE)
VIETNAMESE = {"vi.toml", "vi_errors.toml"}  # a language: it has words for levels, no institutions

# Lines that may name something national, each with the reason. A pattern is never weakened.
EXEMPT = {
    "geodata/files/encodings.py": "tables of old encodings, tried where the country names them",
    "geodata/provinces/embedded.py": "the embedded province, which is one province's data",
    "geodata/provinces/masts.py": "operators of the stations that the embedded province reports",
    "geodata/provinces/merged.py": "the merged province of July 2025, which is one province's data",
    "geodata/units/crosswalk.py": "the units of the embedded and of the merged province",
    "geodata/provinces/part.py": "an example on the embedded province",
    "geodata/units/unit_sets.py": "dated sets of units are known of the embedded province alone",
    "geodata/crs.py": "PLANNING: the grid of the embedded province and of folders that state none",
    "phusong/__init__.py": "an example on the embedded province",
    "phusong/api/inputs.py": "an example on the embedded province",
    "phusong/api/studies.py": "an example on the embedded province",
    "phusong/messages/en.toml": "where data of the embedded and the merged province come from",
    "phusong/messages/vi.toml": "the same in Vietnamese",
    "scenarios/config/schema.py": "keys that named a currency: what they are called now",
}
MOST = {"geodata/crs.py": 1, "phusong/messages/en.toml": 5, "phusong/messages/vi.toml": 5}


def sources():
    listed = subprocess.run(
        ["git", "ls-files", *FOLDERS], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    scripts = {f"scenarios/{name}" for name in ("urban", "industrial", "tourism", "province")}
    return [
        name
        for name in listed
        if Path(name).suffix in KINDS
        and not name.startswith("geodata/countries/")
        and str(Path(name).with_suffix("")) not in scripts
    ]


def national(name):
    """Return the lines of a file that name something national, with their numbers."""
    path = ROOT / name
    patterns = [INSTITUTIONS] if path.name in VIETNAMESE else [INSTITUTIONS, LEVELS]
    return [
        (number, line.strip())
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(pattern.search(line) for pattern in patterns)
    ]


def test_there_is_something_to_search():
    names = sources()
    assert len(names) > 400
    assert {"maps/static/core.js", "maps/templates/report.html", "scenarios/base.toml"} <= set(
        names
    )


@pytest.mark.parametrize(
    "word", ["VND", "QCVN 126", "Viettel", "EPSG:5897", "VN-2000", "Vĩnh Phúc"]
)
def test_the_pattern_finds_what_it_is_for(word):
    assert INSTITUTIONS.search(f"costs 5 {word}, say")


@pytest.mark.parametrize("word", ["tỉnh", "Huyện", "xã", "Thị trấn"])
def test_the_pattern_finds_levels(word):
    assert LEVELS.search(f"của {word} này")


def test_no_code_template_or_script_names_what_is_national():
    found = {name: lines for name in sources() if (lines := national(name)) and name not in EXEMPT}
    assert not found


@pytest.mark.parametrize("name", EXEMPT)
def test_exemptions_are_needed_and_small(name):
    lines = national(name)
    assert lines, f"{name} is exempt without need"
    assert len(lines) <= MOST.get(name, 20)
