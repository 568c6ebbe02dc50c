"""Approvals through the real graph: kept until a second person answers, done as shown, undone without a trace."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from graph.approvals import count_waiting, read_approval, read_approvals
from graph.decisions import read_decision
from graph.errors import (
    AnsweredError,
    NotFoundError,
    OwnDecisionError,
    StaleDecisionError,
    UnresolvedError,
)
from graph.facts import Identifier, SourceRecord
from graph.memberships import stream_memberships
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import ApprovalState, DecisionKind, RecordKind, Verdict
from insight.segments import define_segments, following, refresh_segments
from resolution.acts import Judge, Lock, Merge, Split, Undo, Unlock
from resolution.approvals import Answer, approval_needed, approve, ask_for, decline, shown_again
from resolution.decisions import Order, carry_out, prepare
from resolution.model import default_model
from resolution.pins import Pin
from resolution.proposals import judgement
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings
from resolution.stewardship import StewardshipSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ResolutionSettings()
LIMIT = StewardshipSettings(approval_exposure=1.5)
"""Everybody is in one segment: a decision on two people is above it, one on a single person is not."""

SEGMENTS = define_segments(
    {
        "londoners": {
            "description": "Who lives in London",
            "rule": {"attribute": "city", "equals": "London"},
        }
    }
)
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
BEN = Answer("key_of_ben", "seen it too")

_GRAPH = (
    "MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id, p.digest AS digest ORDER BY id",
    "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state, i.reason AS reason ORDER BY key",
    "MATCH (c:Conflict) RETURN c.key AS key, c.reason AS reason, c.weight AS weight ORDER BY key",
    "MATCH (p:Profile)-[m:IN_SEGMENT]->(s) WHERE m.until IS NULL RETURN p.id AS id, s.name AS name ORDER BY id",
)


async def fingerprint(graph):
    homes = sorted([(r["source"], r["record_id"], r["profile_id"]) async for r in stream_memberships(graph)])
    return homes, [await graph.read(query) for query in _GRAPH]


def person(number, name, surname, city):
    ids = (Identifier("email", f"{name.lower()}@example.org"),)
    attributes = {"given_name": name, "surname": surname, "city": city}
    return SourceRecord(
        "crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=f"{number}{city}"
    )


@pytest.fixture
async def people(graph):
    """Ada (two records), Bob and Clara, each in the segment of those whose city is known."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    known = [("Ada", "Lovelace"), ("Ada", "Lovelace"), ("Bob", "Byron"), ("Clara", "Schumann")]
    for number, one in enumerate(known, 1):
        await write_records(graph, [person(number, *one, "London")], DAWN + timedelta(days=number))
    await resolve(graph, SETTINGS)
    await refresh_segments(graph, SEGMENTS)
    return graph


async def home(graph, number) -> str:
    rows = {row["record_id"]: row["profile_id"] async for row in stream_memberships(graph)}
    return rows[str(number)]


def follow(decision, difference):
    ids = sorted({*(one.id for one in difference.profiles), *difference.retired})
    return following(SEGMENTS, ids, decision.at, "a test")


async def asked(graph, act, author="key_of_ann", limit=LIMIT):
    """What waits after `author` asked for an act that needs approval."""
    order = Order(act, author, "seen on paper")
    prepared = await prepare(graph, SETTINGS, order)
    need = await approval_needed(graph, limit, prepared)
    assert need is not None
    return await ask_for(graph, order, prepared, need)


async def approved(graph, act, limit=LIMIT):
    waiting = await asked(graph, act, limit=limit)
    prepared, _ = await approve(graph, SETTINGS, waiting.id, BEN, follow)
    return prepared.decision


async def needed(graph, act):
    return await approval_needed(graph, LIMIT, await prepare(graph, SETTINGS, Order(act, "ann", "seen")))


async def test_what_is_approved_is_what_was_shown_and_its_undo_leaves_no_trace(people) -> None:
    before = await fingerprint(people)
    waiting = await asked(people, Merge((await home(people, 1), await home(people, 3))))
    assert await fingerprint(people) == before
    assert (waiting.exposure, waiting.limit, waiting.moved) == (2, 1.5, 1)
    assert (await shown_again(people, SETTINGS, waiting)).preview.token == waiting.token
    done, _ = await approve(people, SETTINGS, waiting.id, BEN, follow)
    merged = await fingerprint(people)
    assert merged != before
    kept = await read_decision(people, done.decision.id)
    assert kept is not None
    assert (kept.author, kept.approved_by, kept.reason) == ("key_of_ann", "key_of_ben", "seen on paper")
    assert (kept.profile_ids, kept.moved) == (waiting.profile_ids, 1)
    answered = await read_approval(people, waiting.id)
    assert answered is not None
    assert (answered.state, answered.decision_id) == (ApprovalState.APPROVED, kept.id)
    assert (answered.answered_by, answered.answer) == ("key_of_ben", "seen it too")
    await resolve(people, SETTINGS, full=True)
    assert await fingerprint(people) == merged


async def undone(graph, decision_id):
    """A decision taken back by a second author, whom no limit stops."""
    order = Order(Undo(decision_id), "key_of_ben", "one person after all")
    shown = await prepare(graph, SETTINGS, order)
    await carry_out(graph, SETTINGS, order, shown.preview.token, follow)


