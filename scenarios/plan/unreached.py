"""Why residents of a commune stay without the service after the plan, and what would reach them."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy import sparse

from phusong import columns as col
from phusong.geodata.ground.spacing import nearest_m
from phusong.geodata.province import Province
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.plan import bilingual
from phusong.scenarios.plan.reason import number
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]

LIKELY = 0.5  # served more often than not
REACH_QUANTILE = 0.9
NAMED = 0.1  # causes of at least this part of the residents missed are named
SERVED = 0.05  # a commune that misses less of its residents counts as served
CAUSES = ("budget", "terrain", "distance", "no_place", "chance")
TEXTS = {
    "vi": {
        "served": "Sau kế hoạch {share} % dân số được phủ sóng",
        "missed": "Sau kế hoạch {share} % dân số được phủ sóng, còn {missed} người chưa được phủ",
        "budget": "{n} người có thể được phủ từ các vị trí đã so sánh nhưng chưa chọn{best}: số "
        "trạm và kinh phí dành cho nơi lợi ích lớn hơn",
        "best": " (riêng {site}: {people} người)",
        "terrain": "{n} người bị địa hình hoặc công trình che khuất khỏi các vị trí trong "
        "tầm {km} km",
        "distance": "{n} người ở ngoài tầm {km} km của mọi vị trí đã so sánh",
        "no_place": "{n} người không có vị trí nào được so sánh trong bán kính {twice} km",
        "chance": "{n} người ở nơi nhiều khả năng được phủ nhưng chưa chắc chắn",
    },
    "en": {
        "served": "{share} % of the residents are covered after the plan",
        "missed": "{share} % of the residents are covered after the plan, {missed} are not",
        "budget": "{n} could be covered from places compared but not chosen{best}: stations and "
        "money go where they gain more",
        "best": " ({site} alone: {people})",
        "terrain": "{n} are hidden by terrain or buildings from the places within reach ({km} km)",
        "distance": "{n} live beyond the reach ({km} km) of every place compared",
        "no_place": "for {n} no place within {twice} km was compared",
        "chance": "{n} live where coverage is likely but not certain",
    },
}


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


def unreached(
    province: Province,
    frame: GeoDataFrame,
    cover: Cover,
    cells: DemandCells,
    after: NDArray[np.floating],
    chosen: NDArray[np.integer],
) -> Unreached:
    """Return why the residents of each commune are missed.

    Each is missed with the probability that the best server fails there. What a candidate would
    add to that is for want of stations or money (``budget``); of the rest, places that are or
    would be served more often than not count as ``chance``, and the others by the nearest
    candidate: within reach (``terrain``), within twice the reach (``distance``), or farther
    (``no_place``).

    Parameters
    ----------
    after
        Share of every demand cell that is served after the plan.
    chosen
        Rows of the candidates that are built.
    """
    away_m = np.tile(_nearest_m(province, frame, cells), len(cells.carriers))
    reach_m = _reach_m(province, frame, cover, cells)
    residents = _residents(province, cells)
    people = residents.T @ _causes(cover, after, away_m, reach_m)
    more = (_more(cover, after, chosen) @ residents).toarray()
    best_people = more.max(axis=0, initial=0.0)
    best = [
        str(frame[col.SITE_ID].iloc[int(gain.argmax())]) if most > 0.0 else ""
        for gain, most in zip(more.T, best_people, strict=True)
    ]
    return Unreached(np.asarray(people), best, best_people, reach_m / 1000.0)


def _causes(cover: Cover, after: NDArray[np.floating], away_m: Floats, reach_m: float) -> Floats:
    """Return the share of every cell missed for each of ``CAUSES``."""
    served = np.asarray(after, np.float64)
    could = served.copy()
    np.maximum.at(could, cover.cell, cover.share.astype(np.float64))
    rest = 1.0 - could
    unlikely = could < LIKELY
    near, far = away_m <= reach_m, away_m > 2.0 * reach_m
    kinds = (unlikely & near, unlikely & ~near & ~far, unlikely & far, ~unlikely)
    return np.column_stack([could - served, *(np.where(kind, rest, 0.0) for kind in kinds)])


def _residents(province: Province, cells: DemandCells) -> sparse.csr_matrix:
    """Return the residents of every cell by commune."""
    block, commune = cells.over.of_pixel.ravel(), province.commune_index.values.ravel()
    people = province.population.values.ravel().astype(np.float64)
    held = (block >= 0) & (commune >= 0) & (people > 0.0)
    shape = (cells.over.count, len(province.communes))
    one = sparse.coo_matrix((people[held], (block[held], commune[held])), shape).tocsr()
    parts = [one * carrier.weight for carrier in cells.carriers]
    return sparse.csr_matrix(sparse.vstack(parts))


def _more(
    cover: Cover, after: NDArray[np.floating], chosen: NDArray[np.integer]
) -> sparse.csr_matrix:
    """Return what every candidate that is not built would add to the share of each cell."""
    more = np.maximum(cover.share.astype(np.float64) - after[cover.cell], 0.0)
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))
    more[np.isin(row, chosen)] = 0.0
    return sparse.csr_matrix((more, cover.cell, cover.first), (cover.candidates, after.size))


def _centres(province: Province, cells: DemandCells) -> Floats:
    """Return the centre of every block, shape (blocks, 2), in metres."""
    side = cells.over.side
    row, column = np.nonzero(cells.over.number >= 0)
    grid = province.grid
    x_m = grid.x_min_m + (column + 0.5) * side * grid.pixel_m
    y_m = grid.y_max_m - (row + 0.5) * side * grid.pixel_m
    return np.column_stack([x_m, y_m])


def _nearest_m(province: Province, frame: GeoDataFrame, cells: DemandCells) -> Floats:
    return nearest_m(_centres(province, cells), _places(frame))


def _places(frame: GeoDataFrame) -> Floats:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _reach_m(province: Province, frame: GeoDataFrame, cover: Cover, cells: DemandCells) -> float:
    likely = cover.share >= LIKELY
    if not likely.any():
        return 0.0
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))[likely]
    block = cover.cell[likely] % cells.over.count
    gap = _places(frame)[row] - _centres(province, cells)[block]
    return float(np.quantile(np.hypot(gap[:, 0], gap[:, 1]), REACH_QUANTILE))


def with_reasons(communes: GeoDataFrame, found: Unreached) -> GeoDataFrame:
    """Return the communes with their main cause and why residents are missed, in words.

    The causes' parts of the residents missed are those of the demand cells; their sum is the
    residents that the commune's covered share leaves.
    """
    population = communes[col.POPULATION].to_numpy(float)
    share = communes[col.COVERED_POPULATION_SHARE_AFTER].to_numpy(float)
    missed = population * (1.0 - np.nan_to_num(share))
    whole = found.people.sum(axis=1)
    scale = np.divide(missed, whole, out=np.zeros_like(missed), where=whole > 0.0)
    people = found.people * scale[:, None]
    served = missed <= SERVED * population
    main = np.where(served, "served", np.array(CAUSES)[people.argmax(axis=1)])
    why = [
        bilingual.both(partial(_why, people[i], found, i, population[i]))
        for i in range(len(communes))
    ]
    return communes.assign(**{col.MAIN_CAUSE: main, col.WHY: pd.Series(why, communes.index)})


def _why(people: Floats, found: Unreached, commune: int, population: float, language: str) -> str:
    words, missed = TEXTS[language], float(people.sum())
    kind = "served" if missed <= SERVED * population else "missed"
    share = number(100.0 * (1.0 - missed / population) if population > 0.0 else 100.0, language)
    head = words[kind].format(share=share, missed=number(missed, language))
    named = [c for c in np.argsort(-people, kind="stable") if people[c] >= NAMED * missed > 0.0]
    parts = [_part(CAUSES[c], people[c], found, commune, language) for c in named]
    return f"{head}{': ' if parts else ''}{'; '.join(parts)}."


def _part(cause: str, people: float, found: Unreached, commune: int, language: str) -> str:
    words = TEXTS[language]
    best = ""
    if cause == "budget" and found.best[commune]:
        told_people = number(found.best_people[commune], language)
        best = words["best"].format(site=found.best[commune], people=told_people)
    km = f"{found.reach_km:.1f}", f"{2.0 * found.reach_km:.1f}"
    if language == "vi":
        km = km[0].replace(".", ","), km[1].replace(".", ",")
    return words[cause].format(n=number(people, language), best=best, km=km[0], twice=km[1])
