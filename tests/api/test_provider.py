"""A provider that is not ours, from sign-in to answer: oidc-provider-mock in a process of its own."""

import asyncio
import socket
import sys
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings

pytestmark = pytest.mark.store

BACK = "http://localhost/back"


async def _answers(address: str, process: Process) -> None:
    async with httpx.AsyncClient() as client:
        while process.returncode is None:
            try:
                await client.get(address)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    pytest.fail("the provider does not start")


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = (sys.executable, "-m", "oidc_provider_mock", "--port", port)
    process = await create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(60):
            await _answers(f"{address}/.well-known/openid-configuration", process)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def sign_in(issuer: str, name: str, roles: list[str]) -> str:
    """The ID token of somebody who signed in with the authorization code flow."""
    async with httpx.AsyncClient(base_url=issuer) as browser:
        await browser.put(f"/users/{name}", json={"roles": roles})
        asked = {"response_type": "code", "client_id": "onefold", "redirect_uri": BACK, "scope": "openid"}
        granted = await browser.post("/oauth2/authorize", params=asked, data={"sub": name})
        (code,) = parse_qs(urlsplit(granted.headers["location"]).query)["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        token = await browser.post("/oauth2/token", data=form, auth=("onefold", "secret"))
        return str(token.json()["id_token"])


async def test_who_signed_in_may_ask(issuer: str, graph: Any, tmp_path: Any) -> None:
    toml = f'[oidc]\nissuer = "{issuer}"\naudience = "onefold"\nroles = {{ stewards = "steward" }}\n'
    (tmp_path / "onefold.toml").write_text(toml, encoding="utf-8")
    app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph)
    token = await sign_in(issuer, "ada", ["stewards"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        client.headers["authorization"] = f"Bearer {token}"
        answer = await client.post(
            "/graphql", json={"query": "{ viewer { keyId role } quarantineCounts { rows } }"}
        )
    assert answer.json() == {
        "data": {"viewer": {"keyId": "oidc:ada", "role": "STEWARD"}, "quarantineCounts": []}
    }


async def test_who_signed_in_opens_the_workbench(issuer: str, graph: Any, tmp_path: Any) -> None:
    toml = (
        f'[oidc]\nissuer = "{issuer}"\naudience = "onefold"\nclient_id = "onefold"\nclient_secret = "secret"\n'
        'roles = { stewards = "steward" }\n'
    )
    (tmp_path / "onefold.toml").write_text(toml, encoding="utf-8")
    app = create_app(ApiSettings(config_file=tmp_path / "onefold.toml"), graph)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as browser,
        httpx.AsyncClient() as provider,
    ):
        await provider.put(f"{issuer}/users/ada", json={"roles": ["stewards"]})
        await provider.put(f"{issuer}/users/eve", json={"roles": ["guests"]})

        async def sign_in_as(name: str) -> httpx.Response:
            sent = await browser.get("/steward/sign-in/provider")
            granted = await provider.post(sent.headers["location"], data={"sub": name})
            return await browser.get(granted.headers["location"].replace("https://", "http://"))

        refused = await sign_in_as("eve")
        assert "none of the roles" in refused.text
        entered = await sign_in_as("ada")
        assert entered.status_code == 303, entered.text
        page = await browser.get("/steward/")
        assert 'title="oidc:ada"' in page.text

        browser.cookies.clear()
        sent = await browser.get("/steward/sign-in/provider")
        granted = await provider.post(sent.headers["location"], data={"sub": "ada"})
        forged = granted.headers["location"].replace("state=", "state=x")
        assert "did not sign you in" in (await browser.get(forged)).text
        browser.cookies.clear()  # another browser, which did not begin this attempt
        assert "did not sign you in" in (await browser.get(granted.headers["location"])).text
