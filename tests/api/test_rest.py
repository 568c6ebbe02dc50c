"""REST: profiles by id, health, figures, and the form of every error."""

from typing import Any

import pytest

from api.rest import router
from graph.vocabulary import Role

pytestmark = pytest.mark.store


async def test_profile_by_old_id(world: Any, client: Any) -> None:
    crm = await client(Role.CRM)
    body = (await crm.get("/v1/profiles/p0")).json()
    assert (body["id"], body["redirected_from"], body["attributes"]["surname"]) == ("p1", "p0", "Lovelace")
    assert (await crm.get("/v1/profiles/px")).json()["heirs"][0] == {"profile_id": "p1", "record_count": 2}
    missing = await crm.get("/v1/profiles/nobody")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query", ["", "email=a@b.example&phone=1", "email=a@b.example&email=c@d.example", "country=GB"]
)
async def test_lookup_wants_exactly_one_identifier(world: Any, client: Any, query: str) -> None:
    response = await (await client(Role.CRM)).get(f"/v1/lookup?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "input_unusable")


async def test_health_and_figures(world: Any, client: Any) -> None:
    nobody, admin = await client(None), await client(Role.ADMIN)
    assert (await nobody.get("/health/live")).json() == {"status": "live"}
    assert (await nobody.get("/health/ready")).json()["status"] == "ready"
    assert (await nobody.get("/metrics")).status_code == 401
    await admin.get("/v1/lookup", params={"email": "private@example.org"})
    await nobody.get("/steward/sign-in?next=/steward/people/private")
    await nobody.get("/steward/static/steward.css")
    await nobody.get("/nowhere/private")
    figures = (await admin.get("/metrics")).text
    for route, status in (("/steward/sign-in", 200), ("/steward/static", 200), ("unknown", 404)):
        assert f'onefold_requests_total{{method="GET",route="{route}",status="{status}"}} 1.0' in figures
    assert 'onefold_requests_total{method="GET",route="/v1/lookup",status="200"} 1.0' in figures
    assert "private" not in figures


async def test_openapi_documents_error_answers(client: Any) -> None:
    document = (await (await client(None)).get("/openapi.json")).json()
    for route in router.routes:
        responses = document["paths"][route.path][min(route.methods).lower()]["responses"]
        assert {"200", "401", "403", "503", "504"} <= set(responses)
        assert "422" not in responses
    parameters = document["paths"]["/v1/lookup"]["get"]["parameters"]
    assert {"email", "phone", "customer_number", "country"} <= {one["name"] for one in parameters}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("DELETE", "/v1/lookup", 405, "method_not_allowed")],
)
async def test_addresses_that_are_none(client: Any, method: str, path: str, status: int, code: str) -> None:
    response = await (await client(None)).request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["cache-control"] == "no-store"
