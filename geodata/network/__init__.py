"""The network as planners list it: sites, cells, antennas, masts, fibre.

May import countries, files, units and ground.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["AntennaFile", "CellList", "read_fibre"]

if TYPE_CHECKING:
    from phusong.geodata.network.antenna_files import AntennaFile
    from phusong.geodata.network.cells import CellList
    from phusong.geodata.network.point_lists import read_fibre
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        antenna_files=("AntennaFile",),
        cells=("CellList",),
        point_lists=("read_fibre",),
    )
