"""Read a planner's own list of cells: sector carriers with azimuth, tilt, power and antenna."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.network import (
    antenna_files,
    azimuths,
    cell_carriers,
    cell_defaults,
    channels,
    coordinates,
    positions,
    sites,
    words,
)
from phusong.geodata.network.antenna_files import AntennaFile
from phusong.geodata.province import LIVE, NEIGHBOURS_M, Provenance
from phusong.messages import Text, message

POWER_W = "power_w"
AROUND = ("omni", "isotropic")  # antennas without a main direction
DEFAULT_AROUND = AROUND[0]
BARE_TILTS = ("tilt", "downtilt", "gocnghieng", "antennatilt", "gocnghienganten")
BROAD_BAND_SHARE = 0.25  # how far a pattern's frequency may lie from the carrier's

# Folded headers (see tables.fold) by column, the best first.
HEADERS: Names = {
    **{
        name: sites.HEADERS[name]
        for name in (
            *(col.SITE_ID, col.OPERATOR, col.HEIGHT_M),
            *(col.COMMUNE_CODE, col.COMMUNE, col.DISTRICT, *positions.HEADERS),
        )
    },
    col.CELL_ID: (
        *("macell", "masector", "cell", "cellname", "cellid", "tencell", "eci", "nci", "sector"),
        *("sectorid", "macanhsong", "ecellid"),
    ),
    col.TECHNOLOGY: ("congnghe", "congnghephatsong", "technologies", "tech", "rat", "thehe"),
    col.STATUS: sites.HEADERS[col.STATUS],
    col.AZIMUTH_DEG: ("gocphuongvi", "phuongvi", "azimuth", "azimut", "huong", "huongphat"),
    col.MECHANICAL_TILT_DEG: (
        *("gocnghiengco", "gocnghiengcokhi", "nghiengco", "tiltco", "tiltcokhi", "mdt"),
        *("mechanicaltilt", "mechanicaldowntilt", "mtilt", "mechtilt", "tiltmechanical"),
    ),
    col.ELECTRICAL_TILT_DEG: (
        *("gocnghiengdien", "nghiengdien", "tiltdien", "electricaltilt", "electricaldowntilt"),
        *("etilt", "electilt", "ret", "edt", "tiltelectrical"),
    ),
    col.TOTAL_TILT_DEG: (
        *("totaltilt", "tongtilt", "tonggocnghieng", "gocnghiengtong", "totaldowntilt"),
        *("tilttong", "tilttotal", *BARE_TILTS),
    ),
    col.POWER_DBM: (
        *("congsuat", "congsuatphat", "power", "txpower", "maxpower", "maxtxpower"),
        *("congsuatphattoida", "congsuattoida", "transmitpower", "totalpower"),
    ),
    POWER_W: ("powerw", "txpowerw", "congsuatw", "congsuatphatw"),
    col.EIRP_DBM: ("eirp", "congsuatbucxa", "congsuatbucxadanghuong", "totaleirp", "maxeirp"),
    col.EIRP_PER_RE_DBM: ("eirpperre", "eirpre", "eirpmoire", "rseirp"),
    col.BAND: ("bangtan", "bang", "freqband", "frequencyband", "bandindicator"),
    col.FREQUENCY_MHZ: (
        *("tanso", "frequency", "freq", "dlfrequency", "dlfreq", "tansotrungtam", "tansodl"),
        *("downlinkfrequency", "centerfrequency", "centrefrequency", "tansoduongxuong"),
    ),
    col.EARFCN: ("earfcndl", "dlearfcn", "earfcndownlink", "lteearfcn", "earfcn4g"),
    col.NR_ARFCN: ("nrarfcndl", "nrdlarfcn", "dlnrarfcn", "arfcnnr", "nrarfcn5g"),
    col.UARFCN: ("uarfcndl", "dluarfcn"),
    col.ARFCN: ("arfcn", "channel", "kenh", "sokenh", "dlarfcn", "channelnumber", "dlchannel"),
    col.BANDWIDTH_MHZ: ("bangthong", "bandwidth", "bw", "dorongbangtan", "dlbandwidth"),
    col.SUBCARRIER_KHZ: ("subcarrierspacing", "scs", "khoangcachsongmangcon"),
    col.ANTENNA: ("angten", "anten", "loaiangten", "loaianten", "antennamodel", "antennatype"),
    col.ANTENNA_GAIN_DBI: ("doloi", "doloiangten", "doloianten", "gain", "antennagain"),
    col.FEEDER_LOSS_DB: ("suyhaophido", "suyhaofeeder", "feederloss", "cableloss", "suyhaocap"),
    col.PORTS: ("socong", "socongangten", "antennaports", "txports", "rsports"),
}
# A table with one of these is a list of cells, not of sites.
TELLING = (
    *(col.CELL_ID, col.POWER_DBM, POWER_W, col.EIRP_PER_RE_DBM, col.EIRP_DBM, col.FREQUENCY_MHZ),
    *(col.MECHANICAL_TILT_DEG, col.ELECTRICAL_TILT_DEG, col.ANTENNA, col.BAND, col.EARFCN),
    *(col.BANDWIDTH_MHZ, col.SUBCARRIER_KHZ, col.ANTENNA_GAIN_DBI, col.NR_ARFCN),
    *(col.TOTAL_TILT_DEG, col.UARFCN, col.ARFCN),
)
_CHANNEL = Measure("", 0.0, channels.MAX_NR_ARFCN, whole=True)
_DOWNTILT = Measure("deg", -30.0, 45.0)
MEASURES: Mapping[str, Measure] = {
    col.MECHANICAL_TILT_DEG: _DOWNTILT,
    col.ELECTRICAL_TILT_DEG: _DOWNTILT,
    col.TOTAL_TILT_DEG: _DOWNTILT,
    col.POWER_DBM: Measure("dBm", -30.0, 60.0, rivals=True),
    POWER_W: Measure("dBm", -30.0, 60.0),
    col.EIRP_DBM: Measure("dBm", -30.0, 90.0, rivals=True),
    col.EIRP_PER_RE_DBM: Measure("dBm", -60.0, 80.0),
    col.FREQUENCY_MHZ: Measure("MHz", 100.0, 100_000.0),
    **dict.fromkeys(cell_carriers.CHANNELS, _CHANNEL),
    col.NR_ARFCN: _CHANNEL._replace(low=channels.FIRST_NR_ARFCN),
    col.BANDWIDTH_MHZ: Measure("MHz", 1.0, 400.0),
    col.SUBCARRIER_KHZ: Measure("kHz", 15.0, 120.0),
    col.ANTENNA_GAIN_DBI: Measure("dBi", -20.0, antenna_files.HIGHEST_GAIN_DBI),
    col.FEEDER_LOSS_DB: Measure("dB", 0.0, 40.0),
    col.PORTS: Measure("", 1.0, 256.0),
}
DEFAULT_UNITS = {POWER_W: "W"}  # of figures without one
_ONE = message("remedy.correct_one_of_them")
SAME_DB, SAME_DEG = 1.0, 0.6  # by which what is given twice may differ
_MISSING = float("nan")

Frame = dict[str, list[Any]]


@dataclass(frozen=True)
class CellList:
    """Cells with ``columns.CELLS`` (less what coverage works out), and the antennas of files.

    ``assumed`` says what the list left open and what was taken; ``rows`` counts the rows of
    the list, also those without a technology that is predicted or left out as bad.

    Parameters
    ----------
    cells
        One row a cell.
    antennas
        Pattern files by the name that cells use.
    provenance
        Where the list comes from.
    assumed
        What was assumed, a text each.
    rows
        Rows of the list.
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
    stated: Stated = NOTHING,
) -> CellList:
    """Return the cells of a list, or of a plain list of sites by the defaults per technology.

    A cell needs a site, a position, a technology or band, and an azimuth (or ``omni``); what
    else it lacks is taken from ``cell_defaults`` and named in ``assumed``. The electrical
    tilt is the whole electrical tilt, whatever of it a pattern file already holds.

    Parameters
    ----------
    path
        The list: CSV, GeoJSON or GeoPackage, English or Vietnamese headers.
    communes
        Communes of the province; a cell farther outside than 30 km is a defect.
    skip_bad_rows
        Leave rows with a defect out instead of raising.
    rejected_csv
        Where to write the rows left out, with the reasons.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.

    Returns
    -------
    CellList
        The cells, and what was assumed of them.

    Raises
    ------
    InputError
        With every defect of the list and of the antenna files that it names.
    """
    path = Path(path)
    with guard.unchanged(path):
        table = sites.opened(tables.read(path, {**sites.HEADERS, **HEADERS}, stated))
        reader = _from_cells if tells_cells(table) else _from_sites
        return reader(table, communes, skip=skip_bad_rows, rejected=rejected_csv)


