"""Indicators kept up to date step by step, worked out at once, and by DuckDB: three times the same."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, LiteralString

import duckdb
import orjson
import pytest

from graph.connection import Graph
from insight.definitions import Definitions
from insight.following import catch_up, follow
from insight.indicators import define_indicators

pytestmark = pytest.mark.store

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORDS, PROFILES = 8, 5

TABLES: dict[str, dict[str, Any]] = {
    "orders": {"function": "count", "types": ["purchase"]},
    "errors_36h": {"function": "count", "types": ["error"], "within_hours": 36},
    "revenue_5d": {"function": "sum", "of": "revenue", "within_days": 5},
    "basket": {"function": "average", "of": "revenue"},
    "dearest": {"function": "maximum", "of": "revenue", "channels": ["web"]},
    "smallest_size": {"function": "minimum", "of": "properties.item.size", "within_days": 9},
    "first_channel": {"function": "first", "of": "channel"},
    "last_colour": {"function": "last", "of": "properties.colour"},
    "usual_channel": {"function": "most_frequent", "of": "channel", "within_days": 20},
    "colours": {"function": "distinct", "of": "properties.colour"},
    "types": {"function": "distinct_count", "of": "type", "within_days": 4},
    "last_size": {"function": "last", "of": "properties.item.size", "as_number": True},
    "last_order": {"function": "recency", "types": ["purchase"]},
    "trend": {"function": "trend", "within_days": 1, "periods": 6},
    "anomaly": {"function": "z_score", "of": "revenue", "within_hours": 12, "periods": 5},
}
DEFINITIONS = Definitions(
    define_indicators({name: {"description": name, **said} for name, said in TABLES.items()})
)

_CREATE: LiteralString = """
UNWIND $profiles AS id CREATE (:Profile {id: id, kind: 'PERSON', record_count: 1, created_at: $at, updated_at: $at})
"""
_RECORD: LiteralString = """
MATCH (p:Profile {id: $profile})
CREATE (:SourceRecord {key: $key})-[:RESOLVES_TO {since: $at}]->(p)
"""
_TOUCH: LiteralString = """
UNWIND $rows AS row
MATCH (r:SourceRecord {key: row.record_key})
MERGE (t:Touchpoint {key: row.key}) SET t = row
WITH r MATCH (r)-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL SET p:Due
"""
_REMOVE: LiteralString = """
MATCH (t:Touchpoint {key: $key}), (r:SourceRecord {key: t.record_key})-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL
SET p:Due DELETE t
"""
_MOVE: LiteralString = """
MATCH (r:SourceRecord {key: $key})-[m:RESOLVES_TO]->(p) WHERE m.until IS NULL
SET m.until = $at, p:Due
WITH DISTINCT r UNWIND $slices AS slice
MATCH (q:Profile {id: slice.profile})
SET q:Due
CREATE (r)-[:RESOLVES_TO {since: $at, valid_from: slice.valid_from, valid_until: slice.valid_until}]->(q)
"""


@dataclass
class World:
    """The facts as they were written, kept beside the graph."""

    graph: Graph
    random: Random
    at: datetime = START
    touchpoints: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    slices: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])

    async def begin(self) -> None:
        await self.graph.write(_CREATE, profiles=[f"p{n}" for n in range(PROFILES)], at=self.at)
        for n in range(RECORDS):
            key, profile = f"r{n}", f"p{n % PROFILES}"
            await self.graph.write(_RECORD, key=key, profile=profile, at=self.at)
            self.slices[key] = [{"profile": profile, "valid_from": None, "valid_until": None}]

    def touchpoint(self, key: str) -> dict[str, Any]:
        pick, number = self.random.choice, self.random.randint
        said = {"colour": pick(["red", "blue", ""]), "item.size": pick(["3", "1.5", "L"])}
        return {
            "key": key,
            "record_key": f"r{number(0, RECORDS - 1)}",
            "occurred_at": self.at + timedelta(minutes=number(-12_000, 3_000)),
            "type": pick(["purchase", "view", "error"]),
            "channel": pick(["web", "store", None]),
            "source": "shop",
            "revenue": pick([None, number(0, 10_000) / 100]),
            "properties": orjson.dumps(said).decode(),
        }

    async def step(self) -> None:
        """One of the things that happen: touchpoints come, are corrected or go, records move, time passes."""
        pick = self.random.random()
        if pick < 0.5:
            keys = [f"t{self.random.randint(0, 400)}" for _ in range(6)]
            rows = [self.touchpoint(key) for key in keys if key not in self.touchpoints]
            self.touchpoints |= {row["key"]: row for row in rows}
            await self.graph.write(_TOUCH, rows=list({row["key"]: row for row in rows}.values()))
        elif pick < 0.6 and self.touchpoints:
            key = self.random.choice(sorted(self.touchpoints))
            del self.touchpoints[key]
            await self.graph.write(_REMOVE, key=key)
        elif pick < 0.8:
            await self.move(f"r{self.random.randint(0, RECORDS - 1)}")
        else:
            self.at += HOUR * self.random.randint(1, 60)

    async def move(self, key: str) -> None:
        """Give a record to another profile, or divide it in slices between two."""
        one, other = self.random.sample([f"p{n}" for n in range(PROFILES)], 2)
        cut = self.at - HOUR * self.random.randint(0, 200) if self.random.random() < 0.3 else None
        slices = [{"profile": one, "valid_from": None, "valid_until": cut}]
        if cut is not None:
            slices.append({"profile": other, "valid_from": cut, "valid_until": None})
        self.slices[key] = slices
        await self.graph.write(_MOVE, key=key, slices=slices, at=self.at)

    async def values(self) -> dict[tuple[str, str], Any]:
        """Everything that is stored, and when each profile is due again."""
        rows = await self.graph.read(
            "MATCH (p:Profile)-[h:HAS_INDICATOR]->(i) RETURN p.id AS id, i.name AS name, h.value AS value"
        )
        return {(row["id"], row["name"]): row["value"] for row in rows}

    def by_duckdb(self) -> dict[tuple[str, str], Any]:
        """The same worked out by DuckDB, from the facts alone."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(
                "CREATE TABLE slices (record VARCHAR, profile VARCHAR, low TIMESTAMPTZ, high TIMESTAMPTZ)"
            )
            for key, slices in self.slices.items():
                for one in slices:
                    row = [key, one["profile"], one["valid_from"], one["valid_until"]]
                    connection.execute("INSERT INTO slices VALUES (?, ?, ?, ?)", row)
            connection.execute(
                "CREATE TABLE t (key VARCHAR, record VARCHAR, occurred TIMESTAMPTZ, type VARCHAR, channel VARCHAR,"
                " source VARCHAR, revenue DOUBLE, said JSON)"
            )
            if self.touchpoints:
                rows = [list(row.values()) for row in self.touchpoints.values()]
                connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute(
                "CREATE VIEW v AS SELECT profile, t.*, nullif(said->>'$.colour', '') AS colour,"
                """ TRY_CAST(said->>'$."item.size"' AS DOUBLE) AS size"""
                " FROM t JOIN slices s ON s.record = t.record"
                " AND (low IS NULL OR occurred >= low) AND (high IS NULL OR occurred < high)"
                f" WHERE occurred <= TIMESTAMPTZ '{self.at.isoformat()}'"
            )
            return {
                (profile, name): value
                for name, query in QUERIES.items()
                for profile, value in connection.execute(
                    query.replace("$at", f"TIMESTAMPTZ '{self.at.isoformat()}'")
                ).fetchall()
                if value is not None and value not in (0, [])
            }


