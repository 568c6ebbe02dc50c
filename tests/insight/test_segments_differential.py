"""Segments of a click stream against the same questions asked of DuckDB, in SQL of its own."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from graph.connection import Graph
from graph.segments import read_members
from insight.segments import define_segments, refresh_segments

pytestmark = pytest.mark.store

AT = datetime(2026, 6, 29, 12, tzinfo=UTC)
KINDS = (
    "catalog",
    "product1",
    "product2",
    "cart",
    "delivery_choice",
    "payment_choice",
    "payment_done",
    "lost",
)
CHANNELS = ("organic", "ads", "email")

Row = tuple[str, str, str, str, datetime, float | None]
"""User, key, type, channel, instant, revenue."""


def clicks(users: int = 150, seed: int = 7) -> list[Row]:
    """Sessions of people who look, fill a cart and sometimes pay; some events share their second."""
    draw = random.Random(seed)
    rows: list[Row] = []
    for user in range(users):
        channel = draw.choice(CHANNELS)
        for _ in range(draw.randrange(1, 5)):
            at = AT - timedelta(days=draw.randrange(120), seconds=draw.randrange(86_400))
            for _ in range(draw.randrange(1, 9)):
                at += timedelta(seconds=draw.choice((0, 5, 40, 90_000)))
                kind = draw.choice(KINDS)
                paid = round(draw.uniform(5, 90), 2) if kind == "payment_done" else None
                rows.append((f"u{user:03}", f"e{len(rows):05}", kind, channel, at, paid))
    return [row for row in rows if row[4] <= AT]


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "paid_twice": (
        {"touchpoints": {"types": ["payment_done"]}, "count_at_least": 2},
        "SELECT u FROM e WHERE type = 'payment_done' GROUP BY u HAVING count(*) >= 2",
    ),
    "spent_lately": (
        {"touchpoints": {"types": ["payment_done"], "within_days": 60, "before_days": 10}, "revenue_at_least": 50},
        "SELECT u FROM e WHERE type = 'payment_done' AND ts > today - INTERVAL 60 DAY AND ts <= today - INTERVAL 10 DAY"
        " GROUP BY u HAVING sum(revenue) >= 50",
    ),
    "gone": (
        {"touchpoints": {"channels": ["ads", "email"]}, "last_at_least_days": 30},
        "SELECT u FROM e WHERE channel IN ('ads', 'email')"
        " GROUP BY u HAVING max(ts) <= any_value(today) - INTERVAL 30 DAY",
    ),
    "never_paid": (
        {"not": {"touchpoints": {"types": ["payment_done"]}, "count_at_least": 1}},
        "SELECT DISTINCT u FROM e WHERE u NOT IN (SELECT u FROM e WHERE type = 'payment_done')",
    ),
    "cart_then_paid": (
        {"sequence": [{"types": ["cart"]}, {"types": ["payment_done"], "within_days": 3}]},
        "SELECT DISTINCT a.u FROM e a JOIN e b ON a.u = b.u AND (a.ts, a.k) < (b.ts, b.k)"
        " WHERE a.type = 'cart' AND b.type = 'payment_done' AND b.ts <= a.ts + INTERVAL 3 DAY",
    ),
    "cart_not_paid": (
        {"sequence": [{"types": ["cart"]}, {"types": ["payment_done"], "within_days": 7, "absent": True}],
         "within_days": 90},
        "SELECT DISTINCT a.u FROM e a WHERE a.type = 'cart' AND a.ts > today - INTERVAL 90 DAY"
        " AND a.ts + INTERVAL 7 DAY <= today AND NOT EXISTS (SELECT 1 FROM e b"
        " WHERE b.u = a.u AND b.type = 'payment_done'"
        " AND (b.ts, b.k) > (a.ts, a.k) AND b.ts < a.ts + INTERVAL 7 DAY)",
    ),
    "straight": (
        {"sequence": [{"types": ["catalog"]}, {"types": ["lost"], "absent": True},
                      {"types": ["cart"], "within_days": 30}, {"types": ["payment_done"], "within_days": 30}]},
        "SELECT DISTINCT a.u FROM e a JOIN e b ON a.u = b.u AND (a.ts, a.k) < (b.ts, b.k)"
        " JOIN e c ON a.u = c.u AND (b.ts, b.k) < (c.ts, c.k)"
        " WHERE a.type = 'catalog' AND b.type = 'cart' AND c.type = 'payment_done'"
        " AND b.ts <= a.ts + INTERVAL 30 DAY AND c.ts <= b.ts + INTERVAL 30 DAY AND NOT EXISTS (SELECT 1 FROM e x"
        " WHERE x.u = a.u AND x.type = 'lost' AND (x.ts, x.k) > (a.ts, a.k) AND (x.ts, x.k) < (b.ts, b.k))",
    ),
}  # fmt: skip

_WRITE = """
UNWIND $rows AS row
MERGE (p:Profile {id: row.user})
ON CREATE SET p.kind = 'PERSON', p.record_count = 1, p.created_at = $at, p.updated_at = $at
MERGE (r:SourceRecord {key: row.user})
MERGE (r)-[m:RESOLVES_TO]->(p) ON CREATE SET m.since = $at
CREATE (:Touchpoint {key: row.key, record_key: row.user, type: row.type, channel: row.channel, occurred_at: row.at,
  revenue: row.revenue})-[:OF]->(r)
"""


async def filled(graph: Graph, rows: Iterable[Row]) -> None:
    names = ("user", "key", "type", "channel", "at", "revenue")
    await graph.write(_WRITE, rows=[dict(zip(names, row, strict=True)) for row in rows], at=AT)


def asked_in_sql(rows: Iterable[Row]) -> dict[str, set[str]]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE e (u TEXT, k TEXT, type TEXT, channel TEXT, ts TIMESTAMPTZ, revenue DOUBLE, today TIMESTAMPTZ)"
    )
    connection.executemany("INSERT INTO e VALUES (?, ?, ?, ?, ?, ?, ?)", [(*row, AT) for row in rows])
    return {name: {row[0] for row in connection.execute(sql).fetchall()} for name, (_, sql) in RULES.items()}


async def test_segments_hold_whom_duckdb_finds(graph: Graph) -> None:
    rows = clicks()
    await filled(graph, rows)
    definitions = define_segments(
        {name: {"description": name, "rule": rule} for name, (rule, _) in RULES.items()}
    )
    await refresh_segments(graph, definitions, at=AT)
    members = {name: {one.id for one in (await read_members(graph, [name], size=1_000, after="")).get(name, ())}
               for name in RULES}  # fmt: skip
    expected = asked_in_sql(rows)
    assert members == expected
    assert all(0 < len(found) < 150 for found in expected.values())
