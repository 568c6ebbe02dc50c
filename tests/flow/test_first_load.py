"""A first load through the offline importer ends where loading online and resolving ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest

from api.first_load import staged_resolver
from graph.connection import Graph, open_graph
from graph.embedded import stop_embedded
from graph.progress import silent
from graph.server import Home
from graph.settings import GraphSettings
from loaders.load import load_feeds, read_feed
from loaders.mapping import read_mapping
from loaders.settings import LoadSettings
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings
from tests.faults.installation import Installation

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
SETTINGS = ResolutionSettings()
AT = datetime(2025, 1, 1, 12, 30, tzinfo=UTC)

_NODES = """
MATCH (n) WHERE NOT n:Lease AND NOT n:ResolveRun // what was done, not what came of it
RETURN labels(n) AS labels, properties(n) AS node
"""
_RELATIONSHIPS = """
MATCH (a)-[e]->(b)
RETURN type(e) AS type, coalesce(a.key, a.id) AS start, coalesce(b.key, b.id) AS end, properties(e) AS edge
"""
_EMPTY = "MATCH (n) WHERE NOT n:Installation WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS deleted"
_FORGET = "MATCH (n:Installation) REMOVE n.configuration"
_MOMENTS = {
    "changed_in",
    "number",
    "created_at",
    "updated_at",
    "resolved_at",
    "published_at",
    "last_loaded_at",
    "at",
}


OWN = {
    "tablet.csv": "id,at,user,device\n1,2025-03-01T01:00Z,,t1\n2,2025-03-01T02:00Z,ann,t1\n3,2025-03-01T03:00Z,,t1\n"
    "4,2025-03-01T04:00Z,ben,t1\n5,2025-03-01T05:00Z,,t1\n6,2025-03-01T06:00Z,ben,t2\n5,2025-03-01T05:00Z,,t1\n",
    "tablet.toml": """
[source]
name = "tablet"
[record]
first_of = ["user", "device"]
[identifiers]
user_id = "user"
device = "device"
[touchpoint]
id = "id"
occurred_at = "at"
type = { fixed = "view" }
""",
    "people.csv": "id,first,last,mail,shirt,op,news,until\n1,Ada,Byron,ada@example.org,red,,yes,\n"
    "2,Bob,,bob@example.org,,,no,\n1,Ada,King,,blue,,yes,\n3,Eve,Moneypenny,eve@example.org,,,yes,2030-01-01\n"
    "3,,,,,D,,\n4,,,,,D,,\n2,Bob,,bob@example.org,,,perhaps,\n2,Bob,,bob@example.org,,,Unsubscribed,\n",
    "people.toml": """
[source]
name = "shop"
[record]
id = "id"
deleted = { column = "op", values = ["D"] }
[attributes]
given_name = { column = "first", verified = true }
surname = "last"
shirt = "shirt"
[identifiers]
email = "mail"
[consents]
newsletter = { column = "news", expires_at = "until" }
""",
    "visits.csv": "id,at,who,phone,shirt,town\n1,2025-03-01,1,+49301234567,green,Bonn\n2,2025-03-02,7,,,Trier\n"
    "3,2025-03-03,7,+49301234568,red,Ulm\n1,2025-03-01,7,,,\n",
    "visits.toml": """
