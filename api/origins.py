"""Which pages of other origins may ask GraphQL from a browser: those that a setting names, by default none."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_PATH = "/graphql"


class Origins:
    """ASGI middleware: tells browsers about `/graphql`. The event API has rules of its own: anybody may send."""

    def __init__(self, app: ASGIApp, allowed: frozenset[str]) -> None:
        self._app = app
        self._told = CORSMiddleware(
            app,
            allow_origins=sorted(allowed),
            allow_methods=["POST"],
            allow_headers=["authorization", "content-type"],
            expose_headers=["retry-after"],
            max_age=7200,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        about = scope["type"] == "http" and scope["path"] == _PATH
        await (self._told if about else self._app)(scope, receive, send)


def may_connect(headers: Headers, allowed: frozenset[str]) -> bool:
    """Whether a WebSocket may be opened: by what is no browser, by a page of this server, or of an allowed origin."""
    origin = headers.get("origin")
    return origin is None or origin in allowed or urlsplit(origin).netloc == headers.get("host")
