"""Read a planner's own list of cells: sector carriers with azimuth, tilt, power and antenna."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import guard, tables
from phusong.geodata.files.tables import Names, Table
from phusong.geodata.network import antenna_files, cell_defaults, coordinates, sites
from phusong.geodata.network.antenna_files import AntennaFile
from phusong.geodata.province import Provenance
from phusong.geodata.units import matching

POWER_W = "power_w"
AROUND = ("omni", "isotropic")  # antennas without a main direction
DEFAULT_AROUND = AROUND[0]
BUILT_IN = ("sector", "omni", "isotropic", "panel")
BROAD_BAND_SHARE = 0.25  # how far a pattern's frequency may lie from the carrier's

# Folded headers (see tables.fold) by column, the best first.
HEADERS: Names = {
    **{
        name: sites.HEADERS[name]
        for name in (col.SITE_ID, col.OPERATOR, col.HEIGHT_M, *coordinates.HEADERS)
    },
    **matching.HEADERS,
    col.CELL_ID: (
        *("macell", "masector", "cell", "cellname", "cellid", "tencell", "eci", "nci", "sector"),
        *("sectorid", "macanhsong"),
    ),
    col.TECHNOLOGY: ("congnghe", "congnghephatsong", "technologies", "tech", "rat", "thehe"),
    col.AZIMUTH_DEG: ("gocphuongvi", "phuongvi", "azimuth", "azimut", "huong", "huongphat"),
    col.MECHANICAL_TILT_DEG: (
        *("gocnghiengco", "gocnghiengcokhi", "nghiengco", "tiltco", "tiltcokhi"),
        *("mechanicaltilt", "mechanicaldowntilt", "mtilt", "mechtilt"),
    ),
    col.ELECTRICAL_TILT_DEG: (
        *("gocnghiengdien", "nghiengdien", "tiltdien", "electricaltilt", "electricaldowntilt"),
        *("etilt", "electilt", "ret", "gocnghieng", "tilt", "downtilt", "totaltilt", "tongtilt"),
    ),
    col.POWER_DBM: ("congsuat", "congsuatphat", "congsuatphatdbm", "power", "txpower", "maxpower"),
    POWER_W: ("powerw", "txpowerw", "congsuatw", "congsuatphatw"),
    col.EIRP_PER_RE_DBM: ("eirpperre", "eirpre", "eirpmoire", "rseirp"),
    col.BAND: ("bangtan", "bang", "freqband", "frequencyband"),
    col.FREQUENCY_MHZ: ("tanso", "tansomhz", "frequency", "freq", "dlfrequency", "tansotrungtam"),
    col.BANDWIDTH_MHZ: ("bangthong", "bandwidth", "bw", "dorongbangtan", "bangthongmhz"),
    col.SUBCARRIER_KHZ: ("subcarrierspacing", "scs", "scskhz", "khoangcachsongmangcon"),
    col.ANTENNA: ("angten", "anten", "loaiangten", "loaianten", "antennamodel", "antennatype"),
    col.ANTENNA_GAIN_DBI: ("doloi", "doloiangten", "doloianten", "gain", "antennagain", "gaindbi"),
    col.FEEDER_LOSS_DB: ("suyhaophido", "suyhaofeeder", "feederloss", "cableloss", "suyhaocap"),
    col.PORTS: ("socong", "socongangten", "antennaports", "txports", "rsports"),
}
# A table with one of these is a list of cells, not of sites.
TELLING = (
    *(col.CELL_ID, col.POWER_DBM, POWER_W, col.EIRP_PER_RE_DBM, col.FREQUENCY_MHZ),
    *(col.MECHANICAL_TILT_DEG, col.ELECTRICAL_TILT_DEG, col.ANTENNA, col.BAND),
    *(col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ, col.ANTENNA_GAIN_DBI),
)
LIMITS = {
    col.MECHANICAL_TILT_DEG: (-30.0, 45.0),
    col.ELECTRICAL_TILT_DEG: (-30.0, 45.0),
    col.POWER_DBM: (-30.0, 60.0),
    POWER_W: (1e-6, 1000.0),
    col.EIRP_PER_RE_DBM: (-60.0, 80.0),
    col.FREQUENCY_MHZ: (100.0, 100_000.0),
    col.BANDWIDTH_MHZ: (1.0, 400.0),
    col.SUBCARRIER_KHZ: (15.0, 120.0),
    col.ANTENNA_GAIN_DBI: (-20.0, antenna_files.HIGHEST_GAIN_DBI),
    col.FEEDER_LOSS_DB: (0.0, 40.0),
    col.PORTS: (1.0, 256.0),
}
_MISSING = float("nan")

Frame = dict[str, list[Any]]


@dataclass(frozen=True)
class CellList:
    """Cells with ``columns.CELLS`` (less what coverage works out), and the antennas of files.

    ``assumed`` says what the list left open and what was taken; ``rows`` counts the rows of
    the list, also those without a technology that is predicted or left out as bad.
    """

    cells: GeoDataFrame
    antennas: Mapping[str, AntennaFile]
    provenance: Provenance
    assumed: tuple[str, ...]
    rows: int


def read(
    path: Path,
    communes: GeoDataFrame,
    *,
    skip_bad_rows: bool = False,
    rejected_csv: Path | None = None,
    headers: Mapping[str, str] | None = None,
    stated_crs: str | None = None,
) -> CellList:
    """Return the cells of a list, or of a plain list of sites by the defaults per technology.

    A cell needs a site, a position, a technology or band, and an azimuth (or ``omni``); what
    else it lacks is taken from ``cell_defaults`` and named in ``assumed``. The electrical
    tilt is the whole electrical tilt, whatever of it a pattern file already holds.

    Parameters
    ----------
    path : the list: CSV, GeoJSON or GeoPackage, English or Vietnamese headers.
    communes : communes of the province; a cell outside them is a defect.
    skip_bad_rows : leave rows with a defect out instead of raising.
    rejected_csv : where to write the rows left out, with the reasons.
    headers : the list's own header by column, where it cannot be recognised.
    stated_crs : of the coordinates; recognised when left out, see ``positions.axes_of``.

    Raises
    ------
    InputError
        With every defect of the list and of the antenna files that it names.
    """
    path = Path(path)
    with guard.unchanged(path):
        table = tables.read(path, {**sites.HEADERS, **HEADERS}, stated_crs)
        reader = _from_cells if tells_cells(table, headers) else _from_sites
        return reader(
            table,
            communes,
            skip_bad_rows=skip_bad_rows,
            rejected_csv=rejected_csv,
            headers=headers,
            stated_crs=stated_crs,
        )


def _from_cells(
    table: Table,
    communes: GeoDataFrame,
    *,
    skip_bad_rows: bool,
    rejected_csv: Path | None,
    headers: Mapping[str, str] | None,
    stated_crs: str | None,
) -> CellList:
    """Return the cells of a list of cells."""
    path = table.path
    found = columns_found(table, headers)
    parsed, antennas, defects = parse(table, found, communes, stated_crs)
    if defects and not skip_bad_rows:
        raise InputError(f"{path.name} is not a usable list of cells", defects)
    bad = np.isin(table.rows, [defect.row for defect in defects if defect.row is not None])
    if bad.all():
        raise InputError(f"{path.name} holds no usable cell", defects)
    if defects and rejected_csv is not None:
        sites.write_rejected(rejected_csv, table, defects)
    kept = parsed[~bad].reset_index(drop=True)
    filled, assumed = _filled(path, kept)
    used = {name: antennas[name] for name in antennas if (filled[col.ANTENNA] == name).any()}
    return CellList(filled, used, _origin(path, assumed), assumed, len(table.rows))


def tells_cells(table: Table, headers: Mapping[str, str] | None = None) -> bool:
    """Return whether a table lists cells; azimuths alone may be those of a site's sectors."""
    given = {name: header for name, header in (headers or {}).items() if name in HEADERS}
    found = tables.recognise(table, HEADERS, given)
    single = tables.fold(found.get(col.AZIMUTH_DEG, "")) == tables.fold(col.AZIMUTH_DEG)
    return single or bool(set(TELLING) & set(found))


