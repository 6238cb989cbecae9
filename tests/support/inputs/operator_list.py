"""Make an operator's list of sites or cells, sound or with a known defect in each of some rows."""

import csv
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.ndimage import distance_transform_edt

from phusong import columns as col
from phusong.geodata import crs
from phusong.geodata.audit.places import Reference

CODE, LON, LAT, OPERATOR = "Mã trạm", "Kinh độ", "Vĩ độ", "Nhà mạng"
HEIGHT, AZIMUTHS, CLASS, MAST = "Độ cao ăng ten (m)", "Góc phương vị", "Loại cột", "Mã vị trí"
TECHNOLOGY, STATUS, COMMUNE, DISTRICT = "Công nghệ", "Trạng thái", "Xã", "Huyện"
ROW = dict[str, str]


class Planted(NamedTuple):
    """A kind of defect: how its finding is recognised, and the row of the file it is in."""

    kind: str
    says: str  # part of the check's name or of the problem
    row: int


def sound_sites_columns() -> tuple[str, ...]:
    """Return the headers of a list of sites."""
    first = (CODE, LON, LAT, OPERATOR, TECHNOLOGY, HEIGHT, AZIMUTHS)
    return (*first, CLASS, MAST, STATUS, COMMUNE, DISTRICT)


def sound_sites(province, count: int) -> list[ROW]:
    """Return rows of a sound list in the words of an operator, one for all its technologies."""
    sites = province.sites.sort_values(col.POSITION_ID, kind="stable")
    tenant = [col.POSITION_ID, col.OPERATOR]
    every = sites.groupby(tenant)[col.TECHNOLOGIES].transform("/".join)
    sites = sites.assign(**{col.TECHNOLOGIES: every}).drop_duplicates(tenant).head(count)
    lon, lat = crs.transform(sites.geometry.x, sites.geometry.y, crs.PLANNING, crs.GEOGRAPHIC)
    names = province.communes.set_index(col.COMMUNE_CODE)
    return [
        {
            CODE: site[col.SITE_ID],
            LON: f"{x:.6f}",
            LAT: f"{y:.6f}",
            OPERATOR: site[col.OPERATOR],
            TECHNOLOGY: site[col.TECHNOLOGIES],
            HEIGHT: f"{max(site[col.HEIGHT_M], 8):g}",
            AZIMUTHS: site[col.AZIMUTHS_DEG] or "omni",
            CLASS: site[col.MAST_CLASS],
            MAST: site[col.POSITION_ID],
            STATUS: "live",
            COMMUNE: names[col.NAME][site[col.COMMUNE_CODE]],
            DISTRICT: names[col.DISTRICT][site[col.COMMUNE_CODE]],
        }
        for (_, site), x, y in zip(sites.iterrows(), lon, lat, strict=True)
    ]


def plant(rows: list[ROW], ground: Reference, seed: int = 1) -> list[Planted]:
    """Spoil some rows in place, one kind of defect each; return what is where."""
    generator = np.random.default_rng(seed)
    masts = [row[MAST] for row in rows]
    alone = [i for i, mast in enumerate(masts) if masts.count(mast) == 1]
    free = iter(generator.permutation(alone).tolist())
    planted = []
    for kind, (says, spoil) in KINDS.items():
        i = next(free)
        spoil(rows, i, ground)
        planted.append(Planted(kind, says, i + 2))
    return planted


def write(path: Path, rows: list[ROW]) -> Path:
    """Write the rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def put(column: str, value: str):
    def spoil(rows: list[ROW], i: int, _: Reference) -> None:
        rows[i][column] = value

    return spoil


def swap(rows, i, _):
    rows[i][LON], rows[i][LAT] = rows[i][LAT], rows[i][LON]


def move(dx: float, dy: float):
    """Return what moves a row, and leaves its commune unsaid."""

    def spoil(rows, i, _):
        x, y = (float(rows[i][name]) for name in (LON, LAT))
        rows[i][LON], rows[i][LAT] = f"{x + dx:.6f}", f"{y + dy:.6f}"

    return spoil


def metric(system: str):
    """Return what gives a row's position in another grid."""

    def spoil(rows, i, _):
        x, y = crs.transform([float(rows[i][LON])], [float(rows[i][LAT])], crs.GEOGRAPHIC, system)
        rows[i][LON], rows[i][LAT] = f"{x[0]:.2f}", f"{y[0]:.2f}"

    return spoil


def degrees(rows, i, _):
    for name, mark in ((LON, "E"), (LAT, "N")):
        value = float(rows[i][name])
        minutes = value % 1 * 60
        rows[i][name] = f"{int(value)}°{int(minutes):02}'{minutes % 1 * 60:.2f}\"{mark}"


def shift_digit(rows, i, _):
    rows[i][LON] = f"{float(rows[i][LON]) / 10:.6f}"


def coarsen(rows, i, _):
    rows[i][LON], rows[i][LAT] = rows[i][LON][:6], rows[i][LAT][:5]
    rows[i][COMMUNE] = rows[i][DISTRICT] = ""


def far_commune(rows, i, ground):
    here = (float(rows[i][LON]), float(rows[i][LAT]))
    point = crs.transform([here[0]], [here[1]], crs.GEOGRAPHIC, crs.PLANNING)
    centres = ground.communes.geometry.centroid
    far = np.hypot(centres.x - point[0][0], centres.y - point[1][0]).argmax()
    rows[i][COMMUNE] = ground.communes[col.NAME].iloc[far]
    rows[i][DISTRICT] = ground.communes[col.DISTRICT].iloc[far]


