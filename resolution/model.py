"""A published matching model: the weight of every level of agreement, how common values are, prior and thresholds."""

import gzip
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from graph.errors import ModelError
from resolution.comparison import ELSE, Comparison
from resolution.comparisons import COMPARISONS

DEFAULT_MODEL = Path(__file__).with_name("default_model.json.gz")


@dataclass(frozen=True, slots=True)
class LevelWeight:
    """`m` and `u`: how often matching and other pairs agree like this; `sharpening` (0–1): the share of the term
    frequency adjustment that counts."""

    m: float
    u: float
    sharpening: float = 1.0

    @property
    def weight(self) -> float:
        """Evidence in bits (log2 m/u)."""
        return math.log2(self.m / self.u)

    def bits(self, frequency: float | None) -> float:
        """Evidence in bits where both records hold a value of this term frequency (None: no term counts)."""
        if frequency is None:
            return self.weight
        return self.weight + self.sharpening * math.log2(self.u / frequency)


@dataclass(frozen=True, slots=True)
class TermFrequencies:
    """How common the values of one column are; a value not listed has the `default` frequency."""

    default: float
    values: Mapping[str, float]

    def of(self, value: str) -> float:
        """The share of records that hold this value."""
        return self.values.get(value, self.default)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that turns two records into a weight: nothing else does, so the same pair always weighs the same.

    `levels` holds one tuple per comparison, in the order of its levels; `prior` is the probability that two
    records at random match; `match`, `possible` and `floor` are match weights (log2 odds, the prior included):
    records may join from `match` on, an edge between `possible` and `match` is for review, below `floor` it
    is forgotten. A block held by more than `block_limit` records is not compared. `records` is how many it was
    fitted to, 0 for the one that ships.
    """

    version: str
    prior: float
    levels: Mapping[str, tuple[LevelWeight, ...]]
    terms: Mapping[str, TermFrequencies]
    match: float = 0.0
    possible: float = -4.0
    floor: float = -8.0
    block_limit: int = 400
    records: int = 0

    @property
    def prior_weight(self) -> float:
        """The prior as log2 odds."""
        return math.log2(self.prior / (1 - self.prior))

    @property
    def contradiction(self) -> float:
        """What birth dates that differ weigh, in bits."""
        return self.levels["birth_date"][-1].weight

    @property
    def same_number(self) -> float:
        """What a unique number in common weighs, in bits."""
        return self.levels["personal_id"][0].weight

    def settings(self, said: Callable[[str], str] = str) -> dict[str, Any]:
        """The model as Splink settings; `said` answers a condition as the engine that Splink is to run on says it."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "position",
            "probability_two_random_records_match": self.prior,
            "blocking_rules_to_generate_predictions": [],
            "comparisons": [
                _comparison(comparison, self.levels[comparison.name], said) for comparison in COMPARISONS
            ],
            "retain_matching_columns": False,
        }

    def to_json(self) -> str:
        """The model as JSON text."""
        document = {
            "version": self.version,
            "prior": self.prior,
            "thresholds": {"match": self.match, "possible": self.possible, "floor": self.floor},
            "block_limit": self.block_limit,
            "records": self.records,
            "levels": {
                name: [[w.m, w.u, w.sharpening] for w in weights]
                for name, weights in sorted(self.levels.items())
            },
            "terms": {
                name: {"default": term.default, "values": dict(sorted(term.values.items()))}
                for name, term in sorted(self.terms.items())
            },
        }
        return orjson.dumps(document).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "Model":
        """Read a model; raises ModelError when the text is not one or its levels are not those compared here."""
        try:
            model = _parsed(orjson.loads(text))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                "The stored model cannot be read: publish one again with `onefold train`."
            ) from error
        for comparison in COMPARISONS:
            if len(model.levels.get(comparison.name, ())) != len(comparison.levels):
                message = (
                    f"Model {model.version} does not weigh {comparison.name} as this version of Onefold compares it: "
                    "publish a model again with `onefold train`."
                )
                raise ModelError(message)
        return model


def _parsed(document: dict[str, Any]) -> Model:
    return Model(
        version=document["version"],
        prior=document["prior"],
        levels={
            name: tuple(LevelWeight(*weight) for weight in rows) for name, rows in document["levels"].items()
        },
        terms={
            name: TermFrequencies(term["default"], term["values"]) for name, term in document["terms"].items()
        },
        block_limit=document["block_limit"],
        records=document.get("records", 0),
        **document["thresholds"],
    )


def _comparison(
    comparison: Comparison, weights: tuple[LevelWeight, ...], said: Callable[[str], str]
) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": said(comparison.missing), "label_for_charts": "missing", "is_null_level": True}
    ]
    for level, weight in zip(comparison.levels, weights, strict=True):
        entry: dict[str, Any] = {
            "sql_condition": ELSE if level.condition == ELSE else said(level.condition),
            "label_for_charts": level.label,
            "m_probability": weight.m,
            "u_probability": weight.u,
        }
        if level.term is not None and level.condition != ELSE:
            entry["tf_adjustment_column"] = level.term
            entry["tf_adjustment_weight"] = weight.sharpening
            entry["disable_tf_exact_match_detection"] = True
        levels.append(entry)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


@lru_cache(maxsize=1)
def default_model() -> Model:
    """The model that ships with Onefold (scripts/default_model.py makes it)."""
    return Model.from_json(gzip.decompress(DEFAULT_MODEL.read_bytes()))
