"""The report on one page: it needs nothing else, says what was measured, and keeps hostile text harmless."""

import re
from xml.etree import ElementTree

import pytest

from api.evaluation_page import evaluation_page, scope
from resolution.assessment import Assessment, Findings, assess
from resolution.blocking import Costs, measure_blocking
from resolution.calibration import calibrate
from resolution.mistakes import find_mistakes
from resolution.truth import Truth

HOSTILE = "<script>alert('1')</script>&\""

PEOPLE = {"crm:1": "a", "crm:2": "a", "crm:3": "b", f"crm:{HOSTILE}": "b", "crm:5": "c"}
FOUND = {"crm:1": "p", "crm:2": "p", "crm:3": "q", f"crm:{HOSTILE}": "r", "crm:5": "p"}
WEIGHTS = {("crm:1", "crm:2"): 9.5, ("crm:1", "crm:5"): 2.0, ("crm:3", "crm:5"): -6.0}
STRATA = {HOSTILE: frozenset({"a"}), "movers": frozenset({"a", "b"})}


def findings(truth: Truth, weights: dict[tuple[str, str], float]) -> Findings:
    signs = {key: frozenset({("block_surname", "x")}) for key in ("crm:1", "crm:2")}
    return Findings(
        model="model-1",
        match=1.0,
        calibration=calibrate(truth, weights),
        blocking=measure_blocking(truth.people, FOUND, signs, Costs(frozenset(), {"block_surname": 7})),
        mistakes=find_mistakes(truth.people, FOUND),
    )


@pytest.fixture
def found() -> Assessment:
    return assess(Truth(PEOPLE, strata=STRATA), FOUND)


@pytest.fixture
def page(found: Assessment) -> str:
    return evaluation_page(found, findings(Truth(PEOPLE, strata=STRATA), WEIGHTS))


def test_the_page_needs_nothing_else(page: str) -> None:
    assert not re.search(
        r"<script|<link|<img|<iframe|\bsrc=|href=|@import|url\(|https?:", page, re.IGNORECASE
    )


def test_hostile_text_stays_text(page: str) -> None:
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&amp;&quot;" in page


def test_the_page_is_well_formed(page: str) -> None:
    body = page[page.index("<main>") : page.index("</body>")]
    tree = ElementTree.fromstring(body)
    assert len(tree.findall(".//svg")) == 5
    assert all(svg.find("title") is not None for svg in tree.iter("svg"))


def test_the_page_says_what_was_measured(page: str, found: Assessment) -> None:
    pairwise = found.estimates.pairwise
    assert f"<b>{pairwise.precision.value:.3f}</b>" in page
    assert f"{pairwise.recall.low:.3f}–{pairwise.recall.high:.3f}" in page
    assert "pair completeness 0.500" in page
    assert "<td>movers</td>" in page.replace(' class="text"', "")
    assert "model-1" in page
    assert "<code>crm:1</code><code>crm:2</code> <b>|</b> <code>crm:5</code>" in page


def test_nothing_scored_leaves_a_page(found: Assessment) -> None:
    page = evaluation_page(found, findings(Truth(PEOPLE), {}))
    assert "knows none of the scored pairs" in page


def test_a_sample_is_told_from_the_whole(found: Assessment) -> None:
    assert "exact" in scope(found)
    sampled = assess(Truth({"crm:1": "a", "crm:2": "a"}), FOUND)
    assert "estimates" in scope(sampled)
    assert sampled.estimates.pairwise.precision.value == 1 / 2
    assert sampled.evaluation.pairwise.precision == 1