def _from_cells(
    table: Table, communes: GeoDataFrame, *, skip: bool, rejected: Path | None
) -> CellList:
    """Return the cells of a list of cells."""
    path, header_of = table.path, headers_of(table)
    read = parse(table, header_of, communes)
    bad = sites.leave_out(table, read.defects, "cells", skip=skip, rejected=rejected)
    usable = read.cells[~bad].reset_index(drop=True)
    notes = [*table.notes, *notes_on(table, header_of, communes, read.notes, usable)]
    filled, assumed = _filled(path, usable)
    used = {
        name: read.antennas[name] for name in read.antennas if (filled[col.ANTENNA] == name).any()
    }
    all_notes = (*notes, *assumed)
    return CellList(filled, used, _origin(path, notes, assumed), all_notes, len(table.rows))


def notes_on(
    table: Table,
    header_of: Mapping[str, str],
    communes: GeoDataFrame,
    notes: Sequence[str],
    cells: GeoDataFrame,
) -> list[str]:
    """Return how a list of cells is read, and what of it is not used."""
    read = [*notes, *coordinates.reading_notes(table, header_of, communes)]
    return [
        *read,
        *tables.unused(table, header_of),
        *sites.by_status(cells, "cells"),
        *coordinates.neighbour_notes(cells, "cells"),
    ]


