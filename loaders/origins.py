"""Answers for what `[sources]` of `onefold.toml` says: where rows are pulled from, and how changes are seen."""

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from graph.errors import ConfigurationError
from loaders.mapping import Mapping
from loaders.watermarks import duration

_VARIABLE = re.compile(r"\$\{(\w+)\}")
T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Duration = Annotated[
    timedelta, BeforeValidator(lambda value: duration(value) if isinstance(value, str) else value)
]
"""A whole number and its unit: `30s`, `5m`, `2h`, `1d`."""


class SqlOrigin(_Strict):
    """A table or view of a database: its SQLAlchemy address, its name, with the schema in front where one is needed."""

    address: str
    table: str


class DuckdbOrigin(_Strict):
    """A table or view of a DuckDB file, which is only read."""

    path: Path
    table: str


class FilesOrigin(_Strict):
    """Files that `load` can read: a path or fsspec address with wildcards, and the options of its file system."""

    address: str
    options: dict[str, Any] = {}


class RestOrigin(_Strict):
    """A REST endpoint: `client` and `endpoint` in the words of dlt's REST source.

    `since` is the query parameter that takes the watermark; without it everything is asked for each time.
    """

    client: dict[str, Any]
    endpoint: dict[str, Any]
    since: str | None = None


class Origin(_Strict):
    """One source that is pulled: one of sql, duckdb, files, rest, and its mapping.

    `watermark` is a column that grows with every change; rows are read again from `overlap` before it (`overlap_steps`
    for numbers), because transactions do not end in the order of their clocks. `deletes = "compare"` removes records
    whose ids are no longer there.
    """

    mapping: Path
    sql: SqlOrigin | None = None
    duckdb: DuckdbOrigin | None = None
    files: FilesOrigin | None = None
    rest: RestOrigin | None = None
    watermark: str | None = None
    overlap: Duration = timedelta(minutes=5)
    overlap_steps: int = Field(default=0, ge=0)
    deletes: Literal["keep", "compare"] = "keep"

    @model_validator(mode="after")
    def _one(self) -> "Origin":
        if sum(place is not None for place in (self.sql, self.duckdb, self.files, self.rest)) != 1:
            raise ValueError("give one of sql, duckdb, files and rest")
        if self.files and self.watermark:
            raise ValueError("files need no watermark: those that changed are read")
        return self


@dataclass(frozen=True, slots=True)
class MappedOrigin:
    """An origin under its name in `onefold.toml`, with its mapping read."""

    name: str
    origin: Origin
    mapping: Mapping


def with_variables(value: T) -> T:
    """A value of the configuration with `${NAME}` in its texts replaced by environment variables.

    Raises ConfigurationError for one that is not set.
    """
    if isinstance(value, str):
        return _VARIABLE.sub(_variable, value)  # pyright: ignore[reportReturnType]
    if isinstance(value, dict):
        return {name: with_variables(item) for name, item in value.items()}  # pyright: ignore[reportReturnType]
    if isinstance(value, list):
        return [with_variables(item) for item in value]  # pyright: ignore[reportReturnType]
    return value


def _variable(found: re.Match[str]) -> str:
    value = os.environ.get(found[1])
    if value is None:
        raise ConfigurationError(
            f"onefold.toml uses ${{{found[1]}}}, which is no environment variable: set it."
        )
    return value
