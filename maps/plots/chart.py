"""Charts of the report as SVG: small, sharp in print, in the page's own font."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 520.0, 270.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 38.0, 42.0
NAME_ROOM = 36.0  # of a year above the plot

Format = Callable[[float], str]
Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """One axis: its range starts at 0, ends at the last tick; ``name`` says the quantity."""

    name: str
    ticks: tuple[float, ...]
    written: Format

    @property
    def end(self) -> float:
        """Return the largest value on the axis."""
        return self.ticks[-1]


@dataclass(frozen=True)
class Mark:
    """A vertical line at ``x`` with a short text, such as the end of a year."""

    x: float
    text: str


def ticks(largest: float, count: int = 5) -> tuple[float, ...]:
    """Return round steps of 1, 2 or 5 times a power of ten from 0 to at least ``largest``."""
    if largest <= 0:
        return (0.0, 1.0)
    rough = largest / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1.0, 2.0, 5.0, 10.0) if rough <= factor * power)
    return tuple(step * i for i in range(math.ceil(largest / step - 1e-9) + 1))


def line(points: Sequence[Point], x: Axis, y: Axis, marks: Sequence[Mark] = ()) -> Markup:
    """Return a line chart with a shaded area under the line."""
    drawn = [_place(point, x, y) for point in points]
    path = " ".join(f"{left:.1f},{top:.1f}" for left, top in drawn)
    area = f"{drawn[0][0]:.1f},{HEIGHT - BOTTOM} {path} {drawn[-1][0]:.1f},{HEIGHT - BOTTOM}"
    parts = [
        _grid(x, y),
        f'<polygon class="area" points="{area}"/>',
        *_marks(marks, x, y),
        f'<polyline class="line" points="{path}"/>',
    ]
    label = escape(f"{y.name} / {x.name}")
    return Markup(  # noqa: S704 - every text in it is escaped here
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )


def _place(point: Point, x: Axis, y: Axis) -> Point:
    across = (WIDTH - LEFT - RIGHT) * point[0] / x.end
    up = (HEIGHT - TOP - BOTTOM) * point[1] / y.end
    return LEFT + across, HEIGHT - BOTTOM - up


def _text(left: float, top: float, words: str, anchor: str, kind: str = "tick") -> str:
    return (
        f'<text class="{kind}" x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _grid(x: Axis, y: Axis) -> str:
    parts = []
    for value in y.ticks:
        _, top = _place((0.0, value), x, y)
        parts.append(f'<path class="rule" d="M{LEFT} {top:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 8, top + 4, y.written(value), "end"))
    for value in x.ticks:
        left, _ = _place((value, 0.0), x, y)
        parts.append(f'<path class="rule" d="M{left:.1f} {HEIGHT - BOTTOM}v5"/>')
        parts.append(_text(left, HEIGHT - BOTTOM + 18, x.written(value), "middle"))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 4, x.name, "end", "name"))
    parts.append(_text(0.0, 13.0, y.name, "start", "name"))
    return "".join(parts)


def _marks(marks: Sequence[Mark], x: Axis, y: Axis) -> list[str]:
    """Return the lines of marks, each named above the plot where no name stands already."""
    parts, free = [], LEFT
    for mark in marks:
        left, _ = _place((mark.x, 0.0), x, y)
        parts.append(f'<path class="mark" d="M{left:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        if left >= free:
            parts.append(_text(left, TOP - 5, mark.text, "middle", "marked"))
            free = left + NAME_ROOM
    return parts
