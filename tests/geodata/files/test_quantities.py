"""A number is read with its unit and its marks; what may mean two things is told, not guessed."""

import csv
import doctest
import math

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.geodata import measures, numerals
from phusong.geodata.files import quantities, tables
from phusong.geodata.files.quantities import Measure
from phusong.geodata.files.table import Stated

HEIGHT = Measure("m", 0.1, 200.0)
POWER = Measure("dBm", -30.0, 60.0, rivals=True)
GAIN = Measure("dBi", -20.0, 40.0)
PEOPLE = Measure("people", 0.0, whole=True)
AREA = Measure("ha", 0.0)
FREQUENCY = Measure("MHz", 100.0, 100_000.0)


def write(path, header, *cells, others=()):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", header, *(name for name, _ in others)])
        for i, cell in enumerate(cells):
            writer.writerow([f"A{i}", cell, *(column[i] for _, column in others)])
    return path


@pytest.fixture
def read(tmp_path):
    def of(measure, header, *cells, others=(), **stated):
        path = write(tmp_path / "a.csv", header, *cells, others=others)
        table = tables.read(path, {"id": ("id",)}, Stated(units=stated))
        return quantities.read(table, header, "x", measure)

    return of


@pytest.mark.parametrize(
    ("measure", "header", "cell", "value"),
    [
        (HEIGHT, "Antenna height (ft)", "98", 29.8704),  # 0.3048 m by definition
        (HEIGHT, "height_ft", "98", 29.8704),
        (HEIGHT, "Độ cao", "98 feet", 29.8704),
        (HEIGHT, "Độ cao, m", "30,5", 30.5),
        (HEIGHT, "Height [km]", "0.03", 30.0),
        (HEIGHT, "Height", "20 yd", 18.288),
        (POWER, "Công suất (w)", "40", 46.0206),
        (POWER, "Power (mW)", "40000", 46.0206),
        (POWER, "power_dbm", "46", 46.0),
        (POWER, "Power", "16 dBW", 46.0),
        (POWER, "Power", "0,04 kW", 46.0206),
        (GAIN, "Gain (dBd)", "15", 17.15),
        (GAIN, "Gain", "15 dBd", 17.15),
        (GAIN, "Gain (dBi)", "17.15", 17.15),
        (FREQUENCY, "Tần số (GHz)", "1,84", 1840.0),
        (FREQUENCY, "Freq", "1840000 kHz", 1840.0),
        (FREQUENCY, "DL Freq MHz", "1840", 1840.0),
        (AREA, "Diện tích (km²)", "1,5", 150.0),
        (AREA, "Area", "15000 m2", 1.5),
        (AREA, "Area (acre)", "100", 40.468564),
        (PEOPLE, "Lao động (nghìn người)", "21", 21_000.0),
        (PEOPLE, "Dân số", "1,2 triệu", 1_200_000.0),
        (PEOPLE, "Dân số", "21 nghìn", 21_000.0),
        (Measure("deg", 0, 360), "Azimuth (gon)", "100", 90.0),
        (Measure("deg", 0, 360), "Azimuth", "120°", 120.0),
        (Measure("share", 0, 1), "Tỷ lệ (%)", "45", 0.45),
        (Measure("dB", 0, 40), "Suy hao", "\u22120", 0.0),
    ],
)
def test_units_of_header_and_cell(read, measure, header, cell, value):
    found = read(measure, header, cell)
    assert found.defects == []
    assert found.values.tolist() == [pytest.approx(value, rel=1e-6)]


