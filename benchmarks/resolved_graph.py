"""Fills a graph with people who are resolved already: profiles of two records, three segments, and touchpoints."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, LiteralString
from uuid import UUID

from benchmarks.stage import BATCH, Rows, Stage
from graph.facts import Identifier
from graph.identifiers import identifier_key

MOST_TOUCHPOINTS = 1_000_000
JOURNEY = 20
SEGMENTS = 3
FIRST = datetime(2024, 3, 1, tzinfo=UTC)
JOINED = FIRST + timedelta(days=200)
"""When the first record of each profile came, and when the second one joined it: `asOf` between them sees one."""

_GIVEN = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jan", "Kira", "Leo")
_SURNAMES = ("Adler", "Brandt", "Conrad", "Dietz", "Engel", "Falk", "Gross", "Haas", "Imhof", "Jung", "Kern")

# The service measures the data once a day, and would begin with that.
_PREPARE: LiteralString = """
UNWIND $rows AS row
MERGE (s:Segment {name: row.name})
MERGE (m:Metric {key: 'benchmark'})
SET m += {name: 'benchmark', value: 0.0, sample_count: 0, measured_at: row.now}
"""
_PEOPLE: LiteralString = """
UNWIND $rows AS row
CREATE (p:Profile), (crm:SourceRecord), (shop:SourceRecord), (email:Identifier), (phone:Identifier),
  (crm)-[:RESOLVES_TO {since: row.first}]->(p), (shop)-[:RESOLVES_TO {since: row.joined}]->(p),
  (crm)-[:HAS_IDENTIFIER {since: row.first}]->(email), (shop)-[:HAS_IDENTIFIER {since: row.joined}]->(email),
  (shop)-[:HAS_IDENTIFIER {since: row.joined}]->(phone)
SET p = row.profile, crm = row.crm, shop = row.shop, email = row.email, phone = row.phone
WITH p, row MATCH (s:Segment) WHERE s.name IN row.segments
CREATE (p)-[:IN_SEGMENT {since: row.joined, cause: 'benchmark'}]->(s)
"""
_TOUCHPOINTS: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record_key})
UNWIND range(0, row.size - 1) AS place
CREATE (t:Touchpoint {key: row.record_key + '/' + place, record_key: row.record_key, source: 'shop',
  message_id: row.record_key + '/' + place, occurred_at: row.first + duration({hours: place * 37}),
  type: ['view', 'view', 'view', 'add_to_cart', 'purchase'][place % 5], channel: ['web', 'app', 'mail'][place % 3],
  campaign: CASE place % 4 WHEN 0 THEN 'spring' END, revenue: CASE place % 5 WHEN 4 THEN 10.0 + place END,
  properties: '{"page":"/p/' + place + '"}', accepted_at: row.first + duration({hours: place * 37 + 1})})
CREATE (t)-[:OF]->(r)
"""


def email_of(number: int) -> str:
    """The e-mail address of a person, which is of nobody else."""
    return f"person{number}@example.org"


def profile_id(number: int) -> str:
    """The id of a person's profile; ids are in no order, as real ones are not."""
    return str(UUID(bytes=sha256(b"%d" % number).digest()[:16]))


def walkers(people: int) -> int:
    """How many of the people, the first ones, have a journey: of 20 touchpoints each, a million in all at most."""
    return min(people, MOST_TOUCHPOINTS // JOURNEY)


async def fill(stage: Stage, people: int) -> None:
    """Empty the graph and fill it."""
    await stage.empty()
    now = datetime.now(UTC)
    await stage.bare_write([[(_PREPARE, [{"name": f"s{one}", "now": now} for one in range(SEGMENTS)])]])
    salt = stage.graph.salt
    await stage.bare_write([(_PEOPLE, rows)] for rows in _portions(people, lambda one: person(one, salt)))
    await stage.bare_write([(_TOUCHPOINTS, rows)] for rows in _portions(walkers(people), _walk, 10))


def _portions(count: int, row: Callable[[int], dict[str, Any]], smaller: int = 1) -> Iterator[Rows]:
    size = BATCH // smaller
    for start in range(0, count, size):
        yield [row(number) for number in range(start, min(start + size, count))]


def _walk(number: int) -> dict[str, Any]:
    return {"record_key": f"shop:{number}", "size": JOURNEY, "first": FIRST}


def person(number: int, salt: bytes) -> dict[str, Any]:
    """What the graph holds of a person, as property maps."""
    attributes = {
        "given_name": _GIVEN[number % len(_GIVEN)],
        "surname": _SURNAMES[number // len(_GIVEN) % len(_SURNAMES)],
        "birth_date": f"{1940 + number % 65}-{1 + number % 12:02}-{1 + number % 28:02}",
        "house_number": str(1 + number % 300),
        "street": "Ring",
        "city": f"Town {number % 2000}",
        "postcode": str(10_000 + number % 2000),
    }
    golden = {
        name: {"value": value, "record_key": f"crm:{number}", "source": "crm", "rule": "most recent",
               "observed_at": FIRST.isoformat(), "alternatives": [
                   {"value": value.upper(), "record_key": f"shop:{number}", "source": "shop"}]}
        for name, value in attributes.items()
    }  # fmt: skip
    return {
        "first": FIRST,
        "joined": JOINED,
        "profile": {"id": profile_id(number), "kind": "PERSON", "record_count": 2, "created_at": FIRST,
                    "updated_at": JOINED, "golden": json.dumps(golden), **attributes},
        "crm": _record("crm", number, FIRST, attributes),
        "shop": _record("shop", number, JOINED, {name: value.upper() for name, value in attributes.items()}),
        "email": _identifier("email", email_of(number), salt),
        "phone": _identifier("phone", f"+49151{number:09}", salt),
        "segments": [f"s{one}" for one in range(SEGMENTS)],
    }  # fmt: skip


def _record(source: str, number: int, at: datetime, attributes: dict[str, str]) -> dict[str, Any]:
    return {"key": f"{source}:{number}", "source": source, "record_id": str(number), "kind": "PERSON",
            "accepted_at": at, "updated_at": at, "observed_at": at, "resolved_at": at, "extra": "{}",
            "raw": json.dumps(attributes), **attributes}  # fmt: skip


def _identifier(kind: str, value: str, salt: bytes) -> dict[str, str]:
    key = identifier_key(Identifier(kind, value), salt)
    return {"key": key, "kind": kind, "value": value, "state": "linking"}
