"""A coordinate system that a broken .prj file states is refused by name, whatever is odd in it."""

import geopandas as gpd
import pytest
from shapely.geometry import Point

from phusong.errors import InputError
from phusong.geodata.files import vector

DEGREE = '"Degree",0.0174532925199433'


@pytest.mark.parametrize("unit", ['"Degree",5e-324', '"Degree",1e308', '"Degree",0'])
def test_an_impossible_unit_is_refused(tmp_path, unit):
    """PROJ takes it for longitude and latitude, but not on the way to the planning grid."""
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(560_000, 2_356_000)], crs="EPSG:5897")
    frame.to_file(tmp_path / "a.shp")
    path = tmp_path / "a.prj"
    assert DEGREE in path.read_text()
    path.write_text(path.read_text().replace(DEGREE, unit))
    with pytest.raises(
        InputError, match=r"a.shp: (has no coordinate system|cannot be read: Invalid projection)"
    ):
        vector.read(tmp_path / "a.shp")
