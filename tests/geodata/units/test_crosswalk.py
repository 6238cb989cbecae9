"""Communes restated on later units: sums are kept, shares are weighed, doubts are told."""

import json
from pathlib import Path

import geopandas as gpd
import maps_run
import numpy as np
import pandas as pd
import pytest
import shapely
import spreadsheet
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from phusong import columns as col
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata import crs, reference
from phusong.geodata.units import admin, crosswalk

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
# Four communes of Vĩnh Yên: two in each of the units 08707 and 08716 of July 2025.
CODES = ["08707", "08710", "08713", "08716"]
UNVERIFIED = {"08779", "08821", "08827", "09058", "09115", "09142"}


def communes(people=(100, 200, 300, 400), shares=(0.1, 0.2, 0.3, 0.4), codes=tuple(CODES)):
    """Return communes in a row, each 1 km wide and one km higher than the one before."""
    rows = {
        col.COMMUNE_CODE: list(codes),
        col.NAME: list(codes),
        col.NAME_ASCII: list(codes),
        col.COMMUNE_TYPE: "phuong",
        col.DISTRICT_CODE: "243",
        col.DISTRICT: "Vĩnh Yên",
        col.POPULATION: list(people),
        col.SITES: [1, 2, 3, 4][: len(codes)],
    } | {name: list(shares) for name in col.SHARES}
    shapes = [box(1000 * i, 0, 1000 * (i + 1), 1000 * (i + 1)) for i in range(len(codes))]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=crs.PLANNING)


@pytest.fixture(scope="module")
def true_like():
    """Return the reference communes with made-up shares."""
    frame = admin.reference_communes()
    rng = np.random.default_rng(3)
    return frame.assign(
        **{col.SITES: rng.integers(0, 50, len(frame))},
        **{name: rng.random(len(frame)) for name in col.SHARES},
    )


def test_the_three_sets_have_the_numbers_of_communes_of_their_decrees():
    links = reference.table("commune_crosswalk")
    assert [links[column].nunique() for column in crosswalk.SETS.values()] == [136, 121, 36]
    assert set(links["code_136"]) == set(reference.table("communes")["code"])
    names = reference.table("communes_2025")
    for date, column in list(crosswalk.SETS.items())[1:]:
        assert set(names.loc[names["units"] == date, "code"]) == set(links[column])
    assert not names.duplicated(["units", "code"]).any()


def test_every_commune_of_january_2025_goes_to_one_unit_of_july():
    links = reference.table("commune_crosswalk")
    assert links.drop_duplicates(["code_121", "code_36"])["code_121"].is_unique


def test_six_links_are_not_verified_and_each_row_says_why():
    links = reference.table("commune_crosswalk")
    doubtful = links["verified"] == "no"
    assert set(links.loc[doubtful, "code_136"]) == UNVERIFIED
    assert links["basis"].str.len().gt(3).all()
    assert links["basis"].str.startswith("not verified").equals(doubtful)


def test_published_areas_of_2025_are_the_sums_of_the_old_ones():
    """A wrong link would shift ten square kilometres and more."""
    old = reference.table("communes").set_index("code")["area_km2"]
    links = reference.table("commune_crosswalk").set_index("code_136")["code_36"]
    new = reference.table("communes_2025").query("units == '2025-07'").set_index("code")
    summed = old.groupby(links).sum()
    assert (summed / new["area_km2"] - 1).abs().max() < 0.035


@pytest.mark.parametrize("to", crosswalk.SETS)
def test_sums_are_kept_exactly(true_like, to):
    table = crosswalk.restate(true_like, to)
    assert table[col.POPULATION].sum() == 1_151_154
    assert table[col.SITES].sum() == true_like[col.SITES].sum()
    assert table.area.sum() == pytest.approx(true_like.area.sum(), rel=1e-9)
    assert shapely.coverage_is_valid(table.geometry.to_numpy())
    assert table[col.COMMUNE_CODE].is_monotonic_increasing
    for name in col.SHARES:
        weight = col.POPULATION if "population" in name else None
        old, new = ((f[name] * (f[weight] if weight else f.area)).sum() for f in (true_like, table))
        assert new == pytest.approx(old, rel=1e-9)


def test_the_same_set_changes_nothing(true_like):
    table = crosswalk.restate(true_like, "2020-03")
    kept = [*col.COMMUNES, col.SITES, *col.SHARES]
    pd.testing.assert_frame_equal(
        pd.DataFrame(table[kept]),
        pd.DataFrame(true_like[kept]),
        check_dtype=False,
    )
    assert (table[col.FORMED_FROM] == table[col.COMMUNE_CODE]).all()
    assert table[col.LINK_VERIFIED].all()


