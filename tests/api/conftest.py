"""A small graph written by hand, and clients of an app on it."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph, Statement
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.vocabulary import Role
from resolution.comparisons import COMPARISONS

START = datetime(2026, 1, 1, tzinfo=UTC)

_PROFILES = """
UNWIND $rows AS row
CREATE (p:Profile {created_at: $at, updated_at: $at, golden: '{}'}) SET p += row
"""
_RECORDS = """
UNWIND $rows AS row
CREATE (r:SourceRecord {key: row.source + ':' + row.record_id, kind: 'PERSON', accepted_at: $at, updated_at: $at,
    extra: '{"tier": "gold"}', raw: '{"secret": "raw"}'})
SET r += row.properties, r.source = row.source, r.record_id = row.record_id
WITH r, row
CALL (r, row) {
  UNWIND row.was AS id MATCH (p:Profile {id: id}) CREATE (r)-[:RESOLVES_TO {since: $at, until: $at}]->(p)
}
CALL (r, row) {
  WITH row.profile AS id WHERE id IS NOT NULL
  MATCH (p:Profile {id: id}) CREATE (r)-[:RESOLVES_TO {since: $at}]->(p)
}
"""
_IDENTIFIERS = """
UNWIND $rows AS row
CREATE (i:Identifier {key: row.key, kind: row.kind, value: row.value, state: row.state, reason: row.reason})
WITH i, row UNWIND row.holders AS holder
MATCH (r:SourceRecord {key: holder}) CREATE (r)-[:HAS_IDENTIFIER {since: $at}]->(i)
"""
_TOUCHPOINTS = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record_key})
CREATE (t:Touchpoint {source: 'web', properties: '{"page": "home"}', accepted_at: $at}) SET t += row
CREATE (t)-[:OF]->(r)
"""
_REST = """
MATCH (l:SourceRecord {key: 'crm:1'}), (r:SourceRecord {key: 'crm:2'})
CREATE (l)-[:MATCHES {probability: 0.99, weight: 6.6, model: 'm1', gammas: $gammas}]->(r)
CREATE (s:Segment {name: 'buyers', description: 'Who bought', rule: '{"rule": {"all": []}}', refreshed_at: $at})
WITH s MATCH (p:Profile) WHERE p.id IN ['p1', 'p2', 'p3']
CREATE (p)-[:IN_SEGMENT {since: $at, cause: 'segment defined'}]->(s)
"""
_ROWS = """
UNWIND range(1, 5) AS n
CREATE (:Quarantined {key: 'q' + n, source: 'crm', file: 'crm.csv', line: n, code: 'ragged_row',
    reason: 'Too few values.', raw: 'a,b', at: $at})
CREATE (:Source {name: 'crm' + n, priority: n, authenticated: true, one_per_person: false})
"""

GAMMAS = [len(COMPARISONS[0].levels) - 1] + [-1] * (len(COMPARISONS) - 1)
"""Equal in the first respect, nothing known in the others."""

GOLDEN = (
    '{"given_name": {"value": "Ada", "record_key": "crm:1", "source": "crm", "rule": "priority", "observed_at": null,'
    ' "alternatives": [{"value": "Adah", "record_key": "web:9", "source": "web"}]}}'
)


