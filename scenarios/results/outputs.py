"""What a run writes, by name, so that parts of it can be asked for alone.

Groups are names for several files; every layer and raster has its own name too. A run of parts is
no whole run: its record says which (``only``), and readers of runs refuse it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from phusong.errors import Defect, InputError
from phusong.messages import message
from phusong.scenarios.results import radio_layers

WHAT_IF = "what_if.bin"
GROUPS: dict[str, tuple[str, ...]] = {
    "map": ("map.html",),
    "report": ("report.html",),
    "ranking": ("ranking.geojson", "ranking.csv"),
    "layers": ("*.geojson",),
    "tables": ("*.csv", "tables.json"),
    "rasters": ("*.tif",),
    "package": ("*.gpkg", "*.qgs", "*.qml", "*.kml", "*.xlsx", "*.tif"),  # it opens the rasters
    "what_if": (WHAT_IF,),
}
PAGES = ("map.html", "report.html")
_READ_BY_PAGES = ("*.geojson", "*.tif", "tables.json", WHAT_IF)


@dataclass(frozen=True)
class Outputs:
    """Which files of a run are wanted: all, or those of some names.

    Parameters
    ----------
    names
        As they were asked for; none for all.
    patterns
        Of the names of the files.
    """

    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ("*",)

    def has(self, name: str) -> bool:
        """Return whether a file is wanted."""
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)

    def needs(self, name: str) -> bool:
        """Return whether a file is wanted, or read by a page that is."""
        if self.has(name):
            return True
        is_read = any(fnmatchcase(name, pattern) for pattern in _READ_BY_PAGES)
        return is_read and any(map(self.has, PAGES))


ALL = Outputs()


@lru_cache
def known() -> dict[str, tuple[str, ...]]:
    """Return the names that can be asked for, with the patterns of their files."""
    vectors = {layer.name: (f"{layer.name}.geojson",) for layer in radio_layers.VECTORS}
    rasters = [
        *(layer.name for layer in radio_layers.RASTERS),
        *(layer.name for layer in radio_layers.BANDED),
    ]
    return {**vectors, **{name: (f"{name}.tif",) for name in rasters}, **GROUPS}


def asked(names: Iterable[str] | None) -> Outputs:
    """Return what names ask for, all where there are none.

    Raises
    ------
    InputError
        With every name that is unknown, and those that there are.
    """
    wanted = tuple(dict.fromkeys(names or ()))
    unknown = [name for name in wanted if name not in known()]
    if unknown:
        others = [name for name in known() if name not in GROUPS]
        remedy = message("remedy.outputs_there_are", groups=list(GROUPS), others=others)
        defects = [
            Defect("--only", message("problem.no_output_of_a_run"), remedy, value=name)
            for name in unknown
        ]
        raise InputError(message("refusal.unknown_outputs"), defects)
    if not wanted:
        return ALL
    return Outputs(wanted, tuple(pattern for name in wanted for pattern in known()[name]))
