"""Answers for one partition of a Kafka topic: which of its messages the graph does not have yet."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from aiokafka.errors import IllegalOperation, KafkaError

from graph.syncs import Sync, read_sync, write_sync
from graph.transactions import Graph
from loaders.event_bodies import open_envelope
from loaders.journal_file import Message, Waiting
from loaders.messages import Arrived, MessageReader, unreadable
from loaders.rows import UnusableRowError

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

    Record: TypeAlias = ConsumerRecord[Any, Any]

_POLL_MS = 500


class TopicReader:
    """Reads the records of a topic as messages of one source: each holds one, or a batch of them.

    What a record says is a function of the topic alone: its time is when it came, and what has no id of its own has its
    place for one. So it may be read again and again.
    """

    def __init__(self, source: str, reader: MessageReader) -> None:
        self._source = source
        self._reader = reader

    def read(self, name: str, records: Sequence["Record"]) -> list[Waiting]:
        """The messages of the records of a partition, at their offsets; records without a value say nothing."""
        return [
            Waiting(record.offset, message) for record in records for message in self._messages(name, record)
        ]

    def _messages(self, name: str, record: "Record") -> list[Message]:
        at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        body: bytes | None = record.value
        if body is None:
            return []
        try:
            envelope = open_envelope(body)
        except UnusableRowError as error:
            return [unreadable(self._source, body, at, error)]
        arrived = (
            Arrived(self._source, text, at, envelope.sent_at, place=f"{name}/{record.offset}/{number}")
            for number, text in enumerate(envelope.messages)
        )
        return [self._reader.read(one) for one in arrived]


class PartitionQueue:
    """The messages of one partition after those that the graph has. How far that is stands in the graph itself."""

    def __init__(
        self, graph: Graph, consumer: "AIOKafkaConsumer", partition: "TopicPartition", reader: TopicReader
    ) -> None:
        self.name = f"{partition.topic}/{partition.partition}"
        self._graph = graph
        self._consumer = consumer
        self._partition = partition
        self._reader = reader
        self._held: list[Waiting] = []
        self._next: int | None = None

    async def begin(self) -> None:
        """Go to where the graph knows this partition up to; where it never heard of it, to the first record."""
        watermark = (await read_sync(self._graph, self.name)).watermark
        first = (await self._consumer.beginning_offsets([self._partition]))[self._partition]
        self._next = max(first, orjson.loads(watermark)["offset"] if watermark else 0)
        self._consumer.seek(self._partition, self._next)

    async def oldest(self, size: int) -> list[Waiting]:
        """The messages that follow, until they are settled the same ones; none when half a second brought none."""
        if self._held:
            return self._held
        if self._next is None:
            await self.begin()
        found = await self._consumer.getmany(self._partition, timeout_ms=_POLL_MS, max_records=size)
        if records := found.get(self._partition):
            self._next = records[-1].offset + 1
            self._held = await asyncio.to_thread(self._reader.read, self.name, records)
            if not self._held:
                await self._keep(0)
        return self._held

    async def settle(self, through: int, failed: Mapping[str, int]) -> None:
        """Keep in the graph how far it has the messages."""
        await self._keep(len(self._held) - sum(failed.values()))
        self._held = []

    async def more(self) -> None:
        """Wait for messages."""
        while not await self.oldest(1_000):
            pass

    async def _keep(self, changed: int) -> None:
        watermark = orjson.dumps({"offset": self._next}).decode()
        await write_sync(self._graph, Sync(self.name, watermark, changed=changed))
        with suppress(KafkaError, IllegalOperation):  # a group's brokers are told, for their monitoring only
            await self._consumer.commit({self._partition: self._next})
