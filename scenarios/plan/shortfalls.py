"""What a plan was asked for and does not reach."""

from typing import Any

from phusong.messages import Message, message

NAMED = 4  # of the worst, in one sentence


def warnings(reached: list[dict[str, Any]]) -> list[Message]:
    """Return a sentence for each kind of need that the plan misses, the worst ones named.

    ``reached`` has kind, name, year, asked, reached and met, as in run.json (``choice.reached``).
    """
    by_kind = {
        kind: [need for need in reached if need["kind"] == kind]
        for kind in ("quota", "minimum", "target")
    }
    short = {kind: [need for need in own if not need["met"]] for kind, own in by_kind.items()}
    return [
        message(f"shortfall.{kind}", n=len(missed), of=len(by_kind[kind]), worst=_worst(missed))
        for kind, missed in short.items()
        if missed
    ]


def _worst(short: list[dict[str, Any]]) -> Message:
    worst = sorted(short, key=lambda need: (need["reached"] / need["asked"], need["name"]))[:NAMED]
    named = [_need(need) for need in worst]
    if len(short) <= NAMED:
        return message("shortfall.worst", named=named)
    return message("shortfall.worst_and_more", named=named, n=len(short) - NAMED)


def _need(need: dict[str, Any]) -> Message:
    unit = "count" if need["kind"] == "minimum" else "share"
    values = {key: need[key] for key in ("name", "year", "reached", "asked")}
    return message(f"shortfall.{unit}", **values)
