"""What an OIDC provider says of itself: its addresses, read with a time limit and a cap, and believed only if safe."""

from http import HTTPStatus
from typing import Any, cast

import httpx
import orjson

from api.oidc import is_trustworthy

PATIENCE_SECONDS = 5.0
"""So long a provider may take to answer."""

_LARGEST_ANSWER = 200_000


async def discover(client: httpx.AsyncClient, issuer: str, *addresses: str) -> dict[str, Any]:
    """The provider's metadata; raises ValueError or KeyError when it is not its own, or one of `addresses` not safe."""
    said = await read_object(client, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if said["issuer"] != issuer or not all(is_trustworthy(str(said[name])) for name in addresses):
        raise ValueError
    return said


async def read_object(client: httpx.AsyncClient, method: str, address: str, **sent: Any) -> dict[str, Any]:
    """A JSON object at an address: no redirects, no more than the cap; raises ValueError otherwise."""
    async with client.stream(method, address, **sent) as response:
        if response.status_code != HTTPStatus.OK:
            raise ValueError
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LARGEST_ANSWER:
                raise ValueError
    said = orjson.loads(body)
    if not isinstance(said, dict):
        raise ValueError
    return cast("dict[str, Any]", said)
