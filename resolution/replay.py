"""Decides a profile's component once more, as `resolve` would, so that its steps can be told; nothing is written."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from graph.clusters import member_keys
from graph.errors import ConfigurationError, NotFoundError
from graph.match_edges import weights_of
from graph.models import applied_configuration
from graph.neighbourhood import Neighbourhood, StoredRecord
from graph.stored_records import read_records
from graph.transactions import Graph
from graph.vocabulary import IdentifierState
from resolution.configuration import Configuration
from resolution.evidence import Evidence
from resolution.founders import founder
from resolution.identifiers import Holders
from resolution.partition import Partition, partition
from resolution.publishing import configuration_in_force, model_in_force
from resolution.settings import ResolutionSettings
from resolution.surroundings import around
from resolution.ties import Grounds, Tie, ties
from resolution.verdicts import Verdicts, verdicts


@dataclass(frozen=True)
class Replay:
    """A profile as stored (`stored` are its records) and its component as it is decided now.

    `live` are the records of the component that are not removed; `applied` says whether the graph was resolved under
    the configuration that the replay used.
    """

    profile_id: str
    stored: frozenset[str]
    live: Mapping[str, StoredRecord]
    neighbourhood: Neighbourhood
    configuration: Configuration
    partition: Partition
    applied: bool

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The decided cluster that has most of the profile's records, sorted; of several the first."""
        return max(self.partition.clusters, key=lambda keys: len(self.stored.intersection(keys)))

    @property
    def pending_count(self) -> int:
        """How many records of the component wait to be resolved."""
        return sum(record.pending for record in self.neighbourhood.records.values())

    @property
    def up_to_date(self) -> bool:
        """Whether the replay ends with the profile as it is stored."""
        return self.applied and not self.pending_count and self.stored == frozenset(self.members)

    @property
    def founder(self) -> StoredRecord:
        """The member that the profile's id is of."""
        return founder(self.live, self.members)

    @property
    def verdicts(self) -> Verdicts:
        """What stewards said of the records."""
        return verdicts(self.neighbourhood.judgements, self.live)

    @cached_property
    def ties(self) -> list[Tie]:
        """What holds the members together."""
        states = self.partition.standings
        linking = [
            one
            for key, one in self._holders().items()
            if key in states and states[key].state is IdentifierState.LINKING
        ]
        grounds = Grounds(
            self.neighbourhood.weights, linking, self.configuration.claimed, self.verdicts.together
        )
        return ties(self.members, grounds, self.configuration.match_weight)

    def _holders(self) -> dict[str, Holders]:
        """The identifiers of the members, each with all its holders."""
        wanted = {held.key for key in self.members for held in self.live[key].identifiers}
        return holders_of(self.live, wanted, self.configuration)


def holders_of(
    records: Mapping[str, StoredRecord], wanted: set[str], configuration: Configuration
) -> dict[str, Holders]:
    """The identifiers of keys `wanted` with those of `records` that hold them, by key."""
    found: defaultdict[str, list[StoredRecord]] = defaultdict(list)
    known = {}
    for _, record in sorted(records.items()):
        for held in record.identifiers:
            if held.key in wanted:
                found[held.key].append(record)
                known[held.key] = held.identifier
    kinds = configuration.settings.kinds
    return {
        key: Holders(key, known[key], kinds[known[key].kind], found[key], len(found[key]))
        for key in sorted(known)
    }


async def replay(graph: Graph, profile_id: str, settings: ResolutionSettings) -> Replay:
    """Replay the profile's component under the published model.

    Raises NotFoundError for an unknown or retired profile, ConfigurationError before the first resolve.
    """
    model = await model_in_force(graph)
    if model is None:
        raise ConfigurationError("No model is published yet: run `onefold resolve` first.")
    configuration, digest = await configuration_in_force(graph, model, settings)
    stored = (await member_keys(graph, [profile_id])).get(profile_id, [])
    if not stored:
        raise NotFoundError("There is no profile under this id that has records.")
    records = await read_records(graph, stored)
    evidence = Evidence(records, frozenset(records), frozenset(), frozenset())
    neighbourhood = await around(graph, evidence, await weights_of(graph, stored), configuration)
    live = {key: record for key, record in sorted(neighbourhood.records.items()) if not record.removed}
    if not live.keys() & set(stored):
        raise NotFoundError("All records of this profile were removed: run `onefold resolve`.")
    return Replay(
        profile_id=profile_id,
        stored=frozenset(stored),
        live=live,
        neighbourhood=neighbourhood,
        configuration=configuration,
        partition=await asyncio.to_thread(partition, neighbourhood, live, configuration),
        applied=await applied_configuration(graph) == digest,
    )
