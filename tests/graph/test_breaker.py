"""The breaker: opens when nothing answers, refuses at once while it is open, closes by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from graph import breaker as module
from graph.breaker import Breaker
from graph.errors import GraphTimeoutError, GraphUnavailableError


class Server:
    """Something that answers, or does not; what revives it counts how often it was asked to."""

    def __init__(self) -> None:
        self.answers = True
        self.probes = 0
        self.revivals = 0

    async def probe(self) -> None:
        self.probes += 1
        if not self.answers:
            raise GraphTimeoutError("no answer")

    async def revive(self) -> None:
        self.revivals += 1


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def breaker(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Breaker]:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(module, "_SILENCE_SECONDS", 0.5)
    breaker = Breaker()
    watch = asyncio.create_task(breaker.watch(server.probe, server.revive))
    yield breaker
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)


async def call(breaker: Breaker, seconds: float, error: Exception | None = None) -> str:
    async with breaker.passing():
        await asyncio.sleep(seconds)
        if error:
            raise error
    return "answer"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_a_server_that_answers_is_not_probed(breaker: Breaker, server: Server) -> None:
    for _ in range(30):
        assert await call(breaker, 0.02) == "answer"
    await asyncio.sleep(0.6)
    assert server.probes == 0


async def test_a_long_call_is_left_alone_while_the_server_answers(breaker: Breaker, server: Server) -> None:
    assert await call(breaker, 1.5) == "answer"
    assert server.probes > 0
    assert not breaker.is_open


async def test_calls_under_way_end_and_others_are_refused_at_once(breaker: Breaker, server: Server) -> None:
    server.answers = False
    waiting = [asyncio.create_task(call(breaker, 60)) for _ in range(5)]
    ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 2)
    assert all(isinstance(one, GraphUnavailableError) for one in ended)
    with pytest.raises(GraphUnavailableError, match="again in a second"):
        call(breaker, 0).send(None)  # ends before it waits for anything


async def test_it_closes_by_itself(breaker: Breaker, server: Server) -> None:
    server.answers = False
    with pytest.raises(GraphUnavailableError):
        await call(breaker, 60)
    assert server.revivals > 0
    server.answers = True
    await until(lambda: not breaker.is_open)
    assert await call(breaker, 0) == "answer"


async def test_one_call_in_vain_asks_for_a_probe(breaker: Breaker, server: Server) -> None:
    with pytest.raises(GraphUnavailableError, match="gone"):
        await call(breaker, 0, GraphUnavailableError("gone"))
    await until(lambda: server.probes > 0)
    assert (server.probes, breaker.is_open) == (1, False)


async def test_nobody_is_refused_where_nobody_watches() -> None:
    assert await call(Breaker(), 0.2) == "answer"
