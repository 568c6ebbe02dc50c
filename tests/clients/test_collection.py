"""The collection of requests: each is one that the service describes, and is answered."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from graphql import build_schema, parse, validate

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.vocabulary import Role

PROJECT = Path(__file__).parents[2]
COLLECTION = PROJECT / "examples" / "clients" / "onefold.bruno"
FILLED = {"address": "http://test", "email": "ada@example.org", "profile": "nobody", "key": "KEY"}


def _blocks(file: Path) -> dict[str, str]:
    """The blocks of a Bruno file by name, their variables filled in; a block ends with a brace of its own line."""
    text = re.sub(r"\{\{(\w+)\}\}", lambda found: FILLED[found[1]], file.read_text(encoding="utf-8"))
    return dict(re.findall(r"^([\w:]+) \{\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL))


def _request(file: Path) -> tuple[str, str, Any]:
    """Method, path with query, and JSON body."""
    blocks = _blocks(file)
    method = next(name for name in ("get", "post") if name in blocks)
    url = dict(re.findall(r"(\w+): (.*)", blocks[method]))["url"].removeprefix(FILLED["address"])
    if "body:graphql" in blocks:
        variables = json.loads(blocks.get("body:graphql:vars", "{}"))
        return method, url, {"query": blocks["body:graphql"], "variables": variables}
    return method, url, json.loads(blocks["body:json"]) if "body:json" in blocks else None


REQUESTS = [file for file in sorted(COLLECTION.glob("*.bru")) if "meta" in _blocks(file)]


def test_there_are_requests() -> None:
    assert len(REQUESTS) >= 10


@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_every_document_fits_the_schema(file: Path) -> None:
    schema = build_schema((PROJECT / "docs" / "schema.graphql").read_text(encoding="utf-8"))
    _, _, body = _request(file)
    if body and "query" in body:
        assert not validate(schema, parse(body["query"]))


@pytest.mark.store
async def test_every_request_is_described_and_answered(graph: Graph) -> None:
    app = create_app(ApiSettings(), graph)
    described = app.openapi()["paths"]
    headers = {"authorization": f"Bearer {(await issue_key(graph, Role.ADMIN))[0]}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as client:
        for file in REQUESTS:
            method, url, body = _request(file)
            path = re.sub("/nobody$", "/{profile_id}", urlsplit(url).path)
            assert method in described.get(path, {}), f"{file.name}: {method} {path}"
            answer = await client.request(method, url, json=body)
            assert answer.status_code in {200, 404}, f"{file.name}: {answer.text}"
            assert answer.status_code == 200 or path.endswith("{profile_id}")
            assert "errors" not in answer.json(), f"{file.name}: {answer.text}"
