"""A part of a province is what it was in the whole."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.provinces.part import part_of


@pytest.fixture
def part(mini_province):
    return part_of(mini_province, ["902"], margin_m=300.0)


def test_people_communes_and_sites_are_those_of_the_district(part, mini_province):
    assert list(part.communes[col.COMMUNE_CODE]) == ["90003", "90004"]
    assert part.population.values.sum() == pytest.approx(4_000 + 1_500, rel=1e-5)
    assert set(part.sites[col.DISTRICT_CODE]) == {"902"}
    assert len(part.sites) + len(part_of(mini_province, ["901"]).sites) == len(mini_province.sites)
    assert list(part.zones[col.ZONE_ID]) == [
        zone
        for zone, code in zip(
            *(mini_province.zones[c] for c in (col.ZONE_ID, col.DISTRICT_CODE)), strict=True
        )
        if code == "902"
    ]


def test_pixels_are_those_of_the_whole(part, mini_province):
    whole = mini_province.grid
    left = round((part.grid.x_min_m - whole.x_min_m) / whole.pixel_m)
    top = round((whole.y_max_m - part.grid.y_max_m) / whole.pixel_m)
    window = np.s_[top : top + part.grid.height, left : left + part.grid.width]
    np.testing.assert_array_equal(part.terrain.values, mini_province.terrain.values[window])
    inside = part.commune_index.values >= 0
    np.testing.assert_array_equal(
        part.commune_index.values[inside] + 2, mini_province.commune_index.values[window][inside]
    )
    assert (part.landcover.values[~inside] == 0).all()


def test_the_whole_as_its_own_part_keeps_every_pixel_of_it(mini_province):
    part = part_of(mini_province, ["901", "902"], margin_m=1e6)
    assert part.grid == mini_province.grid
    np.testing.assert_array_equal(part.commune_index.values, mini_province.commune_index.values)


@pytest.mark.parametrize("codes", [["901", "999"], []])
def test_an_unknown_district_is_named_with_those_there_are(mini_province, codes):
    with pytest.raises(InputError, match="no such district of Mini"):
        part_of(mini_province, codes)
