"""Around every request: counts and times it, logs it without personal data, and lets no exception out."""

import time
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import INTERNAL, RULES
from api.requests import json_response
from graph.deliveries import count_deliveries
from graph.errors import OnefoldError
from graph.metrics import read_metrics
from graph.quality import QualityDay, quality_days
from graph.transactions import Graph
from loaders.journal import STATES, Journal

log = structlog.get_logger()

_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Measures:
    """The figures of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "onefold_requests",
            "Requests by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "onefold_request_seconds", "Seconds a request took, by route.", ["route"], registry=self.registry
        )
        self.available = Gauge(
            "onefold_graph_available",
            "1 while calls to the graph are let through, else 0.",
            registry=self.registry,
        )
        self.messages = Gauge(
            "onefold_journal_messages",
            "Messages of SDKs by source and what became of them.",
            ["source", "state"],
            registry=self.registry,
        )
        self.deliveries = Gauge(
            "onefold_deliveries",
            "What actions have to tell, by action and what became of it.",
            ["action", "state"],
            registry=self.registry,
        )
        self.data = Gauge(
            "onefold_data",
            "The metrics of the data as they were measured last (onefold metrics), by name and source.",
            ["metric", "source"],
            registry=self.registry,
        )
        self.concerned = Gauge(
            "onefold_quality_profiles",
            "Profiles that a check of the quality board concerned when it was measured last, by check.",
            ["check"],
            registry=self.registry,
        )
        self.alarm = Gauge(
            "onefold_quality_alarm",
            "1 while a check of the quality board is beyond its threshold, else 0.",
            ["check"],
            registry=self.registry,
        )
        self.lag = Gauge(
            "onefold_journal_lag_seconds",
            "How long ago the message came that has waited longest for the graph.",
            registry=self.registry,
        )

    async def look(self, graph: Graph, journal: Journal | None) -> None:
        """Bring the figures up to date that are not counted as they happen."""
        self.available.set(not graph.breaker.is_open)
        with suppress(OnefoldError):
            for action, told in (await count_deliveries(graph)).items():
                for state, count in told.counts.items():
                    self.deliveries.labels(action, state).set(count)
        if not graph.breaker.is_open:
            await self._look_at_data(graph)
        if journal is None:
            return
        for source, counts in (await journal.counts()).items():
            for state in STATES:
                self.messages.labels(source, state).set(getattr(counts, state))
        self.lag.set(await journal.lag_seconds())

    async def _look_at_data(self, graph: Graph) -> None:
        with suppress(OnefoldError):  # what is known of the service itself is told all the same
            found = await read_metrics(graph, datetime.now(UTC) - timedelta(days=7), every=True)
            self.data.clear()
            for one in reversed(found):
                self.data.labels(one.name, one.source or "").set(one.value)
            await self._look_at_quality(graph)

    async def _look_at_quality(self, graph: Graph) -> None:
        days = await quality_days(graph, datetime.now(UTC) - timedelta(days=7))
        for day in days[-1:]:
            self._show(day)

    def _show(self, day: QualityDay) -> None:
        for check, concerned, is_alarm in zip(day.checks, day.concerned, day.alarms, strict=True):
            self.concerned.labels(check).set(concerned)
            self.alarm.labels(check).set(is_alarm)

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count, time and log one request under its route's pattern: paths and query strings carry personal data."""
        route = _pattern(scope)
        self.requests.labels(scope["method"], route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _pattern(scope: Scope) -> str:
    """The pattern of the route that answered, with where its application is mounted; of files that alone."""
    root = scope.get("root_path", "")
    mounted = root.removeprefix(scope.get("app_root_path", root))
    return mounted + getattr(scope.get("route"), "path", "") or "unknown"


class Measured:
    """ASGI middleware: the outermost layer."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                given = list(message.get("headers", ()))
                named = {name for name, _ in given}
                message["headers"] = given + [header for header in _HEADERS if header[0] not in named]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # the last resort: nobody outside may see a traceback
            _log_crash(error)
            if not status:
                rule = RULES[INTERNAL]
                body: MutableMapping[str, Any] = {"code": INTERNAL, "message": rule.message}
                await json_response(body, rule.status)(scope, receive, noting)
        finally:
            self._measures.note(scope, status, time.perf_counter() - started)


def _log_crash(error: Exception) -> None:
    """Log where an exception came from, not what it says: its text may carry values."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error("request_crashed", error=type(error).__name__, at=f"{frame.name}:{frame.lineno}")
