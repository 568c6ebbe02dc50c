"""Opens the pages of the workbench when the service starts, so that the graph has planned what they ask."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
from fastapi import FastAPI

from api.access import Viewer
from api.steward.rendering import quoted
from api.steward.session import COOKIE, PROOF_HEADER, Seal
from graph.memberships import two_of_one_profile
from graph.transactions import Graph
from graph.vocabulary import Role

_PARTS = re.compile(r'hx-get="([^"]+)" hx-trigger="load')
"""Where a page loads its parts from."""
_SEARCH = "/search/as-typed"
_ABOUT_ALL = ("/decisions", "/approvals", "/quality")


async def open_pages(workbench: FastAPI, graph: Graph) -> dict[str, int]:
    """Open every kind of page once with its parts, as a steward would, for nobody to see; the statuses by address.

    A graph that was just started takes up to a second to plan a statement, and a page has up to twenty: the first
    visitor would wait for all of them. Raises OnefoldError when the graph does not answer.
    """
    seal: Seal = workbench.state.seal
    session = seal.of_viewer(Viewer("warming", Role.STEWARD))
    cookies, headers = {COOKIE: seal.close(session)}, {PROOF_HEADER: session.secret}
    transport = httpx.ASGITransport(workbench, raise_app_exceptions=False)
    opened: dict[str, int] = {}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://workbench", cookies=cookies, headers=headers
    ) as browser:
        opened[_SEARCH] = (await browser.post(_SEARCH, data={"text": "ada"})).status_code
        async for address in _addresses(graph):
            page = await browser.get(address)
            opened[address] = page.status_code
            for part in map(unescape, _PARTS.findall(page.text)):
                if part not in opened:  # the header's are on every page
                    opened[part] = (await browser.get(part)).status_code
    return opened


async def _addresses(graph: Graph) -> AsyncIterator[str]:
    """What a steward opens, the most likely first."""
    yield "/"
    yield "/reviews"
    if found := await two_of_one_profile(graph):
        home, left, right = f"/people/{found[0]}", quoted(found[1]), quoted(found[2])
        yield home
        yield f"{home}/graph"
        yield f"{home}/graph/record?record={left}"
        yield f"/pairs?left={left}&right={right}"
    for address in _ABOUT_ALL:
        yield address
