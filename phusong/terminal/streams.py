"""Where results and messages go: any terminal, file or pipe, of any encoding, or none at all."""

import codecs
import json
import os
import re
import sys
import unicodedata

from phusong.messages import Text, message

PLAIN = "phusong.plain"
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_OTHER_LETTERS = str.maketrans(
    {"đ": "d", "Đ": "D", "–": "-", "—": "-", "→": "->", "≥": ">=", "≤": "<="}
)
_encodings: set[str] = set()  # that could not hold a letter


def prepare() -> None:
    """Let output go on where the terminal is closed or cannot hold Vietnamese letters."""
    _encodings.clear()
    codecs.register_error(PLAIN, _plain)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed: the next file that is opened would get its number
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=PLAIN)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Return letters without their marks where an encoding lacks them, others by their number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    _encodings.add(error.encoding)
    letters = error.object[error.start : error.end].translate(_OTHER_LETTERS)
    parts = unicodedata.normalize("NFKD", letters)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare.encode("ascii", "backslashreplace").decode("ascii"), error.end


def lost_letters() -> Text:
    """Return what is to be said of letters that were written without marks; nothing if none."""
    if not _encodings:
        return ""
    return message("terminal.lost_letters", encodings=sorted(_encodings))


def json_text(text: str) -> str:
    """Return JSON as the output can hold it: letters by their number where it lacks them.

    >>> json_text('{"name": "Đà Lạt"}')
    '{"name": "Đà Lạt"}'
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    return text if encoding == "utf8" else _BEYOND_ASCII.sub(lambda match: _escaped(match[0]), text)


def _escaped(letter: str) -> str:
    return json.dumps(letter)[1:-1]
