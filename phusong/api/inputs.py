"""What is opened and read: provinces, lists, scenarios, finished runs.

Each function checks what it is given and raises one ``InputError`` that lists every defect.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated
    from phusong.geodata.network.cells import CellList
    from phusong.geodata.province import Province, SiteList
    from phusong.results import RunResult
    from phusong.scenarios.config.sections import Scenario

# Every function imports what it needs: opening a run should not wait for numba.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]


def open_province(
    folder: PathLike | None = None,
    *,
    roads: PathLike | None = None,
    fibre: PathLike | None = None,
    stated: "Mapping[str, Stated] | None" = None,
    seed: int = 1,
) -> "Province":
    """Open a province: its units, zones, sites and rasters on one grid.

    Parameters
    ----------
    folder
        A province folder, as ``phusong data build`` makes it. If None, the embedded reference
        province of Vĩnh Phúc, whose sites are synthetic and whose boundaries are approximate.
    roads
        Lines of roads, for the backhaul: any vector file.
    fibre
        Points where fibre is: CSV, GeoJSON or GeoPackage.
    stated
        What the files ``roads`` and ``fibre`` do not say themselves, by these names.
    seed
        Of whatever a folder lacks and is therefore made.

    Returns
    -------
    Province
        Frames and rasters in its planning CRS, pixels of 30 m.

    Raises
    ------
    InputError
        A file is missing, cannot be read, or does not fit the others.

    Examples
    --------
    >>> import phusong as ps
    >>> province = ps.open_province()
    >>> len(province.communes), len(province.sites), province.grid.crs
    (136, 3000, 'EPSG:5897')
    """
    from phusong.geodata.files.table import NOTHING
    from phusong.geodata.ground.roads import read_roads
    from phusong.geodata.network.point_lists import read_fibre
    from phusong.geodata.provinces import folder as province_folder

    province, own = province_folder.open_province(_path(folder), seed=seed), stated or {}
    if roads is not None:
        lines = read_roads(Path(roads), own.get("roads", NOTHING), province.grid.crs)
        province = replace(province, roads=lines)
    if fibre is not None:
        points = read_fibre(Path(fibre), province.communes, own.get("fibre", NOTHING))
        province = replace(province, fibre=points)
    return province


def _stated(
    headers: Mapping[str, str] | None,
    units: Mapping[str, str | Sequence[str]] | None,
    crs: str | None,
) -> "Stated":
    from phusong.geodata.files.table import Stated

    listed = {
        column: (unit,) if isinstance(unit, str) else tuple(unit)
        for column, unit in (units or {}).items()
    }
    return Stated(dict(headers or {}), listed, _crs(crs))


def read_sites(
    path: PathLike,
    province: "Province",
    *,
    headers: Mapping[str, str] | None = None,
    units: Mapping[str, str | Sequence[str]] | None = None,
    crs: str | None = None,
    skip_bad_rows: bool = False,
) -> "SiteList":
    """Read a list of base stations; ``province.with_sites(...)`` puts it into the province.

    A site needs an identifier and a position; what else it lacks is assumed, and the provenance
    says so. Columns are recognised by English or Vietnamese headers, coordinates by where they
    fall.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON, GeoPackage, shapefile or KML.
    province
        A site outside its communes is a defect.
    headers
        The list's own header by column, such as ``{"site_id": "Ký hiệu"}``, where it is not
        recognised.
    units
        The unit of a column that does not say it, such as ``{"power_dbm": "W"}``, or its decimal
        mark: ``"decimal-comma"``, ``"decimal-point"``.
    crs
        Of the coordinates, such as ``"EPSG:32648"``; recognised when left out.
    skip_bad_rows
        Leave rows with a defect out instead of raising; they go to ``rejected.csv`` beside the
        list, with their reasons.

    Returns
    -------
    SiteList
        The sites, one row a site, and where they come from.

    Raises
    ------
    InputError
        With every defect: file, row, column, value and what to do.

    Examples
    --------
    >>> import phusong as ps
    >>> province = ps.open_province()
    >>> listed = ps.read_sites("bts.csv", province)
    >>> len(province.with_sites(listed).sites)
    1
    """
    from phusong.geodata.countries import at_home
    from phusong.geodata.network import sites

    with at_home(province):
        return sites.read_sites(
            Path(path),
            province.communes,
            stated=_stated(headers, units, crs),
            skip_bad_rows=skip_bad_rows,
            rejected_csv=Path(path).with_name("rejected.csv"),
        )


def read_cells(
    path: PathLike,
    province: "Province",
    *,
    headers: Mapping[str, str] | None = None,
    units: Mapping[str, str | Sequence[str]] | None = None,
    crs: str | None = None,
    skip_bad_rows: bool = False,
) -> "CellList":
    """Read a list of cells, or of sites, whose cells are then the defaults per technology.

    A cell needs a site, a position, a technology or band, and an azimuth (or ``omni``); what
    else it lacks is taken from ``geodata/reference/rf_defaults.csv`` and named in ``assumed``.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON or GeoPackage; antenna pattern files (MSI/Planet) lie beside it.
    province
        A cell outside its communes is a defect.
    headers
        The list's own header by column, where it is not recognised.
    units
        The unit of a column that does not say it, such as ``{"power_dbm": "W"}``, or its decimal
        mark: ``"decimal-comma"``, ``"decimal-point"``.
    crs
        Of the coordinates, such as ``"EPSG:32648"``; recognised when left out.
    skip_bad_rows
        Leave rows with a defect out instead of raising; they go to ``rejected.csv`` beside the
        list, with their reasons.

    Returns
    -------
    CellList
        The cells, their antennas, where they come from, and what was assumed of them.

    Raises
    ------
    InputError
        With every defect of the list and of the antenna files that it names.

    Examples
    --------
    >>> import phusong as ps
    >>> listed = ps.read_cells("cells.csv", ps.open_province())
    >>> len(listed.cells), list(listed.cells["technology"])
    (3, ['5G', '5G', '4G'])
    """
    from phusong.geodata.countries import at_home
    from phusong.geodata.network import cells

    with at_home(province):
        return cells.read(
            Path(path),
            province.communes,
            stated=_stated(headers, units, crs),
            skip_bad_rows=skip_bad_rows,
            rejected_csv=Path(path).with_name("rejected.csv"),
        )


def load_scenario(
    name_or_path: PathLike,
    settings: Mapping[str, Any] | Iterable[str] = (),
    overrides: Iterable[str] = (),
    country: str = "vn",
) -> "Scenario":
    """Load a scenario: what a plan is for, and every parameter of it.

    Parameters
    ----------
    name_or_path
        ``urban``, ``industrial``, ``tourism``, ``province``, or a TOML file that extends one.
    settings
        Parameters to change, as a mapping or as ``section.key=value`` in TOML; they come last.
    overrides
        Named overrides of the scenario, such as ``outdoor``.
    country
        Whose prices, operators and rules hold, as ``province.country`` says: ``vn``, ``generic``,
        or a folder of your own.

    Returns
    -------
    Scenario
        Every parameter has a value; they are explained in ``scenarios/base.toml``
        and in ``base.toml`` of the country.

    Raises
    ------
    InputError
        An unknown name, or every unknown key and wrong value at once, each with its place.

    Examples
    --------
    >>> import phusong as ps
    >>> scenario = ps.load_scenario("urban", {"rollout.stations": {2027: 80}})
    >>> scenario.rollout.stations
    {'2027': 80}
    """
    from phusong.scenarios.config import schema

    return schema.load(os.fspath(name_or_path), settings, overrides, country)


def open_run(folder: PathLike) -> "RunResult":
    """Open the folder of a finished run, as ``phusong run`` or ``plan.write`` made it.

    Parameters
    ----------
    folder
        With ``run.json`` and the layers beside it.

    Returns
    -------
    RunResult
        Its tables, layers and figures; nothing is computed anew.

    Raises
    ------
    InputError
        A file or column is missing or not readable, each named.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.open_run("nowhere")
    Traceback (most recent call last):
    phusong.errors.InputError: nowhere is not the folder of a finished run: there is no such folder
    """
    from phusong.geodata.runs import folder as run_folder
    from phusong.results import RunResult

    return RunResult(run_folder.open_run(Path(folder)))


def _path(path: PathLike | None) -> Path | None:
    return None if path is None else Path(path)


def _crs(stated: str | None) -> str | None:
    from phusong.geodata import crs

    return crs.named(stated) if stated else None
