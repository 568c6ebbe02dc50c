"""Due profiles: after any acts, following them gives what working everything out anew would give, and asks little."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import due
from graph.connection import Graph
from graph.difference import Difference, ProfileState
from graph.facts import Identifier, SourceRecord, Touchpoint
from graph.memberships import write_difference
from graph.records import write_records
from graph.segments import find_misplaced
from graph.stored_records import read_records
from graph.touchpoints import write_touchpoints
from graph.vocabulary import RecordKind
from insight.definitions import Definitions
from insight.following import catch_up, follow
from insight.segments import define_segments, membership

pytestmark = pytest.mark.store

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=60)

RULES: dict[str, Any] = {
    "leeds": {"attribute": "city", "equals": "Leeds"},
    "buyers": {"touchpoints": {"types": ["purchase"]}, "count_at_least": 1},
    "fresh": {"touchpoints": {"types": ["view"], "within_days": 10}, "count_at_least": 2},
    "quiet": {"touchpoints": {}, "last_at_least_days": 5},
    "lost": {"sequence": [{"types": ["view"]}, {"types": ["purchase"], "absent": True, "within_days": 7}]},
    "fresh_in_leeds": {"all": [{"segment": "fresh"}, {"segment": "leeds"}]},
    "device_of_buyer": {"nearby": "device", "who": {"segment": "buyers"}},
    "home_of_fresh": {"nearby": "household", "who": {"touchpoints": {"types": ["view"], "within_days": 10},
                                                      "count_at_least": 2}},
    "two_hops": {"nearby": "device", "hops": 2, "who": {"attribute": "city", "equals": "York"}},
    "chain": {"nearby": "household", "who": {"segment": "device_of_buyer"}},
}  # fmt: skip
SEGMENTS = define_segments({name: {"description": name, "rule": rule} for name, rule in RULES.items()})
DEFINITIONS = Definitions(segments=SEGMENTS)

PEOPLE = 6
Act = tuple[Any, ...]
people = st.integers(0, PEOPLE - 1)
acts = st.one_of(
    st.tuples(st.just("touch"), people, st.sampled_from(["view", "purchase", "open"]), st.integers(-20, 12)),
    st.tuples(
        st.just("says"), people, st.sampled_from(["Leeds", "York"]), st.integers(1, 2), st.integers(0, 2)
    ),
    st.tuples(st.just("joins"), people, people),
    st.tuples(st.just("passes"), st.integers(1, 9)),
    st.tuples(st.just("follows")),
)


class World:
    """People of one record each, told of through the graph's own writes; a record may join another's profile."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.now = AT
        self.home = {number: f"p{number}" for number in range(PEOPLE)}
        self.said: dict[int, dict[str, str]] = {}
        self.count = 0

    async def act(self, act: Act) -> None:
        """Let one thing happen."""
        name, *rest = act
        acts: dict[str, Callable[..., Awaitable[Any]]] = {
            "touch": self.touch, "says": self.says, "joins": self.joins, "passes": self.passes, "follows": self.follow,
        }  # fmt: skip
        await acts[name](*rest)

    async def touch(self, one: int, type: str, days: int) -> None:  # noqa: A002
        """A touchpoint some days from now, settled at once."""
        self.count += 1
        at = self.now + timedelta(days=days, minutes=self.count)
        touchpoint = Touchpoint("s", str(self.count), f"s:{one}", at, type)
        await write_touchpoints(self.graph, [touchpoint])
        await self.settle(one)

    async def says(self, one: int, city: str, house: int, device: int) -> None:
        """What the record says of itself: a town, a house, a device."""
        self.said[one] = {"surname": "Bell", "street": "Elm Road", "house_number": str(house), "city": city}
        held = (Identifier("device", f"d{device}"),)
        record = SourceRecord(
            "s", str(one), RecordKind.PERSON, self.said[one], held, content_hash=f"{city}{house}{device}"
        )
        await write_records(self.graph, [record])
        await self.settle(one)

    async def joins(self, one: int, other: int) -> None:
        """The record goes to the profile in which the other is."""
        former, home = self.home[one], self.home[other]
        if former != home:
            self.home[one] = home
            await self.settle(one, left=[(f"s:{one}", former)], joined=[(f"s:{one}", home)])

    async def passes(self, days: int) -> None:
        """Days pass."""
        self.now += timedelta(days=days, seconds=1)

    async def follow(self) -> None:
        """Segments follow."""
        while (await follow(self.graph, DEFINITIONS, at=self.now, most=2)).profiles:
            pass

    async def settle(self, one: int, **moves: Any) -> None:
        """Write what becomes of a record, as resolution does."""
        ids = {self.home[one], *(home for _, home in moves.get("left", ()))}
        states, empty = [], []
        for home in sorted(ids):
            members = [number for number in self.home if self.home[number] == home]
            if members:
                values = self.said.get(min(members), {})
                states.append(ProfileState(home, RecordKind.PERSON, len(members), values, "{}", repr(values)))
            else:
                empty.append(home)
        settled = list((await read_records(self.graph, [f"s:{one}"])).values())
        await write_difference(
            self.graph, Difference(settled=settled, profiles=states, retired=empty, **moves)
        )


