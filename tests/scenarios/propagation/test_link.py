"""The link command against published losses, its own symmetries, and whatever may be wrong."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from phusong.commands import cli
from phusong.coverage import profile
from phusong.coverage.models import REGISTRY, free_space, p1812, spm
from phusong.coverage.p1812.path import path_centre_latitude_deg
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.scenarios.propagation import link, link_request
from phusong.scenarios.propagation.link_request import LinkRequest

CASES = Path(__file__).resolve().parents[4] / "shared" / "refs" / "p1812_validation_cases.json"
POLARIZATION = {1: "horizontal", 2: "vertical"}

# The path b2iseac_rural_land_1km of the validation set of ITU-R Study Group 3 (95.3 MHz, 60 and
# 7 m), by percentage of time: the published basic transmission loss.
HILLSIDE = "distance_km,height_m,clutter_m\n" + "\n".join(
    f"{km},{height_m},10"
    for km, height_m in zip(
        (0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (754.4, 754.4, 729.9, 685.3, 634.3, 610.3), strict=True
    )
)
HILLSIDE_LOSS_DB = {1: 87.03854329737288, 10: 87.30268122433272, 50: 87.4898710435201}
HILLSIDE_CLIMATE = {
    "delta_n": 45,
    "n0": 326.079979,
    "polarization": "horizontal",
    "latitude_deg": path_centre_latitude_deg(
        -6.3333333333, 53.1833333333, -6.3202462429, 53.187688585, 1.0
    ),
}


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("PHUSONG_LANG", "en")


def arguments(file, frequency_mhz, tx_m, rx_m, *more, **settings):
    chosen = [
        part for name, value in settings.items() for part in ("--set", f"p1812.{name}={value}")
    ]
    return [
        *("link", "--profile", str(file), "--frequency-mhz", str(frequency_mhz)),
        *("--tx-height", str(tx_m), "--rx-height", str(rx_m), *chosen, *map(str, more)),
    ]


def answer(capsys, *given):
    assert cli.main([str(part) for part in given]) == cli.DONE
    return json.loads(capsys.readouterr().out)


def wrong(capsys, *given):
    assert cli.main([str(part) for part in given]) == cli.WRONG_INPUT
    out, error = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in error
    return error


@pytest.fixture
def hillside(tmp_path):
    path = tmp_path / "hillside.csv"
    path.write_text(HILLSIDE)
    return path


@pytest.mark.parametrize(("percent", "loss_db"), HILLSIDE_LOSS_DB.items())
def test_published_loss_through_the_command(capsys, hillside, percent, loss_db):
    found = answer(
        capsys,
        *arguments(hillside, 95.3, 60, 7, "--json", time_percent=percent, **HILLSIDE_CLIMATE),
    )
    assert next(iter(found)) == "loss_db"
    assert found["loss_db"] == pytest.approx(loss_db, abs=1e-6)
    assert found["lbfs_db"] == pytest.approx(72.14737981, abs=1e-6)
    assert found["ld50_db"] == pytest.approx(15.34252882, abs=1e-6)
    assert found["distance_m"] == pytest.approx(1000.0)
    assert found["parameters"]["time_percent"] == percent
    assert found["warnings"] == []


@pytest.mark.parametrize("number", range(0, 63, 4))
def test_validation_cases_through_the_command(capsys, tmp_path, number):
    if not CASES.exists():
        pytest.skip(f"{CASES.name} is not beside the project")
    case = json.loads(CASES.read_text(encoding="utf-8"))[number]
    path = tmp_path / "case.csv"
    rows = zip(case["d_km"], case["h_m"], case["Rclut_m"], case["zone"], strict=True)
    body = "\n".join(",".join(map(repr, row)) for row in rows)
    path.write_text(f"distance_km,height_m,clutter_m,zone\n{body}\n")
    found = answer(
        capsys,
        *arguments(
            path,
            case["f_GHz"] * 1000.0,
            case["htg"],
            case["hrg"],
            "--json",
            time_percent=case["p"],
            location_percent=case["pL"],
            location_sigma_db=case["sigmaL"],
            delta_n=case["DN"],
            n0=case["N0"],
            polarization=POLARIZATION[case["pol"]],
            tx_coast_km=case["dct"],
            rx_coast_km=case["dcr"],
            latitude_deg=path_centre_latitude_deg(
                case["lam_t"], case["phi_t"], case["lam_r"], case["phi_r"], case["d_km"][-1]
            ),
        ),
    )
    assert found["loss_db"] == pytest.approx(case["Lb_py1812"], abs=1e-6)
    assert found["lbfs_db"] == pytest.approx(case["log"]["Lbfs"], abs=1e-6)
    assert found["lba_db"] == pytest.approx(case["log"]["Lba (dB)"], abs=1e-6)


def rough(seed=3, points=61, km=6.0):
    """Return uneven ground with clutter, and the same ground from the other end."""
    generator = np.random.default_rng(seed)
    distance_km = np.linspace(0.0, km, points)
    height_m, clutter_m = generator.uniform(0, 90, points), generator.choice([0.0, 15.0], points)
    there = profile.from_arrays(distance_km, height_m, clutter_m)
    return there, profile.from_arrays(distance_km, height_m[::-1], clutter_m[::-1])


@pytest.mark.parametrize("name", ["p1812", "free_space"])
def test_reciprocity(name):
    there, back = rough()
    model = REGISTRY[name]
    out = link.predict(LinkRequest(2600.0, 30.0, 5.0, model), there)
    home = link.predict(LinkRequest(2600.0, 5.0, 30.0, model), back)
    assert out.loss_db == pytest.approx(home.loss_db, abs=1e-6)
    assert out.sight.fresnel_clearance == pytest.approx(home.sight.fresnel_clearance, abs=1e-9)
    assert out.sight.fresnel_at_m == pytest.approx(6000.0 - home.sight.fresnel_at_m, abs=1e-6)


@pytest.mark.parametrize("name", [n for n, model in REGISTRY.items() if model.kind == "distance"])
def test_models_that_see_no_terrain_get_distance_and_heights(name):
    there, _ = rough(km=2.0)
    model = REGISTRY[name]
    frequency_mhz = min(1800.0, model.frequency_mhz.high)
    found = link.predict(LinkRequest(frequency_mhz, 30.0, 1.5, model), there)
    loss_db = model.function(2000.0, frequency_mhz, 30.0, 1.5)
    free_db = free_space.path_loss_db(2000.0, frequency_mhz, 30.0, 1.5)
    assert found.parts["loss_db"] == pytest.approx(loss_db)
    assert found.parts["excess_db"] == pytest.approx(loss_db - free_db)


@pytest.mark.parametrize("name", ["uma", "umi", "rma"])
def test_expected_loss_is_made_of_its_parts(name):
    there, _ = rough(km=0.3)
    parts = link.predict(LinkRequest(3500.0, 25.0, 1.5, REGISTRY[name]), there).parts
    share = parts["los_probability"]
    mean_db = share * parts["los_db"] + (1.0 - share) * parts["nlos_db"]
    assert parts["loss_db"] == pytest.approx(mean_db)


def test_spm_gets_diffraction_and_its_settings():
    there, _ = rough()
    plain = link.predict(LinkRequest(1800.0, 30.0, 1.5, REGISTRY["spm"]), there)
    assert plain.parts == pytest.approx(spm.predict(there, 1800.0, 30.0, 1.5)._asdict())
    assert plain.parts["diffraction_db"] > 0.0
    half = LinkRequest(1800.0, 30.0, 1.5, REGISTRY["spm"], link_request.settings(["spm.k4=0.5"]))
    drop_db = plain.loss_db - link.predict(half, there).loss_db
    assert drop_db == pytest.approx(0.5 * plain.parts["diffraction_db"])


def test_line_of_sight_and_fresnel_clearance_of_one_edge():
    """One edge half way: clearance over radius is height over sqrt(wavelength d / 4)."""
    for edge_m, clutter_m in ((20.0, 0.0), (40.0, 0.0), (20.0, 15.0)):
        ground = profile.from_arrays([0, 0.5, 1], [0, edge_m, 0], [0, clutter_m, 0])
        seen = link.sight(LinkRequest(2998.0, 30.0, 30.0), ground)
        bulge_m = 500.0 * 0.25 / link.RADIUS_KM
        radius_m = math.sqrt(0.0999974 * 1000.0 / 4.0)
        ratio = (30.0 - edge_m - clutter_m - bulge_m) / radius_m
        assert seen.fresnel_clearance == pytest.approx(ratio, rel=1e-5)
        assert seen.line_of_sight is (ratio >= 0.0)
        assert seen.terrain_line_of_sight is (edge_m < 30.0)
        assert seen.fresnel_at_m == 500.0


def test_link_budget_adds_up():
    """80 W and 17.5 dBi behind 0.5 dB are 66.0 dBm EIRP, 32.2 dBm per RE and port (LTE 1800)."""
    found = link.budget_of(link.Radio(rx_gain_dbi=2.0), 120.0)
    assert found.eirp_dbm == pytest.approx(66.03, abs=0.01)
    assert found.eirp_per_re_dbm == pytest.approx(32.23, abs=0.01)
    assert found.received_power_dbm == pytest.approx(66.03 - 120.0 + 2.0, abs=0.01)
    assert found.rsrp_dbm == pytest.approx(32.23 - 120.0 + 2.0, abs=0.01)
    given = link.with_eirp_per_re(link.Radio(), 43.1)
    assert link.budget_of(given, 100.0).eirp_per_re_dbm == pytest.approx(43.1)
    assert link.budget_of(given, 100.0).rsrp_dbm == pytest.approx(-56.9)


def test_location_percentage_acts_without_a_given_deviation():
    """Section 4.8: (0.52 + 0.024 f) w^0.28 (1 - (h - R) / 10); 95 % lies 1.645 deviations off."""
    there, _ = rough()
    settings = link_request.settings(["p1812.location_percent=95"])
    high = link.predict(LinkRequest(2600.0, 30.0, 1.5, settings=settings), there)
    clutter_m = there.clutter_m[-1]
    share = min(max(1.0 - (1.5 - clutter_m) / 10.0, 0.0), 1.0)
    sigma_db = (0.52 + 0.024 * 2.6) * 50.0**0.28 * share
    assert high.parameters["location_sigma_db"] == pytest.approx(sigma_db)
    half = link.predict(LinkRequest(2600.0, 30.0, 1.5), there)
    assert high.loss_db - half.loss_db == pytest.approx(1.645 * sigma_db, rel=1e-3)


def places(*offsets):
    """Return LON,LAT of places so many metres east and north of the mini province's centre."""
    east, north = np.array(offsets, float).T
    lon, lat = crs.transform(561_000.0 + east, 2_356_500.0 + north, crs.PLANNING, crs.GEOGRAPHIC)
    return [f"{a:.9f},{b:.9f}" for a, b in zip(lon, lat, strict=True)]


