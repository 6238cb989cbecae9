"""P.1812 against its published validation set, its own limits and its symmetries."""

import json
import math
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from phusong.coverage import diffraction, profile
from phusong.coverage.models import p1812
from phusong.coverage.p1812 import anomalous as p1812_anomalous
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812 import path as p1812_path

CASES = Path(__file__).resolve().parents[4] / "shared" / "refs" / "p1812_validation_cases.json"
POLARIZATION = {1: "horizontal", 2: "vertical"}
compiled = settings(deadline=None, max_examples=60)  # the first call compiles

# The path b2iseac_rural_land_1km of the validation set of ITU-R Study Group 3, as kept with
# the Python implementation of P.1812 by I. Stevanovic (eeveetza/Py1812): percentage of time,
# L_b, L_bfs, L_dp, L_bs, L_ba, L_d50.
HILLSIDE = profile.from_arrays(
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
    [754.4, 754.4, 729.9, 685.3, 634.3, 610.3],
    np.full(6, 10.0),
)
PUBLISHED = [
    (1.0, 87.03854329737288, 72.14737981, 15.33794877, 96.62572426, 112.9858494, 15.34252882),
    (10.0, 87.30268122433272, 72.14737981, 15.33850268, 103.419116, 129.015484, 15.34252882),
    (50.0, 87.4898710435201, 72.14737981, 15.34252882, 111.2989308, 187.2264202, 15.34252882),
]

# The names in the published log, beside ours. The program that wrote the log kept only the
# diffraction parts of the radius for beta_0, and overwrote L_bd by L_bda.
LOGGED = {
    "Lb (dB)": "loss_db",
    "Lbfs": "lbfs_db",
    "Ldp (dB)": "ldp_db",
    "Ld50 (dB)": "ld50_db",
    "Lbd (dB)": "lbda_db",
    "Lbs (dB)": "lbs_db",
    "Lba (dB)": "lba_db",
    "Lbulla (dB)": "beta_bullington_db",
    "Lbulls (dB)": "beta_smooth_bullington_db",
    "Ldsph (dB)": "beta_spherical_db",
    "d (km)": "distance_km",
}


def _case_values(case):
    latitude_deg = p1812_path.path_centre_latitude_deg(
        case["lam_t"], case["phi_t"], case["lam_r"], case["phi_r"], case["d_km"][-1]
    )
    parameters = p1812.P1812Parameters(
        time_percent=case["p"],
        location_percent=case["pL"],
        delta_n=case["DN"],
        n0=case["N0"],
        polarization=POLARIZATION[case["pol"]],
        latitude_deg=latitude_deg,
        location_sigma_db=case["sigmaL"],
        tx_coast_km=case["dct"],
        rx_coast_km=case["dcr"],
    )
    ground = profile.from_arrays(case["d_km"], case["h_m"], case["Rclut_m"], case["zone"])
    prediction = p1812.predict(ground, case["f_GHz"] * 1000.0, case["htg"], case["hrg"], parameters)
    return p1812.named_values(prediction)


def _loss_db(ground, frequency_mhz=2600.0, tx_m=30.0, rx_m=1.5, **parameters):
    chosen = p1812.P1812Parameters(**parameters)
    return p1812.predict(ground, frequency_mhz, tx_m, rx_m, chosen).losses.loss_db


def _flat(length_km, points=41):
    return profile.from_arrays(np.linspace(0.0, length_km, points), np.zeros(points))


