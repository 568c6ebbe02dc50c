"""Through the real graph: the copy that follows equals the copy made anew, and a shop's funnel equals DuckDB alone."""

import asyncio
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from graph.connection import Graph
from graph.errors import AnalysisDueError, AnalysisHeldError
from graph.facts import Tombstone, Touchpoint
from graph.records import remove_records, write_records
from graph.touchpoints import remove_touchpoints, write_touchpoints
from insight.analysis import Analysis
from insight.funnel_questions import Grouping, Question, measure
from insight.funnels import define_funnel
from insight.paths import PathQuestion, common_paths, transitions
from insight.sessions import SessionSettings
from loaders.facts import RowFacts, RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOP = EXAMPLES / "retentioneering_ecom" / "ecom.parquet"
DAWN = datetime(2025, 1, 1, tzinfo=UTC)
SETTINGS = ResolutionSettings()
RULES = SessionSettings(end_types=frozenset({"purchase"}))
FUNNEL = define_funnel(
    {"steps": [{"types": ["product_view"]}, {"types": ["add_to_cart"]}, {"types": ["purchase"]}]}
)

_FUNNEL_ALONE = """
WITH e AS (SELECT DISTINCT user_id, timestamp, event FROM $shop WHERE user_id < 'user_0020'),
viewed AS (SELECT user_id, min(timestamp) AS at FROM e WHERE event = 'product_view' GROUP BY ALL),
added AS (SELECT user_id, min(e.timestamp) AS at FROM e JOIN viewed v USING (user_id)
    WHERE event = 'add_to_cart' AND e.timestamp > v.at GROUP BY ALL),
bought AS (SELECT user_id, min(e.timestamp) AS at FROM e JOIN added a USING (user_id)
    WHERE event = 'purchase' AND e.timestamp > a.at GROUP BY ALL)
SELECT (SELECT count(*) FROM viewed), (SELECT count(*) FROM added), (SELECT count(*) FROM bought)
"""
"""Without a limit of time the furthest attempt is that of the first view."""

_STATE = """
SELECT * FROM (SELECT 'touchpoints', record_key, key, moment::VARCHAR, type FROM touchpoints
UNION ALL SELECT 'memberships', record_key, profile_id, valid_from::VARCHAR, '' FROM memberships
UNION ALL SELECT 'segments', segment, profile_id, '', '' FROM segments
UNION ALL SELECT 'journeys', profile_id, place::VARCHAR, session::VARCHAR || moment::VARCHAR,
    type || coalesce(following, '-') || repeated FROM journeys) ORDER BY ALL
"""


def shop(graph: Graph) -> list[RowFacts]:
    """What the first twenty users of the shop did."""
    mapper = RowMapper(read_mapping(EXAMPLES / "retentioneering_ecom.toml"), graph.salt)
    return [mapper.facts(row) for row in open_rows(SHOP).rows if row.values["user_id"] < "user_0020"]


async def take_in(graph: Graph, facts: list[RowFacts]) -> list[Touchpoint]:
    records = {one.record.key: one.record for one in facts if one.record}
    touchpoints = [one.touchpoint for one in facts if one.touchpoint]
    await write_records(graph, list(records.values()), DAWN)
    await write_touchpoints(graph, touchpoints, DAWN)
    await resolve(graph, SETTINGS)
    return touchpoints


async def test_a_shops_funnel_equals_duckdb_alone(graph: Graph, tmp_path: Path) -> None:
    await take_in(graph, shop(graph))
    analysis = Analysis(graph, RULES, tmp_path / "analysis")
    answer = await measure(analysis, FUNNEL, Question(by=Grouping.CHANNEL))
    with duckdb.connect() as alone:
        expected = alone.execute(_FUNNEL_ALONE.replace("$shop", f"'{SHOP}'")).fetchall()[0]
    assert tuple(stage.profiles for stage in answer.whole.stages) == expected
    assert 0 < expected[2] < expected[0] <= 20
    paths, _ = await common_paths(analysis, PathQuestion(last_type="purchase", length=3))
    assert all(path.types[-1] == "purchase" for path in paths)
    assert sum(path.share for path in paths) <= 1.0001
    after, _ = await transitions(analysis, ["purchase"])
    assert [(one.next, one.probability) for one in after] == [(None, 1.0)]  # a purchase ends a session here
    await analysis.close()


async def test_what_follows_equals_what_is_made_anew(graph: Graph, tmp_path: Path) -> None:
    facts = shop(graph)[:400]
    random.Random(4).shuffle(facts)
    third = len(facts) // 3
    following = Analysis(graph, RULES, tmp_path / "following")
    touchpoints = await take_in(graph, facts[:third])
    await following.refresh()
    await take_in(graph, facts[third:])
    await following.refresh()
    await remove_touchpoints(graph, [one.key for one in touchpoints[:20]])
    await remove_records(graph, [Tombstone("shop_web", "user_0003")])
    await resolve(graph, SETTINGS)
    anew = Analysis(graph, RULES, tmp_path / "anew")
    states = [(await one.ask(_STATE, {})).rows for one in (following, anew)]
    assert states[0] == states[1]
    assert len(states[0]) > 2 * third
    for one in (following, anew):
        await one.close()


async def test_a_question_waits_only_so_long(graph: Graph, tmp_path: Path) -> None:
    await take_in(graph, shop(graph)[:50])
    analysis = Analysis(graph, RULES, tmp_path / "analysis", patience=0)
    with pytest.raises(AnalysisDueError, match="ask again"):
        await analysis.ask("SELECT count(*) FROM touchpoints", {})
    await analysis.refresh()
    assert (await analysis.ask("SELECT count(*) FROM touchpoints", {})).rows == [(50,)]
    await analysis.close()


_HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); input()"


async def test_a_copy_that_another_process_has_open_is_left_alone(graph: Graph, tmp_path: Path) -> None:
    file = tmp_path / "analysis" / "analysis.duckdb"
    file.parent.mkdir()
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _HOLD, str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdout
    assert await other.stdout.readline()
    with pytest.raises(AnalysisHeldError):
        await Analysis(graph, RULES, file.parent).refresh()
    await other.communicate(b"\n")
    assert file.exists()


async def test_a_copy_of_another_state_is_made_again(graph: Graph, tmp_path: Path) -> None:
    await take_in(graph, shop(graph)[:50])
    (tmp_path / "spoilt").mkdir()
    (tmp_path / "spoilt" / "analysis.duckdb").write_bytes(b"no database" * 1000)
    analysis = Analysis(graph, RULES, tmp_path / "spoilt")
    assert (await analysis.ask("SELECT count(*) FROM touchpoints", {})).rows == [(50,)]
    await analysis.close()
    await graph.write("MATCH (n) WHERE NOT n:Installation DETACH DELETE n")
    again = Analysis(graph, RULES, tmp_path / "spoilt")
    assert (await again.ask("SELECT count(*) FROM touchpoints", {})).rows == [(0,)]
    await again.close()
