"""The command that explains a pair: a table that people can read, and JSON; nothing a record says steers a terminal."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import SourceRecord
from graph.records import write_records
from graph.vocabulary import RecordKind
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

ONEFOLD = Path(sys.executable).with_name("onefold")
HOSTILE = "\u001b[31mEve\u202e"


@pytest.fixture
async def why(graph, graph_settings, tmp_path):
    records = [
        SourceRecord(
            "crm", key, RecordKind.PERSON, {"given_name": name, "surname": "O'Neil [bold]"}, content_hash=key
        )
        for key, name in (("1", HOSTILE), ("2", "Eve"))
    ]
    await write_records(graph, records, datetime(2025, 1, 1, tzinfo=UTC))
    await resolve(graph, ResolutionSettings())
    given = {**os.environ, "ONEFOLD_DATA_DIR": str(graph_settings.data_dir)}
    if graph_settings.neo4j_uri:
        given["ONEFOLD_NEO4J_URI"] = graph_settings.neo4j_uri
        given["ONEFOLD_NEO4J_PASSWORD"] = graph_settings.neo4j_password.get_secret_value()

    async def run(*arguments):
        process = await asyncio.create_subprocess_exec(
            ONEFOLD, "why", *arguments, cwd=tmp_path, env=given, stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    return run


async def test_a_table_for_people_and_json_for_programs(why) -> None:
    code, out, _ = await why("crm:1", "crm:2")
    assert code == 0
    assert "\u001b" not in out
    assert "\u202e" not in out
    assert "O'Neil [bold]" in out
    assert "any two records" in out
    assert "• These records are " in out

    code, out, _ = await why("crm:1", "crm:2", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["left"]["key"] == "crm:1"
    assert found["reasons"][-1]["total"] == found["weight"]
    assert found["outcome"] in ("MATCH", "POSSIBLE", "NO_MATCH")


async def test_a_key_that_nobody_has_is_told(why) -> None:
    code, out, err = await why("crm:1", "crm:9", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "not_found"
    assert "right key" in err
