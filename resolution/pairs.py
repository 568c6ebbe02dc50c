"""Why two records are, or are not, taken for one: their numbers, where they meet, and what forbids it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graph.candidates import block_holders
from graph.clusters import member_keys
from graph.conflicts import Conflict, conflicts_of
from graph.errors import ConfigurationError, InputError, NotFoundError
from graph.judgements import StoredJudgement, judgements_around
from graph.neighbourhood import StoredRecord
from graph.shared_identifiers import StoredShare, shared_identifiers
from graph.stored_records import read_records
from graph.transactions import Graph
from graph.vocabulary import IdentifierClass, IdentifierState, Outcome
from resolution.clustering import AMBIGUOUS
from resolution.configuration import Configuration
from resolution.constraints import Constraints
from resolution.explanation import Waterfall, waterfall
from resolution.identifiers import Holders, Standing
from resolution.matching import record_row
from resolution.meeting import SharedBlock, SharedIdentifier, shared_blocks, shared_identifier
from resolution.model import Model
from resolution.publishing import configuration_in_force, model_in_force
from resolution.realtime import Scorer
from resolution.settings import ResolutionSettings
from resolution.verdicts import verdicts


@dataclass(frozen=True, slots=True)
class PairExplanation:
    """All that decides about two records, under the published model.

    `blocks` and `identifiers` are what both have; `objections` say why the two alone may not be one, `conflicts` what
    refused to merge their profiles; `judgements` name one of the two and stand.
    """

    left: StoredRecord
    right: StoredRecord
    model: Model
    waterfall: Waterfall
    blocks: tuple[SharedBlock, ...]
    identifiers: tuple[SharedIdentifier, ...]
    objections: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    judgements: tuple[StoredJudgement, ...]
    judged_same: bool

    @property
    def compared(self) -> bool:
        """Whether a resolve compares the two: neither is removed, and they meet somewhere that is not crowded."""
        if self.left.removed or self.right.removed:
            return False
        return any(not one.crowded for one in self.blocks) or any(one.meets for one in self.identifiers)

    @property
    def link(self) -> float | None:
        """The heaviest link by identifier, log2 odds."""
        return max((one.weight for one in self.identifiers if one.weight is not None), default=None)

    @property
    def counted(self) -> float | None:
        """The weight that clustering counts for the pair: the heavier of model and link, None when it has neither."""
        known = [self.waterfall.weight] if self.compared else []
        return max([*known, *([] if self.link is None else [self.link])], default=None)

    @property
    def together(self) -> bool:
        """Whether both are in one profile today."""
        return self.left.profile_id is not None and self.left.profile_id == self.right.profile_id

    @property
    def pending(self) -> bool:
        """Whether one of the two waits to be resolved."""
        return self.left.pending or self.right.pending

    @property
    def outcome(self) -> Outcome:
        """What the two alone come to; other records of their profiles may decide otherwise."""
        if self.judged_same:
            return Outcome.MATCH
        if self.objections or self.counted is None:
            return Outcome.NO_MATCH
        if self.counted >= self.model.match:
            torn = any(one.reason == AMBIGUOUS for one in self.conflicts)
            return Outcome.AMBIGUOUS if torn else Outcome.MATCH
        return Outcome.POSSIBLE if self.counted >= self.model.possible else Outcome.NO_MATCH


async def why_records(graph: Graph, left: str, right: str, settings: ResolutionSettings) -> PairExplanation:
    """Why the records under the keys `left` and `right` are, or are not, taken for one.

    Raises NotFoundError for an unknown key, InputError for one and the same, ConfigurationError before the first
    resolve.
    """
    if left == right:
        raise InputError("The two keys are the same: a record is always one with itself.")
    model = await model_in_force(graph)
    if model is None:
        raise ConfigurationError("No model is published yet: run `onefold resolve` first.")
    configuration, _ = await configuration_in_force(graph, model, settings)
    records = await read_records(graph, [left, right])
    for side, key in (("left", left), ("right", right)):
        if key not in records:
            raise NotFoundError(f"There is no source record under the {side} key.")
    pair = records[left], records[right]
    return await _explained(graph, pair, model, configuration)


async def _explained(
    graph: Graph, pair: tuple[StoredRecord, StoredRecord], model: Model, configuration: Configuration
) -> PairExplanation:
    left, right = pair
    [edge] = Scorer(model).score(record_row(left), [record_row(right)])
    judgements = await judgements_around(graph, [left.key, right.key])
    obeyed = verdicts(judgements, {left.key, right.key})
    constraints = Constraints(
        records={left.key: left, right.key: right},
        apart=obeyed.apart,
        once=configuration.once,
        kinds=configuration.settings.kinds,
        locked=obeyed.locked,
    )
    objections = constraints.objections(constraints.of([left.key]), constraints.of([right.key]))
    naming = [one for one in judgements if {left.key, right.key} & set(one.pair)]
    return PairExplanation(
        left=left,
        right=right,
        model=model,
        waterfall=waterfall(model, left, right, edge.gammas),
        blocks=await _blocks(graph, left, right, model.block_limit),
        identifiers=await _identifiers(graph, pair, configuration),
        objections=tuple(dict.fromkeys(one.reason for one in objections)),
        conflicts=await _conflicts(graph, left, right),
        judgements=tuple(naming),
        judged_same=bool(obeyed.together),
    )


async def _blocks(
    graph: Graph, left: StoredRecord, right: StoredRecord, limit: int
) -> tuple[SharedBlock, ...]:
    both = replace(left, blocks=dict(sorted(left.blocks.items() & right.blocks.items())))
    return shared_blocks(left, right, await block_holders(graph, [both], limit), limit)


async def _identifiers(
    graph: Graph, pair: tuple[StoredRecord, StoredRecord], configuration: Configuration
) -> tuple[SharedIdentifier, ...]:
    kinds = configuration.settings.kinds
    shared = await shared_identifiers(graph, pair[0].key, pair[1].key, kinds.most_holders)
    contacts = [
        one for one in shared if kinds[one.identifier.kind].identifier_class is IdentifierClass.CONTACT
    ]
    asked = {key for one in contacts if one.state is IdentifierState.LINKING for key in one.holder_keys}
    records = {one.key: one for one in pair} | await read_records(graph, asked - {one.key for one in pair})
    return tuple(
        shared_identifier(
            _holders(one, records, configuration),
            Standing(one.state, one.reason),
            pair,
            configuration.claimed,
        )
        for one in shared
    )


def _holders(
    share: StoredShare, records: Mapping[str, StoredRecord], configuration: Configuration
) -> Holders:
    """The holders that were read; of contacts that link these are all."""
    found = [records[key] for key in sorted(share.holder_keys) if key in records]
    kind = configuration.settings.kinds[share.identifier.kind]
    return Holders(share.key, share.identifier, kind, found, share.holder_count)


async def _conflicts(graph: Graph, left: StoredRecord, right: StoredRecord) -> tuple[Conflict, ...]:
    """The refused merges between the two profiles."""
    homes = [one.profile_id for one in (left, right) if one.profile_id]
    if len(set(homes)) < 2:
        return ()
    members = await member_keys(graph, homes)
    one, other = (frozenset(members.get(home, ())) for home in homes)
    found = await conflicts_of(graph, min(one, other, key=len))
    return tuple(_between(found, one, other))


def _between(found: Iterable[Conflict], one: frozenset[str], other: frozenset[str]) -> Iterable[Conflict]:
    return (
        conflict
        for conflict in found
        if (conflict.left in one and conflict.right in other)
        or (conflict.left in other and conflict.right in one)
    )
