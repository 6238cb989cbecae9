"""Zones by rank as the page reads them, and judgements in words."""

import json

import maps_run
import pytest
import ranked_run
from packed_columns import unpacked

from phusong import columns as col
from phusong.geodata.runs.folder import open_run
from phusong.maps.layers import ranked_zones
from phusong.messages import message


def test_the_page_gets_every_figure_of_the_ranking_of_zones(tmp_path):
    folder = ranked_run.write(tmp_path / "run")
    packed = ranked_zones.ranked(open_run(folder), "en")
    tree = json.loads((folder / "zones_ranking.geojson").read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in tree["features"]]
    columns = {c["column"] for c in ranked_run.record()["choice"]["zones"]["criteria"]}
    assert columns | {col.ZONE_ID, col.RANK, col.WEIGHT, col.SCORE} <= set(packed)
    for name in set(packed) - {col.EXPLANATION}:
        assert unpacked(packed[name]) == pytest.approx([row[name] for row in rows]), name


@pytest.mark.parametrize(("language", "first"), [("vi", "Hạng 2 trên 3"), ("en", "Rank 2 of 3")])
def test_the_reason_of_a_rank_is_spoken_in_the_language_of_the_page(tmp_path, language, first):
    run = open_run(ranked_run.write(tmp_path / "run"))
    reason = message("explanation.rank", rank=2, count=3, score=0.5)
    run.record["texts"] = {"zones_ranking": {col.EXPLANATION: [reason] * 3}}
    assert unpacked(ranked_zones.ranked(run, language)[col.EXPLANATION])[0].startswith(first)


def test_a_run_that_ranks_no_zones_has_none(tmp_path):
    run = open_run(maps_run.write_whole(tmp_path / "run"))
    assert all(unpacked(column) == [] for column in ranked_zones.ranked(run, "vi").values())


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ({"people / cost": 3, "cost / roads": 0.5}, "People / cost = 3; cost / roads = 0.5"),
        ({}, ""),
    ],
)
def test_judgements_are_told_with_the_names_of_criteria(pairs, said):
    record = {"parameters": {"weights": {"pairwise": pairs}}}
    assert ranked_zones.judgements(record, {"criterion_people": "People"}, "en") == said
