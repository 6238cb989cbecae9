"""Scenarios: what is read, in which order, and what is said when it is wrong."""

import pytest

from phusong.errors import InputError
from phusong.scenarios.config import schema


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_shipped_scenarios_are_valid(name):
    scenario = schema.load(name)
    assert scenario.scenario.name == name
    assert scenario.scenario.kind == name
    assert scenario.scenario.title.vi != scenario.scenario.title.en


def test_precedence_is_base_scenario_setting(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "industrial"\n[demand]\nvisitors = 0.3\n', encoding="utf-8")
    base, industrial = schema.load("urban"), schema.load("industrial")
    mine = schema.load(str(path), ["service.entry_loss_db=25"])
    assert mine.demand.visitors == 0.3  # own
    assert mine.demand.workers == industrial.demand.workers  # from industrial
    assert mine.layer_5g == base.layer_5g  # from base
    assert mine.service.entry_loss_db == 25  # --set wins


def test_years_are_replaced_as_a_whole():
    scenario = schema.load("urban", ["rollout.stations={2030 = 7}"])
    assert scenario.rollout.stations == {"2030": 7}


def test_extending_finds_files_beside_the_scenario(tmp_path):
    (tmp_path / "first.toml").write_text('extends = "urban"\n[demand]\npeople = 2.0\n')
    second = tmp_path / "second.toml"
    second.write_text('extends = "first.toml"\n')
    assert schema.load(str(second)).demand.people == 2


def test_extending_in_a_circle_is_an_error(tmp_path):
    path = tmp_path / "round.toml"
    path.write_text('extends = "round.toml"\n')
    with pytest.raises(InputError, match="extends itself"):
        schema.load(str(path))


def test_unknown_scenario_names_the_near_ones():
    with pytest.raises(InputError, match="unknown scenario 'turism': did you mean tourism"):
        schema.load("turism")


def test_every_defect_is_listed_with_its_line(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(
        'extends = "urban"\n'
        "[service]\n"
        'threshold_dbm = "strong"\n'
        "probabilty = 0.9\n"
        "probability = 1.5\n"
        "[demnd]\n"
        "people = 1\n"
        "[rollout]\n"
        'stations = { 2024 = "many" }\n'
    )
    with pytest.raises(InputError) as caught:
        schema.load(str(path))
    rows = {(d.column, d.row) for d in caught.value.defects}
    assert rows == {
        ("service.threshold_dbm", 3),
        ("service.probabilty", 4),
        ("service.probability", 5),
        ("demnd", 6),
        ("rollout.stations.2024", 9),
    }
    assert "did you mean 'probability'" in str(caught.value)
    assert "did you mean 'demand'" in str(caught.value)


def test_a_wrong_figure_of_a_mast_is_named_with_its_line(tmp_path):
    path = tmp_path / "masts.toml"
    path.write_text(
        'extends = "urban"\n'
        "[candidates]\n"
        'policy = "each"\n'
        "[candidates.masts]\n"
        "a2b_high = { antenna_sets = 0 }\n"
        "a3 = { antenna_sets = 1 }\n"
    )
    with pytest.raises(InputError, match=r"one_network.*operators.*shared") as caught:
        schema.load(str(path))
    assert {(d.column, d.row) for d in caught.value.defects} == {
        ("candidates.policy", 3),
        ("candidates.masts.a2b_high.antenna_sets", 5),
        ("candidates.masts.a3", 6),
    }


@pytest.mark.parametrize("year", ["soon", "24", "99999"])
def test_years_are_years(year):
    with pytest.raises(InputError, match="rollout.stations"):
        schema.load("urban", [f"rollout.stations={{ {year} = 3 }}"])


def test_negative_stations_are_refused():
    with pytest.raises(InputError, match="rollout.stations"):
        schema.load("urban", ["rollout.stations={ 2024 = -3 }"])


def test_broken_toml_says_where(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("[service\n")
    with pytest.raises(InputError, match=r"(?s)not valid TOML.*broken.toml:1:"):
        schema.load(str(path))


@pytest.mark.parametrize("setting", ["service", "=3", "people=3", "service..x=1"])
def test_settings_need_a_section(setting):
    with pytest.raises(InputError, match="section.key=value"):
        schema.load("urban", [setting])


def test_a_setting_may_be_a_table_of_a_section():
    own = schema.load("urban", ["demand={ people = 2.0, workers = 1.0 }"])
    assert (own.demand.people, own.demand.workers, own.demand.visitors) == (2.0, 1.0, 0.0)
    with pytest.raises(InputError, match=r"demand\.peple"):
        schema.load("urban", ["demand={ peple = 2.0 }"])


def test_setting_with_a_wrong_type_names_itself():
    with pytest.raises(InputError, match="--set demand.people=lots"):
        schema.load("urban", ["demand.people=lots"])


def test_missing_keys_are_named(tmp_path):
    path = tmp_path / "alone.toml"
    path.write_text('[scenario]\nname = "alone"\n')
    with pytest.raises(InputError, match="'service' is missing"):
        schema.load(str(path))


def test_an_unknown_model_is_named_with_what_comes_near():
    with pytest.raises(InputError, match=r"propagation\.model.*did you mean p1812"):
        schema.load("urban", ["propagation.model=p1182"])


@pytest.mark.parametrize(("place", "new"), schema.RENAMED.items(), ids=str)
def test_a_renamed_key_is_an_error_that_names_the_new_one(tmp_path, place, new):
    """In a file, in one of its overrides, and in a setting."""
    section, old = place
    said = rf"{section}\.{old}.*is called '{new}' now"
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "urban"\n[{section}]\n{old} = 1.0\n')
    with pytest.raises(InputError, match=rf"mine.toml:3.*{said}"):
        schema.load(str(path))
    path.write_text(f'extends = "urban"\n[overrides.old.{section}]\n{old} = 1.0\n')
    with pytest.raises(InputError, match=said):
        schema.load(str(path), overrides=["old"])
    with pytest.raises(InputError, match=said):
        schema.load("urban", [f"{section}.{old}=1.0"])


def test_a_setting_changes_one_tier_or_all():
    own = schema.load("urban", ["tiers.2.least_gain=500", "tiers.1.targets={ 2030 = 0.5 }"])
    usual = schema.load("urban")
    assert own.tiers[1].least_gain == 500.0
    assert own.tiers[0].targets == {"2030": 0.5}
    assert own.tiers[2] == usual.tiers[2]
    one = schema.load("urban", ['tiers=[{ zones = { ids = ["T01"] }, targets = { 2024 = 1.0 } }]'])
    assert [tier.zones.ids for tier in one.tiers] == [["T01"]]
    assert schema.load("urban", ["tiers=[]"]).tiers == []
    with pytest.raises(InputError, match=r"there is no tiers\.4: there are 3"):
        schema.load("urban", ["tiers.4.least_gain=1"])


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ("[{}, {}]", "tier 1 is all of the province: it must come last"),
        ('[{ zones = { kind = "urban" } }]', "tier 1 has no targets"),
        ('[{ of = "people" }]', "tier 1 has no targets"),
        ("[{ targets = { 2024 = 1.2 } }]", "less than or equal to 1"),
        ('[{ zones = { kind = "rural" } }]', "kind"),
    ],
)
def test_tiers_that_cannot_be_served_are_refused(tiers, says):
    with pytest.raises(InputError, match=says):
        schema.load("urban", [f"tiers={tiers}"])


def test_a_year_without_a_target_has_that_before_it_or_the_first():
    tier = schema.load("urban", ["tiers.1.targets={ 2025 = 0.4, 2028 = 0.9 }"]).tiers[0]
    assert [tier.target(year) for year in (2024, 2025, 2027, 2028, 2030)] == [
        *(0.4, 0.4, 0.4),
        *(0.9, 0.9),
    ]


def test_what_a_key_is_called_now_is_a_key():
    scenario = schema.load("urban").model_dump()
    for (section, old), new in schema.RENAMED.items():
        assert new in scenario[section] or new in scenario
        assert old not in scenario[section]
