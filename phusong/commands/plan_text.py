"""The figures of a run in a few lines, for the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong import columns as col
from phusong import meanings
from phusong.messages import message, speak
from phusong.terminal.speech import sayer

if TYPE_CHECKING:
    import pandas as pd

    from phusong.scenarios.plan.run import Plan

FIRST_ZONES = 3  # named by rank


def headline(plan: "Plan", out: Path, language: str) -> str:
    """Return the figures of a run in a few lines, and where its pages are."""
    from phusong.scenarios.results.assumptions import baseline  # noqa: PLC0415 - with numba

    say = sayer(language)
    figures, choice = plan.headline, plan.choice
    named = meanings.share_names(plan.scenario.service.model_dump(), language)
    stations = {key: figures[key] for key in ("stations", "colocated", "new")}
    lines = [
        say(
            "stations",
            **stations,
            candidates=choice["candidates"],
            cost=plan.cost["capex_million"],
        ),
        say(
            "people_5g",
            before=figures["people_share_before"],
            after=figures["people_share_after"],
            sure=figures["sure_people_share_after"],
            outdoors=figures["outdoor_people_share_after"],
            expected_name=named[meanings.EXPECTED],
            sure_name=named[meanings.SURE],
            outdoors_name=named[meanings.OUTDOORS],
            **_range(figures, "people_share_after"),
        ),
        say("people_4g", share=figures["people_share_4g"]),
        *(speak(told, language) for told in baseline(plan)),
        *(say("year", **_year(year)) for year in plan.years),
        *(_tier(tier, language) for tier in plan.tiers if tier["years"][-1]["target"] is not None),
        _proof(choice, language),
        *_zones(plan, language),
        *([say("classes", **_classes(plan.ranking[col.STABILITY]))] if choice["proof"] else []),
        say("map", path=str(out / "map.html")),
        say("report", path=str(out / "report.html")),
    ]
    return "\n".join(lines)


def _proof(choice: dict[str, Any], language: str) -> str:
    """Return how far a plan may lie from the best."""
    if not choice["proof"]:
        return speak(message("warning.no_proof"), language)
    say, gap = sayer(language), choice["gap"]
    return say("no_gap") if gap is None else say("gap", gap=gap)


def _year(year: dict[str, Any]) -> dict[str, Any]:
    figures = {key: year[key] for key in ("year", "stations")}
    share, ends = year["people_share"], _range(year, "people_share")
    return {**figures, "cost": year["cost_million"], "share": share, **ends}


def _tier(tier: dict[str, Any], language: str) -> str:
    """Return what a tier asked for and reached by the last year."""
    say, last = sayer(language), tier["years"][-1]
    figures = {key: last[key] for key in ("year", "target", "reached")}
    return say("tier", tier=tier["tier"], title=speak(tier["title"], language), **figures)


def _range(figures: dict[str, Any], name: str) -> dict[str, float]:
    """Return the band on a share."""
    return {end: figures[f"{name}_{end}"] for end in ("low", "high")}


def _zones(plan: "Plan", language: str) -> list[str]:
    """Return which zones come first and how surely, where the plan ranks any."""
    zones, say = plan.choice["zones"], sayer(language)
    if plan.zones_ranking.empty:
        return []
    first = plan.zones_ranking.nsmallest(FIRST_ZONES, col.RANK, keep="first")[col.NAME].tolist()
    known = {"first": first, "correlation": zones["score_topsis_correlation"]}
    if zones["consistency_ratio"] > 0:
        return [say("zones", ratio=zones["consistency_ratio"], **known)]
    return [say("zones_given", **known)]


def _classes(stability: "pd.Series") -> dict[str, int]:
    return {name: int((stability == name.upper()).sum()) for name in ("a", "b", "c")}
