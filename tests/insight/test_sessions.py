"""Sessions: cut by pauses, campaigns and explicit types; the same from either end and in pages of any size."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.connection import Graph, Statement
from graph.journeys import StoredTouchpoint
from insight.analysis_tables import create, insert, rebuild_journeys
from insight.session_pages import SessionPage, read_sessions, session_ids
from insight.sessions import SessionSettings, cut, first_break, last_break

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = SessionSettings(start_types=frozenset({"login"}), end_types=frozenset({"logout"}))


def journey(*told: tuple[float, str, str | None]) -> list[StoredTouchpoint]:
    """Touchpoints of (minute, type, campaign), in this order."""
    return [
        StoredTouchpoint(
            key=f"web:{number:04}",
            record_key="web:r",
            source="web",
            message_id=str(number),
            occurred_at=START + timedelta(minutes=minute),
            type=type_,
            channel="web",
            campaign=campaign,
            revenue=None,
        )
        for number, (minute, type_, campaign) in enumerate(told)
    ]


def sizes(*told: tuple[float, str, str | None]) -> list[int]:
    return [len(one.touchpoints) for one in cut(journey(*told), RULES)]


def test_a_pause_of_more_than_half_an_hour_ends_a_session() -> None:
    assert sizes((0, "view", None), (30, "view", None), (60.1, "view", None)) == [2, 1]


def test_another_campaign_begins_a_session_and_no_campaign_does_not() -> None:
    told = (0, "view", "spring"), (1, "view", None), (2, "view", "spring"), (3, "view", "mail")
    assert sizes(*told) == [3, 1]
    assert sizes((0, "view", None), (1, "view", "spring")) == [1, 1]
    assert len(cut(journey(*told), RULES.model_copy(update={"new_campaign": False}))) == 1


def test_a_campaign_does_not_outlive_the_pause_behind_it() -> None:
    assert sizes((0, "view", "spring"), (40, "view", None), (41, "view", "spring")) == [1, 1, 1]


def test_explicit_types_begin_and_end_sessions() -> None:
    told = (0, "view", None), (1, "login", None), (2, "view", None), (3, "logout", None), (4, "view", None)
    assert sizes(*told) == [1, 3, 1]


told_journeys = st.lists(
    st.tuples(
        st.integers(0, 200).map(float),
        st.sampled_from(["view", "view", "view", "login", "logout"]),
        st.sampled_from([None, None, "spring", "mail"]),
    ),
    max_size=40,
).map(lambda told: sorted(told, key=lambda one: one[0]))


@given(told=told_journeys, data=st.data())
def test_what_comes_later_moves_no_beginning(told: Any, data: st.DataObject) -> None:
    whole = journey(*told)
    length = data.draw(st.integers(0, len(whole)))
    begun = {
        one.id for one in cut(whole, RULES) if one.started_at and whole.index(one.touchpoints[0]) < length
    }
    assert {one.id for one in cut(whole[:length], RULES)} == begun


@given(told=told_journeys)
def test_behind_a_break_the_rest_is_cut_as_in_the_whole(told: Any) -> None:
    whole = journey(*told)
    for find in (first_break, last_break):
        if (place := find(whole, RULES)) is not None:
            assert cut(whole, RULES) == cut(whole[:place], RULES) + cut(whole[place:], RULES)


@given(told=told_journeys, new_campaign=st.booleans())
@settings(max_examples=40)
def test_the_copy_cuts_the_same_sessions(told: Any, new_campaign: bool) -> None:
    rules = RULES.model_copy(update={"new_campaign": new_campaign})
    whole = journey(*told)
    with duckdb.connect() as database:
        create(database)
        rows = [
            {
                "record_key": one.record_key,
                "key": one.key,
                "moment": int(one.occurred_at.timestamp() * 1_000_000),
                "type": one.type,
                "channel": one.channel,
                "campaign": one.campaign,
                "source": one.source,
                "revenue": None,
            }
            for one in whole
        ]
        insert(database, "touchpoints", rows)
        membership = {"record_key": "web:r", "profile_id": "p", "valid_from": None, "valid_until": None}
        insert(database, "memberships", [membership])
        rebuild_journeys(database, rules, everybody=True)
        found = database.execute("SELECT session, following FROM journeys ORDER BY place").fetchall()
    expected = [
        (number, later.type if later else None)
        for number, session in enumerate(cut(whole, rules), start=1)
        for later in (*session.touchpoints[1:], None)
    ]
    assert found == expected


_WRITE = """
UNWIND $rows AS row
CREATE (t:Touchpoint) SET t = row, t.properties = '{}', t.accepted_at = $at
"""
_PEOPLE = """
CREATE (a:SourceRecord {key: 'web:a'}), (b:SourceRecord {key: 'web:b'})
CREATE (p:Profile {id: 'p', kind: 'PERSON'})
CREATE (a)-[:RESOLVES_TO {since: $at}]->(p), (b)-[:RESOLVES_TO {since: $at}]->(p)
"""


@pytest.fixture
async def visits(graph: Graph) -> list[StoredTouchpoint]:
    """900 touchpoints on two devices of one profile, in sessions of very different length, written in any order."""
    chance = random.Random(5)
    minute, told = 0.0, []
    for _ in range(900):
        minute += 60 if chance.random() < 0.004 else 1
        told.append(
            (minute, chance.choice(["view", "view", "buy"]), "mail" if chance.random() < 0.01 else None)
        )
    whole = [
        replace(one, record_key=f"web:{chance.choice('ab')}", properties_text="{}") for one in journey(*told)
    ]
    rows = [
        {
            name: getattr(one, name)
            for name in (
                "key",
                "record_key",
                "source",
                "message_id",
                "occurred_at",
                "type",
                "channel",
                "campaign",
            )
        }
        for one in chance.sample(whole, len(whole))
    ]
    await graph.write_all([Statement(_PEOPLE, {"at": START}), Statement(_WRITE, {"rows": rows, "at": START})])
    return whole


@pytest.mark.store
@given(size=st.integers(1, 20))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pages_from_the_newest_add_up_to_the_whole(
    graph: Graph, visits: list[StoredTouchpoint], size: int
) -> None:
    found, page = [], SessionPage(size)
    while rows := (await read_sessions(graph, ["p", "nobody"], page, RULES)).get("p"):
        found += rows
        page = SessionPage(size, rows[-1].started_at, rows[-1].id)
    assert found == cut(visits, RULES)[::-1]
    assert max(len(one.touchpoints) for one in found) > 250  # longer than the first portion that is read


@pytest.mark.store
async def test_each_touchpoint_names_the_session_it_is_in(
    graph: Graph, visits: list[StoredTouchpoint]
) -> None:
    expected = {("p", one): session.id for session in cut(visits, RULES) for one in session.touchpoints}
    asked = list(expected)[::7]
    assert await session_ids(graph, asked, RULES) == {one: expected[one] for one in asked}
