"""The command predict on a small province: files, physics, determinism and refusals."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import spreadsheet
from antenna_text import lobe, text_of
from rio_cogeo.cogeo import cog_validate
from scipy.stats import norm

from phusong import columns as col
from phusong.commands import cli
from phusong.coverage import capacity, link_budget, p2109
from phusong.geodata import crs
from phusong.messages import speak
from phusong.scenarios.prediction import cache
from phusong.scenarios.prediction.levels import ALL
from phusong.scenarios.propagation.options import PredictionOptions
from phusong.scenarios.results import levels_result

CELLS = """site_id,cell_id,x_m,y_m,height_m,azimuth_deg,electrical_tilt_deg,power_dbm,band,\
technology,operator,antenna
A,A1,559500,2355000,30,0,4,49,B3,4G,Viettel,x.msi
A,A2,559500,2355000,30,180,4,49,B3,4G,Viettel,x.msi
A,A3,559500,2355000,30,90,4,49,B8,4G,Viettel,sector
B,B1,562500,2358000,30,270,4,49,B3,4G,VNPT,sector
B,B5,562500,2358000,30,270,6,53,n41,5G,VNPT,panel
"""
LONE = "site_id,x_m,y_m,height_m,azimuth_deg,band,technology\nA,560000,2356000,40,omni,B3,4G\n"
NETWORKS = (("4g", ("vnpt", "viettel", ALL)), ("5g", ("vnpt", ALL)))
FILES = {
    *("cells.csv", "cells.geojson", "qcvn126.csv", "predict.json"),
    *("map.html", "prediction.gpkg", "prediction.qgs"),
    *(
        f"{levels_result.file_name(layer, technology.upper())}_{slug}{suffix}"
        for technology, slugs in NETWORKS
        for slug in slugs
        for layer in levels_result.RASTERS
        for suffix in (".tif", ".qml")
    ),
}


EPOCH = "1790000000"


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory):
    """Keep predictions of other runs away, and these from others."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cache, "FOLDER", tmp_path_factory.mktemp("predictions"))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    (folder / "cells.csv").write_text(CELLS)
    (folder / "lone.csv").write_text(LONE)
    (folder / "x.msi").write_text(
        text_of(lobe(65), lobe(10, 4), "NAME x\nFREQUENCY 1800\nTILT ELECTRICAL\nGAIN 17.5 dBi\n")
    )
    return folder / "cells.csv"


