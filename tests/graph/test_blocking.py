"""Which records become candidates of one another."""

from hypothesis import given
from hypothesis import strategies as st

from graph.blocking import BLOCK_COLUMNS, block_columns, mailbox_name, street_key
from graph.facts import Identifier
from graph.vocabulary import ATTRIBUTES, RecordKind

ADA = {
    "given_name": "Robert",
    "surname": "Müller",
    "birth_date": "1978-12-11",
    "house_number": "12",
    "street": "Main Street",
    "postcode": "SW1A 1AA",
    "city": "London",
}


def blocks(attributes, *identifiers, kind=RecordKind.PERSON):
    return block_columns(kind, attributes, identifiers)


def shared(one, other):
    return {name for name in one.keys() & other.keys() if one[name] == other[name]}


def test_same_person_meets_in_every_rule_that_applies():
    assert shared(blocks(ADA), blocks(dict(ADA))) == set(BLOCK_COLUMNS) - {
        "block_mailbox",
        "block_phone_tail",
    }


def test_nickname_meets_the_formal_name():
    assert "block_name" in shared(blocks(ADA), blocks(ADA | {"given_name": "Bob"}))


def test_swapped_names_meet():
    swapped = ADA | {"given_name": ADA["surname"], "surname": ADA["given_name"]}
    assert {"block_name", "block_sounds"} <= shared(blocks(ADA), blocks(swapped))


def test_transliterated_surname_meets():
    assert "block_surname" in shared(blocks(ADA), blocks(ADA | {"surname": "Muller"}))


def test_moved_and_renamed_still_meet_by_birth_date():
    moved = {"given_name": "Robert", "surname": "Jones", "birth_date": "1978-12-11", "city": "Leeds"}
    assert "block_birth" in shared(blocks(ADA), blocks(moved))


def test_organisations_never_meet_people():
    organisation = {"organisation_name": "Robert Müller Ltd", "postcode": "SW1A 1AA"}
    assert not shared(blocks(ADA), blocks(organisation, kind=RecordKind.ORGANISATION))


def test_street_type_is_shortened():
    assert street_key("Main Street") == street_key("MAIN ST.")


def test_mailbox_name_ignores_separators_and_provider():
    assert mailbox_name("ada.love_lace@example.org") == "adalovelace"


def test_short_mailbox_is_no_block():
    assert "block_mailbox" not in blocks({}, Identifier("email", "info@example.org"))


def test_nothing_known_gives_no_block():
    assert blocks({}) == {}


@given(
    st.dictionaries(st.sampled_from(ATTRIBUTES), st.text(max_size=30)),
    st.lists(st.builds(Identifier, st.sampled_from(["email", "phone"]), st.text(max_size=20))),
    st.sampled_from(RecordKind),
)
def test_blocks_are_present_ascii_and_independent_of_order(attributes, identifiers, kind):
    found = block_columns(kind, attributes, identifiers)
    assert found == block_columns(kind, attributes, identifiers[::-1])
    assert found.keys() <= set(BLOCK_COLUMNS)
    assert all(found.values())
