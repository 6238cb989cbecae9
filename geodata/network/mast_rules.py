"""What masts may stand where, how high they are, and where on one an antenna still fits."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.geodata import crs, reference
from phusong.geodata.countries import Country

Floats = NDArray[np.float64]

# A mast class and whether the mast is low or high for it: the rows of a rule about masts.
STRUCTURES = ("a1_low", "a1_high", "a2a_low", "a2a_high", "a2b_low", "a2b_high")
# Up to this height above ground a mast is low: 15 m for A2a in the plan of Quảng Nam
# (quangnam.gov.vn IDBaiViet=30399); for A1 and A2b general knowledge, not verified.
LOW_TO_M = {"A1": 15.0, "A2a": 15.0, "A2b": 30.0}
STREETS = ("urban", "township")  # where a mast stands on a roof
BUILT_UP = (*STREETS, "industrial")  # where rules speak of urban land
LIKE_SETTING = {"A1": "urban"}  # whose heights a class takes in a setting without it
TOUCHING_M = 1e-9


def structure(mast_class: NDArray[np.object_], height_m: Floats) -> NDArray[np.int64]:
    """Return the row of STRUCTURES of masts by class and height above ground (m).

    >>> structure(np.array(["A2a", "A2a", "A2b"], object), np.array([15.0, 18.0, 36.0]))
    array([2, 3, 5])
    """
    names = list(LOW_TO_M)
    row = np.array([names.index(name) if name in names else len(names) - 1 for name in mast_class])
    high = np.asarray(height_m) > np.array(list(LOW_TO_M.values()))[row.astype(int)]
    return np.asarray(2 * row + high, np.int64)


def class_for(setting: NDArray[np.str_], sensitive: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return the class of a new mast: A1 in sensitive places, A2a in streets, A2b elsewhere.

    Plan of Quảng Nam 2017-2020 (quangnam.gov.vn IDBaiViet=30399).
    """
    plain = np.where(np.isin(setting, STREETS), "A2a", "A2b")
    return np.where(sensitive, "A1", plain).astype(object)


def typical_height_m(
    setting: NDArray[np.str_], mast_class: NDArray[np.object_], country: Country
) -> Floats:
    """Return the median antenna height (m above ground) of a class in a setting: ``heights.csv``.

    A class that the table does not have in a setting takes its height in LIKE_SETTING.
    """
    table = country.table("heights").set_index([columns.CLUTTER, columns.MAST_CLASS])
    median = table["height_agl_m_p50"].astype(float).to_dict()
    like = {name: median[LIKE_SETTING[name], name] for name in LIKE_SETTING}
    pairs = zip(setting.tolist(), mast_class.tolist(), strict=True)
    return np.array([median.get(pair, like.get(pair[1])) for pair in pairs], float)


def sensitive(
    points: NDArray[np.object_], zones: GeoDataFrame, communes: GeoDataFrame, reach_m: float
) -> NDArray[np.bool_]:
    """Return which points lie in or within reach of a tourism zone or a commune's centre.

    They stand for the heritage, squares and administrative fronts near which the plan of Quảng
    Nam asks for non-bulky masts within 200 m (quangnam.gov.vn IDBaiViet=30399).
    """
    protected = (zones[columns.KIND] == "tourism") | zones[columns.CATEGORY].eq("heritage")
    shapes = [*zones.geometry[protected.astype(bool)], *centres(communes)]
    hits = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=reach_m)
    return np.isin(np.arange(len(points)), hits[0])


def centres(communes: GeoDataFrame) -> NDArray[np.object_]:
    """Return a point for the centre of each commune: ``communes.csv``, else inside its polygon."""
    inside = shapely.point_on_surface(communes.geometry.to_numpy())
    if crs.name_of(communes) not in crs.known():
        return np.asarray(inside, object)
    table = reference.table("communes")
    x_m, y_m = crs.transform(table["lon"], table["lat"], crs.GEOGRAPHIC, crs.name_of(communes))
    known = gpd.GeoSeries(shapely.points(x_m, y_m), index=table["code"])
    own = known.reindex(communes[columns.COMMUNE_CODE]).to_numpy()
    return np.asarray(np.where(shapely.is_missing(own), inside, own), object)


def levels_m(top_m: Floats, users_m: Floats, count: int, separation_m: float) -> Floats:
    """Return the ``count`` highest free levels of each mast, in metres above ground.

    A level is free when it is at most ``top_m`` and the separation away from every user and
    every level above. ``users_m`` holds the heights on each mast in a row, NaN where none.

    >>> levels_m(np.array([36.0, 24.0]), np.array([[36.0, 33.0], [np.nan, np.nan]]), 2, 3.0)
    array([[30., 27.],
           [24., 21.]])
    """
    taken, levels = users_m, np.empty((len(top_m), 0))
    for _ in range(count):
        level = np.array(top_m, float)
        for user_m in -np.sort(-taken, axis=1).T:  # downwards, NaN last
            close = np.abs(level - user_m) < separation_m - TOUCHING_M
            level = np.where(close, user_m - separation_m, level)
        taken = np.column_stack([taken, level])
        levels = np.column_stack([levels, level])
    return levels
