"""Stewards at real browsers: they search, look, decide and undo, also two at once, and whatever people are called."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.app import create_app
from api.background import reviewing
from api.keys import issue_key
from api.settings import ApiSettings
from benchmarks.workbench import RECORDS, large_profile
from graph.connection import Graph
from graph.facts import Identifier, SourceRecord
from graph.memberships import stream_memberships
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.reviewing import catch_up
from resolution.settings import ResolutionSettings
from tests.clients.conftest import Steer, serving

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ResolutionSettings()
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
HOSTILE = "<img src=x onerror=window.pwned=1>"

_PROFILES = """
MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id, p.digest AS digest, p.record_count AS n ORDER BY id
"""
_STATES = "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state, i.reason AS reason ORDER BY key"
_CONFLICTS = "MATCH (c:Conflict) RETURN c.key AS key, c.reason AS reason, c.weight AS weight ORDER BY key"
_SEGMENTS = """
MATCH (p:Profile)-[m:IN_SEGMENT]->(s:Segment) WHERE m.until IS NULL RETURN p.id AS id, s.name AS name ORDER BY id, name
"""


async def fingerprint(graph: Graph) -> tuple[Any, ...]:
    """Open memberships, ids, golden values, states, conflicts and segments."""
    rows = stream_memberships(graph)
    memberships = sorted([(row["source"], row["record_id"], row["profile_id"]) async for row in rows])
    return memberships, *[await graph.read(one) for one in (_PROFILES, _STATES, _CONFLICTS, _SEGMENTS)]


def person(source: str, number: str, name: str, surname: str, email: str = "", **more: str) -> SourceRecord:
    ids = (Identifier("email", email),) if email else ()
    attributes = {"given_name": name, "surname": surname, **more}
    return SourceRecord(source, number, RecordKind.PERSON, attributes, ids, content_hash=str(uuid4()))


PEOPLE = [
    person("crm", "1", "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10", city="London"),
    person("shop", "2", "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10"),
    person("support", "3", "Ada", "Lovelace", "ada@example.org", city="Paris"),
    person("crm", "4", "Robert", "Byron", "bob@example.org", birth_date="1970-02-03"),
    person("shop", "5", "Bob", "Byron", "bob@example.org"),
    person(
        "crm",
        "6",
        HOSTILE,
        "{{ 7 * 7 }}",
        '"<svg/onload=alert(1)>"@example.org',
        city='"><script>alert(1)</script>',
    ),
    person("shop", "7'\"><b>", HOSTILE, "{{ 7 * 7 }}", '"<svg/onload=alert(1)>"@example.org'),
]


@pytest.fixture
async def people(graph: Graph) -> Graph:
    """Ada (three records), Bob (two) and somebody whose name is markup (two), resolved under the default model."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for day, record in enumerate(PEOPLE):
        await write_records(graph, [record], DAWN + timedelta(days=day))
    report = await resolve(graph, SETTINGS)
    assert (report.records, report.profiles) == (7, 3)
    return graph


@pytest.fixture
async def address(graph: Graph) -> AsyncIterator[str]:
    async with serving(create_app(ApiSettings(), graph)) as served:
        yield served


# Under a model that wants much: the Meiers are alike but too little, two numbers keep the Smiths apart, and one link
# holds the Webers together.
DOUBTFUL = [
    person("crm", "11", "Hans", "Meier", birth_date="1960-01-01"),
    person("shop", "12", "Hans", "Meyer", birth_date="1960-01-21"),
    person("crm", "13", "Carl", "Weber", city="Bonn", postcode="53111"),
    person("shop", "14", "Karl", "Weber", city="Bonn", postcode="53111"),
]


@pytest.fixture
async def reviewed(graph: Graph, tmp_path: Path) -> AsyncIterator[tuple[Graph, str]]:
    """A graph with questions, and the address of a service that keeps them up to date."""
    model = replace(default_model(), version="strict", match=8.0)
    await publish_model(graph, model.version, model.to_json(), "a test")
    for day, record in enumerate(DOUBTFUL):
        await write_records(graph, [record], DAWN + timedelta(days=day))
    await resolve(graph, SETTINGS)
    config = tmp_path / "onefold.toml"
    config.write_text("[stewardship]\nleast_error = 0.001\n", encoding="utf-8")
    app = create_app(ApiSettings(config_file=config), graph)
    await catch_up(graph, app.state.services.configuration.reviews)
    following = asyncio.create_task(reviewing(app.state.services))
    async with serving(app) as served:
        yield graph, served
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def steward_key(graph: Graph) -> str:
    return (await issue_key(graph, Role.STEWARD))[0]


