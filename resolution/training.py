"""Trains a model on the graph's records, with the judgements of stewards as labels, and publishes it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from graph.errors import InputError
from graph.judgements import standing_judgements
from graph.models import publish_model
from graph.stored_records import stream_records
from graph.transactions import Graph
from resolution.features import RecordRow
from resolution.labels import LabelReport, Labels, agreement, held_back, labels_of
from resolution.matching import record_row
from resolution.model import Model, default_model
from resolution.publishing import model_in_force
from resolution.train import train

_FEWEST_RECORDS = 100
"""Fewer say too little about how people are written."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """The model, the number of records it was fitted to, and what labels did, if there are any.

    `published` is False when it was not asked for, or when the model agrees less with labels held back than the one
    in force.
    """

    model: Model
    records: int
    labels: LabelReport | None
    published: bool


async def train_on_records(graph: Graph, *, publish: bool = True) -> TrainReport:
    """Train a model on the graph's records and publish it, unless told not to or the labels speak against it.

    The next resolve scores everything by a published one. Raises InputError when there is nothing to train on.
    """
    rows = [record_row(record) async for record in stream_records(graph) if not record.removed]
    if len(rows) < _FEWEST_RECORDS:
        raise InputError(f"Training needs at least {_FEWEST_RECORDS} records: load some first.")
    keys = {row["key"] for row in rows}
    labels = {
        pair: same
        for pair, same in labels_of(await standing_judgements(graph)).items()
        if keys.issuperset(pair)
    }
    present = await model_in_force(graph)
    report = await asyncio.to_thread(_judged, rows, labels, present) if labels else None
    model = await asyncio.to_thread(train, rows, default_model(), labels)
    worse = report is not None and report.enough and report.after.f1 < report.before.f1
    if publish and not worse:
        told = f"; {report}" if report else ""
        await publish_model(graph, model.version, model.to_json(), f"trained on {len(rows)} records{told}")
    return TrainReport(model, len(rows), report, publish and not worse)


def _judged(rows: Sequence[RecordRow], labels: Labels, present: Model | None) -> LabelReport:
    """Train on the labels that are not held back, and ask those that are."""
    taught, unseen = held_back(labels)
    before = present or default_model()
    after = train(rows, default_model(), taught)
    return LabelReport(
        len(labels), len(unseen), agreement(before, rows, unseen), agreement(after, rows, unseen)
    )
