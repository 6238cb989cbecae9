"""Frequency, band and duplex of a carrier from what a list calls it: channel number or band.

References
----------
3GPP TS 36.101 tables 5.5-1 and 5.7.3-1 (EARFCN), TS 38.104 tables 5.2-1 and 5.4.2.1-1 (NR-ARFCN),
TS 25.101 5.4.4 (UARFCN), TS 45.005 2 (ARFCN of GSM).
"""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

from phusong.geodata import reference

RASTER_MHZ = 0.1  # of EARFCN
TDD_FROM_MHZ = 2300.0  # bands 40, 41, 77 and 78; what is used below is paired
UARFCN_PER_MHZ = 5.0
# NR-ARFCN: first number, first frequency [MHz] and step [kHz] of each range, TS 38.104 5.4.2.1.
_NR_RANGES = ((0, 0.0, 5.0), (600_000, 3_000.0, 15.0), (2_016_667, 24_250.08, 60.0))
MAX_NR_ARFCN = 3_279_165
FIRST_NR_ARFCN = 100_000  # lower numbers are those of no band: n71 begins at 123,400
# GSM: first and last ARFCN, first downlink frequency [MHz], in steps of 0.2 MHz.
_GSM_RANGES = ((0, 124, 935.0), (512, 885, 1805.2), (975, 1023, 925.2))
# Bands as they are named by a round figure of MHz: number in 4G and 5G.
NAMED = {
    "700": ("28", "28"),
    "850": ("5", "5"),
    "900": ("8", "8"),
    "1800": ("3", "3"),
    "2100": ("1", "1"),
    "2300": ("40", "40"),
    "2600": ("41", "41"),
    "3500": ("78", "77"),
    "3700": ("43", "77"),
}


class Band(NamedTuple):
    """An operating band: its downlink [MHz], duplex (FDD, TDD or SDL), and where numbers begin."""

    technology: str
    number: str
    duplex: str
    low_mhz: float
    high_mhz: float
    uplink_low_mhz: float
    first_earfcn: float  # NaN for 5G

    def holds(self, frequency_mhz: float) -> bool:
        """Return whether a downlink carrier may lie there."""
        return self.low_mhz <= frequency_mhz <= self.high_mhz

    def holds_uplink(self, frequency_mhz: float) -> bool:
        """Return whether a frequency is in the uplink of a paired band."""
        width_mhz = self.high_mhz - self.low_mhz
        low_mhz = self.uplink_low_mhz
        return self.duplex == "FDD" and low_mhz <= frequency_mhz <= low_mhz + width_mhz

    @property
    def name(self) -> str:
        """Return the name that 3GPP uses, such as B3 or n41."""
        return f"{'n' if self.technology == '5G' else 'B'}{self.number}"


@cache
def bands() -> tuple[Band, ...]:
    """Return every band of 4G and 5G."""
    table = reference.table("radio_bands")
    order = [
        *("technology", "band", "duplex", "downlink_low_mhz", "downlink_high_mhz"),
        *("uplink_low_mhz", "first_earfcn"),
    ]
    rows = table[order].itertuples(index=False)
    return tuple(Band(row[0], str(row[1]), row[2], *map(float, row[3:])) for row in rows)


@cache
def bands_called(text: str) -> tuple[Band, ...]:
    """Return the bands that a text may mean, by number or by a round figure of MHz.

    >>> [band.name for text in ("B3", "n41", "LTE1800", "L") for band in bands_called(text)]
    ['B3', 'n41', 'B3']
    """
    plain = re.sub(r"[\s_-]|mhz|band", "", text.casefold())
    numbered = re.fullmatch(r"(b|n|nr|l|lte|g|4g|5g)?(\d{1,3})", plain)
    named = re.fullmatch(r"(lte|nr|l|g|u|umts|gsm|b|n|[345]g)?(\d{3,4})", plain)
    if named and named[2] in NAMED:
        return _of_figure(_generation(named[1] or ""), named[2])
    if numbered:
        wanted = _generation(numbered[1] or "")
        hits = [band for band in bands() if band.number == numbered[2]]
        return tuple(band for band in hits if wanted in {"", band.technology})
    return ()


def _generation(prefix: str) -> str:
    if prefix in {"n", "nr", "5g"}:
        return "5G"
    return "4G" if prefix in {"b", "l", "lte", "4g"} else ""


def _of_figure(technology: str, figure: str) -> tuple[Band, ...]:
    numbers = {"2600": ("7", "38", "41"), "3500": ("42", "77", "78"), "3700": ("43", "77", "78")}
    wanted = numbers.get(figure, NAMED[figure])
    hits = [band for band in bands() if band.number in wanted]
    return tuple(band for band in hits if technology in {"", band.technology})


