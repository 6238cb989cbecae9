"""What layers and columns are called in Vietnamese and English, and the groups they stand in."""

from typing import Literal, NamedTuple

from phusong import meanings

Language = Literal["vi", "en"]

# Groups of a project, the topmost first.
GROUPS = {
    "plan": ("Kế hoạch", "Plan"),
    "network": ("Mạng hiện có", "Existing network"),
    "units": ("Khu vực và địa giới", "Zones and administration"),
    "prediction": ("Dự báo phủ sóng", "Predicted coverage"),
    "ground": ("Địa hình", "Ground"),
    "other": ("Lớp khác", "Other layers"),
}


class Layer(NamedTuple):
    """A layer: its group, its titles, and whether a project shows it when it opens."""

    group: str
    vietnamese: str
    english: str
    shown: bool = False


# A layer whose name continues one of these with "_" is a variant of it, such as communes_2025-07.
LAYERS = {
    "ranking": Layer("plan", "Trạm 5G theo thứ tự xây dựng", "5G stations in order of build", True),
    "backhaul": Layer("plan", "Truyền dẫn của các trạm", "Backhaul of the stations", True),
    "candidates": Layer("plan", "Các vị trí đã so sánh", "Places compared"),
    "holes": Layer("plan", "Vùng chưa được phủ sóng", "Areas that stay uncovered"),
    "sites": Layer("network", "Trạm BTS hiện có", "Existing BTS"),
    "cells": Layer("network", "Cell", "Cells"),
    "zones": Layer(
        "units", "Khu đô thị, công nghiệp, du lịch", "Urban, industrial and tourism zones", True
    ),
    "communes": Layer("units", "Xã, phường, thị trấn", "Communes", True),
    "districts": Layer("units", "Huyện, thành phố", "Districts"),
    "roads": Layer("units", "Đường giao thông", "Roads"),
    "rsrp_before": Layer("prediction", "Mức thu SS-RSRP trước kế hoạch", "SS-RSRP before the plan"),
    "rsrp_after": Layer("prediction", "Mức thu SS-RSRP sau kế hoạch", "SS-RSRP after the plan"),
    "sinr_after": Layer("prediction", "SS-SINR sau kế hoạch", "SS-SINR after the plan"),
    "throughput_after": Layer(
        "prediction", "Tốc độ tải xuống sau kế hoạch", "Download speed after the plan"
    ),
    "covered_year": Layer(
        "prediction", "Năm bắt đầu được phủ sóng 5G", "Year in which 5G first covers"
    ),
    "best_server": Layer("prediction", "Trạm phục vụ tốt nhất", "Best server"),
    "rsrp_4g": Layer("prediction", "Mức thu RSRP 4G ngoài trời", "4G RSRP outdoors"),
    "landcover": Layer("ground", "Lớp phủ mặt đất", "Land cover"),
    "population": Layer("ground", "Phân bố dân số", "Spread of residents"),
    "terrain": Layer("ground", "Độ cao địa hình", "Terrain height"),
}
UNITS = {
    "share": ("tỷ lệ", "share"),
    "people": ("người", "people"),
    "million VND": ("triệu đồng", "million VND"),
    "deg": ("độ", "deg"),
    "km2": ("km²", "km²"),
}


def _in(language: Language, vietnamese: str, english: str) -> str:
    return vietnamese if language == "vi" else english


def kind_of(name: str) -> str:
    """Return the layer that a name is or is a variant of; '' where it is neither."""
    known = [kind for kind in LAYERS if name == kind or name.startswith(f"{kind}_")]
    return max(known, key=len, default="")


def title(name: str, language: Language) -> str:
    """Return the title of a layer; a layer without one keeps its name."""
    kind = kind_of(name)
    if not kind:
        return name
    said = _in(language, LAYERS[kind].vietnamese, LAYERS[kind].english)
    variant = name[len(kind) + 1 :].replace("_", " ")
    return f"{said} ({variant})" if variant else said


def group(name: str) -> str:
    """Return the key of the group that a layer stands in."""
    return LAYERS[kind].group if (kind := kind_of(name)) else "other"


def group_title(key: str, language: Language) -> str:
    """Return the title of a group."""
    return _in(language, *GROUPS[key])


def shown(name: str) -> bool:
    """Return whether a project shows the layer when it opens: variants wait to be asked for."""
    return name in LAYERS and LAYERS[name].shown


def place(name: str) -> tuple[int, int, str]:
    """Return what sorts layers as they lie: by group, then as listed, then by name."""
    kind = kind_of(name)
    order = list(LAYERS).index(kind) if kind else len(LAYERS)
    return list(GROUPS).index(group(name)), order, name


def meaning(column: str, language: Language) -> str:
    """Return what a column means; '' where ``phusong.columns`` does not list it."""
    known = meanings.COLUMNS.get(column)
    return _in(language, known.vietnamese, known.english) if known else ""


def unit(column: str, language: Language) -> str:
    """Return the unit of a column in the language; '' where it has none."""
    known = meanings.COLUMNS.get(column)
    symbol = known.unit if known else ""
    return _in(language, *UNITS[symbol]) if symbol in UNITS else symbol


def alias(column: str, language: Language) -> str:
    """Return the heading of a column: its meaning and unit, or its name where it has none."""
    said, symbol = meaning(column, language), unit(column, language)
    if not said:
        return column
    return said[:1].upper() + said[1:] + (f" [{symbol}]" if symbol else "")


def aliases(names: list[str], language: Language) -> dict[str, str]:
    """Return a heading for each column of one table, no two the same."""
    given = {name: alias(name, language) for name in names}
    said = list(given.values())
    return {
        name: text if said.count(text) == 1 else f"{text} ({name})" for name, text in given.items()
    }
