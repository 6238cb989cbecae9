"""Tiers hold the zones they name, each once; urban ones by the built-up land of their units."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.candidates.policy_zones import BUILT, policy_zones, zone_pixels
from phusong.scenarios.config import schema


def study(province, *settings, name="urban"):
    return demand_.study(province, schema.load(name, list(settings)))


def test_wards_are_zones_and_discs_of_cores_are_not(mini_province):
    zones = policy_zones(mini_province)
    assert list(zones[col.ZONE_ID]) == ["C90001", "C90002", "I01", "T01"]
    assert list(zones[col.CATEGORY][:2]) == ["ward", "ward"]


def test_every_ward_and_township_of_the_province_is_a_zone(reference_province):
    zones = policy_zones(reference_province)
    types = reference_province.communes[col.COMMUNE_TYPE].value_counts()
    number = zones[col.CATEGORY].value_counts()
    assert number["ward"] == types["phuong"] == 16
    assert number["township"] == types["thi tran"] == 18
    assert "urban_core" not in number
    assert zones[col.ZONE_ID].is_unique


def test_urban_zones_count_their_built_up_land(reference_province):
    zones = policy_zones(reference_province)
    classes = reference_province.landcover.values.ravel()
    for zone, pixels in zip(
        zones.itertuples(), zone_pixels(zones, reference_province), strict=True
    ):
        assert pixels.size
        if zone.category in ("ward", "township"):
            assert np.isin(classes[pixels], BUILT).all()


def test_a_zone_is_in_the_first_tier_that_names_it(reference_province):
    tiers = study(reference_province).tiers
    wards, towns, rest = tiers
    assert set(wards.zones[col.CATEGORY]) == {"ward"}
    assert "ward" not in set(towns.zones[col.CATEGORY])
    assert set(towns.zones[col.KIND]) == {"urban"}
    assert rest.pixels is None


def test_what_counts_in_a_tier_adds_up(mini_province):
    own = study(mini_province, name="province")
    demand = {tier.number: own.tier_demand(tier) for tier in own.tiers}
    every = own.demand.weighted
    parks = own.tiers[1]
    assert demand[2].sum() == pytest.approx(parks.of(every).sum())
    assert np.ptp(demand[2][parks.pixels]) == pytest.approx(0.0, abs=1e-9)  # area: spread evenly
    assert demand[3].sum() == pytest.approx(2500 * 0.5)  # visitors, by the weight of the scenario
    assert demand[5].sum() == pytest.approx(every.sum())
    assert own.tiers[0].of(own.demand.people).sum() == pytest.approx(demand[1].sum())


def test_tiers_that_name_no_zone_are_named_together(mini_province):
    tiers = (
        'tiers=[{ zones = { ids = ["X9"] }, targets = { 2024 = 0.5 } }, '
        '{ zones = { kind = "tourism", statuses = ["planned"] }, targets = { 2024 = 0.5 } }]'
    )
    with pytest.raises(InputError, match=r"(?s)tiers\.1.*X9.*tiers\.2.*planned"):
        study(mini_province, tiers)
    optional = tiers.replace('["X9"] }', '["X9"], optional = true }').replace(
        '["planned"] }', '["planned"], optional = true }'
    )
    assert study(mini_province, optional).tiers == []


def test_where_zones_of_two_tiers_overlap_the_first_has_what_lies_there(reference_province):
    own = study(reference_province)
    wards, towns, _ = own.tiers
    assert not np.intersect1d(wards.pixels, towns.pixels).size
    inside = np.concatenate(own.zone_pixels(towns.zones))
    assert np.intersect1d(inside, wards.pixels).size, "new urban areas lie in wards"
    people = own.demand.people
    both = own.tier_demand(wards) + own.tier_demand(towns)
    assert (both <= people + 1e-9).all()
