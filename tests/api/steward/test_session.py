"""Who may open the workbench: sealed sessions, forms from our own pages only, a policy that runs nothing foreign."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.keys import issue_key
from api.settings import ApiSettings
from api.steward.session import COOKIE, Seal, Session
from graph.connection import Graph
from graph.errors import UnauthenticatedError
from graph.vocabulary import Role

SALT = b"salt" * 8


@pytest.fixture
async def browser(graph: Graph) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(ApiSettings(key_seconds=0), graph))
    async with httpx.AsyncClient(transport=transport, base_url="http://steward.test") as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, graph: Graph, role: Role = Role.STEWARD) -> httpx.Response:
    key, _ = await issue_key(graph, role)
    return await browser.post("/steward/sign-in", data={"key": key})


def secret_of(page: httpx.Response) -> str:
    found = re.search(r'<meta name="secret" content="([^"]+)">', page.text)
    assert found
    return found.group(1)


def test_a_session_comes_back_and_nothing_else_does() -> None:
    seal = Seal(SALT, 60)
    session = seal.of_key("of_key")
    sealed = seal.close(session)
    assert seal.open(sealed) == session
    assert "of_key" not in sealed
    for foreign in (Seal(b"other" * 8, 60).close(session), sealed[:-4] + "AAAA", "", "a.b.c.d.e", "é"):
        with pytest.raises(UnauthenticatedError):
            seal.open(foreign)


def test_a_session_ends() -> None:
    seal = Seal(SALT, 60)
    with pytest.raises(UnauthenticatedError, match="over"):
        seal.open(seal.close(Session("secret", until=1)))


@pytest.mark.store
async def test_signing_in_leads_where_somebody_wanted_to_go(browser: httpx.AsyncClient, graph: Graph) -> None:
    refused = await browser.get("/steward/people/p1?asOf=2026-01-01")
    assert refused.status_code == 303
    assert refused.headers["location"] == "/steward/sign-in"
    entered = await sign_in(browser, graph)
    assert entered.headers["location"] == "/steward/people/p1?asOf=2026-01-01"
    kept = entered.headers["set-cookie"] + str(entered.headers.get_list("set-cookie"))
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert (await browser.get("/steward/")).status_code == 200


@pytest.mark.store
async def test_a_wrong_key_opens_nothing(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/steward/sign-in", data={"key": "of_013950e7aa73_" + "x" * 43})
    assert answer.status_code == 401
    assert "not known here" in answer.text
    assert COOKIE not in browser.cookies


@pytest.mark.store
async def test_a_write_key_opens_nothing(browser: httpx.AsyncClient, graph: Graph) -> None:
    key, _ = await issue_key(graph, Role.INGEST, source="web")
    assert "only sends events" in (await browser.post("/steward/sign-in", data={"key": key})).text
    assert COOKIE not in browser.cookies


@pytest.mark.store
async def test_a_revoked_key_ends_its_session(browser: httpx.AsyncClient, graph: Graph) -> None:
    await sign_in(browser, graph)
    assert (await browser.get("/steward/")).status_code == 200
    await graph.write("MATCH (k:ApiKey) SET k.revoked_at = datetime()")
    assert (await browser.get("/steward/")).status_code == 303


@pytest.mark.store
async def test_forms_of_others_are_refused(browser: httpx.AsyncClient, graph: Graph) -> None:
    await sign_in(browser, graph)
    secret = secret_of(await browser.get("/steward/"))
    act = {"act": "lock", "id": "nobody"}
    assert (await browser.post("/steward/decisions/rehearse", data=act)).status_code == 403
    assert (
        await browser.post("/steward/decisions/rehearse", data={**act, "secret": "guess"})
    ).status_code == 403
    foreign = {"sec-fetch-site": "cross-site"}
    answer = await browser.post(
        "/steward/decisions/rehearse", data={**act, "secret": secret}, headers=foreign
    )
    assert answer.status_code == 403
    ours = await browser.post("/steward/decisions/rehearse", data=act, headers={"x-onefold-secret": secret})
    assert ours.status_code in {404, 409}  # it came as far as the act


@pytest.mark.store
async def test_every_page_runs_our_scripts_only(browser: httpx.AsyncClient, graph: Graph) -> None:
    await sign_in(browser, graph)
    for path in ("/steward/", "/steward/people/nobody", "/steward/static/steward.js"):
        policy = (await browser.get(path)).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


@pytest.mark.store
async def test_signing_out_ends_it(browser: httpx.AsyncClient, graph: Graph) -> None:
    await sign_in(browser, graph)
    secret = secret_of(await browser.get("/steward/"))
    assert (await browser.post("/steward/sign-out", data={"secret": secret})).status_code == 303
    assert (await browser.get("/steward/")).status_code == 303


@pytest.mark.store
async def test_a_page_that_is_not_there_says_so(browser: httpx.AsyncClient, graph: Graph) -> None:
    await sign_in(browser, graph)
    answer = await browser.get("/steward/nothing")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
