"""A planner's own list of cells: what is read, what is assumed, and what is refused."""

import math

import numpy as np
import pytest
from antenna_text import lobe, text_of
from mini_province import mini_communes

from phusong import columns as col
from phusong.coverage import link_budget
from phusong.errors import InputError
from phusong.geodata.network import carrier_standards, cell_defaults, cells, channels

HEAD = "site_id,cell_id,lon,lat,azimuth_deg,technology"
ROW = "A,{},105.57,21.29,{},4G"


@pytest.fixture(scope="module")
def communes():
    return mini_communes()


@pytest.fixture
def listed(tmp_path, communes):
    def read(*lines, name="cells.csv", **options):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return cells.read(path, communes, **options)

    return read


def refused(listed, *lines):
    with pytest.raises(InputError) as found:
        listed(*lines)
    return str(found.value)


def test_vietnamese_list(listed):
    found = listed(
        "Mã trạm;Mã cell;Kinh độ;Vĩ độ;Độ cao ăng ten (m);Góc phương vị;Góc nghiêng cơ;"
        "Góc nghiêng điện;Công suất phát (W);Băng tần;Băng thông (MHz);Nhà mạng",
        "A;A1;105,570;21,290;36,5;120°;2;4;80;B3;15;vinaphone",
    )
    cell = found.cells.iloc[0]
    assert (cell[col.OPERATOR], cell[col.TECHNOLOGY]) == ("VNPT", "4G")
    assert cell[col.HEIGHT_M] == 36.5
    assert (cell[col.AZIMUTH_DEG], cell[col.FREQUENCY_MHZ], cell[col.BANDWIDTH_MHZ]) == (
        120,
        1840,
        15,
    )
    assert (cell[col.MECHANICAL_TILT_DEG], cell[col.ELECTRICAL_TILT_DEG]) == (2, 4)
    assert cell[col.POWER_DBM] == pytest.approx(10 * math.log10(80_000))
    assert cell[col.COMMUNE_CODE] == "90001"
    assert found.cells.geometry.x[0] == pytest.approx(558_946.56, abs=0.1)


def test_metric_positions_and_dbm(listed):
    found = listed(
        "site_id,x_m,y_m,azimuth_deg,technology,power_dbm", "A,559000,2354000,0,5G,46", ""
    )
    assert found.cells[col.POWER_DBM].tolist() == [46.0]
    assert found.cells[col.CELL_ID].tolist() == ["A-1"]


def test_defaults_are_those_of_the_table_and_are_named(listed):
    """LTE 1800: 80 W, 17.5 dBi, 0.5 dB, 20 MHz; NR 2600: 240 W, 24.5 dBi, 100 MHz."""
    found = listed(HEAD, ROW.format("A1", 0), "A,A2,105.57,21.29,0,5G")
    lte, nr = (found.cells.iloc[i] for i in range(2))
    for cell, expected in (
        (lte, (1840, 20, 15, 17.5, 0.5, 2, 4, 49.03)),
        (nr, (2550, 100, 30, 24.5, 0.0, 1, 6, 53.80)),
    ):
        values = [
            cell[name]
            for name in (
                *(col.FREQUENCY_MHZ, col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ),
                *(col.ANTENNA_GAIN_DBI, col.FEEDER_LOSS_DB, col.PORTS),
                *(col.ELECTRICAL_TILT_DEG, col.POWER_DBM),
            )
        ]
        assert values == pytest.approx(expected, abs=0.01)
    said = " ".join(found.assumed)
    for part in ("operator unknown", "power_dbm 49.03", "5G:", "height_m 30", "frequency_mhz"):
        assert part in said
    assert said in found.provenance.note.replace("; ", " ")


def test_what_is_given_is_not_called_assumed(listed):
    found = listed(f"{HEAD},eirp_per_re_dbm,operator", ROW.format("A1", 0) + ",30,Viettel")
    assert "power" not in found.assumed[0]
    assert "operator" not in found.assumed[0]
    assert found.cells[col.EIRP_PER_RE_DBM].tolist() == [30.0]


@pytest.mark.parametrize(
    ("band", "frequency_mhz", "technology"),
    [
        ("B3", 1840.0, "4G"),
        ("n41", 2550.0, "5G"),
        ("LTE 900", 945.0, "4G"),
        ("NR3500", 3750.0, "5G"),
        ("n28", 768.0, "5G"),
        ("Band 40", 2345.0, "4G"),
    ],
)
def test_bands(listed, band, frequency_mhz, technology):
    found = listed("site_id,lon,lat,azimuth_deg,band", f"A,105.57,21.29,0,{band}")
    assert found.cells[col.FREQUENCY_MHZ].tolist() == [frequency_mhz]
    assert found.cells[col.TECHNOLOGY].tolist() == [technology]


