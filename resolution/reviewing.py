"""Keeps the queue of reviews up to date with what became of profiles, batch by batch, in the background."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from graph.clusters import member_keys, read_homes
from graph.conflicts import conflicts_of
from graph.exposures import read_exposures
from graph.judgements import judgements_around
from graph.lease import lease
from graph.models import applied_configuration
from graph.nearby import cross_edges, profile_sizes
from graph.neighbourhood import StoredRecord
from graph.progress import Progress, silent
from graph.review_marks import claim, count_waiting, finishing, mark_all_under
from graph.reviews import Review, writing
from graph.transactions import Graph
from graph.vocabulary import IdentifierState, RecordKind
from graph.whole_clusters import Member, WholeCluster
from resolution.alarms import excesses
from resolution.model import Model
from resolution.publishing import configuration_in_force, model_in_force
from resolution.quality_settings import QualitySettings
from resolution.reviews import Sizes, answers, asked, between, inside
from resolution.settings import ResolutionSettings
from resolution.stewardship import StewardshipSettings
from resolution.tied_clusters import TiedCluster, read_tied

_AT_ONCE = 500
_PATIENCE_SECONDS = 1.0
_LINGER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """What reviews are worked out by."""

    resolution: ResolutionSettings = field(default_factory=ResolutionSettings)
    stewardship: StewardshipSettings = field(default_factory=StewardshipSettings)
    quality: QualitySettings = field(default_factory=QualitySettings)

    def digest(self, applied: str) -> str:
        """Another one whenever anything may be asked otherwise; `applied` is that of the configuration in force."""
        parts = (applied, self.stewardship.model_dump_json(), self.quality.model_dump_json())
        return blake2b(" ".join(parts).encode(), digest_size=16).hexdigest()


async def catch_up(graph: Graph, settings: ReviewSettings, progress: Progress = silent) -> int:
    """Work out the reviews of every profile that is marked, all of them under new settings; answers of how many.

    Nothing is done while the whole graph has yet to be resolved under the model and settings in force. Raises
    LeaseError while another process does it.
    """
    model = await model_in_force(graph)
    if model is None:
        return 0
    _, digest = await configuration_in_force(graph, model, settings.resolution)
    if await applied_configuration(graph) != digest:
        return 0
    await mark_all_under(graph, settings.digest(digest))
    done, total = 0, await count_waiting(graph)
    if total:
        async with lease(graph, "review", _PATIENCE_SECONDS, linger_seconds=_LINGER_SECONDS):
            while ids := await claim(graph, _AT_ONCE):
                await _review(graph, ids, model, settings)
                done += len(ids)
                progress("review", done, max(done, total))
    return done


async def _review(graph: Graph, ids: Sequence[str], model: Model, settings: ReviewSettings) -> None:
    """Make the reviews of some profiles right."""
    reviews = await reviews_of(graph, ids, model, settings)
    await graph.write_all([*writing(ids, reviews, datetime.now(UTC)), finishing(ids)])


async def reviews_of(
    graph: Graph, ids: Sequence[str], model: Model, settings: ReviewSettings
) -> list[Review]:
    """All reviews about some profiles, those with other profiles included; nothing is written."""
    sizes = await profile_sizes(graph, ids)
    members = await member_keys(graph, ids)
    several = {one: keys for one, keys in members.items() if len(keys) > 1}
    clusters = await read_tied(graph, several, model, settings.resolution) if several else {}
    keys = {key for found in members.values() for key in found}
    edges = await cross_edges(graph, ids, floor=settings.stewardship.floor)
    conflicts = await conflicts_of(graph, keys)
    strangers = {key for one in conflicts for key in (one.left, one.right)} - keys
    others = set((await read_homes(graph, list(strangers))).values())
    others |= {one for edge in edges for one in (edge.left_profile, edge.right_profile)}
    others -= set(ids)
    members |= await member_keys(graph, sorted(others))
    sizes |= await profile_sizes(graph, others)
    homes = {key: one for one, found in members.items() for key in found}
    met = [one for one in conflicts if one.left in homes and one.right in homes]
    possible = [*between(edges, met, homes, sizes)]
    possible += await asyncio.to_thread(_inside, clusters, sizes, settings)
    found = [one for one in possible if one.error >= settings.stewardship.least_error]
    judgements = await judgements_around(graph, homes.keys()) if found else []
    exposures = await read_exposures(graph, {name for one in found for name in one.profile_ids})
    return asked(found, answers(judgements, homes), exposures, settings.stewardship)


def _inside(clusters: Mapping[str, TiedCluster], sizes: Sizes, settings: ReviewSettings) -> list[Review]:
    exclusive = settings.resolution.kinds.exclusive
    found: list[Review] = []
    for one, cluster in clusters.items():
        whole = checked_cluster(one, sizes[one][0], cluster.records.values())
        found += inside(one, cluster.records, cluster.ties, excesses(whole, settings.quality, exclusive))
    return found


def checked_cluster(profile_id: str, kind: RecordKind, records: Iterable[StoredRecord]) -> WholeCluster:
    """A profile as the checks of its quality see it, without its edges."""
    members = tuple(map(_member, records))
    return WholeCluster(profile_id, kind, len(members), members)


def _member(record: StoredRecord) -> Member:
    said = record.attributes.get
    held = ((one.key, one.identifier.kind, one.state) for one in record.identifiers)
    return Member(
        record.key,
        record.source,
        said("given_name"),
        said("surname"),
        said("birth_date"),
        said("postcode"),
        identifiers=tuple(one for one in held if one[2] != IdentifierState.BLOCKED),
        links=(),
    )
