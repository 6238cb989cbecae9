"""Read drive tests and crowd data, and leave out the samples that cannot be right."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.crs import transform
from phusong.geodata.files import guard, tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.measured import layouts
from phusong.geodata.network import cell_carriers, cells, positions
from phusong.messages import message

# Range that handsets report: TS 38.133 table 10.1.6.1-1; LTE's ends, at which a report is no
# longer a value but "below" or "above": TS 36.133 table 9.1.4-1.
LOWEST_DBM, HIGHEST_DBM = -156.0, -31.0
FLOOR_DBM, CEILING_DBM = -140.0, -44.0
LOSS_DB = (20.0, 220.0)
RECEIVER_M = (0.1, 100.0)  # above ground
FASTEST_M_S = 70.0  # 250 km/h
SPIKE_STEPS = 20.0  # without times: so many usual steps out and back is no driving
MIN_SPIKE_M = 300.0
TRACK_STEP_M = 100.0  # rows usually so near are a drive in its order
UNREADABLE_SHARE = 0.5  # of rows, from which the file is taken as misunderstood

# Folded headers (see tables.fold) by column, the best first.
HEADERS: Names = {
    col.LON: positions.HEADERS[col.LON],
    col.LAT: positions.HEADERS[col.LAT],
    col.RSRP_DBM: (
        *("rsrp", "ssrsrp", "ltersrp", "nrssrsrp", "mucthursrp", "mucthu"),
        *("signalstrength", "level", "dbm", "rscp", "rxlev", "rxlevel"),
    ),
    col.PATH_LOSS_DB: ("plreal", "pathloss", "measuredloss", "suyhao", "suyhaoduongtruyen"),
    col.CELL_ID: ("btsid", "servingcell", "servingcellid", *cells.HEADERS[col.CELL_ID], "ecgi"),
    col.PCI: ("physcellid", "physicalcellid", "physicalcellidentity", "psc"),
    col.FREQUENCY_MHZ: ("cellfreq", *cells.HEADERS[col.FREQUENCY_MHZ], "carrierfrequency"),
    col.TECHNOLOGY: (*cells.HEADERS[col.TECHNOLOGY], "networktech", "networktype", "radio"),
    **{name: cells.HEADERS[name] for name in cell_carriers.CHANNELS},
    col.TIME: ("timestamp", "datetime", "thoigian", "thoidiem", "gio", "date"),
    col.DEVICE: ("thietbi", "deviceid", "imei", "ue", "log", "logfile", "tentep"),
    col.RECEIVER_HEIGHT_M: (
        *("receiverheight", "rxheight", "rxheightm", "rxantennaheight", "hrx", "hrxm", "ueheight"),
        *("mobileheight", "docaomaythu", "chieucaomaythu", "docaoangtenthu"),
    ),
    col.CELL_LON: ("celllongitude", "servingcelllon", "sitelon", "kinhdocell"),
    col.CELL_LAT: ("celllatitude", "servingcelllat", "sitelat", "vidocell"),
}
TEXTS = (col.CELL_ID, col.PCI, col.DEVICE)
PLACES = (col.LON, col.LAT, col.CELL_LON, col.CELL_LAT)
MEASURES = {
    col.RSRP_DBM: Measure("dBm"),
    col.PATH_LOSS_DB: Measure("dB"),
    col.FREQUENCY_MHZ: Measure("MHz"),
    col.RECEIVER_HEIGHT_M: Measure("m"),
    **dict.fromkeys(cell_carriers.CHANNELS, Measure("")),
}
WITH_RSRP = frozenset({"4G", "5G"})  # technologies that report it
OTHER_LEVELS = {"rscp": "3G", "rxlev": "2G", "rxlevel": "2G"}  # of pilot and carrier
OF_LEVEL = {**OTHER_LEVELS, "ltersrp": "4G", "ssrsrp": "5G", "nrssrsrp": "5G"}
GENERATIONS = frozenset({"2G", "3G", "4G", "5G"})
UNKNOWN_TECHNOLOGY = "of no known technology"
EARTH_M = 6_371_008.8

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Measurements:
    """Samples that can be right, and what was left out.

    ``samples`` has ``columns`` LON, LAT, RSRP_DBM and PATH_LOSS_DB (one of both is NaN),
    CELL_ID, PCI, DEVICE, TECHNOLOGY (text, empty where not told), FREQUENCY_MHZ, CELL_LON,
    CELL_LAT, RECEIVER_HEIGHT_M (NaN where not told), and TIME in seconds. ``left_out`` counts
    samples by reason.

    Parameters
    ----------
    name
        Of the file.
    samples
        One row a sample.
    rows
        Rows of the file.
    left_out
        Number by reason.
    notes
        What was read otherwise than written.
    sha256
        Checksum of the file.
    """

    name: str
    samples: pd.DataFrame
    rows: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]
    sha256: str

    @property
    def timed(self) -> bool:
        """Return whether any sample says when it was taken."""
        return bool(self.samples[col.TIME].notna().any())

    @property
    def are_losses(self) -> bool:
        """Return whether losses were measured, so that no cell's power matters."""
        return bool(self.samples[col.PATH_LOSS_DB].notna().all())


