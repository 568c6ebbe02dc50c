"""Divides the anonymous history of a shared device among those who logged in on it, by the policy in force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from graph.logins import Login
from resolution.shared_devices import Policy

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of time, from `valid_from` (None: ever since) to before `valid_until` (None: ever after), in which a
    device is of the `owner`, a number, or of nobody."""

    owner: int | None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def divided(
    logins: Iterable[Login], owners: Mapping[str, int], policy: Policy, session_seconds: int
) -> tuple[Part, ...]:
    """All of time in parts, no two neighbours of one owner; `owners` are by record key, a login of another record
    does not count. Without a login all of it is nobody's.

    What was before the first login belongs to the first who logs in, but under `session`.
    """
    known = [(owners[one.record_key], one) for one in logins if one.record_key in owners]
    if not known:
        return (Part(None),)
    if policy is Policy.FIRST_LOGIN:
        return (Part(known[0][0]),)
    if policy is Policy.LAST_LOGIN:
        first, *others = known
        return joined([Part(first[0]), *(Part(owner, login.first_at) for owner, login in others)])
    return joined(list(_sessions(known, timedelta(seconds=session_seconds))))


def _sessions(known: Sequence[tuple[int, Login]], reach: timedelta) -> Iterator[Part]:
    """Beginnings of sessions and of the pauses between them; a session ends where somebody else logs in."""
    yield Part(None)
    ended = _EARLIEST
    for number, (owner, login) in enumerate(known):
        following = known[number + 1][1].first_at if number + 1 < len(known) else _LATEST
        begun = max(ended, _moved(login.first_at, -reach))
        ended = max(begun, min(_moved(login.last_at, reach), following))
        yield Part(owner, begun)
        yield Part(None, ended)


def joined(begun: Iterable[Part]) -> tuple[Part, ...]:
    """Parts told by where they begin, in the order of time, each until the next; of several that begin together the
    last counts, and neighbours of one owner are one."""
    found: list[Part] = []
    for part in begun:
        while found and found[-1].valid_from == part.valid_from:
            found.pop()
        if not found or found[-1].owner != part.owner:
            found.append(part)
    ends = [part.valid_from for part in found[1:]]
    return tuple(replace(part, valid_until=end) for part, end in zip(found, [*ends, None], strict=True))


def with_own_first(begun: Iterable[Part]) -> tuple[Part, ...]:
    """The parts as `joined`. Where some of them are nobody's, the earliest is: one that ends when the calendar begins
    is put in front if need be, so that a device that keeps a part of its history is found by its earliest."""
    first, *others = joined(begun)
    if first.owner is None or all(part.owner is not None for part in others):
        return (first, *others)
    return joined([Part(None), replace(first, valid_from=_EARLIEST), *others])


def _moved(at: datetime, by: timedelta) -> datetime:
    """The instant so much later or earlier, inside the calendar."""
    try:
        return at + by
    except OverflowError:
        return _EARLIEST if by < timedelta() else _LATEST
