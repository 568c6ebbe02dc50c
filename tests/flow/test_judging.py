"""Labelled pairs from a file: what fits is one decision, waits as pending, and teaches the next model."""

from datetime import UTC, datetime

import pytest

from graph.errors import InputError
from graph.facts import SourceRecord
from graph.judgements import standing_judgements
from graph.memberships import stream_memberships
from graph.models import publish_model, published_model
from graph.records import write_records
from graph.stored_records import pending_keys
from graph.vocabulary import RecordKind, Verdict
from resolution.judging import judge_pairs, read_pairs
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings
from resolution.training import train_on_records

pytestmark = [pytest.mark.store, pytest.mark.flow]

DAWN = datetime(2025, 1, 1, tzinfo=UTC)
GIVEN = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Margaret", "Tim", "Radia", "Ken")
SURNAMES = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Dijkstra",
    "Liskov",
    "Knuth",
    "Hamilton",
    "Lee",
    "Perlman",
    "Thompson",
)


def person(copy: int, number: int) -> SourceRecord:
    attributes = {
        "given_name": GIVEN[number % 10],
        "surname": SURNAMES[number // 10 % 10],
        "birth_date": f"19{number % 80 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}",
    }
    return SourceRecord(
        f"s{copy}", str(number), RecordKind.PERSON, attributes, content_hash=f"{copy}{number}"
    )


@pytest.fixture
async def people(graph):
    """Sixty people twice, resolved under the default model."""
    model = default_model()
    await publish_model(graph, model.version, model.to_json(), "a test")
    await write_records(graph, [person(copy, number) for copy in (0, 1) for number in range(60)], DAWN)
    await resolve(graph, ResolutionSettings())
    return graph


async def home(graph, key) -> str:
    return {f"{r['source']}:{r['record_id']}": r["profile_id"] async for r in stream_memberships(graph)}[key]


def written(path, *lines: str):
    path.write_text("\n".join(("left,right,verdict,reason", *lines)))
    return path


async def test_what_fits_is_taken_and_waits_to_be_resolved(people, tmp_path) -> None:
    file = written(
        tmp_path / "labels.csv",
        "s0:1,s1:1,different,twins",
        "s0:2,s0:3,same,",
        "s0:3,s0:4,same,",
        "s0:4,s0:2,different,",
        "s0:5,s0:nobody,same,",
        "s0:2,s0:3,same,again",
        "s0:6,s0:7,unsure,",
    )
    report = await judge_pairs(people, read_pairs(file), "ann", "a file")
    assert (report.judged, report.unchanged) == (4, 1)
    assert [(one.line, one.code) for one in report.refused] == [
        (5, "judgements_contradict"),
        (6, "not_found"),
    ]
    assert "s0:2 SAME s0:3; s0:3 SAME s0:4" in report.refused[0].reason
    touched = {"s0:1", "s1:1", "s0:2", "s0:3", "s0:4", "s0:6", "s0:7"}
    assert await pending_keys(people) == touched, "whoever is killed now loses nothing"
    assert await home(people, "s0:1") == await home(people, "s1:1")
    await resolve(people, ResolutionSettings())
    assert not await pending_keys(people)
    assert await home(people, "s0:1") != await home(people, "s1:1")
    assert await home(people, "s0:2") == await home(people, "s0:4")
    again = await judge_pairs(people, read_pairs(file), "ann", "a file")
    assert (again.decision_id, again.judged, again.unchanged) == (None, 0, 5)


async def test_a_later_file_takes_the_place_of_an_earlier(people, tmp_path) -> None:
    await judge_pairs(people, read_pairs(written(tmp_path / "a.csv", "s0:1,s0:2,same,")), "ann", "a file")
    await judge_pairs(people, read_pairs(written(tmp_path / "b.csv", "s0:2,s0:1,DIFFERENT,")), "ben", "b")
    [one] = await standing_judgements(people)
    assert (one.pair, one.verdict) == (("s0:1", "s0:2"), Verdict.DIFFERENT)


def test_a_file_that_cannot_be_read(tmp_path) -> None:
    with pytest.raises(InputError, match="line 2"):
        read_pairs(written(tmp_path / "labels.csv", "s0:1,s1:1,perhaps,"))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="needs the columns"):
        read_pairs(tmp_path / "other.csv")


async def test_training_tells_what_labels_did(people, tmp_path) -> None:
    same = [f"s0:{number},s1:{number},same," for number in range(60)]
    different = [f"s0:{number},s0:{(number + 20) % 60},different," for number in range(20)]
    await judge_pairs(
        people, read_pairs(written(tmp_path / "labels.csv", *same, *different)), "ann", "a file"
    )
    report = await train_on_records(people)
    assert report.published
    assert report.labels
    assert report.labels.labels == 80
    assert 0 < report.labels.held_back < 80
    assert not report.labels.enough
    published = await published_model(people)
    assert published
    assert published.version == report.model.version
    assert "80 labels" in published.cause
    assert "too few" in published.cause
