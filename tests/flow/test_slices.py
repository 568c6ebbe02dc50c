"""A shared tablet through the real graph: whose each moment is, in journeys, look-ups, segments, exports and undo."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from api.exports import export_clusters
from api.lookup import look_up
from graph.clusters import read_records
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.journeys import JourneyPage, read_journeys
from graph.logins import Devices, read_logins
from graph.memberships import stream_memberships
from graph.neighbourhood import Judgement
from graph.stored_records import read_records as stored
from graph.vocabulary import Verdict
from insight.segments import define_segments, refresh_segments
from loaders.batches import Entry, write_batch
from loaders.facts import RowMapper
from loaders.mapping import parse_mapping
from loaders.rows import Row
from resolution.acts import Judge, Undo
from resolution.decisions import Order, carry_out, prepare
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

SETTINGS = ResolutionSettings()
DAWN = datetime(2025, 3, 1, 6, tzinfo=UTC)
MAPPING = parse_mapping("""
[source]
name = "web"
[record]
first_of = ["user", "device"]
[identifiers]
user_id = "user"
device = "device"
[touchpoint]
id = "id"
occurred_at = "at"
type = { fixed = "view" }
""")

DAY = (
    (0, None),
    (1, "ann"),
    (2, None),
    (3, "ann"),
    (4, None),
    (5, "ben"),
    (6, None),
    (6, "ben"),
    (7, None),
    (8, "ann"),
    (9, None),
)
"""Hour and who is logged in; views by nobody are the tablet's."""


def events(day=DAY, device="tablet"):
    for number, (hour, user) in enumerate(day):
        at = (DAWN + timedelta(hours=hour)).isoformat()
        yield Row(
            number, {"id": f"{device}{hour:03}{user or ''}", "at": at, "user": user or "", "device": device}
        )


async def load(graph, rows, at=DAWN) -> None:
    mapper = RowMapper(MAPPING, graph.salt)
    await write_batch(graph, [Entry(row.line, "", mapper.facts(row)) for row in rows], at)


async def journey(graph, home, size=50):
    """The whole journey, page by page: hour and whose record it hangs on."""
    found, page = [], JourneyPage(size)
    while True:
        rows = (await read_journeys(graph, [home], page)).get(home, [])
        hours = [(one.occurred_at - DAWN).total_seconds() / 3600 for one in rows]
        found += [(hour, one.record_key.rpartition(":")[2]) for hour, one in zip(hours, rows, strict=True)]
        if len(rows) < size:
            return found
        page = JourneyPage(size, rows[-1].occurred_at, rows[-1].key)


async def homes(graph):
    return {
        key: one.profile_id for key, one in (await stored(graph, ["web:user:ann", "web:user:ben"])).items()
    }


async def fingerprint(graph):
    memberships = [
        tuple(map(str, row.values())) async for row in stream_memberships(graph, with_visitors=True)
    ]
    profiles = await graph.read(
        "MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id, p.digest AS digest ORDER BY id"
    )
    return sorted(memberships), profiles


async def test_each_journey_has_the_slices_of_its_person(graph) -> None:
    await load(graph, events())
    await resolve(graph, SETTINGS)
    home = await homes(graph)
    for size in (1, 2, 50):
        assert await journey(graph, home["web:user:ann"], size) == [
            *[(9, "tablet"), (8, "ann"), (4, "tablet"), (3, "ann"), (2, "tablet"), (1, "ann"), (0, "tablet")]
        ]
    assert sorted(await journey(graph, home["web:user:ben"])) == [
        *[(5, "ben"), (6, "ben"), (6, "tablet"), (7, "tablet")]
    ]
    records = (await read_records(graph, [home["web:user:ann"]], limit=9))[home["web:user:ann"]]
    assert {one.key: one.slices for one in records} == {
        "web:user:ann": (),
        "web:device:tablet": ((None, DAWN + timedelta(hours=5)), (DAWN + timedelta(hours=8), None)),
    }


async def test_the_last_to_have_the_device_is_found_first(graph, tmp_path) -> None:
    await load(graph, events())
    await load(graph, events([(1, "ben"), (2, "ann"), (3, None), (4, "ben")], "phone"))
    await resolve(graph, SETTINGS)
    home = await homes(graph)
    for device, last in (("tablet", "web:user:ann"), ("phone", "web:user:ben")):
        answer = await look_up(graph, "device", device)
        assert answer.profiles[0].id == home[last]
        assert "the first has it last" in answer.reason
    rows = await export_clusters(graph, tmp_path / "clusters.csv")
    assert rows == 8
    text = (tmp_path / "clusters.csv").read_text()
    assert f"web,device:tablet,{home['web:user:ben']},2025-03-01T11:00:00Z,2025-03-01T14:00:00Z" in text


