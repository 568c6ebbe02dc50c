"""Takes the statements of a staging together: one record for each key, as they would stand in an empty graph."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from graph.blocking import BLOCK_COLUMNS, block_columns
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.staged_facts import RECORDS, SAID, TEXTS, StagedFacts
from graph.staging import Staging
from graph.vocabulary import ATTRIBUTES, RecordKind

_AT_ONCE = 10_000

# Of a record's statements those since its last whole one count. What the first of them says holds, and each attribute
# that is missing comes from the next that has it: as `graph.records` writes them one after the other.
_REPEATED = """
SELECT key, arg_max(deleted, ordinal) FILTER (NOT partial) AS gone, max(ordinal) FILTER (NOT partial) AS since
FROM statements GROUP BY key HAVING count(*) > 1 OR bool_or(deleted)
"""
_TELLING = """
SELECT min(ordinal) AS ordinal FROM statements JOIN repeated USING (key)
WHERE since IS NULL OR ordinal > since OR (ordinal = since AND NOT gone)
GROUP BY key, content_hash
"""
_FOLDED = f"""
SELECT key, {", ".join(f"arg_min_null({name}, ordinal) AS {name}" for name in SAID)},
  CASE WHEN bool_and(partial) THEN arg_min_null(observed_at, ordinal) ELSE arg_min(observed_at, ordinal) END
    AS observed_at,
  {", ".join(f"arg_min({name}, ordinal) AS {name}" for name in ATTRIBUTES)},
  CASE WHEN bool_and(partial) THEN list(extra ORDER BY ordinal) ELSE [arg_min(extra, ordinal)] END AS extras,
  flatten(list(identifier_kinds ORDER BY ordinal)) AS identifier_kinds,
  flatten(list(identifier_values ORDER BY ordinal)) AS identifier_values
FROM statements SEMI JOIN telling USING (ordinal) GROUP BY key
"""
_ONCE = f"""
SELECT key, {", ".join(SAID)}, observed_at, {", ".join(ATTRIBUTES)}, [extra] AS extras,
  identifier_kinds, identifier_values
FROM statements ANTI JOIN repeated USING (key)
"""
_RECORDS = f"({_ONCE}) UNION ALL ({_FOLDED}) ORDER BY key"

_IRREGULAR = """
SELECT count(*) FROM (
  SELECT arg_max(deleted, ordinal) FILTER (NOT partial) AS gone, max(ordinal) FILTER (NOT partial) AS since,
    min(ordinal) FILTER (partial) AS told FROM statements GROUP BY key
) WHERE gone AND told < since
"""


def is_regular(staging: Staging) -> bool:
    """Whether everything in the staging can be told as facts: no record is removed after something was added to it."""
    with staging.database() as database:
        return database.sql(_IRREGULAR).fetchall() == [(0,)]


def gather(staging: Staging, salt: bytes, at: datetime, *, blocks: bool) -> StagedFacts:
    """Take the statements of a staging together, with block strings for those who resolve them; memory stays flat,
    whatever their number."""
    facts = StagedFacts(staging, at)
    with (
        staging.database() as database,
        pq.ParquetWriter(facts.file, RECORDS, compression="zstd") as out,
    ):
        database.execute(f"CREATE TEMP TABLE repeated AS {_REPEATED}").fetchall()
        database.execute(f"CREATE TEMP TABLE telling AS {_TELLING}").fetchall()
        for batch in database.sql(_RECORDS).to_arrow_reader(_AT_ONCE):
            out.write_batch(_completed(batch, salt, blocks))
    return facts


def _completed(batch: pa.RecordBatch, salt: bytes, blocks: bool) -> pa.RecordBatch:
    """The batch with its identifiers keyed and sorted, and with block strings if wanted."""
    pairs = zip(
        *(batch.column(name).to_pylist() for name in ("identifier_kinds", "identifier_values")), strict=True
    )
    held = [_keyed(zip(kinds, values, strict=True), salt) for kinds, values in pairs]
    columns = {name: batch.column(name) for name in RECORDS.names if name in batch.schema.names}
    extras = [_merged(extras) for extras in batch.column("extras").to_pylist()]
    columns["extra"] = pa.array(extras, pa.string())
    columns["identifier_kinds"] = pa.array([[one.kind for _, one in mine] for mine in held], TEXTS)
    columns["identifier_values"] = pa.array([[one.value for _, one in mine] for mine in held], TEXTS)
    columns["identifier_keys"] = pa.array([[key for key, _ in mine] for mine in held], TEXTS)
    found = _blocks(batch, held) if blocks else [{}] * batch.num_rows
    columns |= {name: pa.array([one.get(name) for one in found], pa.string()) for name in BLOCK_COLUMNS}
    return pa.record_batch([columns[name] for name in RECORDS.names], schema=RECORDS)


def _blocks(batch: pa.RecordBatch, held: Sequence[Sequence[tuple[str, Identifier]]]) -> list[dict[str, str]]:
    kinds = map(RecordKind, batch.column("kind").to_pylist())
    return [
        block_columns(kind, attributes, [one for _, one in mine])
        for kind, attributes, mine in zip(kinds, _attributes(batch), held, strict=True)
    ]


def _attributes(batch: pa.RecordBatch) -> Iterator[dict[str, str]]:
    columns = [batch.column(name).to_pylist() for name in ATTRIBUTES]
    for values in zip(*columns, strict=True):
        yield {name: text for name, text in zip(ATTRIBUTES, values, strict=True) if text is not None}


def _keyed(pairs: Iterator[tuple[str, str]], salt: bytes) -> list[tuple[str, Identifier]]:
    found = {Identifier(kind, value) for kind, value in pairs}
    return sorted((identifier_key(one, salt), one) for one in found)


def _merged(extras: Sequence[str]) -> str:
    """Of one record's mapped values outside the vocabulary the first of each name holds."""
    if len(extras) == 1 or len(set(extras)) == 1:
        return extras[0]
    merged: dict[str, str] = {}
    for text in extras:
        merged = {**orjson.loads(text), **merged}
    return orjson.dumps(merged, option=orjson.OPT_SORT_KEYS).decode()
