"""What stations cost: published figures, present values by formula, and what sharing saves."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from phusong.geodata.countries import open_country
from phusong.scenarios.config import cost_rates, schema
from phusong.scenarios.costs import cost

rates_of_interest = st.floats(0.001, 0.5)
horizons = st.integers(1, 30)
flows = st.lists(st.floats(0, 1000), min_size=1, max_size=10)
VIETNAM = schema.load("urban").cost


def parts(kind, rates=VIETNAM, **more):
    return cost.parts_million(kind, rates, **more)


def backhaul(setting, distance_m, rates=VIETNAM):
    return cost.backhaul_million(setting, distance_m, rates)


def capex(kind, setting, backhaul_m=0.0, rates=VIETNAM, **more):
    return cost.capex_million(kind, setting, backhaul_m, rates, **more)


def opex(kind, setting, rates=VIETNAM, **more):
    return cost.opex_million_per_year(kind, setting, rates, **more)


def revenue(people, paying_share, arpu_usd=10.0):
    return cost.revenue_million_per_year(people, paying_share, arpu_usd, VIETNAM)


def variant(way, kind, setting, operators=3):
    return cost.shared_variant(way, kind, setting, VIETNAM, operators)


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_shipped_scenarios_state_the_published_rates(name):
    assert schema.load(name).cost == VIETNAM
    assert capex("colocated", "urban") == pytest.approx(700.0, abs=0.1)


@pytest.mark.parametrize("kind", get_args(cost.Kind))
def test_every_kind_is_in_the_published_range(kind):
    """Baodautu.vn, 25 June 2020: 300 to 1,000 million VND a BTS."""
    assert 300 <= capex(kind, "urban") <= 1000 + 1e-9


def test_kinds_are_in_the_order_of_what_is_built():
    by_kind = {kind: capex(kind, "urban") for kind in get_args(cost.Kind)}
    assert sorted(by_kind, key=by_kind.__getitem__) == ["pole", "colocated", "rooftop", "ground"]
    assert by_kind["rooftop"] == pytest.approx(800, abs=0.1)


def test_derived_shares_are_those_of_their_sources():
    assert cost_rates.published("rooftop_site_share") == pytest.approx(5_000 / 15_000, abs=1e-4)
    assert cost_rates.published("pole_share") == pytest.approx(45_882 / 59_210, abs=1e-4)


def test_price_level_is_what_the_module_says():
    assert VIETNAM.price_level == pytest.approx(0.42, abs=0.005)
    assert 100_000 * VIETNAM.currency_per_usd / 1e6 == pytest.approx(2390, abs=1)


@pytest.mark.parametrize("kind", get_args(cost.Kind))
def test_parts_make_the_whole(kind):
    made = parts(kind)
    assert sum(made) == pytest.approx(capex(kind, "rural"))
    assert (made.site > 0) == (kind in {"ground", "rooftop"})


@given(st.floats(100, 5000))
def test_all_prices_follow_that_of_a_new_station(new_million):
    rates, factor = VIETNAM.model_copy(update={"new_million": new_million}), new_million / 1000
    for price, published in (
        (capex("pole", "rural", 900.0, rates), ("pole", "rural", 900.0)),
        (capex("ground", "urban", 0.0, rates), ("ground", "urban", 0.0)),
    ):
        assert price == pytest.approx(factor * capex(*published))
    running = opex("rooftop", "urban", rates)
    assert running == pytest.approx(factor * opex("rooftop", "urban"))


def test_exchange_rate_does_not_move_prices_that_are_known_here():
    dearer = VIETNAM.model_copy(update={"currency_per_usd": 30_000.0})
    assert capex("ground", "urban", 0.0, dearer) == pytest.approx(1000)
    assert dearer.price_level < VIETNAM.price_level


def test_running_cost_by_the_published_sum():
    share = 1000 / 100_000  # million VND for a USD
    for setting, rent in (("urban", 10_000), ("suburban", 5_000), ("rural", 3_000)):
        expected = (7_400 + 3_000 + rent) * share
        assert opex("ground", setting) == pytest.approx(expected)
    pole = opex("pole", "urban")
    assert pole < opex("colocated", "urban")


@pytest.mark.parametrize(("setting", "even_m"), [("urban", 2000), ("rural", 80_000 / 7)])
def test_fibre_until_radio_is_cheaper(setting, even_m):
    assert backhaul(setting, 0) == 0
    half, even, beyond = (backhaul(setting, even_m * f) for f in (0.5, 1, 3))
    assert half == pytest.approx(even / 2)
    assert beyond == pytest.approx(even)


@given(flows, flows, horizons)
def test_without_interest_present_value_is_the_plain_sum(capex, opex, years):
    found = cost.net_present_value(capex, opex, 0.0, years)
    run = [opex[min(year, len(opex) - 1)] for year in range(years)]
    assert found.cost == pytest.approx(sum(capex[:years]) + sum(run))
    assert found.net == -found.cost


@given(rates_of_interest, horizons)
def test_level_running_cost_is_an_annuity(rate, years):
    found = cost.net_present_value([0.0], [1.0], rate, years).cost
    assert found == pytest.approx((1 - (1 + rate) ** -years) / rate * (1 + rate))


@given(flows, flows, horizons, rates_of_interest)
def test_interest_makes_later_money_smaller(capex, opex, years, rate):
    now = cost.net_present_value(capex, opex, 0.0, years).cost
    assert cost.net_present_value(capex, opex, rate, years).cost <= now + 1e-9
    waited = cost.net_present_value([0.0, *capex], [0.0], rate, years + 1).cost
    at_once = cost.net_present_value(capex, [0.0], rate, years).cost
    assert waited == pytest.approx(at_once / (1 + rate))


def test_revenue_that_equals_cost_leaves_nothing():
    found = cost.net_present_value([50.0], [50.0, 100.0], 0.1, 10, [100.0])
    assert found.revenue == pytest.approx(found.cost)
    assert found.net == pytest.approx(0)


def test_flows_after_the_horizon_do_not_count():
    assert cost.net_present_value([1.0, 2.0, 4.0], [0.0], 0.0, 2).cost == 3.0
    assert cost.net_present_value([], [], 0.1, 3).cost == 0.0


def test_revenue_by_hand():
    assert revenue(1000, 0.3) == pytest.approx(1000 * 0.3 * 10 * 12 * 23_898 / 1e6)
    low = revenue(1000, 0.3, 6.0)
    assert low == pytest.approx(0.6 * revenue(1000, 0.3))


@pytest.mark.parametrize("setting", get_args(cost.Setting))
@pytest.mark.parametrize(("way", "low", "high"), [("passive", 0.16, 0.35), ("active", 0.30, 0.45)])
def test_sharing_saves_within_the_published_band(way, low, high, setting):
    found = variant(way, "ground", setting)
    assert low - 1e-9 <= found.saving_low < found.saving < found.saving_high <= high + 1e-9


@pytest.mark.parametrize("setting", get_args(cost.Setting))
def test_sharing_a_mast_counted_part_by_part_agrees_with_the_published_band(setting):
    """An independent check: the published 16 to 35 % do not enter into the counting."""
    found = variant("mast", "ground", setting)
    assert 0.16 <= found.saving <= 0.35
    assert found.saving_low == found.saving_high == pytest.approx(found.saving)


def test_shared_mast_by_hand():
    found = variant("mast", "ground", "urban")
    assert found.capex_million == pytest.approx(300 + 3 * (400 + 300))
    assert found.opex_million_per_year == pytest.approx(100 + 3 * (74 + 30))
    roof = variant("mast", "rooftop", "urban")
    assert roof.capex_million == pytest.approx(100 + 3 * (400 + 300), abs=0.01)
    existing = variant("mast", "colocated", "urban")
    assert existing.capex_million == pytest.approx(3 * (400 + 300))


@pytest.mark.parametrize("kind", get_args(cost.Kind))
@pytest.mark.parametrize("way", cost.WAYS)
def test_one_operator_or_none_sharing_saves_nothing(way, kind):
    one = variant(way, kind, "urban", operators=1)
    assert one.saving == pytest.approx(0)
    assert one.capex_million == pytest.approx(capex(kind, "urban"))
    alone = variant("alone", kind, "urban")
    assert alone.saving == pytest.approx(0)
    assert alone.present_million == pytest.approx(3 * one.present_million)


def test_the_more_is_shared_and_the_more_share_the_more_is_saved():
    saving = {way: variant(way, "ground", "suburban").saving for way in cost.WAYS}
    assert saving["alone"] < min(saving["mast"], saving["passive"])
    assert max(saving["mast"], saving["passive"]) < saving["active"]
    masts = [variant("mast", "ground", "urban", n).saving for n in (1, 2, 3, 4)]
    assert (np.diff(masts) > 0).all()


def test_classes_of_masts_are_those_of_the_table_of_heights():
    heights = open_country().table("heights")
    assert set(heights["mast_class"]) <= set(cost.KIND_OF_MAST)
    types = heights.groupby("mast_class")["site_type"].agg("; ".join)
    for mast_class, words in (("A1", "pole"), ("A2a", "rooftop"), ("A2b", "ground mast")):
        assert words in types[mast_class]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("new_million", 0.0, "greater than 0"),
        ("discount_rate", 1.5, "less than or equal to 1"),
        ("horizon_years", 0, "greater than or equal to 1"),
        ("vnd_per_eur", 1.0, "not permitted"),
    ],
)
def test_wrong_rates_are_refused(field, value, message):
    with pytest.raises(ValidationError, match=f"(?s){field}.*{message}"):
        cost_rates.CostRates(**(VIETNAM.model_dump() | {field: value}))


def test_rates_are_those_of_the_table():
    table = open_country().table("costs").set_index(["item", "setting"])["value"]
    assert table.index.is_unique
    assert VIETNAM.new_million == table["new_station", "any"]
    assert VIETNAM.currency_per_usd == table["currency_per_usd", "any"] == 23_898
    assert VIETNAM.horizon_years == cost_rates.published("horizon_years") == 10
    assert VIETNAM.discount_rate == table["discount_rate", "any"] == 0.1


@pytest.mark.parametrize("kind", ["colocated", "ground", "rooftop", "pole"])
def test_a_further_carrier_adds_antennas_and_radios(kind):
    """pysim5g: 3 x (1,500 + 4,000) of 26,500 USD with the baseband unit: 0.6226 of it."""
    assert cost.published("further_carrier_share") == pytest.approx(16_500 / 26_500, abs=1e-4)
    one, three = (parts(kind, further_carriers=n) for n in (0, 2))
    assert three.equipment == pytest.approx((1 + 2 * 0.6226) * one.equipment)
    assert (three.site, three.installation) == (one.site, one.installation)
    plain, more = (opex(kind, "urban", further_carriers=n) for n in (0, 1))
    size = cost.published("pole_share") if kind == "pole" else 1.0
    power = VIETNAM.million(cost.published("power") * size)
    assert more - plain == pytest.approx(0.6226 * power)


def test_a_colocated_station_with_four_carriers_by_hand():
    """700 million VND, 400 of it equipment: three more carriers add 3 x 0.6226 x 400."""
    assert capex("colocated", "urban") == pytest.approx(700.0)
    found = capex("colocated", "urban", further_carriers=3)
    assert found == pytest.approx(700.0 + 3 * 0.6226 * 400.0)
