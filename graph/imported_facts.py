"""Facts of a staging as the offline importer's input: records, identifiers, consents, touchpoints and their ties."""

from pathlib import Path

import duckdb

from graph.blocking import BLOCK_COLUMNS
from graph.cleaning import CLEANING
from graph.import_files import ImportFiles, instant_text
from graph.staged_facts import StagedFacts
from graph.vocabulary import ATTRIBUTES

_NAMES = ", ".join(("source", "record_id", "kind", "raw", "extra", "content_hash", *ATTRIBUTES))

_RECORDS = f"""
SELECT key AS "key:ID(SourceRecord)", {_NAMES}, {CLEANING}::BIGINT AS "cleaning:long",
  nullif(verified, []) AS "verified:string[]",
  observed_at AS "observed_at:datetime", {{at}} AS "accepted_at:datetime", {{at}} AS "updated_at:datetime" {{more}}
FROM records
"""
_COMPARED = ", ".join(("", *BLOCK_COLUMNS)) + ', {at} AS "resolved_at:datetime"'

_DECISIONS = """
SELECT DISTINCT ON (consent_key) * FROM (
  SELECT ordinal, source, unnest(consents, recursive := true) FROM statements
) ORDER BY consent_key, ordinal DESC
"""

_IDENTIFIERS = """
WITH held AS (
  SELECT DISTINCT ON (key) * FROM (
    SELECT unnest(identifier_keys) AS key, unnest(identifier_kinds) AS kind, unnest(identifier_values) AS value
    FROM records
    UNION ALL SELECT identifier_key, identifier_kind, identifier_value FROM decisions
  )
)
SELECT held.key AS "key:ID(Identifier)", kind, value, coalesce(state, 'linking') AS state, reason
FROM held LEFT JOIN states ON states.key = held.key
"""

_HOLDINGS = """
SELECT key AS ":START_ID(SourceRecord)", unnest(identifier_keys) AS ":END_ID(Identifier)", {at} AS "since:datetime"
FROM records
"""

_CONSENTS = """
SELECT consent_key AS "key:ID(Consent)", purpose, source, status, coalesce(decided_at, {at}) AS "decided_at:datetime",
  expires_at AS "expires_at:datetime", {at} AS "accepted_at:datetime" FROM decisions
"""

_CONSENTING = """
SELECT identifier_key AS ":START_ID(Identifier)", consent_key AS ":END_ID(Consent)" FROM decisions
"""

_TOUCHPOINTS = """
SELECT touchpoint_key AS "key:ID(Touchpoint)", key AS record_key, source, message_id,
  occurred_at AS "occurred_at:datetime", type, channel, campaign, revenue AS "revenue:double", properties,
  touchpoint_hash AS content_hash, device_key, {at} AS "accepted_at:datetime"
FROM statements SEMI JOIN last_touchpoints USING (ordinal)
"""

_HANGINGS = """
SELECT touchpoint_key AS ":START_ID(Touchpoint)", key AS ":END_ID(SourceRecord)"
FROM statements SEMI JOIN last_touchpoints USING (ordinal)
"""


def write_facts(facts: StagedFacts, files: ImportFiles, states: Path | None) -> None:
    """Write nodes and relationships of the facts; without `states` of identifiers, a Parquet file of (key, state,
    reason), nothing was resolved: the records are pending."""
    labels = ("SourceRecord",) if states else ("SourceRecord", "Pending")
    with facts.database() as database:
        known = f"FROM '{states}'" if states else "SELECT '' AS key, NULL AS state, NULL AS reason LIMIT 0"
        database.execute(f"CREATE TEMP VIEW states AS {known}")
        database.execute(f"CREATE TEMP TABLE decisions AS {_DECISIONS}").fetchall()
        for query, path in (
            (_RECORDS.replace("{more}", _COMPARED if states else ""), files.nodes(*labels)),
            (_IDENTIFIERS, files.nodes("Identifier")),
            (_HOLDINGS, files.relationships("HAS_IDENTIFIER")),
            (_CONSENTS, files.nodes("Consent")),
            (_CONSENTING, files.relationships("HAS_CONSENT")),
            (_TOUCHPOINTS, files.nodes("Touchpoint")),
            (_HANGINGS, files.relationships("OF")),
        ):
            _copy(database, query.replace("{at}", instant_text(facts.at)), path)


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    database.execute(
        f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    ).fetchall()