@pytest.mark.parametrize(
    ("frequency_mhz", "tdd"),
    [(945, False), (1840, False), (2345, True), (2550, True), (2655, False), (3750, True)],
)
def test_duplex(frequency_mhz, tdd):
    assert (channels.duplex_of(frequency_mhz) == "TDD") is tdd


@pytest.mark.parametrize(("band", "duplex"), [("B7", "FDD"), ("B41", "TDD"), ("n41", "TDD")])
def test_duplex_is_that_of_the_band(listed, band, duplex):
    head = "site_id,lon,lat,azimuth_deg,band,frequency_mhz,bandwidth_mhz"
    found = listed(head, f"A,105.57,21.29,0,{band},2655,20")
    assert found.cells[col.DUPLEX].tolist() == [duplex]


def test_a_carrier_of_no_standard_is_a_defect_of_its_row(listed):
    error = refused(
        listed,
        f"{HEAD},band,bandwidth_mhz,subcarrier_khz,ports",
        ROW.format("A1", 0) + ",B3,7,15,2",  # 2: no such width
        "A,A2,105.57,21.29,0,5G,n41,100,15,1",  # 3: too many blocks for 15 kHz
        ROW.format("A3", 0) + ",B3,20,15,2.5",  # 4: half a port
        ROW.format("A4", 0) + ",B3,20,30,2",  # 5: LTE has one spacing
        "A,A5,105.57,21.29,0,5G,n28,60,30,2",  # 6: wider than the band
        "A,A6,105.57,21.29,0,5G,n78,100,30,64",  # 7: branches, not ports
    )
    for row, problem in (
        (2, "no carrier of 4G is 7 MHz wide at 15 kHz (give 1.4, 3, 5, 10, 15 or 20 MHz)"),
        (3, "no carrier of 5G is 100 MHz wide at 15 kHz"),
        (4, "4G has no reference signal on 2.5 antenna ports (give 1, 2 or 4"),
        (5, "subcarriers of 4G are not 30 kHz apart (give 15 kHz)"),
        (6, "no carrier is 60 MHz wide in n28 (40 MHz)"),
        (7, "5G has no reference signal on 64 antenna ports"),
    ):
        lines = error.splitlines()
        assert any(f"cells.csv:{row}" in line and problem in line for line in lines), (row, error)


@pytest.mark.parametrize("technology", ["4G", "5G"])
def test_bandwidths_are_those_whose_blocks_are_tabled(technology):
    """A second table: the resource blocks of TS 36.101 table 5.6-1 and TS 38.104 table 5.3.2-1."""
    blocks = {15.0: link_budget.LTE_BLOCKS} if technology == "4G" else link_budget.NR_BLOCKS
    known = carrier_standards.BANDWIDTHS_MHZ[technology]
    assert {khz: set(widths) for khz, widths in known.items()} == {
        khz: set(row) for khz, row in blocks.items()
    }


USED = ("B1", "B3", "B5", "B7", "B8", "B28", "B40", "n1", "n3", "n28", "n40", "n41", "n77", "n78")


@pytest.mark.parametrize("name", USED)
def test_what_is_assumed_of_a_band_is_a_standard_carrier(name):
    (band,) = (each for each in channels.bands() if each.name == name)
    middle_mhz = (band.low_mhz + band.high_mhz) / 2
    usual = cell_defaults.typical(band.technology, middle_mhz, name)
    figures = (usual[key] for key in (col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ, col.PORTS))
    carrier = carrier_standards.Carrier(band.technology, middle_mhz, *figures, name)
    assert carrier_standards.problems(carrier) == []


def test_antenna_file_beside_the_list_tells_gain_and_tilt(listed, tmp_path):
    (tmp_path / "panels").mkdir()
    text = text_of(lobe(65), lobe(10, 6), "NAME x\nFREQUENCY 1800\nGAIN 15.35 dBd\n")
    (tmp_path / "panels" / "x.msi").write_text(text)
    row = ROW.format("{}", 0) + ",panels/x.msi,{}"
    found = listed(f"{HEAD},antenna,electrical_tilt_deg", row.format("A1", ""), row.format("A2", 2))
    assert found.cells[col.ANTENNA_GAIN_DBI].tolist() == [17.5, 17.5]
    assert found.cells[col.ELECTRICAL_TILT_DEG].tolist() == [6.0, 2.0]
    assert list(found.antennas) == ["panels/x.msi"]


