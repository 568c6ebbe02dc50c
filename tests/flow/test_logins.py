"""Events up to the answer: a history joins the person at the login, in any order; a claimed contact joins nobody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.sources import declare_source
from graph.vocabulary import RecordKind
from loaders.batches import Entry, write_batch
from loaders.events import EventReader
from loaders.journal import Message
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = ResolutionSettings()
_TOGETHER = """
MATCH (r:SourceRecord)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
WITH p.id AS id, r.key AS key ORDER BY key
WITH id, collect(DISTINCT key) AS keys RETURN keys ORDER BY keys
"""


def said(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Messages a minute apart."""
    minutes = count(-60)
    return [{"timestamp": (NOON + timedelta(minutes=next(minutes))).isoformat(), **one} for one in messages]


async def profiles(graph: Graph, messages: Sequence[dict[str, Any]], *, claimed: bool) -> list[list[str]]:
    """The records of each profile once messages of the source `web` and a customer's record were resolved."""
    await declare_source(graph, "web", authenticated=not claimed)
    ada = SourceRecord(
        "crm",
        "7",
        RecordKind.PERSON,
        {"given_name": "Ada", "surname": "Byron"},
        (Identifier("email", "ada@x.org"),),
    )
    await write_records(graph, [ada])
    reader = EventReader(graph.salt, claimed=["web"] if claimed else [])
    for message in messages:
        body = orjson.dumps(message)
        facts = reader.facts(Message("web", str(messages.index(message)), body, NOON))
        await write_batch(graph, [Entry(1, "", facts)], NOON)
    await resolve(graph, SETTINGS)
    return [row["keys"] for row in await graph.read(_TOGETHER)]


LOGIN = said(
    {"type": "page", "anonymousId": "a1"},
    {"type": "track", "event": "Added", "anonymousId": "a1"},
    {"type": "identify", "anonymousId": "a1", "userId": "u1"},
)


@pytest.mark.parametrize("order", [1, -1])
async def test_an_anonymous_history_joins_at_the_login(graph: Graph, order: int) -> None:
    assert ["web:anonymousId:a1", "web:userId:u1"] in await profiles(graph, LOGIN[::order], claimed=True)


async def test_so_it_does_by_an_alias_that_comes_first(graph: Graph) -> None:
    messages = said(
        {"type": "alias", "userId": "u1", "previousId": "a1"}, {"type": "page", "anonymousId": "a1"}
    )
    assert ["web:anonymousId:a1", "web:userId:u1"] in await profiles(graph, messages, claimed=True)


@pytest.mark.parametrize("claimed", [True, False])
async def test_an_email_that_a_browser_claims_joins_nobody(graph: Graph, claimed: bool) -> None:
    messages = said({"type": "identify", "userId": "u1", "traits": {"email": "ada@x.org"}})
    found = await profiles(graph, messages, claimed=claimed)
    assert (["crm:7", "web:userId:u1"] in found) is not claimed


@pytest.mark.parametrize("claimed", [True, False])
async def test_an_alias_of_a_browser_takes_no_account_over(graph: Graph, claimed: bool) -> None:
    messages = said(
        {"type": "identify", "userId": "victim", "traits": {"plan": "pro"}},
        {"type": "alias", "userId": "thief", "previousId": "victim"},
    )
    found = await profiles(graph, messages, claimed=claimed)
    assert (["web:userId:thief", "web:userId:victim"] in found) is not claimed


async def test_external_ids_of_a_browser_take_no_account_over(graph: Graph) -> None:
    external = {"externalIds": [{"type": "user_id", "id": "victim"}, {"type": "customer_number", "id": "C1"}]}
    messages = said(
        {"type": "page", "userId": "victim"}, {"type": "page", "userId": "thief", "context": external}
    )
    assert ["web:userId:thief"] in await profiles(graph, messages, claimed=True)
