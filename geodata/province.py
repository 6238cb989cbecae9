"""A province: its units, zones, sites and rasters on one planning grid."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.grid import Grid, Raster
from phusong.messages import Text, message

__all__ = ["Provenance", "Province", "SiteList"]

LIVE, PLANNED, OFF = "live", "planned", "off"  # status of a site
CENSUS, REGISTER, UNKNOWN = "census of 1 April 2019", "register or estimate of 2025", "not stated"

BASES = (CENSUS, REGISTER, UNKNOWN)
FAR_M = 100_000.0  # islands farther from the rest of a province are not planned with it
MARGIN_M = 3_000.0  # of terrain round the communes
NEIGHBOURS_M = 30_000.0  # round the communes, in which stations outside are kept
LAYERS = ("communes", "districts", "zones", "sites", "terrain", "landcover", "population")
Status = Literal["given", "approximate", "synthetic"]


# Types of communes: of the default country, and of those that have no names for them.
WARDS, TOWNSHIPS, OTHER_UNITS = ("phuong", "ward"), ("thi tran", "township"), ("xa", "unit")


class LandCover(IntEnum):
    """The classes that propagation, population and siting tell apart; 0 is outside."""

    OUTSIDE = 0
    URBAN = 1
    INDUSTRIAL = 2
    SETTLEMENT = 3
    FARMLAND = 4
    FOREST = 5
    WATER = 6


BUILT_UP = (LandCover.URBAN, LandCover.INDUSTRIAL)

# Representative height of what stands on each class, m: ITU-R P.1812-7 table 2 (dense urban
# 20, urban or trees 15, suburban 10, open land and water 0). Low factory halls and villages
# are taken as suburban, the cities of the province as urban; outside nothing is known.
CLUTTER_HEIGHT_M = {
    LandCover.OUTSIDE: 0.0,
    LandCover.URBAN: 15.0,
    LandCover.INDUSTRIAL: 10.0,
    LandCover.SETTLEMENT: 10.0,
    LandCover.FARMLAND: 0.0,
    LandCover.FOREST: 15.0,
    LandCover.WATER: 0.0,
}


def clutter_heights_m(
    classes: NDArray[np.integer], by_name: Mapping[str, float] | None = None
) -> NDArray[np.float32]:
    """Return the representative height of what stands on each pixel of these classes.

    Parameters
    ----------
    classes
        Classes of land cover.
    by_name
        Heights of some classes, by name in lower case, where a model has others than
        ``CLUTTER_HEIGHT_M``.

    Examples
    --------
    >>> clutter_heights_m(np.array([1, 4]), {"farmland": 5.0}).tolist()
    [15.0, 5.0]
    """
    height_m = np.zeros(max(LandCover) + 1, np.float32)
    for kind, value_m in CLUTTER_HEIGHT_M.items():
        height_m[kind] = (by_name or {}).get(kind.name.lower(), value_m)
    return height_m[np.asarray(classes, np.int64)]


@dataclass(frozen=True)
class Provenance:
    """Where a layer comes from; everything not given is named so in every output.

    Parameters
    ----------
    status
        Given, approximate or synthetic.
    source
        File, or recipe.
    licence
        Of the data.
    sha256
        Checksum of the file.
    note
        What was assumed, filled or left out.
    """

    status: Status
    source: str
    licence: str = ""
    sha256: str = ""
    note: str = ""


def together(sites: GeoDataFrame, neighbours: GeoDataFrame | None) -> GeoDataFrame:
    """Return the sites of a province and those around it as one list."""
    if neighbours is None or neighbours.empty:
        return sites
    return pd.concat([sites, neighbours], ignore_index=True)


def apart(every: GeoDataFrame) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Return the sites of a list that lie in a commune, and its neighbours."""
    own = (every[col.COMMUNE_CODE] != "").to_numpy()
    return every[own].reset_index(drop=True), every[~own].reset_index(drop=True)


class SiteList(NamedTuple):
    """The sites of a list, with ``columns.BTS`` in the planning CRS, and where they come from.

    Parameters
    ----------
    every
        One row a site; those outside the province, its neighbours, have no commune.
        ``attrs["stated"]`` are the columns that the list itself has.
    provenance
        Where they come from.
    """

    every: GeoDataFrame
    provenance: Provenance

    @property
    def sites(self) -> GeoDataFrame:
        """Return the sites in the province."""
        return apart(self.every)[0]

    @property
    def neighbours(self) -> GeoDataFrame:
        """Return the sites outside the province that may serve or interfere in it."""
        return apart(self.every)[1]


LISTED, COUNTED, REPORTED = "listed", "counted", "reported"  # how a baseline knows its stations


class Baseline(NamedTuple):
    """The 5G stations on air when a plan begins, and by when.

    Parameters
    ----------
    date
        By which they are on air.
    stations
        How many are.
    on_known_positions
        How many of them stand on positions that were known.
    later
        Stations of the list that go on air after that date.
    undated
        Those without a date, which count as on air.
    source
        The list, or who reports the number.
    sha256
        Checksum of the list.
    placement
        ``listed`` where a list says where each stands; ``counted`` where only their number is
        known and a scenario places them by a synthetic rule; ``reported`` where the synthetic
        sites of a province hold as many as it has reported.
    """

    date: str
    stations: int
    on_known_positions: int
    later: int
    undated: int
    source: str
    sha256: str = ""
    placement: str = LISTED