def test_every_defect_in_one_error(listed, tmp_path):
    (tmp_path / "broken.msi").write_text("GAIN 15\n")
    error = refused(
        listed,
        f"{HEAD},power_dbm,antenna,height_m,mechanical_tilt_deg,band",
        ROW.format("A1", "") + ",46,sector,30,0,",  # 2: no azimuth
        ROW.format("A2", 400) + ",80,sector,30,0,",  # 3: azimuth, power in W
        ROW.format("A1", 0) + ",46,horn,-3,90,",  # 4: twin, antenna, height, tilt
        "A,A5,105.57,21.29,0,,46,sector,30,0,",  # 5: neither technology nor band
        "A,A6,105.57,21.29,0,4G/5G,46,sector,30,0,",  # 6: two technologies
        "A,A7,21.29,105.57,0,4G,46,sector,30,0,",  # 7: swapped
        ROW.format("A8", 0) + ",46,broken.msi,30,0,",  # 8: pattern
        ROW.format("A9", 0) + ",46,gone.pla,30,0,",  # 9: no such pattern
        ROW.format("B1", 0) + ",46,sector,30,0,X9",  # 10: band
        ",B2,105.57,21.29,0,4G,46,sector,30,0,",  # 11: no site
    )
    for row, problem in (
        (2, "the azimuth is missing"),
        (3, "not an azimuth"),
        (3, "-30 to 60 (in W or mW it would fit; name the unit)"),
        (4, "already that of row 2"),
        (4, "not an antenna"),
        (4, "not a height"),
        (4, "-30 to 45"),
        (5, "neither technology nor band"),
        (6, "not one technology"),
        (7, "look swapped"),
        (8, "broken.msi: has no HORIZONTAL cut"),
        (9, "gone.pla: no such file"),
        (10, "not a band"),
        (11, "has no site"),
    ):
        rows = error.splitlines()
        assert any(f"cells.csv:{row}" in line and problem in line for line in rows), (row, problem)


def test_missing_columns(listed):
    error = refused(listed, "name,power_dbm", "A,46")
    for part in ("site_id", "azimuth_deg", "technology", "position"):
        assert part in error


def test_pattern_of_another_band(listed, tmp_path):
    (tmp_path / "x.msi").write_text(text_of(lobe(65), lobe(10), "FREQUENCY 900\nGAIN 15\n"))
    error = refused(listed, f"{HEAD},antenna,band", ROW.format("A1", 0) + ",x.msi,1800")
    assert "its pattern is of 900 MHz, the carrier at 1840 MHz" in error


def test_bad_rows_are_left_out_and_kept_with_reasons(listed, tmp_path):
    found = listed(
        HEAD,
        ROW.format("A1", 0),
        ROW.format("A2", "upwards"),
        skip_bad_rows=True,
        rejected_csv=tmp_path / "rejected.csv",
    )
    assert found.cells[col.CELL_ID].tolist() == ["A1"]
    assert found.rows == 2
    assert "upwards,4G,3,azimuth_deg: is not an azimuth" in (tmp_path / "rejected.csv").read_text()


def test_nothing_usable(listed):
    with pytest.raises(InputError, match="holds no usable cell"):
        listed(HEAD, ROW.format("A1", "upwards"), skip_bad_rows=True)
    assert "no cell on air of a technology that is predicted" in refused(
        listed, HEAD, "A,A1,105.57,21.29,0,3G"
    )


def test_all_round_antennas(listed):
    found = listed(
        f"{HEAD},antenna", ROW.format("A1", "omni") + ",", ROW.format("A2", "") + ",Omni"
    )
    assert np.isnan(found.cells[col.AZIMUTH_DEG]).all()
    assert found.cells[col.ANTENNA].tolist() == ["omni", "omni"]


def test_plain_site_list_gets_a_cell_per_sector_and_technology(listed):
    found = listed(
        "Mã trạm,Kinh độ,Vĩ độ,Công nghệ,Góc phương vị,Nhà mạng",
        "A,105.57,21.29,3G/4G/5G,0/120/240,Viettel",
        "B,105.58,21.29,4G,omni,Viettel",
    )
    assert found.cells.groupby([col.SITE_ID, col.TECHNOLOGY]).size().to_dict() == {
        ("A", "4G"): 3,
        ("A", "5G"): 3,
        ("B", "4G"): 1,
    }
    assert found.cells.loc[found.cells[col.SITE_ID] == "B", col.ANTENNA].tolist() == ["omni"]
    said = " ".join(found.assumed)
    assert "3G: 3 cells left out, only 4G and 5G are predicted" in said
    assert "height_m 30 m for 2 of 2 rows" in said
    assert "frequency_mhz 1840" in said
