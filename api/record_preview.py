"""`previewRecord` in GraphQL: how a record would be read and whose it could be, without writing it."""

from dataclasses import replace
from typing import Annotated

import strawberry

from api.attributes import Attributes, attributes
from api.context import Info
from api.identify import Problem, RecordInput, problem, statement
from api.search import Candidate, candidate
from api.sensitivity import PersonalText
from api.vocabulary import RecordKind
from graph.identifiers import identifier_key, kind_of
from graph.suppressions import suppressed_among
from loaders.record_preview import RecordPreview as Read
from loaders.record_preview import preview_statement
from loaders.rows import RejectionCode
from resolution.search import search_profiles

_CANDIDATES = 10


@strawberry.type(description="An identifier as it would be kept.")
class ReadIdentifier:
    key: strawberry.ID = strawberry.field(description="Key without the value: safe in logs.")
    kind: str = strawberry.field(description="Kind, such as email or phone.")
    value: PersonalText = strawberry.field(description="The cleaned value.")
    identifier_class: str = strawberry.field(
        description="How far it links by itself: unique, login, contact or device."
    )


@strawberry.type(description="A string under which a record meets others that are worth comparing.")
class Block:
    rule: str = strawberry.field(description="The blocking rule.")
    value: PersonalText = strawberry.field(description="The string.")


@strawberry.type(description="How a record would be read, and whose it could be. Nothing was written.")
class RecordPreview:
    usable: bool = strawberry.field(description="Whether it would be taken in.")
    code: str | None = strawberry.field(description="Why not (docs/errors.md).")
    reason: str | None = strawberry.field(description="The same as a sentence.")
    record_key: strawberry.ID | None = strawberry.field(description="Its key: source and id.")
    kind: RecordKind | None = strawberry.field(description="What it speaks of.")
    attributes: Attributes | None = strawberry.field(description="Its values as they would be kept.")
    identifiers: list[ReadIdentifier] = strawberry.field(description="Its identifiers as they would be kept.")
    blocks: list[Block] = strawberry.field(description="What it meets others by.")
    problems: list[Problem] = strawberry.field(description="The values that would be left out.")
    candidates: list[Candidate] = strawberry.field(
        description="The profiles that it could be of, likeliest first, at most 10."
    )


async def preview_record(
    info: Info, record: Annotated[RecordInput, strawberry.argument(description="The record.")]
) -> RecordPreview:
    """Resolve `Query.previewRecord`."""
    read = preview_statement(statement(record))
    known = read.record
    if known is None:
        return _preview(info, read, [])
    if await suppressed_among(info.context.graph, known.identifiers):
        refused = replace(read, code=RejectionCode.SUPPRESSED, reason="It holds a suppressed identifier.")
        return _preview(info, refused, [])
    found = await search_profiles(info.context.graph, known.attributes, known.identifiers, _CANDIDATES)
    return _preview(info, read, [candidate(one) for one in found])


def _preview(info: Info, read: Read, candidates: list[Candidate]) -> RecordPreview:
    record, salt = read.record, info.context.graph.salt
    return RecordPreview(
        usable=read.code is None,
        code=read.code,
        reason=read.reason,
        record_key=strawberry.ID(record.key) if record else None,
        kind=record.kind if record else None,
        attributes=attributes(record.attributes) if record else None,
        identifiers=[
            ReadIdentifier(
                key=strawberry.ID(identifier_key(one, salt)),
                kind=one.kind,
                value=one.value,
                identifier_class=kind_of(one.kind).identifier_class,
            )
            for one in (record.identifiers if record else ())
        ],
        blocks=[Block(rule=rule, value=value) for rule, value in read.blocks.items()],
        problems=[problem(name, code) for name, code in read.problems],
        candidates=candidates,
    )
