"""How far stations are followed: rings against every pixel, and what a cut leaves out."""

from dataclasses import replace

import numpy as np
import pytest

import phusong as ps
from phusong import columns as col
from phusong.coverage.area import network
from phusong.messages import speak
from phusong.scenarios.plan import shares
from phusong.scenarios.prediction import area, chain, levels
from phusong.scenarios.propagation import model_settings, options

SIDE, PLACES, STATIONS = 27, 36, 160  # pixels a side of each place; as many as a plan builds


@pytest.fixture(scope="module")
def part(reference_province):
    """Stations anywhere in the province, and places anywhere in it where levels are asked."""
    scenario, random = ps.load_scenario("urban"), np.random.default_rng(3)
    masts = reference_province.live.drop_duplicates(col.POSITION_ID)
    drawn = np.sort(random.choice(len(masts), STATIONS, replace=False))
    net = chain.carrier_network(reference_province, masts.iloc[drawn], scenario.layer_5g, scenario)
    inside, wanted = net.ground.receivers, np.zeros(reference_province.grid.shape, bool)
    for pixel in random.choice(np.flatnonzero(inside), PLACES, replace=False):
        row, column = (int(at) // SIDE * SIDE for at in np.unravel_index(pixel, inside.shape))
        wanted[row : row + SIDE, column : column + SIDE] = True
    wanted &= inside
    people = reference_province.population.values[wanted].astype(float)
    return scenario, replace(net, ground=replace(net.ground, receivers=wanted)), people


def figures(part, **reach):
    """Median SINR of data, share of people served, and the share still heard at the edge."""
    scenario, net, people = part
    net = replace(net, reach=replace(net.reach, **reach))
    layers = network.best_server(*net.parts, scenario.service.outdoor_threshold_dbm)
    wanted = net.ground.receivers
    sinr_db = chain.data_sinr_db(layers, scenario.layer_5g)[wanted]
    served = chain.level_of(scenario.service).probability(layers.rsrp_dbm[wanted])
    return np.nanmedian(sinr_db), float(people @ served / people.sum()), layers.edge_share


def test_rings_agree_with_every_pixel_and_a_cut_does_not(part):
    fine_db, fine_share, _ = figures(part, coarsening=())
    ring_db, ring_share, far_edge = figures(part)
    cut_db, _, near_edge = figures(part, radius_m=3_000.0)
    assert abs(ring_db - fine_db) <= 0.3
    assert abs(ring_share - fine_share) <= 0.003
    assert cut_db - fine_db > 0.3, "what lies beyond 3 km interferes"
    assert far_edge < shares.MAX_EDGE_SHARE < near_edge


def test_runs_and_predictions_follow_stations_alike(mini_province):
    scenario = ps.load_scenario("urban")
    of_run = chain.carrier_network(mini_province, mini_province.live, scenario.layer_5g, scenario)
    usual = options.PredictionOptions()
    of_prediction = area.reach(mini_province.grid, levels.method(usual), 2550.0, usual.radius_m)
    assert of_run.reach.rings == of_prediction.rings
    assert [ring.stride for ring in of_run.reach.rings] == [1, 3, 9]
    assert of_run.reach.radius_m == model_settings.FULL_REACH_M


@pytest.mark.parametrize(("radius_m", "warned"), [(3_000.0, True), (30_000.0, False)])
def test_a_cut_is_said(radius_m, warned):
    said = model_settings.warnings("p1812", [(2550.0, 30.0)], radius_m, 1.5)
    assert [("cuts at 3 km" in speak(each, "en")) for each in said] == [True] * warned
    assert all("3 km" in speak(each, "vi") for each in said)
