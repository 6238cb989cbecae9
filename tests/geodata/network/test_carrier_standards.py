"""Which carriers are in the tables of the standards."""

import pytest

from phusong.geodata import reference
from phusong.geodata.network import carrier_standards
from phusong.geodata.network.carrier_standards import Carrier

# Widths (MHz) by band as TS 38.101-1 version 15.7.0 table 5.3.5-1 has them: later releases add to
# them and take none away.
RELEASE_15_MHZ = {
    1: (5, 10, 15, 20),
    3: (5, 10, 15, 20, 25, 30),
    5: (5, 10, 15, 20),
    7: (5, 10, 15, 20),
    8: (5, 10, 15, 20),
    20: (5, 10, 15, 20),
    28: (5, 10, 15, 20),
    38: (5, 10, 15, 20),
    40: (5, 10, 15, 20, 25, 30, 40, 50, 60, 80),
    41: (10, 15, 20, 40, 50, 60, 80, 100),
    77: (10, 15, 20, 40, 50, 60, 80, 100),
    78: (10, 15, 20, 40, 50, 60, 80, 100),
    79: (40, 50, 60, 80, 100),
}
MIDDLE_MHZ = {
    1: 2140.0,
    3: 1840.0,
    5: 881.5,
    7: 2655.0,
    8: 945.0,
    20: 806.0,
    28: 780.0,
    38: 2595.0,
    40: 2350.0,
    41: 2550.0,
    77: 3750.0,
    78: 3650.0,
    79: 4700.0,
}


def problems(technology, frequency_mhz, bandwidth_mhz, spacing_khz, band):
    carrier = Carrier(technology, frequency_mhz, bandwidth_mhz, spacing_khz, 1, band)
    return [str(each.problem) for each in carrier_standards.problems(carrier)]


@pytest.mark.parametrize("band", RELEASE_15_MHZ)
def test_what_release_15_knows_of_a_band_is_a_carrier(band):
    for width_mhz in RELEASE_15_MHZ[band]:
        spacing_khz = 15.0 if width_mhz <= 50 else 30.0
        assert problems("5G", MIDDLE_MHZ[band], float(width_mhz), spacing_khz, f"n{band}") == []


@pytest.mark.parametrize(
    ("technology", "mhz", "width_mhz", "spacing_khz", "band"),
    [
        ("5G", 780.0, 50.0, 15.0, "n28"),  # 40 MHz at most, TS 38.104 since Release 16
        ("5G", 881.5, 30.0, 15.0, "n5"),
        ("5G", 2595.0, 50.0, 30.0, "n38"),
        ("5G", 2550.0, 5.0, 15.0, "n41"),  # not below 10 MHz
        ("4G", 2655.0, 3.0, 15.0, "B7"),
        ("4G", 780.0, 1.4, 15.0, "B28"),
        ("4G", 945.0, 20.0, 15.0, "B8"),
    ],
)
def test_what_no_table_knows_is_none(technology, mhz, width_mhz, spacing_khz, band):
    assert (
        f"no carrier is {width_mhz:g} MHz wide"
        in problems(technology, mhz, width_mhz, spacing_khz, band)[0]
    )


def test_every_row_says_where_it_was_read():
    table = reference.table("channel_bandwidths")
    assert table["source"].str.match(r"TS 3[68]\.\d+").all()
    assert (table["narrowest_mhz"] < table["widest_mhz"]).all()
