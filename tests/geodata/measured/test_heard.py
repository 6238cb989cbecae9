"""Samples that cannot be compared with the cells of a list: refused, or left out and counted."""

import pytest

from phusong.errors import InputError
from phusong.geodata.measured import cells as measured_cells
from phusong.geodata.measured import heard, measurements

LON, LAT = 105.6, 21.31
CELLS = "cell_id,lon,lat,technology,frequency_mhz,azimuth_deg,pci\n"


def of(folder, lines, listed=f"A,{LON},{LAT},4G,1840,0,7\n", head="lon,lat,rsrp_dbm,cell_id"):
    """Return what samples of these lines heard of listed cells."""
    (folder / "drive.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    (folder / "cells.csv").write_text(CELLS + listed, encoding="utf-8")
    measured = measurements.read(folder / "drive.csv")
    return heard.heard(measured, measured_cells.read(folder / "cells.csv", measured))


def rows(*ends, away_deg=0.005):
    return [f"{LON + away_deg + i / 1e4:.6f},{LAT},-90,{end}" for i, end in enumerate(ends)]


def test_what_fits_is_kept_whole(tmp_path):
    kept = of(tmp_path, rows("A,LTE,1842", "a,,"), head="lon,lat,rsrp,cell_id,technology,freq")
    assert kept.cell.tolist() == [0, 0]
    assert not any(kept.left_out.values())


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("lon,lat,rsrp_dbm,cell_id,technology", "A,NR"),
        ("lon,lat,ss_rsrp,cell_id", "A"),
        ("lon,lat,rscp,cell_id", "A"),
        ("lon,lat,RxLev,cell_id", "A"),
    ],
)
def test_another_technology_is_refused(tmp_path, head, told):
    with pytest.raises(InputError, match=r"another technology was measured[^$]*its cell is 4G"):
        of(tmp_path, rows(told, told, told), head=head)


def test_some_samples_of_another_technology_or_band_are_left_out(tmp_path):
    lines = rows("A,5G,1840", "A,4G,1840", "A,4G,1840", "A,4G,2650", "A,4G,", "A,4G,1840")
    kept = of(tmp_path, lines, head="lon,lat,rsrp_dbm,cell_id,technology,frequency_mhz")
    assert kept.left_out == {"cell not told": 0, "another technology": 1, "another band": 1}
    assert len(kept.samples) == kept.cell.size == 4


@pytest.mark.parametrize("name", ["cell_id", "pci"])
def test_another_band_is_refused_by_its_name(tmp_path, name):
    told = {"cell_id": "A,2650", "pci": "7,2650"}[name]
    head = f"lon,lat,rsrp_dbm,{name},frequency_mhz"
    with pytest.raises(InputError, match="measured at 2650 MHz, its cell sends at 1840 MHz"):
        of(tmp_path, rows(told, told), head=head)


def test_cells_of_another_place_are_refused_with_how_far_they_stand(tmp_path):
    with pytest.raises(InputError, match="nearest lies 41 km"):
        of(tmp_path, rows("A", "A", away_deg=0.4))
    with pytest.raises(InputError, match="nearest lies 518 km"):
        of(tmp_path, rows("7", "7", away_deg=5.0), head="lon,lat,rsrp_dbm,pci")


def test_a_serving_position_finds_the_one_cell_there(tmp_path):
    """Lists round positions otherwise; two sectors of a mast cannot be told apart by it."""
    listed = f"A,{LON},{LAT},4G,1840,0,1\nB,{LON},{LAT},4G,2650,0,2\n"
    twins = f"C,{LON + 0.1},{LAT},4G,1840,0,3\nD,{LON + 0.1},{LAT},4G,1840,180,4\n"
    ends = [f"{LON + 1e-5:.6f},{LAT},1842", f"{LON},{LAT},2650", f"{LON + 0.1},{LAT},1840"]
    head = "lon,lat,rsrp_dbm,cell_lon,cell_lat,cell_freq"
    kept = of(tmp_path, rows(*ends), listed + twins, head)
    assert kept.cell.tolist() == [0, 1]
    assert kept.left_out["cell not told"] == 1