def read(path: Path, stated: Stated = NOTHING) -> Measurements:
    """Read a table of samples and clean it.

    A sample needs longitude, latitude and RSRP (or a measured path loss), and what tells its
    cell: an identifier, a PCI, or the cell's position. Left out are samples that cannot be
    read, out of the range that handsets report, at its ends (saturated), repeated, and off
    the track (GPS jumps: faster than 70 m/s from and to the neighbours of the same device;
    without times, where rows follow a track, far out and back).

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Measurements
        Samples that can be right.

    Raises
    ------
    InputError
        When columns are missing, or half of the rows cannot be read.
    """
    path = Path(path)
    with guard.unchanged(path):
        return _read(path, stated)


def _read(path: Path, stated: Stated) -> Measurements:
    table = opened(tables.read(path, HEADERS, stated))
    header_of = tables.recognise(table, HEADERS)
    if lacking := _lacking(table, header_of):
        raise InputError(message("refusal.is_not_a_usable_list_of_2", path=path.name), lacking)
    frame = _parsed(table, header_of)
    other = of_others(table, header_of, frame[col.TECHNOLOGY])
    readable = _readable(frame)
    if readable[~other].size and readable[~other].mean() < UNREADABLE_SHARE:
        defects = [
            table.defect(int(i), message("problem.holds_no_place_or_no_level"))
            for i in np.flatnonzero(~readable & ~other)
        ]
        raise InputError(message("refusal.most_rows_cannot_be_read", path=path.name), defects)
    samples, left_out, notes = _clean(frame[~other], readable[~other])
    others = frame[col.TECHNOLOGY][other].map(lambda name: f"of {name}".replace("of of", "of"))
    left_out |= {str(name): int(count) for name, count in others.value_counts().items()}
    if samples.empty:
        problem = message("problem.no_sample_is_left_of", n=len(frame), counted=_counted(left_out))
        raise InputError(message("refusal.nothing_to_calibrate_with"), [Defect(str(path), problem)])
    notes = (*table.notes, *tables.unused(table, header_of), *notes)
    return Measurements(path.name, samples, len(frame), left_out, notes, guard.digest(path))


def opened(table: Table) -> Table:
    """Return a table with the columns of a known layout; places of points become columns."""
    table = layouts.samples(table)
    shapes = table.shapes
    if shapes is None or set(shapes.geom_type.dropna()) != {"Point"} or shapes.crs is None:
        return table
    points = shapes.where(shapes.geom_type == "Point", shapely.Point()).to_crs("EPSG:4326")
    places = {col.LON: points.x, col.LAT: points.y}
    own = {col.LON: "longitude of the point", col.LAT: "latitude of the point"}
    texts = {own[n]: ["" if np.isnan(v) else repr(v) for v in places[n].tolist()] for n in own}
    return replace(table, cells=table.cells.assign(**texts), meant={**table.meant, **own})


