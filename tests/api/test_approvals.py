"""Approvals from outside: what waits, what it would change, who may answer, and the trail of decisions."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.facts import Identifier, SourceRecord
from graph.models import publish_model
from graph.records import write_records
from graph.vocabulary import RecordKind, Role
from insight.segments import define_segments, refresh_segments
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = pytest.mark.store

CONFIGURATION = """
[stewardship]
approval_exposure = 1.5

[segments.londoners]
description = "Who lives in London"
rule = { attribute = "city", equals = "London" }
"""
_SHOWN = """
  changes {
    moves { recordKey fromProfileId toProfileId } profiles { profileId recordsBefore recordsAfter }
    segments { segment profileId enters }
  }
"""
_RESULT = f"""{{
  applied token approvalNeeded {{ exposure limit }} awaiting {{ id state author exposure limit moved }}
  decision {{ id author approvedBy reason moved profileIds }} {_SHOWN}
}}"""
MERGE = f"""mutation($ids: [ID!]!, $token: String) {{
  result: mergeProfiles(ids: $ids, reason: "seen on paper", token: $token) {_RESULT}
}}"""
UNDO = f"""mutation($id: ID!, $token: String) {{
  result: undoDecision(id: $id, reason: "a mistake", token: $token) {_RESULT}
}}"""
APPROVE = f'mutation($id: ID!) {{ result: approveDecision(id: $id, reason: "I have seen it too") {_RESULT} }}'
DECLINE = """mutation($id: ID!) {
  result: declineDecision(id: $id, reason: "not convinced") { state answer answeredBy }
}"""
APPROVAL = f"query($id: ID!) {{ result: approval(id: $id) {{ state decisionId {_SHOWN} }} }}"
WAITING = "{ approvalsWaiting approvals(state: WAITING) { edges { node { id kind reason } } } }"
DECISIONS = """query($filter: DecisionFilter, $first: Int!, $after: String) {
  result: decisions(filter: $filter, first: $first, after: $after) {
    edges { node { kind author approvedBy } } pageInfo { hasNextPage endCursor }
  }
}"""


@pytest.fixture
async def people(graph):
    """The ids of Ada, Bob and Clara, each in one segment."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    known = [("Ada", "Lovelace"), ("Bob", "Byron"), ("Clara", "Schumann")]
    for number, (name, surname) in enumerate(known, 1):
        ids = (Identifier("email", f"{name.lower()}@example.org"),)
        attributes = {"given_name": name, "surname": surname, "city": "London"}
        one = SourceRecord("crm", str(number), RecordKind.PERSON, attributes, ids, content_hash=str(number))
        await write_records(graph, [one], datetime(2025, 1, number, tzinfo=UTC))
    await resolve(graph, ResolutionSettings())
    rule = {"description": "Who lives in London", "rule": {"attribute": "city", "equals": "London"}}
    await refresh_segments(graph, define_segments({"londoners": rule}))
    rows = await graph.read("MATCH (p:Profile) WHERE p.retired_at IS NULL RETURN p.id AS id ORDER BY id")
    return [row["id"] for row in rows]