def of_earfcn(number: float) -> tuple[Band, float] | None:
    """Return band and downlink frequency [MHz] of an EARFCN, None where it is none of a downlink.

    F = F_low + 0.1 (N - N_offset), TS 36.101 5.7.3.

    >>> [(band.name, mhz) for band, mhz in map(of_earfcn, (1300, 6400, 38950, 66486))]
    [('B3', 1815.0), ('B20', 816.0), ('B40', 2330.0), ('B66', 2115.0)]
    """
    for band in bands():
        steps = number - band.first_earfcn
        if number == int(number) and 0 <= steps < round((band.high_mhz - band.low_mhz) * 10):
            return band, round(band.low_mhz + RASTER_MHZ * steps, 1)
    return None


def of_nr_arfcn(number: float) -> float | None:
    """Return the frequency [MHz] of an NR-ARFCN, TS 38.104 5.4.2.1.

    >>> of_nr_arfcn(513000), of_nr_arfcn(640000), of_nr_arfcn(2054166)
    (2565.0, 3600.0, 26500.02)
    """
    if number != int(number) or not 0 <= number <= MAX_NR_ARFCN:
        return None
    first, low_mhz, step_khz = next(r for r in reversed(_NR_RANGES) if number >= r[0])
    return float(round(low_mhz + (number - first) * step_khz / 1000.0, 3))


def of_uarfcn(number: float) -> float | None:
    """Return the downlink [MHz] of a UARFCN of band I or VIII, TS 25.101 5.4.4 and 5.4.3.

    >>> of_uarfcn(10562), of_uarfcn(2937)
    (2112.4, 927.4)
    """
    if 10_562 <= number <= 10_838:
        return number / UARFCN_PER_MHZ
    return 340.0 + number / UARFCN_PER_MHZ if 2_937 <= number <= 3_088 else None


def of_arfcn(number: float) -> float | None:
    """Return the downlink [MHz] of an ARFCN of GSM 900 or 1800, TS 45.005 2.

    >>> of_arfcn(62), of_arfcn(512), of_arfcn(975)
    (947.4, 1805.2, 925.2)
    """
    for first, last, low_mhz in _GSM_RANGES:
        if first <= number <= last and number == int(number):
            return round(low_mhz + 0.2 * (number - first), 1)
    return None


def of_channel(number: float, technology: str) -> tuple[str, float] | None:
    """Return technology and downlink [MHz] of a channel number, None where it cannot be told.

    Without a technology only numbers that one technology alone has are told.

    >>> of_channel(1300, "4G"), of_channel(640000, ""), of_channel(1300, ""), of_channel(100, "")
    (('4G', 1815.0), ('5G', 3600.0), ('4G', 1815.0), None)
    """
    if technology == "5G" or (not technology and number >= FIRST_NR_ARFCN):
        mhz = of_nr_arfcn(number)
        return None if mhz is None else ("5G", mhz)
    options = {
        "4G": (of_earfcn(number) or (None, None))[1],
        "3G": of_uarfcn(number),
        "2G": of_arfcn(number),
    }
    if technology:
        mhz = options.get(technology)
        return None if mhz is None else (technology, mhz)
    readings = [(name, mhz) for name, mhz in options.items() if mhz is not None]
    return readings[0] if len(readings) == 1 else None


def duplex_of(frequency_mhz: float, called: str = "") -> str:
    """Return FDD, TDD or SDL of a downlink carrier: that of its band.

    Where bands differ that hold the frequency, ``called`` tells which is meant. Without it the
    downlink of band 7 (2620 to 2690 MHz, where unpaired band 41 lies too) is paired, other
    carriers are unpaired from 2300 MHz and paired below.

    >>> duplex_of(2655.0), duplex_of(2655.0, "B7"), duplex_of(2655.0, "n41"), duplex_of(2550.0)
    ('FDD', 'FDD', 'TDD', 'TDD')
    """
    named = [band for band in bands_called(called) if band.holds(frequency_mhz)] if called else []
    hits = named or [band for band in bands() if band.holds(frequency_mhz)]
    kinds = {band.duplex for band in hits}
    if len(kinds) == 1:
        return kinds.pop()
    (band_7,) = bands_called("B7")
    return "TDD" if frequency_mhz >= TDD_FROM_MHZ and not band_7.holds(frequency_mhz) else "FDD"


def in_no_band(frequency_mhz: float) -> bool:
    """Return whether no downlink of 4G or 5G lies there; round names of bands do not count."""
    if np.isnan(frequency_mhz) or f"{frequency_mhz:g}" in NAMED:
        return False
    return not any(band.holds(frequency_mhz) for band in bands())
