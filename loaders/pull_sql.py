"""Answers for rows of a database, streamed over SQLAlchemy."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graph.errors import ConfigurationError
from loaders.cells import cells_of, row_of
from loaders.mapping import Mapping, check_columns
from loaders.origins import SqlOrigin, with_variables
from loaders.rows import BadRow, Row
from loaders.watermarks import Value

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select, Table

_CHUNK = 5_000
_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


def read_sql(
    origin: SqlOrigin,
    mapping: Mapping,
    watermark: str | None,
    start: Value | None,
    columns: Sequence[str] | None,
) -> Iterator[tuple[Row | BadRow, Any]]:
    """Stream a table or view in one statement; rows without a value in the watermark's column are always among them.

    Raises MappingError, ConfigurationError, and whatever SQLAlchemy and the database's driver raise.
    """
    from sqlalchemy import create_engine

    engine = create_engine(_address(origin))
    try:
        table = _table(engine, origin.table)
        if columns is None:
            check_columns(mapping, [str(column.name) for column in table.columns])
        query = _query(table, watermark, start, columns)
        options = {"stream_results": True, "yield_per": _CHUNK}
        with engine.connect() as connection, connection.execution_options(**options).execute(query) as result:
            for line, values in enumerate(result.mappings(), 1):
                record = {str(name): value for name, value in values.items()}
                yield row_of(line, cells_of(record)), record.get(watermark or "")
    finally:
        engine.dispose()


def _address(origin: SqlOrigin) -> str:
    """The address with the driver that the extra installs, unless it names one."""
    scheme, mark, rest = with_variables(origin.address).partition("://")
    return f"{_DRIVERS.get(scheme, scheme)}{mark}{rest}"


def _table(engine: "Engine", name: str) -> "Table":
    from sqlalchemy import MetaData, Table

    schema, _, table = name.rpartition(".")
    return Table(table, MetaData(), schema=schema or None, autoload_with=engine, resolve_fks=False)


def _query(
    table: "Table", watermark: str | None, start: Value | None, columns: Sequence[str] | None
) -> "Select[Any]":
    from sqlalchemy import or_, select

    if columns is not None:
        return select(*(table.c[name] for name in columns))
    if watermark is None:
        return select(table)
    if watermark not in table.c:
        raise ConfigurationError(f"{table.name} has no column {watermark} that could be its watermark.")
    mark = table.c[watermark]
    return select(table) if start is None else select(table).where(or_(mark >= start, mark.is_(None)))
