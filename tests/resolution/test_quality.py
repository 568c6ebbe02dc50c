"""What is measured of identities equals what SQL makes of the same facts; of a day the last is kept."""

import math
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import duckdb
import pyarrow as pa
import pytest

from graph.connection import Graph
from graph.models import publish_model, record_configuration
from graph.quality import quality_days
from graph.vocabulary import IdentityChange
from resolution.model import default_model
from resolution.quality import QualitySnapshot, latest_quality, measure_quality
from resolution.quality_settings import Check, QualitySettings
from resolution.settings import ResolutionSettings
from tests.resolution.universe_of_profiles import AT, Universe, draw, write

pytestmark = pytest.mark.store

PROFILES = 400
SETTINGS = QualitySettings.model_validate(
    {"oversized": {"limit": 5, "share": 0.05}, "postcodes": {"limit": 2, "share": 1}}
)
MODEL = default_model()


@contextmanager
def tables(universe: Universe) -> Generator[duckdb.DuckDBPyConnection]:
    """The facts of a universe as tables, without visitors."""
    with duckdb.connect() as database:
        for name in ("profiles", "records", "held", "edges"):
            database.register(f"{name}_given", pa.Table.from_pylist(getattr(universe, name)))
        database.execute(
            """
            CREATE TABLE people AS SELECT id FROM profiles_given WHERE kind <> 'VISITOR';
            CREATE TABLE everybody AS FROM records_given;
            CREATE TABLE records AS SELECT r.* FROM records_given r JOIN people ON r.profile = people.id;
            CREATE TABLE held AS SELECT h.*, r.profile, r.source, r.given_name, r.surname FROM held_given h
              JOIN records r ON h.record = r.key WHERE state <> 'blocked';
            CREATE TABLE edges AS SELECT e.*, l.profile AS left_home, l.source AS left_source,
              r.profile AS right_home, r.source AS right_source FROM edges_given e
              JOIN records l ON e.left = l.key JOIN everybody r ON e.right = r.key;
            """
        )
        yield database


