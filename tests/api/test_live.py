"""GraphQL over WebSockets, by a real client against a started server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError

from api.app import create_app
from api.keys import issue_key
from api.server import listen, server_config
from api.settings import ApiSettings
from graph.connection import Graph
from graph.difference import Difference, ProfileState
from graph.keys import revoke_key
from graph.ledger import IdentityEvent
from graph.memberships import write_difference
from graph.segments import Membership, following
from graph.vocabulary import IdentityChange, RecordKind, Role

pytestmark = [pytest.mark.store, pytest.mark.timeout(60)]

_AT = datetime(2026, 5, 1, tzinfo=UTC)


async def settle(graph: Graph, *ids: str, name: str = "Ada") -> None:
    states = [ProfileState(one, RecordKind.PERSON, 1, {"given_name": name}, "{}", "d") for one in ids]
    events = [IdentityEvent(one, IdentityChange.CREATED, "test") for one in ids]
    await write_difference(graph, Difference(profiles=states, events=events))


class Client:
    """Speaks graphql-transport-ws."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        return orjson.loads(await self.socket.recv())

    async def begin(self, key: str | None) -> "Client":
        payload = {} if key is None else {"authorization": f"Bearer {key}"}
        await self.send(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}
        return self

    async def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        await self.send(id=name, type="subscribe", payload={"query": query, "variables": variables})

    async def ending(self) -> int:
        """The code the connection is closed with, whatever is said before."""
        with suppress(ConnectionClosedError):
            async for _ in self.socket:
                pass
        await self.socket.wait_closed()
        return self.socket.close_code or 0


Connect = Callable[..., Awaitable[Client]]


@asynccontextmanager
async def serving(graph: Graph, settings: ApiSettings) -> AsyncIterator[tuple[str, Any]]:
    """The address of a started server, and its app."""
    app = create_app(settings, graph)
    listening = listen(settings)
    server = uvicorn.Server(server_config(app, settings))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"ws://127.0.0.1:{listening.getsockname()[1]}/graphql", app
    server.should_exit = True
    await running
    listening.close()


@pytest.fixture
async def service(graph: Graph) -> AsyncIterator[tuple[str, Any]]:
    async with serving(graph, ApiSettings(port=0, subscriptions=3, connections=20)) as started:
        yield started


@pytest.fixture
async def client(service) -> AsyncIterator[Connect]:
    """Connects; `await client()` has said nothing yet."""
    async with AsyncExitStack() as stack:

        async def make(protocol: str = "graphql-transport-ws") -> Client:
            return Client(await stack.enter_async_context(connect(service[0], subprotocols=[protocol])))  # type: ignore[list-item]

        yield make


@pytest.fixture
async def key(graph: Graph) -> str:
    return (await issue_key(graph, Role.READER))[0]


async def listening(app, count: int) -> None:
    """Wait until so many listen to the feed."""
    while len(app.state.services.feed._listeners) < count:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)


_PROFILE = """subscription($ids: [ID!]) {
  profileChanged(ids: $ids) { change profileId profile { attributes { givenName } } }
}"""
_SEGMENT = 'subscription { segmentChanged(name: "s") { change segment profileId position } }'


async def test_a_subscriber_hears_of_his_profile_as_it_is_each_time(graph: Graph, service, client, key):
    live = await (await client()).begin(key)
    await live.subscribe(_PROFILE, ids=["a"])
    await listening(service[1], 1)
    await settle(graph, "a", "b")
    await settle(graph, "a", name="Eve")
    names = []
    while "Eve" not in names:
        message = await live.hear()
        assert (message["id"], message["type"]) == ("1", "next")
        told = message["payload"]["data"]["profileChanged"]
        assert (told["change"], told["profileId"]) == ("changed", "a")
        names.append(told["profile"]["attributes"]["givenName"])
    assert set(names) <= {"Ada", "Eve"}


async def test_segments_and_the_ledger_are_listened_to_on_one_connection(graph: Graph, service, client, key):
    await graph.write("MERGE (:Segment {name: 's'})")
    await settle(graph, "a")
    live = await (await client()).begin(key)
    await live.subscribe(_SEGMENT, "s")
    await live.subscribe("subscription { identityChanged { change profileId } }", "i")
    await listening(service[1], 2)
    inside = following(Membership("s", "true", frozenset(RecordKind), {}), ["a"], _AT, "facts changed")
    await graph.write(inside.query, **inside.parameters)
    message = await live.hear()
    assert message["id"] == "s"
    told = message["payload"]["data"]["segmentChanged"]
    assert (told["change"], told["segment"], told["profileId"]) == ("entered", "s", "a")
    await settle(graph, "b")
    message = await live.hear()
    assert (message["id"], message["payload"]["data"]["identityChanged"]["profileId"]) == ("i", "b")
    await live.send(type="complete", id="i")
    await live.send(type="ping")
    assert await live.hear() == {"type": "pong"}


