"""Answers every GraphQL question of README and docs/graphql.md from the example data, and writes the answers there.

Run as `python -m scripts.documented_answers DATA_DIR`, on a graph that `onefold demo` has filled.
"""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from api.access import Viewer
from api.commands.demo import pretty
from api.context import Context, Services
from api.execution import Executor, GraphQLRequest
from api.lookup import look_up
from api.schema import build_schema
from api.settings import ApiSettings
from graph.connection import Graph, open_graph
from graph.settings import GraphSettings
from graph.vocabulary import Role

PROJECT = Path(__file__).parents[1]
PAGES = (PROJECT / "README.md", PROJECT / "docs" / "graphql.md")
ASKED_ABOUT = "thad_knight00@mail.example.org"
"""The variable `id` of a question stands for the profile behind this address, whatever its id is here."""

_QUESTION = re.compile(
    r"```graphql\n(?P<query>[^`]*)```\n\n(?:```json variables\n(?P<variables>[^`]*)```\n\n)?"
    r"```json\n(?P<answer>[^`]*)```"
)
DOCUMENT = re.compile(r"```graphql\n(?P<query>[^`]*)```")
_PROFILE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|[+−-]\d+\.\d")
_OF_THE_RUN = frozenset(
    {
        "acceptedAt",
        "createdAt",
        "keyId",
        "key",
        "lastLoadedAt",
        "memberSince",
        "refreshedAt",
        "since",
        "weight",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a page: its GraphQL document, variables and the answer that stands below it (JSON text)."""

    query: str
    variables: dict[str, Any]
    answer: str

    @property
    def name(self) -> str:
        """The name of the operation."""
        return self.query.split("{")[0].split("(")[0].split()[-1]


def questions(text: str) -> Iterator[Question]:
    """The questions of a page."""
    for found in _QUESTION.finditer(text):
        yield Question(found["query"], json.loads(found["variables"] or "{}"), found["answer"])


async def answered(graph: Graph, question: Question) -> dict[str, Any]:
    """The answer to a question on this graph, as an administrator gets it."""
    variables = dict(question.variables)
    if "id" in variables:
        variables["id"] = await _asked_about(graph)
    executor = Executor(build_schema(), ApiSettings())
    request = GraphQLRequest(question.query, variables, None)
    _, answer = await executor.answer(
        request, Context(Services.of(graph), Viewer("key_4c1d2e3f5a6b", Role.ADMIN))
    )
    return json.loads(json.dumps(answer, default=str))


async def _asked_about(graph: Graph) -> str:
    return (await look_up(graph, "email", ASKED_ABOUT)).profiles[0].id


def essence(value: Any) -> Any:
    """An answer without what differs from one installation to the next: ids, instants of loading, decimals, and the
    order of profiles, which is that of their ids."""
    if isinstance(value, dict):
        if "edges" in value and "attributes" in str(value["edges"]):
            return len(value["edges"])  # a page of profiles: which ones are first depends on their ids
        return {name: None if name in _OF_THE_RUN else essence(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted((essence(part) for part in value), key=repr)
    if isinstance(value, float):
        return round(value)
    return _CHANGING.sub("…", value) if isinstance(value, str) else value


async def _write(data_dir: Path) -> None:
    async with open_graph(GraphSettings(data_dir=data_dir)) as graph:
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            answers = [pretty(await answered(graph, question)) for question in questions(text)]
            left = iter(answers)
            text = _QUESTION.sub(partial(_with_answer, left), text)
            page.write_text(_PROFILE_ID.sub(await _asked_about(graph), text), encoding="utf-8")


def _with_answer(answers: Iterator[str], found: re.Match[str]) -> str:
    kept = found.group()[: found.start("answer") - found.start()]
    return f"{kept}{next(answers)}\n```"


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1]).resolve()))
