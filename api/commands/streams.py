"""Commands that follow a stream of messages: stream."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.terminal import DataDir, Json, announce, run, show
from graph.errors import ConfigurationError
from graph.sources import declare_source

if TYPE_CHECKING:
    from graph.transactions import Graph
    from loaders.streams import Topic


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(stream)


def stream(
    kafka: Annotated[str, typer.Option("--kafka", help="Brokers and topic: HOST:PORT[,HOST:PORT]/TOPIC.")],
    source: Annotated[str, typer.Option("--source", help="Source of the messages.")],
    claimed: Annotated[bool, typer.Option("--claimed", help="The source's contacts are unchecked.")] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Only what the topic holds now; resolves nothing.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Bring the events of a Kafka topic to the graph and resolve them, until stopped."""
    try:
        from loaders.streams import Topic
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"Kafka needs the package {error.name}: install onefold[kafka].") from error
    topic = Topic.at(kafka, source)

    async def work(graph: "Graph") -> int:
        await declare_source(graph, topic.source, authenticated=not claimed)
        return await _stream(graph, topic, once=once)

    show(as_json, {"topic": topic.name, "messages": run(data_dir, work)})


async def _stream(graph: "Graph", topic: "Topic", *, once: bool) -> int:
    """Follow a topic; answers how many messages there were, if it ends."""
    from api.background import following, resolving, suppressing
    from api.configuration import read_configuration
    from api.settings import ApiSettings
    from loaders.archive import Archive
    from loaders.settings import KafkaSettings
    from loaders.streams import Stream, consuming
    from loaders.suppressions import Suppressions
    from resolution.intake import Intake

    settings, folder = read_configuration(ApiSettings().config_file), graph.settings.data_dir
    with Archive.open(folder / "archive") as archive, Suppressions.open(folder) as suppressions:
        await suppressions.refresh(graph)
        intake = Intake(graph, settings.resolution)
        stream = Stream(graph, topic, archive, suppressions)
        async with consuming(topic, KafkaSettings(), alone=once) as consumer:
            if once:
                return await stream.catch_up(consumer)
            announce(f"following {topic.name}")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(stream.follow(consumer))
                tasks.create_task(resolving(stream.applied, intake))
                tasks.create_task(suppressing(graph, suppressions))
                tasks.create_task(following(graph, intake.resolved, settings.definitions))
    return 0
