"""From one path to an area: masts, cells and receivers as arrays, sweeps, and many cells together.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "Cells",
    "Footprints",
    "Layers",
    "Masts",
    "Reach",
    "Surface",
    "best_server",
    "footprints",
]

if TYPE_CHECKING:
    from phusong.coverage.area.cells import Cells, Masts, Reach, Surface
    from phusong.coverage.area.network import Footprints, Layers, best_server, footprints
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        cells=("Cells", "Masts", "Reach", "Surface"),
        network=("Footprints", "Layers", "best_server", "footprints"),
    )
