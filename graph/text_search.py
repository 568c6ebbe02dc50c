"""Finds profiles by what somebody types: ids, whole identifiers and how they begin, words of golden records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import LiteralString

from graph.profiles import StoredProfile, stored_profile
from graph.transactions import Graph

_SPARE = 3
"""So many times more words' hits are read than asked for: profiles that are retired keep their words."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for: `ids` of profiles, keys or source's ids of records; whole identifier `values`; their
    `beginnings`; and `words`, a Lucene query over golden records, empty for none."""

    ids: Sequence[str]
    values: Collection[str]
    beginnings: Collection[str]
    words: str


@dataclass(frozen=True, slots=True)
class TextHits:
    """What was found: `profile_ids` that stand for themselves, profiles of records (with the record's key), keys of
    identifiers by their whole value, profiles of identifiers that begin so (with the kind), profiles by words."""

    profile_ids: Sequence[str]
    of_records: Sequence[tuple[str, StoredProfile]]
    identifier_keys: Sequence[str]
    of_beginnings: Sequence[tuple[str, StoredProfile]]
    by_words: Sequence[StoredProfile]


# An empty text is no query that the index could read: without words it is not asked.
_FIND: LiteralString = """
CALL () {
  UNWIND $ids AS id MATCH (p:Profile {id: id}) RETURN collect(p.id) AS profile_ids
}
CALL () {
  UNWIND $ids AS id
  CALL (id) {
    MATCH (r:SourceRecord {key: id}) RETURN r UNION MATCH (r:SourceRecord {record_id: id}) RETURN r LIMIT $most
  }
  MATCH (r)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL AND m.valid_from IS NULL
  WITH DISTINCT r, p ORDER BY r.key LIMIT $most
  RETURN collect([r.key, p {.*}]) AS of_records
}
CALL () {
  UNWIND $values AS value
  MATCH (i:Identifier {value: value})
  WITH DISTINCT i ORDER BY i.key LIMIT $most
  RETURN collect(i.key) AS identifier_keys
}
CALL () {
  UNWIND $beginnings AS beginning
  CALL (beginning) {
    MATCH (i:Identifier) WHERE i.value STARTS WITH beginning AND i.state = 'linking' RETURN i LIMIT $most
  }
  WITH DISTINCT i
  CALL (i) {
    MATCH (i)<-[h:HAS_IDENTIFIER]-(:SourceRecord)-[m:RESOLVES_TO]->(p:Profile)
    WHERE h.until IS NULL AND m.until IS NULL
    RETURN DISTINCT p LIMIT $most
  }
  WITH p, min(i.kind) AS kind, min(i.value) AS value ORDER BY value, p.id LIMIT $most
  RETURN collect([kind, p {.*}]) AS of_beginnings
}
CALL () {
  WITH [query IN [$words] WHERE query <> ''] AS queries
  UNWIND queries AS query
  CALL db.index.fulltext.queryNodes('profile_words', query, {limit: $spare}) YIELD node, score
  WITH node, score WHERE node.retired_at IS NULL
  WITH node, score ORDER BY score DESC, node.record_count DESC, node.id LIMIT $most
  RETURN collect(node {.*}) AS by_words
}
RETURN profile_ids, of_records, identifier_keys, of_beginnings, by_words
"""


async def find_by_text(graph: Graph, sought: Sought, *, most: int) -> TextHits:
    """What there is of `sought`, at most `most` of each, in one read."""
    rows = await graph.read(
        _FIND,
        ids=sorted(sought.ids),
        values=sorted(sought.values),
        beginnings=sorted(sought.beginnings),
        words=sought.words,
        most=most,
        spare=most * _SPARE,
    )
    row = rows[0]
    return TextHits(
        profile_ids=row["profile_ids"],
        of_records=[(key, stored_profile(found)) for key, found in row["of_records"]],
        identifier_keys=row["identifier_keys"],
        of_beginnings=[(kind, stored_profile(found)) for kind, found in row["of_beginnings"]],
        by_words=[stored_profile(found) for found in row["by_words"]],
    )
