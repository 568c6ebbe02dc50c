"""Hostile GraphQL documents over the wire: each answered with little work, without failures or innards."""

import re
from typing import Any

import httpx
import pytest

from graph.vocabulary import Role
from tests.api.hostile import FAMILIES, hostile_bodies
from tests.work import calls_counted

pytestmark = pytest.mark.store

MOST_CALLS = 500_000
INNARDS = re.compile(
    rb"Traceback|site-packages|\.py\b|bolt:|neo4j|Neo\.|127\.0\.0\.1|localhost|graphql-core|MATCH \(|line \d+, in "
)


async def send_all(caller: httpx.AsyncClient, count: int) -> dict[str, set[int]]:
    """Send so many hostile bodies and check each answer; the statuses by family."""
    statuses: dict[str, set[int]] = {family.__name__: set() for family in FAMILIES}
    for name, body in hostile_bodies(count):
        with calls_counted() as calls:
            response = await caller.post("/graphql", content=body)
        assert response.status_code < 500, (name, body[:200], response.text)
        assert calls.count < MOST_CALLS, (name, body[:200], calls.count)
        assert not INNARDS.search(response.content), (name, response.text)
        for error in response.json().get("errors", ()):
            assert error["extensions"]["code"] != "internal_error", (name, body[:200])
        statuses[name].add(response.status_code)
    return statuses


async def test_two_hundred_hostile_documents(world: Any, client: Any) -> None:
    statuses = await send_all(await client(Role.ADMIN), 200)
    assert all(400 in found for found in statuses.values())


@pytest.mark.soak
async def test_a_thousand_hostile_documents(world: Any, client: Any) -> None:
    await send_all(await client(Role.ADMIN), 1_000)


async def test_nothing_of_a_document_is_logged(
    world: Any, client: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    caller = await client(Role.ADMIN)
    for query in (
        '{ lookup(kind: "email", value: "ada.private@example.org") { outcome } }',
        '{ lookup(kind: "ada.private", value: 1) { outcome } }',
        '{ lookup(kind: "nothing", value: "ada.private@example.org") { outcome } }',
        '{ segment(name: "ada.private") { profiles(after: "ada.private") { pageInfo { endCursor } } } }',
    ):
        await caller.post("/graphql", json={"query": query})
    await caller.get("/v1/lookup", params={"email": "ada.private"})
    await caller.get("/v1/profiles/ada.private@example.org")
    written = "".join(capfd.readouterr())
    assert "request" in written
    assert "ada.private" not in written