def are_logged(table: Table) -> bool:
    """Return whether a table is a log of a program whose columns are known."""
    return layouts.samples(table) is not table


def holds_levels(table: Table) -> bool:
    """Return whether a table lists what was measured: levels or losses, and no azimuths."""
    headers = {tables.fold(str(header)) for header in table.cells}
    levels = (col.RSRP_DBM, col.PATH_LOSS_DB)
    known = {n for name in levels for n in (tables.fold(name), *HEADERS[name])}
    azimuths = {tables.fold(col.AZIMUTH_DEG), *cells.HEADERS[col.AZIMUTH_DEG]}
    return bool(headers & known) and not headers & azimuths


def of_others(table: Table, header_of: Mapping[str, str], told: Iterable[str] = ()) -> Booleans:
    """Return which rows are of a technology other than that of the level, or of none known.

    RSRP is of 4G and 5G, RSCP of 3G, RxLev of 2G. A level that its header does not name is that
    of 4G and 5G, unless the file names others only. A loss may be of any technology.
    """
    told = list(told) or cell_carriers.technologies(
        tables.texts(table, header_of, col.TECHNOLOGY), UNKNOWN_TECHNOLOGY
    )
    wanted = _measured_technologies(header_of, set(told) - {"", UNKNOWN_TECHNOLOGY})
    return np.array([name not in {"", *wanted} for name in told], bool)


def _measured_technologies(header_of: Mapping[str, str], told: set[str]) -> Collection[str]:
    if col.RSRP_DBM not in header_of:
        return GENERATIONS
    plain = tables.fold(header_of[col.RSRP_DBM])
    if plain in OTHER_LEVELS:
        return {OTHER_LEVELS[plain]}
    return WITH_RSRP if "rsrp" in plain or told & WITH_RSRP or not told else told


def _counted(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)


def _lacking(table: Table, header_of: Mapping[str, str]) -> list[Defect]:
    """Return the columns without which nothing can be done."""
    defects = [tables.lacking(table, name) for name in (col.LON, col.LAT) if name not in header_of]
    if not {col.RSRP_DBM, col.PATH_LOSS_DB} & set(header_of):
        defects.append(tables.lacking(table, col.RSRP_DBM))
    if not {col.CELL_ID, col.PCI, col.CELL_LON} & set(header_of):
        defects.append(tables.lacking(table, col.CELL_ID))
    return defects


def _parsed(table: Table, header_of: Mapping[str, str]) -> pd.DataFrame:
    """Return every row, NaN where a number cannot be read.

    Raises
    ------
    InputError
        When a whole column cannot be read: an unknown unit, a mark with two readings.
    """
    values: dict[str, Any] = {name: tables.texts(table, header_of, name) for name in TEXTS}
    whole: list[Defect] = []
    for name in PLACES:
        header = header_of.get(name)
        lost = np.full(len(table.rows), np.nan)
        values[name] = lost if header is None else positions.numbers(table, header)
    for name, measure in MEASURES.items():
        read = tables.measured(table, header_of, name, measure)
        whole += [defect for defect in read.defects if defect.row is None]
        values[name] = read.values
    if whole:
        raise InputError(message("refusal.is_not_a_usable_list_of_2", path=table.path.name), whole)
    of_level = OF_LEVEL.get(tables.fold(header_of.get(col.RSRP_DBM, "")), "")
    told = tables.texts(table, header_of, col.TECHNOLOGY)
    named = cell_carriers.technologies(told, UNKNOWN_TECHNOLOGY)
    values[col.TECHNOLOGY] = [name or of_level for name in named]
    values[col.TIME] = _seconds(tables.texts(table, header_of, col.TIME))
    return _on_carriers(pd.DataFrame(values))


