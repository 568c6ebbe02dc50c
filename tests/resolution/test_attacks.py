"""Over-merge attacks: what strangers have in common by fraud, habit or accident never makes them one person.

Every crowd is cleaned, fitted, scored and decided as a first resolve does it, without labels, beside a town of real
duplicates: they teach the model a prior under which records do match.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.accuracy import SALT, stored
from benchmarks.worlds import read_universe
from graph.attributes import clean_attributes
from graph.facts import record_key
from graph.identifiers import UnusableValueError, clean_identifier, identifier_key
from graph.neighbourhood import Neighbourhood
from graph.vocabulary import IdentifierState, RecordKind
from resolution.clustering import cluster
from resolution.configuration import Configuration
from resolution.constraints import Constraints
from resolution.engines import opened
from resolution.features import RecordRow, feature_table
from resolution.linkage import Linkage
from resolution.model import default_model
from resolution.partition import Partition, partition
from resolution.scoring import candidate_pairs, edges, offer_pairs, offer_records, score_table
from resolution.settings import Engine, ResolutionSettings
from resolution.train import fit_to_data, identifier_pairs

SETTINGS = ResolutionSettings()
TOWN = "town-"
Said = Mapping[str, Any]


@pytest.fixture(scope="module")
def town() -> list[RecordRow]:
    """A thousand records of 400 people of the generated universe."""
    rows, _ = read_universe("households", 400, 71)
    return [{**row, "key": TOWN + row["key"]} for row in rows]


def strangers(count: int, seed: int = 1, **more: str) -> Iterator[dict[str, str]]:
    """People with names as frequent as in life, and birth dates from seven decades."""
    dice, terms = random.Random(seed), default_model().terms
    given, surnames = (
        dice.choices(list(terms[column].values), list(terms[column].values.values()), k=count)
        for column in ("given", "surname")
    )
    for first, last in zip(given, surnames, strict=True):
        born = f"{dice.randrange(1940, 2008)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        yield {"given_name": first, "surname": last, "birth_date": born, **more}


def written(source: str, number: object, attributes: Mapping[str, str], ids: Said) -> RecordRow:
    """A row as a loader cleans it; `ids` has one value or several of each kind."""
    held = []
    for kind, values in ids.items():
        for value in [values] if isinstance(values, str) else values:
            try:
                held.append(clean_identifier(kind, value, country="US"))
            except UnusableValueError:
                continue
    cleaned = clean_attributes(attributes, country="US").attributes
    return RecordRow(
        key=record_key(source, str(number)),
        kind=RecordKind.PERSON,
        source=source,
        attributes=cleaned,
        identifiers=held,
    )


def crowd(people: Iterable[Mapping[str, str]], ids: Callable[[int], Said] = lambda _: {}) -> list[RecordRow]:
    """One record of a CRM per person, with the identifiers that `ids` gives to its number."""
    return [written("crm", number, person, ids(number)) for number, person in enumerate(people)]


@dataclass(frozen=True)
class Outcome:
    """What became of the attackers: their clusters of two and more, the partition, and candidates per record."""

    together: list[tuple[str, ...]]
    found: Partition
    candidates: float

    def sizes(self) -> list[int]:
        """How many strangers each cluster makes one; somebody of the town, with all records, is one of them."""
        attackers = [[key for key in keys if not key.startswith(TOWN)] for keys in self.together]
        return [
            len(found) + (len(found) < len(keys))
            for found, keys in zip(attackers, self.together, strict=True)
        ]

    def largest(self) -> int:
        return max(self.sizes(), default=1)

    def merged(self) -> int:
        """How many are in a cluster with a stranger."""
        return sum(self.sizes())


def resolved(rows: list[RecordRow], claimed: frozenset[str] = frozenset()) -> Outcome:
    """Fit, score and decide."""
    table = feature_table(rows)
    shared = identifier_pairs(table, SETTINGS.limits.contact_holders)
    model = fit_to_data(table, default_model())
    with closing(opened(Engine.DUCKDB)) as tables:
        offer_records(tables, table)
        offer_pairs(tables, shared)
        candidate_pairs(tables, model.block_limit)
        candidates = tables.answer("SELECT count(*) AS pairs FROM candidates")["pairs"][0].as_py()
    scored = edges(score_table(table, model, None, shared))
    records = {row["key"]: stored(row) for row in rows}
    configuration = Configuration(
        model=model.version,
        match_weight=model.match,
        salt=SALT,
        claimed=claimed,
        contradiction=model.contradiction,
        same_number=model.same_number,
    )
    weights = {(edge.left, edge.right): edge.weight for edge in scored}
    found = partition(Neighbourhood(records, weights), records, configuration)
    together = [
        keys for keys in found.clusters if len(keys) > 1 and not all(key.startswith(TOWN) for key in keys)
    ]
    return Outcome(together, found, candidates / len(rows))


def state(outcome: Outcome, kind: str, value: str) -> str:
    key = identifier_key(clean_identifier(kind, value, country="US"), SALT)
    return outcome.found.standings[key].state


def test_one_phone_on_ten_thousand_strangers() -> None:
    rows = crowd(strangers(10_000), lambda _: {"phone": "+1 415 555 0101"})
    outcome = resolved(rows)
    assert outcome.largest() <= 2
    assert outcome.merged() <= 20
    assert outcome.candidates <= 20
    assert state(outcome, "phone", "+1 415 555 0101") == IdentifierState.DEMOTED


def test_a_call_centres_phone_beside_common_names_alone(town) -> None:
    people = [{**one, "birth_date": ""} for one in strangers(2000)]
    outcome = resolved([*town, *crowd(people, lambda _: {"phone": "+1 415 555 0101"})])
    assert outcome.largest() <= 3
    assert outcome.merged() <= 40


def test_an_office_of_two_thousand(town) -> None:
    office = {"house_number": "1", "street": "Market Street", "city": "San Francisco", "postcode": "94105"}
    outcome = resolved([*town, *crowd(strangers(2000, **office))])
    assert outcome.largest() <= 3
    assert outcome.merged() <= 20
    assert outcome.candidates <= 30


@pytest.mark.parametrize("date", ["1970-01-01", "1900-01-01", "1980-01-01"])
def test_one_birth_date_on_two_thousand(town, date) -> None:
    outcome = resolved([*town, *crowd(strangers(2000, birth_date=date))])
    assert outcome.largest() <= 4
    assert outcome.merged() <= 40


PLACEHOLDERS = [
    *(("email", value) for value in (
        "test@test.com", "noemail@noemail.com", "none@none.com", "info@example.com", "a@a.com",
        "unsubscribe@shop.com", "noreply@shop.com", "sales@shop.com", "abc@abc.com", "unknown@unknown.com",
        "asdf@asdf.com", "customer@shop.com", "guest@shop.com", "optout@shop.com", "john.doe@example.com",
    )),
    *(("phone", value) for value in (
        "000-000-0000", "123-456-7890", "999 999 9999", "555 555 5555", "111-111-1111", "800 555 0199", "5551234567",
    )),
    *(("customer_number", value) for value in (
        "0", "00000", "1", "123", "1234", "12345", "99999", "999999", "10000", "1000000", "N/A", "TEST", "NEW",
        "CUSTOMER", "ABC123",
    )),
    *(("ssn", value) for value in ("000-00-0000", "123-45-6789", "111-11-1111", "078-05-1120", "987-65-4321")),
    *(("user_id", value) for value in ("guest", "anonymous", "admin", "root", "undefined", "user", "0", "system")),
]  # fmt: skip


def test_fifty_placeholders_each_on_twenty_strangers(town) -> None:
    assert len(PLACEHOLDERS) == 50
    people = strangers(20 * len(PLACEHOLDERS), seed=3)
    outcome = resolved([*town, *crowd(people, lambda number: dict([PLACEHOLDERS[number // 20]]))])
    assert outcome.largest() <= 3
    assert outcome.merged() <= 10
    held = {held for held in outcome.found.standings.values() if held.state is IdentifierState.BLOCKED}
    assert len(held) >= 5


NOBODIES = (
    "Test Test",
    "Guest User",
    "Walk-in Customer",
    "First Last",
    "Customer Customer",
    "Mr X",
    "Kunde Kunde",
)


def test_names_of_nobody_in_one_city(town) -> None:
    names = [NOBODIES[number % len(NOBODIES)].split() for number in range(350)]
    people = [{"given_name": given, "surname": surname, "city": "London"} for given, surname in names]
    outcome = resolved([*town, *crowd(people, lambda number: {"email": f"b{number}x@mail{number}.org"})])
    assert outcome.together == []


def test_a_number_that_a_clerk_gives_to_everybody_says_nothing(town) -> None:
    """Also not to two who have something else in common, such as a birthday."""
    people = [
        one | {"birth_date": f"19{40 + number % 60}-0{5 + number // 60}-17"}
        for number, one in enumerate(strangers(150))
    ]
    outcome = resolved([*town, *crowd(people, lambda _: {"customer_number": "K-4711"})])
    assert state(outcome, "customer_number", "K-4711") == IdentifierState.DEMOTED
    assert outcome.merged() <= 4


def test_a_family_of_six_with_one_mailbox_and_phone(town) -> None:
    home = {"house_number": "12", "street": "Elm Street", "city": "Austin", "postcode": "78701"}
    born = {"Carlos": "1975-03-02", "Maria": "1977-08-19", "Diego": "2003-01-11"}
    born |= {"Lucia": "2005-05-30", "Carla": "2007-09-09", "Mateo": "2010-12-24"}
    shared = {"email": "fernandez.family@mail.org", "phone": "+1 512 555 0177"}
    people = [
        {"given_name": name, "surname": "Fernandez", "birth_date": date} | home for name, date in born.items()
    ]
    undated = [{**one, "birth_date": ""} for one in people]
    assert resolved([*town, *crowd(people, lambda _: shared)]).together == []
    assert resolved([*town, *crowd(undated, lambda _: shared)]).together == []


CYRILLIC = str.maketrans("aeocpx", "аеосрх")


def test_forged_addresses(town) -> None:
    """A homoglyph makes another address, whose owner is not its victim; invisible characters make the same one."""
    victims, forgers, others = strangers(100), strangers(100, seed=50), strangers(100, seed=60)
    rows = []
    for number, (victim, forger, other) in enumerate(zip(victims, forgers, others, strict=True)):
        address = f"{victim['given_name']}.{victim['surname']}{number}".replace(" ", "") + "@example.org"
        forged = address.partition("@")[0].translate(CYRILLIC) + "@example.org"
        rows.append(written("crm", f"victim{number}", victim, {"email": address}))
        rows.append(written("shop", f"forger{number}", forger, {"email": forged}))
        rows.append(written("blog", f"nameless{number}", {}, {"email": forged}))
        rows.append(written("app", f"zero{number}", other, {"email": f"{address[:3]}\u200b{address[3:]}"}))
    outcome = resolved([*town, *rows])
    wrong = [keys for keys in outcome.together if any(key.startswith("crm:") for key in keys)]
    assert len(wrong) <= 2, wrong
    assert clean_identifier("email", "ad\u200bmin@x.org") == clean_identifier("email", "admin@x.org")
    assert clean_identifier("email", "аdmin@x.org") != clean_identifier("email", "admin@x.org")


VICTIM = {"given_name": "Vera", "surname": "Lindqvist", "birth_date": "1980-02-03"}


@pytest.mark.parametrize("times", [1, 2, 30, 1000])
def test_a_claimed_source_sends_a_victims_address(town, times) -> None:
    address = "vera.lindqvist@example.org"
    rows = [written("crm", "victim", VICTIM, {"email": address, "phone": "+1 415 555 0123"})]
    rows += [
        written("web", number, {}, {"email": address, "device": f"device{number}"}) for number in range(times)
    ]
    assert resolved([*town, *rows], frozenset({"web"})).together == []


def test_a_chain_of_a_thousand_spellings(town) -> None:
    """Neighbours differ by a letter and a day; the ends are strangers, and most of what lies between."""
    dice, name, people = random.Random(5), list("christopherson"), []
    for number in range(1000):
        born = f"{1950 + number // 30}-0{1 + number // 5 % 9}-{1 + number % 28:02}"
        people.append({"given_name": "Anna", "surname": "".join(name), "birth_date": born})
        name[dice.randrange(len(name))] = dice.choice("aeioulnrst")
    assert resolved([*town, *crowd(people)]).largest() <= 8


def test_a_chain_of_a_thousand_addresses(town) -> None:
    """Each record shares one address with the next."""
    outcome = resolved(
        [*town, *crowd(strangers(1000), lambda n: {"email": [f"link{n}@mail.org", f"link{n + 1}@mail.org"]})]
    )
    assert outcome.largest() <= 3
    assert outcome.merged() <= 30
    nameless = crowd([{}] * 1000, lambda n: {"email": [f"link{n}@mail.org", f"link{n + 1}@mail.org"]})
    assert resolved([*town, *nameless]).largest() <= SETTINGS.kinds["email"].per_profile[0].values


def test_a_chain_of_a_thousand_weak_links(person) -> None:
    keys = [f"crm:{number:04}" for number in range(1000)]
    records = {key: person(key, given_name="Ada") for key in keys}
    weak = dict.fromkeys(pairwise(keys), 3.0)
    constraints = Constraints(records, named=frozenset(keys))
    linkage = Linkage(0.0, SETTINGS.absent_weight, SETTINGS.limits.profile_records)
    assert max(map(len, cluster(keys, weak, constraints, linkage).clusters)) <= 2
