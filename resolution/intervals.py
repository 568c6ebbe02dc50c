"""Intervals of shares that stay within 0 and 1."""

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95
"""How often an interval is to hold the value it is about."""

NORMAL = NormalDist().inv_cdf((1 + LEVEL) / 2)


def wilson(share: float, draws: float, quantile: float = NORMAL) -> tuple[float, float]:
    """The interval of a share (0–1) seen in so many independent draws (Wilson 1927)."""
    shrink = quantile**2 / draws
    middle = (share + shrink / 2) / (1 + shrink)
    half = quantile / (1 + shrink) * sqrt(share * (1 - share) / draws + shrink / (4 * draws))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
