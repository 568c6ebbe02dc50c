"""Indicators from facts to the change feed: a machine's errors cross a limit, merges count exactly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.changes import end_of_feed, read_changes
from graph.connection import Graph
from graph.facts import SourceRecord, Touchpoint
from graph.memberships import stream_memberships
from graph.models import publish_model
from graph.records import write_records
from graph.segments import read_memberships
from graph.touchpoints import remove_touchpoints, write_touchpoints
from graph.vocabulary import ChangeKind, RecordKind
from insight.definitions import define_all
from insight.following import catch_up
from insight.indicators import rebuild_indicators
from resolution.acts import Act, Merge, Undo
from resolution.decisions import Order, carry_out, prepare
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ResolutionSettings()
NOW = datetime.now(UTC)
ERRORS = {
    "description": "Errors of the customer's machines in a day",
    "function": "count",
    "types": ["machine_error"],
    "within_hours": 24,
}
MACHINES = {"description": "Machines with errors", "function": "distinct", "of": "properties.machine"}
TROUBLE = {"description": "Machines in trouble", "indicator": "errors", "enter_at": 5, "leave_at": 2}
DEFINITIONS = define_all({"errors": ERRORS, "machines": MACHINES}, {"trouble": TROUBLE}, {})


def customer(source: str, number: str, name: str) -> SourceRecord:
    attributes = {"organisation_name": name, "city": "Leeds"}
    return SourceRecord(source, number, RecordKind.ORGANISATION, attributes, content_hash=f"{number}{name}")


def errors(record: SourceRecord, count: int, machine: str) -> list[Touchpoint]:
    """What a machine reported in the last minutes, on the record of the customer whose machine it is."""
    return [
        Touchpoint(
            source=record.source,
            message_id=f"{machine}-{n}",
            record_key=record.key,
            occurred_at=NOW - timedelta(minutes=n + 1),
            type="machine_error",
            channel="machine",
            properties={"machine": machine, "code": "17"},
            content_hash=f"{machine}-{n}",
        )
        for n in range(count)
    ]


PUMPS = customer("crm", "1", "Northern Pumps Limited")
MILLS = customer("service", "7", "Aire Valley Mills")


@pytest.fixture
async def plant(graph: Graph) -> Graph:
    """Two customers, three and four errors in the last day, nobody in trouble."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    await write_records(graph, [PUMPS], NOW - timedelta(days=2))
    await write_records(graph, [MILLS], NOW - timedelta(days=1))
    await write_touchpoints(graph, errors(PUMPS, 3, "p1"))
    await write_touchpoints(graph, errors(MILLS, 4, "m1"))
    await settle(graph)
    return graph


async def settle(graph: Graph) -> None:
    await resolve(graph, SETTINGS)
    await catch_up(graph, DEFINITIONS)


async def values(graph: Graph) -> dict[tuple[str, str], Any]:
    rows = await graph.read(
        "MATCH (p:Profile)-[h:HAS_INDICATOR]->(i) RETURN p.id AS id, i.name AS name, h.value AS value"
    )
    return {(row["id"], row["name"]): row["value"] for row in rows}


async def home(graph: Graph, record: SourceRecord) -> str:
    rows = {(row["source"], row["record_id"]): row["profile_id"] async for row in stream_memberships(graph)}
    return rows[record.source, record.record_id]


async def do(graph: Graph, act: Act) -> str:
    order = Order(act, "key_of_ann", "seen on paper")
    shown = await prepare(graph, SETTINGS, order)
    done, _ = await carry_out(graph, SETTINGS, order, shown.preview.token)
    await settle(graph)
    return done.decision.id


async def test_errors_cross_the_limit_and_the_feed_says_so(plant: Graph) -> None:
    since = await end_of_feed(plant)
    await write_touchpoints(plant, errors(MILLS, 2, "m2"))
    await settle(plant)
    mills = await home(plant, MILLS)
    (told,) = (await read_changes(plant, since, kinds=[ChangeKind.SEGMENT])).items
    assert (told.profile_id, told.segment, told.change) == (mills, "trouble", "entered")
    ((_, (membership,)),) = (await read_memberships(plant, [mills, await home(plant, PUMPS)])).items()
    assert (membership.segment, membership.value, membership.limit) == ("trouble", 6, 5)
    assert (await values(plant))[mills, "machines"] == ["m1", "m2"]


async def test_a_merge_adds_up_and_its_undo_is_exact(plant: Graph) -> None:
    pumps, mills = await home(plant, PUMPS), await home(plant, MILLS)
    before = await values(plant)
    assert before == {
        (pumps, "errors"): 3,
        (pumps, "machines"): ["p1"],
        (mills, "errors"): 4,
        (mills, "machines"): ["m1"],
    }
    decision = await do(plant, Merge((pumps, mills)))
    assert await values(plant) == {(pumps, "errors"): 7, (pumps, "machines"): ["m1", "p1"]}
    assert [one.segment for one in (await read_memberships(plant, [pumps]))[pumps]] == ["trouble"]
    await do(plant, Undo(decision))
    assert await values(plant) == before


async def test_rebuilt_from_nothing_they_are_the_same(plant: Graph) -> None:
    await remove_touchpoints(plant, [errors(PUMPS, 1, "p1")[0].key])
    await settle(plant)
    step_by_step = await values(plant)
    assert step_by_step[await home(plant, PUMPS), "errors"] == 2
    await plant.write("MATCH ()-[h:HAS_INDICATOR]->() SET h.value = 0")
    await rebuild_indicators(plant, DEFINITIONS.indicators)
    await catch_up(plant, DEFINITIONS)
    assert await values(plant) == step_by_step
