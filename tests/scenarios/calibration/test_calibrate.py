"""Calibration through files: known parameters come back, the page tells, predictions apply it."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import spreadsheet
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from phusong import columns as col
from phusong.commands import cli
from phusong.coverage import antenna, ladder
from phusong.coverage.area import cells, loss_windows
from phusong.coverage.models import p1812, spm
from phusong.coverage.models.tr38901_mixed import Mixed
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files import raster
from phusong.geodata.grid import Raster
from phusong.geodata.measured import cells as measured_cells
from phusong.geodata.measured import ground as measured_ground
from phusong.geodata.measured import heard, measurements
from phusong.geodata.measured.ground import Wanted
from phusong.geodata.measured.profiles import Ground
from phusong.geodata.province import LandCover
from phusong.scenarios.calibration import fit as calibration
from phusong.scenarios.calibration import forms, result
from phusong.scenarios.calibration import paths as measured_paths
from phusong.scenarios.prediction import cache
from phusong.scenarios.propagation import calibrated, calibration_file
from phusong.scenarios.propagation.calibrated import Calibrated

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "measurements"
SHARED = pytest.mark.skipif(not DATA.is_dir(), reason="no measurements at hand (../shared/data)")

# A simulated drive test, through files

# K1 and K2 are counted from Hata's; the fill is that of the nulls of patterns.
TRUTH = {"k1": 4.0, "k2": -7.0, "offset": 21.0}
FILL = 0.1
SIGMA_DB = 5.0
MODELS = calibrated.tunable()
CRS = "EPSG:5897"
SITES = ((105.600, 21.310, 32.0), (105.612, 21.318, 45.0))


def rung_of(steps, model):
    """Return the form that is the model and its offsets, slopes and clutter."""
    name = "coefficients" if model == "spm" else "model"
    return next(rung for rung in steps.rungs if rung.name == name)


def made_db(model, paths, truth):
    """Return the losses of a world that the model describes with known terms."""
    steps = forms.ladder(model, paths)
    loss_db = sum(steps.columns[name] for name in rung_of(steps, model).fixed)
    loss_db = loss_db + sum(
        value * steps.columns[name] for name, value in truth.items() if name in steps.columns
    )
    if steps.bend is not None:
        loss_db = loss_db + steps.bend.loss_db @ steps.bend.weights(np.log10(FILL))[0]
    return loss_db


def fit_of(outcome, model):
    """Return the fit of that form to all places."""
    steps = forms.ladder(model, outcome.paths)
    block = outcome.chosen.block
    return ladder.fitted(
        steps, rung_of(steps, model), ladder.seen(steps, np.arange(len(steps)), block)
    )


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """Make cells, and two drive tests over flat ground: one of the SPM's world, one of P.1812's."""
    folder = tmp_path_factory.mktemp("simulated")
    rng = np.random.default_rng(14)
    rows = [
        f"S{s}{a},{lon},{lat},{height},{a},5,1,B3,32.2"
        for s, (lon, lat, height) in enumerate(SITES)
        for a in (0, 120, 240)
    ]
    head = "cell_id,lon,lat,height_m,azimuth_deg,electrical_tilt_deg,mechanical_tilt_deg,band,"
    listed = folder / "cells.csv"
    listed.write_text("\n".join([head + "eirp_per_re_dbm", *rows]) + "\n", encoding="utf-8")
    turns = np.cumsum(rng.normal(0.0, 0.25, 1800))
    lon = 105.606 + 0.012 * np.sin(np.cumsum(np.cos(turns)) * 0.02)
    lat = 21.314 + 0.010 * np.sin(np.cumsum(np.sin(turns)) * 0.023 + 0.3)
    cell = rng.integers(0, 6, lon.size)
    frame = pd.DataFrame({"lon": lon, "lat": lat, "rsrp_dbm": -90.0})
    frame["cell_id"] = [rows[c].split(",")[0] for c in cell]
    frame.to_csv(folder / "all.csv", index=False)
    measured = measurements.read(folder / "all.csv")
    found = measured_cells.read(listed, measured)
    ground = measured_ground.open_ground(
        Wanted(flat=LandCover.OUTSIDE), found.cells, measured.samples
    )
    bins = measurements.binned(
        measured.samples,
        heard.served_by(measured, found),
        ground.terrain.grid.crs,
        30.0,
        1.5,
    )
    paths, _ = measured_paths.measured_paths(bins, found, ground)
    for model in MODELS:
        loss_db = made_db(model, paths, TRUTH) + rng.normal(0.0, SIGMA_DB, len(paths))
        table = pd.DataFrame(
            {
                "lon": bins[col.LON].iloc[-len(paths) :],
                "lat": bins[col.LAT].iloc[-len(paths) :],
                "rsrp_dbm": 32.2 - loss_db,
                "cell_id": found.cells[col.CELL_ID].to_numpy()[paths.cell],
            }
        )
        assert len(bins) == len(paths)
        table.to_csv(folder / f"{model}.csv", index=False, float_format="%.8f")
    return folder


@pytest.fixture(scope="module")
def outcomes(simulated):
    found = {}
    for model in MODELS:
        measured = measurements.read(simulated / f"{model}.csv")
        listed = measured_cells.read(simulated / "cells.csv", measured)
        options = result.Options(model)
        found[model] = result.run(measured, listed, Wanted(flat=LandCover.OUTSIDE), options)
    return found


@pytest.mark.parametrize(
    ("model", "names"), [("spm", ("k1", "k2")), ("p1812", ("offset",)), ("p1812_terminal", ())]
)
def test_known_parameters_come_back_within_their_intervals(outcomes, model, names):
    fit = fit_of(outcomes[model], model)
    for name in names:
        low, high = fit.interval(name, 2.58)
        assert low <= TRUTH[name] <= high, name
    low, high = fit.interval("pattern_fill", 2.58)
    assert low <= np.log10(FILL) <= high
    assert high - low < 0.4  # of a prior of 0.3 to both sides: the interval tells something
    assert fit.bounded() == []


@pytest.mark.parametrize("model", MODELS)
def test_held_out_error_is_the_noise_and_beats_the_baseline(outcomes, model):
    """The weighted mean of forms costs some per cent where one of them is the truth itself."""
    errors = outcomes[model].chosen.errors
    assert 0.94 * SIGMA_DB < errors.after.rmse_db < 1.12 * SIGMA_DB
    assert errors.after.rmse_db < errors.before.rmse_db
    assert errors.after.rmse_db < errors.baseline.rmse_db
    assert outcomes[model].chosen.spread.error_sd_db < 2.0


@pytest.mark.parametrize("model", MODELS)
def test_the_form_that_is_true_errs_least(outcomes, model):
    found = outcomes[model].chosen
    assert sum(found.mixed.weights.values()) == pytest.approx(1.0)
    name = "coefficients" if model == "spm" else "model"
    assert found.form_errors[name] < 1.03 * min(found.form_errors.values())
    assert found.form_errors[name] < found.form_errors["plain"]


def test_a_cell_of_unknown_power_gets_an_offset(simulated, tmp_path):
    listed = pd.read_csv(simulated / "cells.csv", dtype=str)
    listed.loc[2, "eirp_per_re_dbm"] = ""
    listed.to_csv(tmp_path / "cells.csv", index=False)
    table = pd.read_csv(simulated / "p1812.csv")
    table.loc[table["cell_id"] == "S0240", "rsrp_dbm"] += 7.0
    table.to_csv(tmp_path / "drive.csv", index=False)
    measured = measurements.read(tmp_path / "drive.csv")
    found = measured_cells.read(tmp_path / "cells.csv", measured)
    outcome = result.run(measured, found, Wanted(flat=LandCover.OUTSIDE), result.Options())
    model = calibration.calibrated(
        outcome.chosen, outcome.paths, outcome.cell_ids, {}, outcome.ground.terrain.grid.crs
    )
    # Taken as 32.2 dBm by default: the cell radiates 7 dB more than the others.
    offsets_db = dict(model.eirp_offset_db)
    own_db = offsets_db.pop("S0240")
    assert own_db - np.mean(list(offsets_db.values())) == pytest.approx(7.0, abs=1.5)


# Over terrain and land cover


def over(mini_folder, tmp_path, model, truth):
    """Simulate and calibrate a drive of one cell over the small province."""
    rng = np.random.default_rng(15)
    x_m, y_m = (rng.uniform(low, low + 5800.0, 900) for low in (558_100.0, 2_353_600.0))
    lon, lat = crs.transform(x_m, y_m, "EPSG:5897", "EPSG:4326")
    site = crs.transform([561_000.0], [2_356_500.0], "EPSG:5897", "EPSG:4326")
    listed = tmp_path / "cells.csv"
    listed.write_text(
        "cell_id,lon,lat,height_m,azimuth_deg,eirp_per_re_dbm,band\n"
        f"A,{site[0][0]:.8f},{site[1][0]:.8f},35,omni,30,B3\n"
    )
    table = pd.DataFrame({"lon": lon, "lat": lat, "rsrp_dbm": -90.0, "cell_id": "A"})
    wanted, drive_csv = Wanted(province=mini_folder), tmp_path / "drive.csv"
    for _ in range(2):  # first to learn the terms, then with the truth made of them
        table.to_csv(drive_csv, index=False, float_format="%.8f")
        measured = measurements.read(drive_csv)
        found = measured_cells.read(listed, measured)
        ground = measured_ground.open_ground(wanted, found.cells, measured.samples)
        row = heard.served_by(measured, found)
        bins = measurements.binned(measured.samples, row, ground.terrain.grid.crs, 30.0, 1.5)
        paths, _ = measured_paths.measured_paths(bins, found, ground)
        loss_db = made_db(model, paths, truth) + rng.normal(0.0, 4.0, len(paths))
        place = crs.transform(paths.x_m, paths.y_m, "EPSG:5897", "EPSG:4326")
        table = pd.DataFrame({"lon": place[0], "lat": place[1], "rsrp_dbm": 30.0 - loss_db})
        table = table.assign(cell_id="A")[(table["rsrp_dbm"] > -139) & (table["rsrp_dbm"] < -45)]
    return result.run(measured, found, wanted, result.Options(model))


@pytest.mark.parametrize("model", MODELS)
def test_clutter_comes_back_over_terrain(mini_folder, tmp_path, model):
    clutter = {"clutter_urban": 9.0, "clutter_forest": 4.0, "clutter_farmland": -3.0}
    truth = clutter | {"k1": 4.0, "k2": -4.9, "k4": -0.3, "offset": 12.0}
    outcome = over(mini_folder, tmp_path, model, truth)
    fit = fit_of(outcome, model)
    tuned = calibration.calibrated(outcome.chosen, outcome.paths, ["A"], {}, "EPSG:5897")
    # Only differences between classes are told: what is alike goes into the constant.
    for high, low in (("urban", "farmland"), ("forest", "farmland")):
        names = f"clutter_{high}", f"clutter_{low}"
        expected = truth[names[0]] - truth[names[1]]
        assert fit.value(names[0]) - fit.value(names[1]) == pytest.approx(expected, abs=2.5)
        kinds = (LandCover[high.upper()], LandCover[low.upper()])
        apart = tuned.clutter_db[kinds[0]] - tuned.clutter_db[kinds[1]]
        assert 0.0 < apart < expected + 2.5  # forms without clutter hold it together
    assert outcome.chosen.errors.after.rmse_db == pytest.approx(4.0, rel=0.12)
    assert set(tuned.classes) >= {LandCover.URBAN, LandCover.FOREST, LandCover.FARMLAND}
    if model == "spm":
        low, high = fit.interval("k4", 2.58)
        assert low <= truth["k4"] <= high
        assert high - low < 0.4
    rows = calibration.groups(outcome.chosen, outcome.paths, ["A"])
    kinds = {row["group"] for row in rows if row["by"] == "landcover"}
    assert {"urban", "forest", "farmland"} <= kinds
    assert {row["group"] for row in rows if row["by"] == "sight"} == {"True", "False"}


def test_azimuths_are_from_true_north(tmp_path):
    """Samples at equal geodesic azimuths either side of the main lobe lose alike."""
    lon, lat, azimuth_deg = 107.8, 21.3, 90.0
    (tmp_path / "cells.csv").write_text(
        "cell_id,lon,lat,height_m,azimuth_deg,horizontal_beamwidth_deg,eirp_per_re_dbm,band\n"
        f"A,{lon},{lat},35,{azimuth_deg},30,30,B3\n"
    )
    aside_deg = np.array([-12.0, 12.0])
    place = Geod(ellps="WGS84").fwd([lon] * 2, [lat] * 2, azimuth_deg + aside_deg, [3000.0] * 2)
    table = pd.DataFrame({"lon": place[0], "lat": place[1], "rsrp_dbm": -90.0, "cell_id": "A"})
    table.to_csv(tmp_path / "drive.csv", index=False, float_format="%.8f")
    measured = measurements.read(tmp_path / "drive.csv")
    listed = measured_cells.read(tmp_path / "cells.csv", measured)
    x_m, y_m = crs.transform([lon, *place[0]], [lat, *place[1]], "EPSG:4326", CRS)
    assert crs.true_north_deg(x_m[:1], y_m[:1], CRS)[0] < -1.0
    grid = measured_ground.grid_round(x_m, y_m, CRS)
    bare = np.zeros(grid.shape, np.float32)
    ground = Ground(Raster(bare, grid, -9999.0), Raster(bare.astype(np.uint8), grid, 0.0), {})
    row = heard.served_by(measured, listed)
    bins = measurements.binned(measured.samples, row, CRS, 30.0, 1.5)
    paths, _ = measured_paths.measured_paths(bins, listed, ground)
    left_db, right_db = paths.pattern_db
    assert left_db == pytest.approx(right_db, abs=0.01)
    assert left_db > 12.0 * (12.0 / 30.0) ** 2  # the vertical cut adds to it


def test_terrain_files_are_taken_bare(mini_province, tmp_path):
    raster.write_cog(tmp_path / "dem.tif", mini_province.terrain, description="h", unit="m")
    x_m, y_m = (np.array([low, low + 3000.0]) for low in (559_000.0, 2_354_000.0))
    lon, lat = crs.transform(x_m, y_m, "EPSG:5897", "EPSG:4326")
    table = pd.DataFrame({col.LON: lon, col.LAT: lat})
    ground = measured_ground.open_ground(Wanted(terrain=(tmp_path / "dem.tif",)), table, table)
    assert ground.provenance["terrain"].status == "given"
    assert not ground.landcover.values.any()
    assert ground.terrain.values.min() == pytest.approx(10.0, abs=0.5)
    far = pd.DataFrame({col.LON: [105.0, 109.0], col.LAT: [20.0, 23.0]})
    with pytest.raises(InputError, match="lie over"):
        measured_ground.open_ground(Wanted(flat=LandCover.OUTSIDE), far, far)


# The command and its page


@pytest.fixture(scope="module")
def out(simulated, tmp_path_factory):
    path = tmp_path_factory.mktemp("calibration") / "out"
    assert calibrate(simulated, path, "--flat", "--model", "spm", "--lang", "en") == cli.DONE
    return path


def calibrate(folder, out, *more, name="spm.csv"):
    arguments = ["calibrate", folder / name, "--cells", folder / "cells.csv", "--out", out, *more]
    return cli.main([str(argument) for argument in arguments])


def test_every_file_is_written_and_listed(out):
    names = {path.name for path in out.iterdir()}
    assert names == {
        *("calibration.toml", "calibration.json", "calibration.html"),
        *("residuals.csv", "residuals.geojson"),
    }
    record = json.loads((out / "calibration.json").read_text(encoding="utf-8"))
    assert set(record["files"]) == names
    table = spreadsheet.frame(out / "residuals.csv")
    assert len(table) == record["measurements"]["places"]
    rmse = record["models"]["spm"]["errors"]["after"]["rmse_db"]
    assert np.sqrt(np.mean(table[col.RESIDUAL_DB] ** 2)) == pytest.approx(rmse, abs=0.01)
    by_distance = [row for row in record["groups"] if row["by"] == "distance"]
    assert sum(row["after"]["places"] for row in by_distance) == len(table)


def test_page_names_measured_and_predicted_and_needs_no_network(out):
    page = (out / "calibration.html").read_text(encoding="utf-8")
    assert "measured (left), predicted (right), one colour scale" in page
    assert "offset per cell and a slope in log distance reach" in page
    assert "flat ground is assumed" in page
    assert page.count("data:image/png;base64") == 5
    assert "http:" not in page
    assert "https:" not in page
    assert "nan" not in page.split("<body>")[1].split("data:image")[0].lower()


def test_page_in_vietnamese(simulated, tmp_path, capsys):
    arguments = ("--flat", "--lang", "vi")
    assert calibrate(simulated, tmp_path / "vi", *arguments, name="p1812.csv") == cli.DONE
    page = (tmp_path / "vi" / "calibration.html").read_text(encoding="utf-8")
    assert "Hiệu chỉnh mô hình truyền sóng" in page
    assert "RMSE trên ô kiểm tra" in capsys.readouterr().out
    assert calibration_file.load(tmp_path / "vi" / "calibration.toml").model == "p1812_terminal"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--flat", "jungle"), "--flat, value 'jungle': is not a class of land cover"),
        (("--flat", "--block-m", "5"), "block_m, value 5.0: is not between 60"),
        (("--province", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_told(simulated, tmp_path, capsys, more, problem):
    assert calibrate(simulated, tmp_path / "out", *more) == cli.WRONG_INPUT
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_wrong_province_is_told(simulated, tmp_path, capsys, mini_folder):
    moved = pd.read_csv(simulated / "spm.csv").assign(lon=lambda t: t["lon"] - 1.0)
    moved.to_csv(tmp_path / "spm.csv", index=False)
    listed = pd.read_csv(simulated / "cells.csv").assign(lon=lambda t: t["lon"] - 1.0)
    listed.to_csv(tmp_path / "cells.csv", index=False)
    assert calibrate(tmp_path, tmp_path / "out", "--province", mini_folder) == cli.WRONG_INPUT
    assert "lie outside the province's terrain (give --province" in capsys.readouterr().err


def test_too_little_is_refused(simulated, tmp_path):
    table = pd.read_csv(simulated / "spm.csv")
    table.head(20).to_csv(tmp_path / "few.csv", index=False)
    here = table.assign(lon=105.6 + 1e-5 * (table.index % 40), lat=21.311)
    here.to_csv(tmp_path / "spot.csv", index=False)
    table.assign(cell_id="Z").to_csv(tmp_path / "foreign.csv", index=False)
    problems = {
        "few": "20 places are left, 30 are needed",
        "spot": "places are left|fewer than 10 blocks",
        "foreign": "no sample names a cell of the list",
    }
    for name, problem in problems.items():
        measured = measurements.read(tmp_path / f"{name}.csv")
        found = measured_cells.read(simulated / "cells.csv", measured)
        with pytest.raises(InputError, match=problem):
            result.run(measured, found, Wanted(flat=LandCover.OUTSIDE), result.Options())


# The file, and what a prediction makes of it

numbers = st.floats(-50.0, 50.0).map(lambda value: round(value, 4))
names = st.text(min_size=1, max_size=8)


@settings(max_examples=50)
@given(
    st.sampled_from(MODELS),
    st.dictionaries(st.sampled_from(list(LandCover)[1:]), numbers),
    st.dictionaries(names, numbers, max_size=3),
    st.dictionaries(names, names, max_size=3),
)
def test_a_file_says_what_was_found(tmp_path_factory, model, clutter, cells_db, source):
    coefficients = spm.Coefficients(80.5, k2=30.25) if model == "spm" else None
    figures = (7.5, 3.25, 0.125, 8.5, (20.0, 3000.0))
    made = Calibrated(model, 1840.0, coefficients, -3.5, clutter, 0.5, cells_db, *figures, source)
    path = tmp_path_factory.mktemp("file") / "c.toml"
    path.write_bytes(calibration_file.text(made).encode("utf-8", "surrogatepass"))
    assert calibration_file.load(path) == made


def test_every_wrong_value_of_a_file_is_told(out, tmp_path):
    text = (out / "calibration.toml").read_text(encoding="utf-8")
    for old, new in (
        ("format = 2", "format = 9"),
        ("k2 = ", "k9 = "),
        ("[clutter_db]", '[clutter_db]\njungle = 3.0\nurban = "x"'),
        ("antenna_share = 0", "antenna_share = 7"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        calibration_file.load(tmp_path / "c.toml")
    said = str(caught.value)
    for problem in (
        "'format', value 9: is not 1 or 2",
        "'spm.k9'",
        "'spm.k2': is missing",
        "'clutter_db.jungle', value 3.0: is not one of",
        "'clutter_db.urban', value 'x': is not a number",
        "'antenna_share'",
    ):
        assert problem in said, problem
    with pytest.raises(InputError, match="none.toml: no such file"):
        calibration_file.load(tmp_path / "none.toml")


def a_model(coefficients=None, **changes):
    told = {"offset_db": 12.0, "clutter_db": {LandCover.FOREST: 9.0}, "antenna_share": 0.5}
    told |= {"eirp_offset_db": {"B": -4.0}} | changes
    figures = (7.5, 3.25, 0.1, 8.5, (20.0, 3000.0))
    name = "p1812" if coefficients is None else "spm"
    parts = (told["offset_db"], told["clutter_db"], told["antenna_share"], told["eirp_offset_db"])
    return Calibrated(name, 1840.0, coefficients, *parts, *figures)


def flat_surface(side=61):
    shape = (side, side)
    return cells.Surface(
        np.full(shape, 10.0, np.float32),
        np.full(shape, cells.RURAL, np.uint8),
        np.ones(shape, bool),
        30.0,
    )


def window_db(surface, model):
    place = np.array([30.0]), np.array([30.0]), np.array([30.0]), np.array([1840.0])
    sweeps = cells.Sweeps(surface, cells.Masts(*place), cells.Reach(800.0, model=model))
    window = loss_windows.compute(sweeps, np.array([0]))[0].astype(float)
    window[window == loss_windows.NO_PATH] = np.nan
    return window / loss_windows.STEPS_PER_DB, sweeps.key(0)


@pytest.mark.parametrize("model", [p1812.P1812Parameters(), Mixed()])
def test_p1812_is_applied_by_an_offset_at_every_pixel(model):
    ground, classes = flat_surface(), np.full((61, 61), int(LandCover.FARMLAND))
    classes[:, 40:] = LandCover.FOREST
    plain_db, key = window_db(ground, model)
    tuned_db, tuned_key = window_db(a_model().surface(ground, classes), model)
    added = tuned_db - plain_db
    half = (plain_db.shape[0] - 1) // 2
    east = np.arange(plain_db.shape[1]) - half + 30 >= 40
    known = np.isfinite(plain_db)
    np.testing.assert_allclose(added[known & east], 21.0, atol=0.02)
    np.testing.assert_allclose(added[known & ~east], 12.0, atol=0.02)
    assert np.array_equal(known, np.isfinite(tuned_db))
    assert key != tuned_key  # a cache must not give one for the other


def test_spm_is_applied_over_an_area_as_it_was_fitted(outcomes):
    outcome = outcomes["spm"]
    model = calibration.calibrated(outcome.chosen, outcome.paths, outcome.cell_ids, {}, CRS)
    tuned = model.area_loss("given", 1840.0)
    found_db, _ = window_db(model.surface(flat_surface(), np.zeros((61, 61))), tuned)
    half = (found_db.shape[0] - 1) // 2
    hata = spm.hata_coefficients(1840.0)
    log_d, log_h = math.log10(20 * 30.0), math.log10(30.0)
    value = outcome.chosen.mixed.coefficients
    expected_db = hata.k1 + value["k1"] + 1.5 * hata.k6 + (hata.k2 + value["k2"]) * log_d
    expected_db += (hata.k3 + value["k3"]) * log_h + (hata.k5 + value["k5"]) * log_d * log_h
    assert found_db[half, half + 20] == pytest.approx(expected_db, abs=0.05)


def test_other_frequencies_move_as_hata_does():
    hata = spm.hata_coefficients(1840.0)
    model = a_model(hata._replace(k1=hata.k1 + 5.0, k2=30.0))
    there = spm.hata_coefficients(900.0)
    moved = model.area_loss("given", 900.0).coefficients
    assert moved.k1 == pytest.approx(there.k1 + 5.0)
    assert moved.k6 == pytest.approx(there.k6)
    assert moved.k2 == 30.0
    assert a_model().area_loss("given", 900.0) == "given"


def test_cells_get_the_pattern_and_the_power_that_was_found():
    plain = cells.cells([0, 0], [0.0, 120.0], [32.0, 32.0], 4.0)
    tuned = a_model().cells(plain)
    assert a_model().eirp_offsets_db(("A", "B")).tolist() == [0.0, -4.0]
    for bearing, elevation in ((0, 0), (40, -8), (180, 20)):
        before = antenna.loss_db(plain.patterns[0], bearing, elevation, 4.0)
        after = antenna.loss_db(tuned.patterns[0], bearing, elevation, 4.0)
        assert after == pytest.approx(0.5 * before, abs=1e-4)


def levels(mini_folder, folder, name, *more):
    """Predict one cell without a pattern and return its level map."""
    (folder / "lone.csv").write_text(
        "site_id,cell_id,x_m,y_m,height_m,azimuth_deg,band,technology,antenna\n"
        "A,A-1,561500,2357300,40,omni,B3,4G,isotropic\n"
    )
    arguments = ["predict", folder / "lone.csv", "--province", mini_folder, "--out", folder / name]
    more = ("--radius-m", "2000", "--lang", "en", *more)
    assert cli.main([str(part) for part in (*arguments, *more)]) == cli.DONE
    with rasterio.open(folder / name / "rsrp_4g_all.tif") as source:
        values = source.read(1).astype(float)
        return np.where(values == source.nodata, np.nan, values)


def test_predict_applies_a_calibration(mini_folder, mini_province, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    path = tmp_path / "c.toml"
    made = a_model(eirp_offset_db={"A-1": 5.0})
    path.write_text(calibration_file.text(made), encoding="utf-8")
    before = levels(mini_folder, tmp_path, "before", "--model", "p1812")
    after = levels(mini_folder, tmp_path, "after", "--calibration", path)
    known = np.isfinite(before) & np.isfinite(after)
    forest = mini_province.landcover.values == LandCover.FOREST
    assert (known & forest).any()
    expected = np.where(forest, 5.0 - 12.0 - 9.0, 5.0 - 12.0)
    np.testing.assert_allclose((after - before)[known], expected[known], atol=0.11)
    record = json.loads((tmp_path / "after" / "predict.json").read_text(encoding="utf-8"))
    assert record["model"]["calibration"]["error_sd_db"] == 3.25
    assert record["model"]["calibration"]["file"] == "c.toml"
    capsys.readouterr()
    wrong = ["predict", tmp_path / "lone.csv", "--calibration", path, "--model", "spm"]
    assert cli.main([str(part) for part in wrong]) == cli.WRONG_INPUT
    assert "is not of the model spm (leave --model out, or use p1812)" in capsys.readouterr().err


# Real measurements


@SHARED
def test_recife_held_out_error_is_below_the_baseline():
    measured = measurements.read(DATA / "recife_gsm1800.csv")
    listed = measured_cells.read(DATA / "recife_bts.csv", measured)
    for seed in (1, 2, 3):
        outcome = result.run(
            measured,
            listed,
            Wanted(flat=LandCover.OUTSIDE),
            result.Options(seed=seed),
        )
        for model in MODELS:
            errors = outcome.by_model[model].errors
            assert errors.after.rmse_db < errors.baseline.rmse_db - 0.5, (seed, model)
            assert errors.after.rmse_db < errors.before.rmse_db - 2.0  # nulls are filled before


@SHARED
def test_dortmund_without_antenna_data_comes_near_the_baseline():
    measured = measurements.read(DATA / "dortmund_lte_o2_suburban.csv")
    listed = measured_cells.of_samples(measured)
    outcome = result.run(measured, listed, Wanted(flat=LandCover.OUTSIDE), result.Options())
    for model in MODELS:
        errors = outcome.by_model[model].errors
        assert errors.after.rmse_db < errors.baseline.rmse_db + 0.5
        assert errors.after.rmse_db < errors.before.rmse_db - 2.0
