"""What was resolved of staged records as the offline importer's input: profiles, memberships, edges and the ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graph.changes import FIRST_NUMBER
from graph.difference import Difference, ProfileState
from graph.import_files import ImportFiles, Sheet
from graph.models import PublishedModel
from graph.nearness import household
from graph.neighbourhood import MatchEdge
from graph.vocabulary import ATTRIBUTES

_GOLDEN = (*ATTRIBUTES, "email", "phone")


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What was resolved of all records of an empty graph: the model to publish, the digest of the configuration that
    was applied, and in turn match edges and differences, which together settle every record."""

    model: PublishedModel
    configuration: str
    edges: Callable[[], Iterator[MatchEdge]]
    differences: Callable[[], Iterator[Difference]]


def write_beliefs(beliefs: Beliefs, files: ImportFiles, at: datetime) -> Path:
    """Write nodes and relationships of the beliefs; answers the Parquet file of (key, state, reason) of identifiers
    whose state is not the usual one."""
    with Sheet(files.relationships("MATCHES"), _EDGE) as edges:
        for edge in beliefs.edges():
            edges.add(
                edge.left, edge.right, edge.probability, edge.weight, edge.gammas, beliefs.model.version
            )
    states = files.folder / "states.parquet"
    with ExitStack() as stack:
        sheets = _Sheets(
            profiles=stack.enter_context(Sheet(files.nodes("Profile", "Due", "ReviewDue"), _PROFILE)),
            events=stack.enter_context(Sheet(files.nodes("IdentityEvent"), _EVENT)),
            conflicts=stack.enter_context(Sheet(files.nodes("Conflict"), _CONFLICT)),
            memberships=stack.enter_context(Sheet(files.relationships("RESOLVES_TO"), _MEMBERSHIP)),
            states=stack.enter_context(Sheet(states, ("key", "state", "reason"))),
        )
        for difference in beliefs.differences():
            sheets.add(difference, at)
    model = beliefs.model
    properties = {
        "version": model.version, "document": model.document, "published_at": model.published_at, "cause": model.cause
    }  # fmt: skip
    counter = {"id": "changes", "number": FIRST_NUMBER}
    files.write([(("ModelVersion",), properties), (("ChangeCounter",), counter)])
    return states


_EDGE = (":START_ID(SourceRecord)", ":END_ID(SourceRecord)", "probability:double", "weight:double", "gammas:long[]",
         "model")  # fmt: skip
_MEMBERSHIP = (":START_ID(SourceRecord)", ":END_ID(Profile)", "since:datetime", "valid_from:datetime",
               "valid_until:datetime")  # fmt: skip
_PROFILE = ("id:ID(Profile)", "kind", "record_count:long", "golden", "digest", "created_at:datetime",
            "updated_at:datetime", "changed_in:long", "household", *_GOLDEN)  # fmt: skip
_EVENT = ("id:ID(IdentityEvent)", "profile_id", "change", "cause", "related:string[]", "record_keys:string[]", "model",
          "at:datetime", "changed_in:long")  # fmt: skip
_CONFLICT = ("key:ID(Conflict)", "left", "right", "weight:double", "reason", "at:datetime")


@dataclass(frozen=True, slots=True)
class _Sheets:
    profiles: Sheet
    events: Sheet
    conflicts: Sheet
    memberships: Sheet
    states: Sheet

    def add(self, difference: Difference, at: datetime) -> None:
        divided = {key for key, _ in difference.opened}
        for key, profile_id in difference.joined:
            if key not in divided:
                self.memberships.add(key, profile_id, at, None, None)
        for key, part in difference.opened:
            self.memberships.add(key, part.profile_id, at, part.valid_from, part.valid_until)
        for profile in difference.profiles:
            self.profiles.add(*_profile(profile, at))
        for one in difference.events:
            told = (one.id, one.profile_id, one.change.value, one.cause)
            self.events.add(*told, one.related, one.record_keys, one.model, at, FIRST_NUMBER)
        for conflict in difference.conflicts:
            said = (conflict.left, conflict.right, conflict.weight, conflict.reason)
            self.conflicts.add(conflict.key, *said, at)
        for state in difference.states:
            self.states.add(*state)


def _profile(profile: ProfileState, at: datetime) -> Sequence[object]:
    if unknown := profile.values.keys() - set(_GOLDEN):
        raise ValueError(f"A profile has no {', '.join(sorted(unknown))}.")
    first = (profile.id, profile.kind.value, profile.record_count, profile.golden, profile.digest, at, at)
    return (*first, FIRST_NUMBER, household(profile.kind, profile.values), *map(profile.values.get, _GOLDEN))