@pytest.mark.parametrize(("percent", "lb", "lbfs", "ldp", "lbs", "lba", "ld50"), PUBLISHED)
def test_published_path(percent, lb, lbfs, ldp, lbs, lba, ld50):
    latitude_deg = p1812_path.path_centre_latitude_deg(
        -6.3333333333, 53.1833333333, -6.3202462429, 53.187688585, 1.0
    )
    parameters = p1812.P1812Parameters(
        time_percent=percent,
        delta_n=45.0,
        n0=326.079979,
        polarization="horizontal",
        latitude_deg=latitude_deg,
    )
    losses = p1812.predict(HILLSIDE, 95.3, 60.0, 7.0, parameters).losses
    assert losses.loss_db == pytest.approx(lb, abs=1e-6)
    assert losses.lbfs_db == pytest.approx(lbfs, abs=1e-6)
    assert losses.ldp_db == pytest.approx(ldp, abs=1e-6)
    assert losses.lbs_db == pytest.approx(lbs, abs=1e-6)
    assert losses.lba_db == pytest.approx(lba, abs=1e-6)
    assert losses.ld50_db == pytest.approx(ld50, abs=1e-6)


def test_all_published_cases_with_their_parts_where_the_file_is_present():
    if not CASES.exists():
        pytest.skip(f"{CASES.name} is not beside the project")
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    assert len(cases) == 63
    for case in cases:
        values = _case_values(case)
        assert values["loss_db"] == pytest.approx(case["Lb_py1812"], abs=1e-6), case["case"]
        field = case["Ep_py1812"] - 10.0 * math.log10(case["Ptx_kW"])
        assert values["field_strength_dbuv_m"] == pytest.approx(field, abs=1e-6), case["case"]
        for theirs, ours in LOGGED.items():
            error = abs(values[ours] - case["log"][theirs])
            assert error < 1e-6, (case["case"], theirs)


def test_values_are_named_with_the_loss_first():
    values = p1812.named_values(p1812.predict(HILLSIDE, 95.3, 60.0, 7.0))
    assert next(iter(values)) == "loss_db"
    assert {"lbfs_db", "median_bullington_db", "incidence_percent", "roughness_m"} <= set(values)
    assert all(isinstance(value, float) and math.isfinite(value) for value in values.values())


def test_second_half_alone_gives_the_same_loss():
    whole = p1812.predict(HILLSIDE, 3500.0, 60.0, 7.0, p1812.P1812Parameters(time_percent=10.0))
    setup = p1812_loss.setup(
        3500.0, 10.0, p1812_path.effective_radius_km(50.0), 350.0, diffraction.VERTICAL
    )
    along = p1812_loss.along(setup, 1.0, 21.3, p1812_path.inland_zones(1.0))
    half = p1812_loss.losses(setup, along, whole.path, whole.median, whole.beta, 0.0)
    assert half == pytest.approx(whole.losses, abs=1e-9)


profiles = hnp.arrays(np.float64, st.integers(4, 30), elements=st.floats(0.0, 800.0))
masts_m = st.floats(1.0, 100.0)
lengths_km = st.floats(0.25, 60.0)
frequencies = st.floats(30.0, 6000.0)
percents = st.floats(1.0, 50.0)


@compiled
@given(profiles, lengths_km, masts_m, masts_m, frequencies, percents)
def test_any_path_is_finite_and_reciprocal(height_m, km, tx_m, rx_m, frequency_mhz, percent):
    distance_km = np.linspace(0.0, km, height_m.size)
    there = profile.from_arrays(distance_km, height_m)
    back = profile.from_arrays(distance_km, height_m[::-1])
    there_db = _loss_db(there, frequency_mhz, tx_m, rx_m, time_percent=percent)
    back_db = _loss_db(back, frequency_mhz, rx_m, tx_m, time_percent=percent)
    assert math.isfinite(there_db)
    assert there_db == pytest.approx(back_db, abs=1e-5)


@compiled
@given(profiles, lengths_km, masts_m, frequencies)
def test_losses_grow_with_the_percentage_of_time(height_m, km, tx_m, frequency_mhz):
    ground = profile.from_arrays(np.linspace(0.0, km, height_m.size), height_m)
    found_db = [
        _loss_db(ground, frequency_mhz, tx_m, time_percent=percent)
        for percent in (1.0, 5.0, 20.0, 49.9, 50.0)
    ]
    steps_db = np.diff(found_db)
    assert np.all(steps_db >= -1e-6)


