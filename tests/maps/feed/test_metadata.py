"""Dictionary, metadata, licence and provenance say what the files hold, and are read back."""

import csv
import json

import feed_run
import maps_run
import pyogrio
import pytest
import yaml
from lxml import etree
from owslib.iso import MD_Metadata
from pygeometa.core import validate_mcf

from phusong.maps.feed import metadata

NASTY = maps_run.NASTY


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("metadata")
    return feed_run.publish(feed_run.write_run(root / "run"), root / "feed")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_dictionary_names_every_column_of_every_layer(folder):
    layers = read(folder / "dictionary.json")["layers"]
    for path in (folder / "vectors").glob("*.fgb"):
        columns = {column["name"]: column for column in layers[path.stem]["columns"]}
        assert set(columns) == set(pyogrio.read_info(path)["fields"])
        for column in columns.values():
            assert column["meaning"]["vi"]
            assert column["type"] in {"string", "integer", "number", "boolean"}
    people = {c["name"]: c for c in layers["communes"]["columns"]}["population"]
    assert people["unit"] == "people"
    assert people["meaning"]["vi"] != people["meaning"]["en"]


def test_the_table_says_the_same(folder):
    with (folder / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tree = read(folder / "dictionary.json")
    count = sum(len(layer["columns"]) for layer in tree["layers"].values())
    assert len(rows) == count + len(tree["rasters"])
    level = next(row for row in rows if row["layer"] == "rsrp_after")
    assert "SS-RSRP" in level["meaning_en"]


def test_the_control_file_is_valid_yaml_and_as_pygeometa_asks(folder):
    tree = yaml.safe_load((folder / metadata.CONTROL).read_text(encoding="utf-8"))
    assert validate_mcf(tree)
    assert tree["identification"]["title"].startswith("Urban ")


def test_iso_19115_is_read_back(folder):
    root = etree.fromstring((folder / metadata.ISO).read_bytes())
    read_back = MD_Metadata(root)
    assert read_back.identifier == "urban-20261123T050000Z"
    identification = read_back.identification[0]
    assert NASTY[:30] in identification.title
    box = identification.bbox
    assert 105 < float(box.minx) < float(box.maxx) < 106
    assert "utilitiesCommunication" in identification.topiccategory


def test_dcat_is_json_with_the_bounds(folder):
    tree = read(folder / metadata.DCAT)
    assert "@context" in tree
    assert "urban-20261123T050000Z" in json.dumps(tree)


def test_licence_and_provenance_are_said(folder):
    words = (folder / metadata.LICENCE).read_text(encoding="utf-8")
    assert "Licences are those of the sources" in words
    assert "không phải kết quả đo" in words
    tree = read(folder / metadata.PROVENANCE)
    assert tree["seed"] == 1
    assert tree["layers"]["vi"]["sites"]["status"] == "given"
