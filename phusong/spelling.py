"""Vietnamese names in plain letters."""

import unicodedata


def ascii_name(name: str) -> str:
    """Return a Vietnamese name without its diacritics.

    >>> ascii_name("Đại Đình")
    'Dai Dinh'
    """
    plain = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
