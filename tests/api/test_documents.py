"""GraphQL documents and bodies that mean harm or are damaged: a code and 400, never 500."""

import json
from typing import Any

import pytest
from graphql import GraphQLSchema, get_introspection_query

from api.documents import Documents
from api.errors import BodyError, ComplexityError, DocumentError
from api.execution import read_request
from api.schema import build_schema
from api.settings import ApiSettings


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema()


@pytest.fixture
def documents(schema: GraphQLSchema) -> Documents:
    return Documents(schema, ApiSettings())


BOMB = (
    "{ ...a0 }"
    + "".join(f" fragment a{n} on Query {{ ...a{n + 1} ...a{n + 1} ...a{n + 1} }}" for n in range(40))
    + " fragment a40 on Query { version }"
)

TOO_COMPLEX = {
    "long": "{ version } " * 1_000,
    "a long string": '{ lookup(kind: "' + "x" * 100_000 + '", value: "y") { outcome } }',
    "many aliases": "{" + " ".join(f"a{n}: version" for n in range(60)) + "}",
    "a fragment bomb": BOMB,
    "nested selections": "{ a" * 900 + " }" * 900,
    "nested lists": "{ profile(id: " + "[" * 1_900 + " ) }",
}


@pytest.mark.parametrize("name", TOO_COMPLEX)
def test_too_much_is_refused(documents: Documents, name: str) -> None:
    with pytest.raises((ComplexityError, DocumentError)):
        documents.read(TOO_COMPLEX[name])


INVALID = [
    "{",
    "{ nothing }",
    "query { profile { id } }",
    "{ ...a } fragment a on Query { ...a }",
    '{ profile(id: "\\uD800") { id } }',
    "mutation { drop }",
    "subscription { x }",
    "type Query { a: Int }",
    "\0",
]


@pytest.mark.parametrize("text", INVALID)
def test_invalid_documents_are_refused(documents: Documents, text: str) -> None:
    with pytest.raises(DocumentError):
        documents.read(text)


def test_no_field_is_suggested_and_no_value_repeated(documents: Documents) -> None:
    with pytest.raises(DocumentError) as refused:
        documents.read("{ profil versio }")
    assert "Did you mean" not in str(refused.value)
    with pytest.raises(DocumentError) as refused:
        documents.read('{ quarantine(first: "ada@example.org") { pageInfo { endCursor } } }')
    assert "ada@" not in str(refused.value)
    with pytest.raises(DocumentError) as refused:
        documents.read('{ lookup("ada@example.org") }')
    assert "ada@" not in str(refused.value)


def test_documents_and_refusals_are_remembered(documents: Documents) -> None:
    assert documents.read("{ version }") is documents.read("{ version }")
    for _ in range(2):
        with pytest.raises(DocumentError):
            documents.read("{ nothing }")


def test_the_memory_is_bounded(schema: GraphQLSchema) -> None:
    documents = Documents(schema, ApiSettings(cached_documents=2))
    first = documents.read("{ version }")
    for name in "abc":
        documents.read(f"{{ {name}: version }}")
    assert documents.read("{ version }") is not first


BODIES = [
    b"",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"{",
    b'{"query": 1}',
    b'{"query": ""}',
    b'{"query": "{ version }", "variables": []}',
    b'{"query": "{ version }", "operationName": 3}',
    b'{"query": "\\ud800"}',
    b'{"query": "{ version }", "variables": {"n": ' + b"9" * 5_000 + b"}}",
    b'{"query": "{ version }", "variables": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"query": "{ version }", "variables": {"n": NaN}}',
    b'[{"query": "{ version }"}]',
]


@pytest.mark.parametrize("body", BODIES)
def test_damaged_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(BodyError):
        read_request(body)


@pytest.mark.store
async def test_over_the_wire_every_refusal_has_a_code(ask: Any, client: Any) -> None:
    admin = await client()
    cases = [(body, "body_invalid") for body in BODIES]
    cases += [(json.dumps({"query": text}).encode(), "document_invalid") for text in INVALID]
    for body, code in cases:
        response = await admin.post("/graphql", content=body)
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, code), (
            body[:60]
        )
    large = await admin.post("/graphql", content=b"x" * 1_100_000)
    assert (large.status_code, large.json()["errors"][0]["extensions"]["code"]) == (413, "body_too_large")