async def test_segments_count_what_lies_in_the_slices(graph) -> None:
    await load(graph, events())
    await resolve(graph, SETTINGS)
    rule = {"touchpoints": {"types": ["view"]}, "count_at_least": 7, "count_at_most": 7}
    await refresh_segments(graph, define_segments({"seven": {"description": "-", "rule": rule}}))
    rows = await graph.read("MATCH (p:Profile)-[:IN_SEGMENT]->() RETURN p.id AS id")
    assert [row["id"] for row in rows] == [(await homes(graph))["web:user:ann"]]


@pytest.mark.parametrize("policy", ["last_login", "first_login", "session"])
async def test_bit_by_bit_in_any_order_ends_where_one_resolve_ends(graph, policy) -> None:
    settings = ResolutionSettings.model_validate({"shared_devices": {"policy": policy}})
    rows = [*events(), *events([(1, "ben"), (2, "ann"), (3, None), (4, "ben")], "phone")]
    ends = []
    for seed in range(3):
        await graph.write("MATCH (n) WHERE NOT n:Installation AND NOT n:ModelVersion DETACH DELETE n")
        left = random.Random(seed).sample(rows, len(rows)) if seed else list(rows)
        while left:
            part, left = left[: len(rows) if not seed else 3], left[len(rows) if not seed else 3 :]
            await load(graph, part)
            await resolve(graph, settings)
        ends.append(await fingerprint(graph))
        again = await resolve(graph, settings, full=True)
        assert (again.created, again.merged, again.split, again.moved) == (0, 0, 0, 0)
        assert await fingerprint(graph) == ends[-1]
    assert ends[0] == ends[1] == ends[2]


async def test_undoing_a_merge_gives_the_slices_back(graph) -> None:
    await load(graph, events())
    await resolve(graph, SETTINGS)
    before, home = await fingerprint(graph), await homes(graph)
    act = Judge((Judgement("web:user:ann", "web:user:ben", Verdict.SAME),))
    first = await prepare(graph, SETTINGS, Order(act, "key", "the same"))
    await carry_out(graph, SETTINGS, Order(act, "key", "the same"), first.preview.token)
    assert [row[3] for row in (await fingerprint(graph))[0]] == [home["web:user:ann"]] * 3
    done = await graph.read("MATCH (d:Decision) RETURN d.id AS id")
    undo = Order(Undo(done[0]["id"]), "key", "not the same")
    await carry_out(graph, SETTINGS, undo, (await prepare(graph, SETTINGS, undo)).preview.token)
    assert await fingerprint(graph) == before


async def test_only_the_switches_are_read(graph) -> None:
    await load(graph, events())
    tablet = identifier_key(Identifier("device", "tablet"), graph.salt)
    phone = identifier_key(Identifier("device", "phone"), graph.salt)
    for gap, hours in ((10**12, [(1, 3), (5, 6), (8, 8)]), (3600, [(1, 1), (3, 3), (5, 6), (8, 8)])):
        both = Devices((phone, tablet), gap)
        found = await read_logins(graph, [both, Devices((phone,), gap)])
        assert found[Devices((phone,), gap)] == ()
        told = [(one.first_at - DAWN, one.last_at - DAWN) for one in found[both]]
        assert told == [(timedelta(hours=one), timedelta(hours=other)) for one, other in hours]


async def test_pages_do_not_miss_what_lies_between_slices(graph) -> None:
    await load(graph, events([(hour, "ann" if hour % 40 == 0 else None) for hour in range(3000)]))
    await load(graph, events([(2000.5, "ben"), (2500.5, "ben")]))
    await resolve(graph, SETTINGS)
    home = (await homes(graph))["web:user:ben"]
    assert len(await journey(graph, home, 7)) == 39 + 19 + 2


BY_EMAIL = parse_mapping("""
[source]
name = "web"
[record]
first_of = ["login", "device"]
[identifiers]
email = "login"
device = "device"
[touchpoint]
id = "id"
occurred_at = "at"
type = { fixed = "view" }
""")


async def test_two_people_one_tablet_and_a_bad_address(graph) -> None:
    mapper = RowMapper(BY_EMAIL, graph.salt)
    logins = {1: "ann@example.org", 3: "ben@", 5: "ben@example.org"}
    entries = []
    for hour in range(8):
        at = (DAWN + timedelta(hours=hour)).isoformat()
        row = Row(hour, {"id": str(hour), "at": at, "login": logins.get(hour, ""), "device": "tablet"})
        entries.append(Entry(hour, "", mapper.facts(row)))
    await write_batch(graph, entries, DAWN)
    await resolve(graph, SETTINGS)
    keys = [entries[hour].facts.record.key for hour in (1, 5)]
    home = {key: one.profile_id for key, one in (await stored(graph, keys)).items()}
    ann, ben = [[hour for hour, _ in await journey(graph, home[key])] for key in keys]
    assert (ann, ben) == ([4, 3, 2, 1, 0], [7, 6, 5])