_BINS = (
    "WITH bins AS (SELECT profile, b, coalesce(sum(w), 0) AS y FROM (SELECT DISTINCT profile FROM v)"
    " CROSS JOIN range({n}) x(b) LEFT JOIN (SELECT profile AS q, {w} AS w,"
    " floor(epoch($at) / {s}) - 1 - floor(epoch(occurred) / {s}) AS age FROM v)"
    " ON q = profile AND age = b GROUP BY ALL) "
)
QUERIES: dict[str, str] = {
    "orders": "SELECT profile, count(*) FROM v WHERE type = 'purchase' GROUP BY 1",
    "errors_36h": "SELECT profile, count(*) FROM v WHERE type = 'error'"
    " AND occurred > $at - INTERVAL 36 HOUR GROUP BY 1",
    "revenue_5d": "SELECT profile, sum(revenue) FROM v WHERE occurred > $at - INTERVAL 5 DAY GROUP BY 1",
    "basket": "SELECT profile, avg(revenue) FROM v GROUP BY 1",
    "dearest": "SELECT profile, max(revenue) FROM v WHERE channel = 'web' GROUP BY 1",
    "smallest_size": "SELECT profile, min(size) FROM v WHERE occurred > $at - INTERVAL 9 DAY GROUP BY 1",
    "first_channel": "SELECT profile, arg_min(channel, (occurred, channel)) FROM v"
    " WHERE channel IS NOT NULL GROUP BY 1",
    "last_colour": "SELECT profile, arg_max(colour, (occurred, colour)) FROM v WHERE colour IS NOT NULL GROUP BY 1",
    "usual_channel": "SELECT profile, channel FROM (SELECT profile, channel, count(*) AS n FROM v WHERE channel IS NOT"
    " NULL AND occurred > $at - INTERVAL 20 DAY GROUP BY ALL) QUALIFY row_number() OVER (PARTITION BY profile"
    " ORDER BY n DESC, channel) = 1",
    "colours": "SELECT profile, list_sort(list(DISTINCT colour)) FROM v WHERE colour IS NOT NULL GROUP BY 1",
    "types": "SELECT profile, count(DISTINCT type) FROM v WHERE occurred > $at - INTERVAL 4 DAY GROUP BY 1",
    "last_size": "SELECT profile, arg_max(size, (occurred, size)) FROM v WHERE size IS NOT NULL GROUP BY 1",
    "last_order": "SELECT profile, max(occurred) FROM v WHERE type = 'purchase' GROUP BY 1",
    "trend": _BINS.format(n=6, w=1, s=86_400) + "SELECT profile, regr_slope(y, -b) FROM bins GROUP BY 1",
    "anomaly": _BINS.format(n=6, w="revenue", s=43_200) + "SELECT profile, (max(y) FILTER (b = 0)"
    " - avg(y) FILTER (b > 0)) / greatest(stddev_samp(y) FILTER (b > 0), 1) FROM bins GROUP BY 1",
}


def same(found: dict[tuple[str, str], Any], expected: dict[tuple[str, str], Any]) -> None:
    """Equal but for the last digits of numbers; a number next to nothing may be nothing."""

    def known(values: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
        tiny = {key for key, one in values.items() if isinstance(one, float) and abs(one) < 1e-9}
        return {
            key: pytest.approx(one, rel=1e-9) if isinstance(one, float) else one
            for key, one in values.items()
            if key not in tiny
        }

    assert known(found) == known(expected)


@pytest.mark.parametrize("seed", range(2))
async def test_step_by_step_at_once_and_by_duckdb(graph: Graph, seed: int) -> None:
    world = World(graph, Random(seed))
    await world.begin()
    await catch_up(graph, DEFINITIONS, at=world.at)
    for _ in range(40):
        await world.step()
        while (await follow(graph, DEFINITIONS, at=world.at)).profiles:
            pass
    step_by_step = await world.values()
    assert len(step_by_step) > 30
    same(step_by_step, world.by_duckdb())
    await graph.write("MATCH (i:Indicator) DETACH DELETE i")
    await catch_up(graph, DEFINITIONS, at=world.at)
    assert await world.values() == step_by_step
