"""Answers for what a load tells of its sources: their mapping, how often each field was filled, how fresh they are."""

from collections import Counter
from collections.abc import Mapping as Map
from datetime import datetime

from graph.errors import InputError
from graph.sources import Source, SourceField, find_source
from graph.transactions import Graph
from loaders.facts import RowFacts
from loaders.mapping import Mapping, mapping_text, parse_mapping


async def last_mapping(graph: Graph, source: str) -> Mapping:
    """The mapping that a source was loaded with last; raises InputError when none is known, MappingError."""
    known = await find_source(graph, source)
    if known is None or known.mapping is None:
        raise InputError(f"No mapping is known for the source {source}: give one.")
    return parse_mapping(known.mapping, f"the mapping of {source}")


class Catalogue:
    """Counts rows and filled columns per source while rows stream by."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._targets: dict[str, list[str]] = {}
        for column, target in mapping.columns():
            self._targets.setdefault(column, []).append(target)
        self._filled: dict[str, Counter[str]] = {}
        self._rows: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._newest: dict[str, datetime] = {}

    def note(self, facts: RowFacts, values: Map[str, str]) -> None:
        """Count one row that was read."""
        source = facts.source
        self._rows[source] += 1
        self._filled.setdefault(source, Counter()).update(values.keys())
        at = facts.touchpoint.occurred_at if facts.touchpoint else facts.record and facts.record.observed_at
        if at is not None and at > self._newest.get(source, at.min.replace(tzinfo=at.tzinfo)):
            self._newest[source] = at

    def note_rejected(self, source: str) -> None:
        """Count one row that cannot be used."""
        self._rejected[source] += 1

    def loaded(self, at: datetime) -> list[Source]:
        """Every source seen, with its fields; unmapped columns are listed too, as mapped to nothing."""
        said, text = self._mapping.source, mapping_text(self._mapping)
        return [
            Source(
                name=name,
                owner=said.owner,
                lawful_basis=said.lawful_basis,
                priority=said.priority,
                authenticated=said.authenticated,
                one_per_person=said.one_per_person,
                fields=self._fields(name),
                last_loaded_at=at,
                mapping=text,
                rows=self._rows[name] + self._rejected[name],
                rejected=self._rejected[name],
                newest_at=self._newest.get(name),
            )
            for name in sorted(self._rows)
        ]

    def _fields(self, source: str) -> tuple[SourceField, ...]:
        filled, rows = self._filled[source], self._rows[source]
        columns = dict.fromkeys([*self._targets, *sorted(filled)])
        return tuple(
            SourceField(column, ", ".join(self._targets.get(column, ())), filled[column], rows)
            for column in columns
        )
