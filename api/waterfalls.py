"""Draws how two records come to their match weight: a bar for each comparison, from the total before to that after."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _ROW, _TOP, _BOTTOM = 760, 24, 22, 34
_LABELS, _FIGURES = 270, 56
_LONGEST_LABEL = 42


@dataclass(frozen=True, slots=True)
class Step:
    """A row: what was found, what it weighs and what that comes to; log2 odds."""

    label: str
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Line:
    """A total with a meaning, such as the one from which on two records match."""

    label: str
    at: float


class Waterfall:
    """The picture of the steps, the first of which is the prior; `svg` draws it."""

    def __init__(self, steps: Sequence[Step], lines: Sequence[Line]) -> None:
        self._steps, self._lines = steps, lines
        marks = [0.0, *(one.total for one in steps), *(one.at for one in lines)]
        room = max(max(marks) - min(marks), 1.0) * 0.04
        self._low, self._high = min(marks) - room, max(marks) + room
        self._bottom = _TOP + _ROW * (len(steps) + 1)

    @property
    def svg(self) -> str:
        """The picture; its colours are the style sheet's classes `same`, `different` and `sum`."""
        parts = [*self._scale(), *self._bars()]
        height = self._bottom + _BOTTOM
        said = f"Match weight {self._steps[-1].total:+.1f}, from {len(self._steps) - 1} comparisons"
        return (
            f'<svg class="plot waterfall" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(said)}">'
            f"<title>{escape(said)}</title>{''.join(parts)}</svg>"
        )

    def _across(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return round(_LABELS + share * (_WIDTH - _LABELS - _FIGURES), 1)

    def _scale(self) -> list[str]:
        """The axis, the zero and the lines with a meaning."""
        parts: list[str] = []
        for value in _ticks(self._low, self._high):
            x = self._across(value)
            parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP}" y2="{self._bottom}"/>')
            parts.append(
                f'<text class="tick middle" x="{x}" y="{self._bottom + 14}">{f"{value:+d}" if value else 0}</text>'
            )
        middle = (_LABELS + _WIDTH - _FIGURES) / 2
        parts.append(
            f'<text class="tick middle" x="{middle}" y="{self._bottom + 29}">match weight (log2 odds)</text>'
        )
        for one in self._lines:
            x = self._across(one.at)
            parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="{_TOP - 6}" y2="{self._bottom}"/>')
            side = "end" if one is self._lines[0] and len(self._lines) > 1 else "start"
            gap = -3 if side == "end" else 3
            parts.append(f'<text class="tick {side}" x="{x + gap}" y="{_TOP - 9}">{escape(one.label)}</text>')
        return parts

    def _bars(self) -> list[str]:
        befores = [0.0, *(one.total for one in self._steps[:-1])]
        parts = [
            self._bar(row, step, before, "same" if step.weight >= 0 else "different")
            for row, (step, before) in enumerate(zip(self._steps, befores, strict=True))
        ]
        for row, one in enumerate(self._steps, 1):
            x, y = self._across(one.total), _TOP + _ROW * row
            parts.append(f'<line class="join" x1="{x}" x2="{x}" y1="{y - 4}" y2="{y + 4}"/>')
        last = self._steps[-1].total
        parts.append(self._bar(len(self._steps), Step("together", last, last), 0.0, "sum"))
        return parts

    def _bar(self, row: int, step: Step, before: float, style: str) -> str:
        y = _TOP + _ROW * row
        left, right = sorted((self._across(before), self._across(step.total)))
        label = step.label if len(step.label) <= _LONGEST_LABEL else f"{step.label[: _LONGEST_LABEL - 1]}…"
        told = f"{step.label}: {step.weight:+.2f}, together {step.total:+.2f}"
        bar = f'x="{left}" y="{y + 4}" width="{max(right - left, 1.5):.1f}" height="{_ROW - 8}"'
        drawn = f'<rect class="{style}" {bar}/>' if step.weight else ""
        return (
            f"<g><title>{escape(told)}</title>"
            f'<text class="end" x="{_LABELS - 8}" y="{y + 16}">{escape(label)}</text>'
            f"{drawn}"
            f'<text class="end figure" x="{_WIDTH - 4}" y="{y + 16}">{step.weight:+.1f}</text></g>'
        )


def _ticks(low: float, high: float) -> list[int]:
    """Round values between the ends, about six."""
    step = next(one for one in (1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / one <= 8 or one == 1000)
    return [value for value in range(int(low // step) * step, int(high) + 1, step) if low <= value <= high]
