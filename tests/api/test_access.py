"""The table of who may do what: complete, denying by default, and followed."""

from inspect import isawaitable
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    subscribe,
)

from api.access import RULES, SEND_EVENTS, Viewer
from api.app import create_app
from api.context import Context, Services
from api.schema import build_schema
from api.settings import ApiSettings
from graph.connection import Graph
from graph.errors import PermissionDeniedError
from graph.vocabulary import Role


def test_every_operation_has_a_rule() -> None:
    schema = build_schema()
    for root in filter(None, (schema.query_type, schema.mutation_type, schema.subscription_type)):
        assert {f"{root.name}.{name}" for name in root.fields} <= set(RULES)


@pytest.mark.store
def test_every_route_has_a_rule(graph: Graph) -> None:
    document = create_app(ApiSettings(), graph).openapi()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert routes <= set(RULES)


def test_every_rule_has_an_operation() -> None:
    types = build_schema().type_map
    for operation in (name for name in RULES if "." in name and " " not in name):
        kind, _, field = operation.partition(".")
        assert field in types[kind].fields  # type: ignore[attr-defined]


def test_what_is_not_in_the_table_is_denied() -> None:
    admin = Viewer("key", Role.ADMIN)
    assert not admin.may("Query.dropEverything")
    with pytest.raises(PermissionDeniedError, match=r"admin may not use Query\.dropEverything"):
        admin.require("Query.dropEverything")


def literal(kind: Any, depth: int = 0) -> str:
    """Something that fits an input type, as small as can be."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type, depth)
    if isinstance(kind, GraphQLList):
        return "[]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {name: field for name, field in kind.fields.items() if is_required_input_field(field)}
        if kind.extensions["strawberry-definition"].is_one_of:
            needed = {"segment": kind.fields["segment"]}
        return (
            "{"
            + ", ".join(f"{name}: {literal(field.type, depth + 1)}" for name, field in needed.items())
            + "}"
        )
    return {"Int": "1", "Float": "1.0", "Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"'}.get(
        kind.name, '"x"'
    )


def smallest(operation: str) -> str:
    """A document that asks for one root field."""
    root, _, name = operation.partition(".")
    kind = SCHEMA.type_map[root]
    assert isinstance(kind, GraphQLObjectType)
    field = kind.fields[name]
    given = [f"{key}: {literal(one.type)}" for key, one in field.args.items() if is_required_argument(one)]
    arguments = f"({', '.join(given)})" if given else ""
    inner = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
    return f"{root.lower()} {{ {name}{arguments}{inner} }}"


SCHEMA = build_schema()
ROOTED = sorted(name for name in RULES if name.startswith(("Query.", "Mutation.")))
SUBSCRIPTIONS = sorted(name for name in RULES if name.startswith("Subscription."))
REQUESTS = {
    "GET /v1/lookup": ("/v1/lookup?email=ada@example.org", None),
    "POST /v1/lookup": ("/v1/lookup", {}),
    "POST /v1/check": ("/v1/check", {}),
    "GET /v1/profiles/{profile_id}": ("/v1/profiles/p1", None),
    "GET /v1/changes": ("/v1/changes", None),
    "GET /metrics": ("/metrics", None),
}
OPEN = {"GET /graphql", "GET /health/live", "GET /health/ready", "GET /openapi.json"}


def refused(body: dict[str, Any]) -> bool:
    return any(error["extensions"]["code"] == "permission_denied" for error in body.get("errors", ()))


@pytest.mark.store
@pytest.mark.parametrize("role", list(Role))
async def test_every_role_may_do_what_the_table_says(world: Graph, client: Any, role: Role) -> None:
    """Each role against each operation. What it may change is not changed here."""
    viewer, caller = Viewer("key", role), await client(role)
    for operation in ROOTED:
        if not operation.startswith("Mutation.") or not viewer.may(operation):
            answer = (await caller.post("/graphql", json={"query": smallest(operation)})).json()
            assert refused(answer) == (not viewer.may(operation)), operation
    for operation, (path, body) in REQUESTS.items():
        method = operation.partition(" ")[0]
        answer = await caller.request(method, path, json=body)
        assert (answer.status_code == 403) == (not viewer.may(operation)), operation


@pytest.mark.store
@pytest.mark.parametrize("role", list(Role))
async def test_every_role_may_follow_what_the_table_says(world: Graph, role: Role) -> None:
    viewer = Viewer("key", role)
    for operation in SUBSCRIPTIONS:
        context = Context(Services.of(world), viewer)
        events = subscribe(SCHEMA, parse(smallest(operation)), context_value=context)
        events = await events if isawaitable(events) else events
        if viewer.may(operation):
            assert not isinstance(events, ExecutionResult), operation
            await events.aclose()  # type: ignore[attr-defined]
        else:
            assert isinstance(events, ExecutionResult)
            assert "may not use" in str(events.errors)


def test_every_operation_is_tried() -> None:
    tried = {*ROOTED, *SUBSCRIPTIONS, *REQUESTS, *OPEN, SEND_EVENTS, "POST /graphql"}
    behind = {name for name in RULES if "." in name and " " not in name} - tried
    assert set(RULES) == tried | behind
    assert behind == {"Identification.candidates", "Identification.profile", "Indicator.distribution"}


@pytest.mark.store
@pytest.mark.parametrize("operation", [*REQUESTS, "POST /graphql", "GET /graphql", "DELETE /graphql"])
async def test_nothing_is_answered_without_a_key(world: Graph, client: Any, operation: str) -> None:
    method, path = operation.split(" ")
    nobody = await client(None)
    response = await nobody.request(
        method, REQUESTS.get(operation, (path, None))[0], json={"query": "{ version }"}
    )
    assert response.status_code == (401 if operation in RULES and RULES[operation] is not None else 405)
