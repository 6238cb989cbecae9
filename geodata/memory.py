"""The memory that a run of a province needs, and what is free on this machine."""

from pathlib import Path

from phusong.messages import Text, message

# Measured as peaks of whole processes on Linux, two cores: 1.37 million pixels of land with 1,250
# masts took 1,942 MiB, 2.88 million with 670 masts 3,560 and 4,125 MiB: masts hardly count.
BASE_BYTES = 300 * 2**20  # interpreter, libraries and machine code
BYTES_PER_PIXEL = 1_400  # of land that is planned
MEMINFO = Path("/proc/meminfo")
GIB = 2.0**30


def needed_bytes(planned_pixels: int) -> int:
    """Return about how much memory a run takes at its peak.

    Parameters
    ----------
    planned_pixels
        Pixels of land that is planned.

    Returns
    -------
    int
        300 MiB and 1,400 bytes a pixel.

    Examples
    --------
    >>> f"{needed_bytes(2_880_000) / 2**30:.1f} GiB"
    '4.0 GiB'
    """
    return BASE_BYTES + BYTES_PER_PIXEL * planned_pixels


def available_bytes() -> int | None:
    """Return the memory that programs may still take without swapping; None where not known."""
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    stated = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(stated[0][1]) if stated else None


def shortage(planned_pixels: int) -> Text:
    """Return the warning that a run needs more memory than is free, or nothing."""
    needed, free = needed_bytes(planned_pixels), available_bytes()
    if free is None or needed <= free:
        return ""
    return message("warning.memory", needed=needed / GIB, free=free / GIB)
