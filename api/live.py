"""GraphQL over WebSockets: the protocol graphql-transport-ws, with a key, limits, and an end for who is too slow."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.access import Viewer
from api.context import Context, Services
from api.errors import BodyError, public_error
from api.execution import Executor, graphql_error, read_json, request_of
from api.origins import may_connect
from api.settings import ApiSettings
from graph.errors import FellBehindError, PermissionDeniedError, UnauthenticatedError

PROTOCOL = "graphql-transport-ws"
_INIT_SECONDS = 5.0
_SEND_SECONDS = 10.0
"""A client that takes nothing for so long is cut off."""
_CLOSE_SECONDS = 1.0

log = structlog.get_logger()

Identify = Callable[[str | None], Awaitable[Viewer]]
"""Who sent an Authorization header; raises UnauthenticatedError."""


class Ending(IntEnum):
    """Why a connection was closed; those up to 4500 are the protocol's."""

    INVALID = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    WRONG_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    SUBSCRIBER_EXISTS = 4409
    FELL_BEHIND = 4410
    TOO_MANY = 4429


class _EndedError(Exception):
    """The connection is to be closed."""

    def __init__(self, ending: Ending, reason: str) -> None:
        super().__init__(reason)
        self.ending = ending


class Live:
    """Serves WebSockets of one app."""

    def __init__(
        self, services: Services, executor: Executor, identify: Identify, settings: ApiSettings
    ) -> None:
        self.services = services
        self.executor = executor
        self.identify = identify
        self.settings = settings
        self._open: Counter[str] = Counter()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        await _Connection(self, socket).run()

    def take_place(self, key_id: str) -> None:
        """Count a connection of a key in; raises _EndedError when there is no place."""
        most = self.settings.connections
        if self._open.total() >= most or self._open[key_id] >= max(1, most // 10):
            raise _EndedError(Ending.TOO_MANY, "Too many connections")
        self._open[key_id] += 1

    def leave_place(self, key_id: str) -> None:
        """Count a connection of a key out."""
        self._open[key_id] -= 1
        self._open += Counter()  # drops keys without connections


class _Connection:
    """One WebSocket: who is there, and the operations under way by the client's ids."""

    def __init__(self, live: Live, socket: WebSocket) -> None:
        self._live = live
        self._socket = socket
        self._authorization: str | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._ended: asyncio.Future[_EndedError] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve until the client leaves or is sent away."""
        offered = self._socket.scope.get("subprotocols", ())
        await self._socket.accept(PROTOCOL if PROTOCOL in offered else None)
        try:
            if PROTOCOL not in offered:
                raise _EndedError(Ending.WRONG_PROTOCOL, "Subprotocol not acceptable")
            if not may_connect(self._socket.headers, self._live.settings.allowed_origins):
                raise _EndedError(Ending.FORBIDDEN, "Forbidden")
            key_id = await self._begin()
            self._live.take_place(key_id)
            try:
                await self._serve()
            finally:
                self._live.leave_place(key_id)
        except _EndedError as error:
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._socket.close(error.ending, str(error))
        except WebSocketDisconnect:
            pass
        finally:
            for task in self._operations.values():
                task.cancel()
            await asyncio.gather(*self._operations.values(), return_exceptions=True)

    async def _begin(self) -> str:
        """Greet and identify the client; answers the id of its key."""
        try:
            async with asyncio.timeout(_INIT_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise _EndedError(Ending.INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _EndedError(Ending.UNAUTHORIZED, "Unauthorized")
        payload = message.get("payload")
        given = (
            {str(key).lower(): value for key, value in payload.items()} if isinstance(payload, dict) else {}
        )
        stated = given.get("authorization")
        self._authorization = stated if isinstance(stated, str) else self._socket.headers.get("authorization")
        viewer = await self._viewer()
        await self._send({"type": "connection_ack"})
        return viewer.key_id

    async def _viewer(self) -> Viewer:
        """Who is there; asked again for each event, because keys end."""
        try:
            viewer = await self._live.identify(self._authorization)
            viewer.require("POST /graphql")
        except UnauthenticatedError:
            raise _EndedError(Ending.UNAUTHORIZED, "Unauthorized") from None
        except PermissionDeniedError:
            raise _EndedError(Ending.FORBIDDEN, "Forbidden") from None
        return viewer

    async def _serve(self) -> None:
        while True:
            receiving = asyncio.ensure_future(self._receive())
            await asyncio.wait((receiving, self._ended), return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                receiving.cancel()
                raise self._ended.result()
            await self._take(receiving.result())

    async def _take(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                self._subscribe(message)
            case "complete":
                if task := self._operations.pop(str(message.get("id")), None):
                    task.cancel()
            case "connection_init":
                raise _EndedError(Ending.TOO_MANY, "Too many initialisation requests")
            case _:
                raise _EndedError(Ending.INVALID, "Invalid message")

    def _subscribe(self, message: Mapping[str, Any]) -> None:
        name = message.get("id")
        if not isinstance(name, str) or not name:
            raise _EndedError(Ending.INVALID, "Invalid message")
        if name in self._operations:
            raise _EndedError(Ending.SUBSCRIBER_EXISTS, "Subscriber already exists")
        if len(self._operations) >= self._live.settings.subscriptions:
            raise _EndedError(Ending.TOO_MANY, "Too many subscriptions")
        self._operations[name] = asyncio.create_task(self._follow(name, message.get("payload")))

    async def _follow(self, name: str, payload: Any) -> None:
        """Send the answers of one operation; whatever goes wrong with it is told or ends the connection."""
        try:
            context = Context(self._live.services, await self._viewer())
            context.limits.count_request(context.viewer)
            async with aclosing(self._live.executor.stream(request_of(payload), context)) as answers:
                async for answer in answers:
                    context.viewer = await self._viewer()
                    await self._send({"id": name, "type": "next", "payload": answer})
            await self._send({"id": name, "type": "complete"})
        except _EndedError as error:
            self._end(error)
        except FellBehindError:
            self._end(_EndedError(Ending.FELL_BEHIND, "Fell behind: read on with changes"))
        except WebSocketDisconnect:
            pass
        except Exception as error:
            public = public_error(error)
            if public.status >= 500:
                log.error("subscription_failed", code=public.code, error=type(error).__name__)
            with suppress(_EndedError, WebSocketDisconnect):
                await self._send({"id": name, "type": "error", "payload": [graphql_error(public)]})
        finally:
            self._operations.pop(name, None)

    def _end(self, error: _EndedError) -> None:
        if not self._ended.done():
            self._ended.set_result(error)

    async def _receive(self) -> dict[str, Any]:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text = received.get("text")
        if text is None or len(text) > self._live.settings.body_bytes:
            raise _EndedError(Ending.INVALID, "Invalid message")
        try:
            message = read_json(text.encode("utf-8", "surrogatepass"))
        except BodyError:
            raise _EndedError(Ending.INVALID, "Invalid message") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _EndedError(Ending.INVALID, "Invalid message")
        return message

    async def _send(self, message: Mapping[str, Any]) -> None:
        text = orjson.dumps(message, option=orjson.OPT_UTC_Z).decode()
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await self._socket.send_text(text)
        except TimeoutError:
            raise _EndedError(Ending.FELL_BEHIND, "Fell behind: read on with changes") from None
        except RuntimeError:  # closed meanwhile
            raise WebSocketDisconnect(1006) from None
