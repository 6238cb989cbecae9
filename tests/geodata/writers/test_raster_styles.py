"""Styles of rasters follow the quantity: level, SINR and RSRQ have classes of their own."""

import pytest

from phusong.geodata.writers import classes, raster_styles
from phusong.geodata.writers.raster_styles import RasterBand
from phusong.messages import general


def labels(name, unit):
    band = RasterBand(name, unit, False, {}, -30.0, 30.0, ())
    return [item.get("label") for item in raster_styles.pipe(band, "en").iter("item")]


@pytest.mark.parametrize(
    ("name", "unit", "quantity"),
    [
        ("rsrp_after", "dBm", classes.LEVEL),
        ("ss_sinr_after", "dB", classes.SINR),
        ("sinr_after", "dB", classes.SINR),
        ("sinr_p10_after", "dB", classes.SINR),
        ("ss_rsrq_after", "dB", classes.RSRQ),
        ("throughput_after", "Mbit/s", classes.THROUGHPUT),
    ],
)
def test_classes_are_those_of_the_quantity(name, unit, quantity):
    found = labels(name, unit)
    assert len(found) == len(quantity.breaks) + 1
    assert found[0] == f"< {general(quantity.breaks[0], 'en')} {unit}"
    assert found[-1] == f"≥ {general(quantity.breaks[-1], 'en')} {unit}"


def test_classes_of_rsrq_tell_a_full_network_from_an_empty_one():
    """SS-RSRQ ends at -10.8 dB: without interference it is in the best class, with it below."""
    assert classes.RSRQ.index([-10.8, -13.8, -25.0]).tolist() == [7, 4, 1]
