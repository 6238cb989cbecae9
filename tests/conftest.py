"""A province of four communes and a hill, small enough to run every command in seconds."""

import os

from mini_province import mini_communes, mini_sites, mini_terrain, mini_zones

os.environ.setdefault("NUMBA_NUM_THREADS", "2")
os.environ["PHUSONG_LANG"] = "en"  # of what commands say where a test asks for no language

import browser
import pytest

from phusong.geodata.provinces import embedded, folder


def pytest_collection_modifyitems(config, items):
    """Leave long tests out unless CI is set or ``-m long`` asks for them."""
    if os.environ.get("CI") or "long" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="a share of a campaign: CI=1 or -m long"))


@pytest.fixture(scope="session")
def mini_province():
    communes = mini_communes()
    return embedded.complete(
        "Mini",
        "2020-03",
        communes,
        mini_terrain(communes),
        1,
        zones=mini_zones(),
        sites=mini_sites(),
    )


@pytest.fixture(scope="session")
def mini_folder(mini_province, tmp_path_factory):
    path = tmp_path_factory.mktemp("province") / "mini"
    folder.save_province(mini_province, path)
    return path


@pytest.fixture(scope="session")
def reference_province():
    """Return the embedded province with seed 1; read only."""
    return embedded.reference_province(1)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Return a headless Chromium without network."""
    opened = browser.start(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.quit()
