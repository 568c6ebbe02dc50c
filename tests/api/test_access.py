"""The table of who may do what: complete, denying by default, and followed."""

from typing import Any

import pytest

from api.access import RULES, Viewer
from api.app import create_app
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


QUERIES = {
    "Query.profile": '{ profile(id: "p1") { id } }',
    "Query.lookup": '{ lookup(kind: "email", value: "ada@example.org") { outcome } }',
    "Query.previewRecord": '{ previewRecord(record: {source: "crm"}) { usable } }',
    "Query.segments": "{ segments { name } }",
    "Query.segment": '{ segment(name: "buyers") { count } }',
    "Query.sources": "{ sources { name } }",
    "Query.quarantine": "{ quarantine { pageInfo { hasNextPage } } }",
    "Query.quarantineCounts": "{ quarantineCounts { rows } }",
    "Query.judgements": "{ judgements { pageInfo { hasNextPage } } }",
    "Query.decisions": "{ decisions { pageInfo { hasNextPage } } }",
    "Query.viewer": "{ viewer { role } }",
    "Query.version": "{ version }",
}


@pytest.mark.store
@pytest.mark.parametrize("role", list(Role))
async def test_every_role_may_do_what_the_table_says(world: Graph, client: Any, role: Role) -> None:
    viewer, caller = Viewer("key", role), await client(role)
    for operation, query in QUERIES.items():
        answer = (await caller.post("/graphql", json={"query": query})).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes == (set() if viewer.may(operation) else {"permission_denied"}), operation
    for path, operation in {
        "/v1/lookup?email=ada@example.org": "GET /v1/lookup",
        "/v1/profiles/p1": "GET /v1/profiles/{profile_id}",
        "/metrics": "GET /metrics",
    }.items():
        assert (await caller.get(path)).status_code == (200 if viewer.may(operation) else 403)
