"""Why a record is in its profile: what holds it to the founder, and what would have to be wrong for it to leave."""

import asyncio
from dataclasses import dataclass

from graph.errors import NotFoundError
from graph.neighbourhood import Slice
from graph.stored_records import read_records
from graph.transactions import Graph
from resolution.assembly import staleness
from resolution.replay import Replay, replay
from resolution.settings import ResolutionSettings
from resolution.tie_graph import TieGraph
from resolution.ties import Tie


@dataclass(frozen=True, slots=True)
class Belonging:
    """A record's hold on its profile.

    `path` leads from the record to `anchor` (the founder; for the founder itself the next oldest record) by ties of
    which the weakest is as strong as can be; `bridges` are the ties on it that nothing could replace. `cut` is the
    lightest set of ties that would have to be wrong for the record and the others of `leaving` to come loose.
    """

    replay: Replay
    record_key: str
    anchor: str
    path: tuple[Tie, ...]
    bridges: tuple[Tie, ...]
    cut: tuple[Tie, ...]
    leaving: tuple[str, ...]

    @property
    def weakest(self) -> Tie | None:
        """The weakest tie of the path."""
        return min(self.path, key=lambda tie: tie.strength, default=None)

    @property
    def sentence(self) -> str:
        """The whole in plain words."""
        return f"{self._held()}{self._loose()}{self._divided()}{staleness(self.replay)}"

    @property
    def slices(self) -> tuple[Slice, ...]:
        """Whose the record's history is by turns, where several people use its device; else nothing."""
        return self.replay.live[self.record_key].slices

    def _divided(self) -> str:
        if not self.slices:
            return ""
        profiles = len({one.profile_id for one in self.slices})
        return (
            f" Several people log in on its device: {profiles} profiles have {len(self.slices)} slices of its history,"
            " this one the earliest."
        )

    def _held(self) -> str:
        if self.weakest is None:
            return f"{self.record_key} is the only record of its profile."
        founds = self.anchor != self.replay.founder.key
        whom = "founds its profile and stays in it" if founds else "is in its profile"
        if len(self.path) == 1:
            other = _other(self.path[0], self.record_key)
            return f"{self.record_key} {whom} because of a tie with {other}: {self.weakest}."
        return (
            f"{self.record_key} {whom} by {len(self.path)} ties in a row to {self.anchor}; the weakest is between "
            f"{self.weakest.left} and {self.weakest.right}: {self.weakest}."
        )

    def _loose(self) -> str:
        if not self.cut:
            return ""
        others = len(self.leaving) - 1
        company = f", with {others} other {'record' if others == 1 else 'records'}," if others else ""
        ties = "one tie was" if len(self.cut) == 1 else f"{len(self.cut)} ties were"
        named = "; ".join(f"{tie.left} and {tie.right}: {tie}" for tie in self.cut[:_NAMED])
        more = f"; and {len(self.cut) - _NAMED} more" if len(self.cut) > _NAMED else ""
        return f" It would leave{company} if {ties} wrong ({named}{more})."


_NAMED = 5
"""So many ties are named in a sentence."""


def _other(tie: Tie, key: str) -> str:
    return tie.right if tie.left == key else tie.left


async def why_record_in_profile(graph: Graph, record_key: str, settings: ResolutionSettings) -> Belonging:
    """Why the record is in its profile, under the published model.

    Raises NotFoundError when there is no such record or it is in no profile, otherwise as `replay` does.
    """
    record = (await read_records(graph, [record_key])).get(record_key)
    if record is None:
        raise NotFoundError("There is no source record under this key.")
    if record.profile_id is None:
        raise NotFoundError("The record is in no profile: it was removed, or waits to be resolved.")
    replayed = await replay(graph, record.profile_id, settings)
    if record_key not in replayed.members:
        raise NotFoundError("The record is about to leave its profile: run `onefold resolve`.")
    return await asyncio.to_thread(belonging, replayed, record_key)


def belonging(replayed: Replay, record_key: str) -> Belonging:
    """The hold of one of the replayed members."""
    anchor = _anchor(replayed, record_key)
    graph = TieGraph(replayed.members, replayed.ties)
    if anchor == record_key:
        return Belonging(replayed, record_key, anchor, (), (), (), (record_key,))
    path = graph.best_path(record_key, anchor)
    cut, leaving = graph.smallest_cut(record_key, anchor)
    bridges = [tie for tie in path if tie in graph.bridges]
    return Belonging(
        replayed, record_key, anchor, tuple(path), tuple(bridges), tuple(_heaviest_first(cut)), tuple(leaving)
    )


def _anchor(replayed: Replay, record_key: str) -> str:
    """The founder; for the founder itself the next oldest member, and the record itself when it is alone."""
    ages = sorted(replayed.members, key=lambda key: (replayed.live[key].accepted_at, key))
    return next((key for key in ages if key != record_key), record_key)


def _heaviest_first(ties: list[Tie]) -> list[Tie]:
    return sorted(ties, key=lambda tie: (-tie.strength, tie.left, tie.right))