def _on_carriers(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frequency and technology from channel numbers, where only these tell them."""
    channels = list(cell_carriers.CHANNELS)
    if frame[channels].notna().any(axis=None):
        keys = [col.TECHNOLOGY, *channels]
        distinct = frame[keys].drop_duplicates()
        told = {
            tuple(map(str, row)): cell_carriers.of(
                row[0].removeprefix(UNKNOWN_TECHNOLOGY), "", np.nan, *row[1:]
            )
            for row in distinct.itertuples(index=False)
        }
        rows = [told[tuple(map(str, row))] for row in frame[keys].itertuples(index=False)]
        mhz = np.array([carrier.frequency_mhz for carrier in rows], float)
        frame[col.FREQUENCY_MHZ] = frame[col.FREQUENCY_MHZ].fillna(pd.Series(mhz))
        named = pd.Series([carrier.technology for carrier in rows])
        frame[col.TECHNOLOGY] = frame[col.TECHNOLOGY].where(frame[col.TECHNOLOGY] != "", named)
    return frame.drop(columns=channels)


_DOTTED = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)[_ ](\d\d)\.(\d\d)\.(\d\d)")  # G-NetTrack
_DAY_FIRST = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})[ T]+(.+)")


def _year_first(day_first: re.Match[str]) -> str:
    day, month, year, time = day_first.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}T{time}"


def _seconds(texts: list[str]) -> NDArray[np.float64]:
    """Return times in seconds; numbers above 1e11 are milliseconds, NaN is no time."""
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(float)
    if np.isfinite(numbers).any():
        return np.where(numbers > 1e11, numbers / 1000.0, numbers)
    if not any(texts):
        return numbers
    plain = [_DOTTED.sub(r"\1-\2-\3T\4:\5:\6", text) for text in texts]
    plain = [_DAY_FIRST.sub(_year_first, text) for text in plain]
    stamps = pd.to_datetime(pd.Series(plain), errors="coerce", utc=True, format="ISO8601")
    epoch = pd.Timestamp(0, tz="UTC")
    return np.asarray((stamps - epoch) / pd.Timedelta(seconds=1), float)


def _readable(frame: pd.DataFrame) -> Booleans:
    lon, lat = frame[col.LON], frame[col.LAT]
    placed = lon.between(-180.0, 180.0) & lat.between(-90.0, 90.0) & ~((lon == 0) & (lat == 0))
    measured = frame[col.RSRP_DBM].notna() | frame[col.PATH_LOSS_DB].notna()
    return np.asarray(placed & measured, bool)


def _clean(
    frame: pd.DataFrame, readable: Booleans
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """Return the samples to keep, how many go for which reason, and what could not be looked at."""
    left_out = {"unreadable": int((~readable).sum())}
    clean = frame[readable]
    rules = {
        "out of range": _out_of_range,
        "saturated": _saturated,
        "repeated": lambda part: part.duplicated(keep="first").to_numpy(),
        "GPS jump": jumps,
    }
    for reason, rule in rules.items():
        wrong = rule(clean)
        left_out[reason] = int(wrong.sum())
        clean = clean[~wrong]
    untimed = frame[col.TIME].isna().all()
    notes = ("no times: GPS jumps are looked for in the order of rows only",) if untimed else ()
    return clean.reset_index(drop=True), left_out, notes


def _out_of_range(frame: pd.DataFrame) -> Booleans:
    level, loss = frame[col.RSRP_DBM], frame[col.PATH_LOSS_DB]
    wrong = (level.notna() & ~level.between(LOWEST_DBM, HIGHEST_DBM)) | (
        loss.notna() & ~loss.between(*LOSS_DB)
    )
    height = frame[col.RECEIVER_HEIGHT_M]
    wrong |= height.notna() & ~height.between(*RECEIVER_M)
    return np.asarray(wrong, bool)


def _saturated(frame: pd.DataFrame) -> Booleans:
    level = frame[col.RSRP_DBM]
    return np.asarray((level <= FLOOR_DBM) | (level >= CEILING_DBM), bool)


def jumps(frame: pd.DataFrame) -> Booleans:
    """Return the samples that no vehicle reaches between its neighbours of the same device."""
    wrong = np.zeros(len(frame), bool)
    place = pd.Series(np.arange(len(frame)), index=frame.index)
    for _, group in frame.groupby(col.DEVICE, sort=False):
        timed = group[col.TIME].notna().all()
        track = group.sort_values(col.TIME, kind="stable") if timed else group
        # Several cells are measured at one place and time: the track is that of the places.
        spots = track.drop_duplicates([col.LON, col.LAT, col.TIME])
        off = spots[_spikes(spots, timed=bool(timed))]
        same = pd.MultiIndex.from_frame(track[[col.LON, col.LAT, col.TIME]]).isin(
            pd.MultiIndex.from_frame(off[[col.LON, col.LAT, col.TIME]])
        )
        wrong[place[track.index[same]].to_numpy()] = True
    return wrong


def _spikes(track: pd.DataFrame, *, timed: bool) -> Booleans:
    """Return the inner places of a track that are out of reach of both neighbours."""
    wrong = np.zeros(len(track), bool)
    if len(track) < 3:
        return wrong
    lon, lat = (np.radians(track[name].to_numpy(float)) for name in (col.LON, col.LAT))
    x_m, y_m = EARTH_M * lon * np.cos(lat.mean()), EARTH_M * lat
    step_m = np.hypot(np.diff(x_m), np.diff(y_m))
    if timed:
        seconds = np.maximum(np.diff(track[col.TIME].to_numpy(float)), 1.0)
        far = step_m / seconds > FASTEST_M_S
    elif np.median(step_m) > TRACK_STEP_M:
        return wrong
    else:
        far = step_m > max(MIN_SPIKE_M, SPIKE_STEPS * float(np.median(step_m)))
    past_m = np.hypot(x_m[2:] - x_m[:-2], y_m[2:] - y_m[:-2])
    back = past_m < 0.5 * np.minimum(step_m[:-1], step_m[1:])
    wrong[1:-1] = far[:-1] & far[1:] & back
    return wrong


def plain(name: str) -> str:
    """Return an identifier of a cell as it is compared."""
    return tables.fold(name) or name


def plain_ids(samples: pd.DataFrame) -> pd.Series:
    """Return the identifiers of cells as they are compared, each worked out once."""
    folded = {name: plain(name) for name in samples[col.CELL_ID].unique()}
    return samples[col.CELL_ID].map(folded)


def local_crs(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """Return a metric CRS round the middle of some points, where no province gives one."""
    middle = f"+lat_0={np.median(lat):.4f} +lon_0={np.median(lon):.4f}"
    return f"+proj=aeqd {middle} +datum=WGS84 +units=m +no_defs"


def binned(
    samples: pd.DataFrame,
    cell: NDArray[np.int64],
    crs_name: str,
    pixel_m: float,
    receiver_height_m: float,
) -> pd.DataFrame:
    """Return the mean of each cell and receiver height in each pixel, so that a place counts once.

    Levels are averaged in decibels (the local mean of a log-normal signal), positions too.
    ``receiver_height_m`` is that of samples that tell none. Returns columns cell (row of the
    cell), LON, LAT, X_M, Y_M, RSRP_DBM, PATH_LOSS_DB, RECEIVER_HEIGHT_M, SAMPLES.
    """
    x_m, y_m = transform(samples[col.LON], samples[col.LAT], "EPSG:4326", crs_name)
    frame = samples[[col.LON, col.LAT, col.RSRP_DBM, col.PATH_LOSS_DB]].copy()
    frame[col.CELL], frame[col.SAMPLES] = cell, 1
    frame[col.X_M], frame[col.Y_M] = x_m, y_m
    height_m = samples[col.RECEIVER_HEIGHT_M].fillna(receiver_height_m).round(1)
    frame[col.RECEIVER_HEIGHT_M] = height_m
    keys = [col.CELL, np.floor(x_m / pixel_m), np.floor(y_m / pixel_m), height_m.to_numpy()]
    means = frame.groupby(keys).agg(
        {
            **dict.fromkeys((col.LON, col.LAT, col.X_M, col.Y_M), "mean"),
            **dict.fromkeys((col.RSRP_DBM, col.PATH_LOSS_DB), "mean"),
            col.RECEIVER_HEIGHT_M: "first",
            col.SAMPLES: "sum",
        }
    )
    return means.reset_index(col.CELL).reset_index(drop=True)
