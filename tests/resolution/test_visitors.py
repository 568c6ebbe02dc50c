"""Visitors on a device of several people: who takes turns, who does not, and that a second look changes nothing."""

import itertools
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from graph.neighbourhood import Judgement
from graph.vocabulary import RecordKind, Verdict
from resolution.settings import ResolutionSettings

TABLET = {"device": "tablet"}


@pytest.fixture
def tablet(world, person, world_of):
    """Ann and Ben on one tablet, Ann in the morning and evening, Ben at noon; and the tablet while nobody is known."""
    world.add(
        person("web:tablet", 0, TABLET, kind=RecordKind.VISITOR),
        person("web:ann", 1, {**TABLET, "user_id": "ann"}, given_name="Ann"),
        person("web:ben", 2, {**TABLET, "user_id": "ben"}, given_name="Ben"),
    )
    for hour, key in ((8, "web:ann"), (12, "web:ben"), (20, "web:ann")):
        world.log_in(key, "tablet", world_of.dawn + timedelta(hours=hour))
    return world


def under(world, **shared):
    settings = ResolutionSettings.model_validate({"shared_devices": shared})
    world.configuration = replace(world.configuration, settings=settings)
    return world


def test_people_take_turns(tablet, world_of) -> None:
    tablet.resolve()
    assert tablet.turns("web:tablet") == ["web:ann", "web:ben", "web:ann"]
    noon, evening = (world_of.dawn + timedelta(hours=hour) for hour in (12, 20))
    assert [(one.valid_from, one.valid_until) for one in tablet.records["web:tablet"].slices] == [
        (None, noon),
        (noon, evening),
        (evening, None),
    ]


def test_a_second_look_changes_nothing(tablet) -> None:
    tablet.resolve()
    again = tablet.resolve()
    assert [again.opened, again.closed, again.joined, again.left, again.profiles, again.events] == [[]] * 6


def test_by_sessions_the_rest_is_the_devices_own(tablet) -> None:
    under(tablet, policy="session").resolve()
    own, ann, ben = "web:tablet", "web:ann", "web:ben"
    assert tablet.turns("web:tablet") == [own, ann, own, ben, own, ann, own]


def test_by_the_first_login_all_of_it_is_one_persons(tablet) -> None:
    under(tablet, policy="first_login").resolve()
    assert tablet.records["web:tablet"].slices == ()
    assert tablet.believed()["web:tablet"] == tablet.believed()["web:ann"]


def test_on_a_public_device_only_sessions_count(tablet) -> None:
    under(tablet, people=1).resolve()
    assert tablet.turns("web:tablet")[0] == "web:tablet"


def test_beyond_the_limit_of_holders_a_device_is_nobodys(tablet) -> None:
    settings = ResolutionSettings.model_validate({"limits": {"device_holders": 2}})
    tablet.configuration = replace(tablet.configuration, settings=settings)
    tablet.resolve()
    assert tablet.state("device", "tablet") == "demoted"
    assert tablet.partition() == {frozenset({key}) for key in tablet.records}


def test_nobody_logged_in_nobody_has_it(tablet) -> None:
    tablet.touchpoints.clear()
    tablet.resolve()
    assert tablet.partition() == {frozenset({key}) for key in tablet.records}


def test_one_person_with_two_records_takes_no_turns(tablet) -> None:
    tablet.link("web:ann", "web:ben", 20.0)
    tablet.resolve()
    assert tablet.records["web:tablet"].slices == ()
    assert tablet.partition() == {frozenset(tablet.records)}


def test_two_become_one_and_two_again(tablet) -> None:
    tablet.resolve()
    before, slices = tablet.believed(), tablet.records["web:tablet"].slices
    tablet.judgements = [Judgement("web:ann", "web:ben", Verdict.SAME)]
    tablet.resolve()
    assert tablet.partition() == {frozenset(tablet.records)}
    tablet.judgements = []
    tablet.resolve()
    assert (tablet.believed(), tablet.records["web:tablet"].slices) == (before, slices)


def test_who_was_judged_different_from_the_device_has_no_turn(tablet) -> None:
    tablet.judgements = [Judgement("web:ben", "web:tablet", Verdict.DIFFERENT)]
    tablet.resolve()
    assert tablet.turns("web:tablet") == ["web:tablet", "web:ann", "web:tablet", "web:ann"]
    assert [one.reason for one in tablet.conflicts.values()] == ["judged different"]


def test_a_locked_person_has_no_turn(tablet) -> None:
    tablet.judgements = [Judgement("web:ben", "web:ben", Verdict.SAME, locked=True)]
    tablet.resolve()
    assert tablet.turns("web:tablet") == ["web:tablet", "web:ann", "web:tablet", "web:ann"]


def test_a_device_says_nothing_about_people_who_share_it(tablet, person) -> None:
    spoken = person("web:tablet", 0, TABLET, kind=RecordKind.VISITOR, city="Lund")
    tablet.add(spoken)
    difference = tablet.resolve()
    assert all("city" not in profile.values for profile in difference.profiles)
    counts = sorted(profile.record_count for profile in difference.profiles)
    assert counts == [2, 2]


def test_the_removed_device_leaves_everybody(tablet) -> None:
    tablet.resolve()
    tablet.remove("web:tablet")
    difference = tablet.resolve()
    assert len(difference.closed) == 3
    assert tablet.believed()["web:tablet"] is None
    assert tablet.records["web:tablet"].slices == ()


def test_each_device_speaks_first_for_its_own_visitors(tablet, person) -> None:
    tablet.add(
        person("web:phone", 3, {"device": "phone"}, kind=RecordKind.VISITOR),
        person("web:app", 4, {"device": "phone", "cookie": "c1"}, kind=RecordKind.VISITOR),
        person("web:both", 5, {**TABLET, "cookie": "c1"}, kind=RecordKind.VISITOR),
    )
    tablet.resolve()
    assert tablet.turns("web:both") == ["web:ann", "web:ben", "web:ann"]
    home = tablet.believed()
    assert home["web:phone"] == home["web:app"] != home["web:ann"]


@pytest.mark.parametrize("policy", ["last_login", "first_login", "session"])
def test_every_order_ends_alike(world_of, person, policy) -> None:
    records = [
        person("web:tablet", 0, TABLET, kind=RecordKind.VISITOR),
        person("web:second", 0, TABLET, kind=RecordKind.VISITOR),
        person("web:ann", 1, {**TABLET, "user_id": "ann"}),
        person("shop:ann", 2, {"user_id": "ann"}),
        person("web:ben", 1, {**TABLET, "user_id": "ben"}),
    ]
    times = [(8, "web:ann"), (9, "web:ben"), (10, "web:ann"), (12, "web:ben")]
    ends = set()
    for order in itertools.islice(itertools.permutations(records), 0, None, 3):
        world = under(world_of(), policy=policy)
        left = random.Random(str(order)).sample(times, len(times))
        for record in order:
            world.add(record)
            while left and left[-1][1] in world.records:
                hour, key = left.pop()
                world.log_in(key, "tablet", world_of.dawn + timedelta(hours=hour))
                world.add(world.records[key])
            world.resolve()
        for hour, key in left:
            world.log_in(key, "tablet", world_of.dawn + timedelta(hours=hour))
        world.resolve()
        slices = tuple((key, record.slices) for key, record in sorted(world.records.items()))
        ends.add((tuple(world.believed().items()), slices, tuple(sorted(world.digests.items()))))
    assert len(ends) == 1
