"""Drive tests and their cells: what is read, what is left out, which cell was heard."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.measured import cells as measured_cells
from phusong.geodata.measured import heard, measurements, misplaced

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "measurements"
SHARED = pytest.mark.skipif(not DATA.is_dir(), reason="no measurements at hand (../shared/data)")
LON, LAT = 105.6, 21.31
HEAD = "lon,lat,rsrp_dbm,cell_id,time,device"
CELLS = "cell_id,lon,lat,height_m,azimuth_deg,tilt,band,power_w,pci\n"
ONE = "A1,105.600000,21.310000,30,90,4,B3,80,7\n"


def drive(count=60, step_deg=1e-4):
    """Return the lines of a steady drive, a second and about 10 m apart."""
    return [
        f"{LON + i * step_deg:.6f},{LAT:.6f},{-80 - i % 20},A1,{1000 + i},phone"
        for i in range(count)
    ]


def written(folder, lines, head=HEAD, name="drive.csv"):
    path = folder / name
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_clean_drive_loses_nothing(tmp_path):
    measured = measurements.read(written(tmp_path, drive()))
    assert len(measured.samples) == measured.rows == 60
    assert set(measured.left_out.values()) == {0}
    assert not measured.are_losses


def test_every_planted_fault_is_counted_once(tmp_path):
    lines = drive()
    lines[5] = "105.600500,21.310000,0,A1,1005,phone"  # no level
    lines[10] = "0,0,-90,A1,1010,phone"
    lines[15] = "105.601500,21.310000,cao,A1,1015,phone"
    lines[20] = "105.602000,21.310000,-140,A1,1020,phone"
    lines[25] = "105.602500,21.310000,-44,A1,1025,phone"
    lines[30] = "105.700000,21.310000,-90,A1,1030,phone"  # 10 km in a second, and back
    lines.append(lines[40])
    measured = measurements.read(written(tmp_path, lines))
    assert measured.left_out == {
        "unreadable": 2,
        "out of range": 1,
        "saturated": 2,
        "repeated": 1,
        "GPS jump": 1,
    }
    assert len(measured.samples) == 61 - 7


def test_jumps_are_found_without_times_in_the_order_of_a_track(tmp_path):
    lines = [line.rsplit(",", 2)[0] for line in drive()]
    lines[30] = "105.620000,21.310000,-90,A1"
    measured = measurements.read(written(tmp_path, lines, "lon,lat,rsrp,cell"))
    assert measured.left_out["GPS jump"] == 1
    assert "no times" in measured.notes[0]
    # Places in no order, as of crowd data, are no track: nothing is thrown away.
    shuffled = list(np.random.default_rng(1).permutation(lines))
    apart = [line.replace("21.310000", f"{21.2 + i % 7 / 50}") for i, line in enumerate(shuffled)]
    assert (
        measurements.read(written(tmp_path, apart, "lon,lat,rsrp,cell")).left_out["GPS jump"] == 0
    )


def test_two_devices_far_apart_are_two_tracks(tmp_path):
    other = [line.replace("105.6", "105.9").replace("phone", "scanner") for line in drive()]
    mixed = [line for pair in zip(drive(), other, strict=True) for line in pair]
    assert measurements.read(written(tmp_path, mixed)).left_out["GPS jump"] == 0


def test_vietnamese_headers_and_milliseconds(tmp_path):
    lines = [f"{LON};{LAT};-90,5;A1;1700000000500", f"{LON};{LAT};-91;A1;1700000001500"]
    head = "Kinh độ;Vĩ độ;Mức thu RSRP (dBm);Mã cell;Thời gian"
    measured = measurements.read(written(tmp_path, lines, head))
    assert measured.samples[col.RSRP_DBM].tolist() == [-90.5, -91.0]
    assert measured.samples[col.TIME].tolist() == [1700000000.5, 1700000001.5]


def test_iso_times_are_seconds(tmp_path):
    lines = [f"{LON},{LAT},-9{i},A1,2024-05-01T07:00:0{i}+07:00,p" for i in range(2)]
    seconds = measurements.read(written(tmp_path, lines)).samples[col.TIME]
    assert seconds.tolist() == [1714521600.0, 1714521601.0]


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("lat,rsrp,cell", "no column for lon"),
        ("lon,lat,cell", "no column for rsrp_dbm"),
        ("lon,lat,rsrp", "no column for cell_id"),
    ],
)
def test_missing_columns_are_named(tmp_path, head, problem):
    with pytest.raises(InputError, match=problem):
        measurements.read(written(tmp_path, ["1,2,-3"[: 2 * head.count(",") + 2]], head))


def test_a_file_of_rubbish_is_refused_with_its_rows(tmp_path):
    lines = ["x,y,z,A1,1,p"] * 9 + drive(3)
    with pytest.raises(InputError, match=r"drive\.csv:2: holds no place or no level"):
        measurements.read(written(tmp_path, lines))
    with pytest.raises(InputError, match="no sample is left of 3"):
        measurements.read(written(tmp_path, [f"{LON},{LAT},0,A1,{i},p" for i in range(3)]))


def test_a_place_counts_once_per_cell():
    rng = np.random.default_rng(2)
    samples = pd.DataFrame(
        {
            col.LON: LON + rng.uniform(0, 1e-3, 300),
            col.LAT: LAT + rng.uniform(0, 1e-3, 300),
            col.RSRP_DBM: rng.uniform(-110, -70, 300),
            col.PATH_LOSS_DB: np.nan,
            col.RECEIVER_HEIGHT_M: np.nan,
        }
    )
    cell = rng.integers(0, 2, 300)
    bins = measurements.binned(samples, cell, "EPSG:5897", 30.0, 1.5)
    assert bins[col.SAMPLES].sum() == 300
    assert (
        not bins.assign(a=np.floor(bins[col.X_M] / 30), b=np.floor(bins[col.Y_M] / 30))
        .duplicated([col.CELL, "a", "b"])
        .any()
    )
    weighed = np.average(bins[col.RSRP_DBM], weights=bins[col.SAMPLES])
    assert weighed == pytest.approx(samples[col.RSRP_DBM].mean())
    assert bins[col.PATH_LOSS_DB].isna().all()


def test_the_height_of_the_receiver_is_read_by_row_and_keeps_places_apart(tmp_path):
    """A row without a height has that of the others that tell none; 900 m is no receiver's."""
    lines = [f"{LON},{LAT},-9{i},A1,{height}" for i, height in enumerate(("3", "0.2", "", "900"))]
    for header in ("receiver_height_m", "Rx height (m)", "hRx"):
        path = written(tmp_path, lines, f"lon,lat,rsrp,cell_id,{header}")
        measured = measurements.read(path)
        assert measured.left_out["out of range"] == 1
        cell = np.zeros(len(measured.samples), np.int64)
        bins = measurements.binned(measured.samples, cell, "EPSG:5897", 30.0, 1.5)
        assert bins[col.RECEIVER_HEIGHT_M].tolist() == [0.2, 1.5, 3.0]
        assert bins[col.RSRP_DBM].tolist() == [-91.0, -92.0, -90.0]


