"""How a scenario is read: base, country, calibration, the scenario, overrides, ``--set``."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from phusong.errors import Defect, InputError
from phusong.geodata.countries import DEFAULT, Country, open_country
from phusong.geodata.files import guard, toml_json
from phusong.geodata.network import antenna_files
from phusong.messages import SHIPPED as SHIPPED_LANGUAGES
from phusong.messages import Text, has_words, message, wording
from phusong.scenarios.config import sources, starting
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.config.sources import Origin, ScenarioPart
from phusong.scenarios.criteria import zone_criteria
from phusong.scenarios.propagation import calibration_file

SHIPPED = ("urban", "industrial", "tourism", "province")
# Replaced as a whole by whoever says something about it; all else is merged key by key.
WHOLE = {
    *("stations", "budget_million", "target_share", "min_per_district"),
    *("weights", "targets", "require", "changed"),
}
LISTS = ("tiers", "quotas")  # of tables; --set tiers.2.least_gain=500 changes the second
OVERRIDES = "overrides"
# Keys that name files, from the folder of the file that they stand in.
FILES = (
    ("propagation", "calibration"),
    ("zones", "extra"),
    ("existing_5g", "file"),
    ("demand", "points_file"),
)
# Keys that were called otherwise before limits were named min and max, and money without currency.
RENAMED: dict[tuple[str, ...], str] = {
    ("candidates", "least_height_m"): "min_height_m",
    ("cost", "new_million_vnd"): "new_million",
    ("cost", "vnd_per_usd"): "currency_per_usd",
    ("backhaul", "least_clearance"): "min_clearance",
    ("rollout", "budget_million_vnd"): "budget_million",
    ("rollout", "least_per_district"): "min_per_district",
    ("zones", "outside_weight"): "tiers",
    ("selection", "block_m"): "cells",
}


def load(
    name_or_path: str,
    settings: Mapping[str, Any] | Iterable[str] = (),
    overrides: Iterable[str] = (),
    country: str = DEFAULT,
) -> Scenario:
    """Read a shipped scenario by name, or a TOML file, and change it.

    What the country states (``base.toml`` of its folder) stands above the shipped base.

    ``overrides`` name tables ``[overrides.NAME]`` of the scenario or of what it extends; two
    that say the same key are an error. ``settings`` are values by ``section.key``, or texts
    ``section.key=value``, and come last.
    A calibrated model that it names (by a path from the file that names it) gives the model and
    the deviations of its error, where nothing above the shipped base states them.

    Raises
    ------
    InputError
        An unknown name, unreadable TOML, or every unknown key and wrong value at once,
        each with the file and line it stands in.
    """
    home = open_country(country)
    chain = _with_country(_chain(name_or_path, home), home)
    layers = [*_without_overrides(chain), *_chosen(chain, overrides), *_settings(settings)]
    merged: dict[str, Any] = {}
    for _, tree, *_ in _with_calibration(layers):
        merged = _merged(merged, tree)
    scenario = _valid(merged, layers, name_or_path, home)
    zone_criteria.read(scenario.weights, sources.named(layers, "weights"))
    _require_operators(scenario)
    return scenario


def changed(scenario: Scenario, settings: Mapping[str, Any]) -> Scenario:
    """Return a scenario with settings by ``section.key``, checked like those of a file.

    Raises
    ------
    InputError
        Every unknown key and wrong value at once.
    """
    layers = [ScenarioPart("scenario", scenario.model_dump()), *_settings(settings)]
    merged: dict[str, Any] = {}
    for _, tree, *_ in layers:
        merged = _merged(merged, tree)
    origin = Origin(tuple(layers))
    try:
        return Scenario.model_validate(merged).stated_in(origin, scenario.country)
    except ValidationError as error:
        defects = [_defect(problem, origin) for problem in error.errors()]
        name = scenario.scenario.name
        raise InputError(
            message("refusal.the_scenario_is_not_valid", name_or_path=name), defects
        ) from None


def _with_country(chain: list[ScenarioPart], home: Country) -> list[ScenarioPart]:
    """Return the chain with what the country states above the shipped base, if it extends it."""
    path = home.folder / "base.toml"
    if chain[0].name != _shipped("base") or not path.is_file():
        return chain
    tree, text = toml_json.read_toml(path)
    return [chain[0], ScenarioPart(str(path), _placed(tree, path.parent), text), *chain[1:]]


def _require_operators(scenario: Scenario) -> None:
    """Raise where each operator is to build for itself and the country names none with a block."""
    policy = scenario.candidates.policy
    if policy == "one_network" or len(scenario.country.table("blocks")):
        return
    problem = message("problem.the_country_has_no_blocks", country=scenario.country.code)
    remedy = message("remedy.choose_one_network_or_state_blocks")
    defect = scenario.origin.defect(("candidates", "policy"), problem, remedy, policy)
    raise InputError(message("refusal.scenario_and_province_do_not_fit"), [defect])


def restored(
    parameters: Mapping[str, Any],
    name: str,
    settings: Mapping[str, Any] | Iterable[str] = (),
    country: str = DEFAULT,
) -> Scenario:
    """Return the scenario of a finished run by the parameters that its record holds.

    What a run of an earlier version did not know of is as the shipped base has it. A record names
    files (a calibration, an antenna) without their folder; ``settings`` say where they are, as
    ``section.key=value``.

    Raises
    ------
    InputError
        Every value that is not valid, and every file that is not found.
    """
    own = [ScenarioPart(name, dict(parameters)), *_settings(settings)]
    home = open_country(country)
    layers = [*_without_overrides(_with_country(_chain("base", home), home)), *own]
    merged: dict[str, Any] = {}
    for _, tree, *_ in layers:
        merged = _merged(merged, tree)
    return _valid(merged, layers, name, home)


def _valid(
    merged: dict[str, Any], layers: list[ScenarioPart], name: str, home: Country
) -> Scenario:
    """Return the scenario of a merged tree; raise with every defect and where it stands."""
    origin = Origin(tuple(layers))
    try:
        return Scenario.model_validate(starting.moved(merged)).stated_in(origin, home)
    except ValidationError as error:
        defects = [_defect(problem, origin) for problem in error.errors()]
        what = message("refusal.the_scenario_is_not_valid", name_or_path=name)
        raise InputError(what, defects) from None


def _with_calibration(layers: list[ScenarioPart]) -> list[ScenarioPart]:
    """Return the layers with what the calibration states above the shipped base, below all else.

    One that cannot be read adds nothing here: the check of the scenario tells why.
    """
    named = _named(source.tree for source in layers)
    if not isinstance(named, str) or not named:
        return layers
    above = _of_base(layers)
    with suppress(InputError):
        stated = calibration_file.load(Path(named)).stated()
        return [*layers[:above], ScenarioPart(named, stated), *layers[above:]]
    return layers


def _of_base(layers: Sequence[ScenarioPart]) -> int:
    """Return how many of the layers are the shipped base and the country's."""
    if layers[0].name != _shipped("base"):
        return 0
    return 2 if len(layers) > 1 and Path(layers[1].name).name == "base.toml" else 1


