"""The embedded province is whole; what a province lacks is made and marked."""

import numpy as np
import pandas as pd
import pytest
import shapely

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.province import LAYERS
from phusong.geodata.provinces import embedded


def test_all_layers_are_there_on_one_grid(reference_province):
    sizes = {layer: len(getattr(reference_province, layer)) for layer in LAYERS[:4]}
    assert sizes == {"communes": 136, "districts": 9, "zones": 64, "sites": 3000}
    for raster in ("terrain", "landcover", "population", "commune_index"):
        layer = getattr(reference_province, raster)
        assert layer.grid == reference_province.grid
        assert layer.values.shape == reference_province.grid.shape
    assert reference_province.communes.crs == "EPSG:5897"


def test_the_grid_covers_the_province_and_a_margin(reference_province):
    x_min, y_min, x_max, y_max = reference_province.grid.bounds
    left, bottom, right, top = reference_province.communes.total_bounds
    margins = np.array([left - x_min, bottom - y_min, x_max - right, y_max - top])
    assert (margins >= embedded.MARGIN_M).all()
    assert (margins < embedded.MARGIN_M + 30).all()
    assert x_min % 30 == y_max % 30 == 0


def test_everything_embedded_is_called_approximate_or_synthetic(reference_province):
    provenance = reference_province.provenance
    assert set(provenance) == set(LAYERS)
    assert {layer for layer in LAYERS if provenance[layer].status == "approximate"} == {
        "communes",
        "districts",
        "zones",
        "terrain",
    }
    assert all(entry.source for entry in provenance.values())
    assert "given" not in {entry.status for entry in provenance.values()}


def test_the_same_seed_gives_the_same_province(reference_province):
    again = embedded.reference_province(1)
    for layer in LAYERS[:4]:
        assert getattr(again, layer).to_csv() == getattr(reference_province, layer).to_csv()
    for layer in LAYERS[4:]:
        first = getattr(reference_province, layer).values
        assert getattr(again, layer).values.tobytes() == first.tobytes()


def test_what_is_given_is_kept_and_called_given(mini_province):
    assert len(mini_province.sites) == 12
    assert len(mini_province.zones) == 3
    status = {layer: entry.status for layer, entry in mini_province.provenance.items()}
    assert status == {
        "communes": "given",
        "districts": "given",
        "zones": "given",
        "sites": "given",
        "terrain": "given",
        "landcover": "synthetic",
        "population": "synthetic",
    }


def test_an_unknown_province_has_no_zones_and_sites_by_its_people(mini_province):
    made = embedded.complete(
        "Mini", "2020-03", mini_province.communes, mini_province.terrain, seed=1
    )
    people = mini_province.communes[columns.POPULATION].sum()
    assert made.zones.empty
    assert tuple(made.zones.columns) == (*columns.ZONES, "geometry")
    assert made.provenance["zones"].note == "the layer is empty"
    assert len(made.sites) == round(people * 3000 / 1_151_154)
    assert made.population.values.sum(dtype=float) == people


def test_parks_that_are_added_leave_everybody_where_they_are(reference_province):
    p = reference_province
    park = p.zones[p.zones[columns.KIND] == "industrial"].iloc[[0, 1]]
    away = park.geometry.translate(4000.0, 3000.0)
    more = pd.concat(
        [p.zones, park.assign(**{columns.ZONE_ID: ["X1", "X2"]}, geometry=away)], ignore_index=True
    )
    again = embedded.complete(p.name, p.units, p.communes, p.terrain, 1, zones=more)
    assert len(again.zones) == len(p.zones) + 2
    assert again.sites.to_csv() == p.sites.to_csv()
    for layer in ("landcover", "population"):
        first, second = getattr(p, layer).values, getattr(again, layer).values
        assert first.tobytes() == second.tobytes(), layer


def test_named_provenance_is_kept(mini_province):
    named = embedded.Provenance("given", "survey of 2024", "CC BY 4.0", "abc")
    made = embedded.complete(
        "Mini",
        "2020-03",
        mini_province.communes,
        mini_province.terrain,
        1,
        sites=mini_province.sites,
        provenance={"communes": named},
    )
    assert made.provenance["communes"] == named
    assert made.provenance["districts"].source == "union of the communes (survey of 2024)"
    assert made.provenance["districts"].licence == "CC BY 4.0"


def test_communes_without_residents_are_all_named(mini_province):
    communes = mini_province.communes.copy()
    communes[columns.POPULATION] = [5.0, np.nan, -3.0, 7.0]
    with pytest.raises(InputError, match=r"2 defects[\s\S]*'90002'[\s\S]*'90003'"):
        embedded.complete("Mini", "2020-03", communes, mini_province.terrain, 1)
    with pytest.raises(InputError, match="4 defects"):
        embedded.complete(
            "Mini",
            "2020-03",
            communes.drop(columns=columns.POPULATION),
            mini_province.terrain,
            1,
        )


def test_a_part_of_the_known_units_is_still_the_reference_province(reference_province):
    assert embedded.is_reference(reference_province.communes.iloc[::4])
    strangers = reference_province.communes.assign(commune_code="99999")
    assert not embedded.is_reference(strangers)


def test_every_site_and_zone_lies_in_the_province(reference_province):
    province = shapely.union_all(reference_province.communes.geometry.to_numpy())
    assert shapely.covers(province, reference_province.sites.geometry.to_numpy()).all()
    assert shapely.covers(province.buffer(0.01), reference_province.zones.geometry.to_numpy()).all()
