"""Text as programs of the nineties wrote it."""

from phusong.geodata.files import encodings


def in_bytes(text: str, name: str) -> bytes:
    """Return text in an old encoding, by the letters that one decodes."""
    if name == "Windows-1258":
        tones = "\u0300\u0301\u0303\u0309\u0323"
        letters = []
        for letter in text:
            parts = encodings.unicodedata.normalize("NFD", letter)
            base = "".join(mark for mark in parts if mark not in tones)
            base = encodings.unicodedata.normalize("NFC", base)
            letters.append(base + "".join(mark for mark in parts if mark in tones))
        return "".join(letters).encode("cp1258")
    back = {letter: code for code, letter in encodings._table(name).items()}
    return bytes(back.get(letter, ord(letter) if ord(letter) < 128 else 63) for letter in text)
