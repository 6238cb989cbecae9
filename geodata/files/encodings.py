"""Tell in which encoding Vietnamese text is kept: Unicode, or one of those before it.

TCVN3 (ABC) and VISCII give the letters places above 127 that Unicode gives to others, so a
file in them opens as nonsense. Which one it was is told by what reads as Vietnamese.

References
----------
TCVN 5712:1993 (VN3) and RFC 1456 (VISCII 1.1), tables of the upper half.
"""

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

_TCVN3 = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323"
    "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứ"
    "ÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_LOW_VISCII = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
LEGACY = ("TCVN3", "VISCII", "Windows-1258")
SURE_SHARE = 0.8  # of the words with marks that must read as Vietnamese
SAMPLE = 500_000  # bytes or letters of lines with marks that are looked at
FEWEST_WORDS = 2  # a single word may fit by chance

_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_NUCLEUS = r"[aăâeêioôơuưy]{1,3}"
_CODA = r"(?:ch|ng|nh|[cmnpt])?"
_SYLLABLE = re.compile(_ONSET + _NUCLEUS + _CODA)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")


def decode(raw: bytes) -> tuple[str, str] | None:
    """Return text and the name of its encoding, None where no encoding reads well.

    >>> decode("Vĩnh Phúc".encode("utf-8"))
    ('Vĩnh Phúc', 'UTF-8')
    """
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    sample = b"".join(_first(line for line in io.BytesIO(raw) if not line.isascii()))
    best = max(LEGACY, key=lambda name: vietnamese(_decoded(sample, name)))
    sure = vietnamese(_decoded(sample, best)) >= SURE_SHARE
    return (_decoded(raw, best), best) if sure else None


def repair(texts: Iterable[str]) -> str | None:
    """Return the old encoding in which letters of a table were kept as if they were Latin-1.

    >>> repair(["VÜnh Phóc", "Yªn L¹c"]), repair(["Vĩnh Phúc"]), repair(["Café", "São Paulo"])
    ('TCVN3', None, None)
    """
    whole = "\n".join(_first(text for text in texts if not text.isascii()))
    try:
        raw = whole.encode("latin-1")
    except UnicodeEncodeError:
        return None
    if raw.isascii() or vietnamese(whole) >= SURE_SHARE:
        return None
    best = max(LEGACY, key=lambda name: vietnamese(_decoded(raw, name)))
    found = vietnamese(_decoded(raw, best))
    return best if found >= SURE_SHARE and _marked(_decoded(raw, best)) >= FEWEST_WORDS else None


def _first(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield parts up to as much as tells an encoding."""
    left = SAMPLE
    for part in parts:
        yield part[:left]
        left -= len(part)
        if left <= 0:
            return


def repaired(text: str, name: str) -> str:
    """Return the text that an old encoding, read as Latin-1, stands for."""
    try:
        return _decoded(text.encode("latin-1"), name)
    except UnicodeEncodeError:
        return text


def vietnamese(text: str) -> float:
    """Return which share of the words with marks reads as Vietnamese; 1 where none has any."""
    words = {word.casefold() for word in _WORD.findall(text) if not word.isascii()}
    odd = sum(1 for letter in text if unicodedata.category(letter) in {"Cc", "Cn", "So", "Sc"})
    odd -= sum(text.count(mark) for mark in "\r\n\t°")
    good = sum(map(_is_syllable, words))
    return good / (len(words) + odd) if len(words) + odd > 0 else 1.0


def _marked(text: str) -> int:
    return len({word for word in _WORD.findall(text) if not word.isascii()})


@lru_cache(100_000)
def _is_syllable(word: str) -> bool:
    plain = unicodedata.normalize("NFD", word)
    tones = sum(mark in _TONES for mark in plain)
    bare = "".join(mark for mark in plain if mark not in _TONES)
    return tones <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)))


def _decoded(raw: bytes, name: str) -> str:
    if name == "Windows-1258":
        text = raw.decode("cp1258", "replace")
    else:
        text = raw.decode("latin-1").translate(_table(name))
    return unicodedata.normalize("NFC", text)


@cache
def _table(name: str) -> dict[int, str]:
    letters = {0x80 + i: letter for i, letter in enumerate(_TCVN3 if name == "TCVN3" else _VISCII)}
    return letters if name == "TCVN3" else {**letters, **_LOW_VISCII}
