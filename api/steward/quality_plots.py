"""The plots of the quality board, each bar leading to the profiles behind it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from api.plots import Axis, Plot, counts

SPANS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50), (51, None))
"""The bars of the cluster sizes: from and up to so many records."""

_DAYS_NAMED = 6

Answered = Mapping[str, Any]


def span_name(least: int, most: int | None) -> str:
    """`3`, `6-10` or `51 and more`."""
    if most is None:
        return f"{least} and more"
    return str(least) if least == most else f"{least}–{most}"


def sizes(found: Sequence[Answered], address: str) -> Markup:
    """How many profiles have how many records; `address` is of the page with those of a size."""
    bars = [
        (
            least,
            most,
            sum(one["profileCount"] for one in found if least <= one["records"] <= (most or one["records"])),
        )
        for least, most in SPANS
    ]
    last = max((at for at, bar in enumerate(bars) if bar[2]), default=0)
    ticks = [
        (at + 0.5, "51+" if most is None else span_name(least, most))
        for at, (least, most, _) in enumerate(bars)
    ]
    x = Axis("records of a profile", 0, last + 1, ticks[: last + 1])
    plot = Plot("Profiles by number of records", x, counts("profiles", max(bar[2] for bar in bars)))
    for at, (least, most, count) in enumerate(bars[: last + 1]):
        if count:
            told = f"{span_name(least, most)} {'record' if most == 1 else 'records'}: {count:,} profiles"
            plot.bar((at + 0.12, at + 0.88), count, "same", told)
            plot.lead(f"{address}?least={least}" + (f"&most={most}" if most else ""))
    return _picture(plot)


def weights(model: Answered, address: str) -> Markup:
    """How many stored edges have which weight, inside profiles and between them, with the model's thresholds."""
    bars: Sequence[Answered] = model["histogram"]
    low = min((one["weight"] for one in bars), default=0)
    high = max((one["until"] for one in bars), default=20)
    ticks = [(float(at), f"{at:+d}" if at else "0") for at in range(low + low % 4, high + 1, 4)]
    most = max((max(one["together"], one["apart"]) for one in bars), default=1)
    x = Axis("weight in bits (each doubles the odds)", low, high, ticks)
    plot = Plot("Match edges by weight, in one profile and between two", x, counts("match edges", most))
    for one in bars:
        middle = (one["weight"] + one["until"]) / 2
        span = f"{one['weight']} to {one['until']} bits"
        for sides, name, style, told in (
            ((one["weight"], middle), "together", "same", "in one profile"),
            ((middle, one["until"]), "apart", "different", "between two"),
        ):
            if one[name]:
                plot.bar(sides, one[name], style, f"{span}: {one[name]:,} {told}")
                plot.lead(f"{address}/{one['weight']}")
    plot.mark(model["possible"], "?")
    plot.mark(model["match"], "match")
    return _picture(plot)


def over_time(history: Sequence[Answered], name: str, title: str) -> Markup:
    """One figure day by day, with a line where model or settings changed; days without it are left out."""
    days = [one for one in history if one[name] is not None]
    values = [one[name] for one in days]
    low, high = min(values, default=0), max(values, default=1)
    room = (high - low) * 0.15 or abs(high) * 0.05 or 1
    ticks = (
        [(at, f"{at:.3g}") for at in (low, (low + high) / 2, high)] if high > low else [(low, f"{low:.3g}")]
    )
    plot = Plot(f"{title}, day by day", _days(days), Axis(title, low - room, high + room, ticks))
    plot.line([(at + 0.5, value) for at, value in enumerate(values)], "same")
    for at, one in enumerate(days):
        told = "; ".join([f"{_date(one['measuredAt'])}: {one[name]:.4g}", *one["notes"]])
        plot.point(at + 0.5, one[name], "different" if one["notes"] else "same", told)
        if one["notes"]:
            plot.mark(at + 0.5, "model" if one["notes"][0].startswith("model") else "settings")
    return _picture(plot)


def concerned(history: Sequence[Answered], check: str) -> Markup:
    """How many profiles a check concerned, day by day; an alarm is a bar in the other colour."""
    days = [
        {"measuredAt": day["measuredAt"], **one}
        for day in history
        for one in day["checks"]
        if one["check"] == check
    ]
    most = max([1, *(one["concerned"] for one in days)])
    y = Axis("profiles", 0, most * 1.1, [(0, "0"), (most, f"{most:,}")])
    plot = Plot("Profiles concerned, day by day", _days(days), y)
    for at, one in enumerate(days):
        state = "alarm" if one["isAlarm"] else "no alarm"
        told = f"{_date(one['measuredAt'])}: {one['concerned']:,} profiles, {state}"
        plot.bar((at + 0.15, at + 0.85), one["concerned"], "different" if one["isAlarm"] else "same", told)
    return _picture(plot)


def _picture(plot: Plot) -> Markup:
    return Markup(plot.svg)  # noqa: S704 - a plot escapes all that it is told


def _days(days: Sequence[Answered]) -> Axis:
    apart = max(1, -(-len(days) // _DAYS_NAMED))
    ticks = [(at + 0.5, _date(one["measuredAt"])[5:]) for at, one in enumerate(days) if at % apart == 0]
    return Axis("day", 0, max(1, len(days)), ticks)


def _date(instant: str) -> str:
    return datetime.fromisoformat(instant).date().isoformat()
