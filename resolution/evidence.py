"""Gathers what one resolve has to look at: the touched records, their candidates, and the edges between them."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from graph.blocking import Block
from graph.candidates import meeting
from graph.neighbourhood import Reach, StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.kinds import Kinds


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


NOTHING = Evidence({}, frozenset(), frozenset(), frozenset())


def whole(records: Mapping[str, StoredRecord], block_limit: int, kinds: Kinds, *, full: bool) -> Evidence:
    """Of all records: `touched` are all of them when `full`, else the pending and those whose block they crowd."""
    live = [record for record in records.values() if not record.removed]
    sizes = Counter(block for record in live for block in record.blocks.items())
    crowded = frozenset(block for block, size in sizes.items() if size > block_limit)
    pending = frozenset(key for key, record in records.items() if record.pending)
    if full:
        touched = frozenset(records)
    else:
        turned = _turned(sizes, _Moves([records[key] for key in pending]), block_limit)
        touched = pending | {record.key for record in live if turned & set(record.blocks.items())}
    return Evidence(records, touched, crowded, frozenset(_co_holders(live, touched, kinds)))


async def local(
    graph: Graph, changed: Mapping[str, StoredRecord], block_limit: int, reach: Reach
) -> Evidence:
    """The `changed` records, those whose block they crowd or leave uncrowded, and every candidate of either."""
    moves = _Moves(changed.values())
    met = await meeting(graph, changed.values(), block_limit + len(changed), reach)
    holders = {
        block: (set(met.holders.get(block, ())) - changed.keys()) | moves.there.get(block, set())
        for block in met.holders.keys() | moves.there.keys()
    }
    turned = _turned({block: len(keys) for block, keys in holders.items()}, moves, block_limit)
    touched = frozenset(changed).union(*(holders.get(block, ()) for block in turned))
    records, shared = met.records | dict(changed), met.shared
    if newly := touched - changed.keys():
        records |= await read_records(graph, newly - records.keys())
        more = await meeting(graph, [records[key] for key in sorted(newly)], block_limit, reach)
        holders = {block: set(keys) for block, keys in more.holders.items()} | holders
        records, shared = more.records | records, shared | more.shared
    crowded = frozenset(block for block, keys in holders.items() if len(keys) > block_limit)
    near = {block for key in touched if not records[key].removed for block in records[key].blocks.items()}
    wanted = touched.union(*(holders[block] for block in near - crowded), (other for _, other in shared))
    records |= await read_records(graph, wanted - records.keys())
    return Evidence(
        {key: records[key] for key in wanted & records.keys()}, touched, crowded, frozenset(shared)
    )


class _Moves:
    """What changed records did to blocks: who of them is in each now, and by how many it has grown."""

    def __init__(self, changed: Iterable[StoredRecord]) -> None:
        self.there: defaultdict[Block, set[str]] = defaultdict(set)
        self.grown: Counter[Block] = Counter()
        for record in changed:
            blocks = set[Block]() if record.removed else set(record.blocks.items())
            before = set(record.compared.items())
            for block in blocks:
                self.there[block].add(record.key)
            self.grown.update(blocks - before)
            self.grown.subtract(before - blocks)


def _turned(sizes: Mapping[Block, int], moves: _Moves, limit: int) -> frozenset[Block]:
    """The blocks that the moves pushed over the limit, or brought back under it."""
    return frozenset(
        block
        for block, grown in moves.grown.items()
        if (sizes.get(block, 0) - grown > limit) != (sizes.get(block, 0) > limit)
    )


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
