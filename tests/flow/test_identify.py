"""Records one by one through `identify`: the answer is that of a full resolve, and nothing is lost."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import Identifier, SourceRecord
from graph.models import publish_model
from graph.profiles import read_profiles
from graph.records import write_records
from graph.vocabulary import IdentityChange, Outcome, RecordKind
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.intake import Intake
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = ResolutionSettings()

_MEMBERSHIPS = """
MATCH (r:SourceRecord)-[m:RESOLVES_TO]->(p:Profile) WHERE m.until IS NULL
RETURN r.key AS key, p.id AS id, p.record_count AS records ORDER BY key
"""
_GOLDEN = """
MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id, p.digest AS digest ORDER BY id
"""
_EDGES = """
MATCH (l:SourceRecord)-[e:MATCHES]->(r:SourceRecord)
RETURN l.key AS left, r.key AS right, round(e.weight, 6) AS weight ORDER BY left, right
"""
_STATES = "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state, i.reason AS reason ORDER BY key"
_CONFLICTS = "MATCH (c:Conflict) RETURN c.key AS key, c.reason AS reason ORDER BY key"
_FORGET = """
MATCH (n) WHERE n:SourceRecord OR n:Profile OR n:Identifier OR n:IdentityEvent OR n:Conflict DETACH DELETE n
"""
_PENDING = "MATCH (r:Pending) RETURN count(r) AS pending"


async def fingerprint(graph):
    return [await graph.read(query) for query in (_MEMBERSHIPS, _GOLDEN, _EDGES, _STATES, _CONFLICTS)]


async def ready(graph, block_limit=150):
    """Publish the default model, resolved for a graph without records; answers an intake."""
    model = replace(default_model(), version=f"test {block_limit}", block_limit=block_limit)
    await publish_model(graph, model.version, model.to_json(), "test")
    return Intake(graph, SETTINGS)


def person(number, name="Ada Lovelace", **more):
    given, _, surname = name.partition(" ")
    attributes = {"given_name": given, "surname": surname, **{k: v for k, v in more.items() if k != "email"}}
    held = (Identifier("email", more["email"]),) if "email" in more else ()
    text = repr((attributes, held))
    return SourceRecord("crm", str(number), RecordKind.PERSON, attributes, held, content_hash=text)


def people(graph, count):
    mapper = RowMapper(read_mapping(EXAMPLES / "cdp_sample_records.toml"), graph.salt)
    facts = [mapper.facts(row).record for row in open_rows(EXAMPLES / "cdp_sample" / "records.parquet").rows]
    streets = sorted({fact.attributes.get("postcode", "") for fact in facts})[:count]
    return [fact for fact in facts if fact.attributes.get("postcode", "") in streets]


@pytest.mark.parametrize("block_limit", [150, 3])
async def test_orders_through_identify_end_where_one_resolve_ends(graph, block_limit) -> None:
    facts = people(graph, 12)
    intake = await ready(graph, block_limit)
    for seed in range(2):
        await graph.write(_FORGET)
        order = list(facts)
        random.Random(seed).shuffle(order)
        for fact in order[: len(order) // 2]:
            await intake.identify(fact)
        await asyncio.gather(*map(intake.identify, order[len(order) // 2 :]))
        assert await graph.read(_PENDING) == [{"pending": 0}]
        found = await fingerprint(graph)
        report = await resolve(graph, SETTINGS, full=True)
        assert (report.created, report.merged, report.split, report.moved) == (0, 0, 0, 0), f"order {seed}"
        assert await fingerprint(graph) == found, f"order {seed}"


async def test_outcomes_and_what_changed(graph) -> None:
    intake = await ready(graph)
    first = await intake.identify(person(1, birth_date="1815-12-10", email="ada@example.org"))
    assert (first.outcome, first.is_new, first.candidates) == (Outcome.NO_MATCH, True, ())
    assert [(one.profile_id, one.change) for one in first.affected] == [
        (first.profile_id, IdentityChange.CREATED)
    ]
    second = await intake.identify(person(2, birth_date="1815-12-10", email="ada@example.org"))
    assert (second.outcome, second.is_new, second.profile_id) == (Outcome.MATCH, False, first.profile_id)
    assert [one.change for one in second.affected] == [IdentityChange.GREW]
    assert (second.candidates[0].profile_id, second.candidates[0].outcome) == (
        first.profile_id,
        Outcome.MATCH,
    )
    again = await intake.identify(person(2, birth_date="1815-12-10", email="ada@example.org"))
    assert (again.outcome, again.profile_id, again.affected) == (Outcome.MATCH, first.profile_id, ())
    changed = await intake.identify(person(2, "Karl Marx", birth_date="1818-05-05"))
    assert (changed.outcome, changed.is_new) == (Outcome.NO_MATCH, True)
    assert changed.profile_id != first.profile_id


async def test_twenty_at_once_are_all_answered(graph) -> None:
    intake = await ready(graph)
    records = [person(n, email=f"ada{n % 4}@example.org", birth_date=f"1815-12-1{n % 4}") for n in range(20)]
    answers = await asyncio.gather(*map(intake.identify, records))
    assert [one.record_key for one in answers] == [record.key for record in records]
    assert await graph.read(_PENDING) == [{"pending": 0}]
    homes = {row["key"]: row["id"] for row in await graph.read(_MEMBERSHIPS)}
    known = await read_profiles(graph, [one.profile_id for one in answers])
    now = {id_: found.heirs[0].profile.id if found.heirs else id_ for id_, found in known.items()}
    assert {
        one.record_key: now[one.profile_id] for one in answers
    } == homes  # a later record may merge two away
    found = await fingerprint(graph)
    await resolve(graph, SETTINGS, full=True)
    assert await fingerprint(graph) == found


async def test_a_record_written_but_not_resolved_is_taken_up_by_the_next(graph, monkeypatch) -> None:
    intake = await ready(graph)
    await intake.identify(person(1, birth_date="1815-12-10"))

    async def dies(_self, _keys):
        raise RuntimeError("the power went out")

    with monkeypatch.context() as broken:
        broken.setattr(Intake, "_pass", dies)
        with pytest.raises(RuntimeError):
            await intake.identify(person(2, birth_date="1815-12-10"))
    assert await graph.read(_PENDING) == [{"pending": 1}]
    other = await intake.identify(person(3, "Karl Marx", birth_date="1818-05-05"))
    assert other.outcome is Outcome.NO_MATCH
    assert await graph.read(_PENDING) == [{"pending": 1}]
    report = await resolve(graph, SETTINGS)
    assert (report.records, report.profiles) == (3, 2)


async def test_a_record_that_leaves_a_crowded_block_brings_it_back(graph) -> None:
    """Four share a surname, one too many to compare by; when one of them is renamed, the others are found alike."""
    intake = await ready(graph, block_limit=3)
    names = ("Ann Zbigniewska", "Anne Zbigniewska", "Bea Zbigniewska", "Cem Zbigniewska")
    for number, name in enumerate(names):
        await intake.identify(person(number, name))
    crowded = await graph.read(_EDGES)
    await intake.identify(person(3, "Karl Marx"))
    found = await fingerprint(graph)
    assert len(found[2]) > len(crowded)
    await resolve(graph, SETTINGS, full=True)
    assert await fingerprint(graph) == found


async def test_two_intakes_of_one_graph_take_turns(graph) -> None:
    one, other = await ready(graph), Intake(graph, SETTINGS)
    records = [person(n, birth_date="1815-12-10") for n in range(10)]
    await asyncio.gather(
        *(intake.identify(record) for record, intake in zip(records, [one, other] * 5, strict=True))
    )
    report = await resolve(graph, SETTINGS)
    assert (report.records, report.profiles, report.touched) == (10, 1, 0)


async def test_loaded_records_that_wait_stay_pending(graph) -> None:
    intake = await ready(graph)
    await intake.identify(person(1, birth_date="1815-12-10", email="ada@example.org"))
    await write_records(
        graph, [person(2, birth_date="1815-12-10", email="ada@example.org")], datetime.now(UTC)
    )
    third = await intake.identify(person(3, birth_date="1815-12-10", email="ada@example.org"))
    assert third.outcome is Outcome.MATCH
    assert await graph.read(_PENDING) == [{"pending": 1}]
    found = await resolve(graph, SETTINGS)
    assert (found.records, found.profiles) == (3, 1)
