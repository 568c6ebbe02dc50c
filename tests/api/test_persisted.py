"""Persisted documents: named by hash, from a file or since they were sent, and nothing else where that is wanted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.errors import DocumentError, PersistedError
from api.execution import read_request
from api.keys import issue_key
from api.persisted import PersistedDocuments, read_documents
from api.settings import ApiSettings
from graph.errors import ConfigurationError
from graph.vocabulary import Role

TEXT = "{ version }"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
OTHER = "{ viewer { role } }"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({"version": TEXT}), encoding="utf-8")
    return path


def test_a_document_is_known_once_it_was_sent_with_its_hash() -> None:
    documents = PersistedDocuments(ApiSettings())
    with pytest.raises(PersistedError, match=r"^PersistedQueryNotFound$"):
        documents.text("", DIGEST)
    assert documents.text(TEXT, DIGEST) == documents.text("", DIGEST) == TEXT
    with pytest.raises(DocumentError, match="hash is not that"):
        documents.text(OTHER, DIGEST)
    assert documents.text("", DIGEST) == TEXT


def test_what_was_sent_without_a_hash_is_not_remembered() -> None:
    documents = PersistedDocuments(ApiSettings())
    assert documents.text(TEXT, None) == TEXT
    with pytest.raises(PersistedError):
        documents.text("", DIGEST)


def test_the_memory_is_bounded() -> None:
    documents = PersistedDocuments(ApiSettings(cached_documents=2))
    for number in range(5):
        text = f"{{ a{number}: version }}"
        documents.text(text, hashlib.sha256(text.encode()).hexdigest())
    with pytest.raises(PersistedError):
        documents.text("", hashlib.sha256(b"{ a0: version }").hexdigest())


def test_only_the_file_counts_where_that_is_wanted(file: Path) -> None:
    documents = PersistedDocuments(ApiSettings(documents_file=file, only_persisted=True))
    for query, name in ((TEXT, None), ("", DIGEST), ("", "version"), (TEXT, DIGEST)):
        assert documents.text(query, name) == TEXT
    for query, name in (
        (OTHER, None),
        (OTHER, hashlib.sha256(OTHER.encode()).hexdigest()),
        (TEXT + " ", None),
    ):
        with pytest.raises(DocumentError, match="agreed on"):
            documents.text(query, name)


@pytest.mark.parametrize("form", ["bare", "prefixed", "apollo"])
def test_the_names_that_clients_give(form: str) -> None:
    apollo = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}}
    body = {"bare": {"documentId": DIGEST}, "prefixed": {"documentId": f"sha256:{DIGEST}"}, "apollo": apollo}[
        form
    ]
    request = read_request(json.dumps(body).encode())
    assert (request.query, request.document_name) == ("", DIGEST)


def test_the_file_of_apollo(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    operation = {"id": "x1", "name": "V", "type": "query", "body": TEXT}
    path.write_text(
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]})
    )
    assert read_documents(path) == {"x1": TEXT, DIGEST: TEXT}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 1}', '{"format": "apollo-persisted-query-manifest"}', "null"]
)
def test_a_file_that_is_none_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "documents.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"documents\.json"):
        PersistedDocuments(ApiSettings(documents_file=path))


def test_nothing_but_nothing_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="DOCUMENTS_FILE"):
        PersistedDocuments(ApiSettings(only_persisted=True))


@pytest.mark.store
async def test_over_the_wire(graph: Any) -> None:
    key, _ = await issue_key(graph, Role.READER)
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["authorization"] = f"Bearer {key}"
        named: dict[str, Any] = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}}
        first = await client.post("/graphql", json=named)
        assert first.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert "data" in (await client.post("/graphql", json={**named, "query": TEXT})).json()
        assert "data" in (await client.post("/graphql", json=named)).json()
