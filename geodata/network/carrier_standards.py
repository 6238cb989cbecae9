"""Which carriers 3GPP knows: bandwidth, subcarrier spacing and ports by technology and band.

References
----------
TS 36.101 tables 5.6-1 and 5.6.1-1 (E-UTRA), TS 38.104 tables 5.3.2-1 and 5.3.5-1 (NR, FR1); ports
of the reference signal: TS 36.211 section 6.10.1, TS 38.211 table 7.4.1.5.3-1.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.network import channels
from phusong.messages import Text, message

FR1_MHZ = 7125.0  # carriers of 5G above it are not checked
LOW_BAND_MHZ = 1000.0  # below it no band of NR is spaced by 60 kHz
PORTS = {"4G": (1, 2, 4), "5G": (1, 2, 4, 8, 12, 16, 24, 32)}
_LTE_MHZ = (1.4, 3.0, 5.0, 10.0, 15.0, 20.0)
_NARROW_MHZ = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0)
_WIDE_MHZ = (60.0, 70.0, 80.0, 90.0, 100.0)
BANDWIDTHS_MHZ: dict[str, dict[float, tuple[float, ...]]] = {
    "4G": {15.0: _LTE_MHZ},
    "5G": {
        15.0: _NARROW_MHZ,
        30.0: (*_NARROW_MHZ, *_WIDE_MHZ),
        60.0: (*_NARROW_MHZ[1:], *_WIDE_MHZ),
    },
}


class Carrier(NamedTuple):
    """A carrier as it is given; ``band`` is its name or '', then that of its frequency."""

    technology: str
    frequency_mhz: float
    bandwidth_mhz: float
    spacing_khz: float
    ports: float = 1.0
    band: str = ""


class StandardProblem(NamedTuple):
    """What no standard carrier is: its column, what is wrong, and what would be right."""

    column: str
    problem: Text
    remedy: Text


@cache
def _channel_limits_mhz() -> dict[tuple[str, str], tuple[float, float]]:
    """Return the narrowest and the widest channel of the bands that are tabled."""
    table = reference.table("channel_bandwidths")
    order = ["technology", "band", "narrowest_mhz", "widest_mhz"]
    rows = table[order].itertuples(index=False)
    return {(row[0], str(row[1])): (float(row[2]), float(row[3])) for row in rows}


def problems(carrier: Carrier) -> list[StandardProblem]:
    """Return what of a carrier is in no table of the standards.

    Examples
    --------
    >>> [each.problem for each in problems(Carrier("4G", 1840.0, 7.0, 15.0, 2))]
    ['no carrier of 4G is 7 MHz wide at 15 kHz']
    """
    return [*_numerology(carrier), *_band(carrier), *_ports(carrier)]


def _numerology(carrier: Carrier) -> list[StandardProblem]:
    """Return what is wrong with bandwidth and spacing, whatever the band."""
    technology, spacing_khz = carrier.technology, carrier.spacing_khz
    if technology == "5G" and carrier.frequency_mhz > FR1_MHZ:
        return []
    widths = BANDWIDTHS_MHZ[technology]
    if spacing_khz not in widths:
        problem = message(
            "problem.subcarriers_of_are_not_khz_apart",
            technology=technology,
            spacing_khz=spacing_khz,
        )
        return [StandardProblem(col.SUBCARRIER_KHZ, problem, f"give {_either(widths)} kHz")]
    if spacing_khz == 60.0 and carrier.frequency_mhz < LOW_BAND_MHZ:
        problem = message("problem.no_band_of_5g_below_mhz", low_band_mhz=LOW_BAND_MHZ)
        return [StandardProblem(col.SUBCARRIER_KHZ, problem, "give 15 or 30 kHz")]
    if carrier.bandwidth_mhz not in widths[spacing_khz]:
        width = f"{carrier.bandwidth_mhz:g} MHz wide at {spacing_khz:g} kHz"
        remedy = message("remedy.give_mhz", either=_either(widths[spacing_khz]))
        return [
            StandardProblem(col.BANDWIDTH_MHZ, f"no carrier of {technology} is {width}", remedy)
        ]
    return []


def _band(carrier: Carrier) -> list[StandardProblem]:
    """Return what is wrong where every band that may be meant is too narrow or too wide."""
    possible = bands_of(carrier.technology, carrier.frequency_mhz, carrier.band)
    limits = [_limits_mhz(band) for band in possible]
    width_mhz = carrier.bandwidth_mhz
    if not limits or any(low <= width_mhz <= high for low, high in limits):
        return []
    widest = [
        f"{band.name} ({high:g} MHz)" for band, (_, high) in zip(possible, limits, strict=True)
    ]
    problem = message("problem.no_carrier_is_mhz_wide_in", width_mhz=width_mhz, any=_any(widest))
    return [
        StandardProblem(col.BANDWIDTH_MHZ, problem, "give what the band holds, or another band")
    ]


def _limits_mhz(band: channels.Band) -> tuple[float, float]:
    whole = (0.0, band.high_mhz - band.low_mhz)
    return _channel_limits_mhz().get((band.technology, band.number), whole)


def _ports(carrier: Carrier) -> list[StandardProblem]:
    allowed = PORTS[carrier.technology]
    if carrier.ports in allowed:
        return []
    problem = message(
        "problem.has_no_reference_signal_on_antenna",
        technology=carrier.technology,
        ports=carrier.ports,
    )
    remedy = message("remedy.give_ports_not_branches_of_the", either=_either(allowed))
    return [StandardProblem(col.PORTS, problem, remedy)]


def _either(values: Iterable[float]) -> str:
    return _any([f"{value:g}" for value in values])


def _any(texts: Sequence[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} or {last}" if first else last


def bands_of(technology: str, frequency_mhz: float, called: str = "") -> Sequence[channels.Band]:
    """Return the bands of a technology that a carrier may lie in, by its name or its frequency."""
    named = channels.bands_called(called) if called else ()
    hits = named or [band for band in channels.bands() if band.holds(frequency_mhz)]
    return [band for band in hits if band.technology == technology]
