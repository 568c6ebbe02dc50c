"""A machine's errors cross a limit, and the customer's people are told: from the event to the signed message."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.background import background
from api.keys import issue_key
from api.settings import ApiSettings
from api.steward.warming import open_pages
from graph.changes import end_of_feed
from graph.connection import Graph
from graph.deliveries import begin_actions
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from loaders.archive import Archive
from loaders.journal import Journal
from loaders.projector import Projector
from loaders.suppressions import Suppressions
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings
from tests.insight.receiver import SECRET, Receiver, receiving

pytestmark = [pytest.mark.store, pytest.mark.flow, pytest.mark.timeout(120)]

_TOML = """
[indicators.errors]
description = "Errors that the customer's machines reported in the last day"
function = "count"
types = ["machine_error"]
within_hours = 24

[indicators.machines]
description = "The machines that reported them"
function = "distinct"
of = "properties.machine"
types = ["machine_error"]
within_hours = 24

[thresholds.trouble]
description = "Three errors in a day; over below two"
indicator = "errors"
enter_at = 3
leave_at = 2

[actions.care]
on = "segment entered"
segment = "trouble"
url = "{url}"
secret = "{secret}"
fields = ["profile.email", "indicator.errors"]

[actions.care.task]
title = "Call {{profile.given_name}}: {{indicator.errors}} errors"
description = "Machines: {{indicator.machines}}"
assignee = "{{extra.account_manager}}"
"""

_CUSTOMER = SourceRecord(
    "crm",
    "7",
    RecordKind.PERSON,
    {"given_name": "Ada", "surname": "Byron"},
    (Identifier("email", "ada@x.org"), Identifier("user_id", "customer-7")),
    extra={"account_manager": "grace@crm.example"},
)


@dataclass
class Service:
    """A running service, and a machine's way to it."""

    machine: httpx.AsyncClient
    graph: Graph
    receiver: Receiver
    sent: int = 0

    async def report(self, errors: int) -> None:
        """The customer's machine reports errors, one after the other."""
        for _ in range(errors):
            self.sent += 1
            message = {
                "messageId": f"m{self.sent}",
                "userId": "customer-7",
                "event": "machine_error",
                "timestamp": datetime.now(UTC).isoformat(),
                "properties": {"machine": f"press-{self.sent % 2}"},
            }
            (await self.machine.post("/v1/track", json=message)).raise_for_status()

    async def counted(self, errors: int) -> None:
        """Wait until so many errors are counted."""
        query = "MATCH (:Profile)-[h:HAS_INDICATOR]->(:Indicator {name: 'errors'}) RETURN h.value AS value"
        async with asyncio.timeout(60):
            while [row["value"] for row in await self.graph.read(query)] != [errors]:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)


@pytest.fixture
async def service(graph: Graph, tmp_path: Path) -> AsyncIterator[Service]:
    await write_records(graph, [_CUSTOMER])
    await resolve(graph, ResolutionSettings())
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving())
        (tmp_path / "onefold.toml").write_text(
            _TOML.format(url=receiver.url, secret=SECRET), encoding="utf-8"
        )
        journal = stack.enter_context(closing(Journal.open(tmp_path / "journal")))
        archive = stack.enter_context(Archive.open(tmp_path / "archive"))
        app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph, journal)
        await begin_actions(graph, ["care"], await end_of_feed(graph))
        projector = Projector(graph, journal, archive)
        warming = partial(open_pages, app.state.workbench, graph)
        await stack.enter_async_context(background(app.state.services, projector, Suppressions(), warming))
        key, _ = await issue_key(graph, Role.INGEST, source="machines")
        machine = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test", auth=(key, "")
        )
        yield Service(await stack.enter_async_context(machine), graph, receiver)


async def test_the_contact_is_told_once_when_errors_cross_their_limit(service: Service) -> None:
    await service.report(2)
    await service.counted(2)
    assert service.receiver.heard == []
    await service.report(1)
    [message] = await service.receiver.hears(1)
    assert message["type"] == "task.requested"
    data = message["data"]
    assert (data["segment"], data["change"]) == ("trouble", "entered")
    assert data["fields"] == {"profile.email": "ada@x.org", "indicator.errors": 3}
    assert data["task"] == {
        "title": "Call Ada: 3 errors",
        "description": "Machines: press-0, press-1",
        "assignee": "grace@crm.example",
    }
    await service.report(2)
    await service.counted(5)
    assert len(service.receiver.heard) == 1
