"""How far stations have to be followed, and what rings that coarsen with distance cost.

The stations of a finished run, on air and planned, are predicted again at several distances, and
on rings against every pixel. Run with ``python -m benchmarks.reach RUN``.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

import phusong as ps
from phusong.coverage import shadowing
from phusong.coverage.area import network
from phusong.coverage.area.cells import Reach
from phusong.geodata.province import Province
from phusong.scenarios.candidates.places import live_5g
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import area, chain, live_network, quality
from phusong.scenarios.prediction.area import CarrierNetwork

FULL_M = 70_000.0  # beyond the longest path in the province
DISTANCES_M = (3_000.0, 5_000.0, 8_000.0, 12_000.0, 30_000.0, FULL_M)
PLACES, SIDE = 60, 27  # squares where every pixel is computed, and pixels a side


class Figures(NamedTuple):
    """What a run says of its network: service, SINR, speed, and what is left at the edge."""

    people_share: float
    sinr_db: float
    downlink_mbps: float
    fast_share: float
    edge_share: float
    cpu_s: float


def planned(province: Province, scenario: Scenario, run: Path) -> CarrierNetwork:
    """Return the network of the stations on air and those of a finished run."""
    table = gpd.read_file(run / "ranking.geojson").to_crs(province.grid.crs)
    live = live_network.with_5g(live_5g(province))
    stations = live_network.with_5g(live, table)
    return chain.carrier_network(province, stations, scenario.layer_5g, scenario)


def figures(
    province: Province, scenario: Scenario, net: CarrierNetwork, wanted: NDArray[np.bool_]
) -> Figures:
    """Return the figures of a network over some pixels."""
    start = time.process_time()
    level_dbm, ranks = scenario.service.outdoor_threshold_dbm, shadowing.RANKS
    layers = network.best_server(*net.parts, level_dbm, ranks=ranks)
    seconds = time.process_time() - start
    people = province.population.values[wanted].astype(float)
    share = chain.level_of(scenario.service).probability(layers.rsrp_dbm[wanted])
    sinr_db = chain.data_sinr_db(layers, scenario.layer_5g)
    speeds = quality.rates(scenario, scenario.layer_5g).of(layers)
    sampled = layers.rsrp_dbm[wanted] >= level_dbm
    return Figures(
        float(people @ share / people.sum()),
        float(np.nanmedian(sinr_db[wanted])),
        float(np.average(speeds.downlink_mbps[wanted][sampled], weights=people[sampled])),
        float(np.average(speeds.fast_share[wanted][sampled], weights=people[sampled])),
        layers.edge_share,
        seconds,
    )


def places(province: Province) -> NDArray[np.bool_]:
    """Return squares drawn anywhere in the province, where every pixel is computed."""
    inside = province.commune_index.values >= 0
    drawn = np.random.default_rng(3).choice(np.flatnonzero(inside), PLACES, replace=False)
    wanted = np.zeros(inside.shape, bool)
    for pixel in drawn:
        row, column = (int(at) // SIDE * SIDE for at in np.unravel_index(pixel, inside.shape))
        wanted[row : row + SIDE, column : column + SIDE] = True
    return wanted & inside


def _row(name: str, got: Figures) -> str:
    return (
        f"| {name} | {got.people_share:.2%} | {got.sinr_db:.2f} | {got.downlink_mbps:.1f} "
        f"| {got.fast_share:.1%} | {got.edge_share:.2%} | {got.cpu_s:.0f} |"
    )


def _heading(first: str) -> str:
    names = "people | SINR, median, dB | download, mean, Mbit/s | >= 30 Mbit/s | at edge | CPU s"
    return f"| {first} | {names} |\n|---|---|---|---|---|---|---|"


def _at(net: CarrierNetwork, reach: Reach, wanted: NDArray[np.bool_]) -> CarrierNetwork:
    return replace(net, reach=reach, ground=replace(net.ground, receivers=wanted))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run of the embedded province")
    parser.add_argument("--scenario", default="urban")
    asked = parser.parse_args(arguments)
    province, scenario = ps.open_province(), ps.load_scenario(asked.scenario)
    net = planned(province, scenario, asked.run)
    inside = province.commune_index.values >= 0
    print(f"{len(net.masts)} stations\n\n{_heading('reach')}")
    for far_m in DISTANCES_M:
        got = figures(
            province, scenario, _at(net, replace(net.reach, radius_m=far_m), inside), inside
        )
        print(_row(f"{far_m / 1000:.0f} km", got), flush=True)
    wanted = places(province)
    print(f"\n{wanted.sum():,} pixels in {PLACES} squares\n\n{_heading('grid')}")
    rings = ", ".join(f"{30 * side} m from {m / 1000:g} km" for m, side in area.COARSENING)
    for name, reach in (
        ("every pixel, 30 km", replace(net.reach, coarsening=())),
        (f"{rings}, 30 km", net.reach),
    ):
        got = figures(province, scenario, _at(net, reach, wanted), wanted)
        print(_row(name, got), flush=True)


if __name__ == "__main__":
    main()
