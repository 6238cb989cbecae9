"""Write layers to a PostgreSQL database with PostGIS, all in one transaction."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely
from geopandas import GeoDataFrame

from phusong.errors import HIDDEN, Defect, InputError
from phusong.geodata.writers import formats, labels, lineage
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import clean
from phusong.geodata.writers.vector import plain_value
from phusong.messages import message

SCHEMES = ("postgresql://", "postgres://")
FORM = message("remedy.write_postgresql_user_host_port_database")
SCHEMA = "phusong"
GEOMETRY = "geom"

# psycopg is an optional extra: only those who write to a database need it.
# ruff: noqa: PLC0415


def write(
    address: str,
    layers: Mapping[str, GeoDataFrame],
    publication: Publication,
    *,
    schema: str = SCHEMA,
    replace: bool = False,
) -> list[str]:
    """Write layers as tables of a schema, whole or not at all, and return their full names.

    Tables get a key ``fid``, a spatial index, and headings and lineage as comments. The schema
    and the extension PostGIS are made where they are missing and the user may make them.

    Parameters
    ----------
    address : postgresql://user@host:port/database; the password may come from the
        environment or a password file, as libpq reads them.
    layers : frames by table name.
    said : language and lineage of the comments.
    schema : schema of the tables.
    replace : whether tables of the same name may be replaced.
    """
    psycopg = _driver()
    password = _password(address)
    try:
        with psycopg.connect(address, connect_timeout=15) as connection:
            cursor = connection.cursor()
            _prepare(cursor, schema)
            _check_free(cursor, schema, list(layers), replace=replace)
            for name, frame in layers.items():
                _write_table(cursor, (schema, name), formats.promoted(frame), publication)
    except psycopg.Error as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        remedy = message("remedy.check_address_rights_and_that_postgis")
        shown = reason.replace(password, HIDDEN) if password else reason
        defect = Defect("--to", shown, remedy)
        raise InputError(
            message("refusal.cannot_write_to_postgresql_nothing_was"), [defect]
        ) from None
    return [f"{schema}.{name}" for name in layers]


def _password(address: str) -> str:
    """Return the password of an address; raise when it cannot be understood, without showing it."""
    from psycopg import ProgrammingError, conninfo

    try:
        return str(conninfo.conninfo_to_dict(address).get("password") or "")
    except ProgrammingError:
        problem = message("problem.is_no_address_that_can_be")
        remedy = message("remedy.percent_encode_a_password", form=FORM)
        raise InputError(
            message("refusal.unknown_database"), [Defect("--to", problem, remedy)]
        ) from None


def is_address(target: str) -> bool:
    """Return whether a target is a database; raise when it is some other address.

    Raises
    ------
    InputError
        Without the address in it, since it may hold a password.
    """
    if target.lower().startswith(SCHEMES):
        return True
    if "://" in target or "password=" in target.lower():
        problem = message("problem.is_neither_a_file_nor_an")
        raise InputError(message("refusal.unknown_target"), [Defect("--to", problem, FORM)])
    return False


def _driver() -> Any:  # noqa: ANN401 - an optional module
    try:
        import psycopg
        import psycopg.sql
    except ImportError:
        defect = Defect(
            "--to",
            message("problem.psycopg_is_not_installed"),
            message("remedy.pip_install_phusong_postgis"),
        )
        raise InputError(message("refusal.cannot_write_to_postgresql"), [defect]) from None
    return psycopg


def _filled(text: str, *names: str) -> Any:  # noqa: ANN401 - an optional module
    """Return a statement with names of tables and columns quoted into it."""
    from psycopg import sql

    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))


def _prepare(cursor: Any, schema: str) -> None:  # noqa: ANN401 - an optional module
    cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")
    if cursor.fetchone() is None:
        cursor.execute("CREATE EXTENSION postgis")
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
    if cursor.fetchone() is None:
        cursor.execute(_filled("CREATE SCHEMA {}", schema))


def _check_free(cursor: Any, schema: str, names: list[str], *, replace: bool) -> None:  # noqa: ANN401
    cursor.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = %s AND relname = ANY(%s) ORDER BY 1",
        [schema, names],
    )
    taken = [row[0] for row in cursor.fetchall()]
    if taken and not replace:
        remedy = message("remedy.give_another_schema_or_replace")
        defects = [Defect(f"{schema}.{name}", message("problem.exists"), remedy) for name in taken]
        raise InputError(message("refusal.the_table_exists"), defects)


def _write_table(
    cursor: Any,  # noqa: ANN401 - an optional module
    table: tuple[str, str],
    frame: GeoDataFrame,
    publication: Publication,
) -> None:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    srid = frame.crs.to_epsg()
    kinds = set(frame.geom_type.dropna())
    geometry = f"geometry({kinds.pop() if len(kinds) == 1 else 'Geometry'}, {int(srid)})"
    types = [_type(frame[name]) for name in names]
    cursor.execute(_filled("DROP TABLE IF EXISTS {}.{}", *table))
    listed = ", ".join(f"{{}} {kind}" for kind in [*types, geometry])
    key = "fid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
    cursor.execute(_filled(f"CREATE TABLE {{}}.{{}} ({key}, {listed})", *table, *names, GEOMETRY))
    _copy(cursor, table, frame, names, srid)
    cursor.execute(_filled("CREATE INDEX ON {}.{} USING gist ({})", *table, GEOMETRY))
    cursor.execute(_filled("ANALYZE {}.{}", *table))
    _comment(cursor, table, names, publication)


def _type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "bigint"
    return "double precision" if pd.api.types.is_float_dtype(values) else "text"


def _copy(
    cursor: Any,  # noqa: ANN401 - an optional module
    table: tuple[str, str],
    frame: GeoDataFrame,
    names: list[str],
    srid: int,
) -> None:
    shapes = shapely.set_srid(frame.geometry.to_numpy(), srid)
    columns = [[_sent(value) for value in frame[name].tolist()] for name in names]
    columns.append(list(shapely.to_wkb(shapes, hex=True, include_srid=True)))
    fields = ", ".join(["{}"] * len(columns))
    statement = _filled(f"COPY {{}}.{{}} ({fields}) FROM STDIN", *table, *names, GEOMETRY)
    with cursor.copy(statement) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)


def _sent(value: object) -> object:
    plain = plain_value(value)
    return clean(plain) if isinstance(plain, str) else plain


def _comment(
    cursor: Any,  # noqa: ANN401 - an optional module
    table: tuple[str, str],
    names: list[str],
    publication: Publication,
) -> None:
    from psycopg import sql

    def tell(what: str, text: str, *of: str) -> None:
        cursor.execute(_filled(f"COMMENT ON {what} IS ", *of) + sql.Literal(clean(text)))

    lines = [labels.title(table[1], publication.language), publication.title, publication.stamp]
    tell("TABLE {}.{}", "\n".join([*lines, *lineage.sources(table[1], publication)]), *table)
    for name, heading in labels.aliases(names, publication.language).items():
        tell("COLUMN {}.{}.{}", heading, *table, name)
