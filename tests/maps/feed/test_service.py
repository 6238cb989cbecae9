"""The configuration for pygeoapi leads to files of the feed.

The server itself is asked in ``tests/end_to_end/test_pygeoapi.py``.
"""

import feed_run
import pyogrio
import pytest
import yaml

from phusong.maps.feed import service


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    root = tmp_path_factory.mktemp("service")
    feed_run.publish(feed_run.write_run(root / "run"), root / "feed")
    return root / "feed"


def configuration(feed):
    return yaml.safe_load((feed / service.NAME).read_text(encoding="utf-8"))


def test_every_path_is_relative_and_there(feed):
    paths = []
    for resource in configuration(feed)["resources"].values():
        for provider in resource["providers"]:
            data = provider["data"]
            paths.append(data["source"] if isinstance(data, dict) else data)
    assert len(paths) > 12
    for path in paths:
        assert not path.startswith("/")
        assert "\\" not in path
        assert (feed / path).exists(), path


def test_every_layer_is_a_collection_and_every_raster_a_coverage(feed):
    resources = configuration(feed)["resources"]
    kinds = {name: [p["type"] for p in r["providers"]] for name, r in resources.items()}
    package = next(feed.rglob("layers.gpkg"))
    for layer, geometry in pyogrio.list_layers(package):
        assert geometry is None or kinds[layer][0] == "feature"
    for path in feed.rglob("*.tif"):
        assert kinds[f"{path.stem}_raster"] == ["coverage"]
    assert kinds["communes"] == ["feature", "tile"]
    assert kinds["covered_year"] == ["tile"]
    assert kinds["records"] == ["record"]


def test_it_is_loopback_that_is_asked_for(feed):
    assert configuration(feed)["server"]["bind"]["host"] == "127.0.0.1"


def test_only_the_latest_run_is_handed_out(feed, tmp_path):
    run = feed_run.write_run(tmp_path / "old", lambda r: r.update(created="2020-01-01T00:00:00Z"))
    before = (feed / service.NAME).read_bytes()
    feed_run.publish(run, feed)
    assert (feed / service.NAME).read_bytes() == before
