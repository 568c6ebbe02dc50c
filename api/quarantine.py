"""Quarantine in GraphQL: the rows that could not be used, each with its reason, mended and replayed."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.connections import After, Connection, First, connect, decode_cursor, encode_cursor, page_size
from api.context import Info
from api.sensitivity import RawInput
from graph.errors import InputError, NotFoundError
from graph.quarantine import (
    Quarantined,
    count_quarantined_of_each,
    find_quarantined,
    read_quarantined,
)
from loaders.door import open_door
from loaders.mapping import parse_mapping
from loaders.replay import Replay, Replayed

_NOUN = "quarantine"
_MOST_REPLAYED = 1_000

_Source = Annotated[str | None, strawberry.argument(description="Only rows of this source.")]
_Code = Annotated[str | None, strawberry.argument(description="Only rows with this reason code.")]


@strawberry.type(description="A row that could not be used.")
class QuarantinedRow:
    key: strawberry.ID = strawberry.field(description="Unique key.")
    source: str = strawberry.field(description="The source it came from.")
    form: str = strawberry.field(description="`row`: columns; `event`: the JSON of a message.")
    file: str = strawberry.field(description="Name of the file it came in.")
    line: int = strawberry.field(description="Its line there, from 1.")
    code: str = strawberry.field(description="Stable reason code (docs/errors.md).")
    reason: str = strawberry.field(description="What is wrong with it.")
    at: datetime = strawberry.field(description="When it was first refused, UTC.")
    stored: strawberry.Private[Quarantined]

    @strawberry.field(description="The row's text; for stewards, privacy officers and administrators.")
    def raw(self) -> RawInput | None:
        return self.stored.raw


@strawberry.type(description="How many rows of a source wait with one reason code.")
class QuarantineCount:
    source: str = strawberry.field(description="The source.")
    code: str = strawberry.field(description="Stable reason code (docs/errors.md).")
    rows: int = strawberry.field(description="How many rows wait.")


@strawberry.type(description="What became of a row that was read again.")
class ReplayedRow:
    key: strawberry.ID = strawberry.field(description="Its key in quarantine.")
    released: bool = strawberry.field(description="Whether it was taken in.")
    record_key: strawberry.ID | None = strawberry.field(description="Key of the record that it speaks of.")
    code: str | None = strawberry.field(description="Why it still waits (docs/errors.md).")
    reason: str | None = strawberry.field(description="The same as a sentence.")


@strawberry.type(description="What became of rows that were read again.")
class QuarantineReplay:
    released: int = strawberry.field(description="How many were taken in; they wait to be resolved.")
    waiting: int = strawberry.field(description="How many of them still cannot be used.")
    rows: list[ReplayedRow] = strawberry.field(description="Each of them.")


async def quarantined_rows(
    info: Info, first: First = 20, after: After = None, source: _Source = None, code: _Code = None
) -> Connection[QuarantinedRow]:
    """Resolve `Query.quarantine`."""
    size = page_size(first)
    last = decode_cursor(_NOUN, after, 1)[0] if after is not None else ""
    rows = await read_quarantined(info.context.graph, size=size + 1, after=last, source=source, code=code)
    return connect(rows, size, after, _row, _cursor)


async def quarantine_counts(info: Info) -> list[QuarantineCount]:
    """Resolve `Query.quarantineCounts`."""
    counts = await count_quarantined_of_each(info.context.graph)
    return [
        QuarantineCount(source=source, code=code, rows=rows)
        for source, codes in counts.items()
        for code, rows in codes.items()
    ]


@strawberry.input(
    description="Which rows of the quarantine are meant: these keys, or those of a source or code."
)
class QuarantineSelection:
    keys: list[strawberry.ID] | None = strawberry.field(description="These rows.", default=None)
    source: str | None = strawberry.field(description="Rows of this source.", default=None)
    code: str | None = strawberry.field(description="Rows with this reason code.", default=None)


async def replay_quarantine(
    info: Info,
    of: Annotated[QuarantineSelection, strawberry.argument(description="Which rows; at most 1,000 a call.")],
    row: Annotated[
        str | None,
        strawberry.argument(
            description="With one key: the row mended, a JSON object of its columns, or a message."
        ),
    ] = None,
    mapping: Annotated[
        str | None,
        strawberry.argument(description="A mended mapping as TOML; by default the last one of the source."),
    ] = None,
) -> QuarantineReplay:
    """Resolve `Mutation.replayQuarantine`."""
    graph = info.context.graph
    if row is not None and len(of.keys or ()) != 1:
        raise InputError("A mended row needs the key of the one row that it replaces.")
    known = parse_mapping(mapping) if mapping is not None else None
    waiting = await _chosen(info, of)
    async with open_door(graph) as door:
        replaying = Replay(graph, door, info.context.viewer.key_id, known)
        results = await replaying.all(waiting) if row is None else [await replaying.mended(waiting[0], row)]
    still = sum(one.code is not None for one in results)
    return QuarantineReplay(
        released=len(results) - still, waiting=still, rows=[_replayed(one) for one in results]
    )


async def _chosen(info: Info, of: QuarantineSelection) -> list[Quarantined]:
    graph = info.context.graph
    if of.keys is None:
        return await read_quarantined(graph, size=_MOST_REPLAYED, source=of.source, code=of.code)
    if len(of.keys) > _MOST_REPLAYED:
        raise InputError(f"At most {_MOST_REPLAYED:,} rows are replayed by one call.")
    found = [one for one in await find_quarantined(graph, of.keys) if one.released_at is None]
    if len(found) < len(set(of.keys)):
        raise NotFoundError("No row waits in quarantine under one of these keys.")
    return found


def _replayed(one: Replayed) -> ReplayedRow:
    return ReplayedRow(
        key=strawberry.ID(one.key),
        released=one.code is None,
        record_key=strawberry.ID(one.record_key) if one.record_key else None,
        code=one.code,
        reason=one.reason,
    )


def _cursor(stored: Quarantined) -> str:
    return encode_cursor(_NOUN, stored.key)


def _row(stored: Quarantined) -> QuarantinedRow:
    return QuarantinedRow(
        key=strawberry.ID(stored.key),
        source=stored.source,
        form=stored.form,
        file=stored.file,
        line=stored.line,
        code=stored.code,
        reason=stored.reason,
        at=stored.at,
        stored=stored,
    )
