"""The words, azimuths, carriers and positions of a list are read as people write them."""

import csv

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files.table import Stated
from phusong.geodata.network import azimuths, cells, channels, positions, sites, words
from phusong.geodata.units import admin
from phusong.scenarios.results import levels_result

NAN = float("nan")


@pytest.fixture(scope="module")
def communes():
    return admin.reference_communes()


def write(path, *rows, separator=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


# Status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((text, "live") for text in ("", "live", "On air", "Đang phát sóng", "đã phát sóng")),
        *((text, "live") for text in ("Hoạt động", "ĐANG HOẠT ĐỘNG", "Operational", "hiện hữu")),
        *((text, "planned") for text in ("Quy hoạch", "planned", "Đang xây dựng", "dự kiến 2027")),
        *((text, "planned") for text in ("Chưa phát sóng", "Under construction", "Kế hoạch")),
        *((text, "off") for text in ("Ngừng phát sóng", "off", "Đã tháo dỡ", "inactive")),
        *((text, "off") for text in ("Không hoạt động", "Tạm dừng", "Decommissioned", "tắt")),
        *((text, None) for text in ("???", "2024", "tốt", "maybe")),
    ],
)
def test_status_in_both_languages(text, status):
    assert words.status(text) == status


def test_a_status_that_is_not_known_is_an_error_that_lists_it(tmp_path, communes):
    head = ["site_id", "lon", "lat", "Trạng thái"]
    rows = [
        ["A", 105.6, 21.31, "tốt"],
        ["B", 105.61, 21.31, "quy hoạch"],
        ["C", 105.62, 21.31, "?"],
    ]
    with pytest.raises(InputError) as caught:
        sites.read_sites(write(tmp_path / "a.csv", head, *rows), communes)
    assert [(d.row, d.value) for d in caught.value.defects] == [(2, "tốt"), (4, "?")]
    assert all("write live" in str(d.remedy) for d in caught.value.defects)


def test_sites_and_cells_agree_on_who_is_on_air(tmp_path, communes):
    head = ["site_id", "lon", "lat", "technologies", "status"]
    said = ["live", "planned", "off", ""]
    rows = [[f"S{i}", 105.6 + i / 100, 21.31, "4G", text] for i, text in enumerate(said)]
    path = write(tmp_path / "a.csv", head, *rows)
    listed = sites.read_sites(path, communes)
    assert listed.sites[col.STATUS].tolist() == ["live", "planned", "off", "live"]
    note = "2 sites on air cover; 1 planned are candidates, 1 switched off are neither"
    assert note in listed.provenance.note
    predicted = cells.read(path, communes)
    assert set(predicted.cells[col.SITE_ID]) == {"S0", "S3"}
    assert note in predicted.assumed
    head = [*head[:3], "technology", "azimuth_deg", "status"]
    rows = [[*row[:4], 0, row[4]] for row in rows]
    predicted = cells.read(write(tmp_path / "c.csv", head, *rows), communes)
    assert set(predicted.cells[col.SITE_ID]) == {"S0", "S3"}
    assert note.replace("sites", "cells") in predicted.assumed


# Azimuths


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("32,5/152,5/272,5", ",", [32.5, 152.5, 272.5]),
        ("32,5;152,5;272,5", ",", [32.5, 152.5, 272.5]),
        ("32,5 152,5 272,5", ",", [32.5, 152.5, 272.5]),
        ("10,5", ",", [10.5]),
        ("0,120,240", "", [0, 120, 240]),
        ("0, 120, 240", ",", [0, 120, 240]),
        ("12.5/132.5", ".", [12.5, 132.5]),
        ("B/ĐN/TN", "", [0, 135, 225]),
        ("NE/S/W", "", [45, 180, 270]),
        ("Đông Bắc, Tây Nam", "", [45, 225]),
        ("vô hướng", "", []),
    ],
)
def test_azimuths_as_people_write_them(text, mark, expected):
    assert azimuths.read(text, "", mark) == expected


