"""Memory of large arrays goes back to the system as soon as they are dropped.

glibc raises the size from which it maps blocks one by one each time such a block is freed, up to
32 MiB; from then on rasters lie in its heap, between them what is small and stays, and what is
dropped is not given back. A size that is set stays (mallopt(3), M_MMAP_THRESHOLD). Smaller arrays
lie in the heap and are used again there: the system clears every page that it hands out anew,
which took a quarter of the time of a run where arrays of 1 MiB were mapped.
"""

import ctypes
import gc
import os
import sys
from contextlib import suppress

LARGE_BYTES = 2**24  # a raster of 32 bits in the heap: that of a province with 4 million pixels
SPARE_BYTES = 2**28  # at the end of the heap, for the arrays that come next
NEW_OBJECTS, YOUNG, MIDDLE = 100_000, 50, 100  # between collections of each generation
GDAL_CACHE_MIB = "64"  # of blocks of rasters; by itself it takes a twentieth of the machine
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def hand_back() -> None:
    """Set the sizes for this process, where the C library is glibc; for programs, not libraries."""
    os.environ.setdefault("GDAL_CACHEMAX", GDAL_CACHE_MIB)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
            library.mallopt(_M_TRIM_THRESHOLD, SPARE_BYTES)


def give_back() -> None:
    """Give back what was dropped and the C library keeps, where that is glibc.

    Between what stays lies what was dropped, in every thread's part of the heap: after a step of a
    plan a third of all memory. It takes a twentieth of a second, so that only steps end with it.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def collect_rarely() -> None:
    """Look for cycles of dropped objects less often than Python does; for programs.

    Modules, tables and pages are millions of small objects that stay: looking through them again
    and again took a tenth of a run. Arrays are in no cycles and go as soon as they are dropped.
    """
    gc.set_threshold(NEW_OBJECTS, YOUNG, MIDDLE)
