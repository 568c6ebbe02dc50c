"""Command line: `python -m benchmarks.universe --people 20000 --seed 7 --out DIR`."""

import argparse
import sys
import time
from pathlib import Path

from benchmarks.universe.population import build_universe
from benchmarks.universe.sources import PROFILES
from benchmarks.universe.tables import build_tables
from benchmarks.universe.writer import write_tables


def main() -> None:
    """Write one universe as Parquet files."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.universe", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="households")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    started = time.perf_counter()
    profile = PROFILES[options.profile]
    universe = build_universe(options.people, profile, options.seed)
    tables = build_tables(universe, profile)
    write_tables(options.out, tables)
    print(
        f"{tables.records.num_rows:,} records of {options.people:,} people in {time.perf_counter() - started:.1f} s",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
