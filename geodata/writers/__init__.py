"""Files for other programs: layers, styles, projects, workbooks, and where each layer comes from.

May import countries and files.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "Classes",
    "area_at_least",
    "covered",
    "to_dataset",
    "write_csv",
    "write_geojson",
    "write_gpkg",
]

if TYPE_CHECKING:
    from phusong.geodata.writers.classes import Classes
    from phusong.geodata.writers.dataset import area_at_least, covered, to_dataset
    from phusong.geodata.writers.vector import write_csv, write_geojson, write_gpkg
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        classes=("Classes",),
        dataset=("area_at_least", "covered", "to_dataset"),
        vector=("write_csv", "write_geojson", "write_gpkg"),
    )
