"""Makes graph/words/given_names.txt: given names that nearly only women, or nearly only men, bear.

    python -m scripts.given_names

Needs the development packages `names` (US census of 1990) and `Faker` (name lists of other countries). A name is in
if 97 % of those who bear it are of one gender, in the census and in every list that tells them apart.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from graph.text import fold
from scripts.default_model import LOCALES, census, locale_shares

SHARE = 0.97
SHORTEST = 3


def gendered() -> dict[str, list[str]]:
    """The names of each gender, sorted."""
    shares: defaultdict[str, list[float]] = defaultdict(list)
    _add(shares, census("dist.female.first"), census("dist.male.first"))
    for locale in LOCALES:
        _add(shares, locale_shares(locale, "first_names_female"), locale_shares(locale, "first_names_male"))
    names: dict[str, list[str]] = {"F": [], "M": []}
    for name, found in sorted(shares.items()):
        if len(name) >= SHORTEST and min(found) >= SHARE:
            names["F"].append(name)
        elif len(name) >= SHORTEST and max(found) <= 1 - SHARE:
            names["M"].append(name)
    return names


def _add(shares: defaultdict[str, list[float]], women: Mapping[str, float], men: Mapping[str, float]) -> None:
    """The share of women among the bearers of each name of one list."""
    for name in women.keys() | men.keys():
        shares[fold(name)].append(women.get(name, 0.0) / (women.get(name, 0.0) + men.get(name, 0.0)))


def main() -> None:
    """Write the list."""
    lines = ["# Given names of one gender; made by scripts/given_names.py from public name lists."]
    for gender, names in gendered().items():
        lines += [f"{gender}: {', '.join(names[start : start + 12])}" for start in range(0, len(names), 12)]
    path = Path(__file__).parents[1] / "graph" / "words" / "given_names.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