@compiled
@given(profiles, lengths_km, masts_m, frequencies, st.floats(51.0, 99.0))
def test_losses_grow_with_the_percentage_of_places(height_m, km, tx_m, frequency_mhz, percent):
    ground = profile.from_arrays(np.linspace(0.0, km, height_m.size), height_m)
    median = p1812.predict(ground, frequency_mhz, tx_m, 1.5).losses
    sure_db = _loss_db(ground, frequency_mhz, tx_m, location_percent=percent, location_sigma_db=5.5)
    deviations = NormalDist().inv_cdf(percent / 100.0)
    assert sure_db > median.loss_db
    assert sure_db == pytest.approx(
        max(median.lb0p_db, median.lbc_db + 5.5 * deviations), abs=5.5 * 4.5e-4
    )


def test_never_below_line_of_sight_with_focusing():
    losses = p1812.predict(
        _flat(5.0),
        900.0,
        200.0,
        200.0,
        p1812.P1812Parameters(time_percent=1.0, location_percent=1.0),
    ).losses
    assert losses.loss_db >= losses.lb0p_db
    assert losses.lb0p_db < losses.lbfs_db


def test_clear_path_is_free_space_at_half_the_time():
    ground = _flat(2.0)
    losses = p1812.predict(ground, 6000.0, 300.0, 300.0).losses
    assert losses.ld50_db == 0.0
    # Attachment 2's quantile of 0.5 is not quite zero, hence a millibel.
    assert losses.loss_db == pytest.approx(losses.lbfs_db, abs=1e-3)


def test_a_growing_hill_costs_more_and_more_until_scatter_takes_over():
    distance_km = np.linspace(0.0, 10.0, 101)
    shape = np.exp(-(((distance_km - 5.0) / 0.7) ** 2))
    grounds = [profile.from_arrays(distance_km, top_m * shape) for top_m in (0, 50, 200, 800)]
    found_db = [_loss_db(ground) for ground in grounds]
    assert found_db == sorted(found_db)
    assert found_db[-1] > found_db[0] + 40.0


def test_clutter_between_raises_the_loss_and_clutter_at_the_ends_does_not():
    bare = _flat(3.0, 31)
    between = bare._replace(clutter_m=np.r_[0.0, np.full(29, 15.0), 0.0])
    everywhere = bare._replace(clutter_m=np.full(31, 15.0))
    assert _loss_db(between) > _loss_db(bare) + 10.0
    assert _loss_db(everywhere) == _loss_db(between)


def test_smooth_closed_form_is_the_limit_of_a_dense_profile():
    radius_km, earth = 8500.0, diffraction.surface(2.6, 0.2998 / 2.6, diffraction.VERTICAL)
    for tx_m, rx_m, km in ((30.0, 1.5, 5.0), (30.0, 1.5, 60.0), (200.0, 50.0, 40.0)):
        distance_km = np.linspace(0.0, km, 20_001)
        dense_db = diffraction.bullington_loss_db(
            distance_km, np.zeros(20_001), tx_m, rx_m, 1.0 / radius_km, earth.wavelength_m
        )
        closed_db, spherical_db = diffraction.smooth_losses_db(
            km, tx_m, rx_m, radius_km, earth, 0.0
        )
        assert closed_db == pytest.approx(dense_db, abs=0.01)
        alone_db = diffraction.spherical_loss_db(km, tx_m, rx_m, radius_km, earth, 0.0)
        assert spherical_db == pytest.approx(alone_db, abs=1e-12)


def test_spherical_loss_is_continuous_at_the_horizon():
    earth = diffraction.surface(0.9, 0.2998 / 0.9, diffraction.HORIZONTAL)
    horizon_km = diffraction.smooth_horizon_km(40.0, 10.0, 8500.0)
    near_db, far_db = (
        diffraction.spherical_loss_db(horizon_km * factor, 40.0, 10.0, 8500.0, earth, 0.0)
        for factor in (1 - 1e-9, 1 + 1e-9)
    )
    assert near_db == pytest.approx(far_db, abs=1e-4)


