"""Decisions through the real graph: what was shown is what happens, it survives every rebuild, and undo is exact."""

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from graph.errors import ContradictionError, DecisionError, InputError, StaleDecisionError, UnresolvedError
from graph.facts import Identifier, SourceRecord
from graph.ledger import LedgerPage, read_history
from graph.memberships import members_of, stream_memberships
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Verdict
from resolution.acts import Act, Judge, Lock, Merge, Split, Undo, Unlock
from resolution.decisions import Order, carry_out, prepare
from resolution.model import default_model
from resolution.proposals import judgement
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ResolutionSettings()
DAWN = datetime(2025, 1, 1, tzinfo=UTC)

_PROFILES = """
MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id, p.digest AS digest, p.record_count AS n ORDER BY id
"""
_STATES = "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state, i.reason AS reason ORDER BY key"
_CONFLICTS = "MATCH (c:Conflict) RETURN c.key AS key, c.reason AS reason, c.weight AS weight ORDER BY key"
_FORGET = "MATCH (n) WHERE n:Profile OR n:Conflict DETACH DELETE n"
_UNDERIVE = "MATCH ()-[edge:MATCHES]->() DELETE edge"
_RESET = """
MATCH (r:SourceRecord) SET r:Pending WITH r MATCH (r)-->(i:Identifier) SET i.state = 'linking', i.reason = null
"""


async def fingerprint(graph):
    memberships = sorted(
        [(r["source"], r["record_id"], r["profile_id"]) async for r in stream_memberships(graph)]
    )
    return memberships, [await graph.read(query) for query in (_PROFILES, _STATES, _CONFLICTS)]


async def rebuilt(graph):
    for query in (_FORGET, _UNDERIVE, _RESET):
        await graph.write(query)
    await resolve(graph, SETTINGS, full=True)
    return await fingerprint(graph)


def person(number, name, surname, email=None, **more) -> SourceRecord:
    ids = (Identifier("email", email),) if email else ()
    attributes = {"given_name": name, "surname": surname, **more}
    return SourceRecord(
        "crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=f"{number}{attributes}"
    )


ADA = [
    person(1, "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10", city="London"),
    person(2, "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10"),
    person(3, "Ada", "Lovelace", "ada@example.org", city="Paris"),
]
BOB = [
    person(4, "Robert", "Byron", "bob@example.org", birth_date="1970-02-03"),
    person(5, "Bob", "Byron", "bob@example.org"),
]
CLARA = [person(6, "Clara", "Schumann", "clara@example.org", birth_date="1979-09-13")]


