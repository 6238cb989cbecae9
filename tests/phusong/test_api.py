"""The front door: its examples run, and its results know where they lie."""

import doctest
import importlib
import json
import re
from pathlib import Path

import folium
import maps_run
import numpy as np
import pytest
import rasterio
from pyproj import CRS

import phusong as ps
from phusong import columns as col
from phusong.geodata.crs import transform
from phusong.geodata.grid import Raster
from phusong.geodata.provinces import folder

SETTINGS = {
    "rollout.stations": {2024: 2, 2025: 2},
    "candidates.lattice_m": 290.0,
    "uncertainty.draws": 20,
}
SITES = "site_id,lon,lat\nVYN001,105.597,21.309\n"
CELLS = (
    "site_id,cell_id,lon,lat,height_m,azimuth_deg,technology,operator\n"
    "A,A1,105.597,21.309,30,0,5G,Viettel\n"
    "A,A2,105.597,21.309,30,120,5G,Viettel\n"
    "B,B1,105.610,21.308,35,240,4G,VNPT\n"
)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Return the working folder, with the lists that examples speak of."""
    (tmp_path / "bts.csv").write_text(SITES)
    (tmp_path / "cells.csv").write_text(CELLS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


FUNCTIONS = [name for name in ps.__all__ if getattr(ps, name).__module__.startswith("phusong.api.")]


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_door_has_an_example_that_runs(name):
    tests = doctest.DocTestFinder(recurse=False).find(getattr(ps, name), name)
    assert tests[0].examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(tests[0]).failed == 0


@pytest.fixture
def coverage(mini_province, desk):
    cells = ps.read_cells(desk / "cells.csv", mini_province)
    return ps.predict(mini_province, cells, radius_m=1500)


def test_coverage_knows_grid_crs_units_and_nodata(coverage, mini_province):
    data = coverage.to_xarray("5G", "Viettel")
    grid = mini_province.grid
    assert coverage.networks == [("4G", "VNPT"), ("5G", "Viettel"), ("4G", "all"), ("5G", "all")]
    assert dict(data.sizes) == {"y": grid.height, "x": grid.width}
    assert CRS.from_wkt(data["spatial_ref"].attrs["crs_wkt"]) == CRS(grid.crs)
    origin = data["spatial_ref"].attrs["GeoTransform"].split()
    assert [float(part) for part in origin] == pytest.approx(grid.transform.to_gdal())
    level = data["rsrp_dbm"]
    assert level.attrs["units"] == "dBm"
    assert "SS-RSRP outdoors" in level.attrs["long_name"]
    assert data["server"].attrs["_FillValue"] == -1
    outside = np.hypot(*np.meshgrid(data["x"] - x_of(coverage), data["y"] - y_of(coverage))) > 1600
    assert np.isnan(level.to_numpy()[outside]).all()
    assert -120 < float(level.max()) < -30


def x_of(coverage):
    return coverage.cells.geometry.x.iloc[0]


def y_of(coverage):
    return coverage.cells.geometry.y.iloc[0]


def test_area_at_a_level_is_that_of_its_pixels_and_falls_with_the_level(coverage):
    frame = coverage.to_geodataframe(level_dbm=-100)
    assert list(frame[col.TECHNOLOGY]) == ["4G", "5G", "4G", "5G"]
    assert frame.crs == CRS(coverage.grid.crs)
    level = coverage.to_xarray("5G", "all")["rsrp_dbm"].to_numpy()
    pixels = np.count_nonzero(level >= -100)
    assert frame["area_km2"].iloc[3] == pytest.approx(pixels * coverage.grid.pixel_area_km2)
    higher = coverage.to_geodataframe(level_dbm=-90)
    assert (higher["area_km2"] < frame["area_km2"]).all()
    assert higher.geometry.iloc[3].difference(frame.geometry.iloc[3]).area == pytest.approx(0)


def test_written_coverage_is_what_is_shown(coverage, tmp_path):
    out = coverage.write(tmp_path / "out", language="en")
    record = json.loads((out / "predict.json").read_text(encoding="utf-8"))
    assert record["parameters"]["radius_m"] == 1500
    with rasterio.open(out / "rsrp_5g_all.tif") as source:
        stored = source.read(1, masked=True).filled(np.nan)
    shown = coverage.to_xarray("5G", "all")["rsrp_dbm"].to_numpy()
    np.testing.assert_allclose(stored, shown, atol=1e-4)


@pytest.mark.parametrize("layer", ["rsrp_dbm", "sinr_db", "servers", "server", "probability"])
def test_explored_layer_is_a_folium_map_that_asks_nothing_of_the_network(coverage, layer):
    drawn = coverage.explore(layer)
    assert isinstance(drawn, folium.Map)
    text = drawn.get_root().render()
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert 'src="https:' not in text
    assert 'href="https:' not in text
    assert "data:image/png;base64," in text
    assert "A1" in text
    assert "<iframe" in coverage._repr_html_()


def test_names_in_a_list_are_no_code_on_the_map(coverage):
    evil = coverage.cells.assign(**{col.SITE_ID: "<script>{{ 7 * 191 }}</script>"})
    vars(coverage)["cells"] = evil
    text = coverage.explore("server").get_root().render()
    assert "1337<" not in text
    assert "<script>{{" not in text


def test_unknown_layer_network_and_option_are_named_with_those_there_are(coverage, mini_province):
    with pytest.raises(ps.InputError, match="no such layer") as error:
        coverage.explore("rsrp")
    assert "rsrp_dbm" in str(error.value)
    with pytest.raises(ps.InputError, match="no network 5G VNPT"):
        coverage.layers("5G", "VNPT")
    with pytest.raises(ps.InputError, match="did you mean radius_m"):
        ps.predict(mini_province, coverage.listed, radius=900)
    with pytest.raises(ps.InputError, match="whole number, 1 or more"):
        ps.predict(mini_province, coverage.listed, workers=0)


def test_parameters_of_the_model_are_those_of_set(coverage, mini_province):
    often = ps.predict(mini_province, coverage.listed, settings={"p1812.time_percent": 1})
    assert often.options.parameters == {"time_percent": 1.0}
    with pytest.raises(ps.InputError, match="has no effect on the model p1812"):
        ps.predict(mini_province, coverage.listed, settings=["spm.k1=20"])


@pytest.fixture(scope="module")
def planned(mini_province):
    return ps.plan(mini_province, ps.load_scenario("urban", SETTINGS), language="en")


def test_plan_is_written_and_opened_as_the_same(planned, tmp_path):
    out = planned.write(tmp_path / "run")
    run = ps.open_run(out)
    assert list(run.ranking[col.SITE_ID]) == list(planned.ranking[col.SITE_ID])
    assert run.figures["people_share_after"] == pytest.approx(planned.figures["people_share_after"])
    assert list(run.years["year"]) == list(planned.years["year"])
    assert run.required_dbm == pytest.approx(planned.required_dbm)
    assert set(run.layers) == set(planned.layers)
    for name, raster in planned.layers.items():
        assert isinstance(raster, Raster)
        assert (run.layers[name].unit, run.layers[name].nodata) == (raster.unit, raster.nodata)
        np.testing.assert_allclose(run.layers[name].values, raster.values, atol=1e-4)
    assert run.to_xarray()["rsrp_after"].attrs["units"] == "dBm"
    assert "Phường Số 1" in run.map("en").text
    assert "<iframe" in run._repr_html_()
    assert run.map().save(tmp_path / "m.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")
    assert len(repr(run.map())) < 100  # not three megabytes of a page


def test_plan_covers_more_after_than_before(planned):
    frame = planned.to_geodataframe()
    assert list(frame["when"]) == ["before", "after"]
    assert frame["area_km2"].iloc[1] > frame["area_km2"].iloc[0]
    assert isinstance(planned.explore(), folium.Map)
    legend = planned.explore("covered_year").get_root().render()
    assert all(f">{word}<" in re.sub(r"\s*([<>])\s*", r"\1", legend) for word in ("before", 2024))
    assert "forest" in planned.explore("landcover").get_root().render()
    assert isinstance(planned.explore("terrain"), folium.Map)


def test_comparison_of_a_run_with_itself_shows_nothing(planned, tmp_path):
    out = planned.write(tmp_path / "a")
    compared = ps.compare(out, out)
    assert set(np.unique(compared.difference.values)) <= {0, 3, 255}
    assert (compared.stations["runs"] == "both").all()
    assert (compared.write(tmp_path / "c") / "compare.html").is_file()


def test_sites_of_a_list_take_the_place_of_the_provinces_own(mini_province, desk):
    listed = ps.read_sites(desk / "bts.csv", mini_province)
    province = mini_province.with_sites(listed)
    assert list(province.sites[col.SITE_ID]) == ["VYN001"]
    assert province.provenance["sites"].source == "bts.csv"
    assert mini_province.provenance["sites"].source != "bts.csv"


def test_settings_as_mapping_and_as_text_are_the_same_scenario():
    texts = [
        "rollout.stations={ 2024 = 2, 2025 = 2 }",
        "candidates.lattice_m=290.0",
        "uncertainty.draws=20",
    ]
    assert ps.load_scenario("urban", SETTINGS) == ps.load_scenario("urban", texts)
    with pytest.raises(ps.InputError, match=r"setting rollout.station.*did you mean 'stations'"):
        ps.load_scenario("urban", {"rollout.station": {2024: 2}})


def test_calibration_through_the_door_is_that_of_the_command(mini_province, desk):
    """Levels of the model itself, lowered by 9 dB: that is what calibration finds."""
    cells = ps.read_cells(desk / "cells.csv", mini_province)
    coverage = ps.predict(mini_province, cells, radius_m=2000)
    data = coverage.to_xarray("5G", "Viettel")
    row, column = np.nonzero(np.isfinite(data["rsrp_dbm"].to_numpy()))
    chosen = np.random.default_rng(2).choice(len(row), 400, replace=False)
    row, column = row[chosen], column[chosen]
    lon, lat = transform(
        data["x"].to_numpy()[column], data["y"].to_numpy()[row], "EPSG:5897", "EPSG:4326"
    )
    names = np.array(["A1", "A2"])[data["server"].to_numpy()[row, column]]
    levels = data["rsrp_dbm"].to_numpy()[row, column] - 9.0
    lines = [
        f"{a:.6f},{b:.6f},{c:.2f},{d}" for a, b, c, d in zip(lon, lat, levels, names, strict=True)
    ]
    (desk / "drive.csv").write_text("\n".join(["lon,lat,rsrp_dbm,cell_id", *lines]))
    folder.save_province(mini_province, desk / "mini")
    tuned = ps.calibrate(desk / "drive.csv", cells=desk / "cells.csv", province=desk / "mini")
    assert tuned.errors.loc[("p1812_terminal", "before"), "bias_db"] == pytest.approx(-9.0, abs=1.5)
    assert abs(tuned.errors.loc[("p1812_terminal", "after"), "bias_db"]) < 1.0
    out = tuned.write(desk / "out", language="en")
    again = ps.predict(mini_province, cells, radius_m=2000, calibration=out / "calibration.toml")
    change = again.to_xarray("5G", "Viettel")["rsrp_dbm"] - data["rsrp_dbm"]
    assert float(change.median()) == pytest.approx(-9.0, abs=2.0)
    assert len(tuned.residuals) > 300


def test_code_of_the_readme_runs_as_it_stands(mini_province, desk, monkeypatch):
    """On the small province, and for three stations instead of 80."""
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.setattr(ps, "open_province", lambda: mini_province)
    assert "{2027: 80}" in code
    exec(code.replace("{2027: 80}", "{2027: 3}"), {})  # noqa: S102 - our own page
    assert len(ps.open_run(desk / "out" / "mine").ranking) == 3


@pytest.mark.long
def test_code_of_the_front_door_runs_as_written(mini_province, desk, monkeypatch):
    """The page that the door was built from; it opens a run that is there as out/urban."""
    page = Path(__file__).resolve().parents[3] / "shared" / "rooms.md"
    if not page.is_file():
        pytest.skip("shared/rooms.md is not beside the checkout")
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert "{2027: 80}" in code
    monkeypatch.setattr(ps, "open_province", lambda: mini_province)
    (desk / "out").mkdir(exist_ok=True)
    record = maps_run.write_whole(desk / "out" / "urban") / "run.json"
    written = json.loads(record.read_text(encoding="utf-8")) | {"language": "vi"}
    record.write_text(json.dumps(written), encoding="utf-8")
    exec(code.replace("{2027: 80}", "{2027: 3}"), {})  # noqa: S102 - the owner's page
    assert len(ps.open_run(desk / "out" / "mine").ranking) == 3


@pytest.mark.parametrize(
    ("written", "room"),
    [
        ("as_built.AsBuiltResult", "as_built.result"),
        ("calibration.CalibrationResult", "calibration.result"),
        ("comparison.ComparisonResult", "comparison.result"),
        ("coverage.CoverageResult", "results.levels_result"),
        ("validation.ValidationResult", "validation.result"),
    ],
)
def test_a_result_knows_the_record_of_its_folder(written, room):
    module, _, name = written.partition(".")
    result = getattr(importlib.import_module(f"phusong.results.{module}"), name)
    assert importlib.import_module(f"phusong.scenarios.{room}").RECORD == result.RECORD