async def test_queries_are_answered_too_and_errors_told(client, key):
    live = await (await client()).begin(key)
    await live.subscribe("{ version }", "q")
    assert "version" in (await live.hear())["payload"]["data"]
    assert await live.hear() == {"type": "complete", "id": "q"}
    await live.subscribe("{ nothing }", "bad")
    refused = await live.hear()
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "document_invalid")
    await live.subscribe(
        "subscription($ids: [ID!]) { profileChanged(ids: $ids) { change } }", "many", ids=["x"] * 1001
    )
    refused = await live.hear()
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "input_unusable")


async def test_who_may_not_listen_is_told_so(graph: Graph, client):
    live = await client()
    await live.begin((await issue_key(graph, Role.INGEST))[0])
    await live.subscribe(_SEGMENT)
    assert (await live.hear())["payload"][0]["extensions"]["code"] == "permission_denied"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "connection_init"}], 4401),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer of_wrong"}}], 4401),
        ([{"type": "connection_init", "payload": {"authorization": 7}}], 4401),
        ([{"type": "subscribe", "id": "1", "payload": {"query": "{ version }"}}], 4401),
        (["garbage"], 4400),
        ([7], 4400),
        ([{"type": 7}], 4400),
    ],
)
async def test_strangers_are_sent_away(graph: Graph, client, messages, code):
    live = await client()
    for message in messages:
        await live.socket.send(message if isinstance(message, str) else orjson.dumps(message).decode())
    assert await live.ending() == code


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "connection_init"}], 4429),
        ([{"type": "nonsense"}], 4400),
        ([{"type": "subscribe", "payload": {}}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": _SEGMENT}}] * 2, 4409),
        ([{"type": "subscribe", "id": str(n), "payload": {"query": _SEGMENT}} for n in range(4)], 4429),
    ],
)
async def test_who_breaks_the_protocol_is_sent_away(graph: Graph, client, key, messages, code):
    live = await (await client()).begin(key)
    for message in messages:
        await live.send(**message)
    assert await live.ending() == code


async def test_a_key_has_only_so_many_connections(client, key):
    for _ in range(2):
        await (await client()).begin(key)
    third = await client()
    await third.begin(key)
    assert await third.ending() == 4429


async def test_the_protocol_must_be_offered(client):
    assert await (await client("graphql-ws")).ending() == 4406


async def test_a_key_that_ends_takes_its_subscription_with_it(graph: Graph, client, service):
    key, stored = await issue_key(graph, Role.READER)
    live = await (await client()).begin(key)
    await live.subscribe(_PROFILE)
    await listening(service[1], 1)
    await revoke_key(graph, stored.id, _AT)
    service[1].state.keyring._trusted.clear()
    await settle(graph, "a")
    assert await live.ending() == 4401


async def test_who_falls_behind_is_cut_off_and_reads_on(graph: Graph, client, service, key):
    """The queue of the listener is filled by hand: how quickly a kernel's buffers fill is nobody's promise."""
    live = await (await client()).begin(key)
    await live.subscribe(_PROFILE)
    await listening(service[1], 1)
    [listener] = service[1].state.services.feed._listeners
    for _ in range(250):
        listener.tell([])
    await settle(graph, "a")
    assert await live.ending() == 4410


async def test_a_subscription_is_refused_over_plain_http(service, key):
    address = service[0].replace("ws://", "http://")
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}) as http:
        response = await http.post(address, json={"query": _SEGMENT})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "document_invalid",
    )


@pytest.mark.parametrize(
    ("origin", "ends"),
    [("https://evil.example.com", 4403), ("https://app.example.com", None), ("own", None), (None, None)],
)
async def test_pages_of_other_origins_need_to_be_named(graph: Graph, key, origin, ends):
    async with serving(graph, ApiSettings(port=0, origins="https://app.example.com")) as (address, _):
        given = address.replace("ws://", "http://").removesuffix("/graphql") if origin == "own" else origin
        async with connect(address, subprotocols=["graphql-transport-ws"], origin=given) as socket:  # type: ignore[list-item,arg-type]
            if ends:
                assert await Client(socket).ending() == ends
            else:
                await Client(socket).begin(key)


@pytest.mark.parametrize(("origins", "allowed"), [("", False), ("https://app.example.com", True)])
async def test_browsers_are_told_which_pages_may_ask(graph: Graph, origins, allowed):
    app = create_app(ApiSettings(origins=origins), graph)
    headers = {
        "origin": "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        answer = await http.options("/graphql", headers=headers)
        other = await http.options("/graphql", headers={**headers, "origin": "https://evil.example.com"})
    assert (answer.headers.get("access-control-allow-origin") == "https://app.example.com") is allowed
    assert "access-control-allow-origin" not in other.headers
