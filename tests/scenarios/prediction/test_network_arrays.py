"""Cells of a list as arrays: true azimuths become those of the grid, of sites as of cells."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.geodata import crs
from phusong.scenarios.config import schema
from phusong.scenarios.prediction import chain, network_arrays


def test_a_main_lobe_to_true_north_meets_what_lies_north(mini_province):
    """The azimuth in the grid is that of a point on the same meridian, 5 km away."""
    sites, layer = mini_province.sites.iloc[:5], schema.load("urban").layer_5g
    sites = sites.assign(**{col.AZIMUTHS_DEG: "0/90"})
    _, found = chain.masts_and_cells(sites, layer, mini_province.grid)
    lon, lat = crs.transform(
        sites.geometry.x, sites.geometry.y, mini_province.grid.crs, "EPSG:4326"
    )
    x_m, y_m = crs.transform(lon, lat + 0.045, "EPSG:4326", mini_province.grid.crs)
    bearing_deg = np.degrees(np.arctan2(x_m - sites.geometry.x, y_m - sites.geometry.y))
    turned = (found.azimuth_deg.reshape(-1, 2) + 180.0) % 360.0 - 180.0
    assert turned[:, 0] == pytest.approx(bearing_deg.to_numpy(), abs=1e-3)
    assert turned[:, 1] == pytest.approx(90.0 + bearing_deg.to_numpy(), abs=1e-3)
    assert (np.abs(bearing_deg) > 0.1).all()


def test_no_main_direction_stays_none(mini_province):
    sites = mini_province.sites.iloc[:2]
    found = network_arrays.grid_azimuths_deg(np.array([np.nan, 10.0]), sites, mini_province.grid)
    assert np.isnan(found[0])
    assert 9.0 < found[1] < 10.0
