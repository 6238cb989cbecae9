"""A country: what is national in a plan, read from ``country.toml`` and the tables beside it."""

import difflib
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from pyproj import CRS
from pyproj.exceptions import CRSError

from phusong.errors import Defect, InputError
from phusong.geodata import reference, toml_document
from phusong.messages import message, wording

DEFAULT = "vn"
NAME = "country.toml"
MAX_BYTES = 500_000
UTM_NORTH, UTM_SOUTH = 32_600, 32_700  # EPSG codes of WGS 84 / UTM, before the number of the zone
SURVEY_ZONES = "survey_zones"  # table of the systems in which surveys are kept, by place

Degrees = tuple[float, float, float, float]
Kind = Literal["ward", "township", "unit"]  # of the units that a province is made of
Code = Annotated[str, Field(pattern=r"^EPSG:\d{4,6}$")]


class CountryTable(BaseModel):
    """A table of country.toml: no key that it does not know, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Outline(CountryTable):
    """Where a country lies: west, south, east, north [degrees]; the whole with its islands."""

    mainland: list[float] = Field(min_length=4, max_length=4)
    whole: list[float] = Field(min_length=4, max_length=4)


class CoordinateSystems(CountryTable):
    """In which systems plans are computed, and lists and maps come.

    ``planning``: ``survey_zones``, that of the nearest row of the table; ``utm``, the zone of
    WGS 84. ``known`` are names by code; ``usual`` are tried first, ``further`` with them.
    """

    planning: Literal["survey_zones", "utm"]
    usual: list[Code]
    further: list[Code] = Field(default_factory=list)
    known: dict[Code, str]


class Currency(CountryTable):
    """Money: ISO 4217 code, XXX where none is stated, and how amounts are rounded where shown.

    Decimals are of amounts in millions, in tables, files and texts, and of single costs.
    """

    code: str = Field(pattern=r"^[A-Z]{3}$")
    column_decimals: int = Field(ge=0, le=6)
    file_decimals: int = Field(ge=0, le=6)
    shown_decimals: int = Field(ge=0, le=6)
    small_decimals: int = Field(ge=-6, le=6)


class TerrainLimits(CountryTable):
    """Between which heights the land lies [m], and by how much the ellipsoid lies above it [m].

    Without ``geoid_m`` nobody is asked whether heights are above the ellipsoid.
    """

    heights_m: list[float] = Field(min_length=2, max_length=2)
    geoid_m: list[float] | None = Field(default=None, min_length=2, max_length=2)


class QualityRule(CountryTable):
    """What a rule asks of 5G service, and the name of its table.

    Means in Mbit/s over the service area, and the share of samples with 30 Mbit/s.
    """

    table: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    mean_downlink_mbps: float = Field(ge=0)
    mean_uplink_mbps: float = Field(ge=0)
    fast_share: float = Field(ge=0, le=1)

    @property
    def limits(self) -> tuple[float, float, float]:
        """Return mean downlink, mean uplink and share of fast samples."""
        return self.mean_downlink_mbps, self.mean_uplink_mbps, self.fast_share


class Levels(CountryTable):
    """How lists write units of administration.

    ``prefixes`` and ``short_prefixes`` stand before names, the larger units first; labels leave
    the first out. ``types`` are what wards, townships and other units are called in column
    commune_type; ``code_digits`` are those of codes of units and of the larger units, to which
    numbers are filled up.
    """

    prefixes: list[str] = Field(default_factory=list)
    short_prefixes: list[str] = Field(default_factory=list)
    types: dict[Kind, str] = {"ward": "ward", "township": "township", "unit": "unit"}
    code_digits: list[int] = Field(default_factory=lambda: [0, 0], min_length=2, max_length=2)


class PublishedFigures(CountryTable):
    """What others report, which a plan is held against; what is not stated is not checked.

    ``share_4g`` of residents are covered today, ``people_per_station`` of 5G lies between two.
    """

    share_4g: float | None = Field(default=None, gt=0, le=1)
    people_per_station: list[int] | None = Field(default=None, min_length=2, max_length=2)


class LandRules(CountryTable):
    """What the recipes for land cover and masts take land to be.

    Forest and mountains begin at these heights above the sea [m], where a country knows such;
    ``urban_per_km2``: units with so many residents on a square kilometre are urban, where types
    of units do not tell.
    """

    forest_above_m: float | None = Field(default=None, gt=0)
    mountain_above_m: float | None = Field(default=None, gt=0)
    urban_per_km2: float | None = Field(default=None, gt=0)


class Country(CountryTable):
    """What is national in a plan.

    Parameters
    ----------
    folder
        Of country.toml and the tables.
    code
        ISO 3166-1 in small letters, or ``generic``.
    name
        By language.
    languages
        Of pages, the first being what people there read.
    outline
        Where it lies; None: anywhere.
    coordinates
        Systems of plans, lists and maps.
    currency
        Of all amounts.
    published
        Figures that a plan is held against.
    land
        What recipes take land to be.
    quality
        Rule of 5G service; None: nothing is judged.
    encodings
        In which lists may be kept beside Unicode, see ``geodata.files.encodings``.
    levels
        Units of administration: their types, codes, and what stands before their names.
    terrain
        Heights that the country has.

    Examples
    --------
    >>> open_country("vn").planning_crs(105.6, 21.3)
    'EPSG:5897'
    >>> open_country("generic").planning_crs(6.1, 49.6)
    'EPSG:32632'
    """

    folder: Path = Field(exclude=True)
    code: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: dict[str, str]
    languages: list[str] = Field(min_length=1)
    outline: Outline | None = None
    coordinates: CoordinateSystems
    currency: Currency
    published: PublishedFigures = PublishedFigures()
    land: LandRules = LandRules()
    quality: QualityRule | None = None
    encodings: list[str] = Field(default_factory=list)
    levels: Levels = Levels()
    terrain: TerrainLimits

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the country, such as ``operators``; codes stay texts.

        Parameters
        ----------
        name
            Of the file, without ``.csv``.

        Returns
        -------
        pandas.DataFrame
            A row each; none where the country has none of it.
        """
        return reference.read(self.folder / f"{name}.csv")

    def planning_crs(self, lon: float, lat: float) -> str:
        """Return the projected system in metres in which a place is planned.

        Parameters
        ----------
        lon
            Longitude of the middle of the province [degrees].
        lat
            Its latitude [degrees].

        Returns
        -------
        str
            Such as ``EPSG:32632``.
        """
        if self.coordinates.planning == SURVEY_ZONES:
            return survey_zone(self, lon, lat)
        return utm_zone(lon, lat)

    def contains(self, bounds: Degrees) -> bool:
        """Return whether a box lies in the country or on its islands.

        Parameters
        ----------
        bounds
            West, south, east, north [degrees].

        Returns
        -------
        bool
            True also where the country has no outline.
        """
        if self.outline is None:
            return True
        left, bottom, right, top = self.outline.whole
        west, south, east, north = bounds
        return west > left and south > bottom and east < right and north < top


