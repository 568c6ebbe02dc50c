"""Finds the profiles that a description may be of, by the same candidates, guards and model as resolution."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.attributes import clean_attributes
from graph.blocking import block_columns
from graph.candidates import block_holders, holders_of
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.neighbourhood import HeldIdentifier, MatchEdge, StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from graph.vocabulary import Outcome, RecordKind
from resolution.agreement import birth_dates_agree, names_agree
from resolution.explanation import Waterfall, probability, signed, waterfall
from resolution.identifiers import GUARDED
from resolution.matching import record_row
from resolution.model import Model, default_model
from resolution.publishing import model_in_force
from resolution.realtime import Scorer

_DESCRIPTION = "description"
_MOST_CANDIDATES = 500
_REASONS = 5
_CLOSE = 3.0
"""Profiles within so many bits of the best one are as good as it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that a description may be of, by its record `record_key`, compared as `waterfall` says.

    `weight` (log2 odds) exceeds that of the waterfall where a shared contact under a guard (`linked`) says more.
    """

    profile_id: str
    record_key: str
    weight: float
    outcome: Outcome
    waterfall: Waterfall
    linked: bool

    @property
    def probability(self) -> float:
        """The weight as a probability."""
        return probability(self.weight)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Plain reasons, the strongest first."""
        link = (f"a shared contact links them ({signed(GUARDED)})",) if self.linked else ()
        return (*link, *map(str, self.waterfall.strongest()[:_REASONS]))


async def search_profiles(
    graph: Graph, attributes: Mapping[str, str], identifiers: Sequence[Identifier], limit: int = 10
) -> list[Candidate]:
    """The likeliest profiles first, at most `limit`, none below the model's floor.

    `attributes` are as written (they are cleaned here), `identifiers` cleaned. One clear match is a MATCH;
    several that match about equally well are AMBIGUOUS, the rest is POSSIBLE.
    """
    described = _described(attributes, identifiers, graph.salt)
    model = await model_in_force(graph) or default_model()
    keys = await _candidate_keys(graph, described, model)
    records = await read_records(graph, sorted(keys)[:_MOST_CANDIDATES])
    found = {key: one for key, one in records.items() if one.profile_id and not one.removed}
    edges = await asyncio.to_thread(
        Scorer(model).score, record_row(described), map(record_row, found.values())
    )
    return _ranked(described, found, edges, model)[:limit]


def _described(attributes: Mapping[str, str], identifiers: Sequence[Identifier], salt: bytes) -> StoredRecord:
    """The description as if it were a record."""
    cleaned = clean_attributes(attributes).attributes
    kind = RecordKind.ORGANISATION if cleaned.get("organisation_name") else RecordKind.PERSON
    held = tuple(HeldIdentifier(identifier_key(one, salt), one) for one in identifiers)
    blocks = block_columns(kind, cleaned, identifiers)
    now = datetime.now(UTC)
    return StoredRecord(_DESCRIPTION, _DESCRIPTION, kind, now, now, cleaned, held, blocks)


async def _candidate_keys(graph: Graph, described: StoredRecord, model: Model) -> set[str]:
    """Records in a block with the description that is not crowded, and holders of its identifiers."""
    blocks = await block_holders(graph, [described], model.block_limit)
    keys = {key for found in blocks.values() if len(found) <= model.block_limit for key in found}
    held = [one.key for one in described.identifiers]
    return keys | await holders_of(graph, held, _MOST_CANDIDATES)


def _ranked(
    described: StoredRecord, records: Mapping[str, StoredRecord], edges: Iterable[MatchEdge], model: Model
) -> list[Candidate]:
    best: dict[str, tuple[float, StoredRecord, MatchEdge]] = {}
    for edge in edges:
        record = records[edge.left if edge.right == _DESCRIPTION else edge.right]
        weight = max(edge.weight, GUARDED) if _shares_a_guarded_contact(described, record) else edge.weight
        home = record.profile_id or ""
        if weight >= model.floor and (home not in best or best[home][0] < weight):
            best[home] = (weight, record, edge)
    ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    top = ordered[0][1][0] if ordered else 0.0
    rivals = sum(weight >= max(model.match, top - _CLOSE) for weight, _, _ in best.values())
    return [
        Candidate(
            profile_id=home,
            record_key=record.key,
            weight=weight,
            outcome=_outcome(weight, top, rivals, model),
            waterfall=waterfall(model, described, record, edge.gammas),
            linked=weight > edge.weight,
        )
        for home, (weight, record, edge) in ordered
    ]


def _outcome(weight: float, top: float, rivals: int, model: Model) -> Outcome:
    if weight < model.match or weight < top - _CLOSE:
        return Outcome.POSSIBLE
    return Outcome.MATCH if rivals == 1 else Outcome.AMBIGUOUS


def _shares_a_guarded_contact(one: StoredRecord, other: StoredRecord) -> bool:
    """Whether both hold a linking identifier and agree on a name or birth date: what joins records, finds them."""
    shared = {held.key for held in one.identifiers} & {
        held.key for held in other.identifiers if held.state == "linking"
    }
    names = names_agree(one.attributes, other.attributes)
    dates = birth_dates_agree(one.attributes, other.attributes)
    return bool(shared) and names is not False and dates is not False and bool(names or dates)
