"""The change feed over HTTP, for systems that were away: a page from a position, waited for if it is still empty."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from typing_extensions import TypedDict

from api.changes import position_of
from api.errors import BusyError
from api.requests import json_response
from api.resources import documented_errors
from graph.changes import LARGEST_PAGE, Change, Changes, Position, read_changes
from graph.errors import InputError
from graph.feed import Feed
from graph.transactions import Graph
from graph.vocabulary import ChangeKind

LONGEST_WAIT_SECONDS = 30
_LINES = "application/x-ndjson"

router = APIRouter(prefix="/v1", tags=["changes"])


class ChangeBody(TypedDict):
    """One change; `position` is the place behind it."""

    position: str
    kind: str
    change: str
    at: datetime
    cause: str
    segment: str | None
    profile_id: str
    related: list[str]


class ChangesBody(TypedDict):
    """A page: `next` is `since` of the one after it, `more` whether that has something already."""

    items: list[ChangeBody]
    next: str
    more: bool


class Waiting:
    """Those who wait for changes: only so many at once, so that nobody takes all connections."""

    def __init__(self, feed: Feed, graph: Graph, most: int) -> None:
        self._feed = feed
        self._graph = graph
        self._places = asyncio.Semaphore(most)

    async def page(
        self, since: Position, limit: int, kinds: Collection[ChangeKind], seconds: float
    ) -> Changes:
        """A page behind `since`; if there is nothing, the first that comes within `seconds`, else an empty one.

        Raises BusyError when too many wait already, InputError for a position the feed has not reached.
        """
        page = await read_changes(self._graph, since, limit, kinds)
        if page.items or not seconds:
            return page
        if self._places.locked():
            raise BusyError("Too many clients wait for changes: ask again without `wait`, or later.")
        async with self._places, self._feed.listen() as listener:
            page = await read_changes(self._graph, page.next, limit, kinds)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not page.items:
                        await listener.hear()
                        page = await read_changes(self._graph, page.next, limit, kinds)
        return page


@router.get(
    "/changes",
    summary="What changed since a position",
    description="One page of the change feed, oldest first. Ask again with `since` = `next`; a position is good for"
    f" ever. With `Accept: {_LINES}` each change is a line, and the last line has `next` and `more`.",
    response_model=ChangesBody,
    responses=documented_errors("input_unusable", "busy"),
)
async def changes(
    request: Request,
    since: Annotated[
        str | None, Query(description="A position; `now` for the last one, absent: the beginning.")
    ] = None,
    kinds: Annotated[
        str | None, Query(description=f"Only these, with commas between: {', '.join(ChangeKind)}.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Most changes of the page.")] = 100,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds to wait for a change.")
    ] = 0,
) -> Response:
    """Answer `GET /v1/changes?since=…`."""
    waiting: Waiting = request.app.state.waiting
    position = await position_of(request.app.state.graph, since)
    page = await waiting.page(position, limit, _kinds(kinds), wait)
    items = [_body(one) for one in page.items]
    end = {"next": page.next.text(), "more": page.more}
    if _LINES in request.headers.get("accept", ""):
        option = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
        text = b"".join(orjson.dumps(line, option=option) for line in (*items, end))
        return Response(text, media_type=_LINES)
    return json_response({"items": items, **end})


def _kinds(text: str | None) -> tuple[ChangeKind, ...]:
    known = {kind.value: kind for kind in ChangeKind}
    words = [word.strip().lower() for word in text.split(",")] if text else list(known)
    if not known.keys() >= set(words):
        raise InputError(f"`kinds` names one that does not exist; there are {', '.join(known)}.")
    return tuple(known[word] for word in words)


def _body(change: Change) -> ChangeBody:
    return ChangeBody(
        position=change.position.text(),
        kind=change.kind.value,
        change=change.change,
        at=change.at,
        cause=change.cause,
        segment=change.segment,
        profile_id=change.profile_id,
        related=list(change.related),
    )
