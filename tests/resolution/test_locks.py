"""A locked profile: evidence neither adds a record nor takes one away, a judgement does."""

from graph.vocabulary import RecordKind, Verdict
from resolution.proposals import judgement, locked

SAME = Verdict.SAME


def lock(world, *keys: str) -> None:
    world.judgements = [*world.judgements, *locked(keys).given]


def test_what_evidence_asks_for_is_a_conflict(world, person) -> None:
    world.add(person("crm:1", 1, given_name="Ada"), person("crm:2", 2, given_name="Ada"))
    lock(world, "crm:1")
    world.link("crm:1", "crm:2", 20.0)
    difference = world.resolve()
    assert world.partition() == {frozenset({"crm:1"}), frozenset({"crm:2"})}
    assert [one.reason for one in difference.conflicts] == ["locked"]


def test_records_stay_though_nothing_holds_them(world, person) -> None:
    world.add(person("crm:1", 1, given_name="Ada"), person("crm:2", 2, given_name="Bob"))
    lock(world, "crm:1", "crm:2")
    world.resolve()
    assert world.partition() == {frozenset({"crm:1", "crm:2"})}


def test_the_lock_outlives_its_founder(world, person) -> None:
    world.add(*(person(f"crm:{number}", number, given_name=f"N{number}") for number in (1, 2, 3)))
    lock(world, "crm:1", "crm:2", "crm:3")
    world.resolve()
    world.remove("crm:1")
    world.add(person("crm:4", 4, given_name="N2"))
    world.link("crm:2", "crm:4", 20.0)
    world.resolve()
    assert world.partition() == {frozenset({"crm:2", "crm:3"}), frozenset({"crm:4"})}


def test_a_judgement_still_adds_a_record(world, person) -> None:
    world.add(person("crm:1", 1, given_name="Ada"), person("crm:2", 2, given_name="Bob"))
    lock(world, "crm:1")
    world.judgements = [*world.judgements, judgement("crm:1", "crm:2", SAME)]
    world.resolve()
    assert world.partition() == {frozenset({"crm:1", "crm:2"})}


def test_no_visitor_joins(world, person) -> None:
    world.add(person("crm:1", 1, {"device": "d1"}, given_name="Ada"))
    world.add(person("web:1", 2, {"device": "d1"}, kind=RecordKind.VISITOR))
    world.resolve()
    assert world.partition() == {frozenset({"crm:1", "web:1"})}
    lock(world, "crm:1")
    world.resolve()
    assert world.partition() == {frozenset({"crm:1"}), frozenset({"web:1"})}
