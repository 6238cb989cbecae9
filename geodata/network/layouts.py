"""Public lists and field apps whose columns are known: read without a mapping.

A layout is known by some of its headers together. It says which of them hold our columns, as
``--map`` does, and makes those that no header holds. What the user states goes before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import public_lists
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.network import words
from phusong.geodata.province import LIVE
from phusong.messages import message

Texts = Sequence[str]
Made = Mapping[str, Texts]  # texts of our columns
Cells = Mapping[str, Texts]  # texts of the file by folded header

LARGEST = 2**40  # of any number; cells have 36 bits at most
UNKNOWN = str(2**31 - 1)  # what NetMonster writes for a number it does not have


@dataclass(frozen=True)
class Layout:
    """A file as one program or register writes it.

    Parameters
    ----------
    name : of the program or register.
    source : where its columns are described.
    telling : folded headers that a file of it has, all of them.
    headers : folded header by our column.
    make : returns texts of our columns from those of the file.
    parts : folded headers that ``make`` reads.
    grouped : whether the rows of a site are joined to one, by SITE_ID.
    void : what a cell holds that says nothing.
    """

    name: str
    source: str
    telling: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    make: Callable[[Cells], Made] | None = None
    parts: tuple[str, ...] = ()
    grouped: bool = False
    void: str = ""


def applied(table: Table, layouts: Sequence[Layout]) -> Table:
    """Return a table of a known layout with what its columns mean stated; others as they are."""
    header_of = {tables.whole(header): header for header in map(str, table.cells.columns)}
    layout = next((one for one in layouts if set(one.telling) <= set(header_of)), None)
    if layout is None:
        return table
    if layout.void:
        table = replace(table, cells=table.cells.replace(layout.void, ""))
    cells = {name: table.cells[header].tolist() for name, header in header_of.items()}
    made = {
        name: list(texts) for name, texts in (layout.make(cells) if layout.make else {}).items()
    }
    headers = {column: header_of[name] for column, name in layout.headers.items() if name in cells}
    new = {column: f"{column} ({layout.name})" for column in made}
    parts = tuple(header_of[name] for name in layout.parts if name in header_of)
    table = replace(
        table,
        cells=table.cells.assign(**{new[column]: texts for column, texts in made.items()}),
        meant={**headers, **new},
        notes=(*table.notes, f"read as a file of {layout.name}"),
        parts=(*table.parts, *parts),
    )
    return _joined(table, new) if layout.grouped else table


def _joined(table: Table, new: Mapping[str, str]) -> Table:
    """Return one row a site, at the mean of its rows, with all their technologies."""
    site, technologies = table.cells[new[col.SITE_ID]], new[col.TECHNOLOGIES]
    told = (site != "").to_numpy()
    others = table.cells[technologies][~told].replace("", "no technology").value_counts()
    notes = [
        f"{count:,} rows of {name} left out: they name no site of their own"
        for name, count in others.items()
    ]
    cells = table.cells[told].reset_index(drop=True)
    rows = table.rows[told]
    if not told.any():
        problem = message("problem.names_no_site", notes=[*notes])
        raise InputError(
            message("refusal.no_sites"),
            [Defect(str(table.path), problem, message("remedy.4g_rows_name_enodebs"))],
        )
    groups = cells.groupby(new[col.SITE_ID], sort=False)
    first = cells.loc[groups.head(1).index].reset_index(drop=True)
    for name in (table.meant[col.LON], table.meant[col.LAT]):
        first[name] = _means(cells[name], cells[new[col.SITE_ID]])
    joined = groups[technologies].agg(
        lambda texts: "/".join(dict.fromkeys("/".join(texts).split("/")))
    )
    first[technologies] = joined.to_numpy()
    if len(first) < len(cells):
        notes.append(
            f"{len(cells):,} rows joined to {len(first):,} sites, each at the mean of its rows"
        )
    kept = [name for name in first if name in set(table.meant.values())]
    lost = [name for name in map(str, first) if name not in {*kept, *table.parts}]
    notes += [f"columns not used: {', '.join(map(repr, lost))}"] * bool(lost)
    starts = rows[groups.head(1).index.to_numpy()]
    cells = first[kept].astype(object)
    return replace(table, cells=cells, rows=starts, notes=(*table.notes, *notes))


def _means(texts: pd.Series, sites: pd.Series) -> list[str]:
    """Return the mean coordinate of every site; a text that is no number makes it unreadable."""
    values = pd.to_numeric(texts, errors="coerce")
    groups = values.groupby(sites, sort=False)
    first = texts.groupby(sites, sort=False).first()
    mean, whole = groups.mean(), groups.count() == groups.size()
    return [f"{m:.7g}" if w else t for m, w, t in zip(mean, whole, first, strict=True)]


def number(text: str) -> int | None:
    """Return a whole number as identifiers are, None for any other text."""
    plain = text.strip()
    value = int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 12 else None
    return None if value is None or value > LARGEST or plain == UNKNOWN else value


def _operator(country: str, network: str) -> str:
    codes = number(country), number(network)
    return "" if codes[0] is None or codes[1] is None else public_lists.operator(codes[0], codes[1])


def _lte_sites(cells: Cells, radio: str, country: str, network: str, identity: str) -> Made:
    """Return the LTE base stations of identities of 28 bits; other radios name no site."""
    rows = zip(*(cells[name] for name in (radio, country, network, identity)), strict=True)
    names, sites, radios = [], [], []
    for kind, mcc, mnc, cell in rows:
        operator, own = _operator(mcc, mnc), number(cell)
        names.append(operator)
        if kind.upper() in {"LTE", "4G"} and own is not None:
            sites.append(f"{operator}-{own // public_lists.CELLS_PER_ENODEB}")
            radios.append("4G")
        else:
            sites.append("")
            radios.append(kind)
    return {col.SITE_ID: sites, col.OPERATOR: names, col.TECHNOLOGIES: radios}


def _of_netmonster(cells: Cells) -> Made:
    """Return the sites of an NTM file, whose LTE rows name eNodeB and cell."""
    sites, operators, radios = [], [], []
    columns = ("technology", "mcc", "mnc", "node")
    for kind, mcc, mnc, node in zip(*(cells[name] for name in columns), strict=True):
        operator, own = _operator(mcc, mnc), number(node)
        sites.append(f"{operator}-{own}" if kind == "4G" and own is not None else "")
        operators.append(operator)
        radios.append(kind)
    return {col.SITE_ID: sites, col.OPERATOR: operators, col.TECHNOLOGIES: radios}


def _of_guru(cells: Cells) -> Made:
    """Return eNodeB and technology of the cells of Network Signal Guru, which are of LTE."""
    identities = [number(text) for text in cells["ecellid"]]
    sites = ["" if i is None else str(i // public_lists.CELLS_PER_ENODEB) for i in identities]
    return {col.SITE_ID: sites, col.TECHNOLOGY: ["4G"] * len(sites)}


def _flags(cells: Cells) -> Made:
    """Return the technologies whose column of the register of Arcep says 1."""
    names = [
        f"site{generation}"
        for generation in ("2g", "3g", "4g", "5g")
        if f"site{generation}" in cells
    ]
    rows = zip(*(cells[name] for name in names), strict=True)
    known = [
        "/".join(
            name.removeprefix("site").upper()
            for name, flag in zip(names, row, strict=True)
            if flag == "1"
        )
        for row in rows
    ]
    return {col.TECHNOLOGIES: known}


def _of_observatory(cells: Cells) -> Made:
    """Return the stations of the observatory of ANFR, a row an emitter; places in one cell.

    What is planned at a station on air is no station of its own.
    """
    pairs = [text.replace(" ", "").split(",") for text in cells["coordonnees"]]
    places = [pair if len(pair) == 2 else ["", ""] for pair in pairs]
    rows = list(zip(*(cells[n] for n in ("stanmanfr", "generation", "statut")), strict=True))
    live = {station for station, _, status in rows if words.status(status) == LIVE}
    later = [station in live and words.status(status) != LIVE for station, _, status in rows]
    return {
        col.SITE_ID: ["" if late else row[0] for row, late in zip(rows, later, strict=True)],
        col.TECHNOLOGIES: [
            f"{row[1]} ({row[2]})" if late else row[1]
            for row, late in zip(rows, later, strict=True)
        ],
        col.LAT: [place[0] for place in places],
        col.LON: [place[1] for place in places],
    }


_OPENCELLID = "OpenCelliD, beaconDB or Mozilla Location Service"
_OPENCELLID_SOURCE = "ichnaea, import and export; OpenCelliD wiki, Database format"
_GURU = Layout(
    "Network Signal Guru",
    "NSG manual 11.1, cell file; github.com/davwheat/nsg-cell-database",
    ("ecellid", "cellname", "longitude", "latitude", "pci", "earfcn", "azimuth"),
    {col.CELL_ID: "ecellid", col.AZIMUTH_DEG: "azimuth"},
    _of_guru,
)
# For lists of sites and of cells.
LISTS = (
    Layout(
        _OPENCELLID,
        _OPENCELLID_SOURCE,
        ("radio", "mcc", "net", "area", "cell", "lon", "lat", "range", "samples"),
        {col.LON: "lon", col.LAT: "lat"},
        lambda cells: _lte_sites(cells, "radio", "mcc", "net", "cell"),
        ("radio", "mcc", "net", "cell"),
        grouped=True,
    ),
    Layout(
        "NetMonster (NTM)",
        "github.com/sakilabs/openbts, clf-export.ts",
        ("technology", "mcc", "mnc", "ci", "node", "pci", "lat", "lon", "location"),
        {col.LON: "lon", col.LAT: "lat"},
        _of_netmonster,
        ("technology", "mcc", "mnc", "node"),
        grouped=True,
        void=UNKNOWN,
    ),
    _GURU,
    Layout(
        "Arcep, Mon réseau mobile",
        "files.data.gouv.fr/arcep_donnees/mobile/sites",
        ("nomop", "numsite", "latitude", "longitude", "site4g"),
        {
            col.SITE_ID: "numsite",
            col.POSITION_ID: "idsitepartage",
            col.OPERATOR: "nomop",
            col.LON: "longitude",
            col.LAT: "latitude",
        },
        _flags,
        ("site2g", "site3g", "site4g", "site5g"),
    ),
    Layout(
        "ANFR, observatoire 2G/3G/4G/5G",
        "data.anfr.fr, observatoire_2g_3g_4g",
        ("admlbnom", "supid", "stanmanfr", "generation", "coordonnees", "statut"),
        {col.OPERATOR: "admlbnom", col.POSITION_ID: "supid", col.STATUS: "statut"},
        _of_observatory,
        ("stanmanfr", "generation", "coordonnees"),
        grouped=True,
    ),
    Layout(
        "UKE, register of permits",
        "bip.uke.gov.pl; github.com/sakilabs/openbts, uke-importer",
        ("nazwaoperatora", "dgeogrstacji", "szergeogrstacji", "idstacji"),
        {
            col.SITE_ID: "idstacji",
            col.OPERATOR: "nazwaoperatora",
            col.LON: "dgeogrstacji",
            col.LAT: "szergeogrstacji",
        },
    ),
)
