"""The example from end to end: load it, resolve it, measure it, ask it one question."""

import csv
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.access import Viewer
from api.configuration import read_configuration
from api.context import LARGEST_ANSWER, Context, Services
from api.execution import Executor, GraphQLRequest
from api.lookup import judge, key_of
from api.schema import build_schema
from api.settings import ApiSettings
from graph.census import take_census
from graph.errors import ConfigurationError
from graph.facts import record_key
from graph.lookup import find_holders
from graph.memberships import stream_memberships
from graph.progress import Progress
from graph.quarantine import count_quarantined
from graph.segments import read_memberships
from graph.sources import list_sources
from graph.transactions import Graph
from graph.vocabulary import Outcome, Role
from insight.following import catch_up
from loaders.load import load_file
from loaders.mapping import Mapping, read_mapping
from resolution.evaluate import Evaluation, evaluate
from resolution.resolve import resolve
from resolution.truth import read_truth

EXAMPLE = Path(__file__).parent / "demo"

_PATIENCE_SECONDS = 30
"""The first question meets a server that has planned nothing yet."""

_FILES = ("crm.csv", "shop.ndjson", "loyalty.tsv", "support.csv", "newsletter.csv", "events.ndjson.gz")

QUESTION = """query WhoIs($email: String!) {
  lookup(kind: "email", value: $email) {
    outcome
    profiles {
      id
      recordCount
      attributes { givenName surname city }
      identifiers { kind value state }
      segments { segment }
      journey(first: 3) {
        edges { node { occurredAt type channel } }
      }
    }
  }
}"""


@dataclass(slots=True)
class Report:
    """What the example shows; `seconds` per step, `kept` when the graph of an earlier run was used."""

    kept: bool = False
    records: int = 0
    people: int = 0
    organisations: int = 0
    visitors: int = 0
    touchpoints: int = 0
    quarantined: int = 0
    evaluation: Evaluation | None = None
    email: str = ""
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def timed(self, step: str) -> Generator[None]:
        """Note how long a step takes."""
        started = time.perf_counter()
        yield
        self.seconds[step] = round(time.perf_counter() - started, 2)


async def demonstrate(graph: Graph, progress: Progress) -> Report:
    """Run the example; what an earlier run left is used as it is.

    Raises ConfigurationError when the graph holds data of somebody else: examples do not belong beside it.
    """
    report = Report()
    mappings = {name: read_mapping(EXAMPLE / f"{name.partition('.')[0]}.toml") for name in _FILES}
    report.kept = await _is_there(graph, mappings)
    if not report.kept:
        with report.timed("load"):
            for name, mapping in mappings.items():
                await load_file(graph, EXAMPLE / name, mapping, progress)
        await _resolve(graph, report, progress)
    with report.timed("measure"):
        report.evaluation = await _measure(graph)
        await _count(graph, report)
    with report.timed("ask"):
        report.email = await _telling_email(graph)
        report.answer = await _ask(graph, report.email)
    return report


async def _resolve(graph: Graph, report: Report, progress: Progress) -> None:
    configuration = read_configuration(EXAMPLE / "onefold.toml")

    def resolving(step: str, done: int, total: int | None) -> None:
        progress(f"resolve: {step}", done, total)

    with report.timed("resolve"):
        await resolve(graph, configuration.resolution, progress=resolving)
    with report.timed("segments"):
        await catch_up(graph, configuration.definitions)


async def _is_there(graph: Graph, mappings: dict[str, Mapping]) -> bool:
    known = {source.name: source for source in await list_sources(graph)}
    ours = {mapping.source.name for mapping in mappings.values()}
    if set(known) - ours:
        raise ConfigurationError(
            "This graph holds other data: give the demo a folder of its own with --data-dir."
        )
    loaded = {name for name, source in known.items() if source.last_loaded_at is not None}
    census = await take_census(graph)
    return loaded == ours and not census.pending and bool(census.profiles)


async def _measure(graph: Graph) -> Evaluation:
    memberships = stream_memberships(graph, with_visitors=True)
    found = {record_key(row["source"], row["record_id"]): row["profile_id"] async for row in memberships}
    return evaluate(read_truth(EXAMPLE / "truth.csv").people, found)


async def _count(graph: Graph, report: Report) -> None:
    census = await take_census(graph)
    report.records, report.touchpoints = census.records, census.touchpoints
    report.people = census.profiles.get("PERSON", 0)
    report.organisations = census.profiles.get("ORGANISATION", 0)
    report.visitors = census.profiles.get("VISITOR", 0)
    report.quarantined = sum((await count_quarantined(graph)).values())


async def _telling_email(graph: Graph) -> str:
    """An address of a customer who is in many systems: the answer about her shows most."""
    with (EXAMPLE / "crm.csv").open(encoding="utf-8", newline="") as file:
        emails = [row["Email"] for row in csv.DictReader(file) if "@" in row["Email"]][:400]
    keys = {key_of(graph, "email", email): email for email in emails}
    holders = await find_holders(graph, list(keys), limit=LARGEST_ANSWER)
    sure = {
        key: answer for key, found in holders.items() if (answer := judge(found)).outcome is Outcome.MATCH
    }
    profiles = {key: answer.profiles[0] for key, answer in sure.items()}
    segments = await read_memberships(graph, [profile.id for profile in profiles.values()])

    def tells(key: str) -> tuple[int, int]:
        return len(segments.get(profiles[key].id, ())), profiles[key].record_count

    return keys[max(sorted(profiles), key=tells)]


async def _ask(graph: Graph, email: str) -> dict[str, Any]:
    executor = Executor(build_schema(), ApiSettings(read_seconds=_PATIENCE_SECONDS))
    request = GraphQLRequest(QUESTION, {"email": email}, None)
    _, answer = await executor.answer(request, Context(Services.of(graph), Viewer("demo", Role.ADMIN)))
    return answer
