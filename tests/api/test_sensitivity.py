"""Masking: nothing that names somebody reaches a role that may not see it, through any field, and null stays null."""

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
)

from api.access import SEEING, Viewer
from api.open_texts import OPEN_TEXTS
from api.schema import build_schema
from api.sensitivity import (
    OPEN_ATTRIBUTES,
    REDACTED,
    SCALARS,
    OpenText,
    Sensitivity,
    mask_fields,
    redact,
    shown,
)
from graph.errors import ConfigurationError
from graph.vocabulary import ATTRIBUTES, Role

PERSONAL = {"redacted": "PERSONAL"}
RAW = {"redacted": "RAW"}


def leaf(field: GraphQLField) -> str:
    kind: GraphQLNamedType = get_named_type(field.type)
    return kind.name


def test_a_new_text_field_without_a_declaration_stops_the_start() -> None:
    new = GraphQLObjectType("Novelty", {"note": GraphQLField(GraphQLString)})
    query = GraphQLObjectType("Query", {"novelty": GraphQLField(new)})
    with pytest.raises(ConfigurationError, match=r"Novelty\.note is text"):
        mask_fields(GraphQLSchema(query))


def test_what_is_declared_exists() -> None:
    types = build_schema().type_map
    for name, fields in OPEN_TEXTS.items():
        kind = types[name]
        assert isinstance(kind, GraphQLObjectType)
        assert {leaf(kind.fields[field]) for field in fields} <= {"String", "JSON"}, name


def test_attributes_are_open_or_personal_in_every_place() -> None:
    assert OPEN_ATTRIBUTES.issubset(ATTRIBUTES)
    kind = build_schema().type_map["Attributes"]
    assert isinstance(kind, GraphQLObjectType)
    for name, field in zip(ATTRIBUTES, kind.fields.values(), strict=True):
        assert (leaf(field) == "String") == (name in OPEN_ATTRIBUTES), name


def test_every_sensitive_scalar_says_what_stands_instead() -> None:
    assert set(SEEING) == set(Sensitivity) == set(REDACTED)
    for scalar in SCALARS.values():
        assert '{"redacted": "' in (scalar.description or "")


def test_nothing_stays_nothing_and_a_list_keeps_its_length() -> None:
    assert redact(Sensitivity.PERSONAL, None) is None
    assert redact(Sensitivity.PERSONAL, ["a", None, ""]) == [PERSONAL, None, PERSONAL]
    assert redact(Sensitivity.PERSONAL, shown("city", "London")) == OpenText("London")
    assert redact(Sensitivity.PERSONAL, shown("surname", "London")) == PERSONAL


EVERYTHING = """
{ profile(id: "p1") {
    attributes { givenName surname city birthDate }
    golden { attribute value alternatives { value } }
    identifiers { kind value }
    journey(first: 1) { edges { node { type properties } } }
    cluster {
      records { recordId extra raw attributes { givenName city } }
      identifiers { value }
    }
} }
"""


@pytest.mark.store
async def test_an_analyst_sees_nobody(world: Any, client: Any) -> None:
    response = await (await client(Role.ANALYST)).post("/graphql", json={"query": EVERYTHING})
    for value in ("Ada", "Lovelace", "ada@example.org", "tier", "secret", "home"):
        assert value not in response.text
    profile = response.json()["data"]["profile"]
    assert profile["attributes"] == {
        "givenName": PERSONAL,
        "surname": PERSONAL,
        "city": "London",
        "birthDate": None,
    }
    assert profile["golden"][0]["alternatives"] == [{"value": PERSONAL}]
    assert {one["value"]["redacted"] for one in profile["identifiers"]} == {"PERSONAL"}
    assert profile["journey"]["edges"][0]["node"]["properties"] == PERSONAL
    assert profile["cluster"]["records"][0]["raw"] == RAW


@pytest.mark.store
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INGEST])
async def test_every_role_sees_what_the_table_says(world: Any, client: Any, role: Role) -> None:
    caller, viewer = await client(role), Viewer("key", role)
    answer = (await caller.post("/graphql", json={"query": EVERYTHING})).json()
    assert "errors" not in answer
    profile, record = answer["data"]["profile"], answer["data"]["profile"]["cluster"]["records"][0]
    personal, raw = viewer.sees(Sensitivity.PERSONAL), viewer.sees(Sensitivity.RAW)
    assert profile["attributes"]["givenName"] == ("Ada" if personal else PERSONAL)
    assert profile["golden"][0]["value"] == ("Ada" if personal else PERSONAL)
    assert record["extra"] == ({"tier": "gold"} if personal else PERSONAL)
    assert record["raw"] == ({"secret": "raw"} if raw else RAW)


@pytest.mark.store
async def test_rest_withholds_the_same(world: Any, client: Any) -> None:
    analyst, crm = await client(Role.ANALYST), await client(Role.CRM)
    assert (await analyst.get("/v1/profiles/p1")).json()["attributes"] == {
        "given_name": PERSONAL,
        "surname": PERSONAL,
        "city": "London",
    }
    assert (await crm.get("/v1/profiles/p1")).json()["attributes"]["surname"] == "Lovelace"