def survey_zone(country: Country, lon: float, lat: float) -> str:
    """Return the system in which surveys at a place are kept: that of the nearest row."""
    zones = country.table(SURVEY_ZONES)
    away = np.hypot((zones["lon"] - lon) * np.cos(np.radians(lat)), zones["lat"] - lat)
    return f"EPSG:{zones['epsg'].iloc[int(away.argmin())]}"


def utm_zone(lon: float, lat: float) -> str:
    """Return the zone of WGS 84 / UTM of six degrees in which a place lies.

    >>> utm_zone(6.1, 49.6), utm_zone(-58.4, -34.6), utm_zone(180.0, 0.0)
    ('EPSG:32632', 'EPSG:32721', 'EPSG:32660')
    """
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(UTM_NORTH if lat >= 0 else UTM_SOUTH) + zone}"


def shipped() -> tuple[str, ...]:
    """Return the codes of the countries that phusong ships."""
    return tuple(sorted(path.parent.name for path in _folder().glob(f"*/{NAME}")))


@cache
def open_country(name: str = DEFAULT) -> Country:
    """Read a country: one that is shipped, by its code, or a folder of your own.

    Parameters
    ----------
    name
        A code such as ``vn`` or ``generic``, or the path of a folder with ``country.toml``.

    Returns
    -------
    Country
        As its file says.

    Raises
    ------
    InputError
        No such country, with the near names; or every unknown, missing and wrong key at once,
        with its line.
    """
    own = Path(name)
    folder = _folder() / name if name in shipped() else own
    if folder is own and not (own / NAME).is_file():
        raise _unknown(name)
    return read(folder)


_CURRENT: ContextVar[Country | None] = ContextVar("country", default=None)


def current() -> Country:
    """Return the country whose lists are being read and whose words are spoken."""
    return _CURRENT.get() or open_country()


@contextmanager
def within(name: str, currency: str = "") -> Iterator[Country]:
    """Read lists and speak as in a country, by its code or folder, until the block ends.

    Amounts are in its own currency where none is stated.

    >>> with within("generic") as country:
    ...     current() == country
    True
    """
    country = open_country(name)
    token = _CURRENT.set(country)
    try:
        with wording.spoken(country.folder, currency or country.currency.code):
            yield country
    finally:
        _CURRENT.reset(token)


def read(folder: Path) -> Country:
    """Return the country of a folder; raise with every defect of country.toml."""
    path = folder / NAME
    raw = path.read_bytes()[:MAX_BYTES]
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
        tree = tomllib.loads(text)
    except ValueError as error:
        defect = Defect(str(path), str(error))
        raise InputError(message("refusal.is_not_valid_toml", path=path), [defect]) from None
    country = toml_document.validated(Country, {**tree, "folder": folder}, path, text)
    if wrong := _wrong_systems(country, path, text):
        raise InputError(message("refusal.is_not_usable", path=path), wrong)
    return country


def _wrong_systems(country: Country, path: Path, text: str) -> list[Defect]:
    """Return the systems that the EPSG register does not have."""
    defects = []
    for code in dict.fromkeys([*country.coordinates.usual, *country.coordinates.known]):
        try:
            CRS.from_user_input(code)
        except CRSError:
            row = toml_document.line_of(text, ("coordinates", "known", code))
            problem = message("problem.is_not_a_coordinate_system")
            remedy = message("remedy.see_the_epsg_register")
            defects.append(Defect(str(path), problem, remedy, row, "coordinates", code))
    return defects


def _unknown(name: str) -> InputError:
    known = shipped()
    near = difflib.get_close_matches(name.lower(), known, 2, 0.4)
    remedy = (
        message("remedy.did_you_mean_3", near=near)
        if near
        else message("remedy.there_are_4", known=[*known])
    )
    problem = message("problem.there_is_no_such_country")
    defect = Defect("country", problem, remedy, value=name)
    return InputError(message("refusal.unknown_country"), [defect])


def _folder() -> Path:
    return Path(str(files("phusong.geodata.countries").joinpath(DEFAULT))).parent
