"""Scores the evidence: from records and candidates to match edges, many in a process of their own, few at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow as pa

from graph.blocking import Block
from graph.neighbourhood import MatchEdge, StoredRecord
from resolution.engines import Engine
from resolution.evidence import Evidence
from resolution.features import RecordRow, feature_table, features
from resolution.model import Model
from resolution.realtime import Scorer
from resolution.scoring import score_all, score_touched

_FEW_RECORDS, _FEW_PAIRS = 1000, 20_000
"""Up to so many touched records and pairs are scored here, which takes 0.3 s; Splink needs seconds to begin."""

_AT_ONCE = 500
"""So many pairs are scored before anybody notices; for more, the event loop is left free."""


def record_row(record: StoredRecord) -> RecordRow:
    """A stored record as the scorer takes it."""
    return RecordRow(
        key=record.key,
        kind=record.kind,
        source=record.source,
        attributes=record.attributes,
        identifiers=[held.identifier for held in record.identifiers],
    )


async def match(
    evidence: Evidence, model: Model, engine: Engine = Engine.DUCKDB
) -> dict[tuple[str, str], MatchEdge]:
    """The edges, by pair, of which at least one record is touched; removed records have none."""
    live = [record for _, record in sorted(evidence.records.items()) if not record.removed]
    touched = evidence.touched & {record.key for record in live}
    if not touched:
        return {}
    if len(touched) <= _FEW_RECORDS:
        partners = _partners(live, touched, evidence)
        count = sum(map(len, partners.values()))
        if count <= _AT_ONCE:
            return _scored_here(live, partners, model)
        if count <= _FEW_PAIRS:
            return await asyncio.to_thread(_scored_here, live, partners, model)
    everything = len(touched) == len(live)
    wanted = None if everything else touched
    return await asyncio.to_thread(_scored_apart, live, wanted, evidence, model, engine)


def _scored_apart(
    live: list[StoredRecord],
    touched: frozenset[str] | None,
    evidence: Evidence,
    model: Model,
    engine: Engine,
) -> dict[tuple[str, str], MatchEdge]:
    table = _uncrowded(feature_table(map(record_row, live)), evidence.crowded)
    if touched is None:
        edges = score_all(table, model, evidence.shared, engine)
    else:
        edges = score_touched(table, touched, model, evidence.shared, engine)
    return {(edge.left, edge.right): edge for edge in edges}


def _scored_here(
    live: Iterable[StoredRecord], partners: Mapping[str, set[str]], model: Model
) -> dict[tuple[str, str], MatchEdge]:
    """The same edges without the seconds that Splink needs to begin."""
    pairs = sorted(
        {(min(key, other), max(key, other)) for key, others in partners.items() for other in others}
    )
    needed = {key for pair in pairs for key in pair}
    known = {record.key: features(record_row(record)) for record in live if record.key in needed}
    scorer = Scorer(model)
    edges = (scorer.edge(known[left], known[right]) for left, right in pairs)
    return {(edge.left, edge.right): edge for edge in edges if edge.weight >= model.floor}


def _partners(
    live: Iterable[StoredRecord], touched: frozenset[str], evidence: Evidence
) -> defaultdict[str, set[str]]:
    """For each touched record the live ones that share a block or an identifier with it."""
    known = {record.key: record for record in live}
    wanted = {block for key in touched for block in known[key].blocks.items()} - evidence.crowded
    members: defaultdict[Block, set[str]] = defaultdict(set)
    for key, record in known.items():
        for block in wanted & record.blocks.items():
            members[block].add(key)
    partners: defaultdict[str, set[str]] = defaultdict(set)
    for together in members.values():
        for key in together & touched:
            partners[key] |= together - {key}
    for left, right in evidence.shared:
        if left in known and right in known:
            partners[left].add(right)
            partners[right].add(left)
    return partners


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
