"""What lies on the ground: terrain, land cover, people, roads, as grids or lines.

May import countries and files.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["read_roads", "slope_deg", "spread", "terrain_on_grid"]

if TYPE_CHECKING:
    from phusong.geodata.ground.mosaic import terrain_on_grid
    from phusong.geodata.ground.population import spread
    from phusong.geodata.ground.roads import read_roads
    from phusong.geodata.ground.terrain import slope_deg
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        mosaic=("terrain_on_grid",),
        population=("spread",),
        roads=("read_roads",),
        terrain=("slope_deg",),
    )
