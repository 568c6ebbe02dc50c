"""Makes resolution/default_model.json.gz: names from public lists, weights fitted to generated universes.

    python -m scripts.default_model

Needs the development packages `names` (US census of 1990) and `Faker` (name lists of other countries). Everything
is seeded: the same packages make the same file. No evaluation data set takes part.
"""

import gzip
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import numpy as np

from benchmarks.worlds import read_universe
from graph.names import fold
from resolution.comparisons import COMPARISONS, TERMS
from resolution.engines import DuckTables, connect
from resolution.features import RecordRow, feature_table
from resolution.model import DEFAULT_MODEL, LevelWeight, Model, TermFrequencies
from resolution.scoring import offer_records
from resolution.train import fit, sampled
from resolution.weights import Sample, fit_weights
from scripts.starting_weights import STARTING_WEIGHTS

DEFAULT_SHARES: Mapping[str, float] = {
    "given": 2e-5, "surname": 4e-6, "birth_date": 4e-5, "address": 1e-5, "postcode": 3e-4, "city": 2e-3,
    "email": 1e-5, "email_local": 2e-5, "phone": 1e-5, "card": 1e-5, "birth_place": 3e-3, "occupation": 1e-2,
    "organisation": 1e-5,
}  # fmt: skip
"""The share of records on which a value of a column stands that nobody has listed."""

LOCALES = ("en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "sv_SE", "pt_BR", "cs_CZ", "tr_TR")
US_SHARE = 0.6
"""How much of the blend the US census is; the rest is divided among the other countries."""

WORLDS = tuple(
    (profile, people, seed, without)
    for profile in ("households", "register", "registration")
    for people, seed, without in (
        (300, 11, ()),
        (2500, 12, ()),
        (1500, 14, ("phone", "mobile")),
        (1500, 15, ("email",)),
        (1500, 16, ("birth_date",)),
        (1500, 17, ("national_id", "customer_number", "user_id", "tax_id", "loyalty_card")),
        (1500, 18, ("city", "postcode", "street_line", "house_number", "street", "region", "birth_place")),
        (1500, 19, ("gender", "occupation", "middle_name")),
    )
)
"""Universes to fit to: profile, people, seed, and columns that are left out so that no column is relied on."""

PAIRS_PER_WORLD = 8_000
LOOSENESS = 1.5


def census(name: str) -> dict[str, float]:
    """Shares of names, folded, in one list of the US census."""
    shares: dict[str, float] = {}
    for line in files("names").joinpath(name).read_text("utf-8").splitlines():
        word, percent, *_ = line.split()
        if float(percent) > 0:
            shares[fold(word)] = float(percent) / 100
    return shares


def locale_shares(locale: str, *attributes: str) -> dict[str, float]:
    """Shares of names, folded, in the lists of one Faker locale; lists without weights count evenly."""
    provider = import_module(f"faker.providers.person.{locale}").Provider
    shares: dict[str, float] = {}
    for attribute in attributes:
        listed = getattr(provider, attribute, None) or ()
        weighted = listed if isinstance(listed, dict) else dict.fromkeys(listed, 1.0)
        total = sum(weighted.values()) * len(attributes)
        for name, weight in weighted.items():
            word = fold(name).replace(" ", "")
            shares[word] = shares.get(word, 0.0) + weight / total
    return shares


def blended(us: Mapping[str, float], *attributes: str) -> dict[str, float]:
    """The census blended with the other countries' lists."""
    shares = {name: US_SHARE * share for name, share in us.items()}
    for locale in LOCALES:
        for name, share in locale_shares(locale, *attributes).items():
            shares[name] = shares.get(name, 0.0) + (1 - US_SHARE) / len(LOCALES) * share
    return shares


def terms() -> dict[str, TermFrequencies]:
    """Term frequencies: names from the lists, a default for everything else."""
    men, women = census("dist.male.first"), census("dist.female.first")
    given = {name: (men.get(name, 0) + women.get(name, 0)) / 2 for name in men.keys() | women.keys()}
    listed = {
        "given": blended(given, "first_names_male", "first_names_female"),
        "surname": blended(census("dist.all.last"), "last_names"),
    }
    return {term: _term(DEFAULT_SHARES[term], listed.get(term, {})) for term in TERMS}


def _term(default: float, shares: Mapping[str, float]) -> TermFrequencies:
    listed = {name: float(f"{share:.4g}") for name, share in shares.items() if share > 1.5 * default}
    return TermFrequencies(default, listed)


def starting_model() -> Model:
    """The model that the fit starts from and stays near to."""
    levels = {
        comparison.name: tuple(
            LevelWeight(m, m / 2**bits) if m / 2**bits <= 1 else LevelWeight(2**bits, 1.0)
            for m, bits in STARTING_WEIGHTS[comparison.name]
        )
        for comparison in COMPARISONS
    }
    return Model("default", 1e-5, levels, terms(), match=-1.5, possible=-3.0, floor=-6.0, block_limit=150)


def samples(base: Model) -> Iterator[Sample]:
    """One sample of labelled candidate pairs per world."""
    for profile, people, seed, without in WORLDS:
        rows, truth = read_universe(profile, people, seed, without)
        table = feature_table(rows)
        with connect() as connection:
            offer_records(DuckTables(connection), table)
            design, _ = sampled(connection, fit(connection, base), PAIRS_PER_WORLD)
        matched = np.array([truth[left] == truth[right] for left, right in design.keys], np.float64)
        importance = np.full(len(matched), 1 / math.sqrt(len(matched)))
        yield Sample(design, matched, importance * 40, _true_prior_weight(rows, truth))
        print(f"{profile:<14}{people:>6} people {len(matched):>7} pairs", file=sys.stderr)


def _true_prior_weight(rows: list[RecordRow], truth: Mapping[str, str]) -> float:
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[truth[row["key"]]] = sizes.get(truth[row["key"]], 0) + 1
    matches = sum(size * (size - 1) for size in sizes.values())
    return math.log2(matches / (len(rows) * (len(rows) - 1) - matches))


def main() -> None:
    """Fit and write the default model."""
    base = starting_model()
    DEFAULT_MODEL.write_bytes(gzip.compress(base.to_json().encode(), 9, mtime=0))
    fitted = replace(base, levels=fit_weights(list(samples(base)), base, LOOSENESS))
    DEFAULT_MODEL.write_bytes(gzip.compress(fitted.to_json().encode(), 9, mtime=0))
    print(f"{DEFAULT_MODEL.name}: {DEFAULT_MODEL.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