def _named(trees: Iterable[dict[str, Any]]) -> object:
    """Return the last calibration that trees name."""
    named = None
    for tree in trees:
        propagation = tree.get("propagation")
        if isinstance(propagation, dict):
            named = propagation.get("calibration", named)
    return named


def _without_overrides(chain: list[ScenarioPart]) -> list[ScenarioPart]:
    return [
        each._replace(tree={key: part for key, part in each.tree.items() if key != OVERRIDES})
        for each in chain
    ]


def _chosen(chain: list[ScenarioPart], names: Iterable[str]) -> list[ScenarioPart]:
    """Return the overrides by name, the last of a name in the chain; no two say the same."""
    known = {
        name: ScenarioPart(f"{each.name}, {OVERRIDES}.{name}", tree, each.text, (OVERRIDES, name))
        for each in chain
        for name, tree in _overrides(each.name, each.tree).items()
    }
    chosen: list[ScenarioPart] = []
    defects: list[Defect] = []
    set_by: dict[tuple[str, ...], str] = {}
    for name in names:
        if name not in known:
            hint = (
                message("remedy.there_are_4", known=[*sorted(known)])
                if known
                else message("remedy.the_scenario_has_none")
            )
            defects.append(Defect("--with", message("problem.no_such_override"), hint, value=name))
            continue
        for key in _keys(known[name].tree):
            if key in set_by:
                problem = message("problem.is_set_by_too", key=[*key], set_by=set_by[key])
                defects.append(
                    Defect("--with", problem, message("remedy.choose_one_of_them"), value=name)
                )
            set_by.setdefault(key, name)
        chosen.append(known[name])
    if defects:
        raise InputError(message("refusal.these_overrides_cannot_be_used_together"), defects)
    return chosen


