"""Which failures are tried again, how often, and what the others say."""

import asyncio

import pytest
from neo4j.exceptions import (
    AuthError,
    ClientError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
)

from graph.errors import GraphError, GraphTimeoutError, GraphUnavailableError
from graph.retries import told, with_retries


class Failing:
    """Fails with the given errors in turn, then answers; counts its calls and recoveries."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.recoveries = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    async def recover(self) -> None:
        self.recoveries += 1


def server_error(code: str, message: str = "") -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message=message)


DEADLOCK = "Neo.TransientError.Transaction.DeadlockDetected"


@pytest.mark.parametrize(
    "error",
    [
        IncompleteCommit("lost"),
        ServiceUnavailable("down"),
        server_error(DEADLOCK),
        server_error("Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"),
    ],
)
async def test_passing_failures_are_tried_again(error: Exception) -> None:
    call = Failing(error, error)
    assert await with_retries(call, deadline=10, recover=call.recover) == "answer"
    assert call.calls == 3


async def test_a_gone_server_is_recovered_before_the_next_try() -> None:
    call = Failing(ServiceUnavailable("down"), server_error(DEADLOCK))
    await with_retries(call, deadline=10, recover=call.recover)
    assert call.recoveries == 1


async def test_a_server_that_stays_away_is_given_up() -> None:
    call = Failing(*[ServiceUnavailable("down")] * 100)
    with pytest.raises(GraphUnavailableError):
        await with_retries(call, deadline=60, recover=call.recover)
    assert call.calls == 6


async def test_a_refused_statement_is_not_tried_again() -> None:
    call = Failing(server_error("Neo.ClientError.Statement.TypeError", "ada@example.org"))
    with pytest.raises(GraphError) as raised:
        await with_retries(call, deadline=10, recover=call.recover)
    assert call.calls == 1
    assert "ada@example.org" not in str(raised.value)


async def test_a_deadlock_is_retried_until_the_deadline() -> None:
    call = Failing(*[server_error(DEADLOCK)] * 1000)
    with pytest.raises(GraphTimeoutError):
        await with_retries(call, deadline=0.3, recover=call.recover)
    assert call.calls > 1


async def test_silence_ends_at_the_deadline() -> None:
    call = Failing()
    with pytest.raises(GraphTimeoutError):
        await with_retries(lambda: asyncio.sleep(60), deadline=0.05, recover=call.recover)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (server_error("Neo.ClientError.Transaction.TransactionTimedOut"), GraphTimeoutError),
        (server_error("Neo.ClientError.Security.Unauthorized"), GraphUnavailableError),
        (server_error("Neo.ClientError.Schema.ConstraintValidationFailed"), GraphError),
        (DriverError("Driver closed"), GraphError),
    ],
)
def test_each_failure_has_its_own_error(error: DriverError | Neo4jError, kind: type[GraphError]) -> None:
    assert type(told(error)) is kind
    assert isinstance(server_error("Neo.ClientError.Security.Unauthorized"), AuthError)
    assert isinstance(server_error("Neo.ClientError.Schema.ConstraintValidationFailed"), ClientError)
