"""Thresholds: a band in which nothing changes, a time in which nobody enters again, and what is kept of a crossing."""

from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import pytest

from graph.connection import Graph
from graph.errors import ConfigurationError
from insight.definitions import Definitions, define_all
from insight.following import Followed, catch_up, follow

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

ERRORS = {
    "description": "Errors of the machines in a day",
    "function": "count",
    "types": ["machine_error"],
    "within_hours": 24,
}
LAST = {"description": "Since the last visit", "function": "recency", "types": ["visit"]}
TROUBLE = {
    "description": "Machines in trouble",
    "indicator": "errors",
    "enter_at": 4,
    "leave_at": 2,
    "cool_down_hours": 48,
}
LAPSED = {"description": "Not seen for a week", "indicator": "last_visit", "enter_at": 7}
CALM = {"description": "No errors", "indicator": "errors", "when": "below", "enter_at": 0, "leave_at": 1}

_CREATE: LiteralString = """
CREATE (p:Profile:Due {id: 'p', kind: 'ORGANISATION', record_count: 1, created_at: $at, updated_at: $at})
CREATE (:SourceRecord {key: 'r'})-[:RESOLVES_TO {since: $at}]->(p)
"""
_TOUCH: LiteralString = """
MATCH (r:SourceRecord {key: 'r'})-[:RESOLVES_TO]->(p)
UNWIND $ats AS at
CREATE (:Touchpoint {key: $type + toString(at), record_key: 'r', type: $type, occurred_at: at})-[:OF]->(r)
SET p.news = CASE WHEN p:Due THEN p.news ELSE ['type:' + $type] END, p:Due
"""
_HELD: LiteralString = """
MATCH (:Profile {id: 'p'})-[m:IN_SEGMENT]->(:Segment {name: $name})
RETURN m.since AS since, m.until AS until, m.entered_value AS entered, m.entered_limit AS enter,
  m.left_value AS left, m.left_limit AS leave ORDER BY since
"""


class Plant:
    """One customer whose machines report; the definitions are followed at every step."""

    def __init__(self, graph: Graph, definitions: Definitions) -> None:
        self.graph, self.definitions = graph, definitions

    async def begin(self, at: datetime = START) -> None:
        await self.graph.write(_CREATE, at=at)
        await catch_up(self.graph, self.definitions, at=at)

    async def at(self, moment: datetime, *touched: datetime, of: str = "machine_error") -> Followed:
        """Touchpoints come, and all is followed at an instant."""
        if touched:
            await self.graph.write(_TOUCH, ats=list(touched), type=of)
        followed = await follow(self.graph, self.definitions, at=moment)
        assert not (await follow(self.graph, self.definitions, at=moment)).profiles
        return followed

    async def held(self, name: str) -> list[tuple[datetime, datetime | None]]:
        return [(row["since"], row["until"]) for row in await self.graph.read(_HELD, name=name)]


def errors(start: datetime, count: int) -> list[datetime]:
    return [start + timedelta(minutes=n) for n in range(count)]


@pytest.mark.store
async def test_a_bouncing_value_enters_once_and_says_why(graph: Graph) -> None:
    plant = Plant(graph, define_all({"errors": ERRORS}, {"trouble": TROUBLE}, {}))
    await plant.begin()
    await plant.at(START + HOUR, *errors(START, 3))
    assert await plant.held("trouble") == []
    entered = await plant.at(START + 2 * HOUR, *errors(START + 2 * HOUR, 1))
    assert entered.entered == {"trouble": 1}
    left = START + 24 * HOUR + timedelta(minutes=2)  # one of four is left in the window: below 2
    assert (await plant.at(START + 24 * HOUR + timedelta(minutes=1))).left == {}  # two are: in the band
    assert (await plant.at(left)).left == {"trouble": 1}
    again = START + 30 * HOUR
    assert (await plant.at(again, *errors(again - HOUR, 9))).entered == {}  # it cools down
    cooled = START + 50 * HOUR
    assert (await plant.at(cooled - HOUR)).profiles == 0
    assert (await plant.at(cooled)).entered == {"trouble": 1}  # and is due by itself when it has
    rows = await graph.read(_HELD, name="trouble")
    assert [list(row.values()) for row in rows] == [
        [START + 2 * HOUR, left, 4.0, 4.0, 1.0, 2.0],
        [cooled, None, 9.0, 4.0, None, None],
    ]


@pytest.mark.store
async def test_days_that_pass_cross_a_threshold(graph: Graph) -> None:
    plant = Plant(graph, define_all({"last_visit": LAST}, {"lapsed": LAPSED}, {}))
    await plant.begin()
    await plant.at(START + HOUR, START, of="visit")
    (row,) = await graph.read("MATCH (p:Profile) RETURN p.turns_at AS at")
    assert timedelta() <= row["at"] - (START + timedelta(days=7)) < timedelta(seconds=1)
    assert (await plant.at(START + timedelta(days=6))).profiles == 0
    assert (await plant.at(START + timedelta(days=8))).entered == {"lapsed": 1}
    back = START + timedelta(days=9)
    assert (await plant.at(back, back, of="visit")).left == {"lapsed": 1}


