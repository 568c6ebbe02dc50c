"""Traits are last by event time: any order and any repetition of the same messages leaves the same graph."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.connection import Graph
from loaders.batches import Entry, write_batch
from loaders.events import EventReader
from loaders.journal_file import Message
from loaders.traits import joined, together

RECEIVED = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
TRAITS: dict[str, list[Any]] = {
    "firstName": ["Ada", "Augusta"],
    "first_name": ["Adele"],
    "name": ["Ada Byron", "Augusta King"],
    "email": ["ada@x.org", "king@x.org", "nonsense"],
    "plan": ["free", "pro", None, 7, True],
    "address": [{"city": "London", "street": "1 High Street"}, {"city": "Paris"}, "2 Low Road, York"],
}
TRAIT = st.one_of(*(st.tuples(st.just(name), st.sampled_from(values)) for name, values in TRAITS.items()))


@st.composite
def messages(draw: st.DrawFn) -> list[Message]:
    made: list[Message] = []
    for number in range(draw(st.integers(2, 8))):
        said = {
            "type": draw(st.sampled_from(["identify", "identify", "track", "group"])),
            "event": "Seen",
            "groupId": "g1",
            "timestamp": (RECEIVED - timedelta(minutes=draw(st.integers(0, 4)))).isoformat(),
            "traits": dict(draw(st.lists(TRAIT, max_size=4))),
            **draw(
                st.sampled_from(
                    [{"userId": "u1"}, {"userId": "u1", "anonymousId": "a1"}, {"anonymousId": "a1"}]
                )
            ),
        }
        made.append(Message("web", f"m{number}", orjson.dumps(said), RECEIVED))
    return made


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[Message], list[Message]]:
    made = draw(messages())
    again = draw(st.lists(st.sampled_from(made), max_size=4))
    return made, draw(st.permutations([*made, *again]))


def _records(messages: Sequence[Message]) -> dict[str, Any]:
    reader = EventReader(b"salt")
    said = [reader.facts(message) for message in messages]
    every = [record for one in said for record in (one.record, one.group) if record]
    return {record.key: record for record in together(every)}


@given(orders())
def test_any_order_and_repetition_states_the_same(given_orders: tuple[list[Message], list[Message]]) -> None:
    first, second = given_orders
    assert _records(first) == _records(second)


@given(messages())
def test_joining_is_associative_commutative_and_idempotent(made: list[Message]) -> None:
    reader = EventReader(b"salt")
    said = [
        record for one in made if (record := reader.facts(one).record) and record.record_id == "userId:u1"
    ]
    for one, other in itertools.pairwise(said):
        assert joined(one, other) == joined(other, one)
        assert joined(one, one) == one
        for third in said:
            assert joined(joined(one, other), third) == joined(one, joined(other, third))


_GRAPH: LiteralString = """
MATCH (r:SourceRecord)
RETURN r {.*, accepted_at: null, updated_at: null, news: null} AS record,
  COLLECT { MATCH (r)-[:HAS_IDENTIFIER]->(i) RETURN i.key ORDER BY i.key } AS identifiers,
  COLLECT { MATCH (t:Touchpoint)-[:OF]->(r) RETURN t {.*, accepted_at: null} ORDER BY t.key } AS touchpoints
ORDER BY r.key
"""
_CLEAR: LiteralString = "MATCH (n) WHERE NOT n:Installation DETACH DELETE n"


async def _apply(graph: Graph, messages: Sequence[Message], size: int) -> None:
    reader = EventReader(graph.salt)
    entries = [Entry(1, "", reader.facts(message)) for message in messages]
    for start in range(0, len(entries), size):
        await write_batch(graph, entries[start : start + size], datetime.now(UTC))


@pytest.mark.store
async def test_any_order_and_repetition_leaves_the_same_graph(graph: Graph) -> None:
    """Hypothesis runs the examples in a thread, the session's loop the graph."""
    loop = asyncio.get_running_loop()

    async def written(messages: Sequence[Message], size: int) -> list[Any]:
        await graph.write(_CLEAR)
        await _apply(graph, messages, size)
        return await graph.read(_GRAPH)

    @settings(max_examples=15)
    @given(orders(), st.integers(1, 5))
    def check(given_orders: tuple[list[Message], list[Message]], size: int) -> None:
        first, second = given_orders
        one = asyncio.run_coroutine_threadsafe(written(first, 10), loop).result()
        assert one == asyncio.run_coroutine_threadsafe(written(second, size), loop).result()

    await asyncio.to_thread(check)


@pytest.mark.store
async def test_two_writers_at_once_lose_nothing(graph: Graph) -> None:
    made = [
        Message(
            "web",
            f"m{number}",
            orjson.dumps({"type": "identify", "userId": "u1", "traits": {f"trait{number}": number}}),
            RECEIVED,
        )
        for number in range(24)
    ]
    await asyncio.gather(*(_apply(graph, made[part::6], 2) for part in range(6)))
    [row] = await graph.read(_GRAPH)
    assert len(orjson.loads(row["record"]["extra"])) == 24
    assert len(row["touchpoints"]) == 24