def tells_cells(table: Table) -> bool:
    """Return whether a table lists cells; azimuths alone may be those of a site's sectors."""
    header_of = tables.tentative(table, HEADERS)
    single = tables.fold(header_of.get(col.AZIMUTH_DEG, "")) == tables.fold(col.AZIMUTH_DEG)
    return single or bool(set(TELLING) & set(header_of))


def _from_sites(
    table: Table, communes: GeoDataFrame, *, skip: bool, rejected: Path | None
) -> CellList:
    """Return one cell per sector and technology of a plain list of sites."""
    path, header_of = table.path, sites.headers_of(table)
    read = sites.usable(table, header_of, communes, skip=skip, rejected=rejected)
    live = read.sites[read.sites[col.STATUS] == LIVE]
    filled, assumed = _filled(path, cell_defaults.sectors(live))
    all_notes = (*(note.removeprefix("assumed: ") for note in read.notes), *assumed)
    return CellList(filled, {}, _origin(path, read.notes, assumed), all_notes, len(read.sites))


def _filled(path: Path, cells: GeoDataFrame) -> tuple[GeoDataFrame, tuple[str, ...]]:
    """Return the cells with the defaults, and what was assumed; raise when none is predicted."""
    live = cells[cells[col.STATUS] == LIVE] if col.STATUS in cells else cells
    filled, assumed = cell_defaults.fill(live.reset_index(drop=True))
    if filled.empty:
        remedy = message("remedy.name_as_the_technology", predicted=[*cell_defaults.PREDICTED])
        problem = message("problem.holds_no_cell_on_air_of")
        raise InputError(
            message("refusal.nothing_to_predict"), [Defect(str(path), problem, remedy)]
        )
    return filled, assumed


