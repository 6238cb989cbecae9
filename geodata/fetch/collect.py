"""Fetch public data for an area and write them as ``phusong data build`` takes them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from phusong import columns
from phusong.errors import Defect, InputError, PhusongError, without_secrets
from phusong.geodata.fetch import download, opencellid, osm, sources, web, window
from phusong.geodata.fetch import units as public_units
from phusong.geodata.fetch.area import Area
from phusong.geodata.fetch.download import Download, File, Progress, silent
from phusong.geodata.fetch.sources import Source
from phusong.geodata.fetch.web import TOKEN, Address, MissingError, NetworkError, Patience
from phusong.geodata.files import archives, toml_json, whole
from phusong.geodata.writers import vector
from phusong.messages import message

RECORD = "fetched.json"
HDX_LAYER = "vnm_admin1.geojson"
TOKEN_VARIABLE = "OPENCELLID_TOKEN"  # noqa: S105 - the name of a variable
WEB = ("http://", "https://")


@dataclass(frozen=True)
class FetchRequest:
    """What to fetch, for where, into which folder, from whom and how.

    ``mirror`` is a folder or an http address that holds the files by name; ``token`` is asked
    for by OpenCelliD only, and goes nowhere but into the request.
    """

    source: Source
    area: Area
    out: Path
    mirror: str | None = None
    token: str = field(default="", repr=False)
    refresh: bool = False
    patience: Patience = field(default_factory=Patience)
    progress: Progress = silent

    @property
    def identity(self) -> dict[str, str]:
        """Return what makes two requests the same, as the record keeps it."""
        outline = self.area.outline
        return {
            "what": self.source.what,
            "source": self.source.name,
            "version": self.source.version,
            "box": self.area.box.text(),
            "outline": "" if outline is None else ",".join(f"{v:.5f}" for v in outline.bounds),
            "mirror": without_secrets(self.mirror or ""),
            "residents": _people_digest(self),
        }


@dataclass(frozen=True)
class Collected:
    """What came of a request: the files, whether they are new, and what is to be said."""

    source: Source
    files: tuple[Path, ...]
    new: bool
    notes: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


def fetch(request: FetchRequest) -> Collected:
    """Fetch what is asked, unless it is there already, and note it in ``fetched.json``.

    Raises
    ------
    PhusongError
        When the network does not give a file, with its address and the way by hand.
    InputError
        When the mirror lacks a file, a token is missing, or a file is not what it should be.
    """
    if not request.refresh and (earlier := _fetched_before(request)):
        return earlier
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise whole.unwritable(request.out, error) from error
    try:
        harvest = _WRITERS[request.source.what](request)
    except NetworkError as error:
        raise PhusongError(_by_hand(request, error)) from None
    _note(request, harvest)
    return harvest


def addresses(request: FetchRequest) -> list[Address]:
    """Return the addresses of a request: those of the source, or of the same files in a mirror."""
    urls = sources.addresses(request.source, request.area.box)
    if request.mirror is None:
        return [Address(url, request.token if TOKEN in url else "") for url in urls]
    names = [sources.file_name(url) for url in urls]
    return [Address(f"{request.mirror.rstrip('/')}/{name}") for name in names]


def _by_hand(request: FetchRequest, error: NetworkError) -> str:
    """Return the message of a file that does not come: why, from where, and what to do."""
    source = request.source
    names = [sources.file_name(address.url) for address in addresses(request)]
    pairs = zip(sources.addresses(source, request.area.box), names, strict=True)
    lines = [f"  {url.replace(TOKEN, 'YOUR-TOKEN')}\n    as {name}" for url, name in pairs]
    return "\n".join(
        [
            f"cannot fetch {source.what} ({source.name}): {error}",
            "by hand: download where there is a network, into one folder",
            *lines,
            f"and run: phusong data fetch {source.what} --source {source.name} --from FOLDER",
            "with your other options",
        ]
    )


def _token(request: FetchRequest) -> None:
    if TOKEN in request.source.address and request.mirror is None and not request.token:
        problem = message(
            "problem.the_environment_variable_is_not_set", token_variable=TOKEN_VARIABLE
        )
        remedy = message("remedy.register_at_opencellid_org_and_set")
        raise InputError(
            message("refusal.a_token_is_needed"), [Defect(request.source.name, problem, remedy)]
        )


def _folder(request: FetchRequest) -> Path | None:
    """Return the mirror when it is a folder; raise when it is neither a folder nor an address."""
    if request.mirror is None:
        return None
    if request.mirror.lower().startswith(WEB):
        if problem := web.problem_of(request.mirror):
            raise InputError(message("refusal.no_such_mirror"), [Defect("--from", problem)])
        return None
    folder = Path(request.mirror)
    if not folder.is_dir():
        problem = message("problem.is_neither_a_folder_nor_an")
        raise InputError(
            message("refusal.no_such_mirror"), [Defect("--from", problem, value=request.mirror)]
        )
    return folder


def _in_folder(folder: Path, source: Source, name: str) -> Path | None:
    """Return the file of a mirror folder, in it or in its folder for the source."""
    tried = (folder / source.name / name, folder / source.what / name, folder / name)
    return next((path for path in tried if path.is_file()), None)


def _files(
    request: FetchRequest, *, windowed: bool = False
) -> tuple[list[File | Address], list[str]]:
    """Return the files of a request, or addresses to read windows of, and the missing names."""
    _token(request)
    folder = _folder(request)
    got: list[File | Address] = []
    missing = []
    for address in addresses(request):
        name = sources.file_name(address.url)
        wanted = Download(address, name, request.source.checksum, request.source.max_bytes)
        try:
            got.append(_file(request, folder, wanted, windowed=windowed))
        except MissingError:
            if not request.source.tile_deg:
                raise
            missing.append(name)
        except FileNotFoundError:
            missing.append(name)
    if got:
        return got, missing
    if folder is not None:
        remedy = message("remedy.files_needed", missing=[*missing])
        defect = Defect(
            str(folder), message("problem.holds_nothing_of", source=request.source.name), remedy
        )
        raise InputError(message("refusal.the_mirror_lacks_files"), [defect])
    raise MissingError(addresses(request)[0], message("problem.the_server_has_no_tile"))


def _file(
    request: FetchRequest, folder: Path | None, wanted: Download, *, windowed: bool
) -> File | Address:
    if folder is not None:
        path = _in_folder(folder, request.source, wanted.name)
        if path is None:
            raise FileNotFoundError(wanted.name)
        return download.local(path, wanted.rule)
    cached_file = download.cached(wanted)
    if (
        windowed
        and not cached_file.is_file()
        and window.has_ranges(wanted.address, request.patience)
    ):
        return wanted.address
    return download.download(wanted, request.patience, request.progress, refresh=request.refresh)


def _whole(request: FetchRequest) -> File:
    """Return the one file of a source that has one."""
    (file, *_), _ = _files(request)
    if not isinstance(file, File):
        raise TypeError(file)  # windows are asked for by ``_raster`` only
    return file


def _raster(request: FetchRequest) -> Collected:
    """Write the window of a raster, whole pixels as they are."""
    source, target = request.source, request.out / f"{request.source.what}.tif"
    got, missing = _files(request, windowed=source.access == "window")
    with whole.folder_beside(request.out / "tiles") as room:
        places = [_opened(file, room) for file in got]
        window.cut(places, request.area.box, target, request.patience)
    notes = [f"no such tile, taken as sea: {name}" for name in missing]
    checked = {file.checked if isinstance(file, File) else "window, as read" for file in got}
    return Collected(source, (target,), True, tuple(notes), tuple(sorted(checked)))


def _opened(file: File | Address, room: Path) -> Address | Path:
    """Return what can be opened: a packed tile is unpacked into the room."""
    path = file.path if isinstance(file, File) else file
    if isinstance(path, Path) and path.suffix == ".gz":
        unpacked = room / path.stem
        archives.gunzip(path, unpacked)
        return unpacked
    return path


def _boundaries(request: FetchRequest) -> Collected:
    """Write the units of the area, with residents when a raster of people was fetched before."""
    file, target = _whole(request), request.out / "boundaries.geojson"
    if request.source.name == "osm":
        units = osm.communes(file.path, request.area)
    elif file.path.suffix == ".zip":
        with whole.folder_beside(request.out / "units") as room:
            unpacked = room / HDX_LAYER
            archives.unzip(file.path, HDX_LAYER, unpacked)
            units = public_units.read(unpacked)
    else:
        units = public_units.read(file.path)
    people = _people(request)
    chosen = public_units.within(units, request.area)
    districts = request.source.name == "geoboundaries"
    communes = public_units.as_communes(chosen, people, districts=districts)
    vector.write_geojson(target, communes)
    notes = [f"{len(communes)} units"]
    if people is None:
        notes.append("residents are lacking: fetch population first, or add a column population")
    else:
        total = int(communes[columns.POPULATION].sum())
        notes.append(f"{total:,} residents, counted on population.tif: an estimate, not a census")
    return Collected(request.source, (target,), True, tuple(notes), (file.checked,))


def _people(request: FetchRequest) -> Path | None:
    path = request.out / "population.tif"
    return path if path.is_file() else None


def _people_digest(request: FetchRequest) -> str:
    path = _people(request) if request.source.what == "boundaries" else None
    return "" if path is None else download.digest_of(path, "sha256")


def _osm(request: FetchRequest) -> Collected:
    """Write the roads and the industrial and tourism areas."""
    file = _whole(request)
    roads = osm.roads(file.path, request.area)
    zones = osm.zones(file.path, request.area)
    targets = (request.out / "roads.geojson", request.out / "zones.geojson")
    for target, layer in zip(targets, (roads, zones), strict=True):
        vector.write_geojson(target, layer)
    kinds = zones[columns.KIND].value_counts()
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none"
    notes = (f"{len(roads):,} roads; zones: {counted}, status and people not known",)
    return Collected(request.source, targets, True, notes, (file.checked,))


def _cells(request: FetchRequest) -> Collected:
    """Write the cells of the area and the LTE sites among them."""
    file = _whole(request)
    cells = opencellid.cells(file.path, request.area)
    sites = opencellid.sites(cells)
    targets = (request.out / "cells_opencellid.csv", request.out / "sites.csv")
    for target, table in zip(targets, (cells, sites), strict=True):
        vector.write_csv(target, table)
    counts = ", ".join(f"{n:,} {radio}" for radio, n in cells["radio"].value_counts().items())
    notes = (
        f"cells: {counts or 'none'}; {len(sites):,} LTE sites",
        "positions are means of where phones were, often hundreds of metres from the mast",
    )
    return Collected(request.source, targets, True, notes, (file.checked,))


_WRITERS: dict[str, Callable[[FetchRequest], Collected]] = {
    "boundaries": _boundaries,
    "terrain": _raster,
    "population": _raster,
    "landcover": _raster,
    "osm": _osm,
    "cells": _cells,
}


def recorded(out: Path) -> dict[str, Any]:
    """Return what ``fetched.json`` says of a folder, by what was fetched."""
    try:
        return toml_json.read_json(out / RECORD)
    except InputError:
        return {}  # none, or one that says nothing: everything is fetched again


def _fetched_before(request: FetchRequest) -> Collected | None:
    """Return what an earlier run of the same request wrote, if its files are still the same."""
    entry = recorded(request.out).get(request.source.what)
    if (
        not isinstance(entry, dict)
        or entry.get("request") != request.identity
        or not _is_whole(entry)
    ):
        return None
    files = {request.out / name: digest for name, digest in entry["files"].items()}
    if not all(p.is_file() and download.digest_of(p, "sha256") == d for p, d in files.items()):
        return None
    return Collected(
        request.source, tuple(files), False, tuple(entry["notes"]), tuple(entry["checked"])
    )


def _is_whole(entry: dict[str, Any]) -> bool:
    """Return whether a record names its files and what to say of them."""
    files = entry.get("files")
    if not isinstance(files, dict) or not all(Path(name).name == name for name in files):
        return False
    return all(isinstance(entry.get(name), list) for name in ("notes", "checked"))


def _note(request: FetchRequest, harvest: Collected) -> None:
    """Keep in ``fetched.json`` what was fetched, from where and under which licence."""
    source = request.source
    entry = {
        "request": request.identity,
        "addresses": [str(address) for address in addresses(request)],
        "title": source.title,
        "licence": source.licence,
        "attribution": source.attribution,
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        "checked": harvest.checked,
        "notes": harvest.notes,
        "files": {path.name: download.digest_of(path, "sha256") for path in harvest.files},
    }
    entries = {**recorded(request.out), source.what: entry}
    text = json.dumps(entries, indent=1, ensure_ascii=False)
    whole.write_text(request.out / RECORD, text + "\n")


def next_command(out: Path, communes: Path | None = None) -> str:
    """Return the ``data build`` command for what the folder holds now."""
    options = {
        "--communes": communes or out / "boundaries.geojson",
        "--terrain": out / "terrain.tif",
        "--landcover": out / "landcover.tif",
        "--population": out / "population.tif",
        "--zones": out / "zones.geojson",
        "--sites": out / "sites.csv",
    }
    words = ["phusong data build"]
    for option, path in options.items():
        if path.is_file():
            words.append(f"{option} {_quoted(path)}")
        elif option in {"--communes", "--terrain"}:
            words.append(f"{option} YOUR-FILE")
    skip = ["--skip-bad-rows"] if (out / "sites.csv").is_file() else []
    return " ".join([*words, *skip, "--out provinces/mine"])


def _quoted(path: Path) -> str:
    text = str(path)
    return f'"{text}"' if " " in text else text


def as_record(harvests: Sequence[Collected], command: str) -> dict[str, Any]:
    """Return what was fetched as data, for ``--json``."""
    return {
        "fetched": [
            {
                "what": harvest.source.what,
                "source": harvest.source.name,
                "files": [str(path) for path in harvest.files],
                "new": harvest.new,
                "licence": harvest.source.licence,
                "attribution": harvest.source.attribution,
                "checked": list(harvest.checked),
                "notes": list(harvest.notes),
            }
            for harvest in harvests
        ],
        "next": command,
    }
