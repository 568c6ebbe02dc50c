"""Keeps the values of indicators for each profile, and reads the touchpoints that they are worked out of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

from graph.journeys import EARLIEST, LATEST
from graph.transactions import Statement

MISSING = ""
"""Stands in a column for a touchpoint that does not say it."""


@dataclass(frozen=True, slots=True)
class TouchpointColumns:
    """The touchpoints of one profile, one list for each column, `at` in microseconds since 1970."""

    at: Sequence[int]
    type: Sequence[str]
    channel: Sequence[str]
    campaign: Sequence[str]
    source: Sequence[str]
    revenue: Sequence[float | str]
    properties: Sequence[str]


@dataclass(frozen=True, slots=True)
class StoredInputs:
    """What the indicators of a profile are worked out of, and their stored values by name."""

    touchpoints: TouchpointColumns
    values: Mapping[str, Any]


# CASE and not OR, as in a journey. Columns and not rows: unpacking a hundred thousand rows would take seconds.
_READ: LiteralString = """
UNWIND $ids AS id
CALL (id) {
  MATCH (:Profile {id: id})<-[m:RESOLVES_TO]-(r:SourceRecord) WHERE m.until IS NULL
  WITH r, CASE WHEN m.valid_from > $since THEN m.valid_from ELSE $since END AS since,
    coalesce(m.valid_until, $until) AS until
  CALL (r, since, until) {
    MATCH (t:Touchpoint)
    WHERE t.record_key = r.key AND t.occurred_at >= since AND t.occurred_at < until
      AND ($types IS NULL OR t.type IN $types)
    RETURN t
  }
  RETURN collect(t.occurred_at.epochSeconds * 1000000 + t.occurred_at.microsecond) AS at,
    collect(t.type) AS type, collect(coalesce(t.channel, '')) AS channel,
    collect(coalesce(t.campaign, '')) AS campaign, collect(coalesce(t.source, '')) AS source,
    collect(coalesce(t.revenue, '')) AS revenue,
    collect(CASE WHEN $with_properties THEN coalesce(t.properties, '') ELSE '' END) AS properties
}
RETURN id, at, type, channel, campaign, source, revenue, properties,
  COLLECT { MATCH (:Profile {id: id})-[h:HAS_INDICATOR]->(i:Indicator) RETURN [i.name, h.value] } AS values
"""


def reading(
    ids: Iterable[str], *, types: Iterable[str] | None, since: datetime | None, with_properties: bool
) -> Statement:
    """The statement that reads touchpoints and stored values of some profiles, for `read_inputs`.

    `types` and `since` bound the touchpoints; None does not. Of a shared device's record only what lies in the
    profile's slices counts.
    """
    parameters = {
        "ids": sorted(ids),
        "types": None if types is None else sorted(types),
        "since": (since or EARLIEST).astimezone(UTC),
        "until": LATEST,
        "with_properties": with_properties,
    }
    return Statement(_READ, parameters)


def read_inputs(rows: Iterable[Mapping[str, Any]]) -> dict[str, StoredInputs]:
    """The rows of `reading`, by profile id."""
    names = TouchpointColumns.__slots__
    return {
        row["id"]: StoredInputs(TouchpointColumns(*(row[name] for name in names)), dict(row["values"]))
        for row in rows
    }


_WRITE: LiteralString = """
UNWIND $rows AS row
MATCH (p:Profile {id: row.id}) MATCH (i:Indicator {name: row.name})
MERGE (p)-[h:HAS_INDICATOR]->(i)
SET h.value = row.value, h.updated_at = $at
"""

_REMOVE: LiteralString = """
UNWIND $rows AS row
MATCH (:Profile {id: row.id})-[h:HAS_INDICATOR]->(:Indicator {name: row.name})
DELETE h
"""


def writing(values: Mapping[str, Mapping[str, Any]], at: datetime) -> list[Statement]:
    """The statements that write changed values, by profile id and indicator's name; None takes a value away.

    To be run in a transaction that holds the profiles, so that nobody else writes the same relationship.
    """
    rows = [
        {"id": id_, "name": name, "value": values[id_][name]}
        for id_ in sorted(values)
        for name in sorted(values[id_])
    ]
    kept = [row for row in rows if row["value"] is not None]
    gone = [row for row in rows if row["value"] is None]
    statements = [Statement(_WRITE, {"rows": kept, "at": at})] if kept else []
    return [*statements, Statement(_REMOVE, {"rows": gone})] if gone else statements


_TURN: LiteralString = """
UNWIND $rows AS row
MATCH (p:Profile {id: row.id})
SET p.turns_at = CASE WHEN p.turns_at < row.turns_at THEN p.turns_at ELSE row.turns_at END
"""


def turning(turns_at: Mapping[str, datetime]) -> Statement:
    """The statement that makes profiles due at an instant, unless they are earlier."""
    return Statement(_TURN, {"rows": [{"id": id_, "turns_at": turns_at[id_]} for id_ in sorted(turns_at)]})
