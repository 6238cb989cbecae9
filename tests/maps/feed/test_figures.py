"""figures.json keeps its schema, and its figures are those of the run."""

import feed_run
import jsonschema
import maps_run
import pytest

from phusong import columns as col
from phusong.geodata.files import toml_json
from phusong.maps.feed import figures_schema


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("figures")
    run = feed_run.publish(feed_run.write_run(folder / "run"), folder / "feed")
    return toml_json.read_json(run / "figures.json")


def figure(document, **wanted):
    rows = [r for r in document["figures"] if all(r[k] == v for k, v in wanted.items())]
    assert len(rows) == 1, rows
    return rows[0]


def test_it_keeps_the_schema_that_lies_beside_it(document):
    jsonschema.Draft202012Validator.check_schema(figures_schema.SCHEMA)
    jsonschema.Draft202012Validator(figures_schema.SCHEMA).validate(document)
    broken = document | {"figures": [document["figures"][0] | {"value": "12"}]}
    with pytest.raises(jsonschema.ValidationError, match="is not of type 'number'"):
        jsonschema.Draft202012Validator(figures_schema.SCHEMA).validate(broken)


def test_every_figure_has_a_unit_and_a_definition_in_both_languages(document):
    for row in document["figures"]:
        measure = document["measures"][row["measure"]]
        assert measure["unit"] in {"share", "people", "count", "million VND"}
        for texts in (measure["title"], measure["definition"]):
            assert texts["vi"] != texts["en"]
        assert (row["low"] is None) == (row["high"] is None)
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"]


def test_the_headline_is_that_of_the_run(document):
    head = maps_run.record()["headline"]
    after = figure(document, level="province", measure="people_share", when="after")
    assert after["value"] == head["people_share_after"]
    assert (after["low"], after["high"]) == (0.312, 0.457)
    assert after["date"] == "2025-12-31"
    before = figure(document, level="province", measure="people_share", when="before")
    assert (before["value"], before["date"]) == (head["people_share_before"], "2026-11-23")


def test_units_and_zones_are_those_of_the_tables(document):
    for row in maps_run.communes().to_dict("records"):
        wanted = {"level": "commune", "code": row[col.COMMUNE_CODE], "measure": "people_share"}
        after = figure(document, when="after", **wanted)
        assert after["value"] == row[col.COVERED_POPULATION_SHARE_AFTER]
        assert after["low"] == row[col.COVERED_POPULATION_SHARE_AFTER_LOW]
    zone = figure(document, level="zone", code="U01", measure="zone_demand_share", when="after")
    assert zone["value"] == 0.5


def test_a_district_by_year_is_the_mean_of_its_communes_by_residents(document):
    communes = maps_run.communes()
    share = {"08700": 0.45}
    for code, part in communes.groupby(col.DISTRICT_CODE):
        people = part[col.POPULATION]
        shares = [share.get(c, 0.05) for c in part[col.COMMUNE_CODE]]
        expected = sum(people * shares) / people.sum()
        row = figure(document, level="district", code=code, measure="people_share", year=2025)
        assert row["value"] == pytest.approx(expected, abs=1e-6)


def test_stations_of_the_communes_sum_to_those_of_the_run(document):
    built = [
        row
        for row in document["figures"]
        if row["level"] == "commune" and row["measure"] in {"colocated_stations", "new_stations"}
    ]
    assert sum(row["value"] for row in built) == maps_run.record()["headline"]["stations"]
    assert {row["year"] for row in built} == {2024, 2025}


def test_the_area_of_a_zone_by_year_is_that_of_the_raster(document):
    """The east, where T01 lies, is covered in 2025; U01 lies where nothing ever is."""
    wanted = {"level": "zone", "measure": "sure_area_share"}
    shares = {
        (code, year): figure(document, code=code, year=year, **wanted)["value"]
        for code in ("U01", "T01")
        for year in (2024, 2025)
    }
    assert shares == {
        ("U01", 2024): 0.0,
        ("U01", 2025): 0.0,
        ("T01", 2024): 0.0,
        ("T01", 2025): 1.0,
    }