@pytest.mark.parametrize(
    ("measure", "header", "cell", "says"),
    [
        (HEIGHT, "Height (cubits)", "98", "its header names 'cubits', which is no unit"),
        (HEIGHT, "Height", "98 cubits", "'cubits' is no unit known"),
        (HEIGHT, "Height", "30 dBm", "'dBm' is no unit known"),
        (POWER, "Power (VA)", "40", "its header names 'VA'"),
        (PEOPLE, "Workers", "21 dozen", "'dozen' is no unit known"),
        (FREQUENCY, "Freq", "1.84", "is not a number from 100 to 100000"),
        (HEIGHT, "Height", "cao", "is not a number"),
        (HEIGHT, "Height", "12_0", "is not a number"),
        (PEOPLE, "Workers", "-5", "is not a number of 0 or more"),
    ],
)
def test_what_is_not_known_is_a_defect_with_row_column_and_value(read, measure, header, cell, says):
    found = read(measure, header, cell)
    assert math.isnan(found.values[0])
    (defect,) = found.defects
    assert says in str(defect.problem)
    assert defect.column == header
    if defect.row is not None:
        assert (defect.row, defect.value) == (2, cell)


def test_a_number_out_of_range_says_in_which_unit_it_would_fit(read):
    (defect,) = read(FREQUENCY, "Freq", "1.84").defects
    assert str(defect.remedy) == "in GHz it would fit; name the unit"


# Two readings


@pytest.mark.parametrize(
    ("measure", "cells", "values"),
    [
        (PEOPLE, ("21.000", "2.850"), [21_000, 2_850]),  # 2.85 people are none
        (PEOPLE, ("21.000", "1.234.567"), [21_000, 1_234_567]),
        (PEOPLE, ("21,000", "2,850"), [21_000, 2_850]),
        (AREA, ("120.500", "262.25"), [120.5, 262.25]),
        (AREA, ("120.500", "262,25"), [120_500, 262.25]),
        (HEIGHT, ("30.500", "30"), [30.5, 30]),  # no mast of 30 km
        (HEIGHT, ("30,500",), [30.5]),
        (AREA, ("1 234,5", "1’234,5"), [1234.5, 1234.5]),
    ],
)
def test_the_other_values_of_a_column_decide(read, measure, cells, values):
    found = read(measure, "x", *cells)
    assert (found.values.tolist(), found.defects) == (values, [])


@pytest.mark.parametrize(
    ("measure", "cell"), [(PEOPLE, "21.000"), (AREA, "120.500"), (AREA, "9,250")]
)
def test_where_nothing_decides_both_readings_are_shown_and_the_user_settles_it(read, measure, cell):
    (defect,) = read(measure, "x", cell).defects
    both = numerals.readings(cell)
    assert all(f"{value:,g}" in str(defect.problem) for value in both)
    assert "--assume x=decimal-point or --assume x=decimal-comma" in str(defect.remedy)
    assert read(measure, "x", cell, x=("decimal-comma",)).values.tolist() == [both.comma]
    assert read(measure, "x", cell, x=("decimal-point",)).values.tolist() == [both.point]


def test_the_other_columns_of_the_file_decide_what_the_column_does_not(read):
    points, commas = ("lon", ["105.6012"]), ("lon", ["105,6012"])
    assert read(AREA, "x", "120.500", others=[points]).values.tolist() == [120.5]
    assert read(AREA, "x", "120.500", others=[commas]).values.tolist() == [120_500]
    assert read(PEOPLE, "x", "21.000", others=[commas]).values.tolist() == [21_000]
    assert read(PEOPLE, "x", "21,000", others=[points]).values.tolist() == [21_000]
    assert read(PEOPLE, "x", "21.000", others=[points]).defects  # people in thousands, or 21?


def test_a_column_that_mixes_both_marks_is_not_guessed(read):
    found = read(AREA, "x", "1.5", "2,5", "3.500")
    assert found.values.tolist()[:2] == [1.5, 2.5]
    assert [defect.row for defect in found.defects] == [4]


