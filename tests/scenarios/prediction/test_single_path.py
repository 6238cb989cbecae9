"""A path to the middle of a pixel has the level that a prediction of the same cell shows there."""

import json

import numpy as np
import pytest

import phusong as ps
from phusong import columns as col
from phusong.commands import cli
from phusong.coverage.kriging import ResidualField
from phusong.coverage.models import REGISTRY, spm
from phusong.geodata import crs
from phusong.geodata.measured.profiles import Ground, Place
from phusong.geodata.province import LandCover
from phusong.scenarios.prediction import cache, levels, single_path
from phusong.scenarios.prediction.single_path import CellAntenna
from phusong.scenarios.propagation import calibration_file, link, options
from phusong.scenarios.propagation.calibrated import Calibrated, Measured

AZIMUTH_DEG, DOWNTILT_DEG, HEIGHT_M, MHZ = 37.0, 4.0, 40.0, 1840.0
ROUNDING_DB = 0.05  # of losses in the windows of the sweep, and of its arithmetic in 32 bits
FIELD = ResidualField(shared_db2=16.0, own_db2=9.0, noise_db2=4.0, length_m=300.0)


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory):
    """Keep predictions of other runs away, and these from others."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("predictions"))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def cell(mini_province, tmp_path_factory):
    """Return a list of one cell, in the middle of a pixel."""
    x_m, y_m = centre(mini_province.grid, 90, 60)
    path = tmp_path_factory.mktemp("cells") / "one.csv"
    head = "site_id,cell_id,x_m,y_m,height_m,azimuth_deg,electrical_tilt_deg,power_dbm,band,"
    row = f"A,A1,{x_m},{y_m},{HEIGHT_M},{AZIMUTH_DEG},{DOWNTILT_DEG},46,B3"
    path.write_text(f"{head}technology,operator,antenna\n{row},4G,VNPT,sector\n")
    return levels.completed(ps.read_cells(path, mini_province).cells)


def centre(grid, row, column):
    x_m, y_m = grid.centres()
    return float(x_m[column]), float(y_m[row])


def tuned(model, **figures):
    """Return a calibration that moves every term of a model."""
    coefficients = spm.hata_coefficients(MHZ)._replace(k4=0.6) if model == "spm" else None
    usual = {
        "model": model,
        "frequency_mhz": MHZ,
        "coefficients": coefficients,
        "offset_db": 0.0 if coefficients else -6.0,
        "clutter_db": {LandCover.FARMLAND: 3.0, LandCover.SETTLEMENT: 7.0},
        "antenna_share": 0.8,
        "eirp_offset_db": {"A1": 2.5},
        "sigma_db": 6.0,
        "error_sd_db": 4.5,
        "common_share": 0.04,
        "rmse_db": 7.6,
        "distance_m": (50.0, 2500.0),
        "pattern_fill": 0.06,
    }
    moves = {} if coefficients else {"obstruction": 0.8, "slope_db": 2.0}
    return Calibrated(**usual | moves | figures)


def predicted_dbm(province, cell, model, calibration):
    """Return the level of the cell at every pixel."""
    chosen = options.chosen(model, calibration, [], {})
    maps = levels.networks(province, cell, {}, chosen)
    return next(each.rsrp_dbm for _, operator, each in maps if operator == "VNPT")


def path_dbm(province, cell, model, calibration, pixel):
    """Return the level of the cell over the single path to the middle of a pixel."""
    listed = cell.iloc[0]
    mast_m, pixel_m = (listed.geometry.x, listed.geometry.y), centre(province.grid, *pixel)
    lon, lat = crs.transform(*zip(mast_m, pixel_m, strict=True), province.grid.crs, crs.GEOGRAPHIC)
    ends = tuple(Place(*each) for each in zip(lon, lat, (HEIGHT_M, 1.5), strict=True))
    ground = Ground(province.terrain, province.landcover, {})
    towards = CellAntenna("sector", AZIMUTH_DEG, DOWNTILT_DEG, "A1")
    request = link.LinkRequest(MHZ, HEIGHT_M, 1.5, REGISTRY[model])
    method = levels.method(options.chosen(model, calibration, [], {}))
    path = single_path.predict(ground, ends, request, method, towards)
    radio = link.with_eirp_per_re(link.Radio(), float(listed[col.EIRP_PER_RE_DBM]))
    return link.budget_of(radio, path.loss_db, path.pattern_loss_db, path.eirp_offset_db).rsrp_dbm


def measured(province):
    """Return residuals at two places of the cell."""
    x_m, y_m = zip(centre(province.grid, 70, 60), centre(province.grid, 90, 85), strict=True)
    lon, lat = crs.transform(x_m, y_m, province.grid.crs, crs.GEOGRAPHIC)
    places = (np.array(lon), np.array(lat), np.array([9.0, -7.0]), np.array([1.0, 1.0]))
    return Measured(FIELD, ("A1",), np.array([0, 0]), *places)


CASES = {
    "default model": ("p1812_terminal", lambda _: None),
    "P.1812": ("p1812", lambda _: None),
    "TR 38.901": ("tr38901", lambda _: None),
    "calibration by offset": ("p1812_terminal", lambda _: tuned("p1812_terminal")),
    "calibration of P.1812 where measured": (
        "p1812",
        lambda _: tuned("p1812", classes=(LandCover.FARMLAND,)),
    ),
    "calibration of SPM": ("spm", lambda _: tuned("spm")),
    "calibration with measured places": (
        "p1812_terminal",
        lambda province: tuned("p1812_terminal", measured=measured(province)),
    ),
}
MAST = (90, 60)
ON_AXES = [(90, 62 + 9 * i) for i in range(10)] + [(88 - 9 * i, 60) for i in range(8)]


@pytest.fixture(scope="module", params=CASES)
def both_dbm(request, mini_province, cell):
    """Return the levels of the prediction, and a way to those of single paths."""
    model, calibrated = CASES[request.param]
    chosen = calibrated(mini_province)
    level_dbm = predicted_dbm(mini_province, cell, model, chosen)
    return level_dbm, lambda pixel: path_dbm(mini_province, cell, model, chosen, pixel)


def test_on_the_axes_path_and_prediction_differ_by_rounding(both_dbm):
    """There the sweep reads the very terrain that the path does."""
    level_dbm, path = both_dbm
    known = [pixel for pixel in ON_AXES if np.isfinite(level_dbm[pixel])]
    assert len(known) > 12
    for pixel in known:
        assert path(pixel) == pytest.approx(level_dbm[pixel], abs=ROUNDING_DB), pixel


def test_elsewhere_they_differ_as_the_sweep_may(both_dbm):
    """The stated error of the area engine: 1 dB RMS, 4 dB in one place of a hundred."""
    level_dbm, path = both_dbm
    rows, columns = np.nonzero(np.isfinite(level_dbm))
    away = np.hypot(rows - MAST[0], columns - MAST[1])
    near = np.flatnonzero((away * 30.0 > 250.0) & (away * 30.0 < 3_000.0))
    chosen = np.random.default_rng(3).choice(near, 120, replace=False)
    apart_db = np.array(
        [path((rows[i], columns[i])) - level_dbm[rows[i], columns[i]] for i in chosen]
    )
    assert np.sqrt(np.mean(apart_db**2)) <= 1.0
    assert np.percentile(np.abs(apart_db), 99) <= 4.0
    assert np.median(np.abs(apart_db)) <= 0.2


def test_the_command_predicts_the_same_path(mini_province, mini_folder, cell, tmp_path, capsys):
    """Calibration, antenna and cell are told by options; the default is the main lobe."""
    calibration = tuned("p1812_terminal", measured=measured(mini_province))
    file = tmp_path / "tuned.toml"
    file.write_text(calibration_file.text(calibration), encoding="utf-8")
    pixel = (70, 61)
    level_dbm = path_dbm(mini_province, cell, "p1812_terminal", calibration, pixel)
    mast_m, pixel_m = cell.geometry.iloc[0].coords[0], centre(mini_province.grid, *pixel)
    lon, lat = crs.transform(*zip(mast_m, pixel_m, strict=True), crs.PLANNING, crs.GEOGRAPHIC)
    start, end = (f"{a:.10f},{b:.10f}" for a, b in zip(lon, lat, strict=True))
    line = ["link", "--province", str(mini_folder), "--frequency-mhz", str(MHZ), "--json"]
    line += ["--from", f"{start},{HEIGHT_M}", "--to", f"{end},1.5", "--calibration", str(file)]
    line += ["--eirp-per-re-dbm", str(cell[col.EIRP_PER_RE_DBM].iloc[0]), "--cell-id", "A1"]
    aside = ["--azimuth-deg", str(AZIMUTH_DEG), "--downtilt-deg", str(DOWNTILT_DEG)]
    assert cli.main([*line, *aside]) == cli.DONE
    record = json.loads(capsys.readouterr().out)
    assert record["link_budget"]["rsrp_dbm"] == pytest.approx(level_dbm, abs=1e-3)
    assert abs(record["calibration_db"]) > 0.5
    assert record["link_budget"]["pattern_loss_db"] > 1.0
    assert cli.main(line) == cli.DONE
    straight = json.loads(capsys.readouterr().out)
    assert straight["loss_db"] == record["loss_db"]
    assert straight["link_budget"]["pattern_loss_db"] == 0.0


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        (["--azimuth-deg", "400"], "azimuth_deg, value 400.0: is not between 0 and 360"),
        (["--antenna", "dish"], "--antenna, value 'dish'"),
        (["--calibration", "none.toml"], "none.toml: no such file"),
        (["--model", "p1812"], "is not of the model p1812"),
        (["--profile", "p.csv"], "--calibration: does not go with --profile"),
    ],
)
def test_wrong_use_of_antenna_and_calibration(mini_folder, tmp_path, capsys, more, wrong):
    file = tmp_path / "tuned.toml"
    file.write_text(calibration_file.text(tuned("p1812_terminal")), encoding="utf-8")
    line = ["link", "--province", str(mini_folder), "--frequency-mhz", "1840"]
    line += ["--from", "105.6,21.3,30", "--to", "105.61,21.3,1.5", "--calibration", str(file)]
    assert cli.main([*line, *more]) == cli.WRONG_INPUT
    assert wrong in capsys.readouterr().err