def test_two_steps_lead_where_one_does(true_like):
    once = crosswalk.restate(true_like, "2025-07")
    between = crosswalk.restate(true_like, "2025-01")
    twice = crosswalk.restate(between, "2025-07", "2025-01")
    assert once[col.COMMUNE_CODE].tolist() == twice[col.COMMUNE_CODE].tolist()
    assert (once[col.POPULATION] == twice[col.POPULATION]).all()
    for name in col.SHARES:
        assert np.allclose(once[name], twice[name], rtol=1e-9)
    assert shapely.area(shapely.symmetric_difference(once.geometry, twice.geometry)).max() < 1.0
    assert twice[col.LINK_VERIFIED].all()  # the links of July 2025 are published


def test_units_with_a_part_that_is_not_verified_are_flagged(true_like):
    table = crosswalk.restate(true_like, "2025-07")
    doubted = table[~table[col.LINK_VERIFIED]]
    parts = set("/".join(doubted[col.FORMED_FROM]).split("/"))
    assert parts >= UNVERIFIED
    certain = set("/".join(table[table[col.LINK_VERIFIED]][col.FORMED_FROM]).split("/"))
    assert not certain & UNVERIFIED
    assert len(doubted) == 5


def test_names_and_districts_are_those_of_the_new_units(true_like):
    july = crosswalk.restate(true_like, "2025-07").set_index(col.COMMUNE_CODE)
    assert july.loc["08707", col.NAME] == "Vĩnh Yên"
    assert july.loc["08707", col.NAME_ASCII] == "Vinh Yen"
    assert july.loc["08707", col.COMMUNE_TYPE] == "phuong"
    assert (july[col.DISTRICT_CODE] == "").all()  # no districts from July 2025
    assert admin.districts_of(july.reset_index()).empty
    january = crosswalk.restate(true_like, "2025-01").set_index(col.COMMUNE_CODE)
    assert january.loc["09097", col.NAME] == "Sao Đại Việt"
    assert january.loc["09097", col.DISTRICT_CODE] == "252"


@settings(deadline=None)  # reads its tables anew each time
@given(
    st.lists(st.integers(0, 50_000), min_size=4, max_size=4),
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
)
def test_a_share_lies_between_those_of_its_parts_and_keeps_the_covered(people, shares):
    table = crosswalk.restate(communes(people, shares)).set_index(col.COMMUNE_CODE)
    for code, parts in {"08707": (0, 2), "08716": (1, 3)}.items():
        whole = sum(people[i] for i in parts)
        found = table.loc[code, col.COVERED_POPULATION_SHARE_AFTER]
        assert table.loc[code, col.POPULATION] == whole
        if whole == 0:
            assert np.isnan(found)
            continue
        counted = [shares[i] for i in parts if people[i]]
        assert min(counted) - 1e-12 <= found <= max(counted) + 1e-12
        covered = sum(people[i] * shares[i] for i in parts)
        assert found * whole == pytest.approx(covered, abs=1e-6)


def test_shares_of_area_are_weighed_by_area_not_people():
    table = crosswalk.restate(communes(people=(0, 0, 1, 1))).set_index(col.COMMUNE_CODE)
    # 1 and 3 km2 with 0.1 and 0.3; 2 and 4 km2 with 0.2 and 0.4
    assert table.loc["08707", col.COVERED_AREA_SHARE_AFTER] == pytest.approx(1.0 / 4)
    assert table.loc["08716", col.COVERED_AREA_SHARE_AFTER] == pytest.approx(2.0 / 6)
    assert table.loc["08707", col.COVERED_POPULATION_SHARE_AFTER] == pytest.approx(0.3)


def test_what_cannot_be_restated_is_refused():
    with pytest.raises(InputError, match="unknown set of administrative units.*2025-07"):
        crosswalk.restate(communes(), "2024-12")
    with pytest.raises(
        InputError, match="2025-07 cannot be split into the smaller ones of 2025-01: how their res"
    ):
        crosswalk.restate(communes(), "2025-01", "2025-07")
    foreign = communes(codes=("08707", "90002", "08713", "90004"))
    with pytest.raises(InputError, match="(?s)2 defects.*'90002': is not a commune.*2020-03"):
        crosswalk.restate(foreign)