def _from_sites(
    table: Table,
    communes: GeoDataFrame,
    *,
    skip_bad_rows: bool,
    rejected_csv: Path | None,
    headers: Mapping[str, str] | None,
    stated_crs: str | None,
) -> CellList:
    """Return one cell per sector and technology of a plain list of sites."""
    path = table.path
    found = sites.columns_found(table, headers)
    listed = sites.usable(
        table, found, communes, stated_crs, skip=skip_bad_rows, rejected=rejected_csv
    )
    filled, assumed = _filled(path, cell_defaults.sectors(listed))
    note = "; ".join(sites.assumptions(table, found, len(listed))).removeprefix("assumed: ")
    said = (*((note,) if note else ()), *assumed)
    return CellList(filled, {}, _origin(path, said), said, len(listed))


def _filled(path: Path, cells: GeoDataFrame) -> tuple[GeoDataFrame, tuple[str, ...]]:
    """Return the cells with the defaults, and what was assumed; raise when none is predicted."""
    filled, assumed = cell_defaults.fill(cells)
    if filled.empty:
        remedy = f"name {' or '.join(cell_defaults.PREDICTED)} as the technology"
        defect = Defect(str(path), "holds no cell of a technology that is predicted", remedy)
        raise InputError("nothing to predict", [defect])
    return filled, assumed


