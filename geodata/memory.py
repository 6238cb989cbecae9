"""The memory that a run of a province needs, and what is free on this machine."""

from pathlib import Path

from phusong.messages import Text, message

# Measured as peaks of whole processes on Linux, two cores: a grid of 3.15 million pixels (1.37 of
# them land, 1,250 masts) took 1,448 MiB with empty caches, kernels compiled on the way, one of 20.8
# million (10.4 of land, 3,910 masts) 2,164 MiB with compiled kernels. What grows is the ground as
# kernels read it (10 bytes a pixel, twice while it is framed), rasters of the province (11),
# squares far from masts, and what GDAL holds of a file with several bands while it writes it.
# The rest is libraries, the compiler, strips, windows, and candidates that are chosen from.
BASE_BYTES = 1200 * 2**20
BYTES_PER_PIXEL = 48  # of the grid: the province and the frame round it
MEMINFO = Path("/proc/meminfo")
GIB = 2.0**30


def needed_bytes(grid_pixels: int) -> int:
    """Return about how much memory a run takes at its peak.

    Parameters
    ----------
    grid_pixels
        Pixels of the planning grid, land or not.

    Returns
    -------
    int
        1,200 MiB and 48 bytes a pixel.

    Examples
    --------
    >>> f"{needed_bytes(20_800_000) / 2**30:.1f} GiB"
    '2.1 GiB'
    """
    return BASE_BYTES + BYTES_PER_PIXEL * grid_pixels


def available_bytes() -> int | None:
    """Return the memory that programs may still take without swapping; None where not known."""
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    stated = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(stated[0][1]) if stated else None


def shortage(grid_pixels: int) -> Text:
    """Return the warning that a run needs more memory than is free, or nothing."""
    needed, free = needed_bytes(grid_pixels), available_bytes()
    if free is None or needed <= free:
        return ""
    return message("warning.memory", needed=needed / GIB, free=free / GIB)
