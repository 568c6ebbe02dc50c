"""Over-merge attacks through the real graph: what arrives bit by bit ends as what arrives at once, and joins nobody."""

from datetime import UTC, datetime

import pytest

from graph.facts import Identifier, SourceRecord
from graph.memberships import stream_memberships
from graph.records import write_records
from graph.sources import Source, write_sources
from graph.vocabulary import RecordKind
from resolution.features import established_names
from resolution.model import default_model
from resolution.resolve import resolve
from resolution.settings import ResolutionSettings

pytestmark = [pytest.mark.store, pytest.mark.flow]

DAWN = datetime(2025, 1, 1, tzinfo=UTC)
SETTINGS = ResolutionSettings()
GIVEN = sorted(established_names())
SURNAMES = sorted(default_model().terms["surname"].values)


def said(source: str, number: int, attributes: dict[str, str], **ids: str) -> SourceRecord:
    held = tuple(Identifier(kind, value) for kind, value in sorted(ids.items()))
    kind = RecordKind.PERSON if attributes or "email" in ids else RecordKind.VISITOR
    return SourceRecord(source, str(number), kind, attributes, held, content_hash=f"{source}{number}")


def stranger(number: int) -> dict[str, str]:
    born = f"{1940 + number % 60}-{1 + number % 12:02}-{1 + number % 28:02}"
    return {
        "given_name": GIVEN[number * 7 % len(GIVEN)].title(),
        "surname": SURNAMES[number * 13 % len(SURNAMES)].title(),
        "birth_date": born,
    }


async def shared_profiles(graph) -> list[list[str]]:
    """The records of every profile that holds more than one."""
    homes: dict[str, list[str]] = {}
    async for row in stream_memberships(graph):
        homes.setdefault(row["profile_id"], []).append(f"{row['source']}:{row['record_id']}")
    return sorted(sorted(keys) for keys in homes.values() if len(keys) > 1)


async def test_a_claimed_source_takes_nobodys_profile(graph) -> None:
    """Two hundred sign-ups with a victim's address, each from a device of its own, a few at first."""
    await write_sources(graph, [Source("web", authenticated=False)])
    await write_records(graph, [said("crm", 0, stranger(0), email="vera@example.org")], DAWN)
    await resolve(graph, SETTINGS)
    first = 0
    for count in (1, 4, 195):
        claims = [
            said("web", number, {}, email="vera@example.org", device=f"device-{number}")
            for number in range(first, first + count)
        ]
        first += count
        await write_records(graph, claims, DAWN)
        await resolve(graph, SETTINGS)
        assert await shared_profiles(graph) == []


async def test_a_kiosk_of_five_hundred_people(graph) -> None:
    people = [said("shop", number, stranger(number), device="kiosk-1") for number in range(500)]
    await write_records(graph, [*people, said("browser", 0, {}, device="kiosk-1")], DAWN)
    await resolve(graph, SETTINGS)
    assert await shared_profiles(graph) == []


async def test_a_default_number_lets_go_of_the_first_it_joined(graph) -> None:
    """A customer number on three people is believed; on a hundred it is nobody's, whoever came first."""
    people = [said("till", number, stranger(number), customer_number="K4711") for number in range(100)]
    await write_records(graph, people[:3], DAWN)
    await resolve(graph, SETTINGS)
    assert [len(keys) for keys in await shared_profiles(graph)] == [3]
    await write_records(graph, people[3:], DAWN)
    await resolve(graph, SETTINGS)
    assert await shared_profiles(graph) == []
    again = await resolve(graph, SETTINGS, full=True)
    assert (again.created, again.merged, again.split) == (0, 0, 0)
