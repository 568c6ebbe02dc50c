"""GoldenMatch without configuration, as its quick start has it: TABLE.csv CLUSTERS.csv."""

import csv
import sys
from pathlib import Path

import goldenmatch
import pyarrow as pa
from pyarrow.csv import ConvertOptions, read_csv

_TEXT = {
    name: pa.string()
    for name in ("id", "birth_date", "phone", "loyalty_card", "ssn", "postcode", "house_number")
}


def main() -> None:
    """Deduplicate the table and write the cluster of every row; what is in none stays alone."""
    table, clusters = sys.argv[1:3]
    people = read_csv(table, convert_options=ConvertOptions(column_types=_TEXT, strings_can_be_null=True))
    keys = people.column("id").to_pylist()
    found = goldenmatch.dedupe_df(people)
    home = {key: key for key in keys}
    for number, cluster in found.clusters.items():
        for row in cluster["members"]:
            home[keys[row]] = f"cluster {number}"
    with Path(clusters).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "cluster"), *home.items()])


if __name__ == "__main__":
    main()
