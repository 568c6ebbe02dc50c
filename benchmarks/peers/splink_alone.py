"""Splink by itself, as its tutorials have it: TABLE.csv CLUSTERS.csv EDGES.csv.

Its own comparisons with term frequencies, several blocking rules, the prior from deterministic rules, u from random
pairs, m by expectation maximisation; clusters are connected components at p >= 0.95. The edges are kept, so that
another clustering can be tried on them.
"""

import re
import sys
from contextlib import suppress

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

COMPARISONS = {
    "first_name": lambda: cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
    "last_name": lambda: cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
    "birth_date": lambda: cl.DateOfBirthComparison("birth_date", input_is_string=True),
    "email": lambda: cl.EmailComparison("email"),
    "phone": lambda: cl.LevenshteinAtThresholds("phone", 1).configure(term_frequency_adjustments=True),
    "postcode": lambda: cl.LevenshteinAtThresholds("postcode", [1, 2]).configure(
        term_frequency_adjustments=True
    ),
    "street": lambda: cl.JaroWinklerAtThresholds("street", [0.9]).configure(term_frequency_adjustments=True),
    "city": lambda: cl.ExactMatch("city").configure(term_frequency_adjustments=True),
    "birth_place": lambda: cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
    "occupation": lambda: cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    "loyalty_card": lambda: cl.ExactMatch("loyalty_card"),
    "ssn": lambda: cl.LevenshteinAtThresholds("ssn", [1, 2]),
    "passport": lambda: cl.ExactMatch("passport"),
    "driving_licence": lambda: cl.ExactMatch("driving_licence"),
    "national_id": lambda: cl.ExactMatch("national_id"),
    "tax_id": lambda: cl.ExactMatch("tax_id"),
    "organisation_name": lambda: cl.JaroWinklerAtThresholds("organisation_name", [0.9]),
}
BLOCKS = (
    ("substr(first_name,1,3)", "substr(last_name,1,4)"),
    ("last_name", "birth_date"),
    ("first_name", "birth_date"),
    ("postcode", "first_name"),
    ("postcode", "last_name"),
    ("birth_date", "birth_place"),
    ("substr(postcode,1,3)", "birth_date"),
    ("substr(postcode,1,3)", "first_name"),
    ("substr(postcode,1,3)", "last_name"),
    ("substr(first_name,1,2)", "substr(last_name,1,2)", "substr(birth_date,1,4)"),
    ("first_name", "last_name"),
    ("birth_date", "city"),
    ("first_name", "city"),
    ("last_name", "city"),
    ("email",),
    ("phone",),
    ("loyalty_card",),
    ("ssn",),
    ("passport",),
    ("driving_licence",),
    ("national_id",),
    ("organisation_name",),
)
WIDE = (("first_name",), ("last_name",), ("birth_date",), ("postcode",))
"""More rules where a table is small enough for them, as in the tutorial for fake_1000."""
SMALL = 20_000
SURE = {
    (
        "first_name",
        "birth_date",
    ): "l.first_name = r.first_name and levenshtein(l.birth_date, r.birth_date) <= 1",
    ("last_name", "birth_date"): "l.last_name = r.last_name and levenshtein(l.birth_date, r.birth_date) <= 1",
    ("first_name", "last_name"): "l.first_name = r.first_name and levenshtein(l.last_name, r.last_name) <= 2",
    ("email",): "l.email = r.email",
}
"""The tutorial's rules with few false positives, which are assumed to find 0.7 of all matches."""
RECALL = 0.7
TRAINED = (("first_name", "last_name"), ("birth_date",), ("email",))


def usable(rules, columns):
    """The rules all of whose columns the table has."""
    names = [[re.sub(r"^substr\((\w+),.*", r"\1", part) for part in rule] for rule in rules]
    return [block_on(*rule) for rule, needed in zip(rules, names, strict=True) if columns.issuperset(needed)]


def main() -> None:
    """Match, cluster, write."""
    table, clusters, edges = sys.argv[1:4]
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE people AS FROM read_csv(?, all_varchar=true, header=true)",
        [table],
    ).fetchall()
    columns = {row[0] for row in connection.execute("DESCRIBE people").fetchall()}
    api = DuckDBAPI(connection=connection)
    ((size,),) = connection.execute("SELECT count(*) FROM people").fetchall()
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[make() for name, make in COMPARISONS.items() if name in columns],
        blocking_rules_to_generate_predictions=usable((*WIDE, *BLOCKS) if size <= SMALL else BLOCKS, columns),
    )
    linker = Linker(api.register("people", dataset_display_name="people"), settings)
    sure = [rule for needed, rule in SURE.items() if columns.issuperset(needed)]
    linker.training.estimate_probability_two_random_records_match(sure, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in usable(TRAINED, columns):
        # On a few hundred records a probability can run to zero, which Splink refuses: the other rules train it.
        with suppress(ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01, warning_mode="never")
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=0.95
    )
    connection.execute(
        f"COPY (SELECT id, cluster_id AS cluster FROM {clustered.physical_name}) TO '{clusters}'"
    )
    connection.execute(
        f"COPY (SELECT id_l AS l, id_r AS r, match_weight AS weight FROM {predicted.physical_name}) TO '{edges}'"
    )


if __name__ == "__main__":
    main()
