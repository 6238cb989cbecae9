"""3,000 sites that nobody built: their shares, spacing and reach are those of the recipe."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.countries import open_country
from phusong.geodata.grid import Raster
from phusong.geodata.province import LandCover
from phusong.geodata.provinces import synthetic_sites

RECORD = [columns.POSITION_ID, columns.OPERATOR, columns.TECHNOLOGIES]


@pytest.fixture(scope="module")
def sites(reference_province):
    return reference_province.sites


@pytest.fixture(scope="module")
def positions(sites):
    return sites.drop_duplicates(columns.POSITION_ID)


def points(frame):
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def reach_m(frame, province, pixels):
    """Return the distance from each pixel to the nearest site."""
    rows, cols = np.nonzero(pixels)
    x, y = province.grid.centres()
    return cKDTree(points(frame)).query(np.column_stack([x[cols], y[rows]]))[0]


def make(province, seed, count):
    layers = (province.zones, province.terrain, province.landcover, province.population)
    return synthetic_sites.generate(province.communes, *layers, seed, count)


def test_there_are_3000_sites_with_the_right_columns(sites):
    assert tuple(sites.columns) == (*columns.BTS, "geometry")
    assert len(sites) == 3000
    assert sites[columns.SITE_ID].is_unique
    assert not sites.duplicated(RECORD).any()
    assert (sites[columns.STATUS] == "live").all()
    assert sites.notna().all(axis=None)


def test_a_position_is_one_place(sites):
    assert (sites.groupby(columns.POSITION_ID)["geometry"].agg(lambda g: len(set(g))) == 1).all()
    assert len(set(sites.geometry)) == sites[columns.POSITION_ID].nunique()


def test_operators_have_their_shares_of_tenancies(sites):
    share = open_country().table("operators").set_index("operator")["site_share_pct"] / 100
    tenants = sites.drop_duplicates([columns.POSITION_ID, columns.OPERATOR])
    seen = tenants[columns.OPERATOR].value_counts(normalize=True)
    assert (seen - share).abs().max() < 0.01


def test_one_in_five_of_1250_positions_is_shared_by_two_to_four(sites):
    """facts/scenario_parameters.csv: 2.4 BTS records a position; at least 20 % of them shared."""
    sharers = sites.groupby(columns.POSITION_ID)[columns.OPERATOR].nunique()
    assert len(sharers) == 1250
    assert (sharers > 1).mean() == pytest.approx(0.20, abs=0.005)
    assert set(sharers) == {1, 2, 3, 4}


@given(st.integers(1, 20_000))
def test_groups_are_a_fifth_of_the_positions(positions):
    groups = synthetic_sites.shared_groups(positions)
    assert set(groups.tolist()) <= {2, 3, 4}
    assert abs(len(groups) - 0.2 * positions) <= 0.5


def test_a_record_is_one_technology_of_one_operator(sites):
    number = sites[columns.TECHNOLOGIES].value_counts()
    tenants = sites.groupby([columns.POSITION_ID, columns.OPERATOR])
    assert set(number.index) == {"2G", "3G", "4G", "5G"}
    assert (number["3G"], number["5G"]) == (1200, 5)
    assert (tenants[columns.TECHNOLOGIES].agg(lambda t: (t == "4G").sum()) == 1).all()
    for column in (columns.HEIGHT_M, columns.AZIMUTHS_DEG):
        assert (tenants[column].nunique() == 1).all(), f"{column} differs by technology"
    live = sites[sites[columns.TECHNOLOGIES] == "5G"]
    assert live[columns.OPERATOR].value_counts().to_dict() == {
        "Viettel": 2,
        "VNPT": 2,
        "MobiFone": 1,
    }
    assert live[columns.AZIMUTHS_DEG].str.count("/").eq(2).all()


def test_live_5g_stands_in_the_cities_a_park_and_tam_dao(sites, reference_province):
    live = sites[sites[columns.TECHNOLOGIES].str.contains("5G")]
    zones = reference_province.zones.set_index(columns.ZONE_ID).geometry
    home = [
        sorted(code for code in ("U01", "U02", "I01", "T01") if zones[code].covers(point))
        for point in live.geometry
    ]
    assert sorted(home) == [["I01"], ["T01"], ["U01"], ["U01"], ["U02"]]


def test_positions_keep_the_least_distance(positions):
    tree = cKDTree(points(positions))
    least = positions[columns.CLUTTER].map(synthetic_sites.MIN_M).to_numpy()
    pairs = tree.query_pairs(400.0, output_type="ndarray")
    apart = np.hypot(*(tree.data[pairs[:, 0]] - tree.data[pairs[:, 1]]).T)
    assert (apart >= least[pairs].min(axis=1)).all()


def test_towns_are_dense_and_the_country_is_not(positions):
    apart = cKDTree(points(positions)).query(points(positions), k=2)[0][:, 1]
    median = {
        kind: np.median(apart[positions[columns.CLUTTER] == kind]) for kind in synthetic_sites.MIN_M
    }
    assert median["urban"] < median["industrial"] < median["rural"] < median["mountain"]


def test_spacing_of_one_operator_is_that_of_the_sources(sites, reference_province):
    """Compare with a triangular lattice of as many sites on the land of that setting."""
    setting = synthetic_sites.settings(
        reference_province.communes, reference_province.terrain, reference_province.landcover
    )
    inside = reference_province.landcover.values > 0
    land_km2 = np.bincount(setting[inside], minlength=5) * reference_province.grid.pixel_area_km2
    viettel = sites[(sites[columns.OPERATOR] == "Viettel") & (sites[columns.TECHNOLOGIES] == "4G")]
    viettel = viettel[columns.CLUTTER].value_counts()
    lattice = {
        name: synthetic_sites.spacing_of(np.float64(viettel[name] / land_km2[row]))
        for row, name in enumerate(("urban", "township", "industrial", "rural"))
    }
    assert 200 <= lattice["urban"] <= 500
    assert 300 <= lattice["township"] <= 1000
    assert 400 <= lattice["industrial"] <= 800
    assert 1000 <= lattice["rural"] <= 3000


def test_every_village_and_every_place_is_within_reach(sites, reference_province):
    classes = reference_province.landcover.values
    built = np.isin(classes, [LandCover.URBAN, LandCover.SETTLEMENT])
    assert reach_m(sites, reference_province, built).max() < 1500
    assert reach_m(sites, reference_province, classes > 0).max() < 3500


@pytest.mark.parametrize("operator", ["Viettel", "VNPT", "MobiFone"])
def test_the_large_operators_reach_everybody(sites, reference_province, operator):
    own = sites[sites[columns.OPERATOR] == operator]
    assert own[columns.COMMUNE_CODE].nunique() > 120
    people = reference_province.population.values
    apart = reach_m(own, reference_province, people > 0)
    assert people[people > 0][apart < 3000].sum(dtype=float) > 0.998 * 1_151_154


def test_3g_reaches_everybody_too(sites, reference_province):
    people = reference_province.population.values
    own = sites[sites[columns.TECHNOLOGIES].str.contains("3G")]
    apart = reach_m(own, reference_province, people > 0)
    assert people[people > 0][apart < 2000].sum(dtype=float) > 0.999 * 1_151_154


def test_every_site_lies_in_its_commune_and_on_land(sites, reference_province):
    communes = reference_province.communes.set_index(columns.COMMUNE_CODE)
    home = communes.loc[sites[columns.COMMUNE_CODE]]
    assert shapely.intersects(home.geometry.to_numpy(), sites.geometry.to_numpy()).all()
    assert (home[columns.DISTRICT_CODE].to_numpy() == sites[columns.DISTRICT_CODE]).all()
    rows, cols = reference_province.grid.index(*points(sites).T)
    classes = reference_province.landcover.values[rows, cols]
    assert not np.isin(classes, [LandCover.OUTSIDE, LandCover.WATER]).any()


def test_the_same_seed_gives_the_same_bytes(mini_province):
    first, again = (make(mini_province, 3, 60).to_json() for _ in range(2))
    assert first == again
    assert make(mini_province, 4, 60).to_json() != first


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10, 40])
def test_small_numbers_of_sites_work(mini_province, count):
    sites = make(mini_province, 1, count)
    assert len(sites) == count
    assert not sites.duplicated(RECORD).any()


def test_no_room_is_an_error_that_says_so(mini_province):
    lake = np.where(mini_province.landcover.values > 0, LandCover.WATER, 0).astype(np.uint8)
    water = Raster(lake, mini_province.grid, 0)
    with pytest.raises(InputError, match="no room for .* positions"):
        synthetic_sites.generate(
            mini_province.communes,
            mini_province.zones,
            mini_province.terrain,
            water,
            mini_province.population,
            1,
            50,
        )
