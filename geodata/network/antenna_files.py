"""Read antenna patterns as vendors give them: MSI/Planet files (.msi, .pla, .txt).

A file is lines of ``KEYWORD value`` followed by two cuts, ``HORIZONTAL 360`` and ``VERTICAL
360``, each with a line ``angle attenuation`` per degree. Attenuations are decibels below the
main lobe, zero or more. Horizontal angles run clockwise from the main direction. The vertical
cut starts at the horizon in the main direction and turns downwards: 90 is the nadir, 180 the
horizon behind, 270 the zenith; an elevation ``e`` above the horizon is its angle ``-e``.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phusong.errors import Defect, InputError
from phusong.geodata import measures
from phusong.geodata.files import guard
from phusong.geodata.files.tables import Table, number
from phusong.messages import Text, message

SUFFIXES = (".msi", ".pla", ".txt")
BUILT_IN = ("sector", "omni", "isotropic", "panel", "8t8r", "32t32r", "64t64r")
ANGLES = 360
DEEPEST_DB = 200.0
HIGHEST_GAIN_DBI = 60.0
CUTS = ("HORIZONTAL", "VERTICAL")
MAX_BYTES = 2**20
LONGEST_LINE = 500  # characters; what follows says nothing of a pattern

Cut = NDArray[np.float64]


@dataclass(frozen=True)
class AntennaFile:
    """What a file tells: attenuation per degree, from 0 to 359, in the file's own angles.

    ``frequency_mhz`` is None where the file gives none, the middle where it gives a range;
    ``tilt_note`` is what the file says of tilt, in its own words.

    Parameters
    ----------
    name
        Of the antenna, as the file says.
    gain_dbi
        Gain of the main lobe [dBi].
    horizontal_db
        Attenuations clockwise, shape (360,) [dB].
    vertical_db
        Attenuations downwards from the horizon, shape (360,) [dB].
    frequency_mhz
        Of the pattern [MHz].
    tilt_note
        Of tilt.
    sha256
        Checksum of the file.
    """

    name: str
    gain_dbi: float
    horizontal_db: Cut
    vertical_db: Cut
    frequency_mhz: float | None = None
    tilt_note: str = ""
    sha256: str = ""

    @property
    def tilt_deg(self) -> float:
        """Return the downtilt that the vertical cut holds: where its main lobe points.

        >>> cut = np.minimum(0.1 * (np.arange(360) - 6.0) ** 2, 30.0)
        >>> AntennaFile("a", 17.0, cut, cut).tilt_deg
        6.0
        """
        down = np.arange(ANGLES)
        signed = np.where(down > 180, down - ANGLES, down)
        front = np.abs(signed) <= 90
        lowest = self.vertical_db[front].min()
        return float(np.mean(signed[front & (self.vertical_db <= lowest)]))


@dataclass
class _Reading:
    """What is known of a file so far."""

    path: Path
    values: dict[str, str] = field(default_factory=dict)
    line_of: dict[str, int] = field(default_factory=dict)
    cuts: dict[str, Cut] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)

    def wrong(self, problem: Text, line: int | None = None, value: object = None) -> None:
        """Note a defect."""
        self.defects.append(Defect(str(self.path), problem, row=line, value=value))


def read(path: Path) -> AntennaFile:
    """Read one pattern file (MSI/Planet).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    AntennaFile
        Gain and cuts.

    Raises
    ------
    InputError
        With every broken line, each with its number.
    """
    reading = _Reading(Path(path))
    content = guard.read_bytes(path, MAX_BYTES)
    _read_lines(reading, [line[:LONGEST_LINE] for line in _text(content).splitlines()])
    gain_dbi, frequency_mhz = _gain_dbi(reading), _frequency_mhz(reading)
    for cut in CUTS:
        if cut not in reading.cuts:
            reading.wrong(f"has no {cut} cut")
    if reading.defects:
        ordered = sorted(reading.defects, key=lambda defect: defect.row or 0)
        raise InputError(
            message("refusal.is_not_a_usable_antenna_pattern", path=reading.path.name), ordered
        )
    tilts = [reading.values[key] for key in reading.values if "TILT" in key]
    return AntennaFile(
        reading.values.get("NAME") or reading.path.stem,
        gain_dbi,
        reading.cuts["HORIZONTAL"],
        reading.cuts["VERTICAL"],
        frequency_mhz,
        "; ".join(tilts),
        hashlib.sha256(content).hexdigest(),
    )


def _text(content: bytes) -> str:
    """Return the text; old vendor files are Latin-1."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _read_lines(reading: _Reading, lines: list[str]) -> None:
    """Take in keywords and cuts, noting what is wrong."""
    at = 0
    while at < len(lines):
        words = lines[at].split(maxsplit=1)
        at += 1
        if not words:
            continue
        key, rest = words[0].upper().rstrip(":"), words[1].strip() if words[1:] else ""
        if key in CUTS:
            at = _read_cut(reading, key, rest, lines, at)
        elif re.fullmatch(r"[A-Z]\w*", key):
            reading.values.setdefault(key, rest)
            reading.line_of.setdefault(key, at)
        else:
            reading.wrong("is neither a keyword nor part of a cut", at, lines[at - 1][:40])


