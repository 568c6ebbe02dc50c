"""Relay connections over keysets: the cursor names the last row seen, so pages stay right while data grows."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import orjson
import strawberry

from graph.errors import InputError

Node = TypeVar("Node")
Row = TypeVar("Row")

LARGEST_PAGE = 100
_LONGEST_CURSOR = 2_000

First = Annotated[int, strawberry.argument(description="How many to answer, 1 to 100.")]
After = Annotated[
    str | None, strawberry.argument(description="The endCursor of the page before; none for the first page.")
]


@strawberry.type(description="Where a page lies in the whole.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with a cursor.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first item, none on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last item: `after` of the next page."
    )


@strawberry.type(description="One item of a page.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="Opaque place of this item.")
    node: Node = strawberry.field(description="The item.")


@strawberry.type(description="One page of items.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = strawberry.field(description="The items with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")


def page_size(first: int) -> int:
    """The size of a page, or InputError when it is not 1 to 100."""
    if not 1 <= first <= LARGEST_PAGE:
        raise InputError(f"first must be 1 to {LARGEST_PAGE}.")
    return first


def encode_cursor(noun: str, *place: str) -> str:
    """A cursor for the row at `place` in the listing called `noun`."""
    return base64.urlsafe_b64encode(orjson.dumps([noun, *place])).decode().rstrip("=")


def decode_cursor(noun: str, cursor: str, parts: int) -> tuple[str, ...]:
    """The place a cursor names; raises InputError for anything `encode_cursor(noun, …)` did not make."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = orjson.loads(text)
        if [type(part) for part in found] != [str] * (parts + 1) or found[0] != noun:
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise InputError(
            "after is not a cursor of this listing: use the endCursor of the page before."
        ) from None
    return tuple(found[1:])


def connect(
    rows: Sequence[Row],
    size: int,
    after: str | None,
    node: Callable[[Row], Node],
    cursor: Callable[[Row], str],
) -> Connection[Node]:
    """The page of the first `size` of `rows`, of which one more than that was read when there is more."""
    edges = [Edge(cursor=cursor(row), node=node(row)) for row in rows[:size]]
    page_info = PageInfo(
        has_next_page=len(rows) > size,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=page_info)
