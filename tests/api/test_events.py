"""The event API: what real clients were recorded to send is taken, once each, and answered as they expect."""

import base64
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.facts import Identifier
from graph.keys import revoke_key
from graph.suppressions import suppress
from graph.vocabulary import Role
from loaders.events import EventReader
from loaders.journal import Journal, Message
from loaders.suppressions import Suppressions

pytestmark = pytest.mark.store

RECORDED = json.loads((Path(__file__).parent / "sdk_requests.json").read_text(encoding="utf-8"))
NOW = "2026-11-22T00:00:00Z"


@dataclass
class Door:
    """A client of an app with a journal, its write key, and what is in the journal."""

    http: httpx.AsyncClient
    key: str
    journal: Journal
    suppressions: Suppressions

    async def send(self, body: Any, path: str = "/v1/batch", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.http.post(
            path, content=content, headers={"authorization": basic(self.key), **headers}
        )

    async def kept(self) -> list[Message]:
        return [one.message for one in await self.journal.oldest(10_000)]


def basic(key: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@pytest.fixture
async def door(graph: Graph, tmp_path: Path) -> AsyncIterator[Door]:
    key, _ = await issue_key(graph, Role.INGEST, source="web")
    with closing(Journal.open(tmp_path)) as journal, Suppressions() as suppressions:
        app = create_app(ApiSettings(event_bytes=10_000), graph, journal, suppressions)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://events.test") as http:
            yield Door(http, key, journal, suppressions)


@pytest.mark.parametrize("session", RECORDED, ids=lambda one: one["client"])
async def test_what_a_real_client_sent_is_taken(door: Door, session: dict[str, Any]) -> None:
    expected = 0
    for recorded in session["requests"]:
        said = json.dumps(recorded.get("body", "")).replace("WRITEKEY", door.key).encode()
        body = said if "body" in recorded else b""
        headers = dict(recorded["headers"])
        if "authorization" in headers:
            headers["authorization"] = basic(door.key)
        answer = await door.http.request(
            recorded["method"],
            recorded["path"].replace("WRITEKEY", door.key),
            headers=headers,
            content=gzip.compress(body) if recorded.get("gzip") else body,
        )
        assert answer.status_code == 200, answer.text
        if "origin" in headers:
            assert answer.headers["access-control-allow-origin"] == headers["origin"]
            assert "Retry-After" in answer.headers["access-control-expose-headers"]
        if asked := headers.get("access-control-request-headers"):
            assert asked in answer.headers["access-control-allow-headers"]
        if body:
            sent = len(recorded["body"].get("batch", [1]))
            assert answer.json() == {
                "success": True,
                "accepted": sent,
                "duplicate": 0,
                "rejected": 0,
                "items": [],
            }
            expected += sent
    kept = await door.kept()
    assert len(kept) == expected
    reader = EventReader(b"salt", claimed=["web"])
    assert len({touchpoint.key for one in kept if (touchpoint := reader.facts(one).touchpoint)}) == expected


async def test_a_message_counts_once(door: Door) -> None:
    said = {"batch": [{"type": "page", "userId": "u", "messageId": "m1"}] * 2}
    first, second = (await door.send(said)).json(), (await door.send(said)).json()
    assert (first["accepted"], first["duplicate"]) == (1, 1)
    assert (second["accepted"], second["duplicate"]) == (0, 2)
    assert first["items"] == [{"index": 1, "outcome": "duplicate", "code": None}]
    assert len(await door.kept()) == 1


async def test_a_bad_message_does_not_fail_its_batch(door: Door) -> None:
    body = b"""{"batch": [
        {"type": "page", "userId": "u", "messageId": "1"},
        {"type": "page", "userId": "u", "messageId": "2", "userId": "secret"},
        {"type": "page", "messageId": "3"},
        7,
        {"type": "page", "userId": "u", "messageId": "4"}]}"""
    answer = await door.send(body)
    assert answer.status_code == 200
    assert [one["code"] for one in answer.json()["items"]] == [
        "json_duplicate_key",
        "record_id_missing",
        "json_not_object",
    ]
    assert "secret" not in answer.text
    kept = await door.kept()
    assert [one.rejection[0] if one.rejection else None for one in kept] == [
        None, "json_duplicate_key", "record_id_missing", "json_not_object", None,
    ]  # fmt: skip
    assert b'"userId": "secret"' in kept[1].body, "a rejected message is kept as it came"


async def test_the_path_says_of_what_call_a_message_is(door: Door) -> None:
    for path, said in {
        "/v1/t": {"event": "Seen", "userId": "u"},
        "/v1/identify": {"userId": "u", "traits": {"plan": "pro"}},
        "/v1/page": {"anonymousId": "a"},
    }.items():
        assert (await door.send(said, path)).json()["accepted"] == 1
    types = [EventReader(b"s").facts(one).touchpoint for one in await door.kept()]
    assert [one.type for one in types if one] == ["Seen", "identify", "page"]


async def test_a_message_without_an_id_is_one_when_it_says_when_it_happened(door: Door) -> None:
    dated = {"type": "page", "userId": "u", "timestamp": NOW}
    undated = {"type": "page", "userId": "u"}
    for said, expected in ((dated, "duplicate"), (undated, "accepted")):
        assert (await door.send(said, "/v1/page")).json()["accepted"] == 1
        assert (await door.send(said, "/v1/page")).json()[expected] == 1


@pytest.mark.parametrize("where", ["basic", "bearer", "query", "body"])
async def test_a_write_key_may_stand_in_four_places(door: Door, where: str) -> None:
    headers = {"basic": {"authorization": basic(door.key)}, "bearer": {"authorization": f"Bearer {door.key}"}}
    answer = await door.http.post(
        "/v1/batch",
        params={"writeKey": door.key} if where == "query" else {},
        headers=headers.get(where, {}),
        json={"batch": [], "writeKey": door.key if where == "body" else "other"},
    )
    assert answer.status_code == 200, answer.text


async def test_who_may_not_send_is_told_so_in_the_form_that_clients_know(door: Door, graph: Graph) -> None:
    ingest, _ = await issue_key(graph, Role.INGEST)
    admin, _ = await issue_key(graph, Role.ADMIN)
    revoked, record = await issue_key(graph, Role.INGEST, source="web")
    await revoke_key(graph, record.id, record.created_at)
    for key, status in ((ingest, 403), (admin, 403), (revoked, 401), ("nonsense", 401), ("", 401)):
        answer = await door.http.post(
            "/v1/batch",
            json={"batch": []},
            headers={"authorization": basic(key), "origin": "http://shop.test"},
        )
        assert answer.status_code == status
        assert set(answer.json()) == {"code", "message"}
        assert answer.headers["access-control-allow-origin"] == "http://shop.test"
    answer = await door.http.post(
        "/graphql", json={"query": "{ version }"}, headers={"authorization": f"Bearer {door.key}"}
    )
    assert answer.status_code == 403
    assert (await door.http.get("/v1/projects/nonsense/settings")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "json_invalid"),
        (b"not json", 400, "json_invalid"),
        (b"[1]", 400, "json_not_object"),
        (b'{"batch": 7}', 400, "json_not_object"),
        (b'{"batch": [{"type": "page"', 400, "json_invalid"),
        (b'{"a":' * 1_500, 400, "json_too_deep"),
        (b"\xff\xfe{}", 400, "encoding_invalid"),
        (b"x" * 10_001, 413, "body_too_large"),
        (gzip.compress(b" " * 50_000_000), 413, "body_too_large"),
        (gzip.compress(b"{}" * 99)[:-9], 400, "input_unusable"),
        (b"\x1f\x8bnothing of the kind", 400, "input_unusable"),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_messages_has_a_code(door: Door, body: bytes, status: int, code: str) -> None:
    answer = await door.send(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    kept = [one.rejection for one in await door.kept()]
    assert [one[0] for one in kept if one] == ([code] if code.startswith(("json", "encoding")) else [])


async def test_a_suppressed_identifier_is_refused_and_nothing_of_it_kept(door: Door, graph: Graph) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    await suppress(graph, [Identifier("email", "gone@x.org")], author="privacy", reason="asked", at=at)
    await door.suppressions.refresh(graph)
    said = {"type": "identify", "userId": "u", "traits": {"email": "Gone@X.org"}, "messageId": "m1"}
    answer = await door.send(said, "/v1/identify")
    assert answer.json()["items"] == [{"index": 0, "outcome": "rejected", "code": "suppressed"}]
    [kept] = await door.kept()
    assert kept.body == b""


async def test_pixels_are_taken(door: Door) -> None:
    data = base64.b64encode(orjson.dumps({"userId": "u", "event": "Opened", "writeKey": door.key})).decode()
    for params in (
        {"data": data},
        {"writeKey": door.key, "userId": "u", "event": "Opened", "context.campaign.name": "spring"},
    ):
        answer = await door.http.get("/pixel/v1/track", params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    said = [EventReader(b"s").facts(one).touchpoint for one in await door.kept()]
    assert [(one.type, one.campaign) for one in said if one] == [("Opened", None), ("Opened", "spring")]


async def test_browsers_are_told_where_to_send(door: Door) -> None:
    told = (await door.http.get(f"/v1/projects/{door.key}/settings")).json()["integrations"]["Segment.io"]
    assert (told["apiKey"], told["apiHost"], told["protocol"]) == (door.key, "events.test/v1", "http")
    source = (await door.http.get("/sourceConfig/", params={"writeKey": door.key})).json()["source"]
    assert (source["name"], source["enabled"], source["destinations"]) == ("web", True, [])
