"""The figures of a run in a few lines, for the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phusong.scenarios.plan.run import Plan


def headline(plan: "Plan", out: Path) -> str:
    """Return the figures of a run in a few lines, and where its pages are."""
    return "\n".join([_stations(plan), _people(plan), *_years(plan), _proof(plan), *_pages(out)])


def _stations(plan: "Plan") -> str:
    figures = plan.headline
    return (
        f"{figures['stations']} stations ({figures['colocated']} on existing masts, "
        f"{figures['new']} new) of {plan.choice['candidates']:,} candidates, "
        f"{plan.cost['capex_million']:,.0f} million VND with backhaul"
    )


def _people(plan: "Plan") -> str:
    figures, probability = plan.headline, plan.scenario.service.probability
    return (
        f"residents covered by 5G: {figures['people_share_before']:.1%} before, "
        f"{figures['people_share_after']:.1%} after (expected; "
        f"{_range(figures, 'people_share_after')} with 90 %); "
        f"{figures['sure_people_share_after']:.1%} with a probability of {probability:.0%}\n"
        f"residents covered by 4G today, outdoors: {figures['people_share_4g']:.2%}"
    )


def _years(plan: "Plan") -> list[str]:
    return [
        f"{year['year']}: {year['stations']} stations, {year['cost_million']:,.0f} million "
        f"VND, {year['people_share']:.1%} of residents ({_range(year, 'people_share')})"
        for year in plan.years
    ]


def _range(figures: dict[str, Any], name: str) -> str:
    """Return the band on a share."""
    return f"{figures[f'{name}_low']:.1%} to {figures[f'{name}_high']:.1%}"


def _proof(plan: "Plan") -> str:
    choice = plan.choice
    agree = f"scores and TOPSIS agree to {choice['score_topsis_correlation']:.2f} in rank"
    if choice["consistency_ratio"] > 0:
        agree += f"; consistency ratio of the judgements {choice['consistency_ratio']:.3f}"
    if choice["gap"] is None:
        return f"the plan adds nothing, so that nothing was proven of it\n{agree}"
    return f"no plan under the same rules adds over {choice['gap']:.2%} more than this one\n{agree}"


def _pages(out: Path) -> list[str]:
    return [f"map:    {out / 'map.html'}", f"report: {out / 'report.html'}"]
