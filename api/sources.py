"""Sources in GraphQL: what comes from where, whose it is and how complete."""

from datetime import datetime

import strawberry

from api.context import Info
from graph.sources import Source as StoredSource
from graph.sources import SourceField as StoredField
from graph.sources import list_sources


@strawberry.type(description="One column of a source.")
class SourceField:
    column: str = strawberry.field(description="Name of the column.")
    mapped_to: str = strawberry.field(description="What the mapping makes of it.")
    fill_rate: float = strawberry.field(
        description="Part of the rows of the last load in which it was filled, 0 to 1."
    )


@strawberry.type(description="A system that rows come from.")
class Source:
    name: str = strawberry.field(description="Its name, unique.")
    owner: str | None = strawberry.field(description="Who answers for it.")
    lawful_basis: str | None = strawberry.field(description="On what basis its data may be used.")
    priority: int = strawberry.field(description="How much its values count in golden records; higher wins.")
    authenticated: bool = strawberry.field(description="Whether its contacts are checked, or merely claimed.")
    one_per_person: bool = strawberry.field(description="Whether it holds each person only once.")
    last_loaded_at: datetime | None = strawberry.field(description="When it was last loaded, UTC.")
    fields: list[SourceField] = strawberry.field(description="Its columns.")


async def all_sources(info: Info) -> list[Source]:
    """Resolve `Query.sources`."""
    return [_source(stored) for stored in await list_sources(info.context.graph)]


def _source(stored: StoredSource) -> Source:
    return Source(
        name=stored.name,
        owner=stored.owner,
        lawful_basis=stored.lawful_basis,
        priority=stored.priority,
        authenticated=stored.authenticated,
        one_per_person=stored.one_per_person,
        last_loaded_at=stored.last_loaded_at,
        fields=[_field(one) for one in stored.fields],
    )


def _field(stored: StoredField) -> SourceField:
    fill_rate = stored.filled / stored.rows if stored.rows else 0.0
    return SourceField(column=stored.column, mapped_to=stored.mapped_to, fill_rate=fill_rate)
