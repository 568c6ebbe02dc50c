"""Sources in GraphQL: what comes from where, whose it is and how complete."""

from datetime import UTC, datetime

import strawberry

from api.context import Info
from graph.quarantine import count_quarantined_of_each
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
    newest_at: datetime | None = strawberry.field(
        description="The latest instant that its rows speak of (occurred, or observed by the source), UTC."
    )
    age_seconds: float | None = strawberry.field(
        description="How old the newest of it is: seconds since `newestAt`, or since it was last loaded."
    )
    rows: int = strawberry.field(description="Rows of the last load.")
    rejected_share: float = strawberry.field(
        description="Part of the rows of the last load that could not be used, 0 to 1."
    )
    quarantined: int = strawberry.field(description="How many of its rows wait in quarantine.")
    mapping: str | None = strawberry.field(description="The mapping it was read under last, as TOML.")
    fields: list[SourceField] = strawberry.field(description="Its columns.")


async def all_sources(info: Info) -> list[Source]:
    """Resolve `Query.sources`."""
    waiting = await count_quarantined_of_each(info.context.graph)
    return [
        _source(stored, sum(waiting.get(stored.name, {}).values()))
        for stored in await list_sources(info.context.graph)
    ]


def _source(stored: StoredSource, quarantined: int) -> Source:
    newest = stored.newest_at or stored.last_loaded_at
    return Source(
        name=stored.name,
        owner=stored.owner,
        lawful_basis=stored.lawful_basis,
        priority=stored.priority,
        authenticated=stored.authenticated,
        one_per_person=stored.one_per_person,
        last_loaded_at=stored.last_loaded_at,
        newest_at=stored.newest_at,
        age_seconds=(datetime.now(UTC) - newest).total_seconds() if newest else None,
        rows=stored.rows,
        rejected_share=stored.rejected_share,
        quarantined=quarantined,
        mapping=stored.mapping,
        fields=[_field(one) for one in stored.fields],
    )


def _field(stored: StoredField) -> SourceField:
    return SourceField(column=stored.column, mapped_to=stored.mapped_to, fill_rate=stored.fill_rate)
