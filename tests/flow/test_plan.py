"""Changed limits are published like a model: a plan shows the difference and writes nothing, resolve carries it out."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.configuration import Configuration
from api.plans import planned
from graph.ledger import LedgerPage, read_history
from graph.memberships import stream_memberships
from graph.profiles import read_profiles
from graph.records import write_records
from insight.definitions import Definitions
from insight.segments import define_segments, refresh_segments
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
LOOSE = ResolutionSettings()
TIGHT = ResolutionSettings.model_validate(
    {"identifiers": {"email": {"per_profile": {"values": 1}}, "loyalty_card": {"holders": 2}}}
)
SEGMENTS = define_segments(
    {"located": {"description": "With a town", "rule": {"attribute": "city", "exists": True}}}
)

_EVERYTHING = """
MATCH (n) WHERE NOT n:Lease
OPTIONAL MATCH (n)-[r]->(m)
RETURN labels(n) AS labels, properties(n) AS node, type(r) AS type, properties(r) AS edge,
    coalesce(m.key, m.id, m.name) AS other
"""
_STATES = "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state, i.reason AS reason ORDER BY key"
_CONFLICTS = "MATCH (c:Conflict) RETURN c.key AS key, c.reason AS reason ORDER BY key"
_PROFILES = """
MATCH (p:Profile) WHERE p.retired_at IS NULL
RETURN p.id AS id, p.digest AS digest, [(p)-[m:IN_SEGMENT]->(s) WHERE m.until IS NULL | s.name] AS segments ORDER BY id
"""


async def everything(graph):
    return sorted(repr(row) for row in await graph.read(_EVERYTHING))


async def homes(graph):
    return {(row["source"], row["record_id"]): row["profile_id"] async for row in stream_memberships(graph)}


async def fingerprint(graph):
    return await homes(graph), [await graph.read(query) for query in (_PROFILES, _STATES, _CONFLICTS)]


async def put_in_force(graph, settings):
    report = await resolve(graph, settings)
    changes = await refresh_segments(graph, SEGMENTS)
    return report, {change.name: change for change in changes}


@pytest.fixture
async def households(graph):
    """Some hundred records, resolved under the usual limits."""
    mapper = RowMapper(read_mapping(EXAMPLES / "cdp_sample_records.toml"), graph.salt)
    facts = [mapper.facts(row).record for row in open_rows(EXAMPLES / "cdp_sample" / "records.parquet").rows]
    towns = sorted({fact.attributes.get("postcode", "") for fact in facts})[:60]
    await write_records(graph, [one for one in facts if one.attributes.get("postcode", "") in towns], DAWN)
    await put_in_force(graph, LOOSE)
    return graph


async def test_a_plan_says_what_resolve_then_does_and_writes_nothing(households) -> None:
    before = await everything(households)
    shown = await planned(households, Configuration(TIGHT, definitions=Definitions(segments=SEGMENTS)))
    assert await everything(households) == before
    plan = shown.plan
    assert plan.configuration_changed
    assert plan.split > 0
    assert plan.demoted > 0
    assert plan.conflicts > 0
    assert any("more than 1 of email" in one for one in plan.examples["conflicts"])
    was = await homes(households)
    report, segments = await put_in_force(households, TIGHT)
    now = await homes(households)
    same = (
        "created",
        "merged",
        "split",
        "retired",
        "moved",
        "moved_share",
        "demoted",
        "restored",
        "conflicts",
    )
    assert {name: getattr(plan, name) for name in same} == {name: getattr(report, name) for name in same}
    assert plan.moved == sum(now[key] != was[key] for key in was)
    assert report.moved_share == pytest.approx(plan.moved / len(was))
    assert (shown.entered["located"], shown.left["located"]) == (
        segments["located"].entered,
        segments["located"].left,
    )


async def test_tighter_and_back_is_as_if_nothing_had_been(households) -> None:
    before = await fingerprint(households)
    await put_in_force(households, TIGHT)
    assert await fingerprint(households) != before
    back, _ = await put_in_force(households, LOOSE)
    assert back.restored > 0
    assert await fingerprint(households) == before
    quiet = await resolve(households, LOOSE, full=True)
    assert (quiet.moved, quiet.created, quiet.conflicts, quiet.dissolved) == (0, 0, 0, 0)
    assert (
        await planned(households, Configuration(LOOSE, definitions=Definitions(segments=SEGMENTS)))
    ).plan.moved == 0


async def test_the_ledger_names_settings_and_a_split_id_its_heirs(households) -> None:
    was = await homes(households)
    await put_in_force(households, TIGHT)
    now = await homes(households)
    sides = Counter(was[key] for key in was if now[key] != was[key])
    home = max(sides, key=lambda one: (sides[one], one))
    (event,) = (await read_history(households, [home], LedgerPage(1)))[home]
    assert (event.change, event.cause.partition(" ")[0]) == ("split", "settings")
    found = (await read_profiles(households, [home]))[home]
    assert sum(heir.record_count for heir in found.heirs) == sides[home]


async def test_a_plan_under_another_model(households) -> None:
    before = await everything(households)
    shown = await planned(
        households, Configuration(LOOSE, definitions=Definitions(segments=SEGMENTS)), model=default_model()
    )
    assert shown.plan.configuration_changed
    assert shown.plan.model == default_model().version
    assert await everything(households) == before
    assert shown.text().count("\n") > 10
    assert shown.body()["plan"]["moved"] == shown.plan.moved


async def test_limits_end_alike_whatever_the_order(graph) -> None:
    mapper = RowMapper(read_mapping(EXAMPLES / "cdp_sample_records.toml"), graph.salt)
    facts = [mapper.facts(row).record for row in open_rows(EXAMPLES / "cdp_sample" / "records.parquet").rows]
    towns = sorted({fact.attributes.get("postcode", "") for fact in facts})[:12]
    some = [one for one in facts if one.attributes.get("postcode", "") in towns]
    random.Random(5).shuffle(some)
    for start in range(0, len(some), 20):
        await write_records(graph, some[start : start + 20], DAWN)
        await resolve(graph, TIGHT)
    step_by_step = await fingerprint(graph)
    report = await resolve(graph, TIGHT, full=True)
    assert (report.moved, report.conflicts, report.dissolved, report.demoted) == (0, 0, 0, 0)
    assert await fingerprint(graph) == step_by_step
