"""Portions: together they are the difference, and no move is torn."""

from dataclasses import fields

import pytest

from graph.difference import Difference
from resolution import portions as portioning
from resolution.portions import portions


@pytest.fixture
def difference(world, person):
    """Forty records in twenty pairs that were joined, moved apart and joined anew."""
    world.add(*(person(f"crm:{n:02}", day=n, given_name="Ada", surname=f"S{n // 2}") for n in range(40)))
    for n in range(0, 40, 2):
        world.link(f"crm:{n:02}", f"crm:{n + 1:02}", 9.0)
    world.resolve()
    world.edges.clear()
    for n in range(1, 39, 4):
        world.link(f"crm:{n:02}", f"crm:{n + 1:02}", 9.0)
    return world.resolve()


def test_together_they_are_the_difference(difference, monkeypatch) -> None:
    monkeypatch.setattr(portioning, "_ITEMS", 5)
    parts = list(portions(difference))
    assert len(parts) > 3
    for field in fields(Difference):
        whole = getattr(difference, field.name)
        cut = [item for part in parts for item in getattr(part, field.name)]
        assert sorted(map(repr, cut)) == sorted(map(repr, whole))


def test_no_move_is_torn(difference, monkeypatch) -> None:
    monkeypatch.setattr(portioning, "_ITEMS", 1)
    for part in portions(difference):
        moved = {key for key, _ in (*part.joined, *part.left)}
        assert moved == {key for event in part.events for key in event.record_keys}
        assert {key for key, _ in part.left} <= {key for key, _ in part.joined}


def test_nothing_gives_no_portion() -> None:
    assert list(portions(Difference())) == []
