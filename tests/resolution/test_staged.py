"""Records resolved on disk end where one full resolve of them ends."""

from dataclasses import replace

import pytest

from benchmarks.accuracy import SALT, stored
from benchmarks.worlds import read_universe
from graph.facts import Identifier
from graph.neighbourhood import HeldIdentifier, Neighbourhood
from resolution.decide import decide
from resolution.evidence import whole
from resolution.groups import groups
from resolution.matching import match
from resolution.publishing import configured, fitted_default
from resolution.settings import ResolutionSettings
from resolution.staged import resolve_staged

SETTINGS = ResolutionSettings()


@pytest.fixture(scope="module")
def records():
    rows, _ = read_universe("households", 2500, 77)
    found = sorted((stored(row) for row in rows), key=lambda one: one.key)
    return [_marked(number, record) for number, record in enumerate(found)]


def _marked(number, record):
    """Pending; one in fifty removed, and one in 25 with a phone that too many hold, few of a group."""
    hub = HeldIdentifier("phone:hub", Identifier("phone", "+4930901820"))
    identifiers = (*record.identifiers, hub) if number % 25 == 0 else record.identifiers
    return replace(record, pending=True, removed=number % 50 == 7, identifiers=identifiers)


async def at_once(records):
    """Model, edges and differences of one pass over all records in memory."""
    by_key = {record.key: record for record in records}
    model = await fitted_default(records)
    configuration, digest = configured(model, SETTINGS, (), SALT)
    evidence = whole(by_key, model.block_limit, SETTINGS.kinds, full=True)
    edges = await match(evidence, model)
    neighbourhood = Neighbourhood(by_key, {pair: edge.weight for pair, edge in edges.items()})
    return (
        model,
        digest,
        edges,
        [decide(group, configuration) for group in groups(neighbourhood, configuration)],
    )


def told(differences):
    """What differences say together, in no particular order."""
    return {
        "joined": sorted(pair for one in differences for pair in one.joined),
        "settled": sorted(record.key for one in differences for record in one.settled),
        "profiles": sorted((state.id, state.digest) for one in differences for state in one.profiles),
        "states": sorted({state for one in differences for state in one.states}),
        "conflicts": sorted((one.key, one.reason) for each in differences for one in each.conflicts),
        "events": sorted(
            (e.profile_id, e.change, tuple(e.record_keys)) for d in differences for e in d.events
        ),
    }


async def test_the_outcome_is_that_of_one_pass_in_memory(records, tmp_path) -> None:
    model, digest, edges, differences = await at_once(records)
    with resolve_staged(records, tmp_path, SETTINGS, ((), SALT)) as found:
        assert (found.model, found.digest, found.records) == (model, digest, len(records))
        staged = list(found.edges())
        assert staged == [edges[pair] for pair in sorted(edges)]
        assert len(staged) > len(records)
        given = list(found.differences())
    assert len(given) > 1, "more than one group, or grouping is not tested"
    assert told(given) == told(differences)
    assert ("phone:hub", "demoted", "too many holders") in told(given)["states"]
    assert {state for key, state, _ in told(given)["states"] if key == "phone:hub"} == {"demoted"}
    assert not list(tmp_path.iterdir()), "the working file is gone"


def test_keys_out_of_order_are_refused(records, tmp_path) -> None:
    with (
        pytest.raises(ValueError, match="order"),
        resolve_staged([records[1], records[0]], tmp_path, SETTINGS, ((), SALT)),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_nothing_and_one_record(records, tmp_path) -> None:
    for few in ([], records[:1]):
        with resolve_staged(few, tmp_path, SETTINGS, ((), SALT)) as found:
            assert list(found.edges()) == []
            assert sum(len(one.joined) for one in found.differences()) == len(few)
