"""Read a site list together with what to say of where it comes from."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from geopandas import GeoDataFrame

from phusong.geodata.files import guard, tables
from phusong.geodata.network import coordinates, sites
from phusong.geodata.province import SiteList


def read(
    path: Path,
    communes: GeoDataFrame,
    *,
    headers: Mapping[str, str] | None = None,
    stated_crs: str | None = None,
    skip_bad_rows: bool = False,
) -> SiteList:
    """Return the sites of a list and its provenance: encoding, grid, assumptions, rows left out.

    Rows left out go to rejected.csv beside the list. See ``sites.read_sites``.
    """
    path = Path(path)
    with guard.unchanged(path):
        listed = sites.read_sites(
            path,
            communes,
            skip_bad_rows=skip_bad_rows,
            rejected_csv=path.with_name("rejected.csv"),
            headers=headers,
            stated_crs=stated_crs,
        )
        table = tables.read(path, sites.HEADERS, stated_crs)
        found = sites.columns_found(table, headers)
        said = [*table.notes, *coordinates.said(table, found, communes, stated_crs)]
        origin = sites.provenance(path, headers, len(listed), stated_crs)
        note = "; ".join(filter(None, [*said, origin.note]))
        return SiteList(listed, replace(origin, note=note))
