"""The real clients: every call arrives once, also when it is put off, and when its answer is lost."""

from typing import Any

import pytest

pytestmark = [pytest.mark.store, pytest.mark.flow]

CALLS = {"identify": 1, "Order Completed": 1, "page": 1, "group": 1, "alias": 1}
SERVER_CALLS = {**CALLS, "screen": 1, "Viewed": 1}


@pytest.mark.parametrize(
    "client", ["segment_python.py", "rudder_python.py", "segment_node.mjs", "rudder_node.mjs"]
)
async def test_every_call_of_a_server_arrives_once(service: Any, run: Any, client: str) -> None:
    await run(client, service.address, await service.key(client))
    assert await service.arrived(client, len(SERVER_CALLS)) == SERVER_CALLS
    assert service.faults.statuses()[:3] == [429, 503, 200]
    assert (await service.journal.counts())[client].duplicate > 0, "the answer that was lost"


@pytest.mark.parametrize(
    ("page", "transport"),
    [("segment_browser.html", ""), ("rudder_browser.html", "xhr"), ("rudder_browser.html", "beacon")],
)
async def test_every_call_of_a_browser_arrives_once(
    service: Any, browse: Any, page: str, transport: str
) -> None:
    expected = {**CALLS, "screen": 1} if page.startswith("segment") else CALLS
    if transport == "beacon":  # nobody hears the answer to a beacon: it cannot be sent again
        service.faults.off = True
    async with browse(page, service.address, await service.key(page), transport):
        assert await service.arrived(page, len(expected)) == expected
    if transport != "beacon":
        assert {429, 503, 200} == set(service.faults.statuses())
