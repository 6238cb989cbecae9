"""What the plan leaves uncovered: polygons with their people and the likely cause."""

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from rasterio.features import shapes, sieve
from scipy.ndimage import find_objects, label
from shapely.geometry import shape

from phusong import columns as col
from phusong import stored
from phusong.coverage import statistics
from phusong.geodata.ground.spacing import nearest_m
from phusong.geodata.province import Province
from phusong.messages import Message, message

MIN_PIXELS = 50  # 4.5 ha at 30 m: smaller ones are noise of the prediction
MIN_PEOPLE = 100.0
FAR_KM = 2.0


def holes(
    province: Province,
    covered: NDArray[np.bool_],
    outdoors: NDArray[np.bool_],
    stations_xy_m: NDArray[np.float64],
) -> gpd.GeoDataFrame:
    """Return uncovered inhabited areas, the one with most people first.

    Parameters
    ----------
    covered, outdoors
        Grid-shaped: where the service holds, and where the outdoor threshold is met.
    stations_xy_m
        All 5G stations after the plan, shape (n, 2), planning CRS.
    """
    people = province.population.values
    open_ = stored.by_bands(lambda at: (people[at] > 0) & ~covered[at], people.shape, np.bool_)
    parts, count = _parts(province, open_)
    inside = statistics.sum_by_label(parts, people, count + 1)[1:]
    (reached,) = statistics.sum_shares_by_label(parts, people, [outdoors], count + 1)
    reached = reached[1:]
    inhabited = np.append(False, inside >= MIN_PEOPLE)
    for rows in stored.bands(parts.shape):
        parts[rows] *= inhabited[parts[rows]]
    outlines = {
        int(number): shape(outline)
        for outline, number in shapes(parts, parts > 0, transform=province.grid.transform)
    }
    frame = gpd.GeoDataFrame(
        {"part": list(outlines)}, geometry=list(outlines.values()), crs=province.grid.crs
    )
    frame[col.PEOPLE] = inside[frame["part"] - 1].round()
    frame[col.AREA_KM2] = frame.area / 1e6
    outdoor_share = reached[frame["part"] - 1] / inside[frame["part"] - 1]
    frame[col.CAUSE] = _causes(frame, outdoor_share, stations_xy_m)
    return _placed(frame, province).sort_values(
        [col.PEOPLE, "part"], ascending=[False, True], ignore_index=True
    )


def _parts(province: Province, open_: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    """Return the connected uncovered areas of each commune, numbered, and how many there are.

    Small ones are left out.
    """
    solid = sieve(open_.view(np.uint8), MIN_PIXELS, connectivity=4).view(np.bool_)
    solid &= open_
    unit = stored.stored(province.commune_index.values, np.int32)
    unit += 1
    parts: NDArray[np.int32] = stored.empty(open_.shape, np.int32)
    offset = 0
    for number, window in enumerate(find_objects(unit), start=1):
        if window is not None:
            numbers, count = label(solid[window] & (unit[window] == number))
            parts[window][numbers > 0] = numbers[numbers > 0] + offset
            offset += count
    return parts, offset


def _causes(
    frame: gpd.GeoDataFrame,
    outdoor_share: NDArray[np.float64],
    stations_xy_m: NDArray[np.float64],
) -> list[Message]:
    points = frame.representative_point()
    far_m = nearest_m(np.column_stack([points.x, points.y]), stations_xy_m)
    kinds = np.where(
        outdoor_share >= 0.5,
        "outdoor_only",
        np.where(far_m > FAR_KM * 1000, "distance", "terrain"),
    )
    messages = {
        "outdoor_only": message("hole.outdoor_only"),
        "distance": message("hole.distance", km=FAR_KM),
        "terrain": message("hole.terrain"),
    }
    return [messages[kind] for kind in kinds]


def _placed(frame: gpd.GeoDataFrame, province: Province) -> gpd.GeoDataFrame:
    """Add the commune in which each hole's inner point lies."""
    points = frame.representative_point()
    row, column = province.grid.index(points.x, points.y)
    commune = province.commune_index.values[row, column].astype(int)
    at = province.communes.iloc[commune]
    frame[col.COMMUNE_CODE] = at[col.COMMUNE_CODE].to_numpy()
    frame[col.DISTRICT_CODE] = at[col.DISTRICT_CODE].to_numpy()
    return frame
