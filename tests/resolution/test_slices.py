"""The history of a shared device is divided by logins alone, whatever the order in which they are told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.logins import Login
from resolution.shared_devices import Policy
from resolution.slices import Part, divided

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
HALF_AN_HOUR = 1800


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def login(who, first, last=None):
    return Login(who, at(first), at(first if last is None else last))


def parts(*logins, policy=Policy.LAST_LOGIN):
    owners = {"ann": 1, "ann's other": 1, "ben": 2}
    return [
        (one.owner, one.valid_from, one.valid_until) for one in divided(logins, owners, policy, HALF_AN_HOUR)
    ]


TABLET = (login("ann", 0, 10), login("ben", 600), login("ann's other", 1200), login("ann", 1300))


def test_each_slice_lasts_until_somebody_else_logs_in() -> None:
    assert parts(*TABLET) == [(1, None, at(600)), (2, at(600), at(1200)), (1, at(1200), None)]


def test_the_first_login_keeps_the_device() -> None:
    assert parts(*TABLET, policy=Policy.FIRST_LOGIN) == [(1, None, None)]


def test_outside_a_session_a_device_is_nobodys() -> None:
    assert parts(*TABLET, policy=Policy.SESSION) == [
        (None, None, at(-30)),
        (1, at(-30), at(40)),
        (None, at(40), at(570)),
        (2, at(570), at(630)),
        (None, at(630), at(1170)),
        (1, at(1170), at(1230)),
        (None, at(1230), at(1270)),
        (1, at(1270), at(1330)),
        (None, at(1330), None),
    ]


def test_a_session_ends_where_somebody_else_logs_in() -> None:
    close = (login("ann", 0), login("ben", 10), login("ann", 15))
    assert parts(*close, policy=Policy.SESSION) == [
        (None, None, at(-30)),
        (1, at(-30), at(10)),
        (2, at(10), at(15)),
        (1, at(15), at(45)),
        (None, at(45), None),
    ]


def test_a_login_of_nobody_known_does_not_count() -> None:
    assert parts(login("stranger", 0)) == [(None, None, None)]
    assert parts(login("ann", 0), login("stranger", 5), login("ann", 9)) == [(1, None, None)]


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_no_error(moment) -> None:
    for policy in Policy:
        assert divided([Login("ann", moment, moment)], {"ann": 1}, policy, HALF_AN_HOUR)


LOGINS = st.lists(st.tuples(st.sampled_from(["ann", "ben", "cleo"]), st.integers(0, 300)), max_size=12)


@given(LOGINS, st.sampled_from(Policy))
def test_the_parts_are_all_of_time_once(logins, policy) -> None:
    found = divided(
        [login(who, minute) for who, minute in sorted(logins, key=lambda one: one[1])],
        {"ann": 1, "ben": 2, "cleo": 3},
        policy,
        HALF_AN_HOUR,
    )
    assert found[0].valid_from is None
    assert found[-1].valid_until is None
    for one, other in pairwise(found):
        assert one.valid_until == other.valid_from
        assert one.owner != other.owner
    for part in found:
        assert part.valid_from is None or part.valid_until is None or part.valid_from < part.valid_until


@given(LOGINS)
def test_by_the_last_login_every_instant_is_of_whoever_was_logged_in_last(logins) -> None:
    told = sorted({minute: who for who, minute in logins}.items())
    owners = {"ann": 1, "ben": 2, "cleo": 3}
    found = divided([login(who, minute) for minute, who in told], owners, Policy.LAST_LOGIN, HALF_AN_HOUR)
    for instant in range(-10, 311, 7):
        before = [who for minute, who in told if minute <= instant] or [who for _, who in told[:1]]
        assert owner_at(found, at(instant)) == (owners[before[-1]] if before else None)


def owner_at(found: tuple[Part, ...], moment: datetime) -> int | None:
    [owner] = [
        part.owner
        for part in found
        if (part.valid_from is None or part.valid_from <= moment)
        and (part.valid_until is None or moment < part.valid_until)
    ]
    return owner
