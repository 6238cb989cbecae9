"""Phú Thọ as it is since 1 July 2025: Phú Thọ, Vĩnh Phúc and Hòa Bình in one, 148 units.

Its inventory is not public. How many base stations it has is scaled by residents from what Vĩnh
Phúc reported last; its 5G on air is the number in the press, placed by a synthetic rule.
"""

import geopandas as gpd
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns
from phusong.geodata import baseline, reference
from phusong.geodata.province import Provenance, Province
from phusong.geodata.provinces import reported
from phusong.geodata.provinces import zones as areas

CODE, PART = "25", "26"  # of the province, and of Vĩnh Phúc that it holds
KNOWN_SHARE = 0.9  # of its units that makes a province this one
ZONES = Provenance(
    "approximate",
    "64 zones of former Vĩnh Phúc with published points and areas, drawn as clipped discs",
    note="industrial parks and tourism areas of former Phú Thọ and Hòa Bình are not known",
)
SITES = Provenance(
    "synthetic",
    "generated from residents, zones, operators' shares and one position in five shared",
    note="as many for each resident as Vĩnh Phúc reported in mid-2025, and the 5G of the press; "
    "no real station stands where one is drawn",
)


def name() -> str:
    """Return what the province is called.

    >>> name()
    'Phú Thọ'
    """
    return str(_units()["province"].iloc[0])


def _units() -> pd.DataFrame:
    return reference.table("communes_phu_tho")


def is_merged(communes: GeoDataFrame) -> bool:
    """Return whether these are units of Phú Thọ since July 2025, and not of Vĩnh Phúc alone."""
    table = _units()
    known = communes[columns.COMMUNE_CODE].isin(table["code"])
    part = communes[columns.COMMUNE_CODE].isin(table.loc[_in_part(table), "code"])
    return bool(known.mean() >= KNOWN_SHARE and part.mean() < KNOWN_SHARE)


def _in_part(table: pd.DataFrame) -> "pd.Series[bool]":
    return table["former_province_code"] == PART


def site_count(people: float) -> int:
    """Return how many base stations serve so many residents of the register.

    >>> site_count(4_014_299)
    9385
    """
    table = _units()
    last = reported.reported(PART)[-1]
    residents = float(table.loc[_in_part(table), "population"].sum())
    return max(round(last.stations * people / residents), 1)


def with_reported_5g(province: Province, seed: int) -> Province:
    """Return the province with its reported 5G placed by the synthetic rule of ``baseline``.

    Where it holds fewer residents than all of Phú Thọ, as many fewer stations.
    """
    last, whole = reported.reported(CODE, "5G")[-1], float(_units()["population"].sum())
    people = float(province.communes[columns.POPULATION].sum())
    stations = round(last.stations * min(people / whole, 1.0))
    count = baseline.StationCount(stations, last.date, last.operators, last.source)
    units = areas.of_units(province.communes)
    zones = pd.concat([units, province.zones.to_crs(units.crs)], ignore_index=True)
    return baseline.with_counted_5g(province, gpd.GeoDataFrame(zones, crs=units.crs), count, seed)
