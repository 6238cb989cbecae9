"""Read a column of numbers with their units; what may mean two things is said, not guessed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.errors import Defect
from phusong.geodata import measures, numerals
from phusong.geodata.files.table import Table
from phusong.geodata.numerals import COMMA, MARK_NAMES, POINT
from phusong.messages import Text, message

# A figure without a unit may be in any of these: 20 under "power" is 100 mW or 20 W.
RIVALS: Mapping[str, tuple[str, ...]] = {"dBm": ("dBm", "W")}
RIVAL_RANGES = {"W": (1e-3, 1e3)}

Floats = NDArray[np.float64]


class Measure(NamedTuple):
    """What a column holds: its unit (see ``measures.KINDS``) and the numbers that can be right.

    ``whole`` says whether they are counts, which tells marks of thousands from decimal ones.
    ``rivals`` says whether figures without a unit may be in one of ``RIVALS``; ``words`` say what
    a number must be, in messages.
    """

    unit: str
    low: float = -np.inf
    high: float = np.inf
    whole: bool = False
    rivals: bool = False
    words: str = ""

    def fits(self, value: float) -> bool:
        """Return whether a number in the unit of the column can stand in it."""
        return self.low <= value <= self.high

    def suits(self, value: float) -> bool:
        """Return whether a number is as the column's usually are: whole, where it counts."""
        return self.fits(value) and not (self.whole and value % 1)

    @property
    def range(self) -> str:
        """Return the numbers that can be right, in words."""
        if self.words:
            return self.words
        kind = "a number"
        if np.isinf(self.low) and np.isinf(self.high):
            return kind
        if np.isinf(self.high):
            return f"{kind} of {self.low:g} or more"
        return f"{kind} from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class Quantities:
    """The numbers of a column, NaN where it says nothing or is wrong, and what is to be said."""

    values: Floats
    defects: list[Defect] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Problem(NamedTuple):
    problem: Text
    remedy: Text = ""


class _Header(NamedTuple):
    """A column of a file, ours by name, with what the user states of it."""

    table: Table
    header: str
    column: str
    measure: Measure
    unit: str = ""  # stated
    mark: str = ""  # stated

    def defect(self, problem: Text, remedy: Text, index: int | None = None) -> Defect:
        """Return a defect of the column, or of one of its cells."""
        if index is not None:
            return self.table.defect(index, problem, remedy, self.header)
        return Defect(str(self.table.path), problem, remedy, column=self.header)


def read(table: Table, header: str, column: str, measure: Measure, default: str = "") -> Quantities:
    """Read a column of numbers, each with its own unit, else the header's, else the column's.

    Parameters
    ----------
    table : the file; ``table.stated.units`` is what the user states by ``--assume column=unit``.
    header : the header of the column in the file.
    column : our name of it.
    measure : its unit and range.
    default : unit of figures without one, where it is not that of the measure.

    Returns
    -------
    Numbers in the unit of the measure. A defect says what is no number, out of range, in an
    unknown unit, or may mean two things.
    """
    stated = table.stated.units.get(column, ())
    mark = next((mark for mark, name in MARK_NAMES.items() if name in stated), "")
    unit = next((unit for unit in stated if unit not in MARK_NAMES.values()), default)
    heading = _Header(table, header, column, measure, unit, mark)
    inverse, distinct = _distinct(table.cells[header].tolist())
    parts = [measures.split(text) for text in distinct]
    usual = _usual_unit(heading, [number for number, own in parts if number and not own])
    if isinstance(usual, Defect):
        return Quantities(np.full(len(inverse), np.nan), [usual])
    unit, notes = usual
    values = np.full(len(distinct), np.nan)
    problems: dict[int, _Problem] = {}
    for own in dict.fromkeys(own for number, own in parts if number or own):
        places = [i for i, part in enumerate(parts) if part[1] == own and any(part)]
        _convert(heading, own or unit, [(i, parts[i][0]) for i in places], values, problems, notes)
    defects = [
        heading.defect(*problems[place], index=row)
        for row, place in enumerate(inverse.tolist())
        if place in problems
    ]
    return Quantities(values[inverse], defects, [*notes, *_units_said(heading, parts, unit)])


