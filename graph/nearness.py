"""Says which profiles are near each other: they share a device, a contact, or a household."""

from collections.abc import Iterable, Mapping
from typing import LiteralString

from graph.batches import batches
from graph.blocking import street_key
from graph.text import fold
from graph.transactions import Graph
from graph.vocabulary import RecordKind

_CROWD: LiteralString = "30"
"""An identifier on more records than this says nothing of who is near whom: a kiosk, a switchboard."""
_LOOSE_CROWD: LiteralString = "60"
"""Where what changed is looked for, crowds begin later, so that whoever has just become one of a crowd is found."""
_BATCH = 1_000


def household(kind: RecordKind, values: Mapping[str, str]) -> str | None:
    """What people of one household have in common, folded: surname and address. None when too little is known."""
    surname, street = fold(values.get("surname", "")), street_key(values.get("street", ""))
    place = fold(values.get("postcode", "")) or fold(values.get("city", ""))
    house = fold(values.get("house_number", ""))
    if kind is not RecordKind.PERSON or not (surname and street and place and house):
        return None
    return "|".join((place, street, house, fold(values.get("unit", "")), surname))


def _by_identifier(kinds: LiteralString) -> LiteralString:
    return (
        " MATCH (one)<-[ours:RESOLVES_TO]-(r:SourceRecord)-[h:HAS_IDENTIFIER]->(i:Identifier)"
        " WHERE ours.until IS NULL AND h.until IS NULL AND i.kind IN " + kinds + ""
        " AND i.state <> 'blocked' AND COUNT { (i)<-[:HAS_IDENTIFIER]-() } <= " + _CROWD + ""
        " MATCH (i)<-[g:HAS_IDENTIFIER]-(o:SourceRecord)-[theirs:RESOLVES_TO]->(other:Profile)"
        " WHERE g.until IS NULL AND theirs.until IS NULL AND other <> one RETURN other"
    )


_DEVICES: LiteralString = "['device', 'cookie']"
_CONTACTS: LiteralString = "['email', 'phone']"
_DIVIDED: LiteralString = (
    " MATCH (one)<-[ours:RESOLVES_TO]-(:SourceRecord)-[theirs:RESOLVES_TO]->(other:Profile)"
    " WHERE ours.until IS NULL AND theirs.until IS NULL AND other <> one RETURN other"
)
NEAR: Mapping[str, LiteralString] = {
    "device": _DIVIDED + " UNION" + _by_identifier(_DEVICES),
    "contact": _by_identifier(_CONTACTS),
    "household": (
        " MATCH (other:Profile) WHERE other.household = one.household AND other <> one"
        " AND other.retired_at IS NULL RETURN other"
    ),
}
"""By way of being near: the Cypher query that answers each profile `other` near the profile `one`, itself aside."""

_EVER_BY_IDENTIFIER: LiteralString = (
    " MATCH (one)<-[:RESOLVES_TO]-(r:SourceRecord)-[:HAS_IDENTIFIER]->(i:Identifier)"
    " WHERE COUNT { (i)<-[:HAS_IDENTIFIER]-() } <= " + _LOOSE_CROWD + ""
    " MATCH (i)<-[:HAS_IDENTIFIER]-(:SourceRecord)-[:RESOLVES_TO]->(other:Profile) RETURN other.id AS id"
)
_EVER_DIVIDED: LiteralString = (
    " MATCH (one)<-[:RESOLVES_TO]-(:SourceRecord)-[:RESOLVES_TO]->(other:Profile) RETURN other.id AS id"
)
_EVER_HOUSEHOLD: LiteralString = (
    " UNWIND coalesce(one.left_households, []) + one.household AS household"
    " MATCH (other:Profile {household: household}) RETURN other.id AS id"
)
_START: LiteralString = "UNWIND $ids AS start MATCH (one:Profile {id: start}) CALL (one) {"
_END: LiteralString = "} RETURN DISTINCT id"
_AROUND: Mapping[str, LiteralString] = {
    "device": _START + _EVER_DIVIDED + " UNION" + _EVER_BY_IDENTIFIER + _END,
    "contact": _START + _EVER_BY_IDENTIFIER + _END,
    "household": _START + _EVER_HOUSEHOLD + _END,
}


async def around(graph: Graph, ids: Iterable[str], way: str) -> set[str]:
    """Who is near one of the profiles, or was: at least all for whom a change of these profiles can matter."""
    found: set[str] = set()
    for batch in batches(sorted(ids), _BATCH):
        found.update(row["id"] for row in await graph.read(_AROUND[way], ids=batch))
    return found
