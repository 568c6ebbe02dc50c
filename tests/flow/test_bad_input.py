"""The catalogue of bad input through four doors: events, GraphQL, CSV and NDJSON; each kind has its code at each."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from graph.connection import Graph
from graph.errors import OnefoldError
from graph.vocabulary import Role
from loaders.archive import Archive
from loaders.journal import Journal
from loaders.load import load_file
from loaders.mapping import parse_mapping
from loaders.projector import Projector

pytestmark = [pytest.mark.store, pytest.mark.flow]

SECRET = "Xq7Zk9"
"""Stands in every bad value: no answer and no reason may say it."""

MAPPING = parse_mapping("""
[source]
name = "bad"
[record]
id = "id"
without_id = "reject"
[attributes]
full_name = "name"
birth_date = "birth"
[identifiers]
email = "email"
phone = "phone"
""")
IDENTIFY = "mutation ($record: RecordInput!) { identify(record: $record) { outcome problems { name code message } } }"
DOORS = ("events", "graphql", "csv", "ndjson")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Case:
    """What comes to each door: a bad record `@b` between the good ones `@1` and `@2` (GraphQL takes one record).

    `codes` say what becomes of it at each of DOORS, or at all of them: a reason code, `name:code` where only a value
    was left out, nothing where it is usable, and `!code` where the input as a whole is refused.
    """

    texts: dict[str, str]
    codes: tuple[str, ...] = ()
    encode: Callable[[str], bytes] = _utf8
    alone: bool = True
    """Whether the good records are not concerned."""

    def content(self, door: str, number: int) -> bytes:
        """The bytes at a door; ids are the case's own."""
        text = self.texts[door]
        for mark in ("@1", "@2", "@b"):
            text = text.replace(mark, f"{mark[1]}-{number}")
        return self.encode(text)


def _event(record_id: str, traits: str = '"name": "Ada Byron"') -> str:
    return f'{{"type": "identify", "userId": "{record_id}", "traits": {{{traits}}}}}'


def _row(record_id: str, fields: str = '"name": "Ada Byron"') -> str:
    return f'{{"id": "{record_id}", {fields}}}'


def _graphql(fields: str) -> str:
    record = f'{{"source": "bad", "recordId": "@b", {fields}}}'
    return f'{{"query": "{IDENTIFY}", "variables": {{"record": {record}}}}}'


HEAD, FIRST, LAST = "id,name,birth,email,phone\n", "@1,Ada Byron,,,\n", "@2,Ada Byron,,,\n"


def _texts(event: str, graphql: str, row: str, line: str) -> dict[str, str]:
    return {
        "events": f'{{"batch": [{_event("@1")}, {event}, {_event("@2")}]}}',
        "graphql": graphql,
        "csv": f"{HEAD}{FIRST}{row}\n{LAST}",
        "ndjson": f"{_row('@1')}\n{line}\n{_row('@2')}\n",
    }


def literal(value: str, *codes: str, field: str = "name", cell: str | None = None) -> Case:
    """A JSON literal as the value of a field, and the cell that a spreadsheet would hold."""
    fields = {"name": f'"{SECRET} Byron"', field: value}
    said = ", ".join(f'"{name}": {one}' for name, one in fields.items())
    graphql = f'"attributes": {{"{ {"name": "fullName", "birth": "birthDate"}.get(field, field) }": {value}}}'
    if field == "birth":
        graphql = f'"attributes": {{"fullName": "Ada Byron", "birthDate": {value}}}'
    if field in ("email", "phone"):
        graphql = f'"attributes": {{"fullName": "Ada Byron"}}, "identifiers": [{{"kind": "{field}", "value": {value}}}]'
    cells = {"id": "@b", "name": f"{SECRET} Byron", "birth": "", "email": "", "phone": ""}
    cells[field] = str(json.loads(value, parse_int=str)) if cell is None else cell
    row = ",".join('"' + one.replace('"', '""') + '"' for one in cells.values())
    return Case(_texts(_event("@b", said), _graphql(graphql), row, _row("@b", said)), codes)


