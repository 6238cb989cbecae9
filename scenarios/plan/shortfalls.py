"""Say what a plan was asked for and does not reach."""

from functools import partial
from typing import Any

from phusong.scenarios.plan import bilingual

NAMED = 4  # of the worst, in one sentence
TEXTS = {
    "vi": {
        "quota": "Chưa đạt {n} trên {of} chỉ tiêu khu vực, vì các vị trí đã so sánh hoặc giới hạn "
        "của kế hoạch không cho phép hơn: {worst}.",
        "minimum": "Chưa đạt {n} trên {of} số trạm tối thiểu của huyện: {worst}.",
        "target": "Chưa đạt {n} trên {of} mục tiêu theo năm trong giới hạn của kế hoạch: {worst}.",
        "one": "{name} đến {year} đạt {reached}, yêu cầu {asked}",
        "more": " và {n} mục khác",
    },
    "en": {
        "quota": "{n} of {of} quotas of zones are not reached, since the places compared or the "
        "limits of the plan allow no more: {worst}.",
        "minimum": "{n} of {of} minima of districts are not reached: {worst}.",
        "target": "{n} of {of} targets by year are not reached within the limits of the plan: "
        "{worst}.",
        "one": "{name} by {year} {reached} of {asked}",
        "more": " and {n} more",
    },
}


def warnings(reached: list[dict[str, Any]]) -> list[bilingual.Both]:
    """Return a sentence for each kind of need that the plan misses, the worst ones named.

    ``reached`` has kind, name, year, asked, reached and met, as in run.json (``choice.reached``).
    """
    found = []
    for kind in ("quota", "minimum", "target"):
        own = [need for need in reached if need["kind"] == kind]
        short = [need for need in own if not need["met"]]
        if short:
            found.append(bilingual.both(partial(_sentence, kind, short, len(own))))
    return found


def _sentence(kind: str, short: list[dict[str, Any]], of: int, language: str) -> str:
    words = TEXTS[language]
    worst = sorted(short, key=lambda need: (need["reached"] / need["asked"], need["name"]))[:NAMED]
    named = [
        words["one"].format(
            name=need["name"],
            year=need["year"],
            **{key: _amount(need[key], kind, language) for key in ("reached", "asked")},
        )
        for need in worst
    ]
    rest = words["more"].format(n=len(short) - NAMED) if len(short) > NAMED else ""
    return words[kind].format(n=len(short), of=of, worst="; ".join(named) + rest)


def _amount(value: float, kind: str, language: str) -> str:
    if kind == "minimum":
        return f"{value:g}"
    percent = f"{100 * value:.1f}".removesuffix(".0")
    return f"{percent.replace('.', ',') if language == 'vi' else percent} %"
