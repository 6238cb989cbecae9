"""Administrative units: communes and districts, their dated sets, names, codes and residents.

May import countries and files.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "dissolve",
    "districts_of",
    "index_raster",
    "read_communes",
    "reference_communes",
    "restate",
]

if TYPE_CHECKING:
    from phusong.geodata.units.admin import dissolve, districts_of, index_raster, reference_communes
    from phusong.geodata.units.boundaries import read_communes
    from phusong.geodata.units.crosswalk import restate
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        admin=("dissolve", "districts_of", "index_raster", "reference_communes"),
        boundaries=("read_communes",),
        crosswalk=("restate",),
    )
