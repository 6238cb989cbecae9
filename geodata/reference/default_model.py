"""The default propagation model: its name, its constants and its error on measurements."""

from phusong.geodata.reference import settings

RECORD = settings("p1812_terminal")
NAME: str = RECORD["model"]
PATTERN_FILL: float = RECORD["parameters"]["pattern_fill"]
UNCERTAINTY: dict[str, float] = RECORD["uncertainty"]
