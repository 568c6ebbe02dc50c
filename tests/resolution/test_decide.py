"""The decision: guards, constraints, ids, golden values and the ledger, case by case."""

import json
from dataclasses import replace

from graph.neighbourhood import Judgement
from graph.vocabulary import IdentityChange, RecordKind, Verdict
from resolution.settings import Limits, ResolutionSettings

ADA = {"given_name": "Ada", "surname": "Byron", "birth_date": "1985-12-10"}


def test_a_shared_mailbox_joins_agreeing_names_only(world, person) -> None:
    mail = {"email": "byron@example.org"}
    world.add(
        person("crm:1", ids=mail, given_name="Ada", surname="Byron"),
        person("shop:1", ids=mail, given_name="Ada", surname="King"),
        person("shop:2", ids=mail, given_name="Ralph", surname="Byron"),
    )
    world.resolve()
    assert world.partition() == {frozenset({"crm:1", "shop:1"}), frozenset({"shop:2"})}


def test_a_nameless_holder_joins_when_one_person_uses_the_contact(world, person) -> None:
    mail = {"email": "ada@example.org"}
    world.add(person("crm:1", ids=mail, **ADA), person("news:1", ids=mail))
    world.resolve()
    assert world.partition() == {frozenset({"crm:1", "news:1"})}
    world.add(person("crm:2", ids=mail, given_name="Ralph", surname="Byron"))
    world.resolve()
    assert world.partition() == {frozenset({"crm:1"}), frozenset({"news:1"}), frozenset({"crm:2"})}


def test_father_and_son_of_one_name_stay_two(world, person) -> None:
    phone = {"phone": "+12025550101"}
    world.add(
        person("crm:1", ids=phone, given_name="John", surname="Smith", birth_date="1950-02-01"),
        person("crm:2", ids=phone, given_name="John", surname="Smith", birth_date="1980-07-09"),
    )
    world.resolve()
    assert len(world.partition()) == 2


def test_generations_and_unique_numbers_forbid_what_weights_ask_for(world, person) -> None:
    world.add(
        person("crm:1", given_name="John", surname="Smith", generation="jr"),
        person("crm:2", given_name="John", surname="Smith", generation="sr"),
        person("crm:3", ids={"national_id": "11112222"}, given_name="Ann"),
        person("crm:4", ids={"national_id": "99998888"}, given_name="Ann"),
    )
    world.link("crm:1", "crm:2", 12.0)
    world.link("crm:3", "crm:4", 12.0)
    difference = world.resolve()
    assert len(world.partition()) == 4
    assert {conflict.reason for conflict in difference.conflicts} == {
        "different generations",
        "two values of national_id",
    }


def test_a_mistyped_unique_number_does_not_forbid(world, person) -> None:
    world.add(
        person("crm:1", ids={"national_id": "11112222"}, **ADA),
        person("crm:2", ids={"national_id": "11112223"}, **ADA),
    )
    world.link("crm:1", "crm:2", 9.0)
    world.resolve()
    assert len(world.partition()) == 1


def test_people_and_organisations_never_merge(world, person) -> None:
    mail = {"email": "hello@example.org"}
    shop = person("crm:2", ids=mail, kind=RecordKind.ORGANISATION, organisation_name="Byron Ltd")
    world.add(person("crm:1", ids=mail, **ADA), shop)
    world.link("crm:1", "crm:2", 20.0)
    world.resolve()
    assert len(world.partition()) == 2


def test_a_claimed_source_joins_nobody_by_contact_alone(world, person) -> None:
    world.configuration = replace(world.configuration, claimed=frozenset({"web"}))
    mail = {"email": "ada@example.org"}
    world.add(person("crm:1", ids=mail, **ADA))
    world.add(*(person(f"web:{n}", ids={**mail, "device": f"d{n}"}) for n in range(20)))
    world.resolve()
    assert frozenset({"crm:1"}) in world.partition()


def test_too_many_holders_or_names_demote_and_come_back(world, person) -> None:
    limits = Limits(contact_holders=4, contact_names=2)
    world.configuration = replace(world.configuration, settings=ResolutionSettings(limits=limits))
    kiosk = {"email": "desk@example.org"}
    names = ("Ada", "Ralph", "Xerxes")
    world.add(*(person(f"crm:{n}", ids=kiosk, given_name=name) for n, name in enumerate(names)))
    world.resolve()
    assert world.state("email", "desk@example.org") == "demoted"
    world.remove("crm:2")
    world.resolve()
    assert world.state("email", "desk@example.org") == "linking"


