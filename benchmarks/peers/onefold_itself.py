"""Onefold on one labelled set, the code of `benchmarks.accuracy`: FOLDER SET CLUSTERS.csv."""

import csv
import sys
from pathlib import Path

from benchmarks.accuracy import resolved, sets


def main() -> None:
    """Resolve and write."""
    folder, name, clusters = sys.argv[1:4]
    for _, rows, _ in sets(Path(folder), [name]):
        with Path(clusters).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "cluster"), *resolved(rows).items()])


if __name__ == "__main__":
    main()
