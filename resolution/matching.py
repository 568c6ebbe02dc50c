"""Scores the evidence: from records and candidates to match edges, in a process of its own."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from graph.neighbourhood import MatchEdge, StoredRecord
from resolution.evidence import Block, Evidence
from resolution.features import RecordRow, feature_table
from resolution.model import Model
from resolution.scoring import score_all, score_touched


def record_row(record: StoredRecord) -> RecordRow:
    """A stored record as the scorer takes it."""
    return RecordRow(
        key=record.key,
        kind=record.kind,
        source=record.source,
        attributes=record.attributes,
        identifiers=[held.identifier for held in record.identifiers],
    )


async def match(evidence: Evidence, model: Model) -> dict[tuple[str, str], MatchEdge]:
    """The edges, by pair, of which at least one record is touched; removed records have none."""
    live = [record for _, record in sorted(evidence.records.items()) if not record.removed]
    touched = evidence.touched & {record.key for record in live}
    if not touched:
        return {}
    everything = len(touched) == len(live)
    return await asyncio.to_thread(_scored, live, None if everything else touched, evidence, model)


def _scored(
    live: list[StoredRecord], touched: frozenset[str] | None, evidence: Evidence, model: Model
) -> dict[tuple[str, str], MatchEdge]:
    table = _uncrowded(feature_table(map(record_row, live)), evidence.crowded)
    if touched is None:
        edges = score_all(table, model, extra_pairs=evidence.shared)
    else:
        edges = score_touched(table, touched, model, extra_pairs=evidence.shared)
    return {(edge.left, edge.right): edge for edge in edges}


def _uncrowded(table: pa.Table, crowded: Iterable[Block]) -> pa.Table:
    """The table without the blocks that too many records share, seen in the whole graph and not just here."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for column, value in crowded:
        values[column].append(value)
    for column, blank in values.items():
        unwanted = frozenset(blank)
        kept = pa.array([None if one in unwanted else one for one in table[column].to_pylist()], pa.string())
        table = table.set_column(table.schema.get_field_index(column), column, kept)
    return table
