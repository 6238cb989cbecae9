"""Tell in which encoding Vietnamese text is kept: Unicode, or one of those before it.

TCVN3 (ABC) and VISCII give the letters places above 127 that Unicode gives to others, and VNI
writes a letter and its mark as two, so a file in them opens as nonsense. Which one it was is told
by what reads as Vietnamese; a list that was put together from several is told cell by cell.

References
----------
TCVN 5712:1993 (VN3) and RFC 1456 (VISCII 1.1), tables of the upper half; VNI for Windows. Rhymes:
the syllables of standard Vietnamese spelling.
"""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
VNI = "VNI"
OLD = (*LEGACY, VNI)
SURE_SHARE = 0.8  # of the words with marks that must read as Vietnamese
SAMPLE = 500_000  # bytes or letters of lines with marks that are looked at
FEWEST_WORDS = 2  # a single word may fit by chance
PLAIN_LETTERS = 2  # of a word that tells: more than a chance pair
_ODD = ("Cc", "Cn", "Co", "So", "Sc", "Mn")  # categories of letters that no text has

_VNI_MARKS = {  # the letters that each mark makes of a, e, o, u, y and of ô (ơ), ö (ư)
    "ù": "áéóúýớứ",
    "ø": "àèòùỳờừ",
    "û": "ảẻỏủỷởử",
    "õ": "ãẽõũỹỡữ",
    "ï": "ạẹọụ\0ợự",
    "â": "âêô",
    "á": "ấếố",
    "à": "ầềồ",
    "å": "ẩểổ",
    "ã": "ẫễỗ",
    "ä": "ậệộ",
    "ê": "ă",
    "é": "ắ",
    "è": "ằ",
    "ú": "ẳ",
    "ü": "ẵ",
    "ë": "ặ",
}
_VNI_BASES = "aeouyôö"
_VNI_SINGLE = {
    "í": "í",
    "ì": "ì",
    "æ": "ỉ",
    "ó": "ĩ",
    "ò": "ị",
    "ô": "ơ",
    "ö": "ư",
    "î": "ỵ",
    "ñ": "đ",
}
_ONSET = r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt ăk âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ek ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm "
    "iên iêng iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn "
    "oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ôông ơ ơi "
    "ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông "
    "uôt up ut uy uya uych uyên uyêt uynh uyt uyu uơ ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm "
    "ươn ương ươp ươt ươu y yêm yên yêng yêt yêu ynh ych yt êng "
)
_SYLLABLE = re.compile(
    f"{_ONSET}(?:{'|'.join(sorted(set(_RHYMES.split()), key=len, reverse=True))})"
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[\s,;:/()\"'.-]+")


def decode(raw: bytes) -> tuple[str, str] | None:
    """Return text and the name of its encoding, None where no encoding reads well.

    >>> decode("Vĩnh Phúc".encode("utf-8"))
    ('Vĩnh Phúc', 'UTF-8')
    """
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if mixed := _decoded_by_line(raw):
        return mixed
    sample = b"".join(_first(line for line in io.BytesIO(raw) if not line.isascii()))
    best = max(OLD, key=lambda name: vietnamese(_decoded(sample, name)))
    sure = vietnamese(_decoded(sample, best)) >= SURE_SHARE
    return (_decoded(raw, best), best) if sure else None


def _decoded_by_line(raw: bytes) -> tuple[str, str] | None:
    """Return the text of a file of which some lines are UTF-8 and others are older."""
    lines = raw.split(b"\n")
    modern = [_is_utf8(line) for line in lines]
    marked = [ln for m, ln in zip(modern, lines, strict=True) if m and not ln.isascii()]
    if not marked or vietnamese(b"\n".join(marked).decode("utf-8")) < SURE_SHARE:
        return None
    older = b"\n".join(line for m, line in zip(modern, lines, strict=True) if not m)
    decoded = decode(older)
    if decoded is None:
        return None
    texts = [
        line.decode("utf-8") if m else _decoded(line, decoded[1])
        for m, line in zip(modern, lines, strict=True)
    ]
    return "\n".join(texts), f"{decoded[1]} in {modern.count(False)} lines and UTF-8 in the others"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def repair(texts: Iterable[str]) -> str | None:
    """Return the old encoding in which letters of a table were kept as if they were Latin-1.

    >>> repair(["VÜnh Phóc", "Yªn L¹c"]), repair(["Vĩnh Phúc"]), repair(["Café", "São Paulo"])
    ('TCVN3', None, None)
    >>> repair(["Vónh Yeân", "Tích Sôn"])
    'VNI'
    """
    _, names = repairs([list(texts)])
    return next(iter(names), None)


def repairs(columns: Sequence[Sequence[str]]) -> tuple[dict[str, str], list[str]]:
    """Return the texts of columns that were kept in an old encoding as if they were Latin-1.

    A text that reads as Vietnamese only so is in an old encoding, where several words of it or of
    others tell the same one: letters that a file in Unicode holds are meant as they stand, unless
    that is hard to believe. One that reads both ways is taken as the others of its column, where
    they are all in the same old encoding.

    Returns
    -------
    What the texts stand for, and the encodings found, the most frequent first.
    """
    ways_of: dict[str, list[str]] = {}
    for text in dict.fromkeys(text for column in columns for text in column):
        if not text.isascii() and not reads(text):
            ways_of[text] = _ways(text)
    votes = Counter(name for ways in ways_of.values() for name in ways)
    told = {name: _words_of(ways_of, name) for name in votes}
    certain = {name for name, words in told.items() if len(words) >= FEWEST_WORDS}
    if not certain:
        return {}, []
    ways_of = {text: [way for way in ways if way in certain] for text, ways in ways_of.items()}
    sure = [text for text, ways in ways_of.items() if ways]
    best = max(certain, key=lambda name: (votes[name], -OLD.index(name)))
    chosen = {text: best if best in ways_of[text] else ways_of[text][0] for text in sure}
    for column in columns:
        chosen |= _alike(set(column), chosen, best)
    names = [name for name, _ in Counter(chosen.values()).most_common()]
    clear = {text: repaired(text, name) for text, name in chosen.items()}
    return {text: fixed for text, fixed in clear.items() if fixed != text}, names


def _alike(column: set[str], chosen: Mapping[str, str], best: str) -> dict[str, str]:
    """Return the texts of a column that read both ways, where nothing else in it is Unicode."""
    marked = [text for text in column if not text.isascii()]
    if not any(chosen.get(text) == best for text in marked):
        return {}
    others = [text for text in marked if text not in chosen]
    if not all(_latin(text) and best in _ways(text) for text in others if reads(text)):
        return {}
    return {text: best for text in others if reads(text)}


def _latin(text: str) -> bool:
    return all(ord(letter) < 256 for letter in text)


@lru_cache(100_000)
def _ways(text: str) -> list[str]:
    """Return the old encodings in which a text, read as Latin-1, is Vietnamese."""
    return [name for name in OLD if _latin(text) and reads(repaired(text, name))]


def reads(text: str) -> bool:
    """Return whether every word with marks is a Vietnamese syllable, and no letter is odd."""
    return vietnamese(text) == 1.0


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
    odd = sum(1 for letter in text if unicodedata.category(letter) in _ODD)
    odd -= sum(text.count(mark) for mark in "\r\n\t°")
    good = sum(map(_is_syllable, words))
    return good / (len(words) + odd) if len(words) + odd > 0 else 1.0


def _words_of(ways_of: Mapping[str, Sequence[str]], name: str) -> set[str]:
    """Return the distinct words that tell an encoding, of all texts that may be in it."""
    texts = (text for text, ways in ways_of.items() if name in ways)
    return {word for text in texts for word in _telling(repaired(text, name))}


def _telling(text: str) -> list[str]:
    """Return the words with marks that hardly come about by chance: some letters have none.

    A word stands alone, not among digits and signs.
    """
    parts = _BETWEEN.split(text)
    words = [part.casefold() for part in parts if part.isalpha() and not part.isascii()]
    return [word for word in words if sum(letter.isascii() for letter in word) >= PLAIN_LETTERS]


@lru_cache(100_000)
def _is_syllable(word: str) -> bool:
    plain = unicodedata.normalize("NFD", word)
    tones = sum(mark in _TONES for mark in plain)
    bare = "".join(mark for mark in plain if mark not in _TONES)
    return tones <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)))


