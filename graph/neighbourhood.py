"""What resolution reads of the graph: stored records with their identifiers, links and memberships."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from graph.conflicts import Conflict
from graph.facts import Identifier
from graph.logins import Devices, Login, Logins
from graph.pins import Pin
from graph.vocabulary import RecordKind, Verdict


@dataclass(frozen=True, slots=True)
class HeldIdentifier:
    """An identifier as a record holds it: its key in the graph, its cleaned kind and value, its state and why it does
    not link, and since when the record holds it (seconds since 1970, UTC)."""

    key: str
    identifier: Identifier
    state: str = "linking"
    reason: str | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a record's history that is of one profile: from `valid_from` (None: ever since) to before `valid_until`
    (None: ever after), UTC."""

    profile_id: str
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A source record as resolution sees it.

    `blocks` are the block strings that its values give, `compared` those that it was compared under last.
    `verified` names the mapped attributes and identifier kinds that its source has checked,
    `carried_id` is the profile id that a founder which is gone handed over to it; `profile_id` is its open
    membership, of several the one of its earliest slice; `slices` are all parts of its history, in the order of time,
    where it is divided; `updated_at` is compared again before its pending mark is cleared. Date-times are UTC.
    """

    key: str
    source: str
    kind: RecordKind
    accepted_at: datetime
    updated_at: datetime
    attributes: Mapping[str, str]
    identifiers: tuple[HeldIdentifier, ...] = ()
    blocks: Mapping[str, str] = field(default_factory=dict[str, str])
    compared: Mapping[str, str] = field(default_factory=dict[str, str])
    observed_at: datetime | None = None
    removed: bool = False
    pending: bool = False
    carried_id: str | None = None
    profile_id: str | None = None
    verified: frozenset[str] = frozenset()
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchEdge:
    """A scored pair of records, `left` < `right`; `weight` is log2 odds, `gammas` the comparison levels."""

    left: str
    right: str
    probability: float
    weight: float
    gammas: tuple[int, ...] = ()


Weights = Mapping[tuple[str, str], float]
"""The weight of each pair of records that has an edge, smaller key first."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A steward's verdict on a pair, `left` < `right`.

    `locked`: the person they are takes in and gives up records by judgements only; `left` may then equal `right`.
    """

    left: str
    right: str
    verdict: Verdict
    locked: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Both keys."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Records that are closed under links, memberships and judgements, with all that decides about them.

    `holder_counts` has the identifiers (by key) that more records hold than `records` shows; `profiles` maps the
    id of each current profile to the digest of its golden record; `conflicts` are those stored,
    `pins` those that stand; `logins` tell who was logged in on the devices that several people use.
    """

    records: Mapping[str, StoredRecord]
    weights: Weights = field(default_factory=dict[tuple[str, str], float])
    judgements: Sequence[Judgement] = ()
    holder_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    profiles: Mapping[str, str] = field(default_factory=dict[str, str])
    conflicts: Sequence[Conflict] = ()
    pins: Sequence[Pin] = ()
    logins: Logins = field(default_factory=dict[Devices, tuple[Login, ...]])


@dataclass(frozen=True, slots=True)
class Reach:
    """What leads from one record to the next: edges of at least `floor`, and identifiers with at most
    `holders[kind]` holders (`others` for a kind not listed)."""

    floor: float
    holders: Mapping[str, int]
    others: int
