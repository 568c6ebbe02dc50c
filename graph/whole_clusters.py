"""Streams every profile with what it is made of, for figures about all of them: records, identifiers, match edges."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.transactions import Graph
from graph.vocabulary import RecordKind

# Look-ups wait while a page is worked on: few at once.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Link:
    """A match edge to another record: its key and source, the profile it is in (None: in none), weight in log2 odds."""

    key: str
    source: str
    profile_id: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a cluster: `identifiers` as (key, kind, state), the blocked ones left out; `links` are the match
    edges of which it is the smaller key, so that each edge is met once."""

    key: str
    source: str
    given_name: str | None
    surname: str | None
    birth_date: str | None
    postcode: str | None
    identifiers: tuple[tuple[str, str, str], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class WholeCluster:
    """A profile and its records; of a visitor only how many there are. A record that profiles share is of the earliest
    slice's, but counts for each."""

    profile_id: str
    kind: RecordKind
    record_count: int
    members: tuple[Member, ...]


_PAGE: LiteralString = """
MATCH (p:Profile) WHERE p.id > $after AND p.retired_at IS NULL
WITH p ORDER BY p.id LIMIT $size
CALL (p) {
  MATCH (p)<-[m:RESOLVES_TO]-(r:SourceRecord)
  WHERE m.until IS NULL AND m.valid_from IS NULL AND p.kind <> 'VISITOR'
  RETURN collect([r.key, r.source, r.given_name, r.surname, r.birth_date, r.postcode,
    [(r)-[h:HAS_IDENTIFIER]->(i:Identifier) WHERE h.until IS NULL AND i.state <> 'blocked' | [i.key, i.kind, i.state]],
    [(r)-[e:MATCHES]->(o:SourceRecord) | [o.key, o.source,
      head([(o)-[n:RESOLVES_TO]->(q:Profile) WHERE n.until IS NULL AND n.valid_from IS NULL | q.id]), e.weight]]
  ]) AS members
}
RETURN p.id AS id, p.kind AS kind, p.record_count AS record_count, members ORDER BY id
"""


async def stream_whole_clusters(graph: Graph) -> AsyncIterator[WholeCluster]:
    """Every current profile by id, a page at a time."""
    after = ""
    while rows := await graph.read(_PAGE, after=after, size=_AT_ONCE):
        after = rows[-1]["id"]
        for row in rows:
            members = tuple(_member(said) for said in row["members"])
            yield WholeCluster(row["id"], RecordKind(row["kind"]), row["record_count"], members)


def _member(said: Sequence[Any]) -> Member:
    key, source, given_name, surname, birth_date, postcode, held, links = said
    identifiers = tuple((key, kind, state) for key, kind, state in sorted(held))
    found = tuple(Link(*one) for one in links)
    return Member(key, source, given_name, surname, birth_date, postcode, identifiers, found)
