"""The carrier of every cell of a list: what channel number, frequency and band say together."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata.files.tables import Table
from phusong.geodata.network import carrier_standards, cell_defaults, channels, words
from phusong.messages import Text, message

SAME_MHZ = 1.0  # lists round frequencies to a megahertz
CHANNELS = (col.EARFCN, col.NR_ARFCN, col.UARFCN, col.ARFCN)
_TECHNOLOGY_OF = {col.EARFCN: "4G", col.NR_ARFCN: "5G", col.UARFCN: "3G", col.ARFCN: ""}
_NAMES = {
    col.EARFCN: "EARFCN",
    col.NR_ARFCN: "NR-ARFCN",
    col.UARFCN: "UARFCN",
    col.ARFCN: "channel number",
}

Frame = dict[str, Any]


class RowCarrier(NamedTuple):
    """Frequency [MHz] (NaN: not said) and technology ('' : not said), and what contradicts."""

    frequency_mhz: float
    technology: str
    problem: Text = ""
    remedy: Text = ""
    column: str = ""


def fill(
    table: Table, header_of: Mapping[str, str], frame: Frame
) -> tuple[list[Defect], list[str]]:
    """Fill in frequency and technology of every row; return contradictions and what to say.

    ``frame`` has BAND and TECHNOLOGY as text, FREQUENCY_MHZ and the columns of ``CHANNELS`` as
    numbers, NaN where the list says nothing.
    """
    numbers = [frame.pop(name) for name in CHANNELS]
    rows = zip(
        frame[col.TECHNOLOGY], frame[col.BAND], frame[col.FREQUENCY_MHZ], *numbers, strict=True
    )
    carriers = [of(*row) for row in rows]
    frame[col.FREQUENCY_MHZ] = [carrier.frequency_mhz for carrier in carriers]
    frame[col.TECHNOLOGY] = [carrier.technology for carrier in carriers]
    defects = [
        table.defect(i, carrier.problem, carrier.remedy, header_of.get(carrier.column))
        for i, carrier in enumerate(carriers)
        if carrier.problem
    ]
    defects += _of_no_standard(table, header_of, frame)
    strange = sorted({mhz for mhz in frame[col.FREQUENCY_MHZ] if channels.in_no_band(mhz)})
    if strange:
        shown = ", ".join(f"{mhz:g}" for mhz in strange[:5])
        return defects, [f"no downlink of 4G or 5G lies at {shown} MHz: are these channel numbers?"]
    return defects, []


def _of_no_standard(table: Table, header_of: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Return the rows whose carrier no standard knows; what a list leaves open is as usual."""
    columns = (col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ, col.PORTS)
    rows = zip(
        frame[col.TECHNOLOGY],
        frame[col.FREQUENCY_MHZ],
        frame[col.BAND],
        *(frame[name] for name in columns),
        strict=True,
    )
    return [
        table.defect(i, problem.problem, problem.remedy, header_of.get(problem.column))
        for i, (technology, mhz, band, *given) in enumerate(rows)
        if technology in cell_defaults.PREDICTED and not np.isnan(given).all()
        for problem in _problems(technology, mhz, band, *given)
    ]


@lru_cache(10_000)
def _problems(
    technology: str, mhz: float, band: str, *given: float
) -> list[carrier_standards.StandardProblem]:
    """Return what no standard knows of a carrier; NaN is what the list leaves open."""
    usual = cell_defaults.typical(technology, 0.0 if np.isnan(mhz) else mhz, band)
    names = (col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ, col.PORTS)
    width_mhz, spacing_khz, ports = (
        usual[name] if np.isnan(value) else value for name, value in zip(names, given, strict=True)
    )
    mhz = usual[col.FREQUENCY_MHZ] if np.isnan(mhz) else mhz
    return carrier_standards.problems(
        carrier_standards.Carrier(technology, mhz, width_mhz, spacing_khz, ports, band)
    )


@lru_cache(100_000)
def of(technology: str, band: str, frequency_mhz: float, *numbers: float) -> RowCarrier:
    """Return the carrier that a row describes.

    Parameters
    ----------
    technology, band : as the list gives them, '' where it does not.
    frequency_mhz : of the downlink, NaN where the list does not say.
    numbers : channel numbers in the order of ``CHANNELS``, NaN where the list does not say.
    """
    named = channels.bands_called(band) if band else ()
    if band and not named and cell_defaults.frequency_of(band) is None:
        problem = message("problem.is_not_a_band_such_as")
        return RowCarrier(frequency_mhz, technology, problem, _SKIP, col.BAND)
    channel = _of_channel(technology or _only_technology(band), numbers)
    if channel.problem:
        return channel
    mhz = channel.frequency_mhz
    if np.isfinite(mhz) and np.isfinite(frequency_mhz) and not _agree(mhz, frequency_mhz):
        problem = message(
            "problem.mhz_contradicts_which_is_mhz",
            frequency_mhz=frequency_mhz,
            names=_NAMES[channel.column],
            mhz=mhz,
        )
        return RowCarrier(
            mhz,
            channel.technology,
            problem,
            message("remedy.correct_one_of_them"),
            col.FREQUENCY_MHZ,
        )
    if not np.isfinite(mhz):
        mhz = frequency_mhz
    if outside := _outside(mhz, band, named):
        column = channel.column or col.FREQUENCY_MHZ
        return RowCarrier(mhz, technology, outside, _as_channel(mhz, named), column)
    if not np.isfinite(mhz) and band:
        mhz = cell_defaults.frequency_of(band) or _middle(named)
    technology_ = technology or channel.technology or cell_defaults.technology_of(band, mhz)
    if not technology_:
        problem = message("problem.neither_technology_nor_band_says_whether")
        return RowCarrier(mhz, "", problem, _SKIP, "")
    return RowCarrier(mhz, technology_) if channel.column else _believed(mhz, technology_)


