"""The model and configuration in force: what was published last, or the default fitted to the first data."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from graph.models import publish_model, published_model, published_version
from graph.neighbourhood import StoredRecord
from graph.passes import Standing
from graph.sources import Source, list_sources
from graph.transactions import Graph
from resolution.configuration import Configuration
from resolution.matching import record_row
from resolution.model import Model, default_model
from resolution.settings import ResolutionSettings
from resolution.train import fit_to_data

FIRST_CAUSE = "default model, fitted to the first records"
"""Why the first model of a graph is published."""

_read: dict[str, Model] = {}
"""The model that was read last, by its version: a published model never changes, and takes long to read."""


async def model_in_force(graph: Graph) -> Model | None:
    """The published model, None before there is one."""
    version = await published_version(graph)
    if version is None or version in _read:
        return _read.get(version or "")
    published = await published_model(graph)
    if published is None:
        return None
    model = Model.from_json(published.document)
    _read.clear()
    _read[published.version] = model
    return model


async def first_model(graph: Graph, records: Iterable[StoredRecord]) -> Model:
    """The default model fitted to the graph's records, and published."""
    model = await fitted_default(records)
    await publish_model(graph, model.version, model.to_json(), FIRST_CAUSE)
    return model


def outgrown(model: Model, records: int, settings: ResolutionSettings) -> bool:
    """Whether the graph has so many more records than the model was fitted to that its prior misleads.

    The chance that two records at random are one person falls as records become more: under the prior of few
    records, strangers match.
    """
    if not (settings.refit_growth and model.records):
        return False
    return records >= max(_FEWEST_TO_FIT_ANEW, settings.refit_growth * model.records)


_FEWEST_TO_FIT_ANEW = 2000
"""Below it a fit leans on data seen before, and changes little."""


async def model_fitted_anew(graph: Graph, model: Model, records: Iterable[StoredRecord]) -> Model:
    """The model with frequencies, prior, threshold and block limit of today's records, published; its weights stay."""
    rows = [record_row(record) for record in records if not record.removed]
    base = replace(default_model(), levels=model.levels)
    fitted = await asyncio.to_thread(fit_to_data, rows, base)
    cause = f"fitted anew, as {model.records:,} records have become {fitted.records:,}"
    await publish_model(graph, fitted.version, fitted.to_json(), cause)
    return fitted


async def fitted_default(records: Iterable[StoredRecord]) -> Model:
    """The default model fitted to these records, not published."""
    rows = [record_row(record) for record in records if not record.removed]
    return await asyncio.to_thread(fit_to_data, rows, default_model())


async def configuration_in_force(
    graph: Graph, model: Model, settings: ResolutionSettings
) -> tuple[Configuration, str]:
    """What decisions are made under, and a digest that changes whenever any of it does."""
    return configured(model, settings, await list_sources(graph), graph.salt)


def configured(
    model: Model, settings: ResolutionSettings, sources: Sequence[Source], salt: bytes
) -> tuple[Configuration, str]:
    """The same of an installation with these sources and this salt."""
    configuration = Configuration(
        model=model.version,
        match_weight=model.match,
        salt=salt,
        settings=settings,
        once=frozenset(source.name for source in sources if source.one_per_person),
        claimed=frozenset(source.name for source in sources if not source.authenticated),
        priorities={source.name: source.priority for source in sources},
        contradiction=model.contradiction,
        same_number=model.same_number,
    )
    return configuration, _digest(configuration)


class InForce:
    """The model and configuration in force, read again only when something about them has changed."""

    def __init__(self, settings: ResolutionSettings) -> None:
        self._settings = settings
        self._standing: Standing | None = None
        self._made: tuple[Model, Configuration] | None = None

    async def applied(self, graph: Graph, standing: Standing) -> tuple[Model, Configuration] | None:
        """What the whole graph was resolved under, while it is in force; None when a full resolve is due."""
        if standing != self._standing:
            self._made = await self._read(graph, standing.applied)
            self._standing = standing
        return self._made

    async def _read(self, graph: Graph, applied: str | None) -> tuple[Model, Configuration] | None:
        model = await model_in_force(graph)
        if model is None:
            return None
        configuration, digest = await configuration_in_force(graph, model, self._settings)
        return (model, configuration) if digest == applied else None


def _digest(configuration: Configuration) -> str:
    """A source's priority counts only where it differs from the usual, so that a new source is no new configuration."""
    priorities = {name: rank for name, rank in configuration.priorities.items() if rank != _USUAL_PRIORITY}
    parts = [
        configuration.model,
        configuration.match_weight,
        configuration.settings.model_dump(mode="json", exclude={"engine"}),
        configuration.settings.kinds.document(),
        sorted(configuration.once),
        sorted(configuration.claimed),
        sorted(priorities.items()),
    ]
    settled = blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()
    return f"{configuration.model} {settled}"


def cause_of(applied: str | None, digest: str) -> str:
    """What the ledger names when the whole graph is resolved: a model or settings that are new, or nothing."""
    if applied is None or applied == digest:
        return ""
    model, _, settings = digest.partition(" ")
    return f"settings {settings[:12]}" if applied.partition(" ")[0] == model else f"model {model}"


_USUAL_PRIORITY = 50
