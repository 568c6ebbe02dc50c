"""Text can be read on everything it stands on, light and dark: contrast of at least 4.5 to 1 (WCAG 2, level AA)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "api" / "steward" / "static" / "steward.css"
COLOURS = dict(
    re.findall(r"--([\w-]+): (light-dark\([^)]*\)|#[0-9a-f]{6});", CSS.read_text(encoding="utf-8"))
)
TEXTS = ("ink", "quiet", "link", "good", "warn", "bad")
PAIRS = [
    *((text, ground) for text in TEXTS for ground in ("paper", "card", "raised")),
    *((text, f"{text}-paper") for text in ("good", "warn", "bad")),
    *(("ink", f"{ground}-paper") for ground in ("good", "warn", "bad")),
    ("on-accent", "accent"),
]  # fmt: skip


def colour(name: str, dark: bool) -> tuple[float, float, float]:
    found = re.findall(r"#[0-9a-f]{6}", COLOURS[name])[-1 if dark else 0]
    red, green, blue = (int(found[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def luminance(name: str, dark: bool) -> float:
    """Relative luminance as WCAG 2 defines it."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour(name, dark)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(text: str, ground: str, dark: bool) -> None:
    brighter, darker = sorted((luminance(text, dark), luminance(ground, dark)), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5