@pytest.mark.store
@pytest.mark.parametrize("rule", [{}, {"segment": "a", "all": []}, {"segment": None}])
@pytest.mark.parametrize("way", ["written", "variable"])
async def test_inputs_of_which_one_is_to_be_given(ask: Any, rule: dict[str, Any], way: str) -> None:
    written = json.dumps(rule).replace('"segment":', "segment:").replace('"all":', "all:")
    said = "$rule" if way == "variable" else written
    query = f'previewSegment(segment: {{description: "", rule: {said}}}) {{ count }} }}'
    answer = await ask(("query ($rule: SegmentRule!) { " if way == "variable" else "{ ") + query, rule=rule)
    assert answer["errors"][0]["extensions"]["code"] == "document_invalid"


@pytest.mark.store
@pytest.mark.parametrize(
    "variables", [{}, {"first": "ada@example.org"}, {"first": 2**40}, {"first": 1.5}, {"first": {"a": [1]}}]
)
async def test_variables_that_do_not_fit(client: Any, variables: dict[str, Any]) -> None:
    query = "query ($first: Int!) { quarantine(first: $first) { pageInfo { endCursor } } }"
    response = await (await client()).post("/graphql", json={"query": query, "variables": variables})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "document_invalid",
    )
    assert "ada@" not in response.text


def test_introspection_is_answered_in_development_only(schema: GraphQLSchema, documents: Documents) -> None:
    assert Documents(schema, ApiSettings(development=True)).read(get_introspection_query())
    for asked in (
        get_introspection_query(),
        "{ __schema { types { name } } }",
        '{ __type(name: "Query") { name } }',
    ):
        with pytest.raises(DocumentError, match="introspection has been disabled"):
            documents.read(asked)
    assert documents.read("{ __typename }")


def cost(schema: GraphQLSchema, text: str, variables: dict[str, Any] | None = None) -> int:
    """The least limit under which the document is read."""
    low, high = 0, 10**9
    while high - low > 1:
        limit = (low + high) // 2
        limits = ApiSettings.model_construct(**{**ApiSettings().model_dump(), "document_cost": limit})
        try:
            Documents(schema, limits).read(text, variables or {})
            high = limit
        except ComplexityError:
            low = limit
    return high


PAGE = "query ($n: Int! = 50) { profile(id: 1) { journey(first: %s) { edges { node { type } } } } }"


def test_cost_is_the_product_of_page_sizes(schema: GraphQLSchema) -> None:
    """A root field costs 10, then journey, edges, and for each of them node and type."""
    assert cost(schema, PAGE.replace("($n: Int! = 50)", "") % 1) == 10 + 1 + 1 + 2
    assert cost(schema, PAGE.replace("($n: Int! = 50)", "") % 100) == 10 + 1 + 1 + 200
    assert cost(schema, "{ profile(id: 1) { journey { edges { node { type } } } } }") == 10 + 2 + 40
    nested = """{ segment(name: "a") { profiles(first: 100) { edges { node {
        journey(first: 50) { edges { node { type } } } } } } } }"""
    assert cost(schema, nested) == 10 + 1 + 1 + 100 * (1 + 1 + 1 + 50 * 2)


@pytest.mark.parametrize(
    ("variables", "size"), [({}, 50), ({"n": 7}, 7), ({"n": 7.0}, 7), ({"n": 10**12}, 100)]
)
def test_cost_counts_what_the_variables_are(
    schema: GraphQLSchema, variables: dict[str, Any], size: int
) -> None:
    assert cost(schema, PAGE % "$n", variables) == 10 + 1 + 1 + 2 * size


def test_fragments_and_aliases_cost_what_they_ask_for(schema: GraphQLSchema) -> None:
    spread = "{ a: profile(id: 1) { ...f } b: profile(id: 2) { ...f } } fragment f on Profile { id kind }"
    assert cost(schema, spread) == 2 * (10 + 2)


def test_no_page_size_hides_in_a_variable_without_a_value(schema: GraphQLSchema) -> None:
    unset = "query ($n: Int!) { profile(id: 1) { journey(first: $n) { edges { node { type } } } } }"
    assert cost(schema, unset) == 10 + 2 + 2 * 20
    assert cost(schema, unset, {"n": "100"}) == 10 + 2 + 2 * 100
