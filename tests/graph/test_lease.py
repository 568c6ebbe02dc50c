"""One process at a time holds a lease; it may keep it for a while, and gives it up when another asks."""

import asyncio

import pytest

from graph.connection import Graph, open_graph
from graph.errors import LeaseError
from graph.lease import lease

pytestmark = pytest.mark.store

_HOLDER = "MATCH (lease:Lease {name: 'work'}) RETURN lease.holder AS holder"
_STRANGER = """
MERGE (lease:Lease {name: 'work'})
SET lease.holder = $holder, lease.until = datetime() + duration({seconds: $seconds})
"""


async def holder(graph: Graph) -> str | None:
    rows = await graph.read(_HOLDER)
    return rows[0]["holder"] if rows else None


async def test_it_is_held_inside_and_free_afterwards(graph: Graph) -> None:
    async with lease(graph, "work"):
        assert await holder(graph)
    assert await holder(graph) is None


async def test_tasks_of_one_process_take_turns(graph: Graph) -> None:
    inside = 0

    async def work() -> None:
        nonlocal inside
        async with lease(graph, "work", linger_seconds=1):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(5)))
    with pytest.raises(LeaseError):
        async with lease(graph, "work"), lease(graph, "work", wait_seconds=0):
            pass


async def test_a_lingering_lease_ends_by_itself(graph: Graph) -> None:
    async with lease(graph, "work", linger_seconds=0.1):
        pass
    assert await holder(graph)
    async with asyncio.timeout(30):
        while await holder(graph):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)


async def test_another_process_waits_and_gets_a_lingering_lease(graph: Graph, graph_settings) -> None:
    async with open_graph(graph_settings) as other:
        async with lease(graph, "work", linger_seconds=60):
            mine = await holder(graph)
            with pytest.raises(LeaseError):
                async with lease(other, "work", wait_seconds=0):
                    pass
        async with lease(other, "work", wait_seconds=10):
            assert await holder(graph) not in (None, mine)


async def test_a_lease_of_a_stranger_is_respected_until_it_runs_out(graph: Graph) -> None:
    await graph.write(_STRANGER, holder="elsewhere/1/x", seconds=2)
    with pytest.raises(LeaseError):
        async with lease(graph, "work", wait_seconds=0):
            pass
    async with lease(graph, "work", wait_seconds=10):
        assert "elsewhere" not in (await holder(graph) or "")


async def test_closing_gives_a_lingering_lease_back(graph: Graph, graph_settings) -> None:
    async with open_graph(graph_settings) as other:
        async with lease(other, "work", linger_seconds=60):
            pass
        assert await holder(graph)
    assert await holder(graph) is None