@pytest.fixture
async def stewards(graph, tmp_path, people):
    """Two stewards and an analyst, each a function that asks GraphQL."""
    assert len(people) == 3
    (tmp_path / "onefold.toml").write_text(CONFIGURATION)
    transport = httpx.ASGITransport(create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

        async def asking(role):
            key, _ = await issue_key(graph, role)

            async def ask(query, **variables):
                headers = {"authorization": f"Bearer {key}"}
                body = {"query": query, "variables": variables}
                return (await client.post("/graphql", json=body, headers=headers)).json()

            return ask

        yield [await asking(role) for role in (Role.STEWARD, Role.STEWARD, Role.ANALYST)]


def code(answer):
    [error] = answer["errors"]
    return error["extensions"]["code"]


async def asked(ask, query, **variables):
    """The dry run, then the same with its token."""
    shown = (await ask(query, **variables))["data"]["result"]
    done = (await ask(query, **variables, token=shown["token"]))["data"]["result"]
    assert done["changes"] == shown["changes"]
    return shown, done


async def test_above_the_limit_it_waits_and_a_second_steward_carries_out_what_was_shown(
    stewards, people
) -> None:
    ann, ben, _ = stewards
    shown, waits = await asked(ann, MERGE, ids=people[:2])
    assert shown["approvalNeeded"] == {"exposure": 2, "limit": 1.5}
    assert (shown["awaiting"], shown["applied"], waits["applied"]) == (None, False, False)
    waiting = waits["awaiting"]
    assert (waiting["state"], waiting["exposure"], waiting["moved"]) == ("WAITING", 2, 1)
    listed = (await ben(WAITING))["data"]
    assert listed["approvalsWaiting"] == 1
    [edge] = listed["approvals"]["edges"]
    assert edge["node"] == {"id": waiting["id"], "kind": "MERGE", "reason": "seen on paper"}
    preview = (await ben(APPROVAL, id=waiting["id"]))["data"]["result"]
    assert preview["changes"] == shown["changes"]
    assert len(preview["changes"]["segments"]) == 1, "Bob leaves the segment, Ada is in it"
    assert code(await ann(APPROVE, id=waiting["id"])) == "decision_own"
    done = (await ben(APPROVE, id=waiting["id"]))["data"]["result"]
    assert done["applied"]
    assert done["changes"] == shown["changes"]
    assert done["decision"]["author"] == waiting["author"] != done["decision"]["approvedBy"]
    assert (done["decision"]["reason"], done["decision"]["profileIds"]) == ("seen on paper", people[:2])
    after = (await ann(APPROVAL, id=waiting["id"]))["data"]["result"]
    assert after == {"state": "APPROVED", "decisionId": done["decision"]["id"], "changes": None}
    assert code(await ben(APPROVE, id=waiting["id"])) == "approval_answered"


async def test_what_is_declined_or_stale_is_not_done(stewards, people) -> None:
    ann, ben, analyst = stewards
    ada, bob, clara = people
    _, first = await asked(ann, MERGE, ids=[ada, bob])
    _, second = await asked(ann, MERGE, ids=[bob, clara])
    _, third = await asked(ann, MERGE, ids=[ada, clara])
    declined = (await ben(DECLINE, id=third["awaiting"]["id"]))["data"]["result"]
    assert (declined["state"], declined["answer"]) == ("DECLINED", "not convinced")
    await ben(APPROVE, id=first["awaiting"]["id"])
    assert code(await ben(APPROVE, id=second["awaiting"]["id"])) == "decision_stale"
    assert (await ben(APPROVAL, id=second["awaiting"]["id"]))["data"]["result"]["state"] == "STALE"
    assert code(await ben(DECLINE, id=second["awaiting"]["id"])) == "approval_answered"
    assert code(await ben(APPROVE, id="nothing")) == "not_found"
    assert code(await analyst(WAITING)) == "permission_denied"
    assert code(await analyst(APPROVE, id="nothing")) == "permission_denied"


async def test_the_trail_by_author_kind_and_time(stewards, people) -> None:
    ann, ben, _ = stewards
    ada, bob, _ = people
    _, waits = await asked(ann, MERGE, ids=[ada, bob])
    merged = (await ben(APPROVE, id=waits["awaiting"]["id"]))["data"]["result"]["decision"]
    shown, undone = await asked(ben, UNDO, id=merged["id"])
    assert (shown["approvalNeeded"], undone["applied"]) == (None, True), "of one profile, below the limit"

    async def kinds(first=20, after=None, **filters):
        found = (await ann(DECISIONS, filter=filters, first=first, after=after))["data"]["result"]
        return [edge["node"]["kind"] for edge in found["edges"]], found["pageInfo"]

    assert (await kinds())[0] == ["UNDO", "MERGE"]
    page, info = await kinds(first=1)
    assert (page, info["hasNextPage"]) == (["UNDO"], True)
    assert (await kinds(first=1, after=info["endCursor"]))[0] == ["MERGE"]
    assert (await kinds(author=merged["author"]))[0] == ["MERGE"]
    assert (await kinds(author=merged["approvedBy"]))[0] == ["UNDO"]
    assert (await kinds(kind="MERGE"))[0] == ["MERGE"]
    assert (await kinds(kind="LOCK"))[0] == []
    hour = timedelta(hours=1)
    assert len((await kinds(since=(datetime.now(UTC) - hour).isoformat()))[0]) == 2
    assert (await kinds(since=(datetime.now(UTC) + hour).isoformat()))[0] == []
