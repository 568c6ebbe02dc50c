"""How much one caller may ask: requests by a token bucket, and look-ups that find nobody by a budget."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from api.access import Viewer
from api.errors import LookupBudgetError, RateError
from api.settings import ApiSettings

_REMEMBERED = 10_000
"""Callers remembered; one that was forgotten starts with a full bucket."""


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float


class Buckets:
    """A bucket of `size` tokens for each caller, filled at `rate` tokens a second; a rate of 0 is no limit."""

    def __init__(self, size: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._rate = rate
        self._clock = clock
        self._levels: OrderedDict[str, _Level] = OrderedDict()

    def wait(self, caller: str) -> float:
        """Seconds until the caller's bucket holds a token; 0 when it does now."""
        return 0.0 if self._rate == 0 else max(0.0, (1.0 - self._filled(caller).tokens) / self._rate)

    def take(self, caller: str, tokens: int = 1) -> None:
        """Take tokens out, into debt if there are not so many."""
        if self._rate and tokens:
            self._filled(caller).tokens -= tokens

    def _filled(self, caller: str) -> _Level:
        now = self._clock()
        level = self._levels.setdefault(caller, _Level(self._size, now))
        level.tokens = min(self._size, level.tokens + (now - level.at) * self._rate)
        level.at = now
        self._levels.move_to_end(caller)
        while len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return level


class Limits:
    """The limits of one process; a caller is a key or a token's subject."""

    def __init__(self, settings: ApiSettings, clock: Callable[[], float] = time.monotonic) -> None:
        rate, hourly = settings.requests_per_second, settings.missed_lookups
        self._requests = Buckets(2 * rate, rate, clock)
        self._misses = Buckets(hourly, hourly / 3600, clock)

    def count_request(self, viewer: Viewer) -> None:
        """Count a request; raises RateError when the caller has sent too many."""
        if wait := self._requests.wait(viewer.key_id):
            raise RateError(math.ceil(wait))
        self._requests.take(viewer.key_id)

    def allow_lookup(self, viewer: Viewer) -> None:
        """Raise LookupBudgetError when too many of the caller's look-ups found nobody: it may be guessing."""
        if wait := self._misses.wait(viewer.key_id):
            raise LookupBudgetError(math.ceil(wait))

    def count_misses(self, viewer: Viewer, misses: int) -> None:
        """Count look-ups that found nobody."""
        self._misses.take(viewer.key_id, misses)
