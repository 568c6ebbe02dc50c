"""Resolves the first load of a graph while it is staged, so that facts and profiles are imported together."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from graph.imported_beliefs import Beliefs
from graph.importing import Resolver
from graph.models import PublishedModel
from graph.progress import Progress
from graph.sources import Source
from graph.staged_facts import StagedFacts
from graph.staged_logins import staged_logins
from resolution.publishing import FIRST_CAUSE
from resolution.settings import ResolutionSettings
from resolution.staged import resolve_staged


def staged_resolver(settings: ResolutionSettings, salt: bytes, progress: Progress) -> Resolver:
    """What resolves the records of a staging under these settings, as `onefold resolve` would after loading them."""

    @contextmanager
    def resolver(facts: StagedFacts, sources: Sequence[Source]) -> Generator[Beliefs]:
        folder = facts.staging.folder
        with (
            resolve_staged(facts.records(), folder, settings, (sources, salt), progress) as found,
            staged_logins(facts) as logins,
        ):
            model = PublishedModel(found.model.version, found.model.to_json(), datetime.now(UTC), FIRST_CAUSE)
            yield Beliefs(model, found.digest, found.edges, lambda: found.differences(logins))

    return resolver
