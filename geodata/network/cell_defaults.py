"""What a cell is taken to be where its list does not say: per technology and band."""

import math
import re
from collections.abc import Mapping
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.network import channels, sites, words
from phusong.messages import message

PREDICTED = ("4G", "5G")
ANTENNA = "sector"
TILT_DEG = {"4G": 4.0, "5G": 6.0}  # as in scenarios/base.toml
LTE_PORTS = 2.0
BEAM_PORTS = 1.0  # a synchronisation block is sent in one beam at full power
PAIRED_NR_MHZ = 20.0  # width of a paired carrier of 5G, at most what the nearest row has
FDD_SUBCARRIER_KHZ, TDD_SUBCARRIER_KHZ = 15.0, 30.0
# The row of rf_defaults.csv that a technology without band and frequency gets.
USUAL = {"4G": "LTE 1800", "5G": "NR 2600 (n41) 64T64R"}
PREFIX = {"4G": "LTE", "5G": "NR"}

# Middle of the downlink, MHz, by 3GPP number and by name.
_NUMBERS = (
    *(("1", 2140.0), ("3", 1840.0), ("5", 881.5), ("7", 2655.0), ("8", 945.0)),
    *(("28", 768.0), ("40", 2345.0), ("41", 2550.0), ("77", 3750.0), ("78", 3650.0)),
)
_NAMES = (
    *(("700", 768.0), ("850", 881.5), ("900", 945.0), ("1800", 1840.0), ("2100", 2140.0)),
    *(("2300", 2345.0), ("2600", 2550.0), ("3500", 3750.0), ("3700", 3750.0)),
)
BANDS, NAMED_BANDS = dict(_NUMBERS), dict(_NAMES)
ONLY_5G_FROM_MHZ = 3300.0


def frequency_of(band: str) -> float | None:
    """Return the downlink frequency of a band, None where it is not known.

    >>> frequency_of("B3"), frequency_of("LTE1800"), frequency_of("n41"), frequency_of("L")
    (1840.0, 1840.0, 2550.0, None)
    """
    plain = re.sub(r"[\s_-]|mhz", "", band.casefold())
    numbered = re.fullmatch(r"(?:b|n|band)(\d{1,3})", plain)
    if numbered:
        return BANDS.get(numbered[1])
    named = re.fullmatch(r"(?:lte|nr|l|g|u|umts|gsm|[345]g)?(\d{3,4})", plain)
    return NAMED_BANDS.get(named[1]) if named else None


def technology_of(band: str, frequency_mhz: float) -> str | None:
    """Return the technology that a band tells: NR names it n41, LTE B3; above 3.3 GHz 5G.

    >>> technology_of("n28", 768.0), technology_of("B3", 1840.0), technology_of("", 1840.0)
    ('5G', '4G', None)
    """
    plain = band.strip().casefold()
    if re.match(r"(n|nr|5g)[\s_-]?\d", plain) or frequency_mhz >= ONLY_5G_FROM_MHZ:
        return "5G"
    return "4G" if re.match(r"(b|l|lte|4g|band)[\s_-]?\d", plain) else None


def sectors(listed: GeoDataFrame) -> GeoDataFrame:
    """Return one cell per sector and technology of a list of sites, with nothing but azimuths."""
    rows = []
    for site in listed.itertuples():
        azimuths = [float(text) for text in site.azimuths_deg.split("/") if text] or [math.nan]
        for technology in site.technologies.split("/"):
            rows += [
                {
                    col.SITE_ID: site.site_id,
                    col.CELL_ID: f"{site.site_id}-{technology}-{number}",
                    col.OPERATOR: site.operator,
                    col.TECHNOLOGY: technology,
                    col.COMMUNE_CODE: site.commune_code,
                    col.DISTRICT_CODE: site.district_code,
                    col.HEIGHT_M: site.height_m,
                    col.AZIMUTH_DEG: azimuth,
                    col.ANTENNA: ANTENNA if math.isfinite(azimuth) else "omni",
                    "geometry": site.geometry,
                }
                for number, azimuth in enumerate(azimuths, start=1)
            ]
    cells = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=listed.crs)
    lacking = (col.MECHANICAL_TILT_DEG, col.FREQUENCY_MHZ, *_OWN, col.EIRP_PER_RE_DBM, col.EIRP_DBM)
    for column in lacking:
        cells[column] = np.nan
    return cells


_OWN = (
    *(col.BANDWIDTH_MHZ, col.POWER_DBM, col.ANTENNA_GAIN_DBI, col.FEEDER_LOSS_DB),
    *(col.PORTS, col.SUBCARRIER_KHZ, col.ELECTRICAL_TILT_DEG),
)


