"""Writes an evaluation as one HTML page that needs nothing else: figures, plots and tables, for screen and paper."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from api import evaluation_plots as plots
from resolution.assessment import Assessment, Findings
from resolution.blocking import Blocking
from resolution.calibration import Calibration
from resolution.estimates import Estimate, Estimates
from resolution.mistakes import Mistake

_STYLE = Path(__file__).with_name("evaluation.css")

FIGURES = {
    "pairwise": "pairs of records: of the joined ones, the share that is one person (precision); of those that are one "
    "person, the share that was joined (recall)",
    "bcubed": "records (B-cubed): the share of a record's profile that is the same person, and of the person that is "
    "in the profile, in the mean",
    "exact": "whole profiles: the share that is one person with all their records, and of people, the share with such "
    "a profile",
}
"""The kinds of figures in plain words."""

_RED, _BLUE = '<span class="key different">', '<span class="key same">'


def evaluation_page(found: Assessment, findings: Findings) -> str:
    """The page, as HTML text."""
    parts = [
        *_summary(found, findings),
        *_strata(found),
        *_calibration(findings.calibration, findings.match),
        *_sizes(found, findings),
        *_blocking(findings.blocking),
        *_mistakes(findings),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Evaluation</title>'
        f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body><main>"
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def scope(found: Assessment) -> str:
    """What the figures are about, in sentences."""
    one = found.evaluation
    named = f"The truth names {one.records:,} records of {one.people:,} people"
    if not found.sampled:
        return (
            f"{named}: all that their sources have. The figures are exact; the 95 % intervals say how far they might "
            "differ for other people of the same kind."
        )
    return (
        f"{named}, of {found.records:,} that their sources have. The figures are estimates for all of them, with 95 % "
        "intervals. They hold if people were drawn at random, by their weights, and all records of each are named."
    )


def _summary(found: Assessment, findings: Findings) -> Iterator[str]:
    one, estimates = found.evaluation, found.estimates
    yield "<h1>How right the profiles are</h1>"
    yield f'<p class="quiet">Model {escape(findings.model)} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC</p>'
    yield f"<p>{scope(found)}</p>"
    pairwise = estimates.pairwise
    cards = {
        "pair precision": (pairwise.precision, "of joined pairs are one person"),
        "pair recall": (pairwise.recall, "of one person's pairs are joined"),
        "pair F1": (pairwise.f1, "both in one figure"),
        "B-cubed F1": (estimates.bcubed.f1, "the same, record by record"),
        "exact F1": (estimates.exact.f1, "profiles without any mistake"),
    }
    yield '<div class="cards">' + "".join(_card(name, *card) for name, card in cards.items()) + "</div>"
    yield _table(
        ("what is compared", "precision", "recall", "F1"),
        [
            (_text(told), *(_estimate(one) for one in (kind.precision, kind.recall, kind.f1)))
            for told, kind in zip(
                FIGURES.values(), (pairwise, estimates.bcubed, estimates.exact), strict=True
            )
        ],
    )
    yield (
        f"<p>Among the records that the truth names: {one.people:,} people in {one.clusters:,} profiles; the largest "
        f"profile has {one.largest:,} records, the largest person {one.largest_true:,}. "
        f"{one.splits:,} splits and {one.merges:,} merges would mend all. "
        f"{one.missing:,} records are in no profile.</p>"
    )


def _strata(found: Assessment) -> Iterator[str]:
    if not found.strata:
        return
    yield "<h2>Hard cases</h2>"
    yield (
        "<p>The same figures for the groups of people that the truth names. A wrong pair counts half for the group of "
        "either record. Lines are 95 % intervals.</p>"
    )
    yield _table(
        ("stratum", "people", "records", "pair precision", "pair recall", "pair F1", "B-cubed F1"),
        [_stratum(name, one) for name, one in found.strata.items()],
    )
    yield _figure(plots.strata(found.strata), f"{_RED}precision</span> and {_BLUE}recall</span> of pairs.")


def _stratum(name: str, one: Estimates) -> Sequence[str]:
    pairwise = one.pairwise
    figures = (pairwise.precision, pairwise.recall, pairwise.f1, one.bcubed.f1)
    return _text(name), _cell(one.people), _cell(one.records), *map(_estimate, figures)


def _calibration(found: Calibration, match: float) -> Iterator[str]:
    yield "<h2>Can the probabilities be believed?</h2>"
    if not found.pairs:
        yield "<p>The truth knows none of the scored pairs.</p>"
        return
    yield (
        f"<p>{found.pairs:,} scored pairs are known to the truth. Where the model says 0.8, eight in ten should match: "
        "points on the diagonal are right, points above it are pairs that match more often than the model thinks. "
        f"Probability and truth are {found.error:.3f} apart in the mean over pairs (expected calibration error). Pairs "
        "below the model's floor are not kept and not shown.</p>"
    )
    rows = [
        (f"<td>{one.low:g}–{one.high:g}</td>", _cell(one.pairs), _cell(f"{one.predicted:.3f}"),
         f"<td>{one.observed:.3f} <span>({one.observed_low:.3f}–{one.observed_high:.3f})</span></td>")
        for one in found.bins
    ]  # fmt: skip
    table = _table(("probability", "pairs", "predicted", "observed"), rows)
    picture = _figure(plots.reliability(found), "A dot is a bin of pairs, larger for more of them.")
    yield f'<div class="sides">{picture}{table}</div>'
    yield "<h3>Weights and threshold</h3>"
    yield (
        "<p>Left: how much evidence pairs have, on a logarithmic scale. The better the two colours part, the easier "
        "the choice. Right: what a threshold on single pairs would give; clustering also looks at the pairs around.</p>"
    )
    histogram = _figure(plots.weights(found, match), f"Pairs that {_BLUE}match</span>, {_RED}do not</span>.")
    cuts = _figure(plots.thresholds(found, match), f"{_RED}precision</span>, {_BLUE}recall</span> (dashed).")
    yield f'<div class="sides">{histogram}{cuts}</div>'


def _sizes(found: Assessment, findings: Findings) -> Iterator[str]:
    yield "<h2>Sizes</h2>"
    yield (
        "<p>How many records profiles have, against people in truth. More small profiles than people: some are torn "
        "apart; larger ones than there are people: some are thrown together.</p>"
    )
    yield _figure(
        plots.cluster_sizes(findings.mistakes.sizes), f"{_BLUE}found</span>, {_RED}true</span>; log scale."
    )


def _blocking(found: Blocking) -> Iterator[str]:
    yield "<h2>Candidates</h2>"
    yield (
        f"<p>Only records that share a block or an identifier are compared. Of {found.pairs:,} true pairs "
        f"{found.found:,} are candidates (<b>pair completeness {found.completeness:.3f}</b>); {found.together:,} of "
        f"the other {found.pairs - found.found:,} are in one profile all the same, by way of other records.</p>"
    )
    yield _table(
        (
            "rule",
            "true pairs found",
            "only by it",
            "left, too common",
            "candidates",
            "candidates per true pair",
        ),
        [
            (
                _text(one.name.removeprefix("block_").replace("_", " ")),
                *map(_cell, (one.found, one.only, one.crowded, one.candidates)),
                _cell(f"{one.candidates / one.found:,.1f}" if one.found else "–"),
            )
            for one in found.rules
        ],
    )
    yield (
        "<p class='quiet'>Candidates are those of the whole graph, true pairs those that the truth names; a pair that "
        "several rules find counts for each.</p>"
    )
    if found.missed:
        yield f"<h3>True pairs that no rule finds ({len(found.missed)} shown)</h3>"
        yield f"<p>{'; '.join(' – '.join(map(_code, pair)) for pair in found.missed)}</p>"


def _mistakes(findings: Findings) -> Iterator[str]:
    yield "<h2>The worst mistakes</h2>"
    tables = {
        "Profiles of several people": (findings.mistakes.overmerged, "people", "wrong pairs"),
        "People in several profiles": (findings.mistakes.torn, "profiles", "missing pairs"),
    }
    for heading, (mistakes, parts, pairs) in tables.items():
        yield f"<h3>{heading}</h3>"
        if mistakes:
            yield _table(("records", parts, pairs, f"some record keys, by {parts}"), map(_mistake, mistakes))
        else:
            yield "<p>None.</p>"


def _mistake(one: Mistake) -> Sequence[str]:
    keys = " <b>|</b> ".join("".join(map(_code, part)) for part in one.parts)
    return *map(_cell, (one.records, one.count, one.pairs)), f'<td class="text">{keys}</td>'


def _card(name: str, one: Estimate, told: str) -> str:
    return (
        f'<div class="card"><small>{escape(name)}</small><b>{one.value:.3f}</b>'
        f"<small>{one.low:.3f}–{one.high:.3f}</small><small>{escape(told)}</small></div>"
    )


def _figure(picture: str, caption: str) -> str:
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of headings (plain text) and rows of cells (HTML)."""
    headings = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f'<div class="wide"><table><thead><tr>{headings}</tr></thead><tbody>{lines}</tbody></table></div>'


def _text(text: str) -> str:
    return f'<td class="text">{escape(text)}</td>'


def _cell(value: float | str) -> str:
    return f"<td>{escape(value) if isinstance(value, str) else f'{value:,}'}</td>"


def _code(key: str) -> str:
    return f"<code>{escape(key)}</code>"


def _estimate(one: Estimate) -> str:
    return f"<td>{one.value:.3f} <span>({one.low:.3f}–{one.high:.3f})</span></td>"
