"""Stations round a province: they serve and interfere at the border, and count for nothing else."""

from dataclasses import replace

import numpy as np
import pytest

import phusong as ps
from phusong import columns as col
from phusong.messages import speak
from phusong.scenarios.config import carriers
from phusong.scenarios.prediction import area, chain, live_network


@pytest.fixture(scope="module")
def scenario():
    return ps.load_scenario("urban")


@pytest.fixture(scope="module")
def neighboured(mini_province):
    """Return the province with a 5G station 700 m to its west."""
    west, south, _, north = mini_province.communes.total_bounds
    own = mini_province.live.iloc[:1].assign(**{col.TECHNOLOGIES: "5G"})
    place = own.geometry.iloc[0]
    around = own.translate(west - 700.0 - place.x, (south + north) / 2 - place.y)
    beside = own.set_geometry(around).assign(
        **{col.SITE_ID: "N1", col.COMMUNE_CODE: "", col.DISTRICT_CODE: ""}
    )
    return replace(mini_province, neighbours=beside)


def on_air(province, scenario):
    stations = live_network.with_5g(province.live.iloc[:2])
    networks = carriers.planned_networks(scenario)
    return live_network.predict(province, stations, networks, scenario, lambda _: None)


def test_a_neighbour_serves_and_interferes_but_is_no_station_of_ours(
    mini_province, neighboured, scenario
):
    alone, together = (on_air(each, scenario) for each in (mini_province, neighboured))
    inside = mini_province.commune_index.values >= 0
    served = together.layers.rsrp_dbm > alone.layers.rsrp_dbm
    assert served[inside].any()
    assert (together.station[served] == -1).all()
    assert np.array_equal(together.station[~served], alone.station[~served])
    sinr_db = [chain.data_sinr_db(each.layers, scenario.layer_5g) for each in (alone, together)]
    ours = inside & ~served & np.isfinite(sinr_db[0])
    assert (sinr_db[1][ours] <= sinr_db[0][ours]).all()
    assert sinr_db[1][ours].mean() < sinr_db[0][ours].mean() - 0.1
    assert len(together.stations) == len(alone.stations) == 2
    assert len(neighboured.live) == len(mini_province.live)


def test_ground_beyond_the_terrain_is_level_and_open_and_said(mini_province):
    over = area.surface(mini_province)
    rimmed = area.rimmed(over)
    lowest = over.clutter_m[over.receivers].min()
    level_m = over.terrain_m[over.receivers & (over.clutter_m == lowest)].mean()
    for edge in (0, -1):
        assert np.allclose(rimmed.terrain_m[edge], level_m)
        assert (rimmed.clutter_m[:, edge] == lowest).all()
    assert np.array_equal(rimmed.terrain_m[1:-1, 1:-1], over.terrain_m[1:-1, 1:-1])
    assert area.beyond_warnings(mini_province.grid, mini_province.live) == []
    moved = mini_province.live.iloc[:2]
    (said,) = area.beyond_warnings(
        mini_province.grid, moved.set_geometry(moved.translate(60_000.0, 0.0))
    )
    assert speak(said, "en").startswith("2 neighbouring stations stand outside the terrain")
    assert speak(said, "vi").startswith("2 trạm lân cận")