def fill(cells: GeoDataFrame) -> tuple[GeoDataFrame, tuple[str, ...]]:
    """Return the cells of predicted technologies with nothing missing, and what was assumed.

    Frequency, bandwidth, power, gain and feeder loss come from the row of
    ``reference/rf_defaults.csv`` that is nearest in frequency within the technology.
    """
    known = cells[col.TECHNOLOGY].isin(PREDICTED)
    predicted = cells[known].reset_index(drop=True)
    bands = predicted[col.BAND] if col.BAND in predicted else [""] * len(predicted)
    carriers = zip(
        predicted[col.TECHNOLOGY], predicted[col.FREQUENCY_MHZ].fillna(0.0), bands, strict=True
    )
    rows = [typical(*carrier) for carrier in carriers]
    usual = pd.DataFrame(rows, columns=[col.FREQUENCY_MHZ, *_OWN], dtype=float)
    usual[col.HEIGHT_M], usual[col.MECHANICAL_TILT_DEG] = sites.DEFAULT_HEIGHT_M, 0.0
    own_level = predicted[col.EIRP_PER_RE_DBM].notna().to_numpy()
    assumed: dict[str, NDArray[np.bool_]] = {}
    for column in (str(name) for name in usual):
        assumed[column] = predicted[column].isna().to_numpy()
        predicted[column] = np.where(assumed[column], usual[column], predicted[column]).astype(
            float
        )
    predicted[col.DUPLEX] = list(map(channels.duplex_of, predicted[col.FREQUENCY_MHZ], bands))
    # A level per resource element makes the power known.
    assumed[col.POWER_DBM] = assumed[col.POWER_DBM] & ~own_level
    assumed[col.OPERATOR] = (predicted[col.OPERATOR] == words.DEFAULT_OPERATOR).to_numpy()
    _power_of_eirp(predicted, assumed)
    predicted[col.PORTS] = predicted[col.PORTS].astype(int)
    return predicted, (*_left_out(cells[~known]), *_assumption_notes(predicted, assumed))


def _power_of_eirp(predicted: GeoDataFrame, assumed: dict[str, NDArray[np.bool_]]) -> None:
    """Take the power of cells that give their EIRP alone: EIRP less gain, and feeder loss added."""
    given = predicted[col.EIRP_DBM].notna().to_numpy() & assumed[col.POWER_DBM]
    power = (
        predicted[col.EIRP_DBM] - predicted[col.ANTENNA_GAIN_DBI] + predicted[col.FEEDER_LOSS_DB]
    )
    predicted[col.POWER_DBM] = np.where(given, power, predicted[col.POWER_DBM])
    assumed[col.POWER_DBM] = assumed[col.POWER_DBM] & ~given


@cache
def typical(technology: str, frequency_mhz: float, band: str = "") -> dict[str, float]:
    """Return the figures of the carrier most like this one; frequency 0 means not known."""
    table = reference.table("rf_defaults")
    table = table[table["layer"].str.startswith(PREFIX[technology])]
    if not frequency_mhz:
        row = table[table["layer"] == USUAL[technology]].iloc[0]
    else:
        row = table.iloc[int(np.argmin(np.abs(np.log(table["freq_MHz"] / frequency_mhz))))]
    tdd = channels.duplex_of(frequency_mhz or float(row["freq_MHz"]), band) == "TDD"
    beams = technology == "5G" and tdd
    most_mhz = PAIRED_NR_MHZ if technology == "5G" and not tdd else math.inf
    return {
        col.FREQUENCY_MHZ: float(row["freq_MHz"]),
        col.BANDWIDTH_MHZ: min(float(row["bandwidth_MHz"]), most_mhz),
        col.POWER_DBM: 10.0 * math.log10(float(row["total_tx_power_W"])) + 30.0,
        col.ANTENNA_GAIN_DBI: float(row["antenna_gain_dBi"]),
        col.FEEDER_LOSS_DB: float(row["feeder_loss_dB"]),
        col.PORTS: BEAM_PORTS if beams else LTE_PORTS,
        col.SUBCARRIER_KHZ: TDD_SUBCARRIER_KHZ if beams else FDD_SUBCARRIER_KHZ,
        col.ELECTRICAL_TILT_DEG: TILT_DEG[technology],
    }


def _left_out(cells: GeoDataFrame) -> list[str]:
    """Say which cells are not predicted."""
    counts = cells[col.TECHNOLOGY].value_counts().sort_index()
    reason = message("problem.left_out_only_4g_and_5g")
    return [f"{technology}: {count} cells {reason}" for technology, count in counts.items()]


def _assumption_notes(cells: GeoDataFrame, assumed: Mapping[str, NDArray[np.bool_]]) -> list[str]:
    """Say what was assumed of each technology, and of how many cells where not of all."""
    result = []
    for technology, group in cells.groupby(col.TECHNOLOGY):
        parts = []
        for column, lacking in assumed.items():
            values = sorted(set(group.loc[lacking[group.index], column].map(_shown)))
            count = int(lacking[group.index].sum())
            some = "" if count == len(group) else f" ({count} of {len(group)} cells)"
            if count:
                parts.append(f"{column} {'/'.join(values)}{some}")
        if parts:
            result.append(f"{technology}: {', '.join(parts)}")
    return result


def _shown(value: object) -> str:
    return f"{round(value, 2):g}" if isinstance(value, float) else str(value)
