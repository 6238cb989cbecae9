"""The units of today, where a run is on those of before: restated from the files of the run."""

from typing import Any

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.geodata.runs import restate
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.units import crosswalk
from phusong.maps.layers import features
from phusong.messages import message, speak

Json = Any
FIGURES = (
    *(col.COMMUNE_CODE, col.NAME, col.COMMUNE_TYPE, col.POPULATION, col.SITES),
    *(col.COVERED_POPULATION_SHARE_BEFORE, col.COVERED_POPULATION_SHARE_AFTER),
    *(col.COVERED_AREA_SHARE_BEFORE, col.COVERED_AREA_SHARE_AFTER),
    *(col.COVERED_POPULATION_SHARE_4G, col.AREA_KM2, col.FORMED_FROM, col.LINK_VERIFIED),
)


def displayed(run: RunFolder) -> GeoDataFrame | None:
    """Return the units of today with their figures, as displayed; None where a run is on them."""
    own = str(run.record["province"].get("units", ""))
    if own not in crosswalk.SETS or own == crosswalk.LATEST:
        return None
    known = crosswalk.crosswalk(own, crosswalk.LATEST).index
    if not set(run.communes[col.COMMUNE_CODE]) <= set(known):
        return None
    return features.display(restate.restated_run(run))


def shown(run: RunFolder, display: GeoDataFrame | None, language: str) -> Json | None:
    """Return the units of today with their figures and words; None where a run is on them.

    Parameters
    ----------
    run
        The finished run.
    display
        Its communes as ``displayed`` returns them.
    language
        Of the words.

    Returns
    -------
    dict or None
        ``units`` as communes are, ``title`` of the switch, ``note`` on the province of today.
    """
    if display is None:
        return None
    own, province = str(run.record["province"]["units"]), run.record["province"]["name"]
    units = features.communes(display, language, FIGURES)
    merged = crosswalk.merged()
    values = {
        "n": len(display),
        "units": len(merged),
        "province": str(province),
        "own": own,
        "whole": str(merged["province"].iloc[0]),
    }
    return {
        "units": units,
        "title": speak(message("later_units.title", **values), language),
        "eyebrow": speak(message("later_units.eyebrow", **values), language),
        "formed": speak(message("later_units.formed"), language),
        "note": speak(message("later_units.note", **values), language),
    }