def _believed(mhz: float, technology: str) -> RowCarrier:
    """Return a carrier by its frequency, unless that can only be a channel number."""
    read = _misread(mhz, technology)
    if read is None:
        return RowCarrier(mhz, technology)
    problem = message("problem.is_no_downlink_frequency_of", technology=technology, mhz=read)
    remedy = message("remedy.say_map_earfcn_or_nr_arfcn")
    return RowCarrier(mhz, technology, problem, remedy, col.FREQUENCY_MHZ)


def _misread(mhz: float, technology: str) -> float | None:
    """Return the frequency of a channel number that stands as one [MHz], None where it is none."""
    if np.isnan(mhz) or mhz != int(mhz) or not channels.in_no_band(mhz):
        return None
    read = channels.of_channel(mhz, technology if technology == "5G" else "4G")
    return None if read is None or channels.in_no_band(read[1]) else read[1]


def technologies(texts: Sequence[str], unknown: str) -> list[str]:
    """Return the generation that each text names, '' where it says nothing, else ``unknown``."""
    known = {text: words.generation(text) or unknown for text in dict.fromkeys(texts)}
    known |= dict.fromkeys(("", "-"), "")
    return [known[text] for text in texts]


_SKIP = message("remedy.correct_it_or_leave_such_rows")


def _only_technology(band: str) -> str:
    kinds = {one.technology for one in channels.bands_called(band)} if band else set()
    return kinds.pop() if len(kinds) == 1 else ""


def _of_channel(technology: str, numbers: tuple[float, ...]) -> RowCarrier:
    """Return what the channel numbers of a row say; several must agree."""
    carrier = RowCarrier(float("nan"), "")
    for column, number in zip(CHANNELS, numbers, strict=False):
        if np.isnan(number):
            continue
        own = _TECHNOLOGY_OF[column] or technology
        read = channels.of_channel(number, own)
        if read is None:
            return RowCarrier(float("nan"), technology, *_unread(column, own), column)
        if technology and read[0] != technology:
            problem = message(
                "problem.is_an_of_but_the_cell",
                names=_NAMES[column],
                read=read[0],
                technology=technology,
            )
            return RowCarrier(
                read[1], technology, problem, message("remedy.correct_one_of_them"), column
            )
        if np.isfinite(carrier.frequency_mhz) and not _agree(carrier.frequency_mhz, read[1]):
            problem = message(
                "problem.is_mhz_another_number_of_the",
                read=read[1],
                frequency_mhz=carrier.frequency_mhz,
            )
            return RowCarrier(
                read[1], technology, problem, message("remedy.correct_one_of_them"), column
            )
        carrier = RowCarrier(read[1], read[0], column=column)
    return carrier


def _unread(column: str, technology: str) -> tuple[Text, Text]:
    if column == col.ARFCN and not technology:
        problem = message("problem.may_be_of_several_technologies")
        return problem, message("remedy.add_the_technology")
    return message("problem.is_no_downlink_channel", name=_NAMES[column]), _SKIP


def _agree(one_mhz: float, other_mhz: float) -> bool:
    return abs(one_mhz - other_mhz) <= SAME_MHZ


def _outside(mhz: float, band: str, named: tuple[channels.Band, ...]) -> Text:
    """Return what is wrong where a frequency is not in the band that is named, else ''."""
    round_name = "".join(letter for letter in band if letter.isdigit()) == f"{mhz:g}"
    nominal = {
        figure for figure, pair in channels.NAMED.items() if {b.number for b in named} & set(pair)
    }
    if not named or np.isnan(mhz) or round_name or f"{mhz:g}" in nominal:
        return ""
    if any(one.holds(mhz) for one in named):
        return ""
    spans = sorted({f"{one.low_mhz:g} - {one.high_mhz:g}" for one in named})
    where = message("problem.band_downlink", band=band, spans=spans)
    if any(one.holds_uplink(mhz) for one in named):
        return message("problem.mhz_is_in_the_uplink_not", mhz=mhz, where=where)
    return message("problem.mhz_is_not_in", mhz=mhz, where=where)


def _as_channel(mhz: float, named: tuple[channels.Band, ...]) -> str:
    """Return the remedy where a frequency of no sense would be a channel number of the band."""
    read = channels.of_earfcn(mhz) if mhz == int(mhz) else None
    if read and read[0].number in {one.number for one in named}:
        return f"as an EARFCN it would be {read[1]:g} MHz: say --map earfcn=HEADER"
    return "give the downlink frequency, or correct the band"


def _middle(named: tuple[channels.Band, ...]) -> float:
    return (named[0].low_mhz + named[0].high_mhz) / 2 if named else float("nan")
