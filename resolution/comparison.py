"""What a comparison is: ordered levels of agreement as SQL over the features of two records, and how SQL says them."""

from collections.abc import Sequence
from dataclasses import dataclass

ELSE = "ELSE"


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of agreement: `condition` is DuckDB SQL over `…_l` and `…_r`; `term` names the column whose
    term frequency sharpens the weight when both records hold the same value of it."""

    label: str
    condition: str
    term: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A subject on which records agree more or less; `missing` is when nothing can be said."""

    name: str
    missing: str
    levels: tuple[Level, ...]

    def case(self) -> str:
        """The SQL that answers the level's number as Splink counts: −1 missing, highest number first level."""
        numbers = range(len(self.levels) - 1, 0, -1)
        whens = " ".join(
            f"WHEN {level.condition} THEN {number}"
            for level, number in zip(self.levels, numbers, strict=False)
        )
        return f"CASE WHEN {self.missing} THEN -1 {whens} ELSE 0 END"

    def level(self, gamma: int) -> Level | None:
        """The level behind Splink's number; None for missing."""
        return self.levels[len(self.levels) - 1 - gamma] if gamma >= 0 else None


def same(column: str) -> str:
    """Both values are the same."""
    return f"{column}_l = {column}_r"


def absent(*columns: str) -> str:
    """Of every column at least one value is missing."""
    return " AND ".join(f"({column}_l IS NULL OR {column}_r IS NULL)" for column in columns)


def alike(column: str, similarity: float) -> str:
    """Jaro-Winkler similarity of at least so much."""
    return resembling(f"{column}_l", f"{column}_r", similarity)


def resembling(left: str, right: str, similarity: float) -> str:
    """Jaro-Winkler similarity of at least so much.

    DuckDB and rapidfuzz round its last bit differently; no similarity lies within 1e-9 below a cut without being it.
    """
    return f"jaro_winkler_similarity({left}, {right}) >= {similarity - 1e-9:.9f}"


def edits(column: str, edits: int, length: int) -> str:
    """At most so many edits between values of at least this length."""
    return (
        f"(length({column}_l) >= {length} AND length({column}_r) >= {length}"
        f" AND damerau_levenshtein({column}_l, {column}_r) <= {edits})"
    )


def overlap(column: str) -> str:
    """The lists have a value in common."""
    return f"list_has_any({column}_l, {column}_r)"


def count(conditions: Sequence[str]) -> str:
    """How many of the conditions hold."""
    return " + ".join(f"CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in conditions)
