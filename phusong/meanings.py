"""Unit and meaning of every column, and the names of the three shares of residents."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from phusong import columns as col
from phusong.messages import DEFAULT, Message, message, speak, template


class Column(NamedTuple):
    """A column of a table, and its unit ('' where it has none)."""

    name: str
    unit: str


def _table(*rows: tuple[str, str]) -> dict[str, Column]:
    return {row[0]: Column(*row) for row in rows}


COLUMNS = _table(
    (col.SITE_ID, ""),
    (col.POSITION_ID, ""),
    (col.ZONE_ID, ""),
    (col.COMMUNE_CODE, ""),
    (col.DISTRICT_CODE, ""),
    (col.COMMUNE, ""),
    (col.NAME, ""),
    (col.NAME_ASCII, ""),
    (col.COMMUNE_TYPE, ""),
    (col.DISTRICT, ""),
    (col.KIND, ""),
    (col.STATUS, ""),
    (col.SOURCE, ""),
    (col.LON, "deg"),
    (col.LAT, "deg"),
    (col.X_M, "m"),
    (col.Y_M, "m"),
    (col.OPERATOR, ""),
    (col.TECHNOLOGIES, ""),
    (col.HEIGHT_M, "m"),
    (
        col.MAST_HEIGHT_M,
        "m",
    ),
    (col.MAST_CLASS, ""),
    (col.CLUTTER, ""),
    (col.AZIMUTHS_DEG, "deg"),
    (col.ON_AIR, ""),
    (col.PAYER, ""),
    (col.PRESENT_VALUE_MILLION, "million"),
    (col.MONEY_MILLION, "million"),
    (col.CELL, ""),
    (col.CELL_ID, ""),
    (col.TECHNOLOGY, ""),
    (col.BAND, ""),
    (col.FREQUENCY_MHZ, "MHz"),
    (col.DUPLEX, ""),
    (col.BANDWIDTH_MHZ, "MHz"),
    (col.SUBCARRIER_KHZ, "kHz"),
    (
        col.AZIMUTH_DEG,
        "deg",
    ),
    (col.MECHANICAL_TILT_DEG, "deg"),
    (col.ELECTRICAL_TILT_DEG, "deg"),
    (col.TOTAL_TILT_DEG, "deg"),
    (col.DOWNTILT_DEG, "deg"),
    (col.EARFCN, ""),
    (col.NR_ARFCN, ""),
    (col.UARFCN, ""),
    (col.ARFCN, ""),
    (col.EIRP_DBM, "dBm"),
    (col.POWER_DBM, "dBm"),
    (col.EIRP_PER_RE_DBM, "dBm"),
    (col.ANTENNA, ""),
    (col.ANTENNA_GAIN_DBI, "dBi"),
    (col.FEEDER_LOSS_DB, "dB"),
    (col.PORTS, ""),
    (
        col.EXPOSURE_DISTANCE_M,
        "m",
    ),
    (col.WEIGHTING, ""),
    (col.SERVICE_SHARE, "share"),
    (col.MEAN_DOWNLINK_MBPS, "Mbit/s"),
    (col.MEAN_UPLINK_MBPS, "Mbit/s"),
    (
        col.FAST_SHARE,
        "share",
    ),
    (col.COMPLIES, ""),
    (col.MASTS, ""),
    (col.SHARED_MASTS, ""),
    (col.SHARING_SHARE, "share"),
    (col.NEW_MASTS, ""),
    (col.MASTS_AFTER, ""),
    (
        col.SHARED_MASTS_AFTER,
        "",
    ),
    (
        col.SHARING_SHARE_AFTER,
        "share",
    ),
    (col.MASTS_USED, ""),
    (col.SHARED_SITES, ""),
    (
        col.SHARED_SITES_SHARE,
        "share",
    ),
    (col.COLOCATED_STATIONS, ""),
    (col.NEW_STATIONS, ""),
    (col.DISTANCE_KM, "km"),
    (col.CLUTTER_M, "m"),
    (col.RADIO_ZONE, ""),
    (col.RECEIVER_ID, ""),
    (col.FROM_ID, ""),
    (col.TO_ID, ""),
    (col.LENGTH_M, "m"),
    (col.STATIONS, ""),
    (
        col.BACKHAUL_MILLION,
        "million",
    ),
    (
        col.BACKHAUL_M,
        "m",
    ),
    (col.RSRP_DBM, "dBm"),
    (col.PATH_LOSS_DB, "dB"),
    (col.PCI, ""),
    (col.TIME, ""),
    (col.DEVICE, ""),
    (col.CELL_LON, "deg"),
    (col.CELL_LAT, "deg"),
    (col.HORIZONTAL_BEAMWIDTH_DEG, "deg"),
    (col.VERTICAL_BEAMWIDTH_DEG, "deg"),
    (col.SAMPLES, ""),
    (col.DISTANCE_M, "m"),
    (col.LANDCOVER, ""),
    (col.LINE_OF_SIGHT, ""),
    (col.MEASURED_LOSS_DB, "dB"),
    (
        col.PREDICTED_BEFORE_DB,
        "dB",
    ),
    (
        col.PREDICTED_LOSS_DB,
        "dB",
    ),
    (
        col.RESIDUAL_DB,
        "dB",
    ),
    (col.POPULATION, "people"),
    (col.AREA_KM2, "km2"),
    (col.AREA_HA, "ha"),
    (col.WORKERS, "people"),
    (col.VISITORS, "people"),
    (col.CATEGORY, ""),
    (col.CONFIDENCE, ""),
    (col.FORMED_FROM, ""),
    (col.LINK_VERIFIED, ""),
    (col.PLANNED_STATIONS, ""),
    *((name, "") for name in (*col.AS_BUILT_COUNTS[1:], col.BUILT_STATIONS)),
    *((name, "") for name in (col.PLANNED_SITE_ID, col.BUILT_SITE_ID)),
    *((name, "") for name in (col.PLANNED_YEAR, col.BUILT_YEAR)),
    *((name, "") for name in (col.PLANNED_TOTAL, col.BUILT_TOTAL)),
    *((name, "people") for name in (col.PEOPLE_PLANNED, col.PEOPLE_BUILT)),
    *((name, "share") for name in (col.PEOPLE_SHARE_PLANNED, col.PEOPLE_SHARE_BUILT)),
    *((name, "share") for name in (col.AREA_SHARE_PLANNED, col.AREA_SHARE_BUILT)),
    *((name, "share") for name in (col.COVERED_SHARE_PLANNED, col.COVERED_SHARE_BUILT)),
    (col.AWAY_M, "m"),
    (
        col.RUNS,
        "",
    ),
    (col.SITES, ""),
    (col.RANK, ""),
    (col.YEAR, ""),
    (col.TIER, ""),
    (col.SHARE_OF, ""),
    (col.GAIN_PER_BILLION, "people"),
    (col.TARGET_SHARE, ""),
    (col.MISSED, "people"),
    (col.WAY, ""),
    (col.GAIN, "people"),
    (
        col.SCORE,
        "",
    ),
    (col.WEIGHT, ""),
    (col.RANK_LOW, ""),
    (col.RANK_HIGH, ""),
    (col.PEOPLE_UNSERVED, "people"),
    (col.WORKERS_UNSERVED, "people"),
    (col.VISITORS_UNSERVED, "people"),
    (col.DEMAND_UNSERVED, "people"),
    (col.AREA_UNSERVED_KM2, "km2"),
    (col.COST_MILLION_PER_1000, "million"),
    (col.BUILDING_STATE, ""),
    (col.EXPLANATION, ""),
    (
        col.TOPSIS,
        "",
    ),
    (
        col.PROBABILITY_TOP_N,
        "share",
    ),
    (
        col.PROBABILITY_NEARBY,
        "share",
    ),
    (
        col.THROUGHPUT_GAINED_MBPS,
        "Mbit/s",
    ),
    (
        col.ROAD_GAINED_KM,
        "km",
    ),
    (col.POLICY_PRIORITY, ""),
    (
        col.CAPEX_MILLION,
        "million",
    ),
    (
        col.OPEX_MILLION,
        "million a year",
    ),
    (col.PEOPLE_GAINED, "people"),
    (col.WORKERS_GAINED, "people"),
    (col.VISITORS_GAINED, "people"),
    (col.AREA_GAINED_KM2, "km2"),
    (
        col.ZONE_DEMAND_GAINED,
        "people",
    ),
    (col.COST_MILLION, "million"),
    (col.STABILITY, ""),
    (col.REASON, ""),
    (col.PEOPLE, "people"),
    (col.CAUSE, ""),
    (
        col.MAIN_CAUSE,
        "",
    ),
    (col.WHY, ""),
    (
        col.COVERED_POPULATION_SHARE_BEFORE,
        "share",
    ),
    (
        col.COVERED_POPULATION_SHARE_AFTER,
        "share",
    ),
    (
        col.COVERED_AREA_SHARE_BEFORE,
        "share",
    ),
    (
        col.COVERED_AREA_SHARE_AFTER,
        "share",
    ),
    (
        col.COVERED_POPULATION_SHARE_4G,
        "share",
    ),
    (
        col.COVERED_SHARE_BEFORE,
        "share",
    ),
    (
        col.COVERED_SHARE_AFTER,
        "share",
    ),
)


ENDS = ("low", "high")  # of the band on a share
SIDES = ("a", "b", "delta")  # of a comparison


def _parts(names: Iterable[str], parts: tuple[str, ...]) -> dict[str, Column]:
    columns = [Column(f"{n}_{part}", COLUMNS[n].unit) for n in names for part in parts]
    return {column.name: column for column in columns}


COLUMNS |= _parts(
    (
        col.COVERED_POPULATION_SHARE_BEFORE,
        col.COVERED_POPULATION_SHARE_AFTER,
        col.COVERED_SHARE_BEFORE,
        col.COVERED_SHARE_AFTER,
    ),
    ENDS,
)
COLUMNS |= _parts((*col.COMPARED_STATIONS, *col.COMPARED_COMMUNES, *col.COMPARED_ZONES), SIDES)


def meaning(column: str) -> Message | None:
    """Return what a column means; None where no catalogue tells it.

    The words stand in the section ``column``; those of an end of a band, or of a side of a
    comparison, are made of the column's own.
    """
    if template(f"column.{column}", DEFAULT) is not None:
        return message(f"column.{column}")
    base, _, part = column.rpartition("_")
    if part not in (*ENDS, *SIDES) or (whole := meaning(base)) is None:
        return None
    return message(f"column_part.{part}", of=whole)


# Shares of residents, without the ``_before`` or ``_after`` of their figures: where the mean level
# reaches the threshold outdoors; at the scenario's place of service, each pixel by its probability
# (the headline); and there where that is at least the probability that the scenario asks for.
OUTDOORS, EXPECTED, SURE = "outdoor_people_share", "people_share", "sure_people_share"


def share_names(service: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return what the three shares of residents are called, in every text, table and page.

    ``service`` has ``location`` and ``probability``, as in run.json.

    >>> share_names({"location": "indoor", "probability": 0.9}, "en")[SURE]
    'indoors with 90%'
    """
    place, probability = message(f"page.{service['location']}"), service["probability"]
    return {
        figure: speak(message(f"share.{figure}", place=place, probability=probability), language)
        for figure in (OUTDOORS, EXPECTED, SURE)
    }
