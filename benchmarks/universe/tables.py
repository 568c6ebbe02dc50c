"""The tables of a universe: records of every source, touchpoints, truth and traps."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.universe.draws import Column, digits, distinct_codes, each, empty, ids, present, stream
from benchmarks.universe.events import build_events
from benchmarks.universe.organisations import employ, organisation_records
from benchmarks.universe.population import Universe
from benchmarks.universe.records import COLUMNS, build_records
from benchmarks.universe.sources import Profile, Source
from benchmarks.universe.traps import find_strata, find_traps

TELLING = (
    "full_name", "given_name", "surname", "organisation_name", "email", "phone", "mobile",
    "loyalty_card", "user_id", "customer_number", "national_id",
)  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """What is written; events only where the profile has them. Truth is never input."""

    records: pa.Table
    truth_records: pa.Table
    truth_traps: pa.Table
    events: pa.Table | None = None
    truth_events: pa.Table | None = None


def _says_something(columns: dict[str, Column]) -> NDArray[np.bool_]:
    """Whether a record holds anything by which one could tell who it is."""
    return np.logical_or.reduce([present(columns[name]) for name in TELLING])


def _records_of(universe: Universe, source: Source) -> tuple[dict[str, Column], Column, Column]:
    """All records of one source in no order, and the ids of who is behind each and where they live."""
    rng = stream(universe.seed, f"tables {source.name}")
    columns, person = build_records(universe, source)
    who, where = ids("p", person), ids("h", universe.homes.of[person])
    companies = universe.organisations
    if companies is not None and source.organisations:
        employ(companies, columns, person, universe.rates.role_mailbox, rng)
        more, at = organisation_records(companies, universe.world, source, universe.seed)
        more = {name: more.get(name, empty(len(at))) for name in COLUMNS} | {
            "kind": np.full(len(at), "ORGANISATION", object)
        }
        columns = {name: np.concatenate([columns[name], more[name]]) for name in COLUMNS}
        who, where = np.concatenate([who, ids("o", at)]), np.concatenate([where, ids("o", at)])
    order = rng.permutation(np.flatnonzero(_says_something(columns)))
    count = len(order)
    columns = {name: column[order] for name, column in columns.items()}
    columns["source"] = np.full(count, source.name, object)
    columns["date_order"] = np.full(count, source.date_order, object)
    columns["record_id"] = each(
        lambda code: source.name[0] + code, digits(distinct_codes(rng, count, 10**9), 9)
    )
    return columns, who[order], where[order]


def _text(**columns: NDArray) -> pa.Table:
    return pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})


def build_tables(universe: Universe, profile: Profile) -> Tables:
    """Build every table of the universe in the shape of the profile."""
    records, truths = [], []
    traps = find_traps(universe)
    strata = find_strata(universe, traps)
    for source in profile.sources:
        columns, who, where = _records_of(universe, source)
        text = {name: column for name, column in columns.items() if column.dtype == object}
        table = _text(**text)
        for name in ("created", "updated"):
            table = table.append_column(name, pa.array(columns[name]))
        records.append(table.select(COLUMNS))
        stratum = each(lambda person: strata.get(person, "organisation"), who)
        truths.append(
            _text(
                source=columns["source"],
                record_id=columns["record_id"],
                person_id=who,
                household_id=where,
                stratum=stratum,
            )
        )
    events, truth_events = build_events(universe, profile.events) if profile.events else (None, None)
    return Tables(pa.concat_tables(records), pa.concat_tables(truths), traps, events, truth_events)
