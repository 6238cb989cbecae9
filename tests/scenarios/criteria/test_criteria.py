"""The registry of criteria: each said in both languages, measured once, in a column of its own."""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from shapely.geometry import Point

from phusong import columns as col
from phusong import messages
from phusong.meanings import COLUMNS
from phusong.scenarios.criteria import criteria
from phusong.scenarios.criteria.criteria import CRITERIA, Compared


def test_every_criterion_is_explained_in_both_languages():
    assert len(set(criteria.names())) == len(CRITERIA) == 10
    for criterion in CRITERIA:
        assert all((criterion.unit, criterion.source))
    for language in messages.SHIPPED:
        assert set(messages.words(language, "criterion")) == set(criteria.names())
    assert {c.name for c in CRITERIA if not c.benefit} == {"cost", "backhaul"}
    assert {c.name for c in CRITERIA if c.unit == "million VND"} == {"cost", "backhaul"}
    assert criteria.benefit().tolist() == [c.benefit for c in CRITERIA]


def test_no_column_holds_two_criteria_and_each_has_a_meaning():
    columns = [criterion.column for criterion in CRITERIA]
    assert len(set(columns)) == len(columns)
    assert set(columns) <= set(COLUMNS)
    assert len(set(criteria.candidate_columns())) == len(criteria.candidate_columns())
    assert set(columns) <= set(criteria.candidate_columns())


def test_units_are_those_of_the_columns():
    """But for figures without a unit, of which a criterion tells the range."""
    for criterion in CRITERIA:
        assert criterion.unit == COLUMNS[criterion.column].unit or criterion.unit.startswith("0 ")


def test_values_are_what_each_measures(mini_province):
    frame = GeoDataFrame(
        {
            col.COMMUNE_CODE: ["90001", "90002"],
            col.CAPEX_MILLION: [700.0, 1000.0],
            col.BACKHAUL_MILLION: [0.0, 72.0],
        },
        geometry=[Point(559_500, 2_355_000), Point(562_500, 2_355_000)],
        crs="EPSG:5897",
    )
    kinds = ("people", "workers", "visitors", "area_km2", "road_km")
    gained = pd.DataFrame({kind: [i, 10.0 * i] for i, kind in enumerate(kinds, 1)})
    compared = Compared(
        mini_province, frame, gained, np.copy, np.array([5.0, 6.0]), np.array([True, False])
    )
    values = criteria.values(compared)
    assert list(values) == criteria.names()
    assert values["people"].tolist() == [1, 10]
    assert values["roads"].tolist() == [5, 50]
    assert values["throughput"].tolist() == [5, 6]
    assert values["cost"].tolist() == [700, 1000]
    assert values["colocation"].tolist() == [1, 0]
    assert values["backhaul"].tolist() == [0, 72]
    assert values["policy"].tolist() == criteria.policy_priority(frame, mini_province).tolist()
