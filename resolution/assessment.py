"""Measures a resolved graph against a truth: first the figures, then what lies behind them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from graph.crowds import read_crowds
from graph.facts import record_key
from graph.match_edges import all_weights, weights_of
from graph.memberships import stream_memberships
from graph.neighbourhood import Weights
from graph.stored_records import read_records
from graph.transactions import Graph
from graph.vocabulary import RecordKind
from resolution.blocking import Blocking, Costs, measure_blocking, signs_of
from resolution.calibration import Calibration, calibrate
from resolution.estimates import Estimates, Sample
from resolution.evaluate import Evaluation, evaluate
from resolution.kinds import Kinds
from resolution.mistakes import Mistakes, find_mistakes
from resolution.model import default_model
from resolution.publishing import model_in_force
from resolution.truth import Truth

_MOST_BY_KEY = 0.2
"""Up to this share of the graph's records the edges of each are asked for, beyond it all edges."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """How right the profiles are: `evaluation` among the records that the truth names, `estimates` for all `records`
    of the sources that it names, `strata` the same for groups of people."""

    records: int
    evaluation: Evaluation
    estimates: Estimates
    strata: Mapping[str, Estimates]

    @property
    def sampled(self) -> bool:
        """Whether the truth leaves records out, so that the estimates go beyond what it names."""
        return self.evaluation.records - self.evaluation.missing < self.records

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: the evaluation's own at the top."""
        rest = {"graph_records": self.records, "estimates": self.estimates, "strata": self.strata}
        return self.evaluation.as_dict() | rest


@dataclass(frozen=True, slots=True)
class Findings:
    """What lies behind an assessment, under the `model` (its version) and `match` weight in force."""

    model: str
    match: float
    calibration: Calibration
    blocking: Blocking
    mistakes: Mistakes

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        document = asdict(self)
        document["blocking"]["completeness"] = self.blocking.completeness
        return document


async def memberships_of(graph: Graph, truth: Truth) -> dict[str, str]:
    """The profile of each record that the truth could have named: those of its sources, visitors' left aside."""
    found: dict[str, str] = {}
    async for row in stream_memberships(graph, with_visitors=True):
        key = record_key(row["source"], row["record_id"])
        expected = row["source"] in truth.sources and row["record_kind"] != RecordKind.VISITOR
        if expected or key in truth.people:
            found[key] = row["profile_id"]
    return found


def assess(truth: Truth, memberships: Mapping[str, str]) -> Assessment:
    """The figures, from the profile of every record that the truth could have named."""
    sample = Sample(truth, memberships)
    evaluation = evaluate(truth.people, memberships)
    return Assessment(len(memberships), evaluation, sample.estimates(), sample.by_stratum())


async def examine(graph: Graph, truth: Truth, memberships: Mapping[str, str], kinds: Kinds) -> Findings:
    """What lies behind the figures: calibration of the scored pairs, candidates by rule, the worst mistakes."""
    model = await model_in_force(graph) or default_model()
    records = await read_records(graph, truth.people)
    crowds = await read_crowds(graph, model.block_limit, kinds.holders, kinds.other_holders)
    signs = {key: signs_of(record) for key, record in records.items()}
    return Findings(
        model=model.version,
        match=model.match,
        calibration=calibrate(truth, await _weights(graph, truth, len(memberships))),
        blocking=measure_blocking(truth.people, memberships, signs, Costs.of(crowds)),
        mistakes=find_mistakes(truth.people, memberships),
    )


async def _weights(graph: Graph, truth: Truth, records: int) -> Weights:
    if len(truth.people) > _MOST_BY_KEY * records:
        return await all_weights(graph)
    return await weights_of(graph, truth.people)
