"""Fills an empty graph at once: facts and what was resolved of them go through Neo4j's offline importer."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, TypeAlias

from graph.embedded import adopt
from graph.errors import GraphError
from graph.gathering import gather
from graph.import_files import ImportFiles, Node
from graph.imported_beliefs import Beliefs, write_beliefs
from graph.imported_facts import write_facts
from graph.offline import run_importer
from graph.progress import Progress
from graph.schema import apply_schema
from graph.sources import Source, list_sources
from graph.staged_facts import FactCounts, StagedFacts
from graph.staging import Staging
from graph.transactions import Graph

Resolver: TypeAlias = Callable[[StagedFacts, Sequence[Source]], AbstractContextManager[Beliefs]]
"""Resolves the records of a staging, of which the graph has these sources; the beliefs are there until it is left."""

_HOLDS_FACTS: LiteralString = """
OPTIONAL MATCH (n:SourceRecord|Identifier|Touchpoint|Profile|IdentityEvent|Conflict|Judgement|Decision|Pin|Consent)
WITH n LIMIT 1
RETURN n IS NOT NULL OR EXISTS { MATCH ()-->() } AS filled
"""


async def can_import(graph: Graph) -> bool:
    """Whether the graph is an embedded one that holds no facts yet."""
    if graph.settings.neo4j_uri:
        return False
    return not (await graph.read(_HOLDS_FACTS))[0]["filled"]


_OTHERS: LiteralString = (
    "MATCH (n) WHERE NOT n:Lease AND NOT n:ChangeCounter "
    "RETURN labels(n) AS labels, properties(n) AS node ORDER BY elementId(n)"
)


async def _others(graph: Graph) -> list[Node]:
    """What a graph without facts holds: installation, sources, keys, quarantine and the like."""
    return [(row["labels"], row["node"]) async for row in graph.stream(_OTHERS)]


async def import_staging(
    graph: Graph, staging: Staging, at: datetime, progress: Progress, resolver: Resolver | None = None
) -> FactCounts:
    """Fill a graph that `can_import` a staging that `is_regular`; without a resolver its records are `:Pending`.

    The new store is made beside the graph, which answers meanwhile, and takes its place in one step: a kill leaves
    either the graph as it was or the whole. Raises DownloadError, EmbeddedError; GraphError when the graph was written
    to in the meantime, which then stays as it is.
    """
    others, sources = await _others(graph), await list_sources(graph)
    if any("ModelVersion" in labels for labels, _ in others):
        resolver = None  # it would publish the first model, and there is one
    work = _Work(graph.salt, staging, at, progress)
    counts, files = await asyncio.to_thread(work.write, others, sources, resolver)
    store = await asyncio.to_thread(run_importer, graph.settings, files.arguments, progress)
    if await _others(graph) != others:
        raise GraphError("The graph was written to while its store was made. Run the load again.")
    await asyncio.to_thread(adopt, graph.settings, store)
    progress("index", 0, None)
    await apply_schema(graph)
    return counts


@dataclass(frozen=True, slots=True)
class _Work:
    salt: bytes
    staging: Staging
    at: datetime
    progress: Progress

    def write(
        self, others: Sequence[Node], sources: Sequence[Source], resolver: Resolver | None
    ) -> tuple[FactCounts, ImportFiles]:
        """Write the importer's input."""
        files = ImportFiles(self.staging.folder / "import")
        self.progress("gather", 0, None)
        facts = gather(self.staging, self.salt, self.at, blocks=resolver is not None)
        states, configuration = None, None
        if resolver is not None:
            with resolver(facts, sources) as beliefs:
                states, configuration = write_beliefs(beliefs, files, self.at), beliefs.configuration
        self.progress("prepare", 0, None)
        write_facts(facts, files, states)
        files.write(_renewed(others, configuration))
        return facts.count(), files


def _renewed(others: Sequence[Node], configuration: str | None) -> Iterator[Node]:
    """The nodes as they shall be: a new store has no constraint or index yet."""
    for labels, properties in others:
        changed = {"schema_version": 0, "configuration": configuration} if "Installation" in labels else {}
        yield labels, {**properties, **changed}