async def home(graph: Graph, record_id: str) -> str:
    rows = {row["record_id"]: row["profile_id"] async for row in stream_memberships(graph)}
    return str(rows[record_id])


async def test_what_is_split_and_undone_is_as_it_was(people: Graph, address: str, steer: Steer) -> None:
    before = await fingerprint(people)
    wanted = {"WANTED": "ada@example", "NAME": "Ada Lovelace", "STAYS": "crm:1", "LEAVES": "support:3"}
    async with steer("split_and_undo", address, await steward_key(people), **wanted) as steward:
        waterfall = await steward.told()
        assert any("given name" in row for row in waterfall)
        effect = await steward.told()
        assert "Paris" in effect
        assert await fingerprint(people) == before
        steward.go_on()
        split = await steward.told()
        assert await home(people, "3") != await home(people, "1")
        steward.go_on()
        undone = await steward.told()
        await steward.ended()
    assert split != undone
    assert await fingerprint(people) == before


async def test_a_record_is_dragged_to_another_profile_and_out_of_it(
    people: Graph, address: str, steer: Steer
) -> None:
    ada, bob = await home(people, "1"), await home(people, "4")
    dragged = {"PROFILE": bob, "OTHER": ada, "RECORD": "shop:5"}
    async with steer("dragging", address, await steward_key(people), **dragged) as steward:
        moved, alone = await steward.told(), await steward.told()
        await steward.ended()
    assert "1 record moves from Bob Byron to Ada Lovelace" in moved
    assert "becomes a profile of its own" in alone
    homes = [await home(people, one) for one in "145"]
    assert homes[:2] == [ada, bob]
    assert homes[2] not in {ada, bob}


async def test_names_that_are_markup_are_shown_and_not_run(people: Graph, address: str, steer: Steer) -> None:
    profile = await home(people, "6")
    somebody = {"PROFILE": profile, "LEFT": "crm:6", "RIGHT": "shop:7'\"><b>", "NAME": HOSTILE}
    async with steer("hostile", address, await steward_key(people), **somebody) as steward:
        shown = await steward.told()
        await steward.ended()
    assert f"/people/{profile}" in shown
    assert "/pairs" in shown


async def test_a_cluster_of_a_thousand_nodes_is_drawn(graph: Graph, address: str, steer: Steer) -> None:
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    profile = await large_profile(graph)
    async with steer("large_cluster", address, await steward_key(graph), PROFILE=profile) as steward:
        told = await steward.told()
        await steward.ended()
    assert told["nodes"] == 2 * RECORDS
    assert told["chosen"] == 1


async def test_pages_are_accessible(people: Graph, address: str, steer: Steer) -> None:
    somebody = {"PROFILE": await home(people, "1"), "LEFT": "crm:1", "RIGHT": "shop:2"}
    async with steer("accessible", address, await steward_key(people), **somebody) as steward:
        violations = await steward.told()
        await steward.ended()
    assert not violations, "\n".join(violations)


async def test_the_queue_is_cleared_by_keys(reviewed: tuple[Graph, str], steer: Steer) -> None:
    graph, address = reviewed
    async with steer("queue", address, await steward_key(graph)) as steward:
        answered = await steward.told()
        await steward.ended()
    assert len(answered) == 2
    assert "Meier" in "".join(answered)
    assert "Weber" in "".join(answered)
    rows = await graph.read("MATCH (j:Judgement) WHERE j.until IS NULL RETURN j.verdict AS verdict")
    assert {row["verdict"] for row in rows} == {"DIFFERENT"}
    assert await home(graph, "13") != await home(graph, "14")


async def test_of_two_stewards_at_once_the_second_is_told(reviewed: tuple[Graph, str], steer: Steer) -> None:
    graph, address = reviewed
    keys = [await issue_key(graph, Role.STEWARD) for _ in range(2)]
    async with steer("two_stewards", address, keys[0][0], keys[1][0]) as steward:
        told = await steward.told()
        await steward.ended()
    assert keys[0][1].id in told, told
    rows = await graph.read(
        "MATCH (j:Judgement) WHERE j.until IS NULL RETURN j.verdict AS verdict, j.author AS author"
    )
    assert [(row["verdict"], row["author"]) for row in rows] == [("SAME", keys[0][1].id)]