def _read_cut(reading: _Reading, key: str, count: str, lines: list[str], at: int) -> int:
    """Take in the lines of a cut that starts after its header; return where it ends."""
    header, cut, taken = at, np.full(ANGLES, np.nan), 0
    if key in reading.cuts:
        reading.wrong(f"is a second {key} cut", header)
    if number(count) != ANGLES:
        reading.wrong(f"a cut of {ANGLES} lines, one per degree, is needed", header, count)
    while at < len(lines) and not _ends_cut(lines[at], taken):
        if lines[at].strip():
            _read_angle(reading, cut, lines[at], at + 1)
            taken += 1
        at += 1
    missing = np.flatnonzero(np.isnan(cut))
    if missing.size:
        shown = ", ".join(map(str, missing[:5].tolist())) + (", ..." if missing.size > 5 else "")
        reading.wrong(f"the {key} cut lacks {missing.size} angles: {shown}", header)
    reading.cuts[key] = cut
    return at


def _ends_cut(line: str, taken: int) -> bool:
    """Return whether a line is the next header: the other cut, or a keyword when this is full."""
    word = re.match(r"\s*([A-Za-z]\w*)", line)
    return word is not None and (word[1].upper() in CUTS or taken >= ANGLES)


def _read_angle(reading: _Reading, cut: Cut, text: str, line: int) -> None:
    """Take in one ``angle attenuation`` line; a bad one counts as an angle of no attenuation."""
    parts = re.split(r"[\s;]+", text.strip())
    values = [number(part) for part in parts]
    angle = values[0]
    if angle is None or angle != int(angle) or not 0 <= angle < ANGLES:
        reading.wrong(f"the angle is not a whole number from 0 to {ANGLES - 1}", line, parts[0])
        return
    seen, loss_db = not np.isnan(cut[int(angle)]), values[1] if len(values) == 2 else None
    cut[int(angle)] = 0.0 if loss_db is None else loss_db
    if seen:
        reading.wrong(f"the angle {angle:g} comes a second time", line, text.strip()[:40])
    if loss_db is None:
        reading.wrong("is not an angle and an attenuation", line, text.strip()[:40])
    elif not 0.0 <= loss_db <= DEEPEST_DB:
        reading.wrong(f"the attenuation is not between 0 and {DEEPEST_DB:g} dB", line, parts[1])


def beside(table: Table, index: int, name: str) -> tuple[AntennaFile | None, list[Defect]]:
    """Return the pattern file that a row of a list names, or the defects of that row."""
    try:
        return read(guard.beside(table.path.parent, name)), []
    except InputError as error:
        return None, [table.defect(index, str(defect)) for defect in error.defects]


def _gain_dbi(reading: _Reading) -> float:
    """Return the gain over an isotropic antenna."""
    text = reading.values.get("GAIN")
    if text is None:
        reading.wrong("has no GAIN line")
        return 0.0
    match = re.fullmatch(r"([-+]?[\d.,]+)\s*(dBi|dBd|dB)?", text, re.IGNORECASE)
    value = number(match[1]) if match else None
    unit = (match[2] or "dBd").lower() if match else ""
    gain_dbi = None if value is None else value + (0.0 if unit == "dbi" else measures.DIPOLE_DBI)
    if gain_dbi is None or abs(gain_dbi) > HIGHEST_GAIN_DBI:
        reading.wrong("is not a gain in dBd or dBi", reading.line_of["GAIN"], text)
        return 0.0
    return gain_dbi


def _frequency_mhz(reading: _Reading) -> float | None:
    """Return the frequency, or the middle of a range such as 1710-1880."""
    text = reading.values.get("FREQUENCY", "")
    if not text:
        return None
    bare = re.sub(r"\s*MHz$", "", text, flags=re.IGNORECASE)
    values = [number(part) for part in re.split(r"\s*[-–]\s*|\s+", bare)]
    known = [value for value in values if value is not None and value > 0.0]
    if len(known) != len(values) or len(known) > 2:
        reading.wrong("is not a frequency in MHz", reading.line_of["FREQUENCY"], text)
        return None
    return sum(known) / len(known)
