"""Who may hang a 5G antenna on which mast, how high, and why the others may not."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.network import mast_rules
from phusong.messages import message
from phusong.scenarios.config.carriers import Licence
from phusong.scenarios.config.sections import Candidates

PLACE, LICENCE = "place", "licence"
# Why a mast takes no (further) station; the first that holds is given.
LIVE, FULL, LOW = "live_5g", "full", "too_low"
LEFT_OUT = (LIVE, FULL, LOW)


class Load(NamedTuple):
    """What each place carries: antenna heights (m; NaN: none), antenna sets, operators, 5G."""

    users_m: NDArray[np.float64]
    sets: NDArray[np.int64]
    operators: NDArray[np.int64]
    live: NDArray[np.bool_]


def stations(
    places: GeoDataFrame, sites: GeoDataFrame, licences: list[Licence], rules: Candidates
) -> pd.DataFrame:
    """Return every claim of a station on a place: place, licence, height_m, reason.

    ``place`` is a row of ``places``, ``licence`` one of ``licences``. ``reason`` is empty where
    the station fits, else one of LEFT_OUT. A shared station takes several antenna sets and
    counts with the height of its lowest. Claims on one place are given sets and levels in turn,
    so that all that fit can be built beside each other.
    """
    load = load_of(places, sites)
    by_operator = rules.policy == "operators"
    claims = (_by_operator if by_operator else _by_place)(places, sites, load, licences)
    place = claims[PLACE].to_numpy(int)
    waits = ~claims[LIVE].to_numpy(bool)
    waiting = waits * np.array([licence.sets for licence in licences])[claims[LICENCE]]
    last = (pd.Series(waiting).groupby(place).cumsum().to_numpy(int) - 1).clip(min=0)
    top_m = places[col.MAST_HEIGHT_M].to_numpy(float)
    count = int(last.max(initial=0)) + 1
    levels = mast_rules.levels_m(top_m, load.users_m, count, rules.separation_m)
    sets = by_mast(places, rules, "antenna_sets").astype(int)
    height_m = levels[place, last]
    full = load.sets[place] + last + 1 > sets[place]
    low = height_m < rules.min_height_m
    claims[col.HEIGHT_M] = height_m
    claims[col.REASON] = np.select([~waits, full, low], [LIVE, FULL, LOW], "")
    return claims[[PLACE, LICENCE, col.HEIGHT_M, col.REASON]]


def by_mast(places: pd.DataFrame, rules: Candidates, figure: str) -> NDArray[np.float64]:
    """Return a figure of the rules on masts (``candidates.masts``) for each place's mast."""
    kind = mast_rules.structure(
        places[col.MAST_CLASS].to_numpy(object), places[col.MAST_HEIGHT_M].to_numpy(float)
    )
    values = [float(getattr(getattr(rules.masts, n), figure)) for n in mast_rules.STRUCTURES]
    return np.array(values)[kind]


def load_of(places: GeoDataFrame, sites: GeoDataFrame) -> Load:
    """Return what the sites put on each place.

    The sites of one operator at one height, of different technologies, share an antenna set;
    5G needs one of its own.
    """
    row = pd.Series(np.arange(len(places)), index=places[col.POSITION_ID])
    on = sites[[col.OPERATOR, col.HEIGHT_M, col.TECHNOLOGIES]].assign(
        place=row.reindex(sites[col.POSITION_ID]).to_numpy(), live=with_5g(sites)
    )
    on = on.dropna(subset=[PLACE]).astype({PLACE: int})
    own = [PLACE, col.OPERATOR, col.HEIGHT_M]
    on["set"] = on.groupby([*own, col.TECHNOLOGIES]).cumcount()  # a second 4G is of another set
    on = on.groupby([*own, "set"], as_index=False)["live"].any()
    on = on.sort_values([PLACE, col.HEIGHT_M], ascending=[True, False])
    tenant = on.groupby(PLACE).cumcount().to_numpy(int)
    users_m = np.full((len(places), int(tenant.max(initial=-1)) + 1), np.nan)
    users_m[on[PLACE], tenant] = on[col.HEIGHT_M]
    number = np.bincount(on[PLACE], minlength=len(places))
    live = np.bincount(on[PLACE], on["live"], minlength=len(places)).astype(int)
    names = on.drop_duplicates([PLACE, col.OPERATOR])[PLACE]
    return Load(users_m, number + live, np.bincount(names, minlength=len(places)), live > 0)


def with_5g(sites: GeoDataFrame) -> NDArray[np.bool_]:
    """Return which sites have 5G on air."""
    return np.array(["5G" in text.split("/") for text in sites[col.TECHNOLOGIES]], bool)


def _by_place(
    places: GeoDataFrame, _sites: GeoDataFrame, load: Load, _licences: list[Licence]
) -> pd.DataFrame:
    """Let the one licence claim every place."""
    return pd.DataFrame({PLACE: np.arange(len(places)), LICENCE: 0, LIVE: load.live})


def _by_operator(
    places: GeoDataFrame, sites: GeoDataFrame, load: Load, licences: list[Licence]
) -> pd.DataFrame:
    """Let each operator claim new places, its own, and those that two or more share.

    On a mast the operators there come first, from the highest down, then the others by
    frequency: the shorter the reach, the higher the antenna.
    """
    names = [licence.operator for licence in licences]
    _require_operators(places, sites, names)
    claims = pd.MultiIndex.from_product(
        [range(len(places)), range(len(names))], names=[PLACE, LICENCE]
    ).to_frame(index=False)
    held = _held(sites, places[col.POSITION_ID].iloc[claims[PLACE]], np.array(names, object))
    claims["own_m"] = held[col.HEIGHT_M].to_numpy(float)
    claims[LIVE] = held[LIVE].eq(True).to_numpy()
    new = (places[col.KIND] == col.NEW).to_numpy(bool)
    open_to_all = (new | (load.operators >= 2))[claims[PLACE]]
    claims = claims[claims["own_m"].notna() | open_to_all]
    claims = claims.sort_values([PLACE, "own_m", LICENCE], ascending=[True, False, True])
    return pd.DataFrame(claims.reset_index(drop=True))


def _held(sites: GeoDataFrame, positions: pd.Series, names: NDArray[np.object_]) -> pd.DataFrame:
    """Return the highest antenna and 5G of each operator on each position, NaN where none."""
    own = sites.assign(**{LIVE: with_5g(sites)}).groupby([col.POSITION_ID, col.OPERATOR])
    keys = [positions.to_numpy(object), np.resize(names, len(positions))]
    held = own.agg({col.HEIGHT_M: "max", LIVE: "any"})
    return pd.DataFrame(held.reindex(pd.MultiIndex.from_arrays(keys)))


def _require_operators(places: GeoDataFrame, sites: GeoDataFrame, names: list[str]) -> None:
    colocated = (places[col.KIND] == col.COLOCATED).any()
    if colocated and not sites[col.OPERATOR].isin(names).any():
        remedy = message("remedy.name_the_operator_of_each_site")
        defect = Defect(
            "sites",
            message("problem.no_site_belongs_to", names=[*names]),
            remedy,
            column=col.OPERATOR,
        )
        raise InputError(
            message("refusal.candidates_policy_operators_needs_the_operators"), [defect]
        )
