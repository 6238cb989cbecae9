"""Antenna pattern files: what they tell, and how broken ones are refused."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from antenna_text import lobe, text_of
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import antenna
from phusong.errors import InputError
from phusong.geodata.network import antenna_files

CUTS = st.tuples(st.integers(0, 2**32), st.sampled_from([0.0, 0.5, 40.0, 200.0])).map(
    lambda drawn: np.random.default_rng(drawn[0]).uniform(0, drawn[1], 360).round(2)
)


def write(folder, text, name="a.msi", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def refused(path):
    with pytest.raises(InputError) as found:
        antenna_files.read(path)
    return str(found.value)


@given(CUTS, CUTS)
def test_what_is_written_is_read(horizontal, vertical):
    with tempfile.TemporaryDirectory() as folder:
        found = antenna_files.read(write(Path(folder), text_of(horizontal, vertical)))
    np.testing.assert_allclose(found.horizontal_db, horizontal, atol=1e-9)
    np.testing.assert_allclose(found.vertical_db, vertical, atol=1e-9)
    assert (found.name, found.frequency_mhz) == ("test 65", 1840.0)


@pytest.mark.parametrize(
    ("gain", "gain_dbi"),
    [("17.5 dBi", 17.5), ("15.35 dBd", 17.5), ("15.35", 17.5), ("15,35dBd", 17.5), ("-2 dBi", -2)],
)
def test_gain_is_over_an_isotropic_antenna(tmp_path, gain, gain_dbi):
    """0 dBd is 2.15 dBi; a gain without a unit is in dBd."""
    path = write(tmp_path, text_of(lobe(65), lobe(10), f"NAME a\nGAIN {gain}\n"))
    assert antenna_files.read(path).gain_dbi == pytest.approx(gain_dbi)


@pytest.mark.parametrize(
    ("text", "frequency_mhz"),
    [("1840", 1840.0), ("1710-1880", 1795.0), ("1710 - 1880 MHz", 1795.0), ("", None)],
)
def test_frequency_or_the_middle_of_a_range(tmp_path, text, frequency_mhz):
    path = write(tmp_path, text_of(lobe(65), lobe(10), f"FREQUENCY {text}\nGAIN 15\n"))
    assert antenna_files.read(path).frequency_mhz == frequency_mhz


@pytest.mark.parametrize("tilt_deg", [0, 2, 6, -3])
def test_vertical_cut_turns_downwards(tmp_path, tilt_deg):
    """A lobe at 6 in the file points 6 degrees below the horizon, not above it."""
    path = write(tmp_path, text_of(lobe(65), lobe(10, tilt_deg)))
    found = antenna_files.read(path)
    assert found.tilt_deg == tilt_deg
    pattern = antenna.from_cuts(found.name, found.horizontal_db, found.vertical_db)
    elevation_deg = np.arange(-30.0, 30.5, 0.5)
    lost_db = antenna.loss_db(pattern, 0.0, elevation_deg)
    assert elevation_deg[np.argmin(lost_db)] == -tilt_deg
    below = antenna.loss_db(pattern, 0.0, -tilt_deg - 5.0)
    assert below[()] == pytest.approx(3.0, abs=1e-3)


def test_file_of_the_3gpp_sector_is_the_3gpp_sector(tmp_path):
    """Two ways to the same pattern: a file sampled at whole degrees, and the formula."""
    found = antenna_files.read(write(tmp_path, text_of(lobe(65), lobe(10, limit_db=20.0))))
    pattern = antenna.from_cuts(found.name, found.horizontal_db, found.vertical_db)
    bearing, elevation = np.meshgrid(np.arange(-180.0, 180.0), np.arange(-90.0, 91.0))
    np.testing.assert_allclose(
        antenna.loss_db(pattern, bearing, elevation),
        antenna.loss_db(antenna.sector(), bearing, elevation),
        atol=0.006,  # the file has two decimals in each cut
    )


def test_old_files_with_other_forms(tmp_path):
    head = "NAME Đài 65°\nTILT ELECTRICAL\nELECTRICAL_TILT 4\nCOMMENT a b\nGAIN 15 dBd\n"
    text = text_of(lobe(65), lobe(10, 4), head, sep="\t").replace("\n", "\r\n")
    found = antenna_files.read(write(tmp_path, text, "a.PLA"))
    assert found.tilt_note == "ELECTRICAL; 4"
    latin = write(tmp_path, text_of(lobe(65), lobe(10), "NAME 65°\nGAIN 15\n"), encoding="latin-1")
    assert antenna_files.read(latin).name == "65°"
    comma = text_of(lobe(65), lobe(10)).replace(".", ",")
    assert antenna_files.read(write(tmp_path, comma, "c.txt")).horizontal_db[32] == 2.91


def test_every_broken_line_is_reported(tmp_path):
    lines = text_of(lobe(65), lobe(10)).splitlines()
    lines[2] = "GAIN high"
    lines[9] = "5"
    lines[14] = "10 -3"
    lines[19] = "14 1.0"  # 15 is missing and 14 comes twice
    lines[24] = "20 abc"
    lines[29] = "25.5 1"
    error = refused(write(tmp_path, "\n".join(lines)))
    for line, problem in (
        (3, "not a gain"),
        (10, "not an angle and an attenuation"),
        (15, "not between 0 and 200"),
        (20, "a second time"),
        (25, "not an angle and an attenuation"),
        (30, "not a whole number"),
        (4, "lacks 2 angles: 15, 25"),
    ):
        assert any(
            re.search(rf"a.msi:{line}\b", row) and problem in row for row in error.splitlines()
        ), line
    assert "7 defects" in error


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no GAIN"),
        ("\x00\x01\x02\xff", "neither a keyword"),
        ("GAIN 15\nHORIZONTAL 360\n0 0\n", "has no VERTICAL cut"),
        ("GAIN 15\nHORIZONTAL 360\n0 0\n", "lacks 359 angles: 1, 2, 3, 4, 5, ..."),
        (text_of(lobe(65), lobe(10)) + "VERTICAL 360\n", "a second VERTICAL cut"),
        (text_of(lobe(65), lobe(10)).replace("HORIZONTAL 360", "HORIZONTAL 2"), "360 lines"),
        (text_of(lobe(65), lobe(10)).replace("\n7 ", "\n7e400 "), "not a whole number"),
        (text_of(lobe(65), lobe(10)).replace("\n7 ", "\n7 nan "), "not an angle and an"),
        (text_of(lobe(65), lobe(10), "GAIN 15\nFREQUENCY x-y\n"), "not a frequency"),
        (text_of(lobe(65), lobe(10), "GAIN 1e9\n"), "not a gain"),
    ],
)
def test_hostile_files_give_one_error(tmp_path, text, problem):
    assert problem in refused(write(tmp_path, text))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.msi"
        path.write_bytes(content)
        with pytest.raises(InputError, match="has no"):
            antenna_files.read(path)


def test_missing_folder_and_large_file(tmp_path):
    assert "no such file" in refused(tmp_path / "none.msi")
    assert "is a folder" in refused(tmp_path)
    assert "more than the 1,048,576" in refused(
        write(tmp_path, "x" * (antenna_files.MAX_BYTES + 1))
    )