@dataclass(frozen=True)
class Province:
    """Everything a plan needs to know of a province.

    Frames are in the planning CRS, that of ``grid.crs``, with the columns of ``phusong.columns``
    (COMMUNES, DISTRICTS, ZONES, BTS) and a default index. The three rasters share one grid:
    terrain in metres (float32, finite everywhere), landcover as a class of
    ``LandCover`` (uint8, 0 outside the province), population as people per
    pixel (float32, 0 outside the province). Roads and fibre points are known only where a planner
    gives them. A pixel belongs to the commune its centre lies in.

    Parameters
    ----------
    name
        Of the province.
    units
        Date of the set of administrative units, such as ``2020-03``.
    communes
        Polygons with residents.
    districts
        Unions of communes; none in sets of units without them.
    zones
        Polygons with kind and demand.
    sites
        Existing base stations.
    terrain
        Height above the sea [m].
    landcover
        Class of each pixel.
    population
        Residents of each pixel.
    commune_index
        Row of the pixel's commune, -1 outside.
    provenance
        Where each layer comes from, by layer.
    basis
        On which residents are counted.
    roads
        Lines, if known.
    fibre
        Points, if known.
    neighbours
        Base stations outside, whose signals come in; columns as sites, without commune.
    baseline
        Of the 5G on air, where its date is known.
    points
        Of demand, with a weight, if known.
    residents_year
        Of which residents are, where they were grown; 0 where they are as the basis says.
    country
        Code of the country, see ``phusong.geodata.countries``.
    currency
        ISO 4217 code where it is not the country's own; '' where it is.
    """

    name: str
    units: str  # date of the set of administrative units, such as 2020-03
    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    sites: GeoDataFrame
    terrain: Raster
    landcover: Raster
    population: Raster
    commune_index: Raster  # int16: row of the pixel's commune in ``communes``, -1 outside
    provenance: dict[str, Provenance]
    basis: str = UNKNOWN  # on which residents are counted, see bases
    roads: GeoDataFrame | None = None  # lines
    fibre: GeoDataFrame | None = None  # points where fibre is, see fibre_list
    neighbours: GeoDataFrame | None = None  # stations outside: they serve and interfere, no more
    baseline: Baseline | None = None  # of the 5G on air, where its date is known
    points: GeoDataFrame | None = None  # of demand, with weight: schools, hospitals, stops
    residents_year: int = 0  # of which residents are, where they were grown; 0: as the basis says
    country: str = "vn"  # code, see countries
    currency: str = ""  # where it is not the country's own

    @property
    def grid(self) -> Grid:
        """Return the planning grid that all rasters share."""
        return self.terrain.grid

    @property
    def live(self) -> GeoDataFrame:
        """Return the sites on air: they alone cover."""
        return self._of_status(LIVE)

    @property
    def planned(self) -> GeoDataFrame:
        """Return the sites that are planned: their positions are candidates."""
        return self._of_status(PLANNED)

    @property
    def heard(self) -> GeoDataFrame:
        """Return the sites on air whose signals are in the province: its own, then neighbours."""
        around = self.neighbours
        return together(self.live, None if around is None else around[around[col.STATUS] == LIVE])

    def _of_status(self, status: str) -> GeoDataFrame:
        """Return the sites of a status; all of them, as they are, where all have it."""
        has = self.sites[col.STATUS] == status
        return self.sites if has.all() else self.sites[has].reset_index(drop=True)

    def with_sites(self, listed: SiteList) -> "Province":
        """Return the province with another list of sites.

        Parameters
        ----------
        listed
            As ``phusong.read_sites`` returns it.

        Returns
        -------
        Province
            The same, but for the sites, their neighbours and their provenance.
        """
        provenance = {**self.provenance, "sites": listed.provenance}
        return replace(
            self,
            sites=listed.sites,
            neighbours=listed.neighbours,
            provenance=provenance,
            baseline=None,
        )

    def with_residents(self, factor: NDArray[np.float64], year: int) -> "Province":
        """Return the province with as many times the residents in each commune.

        Parameters
        ----------
        factor
            By commune, shape (communes,).
        year
            Of which the residents are then.

        Returns
        -------
        Province
            Whose land, sites and zones stay as they are.
        """
        before = self.communes[col.POPULATION].to_numpy(np.int64)
        people = np.rint(before * factor).astype(np.int64)
        exact = np.append(people / np.maximum(before, 1), 0.0)
        values = self.population.values * exact[self.commune_index.values]
        rows = self.district_of
        held = rows >= 0
        of_districts = np.bincount(rows[held], people[held], len(self.districts))
        districts = self.districts
        if col.POPULATION in districts:
            districts = districts.assign(**{col.POPULATION: of_districts.astype(np.int64)})
        return replace(
            self,
            communes=self.communes.assign(**{col.POPULATION: people}),
            districts=districts,
            population=replace(self.population, values=values.astype(np.float32)),
            residents_year=year,
        )

    @property
    def district_of(self) -> NDArray[np.int64]:
        """Return the row of every commune's district in ``districts``, -1 where it has none."""
        rows = {code: row for row, code in enumerate(self.districts[col.DISTRICT_CODE])}
        return np.asarray(self.communes[col.DISTRICT_CODE].map(rows).fillna(-1), np.int64)


def basis_text(basis: str) -> Text:
    """Return on which basis residents are counted, in the words of phusong or of the manifest."""
    return message(f"basis.{basis}") if basis in BASES else basis