def predict(cells, mini_folder, out, *more):
    arguments = ["predict", cells, "--province", mini_folder, "--out", out, "--lang", "en", *more]
    return cli.main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def out(cells, mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("predict") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        assert predict(cells, mini_folder, path, "--workers", "1") == cli.DONE
    return path


@pytest.fixture(scope="module")
def lone(cells, mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("predict") / "lone"
    more = ("--load", "1", "--threshold-dbm", "-100", "--building", "efficient")
    assert predict(cells.with_name("lone.csv"), mini_folder, path, *more) == cli.DONE
    return path


def band(folder, name):
    """Return a raster with NaN where it holds nothing."""
    with rasterio.open(folder / f"{name}.tif") as source:
        values = source.read(1).astype(float)
        values[values == source.nodata] = np.nan
        return values


def test_every_file_is_written_and_listed(out):
    assert {path.name for path in out.iterdir()} == FILES
    assert set(json.loads((out / "predict.json").read_text(encoding="utf-8"))["files"]) == FILES
    assert not list(out.parent.glob(".*"))


@pytest.mark.parametrize("layer", levels_result.RASTERS)
def test_rasters_are_cloud_optimised_and_say_what_they_hold(out, layer):
    path = out / f"{levels_result.file_name(layer, '5G')}_all.tif"
    valid, errors, _ = cog_validate(path, strict=True, quiet=True)
    assert valid, errors
    with rasterio.open(path) as source:
        assert source.crs.to_epsg() == 5897
        assert (source.units[0] or "") == levels_result.RASTERS[layer]
        assert source.descriptions[0]
        assert source.nodata is not None
        named = layer.startswith(("rsrp", "rsrq", "probability"))
        assert ("SS-RSRP" in source.descriptions[0]) is named


def test_union_is_the_best_of_the_operators(out):
    for layer in ("rsrp", "rsrp_indoor", "downlink", "uplink"):
        operators = [band(out, f"{layer}_4g_{slug}") for slug in ("viettel", "vnpt")]
        np.testing.assert_array_equal(band(out, f"{layer}_4g_all"), np.fmax(*operators))
    counts = [np.nan_to_num(band(out, f"servers_4g_{slug}")) for slug in ("viettel", "vnpt")]
    np.testing.assert_array_equal(np.nan_to_num(band(out, "servers_4g_all")), sum(counts))


def test_the_project_opens_on_the_level_of_all_with_the_cells(out):
    project = ET.fromstring((out / "prediction.qgs").read_text("utf-8").partition("\n")[2])  # noqa: S314 - own
    shown = [
        node.get("id").removeprefix("phusong_layer_")
        for node in project.iter("layer-tree-layer")
        if node.get("checked") == "Qt::Checked"
    ]
    assert shown == ["cells", "districts", "rsrp_4g_all"]
    assert gpd.read_file(out / "prediction.gpkg", layer="cells").crs.to_epsg() == 5897
    held = {node.text for node in project.iterfind(".//maplayer/datasource")}
    assert len(held) == len(FILES & {f"{Path(name).stem}.tif" for name in FILES}) + 3


def test_best_server_is_a_row_of_the_cells_of_the_stronger_operator(out):
    table = spreadsheet.frame(out / "cells.csv")
    assert table[col.CELL].tolist() == list(range(len(table)))
    server = band(out, "best_server_4g_all")
    own, other = band(out, "rsrp_4g_viettel"), band(out, "rsrp_4g_vnpt")
    known = np.isfinite(server)
    operators = table[col.OPERATOR].to_numpy()[server[known].astype(int)]
    ahead = np.nan_to_num(own, nan=-999) - np.nan_to_num(other, nan=-999)
    clear = np.abs(ahead[known]) > 0.11  # levels are rounded
    expected = np.where(ahead[known] > 0, "Viettel", "VNPT")
    assert (operators == expected)[clear].all()
    assert clear.sum() > 1000


def test_operators_do_not_interfere(out):
    """Where VNPT's only 4G cell serves, SINR is its SNR, though Viettel is on the same band."""
    level, sinr = band(out, "rsrp_4g_vnpt"), band(out, "rs_sinr_4g_vnpt")
    noise_dbm = link_budget.noise_per_re_dbm(15.0, 7.0)
    np.testing.assert_allclose(sinr, level - noise_dbm, atol=0.12)
    data_db = band(out, "sinr_4g_vnpt") - sinr  # data has the power of both ports
    np.testing.assert_allclose(data_db[np.isfinite(data_db)], 3.01, atol=0.12)


def test_lone_cell(lone):
    """Without neighbours SINR is SNR at full load; RSSI and RSRQ by hand; servers are 0 or 1."""
    level, noise_dbm = band(lone, "rsrp_4g_all"), link_budget.noise_per_re_dbm(15.0, 7.0)
    np.testing.assert_allclose(band(lone, "rs_sinr_4g_all"), level - noise_dbm, atol=0.12)
    # A block of a measured symbol: 4 elements of one port, 8 of data on two, 12 of noise.
    block_mw = (4 + 8 * 2) * 10 ** (level / 10) + 12 * 10 ** (noise_dbm / 10)
    rssi_dbm = 10 * np.log10(100 * block_mw)
    np.testing.assert_allclose(band(lone, "rssi_4g_all"), rssi_dbm, atol=0.12)
    rsrq_db = level + 20.0 - rssi_dbm
    np.testing.assert_allclose(band(lone, "rsrq_4g_all"), rsrq_db, atol=0.12)
    count, clear = band(lone, "servers_4g_all"), np.abs(level + 100.0) > 0.06
    assert ((count == 1) == (level >= -100.0))[clear].all()


def test_indoor_level_is_an_entry_loss_lower(lone):
    loss_db = p2109.entry_loss_db(1840.0, 0.5, p2109.THERMALLY_EFFICIENT)
    difference = band(lone, "rsrp_4g_all") - band(lone, "rsrp_indoor_4g_all")
    np.testing.assert_allclose(difference[np.isfinite(difference)], loss_db, atol=0.11)


def test_probability_is_half_at_the_threshold_and_a_normal_share_elsewhere(lone):
    level, share = band(lone, "rsrp_4g_all"), band(lone, "probability_4g_all")
    near = np.abs(level + 100.0) < 0.3
    assert near.sum() > 3
    assert share[near] == pytest.approx(0.5, abs=0.02)
    sigma_higher = np.abs(level + 100.0 - PredictionOptions().sigma_db) < 0.06
    assert share[sigma_higher] == pytest.approx(0.8413, abs=0.003)


def test_probability_in_a_car_and_in_a_building(lone):
    """Cars: 9 dB, and 5 in quadrature; buildings: the mean over rooms, one as likely as another."""
    level, sigma_db = band(lone, "rsrp_4g_all"), PredictionOptions().sigma_db
    known = np.isfinite(level)
    in_car = norm.cdf((level + 100.0 - 9.0) / math.hypot(sigma_db, 5.0))
    found = band(lone, "probability_vehicle_4g_all")
    np.testing.assert_allclose(found[known], in_car[known], atol=0.006)
    rooms = (np.arange(500) + 0.5) / 500
    kind = p2109.THERMALLY_EFFICIENT
    losses_db = np.array([p2109.entry_loss_db(1840.0, float(p), kind) for p in rooms])
    margin_db = np.linspace(-120.0, 120.0, 1201)
    shares = norm.cdf((margin_db[:, None] - losses_db) / sigma_db).mean(axis=1)
    indoors = np.interp(level + 100.0, margin_db, shares)
    found = band(lone, "probability_indoor_4g_all")
    np.testing.assert_allclose(found[known], indoors[known], atol=0.006)
    assert (found[known] <= band(lone, "probability_vehicle_4g_all")[known]).all()


def test_uplink_is_that_of_the_handset(lone):
    """Path gain, 23 dBm and body by hand, and the mean over the shadowing by quadrature."""
    table = spreadsheet.frame(lone / "cells.csv").iloc[0]
    level, up = band(lone, "rsrp_4g_all"), band(lone, "uplink_4g_all")
    cap = 16.8 * 2.0 * 0.85  # 1200 subcarriers, 14 symbols a millisecond
    assert 0.95 * cap < np.nanmax(up) <= cap
    assert np.nanmin(up) >= 0.0
    received_dbm = 23.0 - 4.0 + level - table[col.EIRP_PER_RE_DBM] + 17.5 - 0.5
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    rates = capacity.uplink_throughput_mbps(
        received_dbm[..., None] + 9.3 * nodes, 1200, 15.0, 5.0, 3.0, 0.85, 2.0
    )
    expected = rates @ weights / math.sqrt(2.0 * math.pi)
    np.testing.assert_allclose(up, expected, rtol=0.03, atol=0.15)


def test_every_value_of_the_uplink_can_be_set(cells, mini_folder, tmp_path):
    """Twice the power for two layers, both full near by: twice the rate, less the overhead."""
    more = [
        *("--handset-power-dbm", "40", "--body-loss-db", "0", "--uplink-noise-rise-db", "0"),
        *("--uplink-noise-figure-db", "0", "--uplink-overhead", "0.5", "--uplink-streams", "2"),
        *("--uplink-highest-efficiency", "1", "--sigma-db", "0.1", "--radius-m", "600"),
    ]
    assert predict(cells.with_name("lone.csv"), mini_folder, tmp_path / "out", *more) == cli.DONE
    up = band(tmp_path / "out", "uplink_4g_all")
    assert np.nanmax(up) == pytest.approx(2 * 1.0 * 16.8 * 0.5, abs=0.06)


def test_downlink_stays_within_its_limit(out):
    """TS 38.306 section 4.1.2: two layers of 256QAM on 100 MHz, 70 % of the time: 818.0 Mbit/s."""
    assert np.nanmax(band(out, "downlink_5g_all")) <= 818.0 + 0.1
    assert np.nanmax(band(out, "downlink_4g_all")) <= 2 * 4.4 * 16.8 * 0.75 + 0.1


def test_cells_and_exposure(out):
    """49 dBm and 17.5 dBi without feeder loss but the default's 0.5 dB: 66 dBm, 12.6 m."""
    table, frame = spreadsheet.frame(out / "cells.csv"), gpd.read_file(out / "cells.geojson")
    assert list(frame.columns[:-1]) == list(col.CELLS)
    assert frame[col.CELL_ID].tolist() == table[col.CELL_ID].tolist()
    distance_m = math.sqrt(10 ** (66.0 / 10 - 3) / (8 * math.pi))
    assert table[col.EXPOSURE_DISTANCE_M][0] == pytest.approx(distance_m, rel=1e-3)
    beams_m = math.sqrt(10 ** ((53.0 + 24.5) / 10 - 3) * 0.1875 / (8 * math.pi))
    assert table[col.EXPOSURE_DISTANCE_M][4] == pytest.approx(beams_m, rel=1e-3)


def test_quality_by_recount(out, mini_province):
    """Mean and share of the whole province again, from the rasters and the people."""
    table = spreadsheet.frame(out / "qcvn126.csv", dtype={col.COMMUNE_CODE: str})
    assert len(table) == 2 * 2 * 5  # two networks, two weightings, four communes and the whole
    level, down = band(out, "rsrp_5g_all"), band(out, "downlink_5g_all")
    served = level >= -110.0
    people = mini_province.population.values.astype(float)
    row = table[
        table[col.COMMUNE_CODE].isna()
        & (table[col.OPERATOR] == ALL)
        & (table[col.WEIGHTING] == "people")
    ].iloc[0]
    mean = np.average(down[served], weights=people[served])
    assert row[col.MEAN_DOWNLINK_MBPS] == pytest.approx(mean, rel=0.01)
    assert row[col.SERVICE_SHARE] == pytest.approx(people[served].sum() / people.sum(), abs=0.005)
    assert (table[col.FAST_SHARE].dropna() <= 1).all()
    limits = (
        (table[col.MEAN_DOWNLINK_MBPS] >= 100)
        & (table[col.MEAN_UPLINK_MBPS] >= 30)
        & (table[col.FAST_SHARE] >= 0.95)
    )
    assert (limits == table[col.COMPLIES]).all()


@pytest.mark.parametrize("model", ["spm", "cost231_urban", "tr38901", "free_space"])
def test_any_model_of_paths_covers_the_area(cells, mini_folder, tmp_path, model, lone):
    more = ("--model", model, *(("--set", "spm.k4=0.5") if model == "spm" else ()))
    assert predict(cells.with_name("lone.csv"), mini_folder, tmp_path / "out", *more) == cli.DONE
    level, other = band(tmp_path / "out", "rsrp_4g_all"), band(lone, "rsrp_4g_all")
    assert np.isfinite(level).sum() > 30_000
    assert np.nanmedian(np.abs(level - other)) > 1.0
    record = json.loads((tmp_path / "out" / "predict.json").read_text(encoding="utf-8"))
    assert record["model"]["name"] == model
    assert record["model"]["parameters"] == (
        {"k4": 0.5, "effective_height": "above_ground"} if model == "spm" else {}
    )


def test_record(out, cells):
    record = json.loads((out / "predict.json").read_text(encoding="utf-8"))
    assert record["model"]["name"] == "p1812_terminal"
    assert record["model"]["pattern_fill"] == 0.04
    assert record["model"]["clutter_m"]["farmland"] == 5.0
    assert speak(record["inputs"]["cells"]["source"], "en") == "cells.csv"
    assert len(record["inputs"]["cells"]["sha256"]) == 64
    assert record["inputs"]["antennas"][0]["tilt_deg"] == 4.0
    assert record["layers"]["population"]["status"] == "synthetic"
    assert any("bandwidth_mhz 10/20" in speak(text, "en") for text in record["assumed"])
    assert {(n["technology"], n["operator"]) for n in record["networks"]} == {
        ("4G", "VNPT"),
        ("4G", "Viettel"),
        ("4G", ALL),
        ("5G", "VNPT"),
        ("5G", ALL),
    }
    assert str(cells.parent) not in json.dumps(record)


def test_same_bytes_whatever_the_workers(out, cells, mini_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cold")  # or the second would be read back
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)  # pages and packages say when they were made
    two = tmp_path / "out"  # of the same name, which the page says
    assert predict(cells, mini_folder, two, "--workers", "2") == cli.DONE
    for name in FILES - {"predict.json"}:
        assert (two / name).read_bytes() == (out / name).read_bytes(), name


def test_a_tilt_is_not_counted_twice(out, mini_folder, tmp_path):
    """A file with 4 degrees in its cut and the list's 4 degrees in all: as the plain sector."""
    text = CELLS.replace("x.msi", "sector").replace("antenna\n", "antenna,antenna_gain_dbi\n")
    rows = [line if i == 0 else f"{line}," for i, line in enumerate(text.splitlines())]
    path = tmp_path / "plain.csv"
    path.write_text("\n".join(rows) + "\n")
    assert predict(path, mini_folder, tmp_path / "plain") == cli.DONE
    plain, filed = (band(f, "rsrp_4g_viettel") for f in (tmp_path / "plain", out))
    # 30 dB instead of 20 dB side lobes is all that differs, high above and far below.
    assert np.nanmedian(np.abs(plain - filed)) < 0.05


def test_plain_site_list_and_the_other_model(mini_folder, mini_province, tmp_path, capsys):
    path = tmp_path / "sites.geojson"
    mini_province.sites.to_crs(4326).to_file(path)
    more = ("--model", "tr38901", "--radius-m", "2000", "--mcs")
    assert predict(path, mini_folder, tmp_path / "o", *more) == cli.DONE
    said = capsys.readouterr()
    assert "assumed: 4G: frequency_mhz 1840" in said.out
    assert "uma: base_height_m 30 is outside the published range" in said.err
    record = json.loads((tmp_path / "o" / "predict.json").read_text(encoding="utf-8"))
    assert record["warnings"]
    sectors = mini_province.sites[col.AZIMUTHS_DEG].map(lambda t: len(t.split("/"))).sum()
    assert len(spreadsheet.frame(tmp_path / "o" / "cells.csv")) == sectors + 3  # one site has 5G


def test_rerun_replaces_its_own_files_only(cells, lone, mini_folder, tmp_path):
    (tmp_path / "o").mkdir()
    for path in lone.iterdir():
        (tmp_path / "o" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "o" / "notes.txt").write_text("mine")
    assert predict(cells, mini_folder, tmp_path / "o") == cli.DONE
    assert {path.name for path in (tmp_path / "o").iterdir()} == FILES | {"notes.txt"}


def test_interrupt_leaves_nothing(cells, mini_folder, tmp_path, monkeypatch):
    def interrupt(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(levels_result, "quality", interrupt)
    assert predict(cells, mini_folder, tmp_path / "o") == cli.INTERRUPTED
    assert list(tmp_path.iterdir()) == []


def wrong(capsys, cells, mini_folder, out, *more):
    assert predict(cells, mini_folder, out, *more) == cli.WRONG_INPUT
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert not out.exists()
    return error


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (("--load", "2"), "load, value 2.0: is not between 0 and 1"),
        (("--radius-m", "nan"), "is not between 100"),
        (("--workers", "0"), "1 or more"),
        (("--set", "p1812.time_percent=99"), "is not between 1 and 50"),
        (("--set", "p1812.tiem=9"), "did you mean"),
        (("--set", "spm.k1=9"), "has no effect"),
        (("--model", "tr38901", "--set", "p1812.n0=310"), "has no effect"),
    ],
)
def test_wrong_options(capsys, cells, mini_folder, tmp_path, more, problem):
    assert problem in wrong(capsys, cells, mini_folder, tmp_path / "o", *more)


def test_wrong_lists(capsys, mini_folder, tmp_path):
    assert "no such file" in wrong(capsys, tmp_path / "none.csv", mini_folder, tmp_path / "o")
    path = tmp_path / "cells.csv"
    path.write_text(CELLS.replace("x.msi", "gone.msi").replace("B3", "X3"))
    error = wrong(capsys, path, mini_folder, tmp_path / "o")
    assert "gone.msi: no such file" in error
    assert "cells.csv:5" in error
    path.write_text(LONE.replace("B3", "26000").replace("band", "frequency_mhz"))
    error = wrong(capsys, path, mini_folder, tmp_path / "o")
    assert "is not between 30 and 6000, the limits of p1812" in error


def test_headers_and_coordinates_can_be_named(capsys, lone, mini_folder, tmp_path):
    """A list in UTM with headers of its own gives the very cells of the same list in the grid."""
    east, north = crs.transform([560_000.0], [2_356_000.0], "EPSG:5897", "EPSG:32648")
    path = tmp_path / "cells.csv"
    path.write_text(
        "Nhãn,Cột 1,Cột 2,height_m,Hướng nhìn,band,technology\n"
        f"A,{east[0]:.4f},{north[0]:.4f},40,omni,B3,4G\n",
        encoding="utf-8",
    )
    named = {"site_id": "Nhãn", "x_m": "Cột 1", "y_m": "Cột 2", "azimuth_deg": "Hướng nhìn"}
    more = [part for pair in named.items() for part in ("--map", "=".join(pair))]
    assert predict(path, mini_folder, tmp_path / "o", *more, "--crs", "32648") == cli.DONE
    places = [gpd.read_file(f / "cells.geojson").to_crs(5897) for f in (tmp_path / "o", lone)]
    assert places[0].distance(places[1]).max() < 0.2  # files hold a tenth of a metre
    wrong_name = (*more, "--map", "pci=Nhãn")
    assert "cannot take 'pci' from 'Nhãn'" in wrong(
        capsys, path, mini_folder, tmp_path / "p", *wrong_name
    )


def test_a_plain_site_list_can_name_its_headers(mini_folder, tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("Nhãn,lon_x,lat_y,Thế hệ mạng\nA,105.58,21.3,4G\n", encoding="utf-8")
    named = {"site_id": "Nhãn", "lon": "lon_x", "lat": "lat_y", "technologies": "Thế hệ mạng"}
    more = [part for pair in named.items() for part in ("--map", "=".join(pair))]
    assert predict(path, mini_folder, tmp_path / "o", *more, "--crs", "4326") == cli.DONE
    assert len(gpd.read_file(tmp_path / "o" / "cells.geojson")) == 3


def test_foreign_folder_is_not_touched(capsys, cells, mini_folder, tmp_path):
    (tmp_path / "thesis.docx").write_text("precious")
    assert predict(cells, mini_folder, tmp_path) == cli.WRONG_INPUT
    assert "not an earlier run" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]
