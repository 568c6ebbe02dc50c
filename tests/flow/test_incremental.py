"""Through the real graph: records in any order and batch size end where one full resolve ends."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import Tombstone
from graph.memberships import stream_memberships
from graph.records import remove_records, write_records
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
SETTINGS = ResolutionSettings()

_BELIEFS = """
MATCH (p:Profile) WHERE p.retired_at IS NULL
RETURN p.id AS id, p.digest AS digest, p.record_count AS records ORDER BY id
"""

_EDGES = """
MATCH (l:SourceRecord)-[e:MATCHES]->(r:SourceRecord)
RETURN l.key AS left, r.key AS right, round(e.weight, 6) AS weight ORDER BY left, right
"""

_STATES = "MATCH (i:Identifier) RETURN i.key AS key, i.state AS state ORDER BY key"

_FORGET = """
MATCH (n) WHERE n:SourceRecord OR n:Profile OR n:Identifier OR n:IdentityEvent OR n:Conflict DETACH DELETE n
"""


async def fingerprint(graph):
    memberships = sorted(
        [(row["source"], row["record_id"], row["profile_id"]) async for row in stream_memberships(graph)]
    )
    return memberships, await graph.read(_BELIEFS), await graph.read(_EDGES), await graph.read(_STATES)


def people(graph, count):
    mapper = RowMapper(read_mapping(EXAMPLES / "cdp_sample_records.toml"), graph.salt)
    facts = [mapper.facts(row).record for row in open_rows(EXAMPLES / "cdp_sample" / "records.parquet").rows]
    streets = sorted({fact.attributes.get("postcode", "") for fact in facts})[:count]
    return [fact for fact in facts if fact.attributes.get("postcode", "") in streets]


async def test_five_orders_end_where_one_resolve_ends(graph) -> None:
    facts = people(graph, 30)
    await write_records(graph, facts, DAWN)
    whole = await resolve(graph, SETTINGS)
    assert 0 < whole.profiles < whole.records == len(facts)
    expected = await fingerprint(graph)
    for seed in range(5):
        await graph.write(_FORGET)
        order = random.Random(seed)
        left = list(facts)
        order.shuffle(left)
        while left:
            size = order.choice((7, 60, len(left)))
            batch, left = left[:size], left[size:]
            await write_records(graph, batch, DAWN)
            await resolve(graph, SETTINGS)
        assert await fingerprint(graph) == expected, f"order {seed}"


async def test_removing_and_bringing_back_ends_where_a_full_resolve_ends(graph) -> None:
    facts = people(graph, 40)
    await write_records(graph, facts, DAWN)
    await resolve(graph, SETTINGS)
    gone = random.Random(3).sample(facts, 25)
    await remove_records(graph, [Tombstone(fact.source, fact.record_id) for fact in gone])
    await resolve(graph, SETTINGS)
    await write_records(graph, gone[:10])
    after = await resolve(graph, SETTINGS)
    assert after.records == len(facts) - 15
    local = await fingerprint(graph)
    again = await resolve(graph, SETTINGS, full=True)
    assert (again.created, again.merged, again.split) == (0, 0, 0)
    assert await fingerprint(graph) == local
