"""What a decision changes, told with names: who gives records to whom, and which values and segments follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answered = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Party:
    """A profile in an effect: its name, whether it is new, and how many records it has then."""

    id: str
    name: str
    is_new: bool
    records: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Records that go from one profile to another; None where there is none."""

    record_keys: tuple[str, ...]
    source: Party | None
    target: Party | None

    def __str__(self) -> str:
        count, records = len(self.record_keys), _records(self.record_keys)
        verb = "" if count > 1 else "s"
        if self.source is None:
            return f"{records} join{verb} {_told(self.target)}"
        if self.target is None:
            return f"{records} leave{verb} {self.source.name}"
        if self.target.is_new:
            become = "become together a profile of their own" if count > 1 else "becomes a profile of its own"
            if 0 < self.source.records < count:
                keep = "keep" if self.source.records > 1 else "keeps"
                stay = _counted(self.source.records)
                return f"{stay} {keep} the id of {self.source.name}, and the other {count:,} {become}"
            return f"{records} leave{verb} {self.source.name} and {become}"
        if not self.source.records:
            return f"{self.source.name} becomes one with {self.target.name}, with {records}"
        return f"{records} move{verb} from {self.source.name} to {self.target.name}"


@dataclass(frozen=True, slots=True)
class Effect:
    """All that changes: `summary` in one or two sentences, the rest grouped by profile."""

    summary: str
    moved: tuple[Moved, ...]
    values: tuple[tuple[Party, tuple[Answered, ...]], ...]
    segments: tuple[tuple[Party, tuple[Answered, ...]], ...]


def effect(changes: Answered) -> Effect:
    """The effect behind a preview of the API (fragment Effect)."""
    parties = _parties(changes["profiles"])
    moved = _moved(changes["moves"], parties)
    return Effect(
        summary=_summary(moved, changes),
        moved=moved,
        values=_grouped(changes["values"], parties),
        segments=_grouped(changes["segments"], parties),
    )


def person_name(profile: Answered) -> Any:
    """What a profile is called; what is hidden stays hidden."""
    known = profile["attributes"]
    whole = known["organisationName"]
    parts = [known[part] for part in ("givenName", "surname") if known[part]]
    if whole:
        return whole
    if parts:
        return " ".join(parts) if all(isinstance(part, str) for part in parts) else parts[0]
    return "Unknown visitor" if profile["kind"] == "VISITOR" else f"Nameless {profile['kind'].lower()}"


def _parties(profiles: Sequence[Answered]) -> dict[str, Party]:
    new = [one["profileId"] for one in profiles if one["profile"] is None or not one["recordsBefore"]]
    found: dict[str, Party] = {}
    for one in profiles:
        id_, is_new = one["profileId"], one["profileId"] in new
        number = f" {new.index(id_) + 1}" if is_new and len(new) > 1 else ""
        name = f"new profile{number}" if is_new else str(person_name(one["profile"]))
        found[id_] = Party(id_, name, is_new, one["recordsAfter"])
    return found


def _moved(moves: Sequence[Answered], parties: Mapping[str, Party]) -> tuple[Moved, ...]:
    groups: defaultdict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for one in moves:
        groups[one["fromProfileId"], one["toProfileId"]].append(one["recordKey"])
    return tuple(
        Moved(tuple(keys), _party(source, parties), _party(target, parties))
        for (source, target), keys in groups.items()
    )


def _party(id_: str | None, parties: Mapping[str, Party]) -> Party | None:
    """The profile of an id; one to which nothing happens but that it shows another value has no name here."""
    if id_ is None:
        return None
    return parties.get(id_) or Party(id_, f"profile {id_[:12]}…" if parties else "this profile", False, 1)


def _told(party: Party | None) -> str:
    return "no profile" if party is None else party.name


def _grouped(
    rows: Iterable[Answered], parties: Mapping[str, Party]
) -> tuple[tuple[Party, tuple[Answered, ...]], ...]:
    groups: defaultdict[str, list[Answered]] = defaultdict(list)
    for one in rows:
        groups[one["profileId"]].append(one)
    return tuple(
        (party, tuple(found)) for id_, found in groups.items() if (party := _party(id_, parties)) is not None
    )


def _summary(moved: Sequence[Moved], changes: Answered) -> str:
    founded = {one.target for one in moved if one.target is not None and one.target.is_new}
    told = [str(one) for one in moved if one.target not in founded]
    for target in sorted(founded, key=lambda one: one.name):
        parts = [one for one in moved if one.target == target]
        told.append(str(parts[0]) if len(parts) == 1 else _joined(parts))
    told = told or [_unmoved(changes)]
    more = f"; and {len(told) - 3:,} more moves" if len(told) > 3 else ""
    sentence = "; ".join(told[:3]) + more
    return f"{sentence[0].upper()}{sentence[1:]}."


def _unmoved(changes: Answered) -> str:
    if changes["profiles"] or changes["values"]:
        return "No record moves"
    return "No profile changes: who is who stays as it is"


def _joined(parts: Sequence[Moved]) -> str:
    """Records of several profiles under a new id: the oldest of them was not a founder before."""
    sides = [f"{_records(one.record_keys)} of {_told(one.source)}" for one in parts]
    return f"{' and '.join(sides)} become one profile, under the id of its oldest record"


def _records(keys: Sequence[str]) -> str:
    return _counted(len(keys))


def _counted(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
