"""The classes of difference.tif: where the service of one run holds, of another, of both."""

from enum import IntEnum

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
