"""The part of the earth that public data are fetched for."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import shapely
from geopandas import GeoDataFrame
from pyproj import Transformer

from phusong.errors import Defect, InputError
from phusong.geodata import countries, crs
from phusong.geodata.grid import covering
from phusong.geodata.province import MARGIN_M
from phusong.geodata.provinces import manifest
from phusong.geodata.units import admin, boundaries
from phusong.messages import Text, message

MAX_DEG2 = 25.0  # five by five degrees: a province is rarely half as large
RIM_DEG = 0.01  # about 1 km, so that interpolation at the edge has neighbours
_BOX_HELP = message("remedy.give_west_south_east_north_in")


class Box(NamedTuple):
    """Limits in degrees of longitude and latitude (WGS 84)."""

    west: float
    south: float
    east: float
    north: float

    def text(self) -> str:
        """Return the limits as ``west,south,east,north``."""
        return ",".join(f"{limit:.6g}" for limit in self)


@dataclass(frozen=True)
class Area:
    """A box and, where one is known, the outline of the province in it (WGS 84)."""

    box: Box
    outline: shapely.Geometry | None = None

    @property
    def shape(self) -> shapely.Geometry:
        """Return the outline, else the box."""
        return shapely.box(*self.box) if self.outline is None else self.outline


def of_box(text: str) -> Area:
    """Return the area of ``west,south,east,north``; raise when it is no box in the country."""
    try:
        box = Box(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError):
        raise _wrong(text, message("problem.is_not_four_numbers")) from None
    if not (box.west < box.east and box.south < box.north):
        raise _wrong(text, message("problem.is_empty_west_must_be_below"))
    outline = countries.current().outline
    if outline is not None and not shapely.box(*box).intersects(shapely.box(*outline.mainland)):
        raise _wrong(text, message("problem.lies_outside_the_country_swapped"))
    if (box.east - box.west) * (box.north - box.south) > MAX_DEG2:
        raise _wrong(text, message("problem.is_larger_than_square_degrees", max_deg2=MAX_DEG2))
    return Area(box)


def of_province(folder: Path | None) -> Area:
    """Return the area of a province folder, or of the embedded one, with the terrain's margin."""
    if folder is None:
        return of_communes(admin.reference_communes())
    stated = manifest.read(folder / manifest.NAME)
    path = folder / stated.files["communes"]
    return of_communes(boundaries.read_communes(path, planning=stated.crs))


def of_communes(communes: GeoDataFrame) -> Area:
    """Return the outline of communes, and a box round the planning grid over them."""
    planning = crs.name_of(communes)
    grid = covering(tuple(communes.total_bounds), MARGIN_M, crs=planning)
    to_degrees = Transformer.from_crs(planning, crs.GEOGRAPHIC, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*grid.bounds, densify_pts=21)
    box = Box(west - RIM_DEG, south - RIM_DEG, east + RIM_DEG, north + RIM_DEG)
    outline = communes.geometry.to_crs(crs.GEOGRAPHIC).union_all()
    return Area(Box(*(round(limit, 4) for limit in box)), outline)


def _wrong(text: str, problem: Text) -> InputError:
    return InputError(
        message("refusal.wrong_area"), [Defect("--bbox", problem, _BOX_HELP, value=text)]
    )
