"""dedupe with its active learning: TABLE.csv CLUSTERS.csv TRUTH.csv.

It cannot begin without labels, so it may ask a hundred questions of its own choice, which the truth answers. The
other tools of this comparison get none.
"""

import csv
import sys
from pathlib import Path

import dedupe
from dedupe import variables

QUESTIONS = 100


def read(path):
    """Rows by id; what is empty is missing."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: {name: value or None for name, value in row.items()} for row in csv.DictReader(file)
        }


def main() -> None:
    """Ask, learn, partition, write."""
    table, clusters, truth = sys.argv[1:4]
    people = read(table)
    person = {key: row["person"] for key, row in read(truth).items()}
    columns = [name for name in next(iter(people.values())) if name != "id"]
    deduper = dedupe.Dedupe([variables.String(name, has_missing=True) for name in columns])
    deduper.prepare_training(people)
    for _ in range(QUESTIONS):
        (pair,) = deduper.uncertain_pairs()
        same = person[pair[0]["id"]] == person[pair[1]["id"]]
        deduper.mark_pairs({"match": [pair] if same else [], "distinct": [] if same else [pair]})
    deduper.train()
    with Path(clusters).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "cluster"))
        for number, (keys, _) in enumerate(deduper.partition(people, 0.5)):
            writer.writerows((key, number) for key in keys)


if __name__ == "__main__":
    main()
