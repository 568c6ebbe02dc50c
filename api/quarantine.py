"""Quarantine in GraphQL: the rows that could not be used, each with its reason."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from graph.quarantine import Quarantined, read_quarantined

_NOUN = "quarantine"


@strawberry.type(description="A row that could not be used.")
class QuarantinedRow:
    key: strawberry.ID = strawberry.field(description="Unique key.")
    source: str = strawberry.field(description="The source it came from.")
    file: str = strawberry.field(description="Name of the file it came in.")
    line: int = strawberry.field(description="Its line there, from 1.")
    code: str = strawberry.field(description="Stable reason code (docs/errors.md).")
    reason: str = strawberry.field(description="What is wrong with it.")
    at: datetime = strawberry.field(description="When it was first refused, UTC.")
    stored: strawberry.Private[Quarantined]

    @strawberry.field(description="The row's text; for stewards, privacy officers and administrators.")
    def raw(self) -> str | None:
        return self.stored.raw


async def quarantined_rows(
    info: Info,
    first: First = 20,
    after: After = None,
    source: Annotated[str | None, strawberry.argument(description="Only rows of this source.")] = None,
    code: Annotated[str | None, strawberry.argument(description="Only rows with this reason code.")] = None,
) -> Connection[QuarantinedRow]:
    """Resolve `Query.quarantine`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    rows = await read_quarantined(info.context.graph, size=size + 1, after=last, source=source, code=code)
    return connect(rows, size, after, _row, _cursor)


def _cursor(stored: Quarantined) -> str:
    return encode_cursor(_NOUN, stored.key)


def _row(stored: Quarantined) -> QuarantinedRow:
    return QuarantinedRow(
        key=strawberry.ID(stored.key),
        source=stored.source,
        file=stored.file,
        line=stored.line,
        code=stored.code,
        reason=stored.reason,
        at=stored.at,
        stored=stored,
    )
