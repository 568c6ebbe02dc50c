"""Survivorship: each criterion decides where it differs and is named, an address is whole, a pin wins."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graph.pins import Pin
from resolution.golden import ADDRESS, Survivorship
from resolution.settings import ResolutionSettings

PLAIN = Survivorship({}, {})


def pin(attribute, value, person, at=0, **more):
    moment = person("x:1").accepted_at + timedelta(days=at)
    return Pin(f"pin{at}", "crm:1", "profile", attribute, value, "key-1", "they rang", moment, **more)


def test_the_criterion_that_decided_is_named(person) -> None:
    old, new = person("crm:1", day=1, surname="Byron"), person("shop:1", day=9, surname="King")
    assert PLAIN.golden([old])["surname"].rule == "only value"
    found = PLAIN.golden([old, new])["surname"]
    assert (found.chosen.value, found.rule) == ("King", "most recent")
    found = Survivorship({"crm": 9}, {}).golden([old, new])["surname"]
    assert (found.chosen.value, found.rule) == ("Byron", "source priority")
    found = PLAIN.golden([replace(old, verified=frozenset({"full_name"})), new])["surname"]
    assert (found.chosen.value, found.rule) == ("Byron", "verified")
    found = Survivorship({}, {"surname": ("longest",)}).golden([old, new])["surname"]
    assert (found.chosen.value, found.rule) == ("Byron", "longest")
    again = person("pos:1", day=0, surname="Byron")
    found = Survivorship({}, {"surname": ("frequent",)}).golden([old, again, new])["surname"]
    assert (found.chosen.value, found.rule) == ("Byron", "most frequent")
    assert [one.record_key for one in found.alternatives] == ["shop:1"]


def test_a_verified_address_stays_whole(person) -> None:
    checked = replace(
        person("crm:1", day=1, street="Elm Street", city="Derby"), verified=frozenset({"street_line"})
    )
    newer = person("shop:1", day=9, street="Oak Road", city="Leeds", postcode="LS1")
    found = PLAIN.golden([checked, newer])
    assert {name: found[name].chosen.value for name in found} == {"street": "Elm Street", "city": "Derby"}
    assert found["city"].rule == "address kept whole: verified"
    recent = Survivorship({}, {"address": ("recent",)}).golden([checked, newer])
    assert recent["postcode"].rule == "address kept whole: most recent"


PARTS = st.dictionaries(st.sampled_from(ADDRESS), st.sampled_from(("1", "2", "3")))


@given(st.lists(PARTS, min_size=1, max_size=5), st.randoms())
def test_whatever_the_order_an_address_comes_from_one_record(person, parts, order) -> None:
    records = [person(f"crm:{n}", day=n, **part) for n, part in enumerate(parts)]
    found = PLAIN.golden(records)
    assert len({value.chosen.record_key for value in found.values()}) <= 1
    order.shuffle(records)
    assert PLAIN.golden(records) == found


def test_the_newest_pin_wins_and_the_records_become_alternatives(person) -> None:
    pins = [pin("surname", "Lovelace", person, at=2), pin("surname", "Milbanke", person, at=1)]
    found = PLAIN.golden([person("crm:1", surname="Byron")], pins)["surname"]
    assert (found.chosen.value, found.rule) == ("Lovelace", "pinned by key-1")
    assert [one.value for one in found.alternatives] == ["Milbanke", "Byron"]


def test_a_pin_follows_its_record_through_merge_split_and_removal(world, person) -> None:
    world.add(person("crm:1", day=1, surname="Byron"), person("crm:2", day=2, surname="King"))
    world.add(person("crm:0", day=0, surname="Noel"))
    world.link("crm:1", "crm:2", 9.0)
    world.resolve()
    home = world.believed()["crm:1"]
    world.pins = [replace(pin("occupation", "Mathematician", person), profile_id=home)]
    shown = {one.id: one.values.get("occupation") for one in world.resolve().profiles}
    assert shown == {home: "Mathematician"}
    world.link("crm:0", "crm:1", 9.0)
    world.link("crm:0", "crm:2", 9.0)
    (merged,) = world.resolve().profiles
    assert (merged.id, merged.values["occupation"]) == (world.believed()["crm:0"], "Mathematician")
    world.edges.clear()
    shown = {one.id: one.values.get("occupation") for one in world.resolve().profiles}
    assert [home for home, value in shown.items() if value] == [world.believed()["crm:1"]]
    world.link("crm:1", "crm:2", 9.0)
    world.resolve()
    world.remove("crm:1")
    world.pins = [replace(one, orphaned=True) for one in world.pins]
    shown = {one.id: one.values.get("occupation") for one in world.resolve().profiles}
    assert shown[home] == "Mathematician"
    assert world.believed()["crm:2"] == home


@pytest.mark.parametrize(
    ("criteria", "named"),
    [
        ({"surname": ["newest"]}, "recent"),
        ({"shoe_size": ["recent"]}, "unknown attribute shoe_size"),
        ({"city": ["recent"]}, "kept whole"),
        ({"surname": []}, "at least one"),
        ({"surname": ["recent", "recent"]}, "each once"),
    ],
)
def test_unknown_criteria_and_attributes_are_refused(criteria, named) -> None:
    with pytest.raises(ValidationError, match=named):
        ResolutionSettings.model_validate({"survivorship": criteria})
