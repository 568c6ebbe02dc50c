"""Keeps the rows that could not be used, so that each can be explained, mended and taken in after all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import LiteralString

from graph.facts import Rejected
from graph.transactions import Graph

RAW_KEPT = 1 << 16

# A row that was mended and released stays so when its first form comes again.
_WRITE: LiteralString = """
UNWIND $rows AS row
MERGE (q:Quarantined {key: row.key})
ON CREATE SET q.at = $at
WITH q, row WHERE q.released_at IS NULL
SET q += row
"""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A rejected row as stored; `raw` is its text (personal data), at most 65,536 characters of it.

    `form` is that of the input: a `row`, or the JSON of an `event`. One that was taken in after all is released: its
    text is gone.
    """

    key: str
    source: str
    file: str
    line: int
    code: str
    reason: str
    raw: str
    at: datetime
    form: str = "row"
    released_at: datetime | None = None
    released_by: str | None = None


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
            "raw": row.raw[:RAW_KEPT].encode(errors="replace").decode(),
            "form": row.form,
        }
        for row in rejected
        if (key := quarantine_key(row))
    }
    if rows:
        moment = (at or datetime.now(UTC)).astimezone(UTC)
        await graph.write(_WRITE, rows=[rows[key] for key in sorted(rows)], at=moment)


def quarantine_key(row: Rejected) -> str:
    """Digest of a rejected row's source and text; where the text is not kept, of where it stood."""
    said = row.raw or f"\0{row.file}\0{row.line}"
    content = f"{row.source}\0{said}".encode(errors="surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


_PAGE: LiteralString = """
MATCH (q:Quarantined)
WHERE q.key > $after AND ($source IS NULL OR q.source = $source) AND ($code IS NULL OR q.code = $code)
  AND q.released_at IS NULL
RETURN q {.*} AS row ORDER BY q.key LIMIT $size
"""


async def read_quarantined(
    graph: Graph, *, size: int, after: str = "", source: str | None = None, code: str | None = None
) -> list[Quarantined]:
    """One page of the rows that wait in quarantine by key, those after `after`, of one source or code if named."""
    rows = await graph.read(_PAGE, size=size, after=after, source=source, code=code)
    return [Quarantined(**row["row"]) for row in rows]


_FIND: LiteralString = """
UNWIND $keys AS key
MATCH (q:Quarantined {key: key})
RETURN q {.*} AS row ORDER BY q.key
"""


async def find_quarantined(graph: Graph, keys: Sequence[str]) -> list[Quarantined]:
    """The entries under these keys; unknown keys are left out."""
    return [Quarantined(**row["row"]) for row in await graph.read(_FIND, keys=sorted(set(keys)))]


_RELEASE: LiteralString = """
UNWIND $keys AS key
MATCH (q:Quarantined {key: key}) WHERE q.released_at IS NULL
SET q.released_at = $at, q.released_by = $author, q.raw = ''
"""


async def release_quarantined(graph: Graph, keys: Sequence[str], *, author: str, at: datetime) -> None:
    """Note that rows were taken in after all, and forget their text."""
    await graph.write(_RELEASE, keys=sorted(set(keys)), at=at.astimezone(UTC), author=author)


_EXPLAIN: LiteralString = """
UNWIND $rows AS row
MATCH (q:Quarantined {key: row.key}) WHERE q.released_at IS NULL
SET q.code = row.code, q.reason = row.reason, q.raw = CASE WHEN row.keep THEN q.raw ELSE '' END
"""


async def explain_quarantined(
    graph: Graph, reasons: Sequence[tuple[str, str, str]], *, forget: Collection[str] = ()
) -> None:
    """Say anew why entries cannot be used: (key, code, reason); of those to `forget` the text goes."""
    rows = [
        {"key": key, "code": code, "reason": reason, "keep": key not in forget}
        for key, code, reason in sorted(reasons)
    ]
    await graph.write(_EXPLAIN, rows=rows)


_COUNT: LiteralString = """
MATCH (q:Quarantined)
WHERE q.released_at IS NULL AND ($source IS NULL OR q.source = $source)
RETURN q.code AS code, count(q) AS rows ORDER BY code
"""


async def count_quarantined(graph: Graph, source: str | None = None) -> dict[str, int]:
    """How many rows wait in quarantine, by reason code."""
    return {row["code"]: row["rows"] for row in await graph.read(_COUNT, source=source)}


_COUNT_EACH: LiteralString = """
MATCH (q:Quarantined)
WHERE q.released_at IS NULL
RETURN q.source AS source, q.code AS code, count(q) AS rows ORDER BY source, code
"""


async def count_quarantined_of_each(graph: Graph) -> dict[str, dict[str, int]]:
    """How many rows wait in quarantine, by source and reason code."""
    counts: dict[str, dict[str, int]] = {}
    for row in await graph.read(_COUNT_EACH):
        counts.setdefault(row["source"], {})[row["code"]] = row["rows"]
    return counts