def text(value: str, *codes: str, field: str = "name") -> Case:
    """A text as the value of a field."""
    return literal(json.dumps(value), *codes, field=field)


PLAIN = literal(f'"{SECRET} Byron"')


def written(encode: Callable[[str], bytes], *codes: str, name: str = f"{SECRET} Byron") -> Case:
    """A good record in unusual bytes."""
    return Case(
        {door: one.replace(f"{SECRET} Byron", name) for door, one in PLAIN.texts.items()}, codes, encode
    )


def broken(change: Callable[[str], str], *codes: str, alone: bool = True) -> Case:
    """A good record whose text is broken, or with it all that came."""
    return Case({door: change(one) for door, one in PLAIN.texts.items()}, codes, alone=alone)


def swapped(*pairs: tuple[str, str]) -> Callable[[str], str]:
    """Replaces texts by others."""

    def change(one: str) -> str:
        for old, new in pairs:
            one = one.replace(old, new)
        return one

    return change


def _squeezed(text: str) -> bytes:
    return gzip.compress(_utf8(text))


# fmt: off
KINDS = {
    "NUL": text(f"{SECRET}\0", "nul_byte", "!input_unusable", "nul_byte", "nul_byte"),
    "lone surrogate": literal(f'"{SECRET}\\ud800"',
        "lone_surrogate", "!body_invalid", "", "lone_surrogate", cell=f"{SECRET}\ud800"),
    "right to left and zero width": text(f"{SECRET}\u202e \u200bByron"),
    "text of 3 MB": text(SECRET * 500_000, "line_too_long", "!body_too_large", "line_too_long", "line_too_long"),
    "text of 20,000 characters": text(SECRET * 4_000,
        "full_name:value_too_long", "!input_unusable", "nothing_usable", "nothing_usable"),
    "e-mail of 9,000 characters": text(SECRET * 1_500 + "@x.org", "email:value_too_long", field="email"),
    "control characters": text(f"{SECRET}\x07\x1b[31m Byron"),
    "emoji and combining marks": text(f"{SECRET} \U0001f600 By\u0301ron"),
    "5,000 digits": literal("7" * 5_000,
        "json_number_unusable", "!body_invalid", "nothing_usable", "json_number_unusable"),
    "integer above 2^63": literal("9" * 20,
        "full_name:invalid_name", "!document_invalid", "nothing_usable", "nothing_usable"),
    "1e400": literal("1e400", "", "!body_invalid", "", "", cell="1e400"),
    "NaN": literal("NaN",
        "json_number_unusable", "!body_invalid", "nothing_usable", "json_number_unusable", cell="NaN"),
    "Infinity": literal("-Infinity",
        "json_number_unusable", "!body_invalid", "", "json_number_unusable", cell="-Infinity"),
    "nested map": literal(f'{{"given": "{SECRET}"}}', "", "!document_invalid", "", "nothing_usable"),
    "list": literal(f'["{SECRET}", "B"]', "", "!document_invalid", "", "nothing_usable"),
    "depth 100": literal('{"a":' * 100 + "1" + "}" * 100,
        "json_too_deep", "!document_invalid", "nothing_usable", "json_too_deep", cell='{"a":' * 100),
    "depth 100,000": literal("[" * 100_000 + "]" * 100_000,
        "json_too_deep", "!body_invalid", "nothing_usable", "json_too_deep", cell="[" * 100_000),
    "duplicate key": literal(f'"Ada", "name": "{SECRET}"',
        "json_duplicate_key", "!document_invalid", "", "json_duplicate_key", cell="Ada"),
    "true": literal("true", "", "!document_invalid", "", ""),
    "null": literal("null", "", "!input_unusable", "nothing_usable", "nothing_usable", cell=""),
    "empty": text("", "", "!input_unusable", "nothing_usable", "nothing_usable"),
    "spaces": text(" \t \u00a0", "", "!input_unusable", "nothing_usable", "nothing_usable"),
    "placeholder": text("N/A", "full_name:placeholder_value", "!input_unusable", "nothing_usable", "nothing_usable"),
    "30 February": text("1980-02-30", "birth_date:impossible_date", field="birth"),
    "year 1": text("0001-01-01", "birth_date:placeholder_value", field="birth"),
    "year 9999": text("9999-12-31", "birth_date:placeholder_value", field="birth"),
    "no date": text(SECRET, "birth_date:invalid_date", field="birth"),
    "no e-mail": text(f"{SECRET} at home", "email:invalid_email", field="email"),
    "no phone": text(SECRET, "phone:invalid_phone", field="phone"),
    "Cypher": text(f"{SECRET}'}}) DETACH DELETE n //"),
    "spreadsheet formula": text(f'=HYPERLINK("{SECRET}")'),
    "markup": text(f"<script>{SECRET}</script>"),
    "id of 600 characters": broken(swapped(("@b", "@b" + SECRET * 100)),
        "record_id_too_long", "!input_unusable", "record_id_too_long", "record_id_too_long"),
    "no id": broken(swapped(("@b", "")),
        "record_id_missing", "", "record_id_missing", "record_id_missing"),
    "Latin-1": written(lambda one: one.encode("latin-1"),
        "!encoding_invalid", "!body_invalid", "", "", name="José Byron"),
    "UTF-16": written(lambda one: one.encode("utf-16"), "!encoding_invalid", "!body_invalid", "", ""),
    "byte order mark": written(lambda one: one.encode("utf-8-sig"), "", "!body_invalid", "", ""),
    "CR only": written(lambda one: _utf8(one.replace("\n", "\r"))),
    "gzip": written(_squeezed, "", "!body_invalid", "", ""),
    "gzip that ends too early": written(lambda one: _squeezed(one)[:-9],
        "!input_unusable", "!body_invalid", "!input_unusable", "!input_unusable"),
    "gzip bomb": written(lambda one: _squeezed(one.replace(f"{SECRET} Byron", "B" * 30_000_000)),
        "!body_too_large", "!body_invalid", "line_too_long", "line_too_long"),
    "empty input": broken(lambda _: "", "!json_invalid", "!body_invalid", "!input_unusable", "!input_unusable"),
    "unclosed quote": broken(swapped((f'{SECRET} Byron"', f"{SECRET} Byron")),
        "!json_invalid", "!body_invalid", "quote_unclosed", "json_invalid"),
    "ragged": broken(
        swapped((f'{SECRET} Byron",', f'{SECRET} Byron",,,,"x",'), (f'{SECRET} Byron"}}', f'{SECRET} Byron",,}}')),
        "!json_invalid", "!body_invalid", "cells_surplus", "json_invalid"),
    "header missing": broken(swapped((HEAD, ""), ('"batch"', '"things"'), ('"query"', '"things"')),
        "message_type_unknown", "!body_invalid", "!mapping_invalid", "", alone=False),
    "header renamed": broken(swapped(("name,birth", "names,birth"), ('"name":', '"names":'), ("fullName", "names")),
        "", "!document_invalid", "!mapping_invalid", "nothing_usable", alone=False),
    "list instead of an object": broken(lambda one: "[" + one.replace("\n", ",").rstrip(",") + "]",
        "!json_not_object", "!body_invalid", "!input_unusable", "!input_unusable"),
}
# fmt: on


