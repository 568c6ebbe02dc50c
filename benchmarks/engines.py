"""One table on every engine: seconds, peak memory of the process and its children, and whether the edges are the same.

python -m benchmarks.engines [--records N]

Scores historical_50k, or its first N records, on DuckDB and on the Spark that ONEFOLD_SPARK_MASTER names.
"""

import argparse
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import psutil

from loaders.facts import RowMapper
from loaders.mapping import read_mapping
from loaders.reading import open_rows
from resolution.engines import Engine
from resolution.features import RecordRow, feature_table
from resolution.model import default_model
from resolution.scoring import score_table
from resolution.train import fit_to_data

EXAMPLES = Path(__file__).parents[1] / "examples"
ROWS = EXAMPLES / "splink_historical_50k" / "historical_figures_with_errors_50k.parquet"


def records(count: int | None) -> list[RecordRow]:
    """The first `count` records."""
    mapper = RowMapper(read_mapping(EXAMPLES / "splink_historical_50k.toml"), b"salt")
    facts = (mapper.facts(row).record for row in islice(open_rows(ROWS).rows, count))
    return [
        RecordRow(key=f.key, kind=f.kind, source=f.source, attributes=f.attributes, identifiers=f.identifiers)
        for f in facts
    ]


@contextmanager
def watched() -> Generator[list[int]]:
    """The most memory, in bytes, that this process and its children had at once; read every half second."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            held = 0
            for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
                with suppress(psutil.Error):
                    held += process.memory_info().rss
            peak[0] = max(peak[0], held)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def main() -> None:
    """Print a JSON object per engine, then whether keys, weights and levels are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int)
    table = feature_table(records(parser.parse_args().records))
    model = fit_to_data(table, default_model())
    found = []
    for engine in Engine:
        started = time.monotonic()
        with watched() as peak:
            edges = score_table(table, model, engine=engine)
        seconds = round(time.monotonic() - started, 1)
        figures = {"records": table.num_rows, "edges": edges.num_rows, "seconds": seconds}
        print(json.dumps({"engine": engine, **figures, "peak_mb": peak[0] // 2**20}), flush=True)
        found.append(edges.drop_columns("probability").to_pydict())
    print(json.dumps({"same": found[0] == found[1]}))


if __name__ == "__main__":
    main()
