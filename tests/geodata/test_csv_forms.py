"""CSV for people of a country and for machines: separator, decimals, codes, and the way back."""

import csv
import io
import math
import string

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import spreadsheet
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns as col
from phusong.geodata import csv_forms
from phusong.geodata.files import csv_rows
from phusong.geodata.writers import vector

CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(string.printable + "ễ", max_size=8),
    st.from_regex(r"[0-9.,:/eE+-]{1,12}", fullmatch=True),
)
LANGUAGES = ("vi", "en")


def forms():
    return [csv_forms.MACHINE, *map(csv_forms.of_language, LANGUAGES)]


def test_forms_follow_the_decimal_mark_of_the_language():
    assert csv_forms.of_language("vi") == csv_forms.CsvForm(";", ",", guarded=True)
    assert csv_forms.of_language("en") == csv_forms.CsvForm(",", ".", guarded=True)
    assert csv_forms.of_language("vi", machine=True) == csv_forms.CsvForm(",", ".", guarded=False)


def test_a_code_keeps_its_zero_and_its_column_stays_of_one_kind():
    rows = [["08740", 0.578, "Hoà"], ["25000", 1.0, "=1+1"]]
    vi = csv_forms.text(["code", "share", "name"], rows, csv_forms.of_language("vi"))
    assert vi == ('\ufeffcode;share;name\n"=""08740""";0,578;Hoà\n"=""25000""";1,0;\'=1+1\n')
    machine = csv_forms.text(["code", "share", "name"], rows, csv_forms.MACHINE)
    assert machine == "code,share,name\n08740,0.578,Hoà\n25000,1.0,'=1+1\n"


@pytest.mark.parametrize(
    "text", ["08740", "1234567890123456", "21.5", "2026-06", "1E5", "3/4", "MAR12"]
)
def test_text_that_a_spreadsheet_would_change_is_guarded(text):
    written = csv_forms.text(["a"], [[text]], csv_forms.of_language("en"))
    assert written == f'\ufeffa\n"=""{text}"""\n'


@pytest.mark.parametrize("text", ["BTS 0874", "5G", "123", "VP-01", "Hoà", "1 trạm"])
def test_other_text_stays_as_it_is(text):
    assert csv_forms.text(["a"], [[text]], csv_forms.of_language("en")) == f"\ufeffa\n{text}\n"


@given(st.lists(st.tuples(CELL, CELL), max_size=6), st.sampled_from(range(3)))
def test_every_form_is_read_back_as_it_was(rows, number):
    form = forms()[number]
    text = csv_forms.text(["a", "b"], rows, form).removeprefix("\ufeff")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=form.separator))
    assert len(lines) == len(rows) + 1
    for line, row in zip(lines[1:], rows, strict=True):
        for cell, value in zip(line, row, strict=True):
            if isinstance(value, float):
                assert float(cell.replace(form.decimal, ".")) == value
            else:
                assert csv_forms.rearmed(cell) == _line_ends("" if value is None else str(value))


def _line_ends(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_reads_codes_back(language, tmp_path):
    text = csv_forms.text(["code", "x"], [["08740", 0.5]], csv_forms.of_language(language))
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    sheet = csv_rows.read(tmp_path / "a.csv", lambda cells: sum(c in {"code", "x"} for c in cells))
    assert sheet.headers == ["code", "x"]
    assert sheet.lines[0].cells == ["08740", {"vi": "0,5", "en": "0.5"}[language]]


def table():
    """Return what a run may hold: shares, money, tiny and huge numbers, codes, dates as names."""
    rng = np.random.default_rng(7)
    count = 60
    columns = {
        col.COMMUNE_CODE: [f"{n:05d}" for n in rng.integers(1, 9999, count)],
        col.SITE_ID: [f"2026-{n:02d}" for n in rng.integers(1, 12, count)],
        col.NAME: rng.choice(["Hoà Hậu", "Đồng; Tâm", 'Xã "A"', "=1+1"], count),
        col.COVERED_POPULATION_SHARE_AFTER: rng.random(count),
        col.COST_MILLION: rng.random(count) * 1e6,
        col.PEOPLE_GAINED: 10.0 ** rng.uniform(-6, 9, count),
        col.RANK: np.arange(1, count + 1),
        "margin": np.where(rng.random(count) < 0.2, np.nan, -rng.random(count)),
    }
    places = gpd.points_from_xy(rng.uniform(105, 106, count), rng.uniform(21, 22, count))
    return gpd.GeoDataFrame(columns, geometry=places, crs=4326)


@pytest.mark.parametrize("language", LANGUAGES)
def test_libreoffice_of_the_country_shows_every_number_and_code(language, tmp_path):
    frame, path = table(), tmp_path / "a.csv"
    vector.write_csv(path, frame, form=csv_forms.of_language(language))
    opened = spreadsheet.converted(path, tmp_path, "xlsx", spreadsheet.csv_filter(language))
    lines = list(openpyxl.load_workbook(opened, data_only=True).active.values)
    plain = vector.plain_table(frame)
    assert list(lines[0]) == list(plain.columns)
    assert len(lines) == len(plain) + 1
    for line, row in zip(lines[1:], plain.itertuples(index=False), strict=True):
        for shown, value in zip(line, row, strict=True):
            if isinstance(value, str):
                assert csv_forms.rearmed(shown) == value
            elif value is None:
                assert shown is None
            else:
                assert isinstance(shown, int | float)
                assert math.isclose(shown, value, rel_tol=1e-14)


def test_numbers_of_the_other_country_are_misread(tmp_path):
    """The mistake that the forms are for: 0.578 opened where decimals have a comma."""
    (tmp_path / "a.csv").write_text("code;p\n08740;0.578\n", encoding="utf-8")
    opened = spreadsheet.converted(
        tmp_path / "a.csv", tmp_path, "xlsx", spreadsheet.csv_filter("vi")
    )
    _, (code, share) = openpyxl.load_workbook(opened).active.values
    assert code == 8740
    assert share != pytest.approx(0.578)


def test_the_reader_of_tests_reads_as_pandas_does(tmp_path):
    plain = table()
    vector.write_csv(tmp_path / "m.csv", plain)
    machine = pd.read_csv(tmp_path / "m.csv", dtype={col.COMMUNE_CODE: str})
    for language in LANGUAGES:
        path = tmp_path / f"{language}.csv"
        vector.write_csv(path, plain, form=csv_forms.of_language(language))
        read = spreadsheet.frame(path, language, dtype={col.COMMUNE_CODE: str})
        assert read[col.COMMUNE_CODE].tolist() == machine[col.COMMUNE_CODE].tolist()
        numbers = machine.select_dtypes("number")
        pd.testing.assert_frame_equal(read[numbers.columns], numbers)