def test_a_lone_n_is_north_or_nam_by_the_others_of_the_column():
    assert "may be north (0) or Nam, south (180)" in azimuths.read("N")
    assert azimuths.read("N", azimuths.language(["N", "ĐB"])) == [180]
    assert azimuths.read("N", azimuths.language(["N", "SE"])) == [0]
    assert azimuths.language(["0/120/240", "N"]) == ""


def test_two_readings_of_commas_are_shown():
    assert "0.9 or 0/90" in azimuths.read("0,90", "", ",")


# Carriers


@pytest.mark.parametrize(
    ("header", "value", "technology", "mhz"),
    [
        ("EARFCN", 1300, "4G", 1815.0),  # 1805 + 0.1 (1300 - 1200)
        ("EARFCN", 6400, "4G", 816.0),  # 791 + 0.1 (6400 - 6150)
        ("EARFCN DL", 38950, "4G", 2330.0),  # 2300 + 0.1 (38950 - 38650)
        ("NR-ARFCN", 640000, "5G", 3600.0),  # 3000 + 0.015 (640000 - 600000)
        ("nr_arfcn", "513.000", "5G", 2565.0),  # 0.005 * 513000
        ("ARFCN", 1300, "4G", 1815.0),
        ("Freq (GHz)", 1.84, "4G", 1840.0),
        ("Band", "B3", "4G", 1840.0),
    ],
)
def test_channel_numbers_frequency_and_band_give_the_carrier(
    tmp_path, communes, header, value, technology, mhz
):
    head = ["site_id", "lon", "lat", "azimuth_deg", "technology", header]
    path = write(tmp_path / "a.csv", head, ["A", 105.6, 21.31, 0, technology, value])
    listed = cells.read(path, communes).cells
    assert listed[col.FREQUENCY_MHZ].tolist() == [pytest.approx(mhz)]


@pytest.mark.parametrize(
    ("columns", "values", "says"),
    [
        (("Freq", "Band"), (1650, "B3"), "1650 MHz is not in the downlink of band B3"),
        (("Freq", "Band"), (1650, "B3"), "as an EARFCN it would be 1850 MHz"),
        (("EARFCN", "frequency_mhz"), (1300, 1850), "1850 MHz contradicts EARFCN"),
        (("EARFCN", "Band"), (6400, "B3"), "816 MHz is not in the downlink of band B3"),
        (("frequency_mhz", "Band"), (1750, "B3"), "1750 MHz is in the uplink"),
        (("EARFCN", "technology"), (1300, "5G"), "is an EARFCN of 4G, but the cell is 5G"),
        (("EARFCN", "height_m"), (30000, 30), "is no EARFCN of a downlink"),
    ],
)
def test_contradictions_are_errors(tmp_path, communes, columns, values, says):
    head = ["site_id", "lon", "lat", "azimuth_deg", *columns]
    head += [] if "technology" in columns else ["technology"]
    row = ["A", 105.6, 21.31, 0, *values, *([] if "technology" in columns else ["4G"])]
    with pytest.raises(InputError, match=r".*") as caught:
        cells.read(write(tmp_path / "a.csv", head, row), communes)
    assert says in str(caught.value)


def test_every_band_of_4g_begins_at_its_first_channel_and_none_overlaps():
    firsts = [(band, band.first_earfcn) for band in channels.bands() if band.technology == "4G"]
    for band, first in firsts:
        assert channels.of_earfcn(first) == (band, band.low_mhz)
    assert len({first for _, first in firsts}) == len(firsts)


# Tilts and powers


@pytest.mark.parametrize(
    ("columns", "values", "electrical"),
    [
        (("Total tilt", "Mechanical tilt"), (8, 3), 5.0),
        (("Tổng góc nghiêng", "Góc nghiêng cơ"), (8, 3), 5.0),
        (("Tilt (tổng)", "Tilt (cơ)"), (8, 3), 5.0),
        (("Tilt (điện)", "Tilt (cơ)"), (5, 3), 5.0),
        (("Downtilt",), (6,), 6.0),
    ],
)
def test_total_tilt_is_told_from_electrical_tilt(tmp_path, communes, columns, values, electrical):
    head = ["site_id", "lon", "lat", "azimuth_deg", "technology", *columns]
    path = write(tmp_path / "a.csv", head, ["A", 105.6, 21.31, 0, "4G", *values])
    assert cells.read(path, communes).cells[col.ELECTRICAL_TILT_DEG].tolist() == [electrical]


