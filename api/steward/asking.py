"""What pages ask: the GraphQL documents that come with them, executed as the steward who is signed in."""

import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Request

from api.access import Viewer
from api.context import Context, Services
from api.errors import RULES, public_error
from api.execution import Executor
from graph.errors import OnefoldError

DOCUMENTS = Path(__file__).parent / "documents"
_SPREAD = re.compile(r"\.\.\.\s*([A-Z]\w*)")


class AnswerError(Exception):
    """An answer of the API that is an error, with its code, its sentence and the status that fits."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = RULES[code].status if code in RULES else HTTPStatus.INTERNAL_SERVER_ERROR


@cache
def document(name: str) -> str:
    """The text of documents/NAME.graphql, with the fragments that it spreads (documents/fragments/NAME.graphql)."""
    text = (DOCUMENTS / f"{name}.graphql").read_text(encoding="utf-8")
    parts, wanted = {"": text}, _SPREAD.findall(text)
    while wanted:
        fragment = wanted.pop()
        if fragment not in parts:
            parts[fragment] = (DOCUMENTS / "fragments" / f"{fragment}.graphql").read_text(encoding="utf-8")
            wanted += _SPREAD.findall(parts[fragment])
    return "\n".join(parts.values())


def viewer_of(request: Request) -> Viewer:
    """Who is signed in."""
    viewer: Viewer = request.state.viewer
    return viewer


async def ask(request: Request, name: str, **variables: Any) -> Mapping[str, Any]:
    """The data that answers a document, for the steward who is signed in.

    Raises AnswerError when any part of it is refused: a page shows everything it asks for, or says why not.
    """
    executor: Executor = request.app.state.executor
    services: Services = request.app.state.services
    answer = await executor.answer_text(document(name), variables, Context(services, viewer_of(request)))
    for error in answer.get("errors", ()):
        raise AnswerError(error["extensions"]["code"], error["message"])
    data: Mapping[str, Any] = answer["data"]
    return data


def told(error: OnefoldError) -> AnswerError:
    """An error that never came as far as the schema, such as a graph that does not answer."""
    public = public_error(error)
    return AnswerError(public.code, public.message)
