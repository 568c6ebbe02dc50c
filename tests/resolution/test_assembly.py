"""The merge tree of a profile, replayed: it ends in the cluster as decided, step by step."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.neighbourhood import Judgement, Neighbourhood
from graph.vocabulary import RecordKind, Verdict
from resolution.assembly import StepKind, assembly
from resolution.belonging import belonging
from resolution.partition import partition
from resolution.replay import Replay

ADA = {"given_name": "Ada", "surname": "Byron", "birth_date": "1985-12-10"}


def replays(world):
    """The replay of every profile of a world that was resolved."""
    neighbourhood = Neighbourhood(records=world.records, weights=world.edges, judgements=world.judgements)
    live = {key: record for key, record in sorted(world.records.items()) if not record.removed}
    found = partition(neighbourhood, live, world.configuration)
    homes = {}
    for key, record in live.items():
        homes.setdefault(record.profile_id, set()).add(key)
    return [
        Replay(home, frozenset(keys), live, neighbourhood, world.configuration, found, True)
        for home, keys in sorted(homes.items())
    ]


def test_each_step_names_its_sides_and_what_ties_them(world, person):
    mail = {"email": "ada@example.org"}
    world.add(
        person("crm:1", ids=mail, **ADA, city="London"),
        person("shop:1", ids=mail, given_name="Ada"),
        person("news:1", day=2, given_name="A", surname="Byron", city="Paris"),
    )
    world.link("crm:1", "news:1", 7.0)
    world.link("news:1", "shop:1", 2.0)
    world.resolve()
    [replayed] = replays(world)
    found = assembly(replayed)
    first, second = found.steps
    assert [step.kind for step in found.steps] == [StepKind.MERGED, StepKind.MERGED]
    assert (first.left.record_keys, first.right.record_keys, first.weight) == (("crm:1",), ("shop:1",), 10.0)
    assert first.sentence == "crm:1 (Ada Byron) and shop:1 (Ada) became one at +10.0: shared email (+10.0)."
    assert (second.left.record_keys, second.weight) == (("crm:1", "shop:1"), 4.5)
    assert second.sentence == (
        "2 records (Ada Byron) and news:1 (A Byron) became one at +4.5 in the mean of their 2 pairs; "
        "firmest are crm:1 and news:1: attributes alike (+7.0)."
    )
    assert second.golden["city"].chosen.value == "Paris"
    assert found.sentence == "3 records became one profile in 2 steps."
    assert replayed.up_to_date


def test_judgements_come_first_and_visitors_last(world, person):
    device = {"device": "tablet"}
    world.add(
        person("web:v", ids=device, kind=RecordKind.VISITOR),
        person("crm:1", ids=device, **ADA),
        person("crm:2", given_name="Ada"),
    )
    world.judgements = [Judgement("crm:1", "crm:2", Verdict.SAME)]
    world.resolve()
    [replayed] = replays(world)
    judged, visited = assembly(replayed).steps
    assert judged.sentence == "crm:1 (Ada Byron) and crm:2 (Ada) were judged to be the same."
    assert (judged.kind, judged.weight) == (StepKind.JUDGED, None)
    assert visited.kind is StepKind.VISITED
    assert visited.sentence.startswith(
        "web:v joined 2 records (Ada Byron), the only person known on its device"
    )


def test_a_record_alone_has_no_steps(world, person):
    world.add(person("crm:1", **ADA))
    world.resolve()
    [replayed] = replays(world)
    assert assembly(replayed).steps == ()
    assert belonging(replayed, "crm:1").sentence == "crm:1 is the only record of its profile."


def test_it_says_when_the_graph_has_changed(world, person):
    world.add(person("crm:1", **ADA), person("shop:1", **ADA))
    world.link("crm:1", "shop:1", 9.0)
    world.resolve()
    world.link("crm:1", "shop:1", -9.0)
    found = assembly(replays(world)[0])
    assert not found.replay.up_to_date
    assert "has changed" in found.sentence
    world.records["shop:1"] = replace(world.records["shop:1"], pending=True)
    assert "1 record waits" in assembly(replays(world)[0]).sentence


def test_why_a_record_is_in_its_profile(world, person):
    mail = {"email": "ada@example.org"}
    world.add(
        person("crm:1", **ADA),
        person("shop:1", day=1, ids=mail, **ADA),
        person("news:1", day=2, ids=mail),
    )
    world.link("crm:1", "shop:1", 12.0)
    world.resolve()
    [replayed] = replays(world)
    found = belonging(replayed, "news:1")
    assert [(tie.left, tie.right) for tie in found.path] == [("news:1", "shop:1"), ("crm:1", "shop:1")]
    assert len(found.bridges) == 2
    assert found.leaving == ("news:1",)
    assert found.sentence == (
        "news:1 is in its profile by 2 ties in a row to crm:1; the weakest is between news:1 and shop:1: "
        "shared email (+6.0). It would leave if one tie was wrong (news:1 and shop:1: shared email (+6.0))."
    )
    assert belonging(replayed, "crm:1").anchor == "shop:1"


@pytest.fixture(scope="module")
def made(world_of, person):
    def make(edges, same, contacts, visitors):
        world = world_of()
        names = [f"crm:{number}" for number in range(8)]
        for number, key in enumerate(names):
            ids = {"email": f"m{contacts[number]}@example.org"} if contacts[number] else {}
            world.add(person(key, day=number, ids=ids, **(ADA if number % 3 else {})))
        for number, mail in enumerate(visitors):
            world.add(person(f"web:{number}", ids={"device": f"d{mail}"}, kind=RecordKind.VISITOR))
        world.add(person("app:0", day=9, ids={"device": "d1"}, **ADA))
        for (left, right), weight in edges.items():
            if left != right:
                world.link(names[left], names[right], weight)
        pairs = {(min(pair), max(pair)) for pair in same if pair[0] != pair[1]}
        world.judgements = [Judgement(names[a], names[b], Verdict.SAME) for a, b in sorted(pairs)]
        world.resolve()
        return world

    return make


number = st.integers(0, 7)


@settings(max_examples=150)
@given(
    edges=st.dictionaries(
        st.tuples(number, number), st.floats(-8, 20).map(lambda w: round(w, 3)), max_size=18
    ),
    same=st.lists(st.tuples(number, number), max_size=2),
    contacts=st.lists(st.integers(0, 3), min_size=8, max_size=8),
    visitors=st.lists(st.integers(1, 2), max_size=2),
)
def test_the_steps_end_in_the_clusters_as_decided(made, edges, same, contacts, visitors):
    world = made(edges, same, contacts, visitors)
    found = replays(world)
    assert {replayed.stored for replayed in found} == world.partition()
    for replayed in found:
        assert replayed.up_to_date
        steps = assembly(replayed).steps
        assert len(steps) == len(replayed.members) - 1
        joined = {frozenset([key]) for key in replayed.members}
        for step in steps:
            sides = {frozenset(step.left.record_keys), frozenset(step.right.record_keys)}
            assert sides <= joined
            assert step.strongest is not None
            joined = joined - sides | {frozenset().union(*sides)}
        assert joined == {replayed.stored}
        for key in replayed.members:
            hold = belonging(replayed, key)
            assert (key in hold.leaving, hold.anchor in hold.leaving) == (True, len(replayed.members) == 1)
            assert bool(hold.path) == (len(replayed.members) > 1)
