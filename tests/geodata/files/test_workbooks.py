"""Workbooks and markup as planners keep them: sheets, merges, hidden rows, formulas, placemarks."""

import openpyxl
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.files import encodings, header_rows, tables, xlsx_rows
from phusong.geodata.network import sites
from phusong.geodata.units import admin

HEAD = ("Mã trạm", "Kinh độ", "Vĩ độ", "Nhà mạng", "Độ cao (m)")
ROWS = [(f"VP-{i}", 105.6 + i / 100, 21.31, "Viettel", 30 + i) for i in range(4)]


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    for row in (HEAD, *ROWS):
        made.active.append(row)

    def save():
        made.save(tmp_path / "bts.xlsx")
        return tmp_path / "bts.xlsx"

    return made, save


def read(path):
    return tables.read(path, sites.HEADERS)


def test_sheets_with_the_same_header_are_joined_and_each_row_names_its_own(book):
    made, save = book
    made.active.title = "Viettel"
    other = made.create_sheet("VNPT")
    other.append(HEAD[::-1])  # the order of the columns does not matter
    other.append(("VN-1", 105.65, 21.32, "VNPT", 40)[::-1])
    made.create_sheet("Ghi chú").append(["Người lập", "A"])
    table = read(save())
    assert table.notes[0] == (
        "sheets 'Viettel' and 'VNPT' have the same header and were joined; not: Ghi chú"
    )
    assert table.cells["Mã trạm"].tolist() == ["VP-0", "VP-1", "VP-2", "VP-3", "VN-1"]
    assert table.cells["Nhà mạng"].tolist()[-1] == "VNPT"
    assert table.rows.tolist() == [2, 3, 4, 5, 2]
    defect = table.defect(4, "is odd")
    assert str(defect).startswith(f"{table.path} [VNPT]:2")
    assert table.where([defect]).tolist() == [False] * 4 + [True]


def test_a_bad_row_of_one_sheet_leaves_the_row_of_the_other(book):
    made, save = book
    other = made.create_sheet("B")
    other.append(HEAD)
    other.append(("VN-1", "gần chợ", 21.32, "VNPT", 40))
    path = save()
    listed = sites.read_sites(path, admin.reference_communes(), skip_bad_rows=True)
    assert listed.sites[col.SITE_ID].tolist() == [row[0] for row in ROWS]


def test_hidden_rows_and_columns_are_used_and_said(book):
    made, save = book
    made.active.row_dimensions[3].hidden = True
    made.active.column_dimensions["E"].hidden = True
    table = read(save())
    assert len(table.rows) == 4
    assert "1 hidden or filtered rows of sheet 'Sheet' are used like others: rows 3" in table.notes
    assert "hidden columns of sheet 'Sheet' are used like others: E" in table.notes


def test_merged_cells_all_have_the_value(book):
    made, save = book
    for row in (3, 4):
        made.active.cell(row, 4).value = None
    made.active.merge_cells("D2:D4")
    table = read(save())
    assert table.cells["Nhà mạng"].tolist() == ["Viettel"] * 4
    assert "merged cells of sheet 'Sheet' were filled with their value: D2:D4" in table.notes


def test_formulas_without_results_are_an_error_with_row_and_column(book):
    made, save = book
    made.active["E3"] = "=30+1"
    with pytest.raises(InputError) as caught:
        read(save())
    (defect,) = caught.value.defects
    assert (defect.row, defect.column) == (3, "Độ cao (m)")
    assert "save it" in str(defect.remedy)


def test_a_stray_cell_is_named_and_left_out(book):
    made, save = book
    made.active["H4"] = "xem lại"
    table = read(save())
    assert "cells beside the table of sheet 'Sheet' were left out: H4 ('xem lại')" in table.notes
    assert list(table.cells.columns) == list(HEAD)


@pytest.mark.parametrize(
    ("upper", "lower", "names"),
    [
        (
            ["Mã trạm", "Tọa độ", "", "Nhà mạng"],
            ["", "Kinh độ", "Vĩ độ", ""],
            ["Mã trạm", "Tọa độ / Kinh độ", "Tọa độ / Vĩ độ", "Nhà mạng"],
        ),
        (
            ["Mã trạm", "Kinh độ", "Vĩ độ", "Độ cao"],
            ["", "độ", "độ", "m"],
            ["Mã trạm", "Kinh độ (độ)", "Vĩ độ (độ)", "Độ cao (m)"],
        ),
        (
            ["Mã trạm", "Vị trí", "", "Ăng ten"],
            ["", "X", "Y", "Độ cao"],
            ["Mã trạm", "Vị trí / X", "Vị trí / Y", "Ăng ten / Độ cao"],
        ),
    ],
)
def test_a_header_of_two_rows_is_joined(tmp_path, upper, lower, names):
    made = openpyxl.Workbook()
    made.active.append(["DANH SÁCH TRẠM"])
    made.active.append(upper)
    made.active.append(lower)
    made.active.append(["A", 105.6, 21.31, 30])
    made.save(tmp_path / "a.xlsx")
    table = read(tmp_path / "a.xlsx")
    assert list(table.cells.columns) == names
    assert table.rows.tolist() == [4]


def test_text_below_a_header_is_no_second_row_of_it():
    rows = [["Mã trạm", "Nhà mạng"], ["VP", "Viettel"], ["VN", "VNPT"]]

    def recognised(cells):
        return sum(cell in {"Mã trạm", "Nhà mạng"} for cell in cells)

    assert header_rows.find(rows, recognised) == (["Mã trạm", "Nhà mạng"], 1)


