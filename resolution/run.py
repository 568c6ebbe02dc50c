"""One pass of resolution: reads what is touched, scores it, decides, and writes the difference."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

from graph.difference import NO_EDGES, Difference, EdgeDifference
from graph.match_edges import all_weights
from graph.memberships import EDGES_AT_ONCE, write_difference, write_edges
from graph.neighbourhood import MatchEdge, Neighbourhood, StoredRecord, Weights
from graph.progress import Progress, silent
from graph.stored_records import all_records
from graph.transactions import Graph
from resolution.clustering import Pair
from resolution.configuration import Configuration
from resolution.decide import decide
from resolution.evidence import NOTHING, Evidence, local, whole
from resolution.groups import groups
from resolution.matching import match
from resolution.model import Model
from resolution.portions import portions
from resolution.stopwatch import Stopwatch
from resolution.surroundings import former, reach_of, renewed, stored_around, surroundings


@dataclass(slots=True)
class Run:
    """A pass under one model and configuration, to be made while the lease is held.

    `touched` counts the records whose evidence was looked at; `evidence`, `edges` (by pair) and `neighbourhood` are
    what was read, scored and decided on.
    """

    graph: Graph
    model: Model
    configuration: Configuration
    clock: Stopwatch
    progress: Progress = silent
    cause: str = ""
    touched: int = 0
    evidence: Evidence = NOTHING
    edges: Mapping[Pair, MatchEdge] = field(default_factory=dict[Pair, MatchEdge])
    neighbourhood: Neighbourhood = field(default_factory=lambda: Neighbourhood({}))

    async def everything(
        self, records: Mapping[str, StoredRecord], *, full: bool
    ) -> AsyncIterator[Difference]:
        """Read the whole graph, unless its `records` are at hand; score what is touched, decide all of it.

        The differences come after they were written.
        """
        self.progress("read", 0, None)
        with self.clock("read"):
            records = records or await all_records(self.graph)
            kinds = self.configuration.settings.kinds
            evidence = whole(records, self.model.block_limit, kinds, full=full)
            stored = await all_weights(self.graph)
        found = await self._match(evidence)
        edges = _difference(stored, evidence, found, self.model.version)
        with self.clock("read"):
            kept = {pair: weight for pair, weight in stored.items() if not former(pair, evidence.touched)}
            neighbourhood = await surroundings(
                self.graph, evidence.records, kept | _weights(found), self.configuration
            )
        async for difference in self._decide(neighbourhood, edges):
            yield difference

    async def around(self, changed: Mapping[str, StoredRecord]) -> AsyncIterator[Difference]:
        """Read the changed records and what hangs together with them, and nothing else; only they are settled.

        The differences come after they were written.
        """
        if not changed:
            return
        self.progress("read", 0, None)
        with self.clock("read"):
            reach = reach_of(self.configuration)
            evidence = await local(self.graph, changed, self.model.block_limit, reach)
        found = await self._match(evidence)
        with self.clock("read"):
            stored = await stored_around(self.graph, evidence, _weights(found), self.configuration)
        edges = _difference(stored.weights, evidence, found, self.model.version)
        neighbourhood = renewed(stored, evidence.touched, _weights(found))
        async for difference in self._decide(_settling(neighbourhood, changed), edges):
            yield difference

    async def _match(self, evidence: Evidence) -> Mapping[Pair, MatchEdge]:
        self.evidence = evidence
        self.touched += len(evidence.touched)
        self.progress("match", 0, None)
        with self.clock("match"):
            self.edges = await match(evidence, self.model, self.configuration.settings.engine)
        return self.edges

    async def _decide(self, neighbourhood: Neighbourhood, edges: EdgeDifference) -> AsyncIterator[Difference]:
        """Decide group by group; a record is settled in the write that moves it, its edges before or with that."""
        self.neighbourhood = neighbourhood
        if len(edges.written) + len(edges.dropped) > EDGES_AT_ONCE:
            with self.clock("write"):
                await write_edges(self.graph, edges)
            edges = NO_EDGES
        total, done = len(neighbourhood.records), 0
        for group in groups(neighbourhood, self.configuration):
            with self.clock("cluster"):
                difference = decide(group, self.configuration, self.cause)
            for portion in portions(difference):
                with self.clock("write"):
                    await write_difference(self.graph, portion, edges)
                edges = NO_EDGES
            yield difference
            done += len(group.records)
            self.progress("decide", done, total)
        with self.clock("write"):
            await write_edges(self.graph, edges)


def _settling(neighbourhood: Neighbourhood, changed: Mapping[str, StoredRecord]) -> Neighbourhood:
    """The neighbourhood in which nobody but the changed records is pending: others wait for their own turn."""
    records = {
        key: replace(record, pending=False) if record.pending and key not in changed else record
        for key, record in neighbourhood.records.items()
    }
    return replace(neighbourhood, records=records)


def _weights(edges: Mapping[Pair, MatchEdge]) -> dict[Pair, float]:
    return {pair: edge.weight for pair, edge in edges.items()}


def _difference(
    stored: Weights, evidence: Evidence, wanted: Mapping[Pair, MatchEdge], model: str
) -> EdgeDifference:
    old = {pair: weight for pair, weight in stored.items() if former(pair, evidence.touched)}
    return EdgeDifference(
        model=model,
        written=[edge for pair, edge in wanted.items() if old.get(pair) != edge.weight],
        dropped=[pair for pair in old if pair not in wanted],
    )
