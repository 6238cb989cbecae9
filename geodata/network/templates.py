"""Lists to fill in: the columns phusong reads, with an example row and what they mean."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

import openpyxl
from openpyxl.styles import Font

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files.whole import replace_whole, write_text
from phusong.geodata.network.antenna_files import BUILT_IN
from phusong.messages import message, wording


class Field(NamedTuple):
    """A column of a template: name, Vietnamese header, example, and what to write."""

    name: str
    vietnamese: str
    example: str
    meaning: str


_SITES = (
    Field(col.SITE_ID, "Mã trạm", "VYN001", "one code per operator and place"),
    Field(col.LON, "Kinh độ", "105.59712", "decimal degrees, WGS 84; or x_m in metres"),
    Field(col.LAT, "Vĩ độ", "21.30894", "decimal degrees, WGS 84; or y_m in metres"),
    Field(col.OPERATOR, "Nhà mạng", "[[operator]]", "[[operators]]"),
    Field(col.TECHNOLOGIES, "Công nghệ", "3G/4G", "such as 4G or 3G/4G/5G"),
    Field(col.HEIGHT_M, "Độ cao ăng ten (m)", "36", "metres above ground"),
    Field(col.AZIMUTHS_DEG, "Góc phương vị", "0/120/240", "degrees from north, or omni"),
    Field(col.MAST_CLASS, "Loại cột", "A2b", "A1, A2a or A2b"),
    Field(col.POSITION_ID, "Mã vị trí", "VT-001", "the same for operators on one mast"),
    Field(col.STATUS, "Trạng thái", "live", "live or planned"),
    Field(col.COMMUNE, "[[unit_header]]", "[[unit_example]]", "checked against the coordinates"),
)
_CELLS = (
    Field(col.SITE_ID, "Mã trạm", "VYN001", "the site, the same for all of its cells"),
    Field(col.CELL_ID, "Mã cell", "VYN001-1", "one code per cell"),
    Field(col.LON, "Kinh độ", "105.59712", "decimal degrees, WGS 84; or x_m in metres"),
    Field(col.LAT, "Vĩ độ", "21.30894", "decimal degrees, WGS 84; or y_m in metres"),
    Field(col.OPERATOR, "Nhà mạng", "[[operator]]", "[[operators]]"),
    Field(col.TECHNOLOGY, "Công nghệ", "4G", "4G or 5G"),
    Field(col.BAND, "Băng tần", "B3", "such as B3, 1800 or n41"),
    Field(col.FREQUENCY_MHZ, "Tần số (MHz)", "1840", "middle of the downlink carrier"),
    Field(col.BANDWIDTH_MHZ, "Băng thông (MHz)", "20", "of the carrier"),
    Field(col.HEIGHT_M, "Độ cao ăng ten (m)", "36", "metres above ground"),
    Field(col.AZIMUTH_DEG, "Góc phương vị", "120", "degrees from north, or omni"),
    Field(col.MECHANICAL_TILT_DEG, "Góc nghiêng cơ", "2", "degrees, down is positive"),
    Field(col.ELECTRICAL_TILT_DEG, "Góc nghiêng điện", "4", "degrees, down is positive"),
    Field(col.POWER_DBM, "Công suất (dBm)", "46", "all branches of the carrier"),
    Field(col.ANTENNA, "Ăng ten", "sector", f"{', '.join(BUILT_IN)}, or a file"),
)
_ZONES = (
    Field(col.ZONE_ID, "Mã khu vực", "I01", "one code per zone"),
    Field(col.KIND, "Loại khu", "industrial", "urban, industrial or tourism"),
    Field(col.NAME, "Tên khu", "KCN Khai Quang", "name"),
    Field(col.LON, "Kinh độ", "105.6333", "centre; a polygon file is better"),
    Field(col.LAT, "Vĩ độ", "21.3079", "centre"),
    Field(col.AREA_HA, "Diện tích (ha)", "221.46", "hectares"),
    Field(col.STATUS, "Trạng thái", "operating", "operating, building or planned"),
    Field(col.WORKERS, "Lao động", "40000", "people who work there"),
    Field(col.VISITORS, "Khách du lịch", "0", "people present on a peak day"),
)
_MEASUREMENTS = (
    Field("time", "Thời gian", "2025-11-03T08:15:00", "ISO 8601"),
    Field(col.LON, "Kinh độ", "105.59712", "decimal degrees, WGS 84"),
    Field(col.LAT, "Vĩ độ", "21.30894", "decimal degrees, WGS 84"),
    Field("rsrp_dbm", "RSRP (dBm)", "-96", "reference signal received power"),
    Field(col.CELL_ID, "Mã cell", "VYN001-1", "serving cell; or pci"),
    Field("device", "Thiết bị", "phone 1", "what measured"),
)
TEMPLATES = {"sites": _SITES, "cells": _CELLS, "zones": _ZONES, "measurements": _MEASUREMENTS}


def as_csv(what: str, language: str = "vi") -> str:
    """Return a template as CSV: headers in a language and one example row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows(_rows(what, language))
    return buffer.getvalue()


def write(path: Path, what: str, language: str = "vi") -> None:
    """Write a template as CSV or XLSX; a file that is there already is left alone."""
    path = Path(path)
    if path.exists():
        defect = Defect(
            str(path), message("problem.is_there_already"), message("remedy.choose_another_name")
        )
        raise InputError(message("refusal.nothing_was_written"), [defect])
    if path.suffix.lower() == ".csv":
        write_text(path, "\ufeff" + as_csv(what, language))  # Excel takes it for UTF-8
    elif path.suffix.lower() == ".xlsx":
        _write_workbook(path, what, language)
    else:
        raise InputError(
            message("refusal.unknown_format"),
            [Defect(str(path), message("problem.ends_in_neither_csv_nor_xlsx"))],
        )


def _rows(what: str, language: str) -> list[list[str]]:
    fields = TEMPLATES[what]
    country = wording.current()
    names = [
        wording.worded(field.vietnamese, country, language) if language == "vi" else field.name
        for field in fields
    ]
    return [names, [wording.worded(field.example, country, language) for field in fields]]


def _write_workbook(path: Path, what: str, language: str) -> None:
    book = openpyxl.Workbook()
    sheet, notes = book.active, book.create_sheet("README")
    sheet.title = what
    for row in _rows(what, language):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = max(12, len(str(cell.value)) + 2)
    sheet.freeze_panes = "A2"
    for cell, field in zip(sheet[2], TEMPLATES[what], strict=True):
        if field.name.endswith("_id"):  # a code keeps its zeros and is made no date
            sheet.column_dimensions[cell.column_letter].number_format = cell.number_format = "@"
        told = (field.vietnamese, field.meaning)
        spoken = [wording.worded(text, wording.current(), language) for text in told]
        notes.append([field.name, *spoken])
    with replace_whole(path) as temporary:
        book.save(temporary)
