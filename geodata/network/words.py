"""The words of a list: operators, technologies, kinds of mast, and whether a station is on air."""

import calendar
import re
from datetime import date
from functools import cache

from phusong.geodata.countries import current, open_country
from phusong.geodata.folded import ascii_name, fold
from phusong.geodata.province import LIVE, OFF, PLANNED
from phusong.messages import message

DEFAULT_OPERATOR = "unknown"
UNION = "all"  # of the operators, in layers and tables
DEFAULT_TECHNOLOGIES = "4G"
GENERATIONS = {
    "2g": "2G",
    "gsm": "2G",
    "gprs": "2G",
    "edge": "2G",
    "3g": "3G",
    "umts": "3G",
    "wcdma": "3G",
    "hspa": "3G",
    "hsdpa": "3G",
    "hsupa": "3G",
    "cdma": "3G",
    "4g": "4G",
    "lte": "4G",
    "eutra": "4G",
    "5g": "5G",
    "nr": "5G",
    "sa": "5G",
    "nsa": "5G",
}
_JOINED = {"lteca": "4G", "ltea": "4G", "hspap": "3G", "nrsa": "5G", "nrnsa": "5G", "5gnr": "5G"}
MAST_CLASSES = {"a1": "A1", "a1a": "A1", "a1b": "A1", "a2a": "A2a", "a2b": "A2b", "a2c": "A2b"}

DEFAULT_STATUS = LIVE
# How folded words of a status begin; the longest that fits counts.
_STATUSES = {
    LIVE: (
        *("live", "onair", "active", "operat", "inservice", "existing", "running", "commissioned"),
        *("hoatdong", "danghoatdong", "phatsong", "dangphatsong", "daphatsong", "hienhuu"),
        *("hientrang", "vanhanh", "dangvanhanh", "davanhanh", "dangkhaithac", "dasudung"),
        *("dangsudung", "dahoatdong", "enservice", "techniquementoperationnel"),
    ),
    PLANNED: (
        *("planned", "planning", "proposed", "future", "candidate", "building", "notbuilt"),
        *("underconstruction", "construction", "quyhoach", "dukien", "kehoach", "dexuat"),
        *("dangxaydung", "xaydung", "xaymoi", "chuaphatsong", "chuahoatdong", "chuaxaydung"),
        *("dangtrienkhai", "chophatsong", "danglapdat", "chualapdat", "chuavanhanh", "dangxay"),
        *("sexaydung", "sapphatsong", "chuanbi", "chuatrienkhai", "notyet"),
        "projetapprouve",
    ),
    OFF: (
        *("offair", "offline", "inactive", "switchedoff", "decommission", "dismantl", "closed"),
        *("removed", "retired", "notinservice", "outofservice", "suspended", "shutdown"),
        *("ngung", "dungphat", "dunghoatdong", "dungkhaithac", "tamngung", "tamdung", "thaodo"),
        *("dathaodo", "danggo", "thanhly", "dathanhly", "huybo", "dahuy", "khonghoatdong"),
        *("khongphatsong", "khongsudung", "khongconhoatdong", "tatsong", "datat", "daphado"),
    ),
}
_WHOLE = {
    **dict.fromkeys(("on", "live", "up", "co", "yes"), LIVE),
    **dict.fromkeys(("plan", "new", "moi", "qh"), PLANNED),
    **dict.fromkeys(("off", "down", "tat", "dung", "huy"), OFF),
}
LAST_DAY = 31  # a larger number is a year
CENTURY = 2000  # of years of two digits
DATE_FORMS = message("remedy.write_a_date")
STATUS_WORDS = message("remedy.write_a_status", live=LIVE, planned=PLANNED, off=OFF)


def operator_name(text: str) -> str:
    """Return an operator under its usual name.

    One called ``all`` is told from the union of the operators, which is called so everywhere.

    >>> operator_name("A"), operator_name("all")
    ('A', 'all (operator)')
    """
    if text == UNION:
        return f"{UNION} (operator)"
    return brands().get(fold(text), text) if text else DEFAULT_OPERATOR


def brands() -> dict[str, str]:
    """Return the operators of the country by their names, brands and other spellings, folded."""
    return _brands(str(current().folder))


@cache
def _brands(folder: str) -> dict[str, str]:
    table = open_country(folder).table("operators").astype(object).fillna("")
    called = zip(table["operator"], table["brand"], table["also"], strict=True)
    return {
        fold(name): operator
        for operator, brand, also in called
        if operator != DEFAULT_OPERATOR
        for name in (operator, brand, *str(also).split(";"))
        if name
    }


def generations(text: str) -> str | None:
    """Return the generations named, oldest first; None where a word names none.

    >>> generations("LTE + NR, 3G"), generations("LTE_CA"), generations("6G")
    ('3G/4G/5G', '4G', None)
    """
    folded = fold(text)
    if folded in _JOINED:
        return _JOINED[folded]
    words = [word for word in re.split(r"[^0-9a-z]+", ascii_name(text).casefold()) if word]
    known = [GENERATIONS.get(word) or GENERATIONS.get(_without_band(word)) for word in words]
    if None in known:
        return None
    return "/".join(sorted({name for name in known if name})) or DEFAULT_TECHNOLOGIES


def _without_band(word: str) -> str:
    return re.sub(r"(?<=[a-z])\d+$", "", word)


def generation(text: str) -> str | None:
    """Return the one generation that a text names, None where none or several."""
    named = generations(text)
    return None if named is None or "/" in named else named


def mast_class(text: str) -> str | None:
    """Return the class of a mast, '' where the text is empty, None where it names none."""
    return MAST_CLASSES.get(fold(text)) if text else ""


def status(text: str) -> str | None:
    """Return whether a station is live, planned or off; None where the words do not say.

    >>> status("Đang phát sóng"), status("Quy hoạch"), status("Ngừng phát sóng"), status("On Air")
    ('live', 'planned', 'off', 'live')
    >>> status(""), status("Chưa hoạt động"), status("inactive"), status("???")
    ('live', 'planned', 'off', None)
    """
    if not text:
        return DEFAULT_STATUS
    plain = fold(text)
    if plain in _WHOLE:
        return _WHOLE[plain]
    fits = [
        (len(start), kind)
        for kind, starts in _STATUSES.items()
        for start in starts
        if plain.startswith(start)
    ]
    return max(fits)[1] if fits else None


def day(text: str) -> str | None:
    """Return a day as ISO 8601 has it, the last of a month or year; None where it is no day.

    Days come before months, as most people write.

    >>> day("30/6/2025"), day("2025-06-30T08:00:00"), day("6/2025"), day("2025"), day("31/6/2025")
    ('2025-06-30', '2025-06-30', '2025-06-30', '2025-12-31', None)
    """
    numbers = [int(part) for part in re.findall(r"\d+", re.split("[T ]", text)[0])]
    if not text or not 1 <= len(numbers) <= 3:
        return None if text else ""
    year, *rest = numbers if numbers[0] > LAST_DAY else numbers[::-1]
    year, month = year + CENTURY * (year < 100), rest[0] if rest else 12
    try:
        last = calendar.monthrange(year, month)[1]
        return date(year, month, rest[1] if len(rest) > 1 else last).isoformat()
    except ValueError:
        return None
