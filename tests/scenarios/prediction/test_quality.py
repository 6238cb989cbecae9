"""QCVN 126 of a plan: the same figures as ``phusong predict``, sums, limits and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from phusong import columns as col
from phusong.coverage import shadowing
from phusong.coverage.area import network
from phusong.geodata.countries import open_country
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.prediction import cache, chain, levels, live_network, quality
from phusong.scenarios.propagation.options import PredictionOptions
from phusong.scenarios.results import levels_result

FIGURES = [col.SERVICE_SHARE, col.MEAN_DOWNLINK_MBPS, col.MEAN_UPLINK_MBPS, col.FAST_SHARE]


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
def scenario():
    return schema.load("urban")


def on_the_air(province, scenario):
    """Return every third site as a 5G station, predicted."""
    stations = province.sites.iloc[::3].assign(**{col.TECHNOLOGIES: "5G"})
    networks = carriers.planned_networks(scenario)
    listed = live_network.with_5g(stations.reset_index(drop=True))
    net = live_network.predict(province, listed, networks, scenario, silent, with_speeds=True)
    return networks, net


@pytest.fixture(scope="module")
def table(mini_province, scenario):
    return judged(mini_province, scenario, *on_the_air(mini_province, scenario))


def judged(province, scenario, networks, net):
    found = quality.of_networks(net.carried, net.speeds)
    return quality.by_unit(province, scenario, networks, net.networks, found)


def cells(stations, scenario):
    """Return the sectors of 5G stations as the cell list of ``phusong predict``."""
    layer = scenario.layer_5g
    common = {
        col.OPERATOR: "",
        col.TECHNOLOGY: "5G",
        col.MECHANICAL_TILT_DEG: 0.0,
        col.ELECTRICAL_TILT_DEG: layer.downtilt_deg,
        col.FREQUENCY_MHZ: layer.frequency_mhz,
        col.DUPLEX: layer.duplex,
        col.BANDWIDTH_MHZ: layer.bandwidth_mhz,
        col.SUBCARRIER_KHZ: layer.subcarrier_khz,
        col.POWER_DBM: np.nan,
        col.ANTENNA: "sector",
        col.ANTENNA_GAIN_DBI: carriers.typical(layer.frequency_mhz).antenna_gain_dbi,
        col.FEEDER_LOSS_DB: 0.0,
        col.PORTS: 1,
        col.EIRP_PER_RE_DBM: layer.eirp_per_re_dbm,
    }
    rows = [
        dict.fromkeys(col.CELLS, "")
        | common
        | {
            col.SITE_ID: site.site_id,
            col.CELL_ID: f"{site.site_id}-{azimuth}",
            col.HEIGHT_M: site.height_m,
            col.AZIMUTH_DEG: azimuth,
            "geometry": site.geometry,
        }
        for site in stations.itertuples()
        for azimuth in [float(a) for a in site.azimuths_deg.split("/") if a] or [np.nan]
    ]
    frame = type(stations)(rows, geometry="geometry", crs=stations.crs)
    return levels.completed(frame)


def test_a_plan_is_judged_as_predict_judges_its_cells(mini_province, scenario, table):
    """A second way to the same figures: the stations as a list of cells."""
    stations = mini_province.sites.iloc[::3].reset_index(drop=True)
    options = PredictionOptions(
        radius_m=scenario.layer_5g.radius_m,
        load=scenario.layer_5g.load,
        threshold_dbm=scenario.service.outdoor_threshold_dbm,
        downlink_share=scenario.layer_5g.downlink_share,
    )
    _, _, maps = next(levels.networks(mini_province, cells(stations, scenario), {}, options))
    expected = levels_result.quality(mini_province, maps, options, "", open_country().quality)
    for weighting in ("people", "area"):
        own = table[(table[col.WEIGHTING] == weighting) & (table[col.COMMUNE_CODE] != "")]
        other = expected[expected[col.WEIGHTING] == weighting].iloc[:-1]
        assert own[col.COMMUNE_CODE].tolist() == other[col.COMMUNE_CODE].tolist()
        assert own[FIGURES].to_numpy() == pytest.approx(
            other[FIGURES].to_numpy(float), rel=2e-3, nan_ok=True
        )
        assert own[col.COMPLIES].tolist() == other[col.COMPLIES].tolist()


def test_a_district_is_the_mean_of_its_communes_by_people_in_service(mini_province, table):
    people = mini_province.communes.set_index(col.COMMUNE_CODE)[col.POPULATION]
    rows = table[table[col.WEIGHTING] == "people"]
    for code in mini_province.districts[col.DISTRICT_CODE]:
        inside = rows[(rows[col.DISTRICT_CODE] == code) & (rows[col.COMMUNE_CODE] != "")]
        inside = inside[inside[col.SERVICE_SHARE] > 0]
        served = people[inside[col.COMMUNE_CODE]].to_numpy() * inside[col.SERVICE_SHARE].to_numpy()
        whole = rows[(rows[col.DISTRICT_CODE] == code) & (rows[col.COMMUNE_CODE] == "")].iloc[0]
        for name in (col.MEAN_DOWNLINK_MBPS, col.MEAN_UPLINK_MBPS, col.FAST_SHARE):
            mean = float(served @ inside[name].to_numpy(float) / served.sum())
            assert whole[name] == pytest.approx(mean, rel=1e-5)


def test_each_operator_is_judged_on_its_own_block(mini_province):
    scenario = schema.load("urban", ["candidates.policy=operators"])
    networks, net = on_the_air(mini_province, scenario)
    found = judged(mini_province, scenario, networks, net)
    units = len(mini_province.communes) + len(mini_province.districts) + 1
    rows = dict.fromkeys(("Viettel", "VNPT", "MobiFone"), 2 * units)
    assert found[col.OPERATOR].value_counts().to_dict() == rows


def test_without_a_station_nothing_complies_and_speeds_are_unknown(mini_province, scenario):
    shape = mini_province.grid.shape
    nothing = network.Layers(
        np.full(shape, -np.inf, np.float32),
        np.full(shape, network.NO_SERVER, np.int32),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.float32),
        np.zeros((*shape, shadowing.RANKS, 2), np.float32),
    )
    networks = carriers.planned_networks(scenario)
    speeds = [quality.rates(scenario, scenario.layer_5g).of(nothing)]
    found = quality.by_unit(mini_province, scenario, networks, [nothing], speeds)
    assert (found[col.SERVICE_SHARE] == 0).all()
    assert found[[col.MEAN_DOWNLINK_MBPS, col.MEAN_UPLINK_MBPS]].isna().all(axis=None)
    assert not found[col.COMPLIES].any()


def test_a_level_so_strong_keeps_every_limit(mini_province, scenario):
    """Nothing but one cell at -30 dBm: the most that 100 MHz carry, 96 % of samples and more."""
    shape = mini_province.grid.shape
    masts_mw = np.zeros((*shape, shadowing.RANKS, 2), np.float32)
    masts_mw[..., 0, :] = 1e-3
    strong = network.Layers(
        np.full(shape, -30.0, np.float32),
        np.zeros(shape, np.int32),
        np.ones(shape, np.uint8),
        np.full(shape, 1e-3, np.float32),
        masts_mw,
    )
    networks = carriers.planned_networks(scenario)
    speeds = [quality.rates(scenario, scenario.layer_5g).of(strong)]
    found = quality.by_unit(mini_province, scenario, networks, [strong], speeds)
    layer = scenario.layer_5g
    most = 273 * 12 * 28e-3 * layer.downlink_share * (1 - 0.14) * layer.streams * 8 * 948 / 1024
    assert found[col.MEAN_DOWNLINK_MBPS].to_numpy() == pytest.approx(most, rel=1e-6)
    assert found[col.COMPLIES].all()


@pytest.mark.parametrize("measured", [chain.data_sinr_db, chain.ss_sinr_db, chain.ss_rsrq_db])
def test_measures_are_those_of_all_pixels_and_nothing_where_no_cell_reaches(scenario, measured):
    """Of two carriers the stronger counts; only pixels that a cell reaches are worked on."""
    random, shape = np.random.default_rng(3), (40, 30)
    carried = []
    for _ in range(2):
        level_dbm = random.uniform(-130.0, -60.0, shape).astype(np.float32)
        level_dbm[random.random(shape) < 0.4] = -np.inf
        own_mw = 10.0 ** (level_dbm / 10.0)
        total_mw = (own_mw * scenario.layer_5g.ports * random.uniform(1.0, 3.0, shape)).astype("f4")
        server = np.where(np.isneginf(level_dbm), network.NO_SERVER, 0).astype(np.int32)
        carried.append(network.Layers(level_dbm, server, (server >= 0).astype("u1"), total_mw))
        carried[-1] = replace(carried[-1], masts_mw=np.zeros((*shape, 0, 2), np.float32))
    one = carriers.planned_networks(scenario)[0]
    twice = [replace(one, further=(one.layer,))]
    found = quality.of_strongest(twice, [carried], measured)
    whole = [measured(each, one.layer) for each in carried]
    stronger = carried[1].rsrp_dbm > carried[0].rsrp_dbm
    np.testing.assert_array_equal(found, np.where(stronger, whole[1], whole[0]))
    assert np.isnan(found).any()
    assert np.isfinite(found).any()
