"""The quality board over GraphQL: measured when asked for, read by those who analyse, names hidden from analysts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.background import _at_leisure, measuring_quality
from api.context import Services
from api.quality_history import quality_days
from graph.connection import Graph
from graph.errors import GraphUnavailableError
from graph.models import Publication
from graph.quality import QualityDay, last_snapshot_day, latest_snapshot
from graph.vocabulary import Role
from tests.api.conftest import Ask, Client

pytestmark = pytest.mark.store

MEASURE = "mutation { measureQuality { isMeasuring quality { measuredAt profileCount } } }"
BOARD = """{ quality {
  recordCount profileCount visitorCount compression dedupeRate
  alarms { check state sentence limit concerned offenders { figure profiles { id attributes { givenName } } } }
  sizes { records profileCount profiles { id } }
  overlaps { left right matched possible keys { key profiles } matchedProfiles { id } possiblePairs { profileIds } }
  changes { day change count profiles { id } }
  history { recordCount compression notes checks { check concerned isAlarm } }
  model { version }
} }"""


async def test_quality_is_measured_and_read(ask: Ask, client: Client) -> None:
    assert (await ask("{ quality { profileCount } }"))["data"]["quality"] is None
    told = (await ask(MEASURE))["data"]["measureQuality"]
    assert told["isMeasuring"] is False
    assert told["quality"]["profileCount"] == 3
    board = (await ask(BOARD))["data"]["quality"]
    assert (board["recordCount"], board["profileCount"], board["visitorCount"]) == (5, 3, 0)
    assert board["compression"] == 5 / 3
    assert [(one["records"], one["profileCount"]) for one in board["sizes"]] == [(1, 2), (3, 1)]
    assert board["sizes"][1]["profiles"] == [{"id": "p1"}]
    overlaps = {(one["left"], one["right"]): one for one in board["overlaps"]}
    assert overlaps["crm", "crm"]["matchedProfiles"] == [{"id": "p1"}]
    assert {"key": "email", "profiles": 1} in overlaps["crm", "crm"]["keys"]
    assert overlaps["crm", "web"]["keys"] == [{"key": "others", "profiles": 1}]
    assert [len(one["checks"]) for one in board["history"]] == [len(board["alarms"])]
    [largest] = [one for one in board["alarms"] if one["check"] == "LARGEST"]
    assert largest["offenders"][0] == {
        "figure": 3,
        "profiles": [{"id": "p1", "attributes": {"givenName": "Ada"}}],
    }
    analyst = await client(Role.ANALYST)
    seen = (await analyst.post("/graphql", json={"query": BOARD})).json()["data"]["quality"]
    named = seen["alarms"][0]["offenders"][0]["profiles"][0]["attributes"]["givenName"]
    assert named == {"redacted": "PERSONAL"}


async def test_alarms_are_gauges(ask: Ask, client: Client) -> None:
    await ask(MEASURE)
    told = (await (await client(Role.ADMIN)).get("/metrics")).text
    assert 'onefold_quality_profiles{check="postcodes"} 0.0' in told
    assert 'onefold_quality_alarm{check="largest"} 0.0' in told


@pytest.mark.parametrize(
    ("role", "reads", "measures"),
    [
        (Role.STEWARD, True, True),
        (Role.ANALYST, True, True),
        (Role.READER, True, False),
        (Role.CRM, False, False),
    ],
)
async def test_who_may(client: Client, role: Role, reads: bool, measures: bool) -> None:
    asking = await client(role)
    for query, may in (("{ quality { seconds } }", reads), (MEASURE, measures)):
        answer: dict[str, Any] = (await asking.post("/graphql", json={"query": query})).json()
        codes = [one["extensions"]["code"] for one in answer.get("errors", ())]
        assert codes == ([] if may else ["permission_denied"])


async def test_filters_answer_one_part(ask: Ask) -> None:
    await ask(MEASURE)
    query = """{ quality {
      alarms(checks: [POSTCODES], state: OK) { check }
      sizes(least: 2, most: 3) { profileCount }
      duplicates: overlaps(source: "crm", other: "crm") { left right }
      both: overlaps(source: "web", other: "crm") { left right }
    } }"""
    assert (await ask(query))["data"]["quality"] == {
        "alarms": [{"check": "POSTCODES"}],
        "sizes": [{"profileCount": 1}],
        "duplicates": [{"left": "crm", "right": "crm"}],
        "both": [{"left": "crm", "right": "web"}],
    }


async def test_whoever_asks_while_it_is_measured_joins(world: Graph) -> None:
    measuring = Services.of(world).measuring
    first, second = measuring.start(), measuring.start()
    assert first.task is second.task
    await first.task
    assert measuring.start().task is not first.task
    await measuring.close()


async def test_it_is_measured_once_a_day_beside_the_requests(world: Graph) -> None:
    assert await last_snapshot_day(world) is None
    task = asyncio.create_task(measuring_quality(Services.of(world)))
    async with asyncio.timeout(60):
        while await last_snapshot_day(world) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    assert await last_snapshot_day(world) == datetime.now(UTC).date()
    task.cancel()


async def test_a_warming_that_fails_keeps_nothing_from_being_measured(world: Graph) -> None:
    async def warming() -> None:
        raise GraphUnavailableError("gone")

    task = asyncio.create_task(_at_leisure(Services.of(world), warming))
    async with asyncio.timeout(60):
        while await last_snapshot_day(world) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_before_the_first_load_the_day_is_not_over(graph: Graph) -> None:
    await Services.of(graph).measuring.start().task
    assert await latest_snapshot(graph) is not None
    assert await last_snapshot_day(graph) is None


def test_a_day_tells_what_changed_since_the_one_before() -> None:
    at = datetime(2026, 5, 20, tzinfo=UTC)

    def day(number: int, configuration: str) -> QualityDay:
        moment = at + timedelta(days=number)
        return QualityDay(
            moment, 10, 5, 0, "m", configuration, ("largest", "unknown"), (0, 0), (False, False)
        )

    days = [day(0, "m1 a"), day(1, "m2 a"), day(2, "m2 b"), day(3, "m2 b")]
    published = [Publication("m2", at + timedelta(hours=3), "trained on 10 records")]
    told = quality_days(days, published)
    assert [one.notes for one in told] == [
        [],
        ["model m2: trained on 10 records"],
        ["other settings were applied"],
        [],
    ]
    assert [one.check.value for one in told[0].checks] == ["largest"]
    assert (told[0].compression, told[0].dedupe_rate) == (2.0, 0.5)
