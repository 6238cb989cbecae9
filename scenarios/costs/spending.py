"""What the stations of a plan cost: each by its kind and place, its backhaul, and over years."""

from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.geodata.province import Province
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.costs import cost, fibre, links, steiner
from phusong.scenarios.costs.backhaul_rates import BackhaulRates
from phusong.scenarios.costs.cost import Kind, Setting

SETTING_OF: dict[str, Setting] = {
    "urban": "urban",
    "township": "suburban",
    "industrial": "suburban",
    "rural": "rural",
    "mountain": "rural",
}
# Where three operators each need a station: what sharing a mast saves, costs.csv.
OPERATORS = 3
STATE, ALL_OPERATORS = "state", "operators"  # payers that are no operator


def rates(scenario: Scenario) -> BackhaulRates:
    """Return the unit costs of backhaul at the scenario's prices."""
    settings: dict[str, Any] = scenario.backhaul.model_dump(exclude={"fibre_share"})
    return BackhaulRates(
        currency_per_usd=scenario.cost.currency_per_usd,
        price_level=scenario.cost.price_level,
        **settings,
    )


def fibre_points(province: Province, scenario: Scenario) -> GeoDataFrame:
    """Return where fibre is: the province's list, or else the seeded assumption."""
    places = fibre.existing(province.live)
    if province.fibre is not None:
        return fibre.listed_points(province.fibre, places)
    share: dict[str, float] = dict(scenario.backhaul.fibre_share.items())
    return fibre.fibre_points(places, scenario.scenario.seed, share)


def with_costs(province: Province, scenario: Scenario, frame: GeoDataFrame) -> GeoDataFrame:
    """Return the candidates with capex, backhaul alone, their sum, and opex a year."""
    points = fibre_points(province, scenario)
    graph = links.network(province, frame, points, rates(scenario), province.roads)
    alone = links.standalone_cost(graph, frame, points[col.POSITION_ID])
    kinds = map(_kind, frame[col.KIND], frame[col.MAST_CLASS])
    stations = list(zip(kinds, (SETTING_OF[each] for each in frame[col.CLUTTER]), strict=True))
    further, decimals = len(scenario.carriers), scenario.country.currency.column_decimals
    capex_of = {
        each: cost.capex_million(*each, 0.0, scenario.cost, further) for each in set(stations)
    }
    opex_of = {
        each: cost.opex_million_per_year(*each, scenario.cost, further) for each in set(stations)
    }
    capex, opex = ([of[each] for each in stations] for of in (capex_of, opex_of))
    frame = frame.assign(
        **{
            col.CAPEX_MILLION: np.round(capex, decimals),
            col.BACKHAUL_MILLION: alone[col.BACKHAUL_MILLION].round(decimals),
            col.BACKHAUL_M: alone[col.BACKHAUL_M].round(),
            col.OPEX_MILLION: np.round(opex, decimals),
        }
    )
    frame[col.COST_MILLION] = frame[col.CAPEX_MILLION] + frame[col.BACKHAUL_MILLION]
    frame[col.PRESENT_VALUE_MILLION] = frame[col.COST_MILLION] + _annuity(scenario) * np.array(opex)
    counts_running = scenario.selection.money == "present_value"
    counted = col.PRESENT_VALUE_MILLION if counts_running else col.COST_MILLION
    return frame.assign(**{col.MONEY_MILLION: frame[counted]})


def _annuity(scenario: Scenario) -> float:
    """Return the present value of one a year over the horizon, from the first year on."""
    rates_ = scenario.cost
    return cost.net_present_value([0.0], [1.0], rates_.discount_rate, rates_.horizon_years).cost


def _kind(kind: str, mast_class: str) -> Kind:
    return "colocated" if kind == col.COLOCATED else cost.KIND_OF_MAST[mast_class]


def tree(
    province: Province, scenario: Scenario, table: GeoDataFrame
) -> tuple[GeoDataFrame, steiner.Tree]:
    """Return the links that join the stations of a plan to fibre, and their tree."""
    points = fibre_points(province, scenario)
    graph = links.network(province, table, points, rates(scenario), province.roads)
    built = steiner.tree(graph, links.node_ids(table), points[col.POSITION_ID])
    return steiner.edges_frame(graph, built, province.grid.crs), built