def test_path_over_a_province(capsys, mini_folder):
    """The hill of 220 m in the north-east stands between the two ends."""
    start, end = places((0, 0), (2900, 2900))
    found = answer(
        capsys,
        *("link", "--from", f"{start},30", "--to", f"{end},1.5", "--frequency-mhz", 2600),
        *("--province", mini_folder, "--json"),
    )
    assert found["distance_m"] == pytest.approx(2900 * math.sqrt(2), rel=2e-4)
    assert found["line_of_sight"] is found["terrain_line_of_sight"] is False
    assert found["fresnel_at_m"] == pytest.approx(1800 * math.sqrt(2), abs=150)
    assert found["loss_db"] > found["lbfs_db"] + 20.0
    assert found["parameters"]["latitude_deg"] == pytest.approx(
        float(start.split(",")[1]), abs=0.05
    )
    assert found["ground"] == {"terrain": "given", "landcover": "synthetic"} or found["ground"]


def test_many_receivers_are_each_as_one(capsys, mini_folder, tmp_path):
    start, *ends = places((0, 0), (1000, -500), (2900, 2900), (-200, 40))
    path = tmp_path / "points.csv"
    rows = [f"P{i},{end},{1.5 + i}" for i, end in enumerate(ends)]
    path.write_text("id,lon,lat,height_m\n" + "\n".join(rows) + "\n")
    common = ["link", "--from", f"{start},30", "--frequency-mhz", "1840"]
    common += ["--province", str(mini_folder)]
    assert cli.main([*common, "--points", str(path)]) == cli.DONE
    out, error = capsys.readouterr()
    table = list(csv.DictReader(io.StringIO(out)))
    assert [row["id"] for row in table] == ["P0", "P1", "P2"]
    assert error.count("distance_m") == 1
    assert "(1 of 3 paths)" in error
    for i, row in enumerate(table):
        one = answer(capsys, *common, "--to", f"{ends[i]},{1.5 + i}", "--json")
        assert float(row["loss_db"]) == pytest.approx(one["loss_db"], abs=1e-4)
        assert float(row["rsrp_dbm"]) == pytest.approx(one["link_budget"]["rsrp_dbm"], abs=1e-4)
        assert row["line_of_sight"] == str(one["line_of_sight"]).lower()
    listed = answer(capsys, *common, "--points", str(path), "--json")
    assert [entry["id"] for entry in listed] == ["P0", "P1", "P2"]


