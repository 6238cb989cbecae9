"""What was measured: samples, the cells they heard, and the ground between.

May import countries, files, ground, network and provinces.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["GroundProfile", "MeasuredCells", "Measurements", "Place", "along", "read_profile"]

if TYPE_CHECKING:
    from phusong.geodata.measured.cells import MeasuredCells
    from phusong.geodata.measured.measurements import Measurements
    from phusong.geodata.measured.profiles import GroundProfile, Place, along, read_profile
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        cells=("MeasuredCells",),
        measurements=("Measurements",),
        profiles=("GroundProfile", "Place", "along", "read_profile"),
    )
