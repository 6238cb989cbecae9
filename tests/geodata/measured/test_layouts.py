"""Logs and lists of known programs are read without a mapping; rows of other technologies go."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.audit import check
from phusong.geodata.measured import cells as measured_cells
from phusong.geodata.measured import heard, measurements

IDENTITY = 123_456 * 256 + 7  # eNodeB and cell, TS 36.413 9.2.1.37
OPENCELLID = "mcc,net,area,cell,lon,lat,signal,measured,created,rating,speed,direction,radio,pci"
NETTRACK = (
    "Timestamp\tLongitude\tLatitude\tOperatorname\tOperator\tCellname\tNode\tCellID\tLAC\t"
    "NetworkTech\tLevel\tQual\tSNR\tCQI\tLTERSSI\tARFCN\tPSC\tAltitude\tDistance\tTA\tBAND"
)
SURVEY = (
    "deviceTime,latitude,longitude,altitude,speed,accuracy,missionId,recordNumber,groupNumber,"
    "mcc,mnc,tac,eci,earfcn,pci,rsrp,rsrq,ta,servingCell,lteBandwidth,provider,signalStrength"
)
CELLMAPPER = "latitude,longitude,altitude,MCC,MNC,LAC,CID,signal,type,subtype,ARFCN,PSC"
UPLOAD = "lat,lon,mcc,mnc,lac,cellid,signal,measured_at,rating,speed,direction,act,ta,psc,tac,pci"


def logs():
    """Return, by program, the lines of a log: two samples of LTE, one of UMTS, one of GSM."""
    lon, lat = 105.6, 21.31
    return {
        "opencellid": (
            [OPENCELLID]
            + [
                f"452,4,11,{own},{lon + i / 1e3},{lat},{level},{1_700_000_000_000 + 9e3 * i:.0f},"
                f"0,,,,{radio},{pci}"
                for i, (radio, own, level, pci) in enumerate(rows())
            ],
            "csv",
        ),
        "upload": (
            [UPLOAD]
            + [
                f"{lat},{lon + i / 1e3},452,4,11,{own},{level},2025-05-01 07:00:{9 * i:02d},,,,"
                f"{radio},,,,{pci}"
                for i, (radio, own, level, pci) in enumerate(rows())
            ],
            "csv",
        ),
        "cellmapper": (
            [CELLMAPPER]
            + [
                f"{lat},{lon + i / 1e3},12,452,04,11,{own},{level},{radio},{radio},"
                f"{channel(radio)},{pci}"
                for i, (radio, own, level, pci) in enumerate(rows())
            ],
            "csv",
        ),
        "g-nettrack": (
            [NETTRACK]
            + [
                f"2025.07.18_22.11.{9 * i:02d}\t{lon + i / 1e3}\t{lat}\tViettel\t45204\t\t"
                "123456\t7\t11\t"
                f"{generation(radio)}\t{level}\t-8\t0.0\t-\t-73\t{channel(radio)}\t{pci}\t74\t-1\t0\tL3\t"
                for i, (radio, _, level, pci) in enumerate(rows())
            ],
            "txt",
        ),
    }


def rows():
    return (
        ("LTE", IDENTITY, -91, 321),
        ("LTE", IDENTITY, -95, 321),
        ("UMTS", 4660, -70, 12),
        ("GSM", 77, -60, 3),
    )


def generation(radio):
    return {"LTE": "4G", "UMTS": "3G", "GSM": "2G"}[radio]


def channel(radio):
    return {"LTE": 1300, "UMTS": 10562, "GSM": 62}[radio]


@pytest.fixture(params=["opencellid", "upload", "cellmapper", "g-nettrack"])
def log(request, tmp_path):
    lines, suffix = logs()[request.param]
    path = tmp_path / f"log.{suffix}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_log_keeps_its_lte_samples_and_counts_the_others(log):
    measured = measurements.read(log)
    samples = measured.samples
    assert samples[col.RSRP_DBM].tolist() == [-91.0, -95.0]
    assert samples[col.TECHNOLOGY].tolist() == ["4G", "4G"]
    assert samples[col.CELL_ID].tolist() == [f"452-04-{IDENTITY}"] * 2
    assert samples[col.PCI].tolist() == ["321", "321"]
    assert (measured.left_out["of 3G"], measured.left_out["of 2G"], measured.rows) == (1, 1, 4)
    if "arfcn" in log.read_text(encoding="utf-8").casefold():
        assert samples[col.FREQUENCY_MHZ].tolist() == [1815.0, 1815.0]  # EARFCN 1300, band 3
    if log.suffix == ".txt":
        assert np.diff(samples[col.TIME]).tolist() == [9.0]


def test_the_audit_tells_the_same(log):
    said = [str(finding) for finding in check.audit(log)]
    assert any("4 measurements, 2 usable" in text and "1 of 3G" in text for text in said)
    assert not any(text.startswith("error") for text in said)


@pytest.mark.parametrize(
    "names",
    [f"452-04-{IDENTITY}", str(IDENTITY), "123456-7", "123456_7"],
)
def test_a_cell_is_known_by_each_of_its_names(log, tmp_path, names):
    cells = tmp_path / "cells.csv"
    cells.write_text(
        f"cell_id,lon,lat,technology\n{names},105.6,21.31,4G\nother,105.7,21.3,4G\n", "utf-8"
    )
    measured, listed = measured_cells.with_samples(log, cells, {})
    assert heard.served_by(measured, listed).tolist() == [0, 0]


def test_samples_of_a_technology_that_no_cell_has_are_left_out(log, tmp_path):
    cells = tmp_path / "cells.csv"
    cells.write_text("cell_id,lon,lat,technology,band\nN,105.6,21.31,5G,n78\n", "utf-8")
    with pytest.raises(InputError, match="holds of 4G only, the cells are 5G"):
        measured_cells.with_samples(log, cells, {})


def test_a_kml_log_of_g_nettrack_has_its_places_in_the_geometry(tmp_path):
    data = {"TECHNOLOGY": "4G", "RNC": "123456", "CELLID": "7", "RAWCELLID": str(IDENTITY)}
    data |= {"ARFCN": "1300", "PC": "321", "RSRP": "-91 dBm", "TIME": "2026.05.21_16.26.40"}
    fields = "".join(
        f'<Data name="{name}"><value>{value}</value></Data>' for name, value in data.items()
    )
    marks = "".join(
        f"<Placemark><name>4G</name><ExtendedData>{fields}</ExtendedData>"
        f"<Point><coordinates>105.6{i},21.31,0</coordinates></Point></Placemark>"
        for i in range(2)
    )
    path = tmp_path / "log.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>log</name>{marks}</Folder></Document></kml>",
        encoding="utf-8",
    )
    samples = measurements.read(path).samples
    assert samples[col.LON].tolist() == pytest.approx([105.60, 105.61])
    assert samples[col.RSRP_DBM].tolist() == [-91.0, -91.0]
    assert samples[col.CELL_ID].tolist() == [str(IDENTITY)] * 2
    assert samples[col.FREQUENCY_MHZ].tolist() == [1815.0, 1815.0]


def test_network_survey_is_read_below_its_comments(tmp_path):
    row = (
        "2025-10-10T13:58:{second}+07:00,21.31,105.6{second},15,0,22,NS 1,1,2,452,04,1234,"
        f"{IDENTITY},1300,321,-112.0,-9.0,39,true,MHZ_10,Viettel,-61.0"
    )
    lines = ["# Created by Network Survey version=1.43", "# CSV Version=0.4.0", SURVEY]
    path = tmp_path / "craxiom-lte.csv"
    path.write_text(
        "\n".join([*lines, row.format(second=10), row.format(second=20)]) + "\n", "utf-8"
    )
    samples = measurements.read(path).samples
    assert samples[col.CELL_ID].tolist() == [f"452-04-{IDENTITY}"] * 2
    assert samples[col.FREQUENCY_MHZ].tolist() == [1815.0, 1815.0]
    assert np.diff(samples[col.TIME]).tolist() == [10.0]


@pytest.mark.parametrize(
    ("head", "kept"),
    [("rsrp,rscp,rxlev", [-90.0]), ("rscp,rxlev,x", [-70.0]), ("rxlev,x,y", [-60.0])],
)
def test_a_level_is_that_of_the_technology_whose_signal_it_is(tmp_path, head, kept):
    path = tmp_path / "log.csv"
    rows = {"rsrp": ("4G", -90), "rscp": ("3G", -70), "rxlev": ("2G", -60)}
    lines = [f"lon,lat,cell,rat,{head}"]
    for i, (name, (rat, level)) in enumerate(rows.items()):
        cells_ = ",".join(str(level) if name == column else "" for column in head.split(","))
        lines.append(f"105.60{i},21.31,A,{rat},{cells_}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert measurements.read(path).samples[col.RSRP_DBM].tolist() == kept


def test_mixed_logs_of_any_program_leave_other_technologies_out(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "Thời gian,Kinh độ,Vĩ độ,Công nghệ,RSRP,RSCP,RxLev,Mã cell\n"
        "18/07/2025 22:11:08,105.6,21.31,LTE,-91,,,A\n"
        "18/07/2025 22:11:18,105.6001,21.31,4G,-92,,,A\n"
        "18/07/2025 22:11:28,105.6002,21.31,WCDMA,,-70,,B\n"
        "18/07/2025 22:11:38,105.6003,21.31,GSM,,,-61,C\n"
        "18/07/2025 22:11:48,105.6004,21.31,IWLAN,-50,,,D\n",
        "utf-8",
    )
    measured = measurements.read(path)
    assert measured.samples[col.RSRP_DBM].tolist() == [-91.0, -92.0]
    counted = {name: count for name, count in measured.left_out.items() if count}
    assert counted == {"of 3G": 1, "of 2G": 1, "of no known technology": 1}
    assert measured.timed
    assert "columns not used: 'RSCP', 'RxLev'" in measured.notes


def test_a_list_of_opencellid_serves_as_cells_with_or_without_a_header(tmp_path):
    rows = (
        f"LTE,452,4,11,{IDENTITY},321,105.601,21.31,1000,9,1,1,1,-91\n"
        f"LTE,452,1,11,{IDENTITY},322,105.602,21.31,1000,9,1,1,1,0\n"
    )
    header = (
        "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,"
        "averageSignal\n"
    )
    log = tmp_path / "log.csv"
    log.write_text("\n".join(logs()["opencellid"][0]), "utf-8")
    for text in (rows, header + rows):
        path = tmp_path / "452.csv"
        path.write_text(text, "utf-8")
        measured, listed = measured_cells.with_samples(log, path, {})
        assert listed.cells[col.CELL_ID].tolist() == [f"452-04-{IDENTITY}", f"452-01-{IDENTITY}"]
        assert heard.served_by(measured, listed).tolist() == [0, 0]


def test_netmonster_serves_as_cells(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("\n".join(logs()["cellmapper"][0]), "utf-8")
    path = tmp_path / "cells.ntm"
    path.write_text(
        "4G;452;04;7;11;123456;321;21.31;105.601;Vĩnh Yên, Tích Sơn;1300\n"
        "2G;452;04;77;11;2147483647;2147483647;21.31;105.601;x;2147483647\n",
        "utf-8",
    )
    measured, listed = measured_cells.with_samples(log, path, {})
    assert listed.cells[col.FREQUENCY_MHZ].tolist()[0] == 1815.0
    assert listed.cells[col.PCI].tolist() == ["321", ""]
    assert heard.served_by(measured, listed).tolist() == [0, 0]
