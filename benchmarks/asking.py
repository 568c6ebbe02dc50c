"""The questions that a service is measured by, as the bare driver, REST and GraphQL ask them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, LiteralString
from urllib.parse import quote

from api.context import LARGEST_ANSWER, LARGEST_CLUSTER
from benchmarks.loopback import Loopback
from benchmarks.resolved_graph import JOINED, JOURNEY, email_of, profile_id
from benchmarks.stage import Stage
from graph.clusters import _IDENTIFIERS, _RECORDS
from graph.facts import Identifier
from graph.identifiers import identifier_key
from graph.journeys import JourneyPage, _statement
from graph.lookup import _HOLDERS
from graph.moments import EARLIEST, LATEST
from graph.profiles import _READ, LARGEST_HEIRS
from graph.segment_previews import _BEFORE, _COUNT, _SAMPLE
from graph.segments import _OF_PROFILES
from insight.segments import define_segments, definition_now

THEN = JOINED - timedelta(days=190)
SAMPLE = 5
_RULE: Mapping[str, Any] = MappingProxyType(
    {"touchpoints": {"types": ["purchase"]}, "revenue_at_least": 60.0}
)
_BUYERS = {
    "description": "Buyers.",
    "rule": {"touchpoints": {"types": ["purchase"], "revenueAtLeast": 60.0}},
}
"""The same segment, as the configuration and as GraphQL write it."""

LOOK_UP = """
query Who($email: String!) {
  lookup(kind: "email", value: $email) {
    outcome reason profileCount
    profiles {
      id kind recordCount createdAt updatedAt retiredAt
      attributes { givenName surname birthDate street houseNumber city postcode }
    }
  }
}
"""
PROFILE = """
query Profile($id: ID!) {
  profile(id: $id) {
    id kind recordCount createdAt updatedAt retiredAt redirectedFrom heirs { profileId }
    attributes { givenName surname birthDate street houseNumber city postcode }
  }
}
"""
PAGE = """
query Page($id: ID!) {
  profile(id: $id) {
    id kind recordCount updatedAt
    golden { attribute value source rule observedAt alternatives { value source } }
    identifiers { kind value state }
    journey(first: 20) { edges { node { occurredAt type channel campaign revenue properties } } }
    segments { segment since cause }
  }
}
"""
PAGE_THEN = """
query Then($id: ID!, $then: DateTime!) {
  profile(id: $id) {
    id
    cluster(asOf: $then) { records { key source memberSince } identifiers { kind value } }
    journey(first: 20, asOf: $then) { edges { node { occurredAt type channel campaign revenue properties } } }
    segments(asOf: $then) { segment since cause }
  }
}
"""
PREVIEW = """
query Try($segment: SegmentInput!) {
  previewSegment(segment: $segment) { count of sample { id recordCount attributes { city } } }
}
"""

Ask = Callable[[int], Awaitable[Any]]
"""Asks about the person of this number."""
Bare = Callable[[Stage, int], Awaitable[Any]]


@dataclass(frozen=True)
class Question:
    """What is asked: by whoever does without Onefold, and as Onefold's interfaces take it.

    `about` are GraphQL's variables, `path` is that of REST, where REST has the question.
    """

    name: str
    bare: Bare
    document: str
    about: Callable[[int], dict[str, Any]]
    path: Callable[[int], str] | None = None
    journeys: bool = False
    callers: tuple[int, ...] = (1, 8)

    def without(self, stage: Stage) -> Ask:
        """The bare driver's way."""
        return lambda number: self.bare(stage, number)

    def by_rest(self, connection: Loopback) -> Ask:
        """The way of REST."""
        assert self.path
        path = self.path

        async def ask(number: int) -> Any:
            return json.loads(await connection.get(path(number)))

        return ask

    def by_graphql(self, connection: Loopback) -> Ask:
        """The way of GraphQL; raises RuntimeError for an answer with errors."""

        async def ask(number: int) -> Any:
            body = json.dumps({"query": self.document, "variables": self.about(number)}).encode()
            answer = json.loads(await connection.post("/graphql", body))
            if "errors" in answer:
                raise RuntimeError(str(answer["errors"]))
            return answer["data"]

        return ask


async def _run(stage: Stage, query: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    async with stage.driver.session() as session:
        return await (await session.run(query, parameters)).data()


async def _look_up(stage: Stage, number: int) -> Any:
    key = identifier_key(Identifier("email", email_of(number)), stage.graph.salt)
    return await _run(stage, _HOLDERS, keys=[key], limit=LARGEST_ANSWER, ever=EARLIEST)


async def _profile(stage: Stage, number: int) -> Any:
    return await _run(stage, _READ, ids=[profile_id(number)], largest=LARGEST_HEIRS)


def _parts(stage: Stage, number: int, as_of: datetime) -> list[Awaitable[Any]]:
    """What a page shows beside the profile itself."""
    asked: dict[str, Any] = {"profile_ids": [profile_id(number)], "as_of": as_of}
    page = JourneyPage(JOURNEY + 1, as_of=as_of)
    rows = [{"n": 0, "profile_id": profile_id(number), "at": LATEST, "key": ""}]
    window = {"since": EARLIEST, "until": LATEST, "types": None, "channels": None, "as_of": as_of}
    return [
        _run(stage, _IDENTIFIERS, **asked, limit=LARGEST_CLUSTER),
        _run(stage, _statement(page), rows=rows, size=page.size, **window),
        _run(stage, _OF_PROFILES, **asked),
    ]


async def _page(stage: Stage, number: int) -> Any:
    return await _profile(stage, number), await asyncio.gather(*_parts(stage, number, LATEST))


async def _page_then(stage: Stage, number: int) -> Any:
    asked: dict[str, Any] = {"profile_ids": [profile_id(number)], "as_of": THEN}
    records = _run(stage, _RECORDS, **asked, limit=LARGEST_CLUSTER)
    return await _profile(stage, number), await asyncio.gather(records, *_parts(stage, number, THEN))


async def _preview(stage: Stage, _number: int) -> Any:
    definition = define_segments({"buyers": {"description": "Buyers.", "rule": dict(_RULE)}})["buyers"]
    tried = definition_now("buyers", definition)
    parameters = tried.parameters()
    fits = _BEFORE + " AND (" + tried.condition + ")"
    return await asyncio.gather(
        _run(stage, _BEFORE + _COUNT, **parameters),
        _run(stage, fits + _COUNT, **parameters),
        _run(stage, fits + _SAMPLE, **parameters, size=SAMPLE),
    )


def _by_id(number: int) -> dict[str, Any]:
    return {"id": profile_id(number)}


QUESTIONS = (
    Question(
        "look-up",
        _look_up,
        LOOK_UP,
        lambda number: {"email": email_of(number)},
        lambda number: f"/v1/lookup?email={quote(email_of(number))}",
    ),
    Question(
        "profile",
        _profile,
        PROFILE,
        _by_id,
        lambda number: f"/v1/profiles/{profile_id(number)}",
    ),
    Question("profile page", _page, PAGE, _by_id, journeys=True),
    Question(
        "page asOf",
        _page_then,
        PAGE_THEN,
        lambda number: {**_by_id(number), "then": THEN.isoformat()},
        journeys=True,
    ),
    Question("segment preview", _preview, PREVIEW, lambda _: {"segment": _BUYERS}, callers=(1,)),
)
