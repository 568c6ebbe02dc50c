"""Draws plots as SVG text: axes, bars, lines, points with intervals; colours come from the page's style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

Ticks = Sequence[tuple[float, str]]
"""Positions on an axis with their labels."""

WIDTH, HEIGHT = 520, 280
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 14, 46


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high`; on a `log` axis values count as log10(1 + value)."""

    title: str
    low: float
    high: float
    ticks: Ticks
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value is, from 0 (low) to 1 (high)."""
        low, high, at = (log10(1 + one) if self.log else one for one in (self.low, self.high, value))
        return min(1.0, max(0.0, (at - low) / (high - low or 1)))


def shares(title: str) -> Axis:
    """An axis of shares from 0 to 1."""
    return Axis(title, 0, 1, [(tenth / 10, f"{tenth / 10:g}") for tenth in range(0, 11, 2)])


def counts(title: str, most: float) -> Axis:
    """A logarithmic axis of counts from 0 to at least `most`."""
    ticks = [(0.0, "0")] + [(10.0**power, f"{10**power:,}") for power in range(9) if 10**power <= most * 3]
    return Axis(title, 0, max(1.0, most * 1.2), [tick for tick in ticks if tick[0] <= most * 1.2], log=True)


class Plot:
    """A plot of one x and one y axis; each method adds to it, `svg` is the picture."""

    def __init__(self, description: str, x: Axis, y: Axis, height: int = HEIGHT, left: int = LEFT) -> None:
        """`left` is the room for what stands beside the y axis."""
        self._x, self._y, self._height, self._left = x, y, height, left
        self._parts = [f"<title>{escape(description)}</title>", *self._grid()]
        self._role = "img"

    def across(self, value: float) -> float:
        """The x coordinate of a value."""
        return round(self._left + self._x.share(value) * (WIDTH - self._left - RIGHT), 1)

    def down(self, value: float) -> float:
        """The y coordinate of a value."""
        return round(self._height - BOTTOM - self._y.share(value) * (self._height - TOP - BOTTOM), 1)

    def line(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A line through points."""
        path = " ".join(f"{self.across(x)},{self.down(y)}" for x, y in points)
        self._parts.append(f'<polyline class="{style}" points="{path}"/>')

    def bar(self, sides: tuple[float, float], value: float, style: str, told: str) -> None:
        """A bar from 0 up to a value, between two x values; `told` shows when pointed at."""
        left, right, top = self.across(sides[0]), self.across(sides[1]), self.down(value)
        high = round(self.down(self._y.low) - top, 1)
        self._parts.append(
            f'<rect class="{style}" x="{left}" y="{top}" width="{max(right - left - 1, 1):.1f}" height="{high}">'
            f"<title>{escape(told)}</title></rect>"
        )

    def point(self, x: float, y: float, style: str, told: str, radius: float = 4) -> None:
        """A dot; `told` shows when pointed at."""
        self._parts.append(
            f'<circle class="{style}" cx="{self.across(x)}" cy="{self.down(y)}" r="{radius:.1f}">'
            f"<title>{escape(told)}</title></circle>"
        )

    def lead(self, address: str) -> None:
        """Let what was drawn last lead to an address."""
        self._parts[-1] = f'<a href="{escape(address)}">{self._parts[-1]}</a>'
        self._role = "group"

    def mark(self, x: float, text: str) -> None:
        """A vertical line with a word beside it."""
        at = self.across(x)
        # Where there is no room to the right the word stands to the left.
        place = f'end" x="{at - 3}"' if at > WIDTH - RIGHT - 60 else f'" x="{at + 3}"'
        self._parts.append(
            f'<line class="mark" x1="{at}" x2="{at}" y1="{TOP}" y2="{self._height - BOTTOM}"/>'
            f'<text class="tick {place} y="{TOP - 4}">{escape(text)}</text>'
        )

    @property
    def svg(self) -> str:
        """The picture."""
        drawn = "".join(self._parts)
        return f'<svg class="plot" viewBox="0 0 {WIDTH} {self._height}" role="{self._role}">{drawn}</svg>'

    def _grid(self) -> list[str]:
        bottom, left, right = self._height - BOTTOM, self._left, WIDTH - RIGHT
        parts: list[str] = []
        for value, label in self._y.ticks:
            y = self.down(value)
            parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text class="tick end" x="{left - 6}" y="{y + 4}">{escape(label)}</text>')
        for value, label in self._x.ticks:
            x = self.across(value)
            parts.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{bottom}" y2="{bottom + 4}"/>')
            parts.append(f'<text class="tick middle" x="{x}" y="{bottom + 18}">{escape(label)}</text>')
        middle, centre = (left + right) / 2, (TOP + bottom) / 2
        parts += [
            f'<line class="axis" x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}"/>',
            f'<text class="label middle" x="{middle}" y="{self._height - 8}">{escape(self._x.title)}</text>',
            f'<text class="label middle" transform="translate(13 {centre}) rotate(-90)">{escape(self._y.title)}</text>',
        ]
        return parts