def rows(facts: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return facts.execute(query, values or None).fetchall()


OVER = {
    Check.OVERSIZED: ("SELECT profile, count(*) AS n FROM records GROUP BY ALL", 5),
    Check.GIVEN_NAMES: ("SELECT profile, count(DISTINCT given_name) AS n FROM records GROUP BY ALL", 3),
    Check.BIRTH_DATES: ("SELECT profile, count(DISTINCT birth_date) AS n FROM records GROUP BY ALL", 2),
    Check.POSTCODES: (
        "SELECT profile, count(DISTINCT lower(replace(postcode, ' ', ''))) AS n FROM records GROUP BY ALL",
        2,
    ),
    Check.UNIQUES: (
        "SELECT profile, count(DISTINCT value) AS n FROM held WHERE kind = 'ssn' GROUP BY ALL",
        1,
    ),
}


def over_merges_are_those_that_sql_finds(measured: QualitySnapshot, facts: duckdb.DuckDBPyConnection) -> None:
    found = {one.check: one for one in measured.alarms}
    people = rows(facts, "SELECT count(*) FROM people")[0][0]
    assert (measured.profile_count, measured.visitor_count) == (people, PROFILES - people)
    for check, (query, limit) in OVER.items():
        worst = rows(facts, f"FROM ({query}) WHERE n > $limit ORDER BY n DESC, profile", limit=limit)
        alarm = found[check]
        assert worst, check
        assert alarm.concerned == len(worst)
        assert alarm.share == len(worst) / people
        assert [(one.profile_ids[0], one.figure) for one in alarm.offenders] == worst[:20]
        assert alarm.is_alarm == (alarm.share > SETTINGS.threshold(check).share)
    assert not found[Check.POSTCODES].is_alarm
    [(most, all_records)] = rows(
        facts, "SELECT max(n), sum(n) FROM (SELECT count(*) AS n FROM records GROUP BY profile)"
    )
    assert measured.record_count == all_records
    assert found[Check.LARGEST].share == most / all_records
    assert found[Check.LARGEST].offenders[0].figure == most
    sizes = rows(
        facts,
        "SELECT n, count(*) FROM (SELECT count(*) AS n FROM records GROUP BY profile) GROUP BY 1 ORDER BY 1",
    )
    assert [(one.records, one.profiles) for one in measured.sizes] == sizes


SAME_NAME = """
SELECT list(DISTINCT profile ORDER BY profile) AS ids FROM ({facts}) WHERE given_name IS NOT NULL
  AND surname IS NOT NULL AND fact IS NOT NULL GROUP BY given_name, surname, fact HAVING count(DISTINCT profile) > 1
"""
UNDER = {
    Check.NAME_BIRTH_DATE: "SELECT *, CASE WHEN length(birth_date) = 10 THEN birth_date END AS fact FROM records",
    Check.NAME_PHONE: "SELECT *, value AS fact FROM held WHERE kind = 'phone'",
    Check.NAME_EMAIL: "SELECT *, value AS fact FROM held WHERE kind = 'email'",
}


def under_merges_are_those_that_sql_finds(
    measured: QualitySnapshot, facts: duckdb.DuckDBPyConnection
) -> None:
    found = {one.check: one for one in measured.alarms}
    for check, query in UNDER.items():
        groups = {tuple(ids) for (ids,) in rows(facts, SAME_NAME.format(facts=query))}
        assert groups, check
        assert found[check].concerned == len({one for ids in groups for one in ids})
        expected = sorted(groups, key=lambda ids: (-len(ids), ids[:20]))[:20]
        assert [one.profile_ids for one in found[check].offenders] == [ids[:20] for ids in expected]


TWO = """
SELECT least(l.source, r.source) AS a, greatest(l.source, r.source) AS b, {what} FROM records l
JOIN records r ON l.profile = r.profile AND l.key < r.key {more} GROUP BY ALL ORDER BY ALL
"""
PROFILES_OF_BOTH = TWO.format(what="count(DISTINCT l.profile)", more="")
BY_IDENTIFIER = TWO.format(
    what="hl.kind, count(DISTINCT l.profile)",
    more="JOIN held hl ON hl.record = l.key JOIN held hr ON hr.record = r.key AND hl.value = hr.value"
    " WHERE hl.state = 'linking'",
)
BY_MODEL = """
SELECT least(left_source, right_source), greatest(left_source, right_source), 'model', count(DISTINCT left_home)
FROM edges WHERE left_home = right_home AND weight >= $match GROUP BY ALL
"""
POSSIBLE = """
SELECT least(left_source, right_source), greatest(left_source, right_source), count(*) FROM edges
WHERE left_home <> right_home AND weight >= $possible GROUP BY ALL
"""


def overlaps_are_those_that_sql_finds(measured: QualitySnapshot, facts: duckdb.DuckDBPyConnection) -> None:
    found = {(one.left, one.right): one for one in measured.overlaps}
    matched = {(a, b): count for a, b, count in rows(facts, PROFILES_OF_BOTH)}
    assert {pair: one.matched for pair, one in found.items() if one.matched} == matched
    keys = rows(facts, BY_IDENTIFIER) + rows(facts, BY_MODEL, match=MODEL.match)
    for pair, one in found.items():
        told = {(*pair, key, count) for key, count in one.keys if key != "others"}
        assert told == {row for row in keys if row[:2] == pair}
        assert max(count for _, count in one.keys) <= one.matched <= sum(count for _, count in one.keys)
    possible = {(a, b): count for a, b, count in rows(facts, POSSIBLE, possible=MODEL.possible)}
    assert {pair: one.possible for pair, one in found.items() if one.possible} == possible


def the_histogram_has_every_edge_once(measured: QualitySnapshot, facts: duckdb.DuckDBPyConnection) -> None:
    assert measured.model is not None
    bars = {one.weight: (one.together, one.apart) for one in measured.model.histogram}
    expected: dict[int, tuple[int, int]] = {}
    for weight, same in rows(facts, "SELECT weight, left_home = right_home FROM edges"):
        low = math.floor(min(max(weight, -20), 40) / 2) * 2
        together, apart = expected.get(low, (0, 0))
        expected[low] = (together + same, apart + (not same))
    assert bars == expected


async def test_what_is_measured_is_what_sql_finds(graph: Graph) -> None:
    universe = draw(seed=7, count=PROFILES)
    await write(graph, universe)
    await publish_model(graph, MODEL.version, MODEL.to_json(), "for this test")
    measured = await measure_quality(graph, ResolutionSettings(), SETTINGS, AT)
    with tables(universe) as facts:
        over_merges_are_those_that_sql_finds(measured, facts)
        under_merges_are_those_that_sql_finds(measured, facts)
        overlaps_are_those_that_sql_finds(measured, facts)
        the_histogram_has_every_edge_once(measured, facts)
    left = (graph.settings.data_dir / "quality").iterdir()
    assert list(left) == []


_EVENTS: LiteralString = """
UNWIND range(1, 30) AS n
CREATE (:IdentityEvent {id: $change + n, profile_id: 'p' + n, change: $change, at: $at - duration({hours: n * 7})})
"""


async def test_changes_of_ids_are_counted_by_day(graph: Graph) -> None:
    for change, at in (("merged", AT), ("split", AT - timedelta(days=40))):
        await graph.write(_EVENTS, change=change, at=at)
    found = (await measure_quality(graph, ResolutionSettings(), SETTINGS, AT)).changes
    assert {one.change for one in found} == {IdentityChange.MERGED}
    expected = [(AT - timedelta(hours=7 * n)).date() for n in range(1, 31)]
    assert {one.day.date(): one.count for one in found} == {day: expected.count(day) for day in expected}
    assert found[-1].profile_ids == ("p1",)
    assert found[-2].profile_ids == ("p2", "p3", "p4", "p5")


async def test_of_a_day_the_last_is_kept_and_days_are_told(graph: Graph) -> None:
    assert await latest_quality(graph) is None
    await publish_model(graph, MODEL.version, MODEL.to_json(), "for this test")
    for moment, digest in ((AT - timedelta(days=1), "a"), (AT - timedelta(hours=1), "b"), (AT, "c")):
        await record_configuration(graph, f"{MODEL.version} {digest}")
        last = await measure_quality(graph, ResolutionSettings(), SETTINGS, moment)
    assert await latest_quality(graph) == last
    days = await quality_days(graph, AT - timedelta(days=9))
    assert [one.measured_at for one in days] == [AT - timedelta(days=1), AT]
    assert [one.configuration for one in days] == [f"{MODEL.version} {digest}" for digest in "ac"]
    assert days[-1].checks == tuple(one.value for one in Check)
    await graph.write("MATCH (q:QualitySnapshot) SET q.document = '{}'")
    assert await latest_quality(graph) is None
