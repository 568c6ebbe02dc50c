"""Given names and surnames by culture, with frequencies, from the public lists of two packages."""

import importlib
import re
import tomllib
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
SURNAME_LISTS = {
    "pl_PL": ("male_last_names", "unisex_last_names"),
    "cs_CZ": ("last_names_male",),
    "ru_RU": ("last_names_male",),
    "uk_UA": ("last_names_common", "last_names_male"),
    "el_GR": ("last_names_male",),
}
"""Where a provider keeps men's surnames; elsewhere in `last_names`."""
SURNAME_FIRST = frozenset({"zh_CN", "ja_JP", "ko_KR", "vi_VN"})
CUSTOMARY = {
    "김": "Kim", "이": "Lee", "박": "Park", "최": "Choi", "정": "Jung", "강": "Kang", "조": "Cho",
    "윤": "Yoon", "임": "Lim",
}  # fmt: skip
"""Romanisations in common use that a letter-by-letter one does not give."""
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


@cache
def _frequent() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("common_names.toml").read_text("utf-8"))


def _listed(code: str, part: str, *attributes: str) -> list[str]:
    """The frequent names first, then the provider's lists of these names in a stable shuffle (they are sorted)."""
    provider = _provider(code)
    frequent = _frequent().get(code, {}).get(part, [])
    values = [str(value).strip() for name in attributes for value in getattr(provider, name, ())]
    rest = sorted(set(values) - set(frequent))
    return [*frequent, *(rest[position] for position in stream(0, f"{code} {part}").permutation(len(rest)))]


def _name_list(values: list[str], exponent: float, code: str) -> NameList:
    native = strings(values)
    latin = each(_latin, native) if code in NATIVE else native
    return NameList(latin, native, zipf(len(values), exponent))


def _latin(name: str) -> str:
    """A romanised name: as is customary, otherwise as `anyascii` has it (it gives syllables capitals)."""
    if name in CUSTOMARY:
        return CUSTOMARY[name]
    return anyascii(re.sub("ο[υύ]", "ou", name)).replace("'", "").replace("`", "").capitalize()


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
    values, weights = _census("dist.all.last", CENSUS_TAIL)
    rank = {name: at for at, name in enumerate(values.tolist())}
    own = sorted(_listed("en_GB", "surnames", "last_names"), key=lambda name: rank.get(name, CENSUS_TAIL))
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
    if code == "ja_JP":
        provider = _provider(code)
        surnames = _pairs(provider.last_name_pairs)
        men, women = _pairs(provider.first_name_male_pairs), _pairs(provider.first_name_female_pairs)
        return Culture(code, men, women, surnames, surnames)
    men = _name_list(_listed(code, "men", "first_names_male"), 0.8, code)
    women = _name_list(_listed(code, "women", "first_names_female"), 0.8, code)
    family = _listed(code, "surnames", *SURNAME_LISTS.get(code, ("last_names",)))
    surnames = _name_list(family, 0.95 if code in SURNAME_FIRST else 0.65, code)
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
        fashion = drift.normal(0, 0.4, len(listed.weights))
        for year in range(1500, 2040, 10):
            fashion = 0.92 * fashion + drift.normal(0, 0.16, len(listed.weights))
            rows = np.flatnonzero((female == sex) & (decade == year))
            chosen[rows] = pick(rng, listed.weights * np.exp(fashion), len(rows))
    return chosen
