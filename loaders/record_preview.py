"""Answers for how a record would be read, without writing it: values, identifiers, blocks, or why it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.blocking import block_columns
from graph.facts import SourceRecord, Touchpoint
from loaders.facts import RowMapper
from loaders.rows import BadRow, Row, UnusableRowError
from loaders.stated import Statement, stated


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """A record as it would be kept. One that would be rejected has a `code` and a `reason` and no record.

    `written` holds the values as they came; `problems` are the (name, code) of values that are left out; `blocks` maps
    a blocking rule to the string under which the record meets others.
    """

    written: Mapping[str, str]
    record: SourceRecord | None = None
    touchpoint: Touchpoint | None = None
    removed: bool = False
    problems: tuple[tuple[str, str], ...] = ()
    code: str | None = None
    reason: str | None = None
    blocks: Mapping[str, str] = field(default_factory=dict[str, str])


def preview_row(mapper: RowMapper, row: Row | BadRow) -> RecordPreview:
    """A row of a file under a mapping."""
    if isinstance(row, BadRow):
        return RecordPreview({}, code=row.code, reason=row.reason)
    try:
        facts = mapper.facts(row)
    except UnusableRowError as error:
        return RecordPreview(row.values, code=error.code, reason=error.reason)
    if facts.record is None:
        return RecordPreview(row.values, removed=True)
    said = facts.record.extra.get("problems", "")
    problems = tuple((name, code) for name, _, code in (one.partition(":") for one in said.split()))
    return RecordPreview(
        row.values, facts.record, facts.touchpoint, problems=problems, blocks=_blocks(facts.record)
    )


def preview_statement(statement: Statement) -> RecordPreview:
    """A record as a client states it."""
    written = {**statement.attributes, **{kind: value for kind, value, _ in statement.identifiers}}
    try:
        said = stated(statement)
    except UnusableRowError as error:
        return RecordPreview(written, code=error.code, reason=error.reason)
    return RecordPreview(written, said.record, problems=said.problems, blocks=_blocks(said.record))


def _blocks(record: SourceRecord) -> dict[str, str]:
    return block_columns(record.kind, record.attributes, record.identifiers)