@pytest.mark.parametrize("values", [("20", "40"), ("46",), ("43", "46", "49")])
def test_power_without_a_unit_may_be_watts_or_dbm(read, values):
    (defect,) = read(POWER, "Công suất", *values).defects
    assert "dBm" in str(defect.problem)
    assert f"{values[0]} W" in str(defect.problem)
    assert "--assume x=dBm or --assume x=W" in str(defect.remedy)
    watts = read(POWER, "Công suất", *values, x=("W",))
    assert watts.values.tolist() == pytest.approx([30 + 10 * math.log10(float(v)) for v in values])
    assert read(POWER, "Công suất", *values, x=("dBm",)).values.tolist() == list(map(float, values))


@pytest.mark.parametrize(
    ("values", "first_dbm", "unit"),
    [(("20", "80"), 43.0103, "W"), (("-3", "20"), -3.0, "dBm"), (("0", "46"), 0.0, "dBm")],
)
def test_power_is_read_in_the_one_unit_that_fits_all_of_it_and_says_so(
    read, values, first_dbm, unit
):
    found = read(POWER, "Công suất", *values)
    assert found.defects == []
    assert found.values[0] == pytest.approx(first_dbm, abs=1e-4)
    assert f"was read in {unit}" in found.notes[0]


def test_an_unusable_statement_is_a_defect(read):
    (defect,) = read(HEIGHT, "Height", "30", x=("dBm",)).defects
    assert "cannot be read in 'dBm'" in str(defect.problem)


def test_a_conversion_is_said_and_plain_metres_are_not(read):
    assert read(HEIGHT, "Height (ft)", "98").notes == ["'Height (ft)' converted from ft to m"]
    assert read(HEIGHT, "Height (m)", "30").notes == []
    assert read(HEIGHT, "Độ cao (mét)", "30").notes == []


def test_numbers_of_a_workbook_are_never_thousands(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "Area"])
    book.active.append(["A", 120.125])
    book.save(tmp_path / "a.xlsx")
    table = tables.read(tmp_path / "a.xlsx", {"id": ("id",)})
    assert quantities.read(table, "Area", "x", AREA).values.tolist() == [120.125]


@given(
    value=st.floats(0.001, 1e9).map(lambda v: float(f"{v:.6g}")),
    unit=st.sampled_from(["m", "km", "ft", "yd", "cm"]),
)
def test_units_of_length_are_proportional_and_come_back(value, unit):
    to_m, back = measures.conversion(unit, "m"), measures.conversion("m", "m")
    assert float(to_m(2 * value)) == pytest.approx(2 * float(to_m(value)))
    assert float(back(to_m(value))) == float(to_m(value))


@given(st.floats(1e-3, 1e6))
def test_watts_and_milliwatts_differ_by_thirty_decibels(watts):
    in_dbm, of_milli = measures.conversion("W", "dBm"), measures.conversion("mW", "dBm")
    assert float(in_dbm(watts) - of_milli(watts)) == pytest.approx(30.0)


@given(
    value=st.integers(-(10**9), 10**9),
    decimals=st.integers(0, 6),
    marks=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")]),
)
def test_a_number_is_among_the_readings_of_every_way_to_write_it(value, decimals, marks):
    number = value / 10**decimals
    text = f"{number:,.{decimals}f}".replace(",", "g").replace(".", "d")
    text = text.replace("g", marks[0]).replace("d", marks[1])
    assert number in numerals.readings(text)


def test_a_stray_mark_is_no_number():
    for text in ("1.2.3", "12,34,567", "1_000", "", "-", "1,,5", "0x10", "½", "1e400"):
        assert numerals.number(text) is None, text


def test_unknown_headers_of_files_raise_nothing_here(tmp_path):
    path = write(tmp_path / "a.csv", "Ghi chú", "x")
    table = tables.read(path, {"id": ("id",)})
    assert tables.unused(table, tables.recognise(table, {"id": ("id",)})) == [
        "columns not used: 'Ghi chú'"
    ]
    with pytest.raises(InputError, match="cannot take 'height'"):
        tables.recognise(table, {"id": ("id",)}, {"height": "x"})


def test_examples_in_the_docstrings():
    for module in (measures, numerals):
        done = doctest.testmod(module)
        assert done.attempted
        assert not done.failed
