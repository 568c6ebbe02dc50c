"""Answers for what every row passes on its way in: it is refused when suppressed, and else kept in the archive."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from graph.facts import Identifier, Rejected
from graph.transactions import Graph
from loaders.archive import Archive, Input
from loaders.batches import Entry
from loaders.rows import RejectionCode
from loaders.suppressions import Suppressions

_REFUSED = "It holds a suppressed identifier; nothing of it is kept."


@dataclass(frozen=True, slots=True)
class Arrival:
    """A row as it came with what became of it so far, and the identifiers that it holds; an unreadable one is no
    input."""

    outcome: Entry | Rejected
    identifiers: tuple[Identifier, ...] = ()
    said: Input | None = None


class Door:
    """The archive and the list of suppressed identifiers of an installation, whose `salt` it knows."""

    def __init__(self, archive: Archive, suppressions: Suppressions, salt: bytes) -> None:
        self.salt = salt
        self._archive = archive
        self._suppressions = suppressions

    def admit(self, arrivals: Sequence[Arrival], *, keep: bool = True) -> list[Entry | Rejected]:
        """What becomes of rows, in their order; what they were is in the archive then, unless it was already.

        Blocks: hand it to a thread. Raises ArchiveError, SuppressionError: then nothing may be written.
        """
        refused = self._suppressions.among({one for arrival in arrivals for one in arrival.identifiers})
        admitted = [one for one in arrivals if refused.isdisjoint(one.identifiers)] if refused else arrivals
        if keep:
            self._archive.keep([one.said for one in admitted if one.said])
        if not refused:
            return [one.outcome for one in arrivals]
        return [
            one.outcome if refused.isdisjoint(one.identifiers) else suppressed(one.outcome)
            for one in arrivals
        ]

    def note_mapping(self, source: str, text: str) -> None:
        """Keep the mapping that rows of a source are read under."""
        self._archive.note_mapping(source, text)

    def find(self, source: str, body: bytes) -> Input | None:
        """An input as it was kept, None when it is not there."""
        return self._archive.find(source, body)

    def replay(self, source: str) -> Iterator[Input]:
        """The inputs of a source, in the order in which each was last said."""
        return self._archive.replay(source)

    async def refresh(self, graph: Graph) -> None:
        """Follow the list of suppressed identifiers."""
        await self._suppressions.refresh(graph)


@asynccontextmanager
async def open_door(graph: Graph) -> AsyncGenerator[Door]:
    """The door of the data folder of a graph, with the list of suppressed identifiers as it is now.

    Raises ArchiveError, SuppressionError, GraphError.
    """
    folder = graph.settings.data_dir
    with ExitStack() as stack:
        archive = stack.enter_context(Archive.open(folder / "archive"))
        suppressions = stack.enter_context(Suppressions.open(folder))
        await suppressions.refresh(graph)
        yield Door(archive, suppressions, graph.salt)


def suppressed(outcome: Entry | Rejected) -> Rejected:
    """A row that is refused: where it stood, and nothing of what it said."""
    if isinstance(outcome, Rejected):
        source, file, line, form = outcome.source, outcome.file, outcome.line, outcome.form
    else:
        source, file, line, form = outcome.facts.source, outcome.file, outcome.line, outcome.form
    return Rejected(source, file, line, RejectionCode.SUPPRESSED, _REFUSED, "", form)