[source]
name = "shop"
[record]
id = "who"
[attributes]
city = "town"
shirt = "shirt"
[identifiers]
phone = "phone"
[touchpoint]
id = "id"
occurred_at = "at"
type = { fixed = "visit" }
""",
}


class Then(datetime):
    """A clock that stands still: profile ids depend on when a record was accepted."""

    @classmethod
    def now(cls, tz=None):
        return AT


@pytest.fixture(scope="module")
async def graph(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Graph]:
    """A graph of this module's own, whose store may be replaced."""
    settings = GraphSettings(
        data_dir=tmp_path_factory.mktemp("first"), heap_mb=512, page_cache_mb=64, neo4j_uri=None
    )
    try:
        async with open_graph(settings) as opened:
            yield opened
    finally:
        stop_embedded(settings)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Records, some of their events, a tablet that two people share, and statements that contradict each other."""
    folder = tmp_path_factory.mktemp("files")
    for name, rows in (("records", 1_500), ("events", 800)):
        table = pq.read_table(EXAMPLES / "cdp_sample" / f"{name}.parquet")
        pq.write_table(table.slice(0, rows), folder / f"{name}.parquet")
    for name, text in OWN.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [
        (folder / "records.parquet", EXAMPLES / "cdp_sample_records.toml"),
        (folder / "events.parquet", EXAMPLES / "cdp_sample_events.toml"),
        (folder / "tablet.csv", folder / "tablet.toml"),
        (folder / "people.csv", folder / "people.toml"),
        (folder / "visits.csv", folder / "visits.toml"),
    ]


async def empty(graph: Graph) -> None:
    while (await graph.write(_EMPTY))[0]["deleted"]:
        pass
    await graph.write(_FORGET)


async def load(graph: Graph, files, *, offline: bool, progress=silent):
    feeds = [read_feed(file, read_mapping(mapping)) for file, mapping in files]
    settings = LoadSettings(import_rows=1 if offline else 10**9)
    return await load_feeds(graph, feeds, settings, progress, staged_resolver(SETTINGS, graph.salt, silent))


def comparable(labels, node):
    """Labels and properties without what tells when something was believed; ledger entries have random ids."""
    aside = _MOMENTS | {"id", "schema_version"} if "IdentityEvent" in labels else _MOMENTS
    told = {
        name: value
        for name, value in node.items()
        if name not in aside or (name == "updated_at" and "SourceRecord" in labels)
    }
    return sorted(labels), sorted(told.items())


async def contents(graph: Graph):
    nodes = sorted(str(comparable(row["labels"], row["node"])) for row in await graph.read(_NODES))
    edges = [
        (
            row["type"],
            row["start"],
            row["end"],
            sorted(item for item in row["edge"].items() if row["type"] != "RESOLVES_TO"),
        )
        for row in await graph.read(_RELATIONSHIPS)
    ]
    return nodes, sorted(map(str, edges))


async def test_the_importer_ends_where_loading_and_resolving_ends(graph, files, monkeypatch) -> None:
    monkeypatch.setattr("loaders.load.datetime", Then)
    imported = await load(graph, files, offline=True)
    assert imported.imported
    nothing = await resolve(graph, SETTINGS)
    assert (nothing.touched, nothing.created, nothing.merged) == (0, 0, 0)
    found = await contents(graph)
    schema = await graph.read("SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name")

    await empty(graph)
    online = await load(graph, files, offline=False)
    assert not online.imported
    await resolve(graph, SETTINGS)
    expected = await contents(graph)
    assert [one for one in expected[0] if one not in set(found[0])] == []
    assert found[0] == expected[0]
    assert found[1] == expected[1]
    assert schema == await graph.read("SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name")
    assert {state["state"] for state in schema} == {"ONLINE"}
    told = ("lines", "applied", "duplicate", "rejected", "failed", "records", "touchpoints")
    assert {name: getattr(imported, name) for name in told} == {name: getattr(online, name) for name in told}


async def test_a_killed_import_leaves_the_empty_graph_and_is_run_again(graph, files, monkeypatch) -> None:
    await empty(graph)
    monkeypatch.setenv("ONEFOLD_LOAD_IMPORT_ROWS", "1")
    command = ("load", str(files[0][0]), "--mapping", str(files[0][1]))
    process = Installation(graph.settings, graph).start(*command)
    store = Home.of(graph.settings).path / "import"
    while not (store / "console.log").exists():
        assert process.poll() is None, process.communicate()
        await asyncio.sleep(0.02)
    importers = [one for one in psutil.process_iter(["cmdline"]) if f"@{store}/java.args" in _line(one)]
    process.kill()
    process.communicate()
    assert importers
    assert psutil.wait_procs(importers, timeout=30)[1] == [], "the importer outlives whoever started it"
    assert await graph.read("MATCH (n:SourceRecord|Profile) RETURN n LIMIT 1") == []

    report = await load(graph, files[:1], offline=True)
    assert (report.imported, report.applied) == (True, 1_500)
    assert (await resolve(graph, SETTINGS)).touched == 0
    assert not store.exists()
    again = await load(graph, files[:1], offline=True)
    assert (again.imported, again.duplicate) == (False, 1_500), "a graph that holds facts is loaded online"


def _line(process: psutil.Process) -> list[str]:
    return process.info["cmdline"] or []
