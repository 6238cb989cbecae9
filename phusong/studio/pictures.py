"""Pictures of what stations serve, as the page lays them over the map."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rasterio.transform import from_origin

from phusong.geodata import crs
from phusong.geodata.grid import Grid
from phusong.maps.pictures import overlay

# Red, green, blue of what is served more, and less.
MORE, LESS = (0, 114, 178), (213, 94, 0)
LEAST = 0.05  # of a share: less is not shown
OPAQUE = 215  # of 255, at a share of 1
MARGIN = 2  # pixels

Shares = NDArray[np.float32]


def difference(before: Shares, after: Shares, grid: Grid) -> dict[str, Any] | None:
    """Return where more and where less is served, None where nothing differs enough.

    Parameters
    ----------
    before, after
        Share of every pixel that is served, shape of the grid.
    grid
        On which they lie.

    Returns
    -------
    dict or None
        ``url`` of a PNG and ``bounds``, ``[[south, west], [north, east]]`` in degrees.
    """
    return _laid(after - before, grid)


def probability(share: Shares, grid: Grid) -> dict[str, Any] | None:
    """Return where one station serves, the denser the likelier; None where nowhere.

    Parameters
    ----------
    share
        Probability of service, shape of the grid.
    grid
        On which it lies.
    """
    return _laid(share, grid)


def _laid(change: Shares, grid: Grid) -> dict[str, Any] | None:
    """Return a picture of shares from -1 to 1 on web mercator, cut to where there is one."""
    rows, columns = np.nonzero(np.abs(change) >= LEAST)
    if not rows.size:
        return None
    top, bottom = max(rows.min() - MARGIN, 0), rows.max() + MARGIN + 1
    left, right = max(columns.min() - MARGIN, 0), columns.max() + MARGIN + 1
    part = np.ascontiguousarray(change[top:bottom, left:right])
    west_m = grid.x_min_m + left * grid.pixel_m
    north_m = grid.y_max_m - top * grid.pixel_m
    height, width = part.shape
    x_m = [west_m, west_m + width * grid.pixel_m]
    y_m = [north_m - height * grid.pixel_m, north_m]
    lon, lat = crs.transform(np.repeat(x_m, 2), np.tile(y_m, 2), grid.crs, crs.GEOGRAPHIC)
    frame = overlay.mercator_grid((lon.min(), lat.min(), lon.max(), lat.max()))
    placed = from_origin(west_m, north_m, grid.pixel_m, grid.pixel_m)
    warped = np.nan_to_num(overlay.reprojected(part, placed, grid.crs, frame))
    return {"url": _png(warped), "bounds": overlay.corners(frame)}


def _png(change: NDArray[np.float32]) -> str:
    colours = np.zeros((*change.shape, 4), np.uint8)
    colours[change > 0.0, :3] = MORE
    colours[change < 0.0, :3] = LESS
    strength = np.abs(change)
    colours[..., 3] = np.where(strength >= LEAST, 60 + (OPAQUE - 60) * np.minimum(strength, 1), 0)
    written = io.BytesIO()
    Image.fromarray(colours, mode="RGBA").save(written, "PNG", compress_level=4)
    return overlay.data_url(written.getvalue(), "png")