@pytest.fixture
async def people(graph):
    """Ada (three records), Bob (two) and Clara, resolved under the default model."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    for day, record in enumerate((*ADA, *BOB, *CLARA)):
        await write_records(graph, [record], DAWN + timedelta(days=day))
    report = await resolve(graph, SETTINGS)
    assert (report.records, report.profiles) == (6, 3)
    return graph


async def home(graph, number) -> str:
    rows = {row["record_id"]: row["profile_id"] async for row in stream_memberships(graph)}
    return rows[str(number)]


def order(act: Act) -> Order:
    return Order(act, "key_of_ann", "seen on paper")


async def do(graph, act):
    shown = await prepare(graph, SETTINGS, order(act))
    done, _ = await carry_out(graph, SETTINGS, order(act), shown.preview.token)
    assert done.preview == shown.preview
    return done


async def test_a_preview_writes_nothing_and_shows_what_will_be(people) -> None:
    ada, bob = await home(people, 1), await home(people, 4)
    before = await fingerprint(people)
    shown = (await prepare(people, SETTINGS, order(Merge((bob, ada))))).preview
    assert await fingerprint(people) == before
    assert [(one.profile_id, one.change, one.before, one.after) for one in shown.profiles] == [
        (ada, "merged", 3, 5),
        (bob, "retired", 2, 0),
    ]
    assert [(one.record_key, one.from_id, one.to_id) for one in shown.moves] == [
        ("crm:4", bob, ada),
        ("crm:5", bob, ada),
    ]
    assert [(one.left, one.right, one.verdict) for one in shown.given] == [("crm:1", "crm:4", "SAME")]
    await do(people, Merge((ada, bob)))
    assert await members_of(people, [ada, bob]) == {ada: ["crm:1", "crm:2", "crm:3", "crm:4", "crm:5"]}


async def test_a_merge_undone_is_as_if_it_had_not_been(people) -> None:
    before = await fingerprint(people)
    done = await do(people, Merge((await home(people, 1), await home(people, 4), await home(people, 6))))
    merged = await fingerprint(people)
    assert merged != before
    assert await rebuilt(people) == merged
    undo = await do(people, Undo(done.decision.id))
    assert await fingerprint(people) == before
    assert await rebuilt(people) == before
    with pytest.raises(DecisionError, match="undone already"):
        await prepare(people, SETTINGS, order(Undo(done.decision.id)))
    await do(people, Undo(undo.decision.id))
    assert await fingerprint(people) == merged


async def test_the_ledger_names_the_steward(people) -> None:
    ada = await home(people, 1)
    done = await do(people, Split(ada, (("crm:3",),)))
    (newest,) = (await read_history(people, [ada], LedgerPage(1)))[ada]
    assert (newest.change, newest.cause) == (
        "split",
        f"steward key_of_ann: decision {done.decision.id}",
    )


async def test_a_split_survives_every_rebuild(people) -> None:
    ada = await home(people, 1)
    before = await fingerprint(people)
    done = await do(people, Split(ada, (("crm:3",),)))
    assert await members_of(people, [ada]) == {ada: ["crm:1", "crm:2"]}
    assert await home(people, 3) != ada
    apart = await fingerprint(people)
    assert apart[1][2], "the refused merge is a conflict"
    await resolve(people, SETTINGS, full=True)
    assert await fingerprint(people) == apart
    assert await rebuilt(people) == apart
    await write_records(people, [person(3, "Ada", "Lovelace", "ada@example.org", city="Rome")])
    await resolve(people, SETTINGS)
    assert await home(people, 3) != ada, "in real time too"
    await write_records(people, [ADA[2]])
    await resolve(people, SETTINGS)
    await do(people, Undo(done.decision.id))
    assert await fingerprint(people) == before


async def test_the_second_of_two_conflicting_previews_is_refused(people) -> None:
    ada, bob, clara = await home(people, 1), await home(people, 4), await home(people, 6)
    first, second = order(Merge((ada, bob))), Order(Merge((ada, clara)), "key_of_ben", "a call")
    one = await prepare(people, SETTINGS, first)
    other = await prepare(people, SETTINGS, second)
    await carry_out(people, SETTINGS, first, one.preview.token)
    before = await fingerprint(people)
    with pytest.raises(StaleDecisionError):
        await carry_out(people, SETTINGS, second, other.preview.token)
    assert await fingerprint(people) == before


async def test_a_contradiction_is_refused_with_its_path(people) -> None:
    await do(
        people, Judge((judgement("crm:1", "crm:4", Verdict.SAME), judgement("crm:4", "crm:6", Verdict.SAME)))
    )
    with pytest.raises(ContradictionError, match="crm:1 SAME crm:4; crm:4 SAME crm:6") as raised:
        await prepare(people, SETTINGS, order(Judge((judgement("crm:6", "crm:1", Verdict.DIFFERENT),))))
    assert raised.value.path == ("crm:1", "crm:4", "crm:6")


async def test_a_later_word_on_a_pair_replaces_the_earlier_and_undo_brings_that_back(people) -> None:
    pair = ("crm:1", "crm:6")
    first = await do(people, Judge((judgement(*pair, Verdict.SAME),)))
    together = await fingerprint(people)
    second = await do(people, Judge((judgement(*pair, Verdict.DIFFERENT),)))
    assert [one.id for one in second.ended] == [first.given[0].id]
    with pytest.raises(DecisionError, match="later ones"):
        await prepare(people, SETTINGS, order(Undo(first.decision.id)))
    undo = await do(people, Undo(second.decision.id))
    assert await fingerprint(people) == together
    [restored] = undo.given
    assert (restored.author, restored.at, restored.verdict) == ("key_of_ann", first.decision.at, Verdict.SAME)


async def test_a_locked_profile_neither_gains_nor_loses_by_evidence(people) -> None:
    ada = await home(people, 1)
    await do(people, Lock(ada))
    await write_records(people, [person(7, "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10")])
    await write_records(people, [person(2, "Adalbert", "Stifter", "as@example.org", birth_date="1905-10-23")])
    await resolve(people, SETTINGS)
    assert await members_of(people, [ada]) == {ada: ["crm:1", "crm:2", "crm:3"]}
    assert {row["reason"] for row in await people.read(_CONFLICTS)} == {"locked"}
    locked = await fingerprint(people)
    assert await rebuilt(people) == locked
    with pytest.raises(ContradictionError, match="locked"):
        await prepare(people, SETTINGS, order(Split(ada, (("crm:2",),))))
    await do(people, Unlock(ada))
    assert await members_of(people, [ada]) == {ada: ["crm:1", "crm:3", "crm:7"]}
    assert not await people.read(_CONFLICTS)
    with pytest.raises(DecisionError, match="not locked"):
        await prepare(people, SETTINGS, order(Unlock(ada)))


async def test_unlocking_keeps_what_was_judged_before(people) -> None:
    ada, bob = await home(people, 1), await home(people, 4)
    await do(people, Merge((ada, bob)))
    merged = await fingerprint(people)
    await do(people, Lock(ada))
    assert await fingerprint(people) == merged
    await do(people, Unlock(ada))
    assert await fingerprint(people) == merged
    assert await rebuilt(people) == merged


async def test_a_judgement_ends_by_itself(people) -> None:
    before = await fingerprint(people)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    await do(people, Judge((judgement("crm:1", "crm:6", Verdict.SAME),), expires_at=soon))
    assert await fingerprint(people) != before
    await people.write("MATCH (j:Judgement) SET j.expires_at = $at", at=DAWN)
    await resolve(people, SETTINGS)
    assert await fingerprint(people) == before


async def test_a_decision_waits_for_pending_records(people) -> None:
    await write_records(people, [person(1, "Ada", "King", "ada@example.org", birth_date="1985-12-10")])
    with pytest.raises(UnresolvedError):
        await prepare(people, SETTINGS, order(Lock(await home(people, 1))))
    await prepare(people, SETTINGS, order(Lock(await home(people, 6))))


async def test_any_sequence_of_loads_decisions_and_undos_ends_where_a_rebuild_ends(people) -> None:
    draw = random.Random(11)
    made: list[str] = []
    for number in range(7, 37):
        keys = [f"crm:{one}" for one in range(1, number)]
        homes = sorted({await home(people, key.partition(":")[2]) for key in draw.sample(keys, 3)})
        whole = (await members_of(people, homes[:1]))[homes[0]]
        act = draw.choice(
            [
                Judge((judgement(*draw.sample(keys, 2), draw.choice(list(Verdict))),)),
                Merge(tuple(homes)),
                Split(homes[0], (tuple(draw.sample(whole, max(1, len(whole) // 2))),)),
                Lock(homes[0]),
                Unlock(homes[0]),
                Undo(draw.choice(made)) if made else Lock(homes[0]),
            ]
        )
        token = None
        with suppress(DecisionError, InputError):
            token = (await prepare(people, SETTINGS, order(act))).preview.token
        if token:
            done, _ = await carry_out(people, SETTINGS, order(act), token)
            made.append(done.decision.id)
        first = draw.choice(["Ada", "Bob", "Clara"])
        surname = {"Ada": "Lovelace", "Bob": "Byron", "Clara": "Schumann"}[first]
        fresh = person(number, first, surname, f"{first.lower()}@example.org", city=f"Town {number}")
        await write_records(people, [fresh], DAWN + timedelta(days=number))
        await resolve(people, SETTINGS)
    assert len(made) >= 10
    local = await fingerprint(people)
    again = await resolve(people, SETTINGS, full=True)
    assert (again.created, again.merged, again.split) == (0, 0, 0)
    assert await fingerprint(people) == local
    assert await rebuilt(people) == local
