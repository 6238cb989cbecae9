"""A plan held against what was built: which stations stand, when, where, and whom they serve.

May import config, prediction and candidates.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["AsBuilt"]

if TYPE_CHECKING:
    from phusong.scenarios.as_built.check import AsBuilt
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        check=("AsBuilt",),
    )