def test_use_outside_the_published_range_warns_once(capsys, hillside):
    given = arguments(hillside, 2600, 20, 1.5, "--model", "hata_urban", "--json")
    assert cli.main(given) == cli.DONE
    out, error = capsys.readouterr()
    said = json.loads(out)["warnings"]
    assert len(said) == 2
    assert "frequency_mhz 2600 is outside the published range 150 to 1500" in said[0]
    assert error.splitlines() == [f"phusong: warning: {line}" for line in said]


def test_setting_of_another_model_warns(capsys, hillside):
    given = arguments(hillside, 900, 30, 1.5, "--model", "hata_open", "--json", n0=330)
    assert answer(capsys, *given)["warnings"] == ["p1812.n0 has no effect on the model hata_open"]


def test_text_names_loss_sight_and_budget(capsys, hillside):
    assert cli.main(arguments(hillside, 95.3, 60, 7)) == cli.DONE
    out = capsys.readouterr().out
    for part in (
        "path loss",
        "87.49 dB",
        "line of sight",
        "Fresnel clearance",
        "RSRP",
        "free space",
    ):
        assert part in out


DEFECTS = {
    ("--model", "p1821"): "did you mean p1812",
    ("--model", "zzz"): "phusong models lists them",
    ("--model", "p2109"): "choose a model of paths",
    ("--set", "p1812.time_percnt=5"): r"did you mean p1812\.time_percent",
    ("--set", "p1812.time_percent"): r"'p1812\.time_percent', value '': is not a number",
    ("--set", "p1812.time_percent=lots"): "is not a number",
    ("--set", "p1812.time_percent=nan"): "is not a number",
    (
        "--set",
        "p1812.time_percent=80",
    ): r"time_percent', value 80\.0: is not between 1 and 50",
    ("--set", "p1812.polarization=vertcal"): "did you mean vertical",
    ("--frequency-mhz", "28000"): "is not between 30 and 6000, the limits of p1812",
    ("--frequency-mhz", "nan"): "is not between 30 and 6000",
    ("--tx-height", "0"): "tx_height_m, value 0.0: is not between 1 and 3000",
    ("--rx-height", "5000"): "rx_height_m, value 5000.0",
    ("--tx-gain-dbi", "nan"): "tx_gain_dbi, value nan",
    ("--subcarriers", "0"): "subcarriers, value 0",
    ("--to", "105,21,1"): "--to: does not go with --profile",
    ("--plot", "path.doc"): "is not a kind of picture",
}