def summary(table: GeoDataFrame, built: steiner.Tree, scenario: Scenario) -> dict[str, Any]:
    """Return what the plan costs: to build, to run, in present value, and shared.

    Running begins in the year of build. Backhaul is that of the tree, spread over the years as
    the stations' own estimates are.
    """
    years = scenario.rollout.years
    by_year = table.groupby(col.YEAR)
    every = range(years[0], years[-1] + 1)
    alone = by_year[col.BACKHAUL_MILLION].sum().reindex(every, fill_value=0.0)
    part = built.cost_million / alone.sum() if alone.sum() > 0 else 0.0
    stations = by_year[col.CAPEX_MILLION].sum().reindex(every, fill_value=0.0)
    running = by_year[col.OPEX_MILLION].sum().reindex(every, fill_value=0.0).cumsum()
    present = cost.net_present_value(
        list(stations + part * alone),
        list(running),
        scenario.cost.discount_rate,
        scenario.cost.horizon_years,
    )
    return {
        "stations_million": float(stations.sum()),
        "backhaul_million": built.cost_million,
        "backhaul_bound_million": built.bound_million,
        "capex_million": float(stations.sum()) + built.cost_million,
        "opex_million_per_year": float(running.iloc[-1]),
        "present_value_million": present.cost,
        "discount_rate": scenario.cost.discount_rate,
        "horizon_years": scenario.cost.horizon_years,
        "currency_per_usd": scenario.cost.currency_per_usd,
        "shared": _shared(table, scenario),
        "payers": payers(table, built, scenario),
    }


def payers(
    table: GeoDataFrame, built: steiner.Tree, scenario: Scenario
) -> list[dict[str, str | float]]:
    """Return what each payer pays of a plan: operators their stations, the state its share.

    Operators of one station pay alike; a plan that names none has ``ALL_OPERATORS`` together.
    The backhaul of the tree is spread as the stations' own estimates are. The state pays
    ``cost.state_equipment_share`` of equipment, in the year of build.
    """
    alone = table[col.BACKHAUL_MILLION].to_numpy(float)
    part = built.cost_million / alone.sum() if alone.sum() > 0 else 0.0
    support = scenario.cost.state_equipment_share * np.array(
        [
            cost.parts_million(
                _kind(row.kind, row.mast_class), scenario.cost, len(scenario.carriers)
            ).equipment
            for row in table.itertuples()
        ],
        float,
    )
    names = [str(name).split(", ") if name else [ALL_OPERATORS] for name in table[col.OPERATOR]]
    size = np.array([len(each) for each in names], float)
    paid = pd.DataFrame(
        {
            col.PAYER: names,
            col.STATIONS: 1.0 / size,
            col.CAPEX_MILLION: (table[col.CAPEX_MILLION].to_numpy(float) - support) / size,
            col.BACKHAUL_MILLION: part * alone / size,
            col.OPEX_MILLION: table[col.OPEX_MILLION].to_numpy(float) / size,
            col.YEAR: table[col.YEAR].to_numpy(int),
        }
    ).explode(col.PAYER)
    state = pd.DataFrame(
        {col.PAYER: STATE, col.CAPEX_MILLION: support, col.YEAR: table[col.YEAR].to_numpy(int)}
    )
    every = pd.concat([paid, state] if support.any() else [paid]).fillna(0.0)
    return [_paid(str(name), rows, scenario) for name, rows in every.groupby(col.PAYER)]


def _paid(name: str, rows: pd.DataFrame, scenario: Scenario) -> dict[str, str | float]:
    years, decimals = scenario.rollout.years, scenario.country.currency.column_decimals
    by_year = rows.groupby(col.YEAR)[[col.CAPEX_MILLION, col.BACKHAUL_MILLION, col.OPEX_MILLION]]
    flows = by_year.sum().reindex(range(years[0], years[-1] + 1), fill_value=0.0)
    built = flows[col.CAPEX_MILLION] + flows[col.BACKHAUL_MILLION]
    present = cost.net_present_value(
        list(built),
        list(flows[col.OPEX_MILLION].cumsum()),
        scenario.cost.discount_rate,
        scenario.cost.horizon_years,
    )
    return {
        col.PAYER: name,
        col.STATIONS: round(float(rows[col.STATIONS].sum()), 3),
        col.CAPEX_MILLION: round(float(flows[col.CAPEX_MILLION].sum()), decimals),
        col.BACKHAUL_MILLION: round(float(flows[col.BACKHAUL_MILLION].sum()), decimals),
        col.COST_MILLION: round(float(built.sum()), decimals),
        col.OPEX_MILLION: round(float(flows[col.OPEX_MILLION].sum()), decimals),
        col.PRESENT_VALUE_MILLION: round(present.cost, decimals),
    }


def _shared(table: GeoDataFrame, scenario: Scenario) -> list[dict[str, Any]]:
    """Return the present value if three operators built the plan alone, and what sharing saves."""
    totals: dict[str, list[float]] = {}
    for (kind, mast_class, clutter), rows in table.groupby([col.KIND, col.MAST_CLASS, col.CLUTTER]):
        for way in cost.WAYS:
            place = _kind(kind, mast_class), SETTING_OF[clutter]
            carriers = len(scenario.carriers)
            variant = cost.shared_variant(way, *place, scenario.cost, OPERATORS, carriers)
            totals.setdefault(way, []).append(len(rows) * variant.present_million)
    sums = {way: sum(parts) for way, parts in totals.items()}
    return [
        {
            "way": way,
            "operators": OPERATORS,
            "present_value_million": value,
            "saving": 1.0 - value / sums["alone"],
        }
        for way, value in sums.items()
    ]
