"""The console script's contract: one JSON object on stdout, sentences on stderr, exit codes."""

import asyncio
import csv
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from graph.connection import Graph
from graph.settings import GraphSettings

ONEFOLD = Path(sys.executable).with_name("onefold")

MAPPING = """
[source]
name = "crm"
[record]
id = "id"
without_id = "reject"
[attributes]
given_name = "first"
surname = "last"
birth_date = "born"
city = "town"
[identifiers]
email = "email"
"""
ROWS = """id,first,last,born,town,email
1,Ada,Lovelace,1985-12-10,London,ada@example.org
2,Ada,Lovelace,1985-12-10,London,ada@example.org
3,Bob,Marsh,1970-01-02,Leeds,bob@example.org
,Nobody,,,,
"""
SEGMENTS = """
[segments.londoners]
description = "Live in London"
rule = { attribute = "city", equals = "london" }
"""


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
async def environment(graph: Graph, graph_settings: GraphSettings, tmp_path: Path) -> dict[str, str]:
    """The environment of a command on the emptied graph of the tests, in an empty folder."""
    (tmp_path / "crm.csv").write_text(ROWS)
    (tmp_path / "crm.toml").write_text(MAPPING)
    (tmp_path / "onefold.toml").write_text(SEGMENTS)
    given = {**os.environ, "ONEFOLD_DATA_DIR": str(graph_settings.data_dir)}
    if graph_settings.neo4j_uri:
        given["ONEFOLD_NEO4J_URI"] = graph_settings.neo4j_uri
        given["ONEFOLD_NEO4J_PASSWORD"] = graph_settings.neo4j_password.get_secret_value()
    return given


@pytest.fixture
async def run(environment: dict[str, str], tmp_path: Path) -> Run:
    async def onefold(*arguments: str) -> Ran:
        process = await asyncio.create_subprocess_exec(
            ONEFOLD, *arguments, cwd=tmp_path, env=environment, stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    return onefold


@pytest.mark.flow
@pytest.mark.store
async def test_from_a_file_to_an_answer(run: Run, tmp_path: Path) -> None:
    loaded = await run("load", "crm.csv", "--mapping", "crm.toml", "--json")
    assert (loaded.code, loaded.err) == (0, "")
    counts = loaded.json
    assert counts.keys() >= {"lines", "accepted", "duplicate", "rejected", "applied", "pending", "failed"}
    assert (counts["lines"], counts["records"], counts["touchpoints"]) == (4, 3, 0)
    assert counts["lines"] == counts["accepted"] + counts["duplicate"] + counts["rejected"]

    resolved = (await run("resolve", "--json")).json
    assert (resolved["records"], resolved["profiles"], resolved["created"]) == (3, 2, 2)
    assert {"read", "match", "cluster", "write", "total"} <= set(resolved["seconds"])

    found = (await run("lookup", "email", "ada@example.org", "--json")).json
    assert (found["outcome"], found["profiles"][0]["record_count"]) == ("MATCH", 2)
    assert "MATCH" in (await run("lookup", "email", "ada@example.org")).out

    exported = await run("export", "clusters", "out.csv", "--json")
    assert exported.json["rows"] == 3
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0].keys() == {"source", "record_id", "profile_id", "valid_from", "valid_until"}
    await run("export", "clusters", "out.parquet")
    as_text = [
        {name: value or "" for name, value in row.items()}
        for row in pq.read_table(tmp_path / "out.parquet").to_pylist()
    ]
    assert as_text == rows

    (tmp_path / "truth.csv").write_text("source,record_id,person_id\ncrm,1,a\ncrm,2,a\ncrm,3,b\n")
    figures = (await run("evaluate", "truth.csv", "--json")).json
    assert figures["pairwise"] == {"precision": 1, "recall": 1, "f1": 1}
    assert (figures["clusters"], figures["largest"]) == (2, 2)
    assert (figures["graph_records"], figures["strata"]) == (3, {})
    assert figures["estimates"]["pairwise"]["f1"]["value"] == 1