@given(st.floats(102.0, 109.9), st.integers(0, 8), st.sampled_from(["lost digit", "moved point"]))
def test_one_slip_in_a_longitude_is_undone(lon, place, slip):
    text = f"{lon:.6f}"
    if slip == "lost digit":
        assume(text[place] != ".")
        wrong = text[:place] + text[place + 1 :]
    else:
        digits = text.replace(".", "")
        wrong = f"{digits[0]}.{digits[1:]}"
    assume(abs(float(wrong) - lon) > 1.0)
    near = [value for value in misplaced.readings(wrong) if value == float(text)]
    assert near


def listed(folder, text, lines=None):
    measured = measurements.read(written(folder, lines or drive()))
    path = folder / "cells.csv"
    path.write_text(CELLS + text, encoding="utf-8")
    return measured, measured_cells.read(path, measured)


@pytest.mark.parametrize(
    ("wrong", "slip"),
    [
        ("10.5600000", "the decimal point is moved"),
        ("15.600000", "a digit is missing"),
        ("-105.600000", "the sign is turned"),
    ],
)
def test_a_slip_in_a_list_of_cells_is_repaired_and_said(tmp_path, wrong, slip):
    _, found = listed(tmp_path, ONE.replace("105.600000", wrong))
    assert found.cells[col.LON].tolist() == [105.6]
    (repair,) = found.repairs
    assert slip in str(repair)
    assert f"value '{wrong}'" in str(repair)
    assert "read as 105.6" in str(repair)


def test_right_coordinates_are_left_alone(tmp_path):
    _, found = listed(tmp_path, ONE)
    assert found.repairs == ()


def test_a_cell_that_no_slip_explains_is_a_defect(tmp_path):
    with pytest.raises(InputError, match=r"cells\.csv:2, column 'lon'.*no single slip explains"):
        listed(tmp_path, ONE.replace("105.600000", "77.123456"))


