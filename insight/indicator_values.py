"""Brings the stored values of indicators in line with the touchpoints of their profiles."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph import indicator_values as stored
from graph.journeys import EARLIEST, LATEST
from graph.transactions import Run, Statement
from insight.aggregates import Computed, work_out
from insight.histories import History, instant, micros
from insight.indicators import PROPERTY, IndicatorDefinition

_NEVER = micros(LATEST)
_AT_ONCE = 50
"""After so many profiles the event loop gets its turn."""


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """The values of one profile's indicators by name (None is nothing), and when the first may change by itself."""

    values: Mapping[str, Computed | None]
    changes_at: datetime | None


async def refresh_values(
    run: Run, definitions: Mapping[str, IndicatorDefinition], ids: Iterable[str], at: datetime
) -> dict[str, frozenset[str]]:
    """Work out all indicators of some profiles at `at` and write what differs, in a transaction that holds them.

    Answers the names of the indicators that changed, by profile id. Each profile is made due for when the next of its
    values changes by itself.
    """
    if not definitions:
        return {}
    changed: dict[str, dict[str, Any]] = {}
    turns_at: dict[str, datetime] = {}
    inputs = stored.read_inputs(await run(_reading(definitions, ids, at)))
    for place, (id_, found) in enumerate(inputs.items()):
        worked = work_out_all(definitions, found.touchpoints, at)
        if news := {name: value for name, value in worked.values.items() if value != found.values.get(name)}:
            changed[id_] = news
        if worked.changes_at is not None:
            turns_at[id_] = worked.changes_at
        if place % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)
    for statement in stored.writing(changed, at):
        await run(statement)
    if turns_at:
        await run(stored.turning(turns_at))
    return {id_: frozenset(news) for id_, news in changed.items()}


def work_out_all(
    definitions: Mapping[str, IndicatorDefinition], touchpoints: stored.TouchpointColumns, at: datetime
) -> WorkedOut:
    """All indicators of one profile at the instant `at`."""
    history = History(touchpoints)
    worked = {name: work_out(definition, history, micros(at)) for name, definition in definitions.items()}
    changes_at = min(
        (one.changes_at for one in worked.values() if one.changes_at is not None), default=_NEVER
    )
    values = {name: one.value for name, one in worked.items()}
    return WorkedOut(values, instant(changes_at) if changes_at < _NEVER else None)


def _reading(definitions: Mapping[str, IndicatorDefinition], ids: Iterable[str], at: datetime) -> Statement:
    """The touchpoints that any of the definitions could count."""
    everything = [one.types for one in definitions.values()]
    types = None if None in everything else frozenset[str]().union(*(one for one in everything if one))
    reaches = [one.reach for one in definitions.values()]
    bounded = [reach for reach in reaches if reach is not None]
    since = None if None in reaches or max(bounded) >= at - EARLIEST else at - max(bounded)
    with_properties = any((one.of or "").startswith(PROPERTY) for one in definitions.values())
    return stored.reading(ids, types=types, since=since, with_properties=with_properties)