@pytest.mark.flow
@pytest.mark.store
async def test_a_row_that_could_not_be_used_is_mended_and_a_source_read_anew(
    run: Run, tmp_path: Path
) -> None:
    await run("load", "crm.csv", "--mapping", "crm.toml")
    listed = (await run("quarantine", "list", "--json")).json
    assert listed["counts"] == {"record_id_missing": 1}
    [row] = listed["rows"]
    assert "Nobody" not in json.dumps(listed)

    mended = await run("quarantine", "mend", row["key"], '{"id": "4", "first": "Cy"}', "--json")
    assert mended.json == {"released": 1, "waiting": 0, "rows": []}
    assert (await run("quarantine", "mend", row["key"], "{}")).code == 1

    [source] = (await run("sources", "--json")).json["sources"]
    assert (source["name"], source["rows"], source["rejected_share"]) == ("crm", 4, 0.25)
    assert {"column": "first", "mapped_to": "attributes.given_name", "fill_rate": 1.0} in source["fields"]
    assert "attributes.given_name" in (await run("sources", "crm")).out

    (tmp_path / "new.toml").write_text(MAPPING.replace('"id"', '"email"'))
    remapped = (await run("remap", "crm", "--mapping", "new.toml", "--json")).json
    assert (remapped["lines"], remapped["records"], remapped["records_removed"]) == (5, 2, 4)


@pytest.mark.flow
@pytest.mark.store
async def test_a_preview_writes_nothing(run: Run, graph: Graph) -> None:
    shown = (await run("preview", "crm.csv", "--mapping", "crm.toml", "--json")).json["rows"]
    assert [(one["line"], one["usable"], one["code"]) for one in shown[2:]] == [
        (4, True, None),
        (5, False, "record_id_missing"),
    ]
    assert (shown[0]["written"]["first"], shown[0]["attributes"]["given_name"]) == ("Ada", "Ada")
    assert "could be" not in (await run("preview", "crm.csv", "--mapping", "crm.toml", "--rows", "1")).out
    assert await graph.read("MATCH (n) WHERE NOT n:Installation AND NOT n:Lease RETURN n") == []


@pytest.mark.flow
@pytest.mark.store
async def test_a_suppressed_identifier_is_kept_out(run: Run) -> None:
    added = await run("suppress", "add", "email", "Ada@Example.org", "--reason", "objection", "--json")
    assert added.json == {"suppressed": 1, "given": 1}
    listed = (await run("suppress", "list", "--json")).json["suppressions"]
    assert [(one["kind"], one["reason"]) for one in listed] == [("email", "objection")]
    loaded = (await run("load", "crm.csv", "--mapping", "crm.toml", "--json")).json
    assert (loaded["records"], loaded["rejected"]) == (1, 3)
    assert (await run("quarantine", "list", "--json")).json["counts"]["suppressed"] == 2
    assert (await run("suppress", "remove", "email", "ada@example.org", "--json")).json["removed"] == 1
    assert (await run("load", "crm.csv", "--mapping", "crm.toml", "--json")).json["records"] == 2
    refused = await run("suppress", "add", "email", "nonsense", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "input_unusable")
    assert "nonsense" not in refused.err


@pytest.mark.flow
@pytest.mark.store
async def test_a_report_for_a_sample_of_people(run: Run, tmp_path: Path) -> None:
    await run("load", "crm.csv", "--mapping", "crm.toml")
    await run("resolve")
    sample = "source,record_id,person_id,stratum\ncrm,1,a,famous;British\ncrm,2,a,\n"
    (tmp_path / "sample.csv").write_text(sample)
    told = (await run("evaluate", "sample.csv", "--report", "report.json")).out
    assert "estimates" in told
    assert "famous" in told
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["records"], report["graph_records"]) == (2, 3)
    assert report["strata"].keys() == {"famous", "British"}
    rules = {rule["name"]: rule for rule in report["blocking"]["rules"]}
    assert report["blocking"]["completeness"] == 1
    assert (rules["email"]["found"], rules["email"]["candidates"]) == (1, 1)
    assert rules["block_surname"]["found"] == 1
    assert report["calibration"]["pairs"] == 1
    assert report["mistakes"]["overmerged"] == report["mistakes"]["torn"] == []
    await run("evaluate", "sample.csv", "--report", "report.html")
    assert "<svg" in (tmp_path / "report.html").read_text()
    refused = await run("evaluate", "sample.csv", "--report", "report.pdf", "--json")
    assert (refused.code, "input_unusable" in refused.err + refused.out) == (1, True)

    assert (await run("segments", "refresh", "--json")).code == 0
    doctor = (await run("doctor", "--json")).json
    assert (doctor["ok"], doctor["counts"]["records"], doctor["counts"]["pending"]) == (True, 3, 0)


