"""What resolves did: kept when there was something to do, the latest ones, the last first."""

from datetime import UTC, datetime, timedelta

import pytest

from graph import resolve_runs
from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.resolve_runs import ResolveRun, keep_run, latest_runs
from graph.vocabulary import RecordKind
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(hour: int) -> ResolveRun:
    return ResolveRun(NOON + timedelta(hours=hour), 1.5, "", "m", 9, 1, 2, 3, 4, 5, 0.25)


async def test_the_latest_are_kept(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve_runs, "KEPT", 3)
    for hour in (0, 1, 3, 2, 4):
        await keep_run(graph, run(hour))
    assert await latest_runs(graph, 10) == [run(4), run(3), run(2)]
    assert await latest_runs(graph, 1) == [run(4)]


async def test_a_run_is_told_twice_and_kept_once(graph: Graph) -> None:
    once = run(0)
    await keep_run(graph, once)
    await keep_run(graph, once)
    assert len(await latest_runs(graph, 10)) == 1


async def test_what_a_resolve_did_is_kept(graph: Graph) -> None:
    def person(number: str, surname: str, email: str, content: str) -> SourceRecord:
        ids = (Identifier("email", email),)
        return SourceRecord("crm", number, RecordKind.PERSON, {"surname": surname}, ids, content_hash=content)

    both = [person("1", "Lovelace", "a@example.org", "1"), person("2", "Byron", "b@example.org", "2")]
    await write_records(graph, both, NOON)
    await resolve(graph, ResolutionSettings())
    await resolve(graph, ResolutionSettings())  # nothing to do
    later = NOON + timedelta(days=1)
    await write_records(graph, [person("2", "Byron", "a@example.org", "3")], later)
    await resolve(graph, ResolutionSettings())
    await resolve(graph, ResolutionSettings(), full=True)
    last, joined, first = await latest_runs(graph, 10)
    assert (first.created, first.merged, first.moved, first.touched) == (2, 0, 0, 2)
    assert (joined.created, joined.merged, joined.moved, joined.moved_share) == (0, 1, 1, 0.5)
    assert (last.cause, last.merged, last.moved, last.touched) == ("full resolve", 0, 0, 2)
    assert joined.model == last.model != ""
    assert first.started_at < joined.started_at < last.started_at
