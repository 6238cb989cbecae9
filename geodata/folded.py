"""Headers and words as they are compared: letters and digits alone."""

import re
from functools import lru_cache

from phusong.spelling import ascii_name

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
