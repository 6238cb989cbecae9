"""The door for bytes: any file on its way in or out, whatever it means.

May import countries.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["read_raster", "write_cog"]

if TYPE_CHECKING:
    from phusong.geodata.files.raster import read_raster, write_cog
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        raster=("read_raster", "write_cog"),
    )
