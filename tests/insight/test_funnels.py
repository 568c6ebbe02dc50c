"""Funnels: the answer of SQL over the copy equals a walk through each journey, step by step, in plain Python."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from insight.analysis import Answer
from insight.analysis_tables import create, insert, rebuild_journeys
from insight.funnel_questions import FunnelAnswer, Grouping, Question, told, written
from insight.funnels import Exclusion, FunnelDefinition, Step, define_funnel, define_funnels
from insight.sessions import SessionSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "examples" / "retentioneering_ecom" / "ecom.parquet"


@dataclass(frozen=True, slots=True)
class Event:
    """One touchpoint: `at` is without zone, as the copy has it."""

    profile: str
    at: datetime
    key: str
    type: str
    channel: str | None


def copy_of(events: Iterable[Event]) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    create(database)
    rows = [
        {
            "record_key": f"r:{one.profile}",
            "key": one.key,
            "moment": int(one.at.replace(tzinfo=UTC).timestamp() * 1_000_000),
            "type": one.type,
            "channel": one.channel,
            "campaign": None,
            "source": "web",
            "revenue": None,
        }
        for one in events
    ]
    profiles = sorted({one.profile for one in events})
    insert(database, "touchpoints", rows)
    insert(
        database,
        "memberships",
        [
            {"record_key": f"r:{one}", "profile_id": one, "valid_from": None, "valid_until": None}
            for one in profiles
        ],
    )
    odd = [{"segment": "odd", "profile_id": one, "inside": True} for one in profiles[1::2]]
    insert(database, "segments", odd)
    rebuild_journeys(database, SessionSettings(), everybody=True)
    return database


def asked(database: Any, funnel: FunnelDefinition, question: Question) -> FunnelAnswer:
    return told(funnel, Answer(database.execute(*written(funnel, question)).fetchall(), START))


def fits(event: Event, one: Step | Exclusion) -> bool:
    return event.type in one.types and (one.channels is None or event.channel in one.channels)


def attempt(journey: Sequence[Event], begun: int, funnel: FunnelDefinition) -> tuple[list[Event], set[str]]:
    """The touchpoints of the required steps that an attempt reaches, and the names of optional steps."""
    required = [step for step in funnel.steps if not step.optional]
    taken, passed, place = [journey[begun]], set[str](), begun
    limit = timedelta(hours=funnel.within_hours) if funnel.within_hours else timedelta.max
    for gap in range(len(required) - 1):
        beside = [step for step in funnel.steps if step.optional and funnel.gap_of(step) == gap]
        seen, found = dict[str, int](), None
        for later in range(place + 1, len(journey)):
            event = journey[later]
            if event.at - journey[begun].at > limit:
                break
            reached = fits(event, required[gap + 1])
            if any(fits(event, one) for one in funnel.excluded if gap in funnel.gaps(one)):
                break
            if reached:
                found = later
                break
            for step in beside:
                if fits(event, step):
                    seen.setdefault(step.name, later)
        passed |= set(seen)
        if found is None:
            break
        taken.append(journey[found])
        place = found
    return taken, passed


def walked(events: Iterable[Event], funnel: FunnelDefinition) -> dict[str, tuple[list[Event], set[str]]]:
    """The attempt of each profile that came furthest, of several the first."""
    journeys = defaultdict[str, list[Event]](list)
    for one in sorted(events, key=lambda one: (one.at, one.key)):
        journeys[one.profile].append(one)
    best = {}
    for profile, journey in journeys.items():
        attempts = [
            attempt(journey, place, funnel) for place, one in enumerate(journey) if fits(one, funnel.steps[0])
        ]
        if attempts:
            best[profile] = max(attempts, key=lambda one: len(one[0]))
    return best


def counts(best: Iterable[tuple[list[Event], set[str]]], funnel: FunnelDefinition) -> list[int]:
    required = [step.name for step in funnel.steps if not step.optional]
    return [
        sum(
            step.name in passed if step.optional else len(taken) > required.index(step.name)
            for taken, passed in best
        )
        for step in funnel.steps
    ]


def assert_equal(events: list[Event], funnel: FunnelDefinition) -> FunnelAnswer:
    with copy_of(events) as database:
        answer = asked(database, funnel, Question(by=Grouping.CHANNEL))
        in_segment = asked(database, funnel, Question(segment="odd"))
        by_segment = asked(database, funnel, Question(by=Grouping.SEGMENT))
    best = walked(events, funnel)
    assert [stage.profiles for stage in answer.whole.stages] == counts(best.values(), funnel)
    length = len(funnel.required)
    took = [
        (taken[-1].at - taken[0].at).total_seconds() for taken, _ in best.values() if len(taken) == length
    ]
    assert answer.whole.median_seconds == (pytest.approx(median(took)) if took else None)
    for report in answer.groups:
        group = [one for one in best.values() if (one[0][0].channel or "") == report.group]
        assert [stage.profiles for stage in report.stages] == counts(group, funnel)
    assert sum(one.stages[0].profiles for one in answer.groups) == len(best)
    odd = sorted({one.profile for one in events})[1::2]
    expected = counts([best[profile] for profile in odd if profile in best], funnel)
    assert [stage.profiles for stage in in_segment.whole.stages] == expected
    assert [[stage.profiles for stage in one.stages] for one in by_segment.groups] in ([expected], [])
    return answer


def filters(kind: type[Step] | type[Exclusion]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "types": st.lists(st.sampled_from("ABCD"), min_size=1, max_size=2, unique=True),
            "channels": st.sampled_from([None, None, ["web"]]),
        }
    )


@st.composite
def funnels(draw: st.DrawFn) -> FunnelDefinition:
    steps = draw(st.lists(filters(Step), min_size=2, max_size=4))
    for place, step in enumerate(steps):
        step["name"] = f"s{place}"
        step["optional"] = 0 < place < len(steps) - 1 and draw(st.booleans())
    required = [step["name"] for step in steps if not step["optional"]]
    excluded = draw(st.lists(filters(Exclusion), max_size=2))
    for one in excluded:
        first = draw(st.integers(0, len(required) - 2))
        one["after"] = draw(st.sampled_from([None, required[first]]))
        one["before"] = draw(st.sampled_from([None, *required[first + 1 :]]))
    return define_funnel(
        {"steps": steps, "excluded": excluded, "within_hours": draw(st.sampled_from([None, 3, 10]))}
    )


journeys = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(0, 20), st.sampled_from("ABCDE"), st.sampled_from(["web", None])
    ),
    min_size=1,
    max_size=40,
).map(
    lambda told: [
        Event(f"p{who}", START.replace(tzinfo=None) + timedelta(hours=hour), f"{place:03}", type_, channel)
        for place, (who, hour, type_, channel) in enumerate(told)
    ]
)


@given(events=journeys, funnel=funnels())
@settings(max_examples=60)
def test_any_funnel_over_any_journeys_equals_the_walk(events: list[Event], funnel: FunnelDefinition) -> None:
    assert_equal(events, funnel)


@pytest.fixture(scope="module")
def shop() -> list[Event]:
    rows = pq.read_table(EXAMPLE).to_pylist()
    return [
        Event(row["user_id"], row["timestamp"], f"{place:06}", row["event"], row["acquisition_channel"])
        for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"steps": [{"types": ["product_view"]}, {"types": ["add_to_cart"]}, {"types": ["purchase"]}]}, None),
        (
            {
                "steps": [
                    {"types": ["home", "promo_page"], "name": "arrival"},
                    {"types": ["search"], "optional": True},
                    {"types": ["add_to_cart"]},
                    {"types": ["purchase"]},
                ],
                "excluded": [{"types": ["support_chat"], "after": "add_to_cart"}],
                "within_hours": 24,
            },
            None,
        ),
    ],
)
def test_funnels_of_a_shop_equal_the_walk(shop: list[Event], said: Any, expected: None) -> None:
    answer = assert_equal(shop, define_funnel(said))
    reached = [stage.profiles for stage in answer.whole.stages if not stage.optional]
    assert reached == sorted(reached, reverse=True)
    assert 0 < reached[-1] < reached[0]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"steps": [{"types": ["a"]}]}, "funnels.f.steps"),
        ({"steps": [{"types": ["a"]}, {"types": []}]}, "funnels.f.steps.1.types"),
        ({"steps": [{"types": ["a"]}, {"types": ["a"]}]}, "same name"),
        ({"steps": [{"types": ["a"]}, {"types": ["b"], "optional": True}]}, "cannot be optional"),
        (
            {"steps": [{"types": ["a"]}, {"types": ["b"]}], "excluded": [{"types": ["x"], "after": "c"}]},
            "'c'",
        ),
        ({"steps": [{"types": ["a"]}, {"types": ["b"]}], "within": 3}, "funnels.f.within"),
    ],
)
def test_a_funnel_that_makes_no_sense_is_refused_by_place(said: Any, place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        define_funnels({"f": said})
