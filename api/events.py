"""The event API as Segment's and RudderStack's clients use it: their paths, their keys, their answers."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from api.access import SEND_EVENTS, Viewer
from api.errors import RULES, PublicError, public_error
from api.event_requests import allow_browsers, stated_key, unpacked_body
from api.requests import error_response, json_response
from graph.errors import InputError, OnefoldError, UnauthenticatedError
from loaders.event_bodies import Envelope, open_envelope
from loaders.event_door import Answer, EventDoor, Outcome, counted
from loaders.rows import UnusableRowError

CALLS = {
    **{name: name for name in ("identify", "track", "page", "screen", "group", "alias", "merge")},
    **{"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"},
}
"""Path under /v1 → the call that a message there is of, if it does not say so itself."""

BATCHES = ("batch", "b", "import")
_RETRY_SECONDS = 5
_PIXEL = base64.b64decode("R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==")

Endpoint = Callable[[Request], Awaitable[Response]]


def add_events(app: FastAPI, door: EventDoor, limit: int) -> None:
    """Add the routes: bodies are read as they come, whatever type they say they are of, up to `limit` bytes."""
    events = _Events(door, limit)
    posts = {f"/v1/{path}": events.taking(call) for path, call in CALLS.items()}
    posts |= {f"/v1/{path}": events.taking(None) for path in BATCHES}
    posts["/beacon/v1/batch"] = events.taking(None)
    gets: dict[str, Endpoint] = {f"/pixel/v1/{call}": events.pixel(call) for call in ("track", "page")}
    gets |= dict.fromkeys(("/sourceConfig", "/sourceConfig/"), events.source_config)
    gets["/v1/projects/{key}/settings"] = events.settings
    for method, routes in (("POST", posts), ("GET", gets)):
        for path, endpoint in routes.items():
            app.router.routes.append(_EventRoute(path, _answering(endpoint), methods=[method, "OPTIONS"]))


class _EventRoute(Route):
    """A route that measures know by its pattern, as they know those of FastAPI."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, inner = super().matches(scope)
        return match, {**inner, "route": self}


def _answering(endpoint: Endpoint) -> Endpoint:
    """Answer preflights, turn errors into `{"code", "message"}`, and let browsers read either."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return allow_browsers(request, Response())
        try:
            response = await endpoint(request)
        except OnefoldError as error:
            response = _refusal(request, public_error(error))
        except UnusableRowError as error:
            rule = RULES["body_invalid"]
            response = error_response(request, PublicError(str(error.code), error.reason, rule.status))
        return allow_browsers(request, response)

    return answer


def _refusal(request: Request, error: PublicError) -> Response:
    """An error; with one that is over soon, when to try again."""
    response = error_response(request, error)
    if error.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        response.headers["retry-after"] = str(_RETRY_SECONDS)
    return response


class _Events:
    """The endpoints."""

    def __init__(self, door: EventDoor, limit: int) -> None:
        self._door = door
        self._limit = limit

    def taking(self, call: str | None) -> Endpoint:
        """Takes a message of a call, or a batch."""

        async def take(request: Request) -> Response:
            source = await _source(request, stated_key(request)) if stated_key(request) else None
            body = await unpacked_body(request, self._limit)
            try:
                envelope = open_envelope(body)
            except UnusableRowError as error:
                if source is not None:
                    await self._door.refuse(source, body, error)
                raise
            if source is None:
                source = await _source(request, envelope.write_key)
            return json_response(_body(await self._door.take(source, envelope, call)))

        return take

    def pixel(self, call: str) -> Endpoint:
        """Takes a message out of an image's address: as base64 JSON in `data`, or each field as a parameter."""

        async def take(request: Request) -> Response:
            message = _pixel_message(request, call)
            source = await _source(request, stated_key(request) or message.write_key)
            await self._door.take(source, message, call)
            return Response(_PIXEL, media_type="image/gif")

        return take

    async def settings(self, request: Request) -> Response:
        """What Segment's browser client asks for before it sends: where to, and that all events are wanted."""
        key = str(request.path_params["key"])
        await _source(request, key)
        here = {"apiHost": f"{request.url.netloc}/v1", "protocol": request.url.scheme}
        integration = {"apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": True, **here}
        plan = {"track": {"__default": {"enabled": True, "integrations": {}}}}
        return json_response({"integrations": {"Segment.io": integration}, "plan": plan, "edgeFunction": {}})

    async def source_config(self, request: Request) -> Response:
        """What RudderStack's clients ask for before they send: that the source is on, and sends nowhere else."""
        key = stated_key(request) or ""
        source = await _source(request, key)
        said: dict[str, Any] = {
            "id": source,
            "name": source,
            "writeKey": key,
            "enabled": True,
            "workspaceId": "onefold",
            "config": {},
            "connections": [],
            "destinations": [],
        }
        return json_response({"source": said, "updatedAt": "2026-01-01T00:00:00Z"})


async def _source(request: Request, key: str | None) -> str:
    """The source of a write key; raises UnauthenticatedError, PermissionDeniedError."""
    try:
        viewer: Viewer = await request.app.state.keyring.viewer(f"Bearer {key or ''}")
    except UnauthenticatedError:
        raise UnauthenticatedError(
            "Send a valid write key as the user name of Basic authentication (onefold key create --source)."
        ) from None
    viewer.require(SEND_EVENTS)
    return viewer.source or ""


def _body(answers: list[Answer]) -> dict[str, Any]:
    """How many messages had each outcome, and which were not accepted, by their place."""
    others = [
        {"index": index, "outcome": one.outcome, "code": one.code}
        for index, one in enumerate(answers)
        if one.outcome is not Outcome.ACCEPTED
    ]
    return {"success": True, **counted(answers), "items": others}


def _pixel_message(request: Request, call: str) -> Envelope:
    given = dict(request.query_params)
    if data := given.get("data"):
        try:
            padded = data + "=" * (-len(data) % 4)
            return open_envelope(base64.b64decode(padded, altchars=b"-_", validate=False))
        except binascii.Error as error:
            raise InputError("The pixel's data is not base64.") from error
    key = given.pop("writeKey", None)
    said: dict[str, Any] = {"type": call}
    for name, value in given.items():
        *places, last = name.split(".")
        inner = said
        for place in places:
            inner = inner.setdefault(place, {}) if isinstance(inner.get(place, {}), dict) else {}
        inner[last] = value
    return Envelope((orjson.dumps(said).decode(),), write_key=key)
