"""How often the graph is asked: once for each part of a question, however many profiles it is about."""

from collections import Counter
from typing import Any

import pytest

from api.access import Viewer
from api.context import Context, Services
from api.execution import Executor, GraphQLRequest
from api.schema import build_schema
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

pytestmark = pytest.mark.store

PAGE = """
fragment Page on Profile {
  id kind recordCount attributes { givenName surname } golden { attribute value alternatives { value } }
  identifiers { kind value state profileIds } history(first: 3) { edges { node { change } } } lock { at } pins { value }
  cluster { records { key raw } identifiers { key } edges { weight } health { sentence } }
  journey(first: 5) { edges { node { occurredAt type via { kind } device { value } } } }
  purchases: journey(first: 5, type: ["purchase"]) { edges { node { revenue } } }
  segments { segment } segmentHistory { segment until }
  consents { purpose granted } indicators { name number }
}
"""
VISITS = """
fragment Page on Profile {
  sessions(first: 3) { edges { node { startedAt seconds } } }
  journey(first: 20) { edges { node { sessionId } } }
}
"""
SEGMENT = """query Segment($n: Int!) {
  segment(name: "buyers") { profiles(first: $n) { edges { node { ...Page } } } }
}"""
BY_ID = """query ById($many: Boolean!) {
  p1: profile(id: "p1") { ...Page }
  p2: profile(id: "p2") @include(if: $many) { ...Page }
  p3: profile(id: "p3") @include(if: $many) { ...Page }
}"""


async def _ask(graph: Graph, query: str, **variables: Any) -> dict[str, Any]:
    executor = Executor(build_schema(), ApiSettings())
    context = Context(Services.of(graph), Viewer("key", Role.ADMIN))
    _, answer = await executor.answer(GraphQLRequest(query, variables, None), context)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


@pytest.mark.parametrize("fragment", [PAGE, VISITS], ids=["page", "visits"])
async def test_many_profiles_cost_as_many_statements_as_one(
    world: Graph, statements: Counter[str], fragment: str
) -> None:
    for query, one, three in ((SEGMENT, {"n": 1}, {"n": 3}), (BY_ID, {"many": False}, {"many": True})):
        statements.clear()
        await _ask(world, fragment + query, **one)
        of_one = statements.copy()
        statements.clear()
        answer = await _ask(world, fragment + query, **three)
        assert len(answer.get("segment", {"profiles": {"edges": answer}})["profiles"]["edges"]) == 3
        assert statements == of_one


async def test_each_part_of_a_page_is_read_once(world: Graph, statements: Counter[str]) -> None:
    await _ask(world, PAGE + SEGMENT, n=3)
    assert set(statements.values()) == {1}
