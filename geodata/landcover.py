"""Land-cover classes, and a grid of them made from what is known of a province."""

from enum import IntEnum


class LandCover(IntEnum):
    """The classes that propagation, population and siting tell apart; 0 is outside."""

    OUTSIDE = 0
    URBAN = 1
    INDUSTRIAL = 2
    SETTLEMENT = 3
    FARMLAND = 4
    FOREST = 5
    WATER = 6
