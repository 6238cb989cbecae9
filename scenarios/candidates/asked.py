"""What a scenario asks of a province, checked as a whole: one error names all that does not fit."""

import difflib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import baseline
from phusong.geodata.countries import open_country
from phusong.geodata.network import point_lists, sites
from phusong.geodata.province import LISTED, Province
from phusong.messages import Text, message
from phusong.scenarios.candidates import demand, places, policy_zones
from phusong.scenarios.candidates.demand import PolicyTier, Study
from phusong.scenarios.config.sections import INDOOR, Scenario, ServedLevel

T = TypeVar("T")
NEAR = 1e-3  # share: a target this near what is served today is not under it
UNSERVED = 0.5  # new positions are looked for where less than this share is served


class Asked(NamedTuple):
    """What a plan is for, and the places where stations may stand."""

    study: Study
    candidates: GeoDataFrame


class Findings:
    """Errors put off until all that can be checked has been."""

    def __init__(self) -> None:
        self.defects: list[Defect] = []

    def tried(self, make: Callable[[], T]) -> T | None:
        """Return what is made, None where the input does not allow it."""
        try:
            return make()
        except InputError as error:
            self.defects += error.defects or [Defect("scenario", error.what)]
        return None


def prepared(province: Province, scenario: Scenario, findings: Findings) -> Province:
    """Return a province with what the files of a scenario add, as far as they can be read."""
    findings.defects += _other_country(province, scenario)
    zoned = findings.tried(lambda: policy_zones.with_files(province, _files(scenario)))
    province = zoned or province
    if path := scenario.demand.points_file:
        communes = province.communes
        points = findings.tried(lambda: point_lists.read_demand_points(Path(path), communes))
        province = replace(province, points=points)
    if scenario.demand.growth.changes and not province.residents_year:
        findings.defects += _unknown_units(province, scenario)
        year = scenario.rollout.years[-1]
        province = province.with_residents(demand.growth(province, scenario, year), year)
    return findings.tried(lambda: _on_air(province, scenario)) or province


def _other_country(province: Province, scenario: Scenario) -> list[Defect]:
    """Return a defect where a scenario was read for another country than the province's."""
    own, read = open_country(province.country).code, scenario.country.code
    if own == read:
        return []
    problem = message("problem.was_read_for_another_country", own=own, read=read)
    remedy = message("remedy.load_it_for_the_country_of_the_province")
    return [Defect("scenario", problem, remedy, column="country", value=read)]


def _on_air(province: Province, scenario: Scenario) -> Province:
    """Return a province with the 5G that a scenario says is on air: a list before a number.

    Raises
    ------
    InputError
        A list that cannot be read, or more stations than there are sites for them.
    """
    rule, start = scenario.existing_5g, province.baseline
    if start is not None and start.placement == LISTED:
        return province
    if rule.file:
        listed = sites.read_sites(Path(rule.file), province.communes)
        return baseline.with_existing_5g(province, listed, scenario.baseline_date)
    if not rule.stations:
        return province
    count = baseline.StationCount(rule.stations, rule.by, tuple(rule.operators), rule.source)
    zones = policy_zones.policy_zones(province)
    counted = baseline.with_counted_5g(province, zones, count, scenario.scenario.seed)
    start = counted.baseline
    if start is not None and start.stations < rule.stations:
        whose: list[Text] = [*rule.operators] or [message("problem.any_operator")]
        problem = message("problem.sites_for_counted_5g", n=start.stations, whose=whose)
        defect = scenario.origin.defect(
            ("existing_5g", "stations"), problem, message("remedy.ask_for_fewer"), rule.stations
        )
        raise InputError(message("refusal.scenario_and_province_do_not_fit"), [defect])
    return counted


def _unknown_units(province: Province, scenario: Scenario) -> list[Defect]:
    """Return the units with a growth of their own that the province does not have."""
    growth, defect = scenario.demand.growth, scenario.origin.defect
    key = ("demand", "growth")
    known = [*province.communes[col.COMMUNE_CODE], *province.districts[col.DISTRICT_CODE]]
    defects = [
        defect(
            key,
            message("problem.is_no_code_of_a_unit"),
            message("remedy.did_you_mean_3", near=difflib.get_close_matches(code, known, 3, 0.0)),
            code,
        )
        for code in growth.units
        if code not in known
    ]
    if growth.start(province.basis) is None:
        problem, remedy = message("problem.residents_of_no_year"), message("remedy.state_since")
        defects.append(defect(key, problem, remedy))
    return defects


def asked(
    province: Province,
    scenario: Scenario,
    served: NDArray[np.floating],
    findings: Findings | None = None,
    at_level: Callable[[ServedLevel], NDArray[np.floating]] | None = None,
) -> Asked:
    """Return the study of a scenario and its candidates; ``served`` is today's share by pixel.

    ``findings`` are those of what was read before. ``at_level`` returns today's share as a level
    counts it, where tiers count at another.

    Raises
    ------
    InputError
        With every tier, file, station and target that does not fit the province.
    """
    findings = findings or Findings()
    study, defects = demand.checked_study(province, scenario)
    findings.defects += defects
    frame = findings.tried(lambda: places.candidates(province, scenario, served < UNSERVED))
    for tier in study.tiers:
        level, today = tier.rule.level, served
        if at_level is not None and level != INDOOR:
            today = at_level(level)
        findings.defects += _reached(study, tier, today.ravel())
    if frame is None or findings.defects:
        raise InputError(message("refusal.scenario_and_province_do_not_fit"), findings.defects)
    return Asked(study, frame)


def _files(scenario: Scenario) -> list[str]:
    """Return the files of zones that a scenario names."""
    return [*scenario.zones.extra, *(t.zones.file for t in scenario.tiers if t.zones.file)]


def _reached(study: Study, tier: PolicyTier, served: NDArray[np.floating]) -> list[Defect]:
    """Return the targets of a tier that are under what is served before the plan."""
    counted = study.tier_demand(tier)
    if tier.rule.zones.optional or not tier.rule.targets:
        return []
    share = float(served @ counted / max(float(counted.sum()), 1e-9))
    problem = message("problem.is_reached_already", share=share)
    remedy = message("remedy.ask_for_more_or_leave_out", share=share)
    return [
        study.scenario.origin.defect(
            ("tiers", tier.number - 1, "targets", year), problem, remedy, target
        )
        for year, target in tier.rule.targets.items()
        if target < share - NEAR
    ]
