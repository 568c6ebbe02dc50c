"""Through the real graph: why two records are one, how a profile came together, why a record is in it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.access import Viewer
from api.context import Context, Services
from api.execution import Executor, GraphQLRequest
from api.schema import build_schema
from api.settings import ApiSettings
from graph.errors import InputError, NotFoundError
from graph.facts import Identifier, SourceRecord
from graph.records import write_records
from graph.sources import Source, write_sources
from graph.vocabulary import Outcome, RecordKind, Role
from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.assembly import how_profile
from resolution.belonging import why_record_in_profile
from resolution.cluster_health import cluster_health
from resolution.pairs import why_records
from resolution.publishing import model_in_force
from resolution.resolve import resolve
from resolution.sentences import pair_sentences
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = ResolutionSettings()
DAWN = datetime(2025, 1, 1, tzinfo=UTC)


def person(key, *ids, kind=RecordKind.PERSON, **attributes):
    source, _, number = key.partition(":")
    held = tuple(Identifier(*one) for one in ids)
    return SourceRecord(source, number, kind, attributes, held, content_hash=f"{key}{ids}")


ADA = {"given_name": "Ada", "surname": "Lovelace", "birth_date": "1985-12-10", "postcode": "W1"}
MAIL = ("email", "ada@example.org")


async def test_every_stored_edge_is_explained_by_its_weight(graph):
    mapping = read_mapping(EXAMPLES / "splink_fake_1000.toml")
    mapper = RowMapper(mapping, graph.salt)
    rows = open_rows(EXAMPLES / "splink_fake_1000" / "fake_1000.csv").rows
    await write_records(graph, [mapper.facts(row).record for row in rows], DAWN)
    await resolve(graph, SETTINGS)
    edges = await graph.read(
        "MATCH (l:SourceRecord)-[e:MATCHES]->(r:SourceRecord) RETURN l.key AS l, r.key AS r, e.weight AS w,"
        " e.probability AS p ORDER BY l, r"
    )
    for edge in edges[:: len(edges) // 60]:
        found = await why_records(graph, edge["l"], edge["r"], SETTINGS)
        assert found.compared
        assert found.waterfall.weight == pytest.approx(edge["w"], abs=1e-6)
        assert found.waterfall.probability == pytest.approx(edge["p"], abs=1e-9)
    largest = await graph.read(
        "MATCH (p:Profile) RETURN p.id AS id ORDER BY p.record_count DESC, id LIMIT 40"
    )
    healths = await cluster_health(graph, [row["id"] for row in largest], SETTINGS)
    for row in largest:
        assembled = await how_profile(graph, row["id"], SETTINGS)
        assert assembled.replay.up_to_date
        assert len(assembled.steps) == len(assembled.replay.stored) - 1
        shape = healths[row["id"]]
        assert shape.record_count == len(assembled.replay.members)
        assert shape.tie_count == len(assembled.replay.ties)
        stored = await graph.read("MATCH (p:Profile {id: $id}) RETURN p {.*} AS p", id=row["id"])
        golden = assembled.steps[-1].golden
        assert {name: golden[name].chosen.value for name in golden} == {
            name: value for name, value in stored[0]["p"].items() if name in golden
        }


@pytest.fixture
async def resolved(graph):
    await write_records(
        graph,
        [
            person("crm:1", MAIL, **ADA),
            person("shop:1", MAIL, ("email", "countess@example.org"), **ADA | {"surname": "Lovelacce"}),
            person("crm:2", MAIL, **ADA | {"given_name": "Ralph", "birth_date": "1950-01-02"}),
            person("web:1", MAIL, ("device", "d1")),
            person("web:v", ("device", "d1"), kind=RecordKind.VISITOR),
            person("news:1", ("email", "countess@example.org")),
            person("crm:3", given_name="Grace", surname="Hopper", generation="jr"),
            person("crm:4", given_name="Grace", surname="Hopper", generation="sr"),
            person(
                "crm:5", given_name="\u001b[31mEve\u202e", surname="'; DROP [bold]", birth_date="1990-01-01"
            ),
        ],
        DAWN,
    )
    await write_sources(graph, [Source("web", authenticated=False)])
    await resolve(graph, SETTINGS)
    return graph


async def told(graph, left, right):
    found = await why_records(graph, left, right, SETTINGS)
    return found, " ".join(pair_sentences(found))


async def test_a_match_names_what_speaks_for_it(resolved):
    found, text = await told(resolved, "crm:1", "shop:1")
    assert (found.outcome, found.together, found.compared) == (Outcome.MATCH, True, True)
    assert text.startswith("These records are taken for one: same ")
    assert "The shared email links them (+10.0" in text
    assert "They are in one profile today." in text


async def test_a_guard_that_disagrees_is_named(resolved):
    found, text = await told(resolved, "crm:1", "crm:2")
    assert found.outcome is Outcome.NO_MATCH
    assert "The shared email does not link them: the given names disagree." in text
    assert "against it: " in text or "not taken for one: " in text


async def test_a_claimed_source_and_a_device_link_nobody(resolved):
    assert "the source web only claims its contacts" in (await told(resolved, "crm:1", "web:1"))[1]
    assert "a device joins visitors" in (await told(resolved, "web:1", "web:v"))[1]


async def test_what_was_never_compared_is_explained_all_the_same(resolved):
    found, text = await told(resolved, "crm:1", "crm:3")
    assert not found.compared
    assert found.outcome is Outcome.NO_MATCH
    assert len(found.waterfall.reasons) == len(found.model.levels)
    assert "No blocking rule joins them" in text


async def test_constraints_and_crowded_blocks_are_named(resolved, monkeypatch):
    found, text = await told(resolved, "crm:3", "crm:4")
    assert found.objections == ("different generations",)
    assert "They may not be in one profile: different generations." in text
    model = replace(await model_in_force(resolved), block_limit=1)

    async def crowded(_graph):
        return model

    monkeypatch.setattr("resolution.pairs.model_in_force", crowded)
    found, text = await told(resolved, "crm:3", "crm:4")
    assert all(block.crowded for block in found.blocks)
    assert "They were never compared. The blocks " in text
    assert "are too crowded to be compared" in text


async def test_a_pair_that_is_none_is_refused(resolved):
    with pytest.raises(NotFoundError, match="right"):
        await why_records(resolved, "crm:1", "crm:99", SETTINGS)
    with pytest.raises(InputError):
        await why_records(resolved, "crm:1", "crm:1", SETTINGS)
    with pytest.raises(NotFoundError):
        await why_record_in_profile(resolved, "crm:99", SETTINGS)
    with pytest.raises(NotFoundError):
        await how_profile(resolved, "nobody", SETTINGS)


async def test_changed_facts_make_the_answer_say_so(resolved):
    before = await why_record_in_profile(resolved, "news:1", SETTINGS)
    assert before.replay.up_to_date
    assert [link.identifier.kind for link in before.path[0].links] == ["email"]
    assert before.path[0].weight >= before.path[0].links[0].weight == 6.0
    await write_records(resolved, [person("news:1", ("email", "duchess@example.org"))])
    after = await how_profile(resolved, before.replay.profile_id, SETTINGS)
    assert after.replay.pending_count == 1
    assert not after.replay.up_to_date
    assert "1 record waits to be resolved" in after.sentence


QUERY = """
query ($left: ID!, $right: ID!, $record: ID!, $profile: ID!) {
  whyRecords(left: $left, right: $right) {
    left { key profileId } outcome sameProfile compared sentences probability
    reasons { comparison level left { shown compared } m u termFrequencyAdjustment weight total }
    blocks { rule name crowded } identifiers { kind state weight whyNot } objections conflicts { reason }
    judgements { verdict }
  }
  whyRecordInProfile(record: $record) {
    founder sentence path { sentence weight } bridges { left } cut { right } leaving
  }
  howProfile(id: $profile) {
    sentence upToDate pendingCount
    steps { kind sentence weight left { recordKeys name } strongest { links { kind weight } } attributes { surname } }
  }
  profile(id: $profile) { cluster { health {
    sentence recordCount tieCount density diameter bridges { left } articulationRecords weakestLink { sentence }
    conflicts { reason } givenNameCount birthDateCount postcodeCount figures
  } } }
}
"""


async def answer(graph, role, **variables):
    executor = Executor(build_schema(), ApiSettings())
    request = GraphQLRequest(QUERY, variables, None)
    _, found = await executor.answer(request, Context(Services.of(graph), Viewer("key", role)))
    return found


async def test_graphql_answers_all_of_it(resolved):
    home = (await why_records(resolved, "crm:1", "shop:1", SETTINGS)).left.profile_id
    asked = {"left": "crm:1", "right": "crm:5", "record": "news:1", "profile": home}
    found = await answer(resolved, Role.CRM, **asked)
    assert "errors" not in found
    data = found["data"]
    ours = [
        one["left"]["compared"] for one in data["whyRecords"]["reasons"] if one["comparison"] == "given_name"
    ]
    assert ours == ["ada"]
    assert data["howProfile"]["upToDate"]
    assert data["howProfile"]["steps"][0]["strongest"]["links"][0]["kind"] == "email"
    health = data["profile"]["cluster"]["health"]
    assert health["recordCount"] == health["figures"]["records"] == 3
    assert health["articulationRecords"] == ["shop:1"]
    refused = await answer(resolved, Role.ANALYST, **asked)
    codes = {error["path"][0]: error["extensions"]["code"] for error in refused["errors"]}
    assert codes["whyRecords"] == "permission_denied"
