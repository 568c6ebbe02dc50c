"""Given names and surnames by culture, with frequencies, from the public lists of two packages."""

import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import names as census
import numpy as np
from anyascii import anyascii
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, each, pick, stream, strings, zipf

CENSUS_TAIL = 40_000
"""Ranks of the US census list that are used: what follows is rarer than one in a million."""
NATIVE = frozenset({"zh_CN", "ja_JP", "ko_KR", "ru_RU", "uk_UA", "el_GR"})
"""Cultures whose names are written in another script at home."""
SURNAME_FIRST = frozenset({"zh_CN", "ja_JP", "ko_KR", "vi_VN"})
FEMININE = {
    "pl_PL": ((r"(s|c|dz)ki$", r"\1ka"),),
    "ru_RU": ((r"(ов|ев|ин|ын)$", r"\1а"), (r"(ский|цкий)$", lambda m: m[0][:-2] + "ая")),
    "uk_UA": ((r"(ський|цький)$", lambda m: m[0][:-2] + "а"),),
    "cs_CZ": (
        (r"ý$", "á"),
        (r"[ae]$", "ová"),
        (r"(?<=[^aeiouyáéíóúý])e([kc])$", r"\1ová"),
        (r"([^áy])$", r"\1ová"),
    ),
}
"""How a woman's surname differs from her brother's: the first rule that fits is used."""


@dataclass(frozen=True)
class NameList:
    """Names with weights; `latin` and `native` differ only where the script does."""

    latin: Column
    native: Column
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Culture:
    """The names of one culture: `feminine` is the woman's form of the surname of the same position."""

    code: str
    men: NameList
    women: NameList
    surnames: NameList
    feminine: NameList


def _titled(name: str) -> str:
    """A census name in ordinary case; McDonald keeps its second capital."""
    return re.sub(r"^Mc([a-z])", lambda match: "Mc" + match[1].upper(), name.title())


@cache
def _census(file: str, limit: int) -> tuple[Column, NDArray[np.float64]]:
    """Names and shares of one US census 1990 list."""
    lines = (Path(census.__file__).parent / file).read_text().splitlines()[:limit]
    rows = [line.split() for line in lines]
    shares = np.array([max(float(row[1]), 0.0005) for row in rows])
    ranks = np.arange(1, len(rows) + 1)
    smooth = shares * np.where(
        ranks > 5000, (5000 / ranks) ** 0.8, 1.0
    )  # the list rounds its tail to 0.001 %
    return strings([_titled(row[0]) for row in rows]), smooth / smooth.sum()


def _provider(code: str) -> type:
    return importlib.import_module(f"faker.providers.person.{code}").Provider


def _listed(provider: type, *attributes: str) -> list[str]:
    """The first list of that name, without repeats, in a stable shuffle (the lists are alphabetical)."""
    values = next(getattr(provider, name) for name in attributes if getattr(provider, name, None))
    distinct = sorted({str(value).strip() for value in values})
    order = stream(0, provider.__module__ + attributes[0]).permutation(len(distinct))
    return [distinct[position] for position in order]


def _name_list(values: list[str], exponent: float, code: str) -> NameList:
    native = strings(values)
    latin = each(_latin, native) if code in NATIVE else native
    return NameList(latin, native, zipf(len(values), exponent))


def _latin(name: str) -> str:
    """A romanised name: `anyascii` gives syllables with capitals."""
    return anyascii(name).replace("'", "").replace("`", "").capitalize()


def _pairs(pairs: tuple[tuple[str, str, str], ...]) -> NameList:
    """Japanese lists carry kanji, kana and romaji side by side."""
    distinct = sorted(set(pairs))
    return NameList(
        strings([pair[2] for pair in distinct]),
        strings([pair[0] for pair in distinct]),
        zipf(len(distinct), 0.8),
    )


def feminine(surname: str, code: str) -> str:
    """The woman's form of a surname in cultures that have one."""
    for pattern, form in FEMININE.get(code, ()):
        changed, count = re.subn(pattern, form, surname)
        if count:
            return changed
    return surname


def _anglophone(share_of_census: float) -> NameList:
    """Surnames of an English-speaking country: its own list in front, the census list behind."""
    own = _listed(_provider("en_GB"), "last_names")
    values, weights = _census("dist.all.last", CENSUS_TAIL)
    joined = strings(own + values.tolist())
    both = np.concatenate([zipf(len(own), 0.9) * (1 - share_of_census), weights * share_of_census])
    _, first, inverse = np.unique(joined.astype(str), return_index=True, return_inverse=True)
    merged = joined[first]
    return NameList(merged, merged, np.bincount(inverse, weights=both))


def _census_list(file: str, limit: int) -> NameList:
    values, weights = _census(file, limit)
    return NameList(values, values, weights)


@cache
def culture(code: str) -> Culture:
    """Load the names of one culture."""
    if code in {"en_US", "en_GB"}:
        surnames = _census_list("dist.all.last", CENSUS_TAIL) if code == "en_US" else _anglophone(0.35)
        men, women = _census_list("dist.male.first", 1219), _census_list("dist.female.first", 4275)
        return Culture(code, men, women, surnames, surnames)
    provider = _provider(code)
    if code == "ja_JP":
        surnames = _pairs(provider.last_name_pairs)
        men, women = _pairs(provider.first_name_male_pairs), _pairs(provider.first_name_female_pairs)
        return Culture(code, men, women, surnames, surnames)
    men = _name_list(_listed(provider, "first_names_male"), 0.8, code)
    women = _name_list(_listed(provider, "first_names_female"), 0.8, code)
    family = _listed(provider, "unisex_last_names", "last_names_male", "last_names")
    if code == "pl_PL":
        family = _listed(provider, "male_last_names") + family
    surnames = _name_list(family, 0.75, code)
    changed = strings([feminine(name, code) for name in family])
    latin = each(_latin, changed) if code in NATIVE else changed
    return Culture(code, men, women, surnames, NameList(latin, changed, surnames.weights))


def draw_given(
    of: Culture, female: NDArray[np.bool_], decade: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Positions of given names: fashions drift, so every decade of birth has its own weights."""
    rng = stream(seed, f"given {of.code}")
    drift = stream(0, f"fashion {of.code}")  # fashions are a fact of the world, not of the seed
    chosen = np.zeros(len(female), dtype=np.int64)
    for sex, listed in ((False, of.men), (True, of.women)):
        fashion = drift.normal(0, 0.5, len(listed.weights))
        for year in range(1500, 2040, 10):
            fashion = 0.92 * fashion + drift.normal(0, 0.4, len(listed.weights))
            rows = np.flatnonzero((female == sex) & (decade == year))
            chosen[rows] = pick(rng, listed.weights * np.exp(fashion), len(rows))
    return chosen
