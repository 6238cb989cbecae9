"""The rasters of a run by name: at hand while it is written, else read from its folder."""

from collections.abc import Mapping

from phusong.geodata.files import raster
from phusong.geodata.grid import Raster
from phusong.geodata.runs.folder import RunFolder

Content = bytes | tuple[Raster, ...]


def bands(run: RunFolder, name: str) -> Mapping[str, Raster]:
    """Return the bands of a raster by their names; none where the run has no such raster."""
    if name in run.at_hand:
        return run.at_hand[name]()
    path = run.raster(name)
    return raster.read_bands(path) if path else {}


def first(run: RunFolder, name: str) -> Raster | None:
    """Return the first band of a raster, None where the run has no such raster."""
    return next(iter(bands(run, name).values()), None)


def names(run: RunFolder) -> list[str]:
    """Return the names of all rasters of a run."""
    return sorted(run.at_hand or {path.stem for path in run.path.glob("*.tif")})


def contents(run: RunFolder, *wanted: str) -> tuple[Content, ...]:
    """Return what stands for rasters in keys of the cache: bands at hand, or bytes of files."""
    return tuple(_content(run, name) for name in wanted)


def _content(run: RunFolder, name: str) -> Content:
    if name in run.at_hand:
        return tuple(run.at_hand[name]().values())
    path = run.raster(name)
    return path.read_bytes() if path else b""