async def test_merge_and_split_approved_and_undone_leave_the_same_graph(people) -> None:
    ada, bob, clara = [await home(people, number) for number in (1, 3, 4)]
    before = await fingerprint(people)
    for act in (Merge((ada, bob, clara)), Split(ada, (("crm:2",),)), Merge((bob, clara))):
        decision = await approved(people, act, StewardshipSettings(approval_exposure=0.5))
        assert await fingerprint(people) != before
        await undone(people, decision.id)
        assert await fingerprint(people) == before


async def test_what_needs_a_second_person_is_measured_before_the_decision(people) -> None:
    ada, bob, clara = [await home(people, number) for number in (1, 3, 4)]
    need = await needed(people, Merge((ada, bob, clara)))
    assert need is not None
    assert (need.exposure, need.limit) == (3, 1.5)
    assert await needed(people, Split(ada, (("crm:2",),))) is None
    assert await needed(people, Judge((judgement("crm:1", "crm:3", Verdict.UNSURE),))) is None
    assert await needed(people, Judge((judgement("crm:1", "crm:3", Verdict.SAME),))) is not None
    merged = await approved(people, Merge((ada, bob)))
    undo = await prepare(people, SETTINGS, Order(Undo(merged.id), "ann", "seen"))
    assert undo.decision.profile_ids == (ada, bob)
    assert await approval_needed(people, StewardshipSettings(approval_exposure=0.5), undo) is not None
    assert await approval_needed(people, StewardshipSettings(), undo) is None, "no limit, no approval"


async def test_a_lock_concerns_the_profile_though_nothing_moves(people) -> None:
    ada, low = await home(people, 1), StewardshipSettings(approval_exposure=0.5)
    order = Order(Lock(ada), "ann", "a public figure")
    locked = await prepare(people, SETTINGS, order)
    assert locked.decision.profile_ids == (ada,)
    assert await approval_needed(people, low, locked) is not None
    await carry_out(people, SETTINGS, order, locked.preview.token)
    unlocked = await prepare(people, SETTINGS, Order(Unlock(ada), "ann", "no more"))
    assert await approval_needed(people, low, unlocked) is not None


async def test_a_pin_is_approved_and_undone_like_anything_else(people) -> None:
    ada, before = await home(people, 1), await fingerprint(people)
    decision = await approved(people, Pin(ada, "city", "Leeds"), StewardshipSettings(approval_exposure=0.5))
    assert (decision.kind, decision.profile_ids, decision.moved) == (DecisionKind.PIN, (ada,), 0)
    _, (*_, segments) = await fingerprint(people)
    assert ada not in {row["id"] for row in segments}
    await undone(people, decision.id)
    assert await fingerprint(people) == before


async def test_nobody_approves_what_they_asked_for_but_may_take_it_back(people) -> None:
    waiting = await asked(people, Merge((await home(people, 1), await home(people, 3))))
    with pytest.raises(OwnDecisionError):
        await approve(people, SETTINGS, waiting.id, Answer("key_of_ann", "I said so"), follow)
    assert await count_waiting(people) == 1
    declined = await decline(people, waiting.id, Answer("key_of_ann", "a mistake"))
    assert (declined.state, declined.answered_by) == (ApprovalState.DECLINED, "key_of_ann")
    with pytest.raises(AnsweredError, match="declined, answered by key_of_ann"):
        await approve(people, SETTINGS, waiting.id, BEN, follow)
    with pytest.raises(NotFoundError):
        await decline(people, "nothing", BEN)
    assert await count_waiting(people) == 0


async def test_what_has_changed_in_between_is_not_done(people) -> None:
    ada, bob, clara = [await home(people, number) for number in (1, 3, 4)]
    first, second = await asked(people, Merge((ada, bob))), await asked(people, Merge((bob, clara)))
    await approve(people, SETTINGS, first.id, BEN, follow)
    after = await fingerprint(people)
    with pytest.raises((StaleDecisionError, NotFoundError)):
        await shown_again(people, SETTINGS, second)
    with pytest.raises(StaleDecisionError, match="may ask again"):
        await approve(people, SETTINGS, second.id, BEN, follow)
    assert await fingerprint(people) == after
    assert [one.id for one in await read_approvals(people, ApprovalState.STALE, size=5)] == [second.id]
    assert [one.id for one in await read_approvals(people, None, size=5)] == [second.id, first.id]
    again = await asked(people, Merge((ada, clara)))
    await approve(people, SETTINGS, again.id, BEN, follow)


async def test_it_waits_on_while_records_around_it_are_not_resolved(people) -> None:
    waiting = await asked(people, Merge((await home(people, 1), await home(people, 3))))
    await write_records(people, [person(3, "Bob", "Byron", "Leeds")])
    with pytest.raises(UnresolvedError):
        await approve(people, SETTINGS, waiting.id, BEN, follow)
    assert await count_waiting(people) == 1


async def test_two_who_approve_at_once_do_it_once(people) -> None:
    waiting = await asked(people, Merge((await home(people, 1), await home(people, 3))))
    answers = await asyncio.gather(
        approve(people, SETTINGS, waiting.id, BEN, follow),
        approve(people, SETTINGS, waiting.id, Answer("key_of_eva", "yes"), follow),
        return_exceptions=True,
    )
    [refused] = [one for one in answers if isinstance(one, BaseException)]
    assert isinstance(refused, AnsweredError)
    decisions = await people.read("MATCH (d:Decision) RETURN count(d) AS n")
    assert decisions[0]["n"] == 1


async def test_the_same_decision_waits_once(people) -> None:
    act = Merge((await home(people, 1), await home(people, 3)))
    first = await asked(people, act)
    assert await asked(people, act, "key_of_eva") == first
    assert await count_waiting(people) == 1
