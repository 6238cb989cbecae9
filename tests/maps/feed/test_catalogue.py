"""The catalogue is read by pystac, stands by itself, and says what the files hold."""

import hashlib
from pathlib import Path

import feed_run
import jsonschema
import pyogrio
import pystac
import pytest
import rasterio
import referencing
from pystac.validation import local_validator
from rio_cogeo.cogeo import cog_validate

from phusong.geodata.files import toml_json


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    feed_run.publish(feed_run.write_run(folder / "run"), folder / "feed")
    moved = (folder / "feed").rename(folder / "moved elsewhere")  # links are relative
    return pystac.Catalog.from_file(str(moved / "catalog.json"))


def everything(root):
    yield root
    for collection in root.get_children():
        yield collection
        yield from collection.get_items()


def test_the_catalogue_is_valid_stac(root):
    """Against the schemas of the specification that pystac carries."""
    held = local_validator.get_local_schema_cache()
    resources = [(uri, referencing.Resource.from_contents(s)) for uri, s in held.items()]
    registry = referencing.Registry().with_resources(resources)
    for entry in everything(root):
        tree = entry.to_dict(include_self_link=False, transform_hrefs=False)
        kind = {"Feature": "item"}.get(tree["type"], tree["type"].lower())
        schema = held[f"https://schemas.stacspec.org/v1.1.0/{kind}-spec/json-schema/{kind}.json"]
        assert not list(jsonschema.Draft7Validator(schema, registry=registry).iter_errors(tree))


def test_every_link_leads_to_a_file_inside_by_a_relative_path(root):
    top, count = Path(root.get_self_href()).parent, 0
    for path in top.rglob("*.json"):
        for link in toml_json.read_json(path).get("links", []):
            assert link["href"].startswith(("./", "../")), link
            assert "\\" not in link["href"]
            target = (path.parent / link["href"]).resolve()
            assert target.is_relative_to(top)
            assert target.is_file()
            count += 1
    assert count > 50


def test_every_file_is_there_with_the_checksum_that_is_said(root):
    count = 0
    for entry in everything(root):
        for asset in getattr(entry, "assets", {}).values():
            content = Path(asset.get_absolute_href()).read_bytes()
            assert asset.ext.file.size == len(content)
            digest = hashlib.sha256(content).hexdigest()
            assert asset.extra_fields["file:checksum"] == f"1220{digest}"
            count += 1
    assert count > 30


def test_rasters_are_cloud_optimised_and_lie_where_the_item_says(root):
    items = [i for i in root.get_items(recursive=True) if "tif" in i.assets]
    assert {i.id.rpartition("-")[2] for i in items} >= {"rsrp_after", "covered_year", "terrain"}
    for item in items:
        path = item.assets["tif"].get_absolute_href()
        valid, errors, _ = cog_validate(path)
        assert valid, errors
        with rasterio.open(path) as source:
            assert item.ext.proj.epsg == 5897
            assert item.ext.proj.shape == list(source.shape)
            assert item.properties["proj:code"] == source.crs.to_string() == "EPSG:5897"
            assert item.properties["proj:transform"] == list(source.transform)[:6]
            band = item.assets["tif"].extra_fields["bands"][0]
            assert band["data_type"] == source.dtypes[0]
        west, south, east, north = item.bbox
        assert 105 < west < east < 106
        assert 21 < south < north < 22


def test_layers_are_the_same_in_every_format(root):
    layers = [i for i in root.get_items(recursive=True) if "fgb" in i.assets]
    assert len(layers) == 6
    collection = next(root.get_children())
    package = collection.assets["layers.gpkg"].get_absolute_href()
    for item in layers:
        name = item.id.rpartition("-")[2]
        paths = {kind: asset.get_absolute_href() for kind, asset in item.assets.items()}
        assert set(paths) == {"geojson", "fgb", "parquet"}
        frames = [pyogrio.read_dataframe(paths[kind]) for kind in ("geojson", "fgb")]
        frames.append(pyogrio.read_dataframe(package, layer=name))
        for frame in frames:
            assert frame.crs.to_epsg() == 4326
            assert len(frame) == len(frames[0]) > 0
            assert (
                frame.geometry.union_all()
                .difference(frames[0].geometry.union_all().buffer(1e-6))
                .is_empty
            )
