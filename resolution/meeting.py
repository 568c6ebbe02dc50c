"""Where two records meet: the blocks and identifiers they share, and what comes of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.facts import Identifier
from graph.neighbourhood import StoredRecord
from graph.vocabulary import IdentifierClass, IdentifierState, RecordKind
from resolution.agreement import birth_dates_agree, names_agree
from resolution.identifiers import Holders, Standing, links

BLOCK_NAMES: Mapping[str, str] = {
    "block_name": "given name and surname",
    "block_sounds": "sounds of given name and surname",
    "block_surname": "surname",
    "block_birth": "birth date",
    "block_birth_given": "birth date and initial",
    "block_name_year": "surname, initial and birth year",
    "block_surname_year": "surname and birth year",
    "block_given_month": "given name and birth month",
    "block_address": "house, street and initial",
    "block_postcode": "postcode",
    "block_postcode_surname": "postcode and surname",
    "block_postcode_given": "postcode and given name",
    "block_place_surname": "place and surname",
    "block_place_given": "place and given name",
    "block_place_month": "place and birth month",
    "block_mailbox": "name of the mailbox",
    "block_phone_tail": "end of the phone number and initial",
}
"""What the records of a block have in common, by the rule's column."""


@dataclass(frozen=True, slots=True)
class SharedBlock:
    """A block that both records are in; one that is `crowded` is not compared."""

    rule: str
    value: str
    crowded: bool

    @property
    def name(self) -> str:
        """What its records have in common."""
        return BLOCK_NAMES[self.rule]


@dataclass(frozen=True, slots=True)
class SharedIdentifier:
    """An identifier that both records hold: the `weight` (log2 odds) with which it links them, or `why_not`.

    `meets` says whether it makes them candidates of one another; one on too many records does not.
    """

    key: str
    identifier: Identifier
    state: IdentifierState
    holder_count: int
    meets: bool
    weight: float | None
    why_not: str | None

    @property
    def name(self) -> str:
        """Its kind in words."""
        return self.identifier.kind.replace("_", " ")


def shared_blocks(
    left: StoredRecord, right: StoredRecord, holders: Mapping[tuple[str, str], Collection[str]], limit: int
) -> tuple[SharedBlock, ...]:
    """The blocks of both; `holders` has the records of each, of which a block may have `limit`."""
    both = sorted(left.blocks.items() & right.blocks.items())
    return tuple(SharedBlock(*block, crowded=len(holders.get(block, ())) > limit) for block in both)


def shared_identifier(
    holders: Holders,
    standing: Standing,
    pair: tuple[StoredRecord, StoredRecord],
    claimed: frozenset[str],
) -> SharedIdentifier:
    """What comes of an identifier with this standing between two of its holders."""
    weight = None
    if standing.state is IdentifierState.LINKING:
        wanted = {pair[0].key, pair[1].key}
        weight = next((bits for keys, bits in links(holders, claimed) if wanted == set(keys)), None)
    return SharedIdentifier(
        key=holders.key,
        identifier=holders.identifier,
        state=standing.state,
        holder_count=holders.count,
        meets=holders.count <= holders.kind.holders,
        weight=weight,
        why_not=None if weight is not None else next(_obstacles(holders, standing, pair, claimed)),
    )


def _obstacles(
    holders: Holders, standing: Standing, pair: Sequence[StoredRecord], claimed: frozenset[str]
) -> Iterator[str]:
    """Why an identifier does not link two of its holders, the decisive reason first."""
    left, right = pair
    if standing.state is not IdentifierState.LINKING:
        yield f"it is {standing.state}: {standing.reason or 'it does not link its holders'}"
    if holders.identifier_class is IdentifierClass.DEVICE:
        yield "a device joins visitors to the one person known on it, and never people"
    yield from (f"the source {one.source} only claims its contacts" for one in pair if one.source in claimed)
    if RecordKind.ORGANISATION in (left.kind, right.kind) and left.kind != right.kind:
        yield "a person and an organisation are never one"
    if names_agree(left.attributes, right.attributes) is False:
        yield "the given names disagree"
    if birth_dates_agree(left.attributes, right.attributes) is False:
        yield "the birth dates disagree"
    yield "neither given name nor birth date can be compared, and several people use it"