def test_a_placeholder_links_nobody(world, person) -> None:
    world.add(*(person(f"crm:{n}", ids={"email": "info@example.org"}, given_name="Ada") for n in range(3)))
    world.resolve()
    assert len(world.partition()) == 3
    assert world.state("email", "info@example.org") == "blocked"


def test_a_visitor_joins_the_one_person_on_its_device(world, person) -> None:
    device = {"device": "tablet"}
    visitor = person("web:tablet", ids=device, kind=RecordKind.VISITOR)
    world.add(visitor, person("web:ada", ids={**device, "email": "ada@example.org"}))
    world.resolve()
    assert world.partition() == {frozenset({"web:tablet", "web:ada"})}
    world.add(person("web:ralph", ids={**device, "email": "ralph@example.org"}))
    world.resolve()
    assert frozenset({"web:tablet"}) in world.partition()


def test_a_source_that_holds_each_person_once(world, person) -> None:
    world.configuration = replace(world.configuration, once=frozenset({"census"}))
    world.add(person("census:1", **ADA), person("census:2", **ADA))
    world.link("census:1", "census:2", 15.0)
    world.resolve()
    assert len(world.partition()) == 2


def test_judgements_win(world, person) -> None:
    world.add(*(person(f"crm:{n}", **ADA) for n in range(4)))
    world.link("crm:0", "crm:1", 20.0)
    world.judgements = [
        Judgement("crm:0", "crm:1", Verdict.DIFFERENT),
        Judgement("crm:2", "crm:3", Verdict.SAME),
    ]
    world.resolve()
    assert world.partition() == {frozenset({"crm:0"}), frozenset({"crm:1"}), frozenset({"crm:2", "crm:3"})}


def test_a_merge_keeps_the_older_id_and_a_split_leaves_it_with_the_founder(world, person) -> None:
    world.add(person("crm:1", day=5, **ADA), person("shop:1", day=2, **ADA))
    world.resolve()
    older, younger = world.believed()["shop:1"], world.believed()["crm:1"]
    world.link("crm:1", "shop:1", 8.0)
    world.resolve()
    assert set(world.believed().values()) == {older}
    world.edges.clear()
    world.resolve()
    assert world.believed() == {"crm:1": younger, "shop:1": older}
    assert (younger, IdentityChange.RETIRED) in world.changes
    assert (older, IdentityChange.MERGED) in world.changes
    assert (older, IdentityChange.SPLIT) in world.changes


def test_a_removed_founder_hands_its_id_over(world, person) -> None:
    world.add(person("crm:1", day=1, **ADA), person("crm:2", day=2, **ADA), person("crm:3", day=3, **ADA))
    world.link("crm:1", "crm:2", 8.0)
    world.link("crm:2", "crm:3", 8.0)
    world.link("crm:1", "crm:3", 8.0)
    world.resolve()
    before = world.believed()["crm:1"]
    world.remove("crm:1")
    world.resolve()
    assert world.believed() == {"crm:1": None, "crm:2": before, "crm:3": before}
    assert world.resolve().joined == []


def test_a_second_look_changes_nothing(world, person) -> None:
    world.add(*(person(f"crm:{n}", day=n, **ADA) for n in range(5)))
    for n in range(4):
        world.link(f"crm:{n}", f"crm:{n + 1}", 3.0)
    world.resolve()
    again = world.resolve()
    assert (again.joined, again.left, again.profiles, again.events, again.states) == ([], [], [], [], [])


def test_golden_values_name_their_record_and_what_lost(world, person) -> None:
    world.configuration = replace(world.configuration, priorities={"crm": 90, "shop": 10})
    login = {"user_id": "u1"}
    world.add(
        person("shop:1", day=9, ids=login, given_name="Ada", surname="King", city="Paris", street="Rue X"),
        person("crm:1", day=1, ids=login, given_name="Ada", surname="Byron", city="London"),
    )
    (profile,) = world.resolve().profiles
    assert profile.values["surname"] == "Byron"
    golden = json.loads(profile.golden)
    assert golden["surname"]["record_key"] == "crm:1"
    assert golden["surname"]["alternatives"][0]["value"] == "King"
    assert (profile.values["city"], profile.values["street"]) == ("Paris", "Rue X")
