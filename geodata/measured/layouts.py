"""What field apps and public collections write: their samples, and lists of cells for them.

Identifiers are ``country-network-cell`` where a file names the network, so that one number in two
networks is two cells.
"""

from collections.abc import Callable
from functools import partial

from phusong import columns as col
from phusong.geodata.network import layouts
from phusong.geodata.network.layouts import Cells, Layout, Made, number
from phusong.geodata.public_lists import CELLS_PER_ENODEB

_OPENCELLID = "wiki.opencellid.org, Database format"


def _identity(network: str, cell: str) -> str:
    """Return the identifier of a cell in a network such as 45204; the cell's alone without one.

    >>> _identity("45204", "5387"), _identity("", "5387")
    ('452-04-5387', '5387')
    """
    known = number(network) is not None and len(network) >= 5
    return f"{network[:3]}-{network[3:]}-{cell}" if known and cell else cell


def _of_columns(country: str, network: str, cell: str) -> Callable[[Cells], Made]:
    """Return what makes identifiers of three columns."""

    def make(cells: Cells) -> Made:
        rows = zip(*(cells[name] for name in (country, network, cell)), strict=True)
        return {
            col.CELL_ID: [
                _identity(f"{mcc}{mnc.zfill(2)}" if mnc else "", own) for mcc, mnc, own in rows
            ]
        }

    return make


def _of_track(cells: Cells) -> Made:
    """Return the cells of a text log of G-NetTrack: of LTE by eNodeB and cell, others as told."""
    blank = [""] * len(cells["cellid"])
    rows = zip(
        *(cells.get("operator", blank), cells["node"], cells["cellid"], cells["networktech"]),
        strict=True,
    )
    return {
        col.CELL_ID: [
            _identity(network, _cell(node, own, kind)) for network, node, own, kind in rows
        ]
    }


def _of_placemarks(cells: Cells) -> Made:
    """Return the cells of a KML log of G-NetTrack."""
    rows = zip(*(cells[name] for name in ("rnc", "cellid", "technology")), strict=True)
    return {col.CELL_ID: [_cell(*row) for row in rows]}


def _cell(node: str, own: str, kind: str) -> str:
    """Return the identity of 28 bits of an LTE cell, node and cell of others."""
    numbers = number(node), number(own)
    if kind.upper() in {"4G", "LTE"} and None not in numbers:
        return str(numbers[0] * CELLS_PER_ENODEB + numbers[1])  # type: ignore[operator]
    if number(own) is None:
        return ""
    return f"{node}-{own}" if node else own


SAMPLES = (
    Layout(
        "OpenCelliD, measurements",
        _OPENCELLID,
        ("mcc", "net", "area", "cell", "lon", "lat", "signal", "measured"),
        {
            col.LON: "lon",
            col.LAT: "lat",
            col.RSRP_DBM: "signal",
            col.TIME: "measured",
            col.TECHNOLOGY: "radio",
            col.PCI: "pci",
        },
        _of_columns("mcc", "net", "cell"),
        ("mcc", "net", "cell"),
    ),
    Layout(
        "OpenCelliD, upload",
        "wiki.opencellid.org, API, measure/uploadCsv",
        ("lat", "lon", "mcc", "mnc", "lac", "cellid", "signal", "measuredat"),
        {
            col.LON: "lon",
            col.LAT: "lat",
            col.RSRP_DBM: "signal",
            col.TIME: "measuredat",
            col.TECHNOLOGY: "act",
            col.PCI: "pci",
        },
        _of_columns("mcc", "mnc", "cellid"),
        ("mcc", "mnc", "cellid"),
    ),
    Layout(
        "CellMapper",
        "docs.cellmapper.net, CellMapper CSV",
        ("latitude", "longitude", "mcc", "mnc", "lac", "cid", "signal", "type"),
        {
            col.LON: "longitude",
            col.LAT: "latitude",
            col.RSRP_DBM: "signal",
            col.TECHNOLOGY: "type",
            col.ARFCN: "arfcn",
            col.PCI: "psc",
        },
        _of_columns("mcc", "mnc", "cid"),
        ("mcc", "mnc", "cid"),
    ),
    Layout(
        "G-NetTrack, text",
        "github.com/braz0101/GNetTrackAnalytics, raw_logs",
        ("timestamp", "longitude", "latitude", "node", "cellid", "networktech", "level"),
        {
            col.LON: "longitude",
            col.LAT: "latitude",
            col.RSRP_DBM: "level",
            col.TECHNOLOGY: "networktech",
            col.ARFCN: "arfcn",
            col.PCI: "psc",
            col.TIME: "timestamp",
        },
        _of_track,
        ("operator", "node", "cellid", "networktech"),
    ),
    Layout(
        "G-NetTrack, KML",
        "github.com/openran-hisar/gnettrack-heatmap, example",
        ("technology", "rnc", "cellid", "arfcn", "rsrp", "rawcellid", "pc"),
        {
            col.RSRP_DBM: "rsrp",
            col.TECHNOLOGY: "technology",
            col.ARFCN: "arfcn",
            col.PCI: "pc",
            col.TIME: "time",
        },
        _of_placemarks,
        ("rnc", "cellid"),
    ),
    Layout(
        "Network Survey, LTE",
        "networksurvey.app/manual/data-logging/csv",
        ("devicetime", "latitude", "longitude", "eci", "earfcn", "pci", "rsrp", "servingcell"),
        {
            col.LON: "longitude",
            col.LAT: "latitude",
            col.RSRP_DBM: "rsrp",
            col.EARFCN: "earfcn",
            col.PCI: "pci",
            col.TIME: "devicetime",
            col.DEVICE: "deviceserialnumber",
        },
        lambda cells: {
            **_of_columns("mcc", "mnc", "eci")(cells),
            col.TECHNOLOGY: ["4G"] * len(cells["eci"]),
        },
        ("mcc", "mnc", "eci"),
    ),
)
# Lists of cells that samples were heard from: cells as they stand, none joined to sites.
HEARD = (
    Layout(
        layouts.LISTS[0].name,
        layouts.LISTS[0].source,
        layouts.LISTS[0].telling,
        {col.LON: "lon", col.LAT: "lat", col.TECHNOLOGY: "radio", col.PCI: "unit"},
        _of_columns("mcc", "net", "cell"),
        ("mcc", "net", "cell"),
    ),
    Layout(
        layouts.LISTS[1].name,
        layouts.LISTS[1].source,
        layouts.LISTS[1].telling,
        {
            col.LON: "lon",
            col.LAT: "lat",
            col.TECHNOLOGY: "technology",
            col.PCI: "pci",
            col.ARFCN: "arfcn",
        },
        lambda cells: {
            col.CELL_ID: [
                _identity(f"{mcc}{mnc.zfill(2)}", _cell(node, own, kind))
                for mcc, mnc, node, own, kind in zip(
                    *(cells[name] for name in ("mcc", "mnc", "node", "ci", "technology")),
                    strict=True,
                )
            ]
        },
        ("mcc", "mnc", "node", "ci"),
        void=layouts.UNKNOWN,
    ),
    layouts.LISTS[2],
)


samples = partial(layouts.applied, layouts=SAMPLES)
heard = partial(layouts.applied, layouts=HEARD)
