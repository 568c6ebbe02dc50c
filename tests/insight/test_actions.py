"""Definitions of actions, and what becomes of a delivery after an attempt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.changes import Change, Position
from graph.deliveries import delivery_of
from graph.errors import ConfigurationError
from graph.vocabulary import ChangeKind, DeliveryState
from insight.acting import outcome
from insight.actions import define_actions, fill
from insight.addresses import is_allowed, safe_addresses
from insight.webhooks import Answer

AT = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"
GOOD = {"on": "segment entered", "segment": "s", "url": "https://crm.example.com/hook", "secret": SECRET}
ENTERED = Change(7, ChangeKind.SEGMENT, "s p entered", "p", "entered", AT, "facts changed", "s")


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"on": "full moon"}, "actions.a.on"),
        ({"segment": None}, "actions.a"),
        ({"on": "profile changed"}, "actions.a"),
        ({"url": "http://crm.example.com/hook"}, "actions.a.url"),
        ({"url": "http://10.0.0.7/hook"}, "actions.a.url"),
        ({"url": "file:///etc/passwd"}, "actions.a.url"),
        ({"url": "https://user:pass@example.com/"}, "actions.a.url"),
        ({"secret": "whsec_"}, "actions.a.secret"),
        ({"fields": ["profile.shoe_size"]}, "actions.a.fields"),
        ({"fields": ["surname"]}, "actions.a.fields"),
        ({"task": {"title": "{graph.salt}"}}, "actions.a.task.title"),
        ({"colour": "red"}, "actions.a.colour"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_place(changed, place):
    with pytest.raises(ConfigurationError) as error:
        define_actions({"a": {**GOOD, **changed}})
    assert str(error.value).startswith(f"{place}: ")
    assert SECRET not in str(error.value)


def test_an_action_concerns_its_occasion_only():
    [action] = define_actions({"a": GOOD}).values()
    assert action.concerns(ENTERED)
    assert not action.concerns(replace(ENTERED, change="left"))
    assert not action.concerns(replace(ENTERED, segment="other"))
    assert not action.concerns(replace(ENTERED, cause="segment defined"))
    [eager] = define_actions({"a": {**GOOD, "backfill": True}}).values()
    assert eager.concerns(replace(ENTERED, cause="segment defined"))


def test_a_template_says_what_is_known_and_nothing_else():
    values = {"profile.surname": "Byron", "indicator.errors": 7, "extra.tags": ["a", "b"]}
    text = "{profile.surname}: {indicator.errors} {extra.tags}{extra.none} {0.__class__} {}"
    assert fill(text, values) == "Byron: 7 a, b {0.__class__} {}"


@given(st.text(), st.text())
def test_a_value_is_never_read_as_a_template(before, value):
    assert fill("{extra.x}", {"extra.x": value, "profile.surname": before}) == value


def test_the_same_change_is_the_same_delivery():
    first = delivery_of("a", ENTERED, AT)
    assert first.id == delivery_of("a", ENTERED, AT + timedelta(days=1)).id
    assert first.id != delivery_of("b", ENTERED, AT).id
    assert first.id != delivery_of("a", replace(ENTERED, number=8), AT).id


@pytest.mark.parametrize(
    ("answer", "attempts", "state"),
    [
        (Answer(200), 0, "delivered"),
        (Answer(204), 9, "delivered"),
        (Answer(302), 0, "waiting"),
        (Answer(404), 0, "waiting"),
        (Answer(410), 0, "dead"),
        (Answer(500), 8, "waiting"),
        (Answer(500), 9, "dead"),
        (Answer(error="timeout"), 9, "dead"),
    ],
)
def test_what_becomes_of_a_delivery(answer, attempts, state):
    before = replace(delivery_of("a", ENTERED, AT), attempts=attempts)
    after = outcome(before, answer, 10, AT)
    assert (after.state, after.attempts) == (DeliveryState(state), attempts + 1)
    assert (after.next_at is not None) == (state == "waiting")
    assert (after.finished_at == AT) == (state != "waiting")


@given(st.integers(0, 40), st.none() | st.floats(0, 86_400))
def test_pauses_grow_and_have_an_end(attempts, asked):
    before = replace(delivery_of("a", ENTERED, AT), attempts=attempts)
    after = outcome(before, Answer(503, retry_seconds=asked), 50, AT)
    assert after.next_at is not None
    pause = (after.next_at - AT).total_seconds()
    assert max((asked or 0) - 0.001, 0.49) <= pause <= max(1.5 * 6 * 3600, asked or 0) + 1
    if asked is None and attempts < 7:
        assert 0.49 * 4**attempts <= pause <= 1.51 * 4**attempts


@pytest.mark.parametrize(
    ("scheme", "address", "safe"),
    [
        ("https", "93.184.216.34", True),
        ("https", "10.0.0.7", True),
        ("https", "169.254.169.254", False),
        ("https", "::ffff:169.254.169.254", False),
        ("https", "fe80::1%eth0", False),
        ("https", "0.0.0.0", False),
        ("https", "224.0.0.1", False),
        ("http", "127.0.0.1", True),
        ("http", "::1", True),
        ("http", "93.184.216.34", False),
        ("http", "10.0.0.7", False),
    ],
)
def test_only_safe_addresses_are_connected_to(scheme, address, safe):
    assert bool(safe_addresses(scheme, [address])) is safe


@pytest.mark.parametrize(
    ("url", "allowed"),
    [("https", True), ("http", False), ("ftp", False), ("", False)],
)
def test_schemes(url, allowed):
    assert is_allowed(url, "crm.example.com") is allowed
    assert is_allowed(url, "localhost") is (url in ("http", "https"))


def test_positions_are_texts_and_back():
    for place in (Position(0), Position(7, "segment", "s~p entered"), Position.of("12")):
        assert Position.of(place.text()) == place
