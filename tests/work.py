"""Work counted instead of timed: what a machine that is busy does not change."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Calls:
    """How many functions this thread has called, of Python and of C."""

    def __init__(self) -> None:
        self.count = 0

    def _profile(self, _: FrameType, event: str, __: Any) -> None:
        self.count += event in ("call", "c_call")


@contextmanager
def calls_counted() -> Iterator[Calls]:
    """Count the calls of this thread until the block ends; every task of an event loop in it counts."""
    calls, before = Calls(), sys.getprofile()
    sys.setprofile(calls._profile)
    try:
        yield calls
    finally:
        sys.setprofile(before)