def test_letters_of_columns_come_back():
    for number in (1, 26, 27, 52, 702, 703, 16_384):
        assert xlsx_rows.number_of(xlsx_rows.letters(number)) == number


# Markup


def kml(*placemarks):
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>Viettel</name>{''.join(placemarks)}</Folder></Document></kml>"
    )


SIMPLE = '<SimpleData name="Chiều cao ăng ten">150 ft</SimpleData>'
PLACE = "<Point><coordinates>105.6,21.31,0</coordinates></Point>"


@pytest.mark.parametrize(
    ("inside", "height"),
    [
        ('<ExtendedData><Data name="Độ cao (m)"><value>45</value></Data></ExtendedData>', 45),
        (f"<ExtendedData><SchemaData>{SIMPLE}</SchemaData></ExtendedData>", 45.72),
        ("<description>Nhà mạng: VNPT&lt;br&gt;Độ cao: 36 m</description>", 36),
    ],
)
def test_names_and_data_of_placemarks_are_read_from_the_markup(tmp_path, inside, height):
    mark = f'<Placemark id="kml_1"><name>VP-1</name>{inside}{PLACE}</Placemark>'
    (tmp_path / "a.kml").write_text(kml(mark), encoding="utf-8")
    listed = sites.read_sites(tmp_path / "a.kml", admin.reference_communes()).sites
    assert listed[col.SITE_ID].tolist() == ["VP-1"]
    assert listed[col.HEIGHT_M].tolist() == [pytest.approx(height)]


def test_a_data_field_is_the_identifier_before_the_name(tmp_path):
    data = '<ExtendedData><Data name="Mã trạm"><value>X9</value></Data></ExtendedData>'
    mark = f"<Placemark><name>VP-1</name>{data}{PLACE}</Placemark>"
    (tmp_path / "a.kml").write_text(kml(mark), encoding="utf-8")
    listed = sites.read_sites(tmp_path / "a.kml", admin.reference_communes())
    assert listed.sites[col.SITE_ID].tolist() == ["X9"]
    assert "columns not used: 'Name'" in listed.provenance.note


# Letters


@pytest.mark.parametrize(
    ("column", "clear"),
    [
        (["Vónh Yeân", "Tích Sôn"], ["Vĩnh Yên", "Tích Sơn"]),
        (["Yeân Laïc", "Phuùc Yeân", "Ñoàng Taâm"], ["Yên Lạc", "Phúc Yên", "Đồng Tâm"]),
        (["Phường Tích Sơn", "VÜnh Yªn", "Yªn L¹c"], ["Phường Tích Sơn", "Vĩnh Yên", "Yên Lạc"]),
        (["São Paulo", "Zürich", "Café"], ["São Paulo", "Zürich", "Café"]),
        (["Tích Sơn", "Vĩnh Yên"], ["Tích Sơn", "Vĩnh Yên"]),
    ],
)
def test_old_letters_are_told_cell_by_cell(column, clear):
    fixed, _ = encodings.repairs([["Mã trạm"], column])
    assert [fixed.get(text, text) for text in column] == clear


def test_lines_of_two_encodings_in_one_file(tmp_path):
    old = {letter: code for code, letter in encodings._table("TCVN3").items()}
    text = "B,105.61,21.31,Xã Yên Lạc\nC,105.62,21.31,Phường Đồng Tâm\n"
    tcvn3 = bytes(old.get(letter, ord(letter) % 256) for letter in text)
    head = "Mã trạm,Kinh độ,Vĩ độ,Xã\nA,105.6,21.31,Phường Tích Sơn\n".encode()
    (tmp_path / "a.csv").write_bytes(head + tcvn3)
    table = read(tmp_path / "a.csv")
    assert table.cells["Xã"].tolist() == ["Phường Tích Sơn", "Xã Yên Lạc", "Phường Đồng Tâm"]
    assert "TCVN3 in 2 lines" in table.notes[0]


def test_folders_called_like_operators_are_their_operators(tmp_path):
    mark = f"<Placemark><name>A</name>{PLACE}</Placemark>"
    second = (
        f"<Folder><name>VNPT</name>{mark.replace('>A<', '>B<').replace('105.6', '105.7')}</Folder>"
    )
    text = kml(mark).replace("</Document>", f"{second}</Document>")
    (tmp_path / "a.kml").write_text(text, encoding="utf-8")
    listed = sites.read_sites(tmp_path / "a.kml", admin.reference_communes()).sites
    assert listed.set_index(col.SITE_ID)[col.OPERATOR].to_dict() == {"A": "Viettel", "B": "VNPT"}


def test_a_sheet_with_a_column_more_is_joined_and_a_list_of_words_is_not(book):
    made, save = book
    made.active.title = "Viettel"
    other = made.create_sheet("VNPT")
    other.append([*HEAD, "Trạng thái"])
    other.append(["VN-1", 105.65, 21.32, "VNPT", 40, "Quy hoạch"])
    words = made.create_sheet("Danh mục")
    words.append([HEAD[3]])
    words.append(["VNPT"])
    table = read(save())
    assert table.notes[0] == (
        "sheets 'Viettel' and 'VNPT' have headers of which one holds the others and were joined; "
        "not: Danh mục"
    )
    assert table.cells["Trạng thái"].tolist() == ["", "", "", "", "Quy hoạch"]
    assert table.cells["Mã trạm"].tolist()[-1] == "VN-1"


def test_a_stray_cell_in_a_row_of_its_own_makes_no_row(book):
    made, save = book
    made.active["J20"] = "x"
    table = read(save())
    assert len(table.rows) == len(ROWS)
    assert any("J20 ('x')" in note for note in table.notes)