def test_a_tilt_of_unknown_kind_is_asked_for(tmp_path, communes):
    head = ["site_id", "lon", "lat", "azimuth_deg", "technology", "Tilt", "M-tilt"]
    path = write(tmp_path / "a.csv", head, ["A", 105.6, 21.31, 0, "4G", 8, 3])
    with pytest.raises(InputError, match="may be the electrical tilt or the total of both"):
        cells.read(path, communes)
    stated = Stated(headers={"total_tilt_deg": "Tilt"})
    read = cells.read(path, communes, stated=stated).cells
    assert read[col.ELECTRICAL_TILT_DEG].tolist() == [5.0]


def test_eirp_gives_the_power_and_contradicts_it(tmp_path, communes):
    head = ["site_id", "lon", "lat", "azimuth_deg", "technology", "EIRP (dBm)", "gain (dBi)"]
    head += ["feeder_loss_db", "power_dbm"]
    row = ["A", 105.6, 21.31, 0, "4G", 62.5, 17, 0.5]
    listed = cells.read(write(tmp_path / "a.csv", head[:-1], row), communes)
    assert listed.cells[col.POWER_DBM].tolist() == [46.0]
    with pytest.raises(InputError, match=r"is 6\.0 dB from power, gain and feeder loss"):
        cells.read(write(tmp_path / "b.csv", head, [*row, 40]), communes)


def test_the_same_cell_in_watts_and_feet_is_the_same(tmp_path, communes):
    head = ["Mã trạm", "Kinh độ", "Vĩ độ", "Azimuth", "Công nghệ"]
    row = ["A", 105.6, 21.31, 60, "4G"]
    right = [*row, 29.8704, 46.0206, 17.15]
    ways = {
        ("Antenna height (ft)", "Công suất (w)", "Gain (dBd)"): (98, 40, 15),
        ("Antenna height", "Công suất", "Gain"): ("98 ft", "40 W", "15 dBd"),
        ("height_m", "power_dbm", "antenna_gain_dbi"): tuple(right[5:]),
    }
    for columns, values in ways.items():
        path = write(tmp_path / "a.csv", [*head, *columns], [*row, *values])
        read = cells.read(path, communes).cells.iloc[0]
        found = [read[name] for name in (col.HEIGHT_M, col.POWER_DBM, col.ANTENNA_GAIN_DBI)]
        assert found == pytest.approx(right[5:], abs=1e-3)


def test_columns_that_are_not_used_are_named(tmp_path, communes):
    head = ["site_id", "lon", "lat", "Ghi chú", "Năm"]
    path = write(tmp_path / "a.csv", head, ["A", 105.6, 21.31, "x", 2020])
    assert "columns not used: 'Ghi chú', 'Năm'" in sites.read_sites(path, communes).provenance.note


# Positions


@pytest.mark.parametrize(
    ("head", "cells_"),
    [
        (("Tọa độ",), ("21.31012, 105.60123",)),
        (("Tọa độ",), ("21.31012,105.60123",)),
        (("GPS",), ("105.60123 21.31012",)),
        (("Coordinates",), ("21,31012; 105,60123",)),
        (("Tọa độ",), ("21,31012, 105,60123",)),
        (("WKT",), ("POINT (105.60123 21.31012)",)),
        (("Kinh độ", "Vĩ độ"), ("105.601.230", "21.310.120")),
        (("Kinh độ", "Vĩ độ"), ("105,601,230", "21,310,120")),
        (("Kinh độ", "Vĩ độ"), ("105.60123 E", "21.31012°N")),
        (("lon", "lat"), ("105°36'4.428\"", "21 18 36.432")),
    ],
)
def test_positions_however_written(tmp_path, communes, head, cells_):
    path = write(tmp_path / "a.csv", ["site_id", *head], ["A", *cells_], separator="\t")
    place = sites.read_sites(path, communes).sites.to_crs(crs.GEOGRAPHIC).geometry[0]
    assert (place.x, place.y) == pytest.approx((105.60123, 21.31012), abs=1e-6)


