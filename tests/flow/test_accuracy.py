"""Labelled sets end to end, without labels: files in, people out, judged against truth that was never input."""

from pathlib import Path

import duckdb
import pytest

from graph.facts import record_key
from graph.memberships import stream_memberships
from loaders.load import load_file
from loaders.mapping import read_mapping
from resolution.evaluate import Evaluation, evaluate
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"


async def people(graph, **files: str) -> dict[str, str]:
    """Load `mapping=file` pairs, resolve, and return the profile of each record of a person or organisation."""
    for mapping, file in files.items():
        report = await load_file(graph, EXAMPLES / file, read_mapping(EXAMPLES / f"{mapping}.toml"))
        assert report.lines == report.accepted + report.duplicate + report.rejected
        assert (report.rejected, report.failed, report.pending) == (0, 0, 0)
    await resolve(graph, ResolutionSettings())
    return {
        record_key(row["source"], row["record_id"]): row["profile_id"]
        async for row in stream_memberships(graph)
    }


def judged(memberships: dict[str, str], query: str) -> Evaluation:
    """`query` selects source, record_id, person from the example folder."""
    rows = duckdb.sql(query.format(folder=EXAMPLES)).fetchall()
    result = evaluate({record_key(source, record): str(who) for source, record, who in rows}, memberships)
    assert result.missing == 0
    return result


async def test_households_of_cdp_sample(graph) -> None:
    memberships = await people(
        graph,
        cdp_sample_records="cdp_sample/records.parquet",
        cdp_sample_events="cdp_sample/events.parquet",
    )
    result = judged(
        memberships, "SELECT source, record_id, person_id FROM '{folder}/cdp_sample/truth_records.parquet'"
    )
    assert result.pairwise.precision >= 0.93
    assert result.pairwise.recall >= 0.60
    assert result.largest <= 12


SHARED_MAILBOX = """
SELECT DATA_SOURCE || ':' || RECORD_ID FROM read_csv(
    ['{folder}/senzing_truthset/customers.csv', '{folder}/senzing_truthset/reference.csv'],
    all_varchar=true, union_by_name=true)
WHERE lower(EMAIL_ADDRESS) = 'info@ca-state.gov'
"""


async def test_traps_of_the_senzing_truth_set(graph) -> None:
    memberships = await people(
        graph,
        senzing_customers="senzing_truthset/customers.csv",
        senzing_reference="senzing_truthset/reference.csv",
        senzing_watchlist="senzing_truthset/watchlist.csv",
    )
    truth = (
        "SELECT DATA_SOURCE, RECORD_ID, CLUSTER_ID"
        " FROM read_csv('{folder}/senzing_truthset/actual_truthset_key.csv', all_varchar=true)"
    )
    assert judged(memberships, truth).pairwise.f1 >= 0.75
    holders = [key for (key,) in duckdb.sql(SHARED_MAILBOX.format(folder=EXAMPLES)).fetchall()]
    assert len(holders) >= 19
    held_alone = await graph.read(_HELD_ALONE, keys=holders)
    assert held_alone == []


_HELD_ALONE = """
MATCH (l:SourceRecord)-[:RESOLVES_TO]->(p:Profile)<-[:RESOLVES_TO]-(r:SourceRecord)
WHERE l.key IN $keys AND r.key IN $keys AND l.key < r.key AND p.retired_at IS NULL
  AND NOT EXISTS { (l)-[:MATCHES*1..4]-(r) }
  AND NOT EXISTS {
    MATCH (l)-[:HAS_IDENTIFIER]->(i:Identifier)<-[:HAS_IDENTIFIER]-(r)
    WHERE i.value <> 'info@ca-state.gov'
  }
RETURN l.key AS left, r.key AS right
"""


async def test_damaged_copies_of_historical_figures(graph) -> None:
    file = "splink_historical_50k/historical_figures_with_errors_50k.parquet"
    memberships = await people(graph, splink_historical_50k=file)
    source = next(iter(memberships)).partition(":")[0]
    truth = f"SELECT '{source}', unique_id, cluster FROM '{{folder}}/{file}'"
    assert judged(memberships, truth).pairwise.f1 >= 0.84
