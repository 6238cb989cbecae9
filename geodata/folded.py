"""Headers and words as they are compared: letters and digits alone."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 300  # characters; what follows tells no header or word from another
_UNIT = re.compile(r"[(\[].*?[)\]]")


def fold(name: str) -> str:
    """Return the letters and digits of a header, without diacritics, case and unit.

    >>> fold("Độ cao ăng-ten (m)")
    'docaoangten'
    """
    return whole(_UNIT.sub("", name[:LONGEST]))


@lru_cache(100_000)
def whole(name: str) -> str:
    """Return the letters and digits of a header with what stands in brackets."""
    return re.sub(r"[^a-z0-9]", "", ascii_name(name[:LONGEST]).casefold())


def ascii_name(name: str) -> str:
    """Return a Vietnamese name without its diacritics.

    >>> ascii_name("Đại Đình")
    'Dai Dinh'
    """
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
