"""What layers and columns are called in Vietnamese and English, and the groups they stand in."""

from typing import Literal, NamedTuple

from phusong import columns, meanings

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


class LayerLabel(NamedTuple):
    """How a layer is called and drawn.

    Parameters
    ----------
    group : one of ``GROUPS``.
    vietnamese, english : its titles.
    shown : whether a project shows it when it opens.
    coloured_by : the column that its features are coloured by, if any.
    colours : by which of ``styles.MAKERS``; in one colour where left out.
    """

    group: str
    vietnamese: str
    english: str
    shown: bool = False
    coloured_by: str = ""
    colours: str = ""


# A layer whose name continues one of these with "_" is a variant of it, such as communes_2025-07.
LABELS = {
    "ranking": LayerLabel(
        "plan",
        "Trạm 5G theo thứ tự xây dựng",
        "5G stations in order of build",
        True,
        columns.YEAR,
        "years",
    ),
    "backhaul": LayerLabel("plan", "Truyền dẫn của các trạm", "Backhaul of the stations", True),
    "candidates": LayerLabel("plan", "Các vị trí đã so sánh", "Places compared"),
    "holes": LayerLabel(
        "plan", "Vùng chưa được phủ sóng", "Areas that stay uncovered", colours="holes"
    ),
    "sites": LayerLabel(
        "network", "Trạm BTS hiện có", "Existing BTS", False, columns.OPERATOR, "operators"
    ),
    "cells": LayerLabel("network", "Cell", "Cells"),
    "zones": LayerLabel(
        "units",
        "Khu đô thị, công nghiệp, du lịch",
        "Urban, industrial and tourism zones",
        True,
        columns.KIND,
        "zones",
    ),
    "communes": LayerLabel(
        "units",
        "Xã, phường, thị trấn",
        "Communes",
        True,
        columns.COVERED_POPULATION_SHARE_AFTER,
        "shares",
    ),
    "districts": LayerLabel(
        "units",
        "Huyện, thành phố",
        "Districts",
        False,
        columns.COVERED_POPULATION_SHARE_AFTER,
        "shares",
    ),
    "roads": LayerLabel("units", "Đường giao thông", "Roads"),
    "rsrp_before": LayerLabel(
        "prediction", "Mức thu SS-RSRP trước kế hoạch", "SS-RSRP before the plan"
    ),
    "rsrp_after": LayerLabel(
        "prediction", "Mức thu SS-RSRP sau kế hoạch", "SS-RSRP after the plan"
    ),
    "sinr_after": LayerLabel("prediction", "SS-SINR sau kế hoạch", "SS-SINR after the plan"),
    "throughput_after": LayerLabel(
        "prediction", "Tốc độ tải xuống sau kế hoạch", "Download speed after the plan"
    ),
    "covered_year": LayerLabel(
        "prediction", "Năm bắt đầu được phủ sóng 5G", "Year in which 5G first covers"
    ),
    "best_server": LayerLabel("prediction", "Trạm phục vụ tốt nhất", "Best server"),
    "rsrp_4g": LayerLabel("prediction", "Mức thu RSRP 4G ngoài trời", "4G RSRP outdoors"),
    "landcover": LayerLabel("ground", "Lớp phủ mặt đất", "Land cover"),
    "population": LayerLabel("ground", "Phân bố dân số", "Spread of residents"),
    "terrain": LayerLabel("ground", "Độ cao địa hình", "Terrain height"),
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
    known = [kind for kind in LABELS if name == kind or name.startswith(f"{kind}_")]
    return max(known, key=len, default="")


def title(name: str, language: Language) -> str:
    """Return the title of a layer; a layer without one keeps its name."""
    kind = kind_of(name)
    if not kind:
        return name
    said = _in(language, LABELS[kind].vietnamese, LABELS[kind].english)
    variant = name[len(kind) + 1 :].replace("_", " ")
    return f"{said} ({variant})" if variant else said


def group(name: str) -> str:
    """Return the key of the group that a layer stands in."""
    return LABELS[kind].group if (kind := kind_of(name)) else "other"


def group_title(key: str, language: Language) -> str:
    """Return the title of a group."""
    return _in(language, *GROUPS[key])


def shown(name: str) -> bool:
    """Return whether a project shows the layer when it opens: variants wait to be asked for."""
    return name in LABELS and LABELS[name].shown


def place(name: str) -> tuple[int, int, str]:
    """Return what sorts layers as they lie: by group, then as listed, then by name."""
    kind = kind_of(name)
    order = list(LABELS).index(kind) if kind else len(LABELS)
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