def _touchpoints() -> list[dict[str, Any]]:
    """Forty touchpoints on three records of p1, four of them in each second, and one of somebody else."""
    rows = [
        {
            "key": f"web:m{number:02}",
            "message_id": f"m{number:02}",
            "record_key": ("crm:1", "crm:2", "web:9")[number % 3],
            "occurred_at": START + timedelta(seconds=number // 4),
            "type": "purchase" if number % 5 == 0 else "page_view",
            "channel": "store" if number % 2 else "web",
            "revenue": 10.0 if number % 5 == 0 else None,
        }
        for number in range(40)
    ]
    other = {
        "key": "web:o",
        "message_id": "o",
        "record_key": "crm:3",
        "occurred_at": START,
        "type": "purchase",
    }
    return [*rows, other]


def _identifier(salt: bytes, kind: str, value: str, state: str, *holders: str) -> dict[str, Any]:
    key = identifier_key(Identifier(kind, value), salt)
    reason = None if state == "linking" else "shared mailbox"
    return {
        "key": key,
        "kind": kind,
        "value": value,
        "state": state,
        "reason": reason,
        "holders": list(holders),
    }


@pytest.fixture
async def world(graph: Graph) -> Graph:
    """Ada is p1 (three records, p0 was merged into it), Bob p2, Acme p3; px fell apart into p1 and p2."""
    ada = {"given_name": "Ada", "surname": "Lovelace", "city": "London"}
    profiles = [
        {"id": "p0", "kind": "PERSON", "record_count": 0, "retired_at": START},
        {"id": "p1", "kind": "PERSON", "record_count": 3, "golden": GOLDEN, **ada},
        {"id": "p2", "kind": "PERSON", "record_count": 1, "given_name": "Bob"},
        {"id": "p3", "kind": "ORGANISATION", "record_count": 1, "organisation_name": "Acme"},
        {"id": "px", "kind": "PERSON", "record_count": 0, "retired_at": START},
    ]
    records: list[dict[str, Any]] = [
        {"source": "crm", "record_id": "1", "profile": "p1", "was": ["px"], "properties": ada},
        {"source": "crm", "record_id": "2", "profile": "p1", "was": ["p0", "px"], "properties": ada},
        {"source": "web", "record_id": "9", "profile": "p1", "was": [], "properties": {"given_name": "Adah"}},
        {
            "source": "crm",
            "record_id": "3",
            "profile": "p2",
            "was": ["px"],
            "properties": {"given_name": "Bob"},
        },
        {
            "source": "crm",
            "record_id": "4",
            "profile": "p3",
            "was": [],
            "properties": {"kind": "ORGANISATION"},
        },
        {"source": "crm", "record_id": "5", "profile": None, "was": [], "properties": {}},
    ]
    salt = graph.salt
    identifiers = [
        _identifier(salt, "email", "ada@example.org", "linking", "crm:1", "crm:2"),
        _identifier(salt, "email", "family@example.org", "linking", "crm:1", "crm:3"),
        _identifier(salt, "email", "info@example.org", "blocked", "crm:4"),
        _identifier(salt, "phone", "+442071234567", "demoted", "crm:3", "crm:4"),
        _identifier(salt, "email", "new@example.org", "linking", "crm:5"),
    ]
    await graph.write_all(
        [
            Statement(_PROFILES, {"rows": profiles, "at": START}),
            Statement(_RECORDS, {"rows": records, "at": START}),
            Statement(_IDENTIFIERS, {"rows": identifiers, "at": START}),
            Statement(_TOUCHPOINTS, {"rows": _touchpoints(), "at": START}),
            Statement(_REST, {"at": START, "gammas": GAMMAS}),
            Statement(_ROWS, {"at": START}),
        ]
    )
    return graph


Client = Callable[[Role | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def client(graph: Graph) -> AsyncIterator[Client]:
    """Makes a client of one app; `client(role)` sends a key of that role, `client(None)` none."""
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    opened: list[httpx.AsyncClient] = []

    async def make(role: Role | None = Role.ADMIN) -> httpx.AsyncClient:
        headers = {}
        if role is not None:
            key, _ = await issue_key(graph, role)
            headers["authorization"] = f"Bearer {key}"
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))
        return opened[-1]

    yield make
    for one in opened:
        await one.aclose()


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def ask(world: Graph, client: Client) -> Ask:
    """Asks GraphQL as an administrator: `await ask(query, **variables)` answers the whole body."""
    admin = await client(Role.ADMIN)

    async def post(query: str, **variables: Any) -> dict[str, Any]:
        response = await admin.post("/graphql", json={"query": query, "variables": variables})
        return response.json()

    return post


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The reading statements that are sent from now on, with how often each is; they are run as ever."""
    sent: Counter[str] = Counter()
    read, stream = Graph.read, Graph.stream

    async def reading(self: Graph, query: LiteralString, /, **parameters: Any) -> Any:
        sent[query] += 1
        return await read(self, query, **parameters)

    def streaming(self: Graph, query: LiteralString, /, **parameters: Any) -> Any:
        sent[query] += 1
        return stream(self, query, **parameters)

    monkeypatch.setattr(Graph, "read", reading)
    monkeypatch.setattr(Graph, "stream", streaming)
    return sent
