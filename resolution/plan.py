"""The plan of a resolve: what a full one under new settings or a new model would change, without writing any of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from graph.difference import Difference
from graph.models import applied_configuration
from graph.progress import Progress, silent
from graph.stored_records import all_records
from graph.transactions import Graph
from graph.vocabulary import IdentifierState, IdentityChange
from resolution.decide import decide
from resolution.effect import Effect
from resolution.engines import check_installed
from resolution.evidence import whole
from resolution.groups import groups
from resolution.matching import match
from resolution.model import Model
from resolution.portions import portions
from resolution.publishing import configuration_in_force, fitted_default, model_in_force
from resolution.settings import ResolutionSettings
from resolution.surroundings import surroundings

_EXAMPLES = 5

Follow = Callable[[Difference], Awaitable[None]]
"""What looks at each portion of a plan as it would be written."""


async def _unobserved(_: Difference) -> None:
    pass


@dataclass(slots=True)
class Plan(Effect):
    """What a resolve would do. `configuration_changed` says whether the graph was resolved under other settings or
    another model; `examples` has a few profile ids, identifier keys and conflict keys of each kind of change."""

    records: int = 0
    profiles: int = 0
    model: str = ""
    configuration_changed: bool = False
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, difference: Difference) -> None:
        """Count what one difference does, and keep examples of it."""
        Effect.add(self, difference)
        for event in difference.events:
            if event.change in _NAMED:
                into = event.change is IdentityChange.RETIRED and event.related
                self._example("merged" if into else event.change.value, event.profile_id)
        for key, state, _ in difference.states:
            self._example("restored" if state == IdentifierState.LINKING else state, key)
        for conflict in difference.conflicts:
            self._example("conflicts", f"{conflict.key}: {conflict.reason}")
        for conflict in difference.dissolved:
            self._example("dissolved", conflict.key)

    def _example(self, name: str, text: str) -> None:
        found = self.examples.setdefault(name, [])
        if len(found) < _EXAMPLES:
            found.append(text)


_NAMED = frozenset((IdentityChange.CREATED, IdentityChange.SPLIT, IdentityChange.RETIRED))


async def plan(
    graph: Graph,
    settings: ResolutionSettings,
    *,
    model: Model | None = None,
    progress: Progress = silent,
    follow: Follow = _unobserved,
) -> Plan:
    """What a full resolve under `settings`, and `model` instead of the one in force, would change; nothing is written.

    `follow` is shown each portion of the difference, none of which leaves a move half done.
    """
    check_installed(settings.engine)
    result = Plan()
    progress("read", 0, None)
    records = await all_records(graph)
    model = model or await model_in_force(graph) or await fitted_default(records.values())
    configuration, digest = await configuration_in_force(graph, model, settings)
    evidence = whole(records, model.block_limit, settings.kinds, full=True)
    progress("match", 0, None)
    edges = await match(evidence, model, settings.engine)
    weights = {pair: edge.weight for pair, edge in edges.items()}
    neighbourhood = await surroundings(graph, records, weights, configuration)
    total, done = len(records), 0
    for group in groups(neighbourhood, configuration):
        difference = decide(group, configuration)
        result.add(difference)
        for portion in portions(difference):
            await follow(portion)
        done += len(group.records)
        progress("decide", done, total)
    before = {record.profile_id for record in records.values() if record.profile_id}
    members = sum(bool(record.profile_id) for record in records.values())
    result.share(members + result.arrived - result.departed)
    result.records, result.model = total, model.version
    result.profiles = len(before) + result.created - result.merged - result.retired
    result.configuration_changed = await applied_configuration(graph) != digest
    return result