def in_system(name, x, y):
    east, north = crs.transform(x, y, crs.GEOGRAPHIC, name)
    return [
        [f"S{i}", f"{a:.2f}", f"{b:.2f}"] for i, (a, b) in enumerate(zip(east, north, strict=True))
    ]


@pytest.fixture(scope="module")
def far_communes():
    """Return the communes moved to the coast at 107.3 degrees, nameless."""
    frame = admin.reference_communes()
    away = crs.transform([107.3], [21.1], crs.GEOGRAPHIC, crs.PLANNING)
    west, south, east, north = frame.total_bounds
    shift = (away[0][0] - (west + east) / 2, away[1][0] - (south + north) / 2)
    frame["geometry"] = frame.geometry.translate(*shift)
    return frame.assign(**{col.NAME: ""})


def test_grids_that_fit_alike_are_an_error_that_names_them(tmp_path, far_communes):
    x, y = np.linspace(107.27, 107.36, 20), np.linspace(21.07, 21.13, 20)
    path = write(tmp_path / "a.csv", ["Mã trạm", "X (m)", "Y (m)"], *in_system("EPSG:32648", x, y))
    with pytest.raises(InputError) as caught:
        sites.read_sites(path, far_communes)
    (defect,) = caught.value.defects
    for name in ("EPSG:5897", "EPSG:3405", "EPSG:32648"):
        assert name in str(defect.problem)
    assert "m from the first" in str(defect.problem)
    assert "20 of 20 rows in the province" in str(defect.problem)
    stated = Stated(crs="EPSG:32648")
    read = sites.read_sites(path, far_communes, stated=stated).sites.to_crs(crs.GEOGRAPHIC)
    assert read.geometry.x.to_numpy() == pytest.approx(x, abs=1e-6)


@pytest.mark.parametrize("name", ["EPSG:5899", "EPSG:9214", "EPSG:9215", "EPSG:9218"])
def test_every_zone_is_recognised_where_it_alone_fits(tmp_path, far_communes, name):
    x, y = np.linspace(107.27, 107.36, 20), np.linspace(21.07, 21.13, 20)
    path = write(tmp_path / "a.csv", ["Mã trạm", "Easting", "Northing"], *in_system(name, x, y))
    read = sites.read_sites(path, far_communes)
    lonlat = read.sites.to_crs(crs.GEOGRAPHIC).geometry
    assert lonlat.x.to_numpy() == pytest.approx(x, abs=1e-6)
    assert crs.label(name) in read.provenance.note


def test_the_zones_of_the_register_are_those_of_their_meridians():
    from pyproj import CRS  # noqa: PLC0415

    for name, label in crs.known().items():
        if "TM-3" in label:
            degrees, minutes = label.split(", ")[1].rstrip("'").split("°")
            operation = CRS(name).coordinate_operation
            values = {p.name: p.value for p in operation.params}
            meridian = int(degrees) + int(minutes) / 60
            assert values["Longitude of natural origin"] == meridian


def test_headers_may_name_the_system(tmp_path, communes):
    rows = in_system("EPSG:32648", [105.6], [21.31])
    path = write(tmp_path / "a.csv", ["site_id", "UTM WGS84 X", "UTM WGS84 Y"], *rows)
    headers = {positions.FIRST: "UTM WGS84 X", positions.SECOND: "UTM WGS84 Y"}
    stated = Stated(headers=headers)
    read = sites.read_sites(path, communes, stated=stated).sites.to_crs(crs.GEOGRAPHIC)
    assert read.geometry.x[0] == pytest.approx(105.6, abs=1e-6)