def _overrides(source: str, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the named overrides of a file; raise where one is not a table."""
    named: dict[str, dict[str, Any]] = content.get(OVERRIDES, {})
    wrong = [named] if not isinstance(named, dict) else named.values()
    defects = [
        Defect(source, message("problem.is_not_a_table"), column=OVERRIDES, value=value)
        for value in wrong
        if not isinstance(value, dict)
    ]
    if defects:
        raise InputError(message("refusal.the_overrides_cannot_be_read"), defects)
    return named


def _keys(tree: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        here = (*before, key)
        if isinstance(value, dict) and key not in WHOLE:
            yield from _keys(value, here)
        else:
            yield here


def _chain(name_or_path: str, home: Country) -> list[ScenarioPart]:
    """Return the scenario's file after all the files it extends, base first.

    Texts of shipped scenarios are in the words of the country.
    """
    chain: list[ScenarioPart] = []
    seen: list[str] = []
    following: str | None = name_or_path
    folder = Path()
    while following is not None:
        path = _find(following, folder, f"{seen[-1]} extends an " if seen else "")
        if str(path) in seen:
            raise InputError(message("refusal.extends_itself_through", path=path, seen=[*seen]))
        seen.append(str(path))
        tree, text = toml_json.read_toml(path)
        folder = path.parent
        tree = _placed(tree, folder)
        if path.parent == Path(_shipped("base")).parent:
            tree = _worded(tree, wording.Wording(home.folder, home.currency.code))
        following = tree.pop("extends", None)
        if not isinstance(following, str | None):
            defect = Defect(
                str(path), message("problem.is_not_a_text"), column="extends", value=following
            )
            raise InputError(message("refusal.the_scenario_extends_nothing_known"), [defect])
        chain.insert(0, ScenarioPart(str(path), tree, text))
    return chain


def _worded(tree: Any, country: wording.Wording) -> Any:  # noqa: ANN401 - a tree of TOML
    """Return a tree with texts in each language as a country says them."""
    if isinstance(tree, list):
        return [_worded(part, country) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree and set(tree) <= {*SHIPPED_LANGUAGES}:
        return {each: wording.worded(str(text), country, each) for each, text in tree.items()}
    return {key: _worded(part, country) for key, part in tree.items()}


def _placed(tree: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a file's tree with the paths of other files taken from the file's folder."""
    overrides = tree.get(OVERRIDES)
    for part in [tree, *(overrides.values() if isinstance(overrides, dict) else ())]:
        for table, key in _files_of(part):
            if isinstance(table[key], str) and table[key]:
                table[key] = str(folder / table[key])
        for layer in _layers_of(part):
            if str(layer.get("antenna", "")).lower().endswith(antenna_files.SUFFIXES):
                layer["antenna"] = str(folder / layer["antenna"])
    return tree


def _files_of(part: object) -> Iterator[tuple[Any, Any]]:
    """Yield what names files in a tree: a table or list, and the key or place in it."""
    if not isinstance(part, dict):
        return
    for section, key in FILES:
        if isinstance(table := part.get(section), dict) and key in table:
            named = table[key]
            yield from (
                ((named, i) for i in range(len(named)))
                if isinstance(named, list)
                else [(table, key)]
            )
    for tier in part.get("tiers", ()) if isinstance(part.get("tiers"), list) else ():
        zones = tier.get("zones") if isinstance(tier, dict) else None
        if isinstance(zones, dict) and "file" in zones:
            yield zones, "file"


def _layers_of(part: object) -> list[dict[str, Any]]:
    """Return the tables of a tree that may name an antenna."""
    if not isinstance(part, dict):
        return []
    more = part.get("carriers")
    every = [part.get("layer_5g"), part.get("layer_4g")]
    every += list(more.values()) if isinstance(more, dict) else []
    return [layer for layer in every if isinstance(layer, dict)]


def _shipped(name: str) -> str:
    return str(files("phusong.scenarios").joinpath(f"{name}.toml"))


def _find(name_or_path: str, folder: Path, who: str) -> Path:
    shipped = Path(_shipped(name_or_path))
    if re.fullmatch(r"\w+", name_or_path) and shipped.is_file():
        return shipped
    path = folder / name_or_path
    if path.suffix == ".toml":
        guard.check_plain(path)
        return path
    near = difflib.get_close_matches(name_or_path, SHIPPED, n=2, cutoff=0.5)
    hint = (
        message("remedy.did_you_mean_3", near=[*near])
        if near
        else message("remedy.there_are_3", shipped=[*SHIPPED])
    )
    raise InputError(
        message(
            "refusal.unknown_scenario_or_give_the_path",
            who=who,
            name_or_path=name_or_path,
            hint=hint,
        )
    )


def _settings(settings: Mapping[str, Any] | Iterable[str]) -> list[ScenarioPart]:
    """Turn each ``section.key=value`` into a small tree; the value is TOML, or else a text."""
    if isinstance(settings, Mapping):
        return [
            ScenarioPart(f"setting {key}", _nested(key.split("."), _plain(value)))
            for key, value in settings.items()
        ]
    stated: list[ScenarioPart] = []
    for setting in settings:
        key, equals, value = setting.partition("=")
        named = re.fullmatch(r"[\w-]+(\.[\w-]+)+", key.strip()) or key.strip() in LISTS
        try:
            tree = tomllib.loads(f"{key} = {value}")
        except (ValueError, RecursionError):
            tree = _nested(key.strip().split("."), value) if named else {}
        whole = key.strip() in Scenario.model_fields and isinstance(tree.get(key.strip()), dict)
        if not equals or not (named or whole):
            raise InputError(message("refusal.set_write_it_as_section_key", setting=setting))
        stated.append(ScenarioPart(f"--set {setting}", tree))
    return stated


def _plain(value: object) -> object:
    """Return a value of Python as TOML would give it: keys are texts."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return list(map(_plain, value)) if isinstance(value, (list, tuple)) else value


def _nested(names: Sequence[str], value: object) -> dict[str, Any]:
    """Return a value as the tree that has it under these names."""
    first, *others = names
    return {first: _nested(others, value) if others else value}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both trees as one, ``above`` winning."""
    result = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(result.get(key), list):
            result[key] = _changed(result[key], value, key)
            continue
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if nested and key not in WHOLE else value
    return result


def _changed(tables: list[Any], changes: Mapping[str, Any], key: str) -> list[Any]:
    """Return a list of tables with changes to some, by number from 1 on."""
    result = list(tables)
    for number, change in changes.items():
        if not number.isdigit() or not 1 <= int(number) <= len(result):
            names = {"key": key, "number": number, "count": len(result)}
            problem = message("problem.there_is_no_table_of_this_number", **names)
            raise InputError(
                message("refusal.the_setting_names_nothing"), [Defect("--set", problem)]
            )
        result[int(number) - 1] = _merged(result[int(number) - 1], change)
    return result


def _defect(problem: Mapping[str, Any], origin: Origin) -> Defect:
    """Say where the key stands (in the last file that gives it) and what is wrong with it."""
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "extra_forbidden" and tuple(place) in RENAMED:
        text: Text = message("problem.is_called_now", renamed=RENAMED[tuple(place)])
    elif problem["type"] == "extra_forbidden":
        text = message("problem.unknown_key", near_key=_near_key(place))
    elif problem["type"] == "missing":
        return Defect(
            origin.source_of(problem["loc"])[0].name,
            message("problem.is_missing_2", place=[*place]),
            message("remedy.give_it_a_value"),
        )
    else:
        text = _said(problem)
    value = None if isinstance(problem["input"], dict) else problem["input"]
    return origin.defect(problem["loc"], text, value=value)


def _said(problem: Mapping[str, Any]) -> Text:
    """Return what pydantic says of a value, as a message where the catalogues know its kind."""
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        own = context["error"].args[0]
        return message("setting.value_error", error=own)
    if has_words(identifier := f"setting.{problem['type']}"):
        return message(identifier, **context)
    return str(problem["msg"][0].lower() + problem["msg"][1:])


def _near_key(place: list[str]) -> Text:
    model: Any = Scenario
    for part in place[:-1]:
        fields = getattr(model, "model_fields", {})
        model = fields[part].annotation if part in fields else None
    near = difflib.get_close_matches(place[-1], list(getattr(model, "model_fields", {})), n=1)
    return message("remedy.or_did_you_mean", near=near[0]) if near else ""
