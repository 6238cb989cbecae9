"""A station with several carriers: the best of them at every pixel, counted a second way."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.coverage.area import sample
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.prediction import cache, chain, live_network, quality

MORE = ["carriers.low.frequency_mhz=768.0", "carriers.low.eirp_per_re_dbm=44.0"]
NEAR = ["layer_5g.radius_m=2500.0", "layer_5g.eirp_per_re_dbm=42.0"]


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory):
    """Keep predictions of other runs away, and these from others."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("predictions"))
    yield
    patch.undo()


def silent(_done):
    """Report no progress."""


@pytest.fixture(scope="module")
def sites(mini_province):
    return mini_province.sites.iloc[:3].assign(**{col.TECHNOLOGIES: "5G"}).reset_index(drop=True)


def levels(prints, mast, size):
    """Return the level of a mast at every pixel, -inf where it does not serve."""
    result = np.full(size, -np.inf)
    pixel, level = prints.of(mast)
    result[pixel] = level
    return result


def test_footprints_hold_the_stronger_carrier(mini_province, sites):
    scenario = schema.load("urban", [*NEAR, *MORE])
    layers = (scenario.layer_5g, *scenario.further_layers)
    both = chain.footprints(mini_province, sites, layers, scenario, silent)
    alone = [chain.footprints(mini_province, sites, [one], scenario, silent) for one in layers]
    size, low_wins = mini_province.grid.height * mini_province.grid.width, 0
    for mast in range(len(sites)):
        main, low = (levels(prints, mast, size) for prints in alone)
        np.testing.assert_array_equal(levels(both, mast, size), np.maximum(main, low))
        low_wins += (low > main).sum()
    assert low_wins > 100


def test_places_are_served_by_the_stronger_carrier(mini_province, sites):
    """Against the larger probability at the pixel that stands for each, from the footprints."""
    scenario = schema.load("urban", [*NEAR, *MORE])
    layers = (scenario.layer_5g, *scenario.further_layers)
    inside = mini_province.commune_index.values >= 0
    over = sample.sample(0.1 * inside, np.where(inside, 0, -1))
    none = np.zeros(over.count, np.float32)
    served = chain.served(mini_province, sites, layers, scenario, over, none, silent)
    prints = chain.footprints(mini_province, sites, layers, scenario, silent)
    service = chain.level_of(scenario.service)
    for mast in range(len(sites)):
        span = slice(served.first[mast], served.first[mast + 1])
        found = np.zeros(over.count)
        found[served.cell[span]] = served.share[span]
        level = levels(prints, mast, mini_province.grid.height * mini_province.grid.width)
        expected = over.at(service.probability(level))
        counted = (found > 0) & (expected > 0.01)
        assert counted.sum() > 100
        np.testing.assert_allclose(found[counted], expected[counted], atol=0.004)


def test_networks_on_air_take_the_best_carrier(mini_province, sites):
    """Level: the stronger; speed: the faster; a station keeps its name on any carrier."""
    scenario = schema.load("urban", [*NEAR, *MORE])
    plain = schema.load("urban", NEAR)
    networks = carriers.planned_networks(scenario)
    listed = live_network.with_5g(sites)
    both = live_network.predict(mini_province, listed, networks, scenario, silent, with_speeds=True)
    one = live_network.predict(
        mini_province, listed, carriers.planned_networks(plain), plain, silent
    )
    main, low = (layers.rsrp_dbm for layers in both.carried[0])
    np.testing.assert_array_equal(both.layers.rsrp_dbm, np.maximum(main, low))
    np.testing.assert_array_equal(main, one.layers.rsrp_dbm)
    assert set(np.unique(both.station)) <= {-1, 0, 1, 2}
    same = main > low
    np.testing.assert_array_equal(both.station[same], one.station[same])
    (speeds,) = quality.of_networks(both.carried, both.speeds)
    each = [own.downlink_mbps for own in both.speeds[0]]
    np.testing.assert_array_equal(speeds.downlink_mbps, np.fmax(*each))
    assert (both.share >= one.share - 1e-6).all()


def test_panels_and_files_are_antennas_of_a_layer(mini_province, sites):
    """A panel of beams is no plain sector, four columns are not eight; names have no case."""
    found = {}
    for name in ("sector", "8T8R", "64T64R", "panel"):
        scenario = schema.load("urban", [*NEAR, f"layer_5g.antenna={name}"])
        _, cells = chain.masts_and_cells(sites, scenario.layer_5g, mini_province.grid)
        found[name] = cells.patterns[0]
    assert np.array_equal(found["panel"].horizontal_db, found["64T64R"].horizontal_db)
    assert not np.array_equal(found["sector"].horizontal_db, found["panel"].horizontal_db)
    assert not np.array_equal(found["8T8R"].horizontal_db, found["64T64R"].horizontal_db)