def _distinct(texts: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the distinct texts of a column and the place of each row among them."""
    place: dict[tuple[str, bool], int] = {}
    rows = [place.setdefault((t, isinstance(t, numerals.Figure)), len(place)) for t in texts]
    figures: list[str] = [numerals.Figure(text) if exact else text for text, exact in place]
    return np.array(rows, np.int64), figures


def _usual_unit(heading: _Header, bare: Sequence[str]) -> tuple[str, list[str]] | Defect:
    """Return the unit of figures without one of their own, or the defect that none can be told."""
    own, known = heading.measure.unit, measures.known_units(heading.measure.unit)
    state = f"--assume {heading.column}="
    if heading.unit:
        if measures.conversion(heading.unit, own) is None:
            return heading.defect(
                message("problem.cannot_be_read_in", unit=heading.unit),
                message("remedy.one_of", state=state, known=known),
            )
        return heading.unit, []
    unit, strange = measures.header_unit(heading.header, own)
    if strange:
        problem = message(
            "problem.its_header_names_which_is_no", strange=strange, column=heading.column
        )
        return heading.defect(
            problem, message("remedy.write_one_of_there_or_state", known=known, state=state)
        )
    if unit or not bare or not heading.measure.rivals:
        return unit or own, []
    return _of_rivals(heading, bare, state)


def _of_rivals(heading: _Header, bare: Sequence[str], state: str) -> tuple[str, list[str]] | Defect:
    """Return the one unit in which all figures fit; where several do, a defect that shows them."""
    own = heading.measure.unit
    numbers = [value for text in bare if (value := numerals.number(text)) is not None]
    ranges = {
        name: RIVAL_RANGES.get(name, (heading.measure.low, heading.measure.high))
        for name in RIVALS[own]
    }
    fitting = [
        name
        for name, (low, high) in ranges.items()
        if numbers and all(low <= value <= high for value in numbers)
    ]
    if len(fitting) < 2:
        unit = fitting[0] if fitting else own
        note = (
            f"'{heading.header}' names no unit and was read in {unit}, the one that fits all of it"
        )
        return unit, [note] if numbers else []
    cells = heading.table.cells[heading.header].tolist()
    index = next(i for i, text in enumerate(cells) if measures.split(text) == (bare[0], ""))
    shown = [f"{bare[0]} {name} ({_in(numbers[0], name, own)})" for name in fitting]
    remedy = message(
        "remedy.name_the_unit_in_the_header", fitting=[state + name for name in fitting]
    )
    return replace(
        heading.defect(message("problem.may_be_no_unit_is_given", shown=shown), remedy),
        value=cells[index],
    )


def _in(value: float, unit: str, target: str) -> str:
    convert = measures.conversion(unit, target)
    return f"{float(convert(value)):.4g} {target}" if convert else ""


def _convert(
    heading: _Header,
    unit: str,
    numbers: Sequence[tuple[int, str]],
    values: Floats,
    problems: dict[int, _Problem],
    notes: list[str],
) -> None:
    """Fill in the numbers that are in one unit, and what is wrong with the others."""
    measure = heading.measure
    convert = measures.conversion(unit, measure.unit)
    if convert is None:
        known = measures.known_units(measure.unit)
        problem = _Problem(f"'{unit}' is no unit known for {heading.column}", f"known are {known}")
        problems.update(dict.fromkeys((i for i, _ in numbers), problem))
        return

    def fits(value: float) -> bool:
        return measure.fits(round(float(convert(value)), 9))

    def suits(value: float) -> bool:
        return measure.suits(round(float(convert(value)), 9))

    texts = dict.fromkeys(text for _, text in numbers)
    read, doubtful, _ = numerals.decide(texts, suits, heading.mark)
    for i, text in numbers:
        value = read[text]
        if text in doubtful:
            mark = _mark_elsewhere(heading, text)
            value = numerals.readings(text).by(mark) if mark else None
        if text in doubtful and value is None:
            problems[i] = _two_readings(heading, text)
        elif value is not None and fits(value):
            values[i] = float(convert(value))
        elif (other := _regrouped(text, fits)) is not None:
            values[i] = float(convert(other))
            notes.append(f"'{text}' under '{heading.header}' was read as {other:.10g}")
        else:
            problems[i] = _out_of_range(heading, value, unit)


def _mark_elsewhere(heading: _Header, text: str) -> str:
    """Return the decimal mark that the other columns of the file show, '' where it settles nothing.

    Three noughts behind the mark that is decimal elsewhere may still be thousands in a count:
    people come whole, and few write 21.000 for 21.
    """
    mark = heading.table.mark
    single = POINT if POINT in text else COMMA
    return "" if heading.measure.whole and mark == single else mark


def _two_readings(heading: _Header, text: str) -> _Problem:
    first, second = numerals.readings(text)
    point, comma = (f"--assume {heading.column}={MARK_NAMES[mark]}" for mark in (POINT, COMMA))
    problem = message("problem.may_be_or_its_mark_may", first=first, second=second)
    return _Problem(problem, f"write it without marks of thousands, or say {point} or {comma}")


def _regrouped(text: str, fits: Callable[[float], bool]) -> float | None:
    """Return the number whose decimals were given marks of thousands, where one reading fits."""
    options = [value for value in numerals.broken(text) or () if fits(value)]
    return options[0] if options else None


def _out_of_range(heading: _Header, value: float | None, unit: str) -> _Problem:
    measure = heading.measure
    if value is None:
        return _Problem(f"is not {measure.range}")
    others = [
        name
        for name in _units(measure.unit)
        if name.casefold() != unit.casefold() and _fits(value, name, measure)
    ]
    remedy = message("remedy.in_it_would_fit_name_the", others=[*others[:2]]) if others else ""
    same = _same(unit, measure.unit)
    shown = "" if same else f" {measure.unit} ({_in(value, unit, measure.unit)})"
    return _Problem(f"is not {measure.range}{shown}", remedy)


def _units(target: str) -> list[str]:
    return [name for name in measures.known_units(target).split(", ") if name != "no unit"]


def _fits(value: float, unit: str, measure: Measure) -> bool:
    convert = measures.conversion(unit, measure.unit)
    return convert is not None and measure.fits(round(float(convert(value)), 9))


def _units_said(heading: _Header, parts: Sequence[tuple[str, str]], unit: str) -> list[str]:
    """Return which units were converted, where any was."""
    target = heading.measure.unit
    units = dict.fromkeys(own or unit for number, own in parts if number)
    foreign = [name for name in units if name and name.casefold() != target.casefold()]
    same = [name for name in foreign if _same(name, target)]
    foreign = [name for name in foreign if name not in same]
    if not foreign:
        return []
    return [f"'{heading.header}' converted from {', '.join(foreign)} to {target or 'numbers'}"]


def _same(unit: str, target: str) -> bool:
    convert = measures.conversion(unit, target)
    return convert is not None and float(convert(1.0)) == 1.0 and float(convert(2.0)) == 2.0