@pytest.mark.parametrize(("more", "message"), DEFECTS.items())
def test_wrong_use(capsys, hillside, more, message):
    error = wrong(capsys, *arguments(hillside, 95.3, 60, 7), *more)
    with pytest.raises(InputError, match=message):
        raise InputError(error)


def test_everything_wrong_is_said_at_once(capsys, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("distance_km,height_m\n0,5\n2,nan\n1,5\n")
    error = wrong(
        capsys,
        *arguments(path, 9000, 0.2, 7, "--set", "p1812.n=3", "--tx-power-w", -1, time_percent=99),
    )
    assert "7 defects" in error
    for part in ("bad.csv:3", "bad.csv:4", "9000", "tx_height_m", "p1812.n=3", "99", "tx_power_w"):
        assert part in error


def test_command_lines_that_ask_for_nothing(capsys, hillside):
    error = wrong(capsys, "link", "--frequency-mhz", 900)
    assert "--from: is missing" in error
    assert "--to: is missing" in error
    error = wrong(capsys, "link", "--frequency-mhz", 900, "--profile", hillside)
    assert "--tx-height: is missing" in error
    assert "--rx-height: is missing" in error
    assert "no such file" in wrong(capsys, *arguments(hillside.with_name("none.csv"), 900, 9, 9))


def test_sites_outside_the_terrain_are_listed(capsys, mini_folder, tmp_path):
    start, near, far = places((0, 0), (900, 0), (90_000, 0))
    path = tmp_path / "points.csv"
    path.write_text(f"lon,lat\n{near}\n{far}\n106.9,21.3\n")
    error = wrong(
        capsys,
        *("link", "--from", f"{start},30", "--points", path, "--frequency-mhz", 2600),
        *("--province", mini_folder),
    )
    assert "2 defects" in error
    assert "points.csv:3" in error
    assert "points.csv:4" in error
    assert "outside the terrain" in error


def test_arrays_are_checked_as_files_are():
    with pytest.raises(InputError, match="is not beyond the row before"):
        link.checked(profile.from_arrays([0, 2, 1], [0, 0, 0]))
    with pytest.raises(InputError, match="limits of p1812"):
        link.predict(LinkRequest(7000.0, 30.0, 1.5), rough()[0])


def test_parameters_are_all_settable():
    assert {
        key.partition(".")[2] for key in link_request.parameters() if key.startswith("p1812.")
    } == set(p1812.P1812Parameters.__dataclass_fields__)


def test_models_are_listed_with_ranges_and_sources(capsys):
    assert cli.main(["models"]) == cli.DONE
    text = capsys.readouterr().out
    listed = answer(capsys, "models", "--json")
    assert [entry["name"] for entry in listed] == list(REGISTRY)
    for entry in listed:
        assert entry["name"] in text
        assert entry["source"] in text
    assert listed[0]["frequency_mhz"] == [30.0, 6000.0]
    assert "30 to 6000" in text


@pytest.mark.parametrize("command", ["link", "models"])
def test_help_shows_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    assert f"example: phusong {command}" in capsys.readouterr().out


def test_gas_and_rain_count_above_10_ghz(capsys, tmp_path):
    """Beside the model's own loss; 26 GHz loses about 0.15 dB/km in air, much more in rain."""
    file = tmp_path / "flat.csv"
    file.write_text("distance_km,height_m\n0,10\n1,10\n2,10\n", encoding="utf-8")
    given = arguments(file, 26_000, 25, 1.5, "--model", "free_space", "--json")
    dry = answer(capsys, *given)
    free_db = 32.45 + 20 * math.log10(26_000 * math.hypot(2.0, 0.0235))
    assert dry["loss_db"] == pytest.approx(free_db + dry["gas_db"], abs=0.01)
    assert 0.2 < dry["gas_db"] < 0.5
    assert dry["rain_db"] == 0.0
    wet = answer(capsys, *given, "--set", "air.rain_mm_h=100")
    assert wet["rain_db"] > 20.0
    assert wet["loss_db"] == pytest.approx(dry["loss_db"] + wet["rain_db"])
    assert wet["parameters"]["rain_mm_h"] == 100
    below = arguments(file, 6_000, 25, 1.5, "--model", "free_space", "--json")
    said = answer(capsys, *below, "--set", "air.rain_mm_h=100")
    assert "gas_db" not in said
    assert said["warnings"] == ["air.rain_mm_h has no effect on the model free_space below 10 GHz"]
    error = wrong(capsys, *given, "--set", "air.rain_mm_h=900")
    assert "column 'air.rain_mm_h', value 900.0: is not between 0 and 300" in error
