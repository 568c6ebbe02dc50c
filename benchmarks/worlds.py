"""Universes as record rows: generated, cleaned as a loader cleans, with the person of every record."""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from benchmarks.universe.population import build_universe
from benchmarks.universe.sources import PROFILES
from benchmarks.universe.tables import Tables, build_tables
from graph.attributes import INPUTS, clean_attributes
from graph.facts import Identifier, record_key
from graph.identifiers import UnusableValueError, clean_identifier, placeholder_reason
from graph.vocabulary import RecordKind
from resolution.features import RecordRow

KINDS: Mapping[str, str] = {
    "phone": "phone",
    "mobile": "phone",
    "email": "email",
    "loyalty_card": "loyalty_card",
    "customer_number": "customer_number",
    "user_id": "user_id",
    "national_id": "national_id",
    "tax_id": "tax_id",
}
"""Which identifier kind a column of the universe holds."""


def read_universe(
    profile: str, people: int, seed: int, without: Collection[str] = ()
) -> tuple[list[RecordRow], dict[str, str]]:
    """The rows of one universe, whose sources do not know the columns `without`, and the person of each key."""
    tables = _tables(profile, people, seed)
    truth = {
        record_key(row["source"], row["record_id"]): row["person_id"]
        for row in tables.truth_records.to_pylist()
    }
    lines = tables.records.drop_columns(list(without)).to_pylist()
    return [_row({name: value for name, value in line.items() if value is not None}) for line in lines], truth


def read_strata(profile: str, people: int, seed: int) -> dict[str, frozenset[str]]:
    """The people of each stratum of a universe."""
    strata: dict[str, set[str]] = {}
    for row in _tables(profile, people, seed).truth_records.to_pylist():
        for stratum in row["stratum"].split(";"):
            strata.setdefault(stratum, set()).add(row["person_id"])
    return {name: frozenset(strata[name]) for name in sorted(strata)}


@lru_cache(maxsize=1)
def _tables(profile: str, people: int, seed: int) -> Tables:
    shape = PROFILES[profile]
    return build_tables(build_universe(people, shape, seed), shape)


def _row(line: Mapping[str, str]) -> RecordRow:
    raw = {name: line[name] for name in INPUTS if name in line}
    return {
        "key": record_key(line["source"], line["record_id"]),
        "kind": RecordKind(line["kind"]),
        "source": line["source"],
        "attributes": clean_attributes(raw, date_order=line.get("date_order", "ymd")).attributes,
        "identifiers": list(_identifiers(line)),
    }


def _identifiers(line: Mapping[str, str]) -> Iterator[Identifier]:
    for column, kind in KINDS.items():
        if column in line:
            try:
                identifier = clean_identifier(kind, line[column], country=line.get("country"))
            except UnusableValueError:
                continue
            if placeholder_reason(identifier) is None:
                yield identifier
