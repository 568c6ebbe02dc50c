"""Limits: buckets by a clock of the test's own, and what a caller is told at the wire."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access import Viewer
from api.app import create_app
from api.deadlines import deadline
from api.errors import LookupBudgetError, RateError
from api.keys import issue_key
from api.limits import Buckets, Limits
from api.settings import ApiSettings
from graph.errors import GraphTimeoutError
from graph.vocabulary import Role


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3)), max_size=60))
def test_no_more_is_taken_than_size_and_rate_allow(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    buckets, taken = Buckets(4, 2, clock), 0
    for pause, tokens in steps:
        clock.now += pause
        if not buckets.wait("a"):
            buckets.take("a", tokens)
            taken += tokens
    assert taken <= 4 + 2 * clock.now + 3  # the last request may take more than there is


def test_a_wait_ends_when_it_says() -> None:
    clock = Clock()
    buckets = Buckets(1, 0.5, clock)
    buckets.take("a", 3)
    clock.now = wait = buckets.wait("a")
    assert (wait, buckets.wait("a"), buckets.wait("b")) == (6.0, 0.0, 0.0)


def test_each_caller_has_its_own_limit() -> None:
    limits = Limits(ApiSettings(requests_per_second=1, missed_lookups=3), Clock())
    one, other = Viewer("one", Role.CRM), Viewer("other", Role.CRM)
    for _ in range(2):
        limits.count_request(one)
    with pytest.raises(RateError):
        limits.count_request(one)
    limits.count_request(other)
    limits.count_misses(one, 3)
    with pytest.raises(LookupBudgetError) as refused:
        limits.allow_lookup(one)
    assert refused.value.retry_after == 1200
    limits.allow_lookup(other)


def test_no_limit() -> None:
    limits = Limits(ApiSettings(requests_per_second=0, missed_lookups=0), Clock())
    viewer = Viewer("one", Role.CRM)
    for _ in range(10_000):
        limits.count_request(viewer)
        limits.allow_lookup(viewer)
        limits.count_misses(viewer, 1_000)


def test_callers_are_forgotten_in_the_end() -> None:
    buckets = Buckets(1, 1, Clock())
    for number in range(20_000):
        buckets.take(str(number))
    assert len(buckets._levels) == 10_000  # pyright: ignore[reportPrivateUsage]


async def test_what_takes_too_long_is_ended() -> None:
    ended = asyncio.Event()

    async def read() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(GraphTimeoutError):
        async with deadline(0.01):
            await read()
    assert ended.is_set()


@pytest.mark.store
async def test_guessing_ends_through_both_doors(world: Any) -> None:
    app = create_app(ApiSettings(missed_lookups=4), world)
    key, _ = await issue_key(world, Role.CRM)
    headers = {"authorization": f"Bearer {key}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        known = '{ lookup(kind: "email", value: "ada@example.org") { outcome } }'
        for number in range(2):
            assert (await client.get(f"/v1/lookup?email=guess{number}@example.org")).status_code == 200
            query = f'{{ lookup(kind: "email", value: "other{number}@example.org") {{ outcome }} }}'
            assert "errors" not in (await client.post("/graphql", json={"query": query})).json()
        refused = await client.get("/v1/lookup?email=ada@example.org")
        assert (refused.status_code, refused.json()["code"]) == (429, "lookup_budget_spent")
        assert int(refused.headers["retry-after"]) > 0
        answer = (await client.post("/graphql", json={"query": known})).json()
        assert answer["errors"][0]["extensions"]["code"] == "lookup_budget_spent"


@pytest.mark.store
async def test_too_many_requests(world: Any) -> None:
    app = create_app(ApiSettings(requests_per_second=0.001), world)
    app.state.limits._requests = Buckets(1, 0.001)  # pyright: ignore[reportPrivateUsage]
    key, _ = await issue_key(world, Role.CRM)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["authorization"] = f"Bearer {key}"
        statuses = [(await client.get("/v1/profiles/p1")).status_code for _ in range(3)]
    assert statuses == [200, 429, 429]
