"""Finished runs: read again, and handed to other programs.

May import countries, files, units, writers and packages.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["RunFolder", "write_restated"]

if TYPE_CHECKING:
    from phusong.geodata.runs.folder import RunFolder
    from phusong.geodata.runs.restate import write_restated
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        folder=("RunFolder",),
        restate=("write_restated",),
    )
