"""Break files in ways that people, transfers and attackers do; the same seed breaks them alike."""

import gzip
import io
import json
import random
import re
import zipfile

TEXTS = (
    *("", " ", "\0", "\0.msi", "../../etc/passwd", "/dev/zero", ".", "..", "a" * 300, "x" * 5000),
    *("nan", "inf", "-inf", "-0", "0", "-1", "1e999", "-1e308", "1e308", "9" * 5000, "5e-324"),
    *(
        '"',
        "'",
        "'''",
        '"""',
        "\\",
        "\\u0000",
        "\ufeff",
        "\u2028",
        "\r",
        "\n\n",
        "\t",
        "\x1a",
        "\x7f",
    ),
    *(",", ";", "|", "=", "[", "]", "{", "}", "[[", "<", ">", "&a;", "]]>", "%", "#", "--", "//"),
    *("null", "true", "false", "NaN", "Infinity", "[]", "{}", "[" * 3000, "{'a':" * 500, "1e5"),
    *("٣", "１２", "½", "😀", "Đ", "e\u0301", "é", "1_000", "0x10", "1,5", "1.234,5", "1 000"),
    *("18446744073709551616", "-9223372036854775809", "2147483648", "1970-01-01", "1979-02-30"),
    *("105.6", "21.3", "563000", "2356000", "4G", "5G", "6G", "omni", "EPSG:4326", "POINT EMPTY"),
)
CHUNKS = (
    *(b"\0", b"\0" * 64, b"\xff" * 8, b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\r\n", b"\x1a"),
    *(b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08", b"II*\0", b"MM\0*", b"fgb\3"),
    *(b"SQLite format 3\0", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='1.0'?>", b"%PDF"),
    *(b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0", b"\0\0\0\x80", b"\xff\xff\xff\xff"),
)
VALUES = (
    *(None, True, False, 0, -1, 1.5, 1e308, -1e308, 10**30, float("nan"), float("inf"), ""),
    *("x", "\0", "a" * 300, [], {}, [[]], [None], {"": None}, [1, 2, 3], "1e5", "\u2028", -0.0),
)
_WORD = re.compile(rb"[^\s,;|=\"'\[\]{}<>:]+")


def mutated(body: bytes, name: str, chance: random.Random) -> bytes:
    """Return a file with one to four things broken, most of them where its format is read.

    Of two packed files in three what they hold is broken, and packed again.
    """
    if chance.random() < 2 / 3 and (inner := _repacked(body, name, chance)):
        return inner
    ways = [_flipped, _cut, _doubled, _inserted, _reworded, _reworded, _reworded]
    if name.endswith(("json", ".geojson")):
        ways += [_restructured] * 6
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        body = chance.choice(ways)(body, chance)
    return body


def _repacked(body: bytes, name: str, chance: random.Random) -> bytes:
    """Return a packed file with one member broken; nothing where it is not packed."""
    if name.endswith(".gz"):
        return gzip.compress(mutated(gzip.decompress(body), name[:-3], chance), 1)
    if not name.endswith((".zip", ".kmz", ".xlsx")):
        return b""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    part = chance.choice(sorted(parts))
    parts[part] = mutated(parts[part], part, chance)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue()


def _flipped(body: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body or b"\0")
    for _ in range(chance.choice((1, 1, 3, 30))):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 127, 128, 255, 32, 45, 57))
    return bytes(changed)


def _cut(body: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    return chance.choice((body[:start], body[:start] + body[end:], body[start:]))


def _doubled(body: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
    return body[:end] + body[start:end][:10_000] * chance.choice((1, 2, 50)) + body[end:]


def _inserted(body: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(min(len(body), chance.choice((1, 300, 10**9))) + 1)
    chunk = chance.choice(CHUNKS)
    return body[:at] + chunk + body[at + chance.choice((0, len(chunk))) :]


def _reworded(body: bytes, chance: random.Random) -> bytes:
    """Put something odd in the place of a word or a number."""
    words = list(_WORD.finditer(body[:200_000]))
    if not words:
        return _inserted(body, chance)
    word = chance.choice(words)
    return body[: word.start()] + chance.choice(TEXTS).encode() + body[word.end() :]


def _restructured(body: bytes, chance: random.Random) -> bytes:
    """Change a value of a JSON tree, take it out, or name it anew."""
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        return _flipped(body, chance)
    holder, key = tree, None
    path = []
    while isinstance(holder, dict | list) and holder:
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        key = chance.choice(list(keys))
        path.append((holder, key))
        holder = holder[key]
    if not path:
        return json.dumps(chance.choice(VALUES)).encode()
    holder, key = chance.choice(path)
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[str(chance.choice(TEXTS))[:50]] = holder.pop(key)
        case _:
            holder[key] = chance.choice(VALUES)
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace")