def _decoded(raw: bytes, name: str) -> str:
    if name == "Windows-1258":
        text = raw.decode("cp1258", "replace")
    elif name == VNI:
        text = _VNI.sub(lambda match: _vni_letters()[match[0]], raw.decode("latin-1"))
    else:
        text = raw.decode("latin-1").translate(_table(name))
    return unicodedata.normalize("NFC", text)


@cache
def _vni_letters() -> dict[str, str]:
    """Return the letters that VNI writes as one or two of Latin-1."""
    letters = dict(_VNI_SINGLE)
    for mark, accented in _VNI_MARKS.items():
        for base, letter in zip(_VNI_BASES, accented, strict=False):
            letters[base + mark] = letter
    large = {old.upper(): letter.upper() for old, letter in letters.items()}
    mixed = {old[0].upper() + old[1:]: new.upper() for old, new in letters.items() if len(old) > 1}
    return {k: v for k, v in {**letters, **large, **mixed}.items() if v != "\0"}


_VNI = re.compile("|".join(sorted(map(re.escape, _vni_letters()), key=len, reverse=True)))


@cache
def _table(name: str) -> dict[int, str]:
    letters = {0x80 + i: letter for i, letter in enumerate(_TCVN3 if name == "TCVN3" else _VISCII)}
    return letters if name == "TCVN3" else {**letters, **_LOW_VISCII}
