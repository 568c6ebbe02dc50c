"""Answers for files of a folder or object store: those that are new or have changed are read, whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from graph.errors import InputError, OriginError
from loaders.load import read_feed
from loaders.mapping import Mapping as RowMapping
from loaders.origins import FilesOrigin, with_variables
from loaders.outages import failing_as
from loaders.rows import BadRow, Row
from loaders.staging import Feed

_STAMPS = ("mtime", "LastModified", "last_modified", "updated", "ETag", "etag", "md5Hash", "content_md5")


@dataclass(frozen=True, slots=True)
class FilesPull:
    """A pull of files: `found` and `known` name their path with its stamp, as they are now and as they were read."""

    name: str
    file_system: Any
    found: Mapping[str, str]
    known: Mapping[str, str]
    mapping: RowMapping

    @classmethod
    def listed(
        cls, name: str, origin: FilesOrigin, mapping: RowMapping, watermark: str | None
    ) -> "FilesPull":
        """List the files; raises OriginError when there are none, and whatever the file system raises."""
        from fsspec.core import url_to_fs

        address = with_variables(origin.address)
        file_system, pattern = url_to_fs(address, **with_variables(origin.options))
        listing = file_system.glob(pattern, detail=True)
        found = {path: _stamp(entry) for path, entry in sorted(listing.items()) if entry["type"] == "file"}
        if not found:
            raise OriginError(f"Source {name} has no files: nothing is at the address it names.")
        known: dict[str, str] = orjson.loads(watermark) if watermark else {}
        return cls(name, file_system, found, known, mapping)

    def feeds(self) -> Sequence[Feed]:
        """A feed for each file that is new or has changed, in the order of their paths."""
        changed = [path for path, stamp in self.found.items() if self.known.get(path) != stamp]
        return [Feed(PurePosixPath(path).name, self._rows(path), self.mapping) for path in changed]

    def watermark(self) -> str | None:
        """The files with their stamps, as they were before they were read."""
        return orjson.dumps(dict(self.found)).decode()

    def standing(self, columns: Sequence[str] | None) -> Iterator[Row | BadRow]:
        """The rows of all files."""
        _ = columns
        for path in self.found:
            yield from self._rows(path)

    def _rows(self, path: str) -> Iterator[Row | BadRow]:
        """The rows of one file, which is fetched when they are asked for."""
        with TemporaryDirectory(prefix="onefold-") as folder, failing_as(self.name):
            try:
                yield from read_feed(self._local(path, Path(folder)), self.mapping).rows
            except InputError as error:  # what came before the damage is not applied either
                raise OriginError(f"Source {self.name}: {error} Nothing was applied.") from error

    def _local(self, path: str, folder: Path) -> Path:
        if "file" in (self.file_system.protocol, *self.file_system.protocol):
            return Path(path)
        copy = folder / PurePosixPath(path).name
        self.file_system.get_file(path, str(copy))
        return copy


def _stamp(entry: Mapping[str, Any]) -> str:
    """What changes when a file does: its size, and the times and tags that its store tells."""
    return " ".join(str(entry[name]) for name in ("size", *_STAMPS) if entry.get(name) is not None)
