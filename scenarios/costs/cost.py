"""What stations cost to build and to run, over years, alone or shared: millions of a currency.

Figures and their sources are in ``geodata/reference/costs.csv`` and that of the country. Published
prices in USD come from international models, in which a new station costs 100,000 USD. The parts
keep their published proportion and all are scaled by one price level, set by what a new station
costs in the country; a co-located station, which needs no new mast, costs 0.7 of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.scenarios.config.cost_rates import MILLION, CostRates, published

Floats = NDArray[np.float64]
Kind = Literal["colocated", "ground", "rooftop", "pole"]
Setting = Literal["urban", "suburban", "rural"]
Way = Literal["alone", "mast", "passive", "active"]

WAYS: tuple[Way, ...] = ("alone", "mast", "passive", "active")
# What a new mast of a class is: heights.csv of the country.
KIND_OF_MAST: dict[str, Kind] = {"A1": "pole", "A2a": "rooftop", "A2b": "ground"}


class Parts(NamedTuple):
    """What building one station is made of, millions; ``site`` is what can be shared."""

    equipment: float
    site: float
    installation: float


def parts_million(kind: Kind, rates: CostRates, further_carriers: int = 0) -> Parts:
    """Return equipment, site and installation of one station, millions, without backhaul.

    Each carrier beside the first adds antennas and radio units: a share of the equipment.
    """
    size = published("pole_share") if kind == "pole" else 1.0
    carried = 1.0 + further_carriers * rates.further_carrier_share
    built = {"ground": 1.0, "rooftop": published("rooftop_site_share")}.get(kind, 0.0)
    return Parts(
        rates.million(published("equipment") * size * carried),
        rates.million(published("site_build") * built),
        rates.million(published("installation") * size),
    )


def backhaul_million(setting: Setting, distance_m: float, rates: CostRates) -> float:
    """Return the cheaper of fibre over the distance and one radio link, millions.

    At distance 0 the station stands where the network already is, and the backhaul costs nothing.
    """
    fibre_usd = published("fibre", setting) * distance_m
    return rates.million(min(fibre_usd, published("wireless", setting)))


def capex_million(
    kind: Kind,
    setting: Setting,
    backhaul_m: float,
    rates: CostRates,
    further_carriers: int = 0,
) -> float:
    """Return what building one station costs, millions; the setting matters for backhaul."""
    station = sum(parts_million(kind, rates, further_carriers))
    return station + backhaul_million(setting, backhaul_m, rates)


def opex_million_per_year(
    kind: Kind, setting: Setting, rates: CostRates, further_carriers: int = 0
) -> float:
    """Return maintenance, power and rent of one station, millions a year.

    A street pole is taken in proportion to its smaller equipment [K]; each carrier beside the first
    takes power as it adds to the equipment [K].
    """
    size = published("pole_share") if kind == "pole" else 1.0
    return rates.million(_run_usd(setting, rates, further_carriers) * size)


def _run_usd(setting: Setting, rates: CostRates, further_carriers: int) -> float:
    power_usd = published("power") * (1.0 + further_carriers * rates.further_carrier_share)
    return published("maintenance") + power_usd + published("rent", setting)


def revenue_million_per_year(
    people: float, paying_share: float, arpu_usd_per_month: float, rates: CostRates
) -> float:
    """Return what newly covered people pay, millions a year.

    ``paying_share`` is the share of them who become customers: it has no published default. Revenue
    is converted at the exchange rate alone, for what a customer pays is published by country.
    """
    return people * paying_share * arpu_usd_per_month * 12 * rates.currency_per_usd / MILLION


class PresentValue(NamedTuple):
    """Cost, revenue and revenue less cost, in money of the first year.

    Parameters
    ----------
    cost
        Millions.
    revenue
        Millions.
    net
        Millions.
    """

    cost: float
    revenue: float
    net: float


def net_present_value(
    capex_million: Sequence[float],
    opex_million_per_year: Sequence[float],
    discount_rate: float,
    horizon_years: int,
    revenue_million_per_year: Sequence[float] = (0.0,),
) -> PresentValue:
    """Discount the flows of each year to the first year, which is not discounted.

    Running cost and revenue go on at their last value to the end of the horizon; building does
    not. Flows after the horizon do not count.

    Parameters
    ----------
    capex_million
        What is built in each year, millions.
    opex_million_per_year
        Running cost in each year, millions.
    discount_rate
        Per year, such as 0.08.
    horizon_years
        Years that count.
    revenue_million_per_year
        Revenue in each year, millions.

    Returns
    -------
    PresentValue
        In money of the first year.
    """
    factors = (1 + discount_rate) ** -np.arange(horizon_years, dtype=float)
    built = np.zeros(horizon_years)
    capex = np.asarray(capex_million, float)[:horizon_years]
    built[: capex.size] = capex
    cost = float(factors @ (built + _continued(opex_million_per_year, horizon_years)))
    revenue = float(factors @ _continued(revenue_million_per_year, horizon_years))
    return PresentValue(cost, revenue, revenue - cost)


def _continued(flow: Sequence[float], years: int) -> Floats:
    known = np.asarray(flow, float)[:years]
    last = known[-1] if known.size else 0.0
    return np.concatenate([known, np.full(years - known.size, last)])


@dataclass(frozen=True)
class Variant:
    """What all operators together pay for one place, millions, and what sharing saves.

    ``saving`` and its bounds are shares of the present value of building alone.
    """

    way: Way
    capex_million: float
    opex_million_per_year: float
    present_million: float
    saving: float
    saving_low: float
    saving_high: float


def shared_variant(
    way: Way,
    kind: Kind,
    setting: Setting,
    rates: CostRates,
    operators: int = 3,
    further_carriers: int = 0,
) -> Variant:
    """Return what a place costs when each operator builds alone, or when they share.

    ``mast`` is counted here: one mast and one rent, all else of each operator. ``passive`` and
    ``active`` (equipment shared too) take the savings that GSMA publishes, in the middle of their
    range; these do not depend on the number of operators, and one operator saves nothing.
    """
    capex = operators * sum(parts_million(kind, rates, further_carriers))
    opex = operators * opex_million_per_year(kind, setting, rates, further_carriers)
    alone = _present(capex, opex, rates)
    station = (kind, setting, operators, rates, further_carriers)
    spread = np.array([_saved(way, bound, *station) for bound in ("low", "high")])
    low, high = (
        1 - _present(capex * (1 - of_capex), opex * (1 - of_opex), rates) / alone
        for of_capex, of_opex in spread
    )
    of_capex, of_opex = spread.mean(axis=0)
    capex, opex = capex * (1 - float(of_capex)), opex * (1 - float(of_opex))
    present = _present(capex, opex, rates)
    return Variant(way, capex, opex, present, 1 - present / alone, low, high)


def _saved(
    way: Way,
    bound: str,
    kind: Kind,
    setting: Setting,
    operators: int,
    rates: CostRates,
    further_carriers: int,
) -> tuple[float, float]:
    """Return the shares of capex and opex that are saved."""
    if way == "alone" or operators == 1:
        return 0.0, 0.0
    if way != "mast":
        return published(f"{way}_capex_{bound}"), published(f"{way}_opex_{bound}")
    paid_once = 1 - 1 / operators
    parts = parts_million(kind, rates, further_carriers)
    rent_share = published("rent", setting) / _run_usd(setting, rates, further_carriers)
    return paid_once * parts.site / sum(parts), paid_once * rent_share


def _present(capex: float, opex: float, rates: CostRates) -> float:
    return net_present_value([capex], [opex], rates.discount_rate, rates.horizon_years).cost