async def started(graph: Graph) -> World:
    await graph.write("MATCH (n) WHERE NOT n:Installation DETACH DELETE n")
    world = World(graph)
    records = [SourceRecord("s", str(one), RecordKind.PERSON, {}, content_hash="0") for one in world.home]
    await write_records(graph, records)
    for one, home in world.home.items():
        await world.settle(one, joined=[(f"s:{one}", home)])
    await catch_up(graph, DEFINITIONS, at=world.now)
    return world


async def misplaced(world: World) -> dict[str, list[str]]:
    found = {
        name: await find_misplaced(world.graph, membership(name, SEGMENTS[name], world.now)) for name in RULES
    }
    return {name: ids for name, ids in found.items() if ids}


@given(happens=st.lists(acts, min_size=4, max_size=14))
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_following_gives_what_working_everything_out_anew_gives(
    graph: Graph, happens: list[Act]
) -> None:
    world = await started(graph)
    for act in happens:
        await world.act(act)
    await world.follow()
    assert await misplaced(world) == {}
    assert await due.read_due(graph, 100, world.now) == {}


async def asked(world: World) -> set[str]:
    return {
        name for name, count in (await follow(world.graph, DEFINITIONS, at=world.now)).asked.items() if count
    }


async def test_only_segments_that_the_news_can_touch_are_asked(graph: Graph) -> None:
    world = await started(graph)
    for one in range(PEOPLE):
        await world.says(one, "Leeds", one, one)
    await world.follow()
    await world.touch(0, "open", 0)
    assert await asked(world) == {"quiet"}
    await world.touch(0, "view", 0)
    assert await asked(world) == {"fresh", "quiet", "lost", "fresh_in_leeds", "home_of_fresh"}
    await world.touch(0, "purchase", 0)
    assert await asked(world) == {"buyers", "quiet", "lost", "device_of_buyer", "chain"}
    await world.says(0, "York", 0, 0)
    assert "buyers" not in await asked(world)


async def test_the_profiles_near_are_asked_too_and_no_others(graph: Graph) -> None:
    world = await started(graph)
    for one in range(PEOPLE):
        await world.says(one, "Leeds", one, one // 2)
    await world.follow()
    await world.touch(0, "purchase", -1)
    followed = await follow(graph, DEFINITIONS, at=world.now)
    assert (followed.asked["buyers"], followed.asked["device_of_buyer"]) == (1, 2)
    assert followed.entered["device_of_buyer"] == 1


async def test_unknown_news_outweighs_known_news(graph: Graph) -> None:
    world = await started(graph)
    await graph.write("MATCH (r:SourceRecord {key: 's:0'}) SET r:Pending")
    await world.touch(0, "view", 0)
    assert await due.read_due(graph, 10, world.now) == {"p0": None}


async def test_what_becomes_of_a_profile_while_it_is_followed_waits(graph: Graph) -> None:
    world = await started(graph)
    await world.touch(0, "view", 0)
    waiting = await due.read_due(graph, 10, world.now)
    await graph.write_all([due.clearing(waiting)])
    assert await due.read_due(graph, 10, world.now) == {}
    await world.touch(0, "open", 0)
    assert await due.read_due(graph, 10, world.now) == {"p0": frozenset({"type:open"})}


async def test_a_new_or_changed_segment_is_worked_out_for_all(graph: Graph) -> None:
    world = await started(graph)
    await world.says(0, "Leeds", 1, 1)
    await world.follow()
    more = define_segments({"york": {"description": "-", "rule": {"not": {"segment": "leeds"}}},
                            "leeds": {"description": "-", "rule": RULES["leeds"]}})  # fmt: skip
    followed = await catch_up(graph, Definitions(segments=more), at=world.now)
    assert followed.entered["york"] == PEOPLE - 1
    assert not followed.profiles
