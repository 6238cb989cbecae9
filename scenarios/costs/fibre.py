"""Which places have optical fibre: an assumption by setting, or a planner's list."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from scipy.spatial import cKDTree

from phusong import columns as col
from phusong.geodata.network.coordinates import SAME_POSITION_M

# Share of existing positions that fibre reaches, by their setting; others count as rural, and
# all that are left have a microwave link. General knowledge, not verified.
FIBRE_SHARE = {"urban": 0.95, "industrial": 0.95, "township": 0.9, "rural": 0.8, "mountain": 0.5}
RURAL = "rural"
DRAWS = 2**64


def existing(sites: GeoDataFrame) -> GeoDataFrame:
    """Return one row per position, in the order of their ids: position_id, height_m, clutter.

    Height, setting and place are those of the site with the greatest antenna height on it.
    """
    best_first = sites.sort_values(
        [col.POSITION_ID, col.HEIGHT_M, col.SITE_ID], ascending=[True, False, True]
    )
    top = best_first[~best_first[col.POSITION_ID].duplicated()]
    columns = [col.POSITION_ID, col.HEIGHT_M, col.CLUTTER, "geometry"]
    return top[columns].reset_index(drop=True)


def fibre_points(
    places: GeoDataFrame, seed: int, share: Mapping[str, float] = FIBRE_SHARE
) -> GeoDataFrame:
    """Return the positions assumed to have fibre: position_id and place.

    Every position draws for itself, from the seed and its id: neither the order nor the other
    rows matter, and a larger share only adds positions.
    """
    wanted = [share.get(setting, share.get(RURAL, 0.0)) for setting in places[col.CLUTTER]]
    drawn = [_draw(name, seed) for name in places[col.POSITION_ID]]
    has = np.array(drawn) < np.array(wanted) if len(places) else np.zeros(0, bool)
    return places.loc[has, [col.POSITION_ID, "geometry"]].reset_index(drop=True)


def _draw(name: str, seed: int) -> float:
    """Return a number from 0 to 1 that a seed and a name always give."""
    digest = hashlib.blake2b(f"fibre {seed} {name}".encode(), digest_size=8)
    return int.from_bytes(digest.digest()) / DRAWS


def listed_points(listed: GeoDataFrame, places: GeoDataFrame) -> GeoDataFrame:
    """Return a planner's fibre points, each under the id of the position it lies on.

    A point within 15 m of an existing position is fibre there; the others get ids of their
    own, ``fibre`` and their name.
    """
    names = "fibre " + listed[col.POSITION_ID].astype(str)
    if len(places) and len(listed):
        there = np.column_stack([places.geometry.x, places.geometry.y])
        away_m, near = cKDTree(there).query(np.column_stack([listed.geometry.x, listed.geometry.y]))
        here = places[col.POSITION_ID].to_numpy()[near]
        names = pd.Series(np.where(away_m <= SAME_POSITION_M, here, names), index=listed.index)
    points = listed[["geometry"]].assign(**{col.POSITION_ID: names})
    points = points.sort_values(col.POSITION_ID)
    once = points[~points[col.POSITION_ID].duplicated()]
    return once[[col.POSITION_ID, "geometry"]].reset_index(drop=True)
