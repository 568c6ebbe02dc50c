"""Writes what the offline importer reads: a Parquet file for each kind of node and relationship, columns as headers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_AT_ONCE = 20_000
_TYPES: Mapping[str, pa.DataType] = {
    "datetime": pa.timestamp("us", tz="UTC"),
    "long": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "string[]": pa.list_(pa.string()),
    "long[]": pa.list_(pa.int64()),
}
_HEADERS: Mapping[type, str] = {
    datetime: ":datetime",
    bool: ":boolean",
    int: ":long",
    float: ":double",
    str: "",
}

Node = tuple[Sequence[str], Mapping[str, Any]]
"""Labels and properties."""


@dataclass(slots=True)
class ImportFiles:
    """The importer's input in a folder; `arguments` name it, node files and relationship files."""

    folder: Path
    arguments: list[str] = field(default_factory=list[str])

    def nodes(self, *labels: str) -> Path:
        """Where nodes of these labels are to be written."""
        return self._file("nodes", ":".join(labels))

    def relationships(self, kind: str) -> Path:
        """Where relationships of this type are to be written."""
        return self._file("relationships", kind)

    def _file(self, option: str, what: str) -> Path:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / f"{len(self.arguments):04}.parquet"
        self.arguments.append(f"--{option}={what}={path}")
        return path

    def write(self, nodes: Iterable[Node]) -> None:
        """Nodes that nothing points to, whatever their properties: text, numbers, instants, lists of text."""
        alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Mapping[str, Any]]] = {}
        for labels, properties in nodes:
            present = {name: value for name, value in sorted(properties.items()) if value is not None}
            headers = tuple(f"{name}{_header(value)}" for name, value in present.items())
            alike.setdefault((tuple(sorted(labels)), headers), []).append(present)
        for (labels, headers), rows in alike.items():
            path = self.nodes(*labels)
            with Sheet(path, (":ID(Other)", *headers)) as sheet:
                for number, row in enumerate(rows):
                    sheet.add(f"{path.stem} {number}", *row.values())


def _header(value: Any) -> str:
    return ":string[]" if isinstance(value, list) else _HEADERS[type(value)]


class Sheet:
    """A Parquet file that is written row by row; `headers` are the importer's, such as `since:datetime`."""

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self._schema = pa.schema(
            [(name, _TYPES.get(name.partition(":")[2], pa.string())) for name in headers]
        )
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", compression_level=1)
        self._rows: list[Sequence[Any]] = []

    def __enter__(self) -> "Sheet":
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, *values: Any) -> None:
        """Add a row."""
        self._rows.append(values)
        if len(self._rows) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)
            ]
            self._writer.write_table(pa.table(arrays, schema=self._schema))
            self._rows.clear()


def instant_text(at: datetime) -> str:
    """An instant as a DuckDB literal."""
    return f"TIMESTAMPTZ '{at.astimezone(UTC).isoformat()}'"
