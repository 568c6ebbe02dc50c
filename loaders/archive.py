"""Answers for keeping every input as it came: verbatim, once, for ever, so that it can be read again."""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Literal, Self

import orjson
import zstandard

from graph.errors import ArchiveError

_BLOCK_INPUTS = 1_000
_BLOCK_BYTES = 4 << 20
_BLOCKS_OPEN = 32
_ASKED = 500
_BUSY_SECONDS = 60.0

# `said` grows: an input that comes again moves to the end, so that a replay ends with what was said last.
_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS inputs (
  said INTEGER PRIMARY KEY, source INTEGER NOT NULL, block INTEGER NOT NULL, place INTEGER NOT NULL,
  digest BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS mappings (
  source TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL, first_used_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL, PRIMARY KEY (source, digest));
"""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a source as it came (personal data).

    A `row` is a JSON object of column to text, an `event` the JSON of one message. `name` and `line` say where it
    stood (file, table or topic; from 1), `sent_at` is the sender's own clock when it handed over an event.
    """

    source: str
    form: Literal["row", "event"]
    name: str
    line: int
    body: bytes
    received_at: datetime
    sent_at: str | None = None

    @property
    def digest(self) -> bytes:
        """128 bits of source and body: what makes two inputs the same."""
        return blake2b(self.source.encode() + b"\0" + self.body, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """A mapping under which a source was read: its text, the text's digest, when it was used first and last."""

    digest: str
    text: str
    first_used_at: datetime
    last_used_at: datetime


class Archive:
    """The inputs of an installation in one file: compressed blocks, and an index of digests.

    Calls block: hand them to a thread where an event loop runs. Any number of threads and processes may write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection = _connect(path)
        self._connection.executescript(_SCHEMA)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The archive in a folder, made when there is none. Raises ArchiveError when it cannot be opened."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return cls(folder / "archive.sqlite")
        except (OSError, sqlite3.Error) as error:
            raise _failed(folder, error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep(self, items: Sequence[Input]) -> int:
        """Keep inputs; they are on disk when this returns. Answers how many were not there yet.

        An input that is there already keeps its first place, time and bytes; a row then counts as said anew.
        Raises ArchiveError, with nothing kept.
        """
        first = {item.digest: item for item in reversed(items)}
        latest = dict(reversed(first.items()))  # each where it was said last
        with self._lock:
            try:
                with self._connection:
                    self._connection.execute("BEGIN IMMEDIATE")
                    return self._keep(latest)
            except sqlite3.Error as error:
                raise _failed(self._path, error) from error

    def _keep(self, items: dict[bytes, Input]) -> int:
        known = self._known(sorted(items))
        places = {digest: place for digest, place in known.items() if items[digest].form == "row"}
        new = {digest: item for digest, item in items.items() if digest not in known}
        for source, group in groupby(sorted(new.items(), key=_by_source), key=_by_source):
            for block in _blocks(list(group)):
                number = self._connection.execute(
                    "INSERT INTO blocks (content) VALUES (?)", (_packed([item for _, item in block]),)
                ).lastrowid
                places |= {digest: (number or 0, place) for place, (digest, _) in enumerate(block)}
            self._connection.execute("INSERT OR IGNORE INTO sources (name) VALUES (?)", (source,))
        ids = dict(self._connection.execute("SELECT name, id FROM sources"))
        self._connection.executemany(
            "INSERT OR REPLACE INTO inputs (source, block, place, digest) VALUES (?, ?, ?, ?)",
            (
                (ids[item.source], *places[digest], digest)
                for digest, item in items.items()
                if digest in places
            ),
        )
        return len(new)

    def _known(self, digests: Sequence[bytes]) -> dict[bytes, tuple[int, int]]:
        found: dict[bytes, tuple[int, int]] = {}
        for start in range(0, len(digests), _ASKED):
            asked = digests[start : start + _ASKED]
            marks = ", ".join("?" * len(asked))
            rows = self._connection.execute(
                f"SELECT digest, block, place FROM inputs WHERE digest IN ({marks})", asked
            )
            found |= {digest: (block, place) for digest, block, place in rows}
        return found

    def replay(self, source: str) -> Iterator[Input]:
        """Yield the inputs of a source as they were kept, in the order in which each was last said."""
        opened: OrderedDict[int, list[Input]] = OrderedDict()
        with closing(_connect(self._path)) as reading:
            places = reading.execute(
                "SELECT block, place FROM inputs WHERE source = (SELECT id FROM sources WHERE name = ?) ORDER BY said",
                (source,),
            )
            for block, place in places:
                if block not in opened:
                    [content] = reading.execute(
                        "SELECT content FROM blocks WHERE id = ?", (block,)
                    ).fetchone()
                    opened[block] = _unpacked(source, content)
                    if len(opened) > _BLOCKS_OPEN:
                        opened.popitem(last=False)
                yield opened[block][place]

    def note_mapping(self, source: str, text: str, at: datetime | None = None) -> str:
        """Keep the mapping that a source is read under, and answer the digest that names it."""
        digest = blake2b(text.encode(), digest_size=16).hexdigest()
        moment = (at or datetime.now(UTC)).isoformat()
        with self._lock:
            self._connection.execute(
                "INSERT INTO mappings VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET last_used_at = excluded.last_used_at",
                (source, digest, text, moment, moment),
            )
        return digest

    def mappings(self, source: str) -> list[MappingVersion]:
        """The mappings that a source was read under, in the order in which each was used last."""
        rows = self._connection.execute(
            "SELECT digest, text, first_used_at, last_used_at FROM mappings WHERE source = ? "
            "ORDER BY last_used_at, digest",
            (source,),
        )
        return [
            MappingVersion(digest, text, datetime.fromisoformat(first), datetime.fromisoformat(last))
            for digest, text, first, last in rows
        ]

    def find(self, source: str, body: bytes) -> Input | None:
        """An input as it was kept, None when it is not there."""
        digest = Input(source, "row", "", 0, body, datetime.now(UTC)).digest
        with self._lock:
            row = self._connection.execute(
                "SELECT content, place FROM inputs JOIN blocks ON blocks.id = inputs.block WHERE digest = ?",
                (digest,),
            ).fetchone()
        return _unpacked(source, row[0])[row[1]] if row else None

    def counts(self) -> dict[str, int]:
        """How many inputs are kept, by source."""
        rows = self._connection.execute(
            "SELECT name, count(*) FROM inputs JOIN sources ON sources.id = inputs.source GROUP BY name ORDER BY name"
        )
        return dict(rows.fetchall())


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    # The index of digests is read and written at random: 128 MiB of it in memory, and merged in portions of 256 MiB.
    connection.execute("PRAGMA cache_size = -131072")
    connection.execute("PRAGMA wal_autocheckpoint = 65536")
    return connection


def _failed(path: Path, error: Exception) -> ArchiveError:
    return ArchiveError(
        f"The archive {path} cannot be used ({error}). See that its disk has room and that the file may be written."
    )


def _by_source(entry: tuple[bytes, Input]) -> str:
    return entry[1].source


def _blocks(entries: Sequence[tuple[bytes, Input]]) -> Iterator[list[tuple[bytes, Input]]]:
    block: list[tuple[bytes, Input]] = []
    size = 0
    for entry in entries:
        if block and (len(block) >= _BLOCK_INPUTS or size + len(entry[1].body) > _BLOCK_BYTES):
            yield block
            block, size = [], 0
        block.append(entry)
        size += len(entry[1].body)
    if block:
        yield block


def _packed(items: Sequence[Input]) -> bytes:
    """A line of JSON that says where each body ends and what is known of it, then the bodies."""
    head = [
        (len(item.body), item.form, item.name, item.line, item.received_at.isoformat(), item.sent_at)
        for item in items
    ]
    return zstandard.compress(orjson.dumps(head) + b"\n" + b"".join(item.body for item in items))


def _unpacked(source: str, content: bytes) -> list[Input]:
    head, _, bodies = zstandard.decompress(content).partition(b"\n")
    items: list[Input] = []
    start = 0
    for size, form, name, line, received_at, sent_at in orjson.loads(head):
        body = bodies[start : start + size]
        items.append(Input(source, form, name, line, body, datetime.fromisoformat(received_at), sent_at))
        start += size
    return items
