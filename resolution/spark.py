"""Tables on Spark: rows go there and come back as Parquet files, queries are said in its SQL, Splink runs on it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pyspark.sql import SparkSession
from pyspark.sql.pandas.functions import ArrowUDFType, arrow_udf
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from resolution.levels import damerau_levenshtein, jaro_winkler
from resolution.spark_java import java_home
from resolution.spark_sql import DAMERAU_LEVENSHTEIN, JARO_WINKLER, in_spark

_ROWS_PER_FILE = 100_000

_RULES = "org.apache.spark.sql.catalyst.optimizer"
_OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.sizeOfNull": "false",  # the size of an unknown list is unknown
    # Levels are long conditions, and weights mention each level many times. Conclusions drawn from them, and a
    # threshold on their sum that is pushed down to where they are worked out, make a plan that takes minutes.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.optimizer.excludedRules": f"{_RULES}.PushDownPredicates,{_RULES}.PushPredicateThroughNonJoin",
}

_ALONE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
}
"""For Spark in this process alone; a cluster is configured in its own `spark-defaults.conf`."""


class SparkSettings(BaseSettings):
    """Where Spark is; every field is read from `ONEFOLD_SPARK_` + its name in capitals (docs/settings.md)."""

    model_config = SettingsConfigDict(env_prefix="ONEFOLD_SPARK_", frozen=True, env_ignore_empty=True)

    master: str = Field(default="local[*]", description="Spark's master, such as spark://host:7077.")
    folder: Path | None = Field(
        default=None, description="Folder for tables, which every node sees under the same path."
    )


class SparkTables:
    """Tables as Parquet files in a folder of their own, known to one Spark session."""

    def __init__(self, settings: SparkSettings) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="onefold-spark-", dir=settings.folder))
        self._folder.chmod(0o755)  # workers may run as somebody else
        self._written = 0
        try:
            self._session = _session(settings.master, self._folder)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def offer(self, name: str, rows: pa.Table) -> None:
        """Write the rows as Parquet files."""
        path = self._next()
        path.mkdir()
        for number, start in enumerate(range(0, max(rows.num_rows, 1), _ROWS_PER_FILE)):
            pq.write_table(rows.slice(start, _ROWS_PER_FILE), path / f"part-{number:05}.parquet")
        self._know(name, path, from_arrow_schema(rows.schema))

    def keep(self, name: str, query: str) -> None:
        """Have Spark write the answer as Parquet files."""
        self._know(name, *self._answered(query))

    def answer(self, query: str) -> pa.Table:
        """The answer, by way of Parquet files: their order is that of the query."""
        path, _ = self._answered(query)
        return pq.read_table(path)

    def condition(self, sql: str) -> str:
        """The condition in Spark's SQL."""
        return in_spark(sql)

    def splink(self) -> Any:
        """Splink on this session."""
        from splink import SparkAPI

        return SparkAPI(
            spark_session=self._session,
            break_lineage_method="persist",
            register_udfs_automatically=False,  # of its functions none is used
        )

    def close(self) -> None:
        """Stop the session and remove the files."""
        self._session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answered(self, query: str) -> tuple[Path, StructType]:
        path, answer = self._next(), self._session.sql(in_spark(query))
        answer.write.parquet(path.as_uri())
        return path, answer.schema

    def _know(self, name: str, path: Path, schema: StructType) -> None:
        self._session.read.schema(schema).parquet(path.as_uri()).createOrReplaceTempView(name)

    def _next(self) -> Path:
        self._written += 1
        return self._folder / f"table{self._written}"


def _session(master: str, folder: Path) -> SparkSession:
    """A session in which our functions are known; Java, if need be, is put into `folder`."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "JAVA_HOME" not in os.environ:
        os.environ["JAVA_HOME"] = str(java_home(folder))
    builder = SparkSession.builder.master(master).appName("onefold")
    for name, value in _OPTIONS.items():
        builder = builder.config(name, value)
    if master.startswith("local"):
        for name, value in _ALONE.items():
            builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.udf.register(JARO_WINKLER, arrow_udf(_jaro_winkler, "double", ArrowUDFType.SCALAR))
    session.udf.register(DAMERAU_LEVENSHTEIN, arrow_udf(_damerau_levenshtein, "int", ArrowUDFType.SCALAR))
    return session


def _jaro_winkler(left: pa.Array, right: pa.Array) -> pa.Array:
    return pa.array(_pairwise(jaro_winkler, left, right), pa.float64())


def _damerau_levenshtein(left: pa.Array, right: pa.Array) -> pa.Array:
    return pa.array(_pairwise(damerau_levenshtein, left, right), pa.int32())


def _pairwise(measure: Callable[[str, str], float], left: pa.Array, right: pa.Array) -> list[float | None]:
    return [
        None if one is None or other is None else measure(one, other)
        for one, other in zip(left.to_pylist(), right.to_pylist(), strict=True)
    ]
