"""What a decision changes in the graph, as plain values: memberships, profiles, states, events and match edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.conflicts import Conflict
from graph.ledger import IdentityEvent
from graph.neighbourhood import MatchEdge, Slice, StoredRecord
from graph.vocabulary import RecordKind


@dataclass(frozen=True, slots=True)
class ProfileState:
    """A profile as it shall be: `values` are its golden attributes, `golden` their provenance as JSON text."""

    id: str
    kind: RecordKind
    record_count: int
    values: Mapping[str, str]
    golden: str
    digest: str


@dataclass(frozen=True, slots=True)
class EdgeDifference:
    """Match edges to write, and the pairs whose edge is no longer one; `model` scored them."""

    model: str
    written: Sequence[MatchEdge] = ()
    dropped: Sequence[tuple[str, str]] = ()


NO_EDGES = EdgeDifference("")
"""No match edge to write."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a decision changes; writing it twice changes nothing more.

    `joined`, `left` and `handed_over` are (record key, profile id); `states` are (identifier key, state, reason).
    `opened` and `closed` are (record key, slice): all that changes of a record whose history is divided between
    profiles, before or afterwards. `joined` and `left` then tell where its earliest slice moves.
    The pending mark of `settled` records is cleared; `conflicts` arose or changed, `dissolved` ones are none any more.
    """

    settled: Sequence[StoredRecord] = ()
    joined: Sequence[tuple[str, str]] = ()
    left: Sequence[tuple[str, str]] = ()
    opened: Sequence[tuple[str, Slice]] = ()
    closed: Sequence[tuple[str, Slice]] = ()
    profiles: Sequence[ProfileState] = ()
    retired: Sequence[str] = ()
    handed_over: Sequence[tuple[str, str]] = ()
    states: Sequence[tuple[str, str, str | None]] = ()
    conflicts: Sequence[Conflict] = ()
    dissolved: Sequence[Conflict] = ()
    events: Sequence[IdentityEvent] = ()
