"""What every request goes through: who is asking, how much may be sent, and how errors are answered."""

import asyncio
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from api.access import RULES, Viewer
from api.callers import Callers
from api.errors import INTERNAL, BodyTooLargeError, BodyTooSlowError, PublicError, public_error
from api.errors import RULES as ANSWERS
from api.limits import Limits
from graph.errors import InputError, NotFoundError, OnefoldError
from loaders.ndjson import decode_object
from loaders.rows import UnusableRowError

Form = TypeVar("Form")

log = structlog.get_logger()

_BODY_SECONDS = 10.0


def json_response(body: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON answer; instants end in Z."""
    text = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return Response(text, status_code=status, media_type="application/json")


async def authorise(request: Request) -> None:
    """Let a request pass when the table of api/access.py allows its route; otherwise raise.

    The viewer is kept as `request.state.viewer`, and is absent on routes open to anybody.
    """
    operation = f"{request.method} {request.scope['route'].path}"
    roles = RULES.get(operation, frozenset())
    if roles is None:
        return
    callers: Callers = request.app.state.callers
    viewer: Viewer = await callers.viewer(request.headers.get("authorization"))
    viewer.require(operation)
    limits: Limits = request.app.state.limits
    limits.count_request(viewer)
    request.state.viewer = viewer


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request.

    Raises BodyTooLargeError as soon as more than `limit` bytes have come, BodyTooSlowError after ten seconds.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyTooLargeError(f"The body is larger than {limit} bytes.")
                parts.append(part)
    except TimeoutError:
        raise BodyTooSlowError(f"The body did not come to its end in {_BODY_SECONDS:g} seconds.") from None
    return b"".join(parts)


async def read_object(request: Request, form: TypeAdapter[Form]) -> Form:
    """The JSON object of a request's body, of the form asked for; raises InputError that repeats nothing of it."""
    body = await read_body(request, request.app.state.settings.body_bytes)
    try:
        return form.validate_python(decode_object(body.decode()))
    except UnicodeDecodeError:
        raise InputError("The body is not UTF-8.") from None
    except UnusableRowError as error:
        raise InputError(f"The body cannot be used ({error.code}): {error}") from None
    except ValidationError as error:
        place = error.errors(include_url=False, include_input=False)[0]["loc"][0]
        raise InputError(f"The body does not fit what this address takes, at {place}.") from None


def error_response(request: Request, error: PublicError) -> Response:
    """An error as its route answers it: GraphQL's form at /graphql, `{"code", "message"}` elsewhere."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if request.url.path == "/graphql":
        body = {"errors": [{"message": error.message, "extensions": {"code": error.code}}]}
    response = json_response(body, error.status)
    if error.status is HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = "Bearer"
    if error.retry_after:
        response.headers["retry-after"] = str(error.retry_after)
    return response


def answer_errors(app: FastAPI) -> None:
    """Answer every exception of a route by the one table of api/errors.py."""

    async def ours(request: Request, error: Exception) -> Response:
        public = public_error(error)
        if public.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed", code=public.code, error=type(error).__name__)
        return error_response(request, public)

    async def unfit(request: Request, _error: Exception) -> Response:
        return error_response(
            request, public_error(InputError("A parameter is missing or does not fit its type."))
        )

    async def unknown(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == HTTPStatus.NOT_FOUND:
            return error_response(request, public_error(NotFoundError("There is nothing at this address.")))
        code = "method_not_allowed" if status == HTTPStatus.METHOD_NOT_ALLOWED else INTERNAL
        return error_response(request, PublicError(code, ANSWERS[code].message or "", ANSWERS[code].status))

    app.add_exception_handler(OnefoldError, ours)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(HTTPException, unknown)