@pytest.mark.store
async def test_keys(run: Run) -> None:
    made = (await run("key", "create", "--role", "crm", "--json")).json
    assert made.keys() == {"key", "id", "role"}
    listed = await run("key", "list", "--json")
    assert [key["id"] for key in listed.json["keys"]] == [made["id"]]
    assert made["key"] not in listed.out
    assert (await run("key", "revoke", made["id"], "--json")).json["state"] == "revoked"
    missing = await run("key", "revoke", "key_none", "--json")
    assert (missing.code, missing.json["error"]["code"]) == (1, "not_found")


@pytest.mark.store
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["lookup", "email", "no address"], "input_unusable"),
        (["lookup", "email"], "usage"),
        (["load", "nothing.csv", "--mapping", "crm.toml"], "usage"),
        (["load", "crm.csv", "--mapping", "crm.csv"], "mapping_invalid"),
        (["export", "clusters", "out.xlsx"], "input_unusable"),
        (["evaluate", "crm.csv"], "input_unusable"),
        (["key", "create", "--role", "king"], "usage"),
        (["resolve", "--config", "crm.csv"], "configuration_invalid"),
        (["nonsense"], "usage"),
        (["train"], "input_unusable"),
    ],
)
async def test_failures_are_one_sentence_and_one_object(run: Run, arguments: list[str], code: str) -> None:
    failed = await run(*arguments, "--json")
    assert failed.code != 0
    assert failed.err.startswith("onefold: ")
    assert len(failed.err.splitlines()) == 1
    assert failed.json == {
        "error": {"code": code, "message": failed.err.removeprefix("onefold: ").rstrip("\n")}
    }


@pytest.mark.store
async def test_without_json_a_failure_leaves_stdout_empty(run: Run) -> None:
    failed = await run("lookup", "email", "no address")
    assert (failed.code, failed.out) == (1, "")


@pytest.mark.store
async def test_serve_answers_until_told_to_stop(
    environment: dict[str, str], run: Run, tmp_path: Path
) -> None:
    key = (await run("key", "create", "--role", "crm", "--json")).json["key"]
    process = await asyncio.create_subprocess_exec(
        ONEFOLD, "serve", "--port", "0", "--json", cwd=tmp_path, env=environment, stdout=-1, stderr=-1
    )
    assert process.stdout is not None
    address = json.loads(await process.stdout.readline())["address"]
    async with httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {key}"}) as client:
        await wait_until_live(client)
        answer = await client.get("/v1/lookup", params={"email": "private@example.org"})
        assert answer.json()["outcome"] == "NO_MATCH"
        assert (await client.get("/graphql")).status_code == 405
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert b"/v1/lookup" in err
    assert b"private" not in err


async def wait_until_live(client: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            if (await client.get("/health/live")).status_code == 200:
                return
        except httpx.ConnectError:
            await asyncio.sleep(0.05)
    raise AssertionError


@pytest.mark.store
async def test_a_port_in_use_is_said_so(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = await run("serve", "--port", str(taken.getsockname()[1]), "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "configuration_invalid")


@pytest.mark.store
async def test_version_starts_no_graph(run: Run) -> None:
    assert (await run("version", "--json")).json.keys() == {"version"}
    assert "load" in (await run("--help")).out
