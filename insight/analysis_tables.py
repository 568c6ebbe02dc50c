"""The tables of the columnar copy, and how journeys with their sessions are made of what was copied."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from insight.sessions import SessionSettings

_INSTANT = pa.timestamp("us")

COLUMNS: dict[str, pa.Schema] = {
    "touchpoints": pa.schema(
        {
            **dict.fromkeys(("record_key", "key"), pa.string()),
            "moment": _INSTANT,
            **dict.fromkeys(("type", "channel", "campaign", "source"), pa.string()),
            "revenue": pa.float64(),
        }
    ),
    "memberships": pa.schema(
        {
            "record_key": pa.string(),
            "profile_id": pa.string(),
            "valid_from": _INSTANT,
            "valid_until": _INSTANT,
        }
    ),
    "segments": pa.schema({"segment": pa.string(), "profile_id": pa.string(), "inside": pa.bool_()}),
}
"""What is copied, by table."""

_TYPES = {pa.string(): "VARCHAR", _INSTANT: "TIMESTAMP", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}

_JOURNEYS = """
CREATE TABLE IF NOT EXISTS journeys (
    profile_id VARCHAR, place INTEGER, moment TIMESTAMP, type VARCHAR, channel VARCHAR, campaign VARCHAR,
    source VARCHAR, revenue DOUBLE, session INTEGER, repeated BOOLEAN, following VARCHAR);
CREATE TABLE IF NOT EXISTS copied (number BIGINT, moment TIMESTAMP, sessions VARCHAR);
"""


def create(database: duckdb.DuckDBPyConnection) -> None:
    """Create what is not there yet."""
    for table, schema in COLUMNS.items():
        columns = ", ".join(f"{field.name} {_TYPES[field.type]}" for field in schema)
        database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    database.execute(_JOURNEYS)


def insert(database: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows to a table."""
    arrow = pa.Table.from_pylist(list(rows), schema=COLUMNS[table])
    database.register("arriving", arrow)
    database.execute(f"INSERT INTO {table} SELECT * FROM arriving")
    database.unregister("arriving")


def begin_change(
    database: duckdb.DuckDBPyConnection, record_keys: Sequence[str], moved: Sequence[dict[str, Any]]
) -> None:
    """Take away what is known of some records, and of who entered or left which segment; write the latter anew.

    The profiles that had those records are then in the temporary table `affected`.
    """
    keys = {"keys": list(record_keys)}
    database.execute("CREATE TEMP TABLE changed AS SELECT unnest($keys::VARCHAR[]) AS record_key", keys)
    database.execute(
        "CREATE TEMP TABLE affected AS SELECT profile_id FROM memberships SEMI JOIN changed USING (record_key)"
    )
    for table in ("touchpoints", "memberships"):
        database.execute(f"DELETE FROM {table} WHERE record_key IN (FROM changed)")
    database.register("moved", pa.Table.from_pylist(list(moved), schema=COLUMNS["segments"]))
    database.execute(
        "DELETE FROM segments WHERE (segment, profile_id) IN (SELECT (segment, profile_id) FROM moved)"
    )
    database.execute("INSERT INTO segments FROM moved WHERE inside")
    database.unregister("moved")


def end_change(database: duckdb.DuckDBPyConnection) -> None:
    """Add the profiles that have the records now to `affected`."""
    database.execute(
        "INSERT INTO affected SELECT profile_id FROM memberships SEMI JOIN changed USING (record_key)"
    )


_ORDER = """
CREATE OR REPLACE TEMP TABLE ordered AS
SELECT m.profile_id, row_number() OVER journey AS place, t.moment, t.type, t.channel, t.campaign, t.source, t.revenue,
    coalesce(t.moment - lag(t.moment) OVER journey > to_microseconds($gap)
        OR list_contains($start_types::VARCHAR[], t.type)
        OR list_contains($end_types::VARCHAR[], lag(t.type) OVER journey), true) AS breaks
FROM touchpoints t JOIN memberships m USING (record_key)
WHERE (m.valid_from IS NULL OR t.moment >= m.valid_from) AND (m.valid_until IS NULL OR t.moment < m.valid_until)
    AND m.profile_id IN (FROM affected)
WINDOW journey AS (PARTITION BY m.profile_id ORDER BY t.moment, t.key)
"""
# The same sessions as insight/sessions.py cuts: a campaign is compared with the last one named since the break.
_CUT = """
INSERT INTO journeys
WITH run AS (
    SELECT *, count(*) FILTER (breaks) OVER (PARTITION BY profile_id ORDER BY place) AS run FROM ordered
), led AS (
    SELECT *, breaks OR ($new_campaign AND campaign IS NOT NULL AND campaign IS DISTINCT FROM
        last_value(campaign IGNORE NULLS) OVER (PARTITION BY profile_id, run ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS begins
    FROM run
), cut AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY profile_id ORDER BY place) AS session FROM led
)
SELECT profile_id, place, moment, type, channel, campaign, source, revenue, session,
    coalesce(type = lag(type) OVER visit, false), lead(type) OVER visit
FROM cut WINDOW visit AS (PARTITION BY profile_id, session ORDER BY place)
ORDER BY profile_id, place
"""


def rebuild_journeys(
    database: duckdb.DuckDBPyConnection, settings: SessionSettings, *, everybody: bool
) -> None:
    """Write the journeys of the profiles in the table `affected`, or of everybody, anew."""
    if everybody:
        database.execute("CREATE TEMP TABLE affected AS SELECT DISTINCT profile_id FROM memberships")
        database.execute("DELETE FROM journeys")
    else:
        database.execute("DELETE FROM journeys WHERE profile_id IN (FROM affected)")
    values = {
        "gap": settings.gap // timedelta(microseconds=1),
        "start_types": sorted(settings.start_types),
        "end_types": sorted(settings.end_types),
    }
    database.execute(_ORDER, values)
    database.execute(_CUT, {"new_campaign": settings.new_campaign})
    database.execute("DROP TABLE ordered")