@pytest.mark.store
async def test_below_is_the_other_way_round_and_counts_who_has_none(graph: Graph) -> None:
    plant = Plant(graph, define_all({"errors": ERRORS}, {"calm": CALM}, {}))
    await plant.begin()
    assert await plant.held("calm") == [(START, None)]
    await plant.at(START + HOUR, *errors(START, 1))
    assert await plant.held("calm") == [(START, None)]
    await plant.at(START + 2 * HOUR, *errors(START + HOUR, 1))
    assert await plant.held("calm") == [(START, START + 2 * HOUR)]


@pytest.mark.store
async def test_segments_ask_for_indicators_and_thresholds(graph: Graph) -> None:
    segments = {
        "some": {"description": "d", "rule": {"indicator": "errors", "at_least": 1, "at_most": 2}},
        "none": {"description": "d", "rule": {"indicator": "errors", "at_most": 0}},
        "machines": {"description": "d", "rule": {"indicator": "machines", "equals": "m-2"}},
        "other": {"description": "d", "rule": {"indicator": "machines", "in": ["m-3", "m-4"]}},
        "unseen": {"description": "d", "rule": {"indicator": "last_visit", "exists": False}},
        "lately": {"description": "d", "rule": {"indicator": "last_visit", "at_most": 2.5}},
        "calm_here": {"description": "d", "rule": {"all": [{"segment": "calm"}]}},
    }
    machines = {"description": "d", "function": "distinct", "of": "campaign"}
    indicators = {"errors": ERRORS, "last_visit": LAST, "machines": machines}
    plant = Plant(graph, define_all(indicators, {"calm": CALM}, segments))
    await plant.begin()

    async def inside() -> set[str]:
        rows = await graph.read(
            "MATCH (:Profile {id: 'p'})-[m:IN_SEGMENT]->(s) WHERE m.until IS NULL RETURN s.name AS name"
        )
        return {row["name"] for row in rows}

    assert await inside() == {"none", "unseen", "calm", "calm_here"}
    await graph.write(
        "MATCH (r:SourceRecord) CREATE (:Touchpoint {key: 'c', record_key: 'r', type: 'x',"
        " campaign: 'm-2', occurred_at: $at})",
        at=START,
    )
    await plant.at(START + HOUR, START, of="visit")
    assert await inside() == {"none", "machines", "lately", "calm", "calm_here"}
    await plant.at(START + 2 * HOUR, *errors(START, 2))
    assert await inside() == {"some", "machines", "lately"}
    await plant.at(START + 3 * 24 * HOUR)
    assert await inside() == {"none", "machines", "calm", "calm_here"}


@pytest.mark.store
async def test_only_what_an_indicator_can_touch_is_asked(graph: Graph) -> None:
    plant = Plant(
        graph, define_all({"errors": ERRORS, "last_visit": LAST}, {"trouble": TROUBLE, "lapsed": LAPSED}, {})
    )
    await plant.begin()
    followed = await plant.at(START + HOUR, START, of="visit")
    assert followed.asked["lapsed"] == 1
    assert followed.asked["trouble"] == 0


@pytest.mark.parametrize(
    ("thresholds", "segments", "complaint"),
    [
        ({"t": {**TROUBLE, "leave_at": 5}}, {}, "leave_at may not be above enter_at"),
        ({"t": {**CALM, "leave_at": -1}}, {}, "leave_at may not be below enter_at"),
        ({"t": {**TROUBLE, "indicator": "gone"}}, {}, "'gone', which is not defined"),
        ({"t": {**TROUBLE, "indicator": "kinds"}}, {}, "no numbers"),
        ({"t": {**TROUBLE, "when": "beside"}}, {}, "thresholds.t.when"),
        ({"t": TROUBLE}, {"t": {"description": "d", "rule": {"all": []}}}, "t is a segment and a threshold"),
        ({}, {"s": {"description": "d", "rule": {"indicator": "errors"}}}, "needs a bound"),
        ({}, {"s": {"description": "d", "rule": {"not": {"indicator": "gone", "exists": True}}}}, "'gone'"),
        (
            {},
            {
                "s": {
                    "description": "d",
                    "rule": {"threshold": "s", "indicator": "errors", "enter_at": 1, "leave_at": 1},
                }
            },
            "stands under",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    thresholds: dict[str, Any], segments: dict[str, Any], complaint: str
) -> None:
    indicators = {"errors": ERRORS, "kinds": {"description": "d", "function": "distinct", "of": "type"}}
    with pytest.raises(ConfigurationError, match=complaint):
        define_all(indicators, thresholds, segments)
