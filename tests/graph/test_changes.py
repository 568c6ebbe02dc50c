"""Change numbers are taken one after the other, and a reader of the feed misses nothing."""

import asyncio
from datetime import UTC, datetime

import pytest

from graph.changes import BEGINNING, TAKE_NUMBER, Change, Position, end_of_feed, read_changes
from graph.connection import Graph
from graph.difference import Difference, ProfileState
from graph.errors import InputError
from graph.ledger import IdentityEvent
from graph.memberships import write_difference
from graph.segments import Membership, following
from graph.vocabulary import ChangeKind, IdentityChange, RecordKind

pytestmark = pytest.mark.store

AT = datetime(2026, 5, 1, tzinfo=UTC)


async def settle(graph: Graph, *ids: str, retired: tuple[str, ...] = (), change: str = "created") -> None:
    states = [ProfileState(one, RecordKind.PERSON, 1, {"given_name": one}, "{}", "d") for one in ids]
    events = [IdentityEvent(one, IdentityChange(change), "test") for one in ids]
    await write_difference(graph, Difference(profiles=states, retired=retired, events=events))


async def told(
    graph: Graph, since: Position = BEGINNING, kinds: tuple[ChangeKind, ...] = tuple(ChangeKind)
) -> list[Change]:
    return list((await read_changes(graph, since, kinds=kinds)).items)


def brief(items: list[Change]) -> list[tuple[int, str, str, str]]:
    return [(one.number, one.kind.value, one.profile_id, one.change) for one in items]


async def place(graph: Graph, ids: str, *, inside: bool, cause: str = "facts changed") -> None:
    condition = "true" if inside else "false"
    statement = following(Membership("s", condition, frozenset(RecordKind), {}), ids, AT, cause)
    await graph.write(statement.query, **statement.parameters)


async def test_a_difference_is_one_number_and_a_profile_is_told_of_once(graph: Graph):
    await settle(graph, "a", "b")
    await settle(graph, "a", retired=("b",), change="merged")
    assert sorted(brief(await told(graph))) == [
        (1, "identity", "a", "created"),
        (1, "identity", "b", "created"),
        (2, "identity", "a", "merged"),
        (2, "profile", "a", "changed"),
        (2, "profile", "b", "retired"),
    ]


async def test_memberships_are_told_of_in_full(graph: Graph):
    await settle(graph, "a", "b")
    await graph.write("MERGE (:Segment {name: 's'})")
    await place(graph, "ab", inside=True, cause="segment defined")
    await place(graph, "a", inside=False)
    found = await told(graph, kinds=(ChangeKind.SEGMENT,))
    assert [(one.number, one.segment, one.profile_id, one.change) for one in found] == [
        (2, "s", "a", "entered"),
        (2, "s", "b", "entered"),
        (3, "s", "a", "left"),
    ]
    assert [one.cause for one in found][:2] == ["segment defined"] * 2


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_any_size_tell_the_same(graph: Graph, limit: int):
    await settle(graph, *"abc")
    await graph.write("MERGE (:Segment {name: 's'})")
    await place(graph, "abc", inside=True)
    await place(graph, "ab", inside=False)
    await settle(graph, *"bc", change="grew")
    whole = await told(graph)
    pages: list[Change] = []
    since, more = BEGINNING, True
    while more:
        page = await read_changes(graph, since, limit)
        assert len(page.items) <= limit
        pages, since, more = [*pages, *page.items], page.next, page.more
    assert pages == whole
    assert len(whole) == 13
    assert since == await end_of_feed(graph)


async def test_whoever_was_away_goes_on_where_he_was(graph: Graph):
    await settle(graph, "a")
    since = await end_of_feed(graph)
    assert not await told(graph, since)
    await settle(graph, "b")
    assert brief(await told(graph, since)) == [
        (2, "identity", "b", "created"),
        (2, "profile", "b", "changed"),
    ]


async def test_a_position_that_was_not_reached_is_refused(graph: Graph):
    await settle(graph, "a")
    with pytest.raises(InputError, match="not that far"):
        await read_changes(graph, Position(9))


_TOUCH = (
    TAKE_NUMBER
    + " UNWIND range(1, 50) AS i CREATE (p:Profile {id: $id + '-' + i, changed_in: number}) SET p.updated_at = $at"
)


async def test_a_reader_among_many_writers_misses_nothing(graph: Graph):
    """Sixteen transactions of fifty profiles each, four at a time; the reader pages meanwhile."""
    seen: list[str] = []
    since = BEGINNING
    gate = asyncio.Semaphore(4)

    async def write(number: int) -> None:
        async with gate:
            await graph.write(_TOUCH, id=f"w{number}", at=AT)

    writers = asyncio.gather(*(write(number) for number in range(16)))
    while True:
        over = writers.done()
        page = await read_changes(graph, since, 30)
        seen += [one.profile_id for one in page.items]
        since = page.next
        if over and not page.more:
            break
    await writers
    assert len(seen) == len(set(seen)) == 800
