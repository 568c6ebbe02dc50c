"""Gathers what one resolve has to look at: the touched records, their candidates, and the edges between them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from graph.candidates import block_holders, co_holders
from graph.neighbourhood import StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.kinds import Kinds

Block = tuple[str, str]
"""A block column and a value of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is to be compared.

    `touched` are the keys whose edges are scored anew, `crowded` the blocks that too many records share to be
    compared within, `shared` the pairs that hold an identifier in common, at least one of each touched.
    """

    records: Mapping[str, StoredRecord]
    touched: frozenset[str]
    crowded: frozenset[Block]
    shared: frozenset[tuple[str, str]]


def whole(records: Mapping[str, StoredRecord], block_limit: int, kinds: Kinds, *, full: bool) -> Evidence:
    """Of all records: `touched` are all of them when `full`, else the pending and those whose block they crowd."""
    live = [record for record in records.values() if not record.removed]
    sizes = Counter(block for record in live for block in record.blocks.items())
    crowded = frozenset(block for block, size in sizes.items() if size > block_limit)
    pending = frozenset(key for key, record in records.items() if record.pending)
    if full:
        touched = frozenset(records)
    else:
        turned = _turned(sizes, [records[key] for key in pending], block_limit)
        touched = pending | {record.key for record in live if turned & set(record.blocks.items())}
    return Evidence(records, touched, crowded, frozenset(_co_holders(live, touched, kinds)))


async def local(graph: Graph, pending: Collection[str], block_limit: int, kinds: Kinds) -> Evidence:
    """The `pending` records, those whose block they crowd, and every candidate of either."""
    records = await read_records(graph, pending)
    enough = block_limit + len(records)
    holders = await block_holders(graph, records.values(), enough)
    sizes = Counter({block: len(keys) for block, keys in holders.items()})
    turned = _turned(sizes, list(records.values()), block_limit)
    touched = frozenset(records).union(*(holders[block] for block in turned if len(holders[block]) <= enough))
    newly = touched - records.keys()
    if newly:
        records |= await read_records(graph, newly)
        holders |= await block_holders(graph, (records[key] for key in newly), block_limit)
    crowded = frozenset(block for block, keys in holders.items() if len(keys) > block_limit)
    shared = await co_holders(graph, touched, kinds.holders, kinds.other_holders)
    wanted = {key for block, keys in holders.items() if block not in crowded for key in keys}
    wanted |= {other for _, other in shared}
    records |= await read_records(graph, wanted - records.keys())
    return Evidence(records, touched, crowded, frozenset(shared))


def _turned(sizes: Mapping[Block, int], pending: Iterable[StoredRecord], limit: int) -> frozenset[Block]:
    """The blocks that the pending records may have pushed over the limit, or brought back under it."""
    arrived, gone = Counter[Block](), Counter[Block]()
    for record in pending:
        (gone if record.removed else arrived).update(record.blocks.items())
    over = {block for block, count in arrived.items() if sizes[block] - count <= limit < sizes[block]}
    under = {block for block, count in gone.items() if sizes[block] <= limit < sizes[block] + count}
    return frozenset(over | under)


def _co_holders(
    live: Iterable[StoredRecord], touched: Collection[str], kinds: Kinds
) -> Iterable[tuple[str, str]]:
    """Pairs of records that share an identifier which is not on too many of them."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    kind: dict[str, str] = {}
    for record in live:
        for held in record.identifiers:
            holders[held.key].append(record.key)
            kind[held.key] = held.identifier.kind
    for key, keys in holders.items():
        if 1 < len(keys) <= kinds[kind[key]].holders:
            for left, right in combinations(sorted(keys), 2):
                if left in touched or right in touched:
                    yield left, right
