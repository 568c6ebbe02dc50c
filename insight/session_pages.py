"""Reads the sessions of profiles from their journeys: only as much of a journey as the sessions asked for take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from graph.journeys import JourneyPage, StoredTouchpoint, read_journeys, read_places
from graph.moments import LATEST
from graph.transactions import Graph
from insight.sessions import Session, SessionSettings, cut, first_break, last_break

_PORTIONS = (250, 4_750)
"""So many touchpoints are read, then so many more, when the sessions asked for have not begun in them."""
_LOOKS_BACK = (40, 400, 5_000)


@dataclass(frozen=True, slots=True)
class SessionPage:
    """The `size` newest sessions, or those before the one that began at `at` with the touchpoint `key`, as was believed
    at `as_of`."""

    size: int
    at: datetime | None = None
    key: str = ""
    as_of: datetime = LATEST


async def read_sessions(
    graph: Graph, profile_ids: Iterable[str], page: SessionPage, settings: SessionSettings
) -> dict[str, list[Session]]:
    """A page of the sessions of each profile, newest first; profiles without touchpoints there are absent.

    Of a session of more than 5,000 touchpoints the newest are told as one that is not complete.
    """
    wanted = JourneyPage(0, page.at, page.key, as_of=page.as_of, slim=True)
    known: dict[str, list[StoredTouchpoint]] = {}
    found: dict[str, list[Session]] = {}
    open_ids = set(profile_ids)
    for size in _PORTIONS:
        read = await _further(graph, open_ids, replace(wanted, size=size), known)
        for profile_id in sorted(open_ids):
            portion = read.get(profile_id, [])
            known[profile_id] = portion[::-1] + known.get(profile_id, [])
            ended = len(portion) < size
            found[profile_id] = _newest(known[profile_id], settings, page.size, ended=ended)
            if ended or (len(found[profile_id]) == page.size and found[profile_id][-1].complete):
                open_ids.discard(profile_id)
        if not open_ids:
            break
    return {profile_id: sessions for profile_id, sessions in found.items() if sessions}


async def _further(
    graph: Graph, ids: Iterable[str], page: JourneyPage, known: dict[str, list[StoredTouchpoint]]
) -> dict[str, list[StoredTouchpoint]]:
    """What is before the touchpoints known (oldest first), newest first."""
    if not known:
        return await read_journeys(graph, ids, page)
    ordered = sorted(ids)
    places = [(one, known[one][0].occurred_at, known[one][0].key) for one in ordered]
    return dict(zip(ordered, await read_places(graph, places, page), strict=True))


def _newest(
    touchpoints: Sequence[StoredTouchpoint], settings: SessionSettings, size: int, *, ended: bool
) -> list[Session]:
    """The newest sessions, newest first; those before the first break are not complete unless the journey `ended`."""
    begun = 0 if ended else first_break(touchpoints, settings)
    certain = cut(touchpoints[begun:], settings) if begun is not None else []
    before = cut(touchpoints[:begun], settings) if begun != 0 else []
    return [*certain[::-1], *(replace(one, complete=False) for one in reversed(before))][:size]


async def session_ids(
    graph: Graph,
    touchpoints: Sequence[tuple[str, StoredTouchpoint]],
    settings: SessionSettings,
    as_of: datetime = LATEST,
) -> dict[tuple[str, StoredTouchpoint], str]:
    """The id of the session that each touchpoint of a profile is in; absent when that is longer than is looked back."""
    found: dict[tuple[str, StoredTouchpoint], str] = {}
    rest = list(dict.fromkeys(touchpoints))
    for size in _LOOKS_BACK:
        page = JourneyPage(size, as_of=as_of, slim=True)
        places = [(profile_id, one.occurred_at, one.key) for profile_id, one in rest]
        for asked, older in zip(rest, await read_places(graph, places, page), strict=True):
            through = [*reversed(older), asked[1]]
            begun = last_break(through, settings) or (0 if len(older) < size else None)
            if begun is not None:
                found[asked] = cut(through[begun:], settings)[-1].id
        rest = [asked for asked in rest if asked not in found]
        if not rest:
            break
    return found
