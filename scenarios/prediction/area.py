"""The one chain from cells to levels, which ``run``, ``predict`` and ``calibrate`` call.

Cells on their masts, ground and reach make a network on one carrier; coverage turns it into
losses and levels, which are kept by the content of all that they depend on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import stored
from phusong.code_keys import code_key
from phusong.coverage import models, shadowing
from phusong.coverage.area import cells, network, sample, service
from phusong.coverage.area.cells import Cells, Masts, Reach, Surface
from phusong.coverage.models import REGISTRY
from phusong.geodata import crs
from phusong.geodata.grid import PIXEL_M, Grid
from phusong.geodata.province import BUILT_UP, Province, clutter_heights_m
from phusong.geodata.reference import default_model
from phusong.messages import Message, message
from phusong.scenarios.prediction import cache
from phusong.scenarios.prediction import speeds as speeds_
from phusong.scenarios.prediction.network_arrays import SiteArrays
from phusong.scenarios.prediction.speeds import Speeds, UserRates
from phusong.scenarios.propagation.calibrated import Calibrated, in_the_field

Bar = Callable[[int], None]
# From so far on [m], one receiver stands for a square of so many pixels a side. What that costs:
# docs/method.md, measured by benchmarks/reach.py.
COARSENING = ((3_000.0, 3), (8_000.0, 9))


@dataclass(frozen=True)
class Method:
    """How an area is predicted.

    ``given`` holds parameters of the model by name; others have their defaults. ``clutter_m``
    are heights of classes of land where they are not the model's, ``pattern_fill`` is the share
    of the power in the nulls of antennas where no calibration tells it.
    """

    model: str
    given: Mapping[str, Any]
    calibration: Calibrated | None
    receiver_height_m: float
    clutter_m: Mapping[str, float] = field(default_factory=dict)
    pattern_fill: float = default_model.PATTERN_FILL

    @property
    def heights_m(self) -> dict[str, float]:
        """Return the heights of clutter by class of land."""
        return REGISTRY[self.model].clutter_m({}) | dict(self.clutter_m)

    def in_the_field(self, radiating: Cells) -> Cells:
        """Return cells with their patterns as found in the field."""
        return in_the_field(radiating, self.calibration, self.pattern_fill)


@dataclass(frozen=True)
class CarrierNetwork:
    """What one carrier radiates over which ground, and how far it is followed.

    ``beside`` are further carriers of the same stations, see ``together``.
    """

    ground: Surface
    masts: Masts
    cells: Cells
    reach: Reach
    beside: tuple["CarrierNetwork", ...] = ()

    def within(self, allowed_db: float) -> "CarrierNetwork":
        """Return the network followed no farther than the allowed loss can reach."""
        if not len(self.masts):
            return self  # nothing radiates
        if self.ground.adjustment is not None:
            return self  # what is found at one distance says little of how far a cell reaches
        if self.ground.offset_db is not None:
            allowed_db -= float(self.ground.offset_db.min())
        farthest_m = self.reach.model.farthest_m(self.masts, self.reach, allowed_db)
        return replace(self, reach=replace(self.reach, radius_m=max(farthest_m, PIXEL_M)))

    @property
    def parts(self) -> tuple[Surface, Masts, Cells, Reach]:
        """Return what coverage takes."""
        return self.ground, self.masts, self.cells, self.reach


def together(carriers: Sequence[CarrierNetwork]) -> CarrierNetwork:
    """Return the carriers of the same stations as one, each followed as far as the farthest."""
    farthest_m = max(each.reach.radius_m for each in carriers)
    first, *others = (
        replace(each, reach=replace(each.reach, radius_m=farthest_m)) for each in carriers
    )
    return replace(first, beside=tuple(others))


def surface(province: Province, clutter_m: Mapping[str, float] | None = None) -> Surface:
    """Return terrain, environment (urban in built-up land) and the province's pixels.

    ``clutter_m`` are the heights of classes of land where they are not P.1812's.
    """
    classes, commune = province.landcover.values, province.commune_index.values

    def environment(rows: slice) -> NDArray[np.integer]:
        return np.where(np.isin(classes[rows], BUILT_UP), cells.URBAN, cells.RURAL)

    def heights_m(rows: slice) -> NDArray[np.float32]:
        return clutter_heights_m(classes[rows], clutter_m)

    return Surface(
        terrain_m=np.ascontiguousarray(province.terrain.values, np.float32),
        environment=stored.by_bands(environment, classes.shape, np.uint8),
        receivers=stored.by_bands(lambda rows: commune[rows] >= 0, classes.shape, np.bool_),
        pixel_m=province.grid.pixel_m,
        clutter_m=stored.by_bands(heights_m, classes.shape, np.float32),
    )


def ground(province: Province, method: Method) -> Surface:
    """Return the surface with what a calibration adds to the loss of its pixels."""
    bare, tuned = surface(province, method.heights_m), method.calibration
    return tuned.surface(bare, province.landcover.values, province.grid) if tuned else bare


@lru_cache
def latitude_deg(grid: Grid) -> float:
    """Return the latitude of the middle of a grid, to a thousandth of a degree."""
    west, south, east, north = grid.bounds
    middle = ((west + east) / 2.0, (south + north) / 2.0)
    return round(float(crs.transform(*middle, grid.crs, crs.GEOGRAPHIC)[1]), 3)


def parameters(grid: Grid, method: Method, frequency_mhz: float) -> dict[str, Any]:
    """Return every parameter that the model reads at a frequency: as given, else by default.

    Latitude, where a model reads it, is that of the grid unless it is given.
    """
    read = [each for each in REGISTRY[method.model].parameters if frequency_mhz >= each.from_mhz]
    usual = {each.name: each.default for each in read if each.default is not None}
    if "latitude_deg" in usual:
        usual["latitude_deg"] = latitude_deg(grid)
    return usual | dict(method.given)


def reach(grid: Grid, method: Method, frequency_mhz: float, radius_m: float) -> Reach:
    """Return how far and by which model, calibrated where it is, a frequency is followed."""
    values = parameters(grid, method, frequency_mhz)
    loss, tuned = REGISTRY[method.model].for_area(values, frequency_mhz), method.calibration
    loss = tuned.area_loss(loss, frequency_mhz) if tuned else loss
    return Reach(radius_m, method.receiver_height_m, coarsening=COARSENING, model=loss)


def carrier_network(
    over: Surface,
    grid: Grid,
    method: Method,
    arrays: SiteArrays,
    frequency_mhz: float,
    radius_m: float,
) -> CarrierNetwork:
    """Return a network on one carrier over its ground, with patterns as found in the field.

    Parameters
    ----------
    over
        The ground, see ``ground``.
    grid
        Its grid.
    method
        Model, parameters and calibration.
    arrays
        Masts and cells, see ``network_arrays``.
    frequency_mhz
        Of the carrier [MHz].
    radius_m
        No prediction beyond [m].
    """
    masts, radiating = arrays
    radiating = method.in_the_field(radiating)
    over = rimmed(over) if beyond(grid, masts.column, masts.row) else over
    return CarrierNetwork(over, masts, radiating, reach(grid, method, frequency_mhz, radius_m))


def beyond(grid: Grid, column: NDArray[np.float64], row: NDArray[np.float64]) -> int:
    """Return how many masts stand outside the terrain, as those of neighbours may."""
    height, width = grid.shape
    inside = (column >= -0.5) & (column <= width - 0.5) & (row >= -0.5) & (row <= height - 0.5)
    return int(np.count_nonzero(~inside))


def beyond_warnings(grid: Grid, stations: GeoDataFrame) -> list[Message]:
    """Return what is assumed of the ground between the terrain and stations outside it."""
    x_m, y_m = stations.geometry.x.to_numpy(), stations.geometry.y.to_numpy()
    count = beyond(grid, *grid.fractional(x_m, y_m))
    return [message("warning.beyond_terrain", count=count)] if count else []


def rimmed(over: Surface) -> Surface:
    """Return the ground with its outermost pixels at the mean level of open ground.

    The sweep goes on level beyond the last pixel: paths from masts outside the terrain run over
    open ground at that level until they come to the terrain that is known.
    """
    clutter_m = np.zeros_like(over.terrain_m) if over.clutter_m is None else over.clutter_m
    open_m = clutter_m[over.receivers].min()
    level_m = over.terrain_m[over.receivers & (clutter_m == open_m)].mean()
    return replace(
        over,
        terrain_m=_with_rim(over.terrain_m, level_m),
        clutter_m=None if over.clutter_m is None else _with_rim(clutter_m, open_m),
    )


def _with_rim(values: NDArray[np.float32], rim: float) -> NDArray[np.float32]:
    result = np.full_like(values, rim)
    result[1:-1, 1:-1] = values[1:-1, 1:-1]
    return result


def best_server(
    net: CarrierNetwork, level_dbm: float, progress: Bar, ranks: int = 0
) -> network.Layers:
    """Return best level and server, overlap from a level on, and total power of a network.

    Of every pixel so many strongest masts are told one by one.
    """

    def computed() -> cache.Arrays:
        parts = network.in_strips(*net.parts, level_dbm, progress, cache.Windows(), ranks)
        shape = net.ground.terrain_m.shape
        return vars(network.assembled(_resting(parts), shape, ranks, stored.empty))

    inputs = ("best server", *net.parts, level_dbm, ranks)
    kept = _cached(inputs, computed, progress, net, network.__name__, cache.lying)
    return network.Layers(**kept)


def best_server_and_speeds(
    net: CarrierNetwork, level_dbm: float, progress: Bar, rates: UserRates
) -> tuple[network.Layers, Speeds]:
    """Return the same, and SINR and speeds over the shadowing.

    These need the strongest masts of every pixel, which are held of a strip of rows at once.
    """
    shape = net.ground.terrain_m.shape

    def computed() -> cache.Arrays:
        speeds = Speeds(*(stored.empty(shape, np.float32) for _ in Speeds._fields))
        level_and_masts = network.in_strips(
            *net.parts, level_dbm, progress, cache.Windows(), shadowing.RANKS
        )
        parts = _noting(_resting(level_and_masts), rates, speeds)
        return vars(network.assembled(parts, shape, 0, stored.empty)) | speeds._asdict()

    inputs = ("best server and speeds", *net.parts, level_dbm, rates)
    arrays = _cached(inputs, computed, progress, net, speeds_.__name__, cache.lying)
    speeds = Speeds(*(arrays.pop(name) for name in Speeds._fields))
    return network.Layers(**arrays), speeds


def _resting(
    parts: Iterator[tuple[slice, network.Layers]],
) -> Iterator[tuple[slice, network.Layers]]:
    """Yield strips; what was written of one rests before the next."""
    for each in parts:
        stored.rest()
        yield each


def _noting(
    parts: Iterator[tuple[slice, network.Layers]], rates: UserRates, speeds: Speeds
) -> Iterator[tuple[slice, network.Layers]]:
    """Write the speeds of every strip, and yield its layers without its strongest masts."""
    for rows, layers in parts:
        for whole, own in zip(speeds, rates.of(layers), strict=True):
            whole[rows] = own
        yield rows, replace(layers, masts_mw=layers.masts_mw[:, :, :0])


def footprints(net: CarrierNetwork, level_dbm: float, progress: Bar) -> network.Footprints:
    """Return the pixels that each mast serves at or above a level."""

    def computed() -> cache.Arrays:
        windows = cache.Windows()
        beside = [each.parts for each in net.beside]
        squares = vars(network.footprints(*net.parts, level_dbm, progress, windows, beside))
        return {name: values for name, values in squares.items() if name != "receivers"}

    inputs = ("footprints", *net.parts, net.beside, level_dbm)
    lying = _cached(inputs, computed, progress, net, network.__name__, cache.lying)
    return network.Footprints(**lying, receivers=net.ground.receivers)


def footprints_once(net: CarrierNetwork, level_dbm: float) -> network.Footprints:
    """Return the same of masts that are tried: nothing is looked for in the cache or put there."""
    beside = [each.parts for each in net.beside]
    return network.footprints(*net.parts, level_dbm, lambda _: None, None, beside)


class SampledPlaces(NamedTuple):
    """A sample of places, and the share of each that is served already."""

    over: sample.Sample
    already: NDArray[np.float32]


def served(
    net: CarrierNetwork, places: SampledPlaces, wanted: service.ServiceLevel, progress: Bar
) -> sample.Served:
    """Return the places of a sample that each mast serves better than they are."""

    def computed() -> cache.Arrays:
        windows = cache.Windows()
        beside = [each.parts for each in net.beside]
        return sample.served(
            *net.parts, places.over, wanted, places.already, progress, windows, beside
        )._asdict()

    inputs = ("served", *net.parts, net.beside, *places, tuple(wanted))
    return sample.Served(**_cached(inputs, computed, progress, net, sample.__name__))


def _cached(
    inputs: tuple[object, ...],
    make: Callable[[], cache.Arrays],
    progress: Bar,
    net: CarrierNetwork,
    code: str,
    keep: Callable[..., cache.Arrays] = cache.cached,
) -> dict[str, NDArray[Any]]:
    """Return arrays from the cache, or make and keep them; only what is made fills the folder.

    They depend on the module ``code`` and on the models: where arrays lie, and how this module
    asks for them, decides no number.
    """

    def computed() -> cache.Arrays:
        arrays = make()
        cache.Windows.make_room()
        return arrays

    known: tuple[object, ...] = (code_key(models.__name__), *inputs)
    arrays: dict[str, NDArray[Any]] = keep(known, computed, code=code)
    progress(len(net.masts))
    return arrays
