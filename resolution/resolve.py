"""Resolves the graph: reads what is touched, scores it, decides, and writes the difference."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graph.difference import EdgeDifference
from graph.judgements import expire_judgements
from graph.lease import lease
from graph.match_edges import all_weights, weights_of
from graph.memberships import count_profiles, write_difference, write_edges
from graph.models import applied_configuration, record_configuration
from graph.neighbourhood import MatchEdge, Neighbourhood, StoredRecord
from graph.stored_records import all_records, count_records, pending_keys
from graph.transactions import Graph
from resolution.clustering import Pair
from resolution.configuration import Configuration
from resolution.decide import decide
from resolution.effect import Effect
from resolution.evidence import Evidence, local, whole
from resolution.groups import groups
from resolution.matching import match
from resolution.model import Model
from resolution.portions import portions
from resolution.progress import Progress, silent
from resolution.publishing import cause_of, configuration_in_force, first_model, model_in_force
from resolution.settings import ResolutionSettings
from resolution.stopwatch import Stopwatch
from resolution.surroundings import around, surroundings

_LOCAL_RECORDS = 1000
_LOCAL_SHARE = 0.05
"""Up to so many pending records, or this share of all, are resolved by looking around them; more are cheaper by
reading everything."""

STEPS = ("read", "match", "cluster", "write")


@dataclass(slots=True)
class ResolveReport(Effect):
    """What a resolve did, beside its effect on profiles.

    `records` and `profiles` count people and organisations, `visitors` the profiles of nothing but a browser or
    device, `touched` the records whose evidence was looked at again; `seconds` are per step.
    """

    records: int = 0
    profiles: int = 0
    visitors: int = 0
    touched: int = 0
    model: str = ""
    seconds: dict[str, float] = field(default_factory=dict[str, float])


async def resolve(
    graph: Graph, settings: ResolutionSettings, *, full: bool = False, progress: Progress = silent
) -> ResolveReport:
    """Bring every profile up to date with the facts; `full` scores every pair again.

    A new model or new settings resolve everything, whether asked for or not. Raises LeaseError while another
    process resolves, ModelError for a model that cannot be read, GraphError.
    """
    report = ResolveReport()
    clock = Stopwatch()
    async with lease(graph, "resolve"):
        await expire_judgements(graph, datetime.now(UTC))
        count, pending = await count_records(graph)
        if count:
            with clock("read"):
                model = await model_in_force(graph)
                records = {} if model else await all_records(graph)
            if model is None:
                with clock("match"):
                    model = await first_model(graph, records.values())
            with clock("read"):
                configuration, digest = await configuration_in_force(graph, model, settings)
                applied = await applied_configuration(graph)
            cause = cause_of(applied, digest) or ("full resolve" if full else "")
            full = full or applied != digest
            run = _Run(graph, model, configuration, progress, clock, report, cause)
            if full or pending > max(_LOCAL_RECORDS, _LOCAL_SHARE * count):
                await run.everything(records, full=full)
            elif pending:
                await run.around_pending()
            if full:
                await record_configuration(graph, digest)
            report.model = model.version
        report.records, report.profiles, report.visitors, members = await count_profiles(graph)
    report.share(members)
    report.seconds = clock.seconds(*STEPS)
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """One pass of one resolve."""

    graph: Graph
    model: Model
    configuration: Configuration
    progress: Progress
    clock: Stopwatch
    report: ResolveReport
    cause: str

    async def everything(self, records: Mapping[str, StoredRecord], *, full: bool) -> None:
        """Read the whole graph, unless its `records` are at hand; score what is touched, decide all of it."""
        kinds = self.configuration.settings.kinds
        self.progress("read", 0, None)
        with self.clock("read"):
            records = records or await all_records(self.graph)
            evidence = whole(records, self.model.block_limit, kinds, full=full)
            stored = await all_weights(self.graph)
        found = await self._match(evidence)
        touched = {pair: weight for pair, weight in stored.items() if not evidence.touched.isdisjoint(pair)}
        edges = _difference(touched, found, self.model.version)
        with self.clock("read"):
            kept = {pair: weight for pair, weight in stored.items() if pair not in touched}
            neighbourhood = await surroundings(self.graph, evidence.records, kept | _weights(found))
        await self._decide(neighbourhood, edges)

    async def around_pending(self) -> None:
        """Read the pending records and what hangs together with them, and nothing else."""
        kinds = self.configuration.settings.kinds
        self.progress("read", 0, None)
        with self.clock("read"):
            pending = await pending_keys(self.graph)
            evidence = await local(self.graph, pending, self.model.block_limit, kinds)
            stored = await weights_of(self.graph, evidence.touched)
        found = await self._match(evidence)
        edges = _difference(stored, found, self.model.version)
        with self.clock("read"):
            neighbourhood = await around(self.graph, evidence, _weights(found), self.configuration)
        await self._decide(neighbourhood, edges)

    async def _match(self, evidence: Evidence) -> dict[Pair, MatchEdge]:
        self.report.touched += len(evidence.touched)
        self.progress("match", 0, None)
        with self.clock("match"):
            return await match(evidence, self.model)

    async def _decide(self, neighbourhood: Neighbourhood, edges: EdgeDifference) -> None:
        """Write the edges, then decide group by group; a record is settled in the write that moves it."""
        with self.clock("write"):
            await write_edges(self.graph, edges)
        total, done = len(neighbourhood.records), 0
        for group in groups(neighbourhood, self.configuration):
            with self.clock("cluster"):
                difference = decide(group, self.configuration, self.cause)
            for portion in portions(difference):
                with self.clock("write"):
                    await write_difference(self.graph, portion)
            self.report.add(difference)
            done += len(group.records)
            self.progress("decide", done, total)


def _weights(edges: Mapping[Pair, MatchEdge]) -> dict[Pair, float]:
    return {pair: edge.weight for pair, edge in edges.items()}


def _difference(stored: Mapping[Pair, float], wanted: Mapping[Pair, MatchEdge], model: str) -> EdgeDifference:
    return EdgeDifference(
        model=model,
        written=[edge for pair, edge in wanted.items() if stored.get(pair) != edge.weight],
        dropped=[pair for pair in stored if pair not in wanted],
    )
