"""Tiles hold what the layers hold, and the year of coverage; read by pmtiles and by GDAL."""

import gzip
import json

import feed_run
import maps_run
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid

from phusong import columns as col
from phusong.maps.feed import tiles


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("tiles")
    return feed_run.publish(feed_run.write_run(root / "run"), root / "feed")


def test_every_layer_and_the_coverage_has_a_file_that_a_reader_opens(folder):
    names = {path.stem for path in (folder / "vectors").glob("*.geojson")}
    paths = sorted((folder / "tiles").iterdir())
    assert {path.stem for path in paths} == names | {"covered_year"}
    for path in paths:
        with path.open("rb") as file:
            source = MmapSource(file)
            reader = Reader(source)
            header, metadata = reader.header(), reader.metadata()
            assert header["tile_type"] is TileType.MVT
            assert header["tile_compression"] is Compression.GZIP
            assert (header["min_zoom"], header["max_zoom"]) == tiles.ZOOMS
            assert [layer["id"] for layer in metadata["vector_layers"]] == [path.stem]
            held = dict(all_tiles(source))
            assert {z for z, _, _ in held} == set(range(tiles.ZOOMS[0], tiles.ZOOMS[1] + 1))
            assert all(len(gzip.decompress(tile)) > 50 for tile in held.values())


def test_points_lie_in_the_tiles_within_a_few_metres(folder):
    """A tile of zoom 12 has 4096 steps of 2.2 m here."""
    read_back = pyogrio.read_dataframe(folder / "tiles" / "ranking.pmtiles").to_crs("EPSG:5897")
    for row in maps_run.ranking().itertuples():
        same = read_back[read_back[col.SITE_ID] == row.site_id]
        assert len(same) >= 1
        assert same.distance(row.geometry).max() < 5.0
        assert set(same[col.YEAR]) == {row.year}


def test_coverage_by_year_is_that_of_the_raster(folder):
    frame = tiles.coverage(folder / "rasters" / "covered_year.tif")
    with rasterio.open(folder / "rasters" / "covered_year.tif") as source:
        years, pixel = source.read(1), abs(source.transform.a * source.transform.e)
    for year, part in frame.groupby(col.YEAR):
        assert part.area.sum() == pytest.approx(np.count_nonzero(years == year) * pixel)
    assert set(frame[col.YEAR]) == {1, 2024, 2025}
    areas = pyogrio.read_dataframe(folder / "tiles" / "covered_year.pmtiles").to_crs("EPSG:5897")
    for year, part in frame.groupby(col.YEAR):
        drawn = shapely.union_all(shapely.make_valid(areas[areas[col.YEAR] == year].geometry))
        assert drawn.area == pytest.approx(part.area.sum(), rel=0.02)


def test_sentences_stay_out_of_tiles(folder):
    fields = set(pyogrio.read_info(folder / "tiles" / "ranking.pmtiles")["fields"])
    assert col.REASON not in fields
    assert col.COST_MILLION in fields


def test_a_tree_of_tiles_holds_what_the_file_holds(folder):
    for name in tiles.TREES:
        tree = folder / tiles.TREE / name
        with (folder / "tiles" / f"{name}.pmtiles").open("rb") as file:
            held = {at: gzip.decompress(tile) for at, tile in all_tiles(MmapSource(file))}
        read_back = {
            tuple(int(part) for part in path.with_suffix("").relative_to(tree).parts): path
            for path in tree.rglob("*.pbf")
        }
        assert {at: path.read_bytes() for at, path in read_back.items()} == held
        assert json.loads((tree / "metadata.json").read_text("utf-8"))["name"] == name


@given(st.integers(0, 14), st.data())
def test_the_place_of_a_tile_follows_from_its_number(zoom, data):
    x, y = (data.draw(st.integers(0, 2**zoom - 1)) for _ in "xy")
    assert tiles._zoom_column_row(zxy_to_tileid(zoom, x, y)) == (zoom, x, y)
