"""Keeps which indicators there are, and reads their values and how these are spread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, LiteralString

from graph.transactions import Graph
from graph.vocabulary import IndicatorFunction

_BATCH = 5_000
_MOST_FREQUENT = 10


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator: `definition` is JSON text, `nothing` its value where none is stored."""

    name: str
    description: str
    function: IndicatorFunction
    definition: str
    nothing: int | float | None


@dataclass(frozen=True, slots=True)
class StoredValue:
    """The value of an indicator for a profile: a number, a text, an instant or a list of texts; a recency is stored
    as the instant it counts from. `updated_at` is its last change, None when nothing is stored."""

    indicator: Indicator
    value: Any
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the stored values of an indicator are spread over `count` profiles: numbers (instants as days ago) by
    smallest, 25 %, median, 75 %, 95 %, largest and mean; texts by the ten most frequent, and how many have each."""

    count: int
    quantiles: tuple[float, ...]
    mean: float | None
    frequent: tuple[tuple[str, int], ...]


_CREATE: LiteralString = """
UNWIND $rows AS row
MERGE (i:Indicator {name: row.name})
WITH i, row WHERE coalesce(i.definition <> row.definition, true)
RETURN i.name AS name ORDER BY name
"""


async def create_indicators(graph: Graph, indicators: Iterable[Indicator]) -> list[str]:
    """Let there be a node for each indicator; answers the names of those whose definition is not the stored one."""
    return [row["name"] for row in await graph.write(_CREATE, rows=_rows(indicators))]


_DEFINE: LiteralString = """
UNWIND $rows AS row
MATCH (i:Indicator {name: row.name})
SET i = row
"""


async def define_indicators(graph: Graph, indicators: Iterable[Indicator]) -> None:
    """Store the definitions, once everybody whose values they change is marked."""
    await graph.write(_DEFINE, rows=_rows(indicators))


def _rows(indicators: Iterable[Indicator]) -> list[dict[str, Any]]:
    return [asdict(one) for one in sorted(indicators, key=lambda one: one.name)]


_NAMES: LiteralString = "MATCH (i:Indicator) WHERE NOT i.name IN $names RETURN i.name AS name ORDER BY name"
_EMPTY: LiteralString = """
MATCH (:Indicator {name: $name})<-[h:HAS_INDICATOR]-()
WITH h LIMIT $most
DELETE h
RETURN count(*) AS deleted
"""
_DROP: LiteralString = (
    "MATCH (i:Indicator {name: $name}) WHERE NOT EXISTS { (i)<-[:HAS_INDICATOR]-() } DELETE i"
)


async def drop_indicators(graph: Graph, keep: Iterable[str]) -> list[str]:
    """Take away the indicators that are no longer defined, and their values; answers their names."""
    names = [row["name"] for row in await graph.read(_NAMES, names=sorted(keep))]
    for name in names:
        while (await graph.write(_EMPTY, name=name, most=_BATCH))[0]["deleted"]:
            pass
        await graph.write(_DROP, name=name)
    return names


_LIST: LiteralString = """
MATCH (i:Indicator) WHERE i.definition IS NOT NULL AND ($names IS NULL OR i.name IN $names)
RETURN i {.*} AS indicator ORDER BY indicator.name
"""


async def list_indicators(graph: Graph, names: Sequence[str] | None = None) -> list[Indicator]:
    """The defined indicators by name, all of them or those named."""
    rows = await graph.read(_LIST, names=None if names is None else sorted(names))
    return [_indicator(row["indicator"]) for row in rows]


def _indicator(properties: Mapping[str, Any]) -> Indicator:
    return Indicator(
        name=properties["name"],
        description=properties["description"],
        function=IndicatorFunction(properties["function"]),
        definition=properties["definition"],
        nothing=properties.get("nothing"),
    )


_VALUES: LiteralString = """
CALL () {
  MATCH (i:Indicator) WHERE i.definition IS NOT NULL
  WITH i ORDER BY i.name
  RETURN collect(i {.*}) AS indicators
}
UNWIND $ids AS id
MATCH (p:Profile {id: id})
RETURN id, indicators, COLLECT { MATCH (p)-[h:HAS_INDICATOR]->(i) RETURN [i.name, h.value, h.updated_at] } AS stored
"""


async def read_values(graph: Graph, profile_ids: Sequence[str]) -> dict[str, list[StoredValue]]:
    """The value of every indicator for each profile, by name of the indicator."""
    rows = await graph.read(_VALUES, ids=sorted(set(profile_ids)))
    return {row["id"]: _values(row["indicators"], row["stored"]) for row in rows}


def _values(indicators: Sequence[Mapping[str, Any]], stored: Sequence[Sequence[Any]]) -> list[StoredValue]:
    said = {name: (value, updated_at) for name, value, updated_at in stored}
    values: list[StoredValue] = []
    for indicator in map(_indicator, indicators):
        value, updated_at = said.get(indicator.name, (indicator.nothing, None))
        values.append(StoredValue(indicator, value, updated_at))
    return values


_NUMBERS: LiteralString = """
UNWIND $names AS name
CALL (name) {
  MATCH (:Indicator {name: name})<-[h:HAS_INDICATOR]-()
  WITH CASE WHEN h.value IS :: ZONED DATETIME NOT NULL
      THEN ($at.epochMillis - h.value.epochMillis) / 86400000.0
    WHEN h.value IS :: INTEGER NOT NULL OR h.value IS :: FLOAT NOT NULL THEN toFloat(h.value) END AS number
  RETURN count(*) AS count, avg(number) AS mean, count(number) AS numbers,
    [min(number), percentileCont(number, 0.25), percentileCont(number, 0.5), percentileCont(number, 0.75),
     percentileCont(number, 0.95), max(number)] AS quantiles
}
RETURN name, count, mean, CASE numbers WHEN 0 THEN [] ELSE quantiles END AS quantiles
"""
_FREQUENT: LiteralString = """
UNWIND $names AS name
CALL (name) {
  MATCH (:Indicator {name: name})<-[h:HAS_INDICATOR]-()
  UNWIND CASE WHEN h.value IS :: STRING NOT NULL THEN [h.value]
    WHEN h.value IS :: LIST<STRING NOT NULL> NOT NULL THEN h.value ELSE [] END AS text
  WITH text, count(*) AS count ORDER BY count DESC, text LIMIT $most
  RETURN collect([text, count]) AS frequent
}
RETURN name, frequent
"""


async def read_distributions(graph: Graph, names: Sequence[str], at: datetime) -> dict[str, Distribution]:
    """How the values of each indicator are spread at `at`; the cost grows with the number of values."""
    wanted = sorted(set(names))
    numbers = await graph.read(_NUMBERS, names=wanted, at=at)
    frequent = {
        row["name"]: row["frequent"] for row in await graph.read(_FREQUENT, names=wanted, most=_MOST_FREQUENT)
    }
    return {
        row["name"]: Distribution(
            count=row["count"],
            quantiles=tuple(row["quantiles"]),
            mean=row["mean"],
            frequent=tuple((text, count) for text, count in frequent[row["name"]]),
        )
        for row in numbers
    }