def _origin(path: Path, notes: Sequence[str], assumed: Sequence[str]) -> Provenance:
    sentences = [*notes, *(["assumed: " + "; ".join(assumed)] if assumed else [])]
    return Provenance("given", path.name, sha256=guard.digest(path), note="; ".join(sentences))


def headers_of(table: Table) -> dict[str, str]:
    """Return the list's header of each column; what must be there is a defect where it is not."""
    header_of = tables.recognise(table, HEADERS)
    needed = (col.SITE_ID, col.AZIMUTH_DEG)
    defects = [tables.lacking(table, column) for column in needed if column not in header_of]
    telling = {col.TECHNOLOGY, col.BAND, col.FREQUENCY_MHZ, *cell_carriers.CHANNELS}
    if not telling & set(header_of):
        defects.append(tables.lacking(table, col.TECHNOLOGY))
    if table.shapes is None:
        try:
            positions.columns_of(table, header_of)
        except InputError as error:
            defects += error.defects
    if defects:
        raise InputError(message("refusal.missing_columns"), defects)
    return header_of


class ParsedCells(NamedTuple):
    """A cell per row, good or bad; the antennas of files, the defects, and what is to be said."""

    cells: GeoDataFrame
    antennas: dict[str, AntennaFile]
    defects: list[Defect]
    notes: list[str]


