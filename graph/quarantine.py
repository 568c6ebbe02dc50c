"""Keeps the rows that could not be used, so that each can be explained, mended and loaded again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import LiteralString

from graph.facts import Rejected
from graph.transactions import Graph

_RAW_KEPT = 10_000

_WRITE: LiteralString = """
UNWIND $rows AS row
MERGE (q:Quarantined {key: row.key})
ON CREATE SET q.at = $at
SET q += row
"""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A rejected row as stored; `raw` is its text (personal data), at most 10,000 characters of it."""

    key: str
    source: str
    file: str
    line: int
    code: str
    reason: str
    raw: str
    at: datetime


async def write_quarantined(graph: Graph, rejected: Sequence[Rejected], at: datetime | None = None) -> None:
    """Keep rejected rows; the same row of the same source again is the same entry."""
    rows = {
        key: {
            "key": key,
            "source": row.source,
            "file": row.file,
            "line": row.line,
            "code": row.code,
            "reason": row.reason,
            "raw": row.raw[:_RAW_KEPT].encode(errors="replace").decode(),
        }
        for row in rejected
        if (key := quarantine_key(row))
    }
    if rows:
        moment = (at or datetime.now(UTC)).astimezone(UTC)
        await graph.write(_WRITE, rows=[rows[key] for key in sorted(rows)], at=moment)


def quarantine_key(row: Rejected) -> str:
    """Digest of a rejected row's source and text."""
    content = f"{row.source}\0{row.raw}".encode(errors="surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


_PAGE: LiteralString = """
MATCH (q:Quarantined)
WHERE q.key > $after AND ($source IS NULL OR q.source = $source) AND ($code IS NULL OR q.code = $code)
RETURN q {.*} AS row ORDER BY q.key LIMIT $size
"""


async def read_quarantined(
    graph: Graph, *, size: int, after: str = "", source: str | None = None, code: str | None = None
) -> list[Quarantined]:
    """One page of quarantined rows by key, those after `after`, of one source or code if named."""
    rows = await graph.read(_PAGE, size=size, after=after, source=source, code=code)
    return [Quarantined(**row["row"]) for row in rows]


_COUNT: LiteralString = """
MATCH (q:Quarantined)
WHERE $source IS NULL OR q.source = $source
RETURN q.code AS code, count(q) AS rows ORDER BY code
"""


async def count_quarantined(graph: Graph, source: str | None = None) -> dict[str, int]:
    """How many rows are in quarantine, by reason code."""
    return {row["code"]: row["rows"] for row in await graph.read(_COUNT, source=source)}