async def _told(graph: Graph, record_id: str, file: str = "") -> str:
    """What became of a bad record: the codes of its file in quarantine, or the problems of its values."""
    [row] = await graph.read(_TOLD, key=f"bad:{record_id}", file=file)
    assert SECRET not in str(row["reasons"])
    problems = [json.loads(extra).get("problems", "") for extra in row["extras"]]
    return " ".join([*sorted(row["codes"]), *filter(None, problems)])


_TOLD = """
RETURN COLLECT { MATCH (r:SourceRecord {key: $key}) RETURN r.extra } AS extras,
  COLLECT { MATCH (q:Quarantined) WHERE q.file = $file RETURN DISTINCT q.code } AS codes,
  COLLECT { MATCH (q:Quarantined) RETURN q.reason } AS reasons
"""
_GOOD = "UNWIND $keys AS key MATCH (r:SourceRecord {key: key}) RETURN count(r) AS records"


async def _refusal(graph: Graph, path: Path) -> str:
    """Load a file; answers why it was refused as a whole, if it was."""
    try:
        await load_file(graph, path, MAPPING)
    except OnefoldError as error:
        return f"!{error.code}" if SECRET not in str(error) else f"the secret in {error}"
    return ""


async def _load(graph: Graph, folder: Path, door: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, (name, case) in enumerate(KINDS.items()):
        path = folder / f"{number}.{door}"
        path.write_bytes(case.content(door, number))
        refusal = await _refusal(graph, path)
        found[name] = refusal or await _told(graph, f"b-{number}", path.name)
        if case.alone and not refusal:
            [row] = await graph.read(_GOOD, keys=[f"bad:1-{number}", f"bad:2-{number}"])
            assert row["records"] == 2, f"{name}: a good row was lost"
    return found


@pytest.mark.parametrize("door", ["csv", "ndjson"])
async def test_files(graph: Graph, tmp_path: Path, door: str) -> None:
    assert await _load(graph, tmp_path, door) == _expected(door)


def _expected(door: str) -> dict[str, str]:
    """The code of each kind at a door."""
    found = {}
    for name, case in KINDS.items():
        codes = case.codes if len(case.codes) == len(DOORS) else (case.codes or ("",)) * len(DOORS)
        found[name] = codes[DOORS.index(door)]
    return found


async def test_events(graph: Graph, tmp_path: Path) -> None:
    key, _ = await issue_key(graph, Role.INGEST, source="bad")
    headers, found = {"authorization": f"Bearer {key}"}, {}
    with (
        closing(Journal.open(tmp_path / "journal")) as journal,
        Archive.open(tmp_path / "archive") as archive,
    ):
        transport = httpx.ASGITransport(create_app(ApiSettings(), graph, journal))
        async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
            for number, (name, case) in enumerate(KINDS.items()):
                answer = await http.post("/v1/batch", content=case.content("events", number), headers=headers)
                assert answer.status_code in (200, 400, 413)
                assert SECRET not in answer.text
                if answer.status_code != 200:
                    found[name] = f"!{answer.json()['code']}"
                    continue
                said = answer.json()
                found[name] = " ".join(item["code"] for item in said["items"])
                assert not case.alone or said["accepted"] == 3 - len(said["items"]), (
                    f"{name}: a good message was lost"
                )
        while await Projector(graph, journal, archive).step():
            pass
    for number, name in enumerate(KINDS):
        if not found[name]:
            found[name] = await _told(graph, f"userId:b-{number}")
    assert found == _expected("events")


@pytest.fixture
async def crm(graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    key, _ = await issue_key(graph, Role.CRM)
    transport = httpx.ASGITransport(create_app(ApiSettings(), graph))
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://door", headers=headers) as http:
        yield http


async def test_graphql(crm: httpx.AsyncClient) -> None:
    async def told(number: int, case: Case) -> str:
        answer = await crm.post("/graphql", content=case.content("graphql", number))
        assert answer.status_code in (200, 400, 413)
        assert SECRET not in answer.text
        said = answer.json()
        if errors := said.get("errors"):
            return "!" + errors[0]["extensions"]["code"]
        problems = said["data"]["identify"]["problems"]
        return " ".join(f"{one['name']}:{one['code']}" for one in problems)

    found = await asyncio.gather(*(told(number, case) for number, case in enumerate(KINDS.values())))
    assert dict(zip(KINDS, found, strict=True)) == _expected("graphql")
