"""A model held against measurements: made ones, whose truth is known, and real ones if at hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import phusong as ps
from phusong.commands import cli
from phusong.coverage.models import p1812_terminal
from phusong.coverage.profile import from_arrays
from phusong.geodata.crs import transform
from phusong.geodata.measured.measurements import local_crs
from phusong.geodata.reference import default_model
from phusong.messages import speak

SHARED = Path(__file__).resolve().parents[4] / "shared"
LON, LAT, MAST_M, MHZ = 105.6, 21.31, 30.0, 2550.0
CELLS = "cell_id,lon,lat,height_m,azimuth_deg,frequency_mhz,antenna,eirp_per_re_dbm\n"
EIRP_DBM = 40.0
SIGMA_DB = 8.0


def town_loss_db(distance_m: float) -> float:
    """Return the loss of the default model over flat ground, all of it a village."""
    count = max(int(np.ceil(distance_m / 30.0 - 1e-9)) + 1, 3)
    km = np.linspace(0.0, distance_m / 1000.0, count)
    ground = from_arrays(km, np.full(count, 10.0), np.full(count, 10.0))
    parameters = p1812_terminal.P1812TerminalParameters(latitude_deg=21.309)
    return p1812_terminal.predict(ground, MHZ, MAST_M, 1.5, parameters).loss_db


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    """Return a folder with one omnidirectional cell and losses round it, off by known errors."""
    folder = tmp_path_factory.mktemp("drive")
    rng = np.random.default_rng(8)
    away_m, bearing = rng.uniform(60.0, 2500.0, 300), rng.uniform(0.0, 2.0 * np.pi, 300)
    name = local_crs(np.array([LON]), np.array([LAT]))
    x_m, y_m = (float(v[0]) for v in transform([LON], [LAT], "EPSG:4326", name))
    ends = (x_m + away_m * np.sin(bearing), y_m + away_m * np.cos(bearing))
    lon, lat = transform(*ends, name, "EPSG:4326")
    loss_db = np.array([town_loss_db(metres) for metres in away_m])
    level_dbm = EIRP_DBM - loss_db - rng.normal(0.0, SIGMA_DB, 300)
    table = {"lon": lon, "lat": lat, "rsrp_dbm": level_dbm, "cell_id": "A", "frequency_mhz": MHZ}
    pd.DataFrame(table).to_csv(folder / "drive.csv", index=False)
    (folder / "cells.csv").write_text(
        f"{CELLS}A,{LON},{LAT},{MAST_M},omni,{MHZ},isotropic,{EIRP_DBM}\n"
    )
    return folder


def validated(folder, drive_name="drive.csv", cells_name="cells.csv", **options):
    return ps.validate(folder / drive_name, cells=folder / cells_name, flat="settlement", **options)


def test_its_own_world_is_predicted_without_bias(drive):
    """The samples are the model's, spread by 8 dB: that is what is found."""
    record = validated(drive).record()
    assert record["places"] > 280
    assert record["bias_db"] == pytest.approx(0.0, abs=1.5)
    assert record["deviation_db"] == pytest.approx(SIGMA_DB, abs=1.0)
    assert record["rmse_db"] == pytest.approx(
        np.hypot(record["bias_db"], record["deviation_db"]), abs=1e-6
    )
    # 10.1 dB stated, 8 dB true: 1.645 * 10.12 / 8 deviations hold 96.3 %.
    assert record["interval_90_share"] == pytest.approx(0.963, abs=0.03)


def test_bias_is_predicted_less_measured_loss(drive, tmp_path):
    frame = pd.read_csv(drive / "drive.csv")
    frame["rsrp_dbm"] += 6.0  # less loss is measured than predicted
    frame.to_csv(tmp_path / "louder.csv", index=False)
    (tmp_path / "cells.csv").write_text((drive / "cells.csv").read_text())
    plain, louder = (
        validated(folder, name).record()
        for folder, name in ((drive, "drive.csv"), (tmp_path, "louder.csv"))
    )
    assert louder["bias_db"] - plain["bias_db"] == pytest.approx(6.0, abs=0.3)


def test_another_model_and_other_constants_are_held_against_the_same(drive):
    free = validated(drive, model="free_space").record()
    wide = validated(drive, settings={"p1812_terminal.street_width_m": 60}).record()
    plain = validated(drive).record()
    assert free["bias_db"] < plain["bias_db"] - 20.0
    assert plain["bias_db"] - 8.0 < wide["bias_db"] < plain["bias_db"] - 2.0


@pytest.mark.parametrize("model", ["p1812_terminal", "spm"])
def test_a_calibration_is_held_against_its_own_drive(drive, tmp_path, model):
    """Levels 9 dB lower than the model's: the calibration has found them."""
    frame = pd.read_csv(drive / "drive.csv")
    frame["rsrp_dbm"] -= 9.0
    frame.to_csv(tmp_path / "drive.csv", index=False)
    (tmp_path / "cells.csv").write_text((drive / "cells.csv").read_text())
    files = {"cells": tmp_path / "cells.csv", "flat": "settlement"}
    tuned = ps.calibrate(tmp_path / "drive.csv", model=model, **files)
    out = tuned.write(tmp_path / "out", language="en")
    found = ps.validate(
        tmp_path / "drive.csv", calibration=out / "calibration.toml", **files
    ).record()
    assert abs(found["bias_db"]) < 1.0
    assert found["rmse_db"] < SIGMA_DB + 1.0
    assert found["model"] == model
    assert found["stated_db"]["together_db"] < 12.0
    with pytest.raises(ps.InputError, match="is not of the model free_space"):
        validated(tmp_path, calibration=out / "calibration.toml", model="free_space")


