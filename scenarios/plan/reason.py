"""Say in words why a station stands where it does in the ranking."""

import pandas as pd

from phusong import columns as col
from phusong.scenarios.candidates.places import NEAREST_M, OPERATORS

TEXTS = {
    "vi": {
        "gain": "Phủ sóng thêm {what}",
        "people": "{n} người dân",
        "workers": "{n} lao động",
        "visitors": "{n} khách du lịch ngày cao điểm",
        "and": " và ",
        "nobody": "không thêm người nào",
        "zone": "trong hoặc cạnh {zone}",
        "outside": "ngoài các khu vực ưu tiên",
        "colocated": "dùng chung cột hiện có {position} ({operators}), ăng ten cao {height} m",
        "new": "trạm xây mới loại {mast}, ăng ten cao {height} m, cách cột gần nhất {nearest} m",
        "cost": "chi phí {cost} triệu đồng",
    },
    "en": {
        "gain": "Newly covers {what}",
        "people": "{n} residents",
        "workers": "{n} workers",
        "visitors": "{n} visitors on a peak day",
        "and": " and ",
        "nobody": "nobody more",
        "zone": "in or beside {zone}",
        "outside": "outside the priority zones",
        "colocated": "shares the existing mast {position} ({operators}), antenna at {height} m",
        "new": "new mast of class {mast}, antenna at {height} m, {nearest} m from the next mast",
        "cost": "costs {cost} million VND",
    },
}


def number(value: float, language: str) -> str:
    """Write a whole number as the language does: 1.151.154 or 1,151,154."""
    text = f"{round(value):,}"
    return text.replace(",", ".") if language == "vi" else text


def reason(station: pd.Series, zone_name: str, language: str) -> str:
    """Return one sentence: what is gained, where, on which mast, at what cost."""
    words = TEXTS[language]
    gained = [
        words[kind].format(n=number(station[column], language))
        for kind, column in (
            ("people", col.PEOPLE_GAINED),
            ("workers", col.WORKERS_GAINED),
            ("visitors", col.VISITORS_GAINED),
        )
        if round(station[column]) >= 1
    ]
    mast = words["colocated" if station[col.KIND] == col.COLOCATED else "new"].format(
        position=station[col.POSITION_ID],
        operators=station[OPERATORS],
        height=number(station[col.HEIGHT_M], language),
        mast=station[col.MAST_CLASS],
        nearest=number(min(station[NEAREST_M], 1e6), language),
    )
    parts = [
        words["gain"].format(what=_listed(gained, words["and"]) or words["nobody"]),
        words["zone"].format(zone=zone_name) if zone_name else words["outside"],
        mast,
        words["cost"].format(cost=number(station[col.COST_MILLION_VND], language)),
    ]
    return "; ".join(parts) + "."


def _listed(parts: list[str], last: str) -> str:
    return last.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
