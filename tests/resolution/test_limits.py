"""Limits: windows over the times of facts, kinds of one's own, block lists, refused merges, contested identifiers."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from resolution.limits import ProfileLimit, Window, most_values
from resolution.settings import ResolutionSettings

DAY = 86_400
ADA = {"given_name": "Ada", "surname": "Byron"}

SIGHTINGS = st.frozensets(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 40).map(lambda day: day * DAY // 2)), max_size=12
)


def under(world, **identifiers):
    settings = ResolutionSettings.model_validate({"identifiers": identifiers})
    world.configuration = replace(world.configuration, settings=settings)


@given(SIGHTINGS, st.sampled_from(list(Window)))
def test_a_window_slides_over_every_stretch_of_time(sightings, window) -> None:
    length = window.seconds
    starts = [at for _, at in sightings]
    expected = max(
        (
            len({v for v, at in sightings if length is None or start <= at < start + length})
            for start in starts
        ),
        default=0,
    )
    assert most_values(sightings, window) == expected


@given(SIGHTINGS, SIGHTINGS, st.integers(1, 5), st.sampled_from(list(Window)))
def test_a_limit_is_even_handed_and_forgives_who_adds_nothing(one, other, values, window) -> None:
    limit = ProfileLimit(values=values, window=window)
    assert limit.broken(one, other) == limit.broken(other, one)
    assert not limit.broken(one, one)


def test_a_merge_over_a_limit_is_refused_and_says_so(world, person) -> None:
    under(world, email={"per_profile": {"values": 2}})
    world.add(
        *(
            person(f"crm:{n}", day=n, ids={"email": f"ada{n}@example.org", "user_id": "u1"}, **ADA)
            for n in range(3)
        )
    )
    difference = world.resolve()
    assert Counter(len(keys) for keys in world.partition()) == {2: 1, 1: 1}
    assert {one.reason for one in difference.conflicts} == {"more than 2 of email"}


def test_a_window_lets_slow_collectors_through(world, person) -> None:
    under(world, device={"per_profile": [{"values": 2, "window": "week"}]})

    def visits(gap):
        return [
            replace(
                person(f"web:{n}", ids={"device": f"d{n}", "user_id": "u1"}),
                observed_at=world_dawn + timedelta(days=gap * n),
            )
            for n in range(4)
        ]

    world_dawn = person("x:1").accepted_at
    world.add(*visits(gap=5))
    world.resolve()
    assert len(world.partition()) == 1
    world.add(*visits(gap=1))
    difference = world.resolve()
    assert len(world.partition()) == 2
    assert {one.reason for one in difference.conflicts} == {"more than 2 of device a week"}


def test_a_kind_of_ones_own_is_a_full_kind(world, person) -> None:
    under(world, membership_no={"class": "unique", "exclusive": True})
    world.add(
        person("crm:1", ids={"membership_no": "AAAA1111"}, **ADA),
        person("shop:1", ids={"membership_no": "AAAA1111"}, given_name="A"),
        person("shop:2", ids={"membership_no": "ZZZZ9999"}, **ADA),
    )
    world.link("crm:1", "shop:2", 12.0)
    difference = world.resolve()
    assert world.partition() == {frozenset({"crm:1", "shop:1"}), frozenset({"shop:2"})}
    assert [one.reason for one in difference.conflicts] == ["two values of membership_no"]


def test_a_listed_value_links_nobody(world, person) -> None:
    listed = {"blocked": ["Till@Example.org"], "blocked_patterns": ["^test[0-9]+@"]}
    under(world, email=listed)
    for mail in ("till@example.org", "test12@example.org"):
        world.add(*(person(f"{mail}:{n}", ids={"email": mail}, **ADA) for n in range(2)))
    world.resolve()
    assert len(world.partition()) == 4
    assert world.state("email", "till@example.org") == world.state("email", "test12@example.org") == "blocked"


def test_a_weaker_identifier_gives_way_to_a_stronger_one_and_comes_back(world, person) -> None:
    mail = {"email": "ada@example.org"}
    world.add(
        person("crm:1", ids={**mail, "ssn": "111223333"}, **ADA),
        person("crm:2", ids={**mail, "ssn": "455667788"}, **ADA),
        person("news:1", ids=mail),
    )
    difference = world.resolve()
    assert len(world.partition()) == 3
    assert world.state("email", "ada@example.org") == "demoted"
    assert [reason for _, _, reason in difference.states] == ["conflict: two values of ssn"]
    assert [one.reason for one in difference.conflicts] == ["two values of ssn"]
    assert world.resolve().states == []
    world.add(
        replace(
            person("crm:2", ids={**mail, "ssn": "111223333"}, **ADA), profile_id=world.believed()["crm:2"]
        )
    )
    difference = world.resolve()
    assert len(world.partition()) == 1
    assert world.state("email", "ada@example.org") == "linking"
    assert (difference.conflicts, len(difference.dissolved)) == ([], 1)


def test_priority_decides_who_gives_way(world, person) -> None:
    under(world, ssn={"priority": 1})
    mail = {"email": "ada@example.org"}
    world.add(
        person("crm:1", ids={**mail, "ssn": "111223333"}, **ADA),
        person("crm:2", ids={**mail, "ssn": "455667788"}, **ADA),
    )
    world.resolve()
    assert len(world.partition()) == 2
    assert world.state("email", "ada@example.org") == "linking"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"identifiers": {"email": {"per_profile": {"values": 0}}}}, "values"),
        ({"identifiers": {"email": {"per_profile": {"values": 1, "window": "fortnight"}}}}, "window"),
        ({"identifiers": {"email": {"blocked_patterns": ["("]}}}, "pattern 1 is no regular expression"),
        ({"identifiers": {"E-Mail": {}, "email": {}}}, "has a table already"),
        ({"identifiers": {"9": {}}}, "identifiers"),
        ({"identifiers": {"email": {"class": "strong"}}}, "class"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_start(table, named) -> None:
    with pytest.raises(ValidationError, match=named):
        ResolutionSettings.model_validate(table)
