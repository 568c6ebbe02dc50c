"""What one GraphQL request carries: the graph, who asks, and loaders that join the reads of one level."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Generic, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from api.access import Viewer
from api.configuration import Configuration
from api.limits import Limits
from api.measuring import Measuring
from api.settings import ApiSettings
from graph.clusters import (
    MemberRecord,
    StoredEdge,
    StoredIdentifier,
    read_edges,
    read_homes,
    read_identifiers,
    read_records,
)
from graph.consents import StoredConsent, read_consents
from graph.feed import Feed
from graph.indicators import Distribution, StoredValue, read_distributions, read_values
from graph.journeys import JourneyPage, StoredTouchpoint, find_touchpoints, read_journeys
from graph.judgements import StoredJudgement
from graph.ledger import LedgerEntry, LedgerPage, read_history
from graph.locks import read_locks
from graph.lookup import Holders, find_holders
from graph.pins import Pin, pins_of
from graph.profiles import Found, StoredProfile, read_profiles
from graph.segments import (
    StoredMembership,
    StoredSegment,
    StoredStay,
    list_segments,
    read_members,
    read_memberships,
    read_stays,
)
from graph.transactions import Graph
from insight.analysis import Analysis
from insight.definitions import Definitions, in_force
from insight.session_pages import SessionPage, read_sessions, session_ids
from insight.sessions import Session
from loaders.journal import Journal
from resolution.cluster_health import ClusterHealth, cluster_health
from resolution.intake import Intake

Key = TypeVar("Key", bound=Hashable)
Page = TypeVar("Page", bound=Hashable)
Value = TypeVar("Value")

LARGEST_CLUSTER = 500
LARGEST_ANSWER = 100
DEFAULTS = Configuration()


class PagedLoader(Generic[Key, Page, Value]):
    """Loads (key, page) pairs asked for on one level: one read for each different page, not for each key."""

    def __init__(self, read: Callable[[Sequence[Key], Page], Awaitable[Mapping[Key, Value]]]) -> None:
        self._read = read
        self._loaders: dict[Page, DataLoader[Key, Value | None]] = {}

    async def load(self, key: Key, page: Page) -> Value | None:
        """The value for `key` on `page`, None when the read leaves it out."""
        if page not in self._loaders:
            self._loaders[page] = _loader(lambda keys: self._read(keys, page))
        return await self._loaders[page].load(key)


def _loader(read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]) -> DataLoader[Key, Value | None]:
    async def load(keys: list[Key]) -> list[Value | None]:
        found = await read(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


@dataclass(frozen=True, slots=True)
class Services:
    """What all requests share; `configuration` says by what records are resolved, and which segments there are."""

    graph: Graph
    configuration: Configuration
    intake: Intake
    feed: Feed
    analysis: Analysis
    measuring: Measuring
    journal: Journal | None = None
    limits: Limits = field(default_factory=lambda: Limits(ApiSettings()))

    @classmethod
    def of(
        cls, graph: Graph, configuration: Configuration = DEFAULTS, journal: Journal | None = None
    ) -> "Services":
        """Those of a graph of their own."""
        intake, feed = Intake(graph, configuration.resolution), Feed(graph)
        analysis = Analysis(graph, configuration.sessions, graph.settings.data_dir / "analysis")
        measuring = Measuring(graph, configuration.resolution, configuration.quality)
        return cls(graph, configuration, intake, feed, analysis, measuring, journal)


class Context:
    """One request, or one event of a subscription. Loaders live as long as it does, so that nothing is remembered for
    somebody else."""

    def __init__(self, services: Services, viewer: Viewer) -> None:
        self.graph = services.graph
        self.journal = services.journal
        self.intake = services.intake
        self.feed = services.feed
        self.analysis = services.analysis
        self.measuring = services.measuring
        self.limits = services.limits
        self.viewer = viewer
        configuration = services.configuration
        self.resolution = configuration.resolution
        self.stewardship = configuration.stewardship
        self.definitions = configuration.definitions
        self.actions = configuration.actions
        self.session_settings = configuration.sessions
        self.funnels = configuration.funnels

    def forget(self) -> None:
        """Read everything anew, for the next event of a subscription."""
        for name in [name for name, value in vars(type(self)).items() if isinstance(value, cached_property)]:
            vars(self).pop(name, None)

    async def definitions_in_force(self) -> Definitions:
        """Those of the configuration, and the segments that were saved."""
        return await in_force(self.graph, self.definitions)

    @cached_property
    def profiles(self) -> DataLoader[str, Found | None]:
        """Profiles by id, old ids too."""
        return _loader(lambda ids: read_profiles(self.graph, ids))

    @cached_property
    def holders(self) -> DataLoader[str, Holders | None]:
        """Holders of an identifier by its key."""
        return _loader(lambda keys: find_holders(self.graph, keys, limit=LARGEST_ANSWER))

    @cached_property
    def journeys(self) -> PagedLoader[str, JourneyPage, list[StoredTouchpoint]]:
        """Journey pages by profile id."""
        return PagedLoader(lambda ids, page: read_journeys(self.graph, ids, page))

    @cached_property
    def sessions(self) -> PagedLoader[str, SessionPage, list[Session]]:
        """Pages of sessions by profile id."""
        return PagedLoader(lambda ids, page: read_sessions(self.graph, ids, page, self.session_settings))

    @cached_property
    def session_ids(self) -> PagedLoader[tuple[str, StoredTouchpoint], datetime, str]:
        """The ids of sessions by profile id and touchpoint, and the moment at which that was believed."""
        return PagedLoader(
            lambda places, as_of: session_ids(self.graph, places, self.session_settings, as_of)
        )

    @cached_property
    def records(self) -> PagedLoader[str, datetime, list[MemberRecord]]:
        """Source records by profile id and the moment at which that was believed."""
        return PagedLoader(
            lambda ids, as_of: read_records(self.graph, ids, limit=LARGEST_CLUSTER, as_of=as_of)
        )

    @cached_property
    def identifiers(self) -> PagedLoader[str, datetime, list[StoredIdentifier]]:
        """Identifiers by profile id and the moment at which that was believed."""
        return PagedLoader(
            lambda ids, as_of: read_identifiers(self.graph, ids, limit=LARGEST_CLUSTER, as_of=as_of)
        )

    @cached_property
    def homes(self) -> DataLoader[str, str | None]:
        """Ids of the profiles of records by record key."""
        return _loader(lambda keys: read_homes(self.graph, keys))

    @cached_property
    def touchpoints(self) -> DataLoader[str, tuple[str, StoredTouchpoint] | None]:
        """Touchpoints with the id of their profile by key."""
        return _loader(lambda keys: find_touchpoints(self.graph, keys))

    @cached_property
    def histories(self) -> PagedLoader[str, LedgerPage, list[LedgerEntry]]:
        """What the ledger says by profile id, newest first."""
        return PagedLoader(lambda ids, page: read_history(self.graph, ids, page))

    @cached_property
    def locks(self) -> DataLoader[str, StoredJudgement | None]:
        """The newest locking judgement by profile id, of those that are locked."""
        return _loader(lambda ids: read_locks(self.graph, ids))

    @cached_property
    def pins(self) -> DataLoader[str, list[Pin] | None]:
        """The pins that stand by profile id, newest first."""
        return _loader(lambda ids: pins_of(self.graph, ids))

    @cached_property
    def consents(self) -> DataLoader[str, list[StoredConsent] | None]:
        """Decisions on consent by profile id."""
        return _loader(lambda ids: read_consents(self.graph, ids, limit=LARGEST_CLUSTER))

    @cached_property
    def edges(self) -> DataLoader[str, list[StoredEdge] | None]:
        """Match edges by profile id."""
        return _loader(lambda ids: read_edges(self.graph, ids, limit=LARGEST_CLUSTER))

    @cached_property
    def healths(self) -> DataLoader[str, ClusterHealth | None]:
        """Cluster health by profile id."""
        return _loader(lambda ids: cluster_health(self.graph, ids, self.resolution))

    @cached_property
    def memberships(self) -> PagedLoader[str, datetime, list[StoredMembership]]:
        """Segment memberships by profile id and moment."""
        return PagedLoader(lambda ids, as_of: read_memberships(self.graph, ids, as_of))

    @cached_property
    def stays(self) -> DataLoader[str, list[StoredStay] | None]:
        """Segments that profiles are and were in, by profile id."""
        return _loader(lambda ids: read_stays(self.graph, ids, limit=LARGEST_ANSWER))

    @cached_property
    def indicator_values(self) -> DataLoader[str, list[StoredValue] | None]:
        """Values of indicators by profile id."""
        return _loader(lambda ids: read_values(self.graph, ids))

    @cached_property
    def distributions(self) -> DataLoader[str, Distribution | None]:
        """How the values of an indicator are spread, by its name."""
        return _loader(lambda names: read_distributions(self.graph, names, datetime.now(UTC)))

    @cached_property
    def segments(self) -> DataLoader[str, StoredSegment | None]:
        """Segments by name."""

        async def read(names: Sequence[str]) -> Mapping[str, StoredSegment]:
            return {segment.name: segment for segment in await list_segments(self.graph, names)}

        return _loader(read)

    @cached_property
    def members(self) -> PagedLoader[str, tuple[int, str, datetime], list[StoredProfile]]:
        """Pages (size, id to start after, moment) of profiles by segment name."""
        return PagedLoader(
            lambda names, page: read_members(self.graph, names, size=page[0], after=page[1], as_of=page[2])
        )


Info = strawberry.Info[Context, None]