def test_polarization_matters_over_sea_at_low_frequency_only():
    km = 60.0
    losses_db = {}
    for name, code in p1812.POLARIZATIONS.items():
        for mhz in (50.0, 6000.0):
            earth = diffraction.surface(mhz / 1e3, 299.8 / mhz, code)
            losses_db[name, mhz] = diffraction.spherical_loss_db(km, 10, 10, 8500.0, earth, 1.0)
    assert losses_db["horizontal", 50.0] - losses_db["vertical", 50.0] > 10.0
    assert losses_db["horizontal", 6e3] == pytest.approx(losses_db["vertical", 6e3], abs=0.5)


def test_sea_path_ducts_more_often_than_land():
    sea = p1812_path.PathZones(1.0, 0.0, 0.0, 0.0, 0.0)
    land = p1812_path.inland_zones(100.0)
    at_sea = p1812_anomalous.incidence_percent(21.3, sea)
    inland = p1812_anomalous.incidence_percent(21.3, land)
    # Eq. 2 to 5 without land: mu_1 = (1 + 10^-2.48)^0.2 held at 1.
    assert at_sea == pytest.approx(10 ** (1.67 - 0.015 * 21.3))
    assert inland < 0.5 * at_sea


def test_incidence_beyond_seventy_degrees():
    zones = p1812_path.inland_zones(300.0)
    tau = p1812_anomalous.inland_factor(300.0)
    mu_1 = (10 ** (-300 / (16 - 6.6 * tau)) + 10 ** (-(2.48 + 1.77 * tau))) ** 0.2
    assert p1812_anomalous.incidence_percent(-75.0, zones) == pytest.approx(4.17 * mu_1**1.3)
    assert p1812_anomalous.incidence_percent(-60.0, zones) == pytest.approx(
        p1812_anomalous.incidence_percent(60.0, zones)
    )


def test_location_sigma():
    # (0.52 + 0.024 f) w^0.28 by hand at 2.6 GHz and 100 m: 0.5824 * 3.6308
    assert p1812_loss.location_sigma_db(2600.0, 1.5, 10.0, 100.0) == pytest.approx(2.1146, abs=1e-4)
    assert p1812_loss.location_sigma_db(2600.0, 15.0, 10.0, 100.0) == pytest.approx(
        1.0573, abs=1e-4
    )
    assert p1812_loss.location_sigma_db(2600.0, 20.0, 10.0, 100.0) == 0.0


def test_no_location_variability_at_sea():
    ground = _flat(5.0)
    at_sea = ground._replace(zone=np.full(41, profile.SEA))
    wide = {"location_percent": 95.0, "location_sigma_db": 8.0}
    assert _loss_db(at_sea, **wide) == _loss_db(at_sea)
    assert _loss_db(ground, **wide) > _loss_db(ground) + 12.0


def test_parameters_out_of_range_are_all_named():
    read = p1812.P1812.parameters
    usual = vars(p1812.P1812Parameters())
    assert {each.name: each.default for each in read} == usual
    assert all(each.defect(usual[each.name]) is None for each in read)
    wrong = {"time_percent": 60.0, "delta_n": math.nan, "polarization": "circular"}
    found = [str(each.defect(wrong[each.name])) for each in read if each.name in wrong]
    place = "--set, column 'p1812."
    assert found == [
        f"{place}time_percent', value 60.0: is not between 1 and 50",
        f"{place}delta_n', value nan: is not a number",
        f"{place}polarization', value 'circular': unknown value (use horizontal or vertical)",
    ]


def test_edition_and_the_one_whose_cases_check_it_are_named():
    assert "P.1812-8 (2025)" in p1812.P1812.source
    assert "P.1812-7 (2023)" in p1812.P1812.source
