"""Places compared, packed for the page: what is unpacked is what the run wrote."""

import json

import maps_run
import numpy as np
import pandas as pd
import pytest
import ranked_run
from hypothesis import given
from hypothesis import strategies as st
from packed_columns import unpacked

from phusong import columns as col
from phusong.geodata.runs.folder import open_run
from phusong.maps.layers import features, places


@given(st.lists(st.integers(-(10**7), 10**7) | st.none()), st.integers(0, 4))
def test_numbers_come_back_to_their_decimals(whole, decimals):
    values = [None if value is None else value / 10**decimals for value in whole]
    packed = places.numbers(pd.Series(values, dtype=float), decimals)
    assert unpacked(packed) == pytest.approx(values, abs=1e-9)
    assert json.loads(json.dumps(packed)) == packed
    assert packed["scale"] <= 10**decimals


@given(st.lists(st.text()))
def test_texts_are_written_once_and_come_back(values):
    packed = places.texts(values)
    assert unpacked(packed) == values
    assert len(packed["words"]) == len(set(values))


def test_whole_numbers_need_no_scale():
    assert places.numbers(pd.Series([700.0, 1000.0]), 4) == {"scale": 1, "whole": [700, 1000]}
    assert places.numbers(pd.Series([0.5, 1.0, np.nan]), 4) == {
        "scale": 10,
        "whole": [5, 10, None],
    }


def test_the_page_gets_every_figure_of_the_file(tmp_path):
    folder = ranked_run.write(tmp_path / "run")
    run = open_run(folder)
    packed = places.places(run)
    tree = json.loads((folder / "candidates.geojson").read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in tree["features"]]
    for name in set(packed) - {col.LON, col.LAT}:
        assert unpacked(packed[name]) == pytest.approx([row[name] for row in rows]), name
    lon, lat = (unpacked(packed[name]) for name in (col.LON, col.LAT))
    at = [feature["geometry"]["coordinates"] for feature in tree["features"]]
    assert list(zip(lon, lat, strict=True)) == [pytest.approx(pair, abs=1e-5) for pair in at]
    written = json.dumps(packed, separators=(",", ":"))
    assert len(written) < 0.35 * (folder / "candidates.geojson").stat().st_size
    links = features.links(run)
    assert len(links["rows"]) == len(links["geometry"]) == 3


def test_a_run_without_places_and_links_has_none(tmp_path):
    run = open_run(maps_run.write_whole(tmp_path / "run"))
    assert all(unpacked(column) == [] for column in places.places(run).values())
    assert features.links(run)["rows"] == []
