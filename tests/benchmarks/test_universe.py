"""The universe: the same seed gives the same world, its truth is whole, its traps are planted, its rates hold."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow.compute as pc
import pytest

pytest.importorskip("faker")
pytest.importorskip("names")

import random

from benchmarks.universe import noise
from benchmarks.universe.draws import distinct_codes, pick, present, strings
from benchmarks.universe.names import culture, feminine
from benchmarks.universe.places import countries, draw_addresses, draw_towns
from benchmarks.universe.population import Universe, build_universe
from benchmarks.universe.rates import Rates
from benchmarks.universe.sources import PROFILES
from benchmarks.universe.tables import Tables, build_tables

PEOPLE = 3_000


@cache
def made(profile: str, seed: int = 7) -> tuple[Universe, Tables]:
    universe = build_universe(PEOPLE, PROFILES[profile], seed)
    return universe, build_tables(universe, PROFILES[profile])


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_one_seed_gives_one_world(profile):
    again = build_tables(build_universe(PEOPLE, PROFILES[profile], 7), PROFILES[profile])
    assert again == made(profile)[1]
    assert made(profile, seed=8)[1].records != again.records


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_record_has_one_truth_and_says_something(profile):
    records, truth = made(profile)[1].records, made(profile)[1].truth_records
    keys = pc.binary_join_element_wise(records["source"], records["record_id"], ":")
    assert len(pc.unique(keys)) == records.num_rows == truth.num_rows
    assert keys == pc.binary_join_element_wise(truth["source"], truth["record_id"], ":")
    assert truth["person_id"].null_count == truth["household_id"].null_count == 0
    text = [
        name
        for name in records.column_names
        if name not in ("source", "record_id", "kind", "created", "updated")
    ]
    for name in text:
        assert not pc.any(pc.equal(records[name], "")).as_py(), name
        assert not pc.any(pc.match_substring_regex(pc.fill_null(records[name], ""), r"\bNone\b")).as_py(), (
            name
        )


def test_profiles_have_their_shape():
    copies = {name: made(name)[1].truth_records.num_rows / PEOPLE for name in PROFILES}
    assert 1.8 < copies["households"] < 3.5
    assert 5 < copies["register"] < 9
    assert 2.5 < copies["registration"] < 5
    assert made("register")[1].events is None
    assert "ORGANISATION" in made("households")[1].records["kind"].to_pylist()


def test_traps_are_planted_and_true():
    universe, tables = made("households")
    people = universe.people
    found = {}
    for row in tables.truth_traps.to_pylist():
        found.setdefault(row["trap"], []).append((int(row["person_id"][1:]), int(row["other_id"][1:])))
    assert set(found) == {"twins", "junior", "namesake", "recycled phone", "renamed", "moved"}
    for one, other in found["twins"]:
        assert people.birth[one] == people.birth[other]
        assert people.family[one] == people.family[other]
    for one, other in found["junior"]:
        assert people.given[one] == people.given[other]
        assert people.birth[other] > people.birth[one]
    for one, other in found["namesake"]:
        town = universe.homes.addresses[0].city[universe.homes.of]
        assert (people.given[one], people.surname[one], town[one]) == (
            people.given[other],
            people.surname[other],
            town[other],
        )
        assert people.family[one] != people.family[other]
    for one, other in found["recycled phone"]:
        assert universe.contacts.mobile[one] == universe.contacts.later_mobile[other]
        assert universe.contacts.renumbered[one] < universe.contacts.renumbered[other]


def test_every_record_says_its_strata():
    _, tables = made("households")
    strata = {}
    for row in tables.truth_records.to_pylist():
        strata.setdefault(row["person_id"], set()).add(row["stratum"])
    assert all(len(said) == 1 for said in strata.values())
    assert {said.pop() for person, said in strata.items() if person[0] == "o"} == {"organisation"}
    traps = {row["person_id"]: row["trap"] for row in tables.truth_traps.to_pylist()}
    truth = tables.truth_records.to_pylist()
    named = {part for row in truth for part in row["stratum"].split(";")}
    assert named >= {*traps.values(), "plain", "shared phone", "shared e-mail", "shared card"}
    for row in truth:
        said = row["stratum"].split(";")
        assert said == sorted(set(said))
        assert traps.get(row["person_id"], said[0]) in said
        assert "plain" not in said or said == ["plain"]


def test_contacts_belong_to_one_person_or_one_home():
    universe, _ = made("households")
    contacts = universe.contacts
    own = np.concatenate([contacts.email, contacts.second_email])
    own = own[present(own)].tolist()
    assert len(set(own)) == len(own)
    assert all(mail.rpartition(".")[0].endswith("example") for mail in own)
    cards = contacts.own_card[present(contacts.own_card)].tolist()
    assert len(set(cards)) == len(cards)
    shared = dict(zip(contacts.landline.tolist(), universe.homes.of.tolist(), strict=True))
    assert all(
        shared[number] == home
        for number, home in zip(contacts.landline, universe.homes.of, strict=True)
        if number
    )


def test_rates_are_about_what_is_asked():
    universe, tables = made("households")
    people, rates = universe.people, universe.rates
    assert np.mean(present(universe.contacts.email)) == pytest.approx(rates.has_email, abs=0.02)
    assert np.mean(present(people.middle)) == pytest.approx(rates.middle_name, abs=0.04)
    moved = universe.homes.moved[0] < np.datetime64("2100-01-01")
    assert np.mean(moved) == pytest.approx(rates.moved_once + rates.moved_twice, abs=0.03)
    support = tables.records.filter(pc.equal(tables.records["source"], "support"))
    missing = support.filter(pc.equal(support["kind"], "PERSON"))["full_name"].null_count / support.num_rows
    assert 0.03 < missing < 0.12


def test_without_errors_a_register_says_one_thing_of_a_person():
    zero = {
        name: 0.0
        for name in Rates.__dataclass_fields__
        if name.startswith(("misspelt", "date_", "initial", "names_"))
    }
    quiet = (
        "placeholder",
        "stale",
        "accents_dropped",
        "variant_spelling",
        "goes_by_nickname",
        "nickname_used",
        "other_given",
    )
    rates = replace(
        Rates(), **zero, **dict.fromkeys((*quiet, "transliterated_otherwise", "double_name_shortened"), 0.0)
    )
    universe = build_universe(400, PROFILES["registration"], 3, rates)
    tables = build_tables(universe, PROFILES["registration"])
    seen = {}
    for record, truth in zip(tables.records.to_pylist(), tables.truth_records.to_pylist(), strict=True):
        if record["source"] == "clinic" and record["birth_date"] and record["given_name"]:
            seen.setdefault(truth["person_id"], set()).add((record["birth_date"], record["given_name"]))
    assert len(seen) > 100
    assert all(len(values) == 1 for values in seen.values())


def test_events_are_mostly_anonymous_and_some_devices_are_shared():
    _, tables = made("households")
    events, truth = tables.events, tables.truth_events
    assert events["event_id"] == truth["event_id"]
    assert 0.03 < 1 - events["login_email"].null_count / events.num_rows < 0.15
    assert pc.all(pc.is_valid(events.filter(pc.equal(events["event"], "purchase"))["revenue"])).as_py()
    users = {}
    for device, person in zip(events["device_id"].to_pylist(), truth["person_id"].to_pylist(), strict=True):
        users.setdefault(device, set()).add(person)
    sizes = sorted(len(people) for people in users.values())
    assert sizes[-1] > 20
    assert 0.015 < np.mean(np.array(sizes) > 1) < 0.2


def test_an_address_belongs_together():
    world = countries(("US", "GB", "DE"))
    rng = np.random.default_rng(1)
    country = np.arange(6_000) % 3
    address = draw_addresses(world, country, draw_towns(world, country, rng), rng)
    prefixes = {}
    for position, place in enumerate(world):
        towns = zip(place.towns["name"], place.towns["region"], place.towns["prefix"], strict=True)
        for name, region, prefix in towns:
            prefixes.setdefault((position, name, region), set()).add(prefix)
    for row in range(len(country)):
        known = prefixes[country[row], address.city[row], address.region[row]]
        assert address.postcode[row].startswith(tuple(known))


def test_names_of_a_culture_follow_its_frequencies():
    assert feminine("Novák", "cs_CZ") == "Nováková"
    assert feminine("Kowalski", "pl_PL") == "Kowalska"
    assert feminine("Smith", "en_US") == "Smith"
    listed = culture("en_US").surnames
    drawn = listed.latin[pick(np.random.default_rng(1), listed.weights, 20_000)].tolist()
    assert drawn.count("Smith") > drawn.count("Jensen") > 0


@pytest.mark.parametrize("edit", [kind for kind, _ in noise.KINDS])
def test_a_misspelling_stays_close(edit):
    r = random.Random(5)
    changed = [
        edit(name, r) for name in ("Alexander", "Böhm", "Nguyễn", "İpek", "O'Neill") for _ in range(50)
    ]
    assert all(changed)
    assert len(set(changed)) > 5


def test_damage_hits_the_share_that_is_asked_and_copies():
    column = strings(["12345"] * 10_000)
    damaged = noise.damage(column, 0.1, noise.digit, np.random.default_rng(2))
    assert set(column) == {"12345"}
    assert np.mean(damaged != column) == pytest.approx(0.1, abs=0.02)


def test_codes_are_distinct_while_they_fit():
    rng = np.random.default_rng(3)
    for space in (100, 10_000, 10**9):
        assert len(set(distinct_codes(rng, 100, space).tolist())) == 100
