"""Published matching models: kept for ever, the newest one is in force."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

from graph.transactions import Graph


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model as it was published: its version, its text, when and why."""

    version: str
    document: str
    published_at: datetime
    cause: str


_NEWEST: LiteralString = """
MATCH (m:ModelVersion)
RETURN m.version AS version, m.document AS document, m.published_at AS published_at, m.cause AS cause
ORDER BY m.published_at DESC, m.version DESC LIMIT 1
"""


async def published_model(graph: Graph) -> PublishedModel | None:
    """The model in force, None before the first was published."""
    rows = await graph.read(_NEWEST)
    return PublishedModel(**rows[0]) if rows else None


_PUBLISH: LiteralString = """
MERGE (m:ModelVersion {version: $version})
ON CREATE SET m.document = $document, m.published_at = $at, m.cause = $cause
"""


async def publish_model(graph: Graph, version: str, document: str, cause: str) -> None:
    """Put a model in force; a version that exists already is left as it is."""
    await graph.write(_PUBLISH, version=version, document=document, at=datetime.now(UTC), cause=cause)


_APPLIED: LiteralString = "MATCH (i:Installation {id: 'onefold'}) RETURN i.configuration AS digest"


async def applied_configuration(graph: Graph) -> str | None:
    """The digest of the configuration under which the whole graph was last resolved."""
    rows = await graph.read(_APPLIED)
    return rows[0]["digest"] if rows else None


_APPLY: LiteralString = "MATCH (i:Installation {id: 'onefold'}) SET i.configuration = $digest"


async def record_configuration(graph: Graph, digest: str) -> None:
    """Note that the whole graph has been resolved under this configuration."""
    await graph.write(_APPLY, digest=digest)


_VERSION: LiteralString = """
MATCH (m:ModelVersion) RETURN m.version AS version ORDER BY m.published_at DESC, m.version DESC LIMIT 1
"""


async def published_version(graph: Graph) -> str | None:
    """The version of the model in force, without the model."""
    rows = await graph.read(_VERSION)
    return rows[0]["version"] if rows else None


@dataclass(frozen=True, slots=True)
class Publication:
    """That a model was put in force: its version, when and why."""

    version: str
    published_at: datetime
    cause: str


_PUBLICATIONS: LiteralString = """
MATCH (m:ModelVersion) WHERE m.published_at >= $since
RETURN m.version AS version, m.published_at AS published_at, m.cause AS cause ORDER BY m.published_at, m.version
"""


async def publications(graph: Graph, since: datetime) -> list[Publication]:
    """The models put in force since, the earliest first, without what is in them."""
    return [Publication(**row) for row in await graph.read(_PUBLICATIONS, since=since)]
