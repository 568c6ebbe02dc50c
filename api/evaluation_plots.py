"""The plots of an evaluation: calibration, weights, thresholds, sizes of clusters, strata."""

from collections.abc import Mapping, Sequence
from math import log10

from api.plots import Axis, Plot, counts, shares
from resolution.calibration import HEAVIEST, STEP, Calibration
from resolution.estimates import Estimate, Estimates

SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100, 1_000_000)
"""Largest size of each bar of the cluster sizes."""

LONGEST_NAME = 20
"""Letters of a stratum's name that fit beside its plot."""


def reliability(calibration: Calibration) -> str:
    """Observed shares of matches over predicted probabilities, with intervals; the dots grow with the pairs."""
    plot = Plot(
        "Observed share of matches over predicted probability",
        shares("predicted probability"),
        shares("observed share of matches"),
        height=360,
    )
    plot.line([(0, 0), (1, 1)], "ideal")
    for one in calibration.bins:
        plot.line([(one.predicted, one.observed_low), (one.predicted, one.observed_high)], "interval")
    plot.line([(one.predicted, one.observed) for one in calibration.bins], "same")
    for one in calibration.bins:
        told = f"predicted {one.predicted:.3f}, observed {one.observed:.3f}, {one.pairs:,} pairs"
        plot.point(one.predicted, one.observed, "same", told, 2.5 + log10(one.pairs))
    return plot.svg


def weights(calibration: Calibration, match: float) -> str:
    """How many scored pairs have which weight, those that match and those that do not."""
    bars = calibration.histogram
    most = max((max(one.same, one.different) for one in bars), default=1)
    plot = Plot("Scored pairs by weight", _weights(calibration), counts("scored pairs", most))
    for one in bars:
        middle = one.weight + STEP / 2
        told = f"{one.weight} to {one.weight + STEP} bits: {one.same:,} match, {one.different:,} do not"
        plot.bar((one.weight, middle), one.same, "same", told)
        plot.bar((middle, one.weight + STEP), one.different, "different", told)
    plot.mark(match, "threshold")
    return plot.svg


def thresholds(calibration: Calibration, match: float) -> str:
    """Precision and recall of the scored pairs from each weight on."""
    plot = Plot("Precision and recall over the threshold", _weights(calibration), shares("share"))
    plot.line([(one.weight, one.precision) for one in calibration.cuts], "different")
    plot.line([(one.weight, one.recall) for one in calibration.cuts], "same dashed")
    plot.mark(match, "threshold")
    return plot.svg


def cluster_sizes(sizes: Sequence[tuple[int, int, int]]) -> str:
    """How many clusters have which number of records, found and in truth."""
    bars: list[list[int]] = [[0, 0] for _ in SIZES]
    for size, found, true in sizes:
        at = next(at for at, most in enumerate(SIZES) if size <= most)
        bars[at][0] += found
        bars[at][1] += true
    last = max((at for at, bar in enumerate(bars) if any(bar)), default=0)
    names = [_span(at) for at in range(last + 1)]
    x = Axis("records in the cluster", 0, last + 1, [(at + 0.5, name) for at, name in enumerate(names)])
    plot = Plot("Clusters by size", x, counts("clusters", max(max(bar) for bar in bars)))
    for at, (found, true) in enumerate(bars[: last + 1]):
        told = f"{names[at]} records: {found:,} found, {true:,} in truth"
        plot.bar((at + 0.12, at + 0.5), found, "same", told)
        plot.bar((at + 0.5, at + 0.88), true, "different", told)
    return plot.svg


def strata(estimates: Mapping[str, Estimates]) -> str:
    """Pairwise precision and recall of each stratum with their intervals, one line of the plot each."""
    names = list(estimates)
    y = Axis("", len(names), 0, [(at + 0.5, _shortened(name)) for at, name in enumerate(names)])
    plot = Plot("Precision and recall by stratum", shares("share"), y, 60 + 26 * len(names), 130)
    for at, name in enumerate(names):
        pairwise = estimates[name].pairwise
        _interval(plot, pairwise.precision, at + 0.32, "different", f"{name}: precision")
        _interval(plot, pairwise.recall, at + 0.68, "same", f"{name}: recall")
    return plot.svg


def _interval(plot: Plot, one: Estimate, y: float, style: str, name: str) -> None:
    plot.line([(one.low, y), (one.high, y)], f"{style} interval")
    plot.point(one.value, y, style, f"{name} {one}")


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _weights(calibration: Calibration) -> Axis:
    low = min((one.weight for one in calibration.histogram), default=0)
    high = max((one.weight + STEP for one in calibration.histogram), default=HEAVIEST)
    ticks = [
        (float(weight), f"{weight:+d}" if weight else "0") for weight in range(low + low % 4, high + 1, 4)
    ]
    return Axis("weight in bits (each doubles the odds)", low, high, ticks)


def _span(at: int) -> str:
    if at == len(SIZES) - 1:
        return f">{SIZES[at - 1]}"
    low = SIZES[at - 1] + 1 if at else 1
    return str(low) if low == SIZES[at] else f"{low}–{SIZES[at]}"
