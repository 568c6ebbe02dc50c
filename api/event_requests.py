"""What requests of SDKs are like: their bodies, where they put their key, and what a browser has to be told."""

import base64
import binascii
import zlib

from fastapi import Request, Response

from api.errors import BodyTooLargeError
from api.requests import read_body
from graph.errors import InputError

_GZIP = b"\x1f\x8b"
_ALLOWED = "authorization, content-type, content-encoding, anonymousid"


async def unpacked_body(request: Request, limit: int) -> bytes:
    """The body, unpacked where it is gzip: clients do not always say so, and others say so of what is not.

    Raises BodyTooLargeError for more than `limit` bytes, packed or unpacked, and InputError for damaged gzip.
    """
    body = await read_body(request, limit)
    return unpacked(body, limit) if body.startswith(_GZIP) else body


def unpacked(body: bytes, limit: int) -> bytes:
    """What gzip data holds, up to `limit` bytes; otherwise as `unpacked_body`."""
    parts: list[bytes] = []
    size = 0
    while body:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            parts.append(unpacking.decompress(body, limit - size + 1))
        except zlib.error as error:
            raise InputError("The body is not the gzip that it begins as.") from error
        size += len(parts[-1])
        if size > limit:
            raise BodyTooLargeError(f"The body is larger than {limit} bytes once it is unpacked.")
        if not unpacking.eof:
            raise InputError("The body is gzip that ends too early.")
        body = unpacking.unused_data
    return b"".join(parts)


def stated_key(request: Request) -> str | None:
    """The write key of a request: the user name of Basic, a Bearer token, or `?writeKey=`."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    if scheme.lower() == "bearer":
        return given.strip()
    return request.query_params.get("writeKey")


def allow_browsers(request: Request, response: Response) -> Response:
    """Let pages of any origin send events and read when to try again: the write key says who may."""
    headers = response.headers
    headers["access-control-allow-origin"] = request.headers.get("origin", "*")
    headers["access-control-expose-headers"] = "Retry-After"
    headers["vary"] = "Origin"
    if "origin" in request.headers:
        headers["access-control-allow-credentials"] = "true"  # beacons are always sent with them
    if request.method == "OPTIONS":
        headers["access-control-allow-methods"] = "GET, POST, OPTIONS"
        asked = request.headers.get("access-control-request-headers", "")
        headers["access-control-allow-headers"] = asked or _ALLOWED
        headers["access-control-max-age"] = "7200"
    return response
