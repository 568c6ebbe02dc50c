"""API keys: form, storage, and everything that is not a valid key."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, LiteralString

import pytest

from api.keys import Keyring, issue_key, rotate_key
from graph.connection import Graph
from graph.errors import GraphUnavailableError, InputError, NotFoundError, UnauthenticatedError
from graph.keys import list_keys, revoke_key
from graph.vocabulary import Role

pytestmark = pytest.mark.store


async def test_only_the_hash_is_stored(graph: Graph) -> None:
    key, record = await issue_key(graph, Role.CRM)
    assert key.startswith(f"of_{record.prefix}_")
    (node,) = [row["k"] for row in await graph.read("MATCH (k:ApiKey) RETURN k {.*} AS k")]
    assert node["hash"] == sha256(key.encode()).hexdigest()
    assert key.removeprefix(f"of_{record.prefix}_") not in str(node)
    assert await list_keys(graph) == [record]


async def test_keys_differ(graph: Graph) -> None:
    keys = [(await issue_key(graph, Role.READER))[0] for _ in range(5)]
    assert len(set(keys)) == 5


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "Bearer of_x_y",
        "Bearer " + "of_" * 900,
        "Bearer of_000000000000_é",
    ],
)
async def test_garbage_is_refused_without_asking_the_graph(
    graph: Graph, header: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_read(_query: LiteralString, /, **_parameters: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(graph, "read", no_read)
    with pytest.raises(UnauthenticatedError):
        await Keyring(graph, 10).viewer(header)


async def test_a_right_prefix_with_a_wrong_secret_is_refused(graph: Graph) -> None:
    key, _ = await issue_key(graph, Role.ADMIN)
    for wrong in (key[:-1] + ("A" if key[-1] != "A" else "B"), key + "x", key.upper()):
        with pytest.raises(UnauthenticatedError):
            await Keyring(graph, 10).viewer(f"Bearer {wrong}")


async def test_expiry_and_revocation(graph: Graph) -> None:
    expired, _ = await issue_key(graph, Role.CRM, timedelta(seconds=-1))
    revoked, record = await issue_key(graph, Role.CRM)
    keyring = Keyring(graph, 0)
    assert (await keyring.viewer(f"bearer {revoked}")).role is Role.CRM
    await revoke_key(graph, record.id, datetime.now(UTC))
    for key in (expired, revoked):
        with pytest.raises(UnauthenticatedError):
            await keyring.viewer(f"Bearer {key}")


async def test_a_key_is_trusted_for_a_while(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = await issue_key(graph, Role.CRM)
    keyring = Keyring(graph, 60)
    await keyring.viewer(f"Bearer {key}")
    reads: list[str] = []
    monkeypatch.setattr(graph, "read", lambda query, **_: reads.append(query))
    assert (await keyring.viewer(f"Bearer {key}")).role is Role.CRM
    assert not reads


async def test_revoking_an_unknown_key_says_so(graph: Graph) -> None:
    assert await revoke_key(graph, "key_none", datetime.now(UTC)) is None


async def test_a_key_that_was_good_is_trusted_while_the_graph_does_not_answer(graph: Graph) -> None:
    (key, _), (other, _) = await issue_key(graph, Role.INGEST), await issue_key(graph, Role.INGEST)
    keyring = Keyring(graph, 0)
    await keyring.learn()
    late, _ = await issue_key(graph, Role.INGEST)
    viewer = await keyring.viewer(f"Bearer {key}")
    graph.breaker.is_open = True
    try:
        assert await keyring.viewer(f"Bearer {key}") == viewer
        assert await keyring.viewer(f"Bearer {other}") != viewer
        with pytest.raises(GraphUnavailableError):
            await keyring.viewer(f"Bearer {late}")
    finally:
        graph.breaker.is_open = False
    await revoke_key(graph, viewer.key_id, datetime.now(UTC))
    with pytest.raises(UnauthenticatedError):
        await keyring.viewer(f"Bearer {key}")


async def test_rotation_leaves_both_good_for_a_while(graph: Graph) -> None:
    old, record = await issue_key(graph, Role.CRM, timedelta(days=90), scopes=["Query.lookup"])
    new, successor = await rotate_key(graph, record.id, timedelta(hours=1))
    assert (successor.role, successor.scopes, successor.expires_at) == (
        Role.CRM,
        ("Query.lookup",),
        successor.created_at + timedelta(days=90),
    )
    keyring = Keyring(graph, 0)
    assert (await keyring.viewer(f"Bearer {old}")).key_id == record.id
    assert (await keyring.viewer(f"Bearer {new}")).key_id == successor.id
    ending, _ = await list_keys(graph)
    assert (ending.successor, ending.expires_at) == (successor.id, successor.created_at + timedelta(hours=1))
    with pytest.raises(InputError, match="rotated already"):
        await rotate_key(graph, record.id, timedelta(hours=1))


async def test_rotation_at_once_ends_the_old_key(graph: Graph) -> None:
    old, record = await issue_key(graph, Role.INGEST, source="shop")
    new, _ = await rotate_key(graph, record.id, timedelta(0))
    with pytest.raises(UnauthenticatedError):
        await Keyring(graph, 0).viewer(f"Bearer {old}")
    assert (await Keyring(graph, 0).viewer(f"Bearer {new}")).source == "shop"


async def test_what_has_ended_is_not_rotated(graph: Graph) -> None:
    _, expired = await issue_key(graph, Role.CRM, timedelta(seconds=-1))
    _, revoked = await issue_key(graph, Role.CRM)
    await revoke_key(graph, revoked.id, datetime.now(UTC))
    for record in (expired, revoked):
        with pytest.raises(InputError):
            await rotate_key(graph, record.id, timedelta(hours=1))
    with pytest.raises(NotFoundError):
        await rotate_key(graph, "key_none", timedelta(hours=1))
    assert len(await list_keys(graph)) == 2


async def test_a_key_with_scopes_does_nothing_else(graph: Graph, client: Any) -> None:
    key, _ = await issue_key(graph, Role.STEWARD, scopes=["Query.version", "GET /v1/profiles/{profile_id}"])
    caller = await client(None)
    caller.headers["authorization"] = f"Bearer {key}"
    for query, code in (("{ version }", None), ("{ viewer { role } }", "permission_denied")):
        answer = (await caller.post("/graphql", json={"query": query})).json()
        assert ("errors" in answer) == (code is not None)
    assert (await caller.get("/v1/profiles/none")).status_code == 404
    assert (await caller.get("/v1/lookup?email=a@b.example")).status_code == 403
    rest, _ = await issue_key(graph, Role.STEWARD, scopes=["GET /v1/lookup"])
    caller.headers["authorization"] = f"Bearer {rest}"
    assert (await caller.post("/graphql", json={"query": "{ version }"})).status_code == 403


async def test_a_scope_must_be_an_operation_of_the_role(graph: Graph) -> None:
    for scope in ("Query.nothing", "Mutation.judge"):
        with pytest.raises(InputError, match="has no operation"):
            await issue_key(graph, Role.READER, scopes=[scope])
