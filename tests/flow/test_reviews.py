"""The queue through the real graph: what is asked, what an answer does to it, and that following ends where rebuilding
does."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.errors import OnefoldError
from graph.facts import Identifier, SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.reviews import Choice, read_reviews
from graph.triage import assign, snooze
from graph.vocabulary import RecordKind, ReviewKind, Verdict
from resolution.acts import Act, Judge, Lock, Undo
from resolution.decisions import Order, carry_out, prepare
from resolution.model import default_model
from resolution.proposals import judgement
from resolution.quality_settings import QualitySettings, Threshold
from resolution.resolve import resolve
from resolution.reviewing import ReviewSettings, catch_up
from resolution.stewardship import StewardshipSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ReviewSettings(stewardship=StewardshipSettings(least_error=0.001))
MODEL = replace(default_model(), version="strict", match=8.0)
DAWN = datetime(2025, 1, 1, tzinfo=UTC)

_QUEUE = "MATCH (v:Review) RETURN v {.*, asked_at: null} AS review ORDER BY v.key"
_FORGET = "MATCH (v:Review) DELETE v"
_UNSTAMP = "MATCH (n:Installation) REMOVE n.reviewed_by"


async def queue(graph) -> list[dict]:
    return [row["review"] for row in await graph.read(_QUEUE)]


async def asked(graph) -> list[tuple[str, str]]:
    found = await read_reviews(graph, Choice(datetime.now(UTC)), size=100)
    return [(one.review.kind.value, one.review.key) for one in found]


async def rebuilt(graph) -> list[dict]:
    await graph.write(_FORGET)
    await graph.write(_UNSTAMP)
    await catch_up(graph, SETTINGS)
    return await queue(graph)


def person(number, name, surname, email=None, **more) -> SourceRecord:
    ids = (Identifier("email", email),) if email else ()
    ids += tuple(Identifier("ssn", one) for one in [more.pop("ssn", None)] if one)
    attributes = {"given_name": name, "surname": surname, **more}
    content = f"{number}{attributes}{ids}"
    return SourceRecord("crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=content)


# The Meiers are alike, but less than the model wants; two numbers keep the Smiths apart; one link holds the Webers.
PEOPLE = [
    person(1, "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10", city="London"),
    person(2, "Ada", "Lovelace", "ada@example.org", birth_date="1985-12-10"),
    person(3, "Hans", "Meier", birth_date="1960-01-01"),
    person(4, "Hans", "Meyer", birth_date="1960-01-21"),
    person(5, "John", "Smith", "john@example.org", ssn="111-22-3333", birth_date="1990-01-01"),
    person(6, "John", "Smith", "john@example.org", ssn="999-88-7777", birth_date="1990-01-01"),
    person(7, "Carl", "Weber", city="Bonn", postcode="53111"),
    person(8, "Karl", "Weber", city="Bonn", postcode="53111"),
]
SMITHS, MEIERS, WEBERS = "crm:5|crm:6", "crm:3|crm:4", "crm:7|crm:8"


@pytest.fixture
async def people(graph):
    """Eight records under a strict model, resolved and reviewed."""
    await graph.write(_UNSTAMP)
    await publish_model(graph, MODEL.version, MODEL.to_json(), "a test")
    for day, record in enumerate(PEOPLE):
        await write_records(graph, [record], DAWN + timedelta(days=day))
    await resolve(graph, SETTINGS.resolution)
    await catch_up(graph, SETTINGS)
    return graph


async def do(graph, act: Act, settings=SETTINGS):
    order = Order(act, "ann", "seen on paper")
    shown = await prepare(graph, settings.resolution, order)
    done, _ = await carry_out(graph, settings.resolution, order, shown.preview.token)
    return done


def judge(left: str, right: str, verdict: Verdict) -> Judge:
    return Judge((judgement(left, right, verdict),))


async def test_the_most_expensive_mistake_is_asked_first(people) -> None:
    assert await asked(people) == [("CONFLICT", SMITHS), ("POSSIBLE", MEIERS), ("WEAK", WEBERS)]
    smiths, meiers, webers = (one.review for one in await read_reviews(people, Choice(DAWN), size=100))
    assert smiths.reason == "two values of ssn"
    assert meiers.error == pytest.approx(1 / (1 + 2**-meiers.weight))
    assert len(meiers.profile_ids) == 2
    assert webers.error == pytest.approx(1 / (1 + 2**webers.weight))
    assert len(webers.profile_ids) == 1
    # What hangs on a profile weighs: a purchase that is dear moves the Webers to the front.
    await people.write(
        "CREATE (:Touchpoint {key: 't', record_key: 'crm:7', occurred_at: $at, revenue: 9.0})", at=DAWN
    )
    dear = replace(SETTINGS, stewardship=SETTINGS.stewardship.model_copy(update={"purchase_cost": 1e4}))
    await catch_up(people, dear)
    assert (await asked(people))[0] == ("WEAK", WEBERS)
    assert (await read_reviews(people, Choice(DAWN), size=1))[0].review.exposure.purchases == 1


async def test_an_answer_takes_the_question_out_at_once_and_undo_brings_it_back(people) -> None:
    before = await queue(people)
    for key, verdict in ((SMITHS, Verdict.SAME), (MEIERS, Verdict.DIFFERENT), (WEBERS, Verdict.DIFFERENT)):
        done = await do(people, judge(*key.split("|"), verdict))
        assert key not in {one for _, one in await asked(people)}
        await catch_up(people, SETTINGS)
        assert key not in {one for _, one in await asked(people)}
        await do(people, Undo(done.decision.id))
        await catch_up(people, SETTINGS)
        assert await queue(people) == before


async def test_another_pair_of_two_profiles_that_are_judged_apart_is_no_question(people) -> None:
    await write_records(people, [person(9, "Hans", "Meier", birth_date="1960-01-01", city="Bonn")], DAWN)
    await resolve(people, SETTINGS.resolution)
    await do(people, judge("crm:4", "crm:9", Verdict.DIFFERENT))
    await catch_up(people, SETTINGS)
    assert [kind for kind, _ in await asked(people)] == ["CONFLICT", "WEAK"]


async def test_what_nobody_can_tell_comes_last(people) -> None:
    await do(people, judge(*SMITHS.split("|"), Verdict.UNSURE))
    await catch_up(people, SETTINGS)
    assert [key for _, key in await asked(people)] == [MEIERS, WEBERS, SMITHS]


async def test_a_locked_profile_and_one_that_holds_too_much_are_asked_about(people) -> None:
    home = (await read_reviews(people, Choice(DAWN, kinds=[ReviewKind.WEAK]), size=1))[0].review.profile_ids[
        0
    ]
    await do(people, Lock(home))
    await write_records(people, [person(9, "Carl", "Weber", city="Bonn", postcode="53111")], DAWN)
    await resolve(people, SETTINGS.resolution)
    narrow = replace(SETTINGS, quality=QualitySettings(oversized=Threshold(share=0, limit=1)))
    await catch_up(people, narrow)
    found = {one.review.kind: one.review for one in await read_reviews(people, Choice(DAWN), size=100)}
    assert found[ReviewKind.LOCKED].right == "crm:9"
    assert (found[ReviewKind.OVERSIZED].reason, found[ReviewKind.OVERSIZED].error) == ("2 records", 0.05)
    assert ReviewKind.WEAK not in found  # all of a locked profile is judged the same


async def test_who_takes_care_stays_when_the_queue_is_built_anew(people) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert await assign(people, [SMITHS, "crm:1|crm:2"], "ann", "bob") == {SMITHS}
    await snooze(people, [MEIERS], tomorrow, "bob")
    await rebuilt(people)
    now = datetime.now(UTC)
    keys = [
        [one.review.key for one in await read_reviews(people, choice, size=9)]
        for choice in (
            Choice(now),
            Choice(now, snoozed=True),
            Choice(tomorrow),
            Choice(now, assigned_to="ann"),
        )
    ]
    assert keys == [[SMITHS, WEBERS], [MEIERS], [SMITHS, MEIERS, WEBERS], [SMITHS]]


async def test_following_any_sequence_ends_where_building_anew_does(people) -> None:
    draw = random.Random(7)
    made: list[str] = []
    for number in range(9, 23):
        keys = [f"crm:{one}" for one in range(1, number)]
        act = draw.choice(
            [
                judge(*draw.sample(keys, 2), draw.choice(list(Verdict))),
                judge(*draw.choice([SMITHS, MEIERS, WEBERS]).split("|"), draw.choice(list(Verdict))),
                Undo(draw.choice([*made, "none"])),
            ]
        )
        with suppress(OnefoldError):
            made.append((await do(people, act)).decision.id)
        first, surname = draw.choice(
            [("Hans", "Meyer"), ("John", "Smith"), ("Carl", "Weber"), ("Ada", "Lovelace")]
        )
        fresh = person(
            *(number, first, surname, draw.choice([None, f"{first.lower()}@example.org"])),
            birth_date=draw.choice([None, "1960-01-01", "1990-01-01"]),
            city=draw.choice([None, "Bonn"]),
        )
        await write_records(people, [fresh], DAWN + timedelta(days=number))
        await resolve(people, SETTINGS.resolution)
        if draw.random() < 0.5:
            await catch_up(people, SETTINGS)
    assert len(made) >= 5
    await catch_up(people, SETTINGS)
    followed = await queue(people)
    assert len(followed) >= 3
    assert await rebuilt(people) == followed
