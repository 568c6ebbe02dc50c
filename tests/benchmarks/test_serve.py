"""The arithmetic of the serving benchmark, and the people that it fills a graph with."""

import json

import pytest

from api.documents import Documents
from api.schema import build_schema
from api.settings import ApiSettings
from benchmarks.answer_steps import Steps
from benchmarks.asking import QUESTIONS
from benchmarks.resolved_graph import JOURNEY, MOST_TOUCHPOINTS, person, profile_id, walkers
from benchmarks.serve import Way
from graph.profiles import stored_profile
from graph.vocabulary import ATTRIBUTES


def test_a_round_counts_all_answers_and_takes_percentiles_in_milliseconds() -> None:
    way = Way()
    way.note([number / 1000 for number in range(1, 102)], seconds=2.0)
    assert way.rates == [50.5]
    assert {one: round(taken[0], 6) for one, taken in way.percentiles.items()} == {50: 51, 95: 96, 99: 100}


def test_no_percentile_is_beyond_the_slowest_answer() -> None:
    way = Way()
    way.note([0.1, 0.3], seconds=0.4)
    assert pytest.approx(way.percentiles[50][0]) == 200
    assert way.percentiles[99][0] <= 300


def test_a_step_is_its_median() -> None:
    steps = Steps()
    for _ in range(3):
        with steps("nothing"):
            pass
    assert list(steps.milliseconds()) == ["nothing"]
    assert steps.milliseconds()["nothing"] >= 0


@pytest.mark.parametrize("people", [10, 50_000, 1_000_000])
def test_touchpoints_are_a_million_at_most(people: int) -> None:
    assert walkers(people) * JOURNEY == min(people * JOURNEY, MOST_TOUCHPOINTS)


def test_people_are_as_resolution_leaves_them() -> None:
    found = person(7, b"salt")
    profile = stored_profile(found["profile"])
    assert profile.id == profile_id(7) != profile_id(8)
    assert set(profile.attributes) <= set(ATTRIBUTES)
    assert {one.attribute: one.value for one in profile.golden()} == dict(profile.attributes)
    assert {found[one]["key"] for one in ("crm", "shop")} == {
        key for one in profile.golden() for key in (one.record_key, one.alternatives[0].record_key)
    }
    assert json.loads(found["crm"]["raw"]) == dict(profile.attributes)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_documents_fit_the_schema_and_what_a_document_may_cost(question) -> None:
    read = Documents(build_schema(), ApiSettings()).read(question.document, question.about(1))
    assert not read.writes