def _origin(path: Path, assumed: tuple[str, ...]) -> Provenance:
    note = "assumed: " + "; ".join(assumed) if assumed else ""
    return Provenance("given", path.name, sha256=guard.digest(path), note=note)


def columns_found(table: Table, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the list's header of each column; what must be there is a defect where it is not."""
    found = tables.recognise(table, HEADERS, headers)
    header = found.get(col.POWER_DBM)
    if header is not None and re.search(r"[(\[]\s*W", header) and POWER_W not in found:
        found[POWER_W] = found.pop(col.POWER_DBM)
    needed = (col.SITE_ID, col.AZIMUTH_DEG)
    defects = [tables.lacking(table, column) for column in needed if column not in found]
    if not {col.TECHNOLOGY, col.BAND, col.FREQUENCY_MHZ} & set(found):
        defects.append(tables.lacking(table, col.TECHNOLOGY))
    if table.shapes is None:
        try:
            coordinates.columns_of(table, found)
        except InputError as error:
            defects += error.defects
    if defects:
        raise InputError("missing columns", defects)
    return found


def parse(
    table: Table, found: Mapping[str, str], communes: GeoDataFrame, stated_crs: str | None = None
) -> tuple[GeoDataFrame, dict[str, AntennaFile], list[Defect]]:
    """Return a cell per row, good or bad, the antennas of files, and all defects."""
    points, commune, defects = coordinates.locate(table, found, communes, stated_crs)
    frame, wrong = _texts(table, found)
    defects += wrong
    for column in LIMITS:
        frame[column], wrong = _numbers(table, found, column)
        defects += wrong
    watts = np.array(frame.pop(POWER_W))
    in_dbm = 10.0 * np.log10(watts) + 30.0
    frame[col.POWER_DBM] = np.where(np.isnan(watts), frame[col.POWER_DBM], in_dbm).tolist()
    defects += _carriers(table, found, frame)
    defects += _azimuths(table, found, frame) + _identifiers(table, found, frame)
    antennas, wrong = _antennas(table, found, frame)
    defects += wrong
    inside = np.maximum(commune, 0)
    for column in (col.COMMUNE_CODE, col.DISTRICT_CODE):
        frame[column] = communes[column].to_numpy(object)[inside].tolist()
    cells = gpd.GeoDataFrame(pd.DataFrame(frame), geometry=points.geometry, crs=crs.PLANNING)
    return cells, antennas, tables.by_row(defects)


def _texts(table: Table, found: Mapping[str, str]) -> tuple[Frame, list[Defect]]:
    """Return the columns of words, and the height, which a site list has too."""
    parsers: dict[str, tuple[Callable[[str], object], str]] = {
        col.OPERATOR: (sites.operator_name, ""),
        col.HEIGHT_M: (
            lambda text: sites.antenna_height_m(text) if text else _MISSING,
            f"is not a height above 0 and up to {sites.HIGHEST_MAST_M:g} m",
        ),
        col.TECHNOLOGY: (
            lambda text: _technology(text) if text else "",
            "is not one technology such as 4G or 5G",
        ),
    }
    frame: Frame = {
        column: tables.texts(table, found, column)
        for column in (col.SITE_ID, col.CELL_ID, col.BAND, col.ANTENNA)
    }
    defects = []
    for column, (parser, problem) in parsers.items():
        values = [parser(text) for text in tables.texts(table, found, column)]
        frame[column] = values
        defects += [
            table.defect(i, problem, sites.SKIP, found.get(column))
            for i, value in enumerate(values)
            if value is None
        ]
    return frame, defects


def _technology(text: str) -> str | None:
    named = sites.generations(text)
    return None if named is None or "/" in named else named


def _numbers(
    table: Table, found: Mapping[str, str], column: str
) -> tuple[list[float], list[Defect]]:
    """Return the numbers of a column, NaN where it says nothing, and those out of range."""
    low, high = LIMITS[column]
    values, defects = [], []
    for i, text in enumerate(tables.texts(table, found, column)):
        value = tables.number(re.sub(r"(?<=\d)\s*[A-Za-z°]+$", "", text)) if text else _MISSING
        if value is None or not (np.isnan(value) or low <= value <= high):
            problem = f"is not a number from {low:g} to {high:g}"
            remedy = "give dBm, or call the column power_w" if column == col.POWER_DBM else ""
            defects.append(table.defect(i, problem, remedy or sites.SKIP, found.get(column)))
            value = _MISSING
        values.append(value)
    return values, defects


def _carriers(table: Table, found: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Fill in frequency from band and technology from both; return the rows that say neither."""
    bands, technologies = frame[col.BAND], frame[col.TECHNOLOGY]
    frequencies = frame[col.FREQUENCY_MHZ]
    defects = []
    for i, band in enumerate(bands):
        known = cell_defaults.frequency_of(band) if band else None
        if band and known is None:
            problem = "is not a band such as 1800, B3 or n41"
            defects.append(table.defect(i, problem, sites.SKIP, found[col.BAND]))
        elif known is not None and np.isnan(frequencies[i]):
            frequencies[i] = known
        if technologies[i] == "":
            technologies[i] = cell_defaults.technology_of(band, frequencies[i])
            if technologies[i] is None:
                problem = "neither technology nor band says whether the cell is 4G or 5G"
                defects.append(table.defect(i, problem, sites.SKIP))
    frame[col.FREQUENCY_MHZ], frame[col.TECHNOLOGY] = frequencies, technologies
    return defects


def _azimuths(table: Table, found: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Fill in azimuths, NaN where the antenna has no main direction."""
    azimuths, defects, header = [], [], found[col.AZIMUTH_DEG]
    for i, (text, antenna) in enumerate(zip(table.cells[header], frame[col.ANTENNA], strict=True)):
        around = tables.fold(text).startswith("omni") or antenna.lower() in AROUND
        value = tables.number(text.replace("°", "")) if text and not around else None
        if not around and (value is None or not 0.0 <= value <= 360.0):
            problem = "is not an azimuth from 0 to 360" if text else "the azimuth is missing"
            remedy = f"write {DEFAULT_AROUND} for an antenna without a main direction"
            defects.append(table.defect(i, problem, remedy, header))
        azimuths.append(_MISSING if value is None else value % 360.0)
    frame[col.AZIMUTH_DEG] = azimuths
    return defects


def _antennas(
    table: Table, found: Mapping[str, str], frame: Frame
) -> tuple[dict[str, AntennaFile], list[Defect]]:
    """Read every pattern file once; a file tells a cell's gain and tilt where the list does not."""
    antennas: dict[str, AntennaFile | None] = {}
    defects: list[Defect] = []
    for i, name in enumerate(frame[col.ANTENNA]):
        if not name.lower().endswith(antenna_files.SUFFIXES):
            around = np.isnan(frame[col.AZIMUTH_DEG][i])
            usual = DEFAULT_AROUND if around else cell_defaults.ANTENNA
            frame[col.ANTENNA][i] = name.lower() or usual
            if frame[col.ANTENNA][i] not in BUILT_IN:
                remedy = f"use {', '.join(BUILT_IN)}, or a file ending in .msi, .pla or .txt"
                defects.append(table.defect(i, "is not an antenna", remedy, found[col.ANTENNA]))
            continue
        if name not in antennas:
            antennas[name], wrong = _antenna(table, i, name)
            defects += wrong
        elif antennas[name] is None:
            problem = "its pattern cannot be read"
            defects.append(table.defect(i, problem, sites.SKIP, found[col.ANTENNA]))
        antenna = antennas[name]
        if antenna is not None:
            _tell(frame, i, antenna)
            defects += _mistuned(table, i, antenna, frame)
    return {name: antenna for name, antenna in antennas.items() if antenna}, defects


def _antenna(table: Table, index: int, name: str) -> tuple[AntennaFile | None, list[Defect]]:
    """Read one pattern file; its defects are those of the row that first names it."""
    try:
        return antenna_files.read(guard.beside(table.path.parent, name)), []
    except InputError as error:
        return None, [table.defect(index, str(defect)) for defect in error.defects]


def _tell(frame: Frame, index: int, antenna: AntennaFile) -> None:
    """Fill in what the list leaves to the pattern."""
    told = {col.ANTENNA_GAIN_DBI: antenna.gain_dbi, col.ELECTRICAL_TILT_DEG: antenna.tilt_deg}
    for column, value in told.items():
        if np.isnan(frame[column][index]):
            frame[column][index] = value


def _mistuned(table: Table, index: int, antenna: AntennaFile, frame: Frame) -> list[Defect]:
    """Return a defect where a pattern was measured in quite another band."""
    carrier = frame[col.FREQUENCY_MHZ][index]
    measured = antenna.frequency_mhz
    if measured is None or np.isnan(carrier) or abs(measured / carrier - 1.0) <= BROAD_BAND_SHARE:
        return []
    problem = f"its pattern is of {measured:g} MHz, the carrier at {carrier:g} MHz"
    return [table.defect(index, problem, sites.SKIP)]


def _identifiers(table: Table, found: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Name the cells that have no name; return defects of missing and double ones."""
    site_ids, cell_ids = frame[col.SITE_ID], frame[col.CELL_ID]
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    defects = []
    for i, site in enumerate(site_ids):
        counts[site] = counts.get(site, 0) + 1
        if not site:
            problem = "the cell has no site"
            defects.append(table.defect(i, problem, sites.SKIP, found[col.SITE_ID]))
        cell_ids[i] = cell_ids[i] or f"{site}-{counts[site]}"
        before = first.setdefault(cell_ids[i], i)
        if before != i:
            problem = f"the cell is already that of row {table.rows[before]}"
            defects.append(table.defect(i, problem, sites.SKIP, found.get(col.CELL_ID)))
    frame[col.CELL_ID] = cell_ids
    return defects
