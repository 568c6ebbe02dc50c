"""Look-alikes: whoever was made like the members is found first, and larger audiences are less alike."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from graph.likenesses import Likeness
from insight.look_alikes import compared

AT = datetime(2026, 6, 1, tzinfo=UTC)


def person(number: int, draw: random.Random, *, keen: bool, inside: bool = False) -> Likeness:
    values = (
        "PERSON",
        "f" if keen else "m",
        "199" if keen else "196",
        "GB",
        None,
        "Leeds" if keen else "York",
    )
    counts = {"view": draw.randrange(20, 40), "purchase": draw.randrange(3, 9)} if keen else {"open": 2}
    last_at = AT - timedelta(days=draw.randrange(1, 5) if keen else draw.randrange(100, 200))
    return Likeness(f"p{number:04}", inside, values, counts, 90.0 if keen else 0.0, last_at)


def world() -> list[Likeness]:
    """Twenty members, thirty others like them, and two hundred who are not."""
    draw = random.Random(1)
    members = [person(number, draw, keen=True, inside=True) for number in range(20)]
    alike = [person(number, draw, keen=True) for number in range(20, 50)]
    return [*members, *alike, *(person(number, draw, keen=False) for number in range(50, 250))]


def test_those_made_alike_come_first() -> None:
    answer = compared(world(), 30, AT)
    assert {one.id for one in answer.found} == {f"p{number:04}" for number in range(20, 50)}
    assert (answer.seeds, answer.compared) == (20, 230)


def test_a_larger_audience_is_less_alike() -> None:
    curve = compared(world(), 1, AT).curve
    assert [size for size, _ in curve] == [1, 2, 5, 10, 20, 50, 100, 200, 230]
    assert all(one >= other for (_, one), (_, other) in pairwise(curve))
    assert dict(curve)[20] > 1.5 * dict(curve)[50]


def test_the_order_does_not_depend_on_chance() -> None:
    assert compared(world(), 30, AT) == compared(world(), 30, AT)


def test_without_members_or_others_nobody_is_found() -> None:
    assert compared([person(0, random.Random(1), keen=True)], 5, AT).found == ()
