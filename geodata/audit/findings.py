"""What an audit has to say, as text, as JSON and as points on a map."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from phusong.errors import Defect
from phusong.messages import Message, Text, message, speak

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
SHOWN_PER_CHECK = 10
WRONG_ROW = message("why.the_row_cannot_be_used")


@dataclass(frozen=True)
class Finding:
    """One thing an audit has to say: an error, a warning or a note.

    ``check`` names the rule, ``why`` says what goes wrong if it stays; ``lon, lat`` (WGS 84)
    are where it is, if it is somewhere.

    Parameters
    ----------
    level
        Error, warning or note.
    defect
        Where, what is wrong, and what to do.
    check
        The rule.
    why
        What goes wrong if it stays.
    lon
        Longitude [degrees].
    lat
        Latitude [degrees].
    """

    level: Level
    defect: Defect
    check: str = ""
    why: Text = ""
    lon: float | None = None
    lat: float | None = None

    def __str__(self) -> str:
        """Return ``level: file: what. Why.`` in English."""
        return self.spoken("en")

    def spoken(self, language: str) -> str:
        """Return ``level: file: what. Why.`` in a language.

        Parameters
        ----------
        language
            One of ``phusong.messages.languages()``.

        Returns
        -------
        str
            One line.
        """
        values = {"level": _level(self.level), "defect": self.defect.spoken(language)}
        key = "with_why" if self.why else "line"
        return speak(message(f"finding.{key}", **values, why=self.why), language)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, the most serious first."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """Return the number of findings by level."""
    return {level: sum(finding.level == level for finding in findings) for level in LEVELS}


def _level(level: Level) -> Message:
    return message(f"finding.{level}")


def text(findings: Sequence[Finding], language: str) -> str:
    """Return the findings as lines, at most ten of a kind, and their number by level."""
    numbers = [message(f"finding.{level}s", count=n) for level, n in counts(findings).items()]
    summary = ", ".join(speak(number, language) for number in numbers)
    seen: Counter[tuple[Level, str, str]] = Counter()
    lines = []
    for finding in findings:
        kind = (finding.level, finding.check, finding.defect.source)
        seen[kind] += 1
        if not finding.check or seen[kind] <= SHOWN_PER_CHECK:
            lines.append(finding.spoken(language))
    for (level, check, source), number in seen.items():
        if check and number > SHOWN_PER_CHECK:
            hidden = number - SHOWN_PER_CHECK
            values = {"level": _level(level), "source": source, "check": check, "n": hidden}
            lines.append(speak(message("finding.more", **values), language))
    return "\n".join([*lines, summary])


def as_json(findings: Sequence[Finding], language: str) -> str:
    """Return the findings as a JSON document with their number by level."""
    document = {"counts": counts(findings), "findings": [_record(f, language) for f in findings]}
    return json.dumps(document, ensure_ascii=False, indent=1)


def as_points(findings: Sequence[Finding], language: str) -> tuple[str, int]:
    """Return the findings that lie somewhere as GeoJSON points, and how many there are."""
    placed = [f for f in findings if f.lon is not None and f.lat is not None]
    features = [
        {
            "type": "Feature",
            "properties": _record(f, language),
            "geometry": {"type": "Point", "coordinates": [f.lon, f.lat]},
        }
        for f in placed
    ]
    body = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', len(placed)


def _record(finding: Finding, language: str) -> dict[str, Any]:
    defect = finding.defect
    value = defect.value
    return {
        "level": finding.level,
        "check": finding.check,
        "file": defect.source,
        "row": defect.row,
        "column": defect.column,
        "value": value if isinstance(value, str | int | float | None) else str(value),
        "problem": speak(defect.problem, language),
        "why": speak(finding.why, language),
        "remedy": speak(defect.remedy, language),
        "lon": finding.lon,
        "lat": finding.lat,
    }
