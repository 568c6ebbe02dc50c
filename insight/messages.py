"""What an action says: the JSON of each delivery, from what the graph holds of the profile when it is sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from graph.deliveries import Delivery
from graph.extras import read_extras
from graph.indicators import read_values
from graph.profiles import read_profiles
from graph.transactions import Graph
from insight.actions import ActionDefinition, fill

Values = dict[str, Any]


async def read_messages(
    graph: Graph, definition: ActionDefinition, deliveries: Sequence[Delivery]
) -> dict[str, bytes]:
    """The body of each delivery by its id: at most one read for profiles, one for extras and one for indicators."""
    wanted = definition.wanted()
    values = await _values(graph, {one.profile_id for one in deliveries}, wanted)
    return {
        one.id: orjson.dumps(
            _message(definition, one, values.get(one.profile_id, {}) | _of_change(one)),
            option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS,
        )
        for one in deliveries
    }


async def _values(graph: Graph, ids: Collection[str], wanted: Collection[str]) -> dict[str, Values]:
    """The wanted fields of profiles, by id; absent where there is no value."""
    groups = {field.partition(".")[0] for field in wanted}
    found: dict[str, Values] = {one: {} for one in ids}
    if "profile" in groups:
        for key, one in (await read_profiles(graph, sorted(ids))).items():
            golden = {f"profile.{value.attribute}": value.value for value in one.profile.golden()}
            found[key] |= golden | {"profile.id": one.profile.id, "profile.kind": one.profile.kind.value}
    if "extra" in groups:
        for key, extras in (await read_extras(graph, ids)).items():
            found[key] |= {f"extra.{name}": value for name, value in extras.items()}
    if "indicator" in groups:
        for key, stored in (await read_values(graph, sorted(ids))).items():
            found[key] |= {f"indicator.{one.indicator.name}": one.value for one in stored}
    return found


def _of_change(one: Delivery) -> Values:
    return {
        "change.at": _instant(one.at),
        "change.cause": one.cause,
        "change.segment": one.segment,
        "change.profile_id": one.profile_id,
        "change.change": one.change,
    }


def _message(definition: ActionDefinition, one: Delivery, values: Mapping[str, Any]) -> dict[str, Any]:
    """`type`, `timestamp` and `data`, as Standard Webhooks recommends."""
    data: dict[str, Any] = {
        "action": one.action,
        "profile_id": one.profile_id,
        "change": one.change,
        "change_number": one.number,
        "segment": one.segment,
        "cause": one.cause,
        "related": list(one.related),
        "fields": {field: values.get(field) for field in definition.fields},
    }
    kind = f"{one.kind.value}.{one.change.replace(' ', '_')}"
    if task := definition.task:
        kind = "task.requested"
        data["task"] = {
            "title": fill(task.title, values),
            "description": fill(task.description, values),
            "assignee": fill(task.assignee, values) or None,
        }
    return {"type": kind, "timestamp": _instant(one.at), "data": data}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
