"""Events against kill -9 of the service and of the graph server, and against a server that hangs."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from graph import embedded
from graph.server import Home
from loaders.journal import read_journal
from tests.faults.installation import Installation, hesitate
from tests.faults.service import Clients, Service, applied

pytestmark = [pytest.mark.store, pytest.mark.flow]


@pytest.fixture
async def service(installation: Installation) -> AsyncIterator[Service]:
    service = Service(installation)
    await service.start()
    yield service
    service.kill()


async def clients(installation: Installation, service: Service, source: str, events: int) -> Clients:
    """Clients with a write key of a source that nobody else sends events of."""
    made = await installation.run("key", "create", "--role", "ingest", "--source", source)
    return Clients(service, source, made.answer["key"], events)


async def assert_all_there_once(installation: Installation, sender: Clients) -> None:
    """Nothing acknowledged is lost, nothing doubled, nothing there that nobody sent, and the counts add up."""
    told = await applied(installation.graph, sender.source, sender.events, 30)
    assert sender.acknowledged <= set(told), "lost"
    assert told == Counter(f"m{number}" for number in range(sender.events)), "doubled or phantom"
    counts, _ = read_journal(installation.settings.data_dir / "journal")
    ours = counts[sender.source]
    assert (ours.accepted, ours.applied, ours.pending, ours.failed) == (sender.events, sender.events, 0, 0)


async def kill_now_and_then(service: Service, sender: Clients, kills: int, draw: random.Random) -> None:
    """Kill the service at random points of the load, and start it again."""
    for point in sorted(draw.sample(range(sender.events), kills)):
        await sender.reached(point)
        await hesitate(draw, 0.2)
        service.kill()
        await service.start()


async def killed(installation: Installation, service: Service, events: int, kills: int) -> None:
    sender = await clients(installation, service, f"killed {events}", events)
    await asyncio.gather(sender.send(), kill_now_and_then(service, sender, kills, random.Random(kills)))
    assert len(sender.acknowledged) == events
    await assert_all_there_once(installation, sender)


async def test_kills_of_the_service_lose_and_double_nothing(installation, service) -> None:
    await killed(installation, service, events=3_000, kills=4)
    await service.stop()


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("events", "kills"), [(50_000, 20), (1_000_000, 200)])
async def test_many_kills_of_the_service_lose_and_double_nothing(
    installation, service, events, kills
) -> None:
    await killed(installation, service, events, kills)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_kills_of_the_graph_server_lose_and_double_nothing(installation, service) -> None:
    sender = await clients(installation, service, "server killed", 20_000)
    sending = asyncio.create_task(sender.send())
    draw = random.Random(5)
    for _ in range(5):
        await hesitate(draw, 4)
        installation.kill_server()
        await asyncio.sleep(15)
    await sending
    await assert_all_there_once(installation, sender)


async def test_a_server_that_hangs_holds_up_no_event_and_no_reader(installation, service) -> None:
    sender = await clients(installation, service, "hanging", 3_000)
    sender.together, sender.lanes = 20, 2
    reader = (await installation.run("key", "create", "--role", "reader")).answer["key"]
    java = next(one for one in embedded._processes(Home.of(installation.settings)) if "java" in one.name())
    async with httpx.AsyncClient(base_url=service.address, timeout=60) as client:
        client.headers["authorization"] = f"Bearer {reader}"

        async def read() -> tuple[int, float, str | None]:
            began = time.monotonic()
            answer = await client.get("/v1/lookup?email=ada@example.org")
            return answer.status_code, time.monotonic() - began, answer.headers.get("retry-after")

        assert (await read())[0] == 200
        sending = asyncio.create_task(sender.send())
        await sender.reached(1)
        java.send_signal(signal.SIGSTOP)
        status, seconds, _ = await read()  # under way when the breaker opens
        assert (status, seconds < 10) == (503, True)
        refused = [await read() for _ in range(20)]
        assert {(status, again) for status, _, again in refused} == {(503, "1")}
        assert sorted(seconds for _, seconds, _ in refused)[10] < 0.05
        await sending
        assert (len(sender.acknowledged), sender.resent) == (sender.events, 0)
        assert sender.slowest < 5
        java.send_signal(signal.SIGCONT)
        async with asyncio.timeout(10):  # all by itself again
            while (await read())[0] != 200:  # noqa: ASYNC110 - the graph server tells nobody
                await asyncio.sleep(0.1)
    await assert_all_there_once(installation, sender)
