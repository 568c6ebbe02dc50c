"""Following a topic of a real Kafka broker: every message once, whoever dies in between."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from graph.connection import Graph
from graph.errors import ConfigurationError, GraphUnavailableError, OriginError
from graph.quarantine import read_quarantined
from graph.syncs import read_sync
from loaders import partitions
from loaders.archive import Archive
from loaders.settings import KafkaSettings
from loaders.streams import Stream, Topic, consuming
from loaders.suppressions import Suppressions
from tests.loaders.kafka import broker

pytestmark = pytest.mark.store

_TOUCHPOINTS = (
    "MATCH (t:Touchpoint)-[:OF]->(r:SourceRecord {source: 'app'}) RETURN t.message_id AS id ORDER BY id"
)


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    with broker() as address:
        yield address


@pytest.fixture
def topic(brokers: str) -> Topic:
    return Topic.at(f"{brokers}/events-{uuid4()}", "app")


def event(number: int, **more: object) -> bytes:
    said = {"type": "track", "event": "seen", "anonymousId": f"a{number % 7}", "messageId": f"m{number:04}"}
    return orjson.dumps(said | {"timestamp": "2026-03-01T12:00:00Z"} | more)


async def send(topic: Topic, *values: bytes | None, partition: int | None = None) -> None:
    async with AIOKafkaProducer(bootstrap_servers=topic.brokers) as producer:
        await producer.client.force_metadata_update()
        for number, value in enumerate(values):
            await producer.send_and_wait(
                topic.name, value, key=b"key", partition=number % 2 if partition is None else partition
            )


@asynccontextmanager
async def stream(graph: Graph, topic: Topic, folder: Path) -> AsyncIterator[Stream]:
    with Archive.open(folder) as archive, Suppressions.open(folder) as suppressions:
        await suppressions.refresh(graph)
        yield Stream(graph, topic, archive, suppressions)


async def catch_up(graph: Graph, topic: Topic, folder: Path) -> int:
    async with (
        stream(graph, topic, folder) as following,
        consuming(topic, KafkaSettings(), alone=True) as consumer,
    ):
        return await following.catch_up(consumer)


async def ids(graph: Graph) -> list[str]:
    return [row["id"] for row in await graph.read(_TOUCHPOINTS)]


async def test_what_a_topic_holds_is_taken_once(graph: Graph, topic: Topic, tmp_path: Path) -> None:
    await send(topic, *(event(n) for n in range(40)))
    assert await catch_up(graph, topic, tmp_path) == 40
    assert await catch_up(graph, topic, tmp_path) == 0
    await send(topic, event(40), event(3))
    assert await catch_up(graph, topic, tmp_path) == 2
    assert await ids(graph) == [f"m{n:04}" for n in range(41)]
    assert orjson.loads((await read_sync(graph, f"{topic.name}/0")).watermark or "{}") == {"offset": 21}


async def test_bad_messages_go_to_quarantine(graph: Graph, topic: Topic, tmp_path: Path) -> None:
    batch = orjson.dumps({"batch": [orjson.loads(event(1)), orjson.loads(event(2)), {"type": "track"}]})
    await send(topic, b"\xff", b"{", None, event(3), batch, event(4), partition=0)
    assert await catch_up(graph, topic, tmp_path) == 7
    assert await ids(graph) == ["m0001", "m0002", "m0003", "m0004"]
    codes = sorted(one.code for one in await read_quarantined(graph, size=9))
    assert codes == ["encoding_invalid", "json_invalid", "touchpoint_type_missing"]


async def test_a_message_without_id_or_time_is_the_one_at_its_place(
    graph: Graph, topic: Topic, tmp_path: Path
) -> None:
    untold = orjson.dumps({"type": "track", "event": "seen", "anonymousId": "a"})
    await send(topic, untold, untold)
    assert await catch_up(graph, topic, tmp_path) == 2
    await graph.write("MATCH (s:Sync) DELETE s")
    assert await catch_up(graph, topic, tmp_path) == 2
    assert await ids(graph) == [f"{topic.name}/{partition}/0/0" for partition in (0, 1)]


async def test_a_cut_between_data_and_offset_doubles_nothing(
    graph: Graph, topic: Topic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(topic, *(event(n) for n in range(20)))

    async def cut(*_: object) -> None:
        raise GraphUnavailableError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(partitions, "write_sync", cut)
        with pytest.raises(GraphUnavailableError):
            await catch_up(graph, topic, tmp_path)
    assert len(await ids(graph)) == 10
    assert await catch_up(graph, topic, tmp_path) == 20
    assert len(await ids(graph)) == 20


async def test_partitions_pass_to_those_who_are_left(graph: Graph, topic: Topic, tmp_path: Path) -> None:
    settings = KafkaSettings(group=f"group-{uuid4()}")
    await send(topic, *(event(n) for n in range(20)))

    async def follow(folder: Path) -> None:
        async with (
            stream(graph, topic, folder) as following,
            consuming(topic, settings, alone=False) as consumer,
        ):
            await following.follow(consumer)

    async def until(count: int) -> None:
        for _ in range(600):
            if len(await ids(graph)) >= count:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("not all messages came")

    first = asyncio.create_task(follow(tmp_path / "one"))
    await until(20)
    second = asyncio.create_task(follow(tmp_path / "two"))
    await send(topic, *(event(n) for n in range(20, 40)))
    await until(40)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await send(topic, *(event(n) for n in range(40, 60)))
    await until(60)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert await ids(graph) == [f"m{n:04}" for n in range(60)]


async def test_brokers_that_are_not_there_are_told(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(OriginError, match="brokers can be reached"):
        await catch_up(graph, Topic.at("127.0.0.1:1/events", "app"), tmp_path)


def test_an_address_names_brokers_and_topic() -> None:
    assert Topic.at("kafka://a:1,b:2/events", "my:app") == Topic("a:1,b:2", "events", "my_app")
    with pytest.raises(ConfigurationError):
        Topic.at("a:1", "app")