@pytest.mark.parametrize(
    ("technology", "frequency", "says"),
    [
        ("LTE", "1300", "as a channel number it would be 1815 MHz"),
        ("4G", "3075", "as a channel number it would be 2652.5 MHz"),
        ("NR", "509202", ""),  # out of the range of frequencies
        ("LTE", "1840", None),
        ("NR", "3500", None),
    ],
)
def test_a_channel_number_is_not_taken_for_a_frequency(
    tmp_path, communes, technology, frequency, says
):
    head = ("site_id", "lon", "lat", "azimuth_deg", "technology", "Tần số")
    path = write(
        tmp_path / "c.csv", head, ("A", "105.60012", "21.31034", "60", technology, frequency)
    )
    if says is None:
        assert cells.read(path, communes).cells[col.FREQUENCY_MHZ].tolist() == [float(frequency)]
        return
    with pytest.raises(InputError, match=f"Tần số.*{says}"):
        cells.read(path, communes)


@pytest.mark.parametrize("power", ["40 watts", "40 W", "40 oát", "40000 milliwatt", "0,04 kW"])
def test_words_of_power_are_units_too(tmp_path, communes, power):
    head = ("site_id", "lon", "lat", "azimuth_deg", "technology", "Công suất")
    path = write(tmp_path / "c.csv", head, ("A", "105.60012", "21.31034", "60", "4G", power))
    assert cells.read(path, communes).cells[col.POWER_DBM].tolist() == pytest.approx([46.0206])


def test_two_numbers_that_look_the_same_way_are_one_with_a_comma():
    assert azimuths.read("32,5", "", ".") == [32.5]
    assert azimuths.read("0,120", "", ".") == [0.0, 120.0]


def test_a_kml_says_the_operator_by_its_one_folder_and_values_in_a_table(tmp_path, communes):
    table = "<table><tr><td>Độ cao</td><td>42 m</td></tr></table>"
    escaped = table.replace("<", "&lt;")
    path = tmp_path / "bts.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Folder><name>VNPT</name><Placemark><name>T1</name><description>"
        f"{escaped}</description><Point><coordinates>105.60012,21.31034,0</coordinates></Point>"
        "</Placemark></Folder></Document></kml>",
        "utf-8",
    )
    read = sites.read_sites(path, communes).sites
    assert read[col.OPERATOR].tolist() == ["VNPT"]
    assert read[col.HEIGHT_M].tolist() == [42.0]
    assert read[col.SITE_ID].tolist() == ["T1"]


def test_x_in_metres_may_be_the_northing_of_surveyors(tmp_path, communes):
    """Both orders of columns called X (m) and Y (m) give the same places."""
    x, y = crs.transform([105.6], [21.31], crs.GEOGRAPHIC, crs.PLANNING)
    east, north = f"{x[0]:.2f}", f"{y[0]:.2f}"
    places = []
    for first, second in ((east, north), (north, east)):
        path = write(tmp_path / "s.csv", ("Mã trạm", "X (m)", "Y (m)"), ("A", first, second))
        point = sites.read_sites(path, communes).sites.geometry.iloc[0]
        places.append((round(point.x), round(point.y)))
    assert places[0] == places[1] == (round(x[0]), round(y[0]))


def test_an_operator_called_all_is_not_the_union_of_the_operators(tmp_path, communes):
    head = ("site_id", "lon", "lat", "azimuth_deg", "technology", "operator")
    rows = [
        (f"S{i}", f"105.60{i}12", "21.31034", "60", "4G", name)
        for i, name in enumerate(("all", "All", "Viettel"))
    ]
    read = cells.read(write(tmp_path / "c.csv", head, *rows), communes).cells
    slugs = levels_result._slugs(read)
    assert set(slugs) == {"all", "all (operator)", "All", "Viettel"}
    assert slugs["all"] == "all"
    assert len(set(slugs.values())) == len(slugs)
