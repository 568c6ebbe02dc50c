"""The years of the universe: when people were born, and when records of them are made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
"""One day per row."""

WINDOW = (np.datetime64("2014-01-01"), np.datetime64("2026-01-01"))
"""The years in which records are made."""
NEVER = np.datetime64("2100-01-01")


@dataclass(frozen=True)
class Era:
    """When the heads of families were born; in an archive (not `living`) children keep their family's home."""

    first_birth: int = 1934
    last_birth: int = 2004
    living: bool = True


def within_window(rng: np.random.Generator, count: int, margin: int = 0) -> Days:
    """Random days of the window, `margin` days away from both of its ends."""
    span = int((WINDOW[1] - WINDOW[0]).astype(int))
    return WINDOW[0] + rng.integers(margin, span - margin, count).astype("timedelta64[D]")
