"""Our SQL said in Spark's: every condition in use can be said, and what cannot is an error."""

import pytest
from sqlglot import exp, parse_one

from graph.errors import ModelError
from resolution.comparisons import COMPARISONS
from resolution.model import default_model
from resolution.scoring import candidate_pairs, keep_terms, offer_pairs
from resolution.spark_sql import DAMERAU_LEVENSHTEIN, JARO_WINKLER, in_spark

KNOWN_IN_SPARK = {
    *("abs", "array_contains", "array_intersect", "size", "arrays_overlap", "coalesce", "contains"),
    *("count", "greatest", "left", "length", "right", "round", "split_part", "startswith", "substring"),
    *(JARO_WINKLER, DAMERAU_LEVENSHTEIN),
}


class Said:
    """Notes queries instead of running them."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def offer(self, name, rows) -> None: ...

    def keep(self, name, query) -> None:
        self.queries.append(in_spark(query))


def called(sql: str) -> set[str]:
    """Names of the functions that a text calls, as Spark reads them."""
    tree = parse_one(sql, dialect="spark")
    syntax = exp.And | exp.Or | exp.Case | exp.If | exp.TryCast
    names = (
        node.sql("spark").partition("(")[0]
        for node in tree.find_all(exp.Func)
        if not isinstance(node, syntax)
    )
    return {name.lower() for name in names}


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda one: one.name)
def test_every_comparison_calls_only_what_spark_knows(comparison) -> None:
    assert called(in_spark(comparison.case())) <= KNOWN_IN_SPARK


def test_every_level_goes_to_splink_in_spark_sql() -> None:
    levels = [
        one
        for entry in default_model().settings(in_spark)["comparisons"]
        for one in entry["comparison_levels"]
    ]
    conditions = [one["sql_condition"] for one in levels if one["sql_condition"] != "ELSE"]
    assert len(conditions) > len(COMPARISONS)
    assert set.union(*map(called, conditions)) <= KNOWN_IN_SPARK
    assert not any("&&" in one or "LIST_" in one for one in conditions)


def test_candidates_and_frequencies_can_be_said() -> None:
    said = Said()
    offer_pairs(said, [("a:1", "a:2")])
    candidate_pairs(said, 400, ["a:1"])
    keep_terms(said, default_model(), "given")
    assert len(said.queries) == 3
    assert not any("QUALIFY" in query for query in said.queries)
    names = [one.alias for one in parse_one(said.queries[1], dialect="spark").find_all(exp.CTE)]
    assert len(names) == len(set(names)), "Spark knows a name of a WITH once"


def test_texts_and_lists_are_told_apart() -> None:
    assert in_spark("contains(given_names_l, given_r)") == "ARRAY_CONTAINS(given_names_l, given_r)"
    assert in_spark("contains(birth_place_l, birth_place_r)") == "CONTAINS(birth_place_l, birth_place_r)"
    assert in_spark("length(emails_l) > length(email_l)") == "SIZE(emails_l) > LENGTH(email_l)"
    nested = in_spark("length(list_intersect(emails_l, emails_r))")
    assert nested == "SIZE(ARRAY_INTERSECT(emails_l, emails_r))"


@pytest.mark.parametrize(
    "condition",
    ["soundex(given_l) = soundex(given_r)", "levenshtein(given_l, given_r) < 2", "jaccard(given_l, given_r) > 0.5",
     "regexp_matches(given_l, given_r)", "list_sort(emails_l) = emails_r", "given_l = my_own(given_r)"],
)  # fmt: skip
def test_a_function_that_is_not_known_is_an_error(condition) -> None:
    with pytest.raises(ModelError, match="Spark is not known to have"):
        in_spark(condition)
