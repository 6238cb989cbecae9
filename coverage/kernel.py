"""How loops over pixels are compiled."""

from phusong.compilation import kernel

__all__ = ["INNER", "KERNEL", "PARALLEL", "PATH", "kernel"]

# Threads may run them side by side; a division by zero gives infinity, as in numpy.
KERNEL = {"cache": True, "nogil": True, "error_model": "numpy"}

# Inner functions that make no arrays are compiled without numba's runtime: it would count
# references to their arrays at every call, by atomic operations that cost more than the work.
# They are put in place of their calls, which would pass dozens of numbers for their records.
INNER = {**KERNEL, "_nrt": False, "forceinline": True}

PARALLEL = {**KERNEL, "parallel": True}

# One path: for scalars, arrays and other kernels alike.
PATH = {"cache": True, "error_model": "numpy"}