def test_things_get_the_code_of_their_new_commune():
    frame = communes().drop(columns=col.POPULATION)
    assert crosswalk.recoded(frame, "2025-07", "2020-03")[col.COMMUNE_CODE].tolist() == [
        "08707",
        "08716",
        "08707",
        "08716",
    ]
    assert crosswalk.recoded(frame, "2020-03", "2020-03") is frame
    odd = frame.assign(**{col.COMMUNE_CODE: ["", "08710", "x", "08716"]})
    assert crosswalk.recoded(odd, "2025-07", "2020-03")[col.COMMUNE_CODE].tolist() == [
        "",
        "08716",
        "x",
        "08716",
    ]


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the true polygons are not at hand (../shared/data)"
)
def test_true_old_communes_make_up_the_true_new_ones():
    old = gpd.read_file(SHARED / "communes.geojson").to_crs(crs.PLANNING)
    new = gpd.read_file(SHARED / "communes_2025.geojson").to_crs(crs.PLANNING).set_index("code")
    frame = gpd.GeoDataFrame(
        {
            col.COMMUNE_CODE: old["code"],
            col.NAME: old["name"],
            col.COMMUNE_TYPE: old["type"],
            col.DISTRICT_CODE: old["district_code"],
            col.DISTRICT: old["district"],
        },
        geometry=old.geometry,
    )
    table = crosswalk.restate(frame).set_index(col.COMMUNE_CODE)
    made, true = table.geometry, new.geometry.loc[table.index]
    overlap = made.intersection(true).area / made.union(true).area
    assert overlap.min() > 0.999


@pytest.fixture
def run_folder(tmp_path):
    tables = {make.__name__: make() for make in maps_run.TABLES}
    codes = dict(zip(tables["communes"][col.COMMUNE_CODE], [*CODES, "08719", "08731"], strict=True))
    for name in ("communes", "ranking"):
        tables[name][col.COMMUNE_CODE] = tables[name][col.COMMUNE_CODE].map(codes)
    return maps_run.write_run(tmp_path / "run", tables)


def test_restate_adds_tables_to_the_run_folder(run_folder, capsys):
    assert cli.main(["restate", str(run_folder), "--units", "2025-07", "--lang", "en"]) == cli.DONE
    names = ["communes_2025-07.geojson", "communes_2025-07.csv"]
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(run_folder / name) for name in names]
    assert "residents as the run counts them: not stated" in said.err
    assert "not verified" not in said.err  # the links of these six are
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert set(names) <= set(record["files"])
    table = spreadsheet.frame(run_folder / names[1], dtype={col.COMMUNE_CODE: str})
    assert table[col.COMMUNE_CODE].tolist() == ["08707", "08716"]
    assert table[col.POPULATION].sum() == maps_run.communes()[col.POPULATION].sum()
    assert table[col.PLANNED_STATIONS].sum() == len(maps_run.ranking())
    frame = gpd.read_file(run_folder / names[0])
    assert list(frame.columns) == [*col.RESTATED, "geometry"]
    assert frame[col.FORMED_FROM].tolist() == ["08707/08713/08731", "08710/08716/08719"]


def test_restate_says_which_units_rest_on_a_link_that_is_not_verified(run_folder, capsys):
    path = run_folder / "communes.geojson"
    text = path.read_text(encoding="utf-8").replace('"08719"', '"08779"')
    path.write_text(text, encoding="utf-8")
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    record["province"]["population_basis"] = "census of 1 April 2019"
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    arguments = ["restate", str(run_folder), "--units", "2025-01", "--lang", "en"]
    assert cli.main(arguments) == cli.DONE
    said = capsys.readouterr().err
    target = crosswalk.crosswalk("2020-03", "2025-01").loc["08779", col.COMMUNE_CODE]
    assert f"1 of 6 units have a part whose link is not verified: {target}" in said
    assert "residents as the run counts them: census of 1 April 2019" in said


def test_a_run_on_later_units_cannot_be_restated_on_earlier_ones(run_folder, capsys):
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    record["province"]["units"] = "2025-07"
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert cli.main(["restate", str(run_folder), "--units", "2020-03"]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert "how their residents and stations divide is not known" in said
    assert not list(run_folder.glob("communes_*"))


def test_restate_writes_elsewhere_and_leaves_the_run_alone(run_folder, tmp_path):
    before = (run_folder / "run.json").read_bytes()
    out = tmp_path / "deep" / "out"
    assert cli.main(["restate", str(run_folder), "--out", str(out)]) == cli.DONE
    assert {path.name for path in out.iterdir()} == {
        "communes_2025-07.geojson",
        "communes_2025-07.csv",
    }
    assert (run_folder / "run.json").read_bytes() == before


def test_restate_refuses_in_one_message(run_folder, tmp_path, capsys):
    assert cli.main(["restate", str(tmp_path / "nowhere")]) == cli.WRONG_INPUT
    assert "there is no such folder" in capsys.readouterr().err
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    record["province"]["units"] = "1999"
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert cli.main(["restate", str(run_folder)]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert "unknown set of administrative units" in said
    assert "1999" in said
    (tmp_path / "file").write_text("x", encoding="utf-8")
    record["province"]["units"] = "2020-03"
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert cli.main(["restate", str(run_folder), "--out", str(tmp_path / "file")]) == 2
    assert "cannot write to" in capsys.readouterr().err
