"""Makes the example data set of the demo: `python -m benchmarks.universe.demo` writes the files in api/demo."""

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.universe import sources
from benchmarks.universe.population import build_universe
from benchmarks.universe.rates import Rates
from benchmarks.universe.tables import Tables, build_tables

FOLDER = Path(__file__).parents[2] / "api" / "demo"
PEOPLE = 1_450
SEED = 2026
COUNTRIES = ("US", "GB", "DE", "FR", "SE", "AU")
"""Countries that set telephone numbers aside for drama."""
UNUSABLE = 3
"""Rows of the newsletter without an id: they show what quarantine says."""
PROFILE = sources.Profile(
    (
        sources.CRM,
        sources.SHOP,
        sources.NEWSLETTER,
        sources.SUPPORT,
        replace(sources.LOYALTY, fields=dict(sources.LOYALTY.fields) | {"country": 0.9}),
    ),
    organisations=True,
    events=5.6,
)
RATES = Rates(twins=0.06, junior=0.06, namesake=0.006)
"""A small example still shows every hard case."""
COLUMNS = {
    "crm": {
        "ContactID": "record_id", "CustomerNo": "customer_number", "FirstName": "given_name",
        "MiddleName": "middle_name",
        "LastName": "surname", "Suffix": "generation", "Gender": "gender", "DOB": "birth_date",
        "HouseNo": "house_number",
        "Street": "street", "Unit": "unit", "City": "city", "PostalCode": "postcode", "State": "region",
        "Country": "country", "Phone": "phone", "Mobile": "mobile", "Email": "email", "Company": "organisation_name",
        "TaxID": "tax_id", "JobTitle": "occupation", "ClubCard": "loyalty_card", "ModifiedOn": "updated",
    },
    "shop": {
        "id": "record_id", "account.user": "user_id", "account.email": "email", "account.company": "organisation_name",
        "name.first": "given_name", "name.last": "surname", "birthday": "birth_date", "phone": "phone",
        "address.line": "street_line", "address.town": "city", "address.zip": "postcode", "address.state": "region",
        "address.country": "country", "created_at": "created",
    },
    "newsletter": {
        "subscriber_id": "record_id", "email": "email", "first_name": "given_name", "last_name": "surname",
        "birthday": "birth_date", "city": "city", "country": "country", "signed_up_at": "created",
    },
    "support": {
        "contact": "record_id", "name": "full_name", "company": "organisation_name", "mail": "email", "tel": "phone",
        "customer_no": "customer_number", "born": "birth_date", "street": "street_line", "town": "city",
        "postcode": "postcode", "country": "country", "last_ticket": "updated",
    },
    "loyalty": {
        "member": "record_id", "card": "loyalty_card", "holder": "full_name", "sex": "gender", "born": "birth_date",
        "street": "street_line", "postcode": "postcode", "city": "city", "country": "country", "mobile": "mobile",
        "email": "email", "member_since": "created",
    },
}  # fmt: skip
"""Source → its own column names → columns of the universe."""
DELIMITERS = {"support": ";", "loyalty": "\t"}
SUFFIXES = {"shop": "ndjson", "loyalty": "tsv"}


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as objects in objects; what is not there is left out."""
    tree: dict[str, Any] = {}
    for name, value in row.items():
        if value is not None:
            group, dot, leaf = name.partition(".")
            (tree.setdefault(group, {}) if dot else tree)[leaf if dot else group] = value
    return tree


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(_nested(row)) + b"\n" for row in rows)


def _delimited(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _rows(table: pa.Table, columns: dict[str, str]) -> list[dict[str, Any]]:
    """The rows under the source's own names, days written as ISO dates."""
    text = [
        table[name].cast(pa.date32()).cast(pa.string())
        if pa.types.is_timestamp(table[name].type)
        else table[name]
        for name in columns.values()
    ]
    return pa.table(text, names=list(columns)).to_pylist()


def write_demo(folder: Path, tables: Tables) -> None:
    """Write every data file and the truth; the same universe gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, columns in COLUMNS.items():
        rows = _rows(tables.records.filter(pc.equal(tables.records["source"], source)), columns)
        if source == "newsletter":
            rows[100:100] = [row | {"subscriber_id": None} for row in rows[:UNUSABLE]]
        suffix = SUFFIXES.get(source, "csv")
        content = _lines(rows) if suffix == "ndjson" else _delimited(rows, DELIMITERS.get(source, ","))
        (folder / f"{source}.{suffix}").write_bytes(content)
    truth = tables.truth_records.select(["source", "record_id", "person_id", "stratum"]).to_pylist()
    (folder / "truth.csv").write_bytes(_delimited(truth, ","))
    (folder / "events.ndjson.gz").write_bytes(gzip.compress(_lines(_events(tables.events)), 9, mtime=0))


def _events(events: pa.Table) -> list[dict[str, Any]]:
    moments = pc.strftime(events["ts"], "%Y-%m-%dT%H:%M:%SZ")
    return events.set_column(events.column_names.index("ts"), "ts", moments).to_pylist()


def main() -> None:
    """Write the example data set."""
    universe = build_universe(PEOPLE, PROFILE, SEED, RATES, COUNTRIES, fictional=True)
    tables = build_tables(universe, PROFILE)
    write_demo(FOLDER, tables)
    people = len(np.unique(tables.truth_records["person_id"].to_numpy(zero_copy_only=False).astype(str)))
    print(
        f"{tables.records.num_rows} records of {people} people and companies, {tables.events.num_rows} events"
    )


if __name__ == "__main__":
    main()
