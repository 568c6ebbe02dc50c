"""Reads profiles by id, also by ids that were retired by a merge or a split."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from graph.transactions import Graph
from graph.vocabulary import ATTRIBUTES, RecordKind

LARGEST_HEIRS = 50


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value that did not become the golden one, and the record that says it."""

    value: str
    record_key: str
    source: str


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """One value of a golden record: where it comes from and by which rule it won."""

    attribute: str
    value: str
    record_key: str
    source: str
    rule: str
    observed_at: str | None
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A profile as stored: `attributes` are its golden values, `record_count` is 0 once it is retired."""

    id: str
    kind: RecordKind
    record_count: int
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None
    attributes: Mapping[str, str]
    golden_text: str

    def golden(self) -> list[GoldenValue]:
        """The golden values with their provenance, in the order of `ATTRIBUTES`, others after them by name."""
        values: Mapping[str, Mapping[str, Any]] = json.loads(self.golden_text)
        known = {name: place for place, name in enumerate(ATTRIBUTES)}
        names = sorted(values, key=lambda name: (known.get(name, len(known)), name))
        return [_golden_value(name, values[name]) for name in names]


@dataclass(frozen=True, slots=True)
class Heir:
    """A profile that now holds `record_count` of the records once held by another."""

    profile: StoredProfile
    record_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What an id stands for today: the profile under it and, if records have left it, who holds them now."""

    profile: StoredProfile
    heirs: tuple[Heir, ...]


def _golden_value(attribute: str, entry: Mapping[str, Any]) -> GoldenValue:
    alternatives = (
        Alternative(other["value"], other["record_key"], other["source"])
        for other in entry.get("alternatives", ())
    )
    return GoldenValue(
        attribute=attribute,
        value=entry["value"],
        record_key=entry["record_key"],
        source=entry["source"],
        rule=entry["rule"],
        observed_at=entry.get("observed_at"),
        alternatives=tuple(alternatives),
    )


def stored_profile(properties: Mapping[str, Any]) -> StoredProfile:
    """The profile of a node's property map."""
    return StoredProfile(
        id=properties["id"],
        kind=RecordKind(properties["kind"]),
        record_count=properties["record_count"],
        created_at=properties["created_at"],
        updated_at=properties["updated_at"],
        retired_at=properties.get("retired_at"),
        attributes={name: properties[name] for name in ATTRIBUTES if name in properties},
        golden_text=properties.get("golden") or "{}",
    )


_READ: LiteralString = """
UNWIND $ids AS id
MATCH (p:Profile {id: id})
OPTIONAL MATCH (p)<-[left:RESOLVES_TO]-(r:SourceRecord)-[now:RESOLVES_TO]->(h:Profile)
  WHERE left.until IS NOT NULL AND now.until IS NULL AND h <> p
WITH id, p, h, count(DISTINCT r) AS record_count
ORDER BY record_count DESC, h.id
WITH id, p, collect(CASE WHEN h IS NULL THEN NULL ELSE {profile: h {.*}, record_count: record_count} END) AS heirs
RETURN id, p {.*} AS profile, heirs[..$largest] AS heirs
"""


async def read_profiles(graph: Graph, ids: Sequence[str]) -> dict[str, Found]:
    """The profiles under `ids`, absent where there is none; heirs come largest first, at most `LARGEST_HEIRS`."""
    rows = await graph.read(_READ, ids=sorted(set(ids)), largest=LARGEST_HEIRS)
    return {
        row["id"]: Found(
            stored_profile(row["profile"]),
            tuple(Heir(stored_profile(heir["profile"]), heir["record_count"]) for heir in row["heirs"]),
        )
        for row in rows
    }
