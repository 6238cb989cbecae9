"""Find the header of a table: one row, or two that belong together, below titles."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from phusong.geodata import measures, public_lists

WITHIN = 10  # rows that may stand above the header, such as a title
JOINT = " / "  # between the two rows of a header
_FIGURE = re.compile(r"\d{3}|^[\d\s.,:°'-]+$")  # a header rarely has a number of three digits

Recognised = Callable[[Sequence[str]], int]  # how many cells of a row are known headers


class Nameless(NamedTuple):
    """A file without a header, told by its first cell and its number of columns."""

    names: tuple[str, ...]
    begins: frozenset[str]

    def fits(self, row: Sequence[str]) -> bool:
        """Return whether a row is one of such a file."""
        cells = [cell.strip() for cell in row]
        wide = len(cells) == len(self.names)
        return wide and cells[0] in self.begins and all(cell.isdigit() for cell in cells[1:3])


# The list of cells of one country from OpenCelliD (docs/sources.md), and NetMonster's NTM.
NAMELESS = (
    Nameless(public_lists.OPENCELLID, frozenset({"GSM", "UMTS", "LTE", "NR", "CDMA"})),
    Nameless(public_lists.NETMONSTER, frozenset({"2G", "3G", "4G", "5G", "CD2"})),
)


class Header(NamedTuple):
    """The names of the columns, and the number of rows up to the first below them."""

    names: list[str]
    body: int


def find(rows: Sequence[Sequence[str]], recognised: Recognised) -> Header:
    """Return the header among the first rows: the row or the two with the most known names.

    Two rows are one header where the second names parts of the first ("Tọa độ" above "Kinh độ",
    "Vĩ độ") or its units. Merged cells must have been filled before.
    """
    for nameless in NAMELESS:
        if rows and nameless.fits(rows[0]):
            return Header(list(nameless.names), 0)
    within = range(min(WITHIN, len(rows)))
    scores = [recognised(rows[i]) for i in within]
    head = max(within, key=lambda i: (scores[i], -i))
    pairs = [i for i in within if i + 1 < len(rows) and i in {head - 1, head}]
    for i in pairs:
        joined = _joined(rows[i], rows[i + 1], recognised)
        below = [b or a for a, b in _beside(rows[i], rows[i + 1])]
        if joined and recognised(below) >= max(scores[head], 1):
            return Header(unique(joined), i + 2)
        if joined and _are_units(rows[i + 1]):
            return Header(unique(joined), i + 2)
    return Header(unique(rows[head]), head + 1)


def known(rows: Sequence[Sequence[str]], recognised: Recognised) -> int:
    """Return how many known names the best of the first rows has."""
    for nameless in NAMELESS:
        if rows and nameless.fits(rows[0]):
            return len(nameless.names)
    within = range(min(WITHIN, len(rows)))
    single = [recognised(rows[i]) for i in within]
    pairs = [
        recognised([b or a for a, b in _beside(rows[i], rows[i + 1])])
        for i in within
        if i + 1 < len(rows)
    ]
    return max([*single, *pairs], default=0)


def _beside(upper: Sequence[str], lower: Sequence[str]) -> list[tuple[str, str]]:
    width = max(len(upper), len(lower))
    padded = [[*row, *[""] * (width - len(row))] for row in (upper, lower)]
    return list(zip(*padded, strict=True))


def _joined(upper: Sequence[str], lower: Sequence[str], recognised: Recognised) -> list[str]:
    """Return two rows as one header, nothing where the second is no part of one."""
    parts = [cell for cell in lower if cell.strip()]
    if len({cell for cell in upper if cell.strip()}) < 2 or not recognised(upper):
        return []  # a title
    if not parts or any(_FIGURE.search(cell) for cell in parts):
        return []
    own = [b for a, b in _beside(upper, lower) if b.strip() and b != a]
    units = _are_units(lower)
    if not own or not (units or recognised(own)):
        return []
    names, group = [], ""
    for a, b in _beside(upper, lower):
        group = a if a.strip() else group
        if not b.strip() or a == b:
            names.append(a)
        elif units:
            names.append(f"{group} ({b.strip('()[] ')})")
        else:
            names.append(f"{group}{JOINT}{b}" if group else b)
    return names


def _are_units(row: Sequence[str]) -> bool:
    parts = [cell.strip("()[] ") for cell in row if cell.strip()]
    targets = [target for target in measures.KINDS if target]
    return bool(parts) and all(
        any(measures.conversion(part, target) is not None for target in targets) for part in parts
    )


def unique(cells: Sequence[str]) -> list[str]:
    """Return names for the columns, none of them empty and none twice."""
    width = max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)
    headers: dict[str, None] = {}
    for i, cell in enumerate(cells[:width]):
        name = " ".join(cell.split()) or f"column {i + 1}"
        while name in headers:
            name += " "
        headers[name] = None
    return list(headers)
