"""Where SQL over feature tables runs: in this process on DuckDB, or on a Spark cluster; the same queries on both."""

from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa


class Engine(StrEnum):
    """What scores many records: DuckDB in a process of this machine, or Spark."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Tables(Protocol):
    """Named tables and the answers to queries over them; queries are in DuckDB's SQL, whatever runs them."""

    def offer(self, name: str, rows: "pa.Table") -> None:
        """Make rows known to queries under a name; a later offer of the same name takes its place."""
        ...

    def keep(self, name: str, query: str) -> None:
        """Make a table of what a query answers, in place of the former one of that name."""
        ...

    def answer(self, query: str) -> "pa.Table":
        """What a query answers, in its order."""
        ...

    def condition(self, sql: str) -> str:
        """A condition as Splink hands it on to this engine; ModelError when it cannot be said there."""
        ...

    def splink(self) -> Any:
        """Splink's API of this engine, which sees the tables."""
        ...

    def close(self) -> None:
        """Let go of tables and engine."""
        ...


class DuckTables:
    """Tables in a DuckDB connection."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection

    def offer(self, name: str, rows: "pa.Table") -> None:
        """Copy the rows into a table of DuckDB's own."""
        self._connection.register("offered", rows)
        self.keep(name, "FROM offered")
        self._connection.unregister("offered")

    def keep(self, name: str, query: str) -> None:
        """Copy the answer into a table of DuckDB's own."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}").fetchall()

    def answer(self, query: str) -> "pa.Table":
        """The answer as an Arrow table."""
        return self._connection.sql(query).to_arrow_table()

    def condition(self, sql: str) -> str:
        """The same condition: it is in DuckDB's SQL."""
        return sql

    def splink(self) -> Any:
        """Splink on this connection."""
        from splink import DuckDBAPI

        return DuckDBAPI(connection=self._connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(path: "Path | None" = None) -> "duckdb.DuckDBPyConnection":
    """A DuckDB of its own that never reaches for the network: in memory, or in a file, where little memory is taken
    and what is more goes to disk."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    if path is None:
        return duckdb.connect(config=config)
    config |= {
        "memory_limit": _MEMORY,
        "temp_directory": f"{path}.spill",
        "preserve_insertion_order": "false",
    }
    return duckdb.connect(path, config=config)


_MEMORY = "3GB"


def opened(engine: Engine) -> Tables:
    """An engine without tables, to be closed after use."""
    if engine is Engine.DUCKDB:
        return DuckTables(connect())
    from resolution.spark import SparkSettings, SparkTables

    return SparkTables(SparkSettings())


def check_installed(engine: Engine) -> None:
    """Raises ConfigurationError when an engine's packages are missing."""
    if engine is Engine.SPARK and find_spec("pyspark") is None:
        raise ConfigurationError(
            "The engine spark needs PySpark, which is not installed: pip install 'onefold[spark]'."
        )
