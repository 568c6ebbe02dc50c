"""Cursors: what was encoded comes back, and nothing else is taken for a cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.connections import connect, decode_cursor, encode_cursor, page_size
from graph.errors import InputError

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(place=st.lists(text, min_size=1, max_size=3))
def test_a_cursor_leads_back_to_its_place(place: list[str]) -> None:
    assert decode_cursor("journey", encode_cursor("journey", *place), len(place)) == tuple(place)


@given(noise=st.text(max_size=60))
def test_noise_is_refused(noise: str) -> None:
    with pytest.raises(InputError):
        decode_cursor("journey", noise, 2)


@given(place=text)
def test_a_cursor_of_another_listing_is_refused(place: str) -> None:
    with pytest.raises(InputError):
        decode_cursor("segment", encode_cursor("journey", place), 1)


@given(rows=st.sets(st.integers(0, 10**6), max_size=30), size=st.integers(1, 8))
def test_pages_walk_through_everything_once(rows: set[int], size: int) -> None:
    ordered, seen, after = sorted(rows), list[int](), None
    for _ in range(len(rows) + 1):
        last = -1 if after is None else int(decode_cursor("rows", after, 1)[0])
        found = [row for row in ordered if row > last][: size + 1]
        page = connect(found, size, after, int, lambda row: encode_cursor("rows", str(row)))
        seen += [edge.node for edge in page.edges]
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert seen == ordered


@pytest.mark.parametrize("first", [0, -5, 101, 10**9])
def test_page_size_is_bounded(first: int) -> None:
    with pytest.raises(InputError):
        page_size(first)