def parse(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> ParsedCells:
    """Return a cell per row, good or bad, with all defects."""
    points, commune, defects = coordinates.locate(table, header_of, communes, NEIGHBOURS_M)
    frame, wrong = _texts(table, header_of)
    notes: list[str] = []
    for column, measure in {col.HEIGHT_M: sites.HEIGHT, **MEASURES}.items():
        read = tables.measured(table, header_of, column, measure, DEFAULT_UNITS.get(column, ""))
        frame[column] = read.values.tolist()
        wrong += read.defects
        notes += read.notes
    defects += [*wrong, *_powers(table, header_of, frame), *tilts(table, header_of, frame)]
    contradictions, carrier_notes = cell_carriers.fill(table, header_of, frame)
    defects += contradictions
    defects += _azimuths(table, header_of, frame) + _identifiers(table, header_of, frame)
    antennas, wrong = _antennas(table, header_of, frame)
    defects += wrong
    for column in (col.COMMUNE_CODE, col.DISTRICT_CODE):
        frame[column] = coordinates.of_commune(communes, column, commune)
    cells = gpd.GeoDataFrame(pd.DataFrame(frame), geometry=points.geometry, crs=communes.crs)
    return ParsedCells(cells, antennas, tables.by_row(defects), [*notes, *carrier_notes])


def _powers(table: Table, header_of: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Join power in watts and in dBm; return the rows whose EIRP is not that of their power."""
    in_w, power = np.array(frame.pop(POWER_W)), np.array(frame[col.POWER_DBM])
    power = np.where(np.isnan(power), in_w, power)
    frame[col.POWER_DBM] = power.tolist()
    names = (col.ANTENNA_GAIN_DBI, col.FEEDER_LOSS_DB, col.EIRP_DBM)
    gain, loss, eirp = (np.array(frame[name]) for name in names)
    apart_db = np.abs(power + gain - np.nan_to_num(loss) - eirp)
    header = header_of.get(col.EIRP_DBM)
    return [
        table.defect(
            i, message("problem.is_db_from_power_gain_and", apart_db=apart_db[i]), _ONE, header
        )
        for i in np.flatnonzero(apart_db > SAME_DB).tolist()
    ]


def tilts(table: Table, header_of: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Take the electrical tilt from the total and the mechanical one where it is not given."""
    total, mechanical, electrical = (
        np.array(frame[name])
        for name in (col.TOTAL_TILT_DEG, col.MECHANICAL_TILT_DEG, col.ELECTRICAL_TILT_DEG)
    )
    del frame[col.TOTAL_TILT_DEG]
    header = header_of.get(col.TOTAL_TILT_DEG, "")
    stated = col.TOTAL_TILT_DEG in table.stated.headers
    if tables.whole(header) in BARE_TILTS and col.MECHANICAL_TILT_DEG in header_of and not stated:
        if col.ELECTRICAL_TILT_DEG in header_of:
            return []
        problem = message("problem.may_be_the_electrical_tilt_or")
        remedy = message("remedy.say_map_electrical_tilt_deg_header")
        return [Defect(str(table.path), problem, remedy, column=header)]
    rest = total - np.nan_to_num(mechanical)
    frame[col.ELECTRICAL_TILT_DEG] = np.where(np.isnan(electrical), rest, electrical).tolist()
    apart = np.abs(rest - electrical)
    return [
        table.defect(
            i, message("problem.is_degrees_from_its_two_parts", apart=apart[i]), _ONE, header
        )
        for i in np.flatnonzero(apart > SAME_DEG).tolist()
    ]


def generation(text: str) -> str:
    """Return the one generation that a text names, empty where it names none or several."""
    return (words.generation(text) or "") if text else ""


_WORDS: dict[str, tuple[Callable[[str], object], Text, Text]] = {
    col.OPERATOR: (words.operator_name, "", sites.SKIP),
    col.TECHNOLOGY: (
        lambda text: words.generation(text) if text else "",
        message("problem.is_not_one_technology"),
        sites.SKIP,
    ),
    col.STATUS: (words.status, message("problem.is_not_a_known_status"), words.STATUS_WORDS),
}


def _texts(table: Table, header_of: Mapping[str, str]) -> tuple[Frame, list[Defect]]:
    """Return the columns of words."""
    frame: Frame = {
        column: tables.texts(table, header_of, column)
        for column in (col.SITE_ID, col.CELL_ID, col.BAND, col.ANTENNA)
    }
    defects = []
    for column, (parser, problem, remedy) in _WORDS.items():
        texts = tables.texts(table, header_of, column)
        parsed = {text: parser(text) for text in dict.fromkeys(texts)}
        frame[column] = [parsed[text] for text in texts]
        defects += [
            table.defect(i, problem, remedy, header_of.get(column))
            for i, text in enumerate(texts)
            if parsed[text] is None
        ]
    return frame, defects


def azimuth_readings(table: Table, header_of: Mapping[str, str]) -> list[list[float] | str]:
    """Return the azimuths of every row [deg], none where it is empty; what is wrong as text."""
    return azimuths.each(tables.texts(table, header_of, col.AZIMUTH_DEG), table.mark)


def _azimuths(table: Table, header_of: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Fill in azimuths, NaN where the antenna has no main direction."""
    header, texts = header_of[col.AZIMUTH_DEG], tables.texts(table, header_of, col.AZIMUTH_DEG)
    remedy = message("remedy.write_for_an_antenna_without_a", default_around=DEFAULT_AROUND)
    values, defects = [], []
    readings = azimuth_readings(table, header_of)
    rows = zip(texts, readings, frame[col.ANTENNA], strict=True)
    for i, (text, reading, antenna) in enumerate(rows):
        around = not text and antenna.lower() in AROUND
        angles = [] if antenna.lower() in AROUND else reading
        if isinstance(angles, str) or len(angles) > 1 or not (text or around):
            problem: Text = (
                message("problem.is_not_an_azimuth_from_0")
                if text
                else message("problem.the_azimuth_is_missing")
            )
            problem = angles if isinstance(angles, str) and "may be" in angles else problem
            defects.append(table.defect(i, problem, remedy, header))
        values.append(angles[0] if isinstance(angles, list) and len(angles) == 1 else _MISSING)
    frame[col.AZIMUTH_DEG] = values
    return defects


def _antennas(
    table: Table, header_of: Mapping[str, str], frame: Frame
) -> tuple[dict[str, AntennaFile], list[Defect]]:
    """Read every pattern file once; a file tells a cell's gain and tilt where the list does not."""
    antennas: dict[str, AntennaFile | None] = {}
    defects: list[Defect] = []
    for i, name in enumerate(frame[col.ANTENNA]):
        if not name.lower().endswith(antenna_files.SUFFIXES):
            around = np.isnan(frame[col.AZIMUTH_DEG][i])
            usual = DEFAULT_AROUND if around else cell_defaults.ANTENNA
            frame[col.ANTENNA][i] = name.lower() or usual
            if frame[col.ANTENNA][i] not in antenna_files.BUILT_IN:
                remedy = message(
                    "remedy.use_or_a_file_ending_in", built_in=[*antenna_files.BUILT_IN]
                )
                defects.append(
                    table.defect(
                        i, message("problem.is_not_an_antenna"), remedy, header_of[col.ANTENNA]
                    )
                )
            continue
        if name not in antennas:
            antennas[name], wrong = antenna_files.beside(table, i, name)
            defects += wrong
        elif antennas[name] is None:
            problem = message("problem.its_pattern_cannot_be_read")
            defects.append(table.defect(i, problem, sites.SKIP, header_of[col.ANTENNA]))
        antenna = antennas[name]
        if antenna is not None:
            _tell(frame, i, antenna)
            defects += _mistuned(table, i, antenna, frame)
    return {name: antenna for name, antenna in antennas.items() if antenna}, defects


def _tell(frame: Frame, index: int, antenna: AntennaFile) -> None:
    """Fill in what the list leaves to the pattern."""
    of_antenna = {col.ANTENNA_GAIN_DBI: antenna.gain_dbi, col.ELECTRICAL_TILT_DEG: antenna.tilt_deg}
    for column, value in of_antenna.items():
        if np.isnan(frame[column][index]):
            frame[column][index] = value


def _mistuned(table: Table, index: int, antenna: AntennaFile, frame: Frame) -> list[Defect]:
    """Return a defect where a pattern was measured in quite another band."""
    carrier = frame[col.FREQUENCY_MHZ][index]
    measured = antenna.frequency_mhz
    if measured is None or np.isnan(carrier) or abs(measured / carrier - 1.0) <= BROAD_BAND_SHARE:
        return []
    problem = message("problem.its_pattern_is_of_mhz_the", measured=measured, carrier=carrier)
    return [table.defect(index, problem, sites.SKIP)]


def _identifiers(table: Table, header_of: Mapping[str, str], frame: Frame) -> list[Defect]:
    """Name the cells that have no name; return defects of missing and double ones."""
    site_ids, cell_ids = frame[col.SITE_ID], frame[col.CELL_ID]
    first: dict[tuple[str, str], int] = {}
    counts: dict[str, int] = {}
    defects = []
    for i, site in enumerate(site_ids):
        counts[site] = counts.get(site, 0) + 1
        if not site:
            problem = message("problem.the_cell_has_no_site")
            defects.append(table.defect(i, problem, sites.SKIP, header_of[col.SITE_ID]))
        cell_ids[i] = cell_ids[i] or f"{site}-{counts[site]}"
        before = first.setdefault((frame[col.OPERATOR][i], cell_ids[i]), i)
        if before != i:
            problem = message("problem.the_cell_is_already_that_of", rows=table.rows[before])
            defects.append(table.defect(i, problem, sites.SKIP, header_of.get(col.CELL_ID)))
    frame[col.CELL_ID] = cell_ids
    return defects


def usual_carrier(technology: str, otherwise: str) -> dict[str, float]:
    """Return the figures of a technology's usual carrier, of another's if it is not predicted."""
    predicted = technology if technology in cell_defaults.PREDICTED else otherwise
    return cell_defaults.typical(predicted, 0.0)
