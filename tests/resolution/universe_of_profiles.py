"""A random universe of resolved profiles, written straight into the graph, and its facts as plain rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, LiteralString

from graph.connection import Graph, Statement

AT = datetime(2026, 5, 20, 12, tzinfo=UTC)
SOURCES = ("crm", "shop", "web")
NAMES = ("Ada", "Bruno", "Clara", "Dimitri", "Elif", "Farouk")


@dataclass(frozen=True, slots=True)
class Universe:
    """Rows as the graph has them: profiles (id, kind), records (with their profile), holdings (record, identifier) and
    edges (left, right, weight)."""

    profiles: list[dict[str, Any]]
    records: list[dict[str, Any]]
    held: list[dict[str, Any]]
    edges: list[dict[str, Any]]


def draw(seed: int, count: int) -> Universe:
    """So many profiles of one to nine records, with names, dates, phones and numbers that repeat."""
    chance = Random(seed)
    profiles = [
        {"id": f"p{number:04}", "kind": chance.choice(("PERSON",) * 8 + ("ORGANISATION", "VISITOR"))}
        for number in range(count)
    ]
    records = [
        _record(chance, profile["id"], number)
        for profile in profiles
        for number in range(chance.choice(_SIZES))
    ]
    held = [
        {"record": record["key"], "kind": kind, "value": f"{kind}{chance.randrange(count)}", "state": state}
        for record in records
        for kind in ("email", "phone", "ssn")
        for state in [chance.choice(("linking", "linking", "demoted", "blocked"))]
        if chance.random() < 0.5
    ]
    # An identifier has one state, whoever holds it.
    states = {one["value"]: one["state"] for one in held}
    held = [one | {"state": states[one["value"]]} for one in held]
    by_profile: dict[str, list[str]] = {}
    for record in records:
        by_profile.setdefault(record["profile"], []).append(record["key"])
    return Universe(profiles, records, held, _edges(chance, records, by_profile))


_SIZES = (1, 1, 1, 2, 2, 3, 4, 6, 9)


def _record(chance: Random, profile_id: str, number: int) -> dict[str, Any]:
    source = chance.choice(SOURCES)
    return {
        "key": f"{source}:{profile_id}-{number}",
        "source": source,
        "profile": profile_id,
        "given_name": chance.choice((*NAMES, None)),
        "surname": chance.choice(("Nowak", "Öz", None)),
        "birth_date": chance.choice(("1980-01-02", "1981-03-04", "1990", None)),
        "postcode": chance.choice(("10115", "SW1A 1AA", "sw1a1aa", "80331", None)),
    }


def _edges(
    chance: Random, records: list[dict[str, Any]], by_profile: dict[str, list[str]]
) -> list[dict[str, Any]]:
    keys = [one["key"] for one in records]
    pairs = {tuple(sorted(chance.sample(keys, 2))) for _ in range(len(keys))}
    for own in by_profile.values():
        pairs |= {tuple(sorted(chance.sample(own, 2))) for _ in own if len(own) > 1}
    return [{"left": low, "right": high, "weight": chance.uniform(-25, 45)} for low, high in sorted(pairs)]


_PROFILES: LiteralString = """
UNWIND $rows AS row
CREATE (p:Profile {id: row.id, kind: row.kind, record_count: row.record_count, created_at: $at, updated_at: $at})
"""
_RECORDS: LiteralString = """
UNWIND $rows AS row
MATCH (p:Profile {id: row.profile})
CREATE (r:SourceRecord {key: row.key, source: row.source, record_id: row.key, kind: 'PERSON', accepted_at: $at,
  updated_at: $at, given_name: row.given_name, surname: row.surname, birth_date: row.birth_date,
  postcode: row.postcode})
CREATE (r)-[:RESOLVES_TO {since: $at}]->(p)
"""
_HELD: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record})
MERGE (i:Identifier {key: row.value}) ON CREATE SET i.kind = row.kind, i.value = row.value, i.state = row.state
CREATE (r)-[:HAS_IDENTIFIER {since: $at}]->(i)
"""
_MATCHES: LiteralString = """
UNWIND $rows AS row
MATCH (l:SourceRecord {key: row.left}), (r:SourceRecord {key: row.right})
CREATE (l)-[:MATCHES {weight: row.weight, probability: 0.5, model: 'm'}]->(r)
"""


async def write(graph: Graph, universe: Universe) -> None:
    """Write a universe, with retired profiles that nothing may count."""
    sizes = [
        one | {"record_count": sum(r["profile"] == one["id"] for r in universe.records)}
        for one in universe.profiles
    ]
    retired: LiteralString = (
        "CREATE (:Profile {id: 'p0001x', kind: 'PERSON', record_count: 0, retired_at: $at, created_at: $at,"
        " updated_at: $at})"
    )
    await graph.write_all(
        [
            Statement(_PROFILES, {"rows": sizes, "at": AT}),
            Statement(_RECORDS, {"rows": universe.records, "at": AT}),
            Statement(_HELD, {"rows": universe.held, "at": AT}),
            Statement(_MATCHES, {"rows": universe.edges}),
            Statement(retired, {"at": AT}),
        ]
    )
