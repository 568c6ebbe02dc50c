"""Answers for following Kafka topics: partitions come and go with the group, each is brought to the graph in order."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from graph.errors import ConfigurationError, OriginError
from graph.transactions import Graph
from loaders.archive import Archive
from loaders.messages import MessageReader
from loaders.partitions import PartitionQueue, TopicReader
from loaders.projector import Projector
from loaders.settings import KafkaSettings
from loaders.suppressions import Suppressions


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of messages of one source; `brokers` as host:port with commas between them."""

    brokers: str
    name: str
    source: str

    @classmethod
    def at(cls, address: str, source: str) -> "Topic":
        """The topic at `host:port,host:port/topic`; raises ConfigurationError for anything else."""
        brokers, _, name = address.removeprefix("kafka://").partition("/")
        if not (brokers and name):
            raise ConfigurationError("A topic is named by its brokers and itself: host:port/topic.")
        return cls(brokers, name, source.strip().replace(":", "_"))


@asynccontextmanager
async def consuming(
    topic: Topic, settings: KafkaSettings, *, alone: bool
) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer of a topic: one of its group, or `alone` with all partitions.

    Raises OriginError when the brokers cannot be reached.
    """
    consumer = AIOKafkaConsumer(
        *([topic.name] if alone else ()),
        bootstrap_servers=topic.brokers,
        group_id=None if alone else settings.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **_access(settings),
    )
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise OriginError(
            f"Topic {topic.name} could not be read ({type(error).__name__}). See that its brokers can be reached."
        ) from error
    finally:
        await consumer.stop()


def _access(settings: KafkaSettings) -> dict[str, Any]:
    protocol = ("SASL_" if settings.user else "") + ("SSL" if settings.tls else "PLAINTEXT")
    login: dict[str, Any] = {}
    if settings.user:
        login = {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.user,
            "sasl_plain_password": settings.password.get_secret_value(),
        }
    context = ssl.create_default_context(cafile=settings.ca_file) if settings.tls else None
    return {"security_protocol": protocol, "ssl_context": context, **login}


class Stream(ConsumerRebalanceListener):
    """Brings a topic to the graph: a task for each partition that this process has. `applied` is set at each write."""

    def __init__(self, graph: Graph, topic: Topic, archive: Archive, suppressions: Suppressions) -> None:
        self.applied = asyncio.Event()
        self._graph = graph
        self._topic = topic
        self._archive = archive
        self._reader = TopicReader(topic.source, MessageReader(suppressions, graph.salt))
        self._tasks: dict[TopicPartition, asyncio.Task[None]] = {}
        self._consumer: AIOKafkaConsumer | None = None

    async def follow(self, consumer: AIOKafkaConsumer) -> None:
        """Follow the topic until cancelled, sharing it with the other processes of the group."""
        self._consumer = consumer
        consumer.subscribe([self._topic.name], listener=self)
        try:
            await asyncio.Event().wait()
        finally:
            await self.on_partitions_revoked(list(self._tasks))

    async def catch_up(self, consumer: AIOKafkaConsumer) -> int:
        """Bring what the topic holds now to the graph, and answer how many messages that were. Raises OriginError."""
        partitions = sorted(consumer.assignment())
        if not partitions:
            raise OriginError(f"The brokers have no topic {self._topic.name}.")
        ends = await consumer.end_offsets(partitions)
        return sum([await self._up_to(consumer, one, ends[one]) for one in partitions])

    async def _up_to(self, consumer: AIOKafkaConsumer, partition: TopicPartition, end: int) -> int:
        queue = PartitionQueue(self._graph, consumer, partition, self._reader)
        projector = Projector(self._graph, queue, self._archive, self.applied)
        await queue.begin()
        done = 0
        while await consumer.position(partition) < end:
            done += await projector.step()
        return done

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride] - may be awaited
        self, assigned: Collection[TopicPartition]
    ) -> None:
        """Begin with partitions that the group gave to this process."""
        if self._consumer is None:
            return
        for partition in assigned:
            queue = PartitionQueue(self._graph, self._consumer, partition, self._reader)
            projector = Projector(self._graph, queue, self._archive, self.applied)
            self._tasks[partition] = asyncio.create_task(projector.run())

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - may be awaited
        self, revoked: Collection[TopicPartition]
    ) -> None:
        """Stop with partitions that another process takes; what it does again does no harm."""
        tasks = [task for one in revoked if (task := self._tasks.pop(one, None))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