def test_groups_hold_every_place_once(drive):
    record = validated(drive).record()
    for by in ("distance", "landcover", "sight", "depression", "cell"):
        held = sum(row["places"] for row in record["groups"] if row["by"] == by)
        assert held == record["places"], by


def test_the_command_prints_one_object_and_writes_a_page(drive, tmp_path, capsys):
    files = [str(drive / "drive.csv"), "--cells", str(drive / "cells.csv")]
    more = ["--flat", "settlement", "--json", "--lang", "en", "--out", str(tmp_path / "out")]
    assert cli.main(["validate", *files, *more]) == cli.DONE
    record = json.loads(capsys.readouterr().out)
    assert {"places", "bias_db", "rmse_db", "deviation_db", "interval_90_share"} <= set(record)
    page = (tmp_path / "out" / "validation.html").read_text(encoding="utf-8")
    assert "measured (round), predicted (square)" in page
    assert page.count("data:image/png;base64") == 5
    assert "http:" not in page
    assert "https:" not in page
    written = json.loads((tmp_path / "out" / "validation.json").read_text(encoding="utf-8"))
    assert written["places"] == record["places"]
    for name in written["files"]:
        assert (tmp_path / "out" / name).is_file()


def spoilt(folder, tmp_path, cells=None, **columns):
    frame = pd.read_csv(folder / "drive.csv").assign(**columns)
    frame.to_csv(tmp_path / "drive.csv", index=False)
    (tmp_path / "cells.csv").write_text(cells or (folder / "cells.csv").read_text())
    return tmp_path


def test_another_band_is_refused(drive, tmp_path):
    folder = spoilt(drive, tmp_path, frequency_mhz=1800.0)
    with pytest.raises(ps.InputError, match="measured at 1800 MHz, its cell sends at 2550 MHz"):
        validated(folder)


def test_no_cell_near_is_refused(drive, tmp_path):
    far = f"{CELLS}A,{LON + 1.0},{LAT},{MAST_M},omni,{MHZ},isotropic,{EIRP_DBM}\n"
    with pytest.raises(ps.InputError, match="no cell is near: the nearest lies 4[0-9] km"):
        validated(spoilt(drive, tmp_path, far))


def test_one_place_is_refused(drive, tmp_path):
    frame = pd.read_csv(drive / "drive.csv").head(1)
    frame.to_csv(tmp_path / "drive.csv", index=False)
    (tmp_path / "cells.csv").write_text((drive / "cells.csv").read_text())
    with pytest.raises(ps.InputError, match="1 place is left"):
        validated(tmp_path)


def test_cells_of_other_names_are_refused(drive, tmp_path):
    with pytest.raises(ps.InputError, match="no sample names a cell of the list"):
        validated(spoilt(drive, tmp_path, cell_id="B"))


def test_a_cell_without_power_is_warned_of(drive, tmp_path):
    silent = CELLS.replace(",eirp_per_re_dbm", "") + f"A,{LON},{LAT},30,omni,{MHZ},isotropic\n"
    found = validated(spoilt(drive, tmp_path, silent))
    assert any("power of 1 of 1 cells is not known" in speak(w, "en") for w in found.warnings)


def test_few_places_are_warned_of(drive, tmp_path):
    pd.read_csv(drive / "drive.csv").head(9).to_csv(tmp_path / "drive.csv", index=False)
    (tmp_path / "cells.csv").write_text((drive / "cells.csv").read_text())
    found = validated(tmp_path)
    assert any("places only" in speak(warning, "en") for warning in found.warnings)


def test_every_warning_is_spoken_in_both_languages(drive):
    for warning in validated(drive).warnings:
        assert speak(warning, "vi") != speak(warning, "en")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rule": 2.0}, "rule"),
        ({"treshold_dbm": -100.0}, "is none of"),
        ({"model": "p2109"}, "not a path model"),
        ({"settings": {"spm.k2": 40}}, "has no effect on the model p1812_terminal"),
    ],
)
def test_what_is_asked_wrongly_is_refused(drive, options, problem):
    with pytest.raises(ps.InputError, match=problem):
        validated(drive, **options)


SETS = {
    "South Bend": ("measured/southbend_lte3600", "measured/southbend_lte3600_cells", "settlement"),
    "Recife": ("data/measurements/recife_gsm1800", "data/measurements/recife_bts", "urban"),
    "Kano": ("measured/kano_umts2140", "measured/kano_umts2140_cells", "urban"),
    "Lebanon": ("measured/lebanon_lora868", "measured/lebanon_lora868_cells", "farmland"),
}


@pytest.mark.skipif(not (SHARED / "measured").is_dir(), reason="no measurements at hand")
@pytest.mark.parametrize("name", SETS)
def test_the_default_model_does_on_real_sets_what_its_file_says(name):
    measured, cells, flat = SETS[name]
    found = ps.validate(SHARED / f"{measured}.csv", cells=SHARED / f"{cells}.csv", flat=flat)
    record = found.record()
    stated = next(row for row in default_model.RECORD["set"] if row["name"].startswith(name))
    assert record["places"] == stated["places"]
    for key in ("bias_db", "rmse_db", "deviation_db"):
        assert record[key] == pytest.approx(stated[key], abs=0.1), key
    assert record["interval_90_share"] >= 0.8
