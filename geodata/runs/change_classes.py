"""The classes of difference.tif: where the service of one run holds, of another, of both."""

from enum import IntEnum
from typing import Any

from phusong.geodata.grid import Raster

NODATA = 255


class Difference(IntEnum):
    """What becomes of a pixel from run A to run B."""

    NEITHER = 0
    LOST = 1  # covered in A only
    GAINED = 2  # covered in B only
    BOTH = 3


# Purple and orange keep apart for every colour vision, and from the blue of what stays.
COLOURS = {
    Difference.LOST: "#542788",
    Difference.GAINED: "#e0802b",
    Difference.BOTH: "#a9bccb",
}


def colormap() -> dict[int, tuple[int, int, int, int]]:
    """Return the colours of the classes as a raster holds them; neither is clear."""
    drawn = {int(kind): (*bytes.fromhex(colour[1:]), 255) for kind, colour in COLOURS.items()}
    clear: dict[int, tuple[int, int, int, int]] = {int(Difference.NEITHER): (255, 255, 255, 0)}
    return clear | {kind: (c[0], c[1], c[2], c[3]) for kind, c in drawn.items()}


def areas(difference: Raster) -> dict[str, dict[str, Any]]:
    """Return, for each class of a difference, its area and its share of the province."""
    inside = difference.values[difference.values != NODATA]
    counts = {kind: int((inside == kind).sum()) for kind in Difference}
    return {
        kind.name.lower(): {
            "area_km2": count * difference.grid.pixel_area_km2,
            "share": count / max(inside.size, 1),
        }
        for kind, count in counts.items()
    }