def into(values_of):
    """Return what moves a row to the pixel of the province where something is greatest."""

    def spoil(rows, i, ground):
        values = values_of(ground)
        height, width = values.shape
        y, x = np.unravel_index(np.argmax(values), (height, width))
        xs, ys = ground.terrain.grid.centres()
        lon, lat = crs.transform([xs[x]], [ys[y]], crs.PLANNING, crs.GEOGRAPHIC)
        rows[i][LON], rows[i][LAT] = f"{lon[0]:.6f}", f"{lat[0]:.6f}"
        rows[i][COMMUNE] = rows[i][DISTRICT] = ""

    return spoil


def deep_water(ground):
    return distance_transform_edt(ground.landcover.values == 6)


def steepest(ground):
    south, east = np.gradient(ground.terrain.values.astype(float), 30.0)
    return np.hypot(south, east) * (ground.landcover.values > 0) * (ground.landcover.values != 6)


def copy_code(rows, i, _):
    rows[i][CODE] = rows[0][CODE]


def like_code(rows, i, _):
    rows[i][CODE] = rows[0][CODE].lower().replace("-", " ")


def beside(metres: float, *, mast: str, same_operator: bool):
    """Return what puts a row beside the first one."""

    def spoil(rows, i, _):
        rows[i] |= {name: rows[0][name] for name in (LAT, COMMUNE, DISTRICT)}
        rows[i][LON] = f"{float(rows[0][LON]) + metres / 104_000:.6f}"
        rows[i][MAST] = rows[0][MAST] if mast == "same" else mast
        if same_operator:
            rows[i][OPERATOR] = rows[0][OPERATOR]
        else:
            others = ("Viettel", "VNPT", "MobiFone")
            rows[i][OPERATOR] = next(name for name in others if name != rows[0][OPERATOR])

    return spoil


def mast_elsewhere(rows, i, _):
    rows[i][MAST] = rows[0][MAST]
    rows[i][OPERATOR] = "Gtel"


def decompose(rows, i, _):
    rows[i][COMMUNE] = unicodedata.normalize("NFD", "Tích Sơn")
    rows[i][DISTRICT] = ""
    rows[i][LON], rows[i][LAT] = "105.584012", "21.307034"


KINDS = {
    "no code": ("has no identifier", put(CODE, "")),
    "double code": ("identifier is already that of row 2", copy_code),
    "similar code": ("similar-code", like_code),
    "code made a date": ("changed-code", put(CODE, "2025-03-12")),
    "no longitude": ("is missing", put(LON, "")),
    "letter in a number": ("is not a number", put(LAT, "21.3O12")),
    "swapped": ("look swapped", swap),
    "degrees, minutes, seconds": ("mixed-angles", degrees),
    "grid of 104°45'": ("EPSG:9208", metric("EPSG:9208")),
    "UTM": ("EPSG:32648", metric("EPSG:32648")),
    "outside": ("outside the province", move(0.9, 0.0)),
    "digit lost": ("digit is missing", shift_digit),
    "coarse": ("coarse-position", coarsen),
    "in water": ("in-water", into(deep_water)),
    "on a cliff": ("on-cliff", into(steepest)),
    "another commune": ("other-commune", far_commune),
    "no such commune": ("unknown-commune", put(COMMUNE, "Xã Không Có")),
    "commune of 2025": ("is a unit of 1 July 2025", put(COMMUNE, "Phường Vĩnh Phúc")),
    "impossible height": ("is not a height", put(HEIGHT, "365")),
    "height of nought": ("is not a height", put(HEIGHT, "0")),
    "unusual height": ("unusual-height", put(HEIGHT, "140")),
    "azimuth over 360": ("is not a list of azimuths", put(AZIMUTHS, "0/120/420")),
    "close sectors": ("close-sectors", put(AZIMUTHS, "0/12/240")),
    "misspelt operator": ("did you mean Viettel", put(OPERATOR, "Vietell")),
    "unknown technology": ("names no technology", put(TECHNOLOGY, "6G")),
    "unknown mast class": ("is not a mast class", put(CLASS, "B9")),
    "unknown status": ("unknown-status", put(STATUS, "???x")),
    "failed formula": ("failed-formula", put(STATUS, "#N/A")),
    "decomposed letters": ("decomposed-letters", decompose),
    "same operator twice": ("already has ", beside(0, mast="same", same_operator=True)),
    "mast with two codes": (
        "unnamed-neighbours",
        beside(6, mast="VT-X1", same_operator=False),
    ),
    "unit unknown": ("'cubits' is no unit", put(HEIGHT, "30 cubits")),
    "unit of something else": ("'kg' is no unit", put(HEIGHT, "30 kg")),
    "two heights in one": ("is not a height", put(HEIGHT, "30-35")),
    "height in words": ("is not a height", put(HEIGHT, "ba mươi")),
    "letter in azimuths": ("is not a list of azimuths", put(AZIMUTHS, "0/120/24O")),
    "southern hemisphere": ("1,000 km outside", put(LAT, "21.307S")),
    "latitude of nought": ("1,000 km outside", put(LAT, "0")),
    "failed formula in a height": ("failed-formula", put(HEIGHT, "#NAME?")),
    "operator cut short": ("did you mean VNPT", put(OPERATOR, "Vina")),
    "mast in two places": ("from where row 2 has it", mast_elsewhere),
}
