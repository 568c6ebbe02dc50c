"""Insertion order and batch size decide nothing: one partition and one set of ids, whatever the way they came."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from graph.identifiers import identifier_key
from graph.neighbourhood import HeldIdentifier, StoredRecord
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from loaders.rows import Row
from resolution.clustering import components
from resolution.features import feature_table
from resolution.matching import record_row
from resolution.model import default_model
from resolution.scoring import edges, score_table
from resolution.settings import ResolutionSettings

PLAIN = ResolutionSettings()
TIGHT = ResolutionSettings.model_validate(
    {
        "identifiers": {
            "phone": {"exclusive": True, "priority": 90},
            "email": {"per_profile": {"values": 1}},
            "loyalty_card": {"holders": 3},
        }
    }
)
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def sample(world_of):
    """The records of cdp_sample, accepted seconds apart, and all edges between them under the default model."""
    salt = world_of().configuration.salt
    mapper = RowMapper(read_mapping(EXAMPLES / "cdp_sample_records.toml"), salt)
    dawn = world_of.dawn
    records = []
    for row in open_rows(EXAMPLES / "cdp_sample" / "records.parquet").rows:
        assert isinstance(row, Row)
        fact = mapper.facts(row).record
        held = tuple(HeldIdentifier(identifier_key(one, salt), one) for one in fact.identifiers)
        at = dawn + timedelta(seconds=len(records) // 3)
        records.append(StoredRecord(fact.key, fact.source, fact.kind, at, at, fact.attributes, held))
    scored = score_table(feature_table(map(record_row, records)), default_model())
    return records, {(edge.left, edge.right): edge.weight for edge in edges(scored)}


def closed(world, arrived):
    """The keys that hang together with those that arrived, as the graph would find them."""
    inside = set(world.records)
    ties = [pair for pair, e in world.edges.items() if inside.issuperset(pair) and e >= 0]
    sharing = defaultdict(list)
    for key, record in world.records.items():
        for held in record.identifiers:
            sharing[held.key].append(key)
        if record.profile_id:
            sharing[record.profile_id].append(key)
    ties += [(keys[0], other) for keys in sharing.values() for other in keys[1:]]
    return [key for group in components(inside, ties) if arrived & set(group) for key in group]


def under(world, settings):
    world.configuration = replace(world.configuration, settings=settings)
    return world


def arrive(world_of, records, scored, order: random.Random, settings):
    world = under(world_of(), settings)
    world.edges = dict(scored)
    left = list(records)
    order.shuffle(left)
    while left:
        size = order.choice((1, 7, 60, 400, len(left)))
        batch, left = left[:size], left[size:]
        world.add(*batch)
        world.resolve(closed(world, {record.key for record in batch}))
    return world


def odd(world):
    """Why each identifier does not link that does not."""
    return {key: reason for key, (_, reason) in world.states.items() if reason}


def run(world_of, records, scored, orders: int, settings=PLAIN):
    whole = under(world_of(), settings)
    whole.edges = dict(scored)
    whole.add(*records)
    whole.resolve()
    assert len(whole.partition()) < 0.8 * len(records)
    for seed in range(orders):
        world = arrive(world_of, records, scored, random.Random(seed), settings)
        assert world.believed() == whole.believed(), f"order {seed}"
        assert world.digests == whole.digests, f"order {seed}"
        assert world.conflicts == whole.conflicts, f"order {seed}"
        assert odd(world) == odd(whole), f"order {seed}"
    return whole


def some_of(records, scored, groups: int):
    """The records of large components, and the edges between them."""
    keys = {record.key for record in records}
    found = components(keys, [pair for pair, weight in scored.items() if weight > -4])
    random.Random(1).shuffle(found)
    chosen = {key for group in sorted(found, key=len, reverse=True)[:groups] for key in group}
    inner = {pair: edge for pair, edge in scored.items() if chosen.issuperset(pair)}
    return [record for record in records if record.key in chosen], inner


def test_two_hundred_orders_of_some_records(world_of, sample) -> None:
    records, scored = some_of(*sample, groups=40)
    assert len(records) > 200
    run(world_of, records, scored, orders=200)


def test_forty_orders_under_tight_limits(world_of, sample) -> None:
    whole = run(world_of, *some_of(*sample, groups=120), orders=40, settings=TIGHT)
    assert {one.reason for one in whole.conflicts.values()} >= {"more than 1 of email", "two values of phone"}
    assert "conflict: two values of phone" in odd(whole).values()


@pytest.mark.soak
def test_a_hundred_orders_of_all_records(world_of, sample) -> None:
    run(world_of, *sample, orders=100)
