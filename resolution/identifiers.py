"""What shared identifiers say: each one's state from its holders, and the links it makes between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from graph.facts import Identifier
from graph.identifiers import placeholder_reason
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass, IdentifierState, RecordKind
from resolution.agreement import birth_dates_agree, names_agree
from resolution.clustering import Pair, components
from resolution.kinds import Kind

CERTAIN = 30.0
"""Weight (log2 odds) of a link by a unique identifier or a login."""
GUARDED = 10.0
"""Weight of a shared contact whose holders agree on the given name or the birth date."""
UNGUARDED = 6.0
"""Weight of a shared e-mail where one holder has neither, and the named holders are one person's names."""
PERSONAL = "email"
"""The contact that relatives share least: what else joins a record without a name is for the model to weigh."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of an identifier, and why it does not link if it does not."""

    state: IdentifierState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """An identifier and its holders, sorted by key; `count` exceeds them when they are too many to be read."""

    key: str
    identifier: Identifier
    kind: Kind
    records: Sequence[StoredRecord]
    count: int

    @property
    def identifier_class(self) -> IdentifierClass:
        """The class of the identifier's kind."""
        return self.kind.identifier_class


def standing(holders: Holders) -> Standing:
    """Whether the identifier may link: not blocked, not on too many records, not of too many people."""
    reason = placeholder_reason(holders.identifier)
    if reason:
        return Standing(IdentifierState.BLOCKED, reason)
    if holders.kind.blocks(holders.identifier.value):
        return Standing(IdentifierState.BLOCKED, "on the block list")
    if holders.count > holders.kind.holders:
        return Standing(IdentifierState.DEMOTED, "too many holders")
    if holders.identifier_class is not IdentifierClass.DEVICE and len(holders.records) > holders.kind.names:
        groups = _name_groups(holders.records)
        if len(groups) > holders.kind.names:
            return Standing(IdentifierState.DEMOTED, "too many distinct names")
    return Standing(IdentifierState.LINKING)


def links(holders: Holders, claimed: frozenset[str]) -> Iterator[tuple[Pair, float]]:
    """The pairs of holders that a linking identifier joins, with weights; contacts of `claimed` sources join nobody."""
    if len(holders.records) < 2:
        return
    if holders.identifier_class in (IdentifierClass.UNIQUE, IdentifierClass.LOGIN):
        for left, right in combinations(holders.records, 2):
            yield (left.key, right.key), CERTAIN
    elif holders.identifier_class is IdentifierClass.CONTACT:
        trusted = [record for record in holders.records if record.source not in claimed]
        yield from _contact_links(trusted, personal=holders.identifier.kind == PERSONAL)


def _contact_links(records: Sequence[StoredRecord], *, personal: bool) -> Iterator[tuple[Pair, float]]:
    one_person = personal and len(_name_groups(records)) <= 1
    for left, right in combinations(records, 2):
        weight = _contact_weight(left, right, one_person)
        if weight is not None:
            yield (left.key, right.key), weight


def _contact_weight(left: StoredRecord, right: StoredRecord, one_person: bool) -> float | None:
    """The weight of one shared contact: an agreeing name or birth date guards it, a disagreeing one forbids it."""
    if RecordKind.ORGANISATION in (left.kind, right.kind) and left.kind != right.kind:
        return None
    names = names_agree(left.attributes, right.attributes)
    dates = birth_dates_agree(left.attributes, right.attributes)
    if names is False or dates is False or _genders_differ(left, right):
        return None
    if names or dates:
        return GUARDED
    return UNGUARDED if one_person else None


def _genders_differ(left: StoredRecord, right: StoredRecord) -> bool:
    genders = {record.attributes.get("gender") for record in (left, right)} - {None}
    return len(genders) > 1


def _name_groups(records: Sequence[StoredRecord]) -> list[list[str]]:
    """The named holders in groups of compatible names: how many people seem to use this identifier."""
    named = {
        record.key: record.attributes
        for record in records
        if record.attributes.get("given_name") or record.attributes.get("organisation_name")
    }
    keys = sorted(named)
    pairs = [
        (left, right)
        for left, right in combinations(keys, 2)
        if names_agree(named[left], named[right]) is not False
        and birth_dates_agree(named[left], named[right]) is not False
    ]
    return components(keys, pairs)
