"""Records as plain ASCII columns."""

from hypothesis import given
from hypothesis import strategies as st

from graph.facts import Identifier
from graph.vocabulary import ATTRIBUTES, RecordKind
from resolution.features import LIST_FEATURES, SCHEMA, TEXT_FEATURES, feature_table, features

DERIVED = set(TEXT_FEATURES) - {"kind", "source", "birth_date", "gender", "generation"}


def row(attributes=None, *identifiers, key="a:1", kind=RecordKind.PERSON):
    return {
        "key": key,
        "kind": kind,
        "source": "a",
        "attributes": attributes or {},
        "identifiers": list(identifiers),
    }


def test_names_are_folded_and_taken_apart():
    found = features(row({"given_name": "Bob", "middle_name": "James", "surname": "Žižka-Núñez"}))
    assert found["given"] == "bob"
    assert "robert" in found["given_roots"]
    assert found["given_names"] == ["bob", "james"]
    assert found["middle_initial"] == "j"
    assert found["surname"] == "zizkanunez"
    assert found["surname_parts"] == ["nunez", "zizka"]


def test_address_joins_house_and_street():
    found = features(row({"house_number": "12b", "street": "Main Street", "postcode": "SW1A 1AA"}))
    assert found["address"] == "12b mainst"
    assert found["postcode"] == "sw1a1aa"


def test_first_of_several_identifiers_does_not_depend_on_order():
    one, other = Identifier("email", "b@example.org"), Identifier("email", "a@example.org")
    assert features(row({}, one, other)) == features(row({}, other, one))
    assert features(row({}, one, other))["emails"] == ["a@example.org", "b@example.org"]


def test_organisation_name_belongs_to_organisations_only():
    name = {"organisation_name": "Acme Holding Ltd"}
    assert features(row(name))["organisation"] is None
    assert features(row(name, kind=RecordKind.ORGANISATION))["organisation"] == "acme holding"


def test_table_has_the_schema_for_no_rows_and_for_empty_ones():
    assert feature_table([]).schema == SCHEMA
    assert feature_table([row()]).num_rows == 1


@given(
    st.dictionaries(st.sampled_from(ATTRIBUTES), st.text(max_size=40)),
    st.lists(st.builds(Identifier, st.sampled_from(["email", "phone", "ssn"]), st.text(max_size=20))),
)
def test_text_is_ascii_and_never_empty(attributes, identifiers):
    found = features(row(attributes, *identifiers))
    for name in DERIVED - {"card", "phone", "email"}:
        assert found[name] is None or (found[name] and found[name].isascii())
    for name in LIST_FEATURES:
        assert found[name] is None or found[name]
