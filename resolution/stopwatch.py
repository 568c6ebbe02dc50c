"""Seconds per named step of one run."""

import time
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager


class Stopwatch:
    """Adds up wall-clock seconds per step; `total` runs from the beginning."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._steps: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, step: str) -> Generator[None]:
        """Time the body as part of `step`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._steps[step] += time.perf_counter() - began

    def seconds(self, *steps: str) -> dict[str, float]:
        """Seconds of each of `steps` (0 for one that never ran) and in `total`, to the millisecond."""
        found = {step: round(self._steps[step], 3) for step in steps}
        return {**found, "total": round(time.perf_counter() - self._began, 3)}
