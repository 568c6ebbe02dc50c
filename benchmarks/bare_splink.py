"""Bare Splink on a table: train, predict, cluster, as its own documentation does it, in a process of its own.

python -m benchmarks.bare_splink TABLE.parquet MODEL.json       prints one JSON object
"""

import json
import logging
import resource
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from graph.blocking import BLOCK_COLUMNS
from resolution.engines import connect
from resolution.model import Model
from resolution.stopwatch import Stopwatch

TRAINED_ON = ("block_name", "block_birth")
"""Blocks within which expectation maximisation estimates the comparisons."""


def settings(model: Model) -> dict[str, Any]:
    """The same comparisons and blocking columns, for Splink to train."""
    return {
        **model.settings(),
        "unique_id_column_name": "key",
        "blocking_rules_to_generate_predictions": [block_on(column) for column in BLOCK_COLUMNS],
    }


def main() -> None:
    """Do it once and say how long each step took."""
    table, model = pq.read_table(sys.argv[1]), Model.from_json(Path(sys.argv[2]).read_text("utf-8"))
    logging.getLogger("splink").setLevel(logging.ERROR)
    clock = Stopwatch()
    with connect() as connection:
        api = DuckDBAPI(connection=connection)
        linker = Linker(
            api.register(table, dataset_display_name="records"),
            SettingsCreator.from_path_or_dict(settings(model)),
        )
        with clock("train"):
            linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
            for column in TRAINED_ON:
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
        with clock("predict"):
            predicted = linker.inference.predict(threshold_match_weight=model.floor, warning_mode="never")
            pairs = predicted.as_pyarrow_table().num_rows
        with clock("cluster"):
            clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
                predicted, threshold_match_weight=model.match
            )
            records = clustered.as_pyarrow_table().num_rows
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = clock.seconds("train", "predict", "cluster")
    print(json.dumps({"seconds": seconds, "pairs": pairs, "records": records, "memory": memory}))


if __name__ == "__main__":
    main()
