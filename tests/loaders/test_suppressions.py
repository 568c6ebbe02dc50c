"""The copy of the suppression list follows the graph, and answers without it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.errors import SuppressionError
from graph.facts import Identifier
from graph.identifiers import clean_identifier, identifier_key
from graph.suppressions import lift_suppressions, read_suppressions, suppress
from graph.transactions import Graph
from loaders.suppressions import Suppressions

AT = datetime(2026, 3, 1, tzinfo=UTC)
ADA = clean_identifier("email", " Ada@Example.org ")
BOB = clean_identifier("email", "bob@example.org")
PHONE = clean_identifier("phone", "+49 30 901820")


@pytest.fixture
def suppressions(tmp_path: Path) -> Iterator[Suppressions]:
    with Suppressions.open(tmp_path) as opened:
        yield opened


async def say(graph: Graph, *identifiers: Identifier) -> int:
    return await suppress(graph, identifiers, author="key_1", reason="objection", at=AT)


def content_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_an_empty_copy_refuses_nothing(suppressions: Suppressions) -> None:
    assert suppressions.among([ADA, BOB]) == frozenset()


@pytest.mark.store
async def test_the_copy_follows_the_graph(graph: Graph, suppressions: Suppressions, tmp_path: Path) -> None:
    assert await say(graph, ADA, PHONE) == 2
    assert await say(graph, ADA) == 0, "said twice, listed once"
    await suppressions.refresh(graph)
    assert suppressions.among([ADA, BOB, PHONE]) == {ADA, PHONE}
    with Suppressions.open(tmp_path) as other:
        assert other.among([ADA]) == {ADA}, "another process, without the graph"
        assert await lift_suppressions(graph, [identifier_key(ADA, graph.salt)], AT) == 1
        await other.refresh(graph)
    assert suppressions.among([ADA, PHONE]) == {PHONE}
    await say(graph, ADA)
    await suppressions.refresh(graph, older_than=60)
    assert suppressions.among([ADA]) == frozenset(), "followed a moment ago"
    await suppressions.refresh(graph)
    assert suppressions.among([ADA]) == {ADA}


@pytest.mark.store
async def test_the_list_holds_keys_and_no_values(
    graph: Graph, suppressions: Suppressions, tmp_path: Path
) -> None:
    await say(graph, ADA)
    await suppressions.refresh(graph)
    [listed] = await read_suppressions(graph, size=10)
    assert (listed.kind, listed.author, listed.reason, listed.since) == ("email", "key_1", "objection", AT)
    assert listed.key == identifier_key(ADA, graph.salt)
    suppressions.close()
    assert b"ada@" not in content_of(tmp_path)
    assert await read_suppressions(graph, size=10, kind="phone") == []


@pytest.mark.store
async def test_a_copy_of_a_later_state_gives_way_to_a_restored_graph(
    graph: Graph, suppressions: Suppressions
) -> None:
    await say(graph, ADA)
    await say(graph, BOB)
    await suppressions.refresh(graph)
    await graph.write(
        "MATCH (s:Suppression) WHERE s.key = $key DELETE s", key=identifier_key(BOB, graph.salt)
    )
    await graph.write("MATCH (n:Installation) SET n.suppressions_version = n.suppressions_version - 1")
    await suppressions.refresh(graph)
    assert suppressions.among([ADA, BOB]) == {ADA}


@pytest.mark.store
async def test_a_thousand_keys_at_once(graph: Graph, suppressions: Suppressions) -> None:
    many = [Identifier("cookie", f"c{number}") for number in range(1_200)]
    await say(graph, *many[::2])
    await suppressions.refresh(graph)
    assert suppressions.among(many) == set(many[::2])


def test_a_damaged_copy_lets_nothing_through(tmp_path: Path) -> None:
    (tmp_path / "suppressions.sqlite").write_bytes(b"rubbish" * 1000)
    with pytest.raises(SuppressionError, match="not a database"):
        Suppressions.open(tmp_path)
