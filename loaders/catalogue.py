"""Answers for what a load tells of its sources: their mapping facts and how often each field was filled."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import datetime

from graph.sources import Source, SourceField
from loaders.mapping import Mapping


class Catalogue:
    """Counts filled columns per source while rows stream by."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._targets: dict[str, list[str]] = {}
        for column, target in mapping.columns():
            self._targets.setdefault(column, []).append(target)
        self._filled: dict[str, Counter[str]] = {}
        self._rows: Counter[str] = Counter()

    def note(self, source: str, values: Map[str, str]) -> None:
        """Count one row of a source."""
        self._rows[source] += 1
        self._filled.setdefault(source, Counter()).update(values.keys())

    def named(self, names: Iterable[str]) -> list[Source]:
        """Sources as the mapping describes them."""
        said = self._mapping.source
        return [
            Source(
                name=name,
                owner=said.owner,
                lawful_basis=said.lawful_basis,
                priority=said.priority,
                authenticated=said.authenticated,
                one_per_person=said.one_per_person,
            )
            for name in sorted(names)
        ]

    def loaded(self, at: datetime) -> list[Source]:
        """Every source seen, with its fields; unmapped columns are listed too, as mapped to nothing."""
        return [
            replace(source, fields=self._fields(source.name), last_loaded_at=at)
            for source in self.named(self._rows)
        ]

    def _fields(self, source: str) -> tuple[SourceField, ...]:
        filled, rows = self._filled[source], self._rows[source]
        columns = dict.fromkeys([*self._targets, *sorted(filled)])
        return tuple(
            SourceField(column, ", ".join(self._targets.get(column, ())), filled[column], rows)
            for column in columns
        )
