"""A province as a folder, by recipe, or a part of another; its manifest, zones, what it lacks.

May import countries, files, units, ground, writers and network.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["build_province", "part_of", "reference_province", "save_province"]

if TYPE_CHECKING:
    from phusong.geodata.provinces.build import build_province
    from phusong.geodata.provinces.embedded import reference_province
    from phusong.geodata.provinces.folder import save_province
    from phusong.geodata.provinces.part import part_of
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        build=("build_province",),
        embedded=("reference_province",),
        folder=("save_province",),
        part=("part_of",),
    )
