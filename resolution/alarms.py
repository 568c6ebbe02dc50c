"""Over-merge and under-merge alarms: which profiles hold too much or look like one person, and whether too many do."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappush, heappushpop
from itertools import combinations

from graph.text import fold
from graph.whole_clusters import Member, WholeCluster
from resolution.agreement import names_agree
from resolution.clustering import components
from resolution.quality_settings import Check, QualitySettings, Threshold

SHOWN = 20
"""So many offenders of a check are named, the worst first."""


@dataclass(frozen=True, slots=True)
class Offender:
    """What a check is about: a profile with how much it has (`figure`), or several that look like one person with how
    many they are."""

    profile_ids: tuple[str, ...]
    figure: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """The outcome of a check: `concerned` profiles, which are the `share` of all (0–1), against its threshold. For the
    largest profile the share is that of the records in it."""

    check: Check
    share: float
    concerned: int
    threshold: float
    limit: int | None
    is_alarm: bool
    offenders: tuple[Offender, ...] = ()

    @property
    def sentence(self) -> str:
        """The outcome in plain words."""
        told = _SAID[self.check].format(limit=self.limit)
        if self.check is not Check.LARGEST and not self.concerned:
            return f"No profile has {told}."
        accepted = f"{'more than' if self.is_alarm else 'within'} the {self.threshold:.2%} that are accepted"
        if self.check is Check.LARGEST:
            return f"The largest profile holds {self.share:.2%} of all records: {accepted}."
        counted = "1 profile has" if self.concerned == 1 else f"{self.concerned:,} profiles have"
        return f"{counted} {told}: {self.share:.2%} of all, {accepted}."


_SAID: Mapping[Check, str] = {
    Check.LARGEST: "",
    Check.OVERSIZED: "more than {limit} records",
    Check.GIVEN_NAMES: "more than {limit} given names, spellings and nicknames aside",
    Check.BIRTH_DATES: "more than {limit} birth dates",
    Check.POSTCODES: "more than {limit} postcodes",
    Check.UNIQUES: "two numbers of a kind of which a person has one",
    Check.NAME_BIRTH_DATE: "the name and birth date of another",
    Check.NAME_PHONE: "the name and phone of another",
    Check.NAME_EMAIL: "the name and e-mail address of another",
}


class _Worst:
    """Counts offenders and keeps the worst."""

    def __init__(self) -> None:
        self.concerned = 0
        self._kept: list[tuple[int, int, tuple[str, ...]]] = []
        self._count = 0

    def add(self, figure: int, profile_ids: Sequence[str], concerned: int = 1) -> None:
        self.concerned += concerned
        self._count -= 1  # of equals the first come stay
        entry = (figure, self._count, tuple(profile_ids[:SHOWN]))
        if len(self._kept) < SHOWN:
            heappush(self._kept, entry)
        else:
            heappushpop(self._kept, entry)

    @property
    def offenders(self) -> tuple[Offender, ...]:
        return tuple(Offender(ids, figure) for figure, _, ids in sorted(self._kept, reverse=True))


class Alarms:
    """Adds up the checks over all profiles of people and organisations, each once."""

    def __init__(self, settings: QualitySettings, exclusive: Collection[str]) -> None:
        """`exclusive`: the identifier kinds of which a person has one value."""
        self._settings = settings
        self._exclusive = frozenset(exclusive)
        self._worst: defaultdict[Check, _Worst] = defaultdict(_Worst)
        self._records = self._profiles = self._most = 0

    def add(self, cluster: WholeCluster) -> None:
        """Look at one profile."""
        self._records += cluster.record_count
        self._profiles += 1
        self._most = max(self._most, cluster.record_count)
        self._worst[Check.LARGEST].add(cluster.record_count, [cluster.profile_id], 0)
        for check, figure in excesses(cluster, self._settings, self._exclusive).items():
            self._worst[check].add(figure, [cluster.profile_id])

    def add_alike(self, check: Check, groups: Iterable[Sequence[str]]) -> None:
        """Look at profiles that look like one person, by group of at least two; a profile of several counts once."""
        seen: set[str] = set()
        for group in groups:
            self._worst[check].add(len(group), group, len(set(group) - seen))
            seen.update(group)

    def outcome(self) -> tuple[Alarm, ...]:
        """All checks, in their order."""
        return tuple(self._alarm(check, self._settings.threshold(check)) for check in Check)

    def _alarm(self, check: Check, threshold: Threshold) -> Alarm:
        worst = self._worst[check]
        if check is Check.LARGEST:
            share = self._most / self._records if self._records else 0.0
            # In a small graph every profile is a large share of it.
            small = self._most <= (self._settings.oversized.limit or 1)
            return Alarm(
                check, share, 0, threshold.share, None, not small and share > threshold.share, worst.offenders
            )
        share = worst.concerned / self._profiles if self._profiles else 0.0
        limit = threshold.limit if check.is_over_merge else None
        return Alarm(
            check, share, worst.concerned, threshold.share, limit, share > threshold.share, worst.offenders
        )


_OF_ONE = (Check.OVERSIZED, Check.GIVEN_NAMES, Check.BIRTH_DATES, Check.POSTCODES, Check.UNIQUES)


def excesses(
    cluster: WholeCluster, settings: QualitySettings, exclusive: Collection[str]
) -> dict[Check, int]:
    """What a profile has too much of, and how much; of the `exclusive` identifier kinds a person has one value."""
    if cluster.record_count < 2:
        return {}
    limits = {check: settings.threshold(check).limit or 1 for check in _OF_ONE}
    figures = {check: _figure(check, cluster, limit, exclusive) for check, limit in limits.items()}
    return {check: figure for check, figure in figures.items() if figure > limits[check]}


def _figure(check: Check, cluster: WholeCluster, limit: int, exclusive: Collection[str]) -> int:
    """How much a profile has of what a check is about; above the limit exactly, else perhaps more than it is."""
    members = cluster.members
    match check:
        case Check.GIVEN_NAMES:
            return _given_names(members, limit)
        case Check.BIRTH_DATES:
            return len({_folded(one.birth_date) for one in members} - {""})
        case Check.POSTCODES:
            return len({_folded(one.postcode) for one in members} - {""})
        case Check.UNIQUES:
            held = {(kind, key) for one in members for key, kind, _ in one.identifiers if kind in exclusive}
            return max(Counter(kind for kind, _ in held).values(), default=0)
        case _:
            return cluster.record_count


def _folded(value: str | None) -> str:
    return fold(value or "").replace(" ", "")


def _given_names(members: Sequence[Member], limit: int) -> int:
    """Given names that nobody bears together: those compatible with one another, step by step, count as one."""
    names = sorted({fold(one.given_name) for one in members if one.given_name} - {""})
    if len(names) <= limit:
        return len(names)
    pairs = [
        (one, other)
        for one, other in combinations(names, 2)
        if names_agree({"given_name": one}, {"given_name": other})
    ]
    return len(components(names, pairs))