def test_all_defects_of_cells_come_at_once(tmp_path):
    text = ONE + ONE.replace("30,90", "cao,400") + ONE.replace("A1,105.600000", "A3,")
    with pytest.raises(InputError) as caught:
        listed(tmp_path, text)
    said = str(caught.value)
    for problem in ("value 'cao'", "value '400'", "listed twice", "is missing"):
        assert problem in said, problem


def test_what_a_list_lacks_is_assumed_and_named(tmp_path):
    _, found = listed(tmp_path, "A1,105.6,21.31,,,,,,\nA2,105.6,21.31,25,10,,B8,,\n")
    assert found.cells[col.HEIGHT_M].tolist() == [30.0, 25.0]
    assert found.cells[col.FREQUENCY_MHZ].tolist() == [1840.0, 945.0]
    assert not found.cells[measured_cells.POWER_KNOWN].any()
    assert "height_m 30 (1 of 2 cells)" in found.assumed
    assert "no azimuth: no antenna pattern (1 cells)" in found.assumed
    assert "power: the usual, to be found (2 of 2 cells)" in found.assumed


def test_cells_are_told_by_identifier_then_by_a_lone_pci(tmp_path):
    near, far = "A1,105.60,21.31,30,0,4,B3,80,7\n", "B1,105.70,21.31,30,0,4,B3,80,7\n"
    twin = "C1,105.6005,21.31,30,0,4,B3,80,9\nC2,105.6010,21.31,30,0,4,B3,80,9\n"
    lines = [f"{LON + i * 1e-4:.6f},{LAT},-90,{name}" for i, name in enumerate(("a1", "b-1", "?"))]
    _, found = listed(tmp_path, near + far + twin)
    path = written(tmp_path, lines, "lon,lat,rsrp,cell_id")
    assert heard.served_by(measurements.read(path), found).tolist() == [0, 1, -1]
    lines = [f"{LON:.6f},{LAT},-90,{pci}" for pci in (7, 9, 11)]
    path = written(tmp_path, lines, "lon,lat,rsrp,pci")
    # 7: the far one is ten times as far; 9: two alike; 11: none.
    assert heard.served_by(measurements.read(path), found).tolist() == [0, -1, -1]


def test_cells_come_from_samples_that_place_them(tmp_path):
    head = "lon,lat,rsrp,cellLon,cellLat,cellFreq"
    lines = [f"{LON},{LAT},-9{i},{LON + (i > 1) / 100},{LAT},1845.0" for i in range(4)]
    measured = measurements.read(written(tmp_path, lines, head))
    found = measured_cells.of_samples(measured)
    assert len(found.cells) == 2
    assert heard.served_by(measured, found).tolist() == [0, 0, 1, 1]
    with pytest.raises(InputError, match="does not say where its cells stand"):
        measured_cells.of_samples(measurements.read(written(tmp_path, drive())))


@SHARED
def test_the_digits_of_recife_are_found_by_the_audit():
    measured = measurements.read(DATA / "recife_gsm1800.csv")
    found = measured_cells.read(DATA / "recife_bts.csv", measured)
    assert found.cells[col.LON].tolist() == [-34.89272, -34.89461, -34.89461]
    assert [repair.row for repair in found.repairs] == [2, 3, 4]
    assert measured.are_losses
    assert np.bincount(heard.served_by(measured, found)).tolist() == [2327] * 3


@SHARED
def test_recife_cells_stand_where_its_own_distances_say():
    measured = measurements.read(DATA / "recife_gsm1800.csv")
    cells = measured_cells.read(DATA / "recife_bts.csv", measured).cells
    told_km = pd.read_csv(DATA / "recife_gsm1800.csv")["dist"].to_numpy()
    row = np.repeat(np.arange(3), 2327)
    samples = measured.samples
    away_m = misplaced.apart_m(
        samples[col.LON],
        samples[col.LAT],
        cells[col.LON].to_numpy()[row],
        cells[col.LAT].to_numpy()[row],
    )
    np.testing.assert_allclose(away_m / 1000.0, told_km, rtol=0.02, atol=0.002)


@SHARED
def test_dortmund_is_read_and_every_sample_has_a_cell():
    for path in sorted(DATA.glob("dortmund_lte_*_campus.csv")):
        measured = measurements.read(path)
        found = measured_cells.of_samples(measured)
        assert (heard.served_by(measured, found) >= 0).all()
        assert measured.rows == len(measured.samples) + sum(measured.left_out.values())
