"""Everything with an id is found again by it, by those who may ask for it."""

from typing import Any

import pytest

from api.nodes import global_id, parted
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

NODE = """
query ($id: ID!) { node(id: $id) { __typename id
  ... on Profile { recordCount } ... on Segment { name } ... on SourceRecord { key source memberSince }
  ... on Touchpoint { key type sessionId }
} }
"""
PAGE = """
{ profile(id: "p1") { id cluster { records { id key } } journey(first: 3) { edges { node { id key sessionId } } } } }
"""


def test_ids_part_as_they_were_made() -> None:
    assert parted(global_id("Touchpoint", "web:m:1")) == ("Touchpoint", "web:m:1")
    assert parted("01a203a4-5655-72d9-b767-fc7ba8451155") == (
        "Profile",
        "01a203a4-5655-72d9-b767-fc7ba8451155",
    )


async def test_what_was_read_is_found_again_by_its_id(world: Graph, client: Any) -> None:
    steward = await client(Role.STEWARD)

    async def node(id_: str) -> dict[str, Any] | None:
        answer = (await steward.post("/graphql", json={"query": NODE, "variables": {"id": id_}})).json()
        assert "errors" not in answer, answer
        return answer["data"]["node"]

    page = (await steward.post("/graphql", json={"query": PAGE})).json()["data"]["profile"]
    assert (await node(page["id"])) == {"__typename": "Profile", "id": "p1", "recordCount": 3}
    for record in page["cluster"]["records"]:
        found = await node(record["id"])
        assert found is not None
        assert (found["__typename"], found["id"], found["key"]) == (
            "SourceRecord",
            record["id"],
            record["key"],
        )
    for edge in page["journey"]["edges"]:
        found = await node(edge["node"]["id"])
        assert found is not None
        assert {name: found[name] for name in ("id", "key", "sessionId")} == edge["node"]
    assert (await node("Segment:buyers")) == {
        "__typename": "Segment",
        "id": "Segment:buyers",
        "name": "buyers",
    }
    for unknown in ("nobody", "Segment:none", "SourceRecord:crm:none", "Touchpoint:", "Elephant:1", ":", ""):
        assert await node(unknown) is None


async def test_a_node_is_for_those_who_may_ask_for_it(world: Graph, client: Any) -> None:
    crm = await client(Role.CRM)
    for id_, allowed in (("p1", True), ("Segment:buyers", False)):
        answer = (await crm.post("/graphql", json={"query": NODE, "variables": {"id": id_}})).json()
        assert (answer["data"]["node"] is not None) is allowed
        assert ("errors" not in answer) is allowed
    ingest = await client(Role.INGEST)
    answer = (await ingest.post("/graphql", json={"query": NODE, "variables": {"id": "p1"}})).json()
    assert answer["errors"][0]["extensions"]["code"] == "permission_denied"
