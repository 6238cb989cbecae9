"""True north in a grid against the spherical formula, PROJ's own factors, and symmetry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Proj

from phusong.geodata import crs


@pytest.mark.parametrize(("name", "meridian"), [("EPSG:5897", 105.0), ("EPSG:32648", 105.0)])
@settings(deadline=None)  # the first call opens the data of PROJ
@given(east_deg=st.floats(-1.5, 1.5), lat=st.floats(8.0, 24.0))
def test_true_north_leans_to_the_central_meridian(name, meridian, east_deg, lat):
    """Convergence is the difference in longitude times the sine of the latitude."""
    x_m, y_m = crs.transform(meridian + east_deg, lat, crs.GEOGRAPHIC, name)
    expected_deg = -east_deg * np.sin(np.radians(lat))
    assert crs.true_north_deg(x_m, y_m, name) == pytest.approx(expected_deg, abs=2e-3)


@pytest.mark.parametrize(("lon", "lat"), [(105.6, 21.3), (104.8, 21.3), (106.4, 10.8)])
def test_true_north_is_the_convergence_of_proj(lon, lat):
    """A second computation: the derivatives that PROJ works out of the projection."""
    found = crs.true_north_deg(*crs.transform(lon, lat, crs.GEOGRAPHIC, crs.PLANNING), crs.PLANNING)
    factors = Proj(CRS(crs.PLANNING)).get_factors(lon, lat)
    assert found == pytest.approx(-factors.meridian_convergence, abs=2e-4)
