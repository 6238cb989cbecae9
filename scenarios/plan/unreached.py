"""Why residents of a commune stay without the service after the plan, and what would reach them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy import sparse

from phusong import columns as col
from phusong.geodata.ground.spacing import nearest_m
from phusong.geodata.province import Province
from phusong.messages import Message, message
from phusong.scenarios.candidates.demand_cells import DemandCells, ordinary
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]

LIKELY = 0.5  # served more often than not
REACH_QUANTILE = 0.9
NAMED = 0.1  # causes of at least this part of the residents missed are named
SERVED = 0.05  # a commune that misses less of its residents counts as served
FEW_CELLS = 0.1  # of all: their columns are taken out of what candidates add
CAUSES = ("budget", "terrain", "distance", "no_place", "chance")


@dataclass(frozen=True)
class Unreached:
    """Residents missed per commune (rows) and cause (``CAUSES``), and the best place left.

    ``best`` is the site_id of the candidate, not chosen, that would serve most of them, and
    ``best_people`` how many; "" and 0 where there is none. ``reach_km`` is the distance within
    which nine in ten places lie that candidates serve more often than not.
    """

    people: Floats
    best: list[str]
    best_people: Floats
    reach_km: float


@dataclass(frozen=True)
class Offer:
    """What candidates that are not built would add: ``after`` is the share served of each cell."""

    frame: GeoDataFrame
    cells: DemandCells
    cover: Cover
    after: Floats
    chosen: NDArray[np.int64]

    @property
    def ordinary(self) -> "Offer":
        """Return the offer without the copies of cells."""
        if not self.cells.copies:
            return self
        cover, after = ordinary(self.cover, self.cells), self.after[: self.cells.ordinary]
        return replace(self, cover=cover, after=after)

    def more(self, weight: Floats) -> Floats:
        """Return what each would add of a quantity of the cells; 0 of what is built."""
        cells = np.flatnonzero(weight)
        if cells.size <= FEW_CELLS * weight.size:
            return np.asarray(self._rise_by_cell[:, cells] @ weight[cells], float)
        added = self.cover.gains(self.after.astype(np.float32), weight)
        added[self.chosen] = 0.0
        return added

    def reachable(self, weight: Floats) -> float:
        """Return the share of a quantity that all candidates together would serve."""
        cells = np.flatnonzero(weight)
        return float(self.could[cells] @ weight[cells] / weight.sum())

    @cached_property
    def rise(self) -> sparse.csr_matrix:
        """Return what every candidate that is not built would add to the share of each cell."""
        return _more(self.cover, self.after, self.chosen)

    @cached_property
    def could(self) -> Floats:
        """Return the share of every cell that is served once all candidates stand."""
        return _could(self.cover, self.after)

    @cached_property
    def _rise_by_cell(self) -> sparse.csc_matrix:
        return self.rise.tocsc()


def unreached(province: Province, offer: Offer) -> Unreached:
    """Return why the residents of each commune are missed.

    Each is missed with the probability that the best server fails there. What a candidate would
    add to that is for want of stations or money (``budget``); of the rest, places that are or
    would be served more often than not count as ``chance``, and the others by the nearest
    candidate: within reach (``terrain``), within twice the reach (``distance``), or farther
    (``no_place``).
    """
    frame, cells, cover = offer.frame, offer.cells, offer.cover
    away_m = np.tile(_nearest_m(province, frame, cells), len(cells.carriers))
    reach_m = _reach_m(province, frame, cover, cells)
    residents = _residents(province, cells)
    people = residents.T @ _causes(offer, away_m, reach_m)
    more = (offer.rise @ residents).toarray()
    best_people = more.max(axis=0, initial=0.0)
    best = [
        str(frame[col.SITE_ID].iloc[int(gain.argmax())]) if most > 0.0 else ""
        for gain, most in zip(more.T, best_people, strict=True)
    ]
    return Unreached(np.asarray(people), best, best_people, reach_m / 1000.0)


def _causes(offer: Offer, away_m: Floats, reach_m: float) -> Floats:
    """Return the share of every cell missed for each of ``CAUSES``."""
    served, could = np.asarray(offer.after, np.float64), offer.could
    rest = 1.0 - could
    unlikely = could < LIKELY
    near, far = away_m <= reach_m, away_m > 2.0 * reach_m
    kinds = (unlikely & near, unlikely & ~near & ~far, unlikely & far, ~unlikely)
    return np.column_stack([could - served, *(np.where(kind, rest, 0.0) for kind in kinds)])


def _could(cover: Cover, after: NDArray[np.floating]) -> Floats:
    """Return the share of every cell that is served once all candidates stand."""
    could = np.array(after, np.float64)
    np.maximum.at(could, cover.cell, cover.share.astype(np.float64))
    return could


def _residents(province: Province, cells: DemandCells) -> sparse.csr_matrix:
    """Return the residents of every cell by commune."""
    people = cells.over.sums(province.population.values)
    commune = province.commune_index.values.ravel()[cells.over.pixel]  # no cell lies in two
    held = np.flatnonzero((commune >= 0) & (people > 0.0))
    shape = (cells.over.count, len(province.communes))
    one = sparse.coo_matrix((people[held], (held, commune[held])), shape).tocsr()
    parts = [one * carrier.weight for carrier in cells.carriers]
    return sparse.csr_matrix(sparse.vstack(parts))


def _more(
    cover: Cover, after: NDArray[np.floating], chosen: NDArray[np.integer]
) -> sparse.csr_matrix:
    """Return what every candidate that is not built would add to the share of each cell."""
    more = cover.share.astype(np.float64)
    more -= after[cover.cell]  # in place: entries are millions
    np.maximum(more, 0.0, out=more)
    built = np.zeros(cover.candidates, bool)
    built[chosen] = True
    more[np.repeat(built, np.diff(cover.first))] = 0.0
    return sparse.csr_matrix((more, cover.cell, cover.first), (cover.candidates, after.size))


def _places_of(province: Province, cells: DemandCells) -> Floats:
    """Return where the pixels are that stand for the cells, shape (cells, 2), in metres."""
    grid = province.grid
    row, column = np.divmod(cells.over.pixel, grid.width)
    x_m = grid.x_min_m + (column + 0.5) * grid.pixel_m
    y_m = grid.y_max_m - (row + 0.5) * grid.pixel_m
    return np.column_stack([x_m, y_m])


def _nearest_m(province: Province, frame: GeoDataFrame, cells: DemandCells) -> Floats:
    return nearest_m(_places_of(province, cells), _places(frame))


def _places(frame: GeoDataFrame) -> Floats:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _reach_m(province: Province, frame: GeoDataFrame, cover: Cover, cells: DemandCells) -> float:
    likely = cover.share >= LIKELY
    if not likely.any():
        return 0.0
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))[likely]
    cell = cover.cell[likely] % cells.over.count
    gap = _places(frame)[row] - _places_of(province, cells)[cell]
    return float(np.quantile(np.hypot(gap[:, 0], gap[:, 1]), REACH_QUANTILE))


def with_reasons(communes: GeoDataFrame, unreached_: Unreached) -> GeoDataFrame:
    """Return the communes with their main cause and why residents are missed, in words.

    The causes' parts of the residents missed are those of the demand cells; their sum is the
    residents that the commune's covered share leaves.
    """
    population = communes[col.POPULATION].to_numpy(float)
    share = communes[col.COVERED_POPULATION_SHARE_AFTER].to_numpy(float)
    missed = population * (1.0 - np.nan_to_num(share))
    whole = unreached_.people.sum(axis=1)
    scale = np.divide(missed, whole, out=np.zeros_like(missed), where=whole > 0.0)
    people = unreached_.people * scale[:, None]
    served = missed <= SERVED * population
    main = np.where(served, "served", np.array(CAUSES)[people.argmax(axis=1)])
    why = [_why(people[i], unreached_, i, population[i]) for i in range(len(communes))]
    return communes.assign(**{col.MAIN_CAUSE: main, col.WHY: pd.Series(why, communes.index)})


def _why(people: Floats, unreached_: Unreached, commune: int, population: float) -> Message:
    missed = float(people.sum())
    share = 1.0 - missed / population if population > 0.0 else 1.0
    kind = "served" if missed <= SERVED * population else "missed"
    head = message(f"unreached.{kind}", share=round(share, 6), missed=round(missed))
    order = np.argsort(-people, kind="stable")
    named = [cause for cause in order if people[cause] >= NAMED * missed > 0.0]
    causes = [_cause(CAUSES[cause], people[cause], unreached_, commune) for cause in named]
    if not causes:
        return message("unreached.sentence", head=head)
    return message("unreached.sentence_with_causes", head=head, causes=causes)


def _cause(cause: str, people: float, unreached_: Unreached, commune: int) -> Message:
    n, km = round(people), round(unreached_.reach_km, 3)
    if cause == "budget":
        if not unreached_.best[commune]:
            return message("unreached.budget", n=n)
        site, alone = unreached_.best[commune], round(unreached_.best_people[commune])
        return message("unreached.budget_best", n=n, site=site, people=alone)
    distances = {"no_place": {"twice": 2.0 * km}, "chance": {}}
    return message(f"unreached.{cause}", n=n, **distances.get(cause, {"km": km}))
